package tui

import "slices"

// The smallest screen the console can be used on.
const (
	MinWidth  = 60
	MinHeight = 18
)

// rect is a rectangle of cells; X and Y count from the upper left corner of the screen.
type rect struct{ X, Y, W, H int }

func (r rect) contains(x, y int) bool { return x >= r.X && x < r.X+r.W && y >= r.Y && y < r.Y+r.H }

// layoutArgs is everything that decides where things are.
type layoutArgs struct {
	W, H      int
	Zoom      PaneID // this pane alone, unless empty
	Presenter bool
	Replicas  bool // there is a deployment or an endpoint; without any, their pane has no place
	// Empty are the panes that have nothing to show yet: where another pane has something, they leave it the room.
	Empty map[PaneID]bool
	// Needs is how many lines of w cells a pane has use for; 0 if that is not known. Nil: it is known of none.
	Needs func(id PaneID, w int) int
	// Tab is the pane that is in front where several share a place.
	Tab PaneID
	// Columns and Rows are by how many cells the user has dragged the border of a column or of a place to the right or
	// down. A place is named by its first pane.
	Columns [2]int
	Rows    map[PaneID]int
}

// layout is where things are. Header, News and Footer are lines of the whole width; the columns stand side by side
// between them, with a divider of one cell before each but the first.
type layout struct {
	TooSmall             bool
	Header, News, Footer rect
	Stage                rect // of presenter mode; everything between header and news
	Columns              []column
}

type column struct {
	X, W   int
	Places []place
}

// place is where a pane is, or one of several that share it as tabs. Its first line is the title, the rest the inside.
type place struct {
	rect
	Panes []PaneID
	Front PaneID
}

// inside is the size that the pane in front is given: one blank cell is left free at either side.
func (p place) inside() (w, h int) { return max(p.W-2, 0), max(p.H-1, 0) }

// columnSpec is a column of a layout before sizes are known: shares of the width, and of the height for each place.
type columnSpec struct {
	share, min int
	rows       []rowSpec
}

type rowSpec struct {
	share, min int
	most       int // that its minimum may become if its pane needs more
	panes      []PaneID
}

// arrange decides the layout: columns by the width of the screen, places by its height.
func arrange(a layoutArgs) layout {
	if a.W < MinWidth || a.H < MinHeight {
		return layout{TooSmall: true}
	}
	l := layout{
		Header: rect{0, 0, a.W, 1},
		News:   rect{0, a.H - 2, a.W, 1},
		Footer: rect{0, a.H - 1, a.W, 1},
	}
	body := rect{0, 1, a.W, a.H - 3}
	switch {
	case a.Zoom != "":
		l.Columns = []column{{0, a.W, []place{{body, []PaneID{a.Zoom}, a.Zoom}}}}
	case a.Presenter:
		l.Stage = body
	default:
		l.Columns = columns(a, body)
	}
	return l
}

func columns(a layoutArgs, body rect) []column {
	columnSpecs := specs(a)
	shares, mins := make([]int, len(columnSpecs)), make([]int, len(columnSpecs))
	for i, p := range columnSpecs {
		shares[i], mins[i] = p.share, p.min
	}
	widths := divide(body.W-(len(columnSpecs)-1), shares, mins, a.Columns[:])
	out := make([]column, len(columnSpecs))
	x := body.X
	for i, p := range columnSpecs {
		out[i] = column{X: x, W: widths[i], Places: places(a, p.rows, rect{x, body.Y, widths[i], body.H})}
		x += widths[i] + 1
	}
	return out
}

func places(a layoutArgs, rows []rowSpec, in rect) []place {
	out := make([]place, len(rows))
	for i, r := range rows {
		out[i] = place{rect{X: in.X, W: in.W}, r.panes, r.panes[0]}
		if slices.Contains(r.panes, a.Tab) {
			out[i].Front = a.Tab
		}
	}
	rows = a.fitted(rows, out)
	wants, mins, shifts := a.wants(rows, out, in.H), make([]int, len(rows)), make([]int, max(len(rows)-1, 0))
	for i, r := range rows {
		mins[i] = r.min
		if i > 0 {
			shifts[i-1] = a.Rows[r.panes[0]]
		}
	}
	y := in.Y
	for i, h := range divide(in.H, wants, mins, shifts) {
		out[i].Y, out[i].H = y, h
		y += h
	}
	return out
}

// titleOnly is the height of a place whose pane is empty: its title, and a line that says so.
const titleOnly = 2

// fitted makes rows whose pane in front is empty as low as can be, unless all are, and those with pods as high as these need.
func (a layoutArgs) fitted(rows []rowSpec, places []place) []rowSpec {
	out := slices.Clone(rows)
	for i, p := range places {
		w, _ := p.inside()
		switch {
		case a.Empty[p.Front]:
			out[i].share, out[i].min = 0, titleOnly
		case p.Front == Pods && a.Needs != nil:
			out[i].min = max(out[i].min, min(1+a.Needs(Pods, w), out[i].most))
		}
	}
	if !slices.ContainsFunc(out, func(r rowSpec) bool { return r.share > 0 }) {
		return rows
	}
	return out
}

