package tui

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/lab/replay"
	"healthlab/tui/panes/panetest"
	"healthlab/tui/tuitest"
)

// replayed is a player of two minutes with a pod, a command that fails and a restart. What missing says is left out of it.
func replayed(t testing.TB, missing ...lab.Text) *replay.Player {
	t.Helper()
	start := panetest.Now().Add(-2 * time.Minute)
	var file bytes.Buffer
	out, err := journal.NewEncoder(&file)
	if err != nil {
		t.Fatal(err)
	}
	seq := uint64(0)
	put := func(at time.Duration, bodies ...journal.Body) {
		for _, body := range bodies {
			seq++
			if err := out.Encode(journal.Entry{Seq: seq, At: start.Add(at), Body: body}); err != nil {
				t.Fatal(err)
			}
		}
	}
	told := func(f lab.Fact) journal.Body { return journal.Told{Fact: f} }
	put(0, journal.Begun{
		Cluster:  lab.Cluster{Name: "healthlab", Namespace: "healthchecks", Phase: lab.Up, Since: start, Version: "v1.37.2", Kubeconfig: "/gone/kubeconfig"},
		Position: lab.Position{Step: 1, Since: start, Done: [][]bool{{true, false, false}, {false, false}}}, Dir: "/home/student/labs",
		Labs: []string{"liveness", "readiness"},
	})
	for _, why := range missing {
		put(0, journal.Omitted{Why: why})
	}
	pod := panetest.Snapshot().Pods[0]
	pod.Created = start.Add(5 * time.Second)
	put(5*time.Second, journal.Changed{Change: lab.PodChanged{Pod: pod}}, told(lab.Fact{Kind: lab.FactPodAdded, Pod: pod.Name}))
	put(20*time.Second, journal.TaskStarted{Task: lab.Task{ID: 1, Line: "kubectl get nothing", State: lab.TaskRunning, Started: start.Add(20 * time.Second)}})
	put(30*time.Second, told(lab.Fact{Kind: lab.FactCommandFailed, Problem: lab.Same("boom"), Command: lab.FactTask{ID: 1, Line: "kubectl get nothing"}}))
	put(100*time.Second, told(lab.Fact{Kind: lab.FactRestarted, Pod: pod.Name, Restarts: 1, ExitCode: 137}))
	put(2*time.Minute, journal.Logged{Line: lab.LogLine{At: start, Text: "\x1b[2Jbye"}})
	r, err := replay.Read(t.Context(), &file)
	if err != nil {
		t.Fatal(err)
	}
	return replay.New(r, func(cluster lab.Cluster, name string) (string, error) {
		return "# " + name + " in " + cluster.Namespace + "\n", nil
	})
}

// rerun is a console on a replay. What the player publishes reaches it with follow.
type rerun struct {
	*console
	player *replay.Player
	reader *journal.Reader
	feed   *feeder
}

func newRerun(t testing.TB, w, h int, lang lab.Lang, missing ...lab.Text) *rerun {
	p := replayed(t, missing...)
	r := &rerun{player: p, reader: p.Subscribe(journal.WithEntries()), feed: newFeeder(tuitest.Labs()), console: newConsole(t, w, h, func(cfg *Config) {
		cfg.Lab, cfg.Replay, cfg.Lang, cfg.Home = p, p, lang, "/home/student"
	})}
	t.Cleanup(r.reader.Stop)
	r.follow()
	return r
}

func (r *rerun) follow() {
	for {
		select {
		case <-r.reader.Ready():
		default:
			return
		}
		if b, ok := r.reader.Take(); ok {
			if msg, ok := r.feed.take(b); ok {
				r.send(msg)
			}
		}
	}
}

// keys presses keys, and shows what comes of them.
func (r *rerun) keys(names ...string) {
	for _, n := range names {
		r.press(n)
		r.perform()
		r.follow()
	}
}

func TestReplayScreens(t *testing.T) {
	for _, c := range []struct {
		w, h int
		lang lab.Lang
	}{{80, 24, lab.Korean}, {80, 24, lab.English}, {120, 40, lab.Korean}, {120, 40, lab.English}} {
		t.Run(fmt.Sprintf("%dx%d-%s", c.w, c.h, c.lang), func(t *testing.T) {
			r := newRerun(t, c.w, c.h, c.lang)
			r.keys(".", ".", "+", "+")
			golden.RequireEqual(t, []byte(r.screen()))
		})
	}
}

