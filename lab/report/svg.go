package report

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// How a picture is laid out, in units of which one is a pixel at its own size.
const (
	svgWidth  = 1000.0
	svgLeft   = 210.0 // where the axis begins
	svgRight  = 988.0
	svgTop    = 30.0
	maxGuides = 12

	rowHeight = 24.0
	barHeight = 15.0
)

// svg is a picture as shapes. All of its texts are escaped by the template.
type svg struct {
	ID, Title string
	Width     string
	Height    string
	Ticks     []svgTick
	Guides    []svgGuide
	Rows      []svgRow
	Legend    []svgLegend
	Notes     []string
	Spoken    []string
	Empty     string // said instead of a picture
}

type svgTick struct{ X, Y1, Y2, Text string }

type svgGuide struct{ X, Y1, Y2, State string }

// svgRow is a lane or, with no shapes, the heading of a pod.
type svgRow struct {
	Label   string
	Heading bool
	Y, Base string // of its middle, and of the base of its label
	Odd     bool
	Top     string
	Bars    []svgBar
	Marks   []svgMark
}

type svgBar struct{ X, Y, W, H, State, Title, Text, TextX, TextY string }

// svgMark is a mark: a path, and a line for the time within which it was.
type svgMark struct{ Path, Within, State, Title string }

type svgLegend struct{ State, Name, Path string }

// svg lays out a picture.
func (v voice) svg(id string, title string, p Picture) svg {
	out := svg{ID: id, Title: title, Width: num(svgWidth), Notes: v.notes(p)}
	if len(p.Lanes) == 0 {
		out.Empty = v.nothing("")
		return out
	}
	span := max(p.To.Sub(p.From), time.Millisecond)
	x := func(t time.Time) float64 {
		return svgLeft + min(max(float64(t.Sub(p.From))/float64(span), 0), 1)*(svgRight-svgLeft)
	}
	y := svgTop
	seen := map[State]bool{}
	group := Outside("")
	for i, l := range p.Lanes {
		if l.Group != group && l.Group != "" {
			out.Rows = append(out.Rows, svgRow{Label: string(l.Group), Heading: true, Y: num(y + rowHeight/2), Base: num(y + rowHeight/2 + 5), Top: num(y)})
			y += rowHeight
		}
		group = l.Group
		out.Rows = append(out.Rows, v.svgRow(p, l, x, y, i%2 == 1, seen))
		out.Spoken = append(out.Spoken, v.spoken(p, l))
		y += rowHeight
	}
	for _, l := range p.Lanes {
		for _, m := range l.Marks {
			if m.State == StateFault || m.State == StateRepair {
				out.Guides = append(out.Guides, svgGuide{X: num(x(m.At)), Y1: num(svgTop), Y2: num(y), State: string(m.State)})
			}
		}
	}
	for _, t := range ticks(p) {
		out.Ticks = append(out.Ticks, svgTick{X: num(x(t)), Y1: num(svgTop - 6), Y2: num(y), Text: v.tick(p, t)})
	}
	if len(out.Guides) > maxGuides { // they would hide the rest
		out.Guides = nil
	}
	out.Height = num(y + 6)
	for _, one := range stateNames() {
		if seen[one.state] {
			out.Legend = append(out.Legend, svgLegend{State: string(one.state), Name: v.in(one.name), Path: shape(one.state, 9, 9)})
		}
	}
	return out
}

// svgRow lays out a lane whose top is at y.
func (v voice) svgRow(p Picture, l Lane, x func(time.Time) float64, y float64, odd bool, seen map[State]bool) svgRow {
	middle := y + rowHeight/2
	row := svgRow{Label: fit(v.in(l.Label), svgLeft-16), Y: num(middle), Base: num(middle + 4), Odd: odd, Top: num(y)}
	for _, b := range l.Bars {
		seen[b.State] = true
		from, to := x(b.From), x(b.To)
		bar := svgBar{
			X: num(from), Y: num(middle - barHeight/2), W: num(max(to-from, 1.5)), H: num(barHeight), State: string(b.State),
			Title: fmt.Sprintf("%s – %s (%s): %s", v.when(p, b.From), v.when(p, b.To), v.in(long(Seconds(b.To.Sub(b.From)))), v.in(b.Text)),
		}
		if text := v.in(b.Text); b.State != StatePredicted && b.State != StateGuess && width(text) < to-from-8 {
			bar.Text, bar.TextX, bar.TextY = text, num(from+5), num(middle+4)
		}
		row.Bars = append(row.Bars, bar)
	}
	for _, m := range l.Marks {
		seen[m.State] = true
		at := x(m.At)
		mark := svgMark{Path: shape(m.State, at, middle), State: string(m.State), Title: fmt.Sprintf("%s: %s", v.when(p, m.At), v.in(m.Text))}
		if early := x(m.At.Add(-time.Duration(m.Within))); m.Within > 0 && l.Kind != LaneActs && at-early > 3 {
			mark.Within = fmt.Sprintf("M%s %sH%s", num(early), num(middle), num(at))
		}
		row.Marks = append(row.Marks, mark)
	}
	return row
}

