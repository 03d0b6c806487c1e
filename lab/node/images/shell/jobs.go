package shell

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/interp"

	"healthlab/lab/node/sandbox"
)

// jobNumbers replaces %1 by the ID of the first job's process.
func (sh *shell) jobNumbers(args []string) []string {
	args = slices.Clone(args)
	for i, a := range args {
		n, err := strconv.Atoi(strings.TrimPrefix(a, "%"))
		if strings.HasPrefix(a, "%") && err == nil && n >= 1 && n <= len(sh.jobs) {
			args[i] = strconv.Itoa(sh.jobs[n-1].PID())
		}
	}
	return args
}

// waitJobs is wait: for all children, or for those that are named. A signal with a trap ends it.
func (sh *shell) waitJobs(ctx context.Context, hc interp.HandlerContext, args []string) error {
	targets := sh.jobs
	if len(args) > 0 {
		targets = nil
		for _, a := range sh.jobNumbers(args) {
			pid, err := strconv.Atoi(a)
			i := slices.IndexFunc(sh.jobs, func(p *sandbox.Process) bool { return p.PID() == pid })
			if err != nil || i < 0 {
				return interp.ExitStatus(127)
			}
			targets = append(targets, sh.jobs[i])
		}
	}
	var status error
	for _, p := range targets {
		select {
		case <-p.Done():
			describe(hc.Stderr, p)
			status = exitStatus(p.ExitCode())
		case sig := <-sh.signals:
			sh.pending = append(sh.pending, sig)
			return interp.ExitStatus(uint8(128 + int(sig)))
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if len(args) == 0 {
		sh.jobs = nil
		return nil
	}
	return status
}

// running is the background commands without those that have ended long ago.
func (sh *shell) running() []*sandbox.Process {
	const many = 256
	if len(sh.jobs) < many {
		return sh.jobs
	}
	return slices.DeleteFunc(sh.jobs, ended)
}

// reportJobs tells about background commands that have ended, on a terminal.
func (sh *shell) reportJobs() {
	if !sh.interactive {
		return
	}
	left := 0
	for i, p := range sh.jobs {
		if p == nil || !ended(p) {
			left = i + 1
		}
	}
	for i, p := range sh.jobs[left:] {
		what := "Done"
		if sig := p.ExitSignal(); sig != 0 {
			what = sig.Description()
		}
		fmt.Fprintf(sh.p.Stderr, "[%d]+  %-26s %s\n", left+i+1, what, strings.Join(p.Args, " "))
	}
	sh.jobs = sh.jobs[:left]
}
