package tools

import (
	"context"
	"io/fs"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

func chmod(_ context.Context, p *sandbox.Process) int {
	if len(p.Args) < 3 {
		return failf(p, "missing operand")
	}
	args := p.Args[1:]
	if args[0] == "-R" {
		args = args[1:]
	}
	code := 0
	for _, n := range args[1:] {
		info, err := p.FS().Stat(p.Path(n))
		if err != nil {
			code = failf(p, "%s: %s", n, Reason(err))
			continue
		}
		mode, err := newMode(info.Mode().Perm(), args[0])
		if err != nil {
			return failf(p, "invalid mode '%s'", args[0])
		}
		if err := p.FS().Chmod(p.Path(n), mode); err != nil {
			code = failf(p, "%s: %s", n, Reason(err))
		}
	}
	return code
}

// newMode applies an octal or a symbolic mode such as u+x.
func newMode(mode fs.FileMode, text string) (fs.FileMode, error) {
	if n, err := strconv.ParseUint(text, 8, 12); err == nil {
		return fs.FileMode(n), nil
	}
	for clause := range strings.SplitSeq(text, ",") {
		i := strings.IndexAny(clause, "+-=")
		if i < 0 {
			return 0, sandbox.EINVAL
		}
		var who, bits fs.FileMode
		for _, c := range clause[:i] {
			who |= map[rune]fs.FileMode{'u': 0o700, 'g': 0o070, 'o': 0o007, 'a': 0o777}[c]
		}
		if who == 0 {
			who = 0o777
		}
		for _, c := range clause[i+1:] {
			bits |= map[rune]fs.FileMode{'r': 0o444, 'w': 0o222, 'x': 0o111, 'X': 0o111}[c]
		}
		switch clause[i] {
		case '+':
			mode |= bits & who
		case '-':
			mode &^= bits & who
		case '=':
			mode = mode&^who | bits&who
		}
	}
	return mode, nil
}
