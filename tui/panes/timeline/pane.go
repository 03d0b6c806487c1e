package timeline

import (
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/timeline"
	"healthlab/tui/chart"
	"healthlab/tui/theme"
	"healthlab/tui/widget"
)

// Pane shows a timeline.
type Pane struct {
	frame  widget.Frame
	style  theme.Style
	lang   lab.Lang
	chart  *chart.Chart
	view   *timeline.View
	chosen string // name of a pod
	marks  []chart.Mark

	// What is in sight.
	axis   chart.Axis
	zoomed bool          // the step is the user's
	paused bool          // the axis stays where it is
	cursor time.Time     // zero if there is none
	all    bool          // pods of the deployment
	lanes  widget.Scroll // lanes
	now    time.Time     // on the axis, when it was drawn last
}

// New returns a pane of an empty timeline.
func New() *Pane { return &Pane{view: &timeline.View{}} }

// Title returns the pane's title.
func (p *Pane) Title(l lab.Lang) string {
	title := lab.T("타임라인", "Timeline")
	switch {
	case p.paused:
		title = lab.T("타임라인 (멈춤, G로 이어 보기)", "Timeline (paused, G follows)")
	case p.all:
		title = lab.T("타임라인: 모든 파드", "Timeline: all pods")
	}
	return title.In(l)
}

// SetSize sets the size in cells.
func (p *Pane) SetSize(w, h int) { p.frame.Resize(w, h) }

// SetStyle sets theme and language.
func (p *Pane) SetStyle(s theme.Style, l lab.Lang) {
	p.style, p.lang = s, l
	p.chart = chart.New(&p.style, l)
	p.frame.Invalidate()
}

// SetSnapshot takes over which pod is chosen.
func (p *Pane) SetSnapshot(s *lab.Snapshot) {
	if s.ChosenPod != p.chosen {
		p.chosen = s.ChosenPod
		p.frame.Invalidate()
	}
}

// SetTimeline takes over what has happened.
func (p *Pane) SetTimeline(v *timeline.View) {
	if v == nil || v == p.view {
		return
	}
	p.view = v
	p.frame.Invalidate()
}

// Empty reports whether there is nothing to show.
func (p *Pane) Empty() bool { return len(p.view.Pods) == 0 }

// Animated reports whether something on the screen changes with time.
func (p *Pane) Animated() bool { return p.frame.Ticking() }

// View draws the pane.
func (p *Pane) View(now time.Time) string {
	return p.frame.Draw(now, p.style.Glyphs.Ellipsis, func(w, h int) ([]string, bool) { return p.draw(w, h, now) })
}

func (p *Pane) draw(w, h int, now time.Time) ([]string, bool) {
	pod := chart.Pod(p.view, p.chosen)
	if pod == nil {
		return []string{p.style.Placeholder.Render(lab.T("파드가 생기면 그때부터 시간 순서로 보입니다.", "Once there is a pod, what it does shows here over time.").In(p.lang))}, false
	}
	p.now = chart.Now(p.view, now)
	p.follow(pod, chart.Cells(w))
	picture := chart.Picture{View: p.view, Now: p.now, Axis: p.axis, Pods: p.pods(pod), Cursor: p.cursor, Marks: p.marks}
	lines := p.head(picture, pod, h)
	room := max(h-len(lines), 0)
	from, _ := p.lanes.Window()
	picture.Skip = from
	drawn, lanes := p.chart.Lines(picture, w, room)
	p.lanes.Fit(lanes, max(room-1, 0))
	if again, _ := p.lanes.Window(); again != from {
		picture.Skip = again
		drawn, _ = p.chart.Lines(picture, w, room)
	}
	return append(lines, drawn...), true
}

// follow moves the axis on with now, unless it is paused, and chooses its step, unless the user has.
func (p *Pane) follow(pod *timeline.Pod, cells int) {
	step := p.axis.Step
	if !p.zoomed {
		step = chart.StepFor(p.view, pod, p.now, cells)
	}
	if p.paused {
		p.axis.Cells = cells
		return
	}
	if step != p.axis.Step || cells != p.axis.Cells {
		p.axis = chart.Axis{Step: step, Cells: cells} // where nothing is in sight: the axis goes to where now is
	}
	p.axis = p.axis.Following(p.view.From, p.now, chart.Horizon(p.view, pod))
}

