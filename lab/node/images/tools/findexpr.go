package tools

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"healthlab/lab/node/images/tools/regex"
	"healthlab/lab/node/sandbox"
)

// maxFindDepth bounds how deep parentheses of an expression nest.
const maxFindDepth = 200

type findParser struct {
	f     *finder
	args  []string
	acts  bool // something but tests: no -print of its own
	usage bool
}

func (q *findParser) next() (string, bool) {
	if len(q.args) == 0 {
		return "", false
	}
	a := q.args[0]
	q.args = q.args[1:]
	return a, true
}

func (q *findParser) peek() string {
	if len(q.args) == 0 {
		return ""
	}
	return q.args[0]
}

func (q *findParser) alternatives(depth int) (findTest, error) {
	if depth > maxFindDepth {
		return nil, fmt.Errorf("out of memory")
	}
	var all []findTest
	for {
		t, err := q.conjunction(depth)
		if err != nil {
			return nil, err
		}
		if t != nil {
			all = append(all, t)
		}
		if a := q.peek(); a != "-o" && a != "-or" {
			break
		}
		q.args = q.args[1:]
	}
	if len(all) < 2 {
		return first(all), nil
	}
	return func(f *findFile) bool {
		for _, t := range all {
			if t(f) {
				return true
			}
		}
		return false
	}, nil
}

