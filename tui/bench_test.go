package tui

import (
	"sync/atomic"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"healthlab/lab"
	"healthlab/probes"
	"healthlab/tui/tuitest"
)

// busy returns feeds as a session under load publishes them, five changes in each: ten a second make fifty changes.
func busy(i int) feedMsg {
	s := tuitest.Breaking(uint64(i + 2))
	now := tuitest.Now()
	for j := range 5 {
		s.Pods[j%3].Restarts = i % 7
		s.Pods[j%3].Containers[0].Probes[0].Streak = i % 3
		s.Attempts = append(s.Attempts, lab.Attempt{
			Pod: s.Pods[j%3].Name, Container: "앱",
			Attempt: probes.Attempt{
				Key: probes.Key{Kind: probes.Readiness}, Start: now.Add(time.Duration(i*5+j) * time.Millisecond),
				Outcome: probes.Failure, Streak: j, Threshold: 3, Message: "파일이 없습니다: /tmp/healthy",
			},
		})
		s.Log = append(s.Log, lab.LogLine{At: now, Text: "준비되지 않았습니다"})
	}
	return feedMsg{Snapshot: s, Facts: []lab.Fact{{Kind: lab.FactProbeFailed, Text: lab.Text{Ko: "프로브 실패", En: "probe failed"}}}}
}

// BenchmarkBurst is one message of the bridge and the frame that it makes, on a full screen with Korean on it.
func BenchmarkBurst(b *testing.B) {
	c := newConsole(b, 200, 60)
	feeds := make([]feedMsg, 64)
	for i := range feeds {
		feeds[i] = busy(i)
	}
	revision := uint64(1)
	b.ReportAllocs()
	for b.Loop() {
		feed := feeds[revision%64]
		revision++
		s := *feed.Snapshot
		s.Revision = revision
		feed.Snapshot = &s
		c.send(feed)
		c.View()
	}
}

// BenchmarkViewUnchanged is what a message that changes nothing costs.
func BenchmarkViewUnchanged(b *testing.B) {
	c := newConsole(b, 200, 60)
	c.send(busy(1))
	b.ReportAllocs()
	for b.Loop() {
		c.View()
	}
}

// BenchmarkTick is a tick of the clock on a screen where nothing has happened.
func BenchmarkTick(b *testing.B) {
	now := &clock{tuitest.Now()}
	c := newConsole(b, 200, 60, func(cfg *Config) { cfg.Now = now.Now })
	c.send(busy(1))
	b.ReportAllocs()
	for b.Loop() {
		now.now = now.now.Add(time.Second)
		c.Update(tickMsg{})
		c.View()
	}
}

// BenchmarkKeyToFrame is a key press that moves the focus, and the frame that shows it.
func BenchmarkKeyToFrame(b *testing.B) {
	c := newConsole(b, 200, 60)
	c.send(busy(1))
	press := keyPress("tab")
	for b.Loop() {
		c.Update(press)
		c.View()
	}
}

// BenchmarkDialog is a frame with a dialog in front.
func BenchmarkDialog(b *testing.B) {
	c := newConsole(b, 200, 60)
	c.send(busy(1))
	c.press("?")
	press := keyPress("down")
	for b.Loop() {
		c.Update(press)
		c.View()
	}
}

// counter counts what is written to a terminal.
type counter struct {
	bytes atomic.Int64
	wrote chan struct{} // holds one
}

func (c *counter) Write(p []byte) (int, error) {
	c.bytes.Add(int64(len(p)))
	select {
	case c.wrote <- struct{}{}:
	default:
	}
	return len(p), nil
}

// BenchmarkBytes is what the frame after a burst writes to the terminal.
func BenchmarkBytes(b *testing.B) {
	session := tuitest.NewSession()
	m, err := New(Config{Lab: session, Labs: tuitest.Labs(), Now: tuitest.Now})
	if err != nil {
		b.Fatal(err)
	}
	out := &counter{wrote: make(chan struct{}, 1)}
	p := tea.NewProgram(m, tea.WithInput(nil), tea.WithOutput(out), tea.WithWindowSize(200, 60),
		tea.WithColorProfile(colorprofile.TrueColor), tea.WithoutSignalHandler(), tea.WithFPS(120))
	ended := make(chan struct{})
	ends := make(chan struct{})
	m.ended = ends
	go func() {
		defer close(ended)
		_, _ = p.Run()
	}()
	p.Send(busy(0))
	frames := 0
	b.ResetTimer()
	for b.Loop() {
		frames++
		p.Send(busy(frames))
		<-out.wrote
	}
	b.StopTimer()
	close(ends)
	p.Quit()
	<-ended
	b.ReportMetric(float64(out.bytes.Load())/float64(frames), "bytes/frame")
}
