package events

import (
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"healthlab/lab"
	"healthlab/lab/cause"
	"healthlab/lab/course"
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
	pods   []lab.Pod
	list   []lab.Event // events as they are shown, the newest at the end
	each   bool        // rather than grouped
	apart  bool        // each is for the sake of the mark alone
	marked string      // UID of the event that a cause rests on; empty for none
}

// New returns an empty pane.
func New() *Pane { return &Pane{Scrolled: widget.Scrolled{Scroll: widget.NewScroll(true)}} }

// Title returns the pane's title, and whether newer events come into sight by themselves.
func (p *Pane) Title(l lab.Lang) string {
	title := lab.T("이벤트", "Events")
	if p.each {
		title = lab.T("이벤트 하나씩", "Each event")
	}
	return rows.Title(title, &p.Scroll).In(l)
}

// SetStyle sets theme and language.
func (p *Pane) SetStyle(s theme.Style, l lab.Lang) {
	p.style, p.lang = s, l
	p.Frame.Invalidate()
}

// SetSnapshot takes over the events of s.
func (p *Pane) SetSnapshot(s *lab.Snapshot) {
	p.pods = s.Pods
	if !slices.Equal(p.events, s.Events) {
		p.events = s.Events
		p.arrange()
	}
}

// arrange makes the list anew.
func (p *Pane) arrange() {
	p.list = course.Grouped(p.events)
	if p.each {
		p.list = course.Listed(p.events)
	}
	p.Frame.Invalidate()
}

// Empty reports whether there are no events.
func (p *Pane) Empty() bool { return len(p.events) == 0 }

// View draws the pane.
func (p *Pane) View(now time.Time) string {
	return p.Frame.Draw(now, p.style.Glyphs.Ellipsis, func(w, h int) ([]string, bool) { return p.draw(w, h, now) })
}

func (p *Pane) draw(w, h int, now time.Time) ([]string, bool) {
	if len(p.list) == 0 {
		return []string{p.style.Placeholder.Render(lab.T("아직 이벤트가 없습니다.", "No events yet.").In(p.lang))}, false
	}
	if w < wide && h >= high {
		visible, folded := p.visible(h, 2)
		return append(folded.draw(p, now), p.twoLines(visible, w, now)...), true
	}
	var lines []string
	titled := h >= 3
	if titled {
		h--
	}
	visible, folded := p.visible(h, 1)
	cells := make([][]string, len(visible))
	for i := range visible {
		r := &visible[i]
		cells[i] = []string{"!", r.Age(now, w < wide), r.Type, r.Reason, r.Object, r.Container, ""}
	}
	columns := p.columns(w)
	widths := widget.Widths(columns, len(visible), func(i, c int) int { return widget.Width(cells[i][c]) }, w)
	if titled {
		lines = append(lines, p.style.Header.Render(widget.Titles(columns, widths, p.style.Glyphs.Ellipsis)))
	}
	lines = append(lines, folded.draw(p, now)...)
	for i := range visible {
		lines = append(lines, p.line(&visible[i], cells[i][1], columns, widths, now))
	}
	return lines, true
}

// folded are the events that have one line together, for want of room.
type folded []lab.Event

// visible returns what h lines show, each event on so many of them. Who scrolls sees one part of the list after the other. As
// long as the newest are followed, grouped events that tell a cause hold their place, and what there is no room for is folded.
func (p *Pane) visible(h, each int) ([]rows.Event, folded) {
	room := max(h/each, 1)
	from, to := p.Window(len(p.list), room)
	if p.each || p.marked != "" || room < 2 || len(p.list) <= room || !p.Scroll.Following() {
		return rows.Events(p.list[from:to]), nil
	}
	shown, rest := course.InSight(p.list, p.pods, (h-1)/each)
	return rows.Events(shown), rest
}

// draw returns the line of what was folded, if anything was: how long ago the newest was seen, and the reasons.
func (f folded) draw(p *Pane, now time.Time) []string {
	if len(f) == 0 {
		return nil
	}
	newest := rows.Events(f[len(f)-1:])[0]
	newest.Count = 1
	_, _, age := newest.Styles(&p.style, now)
	glyph := p.style.Muted.Render(p.style.Glyphs.Info)
	if slices.ContainsFunc(f, func(e lab.Event) bool { return e.Type == "Warning" }) {
		glyph = p.style.Warn.Render(p.style.Glyphs.Warn)
	}
	reasons := widget.Clean(course.Reasons(f))
	return []string{glyph + "  " + age.Render(newest.Age(now, true)) + "  " +
		p.style.Muted.Render(lab.Textf("그 밖에: %s", "others: %s", reasons).In(p.lang))}
}

