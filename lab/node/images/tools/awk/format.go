package awk

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

const invalidFormat = "Invalid format specifier"

// maxText is how long one string may become, in bytes.
const maxText = 64 << 20

// numberText is a number as print and concatenation show it.
func (r *run) numberText(format string, n float64) string {
	if wholeNumber(n) {
		return strconv.FormatInt(int64(n), 10)
	}
	if format == "%.6g" && !math.IsInf(n, 0) && !math.IsNaN(n) {
		return strconv.FormatFloat(n, 'g', 6, 64)
	}
	verb := byte(0)
	if format != "" {
		verb = format[len(format)-1]
	}
	at := strings.IndexByte(format, '%')
	if at < 0 || !strings.ContainsRune("diouxXeEfFgGaA", rune(verb)) {
		r.fail(invalidFormat)
	}
	return format[:at] + r.convert(format[at:], value{kind: number, n: n})
}

// text is what a string operator sees.
func (r *run) text(v value) string {
	if v.kind == number {
		return r.numberText(r.convfmt.value.s, v.n)
	}
	return v.s
}

// sprintf prints values by a format.
func (r *run) sprintf(format string, args []expr) string {
	var b strings.Builder
	for {
		at := strings.IndexByte(format, '%')
		if at < 0 || at+1 == len(format) {
			b.WriteString(format)
			return b.String()
		}
		b.WriteString(format[:at])
		format = format[at:]
		if format[1] == '%' {
			b.WriteByte('%')
			format = format[2:]
			continue
		}
		end := 1
		for end < len(format) && (format[end]|0x20 < 'a' || format[end]|0x20 > 'z') {
			if format[end] == '*' {
				r.fail("%*x formats are not supported")
			}
			end++
		}
		if end == len(format) {
			b.WriteString(format)
			return b.String()
		}
		var v value
		if len(args) > 0 {
			v = r.eval(args[0])
			args = args[1:]
		}
		b.WriteString(r.convert(format[:end+1], v))
		format = format[end+1:]
		if b.Len() > maxText {
			panic(ErrMemory)
		}
	}
}

// layout is how one conversion is padded.
type layout struct {
	minus, plus, space, alternate, zero bool
	width, precision                    int // precision -1: none
}

func (r *run) convert(spec string, v value) string {
	l := layout{precision: -1}
	i := 1
	for ; i < len(spec)-1 && strings.IndexByte("-+ #0", spec[i]) >= 0; i++ {
		switch spec[i] {
		case '-':
			l.minus = true
		case '+':
			l.plus = true
		case ' ':
			l.space = true
		case '#':
			l.alternate = true
		case '0':
			l.zero = true
		}
	}
	count := func() int {
		n := 0
		for ; isDigit(spec[i]); i++ {
			if n = n*10 + digit(spec[i]); n > maxText {
				panic(ErrMemory)
			}
		}
		return n
	}
	l.width = count()
	if spec[i] == '.' {
		i++
		l.precision = count()
	}
	switch verb := spec[len(spec)-1]; verb {
	case 'c':
		l.precision, l.zero = -1, false
		return l.pad("", character(v, r), false)
	case 's':
		s := r.text(v)
		if l.precision >= 0 && l.precision < len(s) {
			s = s[:l.precision]
		}
		return l.pad("", s, false)
	case 'd', 'i', 'o', 'u', 'x', 'X':
		return l.integer(verb, truncate(v.number()))
	case 'e', 'E', 'f', 'F', 'g', 'G', 'a', 'A':
		return l.float(verb, v.number())
	}
	r.fail(invalidFormat)
	return ""
}

func character(v value, r *run) string {
	if n, ok := v.numeric(); ok {
		return string([]byte{byte(truncate(n))}) //nolint:gosec // C's char
	}
	if s := r.text(v); s != "" {
		return s[:1]
	}
	return "\x00"
}

// truncate is C's conversion to int on amd64: what does not fit is the smallest.
func truncate(n float64) int32 {
	if n > math.MinInt32-1.0 && n < math.MaxInt32+1.0 {
		return int32(n)
	}
	return math.MinInt32
}

// pad fills to the width: zeros go behind the sign.
func (l layout) pad(sign, body string, zeros bool) string {
	fill := l.width - len(sign) - len(body)
	switch {
	case fill <= 0:
		return sign + body
	case l.minus:
		return sign + body + strings.Repeat(" ", fill)
	case zeros:
		return sign + strings.Repeat("0", fill) + body
	}
	return strings.Repeat(" ", fill) + sign + body
}

func (l layout) integer(verb byte, n int32) string {
	sign, digits := "", ""
	switch verb {
	case 'd', 'i':
		digits = strconv.FormatInt(int64(n), 10)
		switch {
		case n < 0:
			sign, digits = "-", digits[1:]
		case l.plus:
			sign = "+"
		case l.space:
			sign = " "
		}
	case 'o':
		digits = strconv.FormatUint(uint64(uint32(n)), 8) //nolint:gosec // C's unsigned
		if l.alternate && n != 0 {
			digits = "0" + digits
		}
	case 'u':
		digits = strconv.FormatUint(uint64(uint32(n)), 10) //nolint:gosec // C's unsigned
	default:
		digits = strconv.FormatUint(uint64(uint32(n)), 16) //nolint:gosec // C's unsigned
		if l.alternate && n != 0 {
			sign = "0x"
		}
		if verb == 'X' {
			sign, digits = strings.ToUpper(sign), strings.ToUpper(digits)
		}
	}
	if l.precision == 0 && n == 0 {
		digits = ""
	}
	if missing := l.precision - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	return l.pad(sign, digits, l.zero && l.precision < 0)
}

func (l layout) float(verb byte, n float64) string {
	sign := ""
	switch {
	case math.Signbit(n):
		sign, n = "-", math.Abs(n)
		if math.IsNaN(n) {
			n = math.NaN()
		}
	case l.plus:
		sign = "+"
	case l.space:
		sign = " "
	}
	body := ""
	switch {
	case math.IsInf(n, 0):
		body = "inf"
	case math.IsNaN(n):
		body = "nan"
	case verb|0x20 == 'a':
		body = hexText(n, l.precision)
	default:
		precision := 6
		if l.precision >= 0 {
			precision = min(l.precision, 1_100) // no number has more digits
		}
		format := "%"
		if l.alternate {
			format += "#"
		}
		body = fmt.Sprintf(format+".*"+string(verb|0x20), precision, n)
	}
	if verb&0x20 == 0 {
		body = strings.ToUpper(body)
	}
	return l.pad(sign, body, l.zero && !math.IsInf(n, 0) && !math.IsNaN(n))
}

// hexText is C's %a, which has no zeros in front of an exponent.
func hexText(n float64, precision int) string {
	s := strconv.FormatFloat(n, 'x', precision, 64)
	if i := strings.IndexByte(s, 'p'); i >= 0 && len(s) == i+4 && s[i+2] == '0' {
		s = s[:i+2] + s[i+3:]
	}
	return s
}
