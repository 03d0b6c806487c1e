package session

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"healthlab/lab"
)

// reactingCluster answers kubectl with what a real cluster would do, as far as the test's labs go.
type reactingCluster struct {
	*fakeCluster
	broken bool // breaking the pod has no effect
}

func (c *reactingCluster) Watch(ctx context.Context, emit func(lab.Change)) {
	emit(lab.LinkChanged{Up: true})
	for done := 0; ; {
		timer := time.NewTimer(50 * time.Millisecond)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
		c.mu.Lock()
		commands := c.commands[done:]
		done = len(c.commands)
		c.mu.Unlock()
		for _, line := range commands {
			switch {
			case strings.Contains(line, "describe deployment"):
				emit(lab.PodChanged{Pod: web(true)})
			case strings.Contains(line, "rm /tmp/healthy") && !c.broken:
				emit(lab.PodChanged{Pod: web(false)})
			case strings.Contains(line, "delete pod"):
				emit(lab.PodChanged{Pod: web(false), Deleted: true})
			}
		}
	}
}

// walkThrough walks through the test's labs and returns what was written.
func walkThrough(t *testing.T, cluster *reactingCluster, labs ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := walkInto(t, &out, cluster, labs...)
	return out.String(), err
}

func walkInto(t *testing.T, out io.Writer, cluster *reactingCluster, labs ...string) error {
	t.Helper()
	s := New(Config{
		Labs: twoLabs(), Manifests: fstest.MapFS{"app.yaml": {Data: []byte(appYAML)}}, Dir: t.TempDir(),
		Connect: func(context.Context, func(lab.Component)) (Cluster, error) { return cluster, nil },
	})
	ctx, cancel := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() {
		if err := s.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	err := Walk(ctx, s, labs, out, lab.English)
	cancel()
	run.Wait()
	return err
}

func TestWalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, err := walkThrough(t, &reactingCluster{fakeCluster: newFakeCluster()})
		if err != nil {
			t.Errorf("Walk: %v", err)
		}
		for _, want := range []string{
			"goal met: file is there", "goal met: ready", "goal met: broken", "goal met: gone", "lab done: Intro", "lab done: Readiness",
			"kubectl -n healthchecks exec web-1 -- rm /tmp/healthy",
		} {
			if strings.Count(out, want+"\n") != 1 {
				t.Errorf("%q is not there once:\n%s", want, out)
			}
		}
	})
}

func TestWalkTellsGoalsThatWereNotMet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := walkThrough(t, &reactingCluster{fakeCluster: newFakeCluster(), broken: true}, "readiness")
		want := "goals not met:\n- readiness: broken: 0 pods are not Ready, 1 should be"
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("Walk: %v, want %s", err, want)
		}
	})
}

func TestWalkRefusesUnknownLab(t *testing.T) {
	s := New(Config{Labs: twoLabs()})
	err := Walk(t.Context(), s, []string{"nonesuch"}, new(bytes.Buffer), lab.English)
	if err == nil || err.Error() != `there is no lab "nonesuch"` {
		t.Errorf("Walk: %v", err)
	}
}

// brokenPipe is a reader that has gone.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestWalkEndsWhenNobodyReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := &reactingCluster{fakeCluster: newFakeCluster()}
		err := walkInto(t, brokenPipe{}, cluster)
		if !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("Walk: %v", err)
		}
		if len(cluster.commands) > 0 {
			t.Errorf("commands were run after that: %v", cluster.commands)
		}
	})
}

func TestWalkEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{Labs: twoLabs()})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := Walk(ctx, s, nil, new(bytes.Buffer), lab.Korean); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Walk: %v", err)
		}
	})
}
