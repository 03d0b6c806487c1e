package bash

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab/node/images/shell/posix"
	"healthlab/lab/node/sandbox"
)

// reader feeds a script to the parser, a line at a time. The parser is recursive and asks for more text from where it
// is, so this is where its depth is seen; and it asks when a line is done, so this is where what it has read is run,
// before what follows is even looked at, as a real shell does.
type reader struct {
	sh      *shell
	lines   io.Reader // returns at most one line
	parser  *syntax.Parser
	read    strings.Builder // of the commands that are being read
	start   int             // where they begin in what the parser reads
	begun   int             // lines of it before them
	ended   bool            // at the end of a line
	checked int             // bytes since the depth was looked at
	ready   []unit          // read, but not yet run
	run     func([]unit) (done bool)
	done    bool
	above   int // lines above where the parser has begun
	repairs int
}

// unit is a command with the text that it was read from, which begins at start in the script.
type unit struct {
	st    *syntax.Stmt
	src   string
	start int
	above int // lines above where the parser has begun
}

// carriageReturn stands for one at the end of a line, which the parser would drop. It is a character for private use.
const carriageReturn = "\ue00d"

// depthEvery is after how many bytes the parser's depth is looked at. No byte makes it more than some 25 frames deeper.
const depthEvery = 512

func (sh *shell) newReader(lines io.Reader, run func([]unit) bool) *reader {
	return &reader{sh: sh, lines: lines, run: run, parser: newParser()}
}

func newParser() *syntax.Parser { return syntax.NewParser(syntax.Variant(syntax.LangBash)) }

// Read hands the next line to the parser, or a part of it.
func (r *reader) Read(b []byte) (int, error) {
	if r.ended && !r.parser.Incomplete() {
		r.flush()
	}
	if r.done {
		return 0, io.EOF
	}
	if r.checked >= depthEvery {
		r.checked = 0
		if tooDeepStack() {
			die(errTooDeep)
		}
	}
	n, err := r.lines.Read(b[:min(len(b), depthEvery)-len(carriageReturn)])
	if n > 1 && b[n-1] == '\n' && b[n-2] == '\r' {
		n = copy(b[n-2:], carriageReturn+"\n") + n - 2
	}
	r.checked += n
	if n > 0 {
		r.ended = b[n-1] == '\n'
	}
	if r.read.Write(b[:n]); r.read.Len() > maxCommand {
		die(errNoMemory)
	}
	return n, err
}

// flush runs what has been read.
func (r *reader) flush() {
	ready := r.ready
	r.ready = nil
	r.start += r.read.Len()
	r.begun += strings.Count(r.read.String(), "\n")
	r.read.Reset()
	if len(ready) > 0 {
		r.done = r.run(ready)
	}
}

// maxRepairs bounds the places of a script that are put into a form that the parser reads.
const maxRepairs = 64

// execute reads the script to its end and runs it. The error is a syntax error; what was on the lines before has run.
func (r *reader) execute() error {
	for {
		err := r.pass()
		fixed, ok := "", false
		if err != nil && r.repairs < maxRepairs {
			fixed, ok = r.sh.repair(err, r.read.String(), r.start, r.above)
		}
		if !ok {
			if err != nil {
				return r.sh.syntaxError(err, r.read.String(), r.start, r.above)
			}
			return nil
		}
		r.repairs++
		r.above += r.begun
		r.lines = io.MultiReader(linesOf(fixed), r.lines)
		r.read.Reset()
		r.parser, r.start, r.begun, r.ended, r.done, r.ready = newParser(), 0, 0, false, false, nil
	}
}

// pass reads until the end, or an error.
func (r *reader) pass() error {
	var failed error
	// Not left before its end: the parser returns an error even to a loop that is over.
	for st, err := range r.parser.StmtsSeq(r) {
		if r.done {
			continue
		}
		if err == nil {
			err = r.sh.check(st)
		}
		if err != nil {
			failed = err
			r.done, r.ready = true, nil
			continue
		}
		r.ready = append(r.ready, unit{st, r.read.String(), r.start, r.above})
	}
	if !r.done {
		r.flush()
	}
	return failed
}

