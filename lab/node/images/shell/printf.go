package shell

import (
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// printf prints as BusyBox does.
type printf struct {
	out    io.Writer
	errs   io.Writer
	prefix string // of messages
	args   []string
	failed bool // an argument was no number
	err    error
}

// maxWidth bounds what one conversion is padded to; a larger number is no valid format.
const maxWidth = 1 << 30

// run prints the format until the arguments are used up. The result is the exit code.
func (f *printf) run(format string) int {
	for {
		left := len(f.args)
		more := f.once(format)
		if f.err != nil {
			return 1
		}
		if !more || len(f.args) == 0 || len(f.args) == left {
			break
		}
	}
	if f.failed {
		return 1
	}
	return 0
}

func (f *printf) write(text string) {
	if f.err == nil {
		_, f.err = io.WriteString(f.out, text)
	}
}

// pad writes n blanks or zeros.
func (f *printf) pad(n int, with byte) {
	const chunk = 1 << 12
	for ; n > 0 && f.err == nil; n -= chunk {
		f.write(strings.Repeat(string(with), min(n, chunk)))
	}
}

func (f *printf) invalid(spec string) {
	fmt.Fprintf(f.errs, "%s%s: invalid format\n", f.prefix, spec)
	f.err = io.ErrNoProgress
}

func (f *printf) next() string {
	if len(f.args) == 0 {
		return ""
	}
	a := f.args[0]
	f.args = f.args[1:]
	return a
}

// once goes through the format; it reports false after \c.
func (f *printf) once(format string) bool {
	for i := 0; i < len(format) && f.err == nil; {
		plain := strings.IndexAny(format[i:], `\%`)
		if plain < 0 {
			f.write(format[i:])
			return true
		}
		f.write(format[i : i+plain])
		i += plain
		switch {
		case format[i] == '\\':
			text, n, stop := escape(format[i:], 3)
			if stop {
				return false
			}
			f.write(text)
			i += n
		case strings.HasPrefix(format[i:], "%%"):
			f.write("%")
			i += 2
		default:
			n, stop := f.conversion(format[i:])
			if stop {
				return false
			}
			i += n
		}
	}
	return true
}

// spec is one conversion.
type spec struct {
	minus, plus, space, alternate, zero bool
	width, precision                    int // precision -1: none
	verb                                byte
}

// conversion prints one conversion, whose length it returns.
func (f *printf) conversion(format string) (length int, stop bool) {
	s := spec{precision: -1}
	i := 1
flags:
	for ; i < len(format); i++ {
		switch format[i] {
		case '-':
			s.minus = true
		case '+':
			s.plus = true
		case ' ':
			s.space = true
		case '#':
			s.alternate = true
		case '0':
			s.zero = true
		default:
			break flags
		}
	}
	number := func() int {
		if i < len(format) && format[i] == '*' {
			i++
			return int(min(max(f.integer(f.next()), -maxWidth), maxWidth))
		}
		start := i
		for i < len(format) && format[i] >= '0' && format[i] <= '9' {
			i++
		}
		n, err := strconv.Atoi(format[start:i])
		if err != nil && i > start {
			return maxWidth
		}
		return min(n, maxWidth)
	}
	if s.width = number(); s.width < 0 {
		s.minus, s.width = true, -s.width
	}
	if i < len(format) && format[i] == '.' {
		i++
		if s.precision = number(); s.precision < 0 {
			s.precision = -1
		}
	}
	start := i
	for i < len(format) && strings.IndexByte("hlLzjt", format[i]) >= 0 {
		i++
	}
	if i >= len(format) || strings.IndexByte("diouxXeEfFgGcsb", format[i]) < 0 {
		f.invalid(format[:start] + format[i:])
		return 0, false
	}
	s.verb = format[i]
	return i + 1, f.print(s)
}

func (f *printf) print(s spec) (stop bool) {
	switch s.verb {
	case 's':
		f.text(s, f.next())
	case 'c':
		a := f.next()
		if a == "" {
			a = "\x00"
		}
		f.text(spec{minus: s.minus, width: s.width, precision: -1}, a[:1])
	case 'b':
		text, stop := escapes(f.next())
		f.text(s, text)
		return stop
	case 'd', 'i':
		f.number(s, big.NewInt(f.integer(f.next())))
	case 'o', 'u', 'x', 'X':
		f.number(s, new(big.Int).SetUint64(uint64(f.integer(f.next())))) //nolint:gosec // as C does
	default:
		f.float(s, f.next())
	}
	return false
}

// text prints a string: precision is the most of its bytes.
func (f *printf) text(s spec, text string) {
	if s.precision >= 0 && s.precision < len(text) {
		text = text[:s.precision]
	}
	if !s.minus {
		f.pad(s.width-len(text), ' ')
	}
	f.write(text)
	if s.minus {
		f.pad(s.width-len(text), ' ')
	}
}

// number prints an integer: precision is the least of its digits.
func (f *printf) number(s spec, n *big.Int) {
	digits := ""
	abs := new(big.Int).Abs(n)
	switch s.verb {
	case 'o':
		digits = abs.Text(8)
		if s.alternate && digits != "0" {
			digits = "0" + digits
		}
	case 'x':
		digits = abs.Text(16)
	case 'X':
		digits = strings.ToUpper(abs.Text(16))
	default:
		digits = abs.Text(10)
	}
	if s.precision == 0 && digits == "0" {
		digits = ""
	}
	sign := ""
	signed := s.verb == 'd' || s.verb == 'i'
	switch {
	case n.Sign() < 0:
		sign = "-"
	case signed && s.plus:
		sign = "+"
	case signed && s.space:
		sign = " "
	case s.alternate && n.Sign() != 0 && (s.verb == 'x' || s.verb == 'X'):
		sign = "0" + string(s.verb)
	}
	zeros := max(0, s.precision-len(digits))
	fill := s.width - len(sign) - zeros - len(digits)
	switch {
	case s.minus:
	case s.zero && s.precision < 0:
		zeros, fill = max(0, fill), 0
	default:
		f.pad(fill, ' ')
		fill = 0
	}
	f.write(sign)
	f.pad(zeros, '0')
	f.write(digits)
	f.pad(fill, ' ')
}

// float prints a floating-point number. Digits past those that a number can have are not computed.
func (f *printf) float(s spec, arg string) {
	const digits = 1_100
	x := 0.0
	if arg != "" {
		var err error
		if x, err = strconv.ParseFloat(strings.TrimSpace(arg), 64); err != nil {
			x = 0
			f.wrong(arg)
		}
	}
	format := "%"
	for flag, set := range map[string]bool{"+": s.plus, " ": s.space, "#": s.alternate} {
		if set {
			format += flag
		}
	}
	precision := 6
	if s.precision >= 0 {
		precision = min(s.precision, digits)
	}
	text := fmt.Sprintf(format+".*"+string(s.verb), precision, x)
	missing := s.width - len(text)
	switch {
	case s.minus:
		f.write(text)
		f.pad(missing, ' ')
	case s.zero && missing > 0:
		sign := ""
		if strings.IndexByte("+- ", text[0]) >= 0 {
			sign, text = text[:1], text[1:]
		}
		f.write(sign)
		f.pad(missing, '0')
		f.write(text)
	default:
		f.pad(missing, ' ')
		f.write(text)
	}
}

func (f *printf) wrong(arg string) {
	fmt.Fprintf(f.errs, "%sinvalid number '%s'\n", f.prefix, arg)
	f.failed = true
}

// integer reads a number as C writes it, or the code of a character after a quote. A missing argument is 0.
func (f *printf) integer(arg string) int64 {
	if len(arg) > 1 && (arg[0] == '\'' || arg[0] == '"') {
		r, _ := utf8.DecodeRuneInString(arg[1:])
		return int64(r)
	}
	text := strings.TrimSpace(arg)
	n, err := strconv.ParseInt(text, 0, 64)
	if err != nil {
		if u, uerr := strconv.ParseUint(text, 0, 64); uerr == nil {
			return int64(u) //nolint:gosec // as C does
		}
		f.wrong(arg)
		return 0
	}
	return n
}

// escapes replaces backslash sequences; stop is that \c was among them, which ends all output.
func escapes(text string) (plain string, stop bool) {
	if !strings.Contains(text, `\`) {
		return text, false
	}
	var b strings.Builder
	for text != "" {
		n := strings.IndexByte(text, '\\')
		if n < 0 {
			b.WriteString(text)
			break
		}
		b.WriteString(text[:n])
		part, length, stop := escape(text[n:], 4)
		if stop {
			return b.String(), true
		}
		b.WriteString(part)
		text = text[n+length:]
	}
	return b.String(), false
}

// escape is the sequence that a text begins with: what it means and how long it is. An octal number after \0 has so
// many digits.
func escape(text string, octal int) (meaning string, length int, stop bool) {
	if len(text) < 2 {
		return text, len(text), false
	}
	if i := strings.IndexByte(`abefnrtv\`, text[1]); i >= 0 {
		return "\a\b\x1b\f\n\r\t\v\\"[i : i+1], 2, false
	}
	digits := func(from, most, base int) (string, int, bool) {
		n := from
		for n < len(text) && n < from+most {
			if _, err := strconv.ParseUint(text[n:n+1], base, 8); err != nil {
				break
			}
			n++
		}
		value, err := strconv.ParseUint(text[from:n], base, 16)
		if err != nil {
			return text[:2], 2, false
		}
		return string([]byte{byte(value)}), n, false
	}
	switch c := text[1]; {
	case c == 'c':
		return "", 2, true
	case c == '0':
		return digits(1, octal, 8)
	case c >= '1' && c <= '7':
		return digits(1, 3, 8)
	case c == 'x':
		return digits(2, 2, 16)
	}
	return text[:2], 2, false
}

// echo prints its arguments.
func echo(out io.Writer, args []string) int {
	newline, interpret := true, false
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && strings.Trim(args[0][1:], "neE") == "" {
		for _, f := range args[0][1:] {
			switch f {
			case 'n':
				newline = false
			default:
				interpret = f == 'e'
			}
		}
		args = args[1:]
	}
	text := strings.Join(args, " ")
	if interpret {
		var stop bool
		text, stop = escapes(text)
		newline = newline && !stop
	}
	if newline {
		text += "\n"
	}
	if _, err := io.WriteString(out, text); err != nil {
		return 1
	}
	return 0
}
