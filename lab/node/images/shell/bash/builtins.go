package bash

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab/node/images/tools"
	"healthlab/lab/node/sandbox"
)

// builtin is a command of the shell itself; it returns its status.
type builtin func(sh *shell, words []string) int

// builtins returns the commands of the shell by name; exec, which changes how the shell goes on, is not among them.
func builtins() map[string]builtin {
	status := func(code int) builtin { return func(*shell, []string) int { return code } }
	declared := func(sh *shell, words []string) int {
		options := 1
		for options < len(words) && len(words[options]) > 1 && (words[options][0] == '-' || words[options][0] == '+') {
			options++
		}
		var list []declared
		for _, w := range words[options:] {
			list = append(list, declaredWord(w))
		}
		return sh.declare(words[:options], list)
	}
	return map[string]builtin{
		":": status(0), "true": status(0), "false": status(1),
		".": dotBuiltin, "source": dotBuiltin, "alias": aliasBuiltin, "bg": jobControl, "bind": status(0),
		"break": loopBuiltin, "builtin": builtinBuiltin, "caller": callerBuiltin, "cd": cdBuiltin, "command": commandBuiltin,
		"compgen": compgenBuiltin, "complete": status(0), "compopt": status(0), "continue": loopBuiltin, "declare": declared,
		"dirs": dirsBuiltin, "disown": disownBuiltin, "echo": echoBuiltin, "enable": enableBuiltin, "eval": evalBuiltin,
		"exit": exitBuiltin, "export": declared, "fc": status(0), "fg": jobControl, "getopts": getoptsBuiltin,
		"hash": hashBuiltin, "help": helpBuiltin, "history": status(0), "jobs": jobsBuiltin, "kill": killBuiltin, "let": letBuiltin,
		"local": declared, "logout": logoutBuiltin, "mapfile": mapfileBuiltin, "readarray": mapfileBuiltin, "popd": popdBuiltin,
		"printf": printfBuiltin, "pushd": pushdBuiltin, "pwd": pwdBuiltin, "read": readBuiltin, "readonly": declared,
		"return": returnBuiltin, "set": setBuiltin, "shift": shiftBuiltin, "shopt": shoptBuiltin, "suspend": jobControl,
		"test": testBuiltin, "[": testBuiltin, "times": timesBuiltin, "trap": trapBuiltin, "type": typeBuiltin,
		"typeset": declared, "ulimit": ulimitBuiltin, "umask": umaskBuiltin, "unalias": unaliasBuiltin, "unset": unsetBuiltin,
		"wait": waitBuiltin,
	}
}

func (sh *shell) isBuiltin(name string) bool {
	return (name == "exec" || sh.builtins[name] != nil) && !sh.disabled(name)
}

// specialBuiltin reports whether POSIX calls a builtin special.
func specialBuiltin(name string) bool {
	return slices.Contains(strings.Fields(". : break continue eval exec exit export readonly return set shift source times trap unset"), name)
}

func (sh *shell) disabled(name string) bool { return sh.aliases["\x00"+name] != "" }

