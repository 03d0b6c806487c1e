package bash

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// write writes a builtin's output and returns its status.
func (sh *shell) write(command, text string) int {
	if text == "" {
		return 0
	}
	if _, err := io.WriteString(sh.out(), text); err != nil {
		if sh.ctx.Err() != nil {
			die(sh.ctx.Err())
		}
		return sh.fail(1, "%s: write error: %s", command, reason(err))
	}
	return 0
}

func echoBuiltin(sh *shell, words []string) int {
	args := words[1:]
	newline, interpret := true, sh.shopts["xpg_echo"]
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && strings.Trim(args[0][1:], "neE") == "" {
		for _, f := range args[0][1:] {
			if f == 'n' {
				newline = false
			} else {
				interpret = f == 'e'
			}
		}
		args = args[1:]
	}
	text := strings.Join(args, " ")
	if interpret {
		var stop bool
		text, stop = interpreted(text, echoEscapes, sh.utf8())
		newline = newline && !stop
	}
	if newline {
		text += "\n"
	}
	return sh.write("echo", text)
}

// interpreted replaces backslash sequences; stop is that \c was among them.
func interpreted(text string, kind escapes, utf8Locale bool) (plain string, stop bool) {
	if !strings.Contains(text, `\`) {
		return text, false
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		if text[i] != '\\' {
			b.WriteByte(text[i])
			i++
			continue
		}
		meaning, n, stop := escape(text[i:], kind, utf8Locale)
		if stop {
			return b.String(), true
		}
		b.WriteString(meaning)
		i += max(n, 1)
	}
	return b.String(), false
}

// readOptions are those of read.
type readOptions struct {
	raw    bool
	delim  byte
	chars  int // 0: no limit
	exact  bool
	fd     int
	array  string
	prompt string
	limit  time.Duration // negative: only look; 0: none
}

const readUsage = "read: usage: read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]\n"

func (sh *shell) readArgs(args []string) (o readOptions, names []string, code int) {
	o.delim = '\n'
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		flags := args[0][1:]
		args = args[1:]
		if flags == "-" {
			break
		}
		for flags != "" {
			f := flags[0]
			flags = flags[1:]
			value := ""
			if strings.IndexByte("adinNptu", f) >= 0 {
				switch {
				case flags != "":
					value, flags = flags, ""
				case len(args) > 0:
					value, args = args[0], args[1:]
				default:
					sh.errorf("read: -%c: option requires an argument", f)
					sh.complain(readUsage)
					return o, nil, 2
				}
			}
			if code := sh.readOption(&o, f, value); code != 0 {
				return o, nil, code
			}
		}
	}
	return o, args, 0
}

func (sh *shell) readOption(o *readOptions, f byte, value string) int {
	switch f {
	case 'r':
		o.raw = true
	case 's', 'e', 'i':
	case 'a':
		o.array = value
	case 'p':
		o.prompt = value
	case 'd':
		o.delim = (value + "\x00")[0]
	case 't':
		seconds, err := strconv.ParseFloat(value, 64)
		if err != nil || seconds < 0 || seconds > 1e9 {
			return sh.fail(1, "read: %s: invalid timeout specification", value)
		}
		if o.limit = time.Duration(seconds * float64(time.Second)); o.limit == 0 {
			o.limit = -1
		}
	case 'n', 'N':
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 {
			return sh.fail(1, "read: %s: invalid number", value)
		}
		o.chars, o.exact = n, f == 'N'
		if n == 0 {
			o.chars = -1
		}
	case 'u':
		n, err := strconv.Atoi(value)
		if err != nil {
			return sh.fail(1, "read: %s: invalid file descriptor specification", value)
		}
		if sh.fds[n] == nil || sh.fds[n].in == nil {
			return sh.fail(1, "read: %d: invalid file descriptor: Bad file descriptor", n)
		}
		o.fd = n
	default:
		sh.errorf("read: -%c: invalid option", f)
		sh.complain(readUsage)
		return 2
	}
	return 0
}

func readBuiltin(sh *shell, words []string) int {
	o, names, code := sh.readArgs(words[1:])
	if code != 0 {
		return code
	}
	for _, name := range names {
		base, _, _ := splitElement(name)
		if !validName(base) {
			return sh.fail(1, "read: `%s': not a valid identifier", name)
		}
	}
	if o.limit < 0 {
		return 0 // there is always something, or the end of it
	}
	if o.chars < 0 {
		return 0
	}
	if o.prompt != "" && sh.p.Terminal() != nil {
		_, _ = io.WriteString(sh.errs(), o.prompt)
	}
	s := sh.fds[o.fd]
	if s == nil || s.in == nil {
		return sh.fail(1, "read: read error: %d: Bad file descriptor", o.fd)
	}
	input, late := sh.input(o.fd), func() bool { return false }
	if o.limit > 0 {
		limited, cancel := context.WithTimeout(sh.ctx, o.limit)
		defer cancel()
		input = within{limited, sh, s.in}
		late = func() bool { return limited.Err() != nil && sh.ctx.Err() == nil }
	}
	line, complete := o.line(input)
	code = 0
	switch {
	case !complete && late():
		code = 142
	case !complete:
		code = 1
	}
	sh.readInto(o, names, line)
	return code
}

