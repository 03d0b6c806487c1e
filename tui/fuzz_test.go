package tui

import (
	"errors"
	"image/color"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"healthlab/lab"
	"healthlab/tui/tuitest"
)

// FuzzUpdate sends messages of every kind in every order, on screens of any size: nothing panics, the screen always has
// exactly its size, and the session is never called by Update or View themselves.
func FuzzUpdate(f *testing.F) {
	f.Add([]byte("\x00\x10\x20\x01\x50\x18\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"))
	f.Add([]byte("every key and : prompt? ㅁ R y n 1 2 3 z p t l m"))
	f.Add([]byte{0, 200, 60, 3, 'x', 3, '1', 0, 1, 1, 3, '?', 0, 0, 0, 3, ':', 5, 5, 0, 80, 24})
	for seed := range 8 {
		// A walk of its own for each seed, through every kind of message.
		walk, x := make([]byte, 0, 450), uint32(seed)*2654435761+1
		for range 450 {
			x = x*1664525 + 1013904223
			walk = append(walk, byte(x>>24))
		}
		f.Add(walk)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		now := &clock{tuitest.Now()}
		c := newConsole(t, 80, 24, func(cfg *Config) { cfg.Now = now.Now })
		for len(data) >= 3 {
			msg := fuzzMsg(data[0], data[1], data[2], c, now)
			data = data[3:]
			c.send(msg)
			c.screen()
		}
		if n := len(c.session.Actions()); n > 0 {
			t.Fatalf("Update or View called the session: %v", c.session.Actions())
		}
	})
}

func fuzzMsg(kind, a, b byte, c *console, now *clock) tea.Msg {
	names := []string{
		"enter", "esc", "tab", "shift+tab", "up", "down", "left", "right", "space", "f1", "home", "end", "pgup", "pgdown",
		"ctrl+c", "ctrl+d", "ctrl+u", "ctrl+z", "backspace", "가", "ㅁ", "ㅏ", "닭", "한", "漢", "⚠",
	}
	mouse := tea.Mouse{X: int(a), Y: int(b), Button: tea.MouseLeft}
	switch kind % 20 {
	case 0:
		return tea.WindowSizeMsg{Width: int(a), Height: int(b) / 3}
	case 1, 2, 3, 4, 5:
		if r := rune(a); r > ' ' && r <= '~' {
			return keyPress(string(r))
		}
		return keyPress(names[int(b)%len(names)])
	case 6:
		return keyPress(names[int(a)%len(names)])
	case 7:
		return tea.MouseClickMsg(mouse)
	case 8:
		return tea.MouseMotionMsg(mouse)
	case 9:
		return tea.MouseReleaseMsg(mouse)
	case 10:
		mouse.Button = []tea.MouseButton{tea.MouseWheelUp, tea.MouseWheelDown, tea.MouseWheelLeft}[int(a)%3]
		return tea.MouseWheelMsg(mouse)
	case 11:
		return tea.PasteMsg{Content: string([]byte{a, b}) + "소설 한 권\n\x1b[31m붉은\x00 글자\t탭"}
	case 12:
		return fuzzFeed(a, b, now.now)
	case 13:
		return tea.BackgroundColorMsg{Color: color.Gray{Y: a}}
	case 14:
		return tea.ColorProfileMsg{Profile: colorprofile.Profile(a % 6)}
	case 15:
		// A clock that jumps, forwards and backwards.
		now.now = now.now.Add(time.Duration(int8(a)) * time.Duration(int8(b)) * time.Second)
		return tickMsg{}
	case 16:
		return actionFailedMsg{lab.RunStep{}, errors.New("apply: 거부되었습니다\nsecond line \x1b[2J")}
	case 17:
		return noticeMsg{lab.Text{Ko: "알림", En: "notice"}, a%2 == 0}
	case 18:
		return []tea.Msg{
			historyMsg{[]string{"get pods", "로그"}},
			logMsg{[]string{"a line"}},
			tea.ResumeMsg{},
			tea.FocusMsg{},
			tea.BlurMsg{},
			editedMsg{Path: "/x/y.yaml", Before: "a\nb", After: "a\nc"},
			struct{}{},
		}[int(a)%7]
	default:
		return fuzzFeed(a, b, now.now)
	}
}

// fuzzFeed makes feeds that grow, shrink, go backwards and contradict themselves.
func fuzzFeed(a, b byte, now time.Time) tea.Msg {
	s := []func(uint64) *lab.Snapshot{
		tuitest.Running, tuitest.Breaking, func(uint64) *lab.Snapshot { return tuitest.Starting() },
	}[int(a)%3](uint64(b))
	s.Position.Lab += int(a%5) - 1
	s.Position.Step += int(b%7) - 2
	if a%7 == 0 {
		s.Pods, s.Events, s.Tasks = nil, nil, nil
	}
	if b%11 == 0 {
		s.Cluster.Phase = lab.Lost
		s.Cluster.Real = true
		s.Cluster.Since = now.Add(time.Duration(int8(a)) * time.Minute)
	}
	kinds := []lab.FactKind{lab.FactStepDone, lab.FactProbeFailed, lab.FactRestarted, "Unheard"}
	return feedMsg{Snapshot: s, Facts: []lab.Fact{{
		Kind: kinds[int(a)%len(kinds)], At: now, Text: lab.Text{Ko: "소식 \x1b[1m" + string(rune(a)), En: "news"},
		Lab: "liveness", Step: "hang",
	}}}
}