// execCommand is exec: it replaces the shell, or keeps redirections.
func (sh *shell) execCommand(c call, keep *bool) {
	words := c.words[1:]
	name, clean := "", false
	for len(words) > 0 && len(words[0]) > 1 && words[0][0] == '-' {
		flag := words[0]
		words = words[1:]
		if flag == "--" {
			break
		}
		for i, f := range flag[1:] {
			switch f {
			case 'c':
				clean = true
			case 'l':
				if len(words) > 0 && name == "" {
					name = "-" + words[0]
				}
			case 'a':
				if rest := flag[i+2:]; rest != "" {
					name = rest
				} else if len(words) > 0 {
					name, words = words[0], words[1:]
				}
			default:
				sh.errorf("exec: -%c: invalid option", f)
				sh.complain("exec: usage: exec [-cl] [-a name] [command [argument ...]] [redirection ...]\n")
				sh.status = 2
				return
			}
		}
	}
	if len(words) == 0 {
		*keep = true
		sh.substitutes = nil
		sh.status = 0
		return
	}
	pop, _ := sh.temporary(c.c.Assigns)
	defer pop()
	args := slices.Clone(words)
	if name != "" {
		args[0] = name
	}
	cmd := sandbox.Command{Path: words[0], Args: args, Env: sh.environment()}
	if clean {
		cmd.Env = []string{}
	}
	sh.equip(&cmd)
	if text := sh.traps["EXIT"]; text != "" {
		_ = text // the trap is gone with the shell
	}
	code, err := sh.p.Exec(cmd)
	if err == nil {
		panic(replaced{code})
	}
	why := err.Error()
	if start, ok := err.(*sandbox.StartError); ok { //nolint:errorlint // it is what Exec returns
		sh.status = start.Code
		why = string(start.Errno)
		if start.Code == 127 && !strings.Contains(words[0], "/") {
			why = "not found"
		}
		if start.Errno == sandbox.ENOEXEC {
			sh.status = sh.plainScript(words)
			panic(leave{})
		}
		if info, serr := sh.p.FS().Stat(sh.absolute(words[0])); serr == nil && info.IsDir() && start.Code == 126 {
			sh.errorf("%s: Is a directory", words[0])
			sh.errorf("exec: %s: cannot execute: Is a directory", words[0])
			why = ""
		}
		switch {
		case why == "":
		case start.Code == 126:
			sh.errorf("%s: %s", words[0], why)
			sh.errorf("exec: %s: cannot execute: %s", words[0], why)
		case why == "not found":
			sh.errorf("exec: %s: not found", words[0])
		default:
			sh.errorf("%s: %s", words[0], why)
		}
	} else {
		sh.status = sh.fail(126, "exec: %s: %s", words[0], why)
	}
	if !sh.interactive && !sh.shopts["execfail"] {
		panic(leave{})
	}
}

func loopBuiltin(sh *shell, words []string) int {
	n := 1
	if len(words) > 1 {
		var err error
		if n, err = strconv.Atoi(words[1]); err != nil {
			sh.errorf("%s: %s: numeric argument required", words[0], words[1])
			sh.status = 128
			panic(leave{})
		}
		if n < 1 {
			sh.errorf("%s: %s: loop count out of range", words[0], words[1])
			sh.breaks, sh.next = sh.loops, false
			return 1
		}
	}
	if sh.loops == 0 {
		sh.errorf("%s: only meaningful in a `for', `while', or `until' loop", words[0])
		return 0
	}
	sh.breaks, sh.next = min(n, sh.loops), words[0] == "continue"
	return 0
}

func exitBuiltin(sh *shell, words []string) int {
	if sh.interactive {
		sh.complain("exit\n")
	}
	if len(words) > 1 {
		n, err := strconv.ParseInt(strings.TrimSpace(words[1]), 10, 64)
		switch {
		case err != nil:
			sh.status = sh.fail(2, "exit: %s: numeric argument required", words[1])
			panic(leave{})
		case len(words) > 2:
			sh.status = sh.fail(1, "exit: too many arguments")
			panic(discard{})
		}
		sh.status = int(n & 0xff)
	}
	panic(leave{})
}

func logoutBuiltin(sh *shell, words []string) int {
	if !sh.login {
		return sh.fail(1, "logout: not login shell: use `exit'")
	}
	return exitBuiltin(sh, words)
}

func returnBuiltin(sh *shell, words []string) int {
	code := sh.status
	if len(words) > 1 && words[1] == "--" {
		words = slices.Delete(slices.Clone(words), 1, 2)
	}
	if len(words) > 1 {
		n, err := strconv.ParseInt(strings.TrimSpace(words[1]), 10, 64)
		if err != nil {
			sh.errorf("return: %s: numeric argument required", words[1])
			n = 2
		}
		code = int(n & 0xff)
	}
	if len(sh.frames) == 0 {
		sh.errorf("return: can only `return' from a function or sourced script")
		return 2
	}
	sh.returns = true
	return code
}

func shiftBuiltin(sh *shell, words []string) int {
	n := 1
	if len(words) > 1 {
		var err error
		if n, err = strconv.Atoi(words[1]); err != nil {
			sh.errorf("shift: %s: numeric argument required", words[1])
			return 1
		}
		if n < 0 {
			return sh.fail(1, "shift: %s: shift count out of range", words[1])
		}
	}
	if n > len(sh.params) {
		if sh.shopts["shift_verbose"] {
			sh.errorf("shift: %d: shift count out of range", n)
		}
		return 1
	}
	sh.params = sh.params[n:]
	return 0
}

func evalBuiltin(sh *shell, words []string) int {
	args := words[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return 0
	}
	script := strings.Join(args, " ")
	sh.status = 0
	sh.traceLevel++
	t := &text{source: sh.text.source, above: sh.line - 1}
	err := sh.runText(t, linesOf(script))
	sh.traceLevel--
	if err != nil {
		old := sh.text
		sh.text = t
		sh.reportSyntax(err, "eval")
		sh.text = old
		return sh.syntaxStatus(err)
	}
	return sh.status
}

