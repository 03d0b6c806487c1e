package bash

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// piece is a part of what a word expands to.
type piece struct {
	text   string
	quoted bool // no pattern, no splitting
	split  bool // from an expansion: IFS splits it
	end    bool // a field ends here
}

// place is where a word stands.
type place int

const (
	inWord     place = iota // of a command: it is split
	inValue                 // of an assignment, or anything that stays one text
	inQuotes                // double ones
	inDocument              // a here document
)

func (c place) quoted() bool { return c == inQuotes || c == inDocument }

func joined(pieces []piece) string {
	switch len(pieces) {
	case 0:
		return ""
	case 1:
		return pieces[0].text
	}
	var b strings.Builder
	for _, p := range pieces {
		if p.end {
			b.WriteByte(' ')
		}
		b.WriteString(p.text)
	}
	return b.String()
}

// literal is a word that stays one text.
func (sh *shell) literal(w *syntax.Word) string {
	if w == nil {
		return ""
	}
	return joined(sh.expand(w.Parts, inValue))
}

// pattern is a word as a pattern: what is quoted is escaped.
func (sh *shell) pattern(w *syntax.Word) string {
	if w == nil {
		return ""
	}
	return escaped(sh.expand(w.Parts, inValue))
}

func escaped(pieces []piece) string {
	var b strings.Builder
	for _, p := range pieces {
		if p.end {
			b.WriteByte(' ')
		}
		if p.quoted {
			b.WriteString(quotePattern(p.text))
		} else {
			b.WriteString(p.text)
		}
	}
	return b.String()
}

// expand expands the parts of a word.
func (sh *shell) expand(parts []syntax.WordPart, in place) []piece {
	sh.enter()
	defer sh.exit()
	var out []piece
	add := func(p piece) {
		sh.grow(len(p.text))
		out = append(out, p)
	}
	for i, part := range parts {
		switch part := part.(type) {
		case *syntax.Lit:
			for _, p := range sh.lit(strings.ReplaceAll(part.Value, carriageReturn, "\r"), in, i == 0, len(parts) > 1) {
				add(p)
			}
		case *syntax.SglQuoted:
			text := strings.ReplaceAll(part.Value, carriageReturn, "\r")
			if part.Dollar {
				text = ansi(text, sh.utf8())
			}
			add(piece{text: text, quoted: true})
		case *syntax.DblQuoted:
			inner := sh.expand(part.Parts, inQuotes)
			if len(inner) == 0 && !onlyLists(part.Parts) {
				add(piece{quoted: true})
			}
			out = append(out, inner...)
		case *syntax.ParamExp:
			for _, p := range sh.param(part, in) {
				add(p)
			}
		case *syntax.CmdSubst:
			expanded := sh.expanded
			text := sh.commandSubstitution(part)
			sh.expanded = expanded
			add(piece{text: text, quoted: in.quoted(), split: !in.quoted()})
		case *syntax.ArithmExp:
			left := 3
			if part.Bracket {
				left = 2
			}
			raw := sh.raw(part.Left, part.Right)
			value := sh.arithmetic(part, raw[min(left, len(raw)):], "")
			add(piece{text: strconv.FormatInt(value, 10), quoted: in.quoted(), split: !in.quoted()})
		case *syntax.ProcSubst:
			add(piece{text: sh.processSubstitution(part), quoted: true})
		case *syntax.ExtGlob:
			add(piece{text: part.Op.String() + sh.insideGlob(part.Pattern.Value) + ")"})
		case *syntax.BraceExp:
			add(piece{text: sh.raw(part.Pos(), part.End())})
		}
	}
	return out
}

// onlyLists reports whether double quotes hold nothing but lists like "$@", which may be nothing at all.
func onlyLists(parts []syntax.WordPart) bool {
	for _, part := range parts {
		p, ok := part.(*syntax.ParamExp)
		if !ok || p.Length || !listLike(p) {
			return false
		}
	}
	return len(parts) > 0
}

func listLike(p *syntax.ParamExp) bool {
	if p.Param.Value == "@" || p.Names == syntax.NamesPrefixWords {
		return true
	}
	w, ok := p.Index.(*syntax.Word)
	return ok && w.Lit() == "@"
}

