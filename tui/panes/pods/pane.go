package pods

import (
	"fmt"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/tui/theme"
	"healthlab/tui/widget"
)

// Pane shows pods, containers and probes.
type Pane struct {
	frame   widget.Frame
	style   theme.Style
	lang    lab.Lang
	rows    []row
	chosen  string // by the snapshot
	wanted  string // asked for last, until a snapshot answers
	changes widget.Changes
	scroll  widget.Scroll
	reasons reasons

	// As last drawn.
	header string
	owner  []int // the pod of each line, for clicks
	titled bool
	replay bool  // what is shown is how it was at a moment of a run
	shown  sight // what was last scrolled into sight
}

// New returns an empty pane.
func New() *Pane { return &Pane{} }

// Title returns the pane's title.
func (p *Pane) Title(l lab.Lang) string {
	if len(p.rows) == 0 {
		return lab.T("파드", "Pods").In(l)
	}
	ready := 0
	for i := range p.rows {
		if p.rows[i].isReady {
			ready++
		}
	}
	return lab.Textf("파드 %d개 중 %d개 Ready", "Pods: %[2]d of %[1]d ready", len(p.rows), ready).In(l)
}

// SetSize sets the size inside the border, in cells.
func (p *Pane) SetSize(w, h int) { p.frame.Resize(w, h) }

// SetStyle sets theme and language.
func (p *Pane) SetStyle(s theme.Style, l lab.Lang) {
	p.style, p.lang = s, l
	p.frame.Invalidate()
}

// SetSnapshot takes over the pods, and remembers what has changed.
func (p *Pane) SetSnapshot(s *lab.Snapshot) {
	p.rows, p.replay = podRows(s.Pods), s.Replay
	if p.chosen != s.ChosenPod {
		p.chosen, p.wanted = s.ChosenPod, ""
	}
	p.changes.Begin()
	for i := range p.rows {
		r := &p.rows[i]
		p.changes.Note(r.uid+"/ready", r.ready+fmt.Sprint(r.isReady), s.At)
		p.changes.Note(r.uid+"/status", r.status.En, s.At)
		p.changes.Note(r.uid+"/restarts", fmt.Sprint(r.restarts), s.At)
		for _, c := range r.containers {
			for _, q := range c.probes {
				p.changes.Note(q.key, string(q.verdict), s.At)
			}
		}
	}
	p.changes.End()
	p.frame.Invalidate()
}

// Needs is how many lines the pods take with what is known of the chosen one, and why it is as it is. There being a reason changes
// nothing, so that nothing else moves when it matters.
func (p *Pane) Needs(int) int {
	n := 1 + len(p.rows)
	for _, r := range p.rows {
		if r.name == p.chosen {
			for _, c := range r.containers {
				n += 1 + len(c.probes)
			}
		}
	}
	return n + longestReason
}

// Empty reports whether there are no pods.
func (p *Pane) Empty() bool { return len(p.rows) == 0 }

// View draws the pane.
func (p *Pane) View(now time.Time) string {
	return p.frame.Draw(now, p.style.Glyphs.Ellipsis, func(w, h int) ([]string, bool) {
		p.owner, p.titled = nil, false
		if len(p.rows) == 0 {
			none := lab.T("아직 파드가 없습니다.", "No pods yet.")
			if p.replay { // they may be gone
				none = lab.T("이때는 파드가 없습니다.", "No pods at this moment.")
			}
			return []string{p.style.Placeholder.Render(none.In(p.lang))}, false
		}
		return p.window(w, h, now), true
	})
}

// window draws everything and cuts out what is in sight, below a header that stays.
func (p *Pane) window(w, h int, now time.Time) []string {
	lines, owner := p.draw(w, h, now)
	room := h
	if h >= 3 {
		p.titled, room = true, h-1
	}
	p.scroll.Fit(len(lines), room)
	if now := p.sight(owner); now != p.shown { // scrolled by hand it may leave the screen again
		p.shown = now
		p.show(owner)
	}
	from, to := p.scroll.Window()
	p.owner = owner[from:to]
	if !p.titled {
		return lines[from:to]
	}
	return append([]string{p.header}, lines[from:to]...)
}

// sight is the chosen pod, and how many lines it has.
type sight struct {
	pod   string
	lines int
}

func (p *Pane) sight(owner []int) sight {
	s := sight{pod: p.chosen}
	for _, i := range owner {
		if p.rows[i].name == p.chosen {
			s.lines++
		}
	}
	return s
}

// show scrolls the lines of the chosen pod into sight, its own row above all.
func (p *Pane) show(owner []int) {
	first := -1
	for line, i := range owner {
		if p.rows[i].name != p.chosen {
			continue
		}
		if first < 0 {
			first = line
		}
		p.scroll.Show(line)
	}
	if first >= 0 {
		p.scroll.Show(first)
	}
}

// Animated reports whether ages and countdowns are on the screen.
func (p *Pane) Animated() bool { return p.frame.Ticking() }

// ScrollBy scrolls n lines down.
func (p *Pane) ScrollBy(n int) {
	p.scroll.By(n)
	p.frame.Invalidate()
}

// Click chooses the pod drawn at line y of the pane; nil if there is none.
func (p *Pane) Click(_, y int) lab.Action {
	if p.titled {
		y--
	}
	if y < 0 || y >= len(p.owner) || p.owner[y] >= len(p.rows) {
		return nil
	}
	return p.want(p.owner[y])
}

// HandleKey goes to the next or previous pod.
func (p *Pane) HandleKey(msg tea.KeyPressMsg) (lab.Action, bool) {
	if len(p.rows) == 0 {
		return nil, false
	}
	switch msg.String() {
	case "esc":
		return nil, p.Unmark()
	case "j", "down":
		return p.want(p.cursor() + 1), true
	case "k", "up":
		return p.want(p.cursor() - 1), true
	case "home", "g":
		return p.want(0), true
	case "end", "G":
		return p.want(len(p.rows) - 1), true
	}
	return nil, false
}

// cursor is the pod that was asked for last, or is chosen; -1 if neither exists.
func (p *Pane) cursor() int {
	name := p.chosen
	if p.wanted != "" {
		name = p.wanted
	}
	for i := range p.rows {
		if p.rows[i].name == name {
			return i
		}
	}
	return -1
}

func (p *Pane) want(i int) lab.Action {
	p.wanted = p.rows[min(max(i, 0), len(p.rows)-1)].name
	return lab.ChoosePod{Pod: p.wanted}
}

// Keys returns the pane's own keys.
func (p *Pane) Keys() []key.Binding {
	return []key.Binding{
		key.NewBinding(key.WithKeys("j", "k", "down", "up", "home", "end", "g", "G"),
			key.WithHelp("j/k", lab.T("파드 고르기", "choose a pod").In(p.lang))),
	}
}
