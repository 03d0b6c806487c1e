package probelog

import (
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"k8s.io/apimachinery/pkg/util/duration"

	"healthlab/lab"
	"healthlab/lab/cause"
	"healthlab/lab/course"
	"healthlab/probes"
	"healthlab/tui/rows"
	"healthlab/tui/theme"
	"healthlab/tui/widget"
)

// Pane shows the attempts at probes.
type Pane struct {
	widget.Scrolled

	style     theme.Style
	lang      lab.Lang
	attempts  []lab.Attempt
	witnesses []witness
	marked    *cause.AttemptRef // that a cause rests on; nil for none
}

// New returns an empty pane.
func New() *Pane { return &Pane{Scrolled: widget.Scrolled{Scroll: widget.NewScroll(true)}} }

// Title returns the pane's title.
func (p *Pane) Title(l lab.Lang) string {
	return rows.Title(lab.T("프로브 기록", "Probe log"), &p.Scroll).In(l)
}

// SetStyle sets theme and language.
func (p *Pane) SetStyle(s theme.Style, l lab.Lang) {
	p.style, p.lang = s, l
	p.Frame.Invalidate()
}

// SetSnapshot takes over the attempts, and what the kubelet reported.
func (p *Pane) SetSnapshot(s *lab.Snapshot) {
	if !slices.Equal(p.attempts, s.Attempts) {
		p.Scroll.Dropped(widget.Dropped(p.attempts, s.Attempts))
		p.attempts = s.Attempts
		p.Frame.Invalidate()
	}
	if w := witnesses(s.Pods); !slices.Equal(p.witnesses, w) {
		p.witnesses = w
		p.Frame.Invalidate()
	}
}

// Empty reports whether no probe was attempted.
func (p *Pane) Empty() bool { return len(p.attempts) == 0 && len(p.witnesses) == 0 }

// View draws the pane.
func (p *Pane) View(now time.Time) string {
	return p.Frame.Draw(now, p.style.Glyphs.Ellipsis, func(w, h int) ([]string, bool) { return p.draw(w, h, now) })
}

func (p *Pane) draw(w, h int, now time.Time) ([]string, bool) {
	if len(p.attempts) == 0 && len(p.witnesses) == 0 {
		return []string{p.style.Placeholder.Render(lab.T(
			"아직 프로브를 실행하지 않았습니다.", "No probe has run yet.").In(p.lang))}, false
	}
	room := h / 3
	if len(p.attempts) == 0 {
		room = h
	}
	footer := p.footer(room, now)
	h -= len(footer)
	var lines []string
	titled := h >= 3 && len(p.attempts) > 0
	if titled {
		h--
	}
	from, to := p.Window(len(p.attempts), h)
	visible := attemptRows(p.attempts[from:to])
	columns := p.columns()
	cells := make([][]string, len(visible))
	for i, r := range visible {
		cells[i] = []string{
			r.clock, r.pod, r.container, r.kind, r.by, r.mechanism, p.outcome(r), r.own, r.way, r.count, "",
		}
	}
	widths := widget.Widths(columns, len(cells), func(i, c int) int { return widget.Width(cells[i][c]) }, w)
	message := len(columns) - 1
	tail := p.style.Glyphs.Ellipsis
	if titled {
		lines = append(lines, p.style.Header.Render(widget.Titles(columns, widths, tail)))
	}
	fading := false
	for i, r := range visible {
		cells[i][1], cells[i][message] = widget.Middle(r.pod, widths[1], tail), p.message(r, widths[message])
		recent := p.paint(cells[i], r, now, p.isMarked(p.attempts[from+i]))
		fading = fading || recent
		lines = append(lines, widget.Row(columns, widths, tail, cells[i]...))
	}
	for len(lines) < h && len(footer) > 0 {
		lines = append(lines, "")
	}
	return append(lines, footer...), fading || len(footer) > 0
}

