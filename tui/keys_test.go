package tui

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/golden"
	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/tui/tuitest"
)

func TestKeymapHasNoConflicts(t *testing.T) {
	if _, err := NewKeymap(nil); err != nil {
		t.Fatal(err)
	}
}

// Capitals that Dubeolsik has no letter of its own for would be dead in Hangul mode.
func TestKeysCanBeTypedInHangulMode(t *testing.T) {
	for _, b := range bindings() {
		for _, k := range b.Keys {
			if len(k) == 1 && unicode.IsUpper(rune(k[0])) && !strings.Contains("QWERTOP", k) {
				t.Errorf("%s: %q has no letter on the Dubeolsik layout", b.ID, k)
			}
			if strings.HasPrefix(k, "ctrl+alt+") {
				t.Errorf("%s: %q is what a torn syllable looks like", b.ID, k)
			}
		}
	}
}

func TestKeysCanBeChanged(t *testing.T) {
	for _, c := range []struct {
		name     string
		override map[string][]string
		want     string // of the error
		key, id  string // what is looked up
	}{
		{name: "another key", override: map[string][]string{"zoom": {"Z"}}, key: "Z", id: "zoom"},
		{name: "as people write it", override: map[string][]string{"run": {"F5"}}, key: tea.KeyPressMsg{Code: tea.KeyF5}.String(), id: "run"},
		{name: "with Ctrl", override: map[string][]string{"run": {"Ctrl+R"}}, key: "ctrl+r", id: "run"},
		{name: "swapped", override: map[string][]string{"zoom": {"t"}, "theme": {"z"}}, key: "z", id: "theme"},
		{
			name: "taken", override: map[string][]string{"zoom": {"t"}},
			want: `keys: "t" is bound to both zoom and theme: change one of them`,
		},
		{name: "no key", override: map[string][]string{"zoom": {}}, want: `keys: zoom has no key: give it at least one`},
		{
			name: "several mistakes", override: map[string][]string{"zooom": {"Z"}, "help": {"q"}},
			want: "keys: \"zooom\" is not the name of a binding: use one of " + mustKeymap(t).ids() +
				"\nkeys: \"q\" is bound to both help and quit: change one of them",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, err := NewKeymap(c.override)
			got := ""
			if err != nil {
				got = err.Error()
				if korean := lab.InFull(err).Ko; !hasHangul(korean) {
					t.Errorf("in Korean it is %q", korean)
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Fatalf("error (-want +got):\n%s", d)
			}
			if c.id == "" {
				return
			}
			if b, ok := k.lookup(c.key); !ok || b.ID != c.id {
				t.Errorf("%q is bound to %q, want %q", c.key, b.ID, c.id)
			}
		})
	}
}

