package shell

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/pattern"
	"mvdan.cc/sh/v3/syntax"
)

// roomCommand looks at the variables that a command is about to expand, where that could take more memory or time than
// there is: afterwards would be too late. It stands in a command substitution inside the command's first expansion, so
// that it runs just before and changes no status.
//
// Its arguments are the length of the patterns' literal text, and then
//
//	text COUNT VALUE            a variable that is expanded
//	pattern COUNT VALUE         one that is part of a pattern
//	replace VALUE PATTERN LENGTH NUMBER VALUE...
//
// the last for ${x//pattern/text}: the pattern if it is plain text, the length of the text's own part, and the
// variables in it.
const roomCommand = "__healthlab_room"

const (
	// fewExpansions is how many expansions of one command cannot be too much together.
	fewExpansions = 16
	// shortPatterns is how long patterns may be that match any text that a variable can hold in time.
	shortPatterns = maxMatching / maxValue
	// substituted is the length that is assumed of a command substitution in ${x//pattern/text}.
	substituted = 1 << 10
)

// expansions is what a command expands itself, without the commands inside it.
type expansions struct {
	first    *syntax.Word
	total    int
	texts    map[string]int // how often, by name
	patterns map[string]int
	literal  int // bytes of the patterns' own text
	replaced []*syntax.ParamExp
}

// makeRoom puts the look into a command that needs one.
func makeRoom(st *syntax.Stmt) {
	if c, ok := st.Cmd.(*syntax.CallExpr); ok && len(c.Args) > 0 && c.Args[0].Lit() == roomCommand {
		return
	}
	e := expansions{texts: map[string]int{}, patterns: map[string]int{}}
	e.collect(st)
	few := e.total <= fewExpansions && e.literal <= shortPatterns && len(e.patterns) == 0 && len(e.replaced) == 0
	if e.first == nil || few {
		return
	}
	look := call(st, roomCommand, strconv.Itoa(e.literal))
	add := func(kind string, names map[string]int) {
		for _, name := range slices.Sorted(maps.Keys(names)) {
			look.Args = append(look.Args, word(kind), word(strconv.Itoa(names[name])), parameter(name))
		}
	}
	add("text", e.texts)
	add("pattern", e.patterns)
	for _, p := range e.replaced {
		length, names := inside(p.Repl.With)
		look.Args = append(look.Args, word("replace"), parameter(p.Param.Value),
			&syntax.Word{Parts: []syntax.WordPart{quoted(plain(p.Repl.Orig))}},
			word(strconv.Itoa(length)), word(strconv.Itoa(len(names))))
		for _, name := range names {
			look.Args = append(look.Args, parameter(name))
		}
	}
	substitution := &syntax.CmdSubst{Stmts: []*syntax.Stmt{{Position: st.Position, Cmd: look}}}
	at := 0
	if l, ok := e.first.Parts[0].(*syntax.Lit); ok && strings.HasPrefix(l.Value, "~") {
		at = 1
	}
	e.first.Parts = slices.Insert(slices.Clone(e.first.Parts), at, syntax.WordPart(substitution))
}

func (e *expansions) collect(st *syntax.Stmt) {
	syntax.Walk(st, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Stmt:
			return n == st
		case *syntax.Word:
			if e.first == nil && expands(n) {
				e.first = n
			}
		case *syntax.ParamExp:
			e.total++
			e.texts[n.Param.Value]++
			if n.Repl != nil {
				e.pattern(n.Repl.Orig)
				if n.Repl.All && n.Repl.With != nil {
					e.replaced = append(e.replaced, n)
				}
			}
			if n.Exp != nil {
				switch n.Exp.Op {
				case syntax.RemSmallPrefix, syntax.RemLargePrefix, syntax.RemSmallSuffix, syntax.RemLargeSuffix:
					e.pattern(n.Exp.Word)
				default:
				}
			}
		case *syntax.CaseItem:
			for _, w := range n.Patterns {
				e.pattern(w)
			}
		case *syntax.BinaryTest:
			switch n.Op {
			case syntax.TsMatchShort, syntax.TsMatch, syntax.TsNoMatch, syntax.TsReMatch:
				if w, ok := n.Y.(*syntax.Word); ok {
					e.pattern(w)
				}
			default:
			}
		}
		return true
	})
}

// pattern notes a pattern.
func (e *expansions) pattern(w *syntax.Word) {
	length, names := inside(w)
	e.literal += length
	for _, name := range names {
		e.patterns[name]++
	}
}

// inside is the length of a word's own text, and the variables in it.
func inside(w *syntax.Word) (length int, names []string) {
	if w == nil {
		return 0, nil
	}
	syntax.Walk(w, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Lit:
			length += len(n.Value)
		case *syntax.SglQuoted:
			length += len(n.Value)
		case *syntax.ParamExp:
			names = append(names, n.Param.Value)
		case *syntax.CmdSubst:
			length += substituted
			return false
		}
		return true
	})
	return length, names
}

// plain is the text of a word that is nothing but text, and no pattern.
func plain(w *syntax.Word) string {
	if w == nil {
		return ""
	}
	if text := w.Lit(); !pattern.HasMeta(text, 0) && !strings.Contains(text, `\`) {
		return text
	}
	return ""
}

// expands reports whether a word has a part that is expanded.
func expands(w *syntax.Word) bool {
	return slices.ContainsFunc(w.Parts, func(part syntax.WordPart) bool {
		switch part.(type) {
		case *syntax.Lit, *syntax.SglQuoted:
			return false
		}
		return true
	})
}

// room is the look. Its arguments are made above.
func room(args []string) {
	number := func() int {
		n, err := strconv.Atoi(args[0])
		if err != nil {
			die(err)
		}
		args = args[1:]
		return n
	}
	literal := number()
	texts, patterns, made := 0, literal, 0
	for len(args) > 0 {
		kind := args[0]
		args = args[1:]
		switch kind {
		case "text", "pattern":
			n, value := number(), args[0]
			args = args[1:]
			if kind == "text" {
				texts += n * len(value)
				continue
			}
			patterns += n * len(value)
			extended(value)
		case "replace":
			value, plain := args[0], args[1]
			args = args[2:]
			length := number()
			for range number() {
				length += len(args[0])
				args = args[1:]
			}
			places := len(value) + 1
			if plain != "" {
				places = strings.Count(value, plain)
			}
			made += places * length
		}
	}
	if texts > maxVariables || made > maxVariables || patterns > 0 && texts*patterns > maxMatching {
		die(errNoMemory)
	}
}

// extended dies of a pattern with many operators of bash's extended patterns, @(…), which ash does not have and the
// interpreter reads over and over when they are not closed.
func extended(value string) {
	const many = 8
	n := 0
	for _, op := range []string{"@(", "!(", "?(", "*(", "+("} {
		if n += strings.Count(value, op); n > many {
			die(errNoMemory)
		}
	}
}
