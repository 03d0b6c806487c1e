package tools

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

// cal prints calendars, by the Gregorian rules for all years.
func cal(ctx context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "jmy"}.parse(p)
	if !ok {
		return 1
	}
	if len(args) > 2 {
		return usage(p)
	}
	c := &calendar{julian: has(asSet(found), 'j'), monday: has(asSet(found), 'm'), width: 20}
	if c.julian {
		c.width = 27
	}
	now := time.Now().UTC()
	year, month := now.Year(), int(now.Month())
	for i, a := range args {
		n, err := strconv.ParseUint(a, 10, 31)
		limit := uint64(9999)
		if len(args) == 2 && i == 0 {
			limit = 12
		}
		if err != nil {
			return failf(p, "invalid number '%s'", a)
		}
		if n < 1 || n > limit {
			return failf(p, "number %s is not in 1..%d range", a, limit)
		}
		if limit == 12 {
			month = int(n)
		} else {
			year = int(n)
		}
	}
	if len(args) == 1 || has(asSet(found), 'y') {
		return c.year(ctx, p, year)
	}
	title := fmt.Sprintf("%s %d", time.Month(month), year)
	fmt.Fprintf(p.Stdout, "%*s%s\n%s\n", (c.width-len(title))/2, "", title, c.days())
	for _, week := range c.weeks(year, month) {
		fmt.Fprintln(p.Stdout, strings.TrimRight(week, " ")+strings.Repeat(" ", map[bool]int{true: c.width + 1}[strings.TrimSpace(week) == ""]))
	}
	return 0
}

type calendar struct {
	julian, monday bool
	width          int // of a month
}

func (c *calendar) days() string {
	names := strings.Fields("Su Mo Tu We Th Fr Sa")
	if c.monday {
		names = append(names[1:], names[0])
	}
	if c.julian {
		return " " + strings.Join(names, "  ")
	}
	return strings.Join(names, " ")
}

// weeks are the six lines of a month, of its full width.
func (c *calendar) weeks(year, month int) []string {
	first := time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC)
	skip := int(first.Weekday())
	if c.monday {
		skip = (skip + 6) % 7
	}
	last := first.AddDate(0, 1, -1).Day()
	cell := 2
	if c.julian {
		cell = 3
	}
	lines := make([]string, 0, 6)
	for week := range 6 {
		var days []string
		for d := range 7 {
			n, text := week*7+d-skip+1, ""
			if n >= 1 && n <= last {
				if c.julian {
					n = first.YearDay() + n - 1
				}
				text = strconv.Itoa(n)
			}
			days = append(days, fmt.Sprintf("%*s", cell, text))
		}
		lines = append(lines, strings.Join(days, " "))
	}
	return lines
}

// year prints three months beside each other, or two with the days of the year.
func (c *calendar) year(ctx context.Context, p *sandbox.Process, year int) int {
	beside := 3
	if c.julian {
		beside = 2
	}
	total := beside*c.width + (beside-1)*2
	title := strconv.Itoa(year)
	lead := (total - len(title)) / 2
	fmt.Fprintf(p.Stdout, "%*s%s%*s\n\n", lead, "", title, total-lead-len(title), "")
	for month := 1; month <= 12 && ctx.Err() == nil; month += beside {
		var titles, days []string
		var weeks [6][]string
		for m := month; m < month+beside; m++ {
			n := time.Month(m).String()
			left := (c.width - len(n)) / 2
			titles = append(titles, fmt.Sprintf("%*s%s%*s", left, "", n, c.width-left-len(n), ""))
			days = append(days, fmt.Sprintf("%-*s", c.width, c.days()))
			for i, w := range c.weeks(year, m) {
				weeks[i] = append(weeks[i], w)
			}
		}
		fmt.Fprintf(p.Stdout, "%s\n%s\n", strings.Join(titles, "  "), strings.TrimRight(strings.Join(days, "  "), " "))
		for _, w := range weeks {
			line := strings.TrimRight(strings.Join(w, "  "), " ")
			if line == "" {
				line = strings.Repeat(" ", 79) // as BusyBox leaves a blank line
			}
			fmt.Fprintln(p.Stdout, line)
		}
	}
	return 0
}
