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

// syntaxError puts an error of the parser into bash's words. text is the command, which begins at start in what the parser
// has read; above are the lines before that.
func (sh *shell) syntaxError(err error, text string, start, above int) error {
	var u unexpected
	if errors.As(err, &u) {
		u.text, u.line = lineAt(text, u.at-start), u.line+above
		return u
	}
	var r refusal
	if errors.As(err, &r) {
		r.line += above
		return r
	}
	var parse syntax.ParseError
	if !errors.As(err, &parse) {
		return refusal{"syntax error: " + err.Error(), above + 1 + strings.Count(text, "\n")}
	}
	at := min(max(int(parse.Pos.Offset())-start, 0), len(text)) //nolint:gosec // small
	line := above + int(parse.Pos.Line())                       //nolint:gosec // small
	rest := text[at:]
	last := line + strings.Count(strings.TrimSuffix(rest, "\n"), "\n") + 1
	message := parse.Text
	switch {
	case strings.HasPrefix(message, "unclosed here-document"):
		return endOfFile{"", last}
	case strings.Contains(message, "without closing quote"):
		for _, q := range []string{`"`, "'", "`"} {
			if strings.Contains(message, "quote "+q) || strings.HasPrefix(rest, q) || strings.HasPrefix(rest, "$"+q) {
				return endOfFile{q, line}
			}
		}
		return endOfFile{`"`, line}
	case parse.Incomplete && strings.HasPrefix(rest, "$((") || parse.Incomplete && strings.HasPrefix(rest, "(("):
		return endOfFile{")", line}
	case parse.Incomplete && strings.HasPrefix(rest, "$("):
		return endOfFile{")", last}
	case parse.Incomplete && strings.HasPrefix(rest, "${"):
		return endOfFile{"}", line}
	case parse.Incomplete && strings.HasPrefix(rest, "[["):
		return refusal{"unexpected argument `]]' to conditional unary operator", line}
	case parse.Incomplete && (strings.HasPrefix(rest, "<") || strings.HasPrefix(rest, ">")):
		return unexpected{token: "newline", line: line, text: lineAt(text, at)}
	case parse.Incomplete:
		return endOfFile{"", last}
	case strings.Contains(message, "parameter") || strings.Contains(message, "expansion operator"):
		return badSubstitution(text, at, line)
	case strings.HasPrefix(message, "not a valid test operator: `;`"), strings.HasPrefix(message, "not a valid test operator: `\n`"):
		return refusal{"unexpected argument `]]' to conditional binary operator", line}
	case strings.HasPrefix(message, "not a valid test operator"):
		return refusal{"conditional binary operator expected", line}
	}
	return unexpected{token: printable(offendingToken(message, rest)), line: line, text: strings.ReplaceAll(lineAt(text, at), carriageReturn, "\r")}
}

// lineAt is the line of a text that has the place.
func lineAt(text string, at int) string {
	at = min(max(at, 0), len(text))
	begin := strings.LastIndexByte(text[:at], '\n') + 1
	line, _, _ := strings.Cut(text[begin:], "\n")
	return line
}

