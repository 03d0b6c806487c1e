package bash

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"healthlab/lab/node/images/shell/posix"
	"healthlab/lab/node/sandbox"
)

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
	pop := sh.temporary(c.c.Assigns)
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
		lines = posix.LineReader{R: bufio.NewReader(waiting{sh, file})}
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
