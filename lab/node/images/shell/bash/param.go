package bash

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// operand is what an expansion is about: a variable or parameter, an element, or a list.
type operand struct {
	name      string
	subscript string // expanded
	element   bool   // name[subscript]
	list      bool   // $@ $* ${a[@]} ${a[*]}
	star      bool
	values    []string
	set       bool
	variable  *variable
}

// label is how messages name it.
func (o operand) label() string {
	switch {
	case o.list && o.name != "@" && o.name != "*":
		if o.star {
			return o.name + "[*]"
		}
		return o.name + "[@]"
	case o.element:
		return o.name + "[" + o.subscript + "]"
	case o.name != "" && o.name[0] >= '0' && o.name[0] <= '9':
		return "$" + o.name
	}
	return o.name
}

// param expands a parameter.
func (sh *shell) param(p *syntax.ParamExp, in place) []piece {
	if p.Param == nil || p.Width || p.IsSet || p.Flags != nil || p.NestedParam != nil || len(p.Modifiers) > 0 {
		sh.giveUp("%s: bad substitution", sh.raw(p.Pos(), p.End()))
	}
	if p.Excl && p.Names != 0 {
		o := operand{list: true, star: p.Names == syntax.NamesPrefix, values: sh.namesWith(p.Param.Value), set: true}
		return sh.pieces(o, in)
	}
	o := sh.operand(p.Param.Value, p.Index)
	if p.Excl {
		if o.list && p.Index != nil {
			var keys []string
			if o.variable != nil {
				keys = o.variable.subscripts()
			}
			return sh.pieces(operand{list: true, star: o.star, values: keys, set: true}, in)
		}
		var done bool
		if o, done = sh.indirect(p, o); done {
			return sh.pieces(o, in)
		}
	}
	if p.Length {
		return sh.pieces(operand{values: []string{sh.length(o)}, set: true}, in)
	}
	if sh.options['u'] && !o.set && (p.Exp == nil || !defaults(p.Exp.Op)) && (!o.list || o.name != "@" && o.name != "*" && o.variable == nil) {
		sh.unbound(o)
	}
	switch {
	case p.Slice != nil:
		o.values = sh.slice(p, o)
	case p.Repl != nil:
		o.values = sh.replace(p.Repl, o.values)
	case p.Exp != nil:
		return sh.operate(p, o, in)
	}
	return sh.pieces(o, in)
}

func (sh *shell) unbound(o operand) {
	sh.stop("%s: unbound variable", o.label())
}

// operand finds out what a parameter is.
func (sh *shell) operand(name string, index syntax.ArithmExpr) operand {
	o := operand{name: name}
	if name == "@" || name == "*" {
		o.list, o.star, o.values, o.set = true, name == "*", sh.params, len(sh.params) > 0
		return o
	}
	if index == nil {
		v := sh.get(name)
		if v == nil {
			return o
		}
		if target, sub, element := sh.resolve(name); element && sub == "@" && sh.special(name) == nil {
			return sh.listOf(operand{name: target}, false)
		}
		s, set := v.first()
		o.variable, o.set = v, set
		o.values = []string{s}
		return o
	}
	if w, ok := index.(*syntax.Word); ok && (w.Lit() == "@" || w.Lit() == "*") {
		return sh.listOf(o, w.Lit() == "*")
	}
	o.element = true
	o.subscript = sh.subscript(name, index)
	o.variable = sh.get(name)
	if o.subscript == "" && (o.variable == nil || o.variable.kind != associative) {
		return o
	}
	s, set := sh.element(name, o.subscript)
	o.values, o.set = []string{s}, set
	return o
}

// listOf is ${name[@]} or ${name[*]}.
func (sh *shell) listOf(o operand, star bool) operand {
	o.list, o.star = true, star
	if o.variable = sh.get(o.name); o.variable != nil {
		o.values = o.variable.elements()
	}
	o.set = len(o.values) > 0
	return o
}

// subscript expands the text between the brackets: a key, or an expression.
func (sh *shell) subscript(name string, index syntax.ArithmExpr) string {
	v := sh.get(name)
	if w, ok := index.(*syntax.Word); ok {
		return sh.literal(w)
	}
	raw := sh.raw(index.Pos(), index.End())
	if v != nil && v.kind == associative {
		return sh.unquote(raw)
	}
	return sh.expandText(index, raw)
}