// columns tells whose attempts they are (above the messages, where they are all of one), tells what the app took apart from what
// the way through the API server added, and leaves out what matters least where there is little room: the pod and the kind, if
// there is not enough room, where they are the same in all attempts.
func (p *Pane) columns() []widget.Column {
	pod := widget.Column{Title: lab.T("파드", "POD").In(p.lang), Min: 10, Shrink: true, Drop: 3}
	message := 18 // whose attempt it was says more than the end of a message
	if same(p.attempts, func(a lab.Attempt) string { return a.Pod }) {
		pod.Drop, message = 9, 30
	}
	kind := widget.Column{Title: lab.T("종류", "KIND").In(p.lang)}
	if same(p.attempts, func(a lab.Attempt) string { return string(a.Key.Kind) }) {
		kind.Drop = 5
	}
	by := widget.Column{Title: lab.T("누가", "BY").In(p.lang)}
	way := widget.Column{Title: lab.T("+경로", "+WAY").In(p.lang), Right: true, Drop: 6}
	text := lab.T("메시지", "MESSAGE")
	if same(p.attempts, func(a lab.Attempt) string { return string(a.Witness) }) && len(p.attempts) > 0 {
		text = lab.T("메시지 (healthlab)", "MESSAGE (healthlab)")
		if p.attempts[0].Witness == lab.Kubelet {
			text = lab.T("메시지 (kubelet)", "MESSAGE (kubelet)")
			way.Hide = true // it is there
		}
		by.Hide = true
	}
	return []widget.Column{
		{Title: lab.T("시각", "TIME").In(p.lang), Min: 8, Drop: 1},
		pod,
		{Title: lab.T("컨테이너", "CONTAINER").In(p.lang), Max: 20, Drop: 8},
		kind,
		by,
		{Title: lab.T("방식", "VIA").In(p.lang), Drop: 7},
		{Title: lab.T("결과", "OUTCOME").In(p.lang)},
		{Title: lab.T("앱", "APP").In(p.lang), Right: true, Drop: 4},
		way,
		{Title: lab.T("연속", "COUNT").In(p.lang), Right: true},
		{Title: text.In(p.lang), Min: message, Flex: true, Drop: 2},
	}
}

func (p *Pane) outcome(r row) string {
	g := p.style.Glyphs
	switch {
	case r.outcome == probes.Success && r.warning:
		return g.Warn + " " + lab.T("성공(경고)", "warning").In(p.lang)
	case r.outcome == probes.Success:
		return g.OK + " " + lab.OutcomeWords(r.outcome).In(p.lang)
	case r.outcome == probes.Failure:
		return g.Fail + " " + lab.OutcomeWords(r.outcome).In(p.lang)
	default:
		return g.Unknown + " " + lab.OutcomeWords(r.outcome).In(p.lang)
	}
}

// message is what was answered and what it led to, in w cells: in full, otherwise the reason alone comes first.
func (p *Pane) message(r row, w int) string {
	note := ""
	switch {
	case r.changed && r.verdict == probes.Passing:
		note = lab.T("판정: 정상", "verdict: passing").In(p.lang)
	case r.changed && r.verdict == probes.Failing:
		note = lab.T("판정: 실패", "verdict: failing").In(p.lang)
	}
	if r.unsure {
		note = lab.T("경로가 느려서 판단할 수 없음", "connection too slow to tell").In(p.lang)
	}
	if r.onHold {
		hold := p.style.Glyphs.Hold + " " + lab.T("새 컨테이너를 기다림", "waiting for a new container").In(p.lang)
		if note != "" {
			hold = note + ", " + hold
		}
		note = hold
	}
	with := func(message string) string {
		if note == "" || message == "" {
			return note + message
		}
		return message + " | " + note
	}
	if full := with(r.message); widget.Width(full) <= w {
		return full
	}
	return with(course.Gist(r.message))
}

// paint styles the cells of r in place and reports whether the row still stands out for being new.
func (p *Pane) paint(cells []string, r row, now time.Time, marked bool) bool {
	kind := p.outcomeStyle(r)
	clock, recent := p.style.Changed(now.Sub(r.at))
	if !recent {
		clock = p.style.Muted
	}
	message := p.style.Muted
	if r.changed {
		message = p.style.Strong
	}
	if marked {
		clock, kind = p.style.Selected, p.style.Selected
	}
	styles := []lipgloss.Style{
		clock, p.style.Text, p.style.Muted, p.style.Text, p.style.Muted, p.style.Muted, kind, p.style.Text, p.style.Muted, kind, message,
	}
	for i, st := range styles {
		cells[i] = st.Render(cells[i])
	}
	return recent
}