// pods are those whose lanes are shown.
func (p *Pane) pods(pod *timeline.Pod) []*timeline.Pod {
	if !p.all {
		return []*timeline.Pod{pod}
	}
	pods := slices.DeleteFunc(chart.Siblings(p.view, pod), func(other *timeline.Pod) bool {
		return other != pod && !other.Gone.IsZero() && other.Gone.Before(p.axis.Left)
	})
	return pods
}

// head is what is said above the picture, if it is high enough: what is under the cursor, or else what is to come or has come.
func (p *Pane) head(picture chart.Picture, pod *timeline.Pod, h int) []string {
	const one, two = 4, 9 // from so many lines on there is one, and a second for what is under the cursor
	if h < one {
		return nil
	}
	if !p.cursor.IsZero() {
		state, attempts := p.chart.Sight(picture, pod, p.cursor)
		lines := []string{p.style.Accent.Render(p.style.Glyphs.Chosen+" ") + p.style.Text.Render(state)}
		if h >= two && attempts != "" {
			lines = append(lines, "  "+p.style.Text.Render(attempts))
		}
		return lines
	}
	said, urgent := chart.Outlook(p.view, pod, p.now)
	name, hint := widget.Clean(pod.Name), lab.T("장애를 일으키면 무엇이 언제 일어날지 여기에 먼저 보입니다.",
		"Break something to see what will follow, and when.")
	if !pod.Gone.IsZero() {
		name, hint = name+lab.T(" (삭제됨)", " (deleted)").In(p.lang), lab.Text{}
	}
	glyph, style := p.style.Glyphs.Info, p.style.Info
	switch {
	case said.IsZero():
		return []string{p.style.Strong.Render(name) + p.style.Muted.Render("  "+hint.In(p.lang))}
	case urgent:
		glyph, style = p.style.Glyphs.Pointer, p.style.Warn.Bold(true)
	}
	w, _ := p.frame.Size()
	lines := widget.Wrap(said.In(p.lang), max(w-2, 1))
	if len(lines) > max(h/4, 1) { // the lanes say the same
		lines = []string{said.In(p.lang)}
	}
	for i, line := range lines {
		lines[i] = style.Render(glyph + " " + line)
		glyph = " "
	}
	last := len(lines) - 1
	if named := lines[last] + p.style.Muted.Render("  "+name); widget.Width(named) <= w {
		lines[last] = named
	}
	return lines
}

// HandleKey moves the axis and the cursor.
func (p *Pane) HandleKey(msg tea.KeyPressMsg) (lab.Action, bool) {
	if p.axis.Step <= 0 { // nothing is drawn yet
		return nil, false
	}
	switch msg.String() {
	case "<", "shift+left":
		p.moveCursor(-1)
	case ">", "shift+right":
		p.moveCursor(1)
	case "[":
		p.jump(-1)
	case "]":
		p.jump(1)
	case "{":
		p.zoom(-1)
	case "}":
		p.zoom(1)
	case "*":
		p.all = !p.all
	case "pgup", "ctrl+u":
		p.scroll(-p.axis.Cells / 2)
	case "pgdown", "ctrl+d":
		p.scroll(p.axis.Cells / 2)
	case "home", "g":
		p.paused, p.axis.Left = true, p.view.From
		p.axis = p.axis.Aligned()
	case "end", "G":
		p.resume()
	case "esc":
		if p.cursor.IsZero() && !p.paused {
			return nil, false
		}
		p.resume()
	case "j", "down":
		p.lanes.By(1)
	case "k", "up":
		p.lanes.By(-1)
	default:
		return nil, false
	}
	p.frame.Invalidate()
	return nil, true
}

// resume follows now again, without a cursor.
func (p *Pane) resume() {
	p.paused, p.cursor = false, time.Time{}
	p.axis.Cells = 0
}

// moveCursor moves it by so many cells; the first time, it begins at now.
func (p *Pane) moveCursor(n int) {
	at := p.axis.Cell(p.now)
	if !p.cursor.IsZero() {
		at = p.axis.Cell(p.cursor) + n
	}
	p.point(p.axis.At(at))
}

