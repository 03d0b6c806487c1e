package bash

import (
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// prefix is what messages begin with.
func (sh *shell) prefix() string {
	name := sh.name
	if sh.text.source != "" {
		name = sh.text.source
	}
	if sh.interactive {
		if sh.text.source == "" || sh.text.source == "environment" {
			return "bash: "
		}
		return fmt.Sprintf("bash: %s: line %d: ", name, sh.line)
	}
	return fmt.Sprintf("%s: line %d: ", name, sh.line)
}

// errorf prints a message.
func (sh *shell) errorf(format string, args ...any) {
	sh.complain(sh.prefix() + fmt.Sprintf(format, args...) + "\n")
}

func (sh *shell) warn(text string) { sh.errorf("warning: %s", text) }

// fail is errorf with a status.
func (sh *shell) fail(code int, format string, args ...any) int {
	sh.errorf(format, args...)
	return code
}

// giveUp prints a message and gives up what was read.
func (sh *shell) giveUp(format string, args ...any) {
	sh.errorf(format, args...)
	sh.status = 1
	panic(discard{})
}

// stop prints a message and ends a shell that nobody types at.
func (sh *shell) stop(format string, args ...any) {
	sh.errorf(format, args...)
	sh.status = 1
	if sh.oneCommand && sh.level == 0 {
		sh.status = 127
	}
	if sh.interactive {
		sh.status = 1
		panic(discard{})
	}
	panic(leave{})
}

func (sh *shell) stmts(list []*syntax.Stmt) {
	for _, st := range list {
		if sh.stmt(st); sh.jumping() {
			return
		}
	}
}

// condition runs commands whose failure set -e does not mind.
func (sh *shell) condition(list []*syntax.Stmt) bool {
	sh.trusted++
	sh.stmts(list)
	sh.trusted--
	return sh.status == 0
}

// pause is where a shell notices that it was killed or stopped, and runs the traps that are due.
func (sh *shell) pause() {
	if err := sh.p.Wait(); err != nil {
		die(err)
	}
	if err := sh.ctx.Err(); err != nil {
		die(err)
	}
	sh.takeSignals()
}

// lineOf is the number of the line of a part of the command that runs.
func (sh *shell) lineOf(at syntax.Pos) int {
	return sh.text.above + sh.source.above + int(at.Line()) //nolint:gosec // small
}

// stmt runs one command.
func (sh *shell) stmt(st *syntax.Stmt) {
	sh.enter()
	defer sh.exit()
	sh.pause()
	if sh.options['n'] && !sh.interactive {
		return
	}
	sh.line = sh.lineOf(st.Pos())
	if st.Background {
		sh.startBackground(st)
		return
	}
	if st.Negated {
		sh.trusted++
		sh.redirected(st)
		sh.trusted--
		if sh.status == 0 {
			sh.status = 1
		} else {
			sh.status = 0
		}
		return
	}
	failed := !sh.redirected(st)
	if sh.status == 0 || sh.trusted > 0 || !failed && !failing(st.Cmd) || sh.jumping() && sh.returns {
		return
	}
	sh.errExit()
}

// errExit does what set -e and the ERR trap ask for after a failure.
func (sh *shell) errExit() {
	if text := sh.traps["ERR"]; text != "" && sh.trapping != "ERR" && (len(sh.frames) == 0 || sh.options['E']) {
		code := sh.status
		sh.runTrap("ERR", text)
		sh.status = code
	}
	if sh.options['e'] {
		panic(leave{})
	}
}

// failing reports whether a command's own failure counts for set -e. That of the others is one of a command inside.
func failing(cmd syntax.Command) bool {
	switch cmd := cmd.(type) {
	case *syntax.CallExpr, *syntax.Subshell, *syntax.TestClause, *syntax.ArithmCmd, *syntax.LetClause, *syntax.DeclClause:
		return true
	case *syntax.BinaryCmd:
		return cmd.Op == syntax.Pipe || cmd.Op == syntax.PipeAll
	}
	return false
}

// redirected runs a command with its redirections. It reports whether those could be made.
func (sh *shell) redirected(st *syntax.Stmt) bool {
	if c, ok := st.Cmd.(*syntax.CallExpr); ok {
		return sh.simple(st, c)
	}
	if _, ok := st.Cmd.(*syntax.DeclClause); ok {
		sh.debug(st)
	}
	if len(st.Redirs) == 0 {
		if st.Cmd != nil {
			sh.cmd(st, st.Cmd)
		}
		return true
	}
	sh.expanded, sh.names = 0, 0
	made := len(sh.substitutes)
	before := sh.fds[2]
	undo, ok := sh.redirect(st.Redirs)
	if !ok {
		sh.status = 1
		return false
	}
	defer undo()
	defer sh.closeSubstitutes(made)
	switch st.Cmd.(type) {
	case *syntax.DeclClause, *syntax.ArithmCmd, *syntax.TestClause, *syntax.LetClause:
		sh.traces = before // what set -x prints about a command itself does not go where the command writes
		defer func() { sh.traces = nil }()
	}
	if st.Cmd == nil {
		sh.status = 0
		return true
	}
	sh.cmd(st, st.Cmd)
	return true
}

// cmd runs what is no simple command.
func (sh *shell) cmd(st *syntax.Stmt, cmd syntax.Command) {
	switch cmd := cmd.(type) {
	case *syntax.Block:
		sh.stmts(cmd.Stmts)
	case *syntax.Subshell:
		sh.subshell(st, cmd)
	case *syntax.BinaryCmd:
		sh.binary(st, cmd)
	case *syntax.IfClause:
		sh.ifClause(cmd)
	case *syntax.WhileClause:
		sh.while(cmd)
	case *syntax.ForClause:
		sh.forClause(st, cmd)
	case *syntax.CaseClause:
		sh.caseClause(cmd)
	case *syntax.FuncDecl:
		if cmd.Name == nil {
			return
		}
		text := *sh.text
		sh.funcs[cmd.Name.Value] = &function{body: cmd.Body, text: &text, source: sh.source}
		sh.status = 0
	case *syntax.ArithmCmd:
		sh.debug(st)
		raw := strings.TrimPrefix(sh.raw(cmd.Left, cmd.Right), "((")
		sh.trace("(( " + raw + " ))")
		sh.succeed(sh.arithmetic(cmd, raw, "((") != 0)
	case *syntax.LetClause:
		sh.debug(st)
		words := []string{"let"}
		for _, x := range cmd.Exprs {
			words = append(words, sh.unquote(sh.raw(x.Pos(), x.End())))
		}
		sh.trace(traceWords(words))
		sh.status = letBuiltin(sh, words)
	case *syntax.TestClause:
		sh.debug(st)
		sh.expanded, sh.names = 0, 0
		holds, bad := sh.holds(cmd.X)
		if sh.succeed(holds); bad {
			sh.status = 2
		}
	case *syntax.DeclClause:
		sh.declClause(cmd)
	case *syntax.TimeClause:
		sh.timed(cmd)
	default:
		sh.status = sh.fail(2, "syntax error: %T is not built into healthlab's bash", cmd)
	}
}

func (sh *shell) succeed(ok bool) {
	sh.status = 1
	if ok {
		sh.status = 0
	}
}

func (sh *shell) ifClause(c *syntax.IfClause) {
	for ; c != nil; c = c.Else {
		if len(c.Cond) > 0 {
			ok := sh.condition(c.Cond)
			if sh.jumping() {
				return
			}
			if !ok {
				continue
			}
		}
		sh.stmts(c.Then)
		return
	}
	sh.status = 0
}

func (sh *shell) binary(st *syntax.Stmt, c *syntax.BinaryCmd) {
	switch c.Op {
	case syntax.AndStmt, syntax.OrStmt:
		sh.trusted++
		sh.stmt(c.X)
		sh.trusted--
		if sh.jumping() || (sh.status == 0) != (c.Op == syntax.AndStmt) {
			return
		}
		sh.stmt(c.Y)
	default:
		sh.pipeline(st, c)
	}
}
