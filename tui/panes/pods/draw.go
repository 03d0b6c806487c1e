package pods

import (
	"slices"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"k8s.io/apimachinery/pkg/util/duration"

	"healthlab/lab"
	"healthlab/probes"
	"healthlab/tui/rows"
	"healthlab/tui/widget"
)

// strips is the most attempts that a strip shows.
const strips = 40

// indent sets what belongs to a pod apart from its row.
const indent = "     "

// draw returns the lines of the pane, and for each the index of the pod it belongs to, or -1.
func (p *Pane) draw(w, h int, now time.Time) (lines []string, owner []int) {
	if h >= 3 {
		h--
	}
	caveats := p.caveats(w)
	d := choose(p.rows, p.chosen, h-len(caveats))
	if d == rowOnly && len(caveats) > 0 {
		d, caveats = choose(p.rows, p.chosen, h), nil // the probes themselves come first
	}
	why := p.reasonWithin(w, h-len(caveats), d)
	columns := p.columns()
	cells := make([][]string, len(p.rows))
	for i := range p.rows {
		r := &p.rows[i]
		cells[i] = []string{" ", r.name, p.readyCell(r), r.status.In(p.lang), r.restartsCell(now), r.ageCell(now)}
	}
	widths := widget.Widths(columns, len(cells), func(i, c int) int { return widget.Width(cells[i][c]) }, w)
	probeWidths := p.probeWidths(w, now)
	tail := p.style.Glyphs.Ellipsis
	p.header = p.style.Header.Render(widget.Titles(columns, widths, tail))
	for i := range p.rows {
		r := &p.rows[i]
		chosen := r.name == p.chosen
		cells[i][1] = widget.Middle(r.name, widths[1], tail)
		p.paint(cells[i], r, chosen, now)
		if p.reasons.marksPod(r.name, d) {
			cells[i][1] = p.style.Alarm.Render(widget.Middle(r.name, widths[1], tail))
		}
		lines = append(lines, widget.Row(columns, widths, tail, cells[i]...))
		owner = append(owner, i)
		tell := func() {
			if r.name == p.reasons.pod {
				lines = append(lines, why...)
				owner = append(owner, slices.Repeat([]int{i}, len(why))...)
			}
		}
		if d == rowOnly || d == chosenOnly && !chosen {
			tell()
			continue
		}
		for c := range r.containers {
			k := &r.containers[c]
			if d == everything || k.notable() {
				lines = append(lines, p.lead(p.reasons.marksContainer(r.name, k.name))+p.container(k, now))
				owner = append(owner, i)
			}
			for j := range k.probes {
				lines = append(lines, p.lead(p.reasons.marksProbe(r.name, k.name, &k.probes[j]))+p.probe(&k.probes[j], probeWidths, w-len(indent), now))
				owner = append(owner, i)
			}
		}
		tell()
		if chosen {
			lines = append(lines, caveats...)
			owner = append(owner, slices.Repeat([]int{i}, len(caveats))...)
		}
	}
	return lines, owner
}

// caveats are lines with what is different about the probes of the chosen pod.
func (p *Pane) caveats(w int) []string {
	i := slices.IndexFunc(p.rows, func(r row) bool { return r.name == p.chosen })
	if i < 0 {
		return nil
	}
	var out []string
	for _, caveat := range p.rows[i].caveats {
		mark := p.style.Glyphs.Info + " "
		for _, line := range widget.Wrap(widget.Clean(caveat.In(p.lang)), max(w-len(indent)-2, 1)) {
			out = append(out, indent+p.style.Info.Render(mark)+p.style.Muted.Render(line))
			mark = "  "
		}
	}
	return out
}

// The titles are kubectl's own in both languages, so that the pane reads like the command's output.
func (p *Pane) columns() []widget.Column {
	return []widget.Column{
		{Title: "", Min: 1},
		{Title: "NAME", Min: 14, Shrink: true},
		{Title: "READY"},
		{Title: "STATUS", Min: 7},
		{Title: "RESTARTS", Drop: 1},
		{Title: "AGE", Drop: 2},
	}
}

func (p *Pane) readyCell(r *row) string {
	if r.isReady {
		return p.style.Glyphs.OK + " " + r.ready
	}
	return p.style.Glyphs.Fail + " " + r.ready
}