func dotBuiltin(sh *shell, words []string) int {
	args := words[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		sh.errorf("%s: filename argument required", words[0])
		sh.complain(words[0] + ": usage: " + words[0] + " filename [arguments]\n")
		return 2
	}
	return sh.sourceFile(words[0], args[0], args[1:])
}

// sourceFile runs a file in this shell.
func (sh *shell) sourceFile(command, name string, args []string) int {
	full := name
	if !strings.Contains(name, "/") {
		if found := sh.inPath(name, false); found != "" {
			full = found
		}
	}
	var lines io.Reader
	if s, ok, err := sh.openSpecial(full); ok && err == nil {
		defer s.release()
		lines = byteLines{waiting{sh, s.in}}
	} else {
		file, err := sh.scriptFile(full)
		if err != nil {
			why := reason(err)
			if why == string(sandbox.EISDIR) {
				return sh.fail(1, "%s: %s: is a directory", command, name)
			}
			return sh.fail(1, "%s: %s", name, why)
		}
		defer file.Close()
		lines = lineReader{bufio.NewReader(waiting{sh, file})}
	}
	sh.frames = append(sh.frames, frame{name: "source", source: full, line: sh.line, params: sh.params})
	n, params, loops := len(sh.frames), sh.params, sh.loops
	if len(args) > 0 {
		sh.params = args
	}
	sh.loops = 0
	sh.status = 0
	t := &text{source: full}
	err := sh.runText(t, lines)
	sh.frames, sh.loops = sh.frames[:n-1], loops
	if len(args) > 0 {
		sh.params = params
	}
	sh.returns = false
	if err != nil {
		old := sh.text
		sh.text = t
		sh.reportSyntax(err, "")
		sh.text = old
		return sh.syntaxStatus(err)
	}
	if text := sh.traps["RETURN"]; text != "" {
		code := sh.status
		sh.runTrap("RETURN", text)
		return code
	}
	return sh.status
}

// inPath finds a file in the directories of PATH.
func (sh *shell) inPath(name string, executable bool) string {
	for dir := range strings.SplitSeq(sh.value("PATH"), ":") {
		if dir == "" {
			dir = "."
		}
		full := joinPath(dir, name)
		info, err := sh.p.FS().Stat(sh.fsPath(full))
		if err == nil && !info.IsDir() && (!executable || info.Mode()&0o111 != 0) {
			return full
		}
	}
	return ""
}

// locate finds a program.
func (sh *shell) locate(name string) string {
	if strings.Contains(name, "/") {
		info, err := sh.p.FS().Stat(sh.fsPath(name))
		if err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return name
		}
		return ""
	}
	return sh.inPath(name, true)
}

func letBuiltin(sh *shell, words []string) int {
	if len(words) < 2 {
		return sh.fail(1, "let: expression expected")
	}
	var value int64
	for _, w := range words[1:] {
		value = sh.evaluateOr(w, "let")
	}
	if value == 0 {
		return 1
	}
	return 0
}

func builtinBuiltin(sh *shell, words []string) int {
	if len(words) < 2 {
		return 0
	}
	b := sh.builtins[words[1]]
	if b == nil {
		return sh.fail(1, "builtin: %s: not a shell builtin", words[1])
	}
	return b(sh, words[1:])
}

func commandBuiltin(sh *shell, words []string) int {
	args := words[1:]
	query := byte(0)
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		flag := args[0]
		args = args[1:]
		if flag == "--" {
			break
		}
		for _, f := range []byte(flag[1:]) {
			switch f {
			case 'v', 'V':
				query = f
			case 'p':
			default:
				sh.errorf("command: -%c: invalid option", f)
				sh.complain("command: usage: command [-pVv] command [arg ...]\n")
				return 2
			}
		}
	}
	if len(args) == 0 {
		return 0
	}
	if query != 0 {
		code := 1
		for _, a := range args {
			if sh.describe(a, query == 'V', "command") {
				code = 0
			}
		}
		return code
	}
	if b := sh.builtins[args[0]]; b != nil {
		return b(sh, args)
	}
	if args[0] == "exec" {
		keep := false
		sh.execCommand(call{st: nil, c: &syntax.CallExpr{}, words: args}, &keep)
		return sh.status
	}
	sh.program1(args, false)
	return sh.status
}

