package bash

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"healthlab/lab/node/images/shell/posix"
	"healthlab/lab/node/images/tools"
	"healthlab/lab/node/sandbox"
)

// Programs returns bash by its name.
func Programs() map[string]sandbox.Program { return map[string]sandbox.Program{"bash": run} }

// run is bash: -c, a script file, standard input, or a prompt on a terminal.
func run(ctx context.Context, p *sandbox.Process) int {
	sh := &shell{
		p: p, ctx: ctx, name: p.Args[0], pid: p.PID(), dir: p.Dir, began: time.Now(), random: uint32(p.PID()), //nolint:gosec // a seed
		builtins: builtins(), funcs: map[string]*function{}, traps: map[string]string{}, text: &text{},
		options: map[byte]bool{'h': true, 'B': true}, shopts: defaultShopts(),
	}
	sh.adopt()
	sh.environ(p.Env)
	return sh.live(func() { sh.begin(p.Args[1:]) }) //nolint:contextcheck // the shell keeps the context of its process
}

// invocation is what the arguments say.
type invocation struct {
	command    bool // -c
	stdin      bool // -s
	noRC       bool
	noProfile  bool
	initFile   string
	operands   []string
	exitStatus int // with done: nothing is run
	done       bool
}

func (sh *shell) begin(args []string) {
	inv := sh.arguments(args)
	if inv.done {
		sh.status = inv.exitStatus
		return
	}
	if strings.HasPrefix(sh.name, "-") {
		sh.login = true
	}
	rest := inv.operands
	switch {
	case inv.command && len(rest) == 0:
		sh.complain(sh.name + ": -c: option requires an argument\n")
		sh.status = 2
	case inv.command:
		script := rest[0]
		if len(rest) > 1 {
			sh.name, sh.params = rest[1], rest[2:]
		}
		sh.oneCommand, sh.script = true, len(strings.TrimRight(script, "\n"))
		sh.profile(inv)
		sh.runScript(linesOf(script))
	case len(rest) > 0 && !inv.stdin:
		sh.file(inv, rest)
	case sh.p.Terminal() != nil || sh.interactive:
		sh.params = rest
		if sh.p.Terminal() == nil {
			sh.profile(inv)
			sh.runScript(byteLines{sh.input(0)})
			return
		}
		sh.interactive = true
		sh.options['m'], sh.options['H'] = true, true
		sh.shopts["expand_aliases"] = true
		sh.profile(inv)
		sh.prompt()
	default:
		sh.params = rest
		sh.profile(inv)
		sh.runScript(byteLines{sh.input(0)})
	}
}

// file runs a script file.
func (sh *shell) file(inv invocation, rest []string) {
	file, err := sh.scriptFile(rest[0])
	if err != nil && !strings.Contains(rest[0], "/") {
		if found, lerr := sh.p.LookPath(rest[0]); lerr == nil {
			file, err = sh.scriptFile(found)
		}
	}
	if err != nil {
		sh.status = 127
		if errors.Is(err, sandbox.EISDIR) {
			sh.status = 126
		}
		why := tools.Reason(err)
		if sh.status == 126 {
			why = "Is a directory"
			sh.complain(fmt.Sprintf("%s: %s: %s\n", rest[0], rest[0], why))
			return
		}
		sh.complain(fmt.Sprintf("%s: %s: %s\n", sh.name, rest[0], why))
		return
	}
	defer file.Close()
	sh.name, sh.params, sh.fromFile = rest[0], rest[1:], true
	lines := bufio.NewReader(waiting{sh, file})
	if head, _ := lines.Peek(80); strings.HasPrefix(string(head), "\x7f") {
		sh.complain(fmt.Sprintf("%s: %s: cannot execute binary file\n", rest[0], rest[0]))
		sh.status = 126
		return
	}
	sh.profile(inv)
	sh.runScript(posix.LineReader{R: lines})
}

// profile reads the files that a shell begins with.
func (sh *shell) profile(inv invocation) {
	home := sh.value("HOME")
	var files []string
	switch {
	case sh.login && !inv.noProfile:
		files = []string{"/etc/profile"}
		for _, name := range []string{"/.bash_profile", "/.bash_login", "/.profile"} {
			if _, err := sh.p.FS().Stat(home + name); err == nil {
				files = append(files, home+name)
				break
			}
		}
	case sh.interactive && !inv.noRC:
		files = []string{"/etc/bash.bashrc", home + "/.bashrc"}
		if inv.initFile != "" {
			files = []string{inv.initFile}
		}
	case !sh.interactive && sh.value("BASH_ENV") != "":
		files = []string{sh.value("BASH_ENV")}
	}
	for _, name := range files {
		if _, err := sh.p.FS().Stat(sh.absolute(name)); err == nil {
			sh.whole(func() { sh.sourceFile("source", name, nil) })
			sh.returns = false
		}
	}
}

