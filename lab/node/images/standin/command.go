package standin

import (
	"context"
	"fmt"
	"path"
	"time"

	"healthlab/lab/node/sandbox"
)

const usage = `Usage: stand-in COMMAND

Breaks and mends the app that this container stands in for.

  hang [WHAT...]        take requests and answer none; it does not notice SIGTERM either
  slow TIME [WHAT...]   answer after TIME, such as 3s
  fail CODE [WHAT...]   answer with the HTTP status CODE, 400 to 599; gRPC: NOT_SERVING
  refuse [:PORT...]     do not listen: connections are refused
  crash CODE            end the container with this exit code
  recover               be well again
  status                say what it is and how it stands

WHAT is a path (/ready), a port (:8080), a gRPC service or a program of an exec probe; without it,
everything. A restart of the container mends it, too. Connecting over TCP works unless it refuses.
`

// patience is how often the command and the main program look for each other.
const patience = 10 * time.Millisecond

// command is what a user calls in the container.
func command(ctx context.Context, p *sandbox.Process) int {
	args := p.Args[1:]
	fail := func(err error, code int) int {
		fmt.Fprintf(p.Stderr, "stand-in: %v\n", err)
		return code
	}
	if len(args) == 0 || args[0] == "--help" || args[0] == "-h" || args[0] == "help" {
		fmt.Fprint(p.Stdout, usage)
		return 0
	}
	var plan Plan
	if err := read(p, PlanFile, &plan); err != nil {
		return fail(fmt.Errorf("%s: %w", PlanFile, err), 1)
	}
	var now standing
	if err := read(p, standingFile, &now); err != nil {
		return fail(errNotThere, 1)
	}
	if args[0] == "status" && len(args) == 1 {
		fmt.Fprint(p.Stdout, describe(&plan, now))
		return 0
	}
	f, err := plan.parse(args)
	if err != nil {
		return fail(fmt.Errorf("%w\nstand-in --help says what there is", err), 2)
	}
	w := wish{Serial: now.Serial + 1, From: p.PID(), Fault: f}
	if err := write(p, wishFile, w); err != nil {
		return fail(fmt.Errorf("%s: %w", wishFile, err), 1)
	}
	if p.Kill(now.PID, sandbox.SIGUSR1) != nil {
		return fail(errNotThere, 1)
	}
	if now, err = obeyed(ctx, p, w.Serial); err != nil {
		return fail(err, 1)
	}
	fmt.Fprintln(p.Stdout, now.say())
	return 0
}

// obeyed waits until the main program has done what it was told.
func obeyed(ctx context.Context, p *sandbox.Process, serial int) (standing, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	tick := time.NewTicker(patience)
	defer tick.Stop()
	for {
		var now standing
		if err := read(p, standingFile, &now); err == nil && now.Serial >= serial {
			return now, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return standing{}, errNotThere
		}
	}
}

// say is one line about how it stands.
func (s standing) say() string {
	text := "stand-in: " + s.Fault.String()
	if !s.Started {
		text += fmt.Sprintf(" (it starts in %s)", max(time.Until(s.Starts), 0).Round(time.Second))
	}
	return text
}

func describe(plan *Plan, now standing) string {
	text := fmt.Sprintf("stand-in for %s: %s\n%s, for %s\n", clip(plan.Image), plan.Answers(), now.say(), time.Since(now.Since).Round(time.Second))
	for _, what := range append(now.Missing, plan.Remarks...) {
		text += clip(what) + "\n"
	}
	return text
}

// succeed is a program of an exec probe: it ends with 0, unless something is wrong with the app.
func succeed(ctx context.Context, p *sandbox.Process) int {
	name := p.Args[0]
	tick := time.NewTicker(patience)
	defer tick.Stop()
	var waited time.Duration
	for began := time.Now(); ; waited = time.Since(began) {
		var now standing
		if err := read(p, standingFile, &now); err != nil || !now.Started {
			fmt.Fprintf(p.Stderr, "stand-in: %s: the app has not started yet\n", name)
			return 1
		}
		f := now.Fault
		switch hit := f.hits(name, path.Base(name)); {
		case hit && f.Kind == hang, hit && f.Kind == slow && waited < f.Delay:
		case hit && f.Kind != slow:
			fmt.Fprintf(p.Stderr, "stand-in: %s: %s\n", name, f)
			return 1
		default:
			fmt.Fprintf(p.Stdout, "stand-in: %s: well\n", name)
			return 0
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return 1
		}
	}
}