// check dies of a command that is too deep for what walks through it, and refuses what is no bash.
func (sh *shell) check(st *syntax.Stmt) error {
	depth, matching := 0, 0
	var refused error
	syntax.Walk(st, func(n syntax.Node) bool {
		if n == nil {
			depth--
			if matching > depth {
				matching = 0
			}
			return true
		}
		if depth++; depth > maxTree {
			die(errTooDeep)
		}
		switch n := n.(type) {
		case *syntax.BinaryTest:
			if matching == 0 {
				matching = depth
			}
		case *syntax.ParamExp:
			if matching == 0 {
				matching = depth
			}
		case *syntax.ExtGlob:
			if matching == 0 && !sh.shopts["extglob"] && refused == nil {
				refused = unexpected{token: "(", at: int(n.OpPos.Offset()), line: int(n.OpPos.Line())} //nolint:gosec // small
			}
		case *syntax.CoprocClause:
			refused = refusal{"coproc is not built into healthlab's bash", int(n.Pos().Line())} //nolint:gosec // small
		}
		return true
	})
	return refused
}

// parse reads a text that is there.
func (sh *shell) parse(script string) ([]unit, error) {
	if len(script) > maxCommand {
		die(errNoMemory)
	}
	var all []unit
	r := sh.newReader(posix.LineReader{R: bufio.NewReaderSize(strings.NewReader(script), depthEvery)}, func(list []unit) bool {
		all = append(all, list...)
		return false
	})
	return all, r.execute()
}

// runScript runs what a reader of lines gives, to its end.
func (sh *shell) runScript(lines io.Reader) {
	sh.text = &text{}
	r := sh.newReader(lines, func(list []unit) bool {
		return !sh.whole(func() { sh.units(list, true) })
	})
	if err := r.execute(); err != nil {
		sh.reportSyntax(err, "")
		sh.status = sh.syntaxStatus(err)
	}
}

// whole runs what was read as one, and goes on after an error that gives it up.
func (sh *shell) whole(body func()) (ok bool) {
	depth, scopes, frames := sh.depth, len(sh.scopes), len(sh.frames)
	t, src := sh.text, sh.source
	defer func() {
		switch r := recover().(type) {
		case nil:
		case discard:
			if len(sh.frames) > frames {
				sh.params = sh.frames[frames].params
			}
			sh.depth, sh.scopes, sh.frames = depth, sh.scopes[:scopes], sh.frames[:frames]
			sh.text, sh.source = t, src
			sh.trusted, sh.loops, sh.breaks, sh.returns, sh.running = 0, 0, 0, false, ""
			ok = true
		default:
			panic(r)
		}
	}()
	body()
	return true
}

// units runs commands. The last of a shell's script may take over its process.
func (sh *shell) units(list []unit, script bool) {
	for i, u := range list {
		if script && sh.oneCommand && i == len(list)-1 && sh.tail == nil && u.start+len(strings.TrimRight(u.src, "\n")) >= sh.script {
			sh.tail = u.st
		}
		old := sh.source
		sh.source = u
		sh.stmt(u.st)
		sh.source = old
		if sh.jumping() {
			return
		}
	}
}

// runText runs eval's argument, a trap or a sourced file in this shell. It reports a syntax error, after the lines
// before it have run.
func (sh *shell) runText(t *text, lines io.Reader) error {
	sh.enter()
	defer sh.exit()
	old, line := sh.text, sh.line
	defer func() { sh.text, sh.line = old, line }()
	sh.text = t
	r := sh.newReader(lines, func(list []unit) bool {
		sh.units(list, false)
		return sh.jumping()
	})
	return r.execute()
}

func linesOf(script string) io.Reader {
	return posix.LineReader{R: bufio.NewReaderSize(strings.NewReader(script), depthEvery)}
}

// byteLines reads a line a byte at a time, so that a command in a script on standard input gets the rest of it.
type byteLines struct{ r io.Reader }

func (l byteLines) Read(b []byte) (int, error) {
	for n := range b {
		got, err := l.r.Read(b[n : n+1])
		if got == 0 {
			return n, err
		}
		if b[n] == '\n' {
			return n + 1, nil
		}
	}
	return len(b), nil
}

// scriptFile opens a file to run.
func (sh *shell) scriptFile(name string) (*sandbox.File, error) {
	file, err := sh.p.OpenFile(sh.absolute(name), 0, 0)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, errors.Join(sandbox.EISDIR, file.Close())
	}
	return file, nil
}

// raw is the source of a part of a command.
func (u unit) raw(from, to syntax.Pos) string {
	a, b := int(from.Offset())-u.start, int(to.Offset())-u.start //nolint:gosec // small
	if a < 0 || b > len(u.src) || a > b {
		return ""
	}
	return strings.ReplaceAll(u.src[a:b], carriageReturn, "\r")
}

// raw is the source of a part of the command that runs.
func (sh *shell) raw(from, to syntax.Pos) string {
	return sh.source.raw(from, to)
}
