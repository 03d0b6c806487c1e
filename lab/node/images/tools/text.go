package tools

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

// maxLine bounds a line of text that a program holds.
const maxLine = 1 << 20

// maxText bounds what sort and others hold at once.
const maxText = 32 << 20

// eachLine calls f for every line, without its end, until f returns false.
func eachLine(ctx context.Context, r io.Reader, f func(line string) bool) error {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, maxLine)
	for ctx.Err() == nil && scanner.Scan() {
		if !f(scanner.Text()) {
			return nil
		}
	}
	return scanner.Err()
}

// defaultCount is how many lines head and tail show.
const defaultCount = 10

// oldCount turns the old form -5 of head and tail into -n 5.
func oldCount(p *sandbox.Process) {
	i := slices.IndexFunc(p.Args, func(a string) bool { return len(a) > 1 && a[0] == '-' && a[1] >= '0' && a[1] <= '9' })
	if i > 0 && p.Args[i-1] != "-n" && p.Args[i-1] != "-c" {
		p.Args = slices.Concat(p.Args[:i], []string{"-n", p.Args[i][1:]}, p.Args[i+1:])
	}
}

func head(ctx context.Context, p *sandbox.Process) int {
	oldCount(p)
	n := int64(defaultCount)
	set, names, ok := options(p, "qv", "nc")
	if !ok {
		return 1
	}
	if v, given := set['n']; given {
		parsed, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return failf(p, "invalid number '%s'", v)
		}
		n = parsed
	}
	if v, given := set['c']; given {
		size, err := parseBytes(v)
		if err != nil {
			return failf(p, "invalid number '%s'", v)
		}
		return inputs(p, names, func(_ string, r io.Reader) error {
			return copyStream(ctx, p.Stdout, io.LimitReader(r, size))
		})
	}
	return inputs(p, names, func(name string, r io.Reader) error {
		if len(names) > 1 && !has(set, 'q') {
			fmt.Fprintf(p.Stdout, "==> %s <==\n", name)
		}
		if n <= 0 {
			return nil
		}
		left := n
		return eachLine(ctx, r, func(line string) bool {
			left--
			_, err := fmt.Fprintln(p.Stdout, line)
			return left > 0 && err == nil
		})
	})
}

func tail(ctx context.Context, p *sandbox.Process) int {
	oldCount(p)
	n := int64(defaultCount)
	set, names, ok := options(p, "fFqv", "ncs")
	if !ok {
		return 1
	}
	fromStart := false
	if v, given := set['n']; given {
		parsed, err := strconv.ParseInt(strings.TrimPrefix(v, "+"), 10, 32)
		if err != nil {
			return failf(p, "invalid number '%s'", v)
		}
		n, fromStart = max(parsed, -parsed), strings.HasPrefix(v, "+")
	}
	follow := (has(set, 'f') || has(set, 'F')) && len(names) > 0 && names[0] != "/dev/null"
	code := inputs(p, names, func(_ string, r io.Reader) error {
		var last []string
		number := int64(0)
		err := eachLine(ctx, r, func(line string) bool {
			number++
			if fromStart {
				if number >= n {
					fmt.Fprintln(p.Stdout, line)
				}
				return true
			}
			last = append(last, line)
			if int64(len(last)) > n {
				last = last[1:]
			}
			return true
		})
		for _, line := range last {
			fmt.Fprintln(p.Stdout, line)
		}
		return err
	})
	switch {
	case follow:
		return followFile(ctx, p, names[0])
	case has(set, 'f') || has(set, 'F'):
		<-ctx.Done() // tail -f /dev/null, the usual way to wait for ever
		return 1
	}
	return code
}

