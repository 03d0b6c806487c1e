package tools

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"healthlab/lab/node/images/tools/regex"
	"healthlab/lab/node/sandbox"
)

// maxExprDepth bounds how deep an expression nests.
const maxExprDepth = 200

func expr(ctx context.Context, p *sandbox.Process) int {
	args := p.Args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		failf(p, "too few arguments")
		return 2
	}
	e := &exprReader{ctx: ctx, args: args}
	v, err := e.or(0)
	if err == nil && len(e.args) > 0 {
		err = errSyntax
	}
	if err != nil {
		if ctx.Err() == nil {
			failf(p, "%v", err)
		}
		return 2
	}
	fmt.Fprintln(p.Stdout, v)
	if v == "" || isZero(v) {
		return 1
	}
	return 0
}

var errSyntax = errors.New("syntax error")

type exprReader struct {
	ctx  context.Context
	args []string
}

func isZero(v string) bool {
	n, err := strconv.ParseInt(v, 10, 64)
	return err == nil && n == 0
}

func (e *exprReader) take(words ...string) string {
	for _, w := range words {
		if len(e.args) > 0 && e.args[0] == w {
			e.args = e.args[1:]
			return w
		}
	}
	return ""
}

func (e *exprReader) or(depth int) (string, error) {
	v, err := e.and(depth)
	for err == nil && e.take("|") != "" {
		var w string
		if w, err = e.and(depth); v == "" || isZero(v) {
			v = w
		}
	}
	return v, err
}

func (e *exprReader) and(depth int) (string, error) {
	v, err := e.compare(depth)
	for err == nil && e.take("&") != "" {
		var w string
		if w, err = e.compare(depth); v == "" || isZero(v) || w == "" || isZero(w) {
			v = "0"
		}
	}
	return v, err
}

func (e *exprReader) compare(depth int) (string, error) {
	v, err := e.sum(depth)
	for err == nil {
		op := e.take("<=", ">=", "<", ">", "==", "=", "!=")
		if op == "" {
			break
		}
		var w string
		if w, err = e.sum(depth); err != nil {
			break
		}
		order := strings.Compare(v, w)
		x, xerr := strconv.ParseInt(v, 10, 64)
		y, yerr := strconv.ParseInt(w, 10, 64)
		if xerr == nil && yerr == nil {
			order = 0
			if x < y {
				order = -1
			} else if x > y {
				order = 1
			}
		}
		holds := map[string]bool{"<": order < 0, "<=": order <= 0, "=": order == 0, "==": order == 0, "!=": order != 0, ">=": order >= 0, ">": order > 0}[op]
		v = map[bool]string{true: "1", false: "0"}[holds]
	}
	return v, err
}

func (e *exprReader) sum(depth int) (string, error) {
	return e.chain(depth, e.product, "+", "-")
}

func (e *exprReader) product(depth int) (string, error) {
	return e.chain(depth, e.match, "*", "/", "%")
}

// chain reads operands of one rank and calculates from left to right.
func (e *exprReader) chain(depth int, operand func(int) (string, error), ops ...string) (string, error) {
	v, err := operand(depth)
	for err == nil {
		op := e.take(ops...)
		if op == "" {
			break
		}
		var w string
		if w, err = operand(depth); err == nil {
			v, err = calculate(v, op, w)
		}
	}
	return v, err
}

func calculate(v, op, w string) (string, error) {
	x, xerr := strconv.ParseInt(v, 10, 64)
	y, yerr := strconv.ParseInt(w, 10, 64)
	switch {
	case xerr != nil || yerr != nil:
		return "", errors.New("non-numeric argument")
	case y == 0 && (op == "/" || op == "%"):
		return "", errors.New("division by zero")
	case y == -1 && x == math.MinInt64 && (op == "/" || op == "%"):
		y = 1 // it overflows to itself
	}
	switch op {
	case "+":
		x += y
	case "-":
		x -= y
	case "*":
		x *= y
	case "/":
		x /= y
	default:
		x %= y
	}
	return strconv.FormatInt(x, 10), nil
}

func (e *exprReader) match(depth int) (string, error) {
	v, err := e.primary(depth)
	for err == nil && e.take(":") != "" {
		var w string
		if w, err = e.primary(depth); err == nil {
			v, err = e.matched(v, w)
		}
	}
	return v, err
}

// matched is what STRING : REGEXP gives: the first group, or how long the match is.
func (e *exprReader) matched(text, pattern string) (string, error) {
	re, err := regex.Compile(pattern, regex.Options{})
	if err != nil {
		return "", fmt.Errorf("bad regex '%s': %w", pattern, err)
	}
	loc, err := re.Find(e.ctx, []byte(text), false)
	switch {
	case err != nil:
		return "", err
	case re.Groups() > 0 && (loc == nil || loc[0] != 0 || loc[2] < 0):
		return "", nil
	case loc == nil || loc[0] != 0:
		return "0", nil
	case re.Groups() > 0:
		return text[loc[2]:loc[3]], nil
	}
	return strconv.Itoa(loc[1]), nil
}

func (e *exprReader) primary(depth int) (string, error) {
	if len(e.args) == 0 || depth > maxExprDepth {
		return "", errSyntax
	}
	a := e.args[0]
	e.args = e.args[1:]
	operands := func(n int) ([]string, error) {
		var all []string
		for range n {
			v, err := e.primary(depth + 1)
			if err != nil {
				return nil, err
			}
			all = append(all, v)
		}
		return all, nil
	}
	switch a {
	case "(":
		v, err := e.or(depth + 1)
		if err == nil && e.take(")") == "" {
			err = errSyntax
		}
		return v, err
	case ")":
		return "", errSyntax
	case "quote":
		if len(e.args) == 0 {
			return "", errSyntax
		}
		a = e.args[0]
		e.args = e.args[1:]
	case "length":
		all, err := operands(1)
		if err != nil {
			return "", err
		}
		return strconv.Itoa(len(all[0])), nil
	case "match":
		all, err := operands(2)
		if err != nil {
			return "", err
		}
		return e.matched(all[0], all[1])
	case "index":
		all, err := operands(2)
		if err != nil {
			return "", err
		}
		return strconv.Itoa(strings.IndexAny(all[0], all[1]) + 1), nil
	case "substr":
		all, err := operands(3)
		if err != nil {
			return "", err
		}
		from, ferr := strconv.Atoi(all[1])
		n, nerr := strconv.Atoi(all[2])
		if ferr != nil || nerr != nil || from < 1 || from > len(all[0]) || n < 1 {
			return "", nil //nolint:nilerr // as busybox: what is no number selects nothing
		}
		return all[0][from-1 : min(len(all[0]), from-1+min(n, len(all[0])))], nil
	}
	return a, nil
}
