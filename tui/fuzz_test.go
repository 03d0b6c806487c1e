package tui

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"healthlab/lab"
	"healthlab/probes"
	"healthlab/tui/theme"
	"healthlab/tui/tuitest"
)

// FuzzUpdate sends messages of every kind in every order, from every state that a console can be in, on screens of any
// size: nothing panics, the screen always has exactly its size, and the session is never called by Update or View
// themselves. The first byte chooses the state, every three that follow are a message.
func FuzzUpdate(f *testing.F) {
	states := fuzzStates()
	f.Add([]byte("\x00\x00\x10\x20\x01\x50\x18\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"))
	f.Add([]byte("\x02every key and : prompt? ㅁ R y n 1 2 3 z p t l m"))
	f.Add([]byte{1, 0, 200, 60, 3, 'x', 3, '1', 0, 1, 1, 3, '?', 0, 0, 0, 3, ':', 5, 5, 0, 80, 24})
	for seed := range max(8, len(states)) {
		// A walk of its own for each state, through every kind of message.
		walk, x := []byte{byte(seed)}, uint32(seed)*2654435761+1
		for range 240 {
			x = x*1664525 + 1013904223
			walk = append(walk, byte(x>>24))
		}
		f.Add(walk)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 0 {
			fuzzWalk(t, states[int(data[0])%len(states)], data[1:])
		}
	})
}

func fuzzWalk(t *testing.T, from fuzzState, data []byte) {
	now := &clock{tuitest.Now()}
	c := newConsole(t, 80, 24, func(cfg *Config) {
		cfg.Now = now.Now
		cfg.Complete = func(context.Context, []string) (lab.Completion, error) { return lab.Completion{}, nil }
		cfg.OnLang = func(lab.Lang) {}
		cfg.Editor = "vi"
		if from.config != nil {
			from.config(cfg)
		}
	})
	if from.enter != nil {
		from.enter(c)
	}
	c.fuzzed()
	for ; len(data) >= 3; data = data[3:] {
		c.send(fuzzMsg(data[0], data[1], data[2], now))
		c.fuzzed()
	}
	if n := len(c.session.Actions()); n > 0 {
		t.Fatalf("Update or View called the session: %v", c.session.Actions())
	}
}

// fuzzed checks the screen: its size, and that nothing on it could steer the terminal or is half a character.
func (c *console) fuzzed() {
	c.t.Helper()
	screen := c.screen()
	if i := strings.IndexFunc(screen, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }); i >= 0 {
		c.t.Fatalf("%q is on the screen:\n%s", screen[i], screen)
	}
	if !utf8.ValidString(screen) {
		c.t.Fatalf("half a character is on the screen:\n%q", screen)
	}
	if cursor := c.View().Cursor; cursor != nil && (cursor.X < 0 || cursor.X >= c.w || cursor.Y < 0 || cursor.Y >= c.h) {
		c.t.Fatalf("the cursor is at %d,%d of %dx%d", cursor.X, cursor.Y, c.w, c.h)
	}
}

// fuzzState is a state that a walk starts in.
type fuzzState struct {
	config func(*Config)
	enter  func(*console)
}

func fuzzStates() []fuzzState {
	running := func(c *console) { c.publish(tuitest.Running(10)) }
	breaking := func(c *console) { c.publish(tuitest.Breaking(10)) }
	after := func(first func(*console), keys ...string) func(*console) {
		return func(c *console) { first(c); c.press(keys...) }
	}
	states := []fuzzState{
		{},
		{enter: running},
		{enter: breaking},
		{enter: func(c *console) { c.publish(tuitest.Starting()) }},
		{enter: func(c *console) {
			s := tuitest.Breaking(10)
			s.Cluster.Phase, s.Cluster.Problem = lab.Lost, lab.T("연결이 끊겼습니다", "connection refused")
			c.publish(s)
		}},
		{enter: func(c *console) {
			s := tuitest.Starting()
			s.Cluster.Phase, s.Cluster.Problem = lab.Failed, lab.T(strings.Repeat("실패 ", 300), "failed")
			c.publish(s)
		}},
		{enter: after(breaking, "p")},
		{enter: after(breaking, "z")},
		{enter: after(breaking, "7", "z", "/", "가")},
		{enter: after(running, "?")},
		{enter: after(running, "g")},
		{enter: after(breaking, "R")},
		{enter: after(breaking, "w")},
		{enter: after(running, ":", "g", "e", "t")},
		{enter: func(c *console) {
			c.publish(tuitest.Running(10))
			c.press(":", "tab")
			c.send(completedMsg{Asked: 1, Answer: proposed("가나다", "가나라", "가 \t나", "가\u0301\u200d")})
			c.press("tab")
		}},
		{enter: func(c *console) {
			c.publish(tuitest.Running(10))
			c.send(editedMsg{Path: "/x/y.yaml", Before: manifest(5), After: manifest(1)})
		}},
		{enter: func(c *console) { c.publish(tuitest.Running(10)); c.send(tea.WindowSizeMsg{Width: 1, Height: 1}) }},
		{enter: func(c *console) { c.publish(tuitest.Running(10)); c.send(tea.WindowSizeMsg{Width: 60, Height: 18}) }},
		{enter: func(c *console) { c.publish(tuitest.Breaking(10)); c.send(tea.WindowSizeMsg{Width: 200, Height: 60}) }},
		{config: func(cfg *Config) { cfg.ASCII, cfg.NoColor = true, true }, enter: breaking},
		{config: func(cfg *Config) { cfg.Lang, cfg.Theme = lab.English, theme.HighContrast }, enter: breaking},
	}
	for i, l := range tuitest.Labs() {
		for j := range l.Steps {
			states = append(states, fuzzState{enter: func(c *console) {
				s := tuitest.Running(10)
				s.Position.Lab, s.Position.Step = i, j
				c.publish(s)
				c.press("r")
			}})
		}
	}
	return states
}

