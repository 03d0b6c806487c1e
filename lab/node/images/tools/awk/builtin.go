package awk

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// builtin is a function of the language. least is how many arguments it must have.
type builtin struct {
	name  string
	least int
	most  int // -1: any number; more than that are an error
	run   func(r *run, args []expr) value
}

// builtins are the functions by name.
func builtins() map[string]builtin {
	all := map[string]builtin{}
	add := func(least, most int, f func(r *run, args []expr) value, names ...string) {
		for _, n := range names {
			all[n] = builtin{n, least, most, f}
		}
	}
	maths := func(name string, f func(x float64) float64) {
		add(1, 1, func(r *run, args []expr) value { return num(f(r.number(args, 0))) }, name)
	}
	maths("cos", math.Cos)
	maths("sin", math.Sin)
	maths("exp", math.Exp)
	maths("log", func(x float64) float64 { return orNaN(math.Log(x), x) })
	maths("sqrt", math.Sqrt)
	maths("int", toInteger)
	bits := func(name string, f func(a, b uint64) uint64) {
		add(2, -1, func(r *run, args []expr) value {
			a := unsigned(r.number(args, 0))
			return num(float64(f(a, unsigned(r.number(args, 1)))))
		}, name)
	}
	bits("and", func(a, b uint64) uint64 { return a & b })
	bits("or", func(a, b uint64) uint64 { return a | b })
	bits("xor", func(a, b uint64) uint64 { return a ^ b })
	bits("lshift", func(a, b uint64) uint64 { return a << (b % 64) })
	bits("rshift", func(a, b uint64) uint64 { return a >> (b % 64) })
	add(1, -1, func(r *run, args []expr) value { return num(float64(^unsigned(r.number(args, 0)))) }, "compl")
	add(2, -1, func(r *run, args []expr) value {
		y := r.number(args, 0)
		return num(math.Atan2(y, r.number(args, 1)))
	}, "atan2")
	add(0, 0, func(r *run, _ []expr) value { return num(r.rand()) }, "rand")
	add(0, 1, srand, "srand")
	add(0, 0, func(r *run, _ []expr) value { return num(float64(r.cfg.System.Now())) }, "systime")
	add(0, -1, strftime, "strftime")
	add(0, -1, mktime, "mktime")
	add(1, -1, func(r *run, args []expr) value { return str(mapLetters(r.string(args, 0), 'A', 'Z', 0x20)) }, "tolower")
	add(1, -1, func(r *run, args []expr) value { return str(mapLetters(r.string(args, 0), 'a', 'z', 0x20)) }, "toupper")
	add(2, -1, index, "index")
	add(2, -1, matchAt, "match")
	add(2, -1, splitInto, "split")
	add(2, -1, substr, "substr")
	add(0, -1, func(r *run, args []expr) value {
		if len(args) == 0 {
			return str("")
		}
		s := r.sprintf(r.text(r.eval(args[0])), args[1:])
		s, _, _ = strings.Cut(s, "\x00")
		return str(s)
	}, "sprintf")
	add(2, -1, func(r *run, args []expr) value { return r.replaceIn(args, 1) }, "sub")
	add(2, -1, func(r *run, args []expr) value { return r.replaceIn(args, 0) }, "gsub")
	add(3, -1, gensub, "gensub")
	add(1, 1, func(r *run, args []expr) value { return num(float64(r.system(r.string(args, 0)))) }, "system")
	add(1, 1, func(r *run, args []expr) value { return num(float64(r.close(r.string(args, 0)))) }, "close")
	add(0, 1, func(r *run, args []expr) value {
		if len(args) > 0 {
			r.eval(args[0]) // every print is written at once
		}
		return num(0)
	}, "fflush")
	return all
}

func (r *run) builtin(x *builtinCall) value {
	switch {
	case len(x.args) < x.b.least:
		r.fail(tooFewArguments)
	case x.b.most >= 0 && len(x.args) > x.b.most && x.b.name != "length":
		r.fail(tooManyArguments)
	}
	v := x.b.run(r, x.args)
	r.line = x.lineOf()
	return v
}

