package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/tui/theme"
	"healthlab/tui/widget"
)

// These are what the bindings do. Each is called only if its why method has nothing to say.

func (m *Model) runStep() tea.Cmd {
	_, s := m.current()
	if len(s.Commands) == 0 {
		return m.inject(s.Fault)
	}
	var asks []string
	for _, ask := range m.moment().Confirmations() {
		asks = append(asks, m.say(ask))
	}
	run := func() tea.Cmd {
		m.bringForward(Output)
		return m.do(lab.RunStep{Confirmed: len(asks) > 0})
	}
	return m.question.before(func() tea.Cmd {
		if len(asks) == 0 {
			return run()
		}
		m.confirm(strings.Join(asks, "\n"), run)
		return nil
	})
}

func (m *Model) goBy(n int) tea.Cmd {
	to, ok := m.moment().By(n)
	if !ok {
		return nil
	}
	return m.do(to)
}

func (m *Model) chooseStep() tea.Cmd {
	var items []string
	var targets []lab.GoTo
	now, at := m.moment(), 0
	for i, l := range m.cfg.Labs {
		for j, s := range l.Steps {
			place, mark := lab.GoTo{Lab: i, Step: j}, m.style.Glyphs.Todo
			if now.Done(place) {
				mark = m.style.Glyphs.Done
			}
			if place == now.Here() {
				at = len(items)
			}
			items = append(items, fmt.Sprintf("%s %s %d. %s", mark, m.say(l.Title), j+1, m.say(s.Title)))
			targets = append(targets, place)
		}
	}
	m.choose(m.texts.StepsTitle, "", items, at, func(i int) tea.Cmd { return m.do(targets[i]) })
	return nil
}

func (m *Model) injectByRole(role lab.FaultRole) tea.Cmd {
	f, _ := m.moment().FaultFor(role)
	return m.inject(f.ID)
}

// inject carries out a fault, after the step's question if the step is about that fault.
func (m *Model) inject(id string) tea.Cmd {
	m.bringForward(ProbeLog)
	run := func() tea.Cmd { return m.do(lab.Inject{Fault: id}) }
	if _, s := m.current(); s != nil && s.Fault == id {
		return m.question.before(run)
	}
	return run()
}

func (m *Model) chooseFault() tea.Cmd {
	l, _ := m.current()
	var items []string
	for _, f := range l.Faults {
		items = append(items, m.say(f.Title)+" - "+m.say(f.Effect))
	}
	m.choose(m.texts.FaultsTitle, "", items, 0, func(i int) tea.Cmd {
		id := l.Faults[i].ID
		if why := m.moment().WhyNot(lab.Inject{Fault: id}); !why.IsZero() {
			m.tell(why.Text, toneInfo)
			return nil
		}
		return m.inject(id)
	})
	return nil
}

func (m *Model) choosePod() tea.Cmd {
	var items, names []string
	at := 0
	for i, p := range m.snap.Pods {
		if p.Name == m.snap.ChosenPod {
			at = i
		}
		items = append(items, fmt.Sprintf("%s  %d/%d  %s",
			widget.Clean(p.Name), p.ReadyContainers, p.TotalContainers, widget.Clean(p.Status)))
		names = append(names, p.Name)
	}
	m.choose(m.texts.PodsTitle, "", items, at, func(i int) tea.Cmd { return m.do(lab.ChoosePod{Pod: names[i]}) })
	return nil
}

func (m *Model) resetLab() tea.Cmd {
	m.confirm(m.say(m.texts.ResetAsk), func() tea.Cmd {
		l, s := m.current()
		if s == nil {
			return nil
		}
		return m.doThen(lab.ResetLab{}, forgetMsg{l.ID, l.Steps})
	})
	return nil
}

func (m *Model) resetStep() tea.Cmd {
	m.confirm(m.say(m.texts.ResetStepAsk), func() tea.Cmd {
		l, s := m.current()
		if s == nil {
			return nil
		}
		return m.doThen(lab.ResetStep{}, forgetMsg{l.ID, []lab.Step{*s}})
	})
	return nil
}

func (m *Model) showHint() tea.Cmd {
	_, s := m.current()
	m.hints = m.hints%len(s.Hints) + 1
	m.read(textf(m.texts.HintTitle, m.hints, len(s.Hints)), []string{m.moment().Fill(m.say(s.Hints[m.hints-1]))})
	return nil
}

func (m *Model) showSolution() tea.Cmd {
	_, s := m.current()
	solution := s.Solution
	m.confirm(m.say(m.texts.SolutionAsk), func() tea.Cmd {
		m.read(m.texts.SolutionTitle, []string{m.moment().Fill(m.say(solution))})
		return nil
	})
	return nil
}

// focusBy moves the focus among the panes that can be seen.
func (m *Model) focusBy(n int) {
	ids := m.layout.shown()
	if m.zoomed {
		ids = slices.DeleteFunc(paneIDs(), func(id PaneID) bool { return id == Replicas && !m.replicas() })
	}
	if len(ids) == 0 {
		return
	}
	i := slices.Index(ids, m.focus)
	m.setFocus(ids[((i+n)%len(ids)+len(ids))%len(ids)])
}

