package tui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/probes"
	"healthlab/tui/widget"
)

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
		lines = append(lines, "  "+m.style.Command.Render(ansi.Truncate("$ "+command, max(w-4, 1), m.style.Glyphs.Ellipsis)), "")
	}
	for _, d := range m.snap.Deployments {
		lines = append(lines, "  "+m.style.Strong.Render(fmt.Sprintf("%s  %d/%d", d.Name, d.Available, d.Desired))+
			m.style.Text.Render(fmt.Sprintf("  %d available | %d unavailable", d.Available, d.Unavailable)), "")
	}
	lines = append(lines, m.bigPods(w, h-len(lines))...)
	return strings.Split(widget.Block(lines, w, h, m.style.Glyphs.Ellipsis), "\n")
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
	d := max(m.cfg.Now().Sub(m.snap.Position.Since), 0)
	if m.snap.Position.Since.IsZero() {
		d = 0
	}
	minutes, seconds := int(d/time.Minute), int(d%time.Minute/time.Second)
	if planned > 0 {
		return m.sayf(m.texts.Planned, minutes, seconds, planned)
	}
	return m.sayf(m.texts.Minutes, minutes, seconds)
}

// bigPods draws each pod with large digits while there is room, and in one line otherwise.
func (m *Model) bigPods(w, h int) []string {
	pods := m.snap.Pods
	const each = bigHeight + 3
	large := len(pods)*each <= h && w >= 60
	var lines []string
	for _, p := range pods {
		name := "  " + m.podName(p) + "  " + m.strip(p, 24)
		if !large {
			lines = append(lines, name+"  "+m.style.Strong.Render(fmt.Sprintf("READY %d/%d  RESTARTS %d",
				p.ReadyContainers, p.TotalContainers, p.Restarts)), "")
			continue
		}
		lines = append(lines, name)
		lines = append(lines, m.bigNumbers(p)...)
		lines = append(lines, "", "")
	}
	if len(pods) == 0 {
		lines = append(lines, "  "+m.style.Muted.Render(m.say(m.texts.NoPods)))
	}
	return lines
}

func (m *Model) bigNumbers(p lab.Pod) []string {
	block := m.style.Glyphs.Block
	readyStyle, restarts := m.style.Bad, m.style.Text
	if p.Ready {
		readyStyle = m.style.Good
	}
	if p.Restarts > 0 {
		restarts = m.style.Warn
	}
	left := widget.Big(fmt.Sprintf("%d/%d", p.ReadyContainers, p.TotalContainers), block)
	right := widget.Big(strconv.Itoa(p.Restarts), block)
	lines := make([]string, 0, bigHeight)
	for i := range left {
		labels := [2]string{"", ""}
		if i == bigHeight/2 {
			labels = [2]string{m.say(m.texts.Ready), m.say(m.texts.Restarts)}
		}
		lines = append(lines, "    "+widget.Fit(labels[0], 12, "")+" "+readyStyle.Render(left[i])+"      "+
			widget.Fit(labels[1], 16, "")+" "+restarts.Render(right[i]))
	}
	return lines
}

func (m *Model) podName(p lab.Pod) string {
	g := m.style.Glyphs
	style, glyph := m.style.Bad, g.Fail
	switch {
	case !p.Deleting.IsZero():
		style, glyph = m.style.Muted, g.Wait
	case p.Ready:
		style, glyph = m.style.Good, g.OK
	}
	name := p.Name
	if p.Name == m.snap.ChosenPod && len(m.snap.Pods) > 1 {
		name = g.Chosen + " " + name
	}
	return style.Render(glyph+" "+p.Status) + " " + m.style.Strong.Render(name)
}

// strip is the recent attempts of the pod's first probe, with its running count.
func (m *Model) strip(p lab.Pod, w int) string {
	for _, c := range p.Containers {
		for _, probe := range c.Probes {
			marks := make([]widget.Mark, 0, len(probe.Recent))
			for _, a := range probe.Recent {
				marks = append(marks, m.mark(a.Outcome))
			}
			s := widget.Strip(marks, w, widget.Mark{Glyph: " ", Style: lipgloss.NewStyle()})
			return m.style.Muted.Render(string(probe.Spec.Kind)+" ") + s +
				m.style.Text.Render(fmt.Sprintf(" %d/%d", probe.Streak, probe.Threshold))
		}
	}
	return ""
}

func (m *Model) mark(o probes.Outcome) widget.Mark {
	g := m.style.Glyphs
	switch o {
	case probes.Success:
		return widget.Mark{Glyph: g.OK, Style: m.style.Good}
	case probes.Failure:
		return widget.Mark{Glyph: g.Fail, Style: m.style.Bad}
	case probes.Unknown:
	}
	return widget.Mark{Glyph: g.Unknown, Style: m.style.Muted}
}