// lit is plain text, with its backslashes and, at the beginning of a word, its tilde.
func (sh *shell) lit(text string, in place, first, more bool) []piece {
	var out []piece
	switch in {
	case inQuotes, inDocument:
		if !strings.Contains(text, `\`) {
			return []piece{{text: text, quoted: true}}
		}
		var b strings.Builder
		for i := 0; i < len(text); i++ {
			if text[i] == '\\' && i+1 < len(text) {
				switch c := text[i+1]; {
				case c == '\n':
					i++
					continue
				case c == '\\' || c == '$' || c == '`' || c == '"' && in == inQuotes:
					i++
				}
			}
			b.WriteByte(text[i])
		}
		return []piece{{text: b.String(), quoted: true}}
	default:
	}
	if first && strings.HasPrefix(text, "~") {
		if home, rest, ok := sh.tilde(text, more); ok {
			out = append(out, piece{text: home, quoted: true})
			text = rest
		}
	}
	for {
		i := strings.IndexByte(text, '\\')
		if i < 0 || i+1 == len(text) {
			break
		}
		if i > 0 {
			out = append(out, piece{text: text[:i]})
		}
		_, n := utf8.DecodeRuneInString(text[i+1:])
		if text[i+1] != '\n' {
			out = append(out, piece{text: text[i+1 : i+1+n], quoted: true})
		}
		text = text[i+1+n:]
	}
	if text != "" {
		out = append(out, piece{text: text})
	}
	return out
}

// tilde is the directory that a word begins with.
func (sh *shell) tilde(text string, more bool) (home, rest string, ok bool) {
	end := strings.IndexAny(text, "/:")
	if end < 0 {
		if more {
			return "", "", false
		}
		end = len(text)
	}
	name, rest := text[1:end], text[end:]
	switch name {
	case "":
		if v := sh.get("HOME"); v != nil && v.set {
			return v.str, rest, true
		}
		return "/root", rest, true
	case "+":
		return sh.value("PWD"), rest, true
	case "-":
		if v := sh.get("OLDPWD"); v != nil && v.set {
			return v.str, rest, true
		}
		return "", "", false
	}
	data, err := sh.p.FS().ReadFile("/etc/passwd", 1<<16)
	if err != nil {
		return "", "", false
	}
	for line := range strings.SplitSeq(string(data), "\n") {
		if f := strings.Split(line, ":"); len(f) > 5 && f[0] == name {
			return f[5], rest, true
		}
	}
	return "", "", false
}

// assigned1 is the value of an assignment, where tildes stand after colons too.
func (sh *shell) assigned1(a *syntax.Assign) string {
	if a.Value == nil {
		return ""
	}
	parts := a.Value.Parts
	for i, part := range parts {
		l, ok := part.(*syntax.Lit)
		if !ok || !strings.Contains(l.Value, ":~") {
			continue
		}
		var b strings.Builder
		for j, elem := range strings.Split(l.Value, ":") {
			if j > 0 {
				b.WriteByte(':')
				if home, rest, ok := sh.tilde(elem, false); ok && strings.HasPrefix(elem, "~") {
					elem = home + rest
				}
			}
			b.WriteString(elem)
		}
		parts = append([]syntax.WordPart(nil), parts...)
		parts[i] = &syntax.Lit{ValuePos: l.ValuePos, ValueEnd: l.ValueEnd, Value: b.String()}
	}
	return joined(sh.expand(parts, inValue))
}

// tildes expands the one of a word that looks like an assignment, as bash does.
func (sh *shell) tildes(parts []syntax.WordPart) []syntax.WordPart {
	if len(parts) == 0 {
		return parts
	}
	l, ok := parts[0].(*syntax.Lit)
	if !ok {
		return parts
	}
	name, value, ok := strings.Cut(l.Value, "=~")
	if !ok || !validName(name) {
		return parts
	}
	home, rest, ok := sh.tilde("~"+value, len(parts) > 1)
	if !ok {
		return parts
	}
	return append([]syntax.WordPart{&syntax.Lit{Value: name + "="}, &syntax.SglQuoted{Value: home}, &syntax.Lit{Value: rest}}, parts[1:]...)
}

// insideGlob expands what stands in an extended pattern, which the parser leaves as text.
func (sh *shell) insideGlob(text string) string {
	if !strings.ContainsAny(text, "$`'\"") {
		return text
	}
	w := sh.wordOf(text)
	if w == nil {
		return text
	}
	return escaped(sh.expand(w.Parts, inValue))
}

// wordOf reads a text as one word.
func (sh *shell) wordOf(text string) *syntax.Word {
	var parts []syntax.WordPart
	for w, err := range newParser().WordsSeq(strings.NewReader(strings.ReplaceAll(text, "|", `\|`))) {
		if err != nil {
			return nil
		}
		if len(parts) > 0 {
			parts = append(parts, &syntax.Lit{Value: " "})
		}
		parts = append(parts, w.Parts...)
	}
	for _, part := range parts {
		if l, ok := part.(*syntax.Lit); ok {
			l.Value = strings.ReplaceAll(l.Value, `\|`, "|")
		}
	}
	return &syntax.Word{Parts: parts}
}

