package bash

import (
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"healthlab/lab/node/images/shell/posix"

	"mvdan.cc/sh/v3/syntax"
)

// holds evaluates [[ … ]]. bad is that an expression was none.
func (sh *shell) holds(x syntax.TestExpr) (holds, bad bool) {
	sh.enter()
	defer sh.exit()
	switch x := x.(type) {
	case *syntax.Word:
		text := sh.literal(x)
		sh.traceTest("-n " + traceWord(text))
		return text != "", false
	case *syntax.ParenTest:
		return sh.holds(x.X)
	case *syntax.UnaryTest:
		if x.Op == syntax.TsNot {
			holds, bad = sh.holds(x.X)
			return !holds, bad
		}
		word, ok := x.X.(*syntax.Word)
		if !ok {
			return false, true
		}
		text := sh.literal(word)
		sh.traceTest(x.Op.String() + " " + traceWord(text))
		return sh.unaryTest(x.Op.String(), text), false
	case *syntax.BinaryTest:
		return sh.binaryTest(x)
	}
	return false, true
}

func (sh *shell) traceTest(text string) {
	if sh.options['x'] {
		sh.trace("[[ " + text + " ]]")
	}
}

func (sh *shell) binaryTest(x *syntax.BinaryTest) (holds, bad bool) {
	switch x.Op {
	case syntax.AndTest, syntax.OrTest:
		holds, bad = sh.holds(x.X)
		if bad || holds != (x.Op == syntax.AndTest) {
			return holds, bad
		}
		return sh.holds(x.Y)
	default:
	}
	left, ok1 := x.X.(*syntax.Word)
	right, ok2 := x.Y.(*syntax.Word)
	if !ok1 || !ok2 {
		return false, true
	}
	a := sh.literal(left)
	op := x.Op.String()
	switch x.Op {
	case syntax.TsMatchShort, syntax.TsMatch, syntax.TsNoMatch:
		p := sh.pattern(right)
		sh.traceTest(tracePattern(a) + " " + op + " " + tracePattern(p))
		return sh.matches(p, a) == (x.Op != syntax.TsNoMatch), false
	case syntax.TsReMatch:
		return sh.regexTest(a, right)
	default:
	}
	b := sh.literal(right)
	sh.traceTest(tracePattern(a) + " " + op + " " + tracePattern(b))
	switch x.Op {
	case syntax.TsBefore:
		return a < b, false
	case syntax.TsAfter:
		return a > b, false
	case syntax.TsNewer, syntax.TsOlder, syntax.TsDevIno:
		return sh.compareFiles(a, op, b), false
	default:
	}
	m, err := sh.calculate(a)
	if err == nil {
		var n int64
		if n, err = sh.calculate(b); err == nil {
			return posix.CompareNumbers(m, op, n), false
		}
	}
	sh.errorf("[[: %v", err)
	return false, false
}

func tracePattern(p string) string {
	if p == "" {
		return "''"
	}
	return p
}

// regexTest is =~.
func (sh *shell) regexTest(text string, word *syntax.Word) (holds, bad bool) {
	var expr, shown strings.Builder
	for _, p := range sh.expandRegex(word) {
		shown.WriteString(p.text)
		if p.quoted {
			expr.WriteString(regexp.QuoteMeta(p.text))
		} else {
			expr.WriteString(p.text)
		}
	}
	sh.traceTest(tracePattern(text) + " =~ " + shown.String())
	affordable(shown.String(), text)
	flags := "(?s)"
	if sh.shopts["nocasematch"] {
		flags = "(?si)"
	}
	rx, err := regexp.Compile(flags + goExpr(expr.String()))
	if err != nil {
		return false, true
	}
	rx.Longest()
	found := rx.FindStringSubmatch(text)
	sh.unset("BASH_REMATCH")
	sh.setList("BASH_REMATCH", found)
	return found != nil, false
}

// expandRegex keeps the backslashes of what is not quoted: they belong to the expression.
func (sh *shell) expandRegex(word *syntax.Word) []piece {
	var out []piece
	for i, part := range word.Parts {
		if l, ok := part.(*syntax.Lit); ok {
			text := l.Value
			if i == 0 && strings.HasPrefix(text, "~") {
				out = append(out, sh.lit(text, inValue, true, len(word.Parts) > 1)...)
				continue
			}
			out = append(out, piece{text: text})
			continue
		}
		if g, ok := part.(*syntax.ExtGlob); ok {
			out = append(out, piece{text: g.Op.String() + g.Pattern.Value + ")"})
			continue
		}
		out = append(out, sh.expand([]syntax.WordPart{part}, inValue)...)
	}
	return out
}

