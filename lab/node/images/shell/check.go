package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// refusal is what a command may not be; its text is ash's.
type refusal string

func (r refusal) Error() string { return string(r) }

// message is the whole of it.
func (r refusal) message() string {
	if r == arithmeticError {
		return string(r)
	}
	return "syntax error: " + string(r)
}

const (
	unexpectedParen = refusal(`unexpected "("`)
	badSubstitution = refusal("bad substitution")
	badLoopVariable = refusal("bad for loop variable")
	arithmeticError = refusal("arithmetic syntax error")
)

// check refuses what ash does not know, and dies of a command that is too deep for what walks through it.
func check(st *syntax.Stmt) error {
	var refused error
	depth := 0
	syntax.Walk(st, func(n syntax.Node) bool {
		if n == nil {
			depth--
			return true
		}
		if depth++; depth > maxDepth {
			die(errTooDeep)
		}
		if why := refuse(n); why != "" && refused == nil {
			refused = why
		}
		return true
	})
	return refused
}

func refuse(n syntax.Node) refusal {
	switch n := n.(type) {
	case *syntax.ProcSubst, *syntax.ExtGlob, *syntax.ArrayExpr:
		return unexpectedParen
	case *syntax.DeclClause:
		for _, a := range n.Args {
			if a.Index != nil {
				return badSubstitution
			}
		}
	case *syntax.CallExpr:
		if len(n.Args) > 0 && n.Args[0].Lit() == "else" { // the parser takes it for a command
			return refusal(`unexpected "else"`)
		}
	case *syntax.ForClause:
		if n.Select {
			return refusal(`unexpected "do"`)
		}
	case *syntax.CStyleLoop:
		return badLoopVariable
	case *syntax.Redirect:
		if n.Op == syntax.WordHdoc {
			return refusal("unexpected redirection")
		}
	case *syntax.CmdSubst:
		if n.TempFile || n.ReplyVar {
			return badSubstitution
		}
	case *syntax.ParamExp:
		if n.Param == nil || n.Index != nil || n.Excl || n.Width || n.IsSet || n.Names != 0 {
			return badSubstitution
		}
		if n.Exp != nil {
			switch n.Exp.Op {
			case syntax.UpperFirst, syntax.UpperAll, syntax.LowerFirst, syntax.LowerAll, syntax.OtherParamOps:
				return badSubstitution
			default:
			}
		}
	}
	return ""
}

// ashError puts an error of the parser into ash's words. text is the command, which begins at start in the script.
func ashError(err error, text []byte, start int) error {
	if _, ok := err.(refusal); ok { //nolint:errorlint // made here
		return err
	}
	parse, ok := err.(syntax.ParseError) //nolint:errorlint // the parser's
	if !ok {
		return refusal("unexpected end of file")
	}
	at := min(max(int(parse.Pos.Offset())-start, 0), len(text))
	return refusal(ashMessage(parse.Text, string(text[:at]), string(text[at:]), parse.Incomplete))
}

// ashMessage translates. before and rest are the command's text, parted where the parser points to.
func ashMessage(message, before, rest string, incomplete bool) string {
	quoted := strings.Split(message, "`")
	word := func(i int) string { // the i-th word in backquotes
		if i = 2*i + 1; i < len(quoted) {
			return quoted[i]
		}
		return ""
	}
	switch {
	case strings.Contains(message, "without closing quote") && strings.HasPrefix(rest, "`"):
		return "EOF in backquote substitution"
	case strings.Contains(message, "without closing quote") || incomplete && strings.Count(before, `"`)%2 == 1:
		return "unterminated quoted string"
	case incomplete && strings.HasPrefix(rest, "$(("):
		return "missing '))'"
	case incomplete && strings.HasPrefix(rest, "${"):
		return "missing '}'"
	case strings.Contains(message, "not a valid parameter") || strings.Contains(message, "parameter expansion"):
		return string(badSubstitution)
	case strings.Contains(message, "arithmetic") || strings.Contains(message, "ternary") ||
		strings.Contains(message, "must follow a") || strings.HasPrefix(rest, "$(("):
		return string(arithmeticError)
	case strings.HasPrefix(message, "`for` must"):
		return string(badLoopVariable)
	}
	expecting := ""
	if _, after, ok := strings.Cut(message, " with `"); ok {
		expecting, _, _ = strings.Cut(after, "`")
	}
	tail := func(word string) string {
		if word == "" {
			return ""
		}
		return ` (expecting "` + word + `")`
	}
	switch {
	case incomplete:
		if expecting == "" && !strings.Contains(message, "a statement") {
			expecting = awaited(before + rest)
		} else if strings.Contains(message, "statement list") {
			expecting = awaited(before + rest)
		}
		return "unexpected end of file" + tail(expecting)
	case strings.HasPrefix(message, "`for "):
		_, after, _ := strings.Cut(rest, ";")
		return "unexpected " + token(after) + tail("do")
	case strings.Contains(message, "can only") || strings.Contains(message, "encountered"):
		return `unexpected "` + word(0) + `"` + tail(awaited(before))
	case expecting != "":
		return "unexpected " + offending(rest) + tail(expecting)
	case strings.Contains(message, "must be followed by"):
		return "unexpected " + token(strings.TrimPrefix(rest, word(0)))
	}
	return "unexpected " + token(rest)
}

// awaited is the word that would end, or go on with, what a text has begun.
func awaited(text string) string {
	var open []string
	next := map[string]string{
		"if": "then", "elif": "then", "then": "fi", "else": "fi", "while": "do", "until": "do", "for": "do", "do": "done", "{": "}",
	}
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(" \t\n;", r) }) {
		last := len(open) - 1
		switch word {
		case "if", "while", "until", "for", "{":
			open = append(open, next[word])
		case "then", "else", "elif", "do":
			if last >= 0 {
				open[last] = next[word]
			}
		case "fi", "done", "}":
			if last >= 0 && open[last] == word {
				open = open[:last]
			}
		}
	}
	if len(open) == 0 {
		return ""
	}
	return open[len(open)-1]
}

// token is what begins a text, as ash names it.
func token(text string) string {
	text = strings.TrimLeft(text, " \t")
	for _, t := range []string{"&&", "||", ";;", "&", "|", ";", "(", ")"} {
		if strings.HasPrefix(text, t) {
			return `"` + t + `"`
		}
	}
	end := strings.IndexAny(text, " \t\n;&|()<>")
	switch {
	case text == "":
		return "end of file"
	case text[0] == '\n':
		return "newline"
	case text[0] == '<' || text[0] == '>':
		return "redirection"
	case end > 0:
		text = text[:end]
	}
	if syntax.IsKeyword(text) {
		return `"` + text + `"`
	}
	return "word"
}

// offending is the first word that ends something that was not begun.
func offending(text string) string {
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(" \t\n;", r) }) {
		switch word {
		case "fi", "else", "elif", "done", "esac", "}", ")":
			return `"` + word + `"`
		}
	}
	return "word"
}