// seg is a part of a field.
type seg struct {
	text   string
	quoted bool
}

// fields expands the words of a command: braces, parameters, splitting, file names.
func (sh *shell) fields(words []*syntax.Word) []string {
	var out []string
	for _, w := range words {
		for _, parts := range sh.braces(w) {
			for _, f := range sh.split(sh.expand(sh.tildes(parts), inWord)) {
				out = append(out, sh.names1(f)...)
			}
		}
	}
	return out
}

// split makes fields of pieces.
func (sh *shell) split(pieces []piece) [][]seg {
	var fields [][]seg
	var field []seg
	has, afterSpace := false, false
	flush := func() {
		if has {
			sh.grow(0)
			fields = append(fields, field)
		}
		field, has = nil, false
	}
	ifs := " \t\n"
	if v := sh.get("IFS"); v != nil && v.set {
		ifs = v.str
	}
	for _, p := range pieces {
		if p.end {
			flush()
			afterSpace = false
		}
		if !p.split || ifs == "" {
			if p.text != "" || p.quoted {
				field, has, afterSpace = append(field, seg{p.text, p.quoted}), true, false
			}
			continue
		}
		start := -1
		text := p.text
		put := func(end int) {
			if start >= 0 {
				field, has, afterSpace = append(field, seg{text[start:end], false}), true, false
				start = -1
			}
		}
		for i, r := range text {
			switch {
			case !strings.ContainsRune(ifs, r):
				if start < 0 {
					start = i
				}
			case r == ' ' || r == '\t' || r == '\n':
				put(i)
				if has {
					flush()
					afterSpace = true
				}
			default:
				put(i)
				if afterSpace && !has {
					afterSpace = false
					continue
				}
				has = true
				flush()
			}
		}
		put(len(text))
	}
	flush()
	return fields
}

// names1 is a field with its pattern replaced by the files that match.
func (sh *shell) names1(field []seg) []string {
	var plain, pattern strings.Builder
	meta := false
	for _, s := range field {
		plain.WriteString(s.text)
		if s.quoted {
			pattern.WriteString(quotePattern(s.text))
			continue
		}
		pattern.WriteString(s.text)
		meta = meta || strings.ContainsAny(s.text, "*?[") || sh.shopts["extglob"] && strings.Contains(s.text, "(")
	}
	if !meta || sh.options['f'] {
		return []string{plain.String()}
	}
	found := sh.glob(pattern.String())
	switch {
	case len(found) > 0:
		for _, f := range found {
			sh.grow(len(f))
		}
		return found
	case !hasMeta(pattern.String(), sh.shopts["extglob"]):
		return []string{plain.String()}
	case sh.shopts["failglob"]:
		sh.giveUp("no match: %s", plain.String())
	case sh.shopts["nullglob"]:
		return nil
	}
	return []string{plain.String()}
}

// braces expands {a,b} and {1..3} in a word.
func (sh *shell) braces(w *syntax.Word) [][]syntax.WordPart {
	if !sh.options['B'] || !mayHaveBraces(w) {
		return [][]syntax.WordPart{w.Parts}
	}
	c := *w
	if !syntax.SplitBraces(&c) {
		return [][]syntax.WordPart{w.Parts}
	}
	return sh.alternatives(c.Parts)
}

func mayHaveBraces(w *syntax.Word) bool {
	for _, part := range w.Parts {
		if l, ok := part.(*syntax.Lit); ok && strings.Contains(l.Value, "{") {
			return true
		}
	}
	return false
}

// alternatives are all words that parts with braces mean.
func (sh *shell) alternatives(parts []syntax.WordPart) [][]syntax.WordPart {
	sh.enter()
	defer sh.exit()
	all := [][]syntax.WordPart{nil}
	for _, part := range parts {
		b, ok := part.(*syntax.BraceExp)
		if !ok {
			for i := range all {
				all[i] = append(all[i], part)
			}
			continue
		}
		var choices [][]syntax.WordPart
		if b.Sequence {
			choices = sh.sequence(b)
		} else {
			for _, e := range b.Elems {
				choices = append(choices, sh.alternatives(e.Parts)...)
			}
		}
		var next [][]syntax.WordPart
		for _, left := range all {
			for _, right := range choices {
				sh.grow(len(left) + len(right))
				next = append(next, append(append([]syntax.WordPart(nil), left...), right...))
			}
		}
		all = next
	}
	return all
}

