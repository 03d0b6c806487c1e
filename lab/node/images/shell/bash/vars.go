package bash

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

type kind int

const (
	scalar kind = iota
	indexed
	associative
)

// variable is a variable with its attributes.
type variable struct {
	kind kind
	set  bool
	str  string
	keys []int    // of an indexed array, ascending
	vals []string // … its elements
	dict *dict

	readOnly, exported, integer, upper, lower, reference bool
}

func (v *variable) clone() *variable {
	c := *v
	c.keys, c.vals = slices.Clone(v.keys), slices.Clone(v.vals)
	if v.dict != nil {
		c.dict = &dict{maps.Clone(v.dict.m), v.dict.added}
	}
	return &c
}

// dict is an associative array. Bash lists one in the order of its hash table.
type dict struct {
	m     map[string]entry
	added int
}

type entry struct {
	value string
	at    int // when it was added
}

// list returns the keys in bash's order: by bucket, the newest of a bucket first.
func (d *dict) list() []string {
	if d == nil {
		return nil
	}
	buckets := uint32(1024)
	for uint32(len(d.m)) > buckets*2 { //nolint:gosec // bounded by memory
		buckets *= 4
	}
	keys := slices.Collect(maps.Keys(d.m))
	slices.SortFunc(keys, func(a, b string) int {
		return cmp.Or(cmp.Compare(hash(a)&(buckets-1), hash(b)&(buckets-1)), cmp.Compare(d.m[b].at, d.m[a].at))
	})
	return keys
}

// hash is FNV-1, as in bash's hashlib.c.
func hash(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = h*16777619 ^ uint32(s[i])
	}
	return h
}

func (d *dict) put(key, value string) {
	e, ok := d.m[key]
	if !ok {
		d.added++
		e.at = d.added
	}
	e.value = value
	d.m[key] = e
}

// at is the element of an array that has an index.
func (v *variable) at(i int) (string, bool) {
	if n, ok := slices.BinarySearch(v.keys, i); ok {
		return v.vals[n], true
	}
	return "", false
}

func (v *variable) putAt(i int, value string) {
	if n := len(v.keys); n == 0 || v.keys[n-1] < i {
		v.keys, v.vals = append(v.keys, i), append(v.vals, value)
		return
	}
	n, ok := slices.BinarySearch(v.keys, i)
	if ok {
		v.vals[n] = value
		return
	}
	v.keys, v.vals = slices.Insert(v.keys, n, i), slices.Insert(v.vals, n, value)
}

// next is the index that an appended element gets.
func (v *variable) next() int {
	if n := len(v.keys); n > 0 {
		return v.keys[n-1] + 1
	}
	return 0
}

// size is about how many bytes it takes.
func (v *variable) size() int {
	n := len(v.str)
	for _, s := range v.vals {
		n += len(s) + 24
	}
	if v.dict != nil {
		for k, e := range v.dict.m {
			n += len(k) + len(e.value) + wordBytes
		}
	}
	return n
}

// first is what the name alone means.
func (v *variable) first() (string, bool) {
	switch v.kind {
	case indexed:
		return v.at(0)
	case associative:
		if v.dict == nil {
			return "", false
		}
		e, ok := v.dict.m["0"]
		return e.value, ok
	default:
	}
	return v.str, v.set
}

// elements are all values of an array, or the one of another variable.
func (v *variable) elements() []string {
	switch v.kind {
	case indexed:
		return v.vals
	case associative:
		var list []string
		for _, k := range v.dict.list() {
			list = append(list, v.dict.m[k].value)
		}
		return list
	default:
	}
	if !v.set {
		return nil
	}
	return []string{v.str}
}

// subscripts are the keys of an array.
func (v *variable) subscripts() []string {
	switch v.kind {
	case indexed:
		list := make([]string, len(v.keys))
		for i, k := range v.keys {
			list[i] = strconv.Itoa(k)
		}
		return list
	case associative:
		return v.dict.list()
	default:
	}
	if !v.set {
		return nil
	}
	return []string{"0"}
}

// flags are the letters of its attributes, as in declare -p and ${x@a}.
func (v *variable) flags() string {
	var b strings.Builder
	for _, f := range []struct {
		on     bool
		letter byte
	}{
		{v.kind == indexed, 'a'},
		{v.kind == associative, 'A'},
		{v.integer, 'i'},
		{v.lower, 'l'},
		{v.reference, 'n'},
		{v.readOnly, 'r'},
		{v.upper, 'u'},
		{v.exported, 'x'},
	} {
		if f.on {
			b.WriteByte(f.letter)
		}
	}
	return b.String()
}