// unquote expands a text as a word that stays one.
func (sh *shell) unquote(raw string) string {
	if w := sh.wordOf(raw); w != nil {
		return joined(sh.expand(w.Parts, inValue))
	}
	return raw
}

// indirect is ${!name}: the parameter that a value names.
func (sh *shell) indirect(p *syntax.ParamExp, o operand) (operand, bool) {
	if v := sh.find(p.Param.Value); v != nil && v.reference && p.Index == nil {
		return operand{values: []string{v.str}, set: true}, true
	}
	if !o.set {
		if p.Exp != nil && defaults(p.Exp.Op) {
			return operand{name: o.name}, false
		}
		sh.giveUp("%s: invalid indirect expansion", o.label())
	}
	target := o.values[0]
	if o.list {
		target = strings.Join(o.values, " ")
	}
	if target == "" {
		sh.giveUp("%s: invalid variable name", target)
	}
	name, sub, element := splitElement(target)
	switch {
	case element && (sub == "@" || sub == "*"):
		return sh.listOf(operand{name: name}, sub == "*"), false
	case element:
		v := sh.get(name)
		if v == nil || v.kind != associative {
			sub = sh.unquote(sub)
		}
		s, set := sh.element(name, sub)
		return operand{name: name, subscript: sub, element: true, values: []string{s}, set: set, variable: v}, false
	case !validName(target) && sh.special(target) == nil:
		sh.giveUp("%s: invalid variable name", target)
	}
	return sh.operand(target, nil), false
}

// namesWith lists the variables whose names begin with a text.
func (sh *shell) namesWith(prefix string) []string {
	var names []string
	seen := map[string]bool{}
	for _, s := range slices.Backward(sh.scopes) {
		for name, v := range s.vars {
			if !seen[name] && strings.HasPrefix(name, prefix) && (v.set || v.kind != scalar) {
				names = append(names, name)
			}
			seen[name] = true
		}
	}
	slices.Sort(names)
	return names
}

func (sh *shell) length(o operand) string {
	switch {
	case o.list:
		return strconv.Itoa(len(o.values))
	case !o.set && sh.options['u']:
		sh.unbound(o)
	case len(o.values) == 0:
		return "0"
	}
	if !sh.utf8() {
		return strconv.Itoa(len(o.values[0]))
	}
	return strconv.Itoa(utf8.RuneCountInString(o.values[0]))
}

// pieces are the values of an operand where they stand.
func (sh *shell) pieces(o operand, in place) []piece {
	if !o.list {
		if len(o.values) == 0 {
			if in.quoted() {
				return []piece{{quoted: true}}
			}
			return nil
		}
		return []piece{{text: o.values[0], quoted: in.quoted(), split: !in.quoted()}}
	}
	ifs, set := " ", true
	if v := sh.get("IFS"); v != nil && v.set {
		ifs = v.str
	} else {
		set = false
	}
	if o.star && (in.quoted() || in == inValue) {
		separator := " "
		if set {
			_, n := utf8.DecodeRuneInString(ifs)
			separator = ifs[:n]
		}
		return []piece{{text: strings.Join(o.values, separator), quoted: in.quoted(), split: !in.quoted()}}
	}
	var out []piece
	if first, _ := utf8.DecodeRuneInString(ifs); !in.quoted() && in != inValue && ifs != "" && !unicode.IsSpace(first) {
		return []piece{{text: strings.Join(o.values, string(first)), split: true}}
	}
	for i, value := range o.values {
		if value == "" && !in.quoted() {
			if i > 0 {
				out = append(out, piece{end: true, split: true})
			}
			continue
		}
		out = append(out, piece{text: value, quoted: in.quoted(), split: !in.quoted(), end: i > 0})
	}
	return out
}

