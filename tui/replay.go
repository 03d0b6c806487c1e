package tui

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/replay"
	"healthlab/tui/widget"
)

// replaying moves in a run that is over.
type replaying struct {
	flow
	player *replay.Player // nil if the session is live
	ended  bool           // the user was told of the end
}

// movedMsg says that the replay was moved, paused or made faster.
type movedMsg struct{}

// replayBindings are the keys that only a replay has.
func replayBindings() []Binding {
	one := func(id string, name, help lab.Text, do func(*Model) tea.Cmd, keys ...string) Binding {
		return Binding{
			ID: id, Keys: keys, group: groupReplay, Name: name, Help: help,
			do: do, disabled: func(m *Model) lab.Text { return m.replay.disabled() },
			inFooter: func(m *Model) bool { return m.replay.player != nil },
		}
	}
	move := func(how func(*replay.Player)) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd { return m.replay.move(how) }
	}
	return []Binding{
		one("play", lab.T("재생/멈춤", "play"), lab.T("재생하거나 멈춘다. 끝에서는 처음부터 재생한다", "Play or pause; at the end, play from the start"),
			move((*replay.Player).Toggle), "space", ";"),
		one("previous-fact", lab.T("앞 사건", "back"), lab.T("앞의 사건으로 간다", "Go back to the previous thing that happened"),
			move((*replay.Player).Previous), ","),
		one("next-fact", lab.T("다음 사건", "next"), lab.T("다음 사건으로 간다", "Go to the next thing that happened"),
			move((*replay.Player).Next), "."),
		one("faster", lab.T("빠르게", "faster"), lab.T("빠르게 재생한다 (60배까지)", "Play faster, up to 60 times"),
			move(func(p *replay.Player) { p.Faster(1) }), "+", "="),
		one("slower", lab.T("느리게", "slower"), lab.T("느리게 재생한다", "Play slower"),
			move(func(p *replay.Player) { p.Faster(-1) }), "-"),
		one("seek", lab.T("시각", "time"), lab.T("시각을 입력해 간다", "Type a time to go to"),
			func(m *Model) tea.Cmd { return m.replay.ask() }, "@"),
		one("end", lab.T("끝", "end"), lab.T("끝으로 간다", "Go to the end"),
			move((*replay.Player).End), "$"),
	}
}

// begin says what of the run is not there.
func (f *replaying) begin() {
	if f.player == nil {
		return
	}
	for _, missing := range f.player.Recording().Missing {
		f.hear(f.lacks(missing))
	}
}

// beginAnew keeps what is not there among past news; it was said.
func (f *replaying) beginAnew() {
	for _, missing := range f.player.Recording().Missing {
		f.remember(f.lacks(missing))
	}
}

func (f *replaying) lacks(missing lab.Text) note {
	return note{At: f.player.Recording().Start(), Text: missing, Tone: toneBad, Weight: factWeight(lab.FactLabDone)}
}

// disabled is why nothing can be moved.
func (f *replaying) disabled() lab.Text {
	if f.player == nil {
		return lab.T("재생할 때만 쓰는 키입니다. 지난 실행은 healthlab replay로 재생합니다.",
			"This key is for replays: healthlab replay shows an earlier run.")
	}
	return lab.Text{}
}

// move does it outside Update: a long way takes its time.
func (f *replaying) move(how func(*replay.Player)) tea.Cmd {
	player := f.player
	return f.during(func(context.Context) tea.Msg {
		how(player)
		return movedMsg{}
	})
}

// moving reports whether the replay plays.
func (f *replaying) moving() bool { return f.player != nil && f.player.Status().Playing }

// heed says so when the replay is at its end.
func (f *replaying) heed() {
	if f.player == nil {
		return
	}
	ended := f.player.Status().Ended && !f.snap().At.Before(f.player.Now()) // all of it is shown
	if ended && !f.ended {
		f.tell(lab.Textf("기록의 끝입니다. %s 키로 처음부터 다시 재생합니다.", "This is the end of the recording. %s plays it from the start.",
			f.key("play")), toneInfo)
	}
	f.ended = ended
}

// ask lets the user type where to go to.
func (f *replaying) ask() tea.Cmd {
	f.dirty = true
	f.dialog = &seekDialog{
		head: f.say(lab.T("갈 시각", "Go to")),
		hint: f.say(lab.T("12:34(처음부터 잰 분:초)나 15:04:05(시각)를 입력합니다 · Enter 가기 · Esc 닫기",
			"12:34 (minutes and seconds from the start) or 15:04:05 (time of day) · Enter go · Esc close")),
		find: f.player.Recording().Find, say: f.say,
		then: func(to time.Duration) tea.Cmd { return f.move(func(p *replay.Player) { p.Seek(to) }) },
	}
	return nil
}

// part says in the header that this is a replay, and how it stands.
func (f *replaying) part() part {
	s := f.player.Status()
	how := lab.Same(f.style.Glyphs.Current)
	switch {
	case s.Ended:
		how = lab.T("끝", "end")
	case !s.Playing:
		how = lab.T("멈춤", "paused")
	}
	text := lab.Textf("재생 %s %s/%s %d×", "replay %s %s/%s %d×", how, replay.Clock(s.Position), replay.Clock(s.Length), s.Speed)
	return part{" " + f.say(text) + " ", f.style.Real, 100}
}

// seekDialog asks for a time.
type seekDialog struct {
	head, hint     string
	typed, problem string
	find           func(string) (time.Duration, error)
	say            func(lab.Text) string
	then           func(time.Duration) tea.Cmd
}

func (d *seekDialog) title() string { return d.head }

func (d *seekDialog) lines(on *display, w, _ int) []string {
	out := []string{on.style.Command.Render("> " + d.typed + "_")}
	if d.problem != "" {
		out = append(out, styled(on.style.Bad.Render, widget.Wrap(d.problem, w))...)
	}
	return append(append(out, ""), styled(on.style.Muted.Render, widget.Wrap(d.hint, w))...)
}

func (d *seekDialog) key(name string) (bool, func() tea.Cmd) {
	const most = 8 // as in 15:04:05
	switch name {
	case "esc", "q":
		return true, nil
	case "backspace":
		d.typed = d.typed[:max(len(d.typed)-1, 0)]
	case "enter":
		to, err := d.find(d.typed)
		if err != nil {
			d.problem = d.say(lab.InFull(err))
			return false, nil
		}
		return true, func() tea.Cmd { return d.then(to) }
	default:
		if len(name) == 1 && strings.Contains("0123456789:", name) && len(d.typed) < most {
			d.typed, d.problem = d.typed+name, ""
		}
	}
	return false, nil
}

func (d *seekDialog) click(int, int) (bool, func() tea.Cmd) { return false, nil }