// readInto gives a line to variables.
func (sh *shell) readInto(o readOptions, names []string, line string) {
	switch {
	case o.exact:
		name := "REPLY"
		if len(names) > 0 {
			name = names[0]
			for _, n := range names[1:] {
				sh.assignWord(n, "")
			}
		}
		if !o.raw {
			line = withoutBackslashes(line)
		}
		sh.assignWord(name, line)
	case o.array != "":
		sh.setList(o.array, sh.splitLine(line, -1, o.raw))
	case len(names) == 0:
		if !o.raw {
			line = withoutBackslashes(line)
		}
		sh.set("REPLY", line)
	default:
		values := sh.splitLine(line, len(names), o.raw)
		for i, name := range names {
			value := ""
			if i < len(values) {
				value = values[i]
			}
			if !sh.assignWord(name, value) {
				return
			}
		}
	}
}

// assignWord assigns to what a word names: a variable or an element.
func (sh *shell) assignWord(name, value string) bool {
	if base, sub, ok := splitElement(name); ok {
		return sh.assign(target{name: base, subscript: sh.unquote(sub), element: true}, value)
	}
	return sh.set(name, value)
}

func withoutBackslashes(line string) string {
	var plain strings.Builder
	for i := 0; i < len(line); i++ {
		if line[i] == '\\' && i+1 < len(line) {
			i++
		}
		plain.WriteByte(line[i])
	}
	return plain.String()
}

// splitLine parts a line at IFS into at most n values, the last of which is the rest; -1: as many as there are.
func (sh *shell) splitLine(line string, n int, raw bool) []string {
	ifs := " \t\n"
	if v := sh.get("IFS"); v != nil && v.set {
		ifs = v.str
	}
	isSpace := func(r rune) bool { return strings.ContainsRune(ifs, r) && (r == ' ' || r == '\t' || r == '\n') }
	line = strings.TrimLeftFunc(line, isSpace)
	var out []string
	for line != "" {
		if n > 0 && len(out) == n-1 {
			return append(out, sh.lastField(line, ifs, isSpace, raw))
		}
		value, rest := field(line, ifs, raw)
		out = append(out, value)
		line = afterField(rest, ifs, isSpace)
	}
	return out
}

// field is the beginning of a line up to a separator.
func field(line, ifs string, raw bool) (value, rest string) {
	var b strings.Builder
	for i := 0; i < len(line); {
		r, size := utf8.DecodeRuneInString(line[i:])
		switch {
		case r == '\\' && !raw && i+1 < len(line):
			_, next := utf8.DecodeRuneInString(line[i+1:])
			b.WriteString(line[i+1 : i+1+next])
			i += 1 + next
			continue
		case strings.ContainsRune(ifs, r):
			return b.String(), line[i:]
		}
		b.WriteString(line[i : i+size])
		i += size
	}
	return b.String(), ""
}

// afterField skips a separator with the blanks around it.
func afterField(rest, ifs string, isSpace func(rune) bool) string {
	rest = strings.TrimLeftFunc(rest, isSpace)
	if r, size := utf8.DecodeRuneInString(rest); size > 0 && strings.ContainsRune(ifs, r) && !isSpace(r) {
		rest = strings.TrimLeftFunc(rest[size:], isSpace)
	}
	return rest
}

// lastField is what the last name gets: the rest, without a separator that is its end.
func (sh *shell) lastField(line, ifs string, isSpace func(rune) bool, raw bool) string {
	if first, rest := field(line, ifs, raw); afterField(rest, ifs, isSpace) == "" {
		return first
	}
	if !raw {
		return withoutBackslashes(trimSpaces(line, isSpace, raw))
	}
	return strings.TrimRightFunc(line, isSpace)
}

// trimSpaces takes blanks from the end that no backslash is before.
func trimSpaces(line string, isSpace func(rune) bool, raw bool) string {
	for line != "" && isSpace(rune(line[len(line)-1])) && (raw || len(line) < 2 || line[len(line)-2] != '\\') {
		line = line[:len(line)-1]
	}
	return line
}

