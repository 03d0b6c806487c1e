package widget

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// EndKey goes to the end, which a window that follows it then follows again.
const EndKey = "G"

// HandleKey scrolls if msg is one of ScrollKeys, and reports whether it was.
func (s *Scroll) HandleKey(msg tea.KeyPressMsg) bool {
	switch msg.String() {
	case "j", "down":
		s.By(1)
	case "k", "up":
		s.By(-1)
	case "pgdown", "ctrl+d":
		s.Page(1)
	case "pgup", "ctrl+u":
		s.Page(-1)
	case "home", "g":
		s.Top()
	case "end", EndKey:
		s.Bottom()
	default:
		return false
	}
	return true
}

// ScrollKeys returns the bindings that Scroll.HandleKey heeds, with their descriptions in the user's language.
func ScrollKeys(lines, ends string) []key.Binding {
	return []key.Binding{
		key.NewBinding(key.WithKeys("j", "k", "down", "up", "pgdown", "pgup", "ctrl+d", "ctrl+u"),
			key.WithHelp("j/k", lines)),
		key.NewBinding(key.WithKeys("g", EndKey, "home", "end"), key.WithHelp("g/"+EndKey, ends)),
	}
}
