package shell

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab/node/images/shell/posix"
	"healthlab/lab/node/sandbox"
)

// source feeds a script to the parser, a line at a time. The parser is recursive and asks for more text from where it
// is, so this is where its depth is seen; and it asks when a line is done, so this is where what it has read is run,
// before what follows is even looked at, as a real shell does.
type source struct {
	ctx     context.Context
	lines   io.Reader // returns at most one line
	parser  *syntax.Parser
	text    []byte         // of the command that is being read
	start   int            // where text begins in the script
	ended   bool           // at the end of a line
	number  int            // of the line that was read last
	checked int            // bytes since the depth was looked at
	ready   []*syntax.Stmt // read, but not yet run
	run     func([]*syntax.Stmt) (done bool)
	done    bool
}

// depthEvery is after how many bytes the parser's depth is looked at. No byte makes it more than some 25 frames deeper.
const depthEvery = 512

func newSource(ctx context.Context, lines io.Reader, run func([]*syntax.Stmt) bool) *source {
	return &source{
		ctx: ctx, lines: lines, run: run,
		parser: syntax.NewParser(syntax.Variant(syntax.LangBash)),
	}
}

// Read hands the next line to the parser, or a part of it.
func (s *source) Read(b []byte) (int, error) {
	if s.ended && !s.parser.Incomplete() {
		s.flush()
	}
	if s.done || s.ctx.Err() != nil {
		s.done = true
		return 0, io.EOF
	}
	if s.checked >= depthEvery {
		s.checked = 0
		if tooDeepStack() {
			die(errTooDeep)
		}
	}
	n, err := s.lines.Read(b[:min(len(b), depthEvery)])
	s.checked += n
	if n > 0 {
		if s.ended || s.number == 0 {
			s.number++
		}
		s.ended = b[n-1] == '\n'
	}
	if s.text = append(s.text, b[:n]...); len(s.text) > maxCommand {
		die(errNoMemory)
	}
	return n, err
}

// flush runs what has been read.
func (s *source) flush() {
	ready := s.ready
	s.ready = nil
	s.start += len(s.text)
	s.text = s.text[:0]
	if len(ready) > 0 {
		s.done = s.run(ready)
	}
}

// execute reads the script to its end and runs it. The error is a syntax error; what was before it has run.
func (s *source) execute() error {
	var failed error
	// Not left before its end: the parser returns an error even to a loop that is over.
	for st, err := range s.parser.StmtsSeq(s) {
		if s.done {
			continue
		}
		if err == nil {
			err = check(st)
		}
		if err != nil {
			failed = ashError(err, s.text, s.start)
			s.done = true
			continue
		}
		s.ready = append(s.ready, st)
	}
	if !s.done && s.ctx.Err() == nil {
		s.flush()
	}
	return failed
}

// parse reads a whole script that is there; one that is cut short by the end of ctx will not be run either.
func (sh *shell) parse(ctx context.Context, script string) (*syntax.File, error) {
	if len(script) > maxCommand {
		die(errNoMemory)
	}
	file := &syntax.File{}
	lines := posix.LineReader{R: bufio.NewReaderSize(waiting{sh, strings.NewReader(script)}, depthEvery)}
	s := newSource(ctx, lines, func(list []*syntax.Stmt) bool {
		file.Stmts = append(file.Stmts, list...)
		return false
	})
	if err := s.execute(); err != nil {
		return nil, err
	}
	for _, st := range file.Stmts {
		rewrite(st)
	}
	return file, nil
}

// script runs a script from a reader of lines, and what is due at its end.
func (sh *shell) runScript(ctx context.Context, lines io.Reader) int {
	code := 0
	s := newSource(ctx, lines, func(list []*syntax.Stmt) bool {
		for i, st := range list {
			rewrite(st)
			sh.single = i == len(list)-1 && sh.takesOver(st)
			code = sh.status(ctx, sh.runner.Run(ctx, st))
			if sh.runner.Exited() || ctx.Err() != nil {
				return true
			}
		}
		return false
	})
	if err := s.execute(); err != nil {
		sh.reading = s.number
		sh.complain(err)
		return 2
	}
	if sh.runner.Exited() || ctx.Err() != nil {
		return code
	}
	if len(sh.trapped()) > 0 {
		if err, ran := sh.runTraps(ctx); ran {
			code = sh.status(ctx, err)
		}
	}
	if sh.atExit && !sh.runner.Exited() {
		code = sh.status(ctx, sh.runner.Run(ctx, &syntax.File{Stmts: []*syntax.Stmt{statusStmt(code)}}))
	}
	return code
}

// takesOver reports whether a command is the last one of sh -c, and a program: as in ash that program then takes the
// place of the shell.
func (sh *shell) takesOver(st *syntax.Stmt) bool {
	c, simple := st.Cmd.(*syntax.CallExpr)
	if sh.ended == nil || !simple || len(c.Args) == 0 || st.Negated || sh.interactive || sh.atExit || len(sh.traps) > 0 {
		return false
	}
	name := c.Args[0].Lit()
	return name != "" && sh.runner.Funcs[name] == nil && !interp.IsBuiltin(name) && !strings.HasPrefix(name, "__healthlab") && sh.ended()
}

// scriptFile opens a file to run.
func (sh *shell) scriptFile(name string) (*sandbox.File, error) {
	file, err := sh.p.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, errors.Join(sandbox.EISDIR, file.Close())
	}
	return file, nil
}
