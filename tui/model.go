package tui

import (
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/timeline"
	"healthlab/tui/theme"
)

// Model is the console. It is made by New and driven by tea.Program.
type Model struct {
	// Set by New.
	cfg   Config
	work  work            // never called by Update or View themselves
	ended <-chan struct{} // closed at the end; nil if there is none

	// What the console and its flows share.
	*display
	*dialogs
	*news
	*screen

	// What the user has chosen.
	mouse bool // the console, not the terminal, has the mouse

	// Flows.
	preflight preflight
	cleanUp   cleanUp
	chooser   chooser
	copier    copier
	reporter  reporter
	editor    editor
	log       logView
	question  question
	debrief   debrief
	why       why
	steps     steps
	faults    faults
	traffic   trafficking
	tasks     tasks
	pending   pending
	adopt     adopt
	replay    replaying

	// What is under way on the screen.
	prompt     prompt
	hangulTold bool // that keys work in Hangul mode

	// What was drawn.
	frame string
}

// New returns a console that has drawn nothing yet, or says what is wrong with cfg. Its actions end when they are done; Run
// makes one whose actions also end with the program.
func New(cfg Config) (*Model, error) {
	return newModel(cfg, func(f func(context.Context) tea.Msg) tea.Msg { return f(context.Background()) })
}

// work carries out what takes its time. The context ends with the console, and where it has ended f is not called at all.
type work func(f func(ctx context.Context) tea.Msg) tea.Msg

func newModel(cfg Config, work work) (*Model, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	keys, err := NewKeymap(cfg.Keys)
	if err != nil {
		return nil, err
	}
	d := &display{
		keys: keys, now: cfg.Now, clock: cfg.Now, lang: cfg.Lang, ascii: cfg.ASCII, noColor: cfg.NoColor,
		themeName: cfg.Theme, followBackground: cfg.Theme == "",
	}
	if d.themeName == "" {
		d.themeName = theme.Dark
	}
	if cfg.Replay != nil {
		d.clock = cfg.Replay.Now
	}
	panes, guide := newPanes(cfg, keys)
	m := &Model{
		display: d, dialogs: &dialogs{display: d}, news: &news{display: d},
		cfg: cfg, work: work,
		mouse: !cfg.NoMouse,
	}
	m.screen = &screen{
		display: d, panes: panes,
		snap: &lab.Snapshot{
			Cluster: lab.Cluster{Phase: lab.Starting, Since: cfg.Now(), Namespace: cfg.Namespace}, Dir: cfg.Dir, Replay: cfg.Replay != nil,
		},
		focus: Guide, tab: ProbeLog, presenter: cfg.Presenter, rowShift: map[PaneID]int{}, drawn: map[PaneID]drawnPlace{},
	}
	f := flow{m, m.display, m.dialogs, m.news, &m.cfg}
	m.preflight = preflight{flow: f}
	m.cleanUp = cleanUp{flow: f}
	m.adopt = adopt{flow: f}
	m.chooser = chooser{flow: f, way: &m.cleanUp}
	m.question = question{flow: f, guide: guide}
	m.debrief = debrief{
		flow: f, screen: m.screen, view: func() *timeline.View { return m.view },
		answers: func() course.Answers { return m.question.answers },
	}
	m.question.changed = m.debrief.mark
	m.why = why{flow: f, screen: m.screen}
	m.faults = faults{flow: f, question: &m.question}
	m.steps = steps{flow: f, question: &m.question, faults: &m.faults}
	m.traffic = trafficking{f}
	m.tasks = tasks{f}
	m.pending = pending{flow: f, act: m.act}
	m.copier, m.editor, m.log = copier{f}, editor{f}, logView{f}
	m.reporter = reporter{f}
	m.replay = replaying{flow: f, player: cfg.Replay}
	m.prompt = newPrompt(f)
	m.restyle()
	m.handOut()
	m.question.set(cfg.Answers)
	m.replay.begin()
	return m, nil
}

// Init asks the terminal for its background, reads the prompt's history and starts the clock.
func (m *Model) Init() tea.Cmd {
	return tea.Batch(tea.RequestBackgroundColor, m.prompt.readHistory(), m.tick())
}

// View returns the screen. It draws anew only if something has changed since it last did.
func (m *Model) View() tea.View {
	if m.dirty {
		m.frame = m.draw()
		m.dirty = false
	}
	v := tea.NewView(m.frame)
	v.AltScreen = true
	v.WindowTitle = "healthlab"
	v.BackgroundColor, v.ForegroundColor = m.style.Background, m.style.Foreground
	if m.mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	v.KeyboardEnhancements.ReportAlternateKeys = true
	switch {
	case m.layout.TooSmall:
	case m.prompt.open:
		v.Cursor = m.prompt.cursor(m.layout.Footer)
	case m.dialog != nil:
		v.Cursor = m.cursor()
	}
	return v
}

// moment is how everything stands, for what is known about labs.
func (m *Model) moment() course.Moment {
	return course.Moment{Labs: m.cfg.Labs, Snapshot: m.snap, Answers: m.question.answers, Home: m.cfg.Home}
}

// moving reports whether something in sight moves with time.
func (m *Model) moving() bool {
	if m.presenter || m.replay.moving() || m.snap.Cluster.Phase != lab.Up || !m.latest.Text.IsZero() || len(m.moment().Running()) > 0 {
		return true
	}
	return slices.ContainsFunc(m.layout.shown(), func(id PaneID) bool {
		t, ok := m.panes[id].(Ticker)
		return ok && t.Animated()
	})
}

// tick waits until the next whole second, which is when ages and countdowns change, or a fraction of it while a task
// runs or a replay plays.
func (m *Model) tick() tea.Cmd {
	const fraction = 250 * time.Millisecond
	step := time.Second
	if len(m.moment().Running()) > 0 || m.replay.moving() {
		step = fraction
	}
	now := m.now()
	timer := time.NewTimer(max(now.Truncate(step).Add(step).Sub(now), 10*time.Millisecond))
	ended := m.ended
	return func() tea.Msg {
		defer timer.Stop()
		select {
		case <-timer.C:
			return tickMsg{}
		case <-ended: // nobody waits for the tick any more
			return nil
		}
	}
}
