package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/fold"
	"healthlab/lab/journal"
	"healthlab/probes"
)

// viewer is who watches a player.
type viewer struct {
	t      *testing.T
	reader *journal.Reader

	snapshot  *lab.Snapshot
	snapshots int
	anew      int
	facts     []lab.FactKind
	entries   []journal.Entry
}

func watch(t *testing.T, p *Player) *viewer {
	v := &viewer{t: t, reader: p.Subscribe(journal.WithEntries())}
	t.Cleanup(v.reader.Stop)
	return v
}

// look takes in what there is.
func (v *viewer) look() *viewer {
	v.t.Helper()
	for {
		select {
		case <-v.reader.Ready():
		default:
			return v
		}
		b, ok := v.reader.Take()
		if !ok {
			return v
		}
		if b.LostEntries+b.LostFacts > 0 {
			v.t.Errorf("%d entries and %d facts are lost", b.LostEntries, b.LostFacts)
		}
		if b.Anew {
			v.anew++
			v.facts, v.entries = nil, nil
		}
		for _, f := range b.Facts {
			v.facts = append(v.facts, f.Kind)
		}
		v.entries = append(v.entries, b.Entries...)
		if b.Snapshot != nil {
			v.snapshot = b.Snapshot
			v.snapshots++
		}
	}
}

// available is what the deployment shows; 0 before there is one.
func (v *viewer) available() int {
	if len(v.snapshot.Deployments) == 0 {
		return 0
	}
	return v.snapshot.Deployments[0].Available
}

// run plays in a bubble until the test ends.
func run(t *testing.T, p *Player) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
}

func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func TestPlay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(recording(t, aRun()...), noManifest)
		v := watch(t, p).look()
		if v.snapshot == nil || v.snapshot.Dir != "/labs" || !v.snapshot.Replay || !p.Now().Equal(epoch) {
			t.Fatalf("at first %+v, at %v", v.snapshot, p.Now())
		}
		run(t, p)
		pass(time.Minute)
		if s := p.Status(); s.Playing || s.Position != 0 || v.look().available() != 0 {
			t.Errorf("it plays by itself: %+v", s)
		}
		p.Toggle()
		pass(9900 * time.Millisecond)
		if v.look(); v.available() != 0 || len(v.facts) != 0 {
			t.Errorf("too early: %d, %v", v.available(), v.facts)
		}
		pass(200 * time.Millisecond)
		if v.look(); v.available() != 1 || len(v.facts) != 1 {
			t.Errorf("too late: %d, %v", v.available(), v.facts)
		}
		if want := epoch.Add(10100 * time.Millisecond); !p.Now().Equal(want) {
			t.Errorf("the clock shows %v, want %v", p.Now(), want)
		}
		p.Toggle()
		pass(time.Hour)
		if s := p.Status(); s.Playing || s.Position != 10100*time.Millisecond || v.look().available() != 1 {
			t.Errorf("paused: %+v", s)
		}
		p.Toggle()
		p.Faster(1)
		p.Faster(1)
		pass(4 * time.Second) // at 5 times
		if s := p.Status(); s.Speed != 5 || s.Position != 30100*time.Millisecond || v.look().available() != 2 {
			t.Errorf("five times faster: %+v, %d", s, v.available())
		}
		pass(time.Minute)
		if s := p.Status(); !s.Ended || s.Playing || s.Position != time.Minute || v.look().available() != 3 {
			t.Errorf("at the end: %+v, %d", s, v.available())
		}
		if len(v.entries) != len(aRun()) || v.anew != 0 {
			t.Errorf("%d entries, begun anew %d times", len(v.entries), v.anew)
		}
		p.Toggle()
		synctest.Wait()
		if s := p.Status(); !s.Playing || s.Position != 0 || v.look().available() != 0 || v.anew != 1 {
			t.Errorf("again from the start: %+v, %d, %d", s, v.available(), v.anew)
		}
	})
}