// paint styles the cells of a pod's row in place.
func (p *Pane) paint(cells []string, r *row, chosen bool, now time.Time) {
	name := p.style.Text
	if chosen {
		name = p.style.Selected
		cells[0] = p.style.Key.Render(p.style.Glyphs.Chosen)
	}
	ready := p.style.Bad
	if r.isReady {
		ready = p.style.Good
	}
	changed := func(column string, otherwise lipgloss.Style) lipgloss.Style {
		if st, recent := p.style.Changed(p.changes.Age(r.uid+"/"+column, now)); recent {
			return st
		}
		return otherwise
	}
	cells[1] = name.Render(cells[1])
	cells[2] = changed("ready", ready).Render(cells[2])
	cells[3] = changed("status", p.mood(r.mood)).Render(cells[3])
	cells[4] = changed("restarts", p.style.Text).Render(cells[4])
	cells[5] = p.style.Muted.Render(cells[5])
}

func (p *Pane) mood(m mood) lipgloss.Style {
	switch m {
	case good:
		return p.style.Good
	case waiting:
		return p.style.Warn
	default:
		return p.style.Bad
	}
}

// container draws a container's state; while it is being killed, the time that it has left.
func (p *Pane) container(c *containerRow, now time.Time) string {
	g := p.style.Glyphs
	name := p.style.Muted.Render(lab.T("컨테이너 ", "container ").In(p.lang)) + p.style.Text.Render(c.name) + "  "
	if c.standIn != "" {
		name += p.style.Warn.Render(lab.Textf("%s 이미지의 대역", "stand-in for %s", c.standIn).In(p.lang)) + "  "
	}
	if c.grace != nil {
		left := widget.Remaining(c.grace.Until, now)
		text := lab.Textf("%s SIGTERM 보냄, SIGKILL까지 %d초", "%s SIGTERM sent, SIGKILL in %d s", g.Hold, left).In(p.lang)
		whole := max(int(c.grace.Until.Sub(c.grace.Since)/time.Second), 1)
		bar := widget.Bar([]widget.Part{
			{Count: min(left, whole), Mark: widget.Mark{Glyph: g.Full, Style: p.style.Bad}},
			{Count: max(whole-left, 0), Mark: widget.Mark{Glyph: g.Empty, Style: p.style.Muted}},
		}, 10)
		return name + p.style.Alarm.Render(" "+text+" ") + " " + bar
	}
	last := ""
	if c.last != nil {
		last = p.style.Muted.Render(lab.Textf("  이전 실행: %s, 종료 코드 %d", "  last run: %s, exit code %d",
			c.last.Reason, c.last.ExitCode).In(p.lang))
	}
	switch c.state {
	case lab.Running:
		text := lab.T("실행 중", "running").In(p.lang)
		if !c.since.IsZero() {
			text += " " + duration.HumanDuration(max(now.Sub(c.since), 0))
		}
		if !c.started {
			text += lab.T(", 스타트업 판정 전", ", not started yet").In(p.lang)
		}
		return name + p.style.Text.Render(text) + last
	case lab.Terminated:
		return name + p.style.Bad.Render(g.Fail+" "+lab.T("종료됨 ", "terminated ").In(p.lang)+c.reason) + last
	default:
		return name + p.style.Warn.Render(g.Wait+" "+lab.T("대기 중 ", "waiting ").In(p.lang)+c.reason) + last
	}
}

func (p *Pane) probeColumns() []widget.Column {
	return []widget.Column{
		{},
		{Min: 10, Max: strips, Shrink: true},
		{},
		{},
		{Drop: 2},
		{Drop: 3},
	}
}

// probeWidths makes the columns of all probes of all pods line up.
func (p *Pane) probeWidths(w int, now time.Time) []int {
	var all []*probeRow
	for i := range p.rows {
		for c := range p.rows[i].containers {
			for j := range p.rows[i].containers[c].probes {
				if probe := &p.rows[i].containers[c].probes[j]; probe.unavailable.IsZero() {
					all = append(all, probe)
				}
			}
		}
	}
	return widget.Widths(p.probeColumns(), len(all), func(i, c int) int {
		switch q := all[i]; c {
		case 0:
			return widget.Width(lab.ProbeName(q.kind).In(p.lang))
		case 1:
			return len(p.marks(q))
		case 2:
			return widget.Width(p.count(q))
		case 3:
			word, _ := p.verdict(q, now)
			return widget.Width(word)
		case 4:
			return widget.Width(p.next(q, now))
		default:
			return widget.Width(p.kubelet(q))
		}
	}, w-len(indent))
}

