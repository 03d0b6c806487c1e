package bash

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// assignment carries out one assignment. It reports whether that was possible.
func (sh *shell) assignment(a *syntax.Assign) bool {
	name := a.Name.Value
	t := target{name: name, add: a.Append}
	if a.Array != nil {
		return sh.assignArray(name, a.Array, a.Append, scalar)
	}
	if a.Index != nil {
		t.element = true
		t.subscript = sh.subscript(name, a.Index)
	}
	value := sh.assigned1(a)
	if sh.options['x'] {
		sign := "="
		if a.Append {
			sign = "+="
		}
		label := name
		if t.element {
			label += "[" + sh.raw(a.Index.Pos(), a.Index.End()) + "]"
		}
		text := traceWord(value)
		if value == "" {
			text = ""
		}
		sh.trace(label + sign + text)
	}
	return sh.assign(t, value)
}

// assignArray is name=(…).
func (sh *shell) assignArray(name string, array *syntax.ArrayExpr, add bool, as kind) bool {
	name, _, _ = sh.resolve(name)
	v := sh.create(name)
	if v.readOnly {
		sh.errorf("%s: readonly variable", name)
		return false
	}
	if sh.options['x'] {
		sign := "="
		if add {
			sign = "+="
		}
		sh.trace(name + sign + sh.raw(array.Lparen, array.Rparen) + ")")
	}
	if as == scalar && v.kind != scalar {
		as = v.kind
	}
	if as == scalar {
		as = indexed
	}
	type element struct {
		key, value string
		keyed      bool
	}
	var list []element
	for _, e := range array.Elems {
		switch {
		case e.Index != nil:
			key := ""
			if w, ok := e.Index.(*syntax.Word); ok {
				key = sh.literal(w)
			} else if raw := sh.raw(e.Index.Pos(), e.Index.End()); as == associative {
				key = sh.unquote(raw)
			} else {
				key = sh.expandText(e.Index, raw)
			}
			list = append(list, element{key: key, value: sh.literal(e.Value), keyed: true})
		case e.Value != nil:
			for _, value := range sh.fields([]*syntax.Word{e.Value}) {
				list = append(list, element{value: value})
			}
		}
	}
	before := v.size()
	next := &variable{kind: as, set: true}
	if as == associative {
		next.dict = &dict{m: map[string]entry{}}
	}
	if add {
		old := v.clone()
		if as == indexed && old.kind == scalar {
			old.toIndexed()
		}
		next.keys, next.vals = old.keys, old.vals
		if old.dict != nil {
			next.dict = old.dict
		}
	}
	at := next.next()
	pendingKey, pending := "", false
	for _, e := range list {
		switch {
		case as == associative && !e.keyed:
			if pending {
				next.dict.put(pendingKey, sh.converted(v, "", e.value, false))
			}
			pendingKey, pending = e.value, !pending
		case as == associative:
			if e.key == "" {
				sh.errorf("[%s]=%s: bad array subscript", e.key, e.value)
				continue
			}
			next.dict.put(e.key, sh.converted(v, "", e.value, false))
		default:
			if e.keyed {
				i, ok := sh.index(name, next, e.key)
				if !ok {
					continue
				}
				at = i
			}
			next.putAt(at, sh.converted(v, "", e.value, false))
			at++
		}
	}
	if pending {
		next.dict.put(pendingKey, "")
	}
	v.kind, v.set, v.str, v.keys, v.vals, v.dict = next.kind, true, "", next.keys, next.vals, next.dict
	sh.held += v.size() - before
	sh.hold(0, 0)
	return true
}

// declared is an argument of declare and its like.
type declared struct {
	target
	value  string
	array  *syntax.ArrayExpr
	valued bool
}