// scope holds the variables of a function, or those in front of a command.
type scope struct {
	vars     map[string]*variable
	function bool
	options  map[byte]bool // that local - has saved
}

func (s *scope) clone() *scope {
	c := &scope{function: s.function, vars: make(map[string]*variable, len(s.vars)), options: maps.Clone(s.options)}
	for name, v := range s.vars {
		c.vars[name] = v.clone()
	}
	return c
}

// find returns a variable as it is stored, or nil.
func (sh *shell) find(name string) *variable {
	for _, s := range slices.Backward(sh.scopes) {
		if v := s.vars[name]; v != nil {
			return v
		}
	}
	return nil
}

// maxReferences bounds references to references.
const maxReferences = 8

// resolve follows references. The subscript is that of a reference to an element.
func (sh *shell) resolve(name string) (target, subscript string, element bool) {
	first := name
	for range maxReferences {
		v := sh.find(name)
		if v == nil || !v.reference || v.str == "" {
			return name, "", false
		}
		if base, sub, ok := splitElement(v.str); ok {
			return base, sub, true
		}
		if v.str == name {
			sh.warn(name + ": circular name reference")
			return name, "", false
		}
		name = v.str
	}
	sh.warn(first + ": circular name reference")
	return first, "", false
}

// splitElement parts name[subscript].
func splitElement(s string) (name, subscript string, ok bool) {
	name, rest, ok := strings.Cut(s, "[")
	if !ok || !strings.HasSuffix(rest, "]") || !validName(name) {
		return s, "", false
	}
	return name, rest[:len(rest)-1], true
}

func validName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c|0x20 < 'a' || c|0x20 > 'z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// get returns a variable for reading, or nil.
func (sh *shell) get(name string) *variable {
	if v := sh.special(name); v != nil {
		return v
	}
	name, sub, element := sh.resolve(name)
	if element {
		s, ok := sh.element(name, sub)
		return &variable{str: s, set: ok}
	}
	if v := sh.special(name); v != nil {
		return v
	}
	v := sh.find(name)
	if v != nil && v.reference && v.set {
		return &variable{} // it leads nowhere
	}
	return v
}

// value is a variable's value, or "".
func (sh *shell) value(name string) string {
	if v := sh.get(name); v != nil {
		s, _ := v.first()
		return s
	}
	return ""
}

// element is name[subscript]; the subscript is expanded already.
func (sh *shell) element(name, subscript string) (string, bool) {
	v := sh.get(name)
	if v == nil {
		return "", false
	}
	if v.kind == associative {
		if v.dict == nil {
			return "", false
		}
		e, ok := v.dict.m[subscript]
		return e.value, ok
	}
	i, ok := sh.index(name, v, subscript)
	if !ok {
		return "", false
	}
	if v.kind == scalar {
		return v.str, v.set && i == 0
	}
	return v.at(i)
}

// index evaluates the subscript of an indexed array.
func (sh *shell) index(name string, v *variable, subscript string) (int, bool) {
	i := sh.evaluate(subscript)
	if i < 0 && v != nil {
		n := int64(v.next())
		if v.kind == scalar && v.set {
			n = 1
		}
		i += n
	}
	if i < 0 {
		sh.errorf("%s: bad array subscript", name)
		return 0, false
	}
	return int(i), true
}

// create returns a variable for writing, a new global one if there is none.
func (sh *shell) create(name string) *variable {
	v := sh.find(name)
	if v == nil {
		v = &variable{}
		sh.scopes[0].vars[name] = v
		sh.hold(0, len(name)+wordBytes)
	}
	return v
}

// target is where an assignment goes.
type target struct {
	name      string
	subscript string
	element   bool
	add       bool // +=
}

