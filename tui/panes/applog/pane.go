package applog

import (
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/cause"
	"healthlab/tui/rows"
	"healthlab/tui/theme"
	"healthlab/tui/widget"
)

// Pane shows what the chosen pod's container wrote.
type Pane struct {
	widget.Scrolled

	style theme.Style
	lang  lab.Lang
	pod   string
	log   []lab.LogLine
	// marked is when the line was written that a cause rests on; zero for none.
	marked time.Time
}

// New returns an empty pane.
func New() *Pane { return &Pane{Scrolled: widget.Scrolled{Scroll: widget.NewScroll(true)}} }

// Title names the pane and, once there is one, the pod.
func (p *Pane) Title(l lab.Lang) string {
	title := lab.T("앱 로그", "App log")
	if p.pod != "" {
		title = lab.Textf("%s: %s", "%s: %s", title, widget.Clean(p.pod))
	}
	return rows.Title(title, &p.Scroll).In(l)
}

// SetStyle sets theme and language.
func (p *Pane) SetStyle(s theme.Style, l lab.Lang) {
	p.style, p.lang = s, l
	p.Frame.Invalidate()
}

// SetSnapshot takes over the log of the chosen pod. Another pod's log is followed from its end.
func (p *Pane) SetSnapshot(s *lab.Snapshot) {
	if s.ChosenPod != p.pod {
		p.pod = s.ChosenPod
		p.Scroll, p.marked = widget.NewScroll(true), time.Time{}
		p.Frame.Invalidate()
	}
	if !slices.Equal(p.log, s.Log) {
		p.Scroll.Dropped(widget.Dropped(p.log, s.Log))
		p.log = s.Log
		p.Frame.Invalidate()
	}
}

// Empty reports whether nothing was logged.
func (p *Pane) Empty() bool { return len(p.log) == 0 }

// View draws the pane.
func (p *Pane) View(now time.Time) string {
	return p.Frame.Draw(now, p.style.Glyphs.Ellipsis, func(_, h int) ([]string, bool) { return p.draw(h, now) })
}

func (p *Pane) draw(h int, now time.Time) ([]string, bool) {
	if len(p.log) == 0 {
		return []string{p.style.Placeholder.Render(p.empty())}, false
	}
	from, to := p.Window(len(p.log), h)
	lines := make([]string, 0, to-from)
	fading := false
	for _, r := range logRows(p.log[from:to]) {
		mark := p.style.Muted
		if st, recent := p.style.Changed(now.Sub(r.at)); recent {
			mark, fading = st, true
		}
		text := p.style.Text
		if r.probe {
			text = p.style.Muted
		}
		if !p.marked.IsZero() && r.at.Equal(p.marked) {
			mark, text = p.style.Selected, p.style.Selected
		}
		lines = append(lines, mark.Render(r.clock)+" "+text.Render(r.text))
	}
	return lines, fading
}

func (p *Pane) empty() string {
	if p.pod == "" {
		return lab.T("파드를 고르면 로그가 보입니다.", "Choose a pod to see its log.").In(p.lang)
	}
	return lab.T("아직 로그가 없습니다.", "No log yet.").In(p.lang)
}

// Point marks the line that a cause rests on and brings it into sight. It is false if that is no line, or not there any more.
func (p *Pane) Point(ref cause.Ref) bool {
	line, ok := ref.(cause.LogRef)
	i := slices.IndexFunc(p.log, func(one lab.LogLine) bool { return !one.At.IsZero() && one.At.Equal(line.At) })
	if !ok || i < 0 {
		return false
	}
	p.marked = line.At
	p.Reveal(i)
	return true
}

// Unmark takes the mark away and follows the newest again. It reports whether there was one.
func (p *Pane) Unmark() bool {
	if p.marked.IsZero() {
		return false
	}
	p.marked = time.Time{}
	p.Scroll.Bottom()
	p.Frame.Invalidate()
	return true
}

// HandleKey scrolls; Esc takes the mark away.
func (p *Pane) HandleKey(msg tea.KeyPressMsg) (lab.Action, bool) {
	if msg.String() == "esc" && p.Unmark() {
		return nil, true
	}
	return nil, p.ScrollKey(msg)
}

// Keys returns the pane's own keys.
func (p *Pane) Keys() []key.Binding {
	return widget.ScrollKeys(lab.T("스크롤", "scroll").In(p.lang), lab.T("처음/이어 보기", "start/follow").In(p.lang))
}
