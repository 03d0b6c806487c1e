package bash

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"healthlab/lab/node/images/tools"
)

// printf is one call of printf.
type printf struct {
	sh     *shell
	out    strings.Builder
	args   []string
	failed bool // an argument was no number
	stop   bool // \c, or an error
}

func printfBuiltin(sh *shell, words []string) int {
	args := words[1:]
	variable := ""
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		if args[0] == "--" {
			args = args[1:]
			break
		}
		if !strings.HasPrefix(args[0], "-v") {
			sh.errorf("printf: -%c: invalid option", args[0][1])
			sh.complain("printf: usage: printf [-v var] format [arguments]\n")
			return 2
		}
		if variable = args[0][2:]; variable == "" {
			if len(args) < 2 {
				sh.errorf("printf: -v: option requires an argument")
				sh.complain("printf: usage: printf [-v var] format [arguments]\n")
				return 2
			}
			variable, args = args[1], args[1:]
		}
		args = args[1:]
		if base, _, _ := splitElement(variable); !validName(base) {
			return sh.fail(2, "printf: `%s': not a valid identifier", variable)
		}
	}
	if len(args) == 0 {
		sh.complain("printf: usage: printf [-v var] format [arguments]\n")
		return 2
	}
	f := &printf{sh: sh, args: args[1:]}
	for {
		left := len(f.args)
		f.once(args[0])
		if f.stop || len(f.args) == 0 || len(f.args) == left {
			break
		}
		sh.pause()
	}
	text := f.out.String()
	code := 0
	if f.failed {
		code = 1
	}
	if variable != "" {
		if !sh.assignWord(variable, strings.ReplaceAll(text, "\x00", "")) {
			return 1
		}
		return code
	}
	return max(code, sh.write("printf", text))
}

func (f *printf) next() string {
	if len(f.args) == 0 {
		return ""
	}
	a := f.args[0]
	f.args = f.args[1:]
	return a
}

func (f *printf) put(text string) {
	if f.out.Len()+len(text) > maxValue {
		die(errNoMemory)
	}
	f.out.WriteString(text)
}

func (f *printf) once(format string) {
	for i := 0; i < len(format) && !f.stop; {
		switch {
		case format[i] == '\\':
			meaning, n, _ := escape(format[i:], formatEscapes, f.sh.utf8())
			f.put(meaning)
			i += max(n, 1)
		case format[i] != '%':
			f.put(format[i : i+1])
			i++
		case strings.HasPrefix(format[i:], "%%"):
			f.put("%")
			i += 2
		default:
			i += f.conversion(format[i:])
		}
	}
}

// spec is one conversion.
type spec struct {
	minus, plus, space, alternate, zero bool
	width, precision                    int // precision -1: none
	verb                                byte
	layout                              string // of %(…)T
}

// conversion prints one conversion, whose length it returns.
func (f *printf) conversion(format string) int {
	s := spec{precision: -1}
	i := 1
	for ; i < len(format) && strings.IndexByte("-+ #0'", format[i]) >= 0; i++ {
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
		}
	}
	number := func() int {
		if i < len(format) && format[i] == '*' {
			i++
			return int(min(max(f.integer(f.next()), -maxValue), maxValue))
		}
		start := i
		for i < len(format) && format[i] >= '0' && format[i] <= '9' {
			i++
		}
		n, err := strconv.Atoi(format[start:i])
		if err != nil && i > start {
			return maxValue
		}
		return min(n, maxValue)
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
	for i < len(format) && strings.IndexByte("hlLzjt", format[i]) >= 0 {
		i++
	}
	if i < len(format) && format[i] == '(' {
		if end := strings.Index(format[i:], ")T"); end > 0 {
			s.layout, s.verb = format[i+1:i+end], 'T'
			f.print(s)
			return i + end + 2
		}
	}
	switch {
	case i >= len(format):
		f.sh.errorf("printf: `%s': missing format character", format[i-1:])
		f.failed, f.stop = true, true
		return len(format)
	case strings.IndexByte("diouxXeEfFgGaAcsbqQn", format[i]) < 0:
		f.sh.errorf("printf: `%c': invalid format character", format[i])
		f.failed, f.stop = true, true
		return len(format)
	}
	s.verb = format[i]
	f.print(s)
	return i + 1
}

func (f *printf) print(s spec) {
	switch s.verb {
	case 's':
		f.text(s, f.next())
	case 'c':
		a := f.next()
		if a == "" {
			a = "\x00"
		}
		s.precision = -1
		f.text(s, a[:1])
	case 'b':
		text, stop := interpreted(f.next(), echoEscapes, f.sh.utf8())
		f.text(s, text)
		f.stop = f.stop || stop
	case 'q':
		f.text(s, quoteBackslash(f.next()))
	case 'Q':
		a := f.next()
		if s.precision >= 0 && s.precision < len(a) {
			a = a[:s.precision]
		}
		s.precision = -1
		f.text(s, quoteBackslash(a))
	case 'T':
		f.time(s)
	case 'n':
		f.sh.assignWord(f.next(), strconv.Itoa(f.out.Len()))
	case 'd', 'i':
		f.number(s, big.NewInt(f.integer(f.next())))
	case 'o', 'u', 'x', 'X':
		f.number(s, new(big.Int).SetUint64(uint64(f.integer(f.next())))) //nolint:gosec // as C does
	default:
		f.float(s, f.next())
	}
}