// followFile prints what is appended to a file.
func followFile(ctx context.Context, p *sandbox.Process, name string) int {
	var offset int64 = -1
	for sleepFor(ctx, 200*time.Millisecond) {
		file, err := p.Open(name)
		if err != nil {
			continue
		}
		if info, err := file.Stat(); err == nil {
			if offset < 0 || info.Size() < offset {
				offset = info.Size()
			}
			if _, err := file.Seek(offset, io.SeekStart); err == nil && info.Size() > offset {
				if copyStream(ctx, p.Stdout, io.LimitReader(file, info.Size()-offset)) == nil {
					offset = info.Size()
				}
			}
		}
		_ = file.Close()
	}
	return 1
}

func grep(ctx context.Context, p *sandbox.Process) int {
	set, args, ok := options(p, "qivcnEFoHhlswx", "em")
	if !ok {
		return 2
	}
	pattern, given := set['e']
	if !given {
		if len(args) == 0 {
			failf(p, "usage: grep [-qivcnEFol] PATTERN [FILE]...")
			return 2
		}
		pattern, args = args[0], args[1:]
	}
	switch {
	case has(set, 'F'):
		pattern = regexp.QuoteMeta(pattern)
	case !has(set, 'E') && !strings.HasPrefix(name(p), "e"):
		pattern = basicPattern(pattern)
	}
	if has(set, 'w') {
		pattern = `\b(?:` + pattern + `)\b`
	}
	if has(set, 'x') {
		pattern = `^(?:` + pattern + `)$`
	}
	if has(set, 'i') {
		pattern = "(?i)" + pattern
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		failf(p, "bad regex '%s': %v", pattern, err)
		return 2
	}
	matched := false
	code := inputs(p, args, func(name string, r io.Reader) error {
		count, number := 0, 0
		prefix := ""
		if (len(args) > 1 || has(set, 'H')) && !has(set, 'h') {
			prefix = name + ":"
		}
		err := eachLine(ctx, r, func(line string) bool {
			number++
			if re.MatchString(line) == has(set, 'v') {
				return true
			}
			matched = true
			count++
			switch {
			case has(set, 'q'), has(set, 'l'):
				return false
			case has(set, 'c'):
			default:
				at := prefix
				if has(set, 'n') {
					at += strconv.Itoa(number) + ":"
				}
				texts := []string{line}
				if has(set, 'o') {
					texts = re.FindAllString(line, -1)
				}
				for _, text := range texts {
					if _, err := fmt.Fprintln(p.Stdout, at+text); err != nil {
						return false
					}
				}
			}
			return true
		})
		if has(set, 'c') && !has(set, 'q') {
			fmt.Fprintf(p.Stdout, "%s%d\n", prefix, count)
		}
		if has(set, 'l') && count > 0 {
			fmt.Fprintln(p.Stdout, name)
		}
		return err
	})
	switch {
	case matched:
		return 0
	case code != 0:
		return 2
	}
	return 1
}

