package awk

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
)

// The ends of what has no end.
var (
	ErrTooDeep = errors.New("Segmentation fault") //nolint:staticcheck // what is printed
	ErrMemory  = errors.New("out of memory")
	errStopped = errors.New("stopped")
)

// System is what a program can reach.
type System interface {
	Open(name string) (io.ReadCloser, error)
	Create(name string, appending bool) (io.WriteCloser, error)
	// CommandFrom starts a shell's command and gives its output, CommandTo its input. wait closes that and returns
	// the command's status as wait(2) has it: the exit code times 256, or the signal.
	CommandFrom(command string) (from io.Reader, wait func() int, err error)
	CommandTo(command string) (to io.Writer, wait func() int, err error)
	// Run runs a shell's command to its end.
	Run(command string) (status int)
	// Reason is the text of an error.
	Reason(err error) string
	// Strftime formats a time, in seconds since 1970, and Mktime reads "YYYY MM DD HH MM SS".
	Strftime(format string, seconds int64) string
	Mktime(year, month, day, hour, minute, second int) int64
	Now() int64
}

// Config is what a run begins with.
type Config struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Env            []string // KEY=VALUE
	Vars           []string // VAR=VALUE, of -v
	FieldSeparator *string  // of -F
	Args           []string // the operands
	System         System
}

type globals struct{ cells *array }

func newGlobals() *globals { return &globals{newArray()} }

func (g *globals) cell(name string) *cell { return g.cells.get(name) }

// run is one execution. It belongs to the goroutine of Run.
type run struct {
	ctx     context.Context
	cfg     Config
	program *Program

	convfmt, ofmt, fs, ofs, ors, rs, rt, filename, subsep, record, argind, argc, argv, errno, fnr, nr, nf, environ *cell

	fields            []value
	isSplit           bool
	fieldBy, recordBy splitter
	ignoreCase        bool

	input       *reader
	inputCloser io.Closer
	hadInput    bool
	streams     []*stream

	source   string
	line     int
	frame    []cell
	result   value // of a function
	depth    int
	steps    int
	seed     uint64
	seeded   uint32
	code     int
	exiting  bool
	compiled map[string]*expression
}

// leave is what unwinds functions for exit and next.
type leave struct {
	exit bool
	jump jump
}

// Run runs a program once. The error is an *Error, ErrTooDeep or ErrMemory, or ctx's.
func (p *Program) Run(ctx context.Context, cfg Config) (code int, err error) {
	r := &run{ctx: ctx, cfg: cfg, program: p, seeded: 1, source: p.source, line: p.lines, compiled: map[string]*expression{}}
	defer r.closeAll()
	defer func() {
		if v := recover(); v != nil {
			if v == errStopped { //nolint:errorlint // our own value
				code, err = 1, context.Cause(ctx)
				return
			}
			code, err = 1, failure(v)
		}
	}()
	r.begin()
	r.guard(r.whole)
	r.exiting = true
	r.guard(func() { r.block(p.end) })
	return r.code, nil
}

// guard runs a part of the program until its end or an exit.
func (r *run) guard(f func()) {
	defer func() {
		if v := recover(); v != nil {
			if _, ok := v.(leave); !ok {
				panic(v)
			}
			r.depth, r.frame = 0, nil
		}
	}()
	f()
}

func (r *run) whole() {
	r.oneRecord(func() jump { return r.block(r.program.begin) })
	if len(r.program.rules) == 0 && len(r.program.end) == 0 {
		return
	}
	more := r.input != nil || r.nextInput()
	for more {
		r.fnr.value = num(0)
		status := 1
		for {
			var text, rt string
			text, rt, status = r.input.record(r)
			if status <= 0 {
				break
			}
			r.rt.value = str(rt)
			r.set(r.record, user(text))
			r.nr.value = num(r.nr.value.number() + 1)
			r.fnr.value = num(r.fnr.value.number() + 1)
			if r.oneRecord(r.rules) == nextFile {
				break
			}
		}
		if status < 0 {
			r.fail(r.cfg.System.Reason(r.input.err))
		}
		more = r.nextInput()
	}
}

// oneRecord runs what is done with a record. A next in a function comes here too.
func (r *run) oneRecord(f func() jump) (left jump) {
	defer func() {
		if v := recover(); v != nil {
			l, ok := v.(leave)
			if !ok || l.exit {
				panic(v)
			}
			left, r.depth, r.frame = l.jump, 0, nil
		}
	}()
	return f()
}

// rules runs what matches the record.
func (r *run) rules() jump {
	for _, rule := range r.program.rules {
		if !r.matches(rule) {
			continue
		}
		if rule.prints {
			r.print(printStmt{})
			continue
		}
		if j := r.block(rule.action); j == nextRecord || j == nextFile {
			return j
		}
	}
	return normal
}

func (r *run) matches(rule *rule) bool {
	switch {
	case rule.pattern == nil:
		return true
	case rule.until == nil:
		return r.eval(rule.pattern).isTrue()
	case !rule.active && !r.eval(rule.pattern).isTrue():
		return false
	}
	rule.active = !r.eval(rule.until).isTrue()
	return true
}

