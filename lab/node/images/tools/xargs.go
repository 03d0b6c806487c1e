package tools

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

// xargsChars is how long a command line becomes unless -s says otherwise.
const xargsChars = 32<<10 - 2048

// xargs reads as much as one command takes, runs it, and goes on.
func xargs(ctx context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "+trn:s:xE:e::pP:oI:i::0a:"}.parse(p)
	if !ok {
		return 1
	}
	x := &xargsRun{ctx: ctx, p: p, set: asSet(found), command: args, chars: xargsChars, parallel: 1}
	if len(args) == 0 {
		x.command = []string{"echo"}
	}
	for _, o := range []struct {
		letter byte
		to     *int
	}{{'n', &x.most}, {'s', &x.chars}, {'P', &x.parallel}} {
		v, given := x.set[o.letter]
		if !given {
			continue
		}
		n, err := strconv.ParseUint(v, 10, 31)
		if err != nil {
			return failf(p, "invalid number '%s'", v)
		}
		if n == 0 && o.letter != 'P' {
			return failf(p, "number %s is not in 1..2147483647 range", v)
		}
		*o.to = int(n)
	}
	if x.parallel == 0 {
		x.parallel = 100
	}
	in := p.Stdin
	if n, given := x.set['a']; given {
		file, err := p.Open(n)
		if err != nil {
			return failf(p, "can't open '%s': %s", n, Reason(err))
		}
		defer file.Close()
		in = file
	}
	x.lines = newLines(ctx, in)
	return x.run()
}

type xargsRun struct {
	ctx      context.Context
	p        *sandbox.Process
	set      map[byte]string
	command  []string
	most     int // items for one command; 0: as many as fit
	chars    int
	parallel int
	lines    *lines
	pending  []byte // the rest of a line
	again    []string
	children []*sandbox.Process
	code     int
	stopped  bool
	failed   error
}

func (x *xargsRun) has(c byte) bool { return has(x.set, c) }

func (x *xargsRun) run() int {
	replace, given := x.set['I']
	if old, g := x.set['i']; g && !given {
		if replace, given = old, true; old == "" {
			replace = "{}"
		}
	}
	if x.has('0') {
		x.lines.end = 0
	}
	fixed := 0
	for _, a := range x.command {
		fixed += len(a) + 1
	}
	for first := true; !x.stopped && x.ctx.Err() == nil; first = false {
		var items []string
		if given {
			item, ok := x.line()
			if !ok {
				break
			}
			args := slices.Clone(x.command)
			for i, a := range args {
				args[i] = strings.ReplaceAll(a, replace, item)
			}
			x.start(args)
			continue
		}
		items, ok := x.batch(fixed)
		if !ok || len(items) == 0 && (!first || x.has('r')) {
			break
		}
		x.start(append(slices.Clone(x.command), items...))
	}
	for len(x.children) > 0 {
		x.reap()
	}
	if x.failed != nil && x.ctx.Err() == nil {
		return failf(x.p, "%s", Reason(x.failed))
	}
	return x.code
}

// batch takes as many items as one command may have.
func (x *xargsRun) batch(size int) ([]string, bool) {
	var items []string
	for x.most == 0 || len(items) < x.most {
		item, ok := x.item()
		if !ok {
			return items, x.failed == nil
		}
		if size += len(item) + 1; size > x.chars {
			if len(items) == 0 {
				x.failed = errors.New("can't fit single argument within argument list size limit")
				return nil, false
			}
			x.again = []string{item}
			break
		}
		items = append(items, item)
	}
	return items, true
}

// item is the next word, or with -0 the next string.
func (x *xargsRun) item() (string, bool) {
	if len(x.again) > 0 {
		item := x.again[0]
		x.again = nil
		return item, true
	}
	if x.has('0') {
		line, _, ok := x.lines.next()
		x.failed = x.lines.failed()
		return string(line), ok
	}
	for {
		x.pending = bytes.TrimLeft(x.pending, " \t\r\v\f\n")
		if len(x.pending) > 0 {
			return x.word()
		}
		line, _, ok := x.lines.next()
		if !ok {
			x.failed = x.lines.failed()
			return "", false
		}
		x.pending = line
	}
}

