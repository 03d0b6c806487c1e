package stage

import (
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/timeline"
	"healthlab/tui/chart"
	"healthlab/tui/theme"
	"healthlab/tui/widget"
)

// Pane shows a step to a room full of people.
type Pane struct {
	frame  widget.Frame
	style  theme.Style
	lang   lab.Lang
	moment course.Moment
	view   *timeline.View
	chart  *chart.Chart
	axis   chart.Axis
	marks  []chart.Mark
	why    lab.Text // zero for none
}

// New returns a pane for labs; home is the user's home directory, which command lines shorten to ~.
func New(labs []lab.Lab, home string) *Pane {
	return &Pane{view: &timeline.View{}, moment: course.Moment{Labs: labs, Snapshot: &lab.Snapshot{}, Home: home}}
}

// Title returns the pane's title.
func (p *Pane) Title(l lab.Lang) string { return lab.T("발표", "Presenter").In(l) }

// SetSize sets the size in cells.
func (p *Pane) SetSize(w, h int) { p.frame.Resize(w, h) }

// SetStyle sets theme and language.
func (p *Pane) SetStyle(s theme.Style, l lab.Lang) {
	p.style, p.lang = s, l
	p.chart = chart.New(&p.style, l)
	p.frame.Invalidate()
}

// SetSnapshot takes over s.
func (p *Pane) SetSnapshot(s *lab.Snapshot) {
	p.moment.Snapshot = s
	p.frame.Invalidate()
}

// SetTimeline takes over what has happened.
func (p *Pane) SetTimeline(v *timeline.View) {
	if v == nil || v == p.view {
		return
	}
	p.view = v
	p.frame.Invalidate()
}

// HandleKey takes no key: all keys are the console's.
func (p *Pane) HandleKey(tea.KeyPressMsg) (lab.Action, bool) { return nil, false }

// Keys are none.
func (p *Pane) Keys() []key.Binding { return nil }

// Animated reports that there is always something that moves: the timer.
func (p *Pane) Animated() bool { return true }

// View draws the pane.
func (p *Pane) View(now time.Time) string {
	return p.frame.Draw(now, p.style.Glyphs.Ellipsis, func(w, h int) ([]string, bool) { return p.draw(w, h, now), true })
}