// goExpr makes an extended regular expression one of Go's: a backslash in brackets is a character there.
func goExpr(expr string) string {
	var b strings.Builder
	inside := false
	for i := 0; i < len(expr); i++ {
		c := expr[i]
		switch {
		case inside && c == '\\':
			b.WriteString(`\\`)
			continue
		case inside && c == '[' && i+1 < len(expr) && strings.IndexByte(":.=", expr[i+1]) >= 0:
			if end := strings.Index(expr[i:], string(expr[i+1])+"]"); end > 0 {
				b.WriteString(expr[i : i+end+2])
				i += end + 1
				continue
			}
		case inside && c == '[':
			b.WriteByte('\\')
		case inside && c == ']':
			inside = false
		case !inside && c == '\\' && i+1 < len(expr):
			switch next := expr[i+1]; next {
			case '<', '>':
				b.WriteString(`\b`)
			default:
				b.WriteByte(c)
				b.WriteByte(next)
			}
			i++
			continue
		case !inside && c == '[':
			inside = true
			b.WriteByte(c)
			if i+1 < len(expr) && expr[i+1] == '^' {
				b.WriteByte('^')
				i++
			}
			if i+1 < len(expr) && expr[i+1] == ']' {
				b.WriteString(`\]`)
				i++
			}
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// compareFiles is -nt, -ot and -ef.
func (sh *shell) compareFiles(x, op, y string) bool {
	files := sh.p.FS()
	if op == "-ot" {
		x, y = y, x
	}
	first, err1 := files.Stat(sh.fsPath(x))
	second, err2 := files.Stat(sh.fsPath(y))
	switch {
	case op == "-ef":
		a, errA := files.Resolve(sh.fsPath(x), true)
		b, errB := files.Resolve(sh.fsPath(y), true)
		return err1 == nil && err2 == nil && errA == nil && errB == nil && a == b
	case err1 != nil:
		return false
	}
	return err2 != nil || first.ModTime().After(second.ModTime())
}

func (sh *shell) fsPath(name string) string {
	if name == "" {
		return name
	}
	return sh.p.Path(sh.absolute(name))
}

// unaryTest is a test of one text.
func (sh *shell) unaryTest(op, name string) bool {
	switch op {
	case "-n":
		return name != ""
	case "-z":
		return name == ""
	case "-v":
		return sh.isSet(name)
	case "-R":
		v := sh.find(name)
		return v != nil && v.reference && v.set
	case "-o":
		return sh.option(name)
	case "-t":
		n, err := strconv.Atoi(strings.TrimSpace(name))
		return err == nil && n >= 0 && n <= 2 && sh.p.Terminal() != nil && sh.fds[n] != nil && sh.onTerminal(n)
	case "-L", "-h":
		info, err := sh.p.FS().Lstat(sh.fsPath(name))
		return err == nil && info.Mode()&fs.ModeSymlink != 0
	}
	if n, ok := strings.CutPrefix(name, "/dev/fd/"); ok {
		fd, err := strconv.Atoi(n)
		return err == nil && sh.fds[fd] != nil && op != "-d" && op != "-f" && op != "-s"
	}
	info, err := sh.p.FS().Stat(sh.fsPath(name))
	if err != nil || name == "" {
		return false
	}
	return posix.FileTest(op, info)
}

// onTerminal reports whether a descriptor is still the terminal that the shell began with.
func (sh *shell) onTerminal(n int) bool {
	s := sh.fds[n]
	return n == 0 && s.in == sh.p.Stdin || n == 1 && s.out == sh.p.Stdout || n == 2 && s.out == sh.p.Stderr
}

// isSet is -v: a name, an element, or a parameter.
func (sh *shell) isSet(name string) bool {
	base, sub, element := splitElement(name)
	if !element {
		v := sh.get(name)
		if v == nil {
			return false
		}
		_, set := v.first()
		return set
	}
	if sub == "@" || sub == "*" {
		v := sh.get(base)
		return v != nil && len(v.elements()) > 0
	}
	_, set := sh.element(base, sh.unquote(sub))
	return set
}

// condition is what test and [ evaluate.
type condition struct {
	sh   *shell
	args []string
	at   int
}

// testError is a message of test, which then has status 2.
type testError string

func (e testError) Error() string { return string(e) }

func testBuiltin(sh *shell, words []string) int {
	name, args := words[0], words[1:]
	if name == "[" {
		if len(args) == 0 || args[len(args)-1] != "]" {
			return sh.fail(2, "[: missing `]'")
		}
		args = args[:len(args)-1]
	}
	c := condition{sh: sh, args: args}
	holds, err := c.evaluate()
	switch {
	case err != nil:
		return sh.fail(2, "%s: %v", name, err)
	case holds:
		return 0
	}
	return 1
}

func unaryOp(op string) bool {
	return len(op) == 2 && op[0] == '-' && strings.IndexByte("abcdefghknoprstuvwxzGLNORS", op[1]) >= 0
}

func binaryOp(op string) bool {
	switch op {
	case "=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef":
		return true
	}
	return false
}

// evaluate follows POSIX's rules by number of arguments, and the grammar for more.
func (c *condition) evaluate() (bool, error) {
	a := c.args
	switch len(a) {
	case 0:
		return false, nil
	case 1:
		return a[0] != "", nil
	case 2:
		return c.two(a)
	case 3:
		return c.three(a)
	case 4:
		if a[0] == "!" {
			holds, err := c.three(a[1:])
			return !holds, err
		}
		if a[0] == "(" && a[3] == ")" {
			return c.two(a[1:3])
		}
	}
	holds, err := c.or()
	if err == nil && c.at < len(a) {
		err = testError("too many arguments")
	}
	return holds, err
}

func (c *condition) two(a []string) (bool, error) {
	switch {
	case a[0] == "!":
		return a[1] == "", nil
	case unaryOp(a[0]):
		return c.unary(a[0], a[1])
	}
	return false, testError(a[0] + ": unary operator expected")
}

func (c *condition) three(a []string) (bool, error) {
	switch {
	case binaryOp(a[1]):
		return c.compare(a[0], a[1], a[2])
	case a[1] == "-a":
		return a[0] != "" && a[2] != "", nil
	case a[1] == "-o":
		return a[0] != "" || a[2] != "", nil
	case a[0] == "!":
		holds, err := c.two(a[1:])
		return !holds, err
	case a[0] == "(" && a[2] == ")":
		return a[1] != "", nil
	}
	return false, testError(a[1] + ": binary operator expected")
}

func (c *condition) unary(op, arg string) (bool, error) {
	if op == "-t" {
		if _, err := integer(arg); err != nil {
			return false, err
		}
	}
	return c.sh.unaryTest(op, arg), nil
}

func (c *condition) peek(n int) string {
	if c.at+n < len(c.args) {
		return c.args[c.at+n]
	}
	return ""
}

func (c *condition) or() (bool, error) {
	holds, err := c.and()
	for err == nil && c.at < len(c.args) && c.peek(0) == "-o" {
		c.at++
		var right bool
		right, err = c.and()
		holds = holds || right
	}
	return holds, err
}

func (c *condition) and() (bool, error) {
	holds, err := c.primary()
	for err == nil && c.at < len(c.args) && c.peek(0) == "-a" {
		c.at++
		var right bool
		right, err = c.primary()
		holds = holds && right
	}
	return holds, err
}

func (c *condition) primary() (bool, error) {
	c.sh.enter()
	defer c.sh.exit()
	if c.at >= len(c.args) {
		return false, testError("argument expected")
	}
	a := c.args[c.at]
	left := len(c.args) - c.at - 1
	switch {
	case a == "!" && left > 0:
		c.at++
		holds, err := c.primary()
		return !holds, err
	case left >= 2 && binaryOp(c.peek(1)):
		c.at += 3
		return c.compare(a, c.args[c.at-2], c.args[c.at-1])
	case a == "(":
		c.at++
		holds, err := c.or()
		if err == nil && c.peek(0) != ")" {
			if c.at >= len(c.args) {
				return false, testError("`)' expected")
			}
			return false, testError("`)' expected, found " + c.peek(0))
		}
		c.at++
		return holds, err
	case unaryOp(a) && left >= 1:
		c.at += 2
		return c.unary(a, c.args[c.at-1])
	}
	c.at++
	return a != "", nil
}

func (c *condition) compare(x, op, y string) (bool, error) {
	switch op {
	case "=", "==":
		return x == y, nil
	case "!=":
		return x != y, nil
	case "<":
		return x < y, nil
	case ">":
		return x > y, nil
	case "-nt", "-ot", "-ef":
		return c.sh.compareFiles(x, op, y), nil
	}
	m, err := integer(x)
	if err != nil {
		return false, err
	}
	n, err := integer(y)
	if err != nil {
		return false, err
	}
	return posix.CompareNumbers(m, op, n), nil
}

func integer(text string) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return 0, testError(fmt.Sprintf("%s: integer expression expected", text))
	}
	return n, nil
}