func badSubstitution(text string, at, line int) error {
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

// syntaxStatus is the status of a shell that could not read on.
func (sh *shell) syntaxStatus(err error) int {
	var r refusal
	switch {
	case errors.As(err, &r) && strings.Contains(r.why, "conditional"):
		return 0 // so it is
	case r.why != "":
		return 1
	}
	return 2
}

// repair puts what the parser does not read, and bash finds out about when it runs it, between quotes: expressions,
// subscripts and names. A here document that is not closed is, with a warning.
func (sh *shell) repair(err error, text string, start, above int) (fixed string, ok bool) {
	var at int
	message := ""
	var parse syntax.ParseError
	var language syntax.LangError
	switch {
	case errors.As(err, &parse):
		at, message = int(parse.Pos.Offset()), parse.Text //nolint:gosec // small
	case errors.As(err, &language):
		at = int(language.Pos.Offset()) //nolint:gosec // small
	default:
		return "", false
	}
	if at -= start; at < 0 || at > len(text) {
		return "", false
	}
	if rest, found := strings.CutPrefix(message, "unclosed here-document `"); found {
		if sh.interactive {
			return "", false // it is asked for
		}
		end := strings.TrimSuffix(rest, "`")
		lines := above + strings.Count(strings.TrimSuffix(text, "\n"), "\n") + 1
		if start == 0 {
			sh.complain(fmt.Sprintf("%s: line %d: warning: here-document at line %d delimited by end-of-file (wanted `%s')\n",
				sh.name, sh.text.above+lines, sh.text.above+above+int(parse.Pos.Line()), end)) //nolint:gosec // small
		}
		if !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		return text + end + "\n", true
	}
	if parse.Incomplete {
		return "", false
	}
	if message == "invalid var name" {
		end := at + strings.IndexAny(text[at:]+" ", " \t\n;&|<>")
		return text[:at] + `"` + text[at:end] + `"` + text[end:], true
	}
	line := strings.LastIndexByte(text[:at], '\n') + 1
	if let := strings.LastIndex(text[line:min(at+4, len(text))], "let"); let >= 0 {
		let += line
		if (let == line || strings.IndexByte(" \t;&|({", text[let-1]) >= 0) && strings.IndexByte(" \t;\n", (text + "\n")[let+3]) >= 0 {
			return text[:let] + `\` + text[let:], true // no keyword then
		}
	}
	if begin, end, found := enclosing(text, at, "((", "))"); found {
		return quotedPart(text, begin, end)
	}
	if begin, end, found := enclosing(text, at, "[", "]"); found && begin > 1 && (isNameByte(text[begin-2], false) || strings.HasPrefix(text[end:], "]=")) {
		return quotedPart(text, begin, end)
	}
	return "", false
}

func quotedPart(text string, begin, end int) (string, bool) {
	if strings.ContainsAny(text[begin:end], "\"\n`") || end == begin {
		return "", false
	}
	return text[:begin] + `"` + text[begin:end] + `"` + text[end:], true
}

// enclosing is what stands between brackets around a place.
func enclosing(text string, at int, open, shut string) (begin, end int, ok bool) {
	line := strings.LastIndexByte(text[:at], '\n') + 1
	begin = strings.LastIndex(text[line:min(at+1, len(text))], open)
	if begin < 0 {
		return 0, 0, false
	}
	begin += line + len(open)
	end = strings.Index(text[begin:], shut)
	if end < 0 || begin+end+len(shut) < at {
		return 0, 0, false
	}
	return begin, begin + end, true
}

// offendingToken is the token that bash would stumble over.
func offendingToken(message, rest string) string {
	skip := func(text string) string {
		return strings.TrimLeft(strings.TrimPrefix(strings.TrimLeft(rest, " \t"), text), " \t")
	}
	switch {
	case strings.HasPrefix(message, "`foo(`"):
		_, after, _ := strings.Cut(rest, "(")
		return firstToken(after)
	case strings.HasPrefix(message, "`for foo"):
		_, after, _ := strings.Cut(rest, ";")
		return firstToken(after)
	case strings.HasPrefix(message, "`((` can only"):
		return "("
	case strings.Contains(message, "must be followed by"), strings.Contains(message, "must end with"):
		return firstToken(skip(firstToken(rest)))
	}
	return firstToken(rest)
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
		if r.why == "" || strings.Contains(r.why, "conditional") {
			prefix += "-c: "
		}
	}
	if !sh.interactive {
		prefix += fmt.Sprintf("line %d: ", sh.text.above+line)
	}
	sh.complain(prefix + err.Error() + "\n")
	if u.token != "" && !sh.interactive {
		sh.complain(prefix + "`" + u.text + "'\n")
	}
}