func (r *run) number(args []expr, i int) float64 { return r.eval(args[i]).number() }
func (r *run) string(args []expr, i int) string  { return r.text(r.eval(args[i])) }

// orNaN gives the sign to a result that is no number which C gives it.
func orNaN(result, x float64) float64 {
	if math.IsNaN(result) && !math.IsNaN(x) {
		return math.Copysign(result, -1)
	}
	return result
}

func unsigned(n float64) uint64 {
	if n >= 0 {
		if n >= math.MaxUint64 {
			return 0
		}
		return uint64(n)
	}
	return -unsigned(-n)
}

func mapLetters(s string, from, to, bit byte) string {
	b := []byte(s)
	for i, c := range b {
		if c >= from && c <= to {
			b[i] = c ^ bit
		}
	}
	return string(b)
}

func length(r *run, args []expr) value {
	if len(args) == 0 {
		return num(float64(len(r.text(r.record.value))))
	}
	if v, ok := args[0].(*variable); ok {
		c := r.cell(v)
		for c.array == nil && c.caller != nil {
			c = c.caller
		}
		if c.array != nil {
			return num(float64(c.array.n))
		}
	}
	return num(float64(len(r.string(args, 0))))
}

// rand is musl's rand, twice as BusyBox joins it.
func (r *run) rand() float64 {
	next := func() uint64 {
		r.seed = r.seed*6364136223846793005 + 1
		return r.seed >> 33
	}
	low := uint32(next())<<16 ^ uint32(next()) //nolint:gosec // 32 bits are meant
	high := next()
	return float64((high<<32|uint64(low))&math.MaxInt64) / (1 << 63)
}

func srand(r *run, args []expr) value {
	old := r.seeded
	if len(args) > 0 {
		r.seeded = uint32(unsigned(r.number(args, 0))) //nolint:gosec // C's unsigned
	} else {
		r.seeded = uint32(r.cfg.System.Now()) //nolint:gosec // C's unsigned
	}
	r.seed = uint64(r.seeded - 1)
	return num(float64(old))
}

func strftime(r *run, args []expr) value {
	format, at := "%a %b %d %H:%M:%S %Z %Y", r.cfg.System.Now()
	if len(args) > 0 {
		format = r.string(args, 0)
	}
	if len(args) > 1 {
		at = int64(toInteger(r.number(args, 1)))
	}
	s := r.cfg.System.Strftime(format, at)
	const most = 240 // BusyBox's buffer
	if len(s) > most {
		s = ""
	}
	return str(s)
}

func mktime(r *run, args []expr) value {
	if len(args) == 0 {
		return num(-1)
	}
	var f [6]int
	n, _ := fmt.Sscan(r.string(args, 0), &f[0], &f[1], &f[2], &f[3], &f[4], &f[5])
	if n < len(f) || f[1] < 1 || f[0] < 1900 {
		return num(-1)
	}
	return num(float64(int32(r.cfg.System.Mktime(f[0], f[1], f[2], f[3], f[4], f[5])))) //nolint:gosec // C's int
}

func index(r *run, args []expr) value {
	s, find := r.string(args, 0), ""
	find = r.string(args, 1)
	if find == "" {
		return num(0)
	}
	if r.ignoreCase {
		s, find = strings.ToLower(s), strings.ToLower(find)
	}
	return num(float64(strings.Index(s, find) + 1))
}

func matchAt(r *run, args []expr) value {
	s := r.string(args, 0)
	start, length := 0, -1
	if loc := r.find(r.regexp(args[1]), s, false); loc != nil {
		start, length = loc[0]+1, loc[1]-loc[0]
	}
	r.set(r.program.globals.cell("RLENGTH"), num(float64(length)))
	r.set(r.program.globals.cell("RSTART"), num(float64(start)))
	return num(float64(start))
}