func fuzzMsg(kind, a, b byte, now *clock) tea.Msg {
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
		return noticeMsg{lab.T("알림", "notice"), a%2 == 0}
	case 18:
		return []tea.Msg{
			historyMsg{[]string{"get pods", "로그"}},
			logMsg{[]string{"a line"}},
			tea.ResumeMsg{},
			tea.FocusMsg{},
			tea.BlurMsg{},
			editedMsg{Path: "/x/y.yaml", Before: "a\nb", After: "a\nc"},
			struct{}{},
			completedMsg{Asked: uint64(b % 4), Answer: proposed("가나", "가\x1b[2J다", "get\npods", "g")},
			completedMsg{Asked: uint64(b % 4), Answer: proposed("gx"), Err: nil},
			completedMsg{Asked: uint64(b % 4), Err: context.DeadlineExceeded},
			tea.KeyReleaseMsg{Code: 'x', Text: "x"},
		}[int(a)%11]
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
	if a%3 == 1 {
		hostile(s, int(b%23), now)
	}
	kinds := []lab.FactKind{lab.FactStepDone, lab.FactProbeFailed, lab.FactFinding, lab.FactWarning, "Unheard"}
	return feedMsg{Snapshot: s, Facts: []lab.Fact{{
		Kind: kinds[int(a)%len(kinds)], At: now, Pod: "p", Object: "o\n", Message: "소식 \x1b[1m" + string(rune(a)),
		Lab: "liveness", Step: "hang",
	}}}
}

// hostile puts into a snapshot what a cluster, an app or a kubectl could come up with.
func hostile(s *lab.Snapshot, n int, now time.Time) {
	text := []string{
		"\x1b[2J\x1b[31m붉은 \x00글자\t탭\r\n둘째 줄", "👨‍👩‍👧‍👦 ⚠️ e\u0301 한\u1100\u1161", "\xff\xfe 반쪽 \xea\xb0",
		strings.Repeat("아주긴낱말", 60), "", "\x1b]0;title\x07\x9b31m", "\u202eאבג", "-\u2011-",
	}[n%8]
	s.Cluster.Name, s.Cluster.Version = text, text
	if n%2 == 0 {
		s.Cluster.Denied = []string{"pods", "events"}
	}
	for i := range n {
		p := tuitest.Pod(fmt.Sprint(text, i), probes.Kind(text), time.Duration(n-5)*time.Second)
		p.Status, p.Node, p.Restarts, p.Created = text, text, n*n*n*n*n, now.Add(time.Duration(n-3)*time.Hour)
		p.ReadyContainers = i * 100
		p.Containers[0].Name, p.Containers[0].Reason, p.Containers[0].Message = text, text, text
		p.Containers[0].Grace = &lab.Grace{Since: now, Until: now.Add(time.Duration(i-3) * time.Hour)}
		p.Containers[0].Probes[0].KubeletMessage = text
		p.Containers[0].Probes[0].Unavailable = lab.T(text, text)
		p.Containers[0].Probes = append(p.Containers[0].Probes, lab.Probe{}, lab.Probe{Streak: -n, Threshold: -1})
		if i%2 == 0 {
			p.Containers = append(p.Containers, lab.Container{})
		}
		s.Pods = append(s.Pods, p)
		s.Events = append(s.Events, lab.Event{
			UID: text, Type: text, Reason: text, Message: text, ObjectName: text, Source: text, Count: n - 4, Last: now.Add(time.Hour),
		})
		s.Attempts = append(s.Attempts, lab.Attempt{Pod: text, Container: text, Attempt: probes.Attempt{Message: text, Took: -time.Second}})
		s.Log = append(s.Log, lab.LogLine{Text: text})
		s.Endpoints = append(s.Endpoints, lab.Endpoint{Service: text, Address: text, Pod: text, Terminating: i%2 == 0})
		s.Deployments = append(s.Deployments, lab.Deployment{Name: text, Desired: n - 7, Total: i * n, Available: -i})
		s.Tasks = append(s.Tasks, lab.Task{
			ID: uint64(i), Title: lab.T(text, text), Line: text, State: lab.TaskState([]string{"running", "done", "failed", text}[i%4]),
			Started: now.Add(time.Hour), Took: -time.Hour, Output: text + "\n" + text, Problem: lab.T(text, text),
		})
		if i%3 == 2 {
			s.Tasks[len(s.Tasks)-1].Foreign = &lab.Foreign{
				File: text, Objects: []lab.ForeignObject{{Name: text, Owner: text, Controller: strings.Repeat(text, n%2)}},
			}
		}
	}
	s.ChosenPod = text
}
