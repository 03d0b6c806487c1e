package bash

import (
	"errors"
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// unexpected is a token that stands where it may not.
type unexpected struct {
	token    string
	at, line int
	text     string // the line
}

func (u unexpected) Error() string { return "syntax error near unexpected token `" + u.token + "'" }

// refusal is another error of syntax, with its line.
type refusal struct {
	why  string
	line int
}

func (r refusal) Error() string { return r.why }

// endOfFile is a text that ends too soon.
type endOfFile struct {
	wanted string // the quote that is missing; "": the end of a command
	line   int
}

func (endOfFile) Incomplete() bool { return true }

func (e endOfFile) Error() string {
	if e.wanted != "" {
		return "unexpected EOF while looking for matching `" + e.wanted + "'"
	}
	return "syntax error: unexpected end of file"
}

// syntaxError puts an error of the parser into bash's words. text is the command, which begins at start in the script.
func (sh *shell) syntaxError(err error, text string, start int) error {
	lineAt := func(at int) string {
		at = min(max(at-start, 0), len(text))
		begin := strings.LastIndexByte(text[:at], '\n') + 1
		line, _, _ := strings.Cut(text[begin:], "\n")
		return line
	}
	var u unexpected
	if errors.As(err, &u) {
		u.text = lineAt(u.at)
		return u
	}
	var parse syntax.ParseError
	if !errors.As(err, &parse) {
		return err
	}
	at, line := int(parse.Pos.Offset()), int(parse.Pos.Line()) //nolint:gosec // small
	end := line + strings.Count(text[min(max(at-start, 0), len(text)):], "\n")
	rest := text[min(max(at-start, 0), len(text)):]
	message := parse.Text
	switch {
	case strings.Contains(message, "without closing quote"):
		for _, q := range []string{`"`, "'", "`"} {
			if strings.Contains(message, "quote "+q) || strings.HasPrefix(rest, q) || strings.HasPrefix(rest, "$"+q) {
				return endOfFile{q, line}
			}
		}
		return endOfFile{`"`, line}
	case parse.Incomplete && strings.HasPrefix(rest, "$(") && !strings.HasPrefix(rest, "$(("), parse.Incomplete && strings.HasPrefix(rest, "("):
		if strings.HasPrefix(rest, "$(") {
			return endOfFile{")", line}
		}
		return endOfFile{"", end + 1}
	case parse.Incomplete && strings.HasPrefix(rest, "${"):
		return endOfFile{"}", line}
	case parse.Incomplete:
		return endOfFile{"", end + 1}
	case strings.Contains(message, "parameter expansion") || strings.Contains(message, "not a valid parameter"):
		return badSubstitution(rest, text, at-start, line)
	}
	token := offendingToken(message, rest, text[:min(max(at-start, 0), len(text))])
	return unexpected{token: token, at: at, line: line, text: lineAt(at)}
}

func badSubstitution(_, text string, at, line int) error {
	at = min(max(at, 0), len(text))
	begin := strings.LastIndex(text[:at], "${")
	if begin < 0 {
		begin = at
	}
	end := strings.IndexByte(text[begin:], '}')
	if end < 0 {
		end = len(text) - begin - 1
	}
	return refusal{text[begin:begin+end+1] + ": bad substitution", line}
}

// offendingToken is the token that bash would stumble over.
func offendingToken(message, rest, before string) string {
	switch {
	case strings.Contains(message, "can only be used") || strings.Contains(message, "can only immediately follow"),
		strings.Contains(message, "is not a valid word"):
		return firstToken(rest)
	case strings.Contains(message, "must be followed by"), strings.Contains(message, "must end with"):
		// The parser points at what needs something after it.
		first := firstToken(rest)
		after := strings.TrimLeft(strings.TrimPrefix(strings.TrimLeft(rest, " \t"), first), " \t")
		if strings.Contains(message, "a statement list") || strings.Contains(message, "a statement") || strings.Contains(message, "a word") ||
			strings.Contains(message, "`do`") || strings.Contains(message, "`then`") || strings.Contains(message, "a command") {
			return scanToken(after)
		}
		return scanToken(after)
	}
	_ = before
	return firstToken(rest)
}

// scanToken skips to the first token that no command can begin with.
func scanToken(text string) string {
	return firstToken(text)
}

func firstToken(text string) string {
	text = strings.TrimLeft(text, " \t")
	for _, t := range []string{"&&", "||", ";;&", ";;", ";&", "|&", "&>>", "&>", "<<<", "<<", ">>", "<(", ">(", "&", "|", ";", "(", ")", "<", ">"} {
		if strings.HasPrefix(text, t) {
			return t
		}
	}
	end := strings.IndexAny(text, " \t\n;&|()<>")
	switch {
	case text == "" || text[0] == '\n':
		return "newline"
	case end > 0:
		return text[:end]
	}
	return text
}

// reportSyntax prints an error of syntax. what is the command that has read the text: eval or a trap.
func (sh *shell) reportSyntax(err error, what string) {
	name := sh.name
	if sh.text.source != "" {
		name = sh.text.source
	}
	if sh.interactive {
		name = "bash"
	}
	line := 0
	var u unexpected
	var r refusal
	var e endOfFile
	switch {
	case errors.As(err, &u):
		line = u.line
	case errors.As(err, &r):
		line = r.line
	case errors.As(err, &e):
		line = e.line
	}
	prefix := name + ": "
	switch {
	case what != "":
		prefix += what + ": "
	case sh.oneCommand && sh.text.source == "" && sh.text.above == 0:
		if _, bad := err.(refusal); !bad { //nolint:errorlint // made here
			prefix += "-c: "
		}
	}
	if !sh.interactive {
		prefix += fmt.Sprintf("line %d: ", sh.text.above+line)
	}
	sh.complain(prefix + err.Error() + "\n")
	if u.token != "" {
		sh.complain(prefix + "`" + u.text + "'\n")
	}
}
