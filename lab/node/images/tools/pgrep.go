package tools

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"healthlab/lab/node/images/tools/regex"
	"healthlab/lab/node/sandbox"
)

// pgrep is also pkill.
func pgrep(ctx context.Context, p *sandbox.Process) int {
	kills, sig := name(p) == "pkill", sandbox.SIGTERM
	letters := "vlafnoxs:P:"
	if kills {
		letters = "vfnoxes:P:"
		if len(p.Args) > 1 && p.Args[1] == "-l" {
			return Kill(p, p.Args[1:], p.Stdout, p.Stderr, "kill: ")
		}
		for i, a := range p.Args[1:] {
			if s, err := sandbox.ParseSignal(strings.TrimPrefix(a, "-")); err == nil && len(a) > 1 && a[0] == '-' {
				sig = s
				p.Args = slices.Delete(slices.Clone(p.Args), i+1, i+2)
				break
			}
		}
	}
	found, args, ok := optionSpec{letters: letters}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	if has(set, 's') {
		failf(p, "there are no sessions here")
		return 1
	}
	if len(args) > 1 || len(args) == 0 && !has(set, 'P') {
		usage(p)
		return 1
	}
	q := processQuery{p: p, set: set}
	if len(args) == 1 {
		re, err := regex.Compile(args[0], regex.Options{Extended: true})
		if err != nil {
			failf(p, "bad regex '%s': %s", args[0], err)
			return 1
		}
		q.re = re
	}
	if v, given := set['P']; given {
		n, err := strconv.Atoi(v)
		if err != nil {
			failf(p, "invalid number '%s'", v)
			return 1
		}
		q.parent = n
	}
	matched, err := q.find(ctx)
	if err != nil || len(matched) == 0 {
		return 1
	}
	for _, info := range matched {
		if kills {
			if has(set, 'e') {
				fmt.Fprintf(p.Stdout, "%s killed (pid %d)\n", path.Base(info.Args[0]), info.PID)
			}
			_ = p.Kill(info.PID, sig) // it may have ended meanwhile
			continue
		}
		line := strconv.Itoa(info.PID)
		switch {
		case has(set, 'a'):
			line += " " + strings.Join(info.Args, " ")
		case has(set, 'l'):
			line += " " + path.Base(info.Args[0])
		}
		fmt.Fprintln(p.Stdout, line)
	}
	return 0
}

// processQuery chooses processes: by an expression, the parent, or both.
type processQuery struct {
	p      *sandbox.Process
	set    map[byte]string
	re     *regex.Regexp
	parent int // 0: any
}

func (q processQuery) find(ctx context.Context) ([]sandbox.ProcessInfo, error) {
	var matched []sandbox.ProcessInfo
	for _, info := range q.p.Processes() {
		if info.PID == q.p.PID() || len(info.Args) == 0 {
			continue
		}
		text := path.Base(info.Args[0])
		if has(q.set, 'f') {
			text = strings.Join(info.Args, " ")
		}
		hit := q.parent == 0 || info.PPID == q.parent
		if hit && q.re != nil {
			loc, err := q.re.Find(ctx, []byte(text), false)
			if err != nil {
				return nil, err
			}
			hit = loc != nil && (!has(q.set, 'x') || loc[0] == 0 && loc[1] == len(text))
		}
		if hit != has(q.set, 'v') {
			matched = append(matched, info)
		}
	}
	if len(matched) > 0 && has(q.set, 'n') {
		matched = matched[len(matched)-1:]
	} else if len(matched) > 0 && has(q.set, 'o') {
		matched = matched[:1]
	}
	return matched, nil
}