// line reads up to the delimiter, and reports whether that came. It reads not a byte further: what follows may be meant
// for another command. A backslash goes before what has no meaning.
func (o readOptions) line(r io.Reader) (line string, complete bool) {
	var text []byte
	var b [1]byte
	escaped := false
	chars := 0
	for o.chars == 0 || chars < o.chars {
		got, err := r.Read(b[:])
		if got == 0 {
			if err != nil {
				return string(text), false
			}
			continue
		}
		switch c := b[0]; {
		case c == o.delim && !escaped && !o.exact:
			return string(text), true
		case c == '\n' && escaped: // the line goes on
			text = text[:len(text)-1]
			escaped = false
			chars--
			continue
		case c == 0:
			continue
		default:
			escaped = c == '\\' && !escaped && !o.raw
			text = append(text, c)
			if utf8.RuneStart(c) {
				chars++
			}
			if escaped {
				chars--
			}
		}
		if o.chars > 0 && chars == o.chars && !utf8.FullRune(text[len(text)-min(len(text), 4):]) {
			chars--
		}
		if len(text) > maxValue {
			die(errNoMemory)
		}
	}
	return string(text), true
}

// within reads for a time.
type within struct {
	ctx context.Context
	sh  *shell
	r   io.Reader
}

func (w within) Read(b []byte) (int, error) {
	if err := w.sh.p.Wait(); err != nil {
		die(err)
	}
	n, err := w.sh.p.ReadContext(w.ctx, w.r, b)
	if err != nil && w.sh.ctx.Err() != nil {
		die(err)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = context.DeadlineExceeded
	}
	return n, err
}

// mapfileOptions are those of mapfile.
type mapfileOptions struct {
	trim, origin      bool
	delim             byte
	count, skip, from int
	fd                int
	callback          string
	quantum           int
}

const mapfileUsage = ": usage: mapfile [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]\n"

func mapfileBuiltin(sh *shell, words []string) int {
	o := mapfileOptions{delim: '\n', quantum: 5000}
	args := words[1:]
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		flags := args[0][1:]
		args = args[1:]
		if flags == "-" {
			break
		}
		for flags != "" {
			f := flags[0]
			flags = flags[1:]
			if f == 't' {
				o.trim = true
				continue
			}
			value := ""
			switch {
			case strings.IndexByte("dnOsuCc", f) < 0:
				sh.errorf("%s: -%c: invalid option", words[0], f)
				sh.complain(words[0] + strings.Replace(mapfileUsage, "mapfile", words[0], 1))
				return 2
			case flags != "":
				value, flags = flags, ""
			case len(args) > 0:
				value, args = args[0], args[1:]
			default:
				return sh.fail(2, "%s: -%c: option requires an argument", words[0], f)
			}
			n, err := strconv.Atoi(value)
			if err != nil && strings.IndexByte("nOsuc", f) >= 0 {
				return sh.fail(1, "%s: %s: invalid %s", words[0], value, map[byte]string{
					'n': "line count", 's': "line count", 'O': "array origin", 'u': "file descriptor specification", 'c': "callback quantum",
				}[f])
			}
			switch f {
			case 'd':
				o.delim = (value + "\x00")[0]
			case 'n':
				o.count = n
			case 's':
				o.skip = n
			case 'O':
				o.from, o.origin = n, true
			case 'u':
				o.fd = n
			case 'C':
				o.callback = value
			case 'c':
				o.quantum = n
			}
		}
	}
	name := "MAPFILE"
	if len(args) > 0 {
		name = args[0]
	}
	if !validName(name) {
		return sh.fail(1, "%s: `%s': not a valid identifier", words[0], name)
	}
	return sh.mapfile(words[0], name, o)
}

func (sh *shell) mapfile(command, name string, o mapfileOptions) int {
	if v := sh.find(name); v != nil && v.kind == associative {
		return sh.fail(1, "%s: %s: not an indexed array", command, name)
	}
	if s := sh.fds[o.fd]; s == nil || s.in == nil {
		return sh.fail(1, "%s: %d: invalid file descriptor: Bad file descriptor", command, o.fd)
	}
	if !o.origin {
		if !sh.setList(name, nil) {
			return 1
		}
	}
	input := sh.input(o.fd)
	if o.count == 0 { // it is read to its end
		input = bufio.NewReader(input)
	}
	at := o.from
	for n := 0; o.count == 0 || n-o.skip < o.count; n++ {
		line, complete := readOptions{delim: o.delim, raw: true}.line(input)
		if !complete && line == "" {
			break
		}
		if n >= o.skip {
			if complete && !o.trim {
				line += string([]byte{o.delim})
			}
			if o.callback != "" && o.quantum > 0 && (n-o.skip+1)%o.quantum == 0 {
				evalBuiltin(sh, []string{"eval", o.callback, strconv.Itoa(at), quoteAll(line)})
			}
			if !sh.assign(target{name: name, subscript: strconv.Itoa(at), element: true}, line) {
				return 1
			}
			at++
		}
		if !complete {
			break
		}
	}
	return 0
}
