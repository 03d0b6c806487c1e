package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"healthlab/lab"
	"healthlab/tui/widget"
)

// preflight tells what was found out about a cluster before anything was written to it.
type preflight struct {
	flow
	told *lab.Preflight // the last one that the user was told about
}

// findings is the table of what was found out about a cluster before anything was written to it.
type findings struct {
	*textDialog
	of lab.Preflight
}

func (f *preflight) disabled() lab.Text {
	switch c := f.snap().Cluster; {
	case !c.Real:
		return lab.T("내장 클러스터에서는 모두 됩니다. 점검은 내 클러스터에서 합니다.",
			"Everything works on the embedded cluster. The preflight is for your own cluster.")
	case c.Preflight == nil:
		return lab.T("클러스터를 아직 점검하는 중입니다.", "The cluster is still being checked.")
	}
	return lab.Text{}
}

// matters reports whether something is limited.
func (f *preflight) matters() bool {
	if p := f.snap().Cluster.Preflight; p != nil && f.snap().Cluster.Real {
		limited, blocked := count(*p)
		return limited+blocked > 0
	}
	return false
}

func (f *preflight) show() tea.Cmd {
	f.dialog = &findings{textDialog: f.read(lab.T("클러스터 점검", "Preflight"), nil), of: *f.snap().Cluster.Preflight}
	return nil
}

// lines sets the table anew where the width has changed.
func (d *findings) lines(on *display, w, h int) []string {
	if d.width != w {
		d.text = on.findingLines(d.of, w)
	}
	return d.textDialog.lines(on, w, h)
}

// findingLines is the table: how it stands, what was looked at, what was found and what the labs do without it.
func (d *display) findingLines(p lab.Preflight, w int) []string {
	const gap = 2
	word, subject := 0, 0
	for _, f := range p.Findings {
		word = max(word, widget.Width(d.say(f.State.Name())))
		subject = max(subject, widget.Width(d.say(f.Subject)))
	}
	word += gap // the glyph
	subject = min(subject, w/3)
	rest := max(w-word-subject-2*gap, 1)
	var lines []string
	for _, f := range p.Findings {
		glyph, style := d.findingMark(f.State)
		found := widget.Wrap(widget.Clean(d.say(f.Found)), rest)
		without := 0
		if !f.Without.IsZero() {
			more := widget.Wrap(d.style.Glyphs.Pointer+" "+widget.Clean(d.say(f.Without)), rest)
			without = len(more)
			found = append(found, more...)
		}
		states := []string{glyph + " " + d.say(f.State.Name())}
		subjects := widget.Wrap(widget.Clean(d.say(f.Subject)), subject)
		for i := range max(len(found), len(subjects)) {
			cell := func(column []string, w int) string {
				if i >= len(column) {
					return strings.Repeat(" ", w)
				}
				return widget.Fit(column[i], w, "")
			}
			last := cell(found, rest)
			if i >= len(found)-without {
				last = d.style.Muted.Render(last)
			}
			lines = append(lines, style.Render(cell(states, word))+strings.Repeat(" ", gap)+
				cell(subjects, subject)+strings.Repeat(" ", gap)+last)
		}
	}
	return lines
}

func (d *display) findingMark(s lab.FindingState) (string, lipgloss.Style) {
	g := d.style.Glyphs
	switch s {
	case lab.FindingOK:
		return g.OK, d.style.Good
	case lab.FindingLimited:
		return g.Warn, d.style.Warn
	case lab.FindingBlocked:
		return g.Fail, d.style.Bad
	case lab.FindingUnknown:
	}
	return g.Unknown, d.style.Muted
}

// announce says once that something is limited. Where the labs cannot be done at all, the table opens, unless
// another dialog is open or the user types.
func (f *preflight) announce() {
	p := f.snap().Cluster.Preflight
	if p == nil || f.told == p {
		return
	}
	known := f.told
	f.told = p
	limited, blocked := count(*p)
	if known != nil {
		if l, b := count(*known); l == limited && b == blocked {
			return
		}
	}
	if limited+blocked == 0 {
		return
	}
	n := note{
		At: f.now(), Tone: toneBad, Weight: 5,
		Text: lab.Textf("클러스터를 점검했습니다. 제한 %d, 안 됨 %d. %s 키로 봅니다.",
			"The cluster was checked: %d limited, %d blocked. Press %s for the table.", limited, blocked, f.key("preflight")),
	}
	f.latest = n
	f.remember(n)
	if blocked > 0 && f.dialog == nil && !f.typing() {
		f.show()
	}
}

func count(p lab.Preflight) (limited, blocked int) {
	for _, f := range p.Findings {
		switch f.State {
		case lab.FindingLimited:
			limited++
		case lab.FindingBlocked:
			blocked++
		case lab.FindingOK, lab.FindingUnknown:
		}
	}
	return limited, blocked
}