func mustKeymap(t *testing.T) Keymap {
	t.Helper()
	k, err := NewKeymap(nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestKeyTable(t *testing.T) {
	for _, l := range []lab.Lang{lab.Korean, lab.English} {
		t.Run(string(l), func(t *testing.T) {
			table, err := KeyTable(l)
			if err != nil {
				t.Fatal(err)
			}
			golden.RequireEqual(t, []byte(table))
		})
	}
}

// A pane is offered keys first. It may take what scrolls and searches, but no letter that means something everywhere,
// apart from those listed here with what they do in the pane.
func TestPanesLeaveTheKeymapAlone(t *testing.T) {
	allowed := map[PaneID]string{
		Pods:   "enter",            // chooses the pod
		Events: "space",            // each event or folded ones; a replay has ; as well
		Output: "n left right w x", // next match while searching; sideways; wrap; cancel
	}
	k := mustKeymap(t)
	panes, _ := newPanes(Config{Labs: tuitest.Labs()}, k)
	for id, p := range panes {
		for _, b := range p.Keys() {
			for _, name := range b.Keys() {
				if g, taken := k.lookup(name); taken && !strings.Contains(" "+allowed[id]+" ", " "+name+" ") {
					t.Errorf("pane %s takes %q, which is bound to %s", id, name, g.ID)
				}
			}
		}
	}
}

// changed is a snapshot after a change.
func changed(s *lab.Snapshot, change func(*lab.Snapshot)) *lab.Snapshot {
	change(s)
	return s
}

// What the screen says of keys is what the settings say.
func TestTextsNameTheConfiguredKeys(t *testing.T) {
	own := map[string][]string{
		"help": {"("}, "next": {"K"}, "mouse": {"|"}, "hint": {"*"}, "quit": {")"}, "error": {"_"}, "dismiss": {"Q"},
		"tasks": {"^"}, "pane-pods": {"~"}, "preflight": {"`"}, "login": {"!"}, "run": {"'"}, "why": {"\""}, "debrief": {"9"},
	}
	for _, tt := range []struct {
		name  string
		w, h  int
		do    func(c *console)
		wants []string
	}{
		{"an unknown key", 120, 40, func(c *console) { c.press("J") }, []string{"J does nothing here. Press ( for help."}},
		{"a step to read", 120, 40, func(c *console) { c.publish(changed(tuitest.Running(1), at(1, 0))) }, []string{"[K] next step"}},
		{"all goals met", 120, 40, func(c *console) {
			c.publish(changed(tuitest.Running(1), func(s *lab.Snapshot) { s.Position.Goals[0].Met = true }))
		}, []string{"All goals of this step are met. Press K for the next step."}},
		{"the mouse", 120, 40, func(c *console) { c.press("|") }, []string{"Press | to take it back."}},
		{"the solution", 120, 40, func(c *console) { c.publish(changed(tuitest.Running(1), at(0, 2))); c.press("a") }, []string{"hints (*)"}},
		{"a small screen", 40, 10, func(*console) {}, []string{"Quit: )"}},
		{"an error", 120, 40, func(c *console) { c.fail(lab.T("거부됨", "refused")) }, []string{"_ in full · Q dismiss"}},
		{"a task", 120, 40, func(c *console) { c.publish(tuitest.Breaking(1)) }, []string{"^ tasks", "~ Pods"}},
		{"a fault that is over", 120, 40, func(c *console) { c.follow(tuitest.Liveness()) }, []string{"(more: press 9)"}},
		{"titles without room", 80, 24, func(c *console) { c.publish(tuitest.Breaking(1)) }, []string{"~ Pods"}},
		{"a lost cluster", 120, 40, func(c *console) {
			c.publish(changed(tuitest.Running(1), func(s *lab.Snapshot) { s.Cluster.Real, s.Cluster.Phase = true, lab.Lost }))
		}, []string{"log in again: !"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newConsole(t, tt.w, tt.h, func(cfg *Config) { cfg.Keys, cfg.Lang = own, lab.English })
			tt.do(c)
			c.wants(tt.wants...)
		})
	}
}

// A text names no key that does not exist.
func TestTextsNameBindings(t *testing.T) {
	known := mustKeymap(t)
	named := 0
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for _, match := range regexp.MustCompile(`\bkey\("([a-z-]+)"\)`).FindAllStringSubmatch(readFile(t, file), -1) {
			named++
			if known.byID(match[1]).ID == "" {
				t.Errorf("%s: there is no binding %s", file, match[1])
			}
		}
	}
	if named < 10 {
		t.Errorf("only %d names were found", named)
	}
}

// The key that opens something to read also closes it, whatever it is.
func TestConfiguredKeyClosesWhatItOpened(t *testing.T) {
	c := newConsole(t, 120, 40, func(cfg *Config) { cfg.Keys = map[string][]string{"help": {"("}} })
	c.press("(")
	if c.dialog == nil {
		t.Fatal("the help is not open")
	}
	c.press("(")
	if c.dialog != nil {
		t.Error("the help is still open")
	}
}
