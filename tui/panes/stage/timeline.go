package stage

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"healthlab/lab"
	"healthlab/lab/timeline"
	"healthlab/tui/chart"
	"healthlab/tui/widget"
)

// leastTimeline is how many lines the timeline has at least.
const leastTimeline = 6

// timelineHeight is how many lines of h the timeline has: the lower half of a high stage, and what the pods leave of a low one.
// It is 0 where it would be too low to be read.
func (p *Pane) timelineHeight(h int) int {
	const high = 44 // so high that the seconds have large digits
	if len(p.view.Pods) == 0 || h < leastTimeline+podHeight {
		return 0
	}
	if h >= high {
		return h * 3 / 5
	}
	return min(max(h/2, leastTimeline), h-podHeight)
}

// timeline draws the timeline of the chosen pod on h lines of w cells: what is to come and how long that still takes, the axis,
// and lanes as high as there is room for.
func (p *Pane) timeline(w, h int, now time.Time) []string {
	pod := chart.Pod(p.view, p.moment.Snapshot.ChosenPod)
	if pod == nil || h <= 0 || w <= 0 {
		return nil
	}
	axisNow, cells := chart.Now(p.view, now), chart.Cells(w-4)
	step := chart.StepFor(p.view, pod, axisNow, cells)
	if half := step / 2; step == time.Second && chart.Reaches(p.view, pod, axisNow, half, cells) {
		step = half // so wide that seconds are seen from afar
	}
	if step != p.axis.Step || cells != p.axis.Cells {
		p.axis = chart.Axis{Step: step, Cells: cells}
	}
	p.axis = p.axis.Following(p.view.From, axisNow, chart.Horizon(p.view, pod))
	lines := p.outlook(pod, w-4, h, axisNow)
	picture := chart.Picture{View: p.view, Now: axisNow, Axis: p.axis, Pods: []*timeline.Pod{pod}, Marks: p.marks}
	lines = append(lines, p.chart.Large(picture, w-4, h-len(lines))...)
	for i, line := range lines {
		lines[i] = "  " + line
	}
	return lines
}

// outlook is what is to come, with the seconds that are left in large digits where there is room for them, or what has come,
// with the seconds that it took.
func (p *Pane) outlook(pod *timeline.Pod, w, h int, now time.Time) []string {
	const high = 22 // from here on, large digits leave enough to the lanes
	said, urgent := chart.Outlook(p.view, pod, now)
	if said.IsZero() {
		return []string{p.style.Separator.Render(strings.Repeat(p.style.Glyphs.Rule, max(w, 0)))}
	}
	if name, least, most, ok := chart.Left(p.view, pod, now); ok && h >= high {
		number := strconv.Itoa(most)
		if least != most {
			number = fmt.Sprintf("%d-%d", least, most)
		}
		return p.count(name, number, lab.T("초 뒤", "seconds to go"), p.style.Warn, w, h-high)
	}
	if name, took, predicted, ok := chart.Reached(p.view, pod); ok && h >= high {
		return p.count(name, took, lab.Textf("초 걸림 (예측 %s)", "seconds (predicted %s)", predicted), p.style.Good, w, h-high)
	}
	if urgent {
		return []string{p.style.Warn.Bold(true).Render(said.In(p.lang))}
	}
	return []string{p.style.Heading.Render(said.In(p.lang))}
}

// count is a name, and a number of seconds in digits that are larger where there is room for that.
func (p *Pane) count(name lab.Text, number string, unit lab.Text, style lipgloss.Style, w, room int) []string {
	scale := 1
	if room >= bigHeight {
		scale = 2
	}
	lines := []string{p.style.Heading.Render(spaced(name.In(p.lang), w)), ""}
	for i, digits := range enlarge(widget.Big(number, p.style.Glyphs.Block), scale) {
		line := style.Render(digits)
		if i == bigHeight*scale-1 {
			line += p.style.Strong.Render("  " + unit.In(p.lang))
		}
		lines = append(lines, line)
	}
	return append(lines, "")
}
