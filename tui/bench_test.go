package tui

import (
	"slices"
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
	return feedMsg{Snapshot: s, Facts: []lab.Fact{{Kind: lab.FactProbeFailed, Pod: "liveness-app", Probe: probes.Liveness, Message: "no answer"}}}
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

// BenchmarkKeyToTerminal is a key press until its frame is written, by a whole program. The program draws at fixed times,
// so that most of it is waiting for the next one.
func BenchmarkKeyToTerminal(b *testing.B) {
	p, out, stop := program(b)
	defer stop()
	var took []time.Duration
	press := keyPress("tab")
	for b.Loop() {
		start := time.Now()
		p.Send(press)
		<-out.wrote
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms-p99")
}

// BenchmarkBytes is what the frame after a burst writes to the terminal.
func BenchmarkBytes(b *testing.B) {
	p, out, stop := program(b)
	defer stop()
	before, frames := out.bytes.Load(), 0
	for b.Loop() {
		frames++
		p.Send(busy(frames))
		<-out.wrote
	}
	b.ReportMetric(float64(out.bytes.Load()-before)/float64(frames), "bytes/frame")
}

// program starts a whole program that has drawn a full screen.
func program(b *testing.B) (p *tea.Program, out *counter, stop func()) {
	b.Helper()
	m, err := New(Config{Lab: tuitest.NewSession(), Labs: tuitest.Labs(), Now: tuitest.Now})
	if err != nil {
		b.Fatal(err)
	}
	ends, ended := make(chan struct{}), make(chan error, 1)
	m.ended = ends
	out = &counter{wrote: make(chan struct{}, 1)}
	p = tea.NewProgram(m, tea.WithInput(nil), tea.WithOutput(out), tea.WithWindowSize(200, 60),
		tea.WithColorProfile(colorprofile.TrueColor), tea.WithoutSignalHandler(), tea.WithFPS(framesPerSecond))
	go func() {
		_, err := p.Run()
		ended <- err
	}()
	p.Send(busy(0))
	<-out.wrote
	return p, out, func() {
		close(ends)
		p.Quit()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	}
}