// describe is command -v and -V, and type.
func (sh *shell) describe(name string, long bool, command string) bool {
	out := sh.out()
	say := func(short, text string) bool {
		if long {
			short = name + " is " + text
		}
		fmt.Fprintln(out, short)
		return true
	}
	if text, ok := sh.aliases[name]; ok && sh.shopts["expand_aliases"] {
		return say("alias "+name+"="+quoteAll(text), "aliased to `"+text+"'")
	}
	if isKeyword(name) {
		return say(name, "a shell keyword")
	}
	if f := sh.funcs[name]; f != nil {
		say(name, "a function")
		if long {
			fmt.Fprint(out, f.print(name))
		}
		return true
	}
	if sh.isBuiltin(name) {
		if specialBuiltin(name) && sh.option("posix") {
			return say(name, "a special shell builtin")
		}
		return say(name, "a shell builtin")
	}
	if found := sh.locate(name); found != "" {
		if hashed := sh.hashed[name]; hashed != "" && long {
			return say("", "hashed ("+hashed+")")
		}
		return say(found, found)
	}
	if long {
		sh.errorf("%s: %s: not found", command, name)
	}
	return false
}

func isKeyword(name string) bool {
	return slices.Contains(strings.Fields("if then else elif fi case esac for select while until do done in function time { } ! [[ ]] coproc"), name)
}

func typeBuiltin(sh *shell, words []string) int {
	args := words[1:]
	var all, typed, paths, forced, noFuncs bool
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		flag := args[0]
		args = args[1:]
		if flag == "--" {
			break
		}
		for _, f := range flag[1:] {
			switch f {
			case 'a':
				all = true
			case 't':
				typed = true
			case 'p':
				paths = true
			case 'P':
				forced = true
			case 'f':
				noFuncs = true
			default:
				sh.errorf("type: -%c: invalid option", f)
				sh.complain("type: usage: type [-afptP] name [name ...]\n")
				return 2
			}
		}
	}
	code := 0
	for _, name := range args {
		if !sh.typeOne(name, all, typed, paths, forced, noFuncs) {
			code = 1
		}
	}
	return code
}

func (sh *shell) typeOne(name string, all, typed, paths, forced, noFuncs bool) bool {
	out := sh.out()
	var kinds []string
	if _, ok := sh.aliases[name]; ok && sh.shopts["expand_aliases"] {
		kinds = append(kinds, "alias")
	}
	if isKeyword(name) {
		kinds = append(kinds, "keyword")
	}
	if sh.funcs[name] != nil && !noFuncs {
		kinds = append(kinds, "function")
	}
	if sh.isBuiltin(name) {
		kinds = append(kinds, "builtin")
	}
	found := sh.locate(name)
	if found != "" {
		kinds = append(kinds, "file")
	}
	switch {
	case forced:
		if found != "" {
			fmt.Fprintln(out, found)
		}
		return found != ""
	case len(kinds) == 0:
		if !typed && !paths {
			sh.errorf("type: %s: not found", name)
		}
		return false
	case !all:
		kinds = kinds[:1]
	}
	for _, kind := range kinds {
		switch {
		case typed:
			fmt.Fprintln(out, kind)
		case paths:
			if kind == "file" {
				fmt.Fprintln(out, found)
			}
		case kind == "alias":
			fmt.Fprintf(out, "%s is aliased to `%s'\n", name, sh.aliases[name])
		case kind == "keyword":
			fmt.Fprintln(out, name+" is a shell keyword")
		case kind == "function":
			fmt.Fprint(out, name+" is a function\n"+sh.funcs[name].print(name))
		case kind == "builtin":
			fmt.Fprintln(out, name+" is a shell builtin")
		case sh.hashed[name] != "" && !all:
			fmt.Fprintf(out, "%s is hashed (%s)\n", name, sh.hashed[name])
		default:
			fmt.Fprintln(out, name+" is "+found)
		}
	}
	return true
}

func hashBuiltin(sh *shell, words []string) int {
	args := words[1:]
	if len(args) > 0 && args[0] == "-r" {
		sh.hashed = nil
		return 0
	}
	if len(args) == 0 {
		if len(sh.hashed) == 0 {
			fmt.Fprintln(sh.out(), "hash: hash table empty")
		}
		return 0
	}
	code := 0
	for _, a := range args {
		if strings.HasPrefix(a, "-") || sh.isBuiltin(a) || sh.funcs[a] != nil || strings.Contains(a, "/") {
			continue
		}
		found := sh.locate(a)
		if found == "" {
			code = sh.fail(1, "hash: %s: not found", a)
			continue
		}
		if sh.hashed == nil {
			sh.hashed = map[string]string{}
		}
		sh.hashed[a] = found
	}
	return code
}

