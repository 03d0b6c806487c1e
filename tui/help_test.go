package tui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
)

func TestHelpKeepsABlankBehindKeys(t *testing.T) {
	c := newConsole(t, 100, 60)
	for _, n := range []int{helpColumn - 1, helpColumn, helpColumn + 1} {
		t.Run(fmt.Sprintf("%d cells", n), func(t *testing.T) {
			line := ansi.Strip(c.helpLine(strings.Repeat("k", n), "does it", lab.Text{}))
			if !strings.HasSuffix(line, "k does it") {
				t.Errorf("the line is %q", line)
			}
		})
	}
}