func (p *Pane) columns(w int) []widget.Column {
	return []widget.Column{
		{Title: "", Min: 1},
		{Title: lab.T("최근", "LAST").In(p.lang), Min: 4, Max: 24},
		{Title: lab.T("유형", "TYPE").In(p.lang), Drop: 3},
		{Title: lab.T("이유", "REASON").In(p.lang), Max: 22},
		{Title: lab.T("대상", "OBJECT").In(p.lang), Min: 12, Shrink: true, Drop: 2},
		{Title: lab.T("컨테이너", "CONTAINER").In(p.lang), Drop: 4},
		{Title: lab.T("메시지", "MESSAGE").In(p.lang), Min: max(w*2/5, 20), Flex: true},
	}
}

func (p *Pane) line(r *rows.Event, age string, columns []widget.Column, widths []int, now time.Time) string {
	glyph, kind, ageStyle := p.styles(r, now)
	return widget.Row(columns, widths, p.style.Glyphs.Ellipsis,
		kind.Render(glyph), ageStyle.Render(age), kind.Render(r.Type), kind.Render(r.Reason),
		p.style.Muted.Render(widget.Middle(r.Object, widths[4], p.style.Glyphs.Ellipsis)),
		p.style.Muted.Render(r.Container), p.style.Text.Render(r.Fitted(widths[6])))
}

// twoLines gives each event two lines.
func (p *Pane) twoLines(visible []rows.Event, w int, now time.Time) []string {
	lines := make([]string, 0, 2*len(visible))
	for _, r := range visible {
		glyph, kind, ageStyle := p.styles(&r, now)
		lines = append(lines,
			kind.Render(glyph+" "+r.Type+" "+r.Reason)+"  "+ageStyle.Render(r.Age(now, false))+"  "+p.style.Muted.Render(r.Object),
			"  "+p.style.Text.Render(r.Fitted(w-2)))
	}
	return lines
}

// styles are those of an event; the one that is marked stands out.
func (p *Pane) styles(r *rows.Event, now time.Time) (glyph string, kind, age lipgloss.Style) {
	glyph, kind, age = r.Styles(&p.style, now)
	if p.marked != "" && r.UID == p.marked {
		glyph, kind = p.style.Glyphs.Chosen, p.style.Selected
	}
	return glyph, kind, age
}

// Point marks the event that a cause rests on and brings it into sight. It is false if that is no event, or not there any more.
func (p *Pane) Point(ref cause.Ref) bool {
	e, ok := ref.(cause.EventRef)
	of := func(one lab.Event) bool { return one.UID == e.UID }
	if !ok || e.UID == "" || !slices.ContainsFunc(p.events, of) {
		return false
	}
	if !slices.ContainsFunc(p.list, of) { // it is one of a group
		p.each, p.apart = true, true
		p.arrange()
	}
	p.marked = e.UID
	p.Reveal(slices.IndexFunc(p.list, of))
	return true
}

// Unmark takes the mark away and follows the newest again, in groups if it was for the mark that they were taken apart. It reports
// whether there was a mark.
func (p *Pane) Unmark() bool {
	if p.marked == "" {
		return false
	}
	if p.apart {
		p.each, p.apart = false, false
	}
	p.marked = ""
	p.Scroll.Bottom()
	p.arrange()
	p.Frame.Invalidate()
	return true
}

// HandleKey scrolls, and switches between groups and single events. Esc takes the mark away.
func (p *Pane) HandleKey(msg tea.KeyPressMsg) (lab.Action, bool) {
	if msg.String() == "esc" && p.Unmark() {
		return nil, true
	}
	if msg.String() == "space" {
		p.each, p.apart = !p.each, false
		p.Scroll.Bottom()
		p.arrange()
		return nil, true
	}
	return nil, p.ScrollKey(msg)
}

// Keys returns the pane's own keys.
func (p *Pane) Keys() []key.Binding {
	each := lab.T("하나씩 보기와 모아 보기를 바꾼다", "switch between each event and groups")
	return append(
		widget.ScrollKeys(lab.T("스크롤", "scroll").In(p.lang), lab.T("처음/끝", "start/end").In(p.lang)),
		key.NewBinding(key.WithKeys("space"), key.WithHelp("Space", each.In(p.lang))),
	)
}