func (m *Model) setFocus(id PaneID) {
	m.focus = id
	m.presenter = false
	if m.layout.shares(id) {
		m.tab, m.tabChosen = id, true
	}
	m.arrange()
}

// bringForward shows a pane that shares its place with others, unless the user has chosen what to see there. The focus
// moves there only if it was on the pane that is now behind.
func (m *Model) bringForward(id PaneID) {
	if m.tabChosen || m.zoomed || m.presenter || slices.Contains(m.layout.shown(), id) {
		return
	}
	for _, c := range m.layout.Columns {
		for _, p := range c.Places {
			if slices.Contains(p.Panes, id) && p.Front == m.focus {
				m.focus = id
			}
		}
	}
	m.tab = id
	m.arrange()
}

func (m *Model) toggleZoom() tea.Cmd {
	m.presenter = false
	m.zoomed = !m.zoomed
	m.arrange()
	return nil
}

func (m *Model) togglePresenter() tea.Cmd {
	m.zoomed = false
	m.presenter = !m.presenter
	m.arrange()
	return nil
}

func (m *Model) nextTheme() tea.Cmd {
	m.followBackground = false
	m.themeName = m.themeName.Next()
	m.restyle()
	names := map[theme.Name]lab.Text{
		theme.Dark:         {Ko: "어둡게", En: "dark"},
		theme.Light:        {Ko: "밝게", En: "light"},
		theme.HighContrast: {Ko: "고대비", En: "high contrast"},
	}
	n := names[m.themeName]
	m.tell(lab.Text{Ko: fmt.Sprintf(m.texts.ThemeNow.Ko, n.Ko), En: fmt.Sprintf(m.texts.ThemeNow.En, n.En)}, toneInfo)
	return nil
}

func (m *Model) nextLanguage() tea.Cmd {
	if m.lang == lab.Korean {
		m.lang = lab.English
	} else {
		m.lang = lab.Korean
	}
	m.restyle()
	if m.cfg.OnLang != nil {
		m.cfg.OnLang(m.lang)
	}
	return nil
}

func (m *Model) toggleMouse() tea.Cmd {
	m.mouse = !m.mouse
	m.drag = nil
	if m.mouse {
		m.tell(m.texts.MouseTaken, toneInfo)
	} else {
		m.tell(m.texts.MouseHanded, toneInfo)
	}
	return nil
}

func (m *Model) showTasks() tea.Cmd {
	tasks := slices.Clone(m.snap.Tasks)
	slices.Reverse(tasks) // newest first
	var items []string
	for _, t := range tasks {
		items = append(items, m.taskLine(t))
	}
	m.choose(m.texts.TasksTitle, "", items, 0, func(i int) tea.Cmd {
		t := tasks[i]
		if t.State == lab.TaskRunning {
			m.confirm(m.sayf(m.texts.TaskCancelAsk, m.taskName(t)), func() tea.Cmd {
				return m.do(lab.Cancel{Task: t.ID})
			})
			return nil
		}
		var lines []string
		for _, part := range []string{m.say(t.Title), t.Line, m.say(t.Problem), m.say(t.Note), t.Output} {
			if part != "" {
				lines = append(lines, part, "")
			}
		}
		m.read(m.texts.TasksTitle, lines)
		return nil
	})
	return nil
}

// taskLine is a task with its state and how long it has taken.
func (m *Model) taskLine(t lab.Task) string {
	g, name := m.style.Glyphs, m.taskName(t)
	took := span(t.Took, m.lang)
	switch t.State {
	case lab.TaskRunning:
		return g.Running + " " + m.sayf(m.texts.TaskFor, name, span(m.now().Sub(t.Started), m.lang))
	case lab.TaskFailed:
		return g.Fail + " " + name + ", " + m.sayf(m.texts.TaskFailed, took)
	case lab.TaskCanceled:
		return g.Canceled + " " + name + ", " + m.sayf(m.texts.TaskCanceled, took)
	case lab.TaskDone:
	}
	return g.Done + " " + name + ", " + m.sayf(m.texts.TaskDone, took)
}

// span is a duration in whole units, or tenths of a second below ten seconds.
func span(d time.Duration, l lab.Lang) string {
	d = max(d, 0)
	s := int(d / time.Second)
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf(l.Pick("%.1f초", "%.1fs"), d.Seconds())
	case s < 60:
		return fmt.Sprintf(l.Pick("%d초", "%ds"), s)
	case s < 3600:
		return fmt.Sprintf(l.Pick("%d분 %d초", "%dm%ds"), s/60, s%60)
	default:
		return fmt.Sprintf(l.Pick("%d시간 %d분", "%dh%dm"), s/3600, s/60%60)
	}
}

// dismiss closes the innermost thing that can be closed.
func (m *Model) dismiss() tea.Cmd {
	switch {
	case m.news.dismiss():
	case m.zoomed:
		return m.toggleZoom()
	case m.presenter:
		return m.togglePresenter()
	default:
		m.clear()
	}
	return nil
}

func (m *Model) showError() tea.Cmd {
	var lines []string
	for _, f := range slices.Backward(m.fails) {
		lines = append(lines, m.say(f.text), "")
	}
	m.read(m.texts.ErrorTitle, lines)
	return nil
}
