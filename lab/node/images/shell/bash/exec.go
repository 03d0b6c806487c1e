package bash

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab/node/images/tools"
	"healthlab/lab/node/sandbox"
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
	undo, ok := sh.redirect(st.Redirs)
	if !ok {
		sh.status = 1
		return false
	}
	defer undo()
	defer sh.closeSubstitutes(made)
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
		sh.subshell(cmd)
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
		raw := strings.TrimSuffix(sh.raw(cmd.Left, cmd.Right), "")
		raw = strings.TrimPrefix(raw, "((")
		sh.trace("(( " + strings.TrimSpace(raw) + " ))")
		sh.succeed(sh.arithmetic(cmd, raw, "((") != 0)
	case *syntax.LetClause:
		sh.debug(st)
		var value int64
		for _, x := range cmd.Exprs {
			value = sh.evaluateOr(sh.unquote(sh.raw(x.Pos(), x.End())), "let")
		}
		sh.succeed(value != 0)
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

// body runs what a loop repeats, and reports whether it goes on.
func (sh *shell) body(list []*syntax.Stmt) bool {
	sh.stmts(list)
	if sh.breaks > 0 {
		if sh.breaks--; sh.breaks > 0 || !sh.next {
			return false
		}
		sh.next = false
	}
	return !sh.returns
}

func (sh *shell) while(c *syntax.WhileClause) {
	sh.loops++
	defer func() { sh.loops-- }()
	status := 0
	for {
		ok := sh.condition(c.Cond) != c.Until
		if sh.breaks > 0 {
			if sh.breaks--; sh.breaks > 0 || !sh.next {
				status = sh.status
				break
			}
			sh.next = false
			continue
		}
		if sh.returns {
			return
		}
		if !ok {
			break
		}
		on := sh.body(c.Do)
		status = sh.status
		if !on {
			break
		}
	}
	sh.status = status
}

func (sh *shell) forClause(st *syntax.Stmt, c *syntax.ForClause) {
	if loop, ok := c.Loop.(*syntax.CStyleLoop); ok {
		sh.arithmeticLoop(loop, c.Do)
		return
	}
	loop := c.Loop.(*syntax.WordIter) //nolint:forcetypeassert // there are two
	if !validName(loop.Name.Value) {
		sh.status = sh.fail(1, "`%s': not a valid identifier", loop.Name.Value)
		return
	}
	sh.expanded, sh.names = 0, 0
	items := sh.params
	if loop.InPos.IsValid() {
		items = sh.fields(loop.Items)
	}
	if c.Select {
		sh.selectLoop(loop.Name.Value, items, c.Do)
		return
	}
	sh.loops++
	defer func() { sh.loops-- }()
	sh.status = 0
	for _, item := range items {
		sh.line = sh.lineOf(c.Pos())
		if sh.options['x'] {
			words := `"$@"`
			if loop.InPos.IsValid() {
				words = sh.sourceOf(loop.Items)
			}
			sh.trace("for " + loop.Name.Value + " in " + words)
		}
		sh.debug(st)
		if !sh.setLoop(loop.Name.Value, item) {
			sh.status = 1
			return
		}
		if !sh.body(c.Do) {
			return
		}
	}
}

// setLoop gives a loop's variable a value; a reference is pointed at it.
func (sh *shell) setLoop(name, value string) bool {
	if v := sh.find(name); v != nil && v.reference {
		v.str = value
		return true
	}
	return sh.set(name, value)
}

func (sh *shell) sourceOf(words []*syntax.Word) string {
	var list []string
	for _, w := range words {
		list = append(list, sh.raw(w.Pos(), w.End()))
	}
	return strings.Join(list, " ")
}

func (sh *shell) arithmeticLoop(loop *syntax.CStyleLoop, do []*syntax.Stmt) {
	eval := func(x syntax.ArithmExpr) (int64, bool) {
		if x == nil {
			return 1, true
		}
		raw := sh.raw(x.Pos(), x.End())
		sh.trace("(( " + raw + " ))")
		value, ok := sh.arithmeticOK(x, raw, "((")
		return value, ok
	}
	if _, ok := eval(loop.Init); !ok {
		sh.status = 1
		return
	}
	sh.loops++
	defer func() { sh.loops-- }()
	status := 0
	for {
		value, ok := eval(loop.Cond)
		if !ok {
			status = 1
			break
		}
		if value == 0 {
			break
		}
		on := sh.body(do)
		if status = sh.status; !on {
			break
		}
		if _, ok := eval(loop.Post); !ok {
			status = 1
			break
		}
		sh.pause()
	}
	sh.status = status
}

