package stage

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/rows"
	"healthlab/tui/widget"
)

// latestEvents is how many lines the large digits leave to events, if they fit at least once.
const latestEvents = 6

// longestReason is how many cells an event's reason has at most; FailedCreatePodSandBox is among the longest.
const longestReason = 24

// draw returns the lines of the pane: the step's title and timer, READY and RESTARTS of each pod in digits for the last row, the
// recent attempts of its probes, why one is not well, the latest events, and the timeline of the chosen pod. On a low stage, a
// command that was run makes way for why things are as they are.
func (p *Pane) draw(w, h int, now time.Time) []string {
	l, s := p.moment.Lab(), p.moment.Step()
	var lines []string
	if l != nil && s != nil {
		title := spaced(s.Title.In(p.lang), w-24)
		timer := p.timer(s.Minutes, now)
		gap := max(w-4-ansi.StringWidth(title)-ansi.StringWidth(timer), 1)
		lines = append(lines, "",
			"  "+p.style.Heading.Render(title)+strings.Repeat(" ", gap)+p.style.Muted.Render(timer), "")
	}
	why := p.reason(w)
	command, run := p.command(w)
	if !run || len(why) == 0 || h-len(lines)-len(command)-len(why) >= leastTimeline+podHeight {
		lines = append(lines, command...)
	}
	for _, d := range p.moment.Snapshot.Deployments {
		lines = append(lines, "  "+p.style.Strong.Render(fmt.Sprintf("%s  %d/%d", widget.Clean(d.Name), d.Available, d.Desired))+
			p.style.Text.Render(fmt.Sprintf("  %d available | %d unavailable", d.Available, d.Unavailable)), "")
	}
	below := p.timelineHeight(h - len(lines) - len(why))
	room := h - len(lines) - below
	lines = append(lines, p.bigPods(w, room-min(max(latestEvents, len(why)), max(room-podHeight, 0)), now)...)
	if len(why) <= h-below-len(lines) {
		lines = append(lines, why...)
	}
	lines = append(lines, p.latest(min(h-below-len(lines), latestEvents)-1, now)...)
	for len(lines) < h-below {
		lines = append(lines, "")
	}
	return append(lines, p.timeline(w, below, now)...)
}

// command is the one to talk about, which stands alone on its line: the next that was not run, or else the last. Run reports
// whether it was.
func (p *Pane) command(w int) (lines []string, run bool) {
	commands := p.moment.Commands()
	if len(commands) == 0 {
		return nil, true
	}
	next := slices.IndexFunc(commands, func(c course.Command) bool { return c.State != lab.TaskDone })
	if run = next < 0; run {
		next = len(commands) - 1
	}
	for _, piece := range rows.Command("$ ", commands[next].Line, w-4) {
		lines = append(lines, "  "+p.style.Command.Render(piece))
	}
	return append(lines, ""), run
}

// latest is what n lines have room for of the events of what there is, the newest last, below a blank line: what tells a cause
// holds its place, and normal ones take what is left.
func (p *Pane) latest(n int, now time.Time) []string {
	pods := p.moment.Snapshot.Pods
	events := slices.DeleteFunc(slices.Clone(p.moment.Snapshot.Events), func(e lab.Event) bool {
		return e.ObjectKind == "Pod" && !slices.ContainsFunc(pods, func(pod lab.Pod) bool { return pod.Name == e.ObjectName })
	})
	events, _ = course.InSight(course.Grouped(events), pods, n)
	if len(events) == 0 {
		return nil
	}
	drawn, reasons, ages := rows.Events(events), 10, 9 // no narrower, so that columns stay where they are
	for _, e := range drawn {
		reasons, ages = max(reasons, min(widget.Width(e.Reason), longestReason)), max(ages, widget.Width(e.Age(now, true)))
	}
	lines := []string{""}
	for _, e := range drawn {
		glyph, kind, age := e.Styles(&p.style, now)
		lines = append(lines, "  "+kind.Render(glyph+" "+widget.Fit(e.Reason, reasons, p.style.Glyphs.Ellipsis))+" "+
			age.Render(widget.Fit(e.Age(now, true), ages, ""))+"  "+p.style.Text.Render(course.Gist(e.Message)))
	}
	return lines
}

// spaced is large type as far as cells allow: letters with blanks between, if that fits into w cells.
func spaced(text string, w int) string {
	var out strings.Builder
	for i, r := range text {
		if i > 0 {
			out.WriteByte(' ')
		}
		out.WriteRune(r)
	}
	if ansi.StringWidth(out.String()) <= w {
		return out.String()
	}
	return text
}

// timer is how long the step has been shown, and how long it is planned to take.
func (p *Pane) timer(planned int, now time.Time) string {
	d := max(now.Sub(p.moment.Snapshot.Position.Since), 0)
	if p.moment.Snapshot.Position.Since.IsZero() {
		d = 0
	}
	passed := fmt.Sprintf("%d:%02d", int(d/time.Minute), int(d%time.Minute/time.Second))
	if planned > 0 {
		return passed + lab.Textf(" / 예정 %d분", " / %d min planned", planned).In(p.lang)
	}
	return passed
}
