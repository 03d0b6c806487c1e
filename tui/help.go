package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/tui/widget"
)

// showHelp lists every binding with, for one that is disabled now, the reason; and the focused pane's own keys.
func (m *Model) showHelp() tea.Cmd {
	var lines []string
	if m.copier.export() != "" {
		lines = append(lines, m.say(lab.T("다른 터미널에서 kubectl을 쓰려면 그 터미널에서 실행하십시오:",
			"To use kubectl in a second terminal, run this there:")), "  "+m.style.Command.Render(m.copier.export()), "")
	}
	last := group(-1)
	for _, b := range m.keys.bindings {
		if b.pane != "" || b.group == groupReplay && m.replay.player == nil {
			continue
		}
		if b.group != last {
			if last >= 0 {
				lines = append(lines, "")
			}
			last = b.group
			lines = append(lines, m.style.Heading.Render(m.say(b.group.title())))
			if b.group == groupView {
				lines = append(lines, m.helpLine(m.keys.paneKeys(m.ascii), m.say(lab.T("제목에 그 키가 있는 창으로 옮긴다", "Focus the pane with that key in its title")), lab.Text{}))
			}
		}
		var names []string
		for _, k := range b.Keys {
			names = append(names, keyName(k, m.ascii))
		}
		var why lab.Text
		if b.disabled != nil {
			why = b.disabled(m)
		}
		lines = append(lines, m.helpLine(strings.Join(names, " "), m.say(b.Help), why))
	}
	p := m.panes[m.focus]
	lines = append(lines, "", m.style.Heading.Render(m.say(lab.Textf("지금 창: %s", "This pane: %s", p.Title(m.lang)))))
	for _, k := range p.Keys() {
		lines = append(lines, m.helpLine(k.Help().Key, k.Help().Desc, lab.Text{}))
	}
	lines = append(lines, "", m.say(hangulHint()))
	m.read(lab.T("도움말", "Help"), lines).hang = helpColumn + 2
	return nil
}

// hangulHint says that keys need no change of the input mode.
func hangulHint() lab.Text {
	return lab.T("한글 입력 상태에서도 키가 동작합니다. 글자가 조합되느라 늦게 입력되면 한/영 키를 누르십시오.",
		"Keys also work in Korean input mode. If they respond late, press the 한/영 key.")
}

// helpColumn is how many cells the keys take, with a blank behind them.
const helpColumn = 14

func (d *display) helpLine(keys, what string, why lab.Text) string {
	line := "  " + d.style.Key.Render(widget.Fit(keys, helpColumn, ""))
	if ansi.StringWidth(keys) >= helpColumn {
		line = "  " + d.style.Key.Render(keys) + " "
	}
	line += what
	if !why.IsZero() {
		line += d.style.Muted.Render(" - " + d.say(why))
	}
	return line
}
