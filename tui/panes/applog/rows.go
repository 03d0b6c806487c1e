package applog

import (
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/tui/widget"
)

// row is a log line made ready for drawing.
type row struct {
	at    time.Time
	clock string // the time of day it was written
	text  string
	probe bool // a probe's request, of which there are many
}

func logRows(log []lab.LogLine) []row {
	out := make([]row, len(log))
	for i, line := range log {
		out[i] = row{
			at: line.At, clock: line.At.Local().Format(time.TimeOnly), text: widget.Clean(line.Text),
			probe: strings.Contains(line.Text, "kube-probe/"),
		}
		if line.At.IsZero() {
			out[i].clock = "--:--:--"
		}
	}
	return out
}
