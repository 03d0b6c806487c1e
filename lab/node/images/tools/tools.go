// Package tools holds the shell and the small programs of the built-in images that have one: what busybox is to real
// images. Each is a sandbox.Program with busybox's messages and exit codes, and touches nothing but its container.
//
// It refuses nothing on its own: what a container may do is the sandbox's business. Each program's state belongs to
// the goroutine of its process.
package tools

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"healthlab/lab/node/sandbox"
)

// Table returns the programs by name.
func Table() map[string]sandbox.Program {
	return map[string]sandbox.Program{
		"sh": Shell, "ash": Shell,
		"echo": viaShell("echo"), "printf": viaShell("printf"), "test": viaShell("test"), "[": viaShell("["),
		"true": exit(0), "false": exit(1),

		"basename": basename, "cat": cat, "chmod": chmod, "chown": exit(0), "cp": cp, "cut": cut, "date": date, "dd": dd,
		"df": df, "dirname": dirname, "du": du, "env": env, "find": find, "free": free, "grep": grep, "head": head,
		"hostname": hostname, "id": id, "kill": killProgram, "killall": killall, "ln": ln, "ls": ls, "mkdir": mkdir,
		"mktemp": mktemp, "mv": mv, "nc": nc, "nproc": nproc, "pidof": pidof, "pgrep": pidof, "pkill": killall, "ps": ps,
		"pwd": pwd, "readlink": readlink, "rm": rm, "rmdir": rmdir, "sed": sed, "seq": seq, "sleep": sleep, "sort": sortLines,
		"stat": stat, "sync": exit(0), "tail": tail, "tar": tarProgram, "tee": tee, "timeout": timeout, "touch": touch, "tr": tr, "tty": tty, "uname": uname,
		"uniq": uniq, "uptime": uptime, "usleep": usleep, "wc": wc, "wget": wget, "which": which, "whoami": whoami, "xargs": xargs,
		"yes": yes, "printenv": printenv,
	}
}

// Reason is the text that programs print for an error: "No such file or directory".
func Reason(err error) string {
	var errno sandbox.Errno
	if errors.As(err, &errno) {
		return string(errno)
	}
	return err.Error()
}

// name is how the program was called.
func name(p *sandbox.Process) string { return path.Base(p.Args[0]) }

// failf prints a message that begins with the program's name and returns 1.
func failf(p *sandbox.Process, format string, args ...any) int {
	_, _ = fmt.Fprintf(p.Stderr, name(p)+": "+format+"\n", args...)
	return 1
}

func exit(code int) sandbox.Program {
	return func(context.Context, *sandbox.Process) int { return code }
}

// viaShell is a program that does what the shell's builtin of that name does.
func viaShell(builtin string) sandbox.Program {
	return func(ctx context.Context, p *sandbox.Process) int {
		sh := &shell{p: p, parts: &parts{}, name: builtin, pid: p.PID()}
		if err := sh.start(environmentOf(p.Env), p.Dir, p.Args[1:], nil); err != nil {
			return failf(p, "%v", err)
		}
		return sh.runText(ctx, builtin+` "$@"`)
	}
}

// options splits arguments as getopt does: single letters, those in valued with a value. ok is false after an unknown
// one, which has been reported.
func options(p *sandbox.Process, known, valued string) (set map[byte]string, rest []string, ok bool) {
	set = map[byte]string{}
	args := p.Args[1:]
	for len(args) > 0 {
		a := args[0]
		if a == "--" {
			return set, append(rest, args[1:]...), true
		}
		if len(a) < 2 || a[0] != '-' {
			rest = append(rest, a)
			args = args[1:]
			continue
		}
		args = args[1:]
		for i := 1; i < len(a); i++ {
			c := a[i]
			switch {
			case strings.IndexByte(valued, c) >= 0:
				value := a[i+1:]
				if value == "" {
					if len(args) == 0 {
						failf(p, "option requires an argument -- '%c'", c)
						return nil, nil, false
					}
					value, args = args[0], args[1:]
				}
				set[c] = value
				i = len(a)
			case strings.IndexByte(known, c) >= 0:
				set[c] = "yes"
			default:
				failf(p, "unrecognized option '%c'", c)
				return nil, nil, false
			}
		}
	}
	return set, rest, true
}

// has reports whether an option was given.
func has(set map[byte]string, c byte) bool {
	_, ok := set[c]
	return ok
}

// inputs calls f for each named file, or for standard input when there is none or it is "-".
func inputs(p *sandbox.Process, names []string, f func(name string, r io.Reader) error) int {
	if len(names) == 0 {
		names = []string{"-"}
	}
	code := 0
	for _, n := range names {
		if n == "-" {
			if err := f("standard input", p.Stdin); err != nil {
				return failf(p, "%s", Reason(err))
			}
			continue
		}
		if info, err := p.FS().Stat(p.Path(n)); err == nil && info.IsDir() {
			code = failf(p, "read error: Is a directory")
			continue
		}
		file, err := p.Open(n)
		if err != nil {
			code = failf(p, "can't open '%s': %s", n, Reason(err))
			continue
		}
		err = f(n, file)
		_ = file.Close()
		if err != nil {
			return failf(p, "%s", Reason(err))
		}
	}
	return code
}

// copyStream copies until the end, a signal, or an error of either side.
func copyStream(ctx context.Context, to io.Writer, from io.Reader) error {
	buf := make([]byte, 32<<10)
	for ctx.Err() == nil {
		n, err := from.Read(buf)
		if n > 0 {
			if _, werr := to.Write(buf[:n]); werr != nil {
				return werr
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}
