package cli

import (
	"io"
	"os"
	"strings"

	"charm.land/lipgloss/v2"
	"golang.org/x/term"

	"healthlab/tui/widget"
)

// lineWidth is how many columns a line on out may take: as many as the terminal has, or any number (0) elsewhere.
func lineWidth(out io.Writer) int {
	f, ok := out.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// columns lines up the cells of each row but its last one, which is broken by words where it would go beyond width, if
// there is room to speak of. Korean letters are two columns wide, which text/tabwriter does not know.
func columns(rows [][]string, width int) string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row[:len(row)-1] {
			widths = append(widths, make([]int, max(0, i+1-len(widths)))...)
			widths[i] = max(widths[i], lipgloss.Width(cell)+2)
		}
	}
	var out strings.Builder
	for _, row := range rows {
		indent := 0
		for i, cell := range row[:len(row)-1] {
			out.WriteString(cell + strings.Repeat(" ", widths[i]-lipgloss.Width(cell)))
			indent += widths[i]
		}
		last := []string{row[len(row)-1]}
		if room := width - indent; room >= 12 {
			last = widget.Wrap(last[0], room)
		}
		out.WriteString(strings.Join(last, "\n"+strings.Repeat(" ", indent)) + "\n")
	}
	return out.String()
}
