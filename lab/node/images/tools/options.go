package tools

import (
	"strings"

	"healthlab/lab/node/sandbox"
)

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
