package tools

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"healthlab/lab/node/images/tools/regex"
	"healthlab/lab/node/sandbox"
)

// sedRun carries out a script.
type sedRun struct {
	ctx    context.Context
	p      *sandbox.Process
	script *sedScript
	code   int
	quit   bool
	out    *sedOutput
	files  map[string]*sedOutput // of w, by name
	opened []*sandbox.File

	names   []string // what is still to be read
	current *lines
	closer  io.Closer
	next    *sedLine // one line is read ahead, to know the last one

	number      int
	space, hold []byte
	end         bool // whether the line had one
	substituted bool
	queue       []func() // what is printed when the next line is read
	last        *regex.Regexp
	ranges      []sedRange
	steps       int
}

type sedLine struct {
	text  []byte
	ended bool
}

// sedRange is where a command stands in its range.
type sedRange struct {
	inside bool
	until  int // a second address that is a line; lastLine; 0: an expression
	dead   bool
}

func (r *sedRun) openFiles() error {
	for _, c := range r.script.commands {
		if c.file == "" || c.name == 'r' || r.files[c.file] != nil {
			continue
		}
		file, err := r.p.OpenFile(c.file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
		if err != nil {
			return fmt.Errorf("can't open '%s': %s", c.file, Reason(err))
		}
		r.opened = append(r.opened, file)
		r.files[c.file] = &sedOutput{w: file, ended: true}
	}
	return nil
}

func (r *sedRun) close() {
	for _, f := range r.opened {
		_ = f.Close()
	}
	if r.closer != nil {
		_ = r.closer.Close()
	}
}

// over runs the script over files.
func (r *sedRun) over(names []string) {
	r.names, r.number = names, 0
	r.ranges = make([]sedRange, len(r.script.commands))
	r.next = r.read()
	for r.advance() && !r.quit {
		r.cycle()
	}
	r.flush()
}

// read returns the next line of all files, nil after the last.
func (r *sedRun) read() *sedLine {
	for {
		if r.current != nil {
			if line, ended, ok := r.current.next(); ok {
				return &sedLine{bytes.Clone(line), ended}
			}
			_ = r.closer.Close()
			r.current, r.closer = nil, nil
		}
		if len(r.names) == 0 || r.ctx.Err() != nil {
			return nil
		}
		n := r.names[0]
		r.names = r.names[1:]
		in, err := openInput(r.p, n)
		if err != nil {
			r.code = failf(r.p, "%s: %s", n, Reason(err))
			continue
		}
		r.current, r.closer = newLines(r.ctx, in), in
	}
}

// advance makes the line that was read ahead the current one.
func (r *sedRun) advance() bool {
	r.flush()
	if r.next == nil || r.ctx.Err() != nil || r.out.err != nil {
		return false
	}
	r.space, r.end = r.next.text, r.next.ended
	r.next = r.read()
	r.number++
	r.substituted = false
	return true
}

func (r *sedRun) flush() {
	for _, f := range r.queue {
		f()
	}
	r.queue = r.queue[:0]
}

// cycle runs all commands on the pattern space and prints it.
func (r *sedRun) cycle() {
	for i := 0; i < len(r.script.commands); i++ {
		if r.steps++; r.steps%checkEvery == 0 && r.ctx.Err() != nil || r.out.err != nil {
			return
		}
		c := &r.script.commands[i]
		applies, err := r.applies(i, c)
		if err != nil {
			r.fail(err)
			return
		}
		if applies == c.inverted {
			if c.name == '{' {
				if i = c.jump; i == unterminated {
					r.fail(errors.New("unterminated {"))
					return
				}
			}
			continue
		}
		if c.from.re != nil {
			r.last = c.from.re
		}
		switch what := r.carryOut(c, r.ranges[i].inside); what {
		case sedContinue:
		case sedJump:
			i = c.jump
		case sedRestart:
			i = -1
		case sedEnd:
			i = len(r.script.commands)
		case sedDelete:
			return
		}
	}
	if !r.script.quiet {
		r.out.line(r.space, r.end)
	}
}

func (r *sedRun) fail(err error) {
	if r.ctx.Err() == nil {
		failf(r.p, "%s", Reason(err))
	}
	r.code, r.quit, r.next = 1, true, nil
}

func (r *sedRun) matches(re *regex.Regexp) (bool, error) { return re.Match(r.ctx, r.space) }

// applies reports whether the current line is in a command's addresses and moves its range on.
func (r *sedRun) applies(i int, c *sedCommand) (bool, error) {
	g := &r.ranges[i]
	was := g.inside
	if !was {
		g.until = c.to.line
	}
	starts := !c.from.given() && !c.to.given()
	switch {
	case was || starts:
	case c.from.line > 0 && c.to.given():
		starts = !g.dead && c.from.line <= r.number
	case c.from.line > 0:
		starts = !g.dead && c.from.line == r.number
	case c.from.line == lastLine:
		starts = r.next == nil
	case c.from.re != nil:
		var err error
		if starts, err = r.matches(c.from.re); err != nil {
			return false, err
		}
		if starts {
			r.last = c.from.re
		}
	}
	if !was && !starts {
		return false, nil
	}
	if !was && c.to.plus > 0 {
		g.until = r.number + c.to.plus - 1
	}
	g.dead = g.dead || c.from.line > 0
	over := c.to.re == nil
	switch {
	case g.until == lastLine:
		over = r.next == nil
	case g.until != 0:
		over = g.until <= r.number
	case c.to.re != nil && was:
		var err error
		if over, err = r.matches(c.to.re); err != nil {
			return false, err
		}
	}
	g.inside = !over
	return true, nil
}

type sedNext int

const (
	sedContinue sedNext = iota
	sedJump
	sedRestart // with the same pattern space
	sedEnd     // of the script; the pattern space is printed
	sedDelete  // the pattern space is not printed
)

// carryOut runs one command; more says that its range goes on.
func (r *sedRun) carryOut(c *sedCommand, more bool) sedNext {
	switch c.name {
	case '=':
		r.out.line(strconv.AppendInt(nil, int64(r.number), 10), true)
	case 'P':
		first, _, _ := bytes.Cut(r.space, []byte("\n"))
		r.out.line(first, true)
	case 'p':
		r.out.line(r.space, true)
	case 'D':
		if _, rest, found := bytes.Cut(r.space, []byte("\n")); found {
			r.space = bytes.Clone(rest)
			return sedRestart
		}
		return sedDelete
	case 'd':
		return sedDelete
	case 's':
		return r.substitute(c)
	case 'a':
		r.queue = append(r.queue, func() { r.out.line([]byte(c.text), true) })
	case 'i':
		r.out.line([]byte(c.text), true)
	case 'c':
		if !more {
			r.out.line([]byte(c.text), true)
		}
		return sedDelete
	case 'r':
		r.queue = append(r.queue, func() { r.insert(c.file) })
	case 'w':
		r.files[c.file].line(r.space, r.end)
	case 'n', 'N':
		return r.nextLine(c.name)
	case 'q':
		r.next, r.quit = nil, true
		return sedEnd
	case 'b':
		return sedJump
	case 't':
		if r.substituted {
			r.substituted = false
			return sedJump
		}
	case 'T':
		if !r.substituted {
			return sedJump
		}
	case 'y':
		for i, b := range r.space {
			r.space[i] = c.to256[b]
		}
	case 'g':
		r.space = bytes.Clone(r.hold)
	case 'G':
		r.space, r.end = append(append(r.space, '\n'), r.hold...), true
	case 'h':
		r.hold = bytes.Clone(r.space)
	case 'H':
		r.hold = append(append(r.hold, '\n'), r.space...)
	case 'x':
		r.space, r.hold, r.end = r.hold, r.space, true
	}
	return sedContinue // l does nothing in BusyBox
}

func (r *sedRun) nextLine(name byte) sedNext {
	if name == 'n' && !r.script.quiet {
		r.out.line(r.space, r.end)
	}
	before, substituted := r.space, r.substituted
	if !r.advance() {
		if name == 'n' {
			return sedDelete
		}
		return sedEnd
	}
	if name == 'N' {
		r.space = append(append(before, '\n'), r.space...)
		r.substituted = substituted
	}
	return sedContinue
}

// insert prints the lines of a file; one that cannot be read is as good as empty.
func (r *sedRun) insert(n string) {
	in, err := openInput(r.p, n)
	if err != nil {
		return
	}
	defer in.Close()
	_ = eachLine(r.ctx, in, func(line []byte) bool {
		r.out.line(line, true)
		return r.out.err == nil
	})
}

func (r *sedRun) substitute(c *sedCommand) sedNext {
	re := c.re
	if re == nil {
		re = r.last
	}
	if re == nil {
		r.fail(fmt.Errorf("no previous regexp"))
		return sedDelete
	}
	r.last = re
	changed, err := r.replace(c, re)
	if err != nil {
		r.fail(err)
		return sedDelete
	}
	if !changed {
		return sedContinue
	}
	r.substituted = true
	if c.print {
		r.out.line(r.space, r.end)
	}
	if c.file != "" {
		r.files[c.file].line(r.space, r.end)
	}
	return sedContinue
}

// replace puts the replacement in place of one match or all.
func (r *sedRun) replace(c *sedCommand, re *regex.Regexp) (changed bool, err error) {
	var out []byte
	line := r.space
	lastEmpty, atEnd := true, false
	for count := 1; ; count++ {
		loc, err := re.Find(r.ctx, line, count > 1)
		if err != nil {
			return false, err
		}
		if loc == nil {
			break
		}
		start, end := loc[0], loc[1]
		replaced := c.which == 0 || c.which == count
		switch {
		case !replaced:
			out = append(out, line[:end]...)
		default:
			out = append(out, line[:start]...)
			// What is empty right behind a match is not replaced once more.
			if lastEmpty || start != 0 || end != 0 {
				for _, piece := range c.replace {
					switch {
					case piece.group < 0:
						out = append(out, piece.text...)
					case 2*piece.group+1 < len(loc) && loc[2*piece.group] >= 0:
						out = append(out, line[loc[2*piece.group]:loc[2*piece.group+1]]...)
					}
				}
				changed = true
			}
			lastEmpty = start == end
		}
		if start == end {
			if end < len(line) {
				out = append(out, line[end])
				end++
			} else {
				atEnd = true
			}
		}
		line = line[end:]
		if replaced && c.which != 0 {
			break
		}
		if len(line) == 0 {
			if atEnd {
				break
			}
			atEnd = true
		}
	}
	if changed {
		r.space = append(out, line...)
	}
	return changed, nil
}