// declClause is declare, local, export, readonly, typeset and nameref as the parser knows them.
func (sh *shell) declClause(c *syntax.DeclClause) {
	sh.expanded, sh.names = 0, 0
	made := len(sh.substitutes)
	defer sh.closeSubstitutes(made)
	words := []string{c.Variant.Value}
	traced := []string{c.Variant.Value}
	var list []declared
	sh.substitute = 0
	for _, a := range c.Args {
		if a.Name == nil {
			for _, w := range sh.fields([]*syntax.Word{a.Value}) {
				traced = append(traced, traceWord(w))
				if len(list) == 0 && len(w) > 1 && (w[0] == '-' || w[0] == '+') {
					words = append(words, w)
					continue
				}
				list = append(list, declaredWord(w))
			}
			continue
		}
		d := declared{target: target{name: a.Name.Value, add: a.Append}, valued: !a.Naked}
		switch {
		case a.Array != nil:
			d.array = a.Array
			traced = append(traced, d.name+"="+sh.raw(a.Array.Lparen, a.Array.Rparen)+")")
		case a.Naked && a.Index == nil:
			traced = append(traced, d.name)
		default:
			if a.Index != nil {
				d.element, d.subscript = true, sh.subscript(d.name, a.Index)
			}
			d.value = sh.assigned1(a)
			traced = append(traced, d.name+"="+traceWord(d.value))
		}
		list = append(list, d)
	}
	if sh.options['x'] {
		sh.trace(strings.Join(traced, " "))
	}
	running := sh.running
	sh.running = c.Variant.Value
	sh.status = sh.declare(words, list)
	sh.running = running
	if c.Variant.Value == "export" || c.Variant.Value == "readonly" {
		for _, d := range list {
			if d.valued && d.array == nil {
				sh.trace(d.name + "=" + traceWord(d.value))
			}
		}
	}
	sh.pipeStatus = []int{sh.status}
}

// declaredWord parts an argument at its equals sign.
func declaredWord(w string) declared {
	name, value, valued := strings.Cut(w, "=")
	d := declared{target: target{name: name}, value: value, valued: valued}
	if n, ok := strings.CutSuffix(name, "+"); ok && valued {
		d.name, d.add = n, true
	}
	if base, sub, ok := splitElement(d.name); ok {
		d.name, d.subscript, d.element = base, sub, true
	}
	return d
}

// attributes are what the options of declare ask for.
type attributes struct {
	on, off        map[byte]bool
	global, print  bool
	functions      bool
	names          bool // -F
	unexport       bool // export -n
	inherit, given bool
}

const declareUsage = "declare: usage: declare [-aAfFgiIlnrtux] [name[=value] ...] or declare -p [-aAfFilnrtux] [name ...]"

// declare is declare, typeset, local, export and readonly. words are the name and the options.
func (sh *shell) declare(words []string, list []declared) int {
	command := words[0]
	at := attributes{on: map[byte]bool{}, off: map[byte]bool{}}
	for _, w := range words[1:] {
		if w == "--" {
			break
		}
		if w == "-" && command == "local" {
			continue
		}
		for _, f := range []byte(w[1:]) {
			at.given = true
			switch {
			case f == 'g':
				at.global = true
			case f == 'p':
				at.print = true
			case f == 'f':
				at.functions = true
			case f == 'F':
				at.functions, at.names = true, true
			case f == 'I':
				at.inherit = true
			case f == 'n' && command == "export":
				at.unexport = true
			case strings.IndexByte("aAilnrtux", f) >= 0:
				if w[0] == '-' {
					at.on[f] = true
				} else {
					at.off[f] = true
				}
			default:
				usage := map[string]string{
					"local":    "local: usage: local [option] name[=value] ...",
					"export":   "export: usage: export [-fn] [name[=value] ...] or export -p",
					"readonly": "readonly: usage: readonly [-aAf] [name[=value] ...] or readonly -p",
					"typeset":  strings.ReplaceAll(declareUsage, "declare", "typeset"),
				}[command]
				if usage == "" {
					usage = declareUsage
				}
				sh.errorf("%s: %c%c: invalid option", command, w[0], f)
				sh.complain(usage + "\n")
				return 2
			}
		}
	}
	switch command {
	case "local":
		if sh.local() == 0 {
			return sh.fail(1, "local: can only be used in a function")
		}
		if len(list) == 1 && list[0].name == "-" {
			s := sh.scopes[sh.local()]
			if s.options == nil {
				s.options = maps.Clone(sh.options)
			}
			return 0
		}
	case "export":
		at.on['x'] = !at.unexport
		at.off['x'] = at.unexport
	case "readonly":
		at.on['r'] = true
	}
	switch {
	case at.functions:
		return sh.declareFunctions(command, at, list)
	case at.print && len(list) > 0:
		return sh.declareQuery(command, list)
	case len(list) == 0:
		return sh.declareList(command, at)
	}
	code := 0
	for _, d := range list {
		if !sh.declareOne(command, at, d) {
			code = 1
		}
	}
	return code
}