// text prints a string: precision is the most of its characters.
func (f *printf) text(s spec, text string) {
	if s.precision >= 0 && s.precision < len(text) {
		text = text[:s.precision]
	}
	fill := s.width - len(text)
	if fill > 0 && !s.minus {
		f.put(strings.Repeat(" ", fill))
	}
	f.put(text)
	if fill > 0 && s.minus {
		f.put(strings.Repeat(" ", fill))
	}
}

// number prints an integer: precision is the least of its digits.
func (f *printf) number(s spec, n *big.Int) {
	abs := new(big.Int).Abs(n)
	digits := abs.Text(map[byte]int{'o': 8, 'x': 16, 'X': 16}[s.verb] | base10(s.verb))
	if s.verb == 'X' {
		digits = strings.ToUpper(digits)
	}
	if s.verb == 'o' && s.alternate && digits != "0" {
		digits = "0" + digits
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
	fill := max(0, s.width-len(sign)-zeros-len(digits))
	switch {
	case s.minus:
		f.put(sign + strings.Repeat("0", zeros) + digits + strings.Repeat(" ", fill))
	case s.zero && s.precision < 0:
		f.put(sign + strings.Repeat("0", zeros+fill) + digits)
	default:
		f.put(strings.Repeat(" ", fill) + sign + strings.Repeat("0", zeros) + digits)
	}
}

func base10(verb byte) int {
	if verb == 'o' || verb == 'x' || verb == 'X' {
		return 0
	}
	return 10
}

// float prints a floating-point number. Digits past those that a number can have are not computed.
func (f *printf) float(s spec, arg string) {
	const digits = 1_100
	x := 0.0
	if arg != "" {
		var err error
		if x, err = strconv.ParseFloat(strings.TrimSpace(arg), 64); err != nil && !errors.Is(err, strconv.ErrRange) {
			x = float64(f.integer(arg))
		}
	}
	format := "%"
	for _, flag := range []struct {
		set  bool
		text string
	}{{s.plus, "+"}, {s.space, " "}, {s.alternate, "#"}} {
		if flag.set {
			format += flag.text
		}
	}
	precision := 6
	if s.precision >= 0 {
		precision = min(s.precision, digits)
	}
	verb := s.verb
	if verb == 'a' || verb == 'A' {
		verb = 'g'
	}
	text := strings.ToLower(fmt.Sprintf(format+".*"+string(verb), precision, x))
	if verb == 'E' || verb == 'G' || verb == 'F' {
		text = strings.ToUpper(text)
	}
	text = strings.Replace(text, "+inf", "inf", 1)
	missing := s.width - len(text)
	switch {
	case missing <= 0:
		f.put(text)
	case s.minus:
		f.put(text + strings.Repeat(" ", missing))
	case s.zero:
		sign := ""
		if strings.IndexByte("+- ", text[0]) >= 0 {
			sign, text = text[:1], text[1:]
		}
		f.put(sign + strings.Repeat("0", missing) + text)
	default:
		f.put(strings.Repeat(" ", missing) + text)
	}
}

// time prints %(…)T: seconds, -1 for now, -2 for when the shell began.
func (f *printf) time(s spec) {
	when := time.Now()
	if len(f.args) > 0 {
		switch n := f.integer(f.next()); n {
		case -1:
		case -2:
			when = f.sh.began
		default:
			when = time.Unix(n, 0)
		}
	}
	layout := s.layout
	if layout == "" {
		layout = "%X"
	}
	f.text(s, tools.Strftime(when.In(f.sh.zone()), layout))
}

// zone is the time zone of TZ, which is UTC unless it can be found.
func (sh *shell) zone() *time.Location {
	if name := sh.value("TZ"); name != "" {
		if z, err := time.LoadLocation(strings.TrimPrefix(name, ":")); err == nil {
			return z
		}
	}
	return time.UTC
}

// integer reads a number as C writes it, or the code of a character after a quote. A missing argument is 0.
func (f *printf) integer(arg string) int64 {
	if len(arg) > 0 && (arg[0] == '\'' || arg[0] == '"') {
		r, _ := utf8.DecodeRuneInString(arg[1:])
		if len(arg) == 1 {
			return 0
		}
		return int64(r)
	}
	text := strings.TrimLeft(arg, " \t\n")
	if text == "" {
		return 0
	}
	sign := int64(1)
	digits := text
	if digits[0] == '-' || digits[0] == '+' {
		if digits[0] == '-' {
			sign = -1
		}
		digits = digits[1:]
	}
	base := 10
	switch {
	case len(digits) > 2 && (strings.HasPrefix(digits, "0x") || strings.HasPrefix(digits, "0X")):
		base, digits = 16, digits[2:]
	case len(digits) > 1 && digits[0] == '0':
		base, digits = 8, digits[1:]
	}
	end := 0
	for end < len(digits) {
		if d := digit(digits[end], 16); d < 0 || d >= int64(base) {
			break
		}
		end++
	}
	value, err := strconv.ParseUint(digits[:end], base, 64)
	if end == 0 || end < len(digits) {
		if base == 8 && end == 0 {
			value = 0
		}
		why := "invalid number"
		if base == 8 {
			why = "invalid octal number"
		}
		if base == 16 {
			why = "invalid hex number"
		}
		f.sh.errorf("printf: %s: %s", arg, why)
		f.failed = true
	}
	if errors.Is(err, strconv.ErrRange) {
		f.sh.errorf("printf: warning: %s: Numerical result out of range", arg)
		if sign > 0 {
			return 1<<63 - 1
		}
		return -1 << 63
	}
	return sign * int64(value) //nolint:gosec // as C does
}