func enableBuiltin(sh *shell, words []string) int {
	if len(words) > 1 && words[1] == "-n" {
		for _, name := range words[2:] {
			if !sh.isBuiltin(name) {
				return sh.fail(1, "enable: %s: not a shell builtin", name)
			}
			sh.setAlias("\x00"+name, "x")
		}
		return 0
	}
	if len(words) == 1 {
		for _, name := range slices.Sorted(maps.Keys(sh.builtins)) {
			if !sh.disabled(name) {
				fmt.Fprintln(sh.out(), "enable "+name)
			}
		}
		return 0
	}
	code := 0
	for _, name := range words[1:] {
		if name != "exec" && sh.builtins[name] == nil {
			code = sh.fail(1, "enable: %s: not a shell builtin", name)
		}
		delete(sh.aliases, "\x00"+name)
	}
	return code
}

func (sh *shell) setAlias(name, value string) {
	if sh.aliases == nil {
		sh.aliases = map[string]string{}
	}
	sh.hold(len(sh.aliases[name]), len(value)+wordBytes)
	sh.aliases[name] = value
}

func aliasBuiltin(sh *shell, words []string) int {
	args := words[1:]
	if len(args) > 0 && args[0] == "-p" {
		args = args[1:]
	}
	if len(args) == 0 {
		for _, name := range slices.Sorted(maps.Keys(sh.aliases)) {
			if name[0] != 0 {
				fmt.Fprintf(sh.out(), "alias %s=%s\n", name, quoteAll(sh.aliases[name]))
			}
		}
		return 0
	}
	code := 0
	for _, a := range args {
		name, value, defined := strings.Cut(a, "=")
		switch old, ok := sh.aliases[name]; {
		case defined && name != "":
			sh.setAlias(name, value)
		case ok:
			fmt.Fprintf(sh.out(), "alias %s=%s\n", name, quoteAll(old))
		default:
			code = sh.fail(1, "alias: %s: not found", a)
		}
	}
	return code
}

func unaliasBuiltin(sh *shell, words []string) int {
	code := 0
	for _, a := range words[1:] {
		if a == "-a" {
			sh.aliases = nil
			continue
		}
		if _, ok := sh.aliases[a]; !ok {
			code = sh.fail(1, "unalias: %s: not found", a)
		}
		delete(sh.aliases, a)
	}
	return code
}

// runAlias runs a command whose first word is an alias. It reports whether it is one.
func (sh *shell) runAlias(st *syntax.Stmt, c *syntax.CallExpr) bool {
	name := c.Args[0].Lit()
	value, ok := sh.aliases[name]
	if !ok || name == "" || sh.aliasing[name] {
		return false
	}
	rest := sh.raw(c.Args[0].End(), st.End())
	if sh.aliasing == nil {
		sh.aliasing = map[string]bool{}
	}
	sh.aliasing[name] = true
	defer delete(sh.aliasing, name)
	if err := sh.runText(&text{source: sh.text.source, above: sh.line - 1}, linesOf(value+rest)); err != nil {
		sh.reportSyntax(err, "")
		sh.status = 2
	}
	return true
}

func unsetBuiltin(sh *shell, words []string) int {
	args := words[1:]
	vars, funcs, refs := true, true, false
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		for _, f := range args[0][1:] {
			switch f {
			case 'v':
				funcs = false
			case 'f':
				vars = false
			case 'n':
				refs = true
			default:
				sh.errorf("unset: -%c: invalid option", f)
				sh.complain("unset: usage: unset [-f] [-v] [-n] [name ...]\n")
				return 2
			}
		}
		args = args[1:]
	}
	code := 0
	for _, a := range args {
		if !sh.unsetOne(a, vars, funcs, refs) {
			code = 1
		}
	}
	return code
}

func (sh *shell) unsetOne(name string, vars, funcs, refs bool) bool {
	base, sub, element := splitElement(name)
	if !vars {
		delete(sh.funcs, name)
		return true
	}
	if !refs {
		target, s, e := sh.resolve(base)
		if base = target; e && !element {
			sub, element = s, true
		}
	}
	if element {
		return sh.unsetElement(base, sub)
	}
	switch v := sh.find(base); {
	case v != nil:
		return sh.unset(base)
	case sh.funcs[base] != nil && funcs:
		delete(sh.funcs, base)
	}
	return true
}