// arguments reads the options.
func (sh *shell) arguments(args []string) invocation {
	var inv invocation
	stop := func(code int) invocation {
		inv.done, inv.exitStatus = true, code
		return inv
	}
	for len(args) > 0 && strings.HasPrefix(args[0], "--") && len(args[0]) > 2 {
		long := args[0]
		args = args[1:]
		switch long {
		case "--version":
			fmt.Fprintf(sh.out(), "GNU bash, version %s (x86_64-pc-linux-gnu)\n", version)
			fmt.Fprint(sh.out(), "Copyright (C) 2022 Free Software Foundation, Inc.\nLicense GPLv3+: GNU GPL version 3 or later "+
				"<http://gnu.org/licenses/gpl.html>\n\nThis is free software; you are free to change and redistribute it.\n"+
				"There is NO WARRANTY, to the extent permitted by law.\n")
			return stop(0)
		case "--norc":
			inv.noRC = true
		case "--noprofile":
			inv.noProfile = true
		case "--login":
			sh.login = true
		case "--posix", "--noediting", "--restricted", "--debugger", "--verbose", "--dump-strings":
		case "--rcfile", "--init-file":
			if len(args) > 0 {
				inv.initFile, args = args[0], args[1:]
			}
		case "--help":
			fmt.Fprintf(sh.out(), "GNU bash, version %s-(x86_64-pc-linux-gnu)\n%s", version, sh.usage())
			return stop(0)
		default:
			sh.complain(fmt.Sprintf("%s: %s: invalid option\n", sh.name, long) + sh.usage())
			return stop(2)
		}
	}
	for len(args) > 0 && len(args[0]) > 1 && (args[0][0] == '-' || args[0][0] == '+') {
		flag := args[0]
		args = args[1:]
		if flag == "--" || flag == "-" {
			break
		}
		on := flag[0] == '-'
		for _, f := range []byte(flag[1:]) {
			switch {
			case f == 'c' && on:
				inv.command = true
			case f == 's':
				inv.stdin = true
			case f == 'i':
				sh.interactive = true
			case f == 'l':
				sh.login = true
			case f == 'r', f == 'D':
			case f == 'o' || f == 'O':
				if len(args) == 0 {
					continue
				}
				name := args[0]
				args = args[1:]
				if f == 'o' && !sh.setOption(name, on) {
					sh.complain(fmt.Sprintf("%s: line 0: %s: %s: invalid option name\n", sh.name, sh.name, name))
					return stop(2)
				}
				if f == 'O' {
					if _, ok := sh.shopts[name]; !ok {
						sh.complain(fmt.Sprintf("%s: %s: invalid shell option name\n", sh.name, name))
						return stop(2)
					}
					sh.shopts[name] = on
				}
			case strings.IndexByte(optionLetters, f) >= 0:
				sh.options[f] = on
			default:
				sh.complain(fmt.Sprintf("%s: %c%c: invalid option\n", sh.name, flag[0], f) + sh.usage())
				return stop(2)
			}
		}
	}
	inv.operands = args
	return inv
}

// usage is what bash prints after an option that it does not know.
func (sh *shell) usage() string {
	return fmt.Sprintf("Usage:\t%s [GNU long option] [option] ...\n\t%s [GNU long option] [option] script-file ...\nGNU long options:\n\t--%s\n"+
		"Shell options:\n\t-ilrsD or -c command or -O shopt_option\t\t(invocation only)\n\t-abefhkmnptuvxBCEHPT or -o option\n", sh.name, sh.name,
		strings.Join(strings.Fields("debug debugger dump-po-strings dump-strings help init-file login noediting noprofile norc posix "+
			"pretty-print rcfile restricted verbose version"), "\n\t--"))
}

// waiting reads as long as the process is not killed or stopped.
type waiting struct {
	sh *shell
	r  io.Reader
}

func (w waiting) Read(b []byte) (int, error) {
	if err := w.sh.p.Wait(); err != nil {
		panic(fatal{err})
	}
	n, err := w.sh.p.ReadContext(w.sh.ctx, w.r, b)
	if err != nil && w.sh.ctx.Err() != nil {
		panic(fatal{err})
	}
	return n, err
}
