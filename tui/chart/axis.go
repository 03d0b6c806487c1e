package chart

import (
	"slices"
	"time"
)

// Axis is a time axis of cells.
type Axis struct {
	Left  time.Time     // when the first cell begins
	Step  time.Duration // what one cell stands for
	Cells int
}

// Steps are what one cell may stand for, the finest first.
func Steps() []time.Duration {
	return []time.Duration{
		time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute,
	}
}

// Finer is the next step below, or above if n is negative; the last one there is stays.
func Finer(step time.Duration, n int) time.Duration {
	steps := Steps()
	i := slices.IndexFunc(steps, func(s time.Duration) bool { return s >= step })
	if i < 0 {
		i = len(steps) - 1
	}
	return steps[min(max(i-n, 0), len(steps)-1)]
}

// Fitting is the finest step by which a time has room in so many cells.
func Fitting(d time.Duration, cells int) time.Duration {
	for _, s := range Steps() {
		if time.Duration(max(cells, 1))*s >= d {
			return s
		}
	}
	return time.Minute
}

// interval is how many cells are between two labels of the axis.
const interval = 10

// At is when cell x begins.
func (a Axis) At(x int) time.Time { return a.Left.Add(time.Duration(x) * a.Step) }

// Right is when the last cell ends.
func (a Axis) Right() time.Time { return a.At(a.Cells) }

// Cell is the cell that a time is in. It may be below 0, or Cells and more; far away, it is only roughly right.
func (a Axis) Cell(t time.Time) int {
	const far = 1 << 30
	if a.Step <= 0 {
		return 0
	}
	d := t.Sub(a.Left)
	x := d / a.Step
	if d < 0 && d%a.Step != 0 {
		x--
	}
	return int(min(max(x, -far), far))
}

// Has reports whether a cell is on the axis.
func (a Axis) Has(x int) bool { return x >= 0 && x < a.Cells }

// Around is the axis with a time in its middle.
func (a Axis) Around(t time.Time) Axis {
	a.Left = t.Add(-time.Duration(a.Cells/2) * a.Step)
	return a.Aligned()
}

// Aligned is the axis with a label at its left end, where it has room for two.
func (a Axis) Aligned() Axis {
	if a.Cells < 2*interval {
		return a.even()
	}
	a.Left = floor(a.Left, a.Step*interval)
	return a
}

// even is the axis moved by less than a cell, so that its cells stand for the same seconds wherever it is.
func (a Axis) even() Axis {
	a.Left = floor(a.Left, a.Step)
	return a
}

// label is the first cell with a label: they stand at the same times wherever the axis is.
func (a Axis) label() int {
	x := a.Cell(floor(a.Left, a.Step*interval))
	if x < 0 {
		x += interval
	}
	return x
}

// floor is the last multiple of d, counted from midnight of day one in UTC, that is not after t.
func floor(t time.Time, d time.Duration) time.Time { return t.Truncate(max(d, 1)) }

// room is how many of so many cells what is to come has at most.
func room(cells int) int { return cells * 3 / 5 }

// Following is the axis moved as little as is needed for now to be seen, and what is to come until then, as far as that leaves
// room for the past. It stands still while now walks through it, and then glides by a cell at a time. It begins no earlier than from
// as long as that is no reason to move.
func (a Axis) Following(from, now, until time.Time) Axis {
	if a.Step <= 0 || a.Cells <= 0 {
		return a
	}
	const words = 22 // cells beside a band, for what it is
	need := a.Cells / 8
	if ahead := until.Sub(now); ahead > 0 {
		need = max(need, int(min(ahead/a.Step, time.Duration(a.Cells)))+words)
	}
	need = min(need, room(a.Cells))
	limit := max(a.Cells-1-need, 0)
	a = a.even()
	if x := a.Cell(now); !a.Has(x) { // nothing that was seen is seen any more
		a.Left = now.Add(-time.Duration(limit) * a.Step)
		if a.Left.Before(from) {
			a.Left = from
		}
		a = a.Aligned()
	}
	if x := a.Cell(now); x > limit {
		a.Left = a.At(x - limit)
	}
	return a
}