func (sh *shell) unsetElement(name, sub string) bool {
	v := sh.find(name)
	switch {
	case v == nil:
		return true
	case v.readOnly:
		sh.errorf("unset: %s: cannot unset: readonly variable", name)
		return false
	case v.kind == associative:
		if _, ok := v.dict.m[sub]; !ok && (sub == "@" || sub == "*") {
			return sh.unset(name)
		}
		delete(v.dict.m, sh.unquote(sub))
		return true
	case sub == "@" || sub == "*":
		if v.kind == indexed {
			sh.held -= v.size()
			v.keys, v.vals = nil, nil
			return true
		}
		return sh.unset(name)
	}
	i, ok := sh.index("unset: "+name, v, sh.unquote(sub))
	if !ok {
		return false
	}
	if v.kind == scalar {
		if i == 0 {
			return sh.unset(name)
		}
		sh.errorf("unset: %s: not an array variable", name)
		return false
	}
	if n, found := slices.BinarySearch(v.keys, i); found {
		v.keys, v.vals = slices.Delete(v.keys, n, n+1), slices.Delete(v.vals, n, n+1)
	}
	return true
}

func callerBuiltin(sh *shell, words []string) int {
	n := 0
	if len(words) > 1 {
		var err error
		if n, err = strconv.Atoi(words[1]); err != nil {
			return sh.fail(1, "caller: %s: invalid number", words[1])
		}
	}
	if n < 0 || n >= len(sh.frames) {
		return 1
	}
	frames := slices.Clone(sh.frames)
	slices.Reverse(frames)
	source, above := "NULL", "main"
	if sh.fromFile {
		source = sh.name
	}
	if n+1 < len(frames) {
		source, above = frames[n+1].source, frames[n+1].name
	} else if !sh.fromFile && len(words) > 1 {
		return 1
	}
	if len(words) > 1 {
		fmt.Fprintln(sh.out(), frames[n].line, above, source)
	} else {
		fmt.Fprintln(sh.out(), frames[n].line, source)
	}
	return 0
}

func compgenBuiltin(sh *shell, words []string) int {
	prefix := ""
	var list []string
	for i := 1; i < len(words); i++ {
		switch words[i] {
		case "-v", "-A":
			if words[i] == "-v" || i+1 < len(words) && words[i+1] == "variable" {
				list = append(list, sh.namesWith("")...)
			} else if i+1 < len(words) && words[i+1] == "function" {
				list = append(list, slices.Sorted(maps.Keys(sh.funcs))...)
			}
			if words[i] == "-A" {
				i++
			}
		case "-b":
			list = append(list, slices.Sorted(maps.Keys(sh.builtins))...)
		case "-W":
			if i+1 < len(words) {
				i++
				list = append(list, strings.Fields(words[i])...)
			}
		case "--":
		default:
			if strings.HasPrefix(words[i], "-") {
				return sh.fail(2, "compgen: %s is not built into healthlab's bash", words[i])
			}
			prefix = words[i]
		}
	}
	code := 1
	for _, name := range list {
		if strings.HasPrefix(name, prefix) {
			fmt.Fprintln(sh.out(), name)
			code = 0
		}
	}
	return code
}

func helpBuiltin(sh *shell, _ []string) int {
	fmt.Fprintf(sh.out(), "GNU bash, version %s (x86_64-pc-linux-gnu)\nThese shell commands are built into healthlab's bash:\n\n%s exec\n",
		version, strings.Join(slices.Sorted(maps.Keys(sh.builtins)), " "))
	return 0
}

func timesBuiltin(sh *shell, _ []string) int {
	fmt.Fprint(sh.out(), "0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n")
	return 0
}

func ulimitBuiltin(sh *shell, words []string) int {
	args := words[1:]
	which := "f"
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		which = args[0]
		args = args[1:]
	}
	if len(args) > 0 {
		return 0
	}
	switch {
	case strings.Contains(which, "n"):
		fmt.Fprintln(sh.out(), 1048576)
	case strings.Contains(which, "s"):
		fmt.Fprintln(sh.out(), 8192)
	case strings.Contains(which, "c"):
		fmt.Fprintln(sh.out(), 0)
	default:
		fmt.Fprintln(sh.out(), "unlimited")
	}
	return 0
}

