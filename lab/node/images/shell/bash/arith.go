package bash

import (
	"fmt"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// expandText expands the source of an expression as between double quotes, once for each node.
func (sh *shell) expandText(node syntax.Node, raw string) string {
	if !strings.ContainsAny(raw, "$`\\\"'") {
		return raw
	}
	w := sh.texts[node]
	if w == nil {
		var err error
		if w, err = newParser().Document(strings.NewReader(raw)); err != nil {
			sh.giveUp("%s: syntax error in expression", raw)
		}
		const most = 1 << 10
		if sh.texts == nil || len(sh.texts) > most {
			sh.texts = map[syntax.Node]*syntax.Word{}
		}
		sh.texts[node] = w
	}
	old := sh.source
	sh.source = unit{src: raw}
	text := joined(sh.expand(w.Parts, inDocument))
	sh.source = old
	return strings.ReplaceAll(text, `"`, "")
}

// arithmetic evaluates an expression of the source; an error gives the command up, or fails (( and let.
func (sh *shell) arithmetic(node syntax.Node, raw, command string) int64 {
	value, _ := sh.arithmeticOK(node, raw, command)
	return value
}

func (sh *shell) arithmeticOK(node syntax.Node, raw, command string) (int64, bool) {
	text := sh.expandText(node, raw)
	if command == "" {
		return sh.evaluate(text), true
	}
	value, err := sh.calculate(text)
	if err != nil {
		sh.errorf("%s: %v", command, err)
		return 0, false
	}
	return value, true
}

// evaluateOr evaluates a text for a command that fails with an error.
func (sh *shell) evaluateOr(text, command string) int64 {
	value, err := sh.calculate(text)
	if err != nil {
		sh.errorf("%s: %v", command, err)
		return 0
	}
	return value
}

// evaluate evaluates a text; an error gives the command up.
func (sh *shell) evaluate(text string) int64 {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && (text[0] != '0' || len(text) == 1) && text[0] != '-' && text[0] != '+' {
		return n
	}
	value, err := sh.calculate(text)
	if err != nil {
		command := sh.running
		if command != "" {
			command += ": "
		}
		sh.giveUp("%s%v", command, err)
	}
	return value
}

// calculate evaluates a text.
func (sh *shell) calculate(text string) (value int64, err error) {
	depth, level := sh.depth, sh.expressions
	defer func() {
		sh.expressions = level
		switch r := recover().(type) {
		case nil:
		case arithmeticError:
			sh.depth = depth
			err = r
		default:
			panic(r)
		}
	}()
	return sh.expression(text), nil
}

// arithmeticError is what is wrong with an expression.
type arithmeticError struct{ text, why, token string }

func (e arithmeticError) Error() string {
	return fmt.Sprintf(`%s: %s (error token is "%s")`, e.text, e.why, e.token)
}

func (sh *shell) expression(text string) int64 {
	if sh.expressions++; sh.expressions > maxExpressions {
		panic(arithmeticError{text, "expression recursion level exceeded", text})
	}
	defer func() { sh.expressions-- }()
	text = strings.TrimLeft(text, " \t\n")
	a := &arithmetic{sh: sh, text: text}
	if a.next(); a.token == "" {
		return 0
	}
	value := a.comma()
	if a.token != "" {
		switch {
		case a.lvalue == "" && a.token == "=":
			a.fail("attempted assignment to non-variable")
		case strings.ContainsAny(a.token[:1], "@#$\\`'\"{}[].;"):
			a.fail("syntax error: invalid arithmetic operator")
		}
		a.fail("syntax error in expression")
	}
	return value
}

// arithmetic is an expression that is being evaluated.
type arithmetic struct {
	sh       *shell
	text     string
	at       int    // where the next token begins
	start    int    // where this one does
	before   int    // where the one before did
	token    string // "" at the end
	lvalue   string // what the last operand was, if it can be assigned to
	skip     int    // what is read is not evaluated
	constant bool   // the last token is a number: two signs after it are no ++
}

func (a *arithmetic) fail(why string) {
	if a.token == "" {
		a.start = a.before
	}
	panic(arithmeticError{a.text, why, a.text[min(a.start, len(a.text)):]})
}

var arithmeticOperators = []string{
	"<<=", ">>=", "**", "++", "--", "<=", ">=", "==", "!=", "&&", "||", "<<", ">>", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=",
}

func isNameByte(c byte, first bool) bool {
	return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' || !first && c >= '0' && c <= '9'
}

// next reads a token: an operator, a number, or a name with its subscript.
func (a *arithmetic) next() {
	for a.at < len(a.text) && strings.IndexByte(" \t\n", a.text[a.at]) >= 0 {
		a.at++
	}
	a.before = a.start
	a.start = a.at
	if a.at == len(a.text) {
		a.token = ""
		return
	}
	c := a.text[a.at]
	end := a.at + 1
	switch {
	case isNameByte(c, true):
		for end < len(a.text) && isNameByte(a.text[end], false) {
			end++
		}
		if end < len(a.text) && a.text[end] == '[' {
			depth := 0
			for i := end; i < len(a.text); i++ {
				switch a.text[i] {
				case '[':
					depth++
				case ']':
					depth--
				}
				if depth == 0 {
					end = i + 1
					break
				}
			}
			if depth > 0 {
				a.fail("bad array subscript")
			}
		}
	case c >= '0' && c <= '9':
		for end < len(a.text) && (isNameByte(a.text[end], false) || a.text[end] == '#' || a.text[end] == '@') {
			end++
		}
	default:
		for _, op := range arithmeticOperators {
			if strings.HasPrefix(a.text[a.at:], op) && (!a.constant || op != "++" && op != "--") {
				end = a.at + len(op)
				break
			}
		}
	}
	a.token, a.at = a.text[a.at:end], end
	a.constant = c >= '0' && c <= '9'
}

func (a *arithmetic) comma() int64 {
	a.sh.enter()
	defer a.sh.exit()
	value := a.assignment()
	for a.token == "," {
		a.next()
		value = a.assignment()
	}
	return value
}

func (a *arithmetic) assignment() int64 {
	a.sh.enter()
	defer a.sh.exit()
	value := a.ternary()
	op := a.token
	if op != "=" && (len(op) < 2 || op[len(op)-1] != '=' || op == "==" || op == "!=" || op == "<=" || op == ">=") {
		return value
	}
	target := a.lvalue
	if target == "" {
		a.fail("attempted assignment to non-variable")
	}
	a.next()
	at := a.start
	right := a.assignment()
	if op != "=" {
		right = a.apply(op[:len(op)-1], value, right, at)
	}
	a.put(target, right)
	a.lvalue = ""
	return right
}

func (a *arithmetic) put(name string, value int64) {
	if a.skip > 0 {
		return
	}
	t := target{name: name}
	if base, rest, ok := strings.Cut(name, "["); ok {
		t = target{name: base, subscript: a.subscript(rest[:len(rest)-1]), element: true}
	}
	if !a.sh.assign(t, strconv.FormatInt(value, 10)) {
		a.sh.status = 1
		panic(discard{})
	}
}

// subscript is the text between brackets: a key is taken as it is.
func (a *arithmetic) subscript(text string) string {
	if strings.ContainsAny(text, "$`") {
		return a.sh.unquote(text)
	}
	return strings.NewReplacer(`"`, "", `'`, "").Replace(text)
}

func (a *arithmetic) ternary() int64 {
	condition := a.binary(0)
	if a.token != "?" {
		return condition
	}
	a.next()
	if a.token == "" || a.token == ":" {
		a.fail("expression expected")
	}
	if condition == 0 {
		a.skip++
	}
	yes := a.comma()
	if condition == 0 {
		a.skip--
	}
	if a.token != ":" {
		a.fail("`:' expected for conditional expression")
	}
	a.next()
	if a.token == "" {
		a.fail("expression expected")
	}
	if condition != 0 {
		a.skip++
	}
	no := a.assignment()
	if condition != 0 {
		a.skip--
	}
	a.lvalue = ""
	if condition != 0 {
		return yes
	}
	return no
}

// arithmeticLevels are the binary operators, those that bind least first.
var arithmeticLevels = [][]string{
	{"||"}, {"&&"}, {"|"}, {"^"}, {"&"}, {"==", "!="}, {"<", ">", "<=", ">="}, {"<<", ">>"}, {"+", "-"}, {"*", "/", "%"},
}

func (a *arithmetic) binary(level int) int64 {
	if level == len(arithmeticLevels) {
		return a.power()
	}
	left := a.binary(level + 1)
	for {
		op, found := a.token, false
		for _, o := range arithmeticLevels[level] {
			found = found || o == op
		}
		if !found {
			return left
		}
		a.next()
		at := a.start
		skip := op == "&&" && left == 0 || op == "||" && left != 0
		if skip {
			a.skip++
		}
		right := a.binary(level + 1)
		if skip {
			a.skip--
		}
		left = a.apply(op, left, right, at)
		a.lvalue = ""
	}
}

// apply is a binary operation. at is where its right side begins.
func (a *arithmetic) apply(op string, x, y int64, at int) int64 {
	truth := func(ok bool) int64 {
		if ok {
			return 1
		}
		return 0
	}
	switch op {
	case "||":
		return truth(x != 0 || y != 0)
	case "&&":
		return truth(x != 0 && y != 0)
	case "|":
		return x | y
	case "^":
		return x ^ y
	case "&":
		return x & y
	case "==":
		return truth(x == y)
	case "!=":
		return truth(x != y)
	case "<":
		return truth(x < y)
	case ">":
		return truth(x > y)
	case "<=":
		return truth(x <= y)
	case ">=":
		return truth(x >= y)
	case "<<":
		return x << (uint64(y) & 63) //nolint:gosec // as the processor does
	case ">>":
		return x >> (uint64(y) & 63) //nolint:gosec // as the processor does
	case "+":
		return x + y
	case "-":
		return x - y
	case "*":
		return x * y
	}
	if y == 0 {
		if a.skip > 0 {
			return 0
		}
		a.start = at
		a.fail("division by 0")
	}
	switch {
	case y == -1 && op == "/":
		return -x
	case y == -1:
		return 0
	case op == "/":
		return x / y
	}
	return x % y
}

func (a *arithmetic) power() int64 {
	a.sh.enter()
	defer a.sh.exit()
	base := a.unary()
	if a.token != "**" {
		return base
	}
	a.next()
	exponent := a.power()
	a.lvalue = ""
	if exponent < 0 {
		if a.skip > 0 {
			return 0
		}
		a.fail("exponent less than 0")
	}
	result := int64(1)
	for ; exponent > 0; exponent >>= 1 {
		if exponent&1 != 0 {
			result *= base
		}
		base *= base
	}
	return result
}

func (a *arithmetic) unary() int64 {
	a.sh.enter()
	defer a.sh.exit()
	op := a.token
	switch op {
	case "!", "~", "+", "-":
		a.next()
		value := a.unary()
		a.lvalue = ""
		switch op {
		case "!":
			if value == 0 {
				return 1
			}
			return 0
		case "~":
			return ^value
		case "-":
			return -value
		}
		return value
	case "++", "--":
		a.next()
		if a.token == "" || !isNameByte(a.token[0], true) {
			value := a.unary() // two signs
			a.lvalue = ""
			return value
		}
		value := a.primary()
		value += map[string]int64{"++": 1, "--": -1}[op]
		a.put(a.lvalue, value)
		a.lvalue = ""
		return value
	}
	value := a.primary()
	if (a.token == "++" || a.token == "--") && a.lvalue != "" {
		a.put(a.lvalue, value+map[string]int64{"++": 1, "--": -1}[a.token])
		a.lvalue = ""
		a.next()
	}
	return value
}

func (a *arithmetic) primary() int64 {
	a.lvalue = ""
	switch {
	case a.token == "(":
		a.next()
		value := a.comma()
		if a.token != ")" {
			a.fail("missing `)'")
		}
		a.next()
		a.lvalue = ""
		return value
	case a.token == "":
		a.fail("syntax error: operand expected")
	case a.token[0] >= '0' && a.token[0] <= '9':
		value := a.number(a.token)
		a.next()
		return value
	case isNameByte(a.token[0], true):
		name := a.token
		value := a.variable(name)
		a.next()
		a.lvalue = name
		return value
	}
	a.fail("syntax error: operand expected")
	return 0
}

// variable is the value of a variable or element, which is an expression itself.
func (a *arithmetic) variable(token string) int64 {
	if a.skip > 0 {
		return 0
	}
	var text string
	name, rest, element := strings.Cut(token, "[")
	var set bool
	if element {
		sub := a.subscript(rest[:len(rest)-1])
		text, set = a.sh.element(name, sub)
	} else if v := a.sh.get(name); v != nil {
		text, set = v.first()
	}
	if !set && a.sh.options['u'] {
		a.sh.unbound(operand{name: name})
	}
	if text == "" {
		return 0
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && text[0] != '0' {
		return n
	}
	return a.sh.expression(text)
}

// number is a constant: 10, 010, 0x10, 2#10.
func (a *arithmetic) number(text string) int64 {
	base, digits := int64(10), text
	switch {
	case strings.HasPrefix(text, "0x") || strings.HasPrefix(text, "0X"):
		base, digits = 16, text[2:]
	case strings.Contains(text, "#"):
		first, rest, _ := strings.Cut(text, "#")
		n, err := strconv.ParseInt(first, 10, 64)
		if err != nil || n < 2 || n > 64 {
			a.fail("invalid arithmetic base")
		}
		base, digits = n, rest
		if rest == "" {
			a.fail("invalid integer constant")
		}
	case len(text) > 1 && text[0] == '0':
		base, digits = 8, text[1:]
	}
	value := int64(0)
	for i := range len(digits) {
		d := digit(digits[i], base)
		if d < 0 {
			a.fail("invalid number")
		}
		if d >= base {
			a.fail("value too great for base")
		}
		value = value*base + d
	}
	return value
}

func digit(c byte, base int64) int64 {
	switch {
	case c >= '0' && c <= '9':
		return int64(c - '0')
	case c >= 'a' && c <= 'z':
		return int64(c-'a') + 10
	case c >= 'A' && c <= 'Z' && base <= 36:
		return int64(c-'A') + 10
	case c >= 'A' && c <= 'Z':
		return int64(c-'A') + 36
	case c == '@':
		return 62
	case c == '_':
		return 63
	}
	return -1
}