// point sets the cursor, and moves the axis so that it is seen.
func (p *Pane) point(t time.Time) {
	const behind = 24 * time.Hour
	if t.Before(p.view.From.Add(-p.axis.Step)) || t.After(p.now.Add(behind)) {
		return
	}
	p.cursor = p.axis.At(p.axis.Cell(t))
	p.paused = true
	switch x := p.axis.Cell(p.cursor); {
	case x < 0:
		p.scroll(x - p.axis.Cells/4)
	case x >= p.axis.Cells:
		p.scroll(x - p.axis.Cells + p.axis.Cells/4)
	}
}

// jump sets the cursor to the next thing that was done or came about, before it or behind it.
func (p *Pane) jump(n int) {
	from := p.cursor
	if from.IsZero() {
		from = p.now.Add(p.axis.Step)
	}
	pod := chart.Pod(p.view, p.chosen)
	if pod == nil {
		return
	}
	marks := chart.Marks(p.view, p.pods(pod))
	if n < 0 {
		slices.Reverse(marks)
	}
	for _, m := range marks {
		if x, at := p.axis.Cell(m), p.axis.Cell(from); n < 0 && x < at || n > 0 && x > at {
			p.point(m)
			return
		}
	}
}

// zoom makes what a cell stands for smaller or bigger. What is in the middle, or under the cursor, stays in sight.
func (p *Pane) zoom(n int) {
	keep := p.axis.At(p.axis.Cells / 2)
	if !p.cursor.IsZero() {
		keep = p.cursor
	}
	p.axis.Step = chart.Finer(p.axis.Step, n)
	pod := chart.Pod(p.view, p.chosen)
	p.zoomed = pod == nil || p.axis.Step != chart.StepFor(p.view, pod, p.now, p.axis.Cells)
	if p.paused {
		p.axis = p.axis.Around(keep)
		if !p.cursor.IsZero() {
			p.cursor = p.axis.At(p.axis.Cell(p.cursor))
		}
		return
	}
	p.axis.Left = time.Time{}
}

// scroll moves the axis by about so many cells, no further than there is something.
func (p *Pane) scroll(n int) {
	p.paused = true
	left := p.axis.At(n)
	if last := p.now.Add(time.Minute); left.After(last) {
		left = last
	}
	if left.Before(p.view.From) {
		left = p.view.From
	}
	p.axis.Left = left
	p.axis = p.axis.Aligned()
}

// ScrollBy goes back in time, or forth, by n turns of the mouse wheel's lines.
func (p *Pane) ScrollBy(n int) {
	if p.axis.Step > 0 {
		p.scroll(n * 2)
		p.frame.Invalidate()
	}
}

// Click sets the cursor.
func (p *Pane) Click(x, _ int) lab.Action {
	w, _ := p.frame.Size()
	if at := x - chart.LabelWidth(w) - 1; p.axis.Step > 0 && p.axis.Has(at) {
		p.point(p.axis.At(at))
		p.frame.Invalidate()
	}
	return nil
}

// Keys returns the pane's own keys.
func (p *Pane) Keys() []key.Binding {
	binding := func(shown string, what lab.Text, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, what.In(p.lang)))
	}
	return []key.Binding{
		binding("< >", lab.T("시각을 짚어 그때의 상태를 읽는다", "point at a time and read what was then"), "<", ">", "shift+left", "shift+right"),
		binding("[ ]", lab.T("앞이나 뒤의 장애, 일어난 일로 간다", "go to the fault or effect before or after"), "[", "]"),
		binding("{ }", lab.T("시간을 좁게 또는 넓게 본다", "see less time, or more"), "{", "}"),
		binding("PgUp/PgDn", lab.T("지난 때와 나중을 본다", "see earlier and later times"), "pgup", "pgdown", "ctrl+u", "ctrl+d"),
		binding("g/G", lab.T("처음으로, 지금을 이어 보기", "to the start, follow now"), "g", "G", "home", "end"),
		binding("*", lab.T("고른 파드만, 또는 디플로이먼트의 모든 파드", "the chosen pod, or all of its deployment"), "*"),
		binding("j/k", lab.T("줄을 스크롤한다", "scroll the lanes"), "j", "k", "down", "up"),
	}
}