// declareOne declares one variable.
func (sh *shell) declareOne(command string, at attributes, d declared) bool {
	if !validName(d.name) {
		text := d.name
		if d.element {
			text += "[" + d.subscript + "]"
		}
		if d.valued && (command == "export" || command == "readonly") || d.valued {
			text += "=" + d.value
		}
		sh.errorf("%s: `%s': not a valid identifier", command, text)
		return false
	}
	v := sh.declaredVariable(command, at, d)
	if at.on['n'] || at.off['n'] || v.reference && command != "export" && command != "readonly" && (command == "local" || at.on['n']) {
		return sh.declareReference(command, v, at, d)
	}
	if v.reference {
		name, _, _ := sh.resolve(d.name)
		d.name = name
		v = sh.create(name)
	}
	if v.readOnly && (d.valued || at.off['r']) {
		sh.errorf("%s: readonly variable", withCommand(command, d.name))
		return false
	}
	switch {
	case at.on['A'] && v.kind == indexed:
		sh.errorf("%s: %s: cannot convert indexed to associative array", command, d.name)
		return false
	case at.on['a'] && v.kind == associative:
		sh.errorf("%s: %s: cannot convert associative to indexed array", command, d.name)
		return false
	case (at.off['a'] || at.off['A']) && v.kind != scalar:
		sh.errorf("%s: %s: cannot destroy array variables in this way", command, d.name)
		return false
	}
	setFlag := func(flag *bool, letter byte) {
		if at.on[letter] {
			*flag = true
		} else if at.off[letter] {
			*flag = false
		}
	}
	setFlag(&v.integer, 'i')
	if at.on['u'] {
		v.lower = false
	}
	if at.on['l'] {
		v.upper = false
	}
	setFlag(&v.upper, 'u')
	setFlag(&v.lower, 'l')
	ok := true
	switch {
	case d.array != nil:
		as := scalar
		if at.on['A'] {
			as = associative
		}
		x := sh.options['x']
		delete(sh.options, 'x')
		ok = sh.assignArray(d.name, d.array, d.add, as)
		if x {
			sh.options['x'] = true
		}
	default:
		if at.on['A'] {
			v.kind = associative
			if v.dict == nil {
				v.dict = &dict{m: map[string]entry{}}
			}
		} else if (at.on['a'] || d.element) && v.kind == scalar {
			if v.toIndexed(); !v.set {
				v.keys, v.vals = nil, nil
			}
		}
		if d.valued {
			if v.kind != scalar && !d.element && strings.HasPrefix(d.value, "(") && strings.HasSuffix(d.value, ")") {
				ok = sh.assignText(d, at.on['A'])
			} else {
				ok = sh.assign(d.target, d.value)
			}
		}
	}
	setFlag(&v.exported, 'x')
	if at.on['r'] {
		v.readOnly = true
	}
	return ok
}

func withCommand(command, name string) string {
	if command == "export" || command == "readonly" {
		return name
	}
	return command + ": " + name
}

// assignText is declare -a with a value that is a text in parentheses.
func (sh *shell) assignText(d declared, keyed bool) bool {
	units, err := sh.parse(d.name + "=" + d.value)
	if err != nil || len(units) != 1 {
		return sh.assign(d.target, d.value)
	}
	c, ok := units[0].st.Cmd.(*syntax.CallExpr)
	if !ok || len(c.Assigns) != 1 || c.Assigns[0].Array == nil {
		return sh.assign(d.target, d.value)
	}
	old := sh.source
	defer func() { sh.source = old }()
	sh.source = units[0]
	as := scalar
	if keyed {
		as = associative
	}
	return sh.assignArray(d.name, c.Assigns[0].Array, d.add, as)
}