// sequence is {from..to..step}.
func (sh *shell) sequence(b *syntax.BraceExp) [][]syntax.WordPart {
	from, to := b.Elems[0].Lit(), b.Elems[1].Lit()
	first, err1 := strconv.ParseInt(from, 10, 64)
	last, err2 := strconv.ParseInt(to, 10, 64)
	letters := err1 != nil || err2 != nil
	if letters {
		if from == "" || to == "" {
			return [][]syntax.WordPart{{&syntax.Lit{Value: "{" + from + ".." + to + "}"}}}
		}
		first, last = int64(from[0]), int64(to[0])
	}
	step := int64(1)
	if len(b.Elems) > 2 {
		step, _ = strconv.ParseInt(b.Elems[2].Lit(), 10, 64)
	}
	if step < 0 {
		step = -step
	}
	if step == 0 {
		step = 1
	}
	width := 0
	if !letters && (padded(from) || padded(to)) {
		width = max(len(from), len(to))
	}
	const most = 1 << 20
	span := uint64(max(first, last)) - uint64(min(first, last)) //nolint:gosec // what is lost comes back
	if span/uint64(step) > most {                               //nolint:gosec // positive
		sh.giveUp("brace expansion: failed to allocate memory for %d elements", span/uint64(step)+1) //nolint:gosec // positive
	}
	var all [][]syntax.WordPart
	for n := int64(0); n <= int64(span)/step; n++ { //nolint:gosec // small
		value := first + n*step
		if last < first {
			value = first - n*step
		}
		text := strconv.FormatInt(value, 10)
		switch {
		case letters:
			text = string(rune(value)) //nolint:gosec // a byte
			if strings.ContainsAny(text, "\\'\"`$*?[") {
				text = `\` + text
			}
		case width > 0:
			sign := ""
			if value < 0 {
				sign, text = "-", text[1:]
			}
			text = sign + strings.Repeat("0", max(0, width-len(sign)-len(text))) + text
		}
		sh.grow(len(text))
		all = append(all, []syntax.WordPart{&syntax.Lit{Value: text}})
	}
	return all
}

func padded(s string) bool {
	s = strings.TrimPrefix(s, "-")
	return len(s) > 1 && s[0] == '0'
}

// ansi is the text of $'…'.
func ansi(text string, utf8Locale bool) string {
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
		meaning, n, _ := escape(text[i:], ansiEscapes, utf8Locale)
		if meaning == "\x00" {
			break
		}
		b.WriteString(meaning)
		i += n
	}
	return b.String()
}

// escapes says which backslash sequences are known.
type escapes int

const (
	ansiEscapes   escapes = iota // $'…'
	formatEscapes                // printf's format
	echoEscapes                  // echo -e, %b
)

// escape is the sequence that a text begins with: what it means, how long it is, and whether all output ends there. A
// character that the locale has not stays as it is written.
func escape(text string, kind escapes, utf8Locale bool) (meaning string, length int, stop bool) {
	if len(text) < 2 {
		return text, len(text), false
	}
	c := text[1]
	if i := strings.IndexByte(`abefnrtvE\`, c); i >= 0 {
		return "\a\b\x1b\f\n\r\t\v\x1b\\"[i : i+1], 2, false
	}
	digits := func(from, most, base int) (uint64, int) {
		n := from
		for n < len(text) && n < from+most {
			if _, err := strconv.ParseUint(text[n:n+1], base, 8); err != nil {
				break
			}
			n++
		}
		value, _ := strconv.ParseUint(text[from:n], base, 64)
		return value, n
	}
	switch {
	case c == '\'' || c == '"' || c == '?':
		if kind == ansiEscapes || kind == formatEscapes {
			return string(c), 2, false
		}
	case c == 'c' && kind == ansiEscapes:
		if len(text) > 2 {
			return string(rune(text[2] & 0x1f)), 3, false
		}
	case c == 'c' && kind == echoEscapes:
		return "", 2, true
	case c == '0' && kind == echoEscapes:
		value, n := digits(2, 3, 8)
		return string([]byte{byte(value)}), n, false
	case c >= '0' && c <= '7' && kind != echoEscapes:
		value, n := digits(1, 3, 8)
		return string([]byte{byte(value)}), n, false
	case c == 'x':
		if value, n := digits(2, 2, 16); n > 2 {
			return string([]byte{byte(value)}), n, false
		}
	case c == 'u' || c == 'U':
		most := 4
		if c == 'U' {
			most = 8
		}
		if value, n := digits(2, most, 16); n > 2 {
			if value > 0x7f && !utf8Locale {
				return fmt.Sprintf("\\%c%0*X", c, most, value), n, false
			}
			return string(rune(value)), n, false //nolint:gosec // what is no character becomes U+FFFD
		}
	}
	return text[:2], 2, false
}