// The timeline goes back with a replay: what has not happened yet is not on it.
func TestReplayTimeline(t *testing.T) {
	r := newRerun(t, 120, 40, lab.English)
	if r.view == nil || len(r.view.Pods) != 0 {
		t.Fatalf("at the start the timeline is %+v", r.view)
	}
	r.keys("$")
	if len(r.view.Pods) != 1 {
		t.Fatalf("at the end the timeline has %d pods", len(r.view.Pods))
	}
	r.keys(",", ",", ",")
	if len(r.view.Pods) != 1 || r.view.To.After(r.clock()) {
		t.Errorf("after going back the timeline has %d pods and ends at %v", len(r.view.Pods), r.view.To)
	}
	r.keys(",", ",")
	if len(r.view.Pods) != 0 {
		t.Errorf("before the pod was made the timeline has %d", len(r.view.Pods))
	}
}

func TestReplayKeys(t *testing.T) {
	r := newRerun(t, 120, 40, lab.English)
	r.wants("replay paused 00:00/02:00 1×", "Space play")
	r.keys(".")
	r.wants("00:05/02:00", "liveness-app")
	r.keys(".")
	r.wants("00:30/02:00", "boom", "running for 10s")
	r.lacks("Esc dismiss") // it failed long ago
	r.keys(".", "+")
	r.wants("01:40/02:00 2×", "restarted")
	r.keys(",", ",", "-")
	r.wants("00:05/02:00 1×")
	r.lacks("running for", "boom")
	r.keys("$")
	r.wants("replay end 02:00/02:00", "This is the end of the recording. Space plays it from the start.")
	r.keys("@", "1", ":", "0", "x", "1", "backspace", "5")
	r.wants("> 1:05_")
	r.keys("enter")
	r.wants("replay paused 01:05/02:00")
	r.keys("@", "9", ":", "0", "0", "enter")
	r.wants("this recording ends at 02:00")
	r.keys("esc")
	r.wants("01:05/02:00")
	r.keys("o")
	r.wants("boom")
	r.lacks("restarted")
}

// Nothing can be done in a replay, and every key that would says why.
func TestReplayDoesNothing(t *testing.T) {
	r := newRerun(t, 120, 40, lab.English)
	r.keys(".", ".")
	for _, key := range []string{"r", "n", "b", "s", "R", "T", "x", "u", "f", "d", "c", ":", "e", "E", "W"} {
		r.clear()
		r.keys(key)
		r.wants("can only be watched")
		if r.dialog != nil {
			t.Fatalf("%s opens a dialog", key)
		}
	}
	r.lacks("export KUBECONFIG")
	r.keys("?")
	r.wants("This is a replay of an earlier run")
	r.lacks("/gone/kubeconfig")
	r.keys("esc", "q")
	if r.dialog != nil {
		t.Error("quitting asks about tasks that have ended long ago")
	}
}

func TestReplaySaysWhatIsMissing(t *testing.T) {
	r := newRerun(t, 120, 40, lab.English, lab.T("디스크", "the disk was full"))
	r.wants("entries are missing: the disk was full")
	r.keys("$", ",", "o")
	r.wants("entries are missing: the disk was full")
}

// The clock of the replay moves what is shown; that of the wall moves the news.
func TestReplayHasItsOwnClock(t *testing.T) {
	r := newRerun(t, 120, 40, lab.English)
	r.keys(".")
	if got, want := r.clock(), panetest.Now().Add(-115*time.Second); !got.Equal(want) {
		t.Errorf("the clock shows %v, want %v", got, want)
	}
	if !r.now().Equal(tuitest.Now()) {
		t.Errorf("the news are told at %v", r.now())
	}
}

func TestReplayKeysAreForReplays(t *testing.T) {
	c := newConsole(t, 120, 40, func(cfg *Config) { cfg.Lang = lab.English })
	c.publish(tuitest.Running(1))
	for _, key := range []string{"space", ";", ",", ".", "+", "=", "-", "@", "$"} {
		c.clear()
		c.press(key)
		c.wants("healthlab replay shows an earlier run")
	}
	c.press("?")
	for range 60 {
		c.press("down")
	}
	c.lacks("Play faster")
	if strings.Contains(c.footer(200), "play") {
		t.Error("the footer has keys of a replay")
	}
}