// declaredVariable is the variable that a declaration is about: a local one in a function.
func (sh *shell) declaredVariable(command string, at attributes, d declared) *variable {
	local := sh.local()
	if command == "export" || command == "readonly" || at.global || local == 0 {
		if at.global {
			v := sh.scopes[0].vars[d.name]
			if v == nil {
				v = &variable{}
				sh.scopes[0].vars[d.name] = v
			}
			return v
		}
		if v := sh.find(d.name); v != nil {
			return v
		}
		v := &variable{}
		sh.scopes[0].vars[d.name] = v
		return v
	}
	s := sh.scopes[local]
	v := s.vars[d.name]
	if v == nil {
		v = &variable{}
		if old := sh.find(d.name); old != nil {
			switch {
			case old.readOnly && old == sh.scopes[0].vars[d.name]:
				return old
			case at.inherit || sh.shopts["localvar_inherit"]:
				v = old.clone()
			case sh.temporaryValue(d.name, local) != nil: // x=1 f, where f says local x
				v = old.clone()
			}
		}
		s.vars[d.name] = v
		sh.hold(0, wordBytes)
	}
	return v
}

// temporaryValue is the variable in front of the call of the function that runs.
func (sh *shell) temporaryValue(name string, local int) *variable {
	if local == 0 || sh.scopes[local-1].function || local == 1 {
		return nil
	}
	return sh.scopes[local-1].vars[name]
}

// declareReference is declare -n.
func (sh *shell) declareReference(command string, v *variable, at attributes, d declared) bool {
	if at.off['n'] {
		v.reference = false
		return true
	}
	if d.valued {
		if base, _, ok := splitElement(d.value); !validName(d.value) && (!ok || !validName(base)) && d.value != "" {
			sh.errorf("%s: `%s': invalid variable name for name reference", command, d.value)
			return false
		}
		if d.value == d.name && sh.local() == 0 {
			sh.errorf("%s: %s: nameref variable self references not allowed", command, d.name)
			return false
		}
		v.str, v.set = d.value, true
	}
	v.reference = true
	v.readOnly = v.readOnly || at.on['r']
	v.exported = v.exported || at.on['x']
	return true
}

// declareFunctions is declare -f and -F, export -f and readonly -f.
func (sh *shell) declareFunctions(command string, at attributes, list []declared) int {
	out := sh.out()
	if len(list) == 0 {
		for _, name := range slices.Sorted(maps.Keys(sh.funcs)) {
			if at.names {
				fmt.Fprintf(out, "declare -f %s\n", name)
			} else {
				fmt.Fprint(out, sh.funcs[name].print(name))
			}
		}
		return 0
	}
	code := 0
	for _, d := range list {
		f := sh.funcs[d.name]
		switch {
		case f == nil && command == "declare" || f == nil && command == "typeset":
			code = 1
		case f == nil:
			code = sh.fail(1, "%s: %s: not a function", command, d.name)
		case command == "export":
			f.exported = !at.unexport
		case command == "readonly":
		case at.names:
			fmt.Fprintln(out, d.name)
		default:
			fmt.Fprint(out, f.print(d.name))
		}
	}
	return code
}

// declareQuery is declare -p with names.
func (sh *shell) declareQuery(command string, list []declared) int {
	code := 0
	for _, d := range list {
		v := sh.find(d.name)
		if v == nil || v != nil && !v.set && v.kind == scalar && v.flags() == "" && !sh.declaredHere(d.name) {
			v = sh.special(d.name)
		}
		if v == nil {
			code = sh.fail(1, "%s: %s: not found", command, d.name)
			continue
		}
		fmt.Fprintln(sh.out(), v.declaration(d.name))
	}
	return code
}

func (sh *shell) declaredHere(name string) bool {
	_, ok := sh.scopes[0].vars[name]
	return ok || sh.local() > 0
}

// declareList prints the variables that have the attributes.
func (sh *shell) declareList(command string, at attributes) int {
	all := map[string]*variable{}
	for i, s := range sh.scopes {
		if command == "local" && i != sh.local() {
			continue
		}
		maps.Copy(all, s.vars)
	}
	out := sh.out()
	plain := (command == "declare" || command == "typeset" || command == "local") && !at.given
	for _, name := range slices.Sorted(maps.Keys(all)) {
		v := all[name]
		fits := true
		for f := range at.on {
			if at.on[f] && !strings.ContainsRune(v.flags(), rune(f)) {
				fits = false
			}
		}
		switch {
		case !fits:
		case plain && v.set:
			fmt.Fprintln(out, sh.assignedLine(name, v))
		case plain:
		default:
			fmt.Fprintln(out, v.declaration(name))
		}
	}
	return 0
}

func (sh *shell) assignedLine(name string, v *variable) string {
	if v.kind != scalar {
		return name + "=" + v.compound()
	}
	return name + "=" + assignedText(v.str)
}
