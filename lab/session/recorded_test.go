package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/fold"
	"healthlab/lab/journal"
)

// epoch is when what these tests tell of happens.
var epoch = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func event(uid, reason, message string, count int) lab.EventChanged {
	return lab.EventChanged{Event: lab.Event{
		UID: uid, Type: "Warning", Reason: reason, Message: message, ObjectKind: "Pod", ObjectName: "web-1", ObjectUID: "uid-1",
		Container: "app", Count: count, Last: epoch.Add(time.Minute),
	}}
}

// recorded is what a reader of a live session got.
type recorded struct {
	entries   []journal.Entry
	snapshots []*lab.Snapshot
}

// record follows a session to its end.
func record(h *harness) (wait func() recorded) {
	var r recorded
	var work sync.WaitGroup
	reader := h.session.Subscribe(journal.WithEntries())
	work.Go(func() {
		for batch := range reader.Batches(context.Background()) {
			r.entries = append(r.entries, batch.Entries...)
			if batch.Snapshot != nil {
				r.snapshots = append(r.snapshots, batch.Snapshot)
			}
			if batch.LostEntries > 0 {
				h.t.Errorf("%d entries lost", batch.LostEntries)
			}
		}
	})
	return func() recorded {
		h.stop()
		work.Wait()
		return r
	}
}

// A journal that was written to a file and read again gives every snapshot that the live session gave.
func TestAReplayGivesTheSnapshotsOfTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, func(c *Config) { c.Lab = "readiness" })
		wait := record(h)
		aLife(h)
		live := wait()
		if len(live.snapshots) < 30 {
			t.Errorf("only %d snapshots to compare", len(live.snapshots))
		}

		var file bytes.Buffer
		out, err := journal.NewEncoder(&file)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range live.entries {
			if err := out.Encode(e); err != nil {
				t.Fatal(err)
			}
		}
		in, err := journal.NewDecoder(&file)
		if err != nil {
			t.Fatal(err)
		}
		replay, at := fold.New(), uint64(0)
		for _, want := range live.snapshots {
			for at < want.Revision {
				e, err := in.Decode()
				if err != nil {
					t.Fatal(err)
				}
				replay.Apply(e)
				at = e.Seq
			}
			if diff := cmp.Diff(want, replay.Snapshot(want.At)); diff != "" {
				t.Fatalf("snapshot %d (-live +replayed):\n%s", want.Revision, diff)
			}
		}
		if _, err := in.Decode(); !errors.Is(err, io.EOF) {
			t.Errorf("the journal goes on after the last snapshot: %v", err)
		}
		kinds := map[string]bool{}
		for _, e := range live.entries {
			kinds[fmt.Sprintf("%T", e.Body)] = true
		}
		for _, body := range []journal.Body{
			journal.Begun{},
			journal.Connected{},
			journal.Changed{},
			journal.VersionLearned{},
			journal.Attempted{},
			journal.ProbeObserved{},
			journal.PodChosen{},
			journal.LogFollowed{},
			journal.Logged{},
			journal.Asked{},
			journal.Refused{},
			journal.TaskStarted{},
			journal.TaskPrinted{},
			journal.TaskNoted{},
			journal.TaskEnded{},
			journal.Moved{},
			journal.Told{},
		} {
			if !kinds[fmt.Sprintf("%T", body)] {
				t.Errorf("the session has recorded no %T", body)
			}
		}
	})
}

// aLife makes most of what can happen happen to a session.
func aLife(h *harness) {
	h.cluster.mu.Lock()
	h.cluster.answers["create namespace healthchecks"] = answer{output: "namespace/healthchecks created\n"}
	h.cluster.mu.Unlock()
	h.send(lab.NamespaceChanged{Phase: "Active"})
	h.do(lab.RunStep{})
	h.do(lab.GoTo{Lab: 1, Step: 1})
	h.do(lab.RunStep{})
	h.send(lab.PodChanged{Pod: web(true)})
	h.cluster.logs <- lab.LogLine{At: time.Now(), Text: "hello"}
	h.pass(10 * time.Second)
	h.do(lab.GoTo{Lab: 1, Step: 2})
	h.do(lab.Inject{Fault: "break"})
	h.cluster.setHealthy(false)
	h.send(event("e", "Unhealthy", "Readiness probe failed: no", 1), lab.PodChanged{Pod: web(false)})
	h.pass(20 * time.Second)
	h.cluster.setHealthy(true)
	h.pass(10 * time.Second)
	h.refused(lab.Inject{Fault: "no such fault"})
	h.send(lab.LinkChanged{Problem: text("gone")})
	h.pass(5 * time.Second)
	h.send(lab.LinkChanged{Up: true})
	restarted := web(true)
	restarted.Containers[0].ID, restarted.Containers[0].Restarts, restarted.Restarts = "run-2", 1, 1
	h.send(lab.PodChanged{Pod: restarted})
	h.pass(10 * time.Second)
	h.send(lab.PodChanged{Pod: restarted, Deleted: true})
	h.pass(time.Second)
}

// A probe at rest makes one entry for each attempt and none beside, or a journal would be twice as long.
func TestAttemptsMakeOneEntryEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, nil)
		h.send(lab.PodChanged{Pod: web(true)})
		h.pass(time.Minute)
		wait := record(h)
		before := h.now().Revision
		h.pass(10 * time.Minute)
		counts := map[string]int{}
		for _, e := range wait().entries {
			if e.Seq > before {
				counts[fmt.Sprintf("%T", e.Body)]++
			}
		}
		if diff := cmp.Diff(map[string]int{"journal.Attempted": 200}, counts); diff != "" {
			t.Errorf("entries of ten minutes with an attempt every 3 s (-want +got):\n%s", diff)
		}
	})
}

// Readers that never read, have stopped or panic hold up neither the session nor another reader.
func TestReadersDoNotHoldUpTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := start(t, nil)
		h.session.Subscribe(journal.WithEntries()) // never read
		h.session.Subscribe().Stop()
		var work sync.WaitGroup
		panicking, stuck, release := h.session.Subscribe(), h.session.Subscribe(), make(chan struct{})
		work.Go(func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			for range panicking.Batches(t.Context()) {
				panic("reader")
			}
		})
		work.Go(func() {
			for range stuck.Batches(t.Context()) {
				<-release
			}
		})
		h.told()
		for i := range 50 {
			h.send(lab.DeploymentChanged{Deployment: lab.Deployment{Name: "web", Available: i + 1}})
			if got := h.now().Deployments[0].Available; got != i+1 {
				t.Fatalf("the healthy reader sees change %d, not %d", got, i+1)
			}
		}
		if facts := h.told(); len(facts) != 50 {
			t.Errorf("%d facts told", len(facts))
		}
		h.do(lab.GoTo{Lab: 1})
		close(release)
		h.stop()
		work.Wait()
	})
}
