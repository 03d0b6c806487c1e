package tools

import (
	"fmt"
	"strings"

	"healthlab/lab/node/sandbox"
)

// option is one letter of the command line with its value.
type option struct {
	letter byte
	value  string
}

// optionSpec says which options a program has, in the words of getopt: a letter with a colon has a value, with two
// colons one that is attached or missing. A plus in front ends the options at the first operand. long maps names to
// letters.
type optionSpec struct {
	letters string
	long    map[string]byte
}

// parse splits arguments as musl's getopt_long does. An unknown option is reported with the usage; ok is then false.
func (s optionSpec) parse(p *sandbox.Process) (found []option, rest []string, ok bool) {
	args := p.Args[1:]
	letters, early := strings.CutPrefix(s.letters, "+")
	for len(args) > 0 {
		a := args[0]
		switch {
		case a == "--":
			return found, append(rest, args[1:]...), true
		case len(a) < 2 || a[0] != '-':
			if early {
				return found, append(rest, args...), true
			}
			rest = append(rest, a)
			args = args[1:]
			continue
		}
		args = args[1:]
		var o []option
		if strings.HasPrefix(a, "--") {
			o, args, ok = s.longOption(p, a[2:], letters, args)
		} else {
			o, args, ok = shortOptions(p, a[1:], letters, args)
		}
		if !ok {
			return nil, nil, false
		}
		found = append(found, o...)
	}
	return found, rest, true
}

func shortOptions(p *sandbox.Process, a, letters string, args []string) ([]option, []string, bool) {
	var found []option
	for i := 0; i < len(a); i++ {
		at := strings.IndexByte(letters, a[i])
		if at < 0 || a[i] == ':' {
			return nil, nil, unknownOption(p, a[i:i+1])
		}
		after := letters[at+1:]
		switch {
		case strings.HasPrefix(after, "::"):
			return append(found, option{a[i], a[i+1:]}), args, true
		case !strings.HasPrefix(after, ":"):
			found = append(found, option{letter: a[i]})
			continue
		case i+1 < len(a):
			return append(found, option{a[i], a[i+1:]}), args, true
		case len(args) == 0:
			failf(p, "option requires an argument: %c", a[i])
			usage(p)
			return nil, nil, false
		}
		return append(found, option{a[i], args[0]}), args[1:], true
	}
	return found, args, true
}

func (s optionSpec) longOption(p *sandbox.Process, a, letters string, args []string) ([]option, []string, bool) {
	name, value, given := strings.Cut(a, "=")
	letter, known := s.long[name]
	if !known {
		var candidates []byte
		for n, l := range s.long {
			if strings.HasPrefix(n, name) {
				candidates = append(candidates, l)
			}
		}
		if len(candidates) != 1 {
			return nil, nil, unknownOption(p, a)
		}
		letter = candidates[0]
	}
	at := strings.IndexByte(letters, letter)
	takes := at >= 0 && strings.HasPrefix(letters[at+1:], ":")
	optional := at >= 0 && strings.HasPrefix(letters[at+1:], "::")
	switch {
	case given && !takes:
		failf(p, "option does not take an argument: %s", name)
		usage(p)
		return nil, nil, false
	case takes && !given && !optional:
		if len(args) == 0 {
			failf(p, "option requires an argument: %s", name)
			usage(p)
			return nil, nil, false
		}
		value, args = args[0], args[1:]
	}
	return []option{{letter, value}}, args, true
}

func unknownOption(p *sandbox.Process, text string) bool {
	failf(p, "unrecognized option: %s", text)
	usage(p)
	return false
}

// options is parse for programs that want each letter once: those in known, and those in valued with their last value.
func options(p *sandbox.Process, known, valued string) (set map[byte]string, rest []string, ok bool) {
	letters := known
	for i := range len(valued) {
		letters += valued[i:i+1] + ":"
	}
	found, rest, ok := optionSpec{letters: letters}.parse(p)
	return asSet(found), rest, ok
}

func asSet(found []option) map[byte]string {
	set := map[byte]string{}
	for _, o := range found {
		set[o.letter] = o.value
	}
	return set
}

// has reports whether an option was given.
func has(set map[byte]string, c byte) bool {
	_, ok := set[c]
	return ok
}

// values are all values of an option, in their order.
func values(found []option, letter byte) []string {
	var all []string
	for _, o := range found {
		if o.letter == letter {
			all = append(all, o.value)
		}
	}
	return all
}

// usage prints how a program is called, with BusyBox's first line, and returns 1.
func usage(p *sandbox.Process) int {
	n := name(p)
	fmt.Fprintf(p.Stderr, "BusyBox v1.36.1 (healthlab) multi-call binary.\n\nUsage: %s\n", strings.TrimRight(n+" "+synopses()[n], " "))
	return 1
}