func (p *Pane) probe(q *probeRow, widths []int, w int, now time.Time) string {
	tail := p.style.Glyphs.Ellipsis
	if !q.unavailable.IsZero() {
		text := p.style.Glyphs.Unknown + " " + widget.Clean(q.unavailable.In(p.lang))
		return widget.Fit(p.style.Muted.Render(lab.ProbeName(q.kind).In(p.lang)+"  ")+p.style.Info.Render(text), w, tail)
	}
	outcome := p.style.Good
	switch {
	case q.fresh:
		outcome = p.style.Muted
	case q.outcome != probes.Success:
		outcome = p.style.Bad
	}
	word, verdict := p.verdict(q, now)
	next := p.style.Text
	if q.plan.Wait == probes.WaitSuccessor && !q.done() {
		next = p.style.Warn
	}
	blank := widget.Mark{Glyph: " ", Style: p.style.Muted}
	return widget.Row(p.probeColumns(), widths, tail,
		p.style.Accent.Render(lab.ProbeName(q.kind).In(p.lang)), widget.Strip(p.marks(q), widths[1], blank), outcome.Render(p.count(q)),
		verdict.Render(word), next.Render(p.next(q, now)), p.style.Muted.Render(p.kubelet(q)))
}

// marks are the attempts seen, and what is awaited: the first one, the startup probe, or a new container.
func (p *Pane) marks(q *probeRow) []widget.Mark {
	g := p.style.Glyphs
	out := make([]widget.Mark, 0, len(q.recent)+1)
	for i, o := range q.recent {
		out = append(out, rows.Attempt(&p.style, o, q.warned[i]))
	}
	switch {
	case q.done():
	case q.plan.Wait == probes.WaitSuccessor:
		out = append(out, widget.Mark{Glyph: g.Hold, Style: p.style.Warn})
	case q.plan.Wait == probes.WaitStartup:
		out = append(out, widget.Mark{Glyph: g.Todo, Style: p.style.Muted})
	case q.fresh:
		out = append(out, widget.Mark{Glyph: g.Wait, Style: p.style.Muted})
	}
	return out
}

func (p *Pane) count(q *probeRow) string {
	g := p.style.Glyphs
	switch {
	case q.fresh:
		return g.Wait + " " + strings.TrimSpace(q.count)
	case q.outcome == probes.Success:
		return g.OK + " " + q.count
	case q.outcome == probes.Failure:
		return g.Fail + " " + q.count
	default:
		return g.Unknown + " " + q.count
	}
}

func (p *Pane) verdict(q *probeRow, now time.Time) (string, lipgloss.Style) {
	word, st := lab.T("판정 전", "undecided").In(p.lang), p.style.Muted
	fresh, recent := p.style.Changed(p.changes.Age(q.key, now))
	switch q.verdict {
	case probes.Passing:
		word, st = lab.T("정상", "passing").In(p.lang), p.style.Good
		switch {
		case q.fresh: // nobody has asked the container yet
			return lab.T("정상(초깃값)", "passing (by default)").In(p.lang), p.style.Muted
		case recent && q.recovered:
			word = lab.T("회복됨", "recovered").In(p.lang)
		}
	case probes.Failing:
		if q.fresh {
			return lab.T("실패(초깃값)", "failing (by default)").In(p.lang), p.style.Muted
		}
		word, st = lab.T("실패", "failing").In(p.lang), p.style.Bad
	case probes.Undecided:
	}
	if recent {
		st = fresh
	}
	return word, st
}

// next says what the probe does next: when its next attempt comes, or what it waits for.
func (p *Pane) next(q *probeRow, now time.Time) string {
	g := p.style.Glyphs
	left := widget.Remaining(q.plan.Next, now)
	switch {
	case q.done():
		return g.OK + " " + lab.T("끝남", "done").In(p.lang)
	case q.plan.Wait == probes.WaitSuccessor:
		return g.Hold + " " + lab.T("보류", "on hold").In(p.lang)
	case q.plan.Wait == probes.WaitStartup:
		return g.Todo + " " + lab.T("스타트업 대기", "waits for startup").In(p.lang)
	case q.plan.Next.IsZero(): // the container does not run, as its own line says
		return ""
	case left == 0:
		return g.Running + " " + lab.T("시도 중", "under way").In(p.lang)
	case q.fresh:
		return g.Wait + " " + lab.Textf("첫 시도 %d초", "first in %d s", left).In(p.lang)
	default:
		return lab.Textf("다음 시도 %d초", "next in %d s", left).In(p.lang)
	}
}

func (p *Pane) kubelet(q *probeRow) string {
	if q.kubelet == 0 {
		return ""
	}
	return lab.Textf("kubelet 보고 %s %d회", "kubelet reported %s x%d", p.style.Glyphs.Fail, q.kubelet).In(p.lang)
}
