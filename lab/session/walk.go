package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/journal"
)

// Time limits of a walk. A hung app takes 45 s from the fault to its restart, so a step gets several times that.
const (
	walkStart = 60 * time.Second
	walkStep  = 3 * time.Minute
)

// Walk carries out labs (IDs; none: all) on a session that Run is running: every step's commands and fault, one after the
// other, waiting for the goals of each. In a dry run it writes what would be done instead, and waits for no goal. It writes one
// line per fact to out, with the time since the start. It agrees to every confirmation.
//
// The error lists the goals that were not met, or says why the walk could not go on: out that takes nothing more, or ctx's
// end, whose error is returned as it is.
func Walk(ctx context.Context, s *Session, labs []string, out io.Writer, lang lab.Lang) error {
	w := &walk{session: s, news: s.Subscribe(), lang: lang, out: out, start: time.Now(), now: &lab.Snapshot{}}
	defer w.news.Stop()
	var chosen []int
	for i, l := range s.config.Labs {
		if len(labs) == 0 || slices.Contains(labs, l.ID) {
			chosen = append(chosen, i)
		}
	}
	for _, id := range labs {
		if l, _ := course.Find(s.config.Labs, id, ""); l == nil {
			return lab.Errorf(nil, "%q 실습이 없습니다", "there is no lab %q", id)
		}
	}
	if err := w.until(ctx, walkStart, func() bool {
		return w.now.Cluster.Phase == lab.Up && (!w.now.Cluster.Real || w.now.Cluster.Preflight != nil)
	}); err != nil {
		return w.noCluster(err)
	}
	if w.now.Cluster.ReadOnly {
		return lab.Errorf(nil, "읽기 전용(--read-only)으로는 실습을 실행할 수 없습니다", "labs cannot run read-only (--read-only)")
	}
	for _, l := range chosen {
		missed := len(w.missed)
		for step := range s.config.Labs[l].Steps {
			if err := w.step(ctx, l, step); err != nil {
				return err
			}
			if len(w.missed) > missed {
				break // what comes next builds on this step
			}
		}
	}
	if len(w.missed) == 0 {
		return nil
	}
	return lab.Errorf(nil, "이루지 못한 목표:\n%s", "goals not met:\n%s", strings.Join(w.missed, "\n"))
}

// walk is one run of Walk.
type walk struct {
	session *Session
	news    *journal.Reader
	lang    lab.Lang
	out     io.Writer
	start   time.Time
	now     *lab.Snapshot
	failed  error  // why nothing more can be written
	printed uint64 // tasks whose output was written
	missed  []string
}

var errTimeout = errors.New("time is up")

// until receives snapshots and facts until done holds, at most for limit.
func (w *walk) until(ctx context.Context, limit time.Duration, done func() bool) error {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for !done() {
		select {
		case <-w.news.Ready():
			if !w.take() {
				return lab.Errorf(nil, "세션이 끝났습니다", "the session has ended")
			}
		case <-timer.C:
			return errTimeout
		case <-ctx.Done():
			return ctx.Err()
		}
		switch {
		case w.failed != nil:
			return w.failed
		case w.now.Cluster.Phase == lab.Failed:
			return &lab.Error{Msg: w.now.Cluster.Problem}
		}
	}
	return nil
}

// take takes over what is new, and reports whether there may be more.
func (w *walk) take() bool {
	batch, ok := w.news.Take()
	for _, fact := range batch.Facts {
		w.write(fact)
	}
	if batch.Snapshot != nil {
		w.now = batch.Snapshot
	}
	return ok
}

func (w *walk) write(fact lab.Fact) {
	line := course.Tell(w.session.config.Labs, fact).Line().In(w.lang)
	text := strings.ReplaceAll(strings.TrimSpace(line), "\n", " ")
	if _, err := fmt.Fprintf(w.out, "%+7.1fs  %s\n", fact.At.Sub(w.start).Seconds(), text); err != nil {
		w.failed = fmt.Errorf("print what happens: %w", err)
	}
}

