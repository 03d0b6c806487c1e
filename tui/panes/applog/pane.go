package applog

import (
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/tui/theme"
	"healthlab/tui/widget"
)

// Pane shows what the chosen pod's container wrote.
type Pane struct {
	frame  widget.Frame
	style  theme.Style
	lang   lab.Lang
	pod    string
	log    []lab.LogLine
	scroll widget.Scroll
}

// New returns an empty pane.
func New() *Pane { return &Pane{scroll: widget.NewScroll(true)} }

// Title names the pane and, once there is one, the pod.
func (p *Pane) Title(l lab.Lang) string {
	title := l.Pick("앱 로그", "App log")
	if p.pod != "" {
		title += ": " + p.pod
	}
	if !p.scroll.Following() {
		title += l.Pick(" (멈춤, G로 이어 보기)", " (paused, G follows)")
	}
	return title
}

// SetSize sets the size inside the border, in cells.
func (p *Pane) SetSize(w, h int) { p.frame.Resize(w, h) }

// SetStyle sets theme and language.
func (p *Pane) SetStyle(s theme.Style, l lab.Lang) {
	p.style, p.lang = s, l
	p.frame.Invalidate()
}

// SetSnapshot takes over the log of the chosen pod. Another pod's log is followed from its end.
func (p *Pane) SetSnapshot(s *lab.Snapshot) {
	if s.ChosenPod != p.pod {
		p.pod = s.ChosenPod
		p.scroll = widget.NewScroll(true)
		p.frame.Invalidate()
	}
	if !slices.Equal(p.log, s.Log) {
		p.scroll.Dropped(widget.Dropped(p.log, s.Log))
		p.log = s.Log
		p.frame.Invalidate()
	}
}

// View draws the pane.
func (p *Pane) View(now time.Time) string {
	return p.frame.Draw(now, p.style.Glyphs.Ellipsis, func(_, h int) ([]string, bool) { return p.draw(h, now) })
}

func (p *Pane) draw(h int, now time.Time) ([]string, bool) {
	if len(p.log) == 0 {
		return []string{p.style.Placeholder.Render(p.empty())}, false
	}
	p.scroll.Fit(len(p.log), h)
	from, to := p.scroll.Window()
	lines := make([]string, 0, to-from)
	fading := false
	for _, r := range rows(p.log[from:to]) {
		mark := p.style.Muted
		if st, recent := p.style.Changed(now.Sub(r.at)); recent {
			mark, fading = st, true
		}
		text := p.style.Text
		if r.probe {
			text = p.style.Muted
		}
		lines = append(lines, mark.Render(r.clock)+" "+text.Render(r.text))
	}
	return lines, fading
}

func (p *Pane) empty() string {
	if p.pod == "" {
		return p.lang.Pick("파드를 고르면 로그가 보입니다.", "Choose a pod to see its log.")
	}
	return p.lang.Pick("아직 로그가 없습니다.", "Nothing logged yet.")
}

// Animated reports whether lines on the screen still stand out because they are new.
func (p *Pane) Animated() bool { return p.frame.Ticking() }

// ScrollBy scrolls n lines down.
func (p *Pane) ScrollBy(n int) {
	p.scroll.By(n)
	p.frame.Invalidate()
}

// HandleKey scrolls.
func (p *Pane) HandleKey(msg tea.KeyPressMsg) (lab.Action, bool) {
	if !p.scroll.HandleKey(msg) {
		return nil, false
	}
	p.frame.Invalidate()
	return nil, true
}

// Keys returns the pane's own keys.
func (p *Pane) Keys() []key.Binding {
	return widget.ScrollKeys(p.lang.Pick("스크롤", "scroll"), p.lang.Pick("처음/이어 보기", "start/follow"))
}
