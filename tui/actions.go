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
	m.tell(lab.Textf("테마: %s", "Theme: %s", n), toneInfo)
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
		m.tell(lab.T("다시 콘솔에서 마우스를 씁니다.", "The console uses the mouse again."), toneInfo)
	} else {
		m.tell(lab.Textf("마우스를 터미널에 넘겼습니다. 글자를 선택할 수 있습니다. %s 키로 되돌립니다.",
			"The terminal has the mouse now, and you can select text. Press %s to take it back.", m.key("mouse")), toneInfo)
	}
	return nil
}

// switchProbing says that healthlab is to make probes of its own, or not. What has become of it is told as a fact.
func (m *Model) switchProbing() tea.Cmd {
	return m.steps.do(lab.SetProbing{Probing: m.moment().OtherProbing()})
}

// standIn has stand-ins run in the namespace, by a kubectl command that the output shows.
func (m *Model) standIn() tea.Cmd {
	command, no := m.moment().StandIn()
	if !no.IsZero() {
		return nil
	}
	m.bringForward(Output)
	return m.do(command)
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
	m.read(lab.T("오류", "Error"), lines)
	return nil
}