// However fast it plays, and whatever happens at once, there are at most ten snapshots a second.
func TestSnapshotsAreCoalesced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all []happened
		for i := range 6000 {
			all = append(all, happened{time.Duration(i) * 10 * time.Millisecond, available(i)})
		}
		p := New(recording(t, all...), noManifest)
		v := watch(t, p)
		run(t, p)
		p.Toggle()
		for range 5 {
			p.Faster(1)
		}
		for range 400 {
			pass(10 * time.Millisecond)
			v.look()
		}
		if v.available() != 5999 || v.snapshots > 13 {
			t.Errorf("%d snapshots of a second, available %d", v.snapshots, v.available())
		}
	})
}

func TestSpeeds(t *testing.T) {
	p := New(recording(t, aRun()...), noManifest)
	var got []int
	for _, by := range []int{-1, 1, 1, 1, 1, 1, 1, -1} {
		p.Faster(by)
		got = append(got, p.Status().Speed)
	}
	if diff := cmp.Diff([]int{1, 2, 5, 10, 30, 60, 60, 30}, got); diff != "" {
		t.Error(diff)
	}
}

func TestFromFactToFact(t *testing.T) {
	p := New(recording(t, aRun()...), noManifest)
	at := func(want ...time.Duration) {
		t.Helper()
		for _, w := range want {
			if got := p.Status().Position; got != w {
				t.Errorf("at %v, want %v", got, w)
			}
		}
	}
	for _, want := range []time.Duration{10 * time.Second, 20050 * time.Millisecond, 40 * time.Second, time.Minute, time.Minute} {
		p.Next()
		at(want)
	}
	for _, want := range []time.Duration{40 * time.Second, 20050 * time.Millisecond, 10 * time.Second, 0, 0} {
		p.Previous()
		at(want)
	}
	p.Seek(15 * time.Second)
	p.Previous()
	at(10 * time.Second)
	p.Seek(-time.Second)
	at(0)
	p.Seek(time.Hour)
	at(time.Minute)
}

// Whoever goes back twice while it plays goes back two facts, not to the same one again.
func TestBackAndBackAgainWhilePlaying(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(recording(t, aRun()...), noManifest)
		run(t, p)
		p.Toggle()
		p.Faster(1)
		p.Seek(45 * time.Second)
		p.Previous()
		pass(300 * time.Millisecond)
		p.Previous()
		if got := p.Status().Position; got != 20050*time.Millisecond {
			t.Errorf("at %v", got)
		}
	})
}

// What is shown at a position does not depend on the way there, and a reader is told to start anew when it has gone back.
func TestGoingBack(t *testing.T) {
	r := recording(t, aRun()...)
	p := New(r, noManifest)
	v := watch(t, p)
	for _, to := range []time.Duration{time.Minute, 25 * time.Second, 0, 40 * time.Second, 39 * time.Second, 30 * time.Second} {
		p.Seek(to)
		v.look()
		state, j := fold.New(), journal.New()
		for i, e := range r.entries {
			if r.offsets[i] <= to {
				state.Apply(j.Append(e.At, e.Body))
			}
		}
		want := state.Snapshot(v.snapshot.At)
		want.Replay = true
		if diff := cmp.Diff(want, v.snapshot); diff != "" {
			t.Errorf("at %v (-from the start +as it came):\n%s", to, diff)
		}
		if n := r.until(to); len(v.entries) != n || v.entries[n-1].Seq != uint64(n) {
			t.Errorf("at %v: %d entries, want %d", to, len(v.entries), n)
		}
	}
	if v.anew != 3 { // nothing has happened between 30 s and 39 s
		t.Errorf("begun anew %d times", v.anew)
	}
}

