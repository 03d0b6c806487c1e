package bash

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab/node/images/tools"
	"healthlab/lab/node/sandbox"
)

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
	pop := func() {}
	if words[0] != "exec" {
		pop = sh.temporary(c.Assigns)
	}
	defer func() { pop() }()
	if sh.options['x'] {
		sh.trace(traceWords(words))
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
	if f := sh.funcs[words[0]]; f != nil {
		sh.callFunction(words[0], f, words[1:])
		return
	}
	if words[0] == "exec" {
		sh.execCommand(c, keep)
		return
	}
	if b := sh.builtins[words[0]]; b != nil && !sh.disabled(words[0]) {
		running := sh.running
		sh.running = words[0]
		sh.status = b(sh, words)
		sh.running = running
		return
	}
	sh.program1(words, sh.tail == c.st && sh.replaceable())
}

// temporary makes a scope of the assignments in front of a command.
func (sh *shell) temporary(assigns []*syntax.Assign) (pop func()) {
	if len(assigns) == 0 {
		return func() {}
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
			v.str = fmt.Sprint(sh.evaluate(value))
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
	}
}

// callFunction runs a function.
func (sh *shell) callFunction(name string, f *function, args []string) {
	sh.enter()
	defer sh.exit()
	if limit := sh.find("FUNCNEST"); limit != nil && limit.set {
		if n := int(sh.evaluate(limit.str)); n > 0 && len(sh.frames) >= n {
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
	if sh.interactive || slices.ContainsFunc(sh.jobs, func(j *job) bool { return !j.foreign }) {
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

// childEnded runs the trap for SIGCHLD, which nobody sends here.
func (sh *shell) childEnded() {
	if sh.traps["SIGCHLD"] != "" {
		sh.pending = append(sh.pending, sandbox.SIGCHLD)
	}
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
	sh.childEnded()
	switch sig := process.ExitSignal(); sig {
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
