package tools

import (
	"context"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

func ps(_ context.Context, p *sandbox.Process) int {
	found, _, ok := optionSpec{letters: "aufexlwTo:"}.parse(p)
	if !ok {
		return 1
	}
	if columns := values(found, 'o'); len(columns) > 0 {
		return psColumns(p, columns)
	}
	fmt.Fprintln(p.Stdout, "PID   USER     TIME  COMMAND")
	for _, info := range p.Processes() {
		fmt.Fprintf(p.Stdout, "%5d root      0:00 %s\n", info.PID, strings.Join(info.Args, " "))
	}
	return 0
}

// psColumns prints what -o asks for.
func psColumns(p *sandbox.Process, lists []string) int {
	type column struct {
		header string
		width  int
		value  func(info sandbox.ProcessInfo) string
	}
	known := map[string]column{
		"user":  {"USER", 8, func(sandbox.ProcessInfo) string { return "root" }},
		"group": {"GROUP", 8, func(sandbox.ProcessInfo) string { return "root" }},
		"comm":  {"COMMAND", 16, func(info sandbox.ProcessInfo) string { return comm(info.Args) }},
		"args":  {"COMMAND", 256, func(info sandbox.ProcessInfo) string { return strings.Join(info.Args, " ") }},
		"pid":   {"PID", 5, func(info sandbox.ProcessInfo) string { return strconv.Itoa(info.PID) }},
		"ppid":  {"PPID", 5, func(info sandbox.ProcessInfo) string { return strconv.Itoa(info.PPID) }},
		"time":  {"TIME", 5, func(sandbox.ProcessInfo) string { return "0:00" }},
		"stat":  {"STAT", 4, func(info sandbox.ProcessInfo) string { return info.State }},
		"etime": {"ELAPSED", 7, func(info sandbox.ProcessInfo) string { return elapsed(time.Since(info.Started)) }},
	}
	var columns []column
	for _, list := range lists {
		for n := range strings.SplitSeq(list, ",") {
			n, header, given := strings.Cut(n, "=")
			c, ok := known[n]
			if !ok {
				return failf(p, "bad -o argument '%s', supported arguments: user,group,comm,args,pid,ppid,etime,time,stat", n)
			}
			if given {
				c.header = header
			}
			columns = append(columns, c)
		}
	}
	row := func(text func(c column) string) {
		var line strings.Builder
		for i, c := range columns {
			if i == len(columns)-1 {
				line.WriteString(text(c))
			} else {
				fmt.Fprintf(&line, "%-*s ", c.width, text(c))
			}
		}
		fmt.Fprintln(p.Stdout, line.String())
	}
	row(func(c column) string { return c.header })
	for _, info := range p.Processes() {
		row(func(c column) string { return c.value(info) })
	}
	return 0
}

func comm(args []string) string {
	if len(args) == 0 {
		return ""
	}
	n := path.Base(args[0])
	return n[:min(len(n), 15)]
}

func elapsed(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}
