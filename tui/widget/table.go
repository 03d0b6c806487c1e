package widget

import "strings"

// Column describes a column of a table.
type Column struct {
	Title string
	// Min is the least useful width. A column that is not Flex is as wide as its widest cell.
	Min int
	// Max bounds the width; 0 for no bound.
	Max int
	// Flex columns share what the others leave.
	Flex bool
	// Shrink columns give way down to Min before any column is dropped.
	Shrink bool
	// Drop is the order in which columns go when there is no room for all: the highest first, 0 never.
	Drop int
	// Hide leaves the column out.
	Hide bool
	// Right aligns the cells to the right.
	Right bool
}

// Gap is the number of blanks between columns.
const Gap = 2

// Widths returns the width of each column in a table of w cells; 0 for a column that is left out. cell returns the
// unstyled width of a cell's contents.
func Widths(columns []Column, rows int, cell func(row, column int) int, w int) []int {
	natural := make([]int, len(columns))
	for c, column := range columns {
		natural[c] = max(Width(column.Title), column.Min)
		if column.Flex {
			continue
		}
		for r := range rows {
			natural[c] = max(natural[c], cell(r, c))
		}
		if column.Max > 0 {
			natural[c] = min(natural[c], max(column.Max, column.Min))
		}
	}
	shown := make([]bool, len(columns))
	for c := range shown {
		shown[c] = !columns[c].Hide
	}
	for total(natural, shown)-slack(columns, natural, shown) > w {
		drop := -1
		for c, column := range columns {
			if shown[c] && column.Drop > 0 && (drop < 0 || column.Drop > columns[drop].Drop) {
				drop = c
			}
		}
		if drop < 0 {
			break
		}
		shown[drop] = false
	}
	for c, column := range columns {
		if over := total(natural, shown) - w; over > 0 && column.Shrink && shown[c] {
			natural[c] -= min(over, natural[c]-column.Min)
		}
	}
	return share(columns, natural, shown, w)
}

// slack is by how much the columns that shrink can give way.
func slack(columns []Column, natural []int, shown []bool) int {
	sum := 0
	for c, column := range columns {
		if shown[c] && column.Shrink {
			sum += natural[c] - column.Min
		}
	}
	return sum
}

// share gives what is left to the flex columns, or takes what is missing from the widest ones.
func share(columns []Column, natural []int, shown []bool, w int) []int {
	out := make([]int, len(columns))
	flex := 0
	for c := range columns {
		if shown[c] {
			out[c] = natural[c]
			if columns[c].Flex {
				flex++
			}
		}
	}
	left := w - total(natural, shown)
	for c := range columns {
		if left > 0 && shown[c] && columns[c].Flex {
			part := left / flex
			out[c] += part
			left -= part
			flex--
		}
	}
	for ; left < 0; left++ {
		widest := 0
		for c := range out {
			if out[c] > out[widest] {
				widest = c
			}
		}
		if len(out) == 0 || out[widest] <= 1 {
			break
		}
		out[widest]--
	}
	return out
}

func total(widths []int, shown []bool) int {
	sum, n := 0, 0
	for c, w := range widths {
		if shown[c] {
			sum += w
			n++
		}
	}
	return sum + Gap*max(n-1, 0)
}

// Row joins cells, which may be styled, into a line by the widths that Widths returned.
func Row(columns []Column, widths []int, tail string, cells ...string) string {
	var out strings.Builder
	first := true
	for c, w := range widths {
		if w == 0 || c >= len(cells) {
			continue
		}
		if !first {
			out.WriteString(strings.Repeat(" ", Gap))
		}
		first = false
		pad := 0
		if columns[c].Right {
			pad = max(w-Width(cells[c]), 0)
			out.WriteString(strings.Repeat(" ", pad))
		}
		out.WriteString(Fit(cells[c], w-pad, tail))
	}
	return out.String()
}

// Titles returns the line of column titles, unstyled.
func Titles(columns []Column, widths []int, tail string) string {
	cells := make([]string, len(columns))
	for c, column := range columns {
		cells[c] = column.Title
	}
	return Row(columns, widths, tail, cells...)
}
