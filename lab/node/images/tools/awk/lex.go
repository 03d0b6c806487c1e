package awk

import (
	"strconv"
	"strings"
)

// Error is why a program cannot be read or cannot go on, at a line of a source.
type Error struct {
	Source  string
	Line    int
	Message string
}

func (e *Error) Error() string {
	if e.Source == "" {
		return e.Message
	}
	return e.Source + ":" + strconv.Itoa(e.Line) + ": " + e.Message
}

const (
	unexpectedToken = "Unexpected token"
	unexpectedEnd   = "Unexpected end of string"
)

type kind uint8

const (
	tEOF kind = iota
	tNewline
	tNumber
	tString
	tRegexp
	tName     // a variable
	tCall     // a name right before a parenthesis
	tKeyword  // a statement's word, in, getline, length
	tBuiltin  // a function of the language
	tOperator // punctuation
)

// token is one word of a program. text is an operator, a word, or the content of a string or expression.
type token struct {
	kind   kind
	text   string
	number float64
	line   int
}

func (t token) is(text string) bool {
	return t.text == text && (t.kind == tOperator || t.kind == tKeyword)
}

func isKeyword(s string) bool {
	switch s {
	case "if", "do", "for", "break", "continue", "delete", "print", "printf", "next", "nextfile", "return", "exit", "while",
		"else", "length", "getline", "func", "function", "BEGIN", "END", "in":
		return true
	}
	return false
}

// operators are tried in this order.
const operators = "**= ++ -- == += -= *= /= %= ^= ** != >= <= !~ && || >> ( ) $ = + - / % ^ * > < ! ~ ? : , | ] [ { } ;"

type lexer struct {
	source, text string
	at, line     int
	last         token
	operators    []string
	builtins     map[string]builtin
}

func (l *lexer) fail(message string) {
	panic(&Error{l.source, l.line, message})
}

// next returns the next token. Newlines are dropped where an expression or a list goes on behind them.
func (l *lexer) next() token {
	for {
		t := l.read()
		if t.kind == tNewline && l.joins() {
			l.last = t
			continue
		}
		l.last = t
		return t
	}
}

// joins reports whether a newline after the last token means nothing.
func (l *lexer) joins() bool {
	switch l.last.kind {
	case tNewline:
		return true
	case tKeyword:
		return l.last.text == "in"
	case tOperator:
		switch l.last.text {
		case "(", ")", "[", "]", "$", "!", "++", "--":
			return false
		}
		return true
	default:
		return false
	}
}

// operandEnds reports whether a slash after the last token divides.
func (l *lexer) operandEnds() bool {
	switch l.last.kind {
	case tNumber, tString, tRegexp, tName, tBuiltin:
		return true
	case tKeyword:
		return l.last.text == "length" || l.last.text == "getline"
	case tOperator:
		switch l.last.text {
		case ")", "]", "++", "--":
			return true
		}
	default:
	}
	return false
}

func (l *lexer) peek(n int) byte {
	if l.at+n < len(l.text) {
		return l.text[l.at+n]
	}
	return 0
}

func (l *lexer) blanks() {
	for {
		switch c := l.peek(0); {
		case c == ' ' || c == '\t':
			l.at++
		case c == '\\' && l.peek(1) == '\n':
			l.at += 2
			l.line++
		default:
			return
		}
	}
}

func (l *lexer) read() token {
	l.blanks()
	if l.peek(0) == '#' {
		for l.at < len(l.text) && l.text[l.at] != '\n' {
			l.at++
		}
	}
	t := token{line: l.line}
	switch c := l.peek(0); {
	case l.at >= len(l.text):
		t.kind = tEOF
	case c == '\n':
		l.at++
		l.line++
		t.kind = tNewline
	case c == '"':
		t.kind, t.text = tString, l.quoted()
	case c == '/' && !l.operandEnds():
		t.kind, t.text = tRegexp, l.expression()
	case isDigit(c), c == '.':
		n, length := literal(l.text[l.at:])
		l.at += length
		if l.peek(0) == '.' || length == 0 {
			l.fail(unexpectedToken)
		}
		t.kind, t.number = tNumber, n
	case isNameByte(c):
		l.word(&t)
	default:
		l.operator(&t)
	}
	return t
}

func (l *lexer) quoted() string {
	var b strings.Builder
	for l.at++; ; {
		switch c := l.peek(0); {
		case l.at >= len(l.text) || c == '\n':
			l.fail(unexpectedEnd)
		case c == '"':
			l.at++
			return b.String()
		case c == '\\' && l.peek(1) == '\n':
			l.at += 2
			l.line++
		case c == '\\':
			meaning, n := escape(l.text[l.at:])
			b.WriteByte(meaning)
			l.at += n
		default:
			b.WriteByte(c)
			l.at++
		}
	}
}

// expression reads what stands between slashes. Escapes of characters become these, others are the expression's own.
func (l *lexer) expression() string {
	var b strings.Builder
	for l.at++; ; {
		switch c := l.peek(0); {
		case l.at >= len(l.text) || c == '\n':
			l.fail(unexpectedEnd)
		case c == '/':
			l.at++
			return b.String()
		case c == '\\':
			meaning, n := escape(l.text[l.at:])
			if l.peek(1) == '\\' || !known(l.peek(1)) {
				b.WriteByte('\\')
			}
			b.WriteByte(meaning)
			l.at += n
		default:
			b.WriteByte(c)
			l.at++
		}
	}
}

func (l *lexer) word(t *token) {
	start := l.at
	for isNameByte(l.peek(0)) {
		l.at++
	}
	t.text = l.text[start:l.at]
	switch {
	case isKeyword(t.text):
		t.kind = tKeyword
	case l.builtins[t.text].run != nil:
		t.kind = tBuiltin
	default:
		t.kind = tName
		if l.last.is("function") || l.last.is("func") {
			l.blanks()
		}
		if l.peek(0) == '(' {
			t.kind = tCall
		}
	}
}

func (l *lexer) operator(t *token) {
	for _, o := range l.operators {
		if strings.HasPrefix(l.text[l.at:], o) {
			t.kind, t.text = tOperator, o
			l.at += len(o)
			return
		}
	}
	l.fail(unexpectedToken)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isNameByte(c byte) bool {
	return c == '_' || isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// known reports whether a backslash and this letter mean one character.
func known(c byte) bool {
	return c != 0 && strings.IndexByte(`abefnrtv\01234567x`, c) >= 0
}

// escape is the sequence that a text begins with: the byte it means, and how long it is.
func escape(text string) (byte, int) {
	if len(text) < 2 {
		return '\\', len(text)
	}
	if i := strings.IndexByte(`abefnrtv\`, text[1]); i >= 0 {
		return "\a\b\x1b\f\n\r\t\v\\"[i], 2
	}
	from, base, most := 1, 8, 3
	if text[1] == 'x' {
		from, base, most = 2, 16, 2
	}
	n := from
	value := 0
	for n < len(text) && n < from+most {
		d := digit(text[n])
		if d >= base || value*base+d > 255 {
			break
		}
		value = value*base + d
		n++
	}
	if n == from {
		return text[1], 2
	}
	return byte(value), n
}

func digit(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return 99
}

// unescape replaces the sequences of a text that an option or an operand gives.
func unescape(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			i++
			continue
		}
		if text[i+1] == '\n' {
			i += 2
			continue
		}
		meaning, n := escape(text[i:])
		b.WriteByte(meaning)
		i += n
	}
	return b.String()
}
