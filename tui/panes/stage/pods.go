package stage

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/probes"
	"healthlab/tui/rows"
	"healthlab/tui/widget"
)

// bigHeight is how many lines a large digit takes, see widget.Big.
const bigHeight = 5

// A pod in large digits takes bigWidth cells at least, and bigHeight lines with four more around them.
const bigWidth, podHeight = 25, bigHeight + 4

// largest is how often the digits are enlarged at most; beyond that, they are no easier to read.
const largest = 4

// bigPods draws the pods side by side with large digits while there is room for all, and in one line each otherwise.
func (p *Pane) bigPods(w, h int, now time.Time) []string {
	pods := p.moment.Snapshot.Pods
	if len(pods) == 0 {
		return []string{"  " + p.style.Muted.Render(p.moment.WhyNoPods().Text.In(p.lang))}
	}
	across := max(min(len(pods), (w-2)/bigWidth), 1)
	rows := (len(pods) + across - 1) / across
	if w < bigWidth || rows*podHeight > h {
		var lines []string
		for _, pod := range pods {
			lines = append(lines, "  "+p.podName(pod, w/2)+"  "+p.style.Strong.Render(fmt.Sprintf("READY %d/%d  RESTARTS %d",
				pod.ReadyContainers, pod.TotalContainers, pod.Restarts)))
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
			for j, l := range p.bigPod(pods[i], each-2, scale, now) {
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
	for _, pod := range pods {
		ready := len(fmt.Sprintf("%d/%d", pod.ReadyContainers, pod.TotalContainers))*digit - 1
		restarts := len(strconv.Itoa(pod.Restarts))*digit - 1
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
func (p *Pane) bigPod(pod lab.Pod, w, scale int, now time.Time) []string {
	block := p.style.Glyphs.Block
	readyStyle, restarts := p.style.Bad, p.style.Text
	if pod.Ready {
		readyStyle = p.style.Good
	}
	if pod.Restarts > 0 {
		restarts = p.style.Warn
	}
	left := enlarge(widget.Big(fmt.Sprintf("%d/%d", pod.ReadyContainers, pod.TotalContainers), block), scale)
	right := enlarge(widget.Big(strconv.Itoa(pod.Restarts), block), scale)
	column := max(ansi.StringWidth(left[0]), ansi.StringWidth("READY")) + digitsGap
	lines := []string{
		p.podName(pod, w),
		p.style.Header.Render(widget.Fit("READY", column, "") + "RESTARTS"),
	}
	for i := range left {
		lines = append(lines, readyStyle.Render(left[i])+strings.Repeat(" ", column-ansi.StringWidth(left[i]))+
			restarts.Render(right[i]))
	}
	return append(lines, p.strip(pod, w), p.countdown(pod, now))
}

// podName is the pod's state and as much of the end of its name as fits, because that is what tells it from others.
func (p *Pane) podName(pod lab.Pod, w int) string {
	g := p.style.Glyphs
	style, glyph := p.style.Bad, g.Fail
	switch {
	case !pod.Deleting.IsZero():
		style, glyph = p.style.Muted, g.Wait
	case pod.Ready:
		style, glyph = p.style.Good, g.OK
	}
	state := glyph + " " + widget.Clean(pod.StatusShown().In(p.lang)) + " "
	if pod.Name == p.moment.Snapshot.ChosenPod && len(p.moment.Snapshot.Pods) > 1 {
		state += g.Chosen
	}
	name := widget.Clean(pod.Name)
	if over := ansi.StringWidth(state) + ansi.StringWidth(name) - w; over > 0 {
		name = ansi.TruncateLeft(name, over+ansi.StringWidth(g.Ellipsis), g.Ellipsis)
	}
	return style.Render(state) + p.style.Strong.Render(name)
}

// strip is the recent attempts of a probe of the pod, with its running count, in at most w cells.
func (p *Pane) strip(pod lab.Pod, w int) string {
	probe, ok := watched(pod)
	if !ok {
		return ""
	}
	marks := make([]widget.Mark, 0, len(probe.Recent))
	for _, a := range probe.Recent {
		marks = append(marks, rows.Attempt(&p.style, a.Outcome, a.Warning))
	}
	kind := lab.ProbeName(probe.Spec.Kind).In(p.lang) + " "
	count := fmt.Sprintf(" %d/%d", min(probe.Streak, probe.Threshold), probe.Threshold)
	room := min(w-ansi.StringWidth(kind)-len(count), len(marks))
	return p.style.Muted.Render(kind) + widget.Strip(marks, room, widget.Mark{}) + p.style.Text.Render(count)
}

// countdown says what is awaited: the end of a grace period, otherwise the next attempt.
func (p *Pane) countdown(pod lab.Pod, now time.Time) string {
	for _, c := range pod.Containers {
		if c.Grace != nil {
			return p.style.Warn.Render(p.style.Glyphs.Hold + " " + lab.Textf("SIGKILL까지 %d초", "SIGKILL in %d s", widget.Remaining(c.Grace.Until, now)).In(p.lang))
		}
	}
	if probe, ok := watched(pod); ok && !probe.Next.IsZero() {
		return p.style.Muted.Render(lab.Textf("다음 시도까지 %d초", "next attempt in %d s", widget.Remaining(probe.Next, now)).In(p.lang))
	}
	return ""
}

// watched is the probe that matters now: the first one that fails, otherwise the first one.
func watched(pod lab.Pod) (lab.Probe, bool) {
	var all []lab.Probe
	for _, c := range pod.Containers {
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
