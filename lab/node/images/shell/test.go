package shell

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/interp"

	"healthlab/lab/node/images/shell/posix"
	"healthlab/lab/node/sandbox"
)

// condition evaluates the arguments of test and [ as BusyBox does.
type condition struct {
	args []string
	at   int
	dir  string
	fs   *sandbox.FS
	tty  bool
	deep int
}

// errTest is a message of test, which then has status 2.
type errTest string

func (e errTest) Error() string { return string(e) }

// maxTestDepth bounds ! and parentheses.
const maxTestDepth = 1_000

// test is test and [; the status is 0, 1, or 2 after an error.
func (sh *shell) test(hc interp.HandlerContext, name string, args []string) error {
	if name == "[" {
		if len(args) == 0 || args[len(args)-1] != "]" {
			fmt.Fprintf(hc.Stderr, "%smissing ]\n", sh.prefix(hc))
			return interp.ExitStatus(2)
		}
		args = args[:len(args)-1]
	}
	c := condition{args: args, dir: containerPath(hc.Dir), fs: sh.p.FS(), tty: sh.p.Terminal() != nil}
	holds, err := c.evaluate()
	switch {
	case errors.Is(err, errTooDeep):
		die(errTooDeep)
	case err != nil:
		fmt.Fprintf(hc.Stderr, "%s%v\n", sh.prefix(hc), err)
		return interp.ExitStatus(2)
	case !holds:
		return interp.ExitStatus(1)
	}
	return nil
}

// evaluate follows POSIX's rules by number of arguments, and the grammar for more.
func (c *condition) evaluate() (bool, error) {
	a := c.args
	switch {
	case len(a) == 0:
		return false, nil
	case len(a) == 1:
		return a[0] != "", nil
	case len(a) == 2 && a[0] == "!":
		return a[1] == "", nil
	case len(a) == 3 && binary(a[1]):
		return c.compare(a[0], a[1], a[2])
	case len(a) == 4 && a[0] == "!" && binary(a[2]):
		holds, err := c.compare(a[1], a[2], a[3])
		return !holds, err
	}
	holds, err := c.or()
	if err == nil && c.at < len(a) {
		err = errTest(a[c.at] + ": unknown operand")
	}
	return holds, err
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
	holds, err := c.not()
	for err == nil && c.at < len(c.args) && c.peek(0) == "-a" {
		c.at++
		var right bool
		right, err = c.not()
		holds = holds && right
	}
	return holds, err
}

func (c *condition) not() (bool, error) {
	odd := false
	for c.at < len(c.args) && c.peek(0) == "!" && (c.at+2 >= len(c.args) || !binary(c.peek(1))) {
		odd = !odd
		c.at++
	}
	holds, err := c.primary()
	return holds != odd, err
}

func (c *condition) primary() (bool, error) {
	if c.at >= len(c.args) {
		return false, errTest("argument expected")
	}
	a := c.args[c.at]
	left := len(c.args) - c.at - 1
	switch {
	case left >= 2 && binary(c.peek(1)):
		c.at += 3
		return c.compare(a, c.args[c.at-2], c.args[c.at-1])
	case a == "(":
		if c.deep++; c.deep > maxTestDepth {
			return false, errTooDeep
		}
		c.at++
		holds, err := c.or()
		if err == nil && c.peek(0) != ")" {
			err = errTest("closing paren expected")
		}
		c.at++
		c.deep--
		return holds, err
	case unary(a) && left >= 1:
		c.at += 2
		return c.file(a, c.args[c.at-1])
	case left == 1 && binary(c.peek(1)):
		return false, errTest(c.peek(1) + ": argument expected")
	}
	c.at++
	return a != "", nil
}

func unary(op string) bool {
	return len(op) == 2 && op[0] == '-' && strings.IndexByte("bcdefghkLnOGprStuwxsz", op[1]) >= 0
}

func binary(op string) bool {
	switch op {
	case "=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef":
		return true
	}
	return false
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
		return c.compareFiles(x, op, y), nil
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
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, errTest(text + ": out of range")
	case text == "":
		return 0, errTest("out of range")
	case err != nil && !startsNumber(text): // musl's strtoll has an errno for it
		return 0, errTest(text + ": out of range")
	case err != nil:
		return 0, errTest(text + ": bad number")
	}
	return n, nil
}

// startsNumber reports whether a text begins like a number.
func startsNumber(text string) bool {
	text = strings.TrimLeft(strings.TrimSpace(text), "+-")
	return text != "" && text[0] >= '0' && text[0] <= '9'
}

// path is a file's absolute path; an empty one is no file.
func (c *condition) path(name string) string {
	if name == "" || strings.HasPrefix(name, "/") {
		return name
	}
	return c.dir + "/" + name
}

func (c *condition) compareFiles(x, op, y string) bool {
	if op == "-ot" {
		x, y = y, x
	}
	first, err1 := c.fs.Stat(c.path(x))
	second, err2 := c.fs.Stat(c.path(y))
	switch {
	case op == "-ef":
		a, errA := c.fs.Resolve(c.path(x), true)
		b, errB := c.fs.Resolve(c.path(y), true)
		return err1 == nil && err2 == nil && errA == nil && errB == nil && a == b
	case err1 != nil || err2 != nil:
		return false
	}
	return first.ModTime().After(second.ModTime())
}

func (c *condition) file(op, name string) (bool, error) {
	switch op {
	case "-n":
		return name != "", nil
	case "-z":
		return name == "", nil
	case "-t":
		n, err := integer(name)
		return err == nil && n >= 0 && n <= 2 && c.tty, err
	case "-L", "-h":
		info, err := c.fs.Lstat(c.path(name))
		return err == nil && info.Mode()&fs.ModeSymlink != 0, nil
	}
	info, err := c.fs.Stat(c.path(name))
	if err != nil {
		return false, nil //nolint:nilerr // there is no such file
	}
	return posix.FileTest(op, info), nil
}
