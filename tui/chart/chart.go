package chart

import (
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/lab/timeline"
	"healthlab/tui/rows"
	"healthlab/tui/theme"
	"healthlab/tui/widget"
)

// Chart draws in a theme and a language.
type Chart struct {
	style *theme.Style
	lang  lab.Lang
	pens  *pens
	glyph theme.Axis
	big   bool // failures are tiles
	mute  bool // nothing is written
}

// New returns a Chart.
func New(s *theme.Style, l lab.Lang) *Chart {
	return &Chart{style: s, lang: l, pens: newPens(s), glyph: s.Glyphs.Axis}
}

// Picture is what is to be drawn.
type Picture struct {
	View *timeline.View
	Now  time.Time // on the axis of View
	Axis Axis
	Pods []*timeline.Pod // whose lanes are drawn, one below the other
	// Marks are when the user expected something.
	Marks []Mark
	// Cursor is a time that stands out; none if it is zero.
	Cursor time.Time
	// Skip is how many lanes are left out at the top, for want of room.
	Skip int
}

// LabelWidth is how many cells the names of lanes take in a picture of w cells; the axis has what is left after one more.
func LabelWidth(w int) int {
	const least, most, part = 11, 19, 6
	return min(max(w/part, least), most, max(w-1, 0))
}

// Cells is how many cells an axis has in a picture of w cells.
func Cells(w int) int { return max(w-LabelWidth(w)-1, 0) }

// Lines draws h lines of w cells: the axis and below it as many lanes as there is room for. Where it is scarce, what is
// expected comes together on one line, and the two witnesses of a probe. lanes is how many there are below the axis in all.
func (c *Chart) Lines(p Picture, w, h int) (lines []string, lanes int) {
	if w <= 0 || h <= 0 {
		return nil, 0
	}
	p.Axis.Cells = Cells(w)
	room := h - 1
	all := c.lanes(p, lavish)
	for d := lavish; len(all) > room && d < dense && len(p.Pods) == 1; d++ {
		all = c.lanes(p, d+1)
	}
	first := min(max(p.Skip, 0), max(len(all)-room, 0))
	axis := c.axisLane(p)
	if first+room < len(all) {
		for i, name := range axis.label {
			axis.label[i] = name + " " + c.style.Glyphs.Down
		}
	}
	lines = append(make([]string, 0, h), c.line(p, axis, w))
	for _, l := range all[first:min(first+room, len(all))] {
		lines = append(lines, c.line(p, l, w))
	}
	return lines, len(all)
}

// line draws a lane in w cells.
func (c *Chart) line(p Picture, l lane, w int) string {
	var out strings.Builder
	r := make(row, p.Axis.Cells)
	l.draw(c, r)
	if !l.bare {
		c.guides(p, r)
	}
	label := ""
	if !c.mute {
		label = c.fitted(l.label, LabelWidth(w))
	}
	c.pens.write(&out, widget.Fit(label, LabelWidth(w), c.style.Glyphs.Ellipsis), l.ink)
	if w > LabelWidth(w) {
		out.WriteByte(' ')
	}
	r.draw(&out, c.pens)
	return out.String()
}

// Large draws at most h lines of w cells for the last row of a room: as Lines, but every lane as high as there is room for.
func (c *Chart) Large(p Picture, w, h int) []string {
	const highest = 3
	p.Axis.Cells = Cells(w)
	big := *c
	big.big, big.glyph.Solid, big.glyph.Dashed = true, c.style.Glyphs.Block, c.style.Glyphs.Axis.Dense
	all := big.lanes(p, tight)
	for d := tight; d < dense && height(all, 2) > h; d++ {
		all = big.lanes(p, d+1)
	}
	if height(all, 2) > h {
		lines, _ := c.Lines(p, w, h)
		return lines
	}
	tall := 2
	for tall < highest && height(all, tall+1) <= h {
		tall++
	}
	silent := big
	silent.mute = true
	spare := h - height(all, tall)
	lines := []string{c.line(p, c.axisLane(p), w)}
	for i, l := range all {
		lines = append(lines, big.line(p, l, w))
		if l.flat {
			continue
		}
		for range tall - 1 {
			lines = append(lines, silent.line(p, l, w))
		}
		if left := len(all) - 1 - i; left > 0 && left <= spare { // the lowest are bars, which must not look like one
			lines = append(lines, silent.line(p, lane{draw: func(*Chart, row) {}}, w))
		}
	}
	return lines
}

