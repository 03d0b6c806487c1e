package bash

import (
	"errors"
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/pattern"

	"mvdan.cc/sh/v3/syntax"
)

// matcher is a pattern in a form that matches.
type matcher struct {
	expr string         // as a regular expression
	rx   *regexp.Regexp // of the whole text
	not  *negation
}

// negation is a pattern with one !(…), which no regular expression of Go's can be.
type negation struct{ before, inside, after *regexp.Regexp }

func (n *negation) matches(s string) bool {
	for i := 0; i <= len(s); i++ {
		if !n.before.MatchString(s[:i]) {
			continue
		}
		for j := i; j <= len(s); j++ {
			if n.after.MatchString(s[j:]) && !n.inside.MatchString(s[i:j]) {
				return true
			}
		}
	}
	return false
}

// quotePattern makes a text match itself.
func quotePattern(s string) string {
	if !strings.ContainsAny(s, `*?[]\()|!+@^-#%`) {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if strings.IndexByte(`*?[]\()|!+@^-#%`, s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// unescaped is a pattern without operators as the text that it matches.
func unescaped(p string) string {
	if !strings.Contains(p, `\`) {
		return p
	}
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		if p[i] == '\\' && i+1 < len(p) {
			i++
		}
		b.WriteByte(p[i])
	}
	return b.String()
}

// hasMeta reports whether a pattern has operators.
func hasMeta(p string, extended bool) bool {
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '\\':
			i++
		case '*', '?':
			return true
		case '[':
			if strings.Contains(p[i:], "]") {
				return true
			}
		case '+', '@', '!':
			if extended && i+1 < len(p) && p[i+1] == '(' {
				return true
			}
		}
	}
	return false
}

const maxPatterns = 128

// compiled returns the matcher of a pattern.
func (sh *shell) compiled(p string, mode pattern.Mode) *matcher {
	key := string(rune('0'+mode)) + p
	if m := sh.patterns[key]; m != nil {
		return m
	}
	m := &matcher{}
	if mode&pattern.ExtendedOperators != 0 && !balanced(p) {
		mode &^= pattern.ExtendedOperators // the library reads what is not closed over and over
	}
	expr, err := pattern.Regexp(p, mode)
	var syntaxError *pattern.SyntaxError
	var negated *pattern.NegExtGlobError
	if errors.As(err, &syntaxError) {
		p = closedBrackets(p)
		expr, err = pattern.Regexp(p, mode)
	}
	switch {
	case errors.As(err, &negated):
		m.not = sh.negated(p, negated.Groups, mode)
		expr = ".*"
	case err != nil:
		expr = regexp.QuoteMeta(unescaped(p))
	}
	m.expr = expr
	if sh.shopts["nocasematch"] {
		m.expr = "(?i)" + m.expr
	}
	m.rx = compile(`^(?:` + m.expr + `)$`)
	if sh.patterns == nil || len(sh.patterns) >= maxPatterns {
		sh.patterns = map[string]*matcher{}
	}
	sh.patterns[key] = m
	return m
}

// balanced reports whether the parentheses of a pattern are closed. It dies of a pattern that nests deeper than any that
// matches in time.
func balanced(p string) bool {
	const most = 32
	depth := 0
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '\\':
			i++
		case '(':
			if depth++; depth > most {
				die(errNoMemory)
			}
		case ')':
			depth--
		}
	}
	return depth <= 0
}

// compile compiles an expression with the longest match; one that is too large or no expression matches nothing.
func compile(expr string) *regexp.Regexp {
	rx, err := regexp.Compile("(?s)" + expr)
	if err != nil {
		return regexp.MustCompile(`[^\s\S]`)
	}
	return rx
}

// closedBrackets takes the brackets that are not closed for text.
func closedBrackets(p string) string {
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		switch {
		case p[i] == '\\' && i+1 < len(p):
			b.WriteString(p[i : i+2])
			i++
			continue
		case p[i] == '[':
			b.WriteByte('\\')
		}
		b.WriteByte(p[i])
	}
	return b.String()
}

func (sh *shell) negated(p string, groups []pattern.NegExtGlobGroup, mode pattern.Mode) *negation {
	g := groups[0]
	part := func(p string) *regexp.Regexp {
		expr, err := pattern.Regexp(p, mode)
		if err != nil {
			expr = regexp.QuoteMeta(unescaped(p))
		}
		if sh.shopts["nocasematch"] {
			expr = "(?i)" + expr
		}
		return compile(`^(?:` + expr + `)$`)
	}
	return &negation{part(p[:g.Start]), part("@" + p[g.Start+1:g.End]), part(p[g.End:])}
}

// textMode is the mode of patterns that are matched against texts.
const textMode = pattern.ExtendedOperators

// affordable dies of a match that would take long.
func affordable(p, s string) {
	if len(p)*len(s) > maxMatching {
		die(errNoMemory)
	}
}

// matches reports whether a pattern matches a whole text.
func (sh *shell) matches(p, s string) bool {
	if !hasMeta(p, true) {
		if sh.shopts["nocasematch"] {
			return strings.EqualFold(unescaped(p), s)
		}
		return unescaped(p) == s
	}
	affordable(p, s)
	m := sh.compiled(p, textMode)
	if m.not != nil {
		affordable(p, strings.Repeat(".", min(len(s)*len(s), 1<<20)))
		return m.not.matches(s)
	}
	return m.rx.MatchString(s)
}

// withoutPrefix removes the shortest or longest beginning that matches.
func (sh *shell) withoutPrefix(s, p string, longest bool) string {
	if !hasMeta(p, true) {
		return strings.TrimPrefix(s, unescaped(p))
	}
	affordable(p, s)
	if m := sh.compiled(p, textMode); m.not == nil {
		for _, i := range bounds(s, longest) {
			if longest {
				rx := compile(`^(?:` + m.expr + `)`)
				rx.Longest()
				if loc := rx.FindStringIndex(s); loc != nil {
					return s[loc[1]:]
				}
				return s
			}
			if m.rx.MatchString(s[:i]) {
				return s[i:]
			}
			affordable(p, strings.Repeat(".", min(i*i/2, 1<<20)))
		}
		return s
	}
	for _, i := range bounds(s, longest) {
		if sh.matches(p, s[:i]) {
			return s[i:]
		}
	}
	return s
}

// bounds are the places between the characters of a text, in the order in which they are tried.
func bounds(s string, backward bool) []int {
	places := make([]int, 0, len(s)+1)
	for i := range s {
		places = append(places, i)
	}
	places = append(places, len(s))
	if backward {
		for i, j := 0, len(places)-1; i < j; i, j = i+1, j-1 {
			places[i], places[j] = places[j], places[i]
		}
	}
	return places
}

// withoutSuffix removes the shortest or longest end that matches.
func (sh *shell) withoutSuffix(s, p string, longest bool) string {
	if !hasMeta(p, true) {
		return strings.TrimSuffix(s, unescaped(p))
	}
	affordable(p, s)
	m := sh.compiled(p, textMode)
	if m.not == nil {
		expr := `^(.*)(?:` + m.expr + `)$`
		if longest {
			expr = `(?U:^(.*))(?:` + m.expr + `)$`
		}
		if loc := compile(expr).FindStringSubmatchIndex(s); loc != nil {
			return s[:loc[3]]
		}
		return s
	}
	for _, i := range bounds(s, !longest) {
		if sh.matches(p, s[i:]) {
			return s[:i]
		}
	}
	return s
}

// replace is ${x/pattern/text}.
func (sh *shell) replace(r *syntax.Replace, values []string) []string {
	p := sh.pattern(r.Orig)
	with := []piece(nil)
	if r.With != nil {
		with = sh.expand(r.With.Parts, inValue)
	}
	anchor := byte(0)
	if !r.All && p != "" && (p[0] == '#' || p[0] == '%') {
		anchor, p = p[0], p[1:]
	}
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = sh.replaced(v, p, with, anchor, r.All)
	}
	return out
}

// replaced replaces what matches in one value. In the new text & is what matched.
func (sh *shell) replaced(s, p string, with []piece, anchor byte, all bool) string {
	switch {
	case p != "":
	case anchor == '#':
		return joined(with) + s
	case anchor == '%':
		return s + joined(with)
	default:
		return s
	}
	affordable(p, s)
	m := sh.compiled(p, textMode)
	expr := `(?:` + m.expr + `)`
	switch anchor {
	case '#':
		expr = "^" + expr
	case '%':
		expr += "$"
	}
	rx := compile(expr)
	rx.Longest()
	n := 1
	if all {
		n = -1
	}
	var found [][]int
	if m.not != nil {
		if sh.matches(p, s) {
			found = [][]int{{0, len(s)}}
		}
	} else {
		found = rx.FindAllStringIndex(s, n)
	}
	var b strings.Builder
	last := 0
	for _, loc := range found {
		if loc[0] == loc[1] && s != "" && anchor == 0 {
			continue
		}
		b.WriteString(s[last:loc[0]])
		for _, w := range with {
			if w.quoted || !strings.Contains(w.text, "&") {
				b.WriteString(w.text)
			} else {
				b.WriteString(strings.ReplaceAll(w.text, "&", s[loc[0]:loc[1]]))
			}
		}
		if b.Len() > maxValue {
			die(errNoMemory)
		}
		last = loc[1]
	}
	b.WriteString(s[last:])
	return b.String()
}