// word takes one word off the pending line, with its quotes and backslashes.
func (x *xargsRun) word() (string, bool) {
	var out []byte
	var quote byte
	i := 0
	for ; i < len(x.pending); i++ {
		c := x.pending[i]
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			out = append(out, c)
		case c == '\'' || c == '"':
			quote = c
		case c == '\\':
			if i++; i < len(x.pending) {
				out = append(out, x.pending[i])
			} else if line, _, ok := x.lines.next(); ok {
				out = append(out, '\n')
				x.pending, i = line, -1
			}
		case isBlank(c):
			x.pending = x.pending[i:]
			return x.ended(string(out))
		default:
			out = append(out, c)
		}
	}
	x.pending = nil
	if quote != 0 {
		kind := "single"
		if quote == '"' {
			kind = "double"
		}
		x.failed = fmt.Errorf("unmatched %s quote", kind)
		return "", false
	}
	return x.ended(string(out))
}

// ended looks for the word of -E, which ends the input.
func (x *xargsRun) ended(word string) (string, bool) {
	for _, c := range []byte("Ee") {
		if end := x.set[c]; end != "" && word == end {
			x.stopped = true
			x.lines = newLines(x.ctx, strings.NewReader(""))
			x.pending = nil
			return "", false
		}
	}
	return word, true
}

// line is the next line for -I, without blanks in front.
func (x *xargsRun) line() (string, bool) {
	for {
		line, _, ok := x.lines.next()
		if !ok {
			x.failed = x.lines.failed()
			return "", false
		}
		if x.has('0') {
			return string(line), true
		}
		if line = bytes.TrimLeft(line, " \t"); len(line) > 0 {
			x.pending = line
			var words []byte
			// Quotes and backslashes count, blanks do not end anything.
			for i := 0; i < len(line); i++ {
				switch c := line[i]; {
				case c == '\'' || c == '"':
					end := bytes.IndexByte(line[i+1:], c)
					if end < 0 {
						_, ok := x.word()
						return "", ok && false
					}
					words = append(words, line[i+1:i+1+end]...)
					i += end + 1
				case c == '\\' && i+1 < len(line):
					i++
					words = append(words, line[i])
				default:
					words = append(words, c)
				}
			}
			x.pending = nil
			return string(words), true
		}
	}
}

// start runs one command, and waits as long as there are as many as may run at once.
func (x *xargsRun) start(args []string) {
	if x.has('t') || x.has('p') {
		fmt.Fprint(x.p.Stderr, strings.Join(args, " "))
		if x.has('p') && !x.confirmed() {
			return
		}
		if !x.has('p') {
			fmt.Fprintln(x.p.Stderr)
		}
	}
	var input io.Reader = strings.NewReader("")
	if x.has('a') {
		input = nil // what is not read is left to the command
	}
	if x.has('o') {
		tty, err := x.p.Open("/dev/tty")
		if err != nil {
			x.failed, x.stopped = err, true
			return
		}
		input = tty
	}
	child, err := x.p.Start(sandbox.Command{Path: args[0], Args: args, Stdin: input})
	if err != nil {
		x.code, x.stopped = notStarted(x.p, args[0], err, "%s: %s"), true
		return
	}
	x.children = append(x.children, child)
	for len(x.children) >= x.parallel {
		x.reap()
	}
}

func (x *xargsRun) confirmed() bool {
	fmt.Fprint(x.p.Stderr, " ?...")
	tty, err := x.p.Open("/dev/tty")
	if err != nil {
		x.failed, x.stopped = err, true
		return false
	}
	defer tty.Close()
	answer, _, _ := newLines(x.ctx, tty).next()
	return len(answer) > 0 && answer[0]|0x20 == 'y'
}

// reap waits for the oldest child and keeps the worst of what the children ended with.
func (x *xargsRun) reap() {
	child := x.children[0]
	x.children = x.children[1:]
	code := wait(x.ctx, child)
	if x.ctx.Err() != nil {
		x.children, x.stopped, x.code = nil, true, 1
		return
	}
	switch sig := child.ExitSignal(); {
	case sig != 0:
		failf(x.p, "'%s' terminated by signal %d", x.command[0], int(sig))
		x.code, x.stopped = 125, true
	case code == 255:
		failf(x.p, "%s: exited with status 255; aborting", x.command[0])
		x.code, x.stopped = 124, true
	case code != 0:
		x.code = 123
	}
}
