// Package getopt reads command lines as getopt_long does, for programs whose messages are not Go's. It owns no state.
package getopt

import (
	"fmt"
	"slices"
	"strings"
)

// Unknown is what a handler returns about an option that it does not know.
const Unknown = "?"

// Parse reads a command line: options anywhere, short ones together. short are the letters and long the
// names of options that take a value. handle is called for each option, with its dashes; what it returns, if anything, ends
// the reading.
func Parse(args []string, short, long string, handle func(name, value string) string) (rest []string, wrong string) {
	for i := 0; i < len(args); i++ {
		a := args[i]
		next := func() (string, bool) {
			i++
			if i < len(args) {
				return args[i], true
			}
			return "", false
		}
		switch {
		case a == "--":
			return append(rest, args[i+1:]...), ""
		case strings.HasPrefix(a, "--"):
			name, value, given := strings.Cut(a, "=")
			takes := slices.Contains(strings.Fields(long), name[2:])
			if takes && !given {
				if value, given = next(); !given {
					return nil, fmt.Sprintf("option '%s' requires an argument", name)
				}
			}
			if wrong := handle(name, value); wrong == Unknown {
				return nil, fmt.Sprintf("unrecognized option '%s'", name)
			} else if wrong != "" {
				return nil, wrong
			}
		case len(a) > 1 && a[0] == '-':
			for j := 1; j < len(a); j++ {
				letter, value := a[j:j+1], ""
				takes := strings.Contains(short, letter)
				if takes {
					if value = a[j+1:]; value == "" {
						var given bool
						if value, given = next(); !given {
							return nil, fmt.Sprintf("option requires an argument -- '%s'", letter)
						}
					}
					j = len(a)
				}
				if wrong := handle("-"+letter, value); wrong == Unknown {
					return nil, fmt.Sprintf("invalid option -- '%s'", letter)
				} else if wrong != "" {
					return nil, wrong
				}
			}
		default:
			rest = append(rest, a)
		}
	}
	return rest, ""
}