// shape is what a state looks like as a mark, around a point. States differ in shape, not only in colour.
func shape(s State, x, y float64) string {
	at := func(format string, d ...float64) string {
		args := make([]any, len(d))
		for i := range d {
			if i%2 == 0 {
				args[i] = num(x + d[i])
			} else {
				args[i] = num(y + d[i])
			}
		}
		return fmt.Sprintf(format, args...)
	}
	switch s {
	case StateFault: // a triangle that points down
		return at("M%s %sL%s %sL%s %sZ", -6, -6, 6, -6, 0, 6)
	case StateRepair: // up
		return at("M%s %sL%s %sL%s %sZ", -6, 6, 6, 6, 0, -6)
	case StateCommand, StateProblem: // a stroke
		return at("M%s %sL%s %s", 0, -6, 0, 6)
	case StateFailure: // a cross
		return at("M%s %sL%s %sM%s %sL%s %s", -4, -4, 4, 4, -4, 4, 4, -4)
	case StateInside, StateOutside: // a diamond
		return at("M%s %sL%s %sL%s %sL%s %sZ", 0, -6, 5, 0, 0, 6, -5, 0)
	case StateSuccess: // a dot
		return circle(x, y, 3.5)
	case StateUnknown: // a ring
		return circle(x, y, 3)
	default: // of a bar
		return at("M%s %sL%s %sL%s %sL%s %sZ", -8, -5, 8, -5, 8, 5, -8, 5)
	}
}

func circle(x, y, r float64) string {
	return fmt.Sprintf("M%s %sa%s %s 0 1 0 %s 0a%s %s 0 1 0 %s 0Z", num(x-r), num(y), num(r), num(r), num(2*r), num(r), num(r), num(-2*r))
}

// num is a coordinate.
func num(f float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", f), ".0")
}

// ticks are the times that the axis names: between four and nine.
func ticks(p Picture) []time.Time {
	span := p.To.Sub(p.From)
	step := 24 * time.Hour
	for _, s := range []time.Duration{
		500 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute,
		2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour,
	} {
		if span/s <= 9 {
			step = s
			break
		}
	}
	zero := p.Zero
	if zero.IsZero() {
		zero = p.From.Truncate(step)
	}
	n := p.From.Sub(zero) / step
	var out []time.Time
	for t := zero.Add((n - 1) * step); !t.After(p.To) && len(out) < 12; t = t.Add(step) {
		if !t.Before(p.From) {
			out = append(out, t)
		}
	}
	return out
}

// tick names a time of the axis.
func (v voice) tick(p Picture, t time.Time) string {
	if p.Zero.IsZero() {
		return v.clock(t)
	}
	d := t.Sub(p.Zero)
	sign := "+"
	if d < 0 {
		sign, d = "-", -d
	}
	switch {
	case d == 0:
		return "0"
	case p.To.Sub(p.From) >= 10*time.Minute:
		return fmt.Sprintf("%s%d:%02d", sign, int(d.Minutes()), int(d.Seconds())%60)
	}
	return sign + v.in(long(Seconds(d)))
}

// width is about how wide a text is.
func width(text string) float64 {
	w := 0.0
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Hangul, unicode.Han, unicode.Hiragana, unicode.Katakana):
			w += 12.5
		case strings.ContainsRune("ilj.,:;|'! ()[]", r):
			w += 4
		default:
			w += 7
		}
	}
	return w
}

// fit is a text cut in its middle to a width.
func fit(text string, most float64) string {
	if width(text) <= most {
		return text
	}
	runes := []rune(text)
	for n := len(runes) - 1; n > 4; n-- {
		short := string(runes[:n/2]) + "…" + string(runes[len(runes)-(n-n/2):])
		if width(short) <= most {
			return short
		}
	}
	return text
}
