package awk

import (
	"math"
	"strings"
)

const (
	tooFewArguments  = "Too few arguments"
	tooManyArguments = "Too many arguments"
)

// eval computes an expression.
func (r *run) eval(x expr) value {
	if r.depth++; r.depth > maxDepth {
		panic(ErrTooDeep)
	}
	v := r.compute(x)
	r.depth--
	return v
}

func (r *run) compute(x expr) value {
	r.line = x.lineOf()
	switch x := x.(type) {
	case *numberLit:
		return x.value
	case *variable, *element, *field:
		return r.load(r.place(x))
	case *regexpLit:
		return truth(r.find(x.re, r.text(r.record.value), false) != nil)
	case *concat:
		l := r.text(r.eval(x.l))
		s := r.text(r.eval(x.r))
		if len(l)+len(s) > maxText {
			panic(ErrMemory)
		}
		return str(l + s)
	case *list:
		return str(r.subscript(x))
	case *assign:
		return r.assign(x)
	case *ternary:
		if r.eval(x.cond).isTrue() {
			return r.eval(x.yes)
		}
		return r.eval(x.no)
	case *logical:
		if r.eval(x.l).isTrue() == x.or {
			return truth(x.or)
		}
		return truth(r.eval(x.r).isTrue())
	case *call:
		return r.call(x)
	case *builtinCall:
		return r.builtin(x)
	case *getline:
		return r.getline(x)
	}
	return r.operate(x)
}

func (r *run) operate(x expr) value {
	switch x := x.(type) {
	case *unary:
		v := r.eval(x.x)
		switch x.op {
		case '!':
			return truth(!v.isTrue())
		case '-':
			return num(-v.number())
		}
		return num(v.number())
	case *step:
		p := r.place(x.x)
		old := r.load(p).number()
		r.store(p, num(old+x.by))
		if x.prefix {
			old += x.by
		}
		return num(old)
	case *binary:
		l := r.eval(x.l).number()
		return num(r.arithmetic(x.op, l, r.eval(x.r).number(), x.lineOf()))
	case *compare:
		l := r.eval(x.l)
		return truth(r.compare(x.op, l, r.eval(x.r)))
	case *match:
		l := r.text(r.eval(x.l))
		return truth((r.find(r.regexp(x.r), l, false) != nil) != x.not)
	case *in:
		l := r.subscript(x.l)
		return truth(r.array(x.array).find(l) != nil)
	}
	return value{}
}

// regexp is the expression that an operand means.
func (r *run) regexp(x expr) *expression {
	if lit, ok := x.(*regexpLit); ok {
		return lit.re
	}
	return r.dynamic(r.text(r.eval(x)))
}

func (r *run) arithmetic(op byte, l, n float64, at int) float64 {
	if n == 0 && (op == '/' || op == '%') {
		r.line = at
		r.fail("Division by zero")
	}
	switch op {
	case '+':
		return l + n
	case '-':
		return l - n
	case '*':
		return l * n
	case '/':
		return l / n
	case '%':
		return l - toInteger(l/n)*n
	}
	return math.Pow(l, n)
}

// toInteger is C's conversion to long long and back.
func toInteger(n float64) float64 {
	if n >= math.MinInt64 && n < math.MaxInt64 {
		return float64(int64(n))
	}
	return math.MinInt64
}

func (r *run) compare(op string, l, right value) bool {
	c := 0.0
	a, numeric := l.numeric()
	b, both := right.numeric()
	if numeric && both {
		c = a - b
	} else {
		s, t := r.text(l), r.text(right)
		if r.ignoreCase {
			s, t = strings.ToLower(s), strings.ToLower(t)
		}
		c = float64(strings.Compare(s, t))
	}
	switch op {
	case "<":
		return !(c >= 0)
	case "<=":
		return !(c > 0)
	case ">":
		return c > 0
	case ">=":
		return c >= 0
	case "==":
		return c == 0
	}
	return c != 0
}

// place is where an assignment to an expression goes. What is none gets a place that is thrown away.
func (r *run) place(x expr) place {
	switch x := x.(type) {
	case *variable:
		return place{cell: r.cell(x)}
	case *element:
		name := r.subscript(x.index)
		return place{cell: r.array(x.array).get(name)}
	case *field:
		n := r.eval(x.index).number()
		switch i := truncate(n); {
		case i < 0:
			r.line = x.lineOf()
			r.fail("Access to negative field")
		case i > 0:
			return place{field: int(i)}
		}
		return place{cell: r.record}
	}
	return place{cell: &cell{value: r.eval(x)}}
}

func (r *run) cell(x *variable) *cell {
	if x.param >= 0 {
		return &r.frame[x.param]
	}
	return x.cell
}

func (r *run) array(x *variable) *array { return r.cell(x).elements() }

// subscript is the name of an element: several indexes are joined.
func (r *run) subscript(x expr) string {
	l, ok := x.(*list)
	if !ok {
		return r.text(r.eval(x))
	}
	parts := make([]string, len(l.items))
	for i, item := range l.items {
		parts[i] = r.text(r.eval(item))
	}
	return strings.Join(parts, r.text(r.subsep.value))
}

// assign looks for the place before it computes the value, as a[i] = i++ shows.
func (r *run) assign(x *assign) value {
	p := r.place(x.l)
	var v value
	if x.op == 0 {
		v = r.eval(x.r)
	} else {
		old := r.load(p).number()
		v = num(r.arithmetic(x.op, old, r.eval(x.r).number(), x.lineOf()))
	}
	r.store(p, v)
	return v
}

func (r *run) call(x *call) value {
	if !x.f.defined {
		r.fail("Call to undefined function")
	}
	frame := make([]cell, len(x.f.params), len(x.f.params)+1) // never nil: a function without parameters has one too
	for i, a := range x.args {
		v, isVariable := a.(*variable)
		switch {
		case i >= len(frame):
			r.eval(a)
		case isVariable:
			frame[i] = cell{value: r.eval(v), caller: r.cell(v)}
		default:
			frame[i].value = r.eval(a)
		}
	}
	outer, source := r.frame, r.source
	r.frame, r.result = frame, value{}
	r.block(x.f.body)
	r.frame, r.source = outer, source
	v := r.result
	r.result = value{}
	return v
}