// begin sets the variables that every program has, in BusyBox's order.
func (r *run) begin() {
	cell := func(name string, v value, role role) *cell {
		c := r.program.globals.cell(name)
		c.value, c.role = v, role
		return c
	}
	r.convfmt, r.ofmt = cell("CONVFMT", str("%.6g"), ordinary), cell("OFMT", str("%.6g"), ordinary)
	r.fs, r.ofs = cell("FS", str(" "), roleFS), cell("OFS", str(" "), ordinary)
	r.ors, r.rs, r.rt = cell("ORS", str("\n"), ordinary), cell("RS", str("\n"), roleRS), cell("RT", str(""), ordinary)
	r.filename, r.subsep = cell("FILENAME", str(""), ordinary), cell("SUBSEP", str("\x1c"), ordinary)
	r.record = cell("$", str(""), roleRecord)
	r.argind, r.argc, r.argv = cell("ARGIND", num(0), ordinary), cell("ARGC", num(0), ordinary), cell("ARGV", value{}, ordinary)
	r.errno = cell("ERRNO", num(0), ordinary)
	r.fnr, r.nr, r.nf = cell("FNR", num(0), ordinary), cell("NR", num(0), ordinary), cell("NF", num(0), roleNF)
	cell("IGNORECASE", num(0), roleIgnoreCase)
	r.environ = cell("ENVIRON", value{}, ordinary)
	r.fieldBy, r.recordBy = splitter{char: ' '}, splitter{char: '\n'}
	for _, kv := range r.cfg.Env {
		if k, v, ok := strings.Cut(kv, "="); ok {
			r.environ.elements().get(k).value = user(v)
		}
	}
	if r.cfg.FieldSeparator != nil {
		r.set(r.fs, str(unescape(*r.cfg.FieldSeparator)))
	}
	for _, v := range r.cfg.Vars {
		r.assignment(v)
	}
	for i, a := range append([]string{"awk"}, r.cfg.Args...) {
		r.argv.elements().get(strconv.Itoa(i)).value = user(a)
	}
	r.argc.value = num(float64(len(r.cfg.Args) + 1))
}

func (r *run) fail(message string) { panic(&Error{r.source, r.line, message}) }

// tick ends a run whose context has ended.
func (r *run) tick() {
	if r.steps++; r.steps%1024 == 0 {
		r.look()
	}
}

func (r *run) look() {
	if r.ctx.Err() != nil {
		panic(errStopped)
	}
}

// maxDepth bounds functions inside functions, in evaluations, which take some hundred bytes of stack each.
const maxDepth = 60_000

func (r *run) block(b block) jump {
	for _, s := range b {
		if j := r.exec(s); j != normal {
			return j
		}
	}
	return normal
}

func (r *run) exec(s stmt) jump {
	r.tick()
	switch s := s.(type) {
	case exprStmt:
		r.eval(s.x)
	case printStmt:
		r.print(s)
	case block:
		return r.block(s)
	case ifStmt:
		if r.eval(s.cond).isTrue() {
			return r.block(s.yes)
		}
		return r.block(s.no)
	case whileStmt:
		return r.while(s)
	case forStmt:
		return r.forLoop(s)
	case forIn:
		return r.forIn(s)
	case deleteStmt:
		r.remove(s)
	case returnStmt:
		r.result = value{}
		if s.x != nil {
			r.result = r.eval(s.x)
		}
		return returning
	case exitStmt:
		if s.x != nil {
			r.code = int(truncate(r.eval(s.x).number())) & 0xff
		}
		panic(leave{exit: true})
	case jump:
		if (s == nextRecord || s == nextFile) && r.frame != nil {
			panic(leave{jump: s})
		}
		return s
	case inSource:
		r.source = string(s)
	}
	return normal
}

func (r *run) while(s whileStmt) jump {
	for first := s.doOnce; first || r.eval(s.cond).isTrue(); first = false {
		r.tick()
		if j := r.block(s.body); j == breakLoop {
			break
		} else if j != normal && j != continueLoop {
			return j
		}
	}
	return normal
}

func (r *run) forLoop(s forStmt) jump {
	if s.init != nil {
		r.eval(s.init)
	}
	for s.cond == nil || r.eval(s.cond).isTrue() {
		r.tick()
		if j := r.block(s.body); j == breakLoop {
			break
		} else if j != normal && j != continueLoop {
			return j
		}
		if s.post != nil {
			r.eval(s.post)
		}
	}
	return normal
}

func (r *run) forIn(s forIn) jump {
	for _, name := range r.array(s.array).names() {
		r.tick()
		r.store(r.place(s.target), str(name))
		if j := r.block(s.body); j == breakLoop {
			break
		} else if j != normal && j != continueLoop {
			return j
		}
	}
	return normal
}

func (r *run) remove(s deleteStmt) {
	r.line = s.line
	if s.array == nil {
		r.fail("Not an array")
	}
	a := r.array(s.array)
	if s.index == nil {
		a.clear()
		return
	}
	a.remove(r.subscript(s.index))
}