// wants are the heights of rows before the user has moved borders: the guide, where it is above others, has as much as it needs
// and they can spare; the others share the rest.
func (a layoutArgs) wants(rows []rowSpec, places []place, h int) []int {
	shares, mins := make([]int, len(rows)), make([]int, len(rows))
	spare, sum := h, 0
	for i, r := range rows {
		shares[i], mins[i] = r.share, r.min
		if i > 0 {
			spare, sum = spare-r.min, sum+r.share
		}
	}
	if len(rows) < 2 || places[0].Front != Guide || a.Needs == nil {
		return divide(h, shares, mins, nil)
	}
	w, _ := places[0].inside()
	need := a.Needs(Guide, w)
	switch {
	case need == 0:
		return divide(h, shares, mins, nil)
	case sum == 0: // only the guide has something to show
		return append([]int{spare}, mins[1:]...)
	}
	guide := max(min(1+need, spare), mins[0])
	return append([]int{guide}, divide(h-guide, shares[1:], mins[1:], nil)...)
}

// specs returns what goes where. Pods and the guide can always be seen; the narrower and lower the screen, the more
// panes share a place.
func specs(a layoutArgs) []columnSpec {
	guide := rowSpec{10, 4, 4, []PaneID{Guide}}
	pods := rowSpec{9, 5, 6, []PaneID{Pods}}
	replicas := func(share int) []rowSpec {
		if !a.Replicas {
			return nil
		}
		return []rowSpec{{share, 5, 5, []PaneID{Replicas}}}
	}
	alone := func(share int, panes ...PaneID) rowSpec { return rowSpec{share, 5, 5, panes} }
	course := func(share int) rowSpec { return rowSpec{share, 8, 8, []PaneID{Timeline}} }
	tabs := alone(8, ProbeLog, Timeline, Events, Output, AppLog)
	if a.Replicas {
		tabs.panes = slices.Insert(tabs.panes, 1, Replicas)
	}
	switch {
	case a.W >= 170 && a.H >= 40:
		return []columnSpec{
			{24, 40, []rowSpec{guide}},
			{41, 40, slices.Concat([]rowSpec{pods, course(14)}, replicas(6), []rowSpec{alone(12, ProbeLog)})},
			{35, 40, []rowSpec{alone(12, Events), alone(13, Output), alone(8, AppLog)}},
		}
	case a.W >= 110 && a.H >= 32:
		pods.most = 9 // the rows of four pods, the probe of the chosen one, and why it is as it is
		rest := []rowSpec{alone(8, ProbeLog), alone(8, Events), alone(8, Output, AppLog)}
		if a.Replicas { // they have the place of the probe log, which goes to the others
			rest = []rowSpec{alone(9, Events), alone(7, ProbeLog, Output, AppLog)}
		}
		return []columnSpec{
			{38, 36, []rowSpec{guide}},
			{62, 50, slices.Concat([]rowSpec{pods, course(17)}, replicas(5), rest)},
		}
	case a.W >= 110:
		return []columnSpec{{38, 36, []rowSpec{guide}}, {62, 50, []rowSpec{pods, tabs}}}
	default:
		pods.share, pods.min, tabs.share = 6, 4, 5
		return []columnSpec{{1, MinWidth, []rowSpec{guide, pods, tabs}}}
	}
}

// divide splits total by shares, moves the border after part i by shifts[i] and keeps every part at its minimum as long
// as total allows that. The parts add up to total.
func divide(total int, shares, mins, shifts []int) []int {
	sum := 0
	for _, s := range shares {
		sum += s
	}
	out := make([]int, len(shares))
	ends, seen := make([]int, len(shares)), 0
	for i, s := range shares {
		seen += s
		ends[i] = total * seen / sum
		if i < len(shares)-1 && i < len(shifts) {
			ends[i] += shifts[i]
		}
	}
	start, rest := 0, 0
	for _, m := range mins {
		rest += m
	}
	for i := range out {
		rest -= mins[i]
		end := ends[i]
		if i == len(out)-1 {
			end = total
		}
		end = max(min(end, total-rest), start+mins[i])
		out[i] = max(min(end, total)-start, 0)
		start += out[i]
	}
	return out
}

// placeAt returns the place at a cell of the screen.
func (l layout) placeAt(x, y int) (place, bool) {
	for _, c := range l.Columns {
		for _, p := range c.Places {
			if p.contains(x, y) {
				return p, true
			}
		}
	}
	return place{}, false
}

// border is something that can be dragged: the divider before a column (Row is empty), or the title line of a place that
// is not the first of its column.
type border struct {
	Column int
	Row    PaneID
}

func (l layout) borderAt(x, y int) (border, bool) {
	for i, c := range l.Columns {
		if i > 0 && x == c.X-1 && y > l.Header.Y && y < l.News.Y {
			return border{Column: i - 1}, true
		}
		for j, p := range c.Places {
			if j > 0 && y == p.Y && x >= p.X && x < p.X+p.W {
				return border{Row: p.Panes[0]}, true
			}
		}
	}
	return border{}, false
}

// shown returns the panes that can be seen.
func (l layout) shown() []PaneID {
	var ids []PaneID
	for _, c := range l.Columns {
		for _, p := range c.Places {
			ids = append(ids, p.Front)
		}
	}
	return ids
}

// shares reports whether a pane has its place together with others.
func (l layout) shares(id PaneID) bool {
	for _, c := range l.Columns {
		for _, p := range c.Places {
			if len(p.Panes) > 1 && slices.Contains(p.Panes, id) {
				return true
			}
		}
	}
	return false
}