// slice is ${x:offset:length}.
func (sh *shell) slice(p *syntax.ParamExp, o operand) []string {
	number := func(x syntax.ArithmExpr) int64 {
		if x == nil {
			return 0
		}
		return sh.arithmetic(x, sh.raw(x.Pos(), x.End()), "")
	}
	offset := number(p.Slice.Offset)
	length, limited := number(p.Slice.Length), p.Slice.Length != nil
	if !o.list {
		if len(o.values) == 0 {
			return nil
		}
		cut := func(from, to int64) string { return o.values[0][from:to] }
		n := int64(len(o.values[0]))
		if sh.utf8() {
			rs := []rune(o.values[0])
			n, cut = int64(len(rs)), func(from, to int64) string { return string(rs[from:to]) }
		}
		if offset < 0 {
			offset += n
		}
		if offset < 0 || offset > n {
			return []string{""}
		}
		end := n
		if limited {
			if end = offset + length; length < 0 {
				end = n + length
			}
			if end < offset {
				sh.giveUp("%s: substring expression < 0", sh.raw(p.Slice.Length.Pos(), p.Slice.Length.End()))
			}
		}
		return []string{cut(offset, min(end, n))}
	}
	if limited && length < 0 {
		sh.giveUp("%s: substring expression < 0", sh.raw(p.Slice.Length.Pos(), p.Slice.Length.End()))
	}
	values := o.values
	switch {
	case o.name == "@" || o.name == "*":
		if offset == 0 || offset < 0 {
			values = append([]string{sh.name}, values...)
		} else {
			offset--
		}
		if offset < 0 {
			offset += int64(len(values))
		}
	case o.variable != nil && o.variable.kind == indexed:
		if offset < 0 {
			offset += int64(o.variable.next())
		}
		if offset < 0 {
			return nil
		}
		at, _ := slices.BinarySearch(o.variable.keys, int(offset))
		offset = int64(at)
	case o.variable != nil && o.variable.kind == associative && offset > 0:
		offset--
	}
	if offset < 0 || offset > int64(len(values)) {
		return nil
	}
	values = values[offset:]
	if limited {
		values = values[:min(length, int64(len(values)))]
	}
	return values
}

// defaults reports whether an operator is for parameters that are not set.
func defaults(op syntax.ParExpOperator) bool {
	switch op {
	case syntax.AlternateUnset, syntax.AlternateUnsetOrNull, syntax.DefaultUnset, syntax.DefaultUnsetOrNull,
		syntax.ErrorUnset, syntax.ErrorUnsetOrNull, syntax.AssignUnset, syntax.AssignUnsetOrNull:
		return true
	default:
		return false
	}
}

// operate applies an operator.
func (sh *shell) operate(p *syntax.ParamExp, o operand, in place) []piece {
	op := p.Exp.Op
	if defaults(op) {
		return sh.defaulted(p, o, in)
	}
	if op == syntax.OtherParamOps {
		return sh.transform(p, o, in)
	}
	pattern := sh.pattern(p.Exp.Word)
	values := make([]string, len(o.values))
	for i, v := range o.values {
		switch op {
		case syntax.RemSmallPrefix, syntax.RemLargePrefix:
			values[i] = sh.withoutPrefix(v, pattern, op == syntax.RemLargePrefix)
		case syntax.RemSmallSuffix, syntax.RemLargeSuffix:
			values[i] = sh.withoutSuffix(v, pattern, op == syntax.RemLargeSuffix)
		case syntax.UpperFirst, syntax.UpperAll, syntax.LowerFirst, syntax.LowerAll:
			change := unicode.ToLower
			if op == syntax.UpperFirst || op == syntax.UpperAll {
				change = unicode.ToUpper
			}
			var matches func(string) bool
			if pattern != "" {
				matches = func(s string) bool { return sh.matches(pattern, s) }
			}
			values[i] = sh.changeCase(v, op == syntax.UpperAll || op == syntax.LowerAll, change, matches)
		default:
			sh.giveUp("%s: bad substitution", sh.raw(p.Pos(), p.End()))
		}
	}
	o.values = values
	return sh.pieces(o, in)
}

