package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
)

// Binding is one thing that keys do. Help, the footer and the table in the README are made from the bindings.
type Binding struct {
	ID   string   // by which a configuration names it
	Keys []string // as tea.KeyPressMsg.String spells them; the first is the one shown
	Name lab.Text // for the footer: one or two words
	Help lab.Text // for the help page and the README

	group group
	pane  PaneID // that the keys focus; empty if they do something else
	do    func(*Model) tea.Cmd
	// disabled tells why the keys do nothing now; nil, or a zero text, means that they do something.
	disabled func(*Model) lab.Text
	// inFooter tells whether the footer shows it now; nil for never.
	inFooter func(*Model) bool
}

// group orders the help page.
type group int

const (
	groupLab group = iota
	groupFault
	groupReason
	groupReplay
	groupView
	groupCommand
	groupCluster
	groupConsole
)

func (g group) title() lab.Text {
	return []lab.Text{
		lab.T("실습", "Lab"), lab.T("장애와 복구", "Faults and repair"), lab.T("왜, 그리고 돌아보기", "Why, and the debrief"), lab.T("재생", "Replay"), lab.T("화면", "View"),
		lab.T("명령", "Commands"), lab.T("클러스터", "Clusters"), lab.T("콘솔", "Console"),
	}[g]
}

// Keymap is the table of bindings with an index by key.
type Keymap struct {
	bindings []Binding
	byKey    map[string]int
}

// NewKeymap returns the bindings, with the keys of those that override names replaced. It reports every unknown ID and
// every key that two bindings claim, as a [*lab.Error].
func NewKeymap(override map[string][]string) (Keymap, error) {
	k := Keymap{bindings: bindings(), byKey: map[string]int{}}
	var problems []lab.Text
	known := map[string]bool{}
	for i, b := range k.bindings {
		known[b.ID] = true
		keys, ok := override[b.ID]
		if !ok {
			continue
		}
		if len(keys) == 0 {
			problems = append(problems, lab.Textf("keys: %s에 키가 없습니다. 하나 이상 적으십시오", "keys: %s has no key: give it at least one", b.ID))
			continue
		}
		k.bindings[i].Keys = make([]string, len(keys))
		for j, name := range keys {
			k.bindings[i].Keys[j] = spelled(name)
		}
	}
	for _, id := range sortedKeys(override) {
		if !known[id] {
			problems = append(problems, lab.Textf("keys: %q 동작은 없습니다. 다음 가운데 하나를 쓰십시오: %s",
				"keys: %q is not the name of a binding: use one of %s", id, k.ids()))
		}
	}
	for i, b := range k.bindings {
		for _, name := range b.Keys {
			if j, taken := k.byKey[name]; taken {
				problems = append(problems, lab.Textf("keys: %q 키가 두 동작에 지정되어 있습니다: %s, %s. 하나를 바꾸십시오",
					"keys: %q is bound to both %s and %s: change one of them", name, k.bindings[j].ID, b.ID))
				continue
			}
			k.byKey[name] = i
		}
	}
	if len(problems) > 0 {
		return k, &lab.Error{Msg: lab.Join(problems, "\n")}
	}
	return k, nil
}

// spelled is the name of a key as tea.KeyPressMsg.String spells it. People write F5 and Ctrl+X; of a letter, the case matters.
func spelled(name string) string {
	if utf8.RuneCountInString(name) == 1 {
		return name
	}
	return strings.ToLower(name)
}

func (k Keymap) ids() string {
	var ids []string
	for _, b := range k.bindings {
		ids = append(ids, b.ID)
	}
	return strings.Join(ids, ", ")
}

func sortedKeys(m map[string][]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func (k Keymap) lookup(name string) (Binding, bool) {
	i, ok := k.byKey[name]
	if !ok {
		return Binding{}, false
	}
	return k.bindings[i], true
}

func (k Keymap) byID(id string) Binding {
	for _, b := range k.bindings {
		if b.ID == id {
			return b
		}
	}
	return Binding{}
}

// paneKeys are the first keys of all panes: as a range if they are digits in a row.
func (k Keymap) paneKeys(ascii bool) string {
	var names []string
	row := true
	for i, id := range paneIDs() {
		name := keyName(k.byID("pane-" + string(id)).Keys[0], ascii)
		names = append(names, name)
		row = row && name == strconv.Itoa(i+1)
	}
	if row {
		return names[0] + "-" + names[len(names)-1]
	}
	return strings.Join(names, " ")
}

// Table returns the bindings as a Markdown table in language l, for the README.
func (k Keymap) Table(l lab.Lang) string {
	var out strings.Builder
	out.WriteString(lab.T("| 키 | 하는 일 | 설정에서 쓰는 이름 |\n", "| Key | What it does | Name in the settings |\n").In(l))
	out.WriteString("|---|---|---|\n")
	last := group(-1)
	for _, b := range k.bindings {
		if b.group != last {
			last = b.group
			fmt.Fprintf(&out, "| **%s** | | |\n", b.group.title().In(l))
		}
		var names []string
		for _, name := range b.Keys {
			names = append(names, "`"+keyName(name, false)+"`")
		}
		fmt.Fprintf(&out, "| %s | %s | `%s` |\n", strings.Join(names, " "), b.Help.In(l), b.ID)
	}
	return out.String()
}

// KeyTable returns the table of the keys as they are without configuration; see Keymap.Table.
func KeyTable(l lab.Lang) (string, error) {
	k, err := NewKeymap(nil)
	if err != nil {
		return "", err
	}
	return k.Table(l), nil
}

// keyName is how a key is written for people.
func keyName(name string, ascii bool) string {
	arrows := map[string][2]string{
		"left": {"←", "Left"}, "right": {"→", "Right"}, "up": {"↑", "Up"}, "down": {"↓", "Down"},
	}
	if a, ok := arrows[name]; ok {
		if ascii {
			return a[1]
		}
		return a[0]
	}
	if len(name) == 1 {
		return name
	}
	parts := strings.Split(name, "+")
	for i, p := range parts {
		if len(p) > 1 || i < len(parts)-1 {
			parts[i] = strings.ToUpper(p[:1]) + p[1:]
		} else {
			parts[i] = strings.ToUpper(p)
		}
	}
	return strings.Join(parts, "+")
}
