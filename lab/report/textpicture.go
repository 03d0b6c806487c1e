package report

import (
	"fmt"
	"strings"
	"time"
)

// columns is how wide a picture in text is.
const columns = 64

// letters are what a picture in text is made of. Each is wide as one column in every font.
func letters(s State) byte {
	switch s {
	case StateGood:
		return '#'
	case StateBad:
		return '.'
	case StateCreating:
		return '-'
	case StateRunning:
		return '='
	case StateStopping:
		return '~'
	case StateEnded:
		return '_'
	case StateBackOff:
		return 'z'
	case StateSuccess:
		return 'o'
	case StateFailure:
		return 'x'
	case StateMixed:
		return '%'
	case StatePredicted:
		return '-'
	case StateGuess:
		return '^'
	case StateInside:
		return '*'
	case StateOutside:
		return '!'
	case StateFault:
		return 'F'
	case StateRepair:
		return 'R'
	case StateCommand:
		return 'c'
	default:
		return '?'
	}
}

// picture draws a picture in text: a line for each lane, with what it is behind it, as letters of all widths are fine there.
func (m *markdown) picture(p Picture) {
	if len(p.Lanes) == 0 {
		m.paragraph(m.nothing(""))
		return
	}
	var b strings.Builder
	begin, end := m.when(p, p.From), m.when(p, p.To)
	middle := m.when(p, p.From.Add(p.To.Sub(p.From)/2))
	gap := (columns - len(begin) - len(middle) - len(end)) / 2
	fmt.Fprintf(&b, "%s%*s%s%*s%s\n", begin, gap, "", middle, columns-len(begin)-len(middle)-len(end)-gap, "", end)
	group := Outside("")
	for _, l := range p.Lanes {
		if l.Group != group && l.Group != "" {
			fmt.Fprintf(&b, "%s\n", l.Group)
		}
		group = l.Group
		fmt.Fprintf(&b, "%s  %s\n", lineOf(p, l), m.in(l.Label))
	}
	m.line("\n%s", fence(strings.TrimRight(b.String(), "\n")))
	m.paragraph(m.legend(p))
	for _, n := range m.notes(p) {
		m.paragraph(n)
	}
}

// lineOf is a lane as columns of letters.
func lineOf(p Picture, l Lane) string {
	out := []byte(strings.Repeat(" ", columns))
	span := max(p.To.Sub(p.From), 1)
	column := func(t time.Time) int {
		return min(max(int(float64(t.Sub(p.From))/float64(span)*columns), 0), columns-1)
	}
	for _, bar := range l.Bars {
		from, to := column(bar.From), column(bar.To)
		for i := from; i <= to; i++ {
			out[i] = letters(bar.State)
		}
		if bar.State == StatePredicted {
			out[from], out[to] = '[', ']'
		}
	}
	for _, mark := range l.Marks {
		i := column(mark.At)
		if mark.State == StateCommand && out[i] != ' ' || mark.State == StateSuccess && out[i] == 'x' {
			continue // the other one says more
		}
		out[i] = letters(mark.State)
	}
	return string(out)
}

// legend says what the letters of a picture mean.
func (m *markdown) legend(p Picture) string {
	seen := map[State]bool{}
	for _, l := range p.Lanes {
		for _, b := range l.Bars {
			seen[b.State] = true
		}
		for _, k := range l.Marks {
			seen[k.State] = true
		}
	}
	var parts []string
	for _, one := range stateNames() {
		if seen[one.state] {
			letter := string(letters(one.state))
			if one.state == StatePredicted {
				letter = "[-]"
			}
			parts = append(parts, code(letter)+" "+m.in(one.name))
		}
	}
	return strings.Join(parts, " · ")
}
