package tools

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

func chmod(ctx context.Context, p *sandbox.Process) int {
	args := p.Args[1:]
	set := map[byte]string{}
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && args[0] != "--" {
		// -x is a mode, -R an option.
		if strings.Trim(args[0][1:], "Rcvf") != "" {
			if strings.Trim(args[0][1:], "rwxXstugoa+-=,") != "" {
				p.Args = []string{p.Args[0], args[0]}
				_, _, _ = options(p, "Rcvf", "")
				return 1
			}
			break
		}
		for _, c := range []byte(args[0][1:]) {
			set[c] = ""
		}
		args = args[1:]
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) < 2 {
		return usage(p)
	}
	if _, err := NewMode(0, args[0]); err != nil {
		return failf(p, "invalid mode '%s'", args[0])
	}
	change := func(n string, info fs.FileInfo) error {
		mode, err := NewMode(info.Mode(), args[0])
		if err == nil {
			err = p.FS().Chmod(p.Path(n), mode)
		}
		if err == nil && (has(set, 'v') || has(set, 'c') && mode != info.Mode().Perm()) {
			fmt.Fprintf(p.Stdout, "mode of '%s' changed to %04o (%s)\n", n, mode, modeText(mode)[1:])
		}
		return err
	}
	return eachFile(ctx, p, args[1:], has(set, 'R'), has(set, 'f'), change)
}

// chown has nothing to change: there is one user. It says what a real one says about names that do not exist.
func chown(ctx context.Context, p *sandbox.Process) int {
	set, args, ok := options(p, "RhLHPcvf", "")
	if !ok {
		return 1
	}
	if len(args) < 2 {
		return usage(p)
	}
	user, group, _ := strings.Cut(args[0], ":")
	if name(p) == "chgrp" {
		user, group = "", args[0]
	}
	for what, n := range map[string]string{"user": user, "group": group} {
		if _, err := strconv.ParseUint(n, 10, 32); n != "" && err != nil && !inDatabase(p, what, n) {
			return failf(p, "unknown %s %s", what, n)
		}
	}
	return eachFile(ctx, p, args[1:], has(set, 'R'), has(set, 'f'), func(string, fs.FileInfo) error { return nil })
}

// inDatabase reports whether /etc/passwd or /etc/group has a name.
func inDatabase(p *sandbox.Process, what, n string) bool {
	data, err := p.FS().ReadFile(map[string]string{"user": "/etc/passwd", "group": "/etc/group"}[what], readBytes)
	return err == nil && strings.Contains("\n"+string(data), "\n"+n+":")
}

// eachFile calls f for every name, and with recursive for all below them.
func eachFile(ctx context.Context, p *sandbox.Process, names []string, recursive, quiet bool, f func(n string, info fs.FileInfo) error) int {
	code := 0
	for _, n := range names {
		if ctx.Err() != nil {
			return 1
		}
		err := tooLong(p, n)
		var info fs.FileInfo
		if err == nil {
			info, err = p.FS().Stat(p.Path(n))
		}
		if err == nil {
			err = f(n, info)
		}
		if err != nil {
			code = 1
			if !quiet {
				failf(p, "%s: %s", n, Reason(err))
			}
			continue
		}
		if !recursive || !info.IsDir() {
			continue
		}
		entries, err := p.FS().ReadDir(p.Path(n))
		if err != nil {
			code = failf(p, "%s: %s", n, Reason(err))
			continue
		}
		for _, e := range entries {
			if e.Mode()&fs.ModeSymlink == 0 && eachFile(ctx, p, []string{strings.TrimSuffix(n, "/") + "/" + e.Name()}, true, quiet, f) != 0 {
				code = 1
			}
		}
	}
	return code
}

// NewMode applies an octal mode or a symbolic one such as u+x,go-w to the mode of a file. There is no umask here but
// that of the usual 022 for what names nobody.
func NewMode(old fs.FileMode, text string) (fs.FileMode, error) {
	if n, err := strconv.ParseUint(text, 8, 12); err == nil {
		return fs.FileMode(n) & fs.ModePerm, nil
	}
	mode := old.Perm()
	for clause := range strings.SplitSeq(text, ",") {
		i := strings.IndexAny(clause, "+-=")
		if i < 0 {
			return 0, sandbox.EINVAL
		}
		var who fs.FileMode
		for _, c := range clause[:i] {
			m, known := map[rune]fs.FileMode{'u': 0o700, 'g': 0o070, 'o': 0o007, 'a': 0o777}[c]
			if !known {
				return 0, sandbox.EINVAL
			}
			who |= m
		}
		if who == 0 {
			who = 0o777
			if !strings.ContainsAny(clause, "x+") {
				who = 0o755
			}
		}
		for clause = clause[i:]; clause != ""; {
			operator := clause[0]
			end := strings.IndexAny(clause[1:], "+-=") + 1
			if end == 0 {
				end = len(clause)
			}
			bits, err := modeBits(clause[1:end], old, mode)
			if err != nil {
				return 0, err
			}
			clause = clause[end:]
			switch operator {
			case '+':
				mode |= bits & who
			case '-':
				mode &^= bits & who
			case '=':
				mode = mode&^who | bits&who
			}
		}
	}
	return mode, nil
}

func modeBits(text string, old, mode fs.FileMode) (bits fs.FileMode, err error) {
	for _, c := range text {
		switch c {
		case 'r':
			bits |= 0o444
		case 'w':
			bits |= 0o222
		case 'x':
			bits |= 0o111
		case 'X':
			if old.IsDir() || old&0o111 != 0 {
				bits |= 0o111
			}
		case 'u':
			bits |= mode >> 6 & 7 * 0o111
		case 'g':
			bits |= mode >> 3 & 7 * 0o111
		case 'o':
			bits |= mode & 7 * 0o111
		case 's', 't': // not kept here
		default:
			return 0, sandbox.EINVAL
		}
	}
	return bits, nil
}

// modeText is a mode as ls shows it.
func modeText(mode fs.FileMode) string {
	kind := "-"
	switch {
	case mode.IsDir():
		kind = "d"
	case mode&fs.ModeSymlink != 0:
		return "lrwxrwxrwx"
	case mode&fs.ModeCharDevice != 0:
		kind = "c"
	}
	return kind + mode.Perm().String()[1:]
}
