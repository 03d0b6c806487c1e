package tools

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

func date(_ context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{
		letters: "Rs:ud:r:I::D:", long: map[string]byte{"rfc-822": 'R', "rfc-2822": 'R', "set": 's', "utc": 'u', "date": 'd', "reference": 'r'},
	}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	if len(args) > 1 {
		return usage(p)
	}
	format := "%a %b %e %H:%M:%S %Z %Y"
	if len(args) == 1 && strings.HasPrefix(args[0], "+") {
		format, args = args[0][1:], nil
	}
	if has(set, 's') || len(args) > 0 {
		text := set['s']
		if len(args) > 0 {
			text = args[0]
		}
		if _, err := parseDate(text, time.Now().UTC()); err != nil {
			return failf(p, "invalid date '%s'", text)
		}
		return failf(p, "can't set date: %s", sandbox.EPERM)
	}
	now := time.Now().UTC()
	if r, given := set['r']; given {
		info, err := p.FS().Stat(p.Path(r))
		if err != nil {
			return failf(p, "can't stat '%s': %s", r, Reason(err))
		}
		now = info.ModTime().UTC()
	}
	if d, given := set['d']; given {
		var err error
		if f, given := set['D']; given {
			now, err = strptime(f, d, now)
		} else {
			now, err = parseDate(d, now)
		}
		if err != nil {
			return failf(p, "invalid date '%s'", d)
		}
	}
	switch spec, given := set['I']; {
	case given:
		layouts := map[string]string{
			"": "2006-01-02", "date": "2006-01-02", "hours": "2006-01-02T15-07:00", "minutes": "2006-01-02T15:04-07:00",
			"seconds": "2006-01-02T15:04:05-07:00", "ns": "2006-01-02T15:04:05,000000000-07:00",
		}
		layout, known := layouts[spec]
		if !known {
			return usage(p)
		}
		fmt.Fprintln(p.Stdout, now.Format(layout))
	case has(set, 'R'):
		fmt.Fprintln(p.Stdout, now.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	default:
		fmt.Fprintln(p.Stdout, Strftime(now, format))
	}
	return 0
}

// parseDate understands BusyBox's forms: @seconds, hh:mm[:ss], [YYYY.]MM.DD-hh:mm[:ss], YYYY-MM-DD[ hh:mm[:ss]] and
// [[[[[YY]YY]MM]DD]hh]mm[.ss]. What is not given is now's.
func parseDate(text string, now time.Time) (time.Time, error) {
	if seconds, found := strings.CutPrefix(text, "@"); found && !strings.HasPrefix(seconds, "-") {
		n, err := strconv.ParseInt(seconds, 10, 40)
		return time.Unix(n, 0).UTC(), err
	}
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02 15", "2006-01-02", "2006.01.02-15:04:05", "2006.01.02-15:04", "2006-01-02T15:04:05", "2006-01-02T15:04:05Z"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	for _, layout := range []string{"15:04:05", "15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return time.Date(now.Year(), now.Month(), now.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC), nil
		}
	}
	for _, layout := range []string{"01.02-15:04:05", "01.02-15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return time.Date(now.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC), nil
		}
	}
	text, seconds, dotted := strings.Cut(text, ".")
	if !dotted {
		seconds = "00"
	}
	full := now.Format("200601021504")
	switch len(text) {
	case 2, 4, 6, 8, 12:
		full = full[:12-len(text)] + text
	case 10:
		full = full[:2] + text
	default:
		return now, sandbox.EINVAL
	}
	return time.Parse("20060102150405", full+seconds)
}

// strptime reads a time by a format of the usual letters.
func strptime(format, text string, now time.Time) (time.Time, error) {
	var layout strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			layout.WriteByte(format[i])
			continue
		}
		i++
		if format[i] == 's' && format == "%s" {
			return parseDate("@"+text, now)
		}
		if strings.IndexByte("CgGhklnPstuUVwWN", format[i]) >= 0 || dateLayout(format[i]) == "" {
			return now, sandbox.EINVAL
		}
		layout.WriteString(dateLayout(format[i]))
	}
	return time.Parse(layout.String(), text)
}

// dateLayout is Go's layout for a letter of strftime; empty: it has none.
func dateLayout(c byte) string {
	return map[byte]string{
		'Y': "2006", 'm': "01", 'd': "02", 'H': "15", 'M': "04", 'S': "05", 'y': "06", 'F': "2006-01-02", 'T': "15:04:05",
		'b': "Jan", 'h': "Jan", 'B': "January", 'a': "Mon", 'A': "Monday", 'Z': "MST", 'z': "-0700", 'e': "_2", 'R': "15:04", 'p': "PM",
		'I': "03", 'j': "002", 'c': "Mon Jan _2 15:04:05 2006", 'D': "01/02/06", 'x': "01/02/06", 'X': "15:04:05", 'r': "03:04:05 PM",
	}[c]
}

// Strftime formats a time by the usual letters.
func Strftime(t time.Time, format string) string {
	var out strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			out.WriteByte(format[i])
			continue
		}
		i++
		year, week := t.ISOWeek()
		switch c := format[i]; c {
		case 's':
			out.WriteString(strconv.FormatInt(t.Unix(), 10))
		case 'N':
			fmt.Fprintf(&out, "%09d", t.Nanosecond())
		case '%':
			out.WriteByte('%')
		case 'n':
			out.WriteByte('\n')
		case 't':
			out.WriteByte('\t')
		case 'u':
			fmt.Fprint(&out, (int(t.Weekday())+6)%7+1)
		case 'w':
			fmt.Fprint(&out, int(t.Weekday()))
		case 'k':
			fmt.Fprintf(&out, "%2d", t.Hour())
		case 'l':
			fmt.Fprintf(&out, "%2d", (t.Hour()+11)%12+1)
		case 'C':
			fmt.Fprintf(&out, "%02d", t.Year()/100)
		case 'G':
			fmt.Fprint(&out, year)
		case 'g':
			fmt.Fprintf(&out, "%02d", year%100)
		case 'V':
			fmt.Fprintf(&out, "%02d", week)
		case 'U':
			fmt.Fprintf(&out, "%02d", (t.YearDay()+6-int(t.Weekday()))/7)
		case 'W':
			fmt.Fprintf(&out, "%02d", (t.YearDay()+6-(int(t.Weekday())+6)%7)/7)
		case 'P':
			out.WriteString(strings.ToLower(t.Format("PM")))
		default:
			if layout := dateLayout(c); layout != "" {
				out.WriteString(t.Format(layout))
			} else {
				out.WriteString("%" + string(c))
			}
		}
	}
	return out.String()
}