func (p *Pane) outcomeStyle(r row) lipgloss.Style {
	switch {
	case r.warning:
		return p.style.Warn
	case r.outcome == probes.Success:
		return p.style.Good
	case r.outcome == probes.Failure:
		return p.style.Bad
	default:
		return p.style.Info
	}
}

// footer sets beside each other what healthlab and the kubelet saw of each probe that failed, the latest last, in at
// most n lines; of a probe that healthlab cannot run, what the kubelet reports.
func (p *Pane) footer(n int, now time.Time) []string {
	shown := slices.Clone(p.witnesses)
	slices.SortStableFunc(shown, func(a, b witness) int { return a.last.Compare(b.last) })
	shown = shown[max(len(shown)-max(n, 0), 0):]
	var lines []string
	for _, w := range shown {
		if !w.blind.IsZero() {
			lines = append(lines, p.blind(w, now))
			continue
		}
		head := lab.Textf("kubelet: %s, healthlab: %d회", "kubelet: %s, healthlab: x%d", p.reported(w, now), w.seen).In(p.lang)
		lines = append(lines, p.style.Warn.Render(p.style.Glyphs.Warn+" "+head)+
			p.style.Muted.Render("  "+w.pod+"  "+course.Gist(w.message)))
	}
	return lines
}

// reported is what the kubelet's events say of a probe.
func (p *Pane) reported(w witness, now time.Time) string {
	kind := lab.ProbeName(w.kind).In(p.lang)
	if w.reported == 0 {
		return kind + lab.T(" 실패 보고 없음", ": no failure reported").In(p.lang)
	}
	age := duration.HumanDuration(max(now.Sub(w.last), 0))
	return lab.Textf("%s 실패 %d회 (%s 전)", "%s failed x%d (%s ago)", kind, w.reported, age).In(p.lang)
}

// blind is what the kubelet alone tells of a probe: its events and the pod's Ready condition.
func (p *Pane) blind(w witness, now time.Time) string {
	mark, style, ready := p.style.Glyphs.Unknown, p.style.Info, "Ready=True"
	if w.reported > 0 {
		mark, style = p.style.Glyphs.Warn, p.style.Warn
	}
	if !w.ready {
		ready = "Ready=False"
	}
	if !w.readySince.IsZero() {
		ready += " " + duration.HumanDuration(max(now.Sub(w.readySince), 0))
	}
	head := lab.Textf("kubelet만: %s, %s", "kubelet only: %s, %s", p.reported(w, now), ready).In(p.lang)
	detail := widget.Clean(w.blind.In(p.lang))
	if w.message != "" {
		detail = course.Gist(w.message) + "  " + detail
	}
	return style.Render(mark+" "+head) + p.style.Muted.Render("  "+w.pod+"  "+detail)
}

func (p *Pane) isMarked(a lab.Attempt) bool {
	return p.marked != nil && a.Key == p.marked.Key && a.Start.Equal(p.marked.Start)
}

// Point marks the attempt that a cause rests on and brings it into sight. It is false if that is no attempt, or not there any
// more.
func (p *Pane) Point(ref cause.Ref) bool {
	a, ok := ref.(cause.AttemptRef)
	if !ok {
		return false
	}
	before := p.marked
	p.marked = &a
	i := slices.IndexFunc(p.attempts, p.isMarked)
	if i < 0 {
		p.marked = before
		return false
	}
	p.Reveal(i)
	return true
}

// Unmark takes the mark away and follows the newest again. It reports whether there was one.
func (p *Pane) Unmark() bool {
	if p.marked == nil {
		return false
	}
	p.marked = nil
	p.Scroll.Bottom()
	p.Frame.Invalidate()
	return true
}

// HandleKey scrolls; Esc takes the mark away.
func (p *Pane) HandleKey(msg tea.KeyPressMsg) (lab.Action, bool) {
	if msg.String() == "esc" && p.Unmark() {
		return nil, true
	}
	return nil, p.ScrollKey(msg)
}

// Keys returns the pane's own keys.
func (p *Pane) Keys() []key.Binding {
	return widget.ScrollKeys(lab.T("스크롤", "scroll").In(p.lang), lab.T("처음/이어 보기", "start/follow").In(p.lang))
}