func (w *walk) noCluster(err error) error {
	if !errors.Is(err, errTimeout) {
		return err
	}
	p := w.now.Cluster.Problem
	return lab.Errorf(nil, "%d초 안에 클러스터에 연결하지 못했습니다. %s", "no connection to the cluster within %d s: %s",
		int(walkStart.Seconds()), p)
}

// step goes to a step, does what it is about and waits for its goals.
func (w *walk) step(ctx context.Context, l, i int) error {
	step := w.session.config.Labs[l].Steps[i]
	if err := w.session.Do(ctx, lab.GoTo{Lab: l, Step: i}); err != nil {
		return err
	}
	var actions []lab.Action
	switch {
	case len(step.Commands) > 0:
		actions = append(actions, lab.RunStep{Confirmed: true})
	case step.Fault != "":
		actions = append(actions, lab.Inject{Fault: step.Fault})
	}
	for _, action := range actions {
		// A bad connection is no reason to give up at once.
		err := w.until(ctx, walkStart, func() bool { return w.now.Cluster.Phase == lab.Up })
		if err != nil && !errors.Is(err, errTimeout) {
			return err
		}
		err = w.do(ctx, action)
		if ctx.Err() != nil || w.failed != nil {
			return err
		}
		if w.now.Cluster.DryRun {
			w.rehearsed(err)
			continue
		}
		if err != nil {
			w.miss(l, step.Title, lab.InFull(err).In(w.lang))
			return nil
		}
	}
	if w.now.Cluster.DryRun {
		return w.failed // nothing was done that could meet a goal
	}
	err := w.until(ctx, walkStep, func() bool {
		m := course.Moment{Labs: w.session.config.Labs, Snapshot: w.now}
		return m.Here() == lab.GoTo{Lab: l, Step: i} && (len(step.Goals) == 0 || m.Complete())
	})
	if !errors.Is(err, errTimeout) {
		return err
	}
	for _, goal := range w.now.Position.Goals {
		if !goal.Met {
			w.miss(l, goal.Goal.Title, goal.Why.In(w.lang))
		}
	}
	return nil
}

// rehearsed writes what the last action would have done, or why it would not.
func (w *walk) rehearsed(err error) {
	var text strings.Builder
	for _, t := range w.now.Tasks {
		if t.ID > w.printed {
			w.printed = t.ID
			text.WriteString(t.Output)
			if !t.Note.IsZero() {
				text.WriteString(t.Note.In(w.lang) + "\n")
			}
		}
	}
	if err != nil {
		text.WriteString(lab.InFull(err).In(w.lang) + "\n")
	}
	for line := range strings.Lines(text.String()) {
		if _, err := fmt.Fprint(w.out, "          ", line); err != nil {
			w.failed = fmt.Errorf("print what would be done: %w", err)
			return
		}
	}
}

// do carries out an action and waits until its tasks have ended.
func (w *walk) do(ctx context.Context, action lab.Action) error {
	last := lastTask(w.now)
	if err := w.session.Do(ctx, action); err != nil {
		return err
	}
	err := w.until(ctx, walkStep, func() bool {
		return lastTask(w.now) > last && !slices.ContainsFunc(w.now.Tasks, func(t lab.Task) bool {
			return t.State == lab.TaskRunning
		})
	})
	if err == nil && w.now.Tasks[len(w.now.Tasks)-1].State != lab.TaskDone {
		return &lab.Error{Msg: w.now.Tasks[len(w.now.Tasks)-1].Problem}
	}
	if errors.Is(err, errTimeout) {
		return lab.Errorf(nil, "명령이 제때 끝나지 않았습니다", "the command did not end in time")
	}
	return err
}

func (w *walk) miss(l int, title lab.Text, why string) {
	w.missed = append(w.missed, fmt.Sprintf("- %s: %s: %s", w.session.config.Labs[l].ID, title.In(w.lang), why))
}

// lastTask is the ID of the newest task; 0 if there is none.
func lastTask(snapshot *lab.Snapshot) uint64 {
	if n := len(snapshot.Tasks); n > 0 {
		return snapshot.Tasks[n-1].ID
	}
	return 0
}