func umaskBuiltin(sh *shell, words []string) int {
	args := words[1:]
	symbolic, print := false, false
	for len(args) > 0 && (args[0] == "-S" || args[0] == "-p") {
		symbolic, print = symbolic || args[0] == "-S", print || args[0] == "-p"
		args = args[1:]
	}
	const all = 0o777
	if len(args) == 0 {
		mask := sh.p.Umask
		text := fmt.Sprintf("%04o", mask)
		if symbolic {
			var parts []string
			for i, who := range []string{"u", "g", "o"} {
				bits, rights := (all&^mask)>>(6-3*i)&7, ""
				for j, letter := range []string{"r", "w", "x"} {
					if bits&(4>>j) != 0 {
						rights += letter
					}
				}
				parts = append(parts, who+"="+rights)
			}
			text = strings.Join(parts, ",")
		}
		if print {
			text = "umask " + text
		}
		fmt.Fprintln(sh.out(), text)
		return 0
	}
	if c := args[0]; c != "" && c[0] >= '0' && c[0] <= '9' {
		n, err := strconv.ParseUint(c, 8, 12)
		if err != nil {
			return sh.fail(1, "umask: %s: octal number out of range", c)
		}
		sh.p.Umask = all & modeOf(n)
		return 0
	}
	mode, err := tools.NewMode(all&^sh.p.Umask, args[0])
	if err != nil {
		return sh.fail(1, "umask: `%c': invalid symbolic mode character", args[0][0])
	}
	sh.p.Umask = all &^ mode
	return 0
}

func pwdBuiltin(sh *shell, words []string) int {
	dir := sh.dir
	if len(words) > 1 && strings.Contains(words[1], "P") {
		if real, err := sh.p.FS().Resolve(dir, true); err == nil {
			dir = real
		}
	}
	fmt.Fprintln(sh.out(), dir)
	return 0
}

func cdBuiltin(sh *shell, words []string) int {
	args := words[1:]
	physical := sh.options['P']
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		if args[0] == "--" {
			args = args[1:]
			break
		}
		for _, f := range args[0][1:] {
			switch f {
			case 'P':
				physical = true
			case 'L':
				physical = false
			case 'e', '@':
			default:
				sh.errorf("cd: -%c: invalid option", f)
				sh.complain("cd: usage: cd [-L|[-P [-e]] [-@]] [dir]\n")
				return 2
			}
		}
		args = args[1:]
	}
	dir, show := "", false
	switch {
	case len(args) > 1:
		return sh.fail(1, "cd: too many arguments")
	case len(args) == 0:
		v := sh.get("HOME")
		if v == nil || !v.set {
			return sh.fail(1, "cd: HOME not set")
		}
		dir = v.str
	case args[0] == "-":
		v := sh.get("OLDPWD")
		if v == nil || !v.set {
			return sh.fail(1, "cd: OLDPWD not set")
		}
		dir, show = v.str, true
	default:
		dir = args[0]
	}
	if dir == "" {
		if show {
			fmt.Fprintln(sh.out())
		}
		return 0
	}
	if cdpath := sh.value("CDPATH"); cdpath != "" && !strings.HasPrefix(dir, "/") && !strings.HasPrefix(dir, ".") {
		for elem := range strings.SplitSeq(cdpath, ":") {
			if elem != "" && elem != "." && sh.isDir(joinPath(elem, dir)) {
				dir, show = joinPath(elem, dir), true
				break
			}
		}
	}
	if code := sh.changeDir("cd", dir, physical); code != 0 {
		return code
	}
	if show {
		fmt.Fprintln(sh.out(), sh.dir)
	}
	return 0
}

// changeDir goes to a directory.
func (sh *shell) changeDir(command, dir string, physical bool) int {
	full := path.Clean(sh.absolute(dir))
	info, err := sh.p.FS().Stat(full)
	switch {
	case err != nil:
		return sh.fail(1, "%s: %s: %s", command, dir, reason(err))
	case !info.IsDir():
		return sh.fail(1, "%s: %s: Not a directory", command, dir)
	}
	if physical {
		if real, err := sh.p.FS().Resolve(full, true); err == nil {
			full = real
		}
	}
	old := sh.dir
	sh.dir, sh.p.Dir = full, full
	sh.set("OLDPWD", old)
	sh.set("PWD", full)
	return 0
}

