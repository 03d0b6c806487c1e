package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"k8s.io/apimachinery/pkg/util/duration"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/probes"
	"healthlab/tui/panes/guide"
	"healthlab/tui/widget"
)

// latestEvents is how many lines the large digits leave to events, if they fit at least once.
const latestEvents = 6

// bigHeight is how many lines a large digit takes, see widget.Big.
const bigHeight = 5

// stage draws presenter mode: the step's title and timer, READY and RESTARTS of each pod in digits for the last row, the
// recent attempts of its probes, and the goal. The command to talk about stands alone on its line.
func (m *Model) stage(w, h int) []string {
	l, s := m.current()
	var lines []string
	if l != nil && s != nil {
		title := spaced(m.say(s.Title), w-24)
		timer := m.timer(s.Minutes)
		gap := max(w-4-ansi.StringWidth(title)-ansi.StringWidth(timer), 1)
		lines = append(lines, "",
			"  "+m.style.Heading.Render(title)+strings.Repeat(" ", gap)+m.style.Muted.Render(timer), "")
	}
	if command, _, _ := strings.Cut(m.stepLines(), "\n"); command != "" {
		for _, piece := range guide.Broken("$ ", command, w-4) {
			lines = append(lines, "  "+m.style.Command.Render(piece))
		}
		lines = append(lines, "")
	}
	for _, d := range m.snap.Deployments {
		lines = append(lines, "  "+m.style.Strong.Render(fmt.Sprintf("%s  %d/%d", widget.Clean(d.Name), d.Available, d.Desired))+
			m.style.Text.Render(fmt.Sprintf("  %d available | %d unavailable", d.Available, d.Unavailable)), "")
	}
	room := h - len(lines)
	lines = append(lines, m.bigPods(w, room-min(latestEvents, max(room-podHeight, 0)))...)
	lines = append(lines, m.newest(min(h-len(lines), latestEvents)-1)...)
	return strings.Split(widget.Block(lines, w, h, m.style.Glyphs.Ellipsis), "\n")
}

