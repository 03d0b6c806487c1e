package tui

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"healthlab/lab"
	"healthlab/tui/hangul"
	"healthlab/tui/theme"
)

// Update routes messages; whatever it does not know is ignored in silence, since Bubble Tea also sends messages of its
// own that have no exported type.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.onSize(msg)
	case tea.BackgroundColorMsg:
		m.onBackground(msg)
	case tea.ColorProfileMsg:
		m.onColorProfile(msg)
	case tea.KeyPressMsg:
		return m, m.onKey(msg)
	case tea.PasteMsg:
		m.onPaste(msg)
	case tea.MouseClickMsg:
		return m, m.onClick(msg.Mouse())
	case tea.MouseMotionMsg:
		m.onDrag(msg.Mouse())
	case tea.MouseReleaseMsg:
		m.drag = nil
	case tea.MouseWheelMsg:
		m.onWheel(msg.Mouse())
	case tea.ResumeMsg:
		m.dirty = true
	case movedMsg:
		m.dirty = true
	case tickMsg:
		m.onTick()
		return m, tea.Batch(m.pending.arrive(false), m.tick())
	case feedMsg:
		return m, m.onFeed(msg)
	case actionFailedMsg:
		return m, m.onActionFailed(msg)
	case noticeMsg:
		m.onNotice(msg)
	case copyMsg:
		return m, m.copier.put(msg.text)
	case forgetMsg:
		m.question.onForget(msg)
	case historyMsg:
		m.prompt.history = msg.Lines
	case completedMsg:
		m.prompt.onCompleted(msg)
	case logMsg:
		m.log.onLog(msg)
	case editedMsg:
		m.editor.onEdited(msg)
	case contextsMsg:
		return m, m.chooser.onContexts(msg)
	case answerMsg:
		m.chooser.onAnswer(msg)
	case loginMsg:
		return m, m.chooser.onLogin(msg)
	case remainsMsg:
		return m, m.cleanUp.onRemains(msg)
	case deletedMsg:
		return m, m.cleanUp.onDeleted(msg)
	}
	return m, nil
}

func (m *Model) onSize(msg tea.WindowSizeMsg) {
	m.w, m.h = max(msg.Width, 0), max(msg.Height, 0)
	m.drag = nil
	m.arrange()
}

// onTick draws anew only if that could make a difference.
func (m *Model) onTick() {
	m.dirty = m.dirty || m.moving()
	m.replay.heed()
	m.expire()
}

func (m *Model) onBackground(msg tea.BackgroundColorMsg) {
	if !m.followBackground {
		return
	}
	m.themeName = theme.Light
	if msg.IsDark() {
		m.themeName = theme.Dark
	}
	m.restyle()
}

func (m *Model) onColorProfile(msg tea.ColorProfileMsg) {
	m.noColor = m.cfg.NoColor || msg.Profile <= colorprofile.ASCII
	m.sixteen = msg.Profile == colorprofile.ANSI
	m.restyle()
}

// onKey gives the press to the prompt or the pane that the user types in, or else to the dialog, the focused pane, and the
// keymap, in that order.
func (m *Model) onKey(msg tea.KeyPressMsg) tea.Cmd {
	m.dirty = true
	if m.prompt.open && !m.layout.TooSmall {
		return m.prompt.onKey(msg)
	}
	if d, ok := m.dialog.(*fieldDialog); ok && !m.layout.TooSmall && msg.String() != "ctrl+c" {
		return m.closeIf(d.press(msg))
	}
	if p, ok := m.panes[m.focus].(Typist); ok && m.dialog == nil && p.Typing() && msg.String() != "ctrl+c" {
		action, _ := m.panes[m.focus].HandleKey(msg)
		return m.do(action)
	}
	if hangul.Is(msg) && !m.hangulTold {
		m.hangulTold = true
		m.tell(hangulHint(), toneInfo)
	}
	var cmds []tea.Cmd
	for _, k := range hangul.Keys(msg) {
		cmds = append(cmds, m.onPlainKey(k))
	}
	return tea.Batch(cmds...)
}

func (m *Model) onPlainKey(k tea.KeyPressMsg) tea.Cmd {
	name := k.String()
	if m.layout.TooSmall {
		return m.onKeyUnseen(name)
	}
	if m.dialog != nil && name != "ctrl+c" {
		return m.closeIf(m.dialog.key(name))
	}
	if !m.presenter {
		if action, handled := m.panes[m.focus].HandleKey(k); handled {
			return m.do(action)
		}
	}
	b, ok := m.keys.lookup(name)
	if !ok {
		if k.Text != "" {
			m.tell(lab.Textf("%[1]s 키에는 동작이 없습니다. %[2]s 키로 도움말을 봅니다.", "%[1]s does nothing here. Press %[2]s for help.",
				keyName(name, m.ascii), m.key("help")), toneInfo)
		}
		return nil
	}
	return m.act(b)
}

// act does what a key is bound to, or tells why it is disabled now.
func (m *Model) act(b Binding) tea.Cmd {
	if m.pending.holds(b) {
		return nil
	}
	if b.disabled != nil {
		if why := b.disabled(m); !why.IsZero() {
			m.tell(why, toneInfo)
			return nil
		}
	}
	return b.do(m)
}

// onKeyUnseen heeds only the keys whose effect needs no screen.
func (m *Model) onKeyUnseen(name string) tea.Cmd {
	switch b, _ := m.keys.lookup(name); b.ID {
	case "quit":
		return tea.Quit
	case "suspend":
		return b.do(m)
	}
	return nil
}

func (m *Model) onPaste(msg tea.PasteMsg) {
	if m.prompt.open {
		m.prompt.paste(msg)
		m.dirty = true
	} else if d, ok := m.dialog.(*fieldDialog); ok {
		d.paste(msg)
		m.dirty = true
	}
}

// do returns the command that carries out a. A nil action needs none.
func (m *Model) do(a lab.Action) tea.Cmd { return m.doThen(a, nil) }

// doThen is do, with a message that comes once a was accepted.
func (m *Model) doThen(a lab.Action, accepted tea.Msg) tea.Cmd {
	if a == nil {
		return nil
	}
	if to, ok := a.(lab.GoTo); ok {
		m.pending.ask(to)
	}
	session := m.cfg.Lab
	return m.during(func(ctx context.Context) tea.Msg {
		if err := session.Do(ctx, a); err != nil {
			return actionFailedMsg{a, err}
		}
		return accepted
	})
}

// openPrompt lets the user type a command, and brings forward what it will say.
func (m *Model) openPrompt() tea.Cmd {
	m.tabChosen = false
	m.bringForward(Output)
	return m.prompt.start()
}

// typing reports whether the user is typing a command.
func (m *Model) typing() bool { return m.prompt.open }

// during returns the command that does what takes its time, unless the console has ended by then.
func (m *Model) during(f func(ctx context.Context) tea.Msg) tea.Cmd {
	work := m.work
	return func() tea.Msg { return work(f) }
}

func (m *Model) onActionFailed(msg actionFailedMsg) tea.Cmd {
	if !errors.Is(msg.Err, context.Canceled) {
		m.fail(lab.InFull(msg.Err))
	}
	m.adopt.comparing = nil
	_, going := msg.Action.(lab.GoTo)
	return m.pending.arrive(going)
}

func (m *Model) onNotice(msg noticeMsg) {
	if msg.Error {
		m.fail(msg.Text)
		return
	}
	m.tell(msg.Text, toneInfo)
}