// assign gives a variable or an element a value. It reports, with a message, what may not be assigned to.
func (sh *shell) assign(t target, value string) bool {
	name, sub, element := sh.resolve(t.name)
	if element {
		t.subscript, t.element = sub, true
	}
	t.name = name
	if t.element && t.subscript == "" && (sh.find(name) == nil || sh.find(name).kind != associative) {
		sh.errorf("%s[]: bad array subscript", name)
		return false
	}
	v := sh.create(name)
	if v.readOnly {
		sh.errorf("%s: readonly variable", name)
		return false
	}
	old := func() string {
		var s string
		switch {
		case !t.add:
		case t.element:
			s, _ = sh.element(name, t.subscript)
		default:
			s, _ = v.first()
		}
		return s
	}
	value = sh.converted(v, old(), value, t.add)
	index := 0
	if t.element && v.kind != associative {
		if v.kind == scalar {
			v.toIndexed()
		}
		var ok bool
		if index, ok = sh.index(name, v, t.subscript); !ok {
			return false
		}
	}
	switch v.kind {
	case associative:
		if v.dict == nil {
			v.dict = &dict{m: map[string]entry{}}
		}
		key := t.subscript
		if !t.element {
			key = "0"
		}
		sh.hold(len(v.dict.m[key].value), len(value))
		if _, ok := v.dict.m[key]; !ok {
			sh.hold(0, len(key)+wordBytes)
		}
		v.dict.put(key, value)
	case indexed:
		before, ok := v.at(index)
		sh.hold(len(before), len(value))
		if !ok {
			sh.hold(0, 24)
		}
		v.putAt(index, value)
	default:
		sh.hold(len(v.str), len(value))
		v.str = value
	}
	v.set = true
	if sh.options['a'] {
		v.exported = true
	}
	sh.assigned(name, value)
	return true
}

// converted is a value as the variable's attributes have it.
func (sh *shell) converted(v *variable, old, value string, add bool) string {
	switch {
	case v.integer:
		n := sh.evaluate(value)
		if add {
			n += sh.evaluate(old)
		}
		return strconv.FormatInt(n, 10)
	case add:
		value = old + value
	}
	switch {
	case v.upper:
		return sh.changeCase(value, true, unicode.ToUpper, nil)
	case v.lower:
		return sh.changeCase(value, true, unicode.ToLower, nil)
	}
	return value
}

func (v *variable) toIndexed() {
	v.kind = indexed
	if v.set {
		v.keys, v.vals = []int{0}, []string{v.str}
	}
	v.str = ""
}

// set is assign of a text to a name.
func (sh *shell) set(name, value string) bool { return sh.assign(target{name: name}, value) }

// setList makes a variable an indexed array.
func (sh *shell) setList(name string, values []string) bool {
	name, _, _ = sh.resolve(name)
	v := sh.create(name)
	if v.readOnly {
		sh.errorf("%s: readonly variable", name)
		return false
	}
	before := v.size()
	v.kind, v.set, v.str, v.dict = indexed, true, "", nil
	v.keys, v.vals = make([]int, len(values)), slices.Clone(values)
	for i := range v.keys {
		v.keys[i] = i
	}
	sh.held += v.size() - before
	sh.hold(0, 0)
	return true
}

// unset removes a variable. A local one stays as one that is not set.
func (sh *shell) unset(name string) bool {
	for i, s := range slices.Backward(sh.scopes) {
		v := s.vars[name]
		if v == nil {
			continue
		}
		if v.readOnly {
			sh.errorf("unset: %s: cannot unset: readonly variable", name)
			return false
		}
		sh.held -= v.size()
		if i > 0 && i == sh.local() {
			s.vars[name] = &variable{}
		} else {
			delete(s.vars, name)
		}
		return true
	}
	return true
}

// local is the index of the scope of the function that runs, or 0.
func (sh *shell) local() int {
	for i, s := range slices.Backward(sh.scopes) {
		if s.function {
			return i
		}
	}
	return 0
}

// utf8 reports whether characters may be longer than a byte, as the locale has it. Without one they are not.
func (sh *shell) utf8() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := sh.value(name); value != "" {
			return strings.Contains(strings.ToUpper(strings.ReplaceAll(value, "-", "")), "UTF8")
		}
	}
	return false
}

// changeCase changes the case of a text, of those characters that match, if there is a pattern.
func (sh *shell) changeCase(s string, all bool, change func(rune) rune, matches func(string) bool) string {
	if plain := change; !sh.utf8() {
		change = func(r rune) rune {
			if r > unicode.MaxASCII {
				return r
			}
			return plain(r)
		}
	}
	rs := []rune(s)
	for i, r := range rs {
		if matches == nil || matches(string(r)) {
			rs[i] = change(r)
		}
		if !all {
			break
		}
	}
	return string(rs)
}
