package tools

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"healthlab/lab/node/sandbox"
)

// busybox runs the program that it is given the name of, or lists them.
func busybox(_ context.Context, p *sandbox.Process) int {
	names := append(slices.Collect(maps.Keys(programs())), "[", "ash", "echo", "printf", "sh", "test")
	slices.Sort(names)
	args := p.Args[1:]
	switch {
	case len(args) == 0, args[0] == "--help":
		fmt.Fprintf(p.Stdout, "BusyBox v1.36.1 (healthlab) multi-call binary.\n\nUsage: busybox [function [arguments]...]\n   or: busybox --list\n\n"+
			"Currently defined functions:\n\t%s\n", strings.Join(names, ", "))
		return 0
	case args[0] == "--list":
		fmt.Fprintln(p.Stdout, strings.Join(names, "\n"))
		return 0
	case !slices.Contains(names, args[0]):
		fmt.Fprintf(p.Stderr, "%s: applet not found\n", args[0])
		return 127
	}
	for _, dir := range []string{"/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/"} {
		if _, err := p.FS().Stat(dir + args[0]); err == nil {
			return replace(p, sandbox.Command{Path: dir + args[0], Args: args})
		}
	}
	fmt.Fprintf(p.Stderr, "%s: applet not found\n", args[0])
	return 127
}