func first(all []findTest) findTest {
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

func (q *findParser) conjunction(depth int) (findTest, error) {
	var all []findTest
	inverted := false
	for len(q.args) > 0 {
		a := q.peek()
		if a == "-o" || a == "-or" || a == ")" && depth > 0 {
			break
		}
		q.args = q.args[1:]
		var t findTest
		var err error
		switch a {
		case "-a", "-and":
			continue
		case "!", "-not":
			inverted = !inverted
			continue
		case "(":
			if t, err = q.alternatives(depth + 1); err == nil {
				if end, ok := q.next(); !ok || end != ")" {
					err = fmt.Errorf("unpaired '('")
				}
			}
		default:
			t, err = q.primary(a)
		}
		if err != nil {
			return nil, err
		}
		if t == nil {
			continue
		}
		if inverted {
			plain := t
			t = func(f *findFile) bool { return !plain(f) }
			inverted = false
		}
		all = append(all, t)
	}
	if len(all) < 2 {
		return first(all), nil
	}
	return func(f *findFile) bool {
		for _, t := range all {
			if !t(f) {
				return false
			}
		}
		return true
	}, nil
}

// primary is one option, test or action; an option is no test.
func (q *findParser) primary(a string) (findTest, error) {
	f := q.f
	switch a {
	case "-follow":
		f.follow = true
		return nil, nil
	case "-depth":
		f.depthFirst = true
		return nil, nil
	case "-xdev", "-mount":
		return nil, nil // there is one file system
	case "-print":
		q.acts = true
		return func(file *findFile) bool { return f.print(file.name, "\n") }, nil
	case "-print0":
		q.acts = true
		return func(file *findFile) bool { return f.print(file.name, "\x00") }, nil
	case "-prune":
		return func(file *findFile) bool {
			file.pruned = true
			return true
		}, nil
	case "-quit":
		q.acts = true
		return func(*findFile) bool {
			f.quit = true
			return true
		}, nil
	case "-delete":
		q.acts, f.depthFirst = true, true
		return f.remove, nil
	case "-empty":
		return f.empty, nil
	case "-executable":
		return func(file *findFile) bool { return file.info.Mode().Perm()&0o111 != 0 }, nil
	case "-true", "-false":
		return func(*findFile) bool { return a == "-true" }, nil
	case "-exec", "-ok":
		if a == "-exec" {
			q.acts = true
			return q.exec()
		}
	}
	kind, known := map[string]findValue{
		"-name": q.name, "-iname": q.iname, "-path": q.path, "-ipath": q.ipath, "-wholename": q.path, "-regex": q.regex,
		"-type": q.kind, "-perm": q.perm, "-size": q.size, "-newer": q.newer, "-user": q.owner, "-group": q.owner,
		"-mtime": q.days, "-atime": q.days, "-ctime": q.days, "-mmin": q.minutes, "-amin": q.minutes, "-cmin": q.minutes,
		"-maxdepth": q.maxdepth, "-mindepth": q.mindepth, "-links": q.links,
	}[a]
	if !known {
		q.usage = true
		return nil, fmt.Errorf("unrecognized: %s", a)
	}
	v, ok := q.next()
	if !ok {
		return nil, fmt.Errorf("%s requires an argument", a)
	}
	return kind(v)
}

type findValue func(v string) (findTest, error)

func (q *findParser) name(v string) (findTest, error) {
	return func(f *findFile) bool { return fnmatch(v, base(f.name)) }, nil
}

func (q *findParser) iname(v string) (findTest, error) {
	v = strings.ToLower(v)
	return func(f *findFile) bool { return fnmatch(v, strings.ToLower(base(f.name))) }, nil
}

func (q *findParser) path(v string) (findTest, error) {
	return func(f *findFile) bool { return fnmatch(v, f.name) }, nil
}

func (q *findParser) ipath(v string) (findTest, error) {
	v = strings.ToLower(v)
	return func(f *findFile) bool { return fnmatch(v, strings.ToLower(f.name)) }, nil
}

func (q *findParser) regex(v string) (findTest, error) {
	re, err := regex.Compile(v, regex.Options{})
	if err != nil {
		return nil, fmt.Errorf("bad regex '%s': %w", v, err)
	}
	return func(f *findFile) bool {
		loc, err := re.Find(q.f.ctx, []byte(f.name), false)
		return err == nil && loc != nil && loc[0] == 0 && loc[1] == len(f.name)
	}, nil
}

func (q *findParser) kind(v string) (findTest, error) {
	masks := map[string]fs.FileMode{
		"d": fs.ModeDir, "l": fs.ModeSymlink, "c": fs.ModeDevice | fs.ModeCharDevice, "b": fs.ModeDevice,
		"p": fs.ModeNamedPipe, "s": fs.ModeSocket, "f": 0,
	}
	mask, known := masks[v]
	if !known {
		return nil, fmt.Errorf("invalid argument '%s' to '-type'", v)
	}
	return func(f *findFile) bool { return f.info.Mode().Type() == mask }, nil
}

// compared reads +N, -N and N.
func compared(v, unit string) (func(n int64) bool, error) {
	mark := v[:min(1, len(v))]
	text := strings.TrimLeft(mark, "+-") + v[len(mark):]
	want, err := strconv.ParseUint(strings.TrimSuffix(text, unit), 10, 40)
	if err != nil {
		return nil, fmt.Errorf("invalid number '%s'", text)
	}
	return func(n int64) bool {
		switch mark {
		case "+":
			return n > int64(want)
		case "-":
			return n < int64(want)
		}
		return n == int64(want)
	}, nil
}

func (q *findParser) age(v string, unit time.Duration) (findTest, error) {
	is, err := compared(v, "")
	if err != nil {
		return nil, err
	}
	return func(f *findFile) bool { return is(int64(q.f.now.Sub(f.info.ModTime()) / unit)) }, nil
}

func (q *findParser) days(v string) (findTest, error)    { return q.age(v, 24*time.Hour) }
func (q *findParser) minutes(v string) (findTest, error) { return q.age(v, time.Minute) }

func (q *findParser) links(v string) (findTest, error) {
	is, err := compared(v, "")
	return func(f *findFile) bool {
		if f.info.IsDir() {
			return is(2) // itself and its dot; those of the directories in it are not counted
		}
		return is(1)
	}, err
}

func (q *findParser) size(v string) (findTest, error) {
	unit, letter := int64(512), ""
	for _, s := range []suffix{{"c", 1}, {"w", 2}, {"b", 512}, {"k", 1 << 10}} {
		if strings.HasSuffix(v, s.text) {
			unit, letter = s.n, s.text
		}
	}
	is, err := compared(v, letter)
	if err != nil {
		return nil, err
	}
	return func(f *findFile) bool { return is((f.info.Size() + unit - 1) / unit) }, nil
}

func (q *findParser) perm(v string) (findTest, error) {
	text := strings.TrimLeft(v, "+-/")
	want, err := NewMode(0, text)
	if err != nil {
		return nil, fmt.Errorf("invalid mode '%s'", v)
	}
	return func(f *findFile) bool {
		mode := f.info.Mode().Perm()
		switch v[0] {
		case '-':
			return mode&want == want
		case '+', '/':
			return mode&want != 0 || want == 0
		}
		return mode == want
	}, nil
}

func (q *findParser) newer(v string) (findTest, error) {
	info, err := q.f.p.FS().Stat(q.f.p.Path(v))
	if err != nil {
		return nil, fmt.Errorf("%s: %s", v, Reason(err))
	}
	return func(f *findFile) bool { return f.info.ModTime().After(info.ModTime()) }, nil
}

func (q *findParser) owner(v string) (findTest, error) {
	if _, err := strconv.ParseUint(v, 10, 32); err != nil && v != "root" && v != "nobody" {
		return nil, fmt.Errorf("unknown user %s", v)
	}
	return func(*findFile) bool { return v == "root" || v == "0" }, nil // there is only root
}

func (q *findParser) depth(v string, to *int) (findTest, error) {
	n, err := strconv.ParseUint(v, 10, 30)
	if err != nil {
		return nil, fmt.Errorf("invalid number '%s'", v)
	}
	*to = int(n)
	return nil, nil
}

func (q *findParser) maxdepth(v string) (findTest, error) { return q.depth(v, &q.f.deepest) }
func (q *findParser) mindepth(v string) (findTest, error) { return q.depth(v, &q.f.shallowest) }

// exec reads a command up to ; or +.
func (q *findParser) exec() (findTest, error) {
	var command []string
	for {
		a, ok := q.next()
		if !ok {
			return nil, fmt.Errorf("-exec requires an argument")
		}
		if a == ";" {
			break
		}
		if a == "+" && len(command) > 0 && command[len(command)-1] == "{}" {
			return q.f.execMany(command[:len(command)-1]), nil
		}
		command = append(command, a)
	}
	if len(command) == 0 {
		return nil, fmt.Errorf("-exec requires an argument")
	}
	return func(file *findFile) bool {
		args := make([]string, len(command))
		for i, a := range command {
			args[i] = strings.ReplaceAll(a, "{}", file.name)
		}
		code, started := run(q.f.ctx, q.f.p, sandbox.Command{Path: args[0], Args: args})
		if !started {
			q.f.code = 1
		}
		return code == 0
	}, nil
}
