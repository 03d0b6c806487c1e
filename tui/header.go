package tui

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/widget"
)

// header is the first line of the screen. It is made anew whenever the screen is drawn.
type header struct {
	*display
	moment course.Moment
	mouse  bool // the console has the mouse
	replay *replaying
}

// part is a piece of a line. Those with the lowest rank go first when there is no room for all.
type part struct {
	text  string
	style lipgloss.Style
	rank  int
}

// bar joins left and right parts to exactly w cells, on the background of bars.
func (h header) bar(left, right []part, w int) string {
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
				out.WriteString(h.style.Bar.Render(" ") + p.style.Render(p.text))
			}
		}
		return out.String()
	}
	l, r := draw(left), draw(right)
	gap := w - ansi.StringWidth(l) - ansi.StringWidth(r) - 1
	if gap < 0 {
		return widget.Fit(l+r, w, h.style.Glyphs.Ellipsis)
	}
	return l + h.style.Bar.Render(strings.Repeat(" ", gap)) + r + h.style.Bar.Render(" ")
}

// draw says where the student is and how the cluster stands.
func (h header) draw(w int) string {
	bar, bold := h.style.Bar, h.style.Bar.Bold(true)
	l, s := h.moment.Lab(), h.moment.Step()
	left := []part{{"healthlab", bold, 10}}
	if l != nil {
		left = append(left, part{h.say(l.Title), bold, 60})
		if s != nil {
			at := h.moment.Snapshot.Position.Step + 1
			left = append(left,
				part{h.say(lab.Textf("%d/%d단계", "step %d/%d", at, len(l.Steps))), bar, 90},
				part{h.progress(len(l.Steps)), bar, 20},
				part{h.say(s.Title), bar, 30})
		}
	}
	return h.bar(left, h.clusterParts(w), w)
}

// progress is the steps of the lab in one line: done, current, to do.
func (h header) progress(steps int) string {
	p, g := h.moment.Snapshot.Position, h.style.Glyphs
	var out strings.Builder
	for i := range steps {
		switch {
		case i == p.Step:
			out.WriteString(g.Current)
		case h.moment.Done(lab.GoTo{Lab: p.Lab, Step: i}):
			out.WriteString(g.OK)
		default:
			out.WriteString(g.Todo)
		}
	}
	return out.String()
}

func (h header) clusterParts(w int) []part {
	c, bar := h.moment.Snapshot.Cluster, h.style.Bar
	var parts []part
	if !h.mouse {
		parts = append(parts, part{h.say(lab.T("마우스: 터미널", "mouse: terminal")), bar, 25})
	}
	if said, bad := h.requests(); said != "" {
		style := bar
		if bad {
			style = h.style.Alarm
		}
		parts = append(parts, part{said, style, 50})
	}
	status := h.phaseParts(w)
	switch {
	case c.Real:
		const step = 12 // what the number of the step takes
		room := w - step
		for _, p := range status {
			if p.rank >= 80 {
				room -= widget.Width(p.text) + 1
			}
		}
		parts = append(parts, part{h.ownCluster(room), h.style.Real, 100})
	case c.Namespace != "":
		parts = append(parts, part{h.say(lab.T("내장", "embedded")) + "/" + c.Namespace, bar, 85})
	}
	parts = append(parts, status...)
	if h.replay.player == nil {
		return parts
	}
	for i := range parts { // what the cluster was is worth less than what is shown
		parts[i].rank = min(parts[i].rank, 40)
	}
	return append([]part{h.replay.part()}, parts...)
}

// requests is how many of the requests that are sent were answered and lost in the last second; empty if none are sent.
func (h header) requests() (said string, bad bool) {
	t := h.moment.Snapshot.Traffic
	if t == nil || !t.On {
		return "", false
	}
	all := t.Last.All
	return h.say(lab.Textf("요청 %[1]s%[2]d %[3]s%[4]d /s", "requests %[1]s%[2]d %[3]s%[4]d /s",
		h.style.Glyphs.OK, all.Answered, h.style.Glyphs.Fail, all.Lost())), all.Lost() > 0
}

// ownCluster names a cluster of the user's own, its namespace, and how it is dealt with. The names that clouds give to
// clusters are long, and differ at their ends.
func (h header) ownCluster(room int) string {
	c := h.moment.Snapshot.Cluster
	before, after := " "+h.say(lab.T("내 클러스터", "your cluster"))+" ", "/"+c.Namespace+" "
	if c.ReadOnly {
		after += "[" + h.say(lab.T("읽기 전용", "read-only")) + "] "
	}
	if c.DryRun {
		after += "[" + h.say(lab.T("연습(dry run)", "dry run")) + "] "
	}
	const least, most = 8, 40
	room = min(room-widget.Width(before+after), most)
	return before + widget.Middle(widget.Clean(c.Name), max(room, least), h.style.Glyphs.Ellipsis) + after
}

// phaseParts says how the connection stands.
func (h header) phaseParts(w int) []part {
	c, g, bar := h.moment.Snapshot.Cluster, h.style.Glyphs, h.style.Bar
	since := span(h.clock().Sub(c.Since), h.lang)
	switch c.Phase {
	case lab.Up:
		version := widget.Clean(c.Version)
		if len(c.Denied) > 0 {
			return []part{
				{version, bar, 5},
				{g.Warn + " " + h.say(lab.Textf("볼 권한 없음: %s", "not permitted: %s", strings.Join(c.Denied, ", "))), h.style.Alarm, 90},
			}
		}
		return []part{{version, bar, 5}, {g.OK + " " + h.say(lab.T("연결됨", "connected")), bar, 80}}
	case lab.Lost:
		lost := h.say(lab.T("연결 끊김", "connection lost"))
		text := g.Warn + " " + lost + ": " + h.say(lab.Textf("%s 전의 상태입니다", "state from %s ago", since))
		if c.Real && w < wide {
			text = g.Warn + " " + lost + " " + since
		}
		return []part{{text, h.style.Alarm, 100}}
	case lab.Failed:
		return []part{{g.Fail + " " + h.say(unusable()), h.style.Alarm, 100}}
	case lab.Starting:
	}
	var parts []part
	if n := len(c.Components); n > 0 {
		parts = append(parts, part{h.say(lab.Textf("구성 요소 %d/%d", "components %d/%d", ready(c.Components), n)), bar, 55})
	}
	return append(parts, part{g.Running + " " + h.say(lab.T("클러스터를 시작하는 중", "cluster starting")) + " " + since, bar, 80})
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
