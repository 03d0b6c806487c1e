package plain

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/tuitest"
)

// user sits before a Run and a session that does only what the test says.
type user struct {
	t       *testing.T
	session *tuitest.Session
	lines   chan string
	begun   chan bool
	out     page
	read    int // how much of out was looked at
	ended   chan error
	answers course.Answers
	cancel  context.CancelFunc
}

// page is what was printed. Its lock tells the race detector what the clock of a bubble does not: who came first.
type page struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

func (p *page) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *page) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// start runs with a first snapshot. It must be called in a synctest bubble.
func start(t *testing.T, lang lab.Lang, first *lab.Snapshot) *user {
	t.Helper()
	return startWith(t, lang, tuitest.Labs(), first)
}

func startWith(t *testing.T, lang lab.Lang, labs []lab.Lab, first *lab.Snapshot) *user {
	t.Helper()
	return startOn(t, tuitest.NewSession(), lang, labs, first)
}

// startOn is startWith on a session in which something may have happened before.
func startOn(t *testing.T, session *tuitest.Session, lang lab.Lang, labs []lab.Lab, first *lab.Snapshot) *user {
	t.Helper()
	u := &user{
		t: t, session: session, lines: make(chan string), begun: make(chan bool), ended: make(chan error, 1), answers: course.Answers{},
	}
	ctx, cancel := context.WithCancel(t.Context())
	u.cancel = cancel
	t.Cleanup(cancel)
	go func() {
		u.ended <- Run(ctx, Config{
			Lab: u.session, Labs: labs, Lang: lang, Lines: u.lines, Begun: u.begun, Out: &u.out, Edit: u.edit,
			OnAnswer: func(step string, answer course.Answer) error { u.answers[step] = answer; return nil },
		})
	}()
	u.publish(first)
	return u
}

// edit is an editor that makes three replicas of two, and needs a terminal of its own.
func (u *user) edit(_ context.Context, path string) error {
	before, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, bytes.ReplaceAll(before, []byte("replicas: 2"), []byte("replicas: 3")), 0o600)
}

func (u *user) publish(s *lab.Snapshot, facts ...lab.Fact) {
	u.session.Publish(s, facts...)
	synctest.Wait()
}

func (u *user) types(lines ...string) {
	for _, line := range lines {
		u.lines <- line
		synctest.Wait()
	}
}

// waits lets the bubble's time go by.
func (u *user) waits(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// said is what was printed since it was asked for last.
func (u *user) said() string {
	all := u.out.String()
	said := all[u.read:]
	u.read = len(all)
	return said
}

// hears checks that the lines come in this order in what was said since it was called last.
func (u *user) hears(want ...string) {
	u.t.Helper()
	said := u.said()
	rest := said
	for _, w := range want {
		_, after, ok := strings.Cut(rest, w)
		if !ok {
			u.t.Errorf("%q was not said, or not in this order; what was said:\n%s", w, said)
			return
		}
		rest = after
	}
}

func (u *user) silent() {
	u.t.Helper()
	if said := u.said(); said != "" {
		u.t.Errorf("said without need:\n%s", said)
	}
}

func (u *user) did(want ...lab.Action) {
	u.t.Helper()
	if diff := cmp.Diff(want, u.session.Actions()); diff != "" {
		u.t.Errorf("actions (-want +got):\n%s", diff)
	}
}

func (u *user) ends() error {
	synctest.Wait()
	select {
	case err := <-u.ended:
		return err
	default:
		u.t.Fatal("it goes on")
		return nil
	}
}

func met(s *lab.Snapshot, revision uint64) *lab.Snapshot {
	next := *s
	next.Revision = revision
	next.Position.Goals = nil
	for _, g := range s.Position.Goals {
		next.Position.Goals = append(next.Position.Goals, lab.GoalState{Goal: g.Goal, Met: true})
	}
	return &next
}

func at(s *lab.Snapshot, revision uint64, l, step int) *lab.Snapshot {
	next := *s
	next.Revision, next.Position.Lab, next.Position.Step, next.Position.Goals = revision, l, step, nil
	for _, g := range tuitest.Labs()[l].Steps[step].Goals {
		next.Position.Goals = append(next.Position.Goals, lab.GoalState{
			Goal: g, Why: lab.T("RESTARTS가 0입니다", "RESTARTS is 0"),
		})
	}
	return &next
}

type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }
