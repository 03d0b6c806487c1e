package events

import (
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/cause"
	"healthlab/tui/rows"
	"healthlab/tui/theme"
	"healthlab/tui/widget"
)

// An event takes two lines, so that its message can be read, in a pane that is narrower than wide but at least high.
const (
	wide = 140
	high = 8
)

// Pane shows the events of the session's namespace.
type Pane struct {
	widget.Scrolled

	style  theme.Style
	lang   lab.Lang
	events []lab.Event
	sorted []lab.Event
	marked string // UID of the event that a cause rests on; empty for none
}

// New returns an empty pane.
func New() *Pane { return &Pane{Scrolled: widget.Scrolled{Scroll: widget.NewScroll(true)}} }

// Title returns the pane's title, and whether newer events come into sight by themselves.
func (p *Pane) Title(l lab.Lang) string {
	return rows.Title(lab.T("이벤트", "Events"), &p.Scroll).In(l)
}

// SetStyle sets theme and language.
func (p *Pane) SetStyle(s theme.Style, l lab.Lang) {
	p.style, p.lang = s, l
	p.Frame.Invalidate()
}

// SetSnapshot takes over the events of s.
func (p *Pane) SetSnapshot(s *lab.Snapshot) {
	if !slices.Equal(p.events, s.Events) {
		p.events, p.sorted = s.Events, rows.Sorted(s.Events)
		p.Frame.Invalidate()
	}
}

// View draws the pane.
func (p *Pane) View(now time.Time) string {
	return p.Frame.Draw(now, p.style.Glyphs.Ellipsis, func(w, h int) ([]string, bool) { return p.draw(w, h, now) })
}

func (p *Pane) draw(w, h int, now time.Time) ([]string, bool) {
	if len(p.sorted) == 0 {
		return []string{p.style.Placeholder.Render(lab.T("아직 이벤트가 없습니다.", "No events yet.").In(p.lang))}, false
	}
	if w < wide && h >= high {
		return p.drawNarrow(w, h, now), true
	}
	titled := h >= 3
	if titled {
		h--
	}
	from, to := p.Window(len(p.sorted), h)
	visible := rows.Events(p.sorted[from:to])
	cells := make([][]string, len(visible))
	for i := range visible {
		r := &visible[i]
		cells[i] = []string{"!", r.Age(now, w < wide), r.Type, r.Reason, r.Object, r.Container, ""}
	}
	columns := p.columns(w)
	widths := widget.Widths(columns, len(visible), func(i, c int) int { return widget.Width(cells[i][c]) }, w)
	tail := p.style.Glyphs.Ellipsis
	var lines []string
	if titled {
		lines = append(lines, p.style.Header.Render(widget.Titles(columns, widths, tail)))
	}
	for i := range visible {
		lines = append(lines, p.line(&visible[i], cells[i][1], columns, widths, now, p.isMarked(from+i)))
	}
	return lines, true
}

func (p *Pane) columns(w int) []widget.Column {
	return []widget.Column{
		{Title: "", Min: 1},
		{Title: lab.T("최근", "LAST").In(p.lang), Min: 4, Max: 24},
		{Title: lab.T("유형", "TYPE").In(p.lang), Drop: 3},
		{Title: lab.T("이유", "REASON").In(p.lang), Max: 22},
		{Title: lab.T("대상", "OBJECT").In(p.lang), Min: 10, Shrink: true, Drop: 2},
		{Title: lab.T("컨테이너", "CONTAINER").In(p.lang), Drop: 4},
		{Title: lab.T("메시지", "MESSAGE").In(p.lang), Min: max(w*2/5, 20), Flex: true},
	}
}

func (p *Pane) line(r *rows.Event, age string, columns []widget.Column, widths []int, now time.Time, marked bool) string {
	glyph, kind, ageStyle := r.Styles(&p.style, now)
	if marked {
		glyph, kind = p.style.Glyphs.Chosen, p.style.Selected
	}
	return widget.Row(columns, widths, p.style.Glyphs.Ellipsis,
		kind.Render(glyph), ageStyle.Render(age), kind.Render(r.Type), kind.Render(r.Reason),
		p.style.Muted.Render(widget.Middle(r.Object, widths[4], p.style.Glyphs.Ellipsis)),
		p.style.Muted.Render(r.Container), p.style.Text.Render(r.Fitted(widths[6])))
}

// drawNarrow gives each event two lines.
func (p *Pane) drawNarrow(w, h int, now time.Time) []string {
	from, to := p.Window(len(p.sorted), max(h/2, 1))
	lines := make([]string, 0, 2*(to-from))
	for i, r := range rows.Events(p.sorted[from:to]) {
		glyph, kind, ageStyle := r.Styles(&p.style, now)
		if p.isMarked(from + i) {
			glyph, kind = p.style.Glyphs.Chosen, p.style.Selected
		}
		lines = append(lines,
			kind.Render(glyph+" "+r.Type+" "+r.Reason)+"  "+ageStyle.Render(r.Age(now, false))+"  "+p.style.Muted.Render(r.Object),
			"  "+p.style.Text.Render(r.Fitted(w-2)))
	}
	return lines
}

// isMarked reports whether event i of those in order is the one that Point was asked for.
func (p *Pane) isMarked(i int) bool { return p.marked != "" && p.sorted[i].UID == p.marked }

// Point marks the event that a cause rests on and brings it into sight. It is false if that is no event, or not there any more.
func (p *Pane) Point(ref cause.Ref) bool {
	e, ok := ref.(cause.EventRef)
	i := slices.IndexFunc(p.sorted, func(one lab.Event) bool { return one.UID == e.UID })
	if !ok || e.UID == "" || i < 0 {
		return false
	}
	p.marked = e.UID
	p.Reveal(i)
	return true
}

// HandleKey scrolls; Esc takes the mark away.
func (p *Pane) HandleKey(msg tea.KeyPressMsg) (lab.Action, bool) {
	if msg.String() == "esc" && p.marked != "" {
		p.marked = ""
		p.Frame.Invalidate()
		return nil, true
	}
	return nil, p.ScrollKey(msg)
}

// Keys returns the pane's own keys.
func (p *Pane) Keys() []key.Binding {
	return widget.ScrollKeys(lab.T("스크롤", "scroll").In(p.lang), lab.T("처음/끝", "start/end").In(p.lang))
}
