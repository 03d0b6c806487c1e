package bash

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// quoteAll is a text in single quotes, as ${x@Q} and set have it; $'…' where it has control characters.
func quoteAll(s string) string {
	if controls(s) {
		return quoteANSI(s)
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func controls(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl)
}

// printable is a name as messages have it.
func printable(s string) string {
	s = strings.ReplaceAll(s, carriageReturn, "\r")
	if controls(s) {
		return quoteANSI(s)
	}
	return s
}

// quoteANSI is $'…'.
func quoteANSI(s string) string {
	var b strings.Builder
	b.WriteString("$'")
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch c := s[i]; {
		case r == utf8.RuneError && n <= 1:
			fmt.Fprintf(&b, `\%03o`, c)
		case strings.IndexByte("\a\b\x1b\f\n\r\t\v", c) >= 0:
			b.WriteByte('\\')
			b.WriteByte("abEfnrtv"[strings.IndexByte("\a\b\x1b\f\n\r\t\v", c)])
		case c == '\\' || c == '\'':
			b.WriteByte('\\')
			b.WriteByte(c)
		case unicode.IsControl(r):
			for j := range n {
				fmt.Fprintf(&b, `\%03o`, s[i+j])
			}
		default:
			b.WriteString(s[i : i+n])
		}
		i += max(n, 1)
	}
	b.WriteByte('\'')
	return b.String()
}

// quoteBackslash is a text with backslashes, as printf %q has it.
func quoteBackslash(s string) string {
	if s == "" {
		return "''"
	}
	if controls(s) {
		return quoteANSI(s)
	}
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if strings.IndexByte(" !\"$&'()*,;<>?[\\]^`{|}", c) >= 0 || i == 0 && (c == '#' || c == '~') || c == '~' && i > 0 && (s[i-1] == ':' || s[i-1] == '=') {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	return b.String()
}

// quoteDouble is a text in double quotes, as declare -p has it.
func quoteDouble(s string) string {
	if controls(s) {
		return quoteANSI(s)
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		if strings.IndexByte("\"$`\\", s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	b.WriteByte('"')
	return b.String()
}

// special reports whether a text means something else to the shell where it stands unquoted.
func needsQuotes(s string) bool {
	for i := range len(s) {
		c := s[i]
		if strings.IndexByte(" \t\n'\"\\|&;()<>!{}*[?]^$`", c) >= 0 || i == 0 && (c == '#' || c == '~') || c == '~' && (s[i-1] == ':' || s[i-1] == '=') {
			return true
		}
	}
	return false
}

// quoteKey is the key of an associative array.
func quoteKey(s string) string {
	if s == "" || needsQuotes(s) || s == "@" || s == "*" || controls(s) {
		return quoteDouble(s)
	}
	return s
}

// traceWord is a word as set -x prints it.
func traceWord(s string) string {
	switch {
	case s == "":
		return "''"
	case needsQuotes(s):
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	case controls(s):
		return quoteANSI(s)
	}
	return s
}

func traceWords(words []string) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = traceWord(w)
	}
	return strings.Join(list, " ")
}

// assignedText is a value as set prints it.
func assignedText(s string) string {
	switch {
	case s == "":
		return ""
	case controls(s):
		return quoteANSI(s)
	case needsQuotes(s):
		return quoteAll(s)
	}
	return s
}

// compound is an array in parentheses.
func (v *variable) compound() string {
	var b strings.Builder
	b.WriteByte('(')
	values := v.elements()
	for i, k := range v.subscripts() {
		if v.kind == associative {
			fmt.Fprintf(&b, "[%s]=%s ", quoteKey(k), quoteDouble(values[i]))
			continue
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "[%s]=%s", k, quoteDouble(values[i]))
	}
	b.WriteByte(')')
	return b.String()
}

// declaration is a variable as declare -p prints it.
func (v *variable) declaration(name string) string {
	flags := v.flags()
	if flags == "" {
		flags = "-"
	}
	text := "declare -" + flags + " " + name
	switch {
	case !v.set:
		return text
	case v.kind != scalar:
		return text + "=" + v.compound()
	}
	return text + "=" + quoteDouble(v.str)
}