func TestNothingCanBeDone(t *testing.T) {
	p := New(recording(t, aRun()...), noManifest)
	for _, action := range []lab.Action{
		lab.GoTo{},
		lab.RunStep{},
		lab.Inject{},
		lab.ChoosePod{},
		lab.Kubectl{Args: []string{"get"}},
		lab.ResetLab{},
		lab.ResetStep{},
		lab.Cancel{},
		lab.Compare{},
		lab.Adopt{},
	} {
		err := p.Do(t.Context(), action)
		var said *lab.Error
		if !errors.As(err, &said) || said.Msg != course.WhyNotInReplay().Text {
			t.Errorf("%T: %v", action, err)
		}
	}
}

func noManifest(lab.Cluster, string) (string, error) { return "", nil }

func TestManifestsAreThoseOfToday(t *testing.T) {
	p := New(recording(t, aRun()...), func(cluster lab.Cluster, name string) (string, error) {
		return name + " in " + cluster.Namespace, nil
	})
	if text, err := p.Manifest(lab.Cluster{Namespace: "class"}, "app.yaml"); err != nil || text != "app.yaml in class" {
		t.Errorf("%q, %v", text, err)
	}
}

// Readers end with the player.
func TestRunEnds(t *testing.T) {
	p := New(recording(t, aRun()...), noManifest)
	reader := p.Subscribe()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p.Run(ctx)
	for range reader.Batches(t.Context()) {
	}
	if _, ok := reader.Take(); ok {
		t.Error("there is more to take")
	}
}

// hour is the journal of an hour of thirty pods that are probed every second, as its file.
func hour(b *testing.B) []byte {
	const pods = 30
	var all []happened
	pod := func(n int) lab.Pod {
		return lab.Pod{
			Name: fmt.Sprintf("readiness-deployment-7d75c5f4c9-%05d", n), UID: fmt.Sprintf("0b0e7f6a-2f0d-4c55-9a67-%012d", n),
			Phase: "Running", Status: "Running", TotalContainers: 1,
			Containers: []lab.Container{{
				Name: "app", ID: fmt.Sprintf("containerd://%064d", n), State: lab.Running, StartedAt: epoch, Started: true,
				Probes: []lab.Probe{{Spec: probes.Spec{
					Kind: probes.Readiness, Exec: &probes.ExecAction{Command: []string{"cat", "/tmp/healthy"}}, Period: time.Second,
					Timeout: time.Second, SuccessThreshold: 1, FailureThreshold: 3,
				}}},
			}},
		}
	}
	for n := range pods {
		all = append(all, happened{0, journal.Changed{Change: lab.PodChanged{Pod: pod(n)}}})
	}
	for second := range 3600 {
		for n := range pods {
			at := time.Duration(second)*time.Second + time.Duration(n)*33*time.Millisecond
			p := pod(n)
			all = append(all, happened{at, journal.Attempted{Attempt: lab.Attempt{Pod: p.Name, Container: "app", Attempt: probes.Attempt{
				Key: probes.Key{Pod: p.UID, Container: "app", Kind: probes.Readiness}, ContainerID: p.Containers[0].ID,
				Mechanism: probes.MechanismExec, Start: epoch.Add(at), Took: 3217654 + time.Duration(second*n), Way: 1234567,
				Outcome: probes.Success, Streak: second, Threshold: 1, Verdict: probes.Passing, Next: epoch.Add(at + time.Second),
			}}}})
		}
		if second%10 == 0 {
			all = append(all, happened{time.Duration(second)*time.Second + 999*time.Millisecond, told(lab.FactProbeFailed)})
		}
	}
	return packed(b, file(b, all...))
}

// BenchmarkRead reads the hour from its file.
func BenchmarkRead(b *testing.B) {
	content := hour(b)
	b.ReportMetric(float64(len(content)), "bytes/hour")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(b.Context(), bytes.NewReader(content)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(content)), "bytes/hour")
}

// BenchmarkSeek goes to the end of the hour, and back to just before it.
func BenchmarkSeek(b *testing.B) {
	r, err := Read(b.Context(), bytes.NewReader(hour(b)))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		p := New(r, noManifest)
		p.End()
		p.Previous()
	}
}