func (sh *shell) printDirs() {
	home := sh.value("HOME")
	var list []string
	for _, d := range append([]string{sh.dir}, sh.dirs...) {
		if home != "" && home != "/" && (d == home || strings.HasPrefix(d, home+"/")) {
			d = "~" + d[len(home):]
		}
		list = append(list, d)
	}
	fmt.Fprintln(sh.out(), strings.Join(list, " "))
}

func dirsBuiltin(sh *shell, words []string) int {
	if len(words) > 1 {
		switch words[1] {
		case "-c":
			sh.dirs = nil
			return 0
		case "-p", "-v", "-l":
			for i, d := range append([]string{sh.dir}, sh.dirs...) {
				if words[1] == "-v" {
					fmt.Fprintf(sh.out(), "%2d  ", i)
				}
				fmt.Fprintln(sh.out(), d)
			}
			return 0
		}
	}
	sh.printDirs()
	return 0
}

func pushdBuiltin(sh *shell, words []string) int {
	if len(words) < 2 {
		if len(sh.dirs) == 0 {
			return sh.fail(1, "pushd: no other directory")
		}
		old := sh.dir
		if code := sh.changeDir("pushd", sh.dirs[0], false); code != 0 {
			return code
		}
		sh.dirs[0] = old
		sh.printDirs()
		return 0
	}
	old := sh.dir
	if code := sh.changeDir("pushd", words[1], false); code != 0 {
		return code
	}
	sh.hold(0, len(old)+wordBytes)
	sh.dirs = append([]string{old}, sh.dirs...)
	sh.printDirs()
	return 0
}

func popdBuiltin(sh *shell, _ []string) int {
	if len(sh.dirs) == 0 {
		return sh.fail(1, "popd: directory stack empty")
	}
	if code := sh.changeDir("popd", sh.dirs[0], false); code != 0 {
		return code
	}
	sh.dirs = sh.dirs[1:]
	sh.printDirs()
	return 0
}

func getoptsBuiltin(sh *shell, words []string) int {
	if len(words) < 3 {
		sh.complain("getopts: usage: getopts optstring name [arg ...]\n")
		return 2
	}
	spec, name := words[1], words[2]
	args := sh.params
	if len(words) > 3 {
		args = words[3:]
	}
	quiet := strings.HasPrefix(spec, ":")
	if quiet {
		spec = spec[1:]
	}
	at, _ := strconv.Atoi(sh.value("OPTIND"))
	at = max(at, 1)
	finish := func(code int, letter string) int {
		inside := sh.getoptsAt
		sh.set("OPTIND", strconv.Itoa(at))
		sh.getoptsAt = inside
		if !sh.set(name, letter) {
			return 1
		}
		return code
	}
	over := func() int {
		sh.getoptsAt = 0
		sh.unset("OPTARG")
		return finish(1, "?")
	}
	if sh.getoptsAt == 0 {
		if at > len(args) || len(args[at-1]) < 2 || args[at-1][0] != '-' {
			return over()
		}
		if args[at-1] == "--" {
			at++
			return over()
		}
		sh.getoptsAt = 1
	}
	if at > len(args) || sh.getoptsAt >= len(args[at-1]) {
		return over()
	}
	arg := args[at-1]
	letter := arg[sh.getoptsAt : sh.getoptsAt+1]
	sh.getoptsAt++
	rest := arg[sh.getoptsAt:]
	if rest == "" {
		at++
		sh.getoptsAt = 0
	}
	i := strings.Index(spec, letter)
	if i < 0 || letter == ":" {
		if quiet {
			sh.set("OPTARG", letter)
		} else {
			sh.unset("OPTARG")
			if sh.value("OPTERR") != "0" {
				sh.complain(fmt.Sprintf("%s: illegal option -- %s\n", sh.name, letter))
			}
		}
		return finish(0, "?")
	}
	if i+1 >= len(spec) || spec[i+1] != ':' {
		sh.unset("OPTARG")
		return finish(0, letter)
	}
	switch {
	case rest != "":
		at++
		sh.getoptsAt = 0
		sh.set("OPTARG", rest)
	case at <= len(args):
		sh.set("OPTARG", args[at-1])
		at++
	case quiet:
		sh.set("OPTARG", letter)
		return finish(0, ":")
	default:
		sh.unset("OPTARG")
		if sh.value("OPTERR") != "0" {
			sh.complain(fmt.Sprintf("%s: option requires an argument -- %s\n", sh.name, letter))
		}
		return finish(0, "?")
	}
	return finish(0, letter)
}
