package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/tui/theme"
)

func (m *Model) nextTheme() tea.Cmd {
	m.followBackground = false
	m.themeName = m.themeName.Next()
	m.restyle()
	names := map[theme.Name]lab.Text{
		theme.Dark:         lab.T("어둡게", "dark"),
		theme.Light:        lab.T("밝게", "light"),
		theme.HighContrast: lab.T("고대비", "high contrast"),
	}
	n := names[m.themeName]
	m.tell(lab.Textf(m.texts.ThemeNow.Ko, m.texts.ThemeNow.En, n), toneInfo)
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
		m.toggleZoom()
	case m.presenter:
		m.togglePresenter()
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
