package awk

// How tightly operators bind, the tighter the lower, as BusyBox has it: ^ groups to the left.
const (
	bindPower      = 15
	bindUnary      = 19
	bindProduct    = 25
	bindSum        = 29
	bindConcat     = 35
	bindPipe       = 37
	bindComparison = 39
	bindMatch      = 45
	bindIn         = 49
	bindAnd        = 55
	bindOr         = 59
	bindTernary    = 64
	bindAssign     = 74
)

// startsOperand reports whether an expression can begin here.
func (p *parser) startsOperand() bool {
	switch p.tok.kind {
	case tNumber, tString, tRegexp, tName, tCall, tBuiltin:
		return true
	case tKeyword:
		return p.tok.text == "length" || p.tok.text == "getline"
	case tOperator:
		switch p.tok.text {
		case "(", "$", "!", "-", "+", "++", "--":
			return true
		}
	default:
	}
	return false
}

// startsConcat reports whether what comes next is glued to what was before. + and - are binary here.
func (p *parser) startsConcat() bool {
	if p.tok.kind == tRegexp || p.tok.is("+") || p.tok.is("-") {
		return false
	}
	return p.startsOperand()
}

func (p *parser) expr() expr { return p.binary(bindAssign) }

// binary reads operands and the operators between them that bind as tightly as this or more.
func (p *parser) binary(loosest int) expr {
	defer p.deeper()()
	left := p.unary(loosest)
	for {
		bind := p.operatorBind()
		if bind == 0 || bind > loosest {
			return left
		}
		left = p.operation(left, bind)
	}
}

// operatorBind returns how the operator that comes next binds, or 0 when there is none.
func (p *parser) operatorBind() int {
	t := p.tok
	if t.is("in") {
		return bindIn
	}
	if p.startsConcat() {
		return bindConcat
	}
	if t.kind != tOperator {
		return 0
	}
	if p.noGT && (t.text == "||" || t.text == ">=") {
		p.unexpected() // BusyBox takes the first half for a redirection
	}
	switch t.text {
	case "^", "**":
		return bindPower
	case "*", "/", "%":
		return bindProduct
	case "+", "-":
		return bindSum
	case "|":
		if p.noGT {
			return 0
		}
		return bindPipe
	case ">":
		if p.noGT {
			return 0
		}
		return bindComparison
	case "<", "<=", ">=", "==", "!=":
		return bindComparison
	case "~", "!~":
		return bindMatch
	case "&&":
		return bindAnd
	case "||":
		return bindOr
	case "?":
		return bindTernary
	case "=", "+=", "-=", "*=", "/=", "%=", "^=", "**=":
		return bindAssign
	}
	return 0
}

func (p *parser) operation(left expr, bind int) expr {
	at := line(p.tok.line)
	if bind == bindConcat {
		return &concat{at, left, p.binary(bindConcat - 1)}
	}
	op := p.advance().text
	switch bind {
	case bindIn:
		if p.tok.kind != tName {
			p.unexpected()
		}
		t := p.advance()
		return &in{at, left, p.variableOf(t.text, t.line)}
	case bindPipe:
		if !p.tok.is("getline") {
			p.unexpected()
		}
		p.advance()
		return &getline{line: at, command: left, target: p.target()}
	case bindTernary:
		yes := p.expr()
		if !p.tok.is(":") {
			panic(&Error{p.source, p.tok.line, "Possible syntax error"})
		}
		p.advance()
		return &ternary{at, left, yes, p.binary(bindTernary)}
	case bindAssign:
		a := &assign{line: at, l: left, r: p.binary(bindAssign)}
		if op != "=" {
			a.op = op[0]
			if op == "**=" {
				a.op = '^'
			}
		}
		return a
	}
	right := p.binary(bind - 1)
	switch bind {
	case bindComparison:
		return &compare{at, op, left, right}
	case bindMatch:
		return &match{at, op == "!~", left, right}
	case bindAnd, bindOr:
		return &logical{at, bind == bindOr, left, right}
	case bindPower:
		return &binary{at, '^', left, right}
	}
	return &binary{at, op[0], left, right}
}

