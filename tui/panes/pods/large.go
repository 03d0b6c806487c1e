package pods

import (
	"strconv"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"healthlab/tui/widget"
)

// drawLarge shows READY and RESTARTS of each pod in block digits, the chosen pod first, then what its containers and
// probes are doing.
func (p *Pane) drawLarge(w, h int, now time.Time) []string {
	var lines []string
	order := []int{}
	if i := p.cursor(); i >= 0 {
		order = append(order, i)
	}
	for i := range p.rows {
		if len(order) == 0 || i != order[0] {
			order = append(order, i)
		}
	}
	widths := p.probeWidths(w, now)
	for _, i := range order {
		r := &p.rows[i]
		if len(lines)+7 > h && len(lines) > 0 {
			lines = append(lines, p.largeRest(r))
			continue
		}
		lines = append(lines, p.style.Strong.Render(r.name)+"  "+p.mood(r.mood).Render(r.status))
		lines = append(lines, p.largeNumbers(r, now)...)
		for c := range r.containers {
			k := &r.containers[c]
			if k.notable() {
				lines = append(lines, p.container(k, now))
			}
			for j := range k.probes {
				lines = append(lines, p.probe(&k.probes[j], widths, w, now))
			}
		}
		lines = append(lines, "")
	}
	return lines
}

func (p *Pane) largeRest(r *row) string {
	return p.mood(r.mood).Render(p.readyCell(r)) + "  " + p.style.Text.Render(r.name) + "  " +
		p.mood(r.mood).Render(r.status) + "  RESTARTS " + strconv.Itoa(r.restarts)
}

func (p *Pane) largeNumbers(r *row, now time.Time) []string {
	ready := p.style.Bad
	if r.isReady {
		ready = p.style.Good
	}
	restarts := p.style.Text
	if st, recent := p.style.Changed(p.changes.Age(r.uid+"/restarts", now)); recent {
		restarts = st
	}
	left, right := widget.Big(r.ready, p.style.Glyphs.Block), widget.Big(strconv.Itoa(r.restarts), p.style.Glyphs.Block)
	word := func(s string, st lipgloss.Style, i int) string {
		if i == 2 {
			return st.Render(s)
		}
		return strings.Repeat(" ", len(s))
	}
	out := make([]string, len(left))
	for i := range left {
		out[i] = word("READY ", p.style.Muted, i) + " " + ready.Render(left[i]) + "   " +
			word("RESTARTS ", p.style.Muted, i) + " " + restarts.Render(right[i])
	}
	return out
}
