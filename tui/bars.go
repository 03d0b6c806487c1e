package tui

import (
	"fmt"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/tui/widget"
)

// part is a piece of a header or footer line. Those with the lowest rank go first when there is no room for all.
type part struct {
	text  string
	style lipgloss.Style
	rank  int
}

// bar joins left and right parts to exactly w cells, on the background of bars.
func (m *Model) bar(left, right []part, w int) string {
	width := func() int {
		sum := 0
		for _, p := range append(append([]part{}, left...), right...) {
			if p.text != "" {
				sum += ansi.StringWidth(p.text) + 1
			}
		}
		return sum + 1
	}
	for width() > w {
		lowest := -1
		all := make([]*part, 0, len(left)+len(right))
		for i := range left {
			all = append(all, &left[i])
		}
		for i := range right {
			all = append(all, &right[i])
		}
		for i, p := range all {
			if p.text != "" && (lowest < 0 || p.rank < all[lowest].rank) {
				lowest = i
			}
		}
		if lowest < 0 || all[lowest].rank >= 100 {
			break
		}
		all[lowest].text = ""
	}
	draw := func(parts []part) string {
		var out strings.Builder
		for _, p := range parts {
			if p.text != "" {
				out.WriteString(m.style.Bar.Render(" ") + p.style.Render(p.text))
			}
		}
		return out.String()
	}
	l, r := draw(left), draw(right)
	gap := w - ansi.StringWidth(l) - ansi.StringWidth(r) - 1
	if gap < 0 {
		return widget.Fit(l+r, w, m.style.Glyphs.Ellipsis)
	}
	return l + m.style.Bar.Render(strings.Repeat(" ", gap)) + r + m.style.Bar.Render(" ")
}

// header says where the student is and how the cluster stands.
func (m *Model) header(w int) string {
	bar, bold := m.style.Bar, m.style.Bar.Bold(true)
	l, s := m.current()
	left := []part{{"healthlab", bold, 10}}
	if l != nil {
		left = append(left, part{m.say(l.Title), bold, 60})
		if s != nil {
			at := m.snap.Position.Step + 1
			left = append(left,
				part{m.sayf(m.texts.Step, at, len(l.Steps)), bar, 90},
				part{m.progress(len(l.Steps)), bar, 20},
				part{m.say(s.Title), bar, 30})
		}
	}
	return m.bar(left, m.clusterParts(w), w)
}

// progress is the steps of the lab in one line: done, current, to do.
func (m *Model) progress(steps int) string {
	p, g := m.snap.Position, m.style.Glyphs
	var out strings.Builder
	for i := range steps {
		switch {
		case i == p.Step:
			out.WriteString(g.Current)
		case m.moment().Done(lab.GoTo{Lab: p.Lab, Step: i}):
			out.WriteString(g.Done)
		default:
			out.WriteString(g.Todo)
		}
	}
	return out.String()
}

func (m *Model) clusterParts(w int) []part {
	c, bar := m.snap.Cluster, m.style.Bar
	var parts []part
	if !m.mouse {
		parts = append(parts, part{m.say(m.texts.MouseOff), bar, 25})
	}
	status := m.phaseParts(w)
	switch {
	case c.Real:
		const step = 12 // what the number of the step takes
		room := w - step
		for _, p := range status {
			if p.rank >= 80 {
				room -= widget.Width(p.text) + 1
			}
		}
		parts = append(parts, part{m.ownCluster(room), m.style.Real, 100})
	case c.Namespace != "":
		parts = append(parts, part{m.say(m.texts.EmbeddedHere) + "/" + c.Namespace, bar, 85})
	}
	return append(parts, status...)
}

// ownCluster names a cluster of the user's own, its namespace, and how it is dealt with. The names that clouds give to
// clusters are long, and differ at their ends.
func (m *Model) ownCluster(room int) string {
	c := m.snap.Cluster
	before, after := " "+m.say(m.texts.OwnCluster)+" ", "/"+c.Namespace+" "
	if c.ReadOnly {
		after += "[" + m.say(m.texts.ReadOnly) + "] "
	}
	if c.DryRun {
		after += "[" + m.say(m.texts.DryRun) + "] "
	}
	const least, most = 8, 40
	room = min(room-widget.Width(before+after), most)
	return before + widget.Middle(widget.Clean(c.Name), max(room, least), m.style.Glyphs.Ellipsis) + after
}

// phaseParts says how the connection stands.
func (m *Model) phaseParts(w int) []part {
	c, g, bar := m.snap.Cluster, m.style.Glyphs, m.style.Bar
	since := span(m.now().Sub(c.Since), m.lang)
	switch c.Phase {
	case lab.Up:
		version := widget.Clean(c.Version)
		if len(c.Denied) > 0 {
			return []part{
				{version, bar, 5},
				{g.Warn + " " + m.sayf(m.texts.Denied, strings.Join(c.Denied, ", ")), m.style.Alarm, 90},
			}
		}
		return []part{{version, bar, 5}, {g.OK + " " + m.say(m.texts.Up), bar, 80}}
	case lab.Lost:
		text := g.Warn + " " + m.say(m.texts.Lost) + ": " + m.sayf(m.texts.StaleSince, since)
		if c.Real && w < wide {
			text = g.Warn + " " + m.say(m.texts.Lost) + " " + since
		}
		return []part{{text, m.style.Alarm, 100}}
	case lab.Failed:
		return []part{{g.Fail + " " + m.say(m.texts.Failed), m.style.Alarm, 100}}
	case lab.Starting:
	}
	var parts []part
	if n := len(c.Components); n > 0 {
		parts = append(parts, part{m.sayf(m.texts.ComponentsReady, ready(c.Components), n), bar, 55})
	}
	return append(parts, part{g.Running + " " + m.say(m.texts.Starting) + " " + since, bar, 80})
}

