package tools

import (
	"context"
	"fmt"
	"strings"

	"healthlab/lab/node/sandbox"
)

// getopt sorts the arguments of a script.
func getopt(_ context.Context, p *sandbox.Process) int {
	if len(p.Args) > 1 && !strings.HasPrefix(p.Args[1], "-") { // the old form: the letters come first
		g := &getoptRun{p: p, name: "getopt", plain: true, spec: optionSpec{letters: p.Args[1], long: map[string]byte{}}}
		return g.run(p.Args[2:])
	}
	found, args, ok := optionSpec{letters: "+o:n:qQs:Tual:", long: map[string]byte{
		"options": 'o', "longoptions": 'l', "quiet": 'q', "quiet-output": 'Q', "shell": 's', "test": 'T', "unquoted": 'u',
		"alternative": 'a', "name": 'n',
	}}.parse(p)
	if !ok {
		return 1
	}
	g := &getoptRun{p: p, name: "getopt", spec: optionSpec{long: map[string]byte{}}}
	given := false
	for _, o := range found {
		switch o.letter {
		case 'o':
			g.spec.letters, given = o.value, true
		case 'l':
			g.long = append(g.long, strings.FieldsFunc(o.value, func(c rune) bool { return c == ',' || c == ' ' || c == '\t' || c == '\n' })...)
		case 'n':
			g.name = o.value
		case 'q':
			g.quiet = true
		case 'Q':
			g.silent = true
		case 'u':
			g.plain = true
		case 'T':
			return 4
		case 's':
			if o.value != "sh" && o.value != "bash" {
				return failf(p, "unknown shell '%s'", o.value)
			}
		case 'a':
			return failf(p, "-a is not supported here")
		}
	}
	if !given {
		if len(args) == 0 {
			return failf(p, "missing optstring argument")
		}
		g.spec.letters, args = args[0], args[1:]
	}
	return g.run(args)
}

type getoptRun struct {
	p                    *sandbox.Process
	name                 string
	spec                 optionSpec
	long                 []string // with their colons
	quiet, silent, plain bool
	out                  strings.Builder
	failed               bool
}

func (g *getoptRun) complain(format string, args ...any) {
	g.failed = true
	if !g.quiet {
		fmt.Fprintf(g.p.Stderr, g.name+": "+format+"\n", args...)
	}
}

func (g *getoptRun) word(text string) {
	if g.plain {
		g.out.WriteString(" " + text)
		return
	}
	g.out.WriteString(" '" + strings.ReplaceAll(text, "'", `'\''`) + "'")
}

func (g *getoptRun) run(args []string) int {
	letters := g.spec.letters
	early := strings.HasPrefix(letters, "+") || strings.HasPrefix(letters, "-")
	if early {
		letters = letters[1:]
	}
	var rest []string
	for len(args) > 0 {
		a := args[0]
		switch {
		case a == "--":
			rest, args = append(rest, args[1:]...), nil
			continue
		case len(a) < 2 || a[0] != '-':
			if early {
				rest, args = append(rest, args...), nil
				continue
			}
			rest, args = append(rest, a), args[1:]
			continue
		}
		args = args[1:]
		if strings.HasPrefix(a, "--") {
			args = g.longOption(a[2:], args)
		} else {
			args = g.shortOptions(a[1:], letters, args)
		}
	}
	if !g.silent {
		g.out.WriteString(" --")
		for _, r := range rest {
			g.word(r)
		}
		fmt.Fprintln(g.p.Stdout, g.out.String())
	}
	if g.failed {
		return 1
	}
	return 0
}

func (g *getoptRun) shortOptions(a, letters string, args []string) []string {
	for i := range len(a) {
		at := strings.IndexByte(letters, a[i])
		if at < 0 || a[i] == ':' {
			g.complain("unrecognized option: %c", a[i])
			continue
		}
		after := letters[at+1:]
		switch {
		case !strings.HasPrefix(after, ":"):
			fmt.Fprintf(&g.out, " -%c", a[i])
			continue
		case i+1 < len(a) || strings.HasPrefix(after, "::"):
			fmt.Fprintf(&g.out, " -%c", a[i])
			g.word(a[i+1:])
		case len(args) == 0:
			g.complain("option requires an argument: %c", a[i])
		default:
			fmt.Fprintf(&g.out, " -%c", a[i])
			g.word(args[0])
			return args[1:]
		}
		return args
	}
	return args
}

func (g *getoptRun) longOption(a string, args []string) []string {
	name, value, given := strings.Cut(a, "=")
	var found []string
	for _, l := range g.long {
		plain := strings.TrimRight(l, ":")
		if plain == name {
			found = []string{l}
			break
		}
		if strings.HasPrefix(plain, name) {
			found = append(found, l)
		}
	}
	if len(found) > 1 {
		g.complain("option is ambiguous: %s", a)
		return args
	}
	if len(found) == 0 {
		g.complain("unrecognized option: %s", a)
		return args
	}
	plain := strings.TrimRight(found[0], ":")
	colons := len(found[0]) - len(plain)
	switch {
	case colons == 0 && given:
		g.complain("option does not take an argument: %s", plain)
		return args
	case colons == 1 && !given:
		if len(args) == 0 {
			g.complain("option requires an argument: %s", plain)
			return args
		}
		value, args = args[0], args[1:]
	}
	g.out.WriteString(" --" + plain)
	if colons > 0 {
		g.word(value)
	}
	return args
}
