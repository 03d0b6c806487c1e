package guide

import (
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/theme"
	"healthlab/tui/widget"
)

// Pane shows the current step of a lab.
type Pane struct {
	widget.Scrolled

	labs                     []lab.Lab
	home                     string
	runKey, nextKey, copyKey string
	answers                  course.Answers

	style      theme.Style
	generation int // of the style
	lang       lab.Lang
	moment     course.Moment
	lab        lab.Lab
	step       lab.Step
	there      bool // lab and step are set
	work       work
	shown      fingerprint
	page       page // the text
	asked      page // the sentence that says what is to be done
}

// fingerprint is what of a snapshot is drawn, other than commands and goals.
type fingerprint struct {
	lab, step          int
	namespace, dir     string
	pod, labID, stepID string
	next               course.NextKind
	why                course.Code
	complete           bool
}

// New returns the pane for labs. Paths below home, the user's home directory, are shown with ~; empty: in full.
func New(labs []lab.Lab, home string) *Pane { return &Pane{labs: labs, home: home} }

// SetKeys says which keys run the step's commands, go to the next step and copy the commands; an empty one is not mentioned.
func (p *Pane) SetKeys(run, next, copying string) {
	p.runKey, p.nextKey, p.copyKey = run, next, copying
	p.Frame.Invalidate()
}

// SetAnswers says what the user expects of steps.
func (p *Pane) SetAnswers(answers course.Answers) {
	p.answers = answers
	p.Frame.Invalidate()
}

// Title names the step.
func (p *Pane) Title(l lab.Lang) string {
	title := lab.T("안내", "Guide").In(l)
	if p.there {
		title += ": " + p.step.Title.In(l)
	}
	return title
}

// SetStyle sets theme and language.
func (p *Pane) SetStyle(s theme.Style, l lab.Lang) {
	p.style, p.lang = s, l
	p.generation++
	p.Frame.Invalidate()
}

// SetSnapshot takes over the position and the goals. Another step is read from its beginning.
func (p *Pane) SetSnapshot(s *lab.Snapshot) {
	m := course.Moment{Labs: p.labs, Snapshot: s, Home: p.home}
	next := m.Next()
	f := fingerprint{
		lab: s.Position.Lab, step: s.Position.Step, namespace: s.Cluster.Namespace, dir: s.Dir, pod: s.ChosenPod,
		next: next.Kind, why: next.Why.Code, complete: next.Complete,
	}
	p.moment, p.lab, p.step, p.there = m, lab.Lab{}, lab.Step{}, m.Step() != nil
	if p.there {
		p.lab, p.step = *m.Lab(), *m.Step()
	}
	f.labID, f.stepID = p.lab.ID, p.step.ID
	k := work{commands: m.Commands(), goals: goals(m.Goals()), next: next}
	if f == p.shown && slices.Equal(k.goals, p.work.goals) && slices.Equal(k.commands, p.work.commands) {
		return
	}
	if f.labID != p.shown.labID || f.stepID != p.shown.stepID {
		p.Scroll = widget.NewScroll(false)
	}
	p.shown, p.work = f, k
	p.Frame.Invalidate()
}

// View draws the pane.
func (p *Pane) View(now time.Time) string {
	return p.Frame.Draw(now, p.style.Glyphs.Ellipsis, func(w, h int) ([]string, bool) { return p.draw(w, h), false })
}

// HandleKey scrolls.
func (p *Pane) HandleKey(msg tea.KeyPressMsg) (lab.Action, bool) { return nil, p.ScrollKey(msg) }

// Keys returns the pane's own keys.
func (p *Pane) Keys() []key.Binding {
	return widget.ScrollKeys(lab.T("스크롤", "scroll").In(p.lang), lab.T("처음/끝", "start/end").In(p.lang))
}