// wide is how wide a header has to be for all of what a lost cluster has to say.
const wide = 110

func ready(parts []lab.Component) int {
	n := 0
	for _, c := range parts {
		if c.State == lab.ComponentReady {
			n++
		}
	}
	return n
}

// newsLine is the line that says what has just happened or, after a while, what is to be done next. Errors stay there
// until they are dismissed; the right end shows what is under way.
func (m *Model) newsLine(w int) string {
	right := ""
	if tasks := m.moment().Running(); len(tasks) > 0 {
		right = " " + m.taskUnderWay(tasks[len(tasks)-1], max(w/2-32, 10))
		if n := len(tasks); n > 1 {
			right += fmt.Sprintf(" (+%d)", n-1)
		}
		right += " (" + m.say(m.texts.CancelHint) + ") "
	}
	room := w - ansi.StringWidth(right)
	left := m.newsText(room)
	return widget.Fit(left, room, m.style.Glyphs.Ellipsis) + m.style.Info.Render(right)
}

// taskUnderWay is a running task whose name is cut to room cells.
func (m *Model) taskUnderWay(t lab.Task, room int) string {
	g := m.style.Glyphs
	name := ansi.Truncate(m.taskName(t), room, g.Ellipsis)
	return g.Running + " " + m.sayf(m.texts.TaskFor, name, span(m.now().Sub(t.Started), m.lang))
}

func (m *Model) newsText(room int) string {
	g, s := m.style.Glyphs, m.style
	if n := len(m.fails); n > 0 {
		hint := m.say(m.texts.DismissHint)
		if n > 1 {
			hint = m.sayf(m.texts.MoreErrors, n-1) + ", " + hint
		}
		text := widget.Clean(m.say(m.fails[n-1].text))
		text = ansi.Truncate(" "+g.Fail+" "+text, max(room-ansi.StringWidth(hint)-3, 8), g.Ellipsis)
		return s.Alarm.Render(text+" ") + " " + s.Muted.Render(hint)
	}
	if !m.latest.Text.IsZero() {
		age := m.now().Sub(m.latest.At)
		glyph, style := g.Info, s.Info
		switch m.latest.Tone {
		case toneGood:
			glyph, style = g.OK, s.Good
		case toneBad:
			glyph, style = g.Warn, s.Warn
		case toneInfo:
		}
		if fresh, ok := s.Changed(age); ok && m.latest.Weight > 1 {
			style = fresh
		}
		return style.Render(" " + glyph + " " + widget.Clean(m.say(m.latest.Text)) + " ")
	}
	return m.whatNext()
}

// whatNext is the first goal that is not met yet, and why; or that there is nothing left to do here.
func (m *Model) whatNext() string {
	g, s := m.style.Glyphs, m.style
	if c := m.snap.Cluster; c.Real && (c.Phase == lab.Lost || c.Phase == lab.Failed) {
		hint := m.sayf(m.texts.LoginHint, keyName(m.keys.byID("login").Keys[0], m.ascii))
		return s.Bad.Render(" "+g.Fail+" "+widget.Clean(m.say(c.Problem))) + s.Muted.Render(" - "+hint)
	}
	switch next := m.moment().Next(); {
	case next.Goal != nil:
		text := s.Accent.Render(" "+g.Pointer+" "+m.say(m.texts.Goal)+": ") + m.say(next.Goal.Goal.Title)
		if !next.Goal.Why.IsZero() {
			text += s.Muted.Render(" - " + widget.Clean(m.say(next.Goal.Why)))
		}
		return text
	case next.Complete:
		return s.Good.Render(" " + g.OK + " " + m.say(m.texts.GoalMet))
	case !next.More:
		return ""
	}
	return s.Muted.Render(" " + g.Pointer + " " + m.say(m.texts.StepRead))
}

// footer shows the keys that matter now.
func (m *Model) footer(w int) string {
	if m.prompt.open {
		return m.prompt.draw(w)
	}
	var out strings.Builder
	for _, item := range m.footerItems(w) {
		out.WriteString(m.style.Key.Render(item.key) + " " + m.style.Text.Render(item.name) + "  ")
	}
	return " " + widget.Fit(out.String(), w-1, "")
}

// footerItem is a key of the footer, with the cells that it takes.
type footerItem struct {
	Binding
	key, name string
	x, w      int
}

// footerItems are the keys that have room in w cells, each whole or not at all. Help and quit are always there, at the
// end.
func (m *Model) footerItems(w int) []footerItem {
	item := func(b Binding) footerItem {
		key, name := keyName(b.Keys[0], m.ascii), m.say(b.Name)
		return footerItem{Binding: b, key: key, name: name, w: ansi.StringWidth(key) + 1 + ansi.StringWidth(name)}
	}
	const gap = 2
	last := []footerItem{item(m.keys.byID("help")), item(m.keys.byID("quit"))}
	room := w - 1
	for _, i := range last {
		room -= i.w + gap
	}
	var items []footerItem
	for _, b := range m.keys.bindings {
		if b.matters == nil || b.ID == last[0].ID || b.ID == last[1].ID || !b.matters(m) {
			continue
		}
		if i := item(b); i.w+gap <= room {
			room -= i.w + gap
			items = append(items, i)
		}
	}
	items = append(items, last...)
	x := 1
	for i := range items {
		items[i].x = x
		x += items[i].w + gap
	}
	return items
}
