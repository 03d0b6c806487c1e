package awk

import (
	"math"
	"strconv"
	"strings"
)

type valueKind uint8

const (
	unset   valueKind = iota // both "" and 0
	number                   // a number
	text                     // a string
	fromOut                  // a string from outside, which is a number if it looks like one
)

type value struct {
	kind valueKind
	n    float64
	s    string
}

func num(n float64) value { return value{kind: number, n: n} }
func str(s string) value  { return value{kind: text, s: s} }
func user(s string) value { return value{kind: fromOut, s: s} }

func truth(b bool) value {
	if b {
		return num(1)
	}
	return num(0)
}

// number is what an arithmetic operator sees.
func (v value) number() float64 {
	if v.kind == number {
		return v.n
	}
	n, _ := strtod(v.s)
	return n
}

// numeric reports whether a value compares as a number.
func (v value) numeric() (float64, bool) {
	switch v.kind {
	case unset:
		return 0, true
	case number:
		return v.n, true
	case fromOut:
		n, length := strtod(v.s)
		return n, length > 0 && strings.Trim(v.s[length:], " \t") == ""
	default:
		return 0, false
	}
}

func (v value) isTrue() bool {
	if n, ok := v.numeric(); ok {
		return n != 0
	}
	return v.s != ""
}

// wholeNumber reports whether a number is printed as an integer: C's conversion to long long gives it back.
func wholeNumber(n float64) bool {
	return n >= math.MinInt64 && n < math.MaxInt64 && n == math.Trunc(n)
}

// strtod reads the number that a text begins with, as C does: also hexadecimal, inf and nan.
func strtod(s string) (n float64, length int) {
	i := 0
	for i < len(s) && (s[i] == ' ' || s[i] >= '\t' && s[i] <= '\r') {
		i++
	}
	start := i
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	rest := s[i:]
	switch {
	case hasPrefixFold(rest, "infinity"):
		i += 8
	case hasPrefixFold(rest, "inf"), hasPrefixFold(rest, "nan"):
		i += 3
	case hasPrefixFold(rest, "0x") && len(rest) > 2 && (digit(rest[2]) < 16 || rest[2] == '.' && len(rest) > 3 && digit(rest[3]) < 16):
		return hexFloat(s, start, i+2)
	default:
		end := decimal(s, i)
		if end == i {
			return 0, 0
		}
		i = end
	}
	n, _ = strconv.ParseFloat(s[start:i], 64)
	if hasPrefixFold(rest, "nan") && s[start] == '-' {
		n = math.Copysign(math.NaN(), -1)
	}
	return n, i
}

// decimal returns where the digits, point and exponent from i on end.
func decimal(s string, i int) int {
	start, digits := i, 0
	for i < len(s) && isDigit(s[i]) {
		i++
		digits++
	}
	if i < len(s) && s[i] == '.' {
		i++
		for i < len(s) && isDigit(s[i]) {
			i++
			digits++
		}
	}
	if digits == 0 {
		return start
	}
	return exponent(s, i, 'e')
}

func exponent(s string, i int, letter byte) int {
	if i >= len(s) || s[i]|0x20 != letter {
		return i
	}
	j := i + 1
	if j < len(s) && (s[j] == '+' || s[j] == '-') {
		j++
	}
	if j >= len(s) || !isDigit(s[j]) {
		return i
	}
	for j < len(s) && isDigit(s[j]) {
		j++
	}
	return j
}

func hexFloat(s string, start, i int) (float64, int) {
	for i < len(s) && digit(s[i]) < 16 {
		i++
	}
	if i < len(s) && s[i] == '.' {
		i++
		for i < len(s) && digit(s[i]) < 16 {
			i++
		}
	}
	end := exponent(s, i, 'p')
	t := s[start:end]
	if end == i {
		t += "p0"
	}
	n, _ := strconv.ParseFloat(t, 64)
	return n, end
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// literal reads a number of a program, where octal ones are known too.
func literal(s string) (float64, int) {
	if s[0] == '0' && len(s) > 1 {
		if s[1]|0x20 == 'x' {
			i, n := 2, 0.0
			for i < len(s) && digit(s[i]) < 16 {
				n = n*16 + float64(digit(s[i]))
				i++
			}
			if i == 2 {
				return 0, 1
			}
			return n, i
		}
		i, n := 1, 0.0
		for i < len(s) && s[i] >= '0' && s[i] <= '7' {
			n = n*8 + float64(digit(s[i]))
			i++
		}
		if isDigit(s[1]) && (i == len(s) || !isDigit(s[i]) && s[i] != '.') {
			return n, i
		}
	}
	end := decimal(s, 0)
	n, _ := strconv.ParseFloat(s[:end], 64)
	return n, end
}

// cell is a variable: a value, or an array. A parameter that is used as an array is the caller's.
type cell struct {
	value  value
	array  *array
	caller *cell
	role   role
}

// elements is the array that a variable is, from now on if it was none.
func (c *cell) elements() *array {
	for c.caller != nil && c.array == nil {
		c = c.caller
	}
	if c.array == nil {
		c.array = newArray()
	}
	return c.array
}

// array keeps its elements in BusyBox's order, which scripts print: chains of a table that grows in steps, the newest
// element first.
type array struct {
	chains [][]*item // newest last
	n      int
	grown  int
}

type item struct {
	name string
	cell cell
}

func newArray() *array { return &array{chains: make([][]*item, 61)} }

func chainOf(name string, chains int) int {
	h := uint32(0)
	for i := range len(name) {
		h = uint32(int32(int8(name[i]))) + h<<6 - h //nolint:gosec // C's arithmetic on signed characters
	}
	return int(h % uint32(chains)) //nolint:gosec // there are at most 65521
}

func (a *array) find(name string) *cell {
	for _, it := range a.chains[chainOf(name, len(a.chains))] {
		if it.name == name {
			return &it.cell
		}
	}
	return nil
}

// get returns an element, which it makes if there is none.
func (a *array) get(name string) *cell {
	if c := a.find(name); c != nil {
		return c
	}
	if a.n++; a.n > 8*len(a.chains) {
		a.grow()
	}
	at := chainOf(name, len(a.chains))
	it := &item{name: name}
	a.chains[at] = append(a.chains[at], it)
	return &it.cell
}

func (a *array) grow() {
	sizes := []int{251, 1021, 4093, 16381, 65521}
	if a.grown == len(sizes) {
		return
	}
	old := a.chains
	a.chains = make([][]*item, sizes[a.grown])
	a.grown++
	for _, chain := range old {
		for i := len(chain) - 1; i >= 0; i-- {
			at := chainOf(chain[i].name, len(a.chains))
			a.chains[at] = append(a.chains[at], chain[i])
		}
	}
}

func (a *array) remove(name string) {
	at := chainOf(name, len(a.chains))
	for i, it := range a.chains[at] {
		if it.name == name {
			a.chains[at] = append(a.chains[at][:i:i], a.chains[at][i+1:]...)
			a.n--
			return
		}
	}
}

func (a *array) clear() {
	clear(a.chains)
	a.n = 0
}

// names are the elements in their order.
func (a *array) names() []string {
	all := make([]string, 0, a.n)
	for _, chain := range a.chains {
		for i := len(chain) - 1; i >= 0; i-- {
			all = append(all, chain[i].name)
		}
	}
	return all
}