// defaulted is :- := :? :+ and the like.
func (sh *shell) defaulted(p *syntax.ParamExp, o operand, in place) []piece {
	op := p.Exp.Op
	there := o.set
	switch op {
	case syntax.AlternateUnsetOrNull, syntax.DefaultUnsetOrNull, syntax.ErrorUnsetOrNull, syntax.AssignUnsetOrNull:
		if o.list {
			there = there && strings.Join(o.values, " ") != ""
		} else {
			there = there && o.values[0] != ""
		}
	default:
	}
	word := func() []piece {
		if p.Exp.Word == nil {
			if in.quoted() {
				return []piece{{quoted: true}}
			}
			return nil
		}
		inner := in
		if in == inDocument {
			inner = inQuotes
		}
		out := sh.expand(p.Exp.Word.Parts, inner)
		for i := range out {
			if in.quoted() {
				out[i].quoted = true
			} else if !out[i].quoted {
				out[i].split = true
			}
		}
		return out
	}
	switch op {
	case syntax.AlternateUnset, syntax.AlternateUnsetOrNull:
		if there {
			return word()
		}
		if in.quoted() {
			return []piece{{quoted: true}}
		}
		return nil
	case syntax.DefaultUnset, syntax.DefaultUnsetOrNull:
		if there {
			return sh.pieces(o, in)
		}
		return word()
	case syntax.ErrorUnset, syntax.ErrorUnsetOrNull:
		if there {
			return sh.pieces(o, in)
		}
		message := sh.literal(p.Exp.Word)
		switch {
		case message != "":
		case op == syntax.ErrorUnset:
			message = "parameter not set"
		default:
			message = "parameter null or not set"
		}
		sh.stop("%s: %s", strings.TrimPrefix(o.label(), "$"), message)
	default:
		if there {
			return sh.pieces(o, in)
		}
		if !o.element && !validName(o.name) {
			sh.giveUp("%s: cannot assign in this way", "$"+o.name)
		}
		value := joined(sh.expand(wordParts(p.Exp.Word), inValue))
		if !sh.assign(target{name: o.name, subscript: o.subscript, element: o.element}, value) {
			sh.status = 1
			panic(discard{})
		}
		return sh.pieces(operand{values: []string{value}, set: true}, in)
	}
	return nil
}

func wordParts(w *syntax.Word) []syntax.WordPart {
	if w == nil {
		return nil
	}
	return w.Parts
}

// transform is ${x@Q} and its like.
func (sh *shell) transform(p *syntax.ParamExp, o operand, in place) []piece {
	letter := p.Exp.Word.Lit()
	if letter == "A" || letter == "a" || letter == "K" || letter == "k" {
		return sh.transformVariable(letter, o, in)
	}
	if !o.set && !o.list {
		return sh.pieces(operand{}, in)
	}
	values := make([]string, len(o.values))
	for i, v := range o.values {
		switch letter {
		case "Q":
			values[i] = quoteAll(v)
		case "E":
			values[i] = ansi(v, sh.utf8())
		case "P":
			values[i] = sh.promptText(v)
		case "U":
			values[i] = sh.changeCase(v, true, unicode.ToUpper, nil)
		case "u":
			values[i] = sh.changeCase(v, false, unicode.ToUpper, nil)
		case "L":
			values[i] = sh.changeCase(v, true, unicode.ToLower, nil)
		default:
			sh.giveUp("%s: bad substitution", sh.raw(p.Pos(), p.End()))
		}
	}
	o.values = values
	return sh.pieces(o, in)
}

// transformVariable is @a, @A, @K and @k.
func (sh *shell) transformVariable(letter string, o operand, in place) []piece {
	one := func(s string) []piece { return sh.pieces(operand{values: []string{s}, set: true}, in) }
	v := o.variable
	if v == nil && (o.name == "@" || o.name == "*") && letter == "A" {
		var quoted []string
		for _, p := range o.values {
			quoted = append(quoted, quoteAll(p))
		}
		return one("set -- " + strings.Join(quoted, " "))
	}
	if v == nil {
		return sh.pieces(operand{}, in)
	}
	switch letter {
	case "a":
		if !o.list {
			return one(v.flags())
		}
		flags := make([]string, len(o.values))
		for i := range flags {
			flags[i] = v.flags()
		}
		o.values = flags
		return sh.pieces(o, in)
	case "A":
		if v.kind != scalar && o.list {
			return one("declare -" + v.flags() + " " + o.name + "=" + v.compound())
		}
		if !o.set {
			return sh.pieces(operand{}, in)
		}
		text := o.name + "=" + quoteAll(o.values[0])
		if v.flags() != "" {
			text = "declare -" + v.flags() + " " + text
		}
		return one(text)
	}
	if v.kind == scalar || !o.list {
		if !o.set {
			return sh.pieces(operand{}, in)
		}
		return one(quoteAll(o.values[0]))
	}
	var out []string
	values := v.elements()
	for i, k := range v.subscripts() {
		if letter == "k" {
			out = append(out, k, values[i])
			continue
		}
		if v.kind == associative {
			k = quoteKey(k)
		}
		out = append(out, k+" "+quoteDouble(values[i]))
	}
	if letter == "k" {
		o.values = out
		return sh.pieces(o, in)
	}
	text := strings.Join(out, " ")
	if v.kind == associative && text != "" {
		text += " "
	}
	return one(text)
}