// newest is the newest events of what there is that n lines have room for, the newest last, below a blank line.
func (m *Model) newest(n int) []string {
	events := slices.DeleteFunc(slices.Clone(m.snap.Events), func(e lab.Event) bool {
		return e.ObjectKind == "Pod" && !slices.ContainsFunc(m.snap.Pods, func(p lab.Pod) bool { return p.Name == e.ObjectName })
	})
	slices.SortStableFunc(events, func(a, b lab.Event) int { return a.Last.Compare(b.Last) })
	events = events[max(len(events)-max(n, 0), 0):]
	if len(events) == 0 {
		return nil
	}
	lines := []string{""}
	for _, e := range events {
		glyph, style := m.style.Glyphs.Info, m.style.Info
		if e.Type == "Warning" {
			glyph, style = m.style.Glyphs.Warn, m.style.Warn
		}
		age := m.style.Muted
		if fresh, ok := m.style.Changed(m.now().Sub(e.Last)); ok {
			age = fresh
		}
		head := fmt.Sprintf("%s %-10s", glyph, widget.Clean(e.Reason))
		since := duration.HumanDuration(max(m.now().Sub(e.Last), 0))
		if e.Count > 1 {
			since += fmt.Sprintf(" (x%d)", e.Count)
		}
		lines = append(lines, "  "+style.Render(head)+" "+age.Render(fmt.Sprintf("%-9s", since))+"  "+
			m.style.Text.Render(course.Gist(widget.Clean(e.Message))))
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

func (m *Model) timer(planned int) string {
	d := max(m.now().Sub(m.snap.Position.Since), 0)
	if m.snap.Position.Since.IsZero() {
		d = 0
	}
	minutes, seconds := int(d/time.Minute), int(d%time.Minute/time.Second)
	if planned > 0 {
		return m.sayf(m.texts.Planned, minutes, seconds, planned)
	}
	return m.sayf(m.texts.Minutes, minutes, seconds)
}

// A pod in large digits takes bigWidth cells at least, and bigHeight lines with four more around them.
const bigWidth, podHeight = 25, bigHeight + 4

// largest is how often the digits are enlarged at most; beyond that, they are no easier to read.
const largest = 4

// bigPods draws the pods side by side with large digits while there is room for all, and in one line each otherwise.
func (m *Model) bigPods(w, h int) []string {
	pods := m.snap.Pods
	if len(pods) == 0 {
		return []string{"  " + m.style.Muted.Render(m.say(m.moment().WhyNoPods().Text))}
	}
	across := max(min(len(pods), (w-2)/bigWidth), 1)
	rows := (len(pods) + across - 1) / across
	if w < bigWidth || rows*podHeight > h {
		var lines []string
		for _, p := range pods {
			lines = append(lines, "  "+m.podName(p, w/2)+"  "+m.style.Strong.Render(fmt.Sprintf("READY %d/%d  RESTARTS %d",
				p.ReadyContainers, p.TotalContainers, p.Restarts)))
		}
		return lines
	}
	each := (w - 2) / across
	scale := 1
	for scale < largest && rows*(bigHeight*(scale+1)+podHeight-bigHeight) <= h && digitsWidth(pods, scale+1) <= each-2 {
		scale++
	}
	height := bigHeight*scale + podHeight - bigHeight
	lines := make([]string, 0, rows*height)
	for row := range rows {
		line := make([]string, height)
		for i := row * across; i < min((row+1)*across, len(pods)); i++ {
			for j, l := range m.bigPod(pods[i], each-2, scale) {
				line[j] += "  " + widget.Fit(l, each-2, "")
			}
		}
		lines = append(lines, line...)
	}
	return lines
}

// digitsGap is how many cells are between READY and RESTARTS.
const digitsGap = 3

// digitsWidth is how many cells the widest pod's digits take at a scale.
func digitsWidth(pods []lab.Pod, scale int) int {
	const digit = 4 // cells, with the gap after it
	most := 0
	for _, p := range pods {
		ready := len(fmt.Sprintf("%d/%d", p.ReadyContainers, p.TotalContainers))*digit - 1
		restarts := len(strconv.Itoa(p.Restarts))*digit - 1
		most = max(most, (ready+restarts)*scale+digitsGap)
	}
	return most
}

// enlarge repeats every cell and every line.
func enlarge(lines []string, scale int) []string {
	out := make([]string, 0, len(lines)*scale)
	for _, l := range lines {
		var wide strings.Builder
		for _, r := range l {
			wide.WriteString(strings.Repeat(string(r), scale))
		}
		for range scale {
			out = append(out, wide.String())
		}
	}
	return out
}

// bigPod draws one pod on lines of at most w cells, its digits enlarged.
func (m *Model) bigPod(p lab.Pod, w, scale int) []string {
	block := m.style.Glyphs.Block
	readyStyle, restarts := m.style.Bad, m.style.Text
	if p.Ready {
		readyStyle = m.style.Good
	}
	if p.Restarts > 0 {
		restarts = m.style.Warn
	}
	left := enlarge(widget.Big(fmt.Sprintf("%d/%d", p.ReadyContainers, p.TotalContainers), block), scale)
	right := enlarge(widget.Big(strconv.Itoa(p.Restarts), block), scale)
	column := max(ansi.StringWidth(left[0]), ansi.StringWidth("READY")) + digitsGap
	lines := []string{
		m.podName(p, w),
		m.style.Header.Render(widget.Fit("READY", column, "") + "RESTARTS"),
	}
	for i := range left {
		lines = append(lines, readyStyle.Render(left[i])+strings.Repeat(" ", column-ansi.StringWidth(left[i]))+
			restarts.Render(right[i]))
	}
	return append(lines, m.strip(p, w), m.countdown(p))
}

// podName is the pod's state and as much of the end of its name as fits, because that is what tells it from others.
func (m *Model) podName(p lab.Pod, w int) string {
	g := m.style.Glyphs
	style, glyph := m.style.Bad, g.Fail
	switch {
	case !p.Deleting.IsZero():
		style, glyph = m.style.Muted, g.Wait
	case p.Ready:
		style, glyph = m.style.Good, g.OK
	}
	state := glyph + " " + widget.Clean(p.Status) + " "
	if p.Name == m.snap.ChosenPod && len(m.snap.Pods) > 1 {
		state += g.Chosen
	}
	name := widget.Clean(p.Name)
	if over := ansi.StringWidth(state) + ansi.StringWidth(name) - w; over > 0 {
		name = ansi.TruncateLeft(name, over+ansi.StringWidth(g.Ellipsis), g.Ellipsis)
	}
	return style.Render(state) + m.style.Strong.Render(name)
}

// strip is the recent attempts of a probe of the pod, with its running count, in at most w cells.
func (m *Model) strip(p lab.Pod, w int) string {
	probe, ok := watched(p)
	if !ok {
		return ""
	}
	marks := make([]widget.Mark, 0, len(probe.Recent))
	for _, a := range probe.Recent {
		marks = append(marks, m.mark(a))
	}
	kind := lab.ProbeName(probe.Spec.Kind).In(m.lang) + " "
	count := fmt.Sprintf(" %d/%d", min(probe.Streak, probe.Threshold), probe.Threshold)
	room := min(w-ansi.StringWidth(kind)-len(count), len(marks))
	return m.style.Muted.Render(kind) + widget.Strip(marks, room, widget.Mark{}) + m.style.Text.Render(count)
}

// countdown says what is awaited: the end of a grace period, otherwise the next attempt.
func (m *Model) countdown(p lab.Pod) string {
	now := m.now()
	for _, c := range p.Containers {
		if c.Grace != nil {
			return m.style.Warn.Render(m.style.Glyphs.Hold + " " + m.sayf(m.texts.Grace, widget.Remaining(c.Grace.Until, now)))
		}
	}
	if probe, ok := watched(p); ok && !probe.Next.IsZero() {
		return m.style.Muted.Render(m.sayf(m.texts.NextAttempt, widget.Remaining(probe.Next, now)))
	}
	return ""
}

// watched is the probe that matters now: the first one that fails, otherwise the first one.
func watched(p lab.Pod) (lab.Probe, bool) {
	var all []lab.Probe
	for _, c := range p.Containers {
		all = append(all, c.Probes...)
	}
	for _, probe := range all {
		if probe.Outcome == probes.Failure {
			return probe, true
		}
	}
	if len(all) == 0 {
		return lab.Probe{}, false
	}
	return all[0], true
}

func (m *Model) mark(a probes.Attempt) widget.Mark {
	g := m.style.Glyphs
	if a.Warning {
		return widget.Mark{Glyph: g.Warn, Style: m.style.Warn}
	}
	switch a.Outcome {
	case probes.Success:
		return widget.Mark{Glyph: g.OK, Style: m.style.Good}
	case probes.Failure:
		return widget.Mark{Glyph: g.Fail, Style: m.style.Bad}
	case probes.Unknown:
	}
	return widget.Mark{Glyph: g.Unknown, Style: m.style.Muted}
}
