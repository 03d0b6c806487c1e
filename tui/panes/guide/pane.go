package guide

import (
	"fmt"
	"strconv"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/tui/theme"
	"healthlab/tui/widget"
)

// Pane shows the current step of a lab.
type Pane struct {
	labs             []lab.Lab
	runKey, nextKey  string
	frame            widget.Frame
	style            theme.Style
	generation       int // of the style
	lang             lab.Lang
	snapshot         *lab.Snapshot
	lab              lab.Lab
	step             lab.Step
	there            bool // lab and step are set
	goals            []goal
	pinned           fingerprint
	page             page
	scroll           widget.Scroll
	opened           map[string]opened // by lab and step ID
	confirmsSolution bool
}

// opened is what the student has asked for, or answered, in a step.
type opened struct {
	hints    int
	solution bool
	answer   int // 1 and up; 0 for none yet, -1 for skipped
}

// fingerprint is what of a snapshot is drawn, other than goals.
type fingerprint struct {
	lab, step          int
	namespace, dir     string
	pod, labID, stepID string
}

// New returns the pane for labs. The keys are named in what it tells the student to do next.
func New(labs []lab.Lab) *Pane { return &Pane{labs: labs, opened: map[string]opened{}} }

// SetKeys says which keys run the step's commands and go to the next step; an empty one is not mentioned.
func (p *Pane) SetKeys(run, next string) {
	p.runKey, p.nextKey = run, next
	p.frame.Invalidate()
}

// Title names the lab and the step.
func (p *Pane) Title(l lab.Lang) string {
	if !p.there {
		return l.Pick("안내", "Guide")
	}
	return fmt.Sprintf("%s %d/%d: %s", p.lab.Title.In(l), p.pinned.step+1, len(p.lab.Steps), p.step.Title.In(l))
}

// SetSize sets the size inside the border, in cells.
func (p *Pane) SetSize(w, h int) { p.frame.Resize(w, h) }

// SetStyle sets theme and language.
func (p *Pane) SetStyle(s theme.Style, l lab.Lang) {
	p.style, p.lang = s, l
	p.generation++
	p.frame.Invalidate()
}

// SetSnapshot takes over the position and the goals. Another step is read from its beginning.
func (p *Pane) SetSnapshot(s *lab.Snapshot) {
	p.snapshot = s
	f := fingerprint{
		lab: s.Position.Lab, step: s.Position.Step, namespace: s.Cluster.Namespace, dir: s.Dir, pod: s.ChosenPod,
	}
	p.lab, p.step, p.there = current(p.labs, s.Position)
	f.labID, f.stepID = p.lab.ID, p.step.ID
	g := goals(s.Position.Goals)
	if f == p.pinned && equal(g, p.goals) {
		return
	}
	if f.labID != p.pinned.labID || f.stepID != p.pinned.stepID {
		p.scroll, p.confirmsSolution = widget.NewScroll(false), false
	}
	p.pinned, p.goals = f, g
	p.frame.Invalidate()
}

func equal(a, b []goal) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func (p *Pane) id() string { return p.pinned.labID + "/" + p.pinned.stepID }

// Asking reports whether the step has a question that was neither answered nor skipped.
func (p *Pane) Asking() bool {
	return p.there && p.step.Question != nil && p.opened[p.id()].answer == 0 && !done(p.goals)
}

// Answer answers the step's question with option i, from 0; any i that is no option skips it. It reports whether there
// was a question to answer.
func (p *Pane) Answer(i int) bool {
	if !p.Asking() {
		return false
	}
	o := p.opened[p.id()]
	o.answer = -1
	if i >= 0 && i < len(p.step.Question.Options) {
		o.answer = i + 1
	}
	p.opened[p.id()] = o
	p.frame.Invalidate()
	return true
}

// Hint opens the next hint of the step; after the last one it closes them all. It reports whether there are any.
func (p *Pane) Hint() bool {
	if !p.there || len(p.step.Hints) == 0 {
		return false
	}
	o := p.opened[p.id()]
	o.hints = (o.hints + 1) % (len(p.step.Hints) + 1)
	p.opened[p.id()] = o
	p.scroll.Fit(1<<20, 0) // what was opened is at the end of the text; drawing brings it back into range
	if o.hints > 0 {
		p.scroll.Bottom()
	}
	p.frame.Invalidate()
	return true
}

// Solution asks whether to show the step's solution and, asked again, shows it. It reports whether there is one.
func (p *Pane) Solution() bool {
	if !p.there || p.step.Solution.IsZero() {
		return false
	}
	o := p.opened[p.id()]
	switch {
	case o.solution:
		o.solution = false
	case p.confirmsSolution:
		o.solution, p.confirmsSolution = true, false
	default:
		p.confirmsSolution = true
	}
	p.opened[p.id()] = o
	p.frame.Invalidate()
	return true
}

// View draws the pane.
func (p *Pane) View(now time.Time) string {
	return p.frame.Draw(now, p.style.Glyphs.Ellipsis, func(w, h int) ([]string, bool) { return p.draw(w, h), false })
}

// ScrollBy scrolls n lines down.
func (p *Pane) ScrollBy(n int) {
	p.scroll.By(n)
	p.frame.Invalidate()
}

// HandleKey scrolls, answers the question and opens hints.
func (p *Pane) HandleKey(msg tea.KeyPressMsg) (lab.Action, bool) {
	switch s := msg.String(); s {
	case "1", "2", "3", "4":
		i, _ := strconv.Atoi(s)
		if p.Asking() && i <= len(p.step.Question.Options) {
			return nil, p.Answer(i - 1)
		}
		return nil, false
	case "0":
		return nil, p.Answer(-1)
	case "i":
		return nil, p.Hint()
	case "S":
		return nil, p.Solution()
	}
	if !p.scroll.HandleKey(msg) {
		return nil, false
	}
	p.frame.Invalidate()
	return nil, true
}

// Keys returns the pane's own keys.
func (p *Pane) Keys() []key.Binding {
	pick := p.lang.Pick
	keys := widget.ScrollKeys(pick("스크롤", "scroll"), pick("처음/끝", "start/end"))
	hint := key.NewBinding(key.WithKeys("i"), key.WithHelp("i", pick("힌트", "hint")))
	hint.SetEnabled(p.there && len(p.step.Hints) > 0)
	solution := key.NewBinding(key.WithKeys("S"), key.WithHelp("S", pick("정답 보기", "solution")))
	solution.SetEnabled(p.there && !p.step.Solution.IsZero())
	answer := key.NewBinding(key.WithKeys("1", "2", "3", "4", "0"), key.WithHelp("1-4", pick("답하기 (0 건너뛰기)", "answer (0 skips)")))
	answer.SetEnabled(p.Asking())
	return append(keys, hint, solution, answer)
}