func (sh *shell) caseClause(c *syntax.CaseClause) {
	sh.expanded, sh.names = 0, 0
	if sh.options['x'] {
		sh.trace("case " + sh.raw(c.Word.Pos(), c.Word.End()) + " in")
	}
	word := sh.literal(c.Word)
	sh.status = 0
	through := false
	for _, item := range c.Items {
		matches := through
		for _, p := range item.Patterns {
			if matches {
				break
			}
			matches = sh.matches(sh.pattern(p), word)
		}
		if !matches {
			continue
		}
		if sh.stmts(item.Stmts); sh.jumping() {
			return
		}
		switch item.Op {
		case syntax.Fallthrough:
			through = true
		case syntax.Resume:
			through = false
		default:
			return
		}
	}
}

func (sh *shell) selectLoop(name string, items []string, do []*syntax.Stmt) {
	sh.loops++
	defer func() { sh.loops-- }()
	sh.status = 0
	if len(items) == 0 {
		return
	}
	show := true
	for {
		if show {
			sh.menu(items)
			show = false
		}
		ps3 := "#? "
		if v := sh.get("PS3"); v != nil && v.set {
			ps3 = v.str
		}
		_, _ = io.WriteString(sh.errs(), ps3)
		line, complete := readOptions{delim: '\n', raw: true}.line(sh.input(0))
		if !complete && line == "" {
			_, _ = io.WriteString(sh.out(), "\n")
			sh.status = 1
			return
		}
		sh.set("REPLY", line)
		if strings.TrimSpace(line) == "" {
			show = true
			continue
		}
		n, choice := 0, ""
		if _, err := fmt.Sscanf(strings.TrimSpace(line), "%d", &n); err == nil && n >= 1 && n <= len(items) {
			choice = items[n-1]
		}
		if !sh.set(name, choice) {
			sh.status = 1
			return
		}
		if !sh.body(do) {
			return
		}
	}
}

