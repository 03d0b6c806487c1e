package tui

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/tui/theme"
)

// focusBy moves the focus among the panes that can be seen.
func (m *Model) focusBy(n int) {
	ids := m.layout.shown()
	if m.zoomed {
		ids = slices.DeleteFunc(paneIDs(), func(id PaneID) bool { return id == Replicas && !m.replicas() })
	}
	if len(ids) == 0 {
		return
	}
	i := slices.Index(ids, m.focus)
	m.setFocus(ids[((i+n)%len(ids)+len(ids))%len(ids)])
}

func (m *Model) setFocus(id PaneID) {
	m.focus = id
	m.presenter = false
	if m.layout.shares(id) {
		m.tab, m.tabChosen = id, true
	}
	m.arrange()
}

// bringForward shows a pane that shares its place with others, unless the user has chosen what to see there. The focus
// moves there only if it was on the pane that is now behind.
func (m *Model) bringForward(id PaneID) {
	if m.tabChosen || m.zoomed || m.presenter || slices.Contains(m.layout.shown(), id) {
		return
	}
	for _, c := range m.layout.Columns {
		for _, p := range c.Places {
			if slices.Contains(p.Panes, id) && p.Front == m.focus {
				m.focus = id
			}
		}
	}
	m.tab = id
	m.arrange()
}

func (m *Model) toggleZoom() tea.Cmd {
	m.presenter = false
	m.zoomed = !m.zoomed
	m.arrange()
	return nil
}

func (m *Model) togglePresenter() tea.Cmd {
	m.zoomed = false
	m.presenter = !m.presenter
	m.arrange()
	return nil
}

func (m *Model) nextTheme() tea.Cmd {
	m.followBackground = false
	m.themeName = m.themeName.Next()
	m.restyle()
	names := map[theme.Name]lab.Text{
		theme.Dark:         {Ko: "어둡게", En: "dark"},
		theme.Light:        {Ko: "밝게", En: "light"},
		theme.HighContrast: {Ko: "고대비", En: "high contrast"},
	}
	n := names[m.themeName]
	m.tell(lab.Text{Ko: fmt.Sprintf(m.texts.ThemeNow.Ko, n.Ko), En: fmt.Sprintf(m.texts.ThemeNow.En, n.En)}, toneInfo)
	return nil
}

func (m *Model) nextLanguage() tea.Cmd {
	if m.lang == lab.Korean {
		m.lang = lab.English
	} else {
		m.lang = lab.Korean
	}
	m.restyle()
	if m.cfg.OnLang != nil {
		m.cfg.OnLang(m.lang)
	}
	return nil
}

func (m *Model) toggleMouse() tea.Cmd {
	m.mouse = !m.mouse
	m.drag = nil
	if m.mouse {
		m.tell(m.texts.MouseTaken, toneInfo)
	} else {
		m.tell(m.texts.MouseHanded, toneInfo)
	}
	return nil
}

// dismiss closes the innermost thing that can be closed.
func (m *Model) dismiss() tea.Cmd {
	switch {
	case m.news.dismiss():
	case m.zoomed:
		return m.toggleZoom()
	case m.presenter:
		return m.togglePresenter()
	default:
		m.clear()
	}
	return nil
}

func (m *Model) showError() tea.Cmd {
	var lines []string
	for _, f := range slices.Backward(m.fails) {
		lines = append(lines, m.say(f.text), "")
	}
	m.read(m.texts.ErrorTitle, lines)
	return nil
}