// unary reads an operand with what stands before and behind it.
func (p *parser) unary(loosest int) expr {
	t := p.tok
	at := line(t.line)
	switch {
	case t.is("!"), t.is("-"), t.is("+"):
		p.advance()
		return &unary{at, t.text[0], p.binary(min(loosest, bindUnary))}
	case t.is("++"), t.is("--"):
		p.advance()
		return &step{at, true, sign(t.text), p.lvalue()}
	}
	x := p.primary()
	if p.tok.is("++") || p.tok.is("--") {
		if _, text := x.(*numberLit); !text || x.(*numberLit).value.kind == number {
			x = &step{at, false, sign(p.advance().text), x}
		}
	}
	return x
}

func sign(op string) float64 {
	if op == "--" {
		return -1
	}
	return 1
}

// lvalue is what ++ in front and getline take.
func (p *parser) lvalue() expr {
	if p.tok.kind != tName && !p.tok.is("$") && !p.tok.is("++") && !p.tok.is("--") {
		p.unexpected()
	}
	if p.tok.is("++") || p.tok.is("--") {
		return p.unary(bindPower)
	}
	return p.primary()
}

// target is the variable of a getline; nil: there is none.
func (p *parser) target() expr {
	if p.tok.kind == tName || p.tok.is("$") {
		return p.primary()
	}
	return nil
}

func (p *parser) primary() expr {
	defer p.deeper()()
	t := p.tok
	at := line(t.line)
	switch t.kind {
	case tNumber:
		p.advance()
		return &numberLit{at, value{kind: number, n: t.number}}
	case tString:
		p.advance()
		return &numberLit{at, value{kind: text, s: t.text}}
	case tRegexp:
		p.advance()
		return &regexpLit{at, compile(t.text)}
	case tName:
		p.advance()
		v := p.variableOf(t.text, t.line)
		if !p.tok.is("[") {
			return v
		}
		p.advance()
		index := p.inside("]")
		return &element{at, v, index}
	case tCall:
		p.advance()
		c := &call{line: at, f: p.functionOf(t.text)}
		c.args = p.arguments()
		return c
	case tBuiltin:
		p.advance()
		return &builtinCall{at, p.builtins[t.text], p.arguments()}
	case tKeyword:
		return p.wordExpr(t)
	default:
	}
	switch {
	case t.is("("):
		p.advance()
		if p.tok.is(")") {
			p.failAt("Empty sequence")
		}
		return p.inside(")")
	case t.is("$"):
		p.advance()
		if p.tok.is("++") || p.tok.is("--") || p.tok.is("-") || p.tok.is("+") || p.tok.is("!") {
			return &field{at, p.unary(bindPower - 1)}
		}
		return &field{at, p.primary()}
	}
	p.unexpected()
	return nil
}

func (p *parser) wordExpr(t token) expr {
	at := line(t.line)
	switch t.text {
	case "length":
		p.advance()
		b := &builtinCall{line: at, b: builtin{run: length, name: "length"}}
		if p.tok.is("(") {
			b.args = p.arguments()
		}
		return b
	case "getline":
		p.advance()
		g := &getline{line: at, target: p.target()}
		if p.tok.is("<") {
			p.advance()
			g.file = p.binary(bindConcat)
		}
		return g
	}
	p.unexpected()
	return nil
}

// inside reads an expression and the closing bracket.
func (p *parser) inside(end string) expr {
	outer := p.noGT
	p.noGT = false
	x := p.commaExpr()
	p.noGT = outer
	p.want(end)
	return x
}

func (p *parser) arguments() []expr {
	outer := p.noGT
	p.noGT = false
	p.want("(")
	var args []expr
	if !p.tok.is(")") {
		args = p.exprs()
	}
	p.noGT = outer
	p.want(")")
	return args
}
