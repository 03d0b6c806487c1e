package tui

import (
	"strings"
	"testing"
	"unicode"

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