func splitInto(r *run, args []expr) value {
	s := r.string(args, 0)
	by := r.fieldBy
	if len(args) > 2 {
		if lit, ok := args[2].(*regexpLit); ok {
			by = splitter{re: lit.re}
		} else {
			by = r.splitter(r.string(args, 2))
		}
	}
	parts := r.split(s, by)
	v, ok := args[1].(*variable)
	if !ok {
		return num(float64(len(parts)))
	}
	a := r.array(v)
	a.clear()
	for i, part := range parts {
		a.get(strconv.Itoa(i + 1)).value = user(part)
	}
	return num(float64(len(parts)))
}

// substr cuts as BusyBox does: a start before the text does not shorten the length.
func substr(r *run, args []expr) value {
	s := r.string(args, 0)
	from := int(truncate(r.number(args, 1) - 1))
	from = min(max(from, 0), len(s))
	n := len(s) - from
	if len(args) > 2 {
		n = int(truncate(r.number(args, 2)))
	}
	return str(s[from : from+min(max(n, 0), len(s)-from)])
}

// replaceIn is sub and gsub: it replaces the first match, or with 0 all, in a variable.
func (r *run) replaceIn(args []expr, which int) value {
	re, by := r.regexp(args[0]), ""
	by = r.string(args, 1)
	p := place{cell: r.record}
	if len(args) > 2 {
		p = r.place(args[2])
	}
	s, n := r.replace(re, by, r.text(r.load(p)), which, false)
	r.store(p, str(s))
	return num(float64(n))
}

func gensub(r *run, args []expr) value {
	re, by := r.regexp(args[0]), ""
	by = r.string(args, 1)
	which := int(truncate(r.number(args, 2)))
	s := r.text(r.record.value)
	if len(args) > 3 {
		s = r.string(args, 3)
	}
	s, _ = r.replace(re, by, s, which, true)
	return str(s)
}

// replace is musl's and BusyBox's way through a text: after an empty match one byte is taken over.
func (r *run) replace(re *expression, by, s string, which int, groups bool) (string, int) {
	var b strings.Builder
	matches, at := 0, 0
	for {
		r.tick()
		loc := r.find(re, s[at:], at > 0)
		if loc == nil {
			break
		}
		matches++
		b.WriteString(s[at : at+loc[0]])
		if matches >= which {
			replacement(&b, by, s[at:], loc, groups)
		} else {
			b.WriteString(s[at+loc[0] : at+loc[1]])
		}
		if b.Len() > maxText {
			panic(ErrMemory)
		}
		at += loc[1]
		if matches == which {
			break
		}
		if loc[0] == loc[1] {
			if at == len(s) {
				return b.String(), matches
			}
			b.WriteByte(s[at])
			at++
		}
	}
	b.WriteString(s[at:])
	return b.String(), matches
}

// replacement writes what a match is replaced by: & is the match and, with groups, \1 one of its groups. Half of the
// backslashes before one of these are kept, and an odd one takes its meaning away, or gives a digit one.
func replacement(b *strings.Builder, by, s string, loc []int, groups bool) {
	backslashes := 0
	for i := range len(by) {
		c := by[i]
		switch {
		case c == '\\':
			backslashes++
			continue
		case c == '&', groups && isDigit(c):
			b.WriteString(strings.Repeat(`\`, backslashes/2))
			group, special := 0, backslashes%2 == 0
			if c != '&' {
				group, special = int(c-'0'), !special
			}
			if !special {
				b.WriteByte(c)
			} else if 2*group+1 < len(loc) && loc[2*group] >= 0 {
				b.WriteString(s[loc[2*group]:loc[2*group+1]])
			}
		default:
			b.WriteString(strings.Repeat(`\`, backslashes))
			b.WriteByte(c)
		}
		backslashes = 0
	}
	b.WriteString(strings.Repeat(`\`, backslashes))
}