// basicPattern turns a basic regular expression into an extended one: there ( ) { } + ? | are literal unless escaped.
func basicPattern(basic string) string {
	var out strings.Builder
	for i := 0; i < len(basic); i++ {
		c := basic[i]
		switch {
		case c == '\\' && i+1 < len(basic):
			i++
			if strings.IndexByte("(){}+?|", basic[i]) < 0 {
				out.WriteByte('\\')
			}
			out.WriteByte(basic[i])
		case strings.IndexByte("(){}+?|", c) >= 0:
			out.WriteString(`\` + string(c))
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

// sed knows s/from/to/ with g and i, and -n with p and d for addresses that are line numbers or patterns.
func sed(ctx context.Context, p *sandbox.Process) int {
	set, args, ok := options(p, "nEri", "e")
	if !ok {
		return 1
	}
	script, given := set['e']
	if !given {
		if len(args) == 0 {
			return failf(p, "no script")
		}
		script, args = args[0], args[1:]
	}
	edit, err := parseSed(script, has(set, 'E') || has(set, 'r'))
	if err != nil {
		return failf(p, "%v", err)
	}
	if !has(set, 'i') {
		return inputs(p, args, func(_ string, r io.Reader) error { return edit(ctx, r, p.Stdout, has(set, 'n')) })
	}
	var changed bytes.Buffer
	for _, n := range args {
		changed.Reset()
		if code := inputs(p, []string{n}, func(_ string, r io.Reader) error {
			return edit(ctx, io.LimitReader(r, maxText), &changed, has(set, 'n'))
		}); code != 0 {
			return code
		}
		if err := p.FS().WriteFile(p.Path(n), changed.Bytes(), 0o644); err != nil {
			return failf(p, "%s: %s", n, Reason(err))
		}
	}
	return 0
}

type sedEdit func(ctx context.Context, r io.Reader, w io.Writer, quiet bool) error

func parseSed(script string, extended bool) (sedEdit, error) {
	compile := func(pattern string) (*regexp.Regexp, error) {
		if !extended {
			pattern = basicPattern(pattern)
		}
		return regexp.Compile(pattern)
	}
	number := 0
	var address *regexp.Regexp
	if strings.HasPrefix(script, "/") {
		pattern, rest, ok := strings.Cut(script[1:], "/")
		if !ok {
			return nil, errors.New("unterminated address")
		}
		re, err := compile(pattern)
		if err != nil {
			return nil, err
		}
		address, script = re, rest
	} else if end := strings.IndexFunc(script, func(r rune) bool { return r < '0' || r > '9' }); end > 0 {
		number, _ = strconv.Atoi(script[:end])
		script = script[end:]
	}
	applies := func(line string, n int) bool {
		return (number == 0 || n == number) && (address == nil || address.MatchString(line))
	}
	switch {
	case script == "p", script == "d":
		return func(ctx context.Context, r io.Reader, w io.Writer, quiet bool) error {
			n := 0
			return eachLine(ctx, r, func(line string) bool {
				n++
				hit := applies(line, n)
				if !quiet && (script != "d" || !hit) {
					fmt.Fprintln(w, line)
				}
				if hit && script == "p" {
					fmt.Fprintln(w, line)
				}
				return true
			})
		}, nil
	case len(script) < 4 || script[0] != 's':
		return nil, fmt.Errorf("unsupported command: %s", script)
	}
	fields := strings.Split(script[2:], script[1:2])
	if len(fields) != 3 {
		return nil, fmt.Errorf("bad option in substitution expression: %s", script)
	}
	pattern := fields[0]
	if strings.ContainsAny(fields[2], "iI") {
		pattern = "(?i)" + pattern
	}
	re, err := compile(pattern)
	if err != nil {
		return nil, err
	}
	replacement := regexp.MustCompile(`\\([1-9])`).ReplaceAllString(strings.ReplaceAll(fields[1], "$", "$$"), "$${$1}")
	replacement = strings.ReplaceAll(replacement, "&", "${0}")
	return func(ctx context.Context, r io.Reader, w io.Writer, quiet bool) error {
		n := 0
		return eachLine(ctx, r, func(line string) bool {
			n++
			if !applies(line, n) || !re.MatchString(line) {
				if !quiet {
					fmt.Fprintln(w, line)
				}
				return true
			}
			done := false
			line = re.ReplaceAllStringFunc(line, func(match string) string {
				if done && !strings.Contains(fields[2], "g") {
					return match
				}
				done = true
				return re.ReplaceAllString(match, replacement)
			})
			if !quiet || strings.Contains(fields[2], "p") {
				fmt.Fprintln(w, line)
			}
			return true
		})
	}, nil
}

func wc(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "lwcm", "")
	if !ok {
		return 1
	}
	return inputs(p, names, func(name string, r io.Reader) error {
		var lines, words, size int
		inWord := false
		buf := make([]byte, 32<<10)
		for ctx.Err() == nil {
			n, err := r.Read(buf)
			size += n
			for _, c := range buf[:n] {
				if c == '\n' {
					lines++
				}
				space := c == ' ' || c >= '\t' && c <= '\r'
				if !space && !inWord {
					words++
				}
				inWord = !space
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
		}
		var fields []string
		for _, f := range []struct {
			option byte
			n      int
		}{{'l', lines}, {'w', words}, {'c', size}} {
			switch {
			case len(set) == 0:
				fields = append(fields, fmt.Sprintf("%9d", f.n))
			case has(set, f.option):
				fields = append(fields, strconv.Itoa(f.n))
			}
		}
		if len(names) > 0 {
			fields = append(fields, name)
		}
		fmt.Fprintln(p.Stdout, strings.Join(fields, " "))
		return nil
	})
}

func sortLines(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "nrufb", "kt")
	if !ok {
		return 1
	}
	var lines []string
	total := 0
	code := inputs(p, names, func(_ string, r io.Reader) error {
		err := eachLine(ctx, r, func(line string) bool {
			lines = append(lines, line)
			total += len(line) + 16
			return total < maxText
		})
		if total >= maxText {
			return errors.New("out of memory")
		}
		return err
	})
	slices.SortStableFunc(lines, func(a, b string) int {
		if has(set, 'n') {
			x, y := leadingNumber(a), leadingNumber(b)
			switch {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return 0
		}
		return strings.Compare(a, b)
	})
	if has(set, 'r') {
		slices.Reverse(lines)
	}
	if has(set, 'u') {
		lines = slices.Compact(lines)
	}
	for _, l := range lines {
		if _, err := fmt.Fprintln(p.Stdout, l); err != nil {
			return 1
		}
	}
	return code
}

func leadingNumber(s string) float64 {
	s = strings.TrimSpace(s)
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '.' || end == 0 && s[end] == '-') {
		end++
	}
	f, _ := strconv.ParseFloat(s[:end], 64)
	return f
}

func uniq(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "cdu", "")
	if !ok {
		return 1
	}
	last, count := "", 0
	show := func() {
		if count == 0 || has(set, 'd') && count < 2 || has(set, 'u') && count > 1 {
			return
		}
		if has(set, 'c') {
			fmt.Fprintf(p.Stdout, "%7d ", count)
		}
		fmt.Fprintln(p.Stdout, last)
	}
	code := inputs(p, names, func(_ string, r io.Reader) error {
		return eachLine(ctx, r, func(line string) bool {
			if count > 0 && line == last {
				count++
				return true
			}
			show()
			last, count = line, 1
			return true
		})
	})
	show()
	return code
}

func cut(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "s", "dfc")
	if !ok {
		return 1
	}
	text, bytewise := set['f'], false
	if c, given := set['c']; given {
		text, bytewise = c, true
	}
	delimiter := set['d']
	if delimiter == "" {
		delimiter = "\t"
	}
	chosen, err := ranges(text)
	if err != nil {
		return failf(p, "invalid range '%s'", text)
	}
	return inputs(p, names, func(_ string, r io.Reader) error {
		return eachLine(ctx, r, func(line string) bool {
			separator := delimiter
			if bytewise {
				separator = ""
			}
			fields := strings.Split(line, separator)
			if len(fields) == 1 && !bytewise {
				if !has(set, 's') {
					fmt.Fprintln(p.Stdout, line)
				}
				return true
			}
			var out []string
			for i, f := range fields {
				if chosen(i + 1) {
					out = append(out, f)
				}
			}
			_, err := fmt.Fprintln(p.Stdout, strings.Join(out, separator))
			return err == nil
		})
	})
}

// ranges understands 1,3-5,7-.
func ranges(text string) (func(int) bool, error) {
	type span struct{ from, to int }
	var spans []span
	for part := range strings.SplitSeq(text, ",") {
		from, to, dash := strings.Cut(part, "-")
		s := span{1, 1 << 30}
		var err error
		if from != "" {
			if s.from, err = strconv.Atoi(from); err != nil || s.from < 1 {
				return nil, sandbox.EINVAL
			}
		}
		switch {
		case !dash && from == "":
			return nil, sandbox.EINVAL
		case !dash:
			s.to = s.from
		case to != "":
			if s.to, err = strconv.Atoi(to); err != nil {
				return nil, err
			}
		}
		spans = append(spans, s)
	}
	return func(i int) bool {
		return slices.ContainsFunc(spans, func(s span) bool { return i >= s.from && i <= s.to })
	}, nil
}

func tr(ctx context.Context, p *sandbox.Process) int {
	set, args, ok := options(p, "dsc", "")
	if !ok || len(args) == 0 {
		return failf(p, "missing operand")
	}
	from := trSet(args[0])
	var to []byte
	if len(args) > 1 {
		to = trSet(args[1])
	}
	buf := make([]byte, 4096)
	for ctx.Err() == nil {
		n, err := p.Stdin.Read(buf)
		out := make([]byte, 0, n)
		for _, c := range buf[:n] {
			i := bytes.IndexByte(from, c)
			switch {
			case i < 0:
			case has(set, 'd'):
				continue
			case len(to) > 0:
				c = to[min(i, len(to)-1)]
			}
			out = append(out, c)
		}
		if _, werr := p.Stdout.Write(out); werr != nil || err != nil {
			return 0
		}
	}
	return 1
}

// trSet expands a-z, \n and the usual classes.
func trSet(text string) []byte {
	text = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\r`, "\r", `\0`, "\x00", `[:lower:]`, "a-z", `[:upper:]`, "A-Z",
		`[:digit:]`, "0-9", `[:space:]`, " \t\n\r\v\f", `[:alpha:]`, "a-zA-Z").Replace(text)
	var out []byte
	for i := 0; i < len(text); i++ {
		if i+2 < len(text) && text[i+1] == '-' && text[i] <= text[i+2] {
			for c := int(text[i]); c <= int(text[i+2]); c++ {
				out = append(out, byte(c))
			}
			i += 2
			continue
		}
		out = append(out, text[i])
	}
	return out
}

func tee(ctx context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "ai", "")
	if !ok {
		return 1
	}
	code := 0
	writers := []io.Writer{p.Stdout}
	for _, n := range names {
		flag := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
		if has(set, 'a') {
			flag = os.O_WRONLY | os.O_CREATE | os.O_APPEND
		}
		file, err := p.OpenFile(n, flag, 0o644)
		if err != nil {
			code = failf(p, "%s: %s", n, Reason(err))
			continue
		}
		defer file.Close()
		writers = append(writers, file)
	}
	if err := copyStream(ctx, io.MultiWriter(writers...), p.Stdin); err != nil {
		return failf(p, "%s", Reason(err))
	}
	return code
}

func seq(ctx context.Context, p *sandbox.Process) int {
	args := p.Args[1:] // no options: -1 is a number
	first, step, last := int64(1), int64(1), int64(0)
	var err [3]error
	switch len(args) {
	case 1:
		last, err[0] = strconv.ParseInt(args[0], 10, 64)
	case 2, 3:
		first, err[0] = strconv.ParseInt(args[0], 10, 64)
		last, err[1] = strconv.ParseInt(args[len(args)-1], 10, 64)
		if len(args) == 3 {
			step, err[2] = strconv.ParseInt(args[1], 10, 64)
		}
	default:
		return failf(p, "missing operand")
	}
	if errors.Join(err[:]...) != nil || step == 0 {
		return failf(p, "invalid number")
	}
	for i := first; ctx.Err() == nil && (step > 0 && i <= last || step < 0 && i >= last); i += step {
		if _, err := fmt.Fprintln(p.Stdout, i); err != nil {
			return 1
		}
	}
	return 0
}

func yes(ctx context.Context, p *sandbox.Process) int {
	text := "y"
	if len(p.Args) > 1 {
		text = strings.Join(p.Args[1:], " ")
	}
	block := bytes.Repeat([]byte(text+"\n"), max(1, 4096/(len(text)+1)))
	for ctx.Err() == nil {
		if _, err := p.Stdout.Write(block); err != nil {
			return 1
		}
	}
	return 1
}
