package tools

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

func date(_ context.Context, p *sandbox.Process) int {
	now := time.Now().UTC()
	args := p.Args[1:]
	for len(args) > 0 && args[0] == "-u" {
		args = args[1:]
	}
	if len(args) > 0 && strings.HasPrefix(args[0], "+") {
		fmt.Fprintln(p.Stdout, strftime(now, args[0][1:]))
		return 0
	}
	if len(args) > 0 && args[0] == "-R" {
		fmt.Fprintln(p.Stdout, now.Format(time.RFC1123Z))
		return 0
	}
	if len(args) > 0 {
		return failf(p, "invalid date '%s'", args[0])
	}
	fmt.Fprintln(p.Stdout, now.Format("Mon Jan _2 15:04:05 UTC 2006"))
	return 0
}

// strftime formats a time by the usual letters.
func strftime(t time.Time, format string) string {
	layouts := map[byte]string{
		'Y': "2006", 'm': "01", 'd': "02", 'H': "15", 'M': "04", 'S': "05", 'y': "06", 'F': "2006-01-02", 'T': "15:04:05",
		'b': "Jan", 'B': "January", 'a': "Mon", 'A': "Monday", 'Z': "MST", 'z': "-0700", 'e': "_2", 'R': "15:04", 'p': "PM",
		'I': "03", 'j': "002", 'c': "Mon Jan _2 15:04:05 2006", 'D': "01/02/06", 'N': "000000000",
	}
	var out strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			out.WriteByte(format[i])
			continue
		}
		i++
		switch c := format[i]; {
		case c == 's':
			out.WriteString(strconv.FormatInt(t.Unix(), 10))
		case c == 'N':
			fmt.Fprintf(&out, "%09d", t.Nanosecond())
		case c == '%':
			out.WriteByte('%')
		case c == 'n':
			out.WriteByte('\n')
		case layouts[c] != "":
			out.WriteString(t.Format(layouts[c]))
		default:
			out.WriteString("%" + string(c))
		}
	}
	return out.String()
}