// height is how many lines the axis and lanes take that are so high, but for those that are flat.
func height(lanes []lane, tall int) int {
	sum := 1
	for _, l := range lanes {
		if sum += tall; l.flat {
			sum -= tall - 1
		}
	}
	return sum
}

// fitted is the first of the names of a lane that fits, or else the last.
func (c *Chart) fitted(names []string, w int) string {
	if len(names) == 0 {
		return ""
	}
	for _, name := range names {
		if widget.Width(name) <= w {
			return name
		}
	}
	return names[len(names)-1]
}

// axisLane is the axis itself.
func (c *Chart) axisLane(p Picture) lane {
	name := lab.Textf("한 칸 %s초", "%s s a cell", stepName(p.Axis.Step)).In(c.lang)
	return lane{label: []string{name, stepName(p.Axis.Step) + c.say(lab.T("초", " s"))}, ink: muted, bare: true, draw: func(c *Chart, r row) {
		a := p.Axis
		now := a.Cell(p.Now)
		first := a.label()
		for x := first; x < len(r); x += interval {
			clock := p.View.Clock(a.At(x)).Local()
			label := clock.Format("04:05")
			if x == first || a.Step >= 30*time.Second {
				label = clock.Format(time.TimeOnly)
			}
			r.put(x, c.style.Glyphs.Plain.Vertical, muted)
			if r.open(x+1, len(label)) && len(label) < interval {
				r.write(x+1, label, muted)
			}
		}
		if a.Has(now) {
			c.mark(r, now, c.say(lab.T("지금", "now")), strong)
		}
		if x := a.Cell(p.Cursor); !p.Cursor.IsZero() && a.Has(x) {
			c.mark(r, x, p.View.Clock(p.Cursor).Local().Format(time.TimeOnly), chosen)
		}
	}}
}

// mark writes a word at a cell of the axis, over what is there, to its left where there is no room.
func (c *Chart) mark(r row, x int, word string, i ink) {
	word = c.style.Glyphs.Focused.Vertical + word
	w := widget.Width(word)
	if x+w > len(r) {
		word = ansi.TruncateLeft(word, 1, "") + c.style.Glyphs.Focused.Vertical
		x -= w - 1
	}
	if x < 0 {
		return
	}
	// A label that would be cut in two goes.
	r.wipe(x)
	r.wipe(x + w)
	r.fill(x, x+w-1, "", blank)
	r.write(x, word, i)
}

// wipe blanks the word that has cells at both sides of the border before x.
func (r row) wipe(x int) {
	if x <= 0 || x >= len(r) || r[x-1].free() || r[x].free() {
		return
	}
	for a := x - 1; a >= 0 && !r[a].free(); a-- {
		r[a] = cell{}
	}
	for b := x; b < len(r) && !r[b].free(); b++ {
		r[b] = cell{}
	}
}

func stepName(step time.Duration) string { return rows.Seconds(step) }

// guides draws, where nothing else is, now, the cursor, and the lines down from faults.
func (c *Chart) guides(p Picture, r row) {
	a, g := p.Axis, c.style.Glyphs
	if x := a.Cell(p.Cursor); !p.Cursor.IsZero() {
		r.under(x, g.Focused.Vertical, strong)
	}
	r.under(a.Cell(p.Now), g.Plain.Vertical, strong)
	for _, act := range p.View.ActsIn(a.Left, a.Right()) {
		if act.Fault != nil {
			r.under(a.Cell(done(act)), c.glyph.Guide, muted)
		}
	}
}

// done is when an act took effect, or began if it has not.
func done(a timeline.Act) time.Time {
	if a.Ended.IsZero() {
		return a.Started
	}
	return a.Ended
}
