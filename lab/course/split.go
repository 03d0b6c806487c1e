package course

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab"
)

// Split takes an expanded command line of a lab apart: the words of the command, and the word of a trailing "| grep WORD", or
// empty. Quotes and backslashes work as in a shell. Everything else that a shell would do, such as variables,
// redirections, several commands or other pipes, is refused with a [*lab.Error]: the line is one kubectl command, and
// nothing else must come of it.
func Split(line string) (argv []string, grep string, err error) {
	return reader{}.split(line)
}

// Typed takes apart what a user has typed as a kubectl command, with or without the word kubectl. It reads as Split does, but
// $ and ` mean nothing: no shell on this machine sees the line, so that `sh -c "echo $HOSTNAME"` speaks of the container's. A
// word's leading ~/ is the user's home directory; empty: it means nothing either.
//
// The action has no arguments if nothing was typed. Errors are [*lab.Error].
func Typed(line, home string) (lab.Kubectl, error) {
	if trailing := len(line) - len(strings.TrimRight(line, `\`)); trailing%2 == 1 {
		return lab.Kubectl{}, unreadable(nil)
	}
	argv, grep, err := reader{verbatim: true, home: home}.split("kubectl " + line)
	if err != nil {
		return lab.Kubectl{}, err
	}
	return lab.Kubectl{Args: append([]string(nil), withoutName(argv[1:])...), Grep: grep}, nil
}

// withoutName drops the word kubectl, which is typed out of habit.
func withoutName(args []string) []string {
	if len(args) > 0 && args[0] == "kubectl" {
		return args[1:]
	}
	return args
}

// Words takes apart the command line of a program that is started without a shell, such as an editor's with its flags. It has
// none if it cannot be read.
func Words(line, home string) []string {
	argv, _, err := reader{verbatim: true, home: home, plain: true}.split(line)
	if err != nil {
		return nil
	}
	return argv
}

// Unfinished is the beginning of a kubectl command line that is being typed.
type Unfinished struct {
	// Whole are the words that have ended, without a leading kubectl.
	Whole []string
	// Last is the word that goes on to the end of the line; it may be empty.
	Last string
	// Quote is the quotation mark that is open at the end; empty for none.
	Quote string
}

// Begun takes apart the beginning of a command line, as [Typed] reads it. ok is false if nothing that can be read could come
// of it.
func Begun(line, home string) (u Unfinished, ok bool) {
	const cursor = "\x01" // no key brings it
	if strings.Contains(line, cursor) {
		return u, false
	}
	for _, quote := range []string{"", "'", `"`} {
		argv, grep, err := reader{verbatim: true, home: home}.split("kubectl " + line + cursor + quote)
		if err != nil || grep != "" {
			continue
		}
		words := withoutName(argv[1:])
		if len(words) == 0 { // the word kubectl itself is being typed
			words = argv[1:]
		}
		last, ok := strings.CutSuffix(words[len(words)-1], cursor)
		if !ok { // the rest is a comment
			return u, false
		}
		return Unfinished{Whole: words[:len(words)-1], Last: last, Quote: quote}, true
	}
	return u, false
}

// Continued writes text so that it goes on with the last word.
func (u Unfinished) Continued(text string) string {
	switch u.Quote {
	case "'":
		return strings.ReplaceAll(text, `'`, `'\''`)
	case `"`:
		return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(text)
	}
	var out strings.Builder
	for _, r := range text {
		if special(r) {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}

// End ends the last word.
func (u Unfinished) End() string { return u.Quote + " " }

// Unbroken cuts a command line into pieces that can stand on lines of their own, between which a blank or a line break with a
// backslash before it mean the same to a shell: words as they are written, with their quotes, and what stands between words.
func Unbroken(line string) []string {
	file, err := parse(line)
	if err != nil {
		return strings.Fields(line) // it is no command line
	}
	word := make([]bool, len(line))
	syntax.Walk(file, func(node syntax.Node) bool {
		if w, ok := node.(*syntax.Word); ok {
			for i := w.Pos().Offset(); i < w.End().Offset() && i < uint(len(word)); i++ {
				word[i] = true
			}
		}
		return true
	})
	var out []string
	start := -1
	for i := 0; i <= len(line); i++ {
		gap := i == len(line) || !word[i] && strings.IndexByte(" \t\n", line[i]) >= 0
		switch {
		case gap && start >= 0:
			out = append(out, line[start:i])
			start = -1
		case !gap && start < 0:
			start = i
		}
	}
	return out
}

func parse(line string) (*syntax.File, error) {
	return syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(line), "")
}

func unreadable(cause error) error {
	return lab.Errorf(cause, "명령을 읽을 수 없습니다. 따옴표가 맞는지 보십시오", "the command cannot be read: check its quotes")
}

// reader is how a line is read.
type reader struct {
	verbatim bool   // $ and ` mean nothing
	home     string // what a word's leading ~ stands for; empty for nothing
	plain    bool   // there is no pipe either
}

func (r reader) split(line string) (argv []string, grep string, err error) {
	if strings.Contains(line, "\x00") {
		return nil, "", unreadable(nil)
	}
	file, err := parse(line)
	if err != nil {
		return nil, "", unreadable(err)
	}
	if len(file.Stmts) != 1 {
		return nil, "", lab.Errorf(nil, "명령은 한 번에 하나만 쓸 수 있습니다", "exactly one command is expected")
	}
	stmt := file.Stmts[0]
	if pipe, ok := stmt.Cmd.(*syntax.BinaryCmd); ok && pipe.Op == syntax.Pipe && bare(stmt) && !r.plain {
		filter, err := r.words(line, pipe.Y)
		if err != nil || len(filter) != 2 || filter[0] != "grep" || strings.HasPrefix(filter[1], "-") || filter[1] == "" {
			return nil, "", lab.Errorf(nil, "| 뒤에는 \"grep 단어\"만 쓸 수 있습니다", "only \"grep WORD\" may follow |")
		}
		grep, stmt = filter[1], pipe.X
	}
	argv, err = r.words(line, stmt)
	return argv, grep, err
}

// bare says whether nothing is done to the statement: no redirection, !, & or ;.
func bare(s *syntax.Stmt) bool {
	return len(s.Redirs) == 0 && !s.Negated && !s.Background && !s.Coprocess && !s.Disown
}

// words returns the words of a simple command.
func (r reader) words(line string, s *syntax.Stmt) ([]string, error) {
	call, ok := s.Cmd.(*syntax.CallExpr)
	if !ok || !bare(s) || len(call.Assigns) > 0 || len(call.Args) == 0 {
		return nil, lab.Errorf(nil, "리다이렉션, 변수, 다른 파이프 없이 명령 하나만 쓸 수 있습니다",
			"only one command is allowed, without redirections, variables or other pipes")
	}
	out := make([]string, len(call.Args))
	for i, arg := range call.Args {
		var text strings.Builder
		parts := arg.Parts
		if rest, ok := r.below(parts); ok {
			text.WriteString(strings.TrimRight(r.home, `/\`))
			parts = rest
		}
		if !r.literal(&text, line, parts) {
			return nil, lab.Errorf(nil, "%d번째 단어에 셸만 아는 것($, `)이 있습니다. 값을 그대로 적으십시오",
				"word %d contains something that needs a shell ($ or `): write the value out", i+1)
		}
		out[i] = text.String()
	}
	return out, nil
}

// below returns what comes after ~ in a word that begins with it, alone or before a slash.
func (r reader) below(parts []syntax.WordPart) ([]syntax.WordPart, bool) {
	first, ok := parts[0].(*syntax.Lit)
	if !ok || r.home == "" {
		return nil, false
	}
	rest, ok := strings.CutPrefix(first.Value, "~")
	if !ok || rest != "" && rest[0] != '/' || rest == "" && len(parts) > 1 {
		return nil, false
	}
	return append([]syntax.WordPart{&syntax.Lit{ValuePos: first.ValuePos, ValueEnd: first.ValueEnd, Value: rest}}, parts[1:]...), true
}

// literal writes what parts stand for, and says whether that takes nothing but removing quotes.
func (r reader) literal(w *strings.Builder, line string, parts []syntax.WordPart) bool {
	for _, part := range parts {
		switch part := part.(type) {
		case *syntax.Lit:
			w.WriteString(unescape(part.Value, func(byte) bool { return true }))
			continue
		case *syntax.SglQuoted:
			if !part.Dollar {
				w.WriteString(part.Value)
				continue
			}
		case *syntax.DblQuoted:
			if !part.Dollar && r.quoted(w, line, part.Parts) {
				continue
			}
			return false
		}
		if !r.asWritten(w, line, part) {
			return false
		}
	}
	return true
}

// quoted is literal for what stands in double quotes.
func (r reader) quoted(w *strings.Builder, line string, parts []syntax.WordPart) bool {
	for _, part := range parts {
		if lit, ok := part.(*syntax.Lit); ok {
			w.WriteString(unescape(lit.Value, func(c byte) bool { return strings.IndexByte("$`\"\\\n", c) >= 0 }))
		} else if !r.asWritten(w, line, part) {
			return false
		}
	}
	return true
}

// asWritten writes a part that only a shell understands as it stands in the line, if that is how lines are read.
func (r reader) asWritten(w *strings.Builder, line string, part syntax.Node) bool {
	if r.verbatim {
		w.WriteString(line[part.Pos().Offset():part.End().Offset()])
	}
	return r.verbatim
}

// unescape removes the backslashes that stand before a character for which escapable holds. A backslash before a line
// break goes together with it.
func unescape(s string, escapable func(byte) bool) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && escapable(s[i+1]) {
			i++
			if s[i] == '\n' {
				continue
			}
		}
		out.WriteByte(s[i])
	}
	return out.String()
}