// menu prints select's choices in columns, as bash's print_select_list.
func (sh *shell) menu(items []string) {
	const width, tab = 80, 8
	longest := 0
	for _, item := range items {
		longest = max(longest, len([]rune(item)))
	}
	digits := len(fmt.Sprint(len(items)))
	longest += digits + 2
	wide := longest + 2
	columns := max(width/wide, 1)
	rows := (len(items) + columns - 1) / columns
	columns = (len(items) + rows - 1) / rows
	if rows == 1 {
		rows, columns = columns, 1
	}
	first := len(fmt.Sprint(rows))
	var b strings.Builder
	for row := range rows {
		at := 0
		for column, i := 0, row; i < len(items); column, i = column+1, i+rows {
			d := digits
			if column == 0 {
				d = first
			}
			text := fmt.Sprintf("%*d) %s", d, i+1, items[i])
			b.WriteString(text)
			if i+rows >= len(items) {
				break
			}
			end := at + len([]rune(text))
			for next := at + wide; end < next; {
				if end/tab*tab+tab <= next {
					b.WriteByte('\t')
					end = end/tab*tab + tab
				} else {
					b.WriteByte(' ')
					end++
				}
			}
			at += wide
		}
		b.WriteByte('\n')
	}
	_, _ = io.WriteString(sh.errs(), b.String())
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

// call is a simple command with its words expanded.
type call struct {
	st    *syntax.Stmt
	c     *syntax.CallExpr
	words []string
}

// simple runs a simple command. It reports whether its redirections could be made.
func (sh *shell) simple(st *syntax.Stmt, c *syntax.CallExpr) bool {
	sh.line = sh.lineOf(c.Pos())
	sh.expanded, sh.names = 0, 0
	made := len(sh.substitutes)
	sh.debug(st)
	args := c.Args
	if len(args) > 0 && len(sh.aliases) > 0 && sh.shopts["expand_aliases"] {
		if sh.runAlias(st, c) {
			return true
		}
	}
	sh.substitute = 0
	words := sh.fields(args)
	if len(words) == 0 {
		return sh.assignOnly(st, c)
	}
	undo, ok := sh.redirect(st.Redirs)
	if !ok {
		sh.status = 1
		sh.pipeStatus = []int{1}
		return false
	}
	keep := false
	defer func() {
		if !keep {
			undo()
		}
	}()
	defer sh.closeSubstitutes(made)
	sh.run(call{st, c, words}, &keep)
	sh.takeSignals()
	sh.last = words[len(words)-1]
	sh.pipeStatus = []int{sh.status}
	return true
}

// assignOnly is a command without words.
func (sh *shell) assignOnly(st *syntax.Stmt, c *syntax.CallExpr) bool {
	for _, a := range c.Assigns {
		if !sh.assignment(a) {
			sh.status = 1
			panic(discard{})
		}
	}
	undo, ok := sh.redirect(st.Redirs)
	if !ok {
		sh.status = 1
		return false
	}
	undo()
	sh.status = sh.substitute
	sh.pipeStatus = []int{sh.status}
	return true
}

// run finds what a command's first word is, and runs it.
func (sh *shell) run(c call, keep *bool) {
	words := c.words
	traced := func() {
		if sh.options['x'] {
			sh.trace(traceWords(words))
		}
	}
	if f := sh.funcs[words[0]]; f != nil {
		pop, ok := sh.temporary(c.c.Assigns)
		if traced(); !ok {
			sh.status = 1
			return
		}
		defer pop()
		sh.callFunction(words[0], f, words[1:])
		return
	}
	if words[0] == "exec" {
		traced()
		sh.execCommand(c, keep)
		return
	}
	if b := sh.builtins[words[0]]; b != nil && !sh.disabled(words[0]) {
		pop, ok := sh.temporary(c.c.Assigns)
		if traced(); !ok {
			sh.status = 1
			return
		}
		defer pop()
		running := sh.running
		sh.running = words[0]
		sh.status = b(sh, words)
		sh.running = running
		return
	}
	pop, ok := sh.temporary(c.c.Assigns)
	if traced(); !ok {
		sh.status = 1
		return
	}
	defer pop()
	sh.program1(words, sh.tail == c.st && sh.replaceable())
}

// temporary makes a scope of the assignments in front of a command.
func (sh *shell) temporary(assigns []*syntax.Assign) (pop func(), ok bool) {
	if len(assigns) == 0 {
		return func() {}, true
	}
	s := &scope{vars: map[string]*variable{}}
	var path bool
	for _, a := range assigns {
		if old := sh.find(a.Name.Value); old != nil && old.readOnly {
			sh.errorf("%s: readonly variable", a.Name.Value)
			continue
		}
		value := ""
		if a.Value != nil {
			value = sh.assigned1(a)
		}
		if a.Append {
			value = sh.value(a.Name.Value) + value
		}
		if sh.options['x'] {
			sh.trace(a.Name.Value + "=" + traceWord(value))
		}
		v := &variable{str: value, set: true, exported: true}
		sh.hold(0, len(value))
		if old := sh.find(a.Name.Value); old != nil && old.integer {
			v.str = fmt.Sprint(sh.evaluate(value, ""))
		}
		s.vars[a.Name.Value] = v
		path = path || a.Name.Value == "PATH"
	}
	sh.scopes = append(sh.scopes, s)
	hashed := sh.hashed
	if path {
		sh.hashed = nil
	}
	n := len(sh.scopes)
	return func() {
		for _, v := range s.vars {
			sh.held -= len(v.str)
		}
		sh.scopes = sh.scopes[:n-1]
		if path {
			sh.hashed = hashed
		}
	}, true
}

// callFunction runs a function.
func (sh *shell) callFunction(name string, f *function, args []string) {
	sh.enter()
	defer sh.exit()
	if limit := sh.find("FUNCNEST"); limit != nil && limit.set {
		if n := int(sh.evaluate(limit.str, "")); n > 0 && len(sh.frames) >= n {
			sh.errorf("%s: maximum function nesting level exceeded (%d)", name, n)
			sh.status = 1
			panic(discard{})
		}
	}
	source := f.text.source
	if source == "" {
		source = "environment"
		if sh.fromFile {
			source = sh.name
		}
	}
	sh.frames = append(sh.frames, frame{name: name, source: source, line: sh.line, params: sh.params})
	scopes, loops, params := len(sh.scopes), sh.loops, sh.params
	text, src, line := sh.text, sh.source, sh.line
	running := sh.running
	sh.running = ""
	sh.scopes = append(sh.scopes, &scope{vars: map[string]*variable{}, function: true})
	sh.params, sh.loops = args, 0
	t := *f.text
	if t.source == "" && !sh.fromFile {
		t.source = source
	}
	sh.text, sh.source = &t, f.source
	hiddenReturn := sh.traps["RETURN"]
	if !sh.options['T'] {
		delete(sh.traps, "RETURN")
	} else {
		hiddenReturn = ""
	}
	debug, hidden := sh.traps["DEBUG"], false
	if debug != "" && !sh.options['T'] {
		delete(sh.traps, "DEBUG")
		hidden = true
	}
	back := func() {
		if s := sh.scopes[scopes]; s.options != nil {
			sh.options = s.options
		}
		for _, s := range sh.scopes[scopes:] {
			for _, v := range s.vars {
				sh.held -= v.size()
			}
		}
		sh.scopes = sh.scopes[:scopes]
		sh.frames = sh.frames[:len(sh.frames)-1]
		sh.params, sh.loops = params, loops
		if hidden && sh.traps["DEBUG"] == "" {
			sh.traps["DEBUG"] = debug
		}
		if _, set := sh.traps["RETURN"]; !set && hiddenReturn != "" {
			sh.traps["RETURN"] = hiddenReturn
		}
	}
	sh.held += size(args)
	sh.hold(0, 0)
	sh.stmt(f.body)
	if text := sh.traps["RETURN"]; text != "" {
		code := sh.status
		returns := sh.returns
		sh.returns = false
		sh.runTrap("RETURN", text)
		sh.status, sh.returns = code, returns
	}
	sh.returns = false
	sh.text, sh.source, sh.line, sh.running = text, src, line, running
	sh.held -= size(args)
	back()
}

func size(words []string) int {
	n := 0
	for _, w := range words {
		n += len(w) + 16
	}
	return n
}

// replaceable reports whether a program may take over the shell's process.
func (sh *shell) replaceable() bool {
	if sh.interactive || len(sh.jobs) > 0 {
		return false
	}
	for name, text := range sh.traps {
		if text != "" && name != "ERR" {
			return false
		}
	}
	return true
}

// program1 runs a program: in a process of its own, or in place of the shell.
func (sh *shell) program1(words []string, inPlace bool) {
	name := words[0]
	if name == "" {
		sh.status = sh.fail(127, ": command not found")
		return
	}
	if f := sh.funcs["command_not_found_handle"]; f != nil && !strings.Contains(name, "/") && sh.locate(name) == "" {
		sh.callFunction("command_not_found_handle", f, words)
		return
	}
	cmd := sandbox.Command{Path: name, Args: words, Env: sh.environment()}
	sh.equip(&cmd)
	if inPlace {
		code, err := sh.p.Exec(cmd)
		if err != nil {
			sh.status = sh.startFailed(words, err)
			return
		}
		panic(replaced{code})
	}
	process, err := sh.p.Start(cmd)
	if err != nil {
		sh.status = sh.startFailed(words, err)
		return
	}
	sh.status = sh.awaitCommand(process)
}

// startFailed prints why a program could not be started and returns the status for it.
func (sh *shell) startFailed(words []string, err error) int {
	name := words[0]
	var start *sandbox.StartError
	if !errors.As(err, &start) {
		sh.errorf("fork: retry: %s", tools.Reason(err))
		return 254
	}
	why := string(start.Errno)
	info, serr := sh.p.FS().Stat(sh.absolute(name))
	switch {
	case start.Code == 127 && !strings.Contains(name, "/"):
		why = "command not found"
	case start.Code == 126 && serr == nil && info.IsDir() && strings.Contains(name, "/"):
		why = "Is a directory"
	case start.Errno == sandbox.ENOEXEC:
		return sh.plainScript(words)
	}
	sh.errorf("%s: %s", printable(name), why)
	return start.Code
}

// plainScript runs a file without #! as a script, in a subshell.
func (sh *shell) plainScript(words []string) int {
	name := words[0]
	if found := sh.locate(name); found != "" {
		name = found
	}
	body := func(child *shell) {
		child.name, child.fromFile, child.oneCommand = name, true, false
		child.params, child.frames = words[1:], nil
		child.environ(child.environment())
		child.funcs = map[string]*function{}
		file, err := child.scriptFile(name)
		if err != nil {
			child.status = child.fail(126, "%s: %s", name, reason(err))
			return
		}
		defer file.Close()
		child.runScript(byteLines{waiting{child, file}})
	}
	return sh.runSubshell(body, name)
}

// commandText is the command that runs, as bash prints it.
func (sh *shell) commandText() string {
	if sh.command == nil {
		return ""
	}
	return printed(sh.command, sh.source)
}

func (sh *shell) awaitCommand(process *sandbox.Process) int {
	return sh.awaitAs(process, sh.commandText)
}

// await waits for a child in the foreground and returns its status.
func (sh *shell) await(process *sandbox.Process, text string) int {
	return sh.awaitAs(process, func() string { return text })
}

func (sh *shell) awaitAs(process *sandbox.Process, text func() string) int {
	select {
	case <-process.Done():
	case <-sh.ctx.Done():
		if sh.interactive { // Ctrl-C, which a process that has just been started may have missed
			_ = sh.p.Kill(-process.PID(), sandbox.SIGINT)
		}
		die(sh.ctx.Err())
	}
	switch sig := process.ExitSignal(); sig { //nolint:exhaustive // the others are told
	case 0, sandbox.SIGINT, sandbox.SIGPIPE:
	case sandbox.SIGTERM:
		sh.complain(sig.Description() + "\n")
	default:
		if sh.interactive {
			sh.complain(sig.Description() + "\n")
		} else {
			sh.complain(fmt.Sprintf("%s%5d %-23s %s\n", sh.prefix(), process.PID(), sig.Description(), text()))
		}
	}
	return process.ExitCode()
}
