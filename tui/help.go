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
		lines = append(lines, m.say(m.texts.SecondTerminal), "  "+m.style.Command.Render(m.copier.export()), "")
	}
	last := group(-1)
	for _, b := range m.keys.bindings {
		if strings.HasPrefix(b.ID, "pane-") || b.group == groupReplay && m.replay.player == nil {
			continue
		}
		if b.group != last {
			if last >= 0 {
				lines = append(lines, "")
			}
			last = b.group
			lines = append(lines, m.style.Heading.Render(m.say(b.group.title(m.texts))))
			if b.group == groupView {
				lines = append(lines, m.helpLine(m.keys.paneKeys(m.ascii), m.say(m.texts.PaneKeys), lab.Text{}))
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
	lines = append(lines, "", m.style.Heading.Render(m.sayf(m.texts.GroupPane, p.Title(m.lang))))
	for _, k := range p.Keys() {
		lines = append(lines, m.helpLine(k.Help().Key, k.Help().Desc, lab.Text{}))
	}
	lines = append(lines, "", m.say(m.texts.HangulHint))
	m.read(m.texts.HelpTitle, lines).hang = helpColumn + 2
	return nil
}

// helpColumn is how many cells the keys take.
const helpColumn = 14

func (d *display) helpLine(keys, what string, why lab.Text) string {
	line := "  " + d.style.Key.Render(widget.Fit(keys, helpColumn, ""))
	if ansi.StringWidth(keys) > helpColumn {
		line = "  " + d.style.Key.Render(keys) + " "
	}
	line += what
	if !why.IsZero() {
		line += d.style.Muted.Render(" - " + d.say(why))
	}
	return line
}
