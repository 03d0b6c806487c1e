package fold

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/probes"
)

const benchPods = 30

func benchPod(n int) lab.Pod {
	p := web(true)
	p.Name, p.UID = fmt.Sprintf("readiness-deployment-7d75c5f4c9-%05d", n), fmt.Sprintf("0b0e7f6a-2f0d-4c55-9a67-%012d", n)
	p.Containers[0].ID = fmt.Sprintf("containerd://%064d", n)
	p.Containers[0].StartedAt = epoch
	return p
}

func benchAttempt(n int, at time.Time) journal.Attempted {
	p := benchPod(n)
	return journal.Attempted{Attempt: lab.Attempt{Pod: p.Name, Container: "app", Attempt: probes.Attempt{
		Key: probes.Key{Pod: p.UID, Container: "app", Kind: probes.Readiness}, ContainerID: p.Containers[0].ID,
		Mechanism: probes.MechanismExec, Start: at, Took: 3217654, Way: 1234567, Outcome: probes.Success, Streak: 1 + n, Threshold: 1,
		Verdict: probes.Passing, Next: at.Add(time.Second),
	}}}
}

// owner is what a session's goroutine does with what happens, without the rest of the session.
type owner struct {
	state   *State
	journal *journal.Journal
}

func newOwner() *owner {
	o := &owner{New(), journal.New()}
	for n := range benchPods {
		o.record(epoch, journal.Changed{Change: lab.PodChanged{Pod: benchPod(n), Initial: true}})
	}
	return o
}

func (o *owner) record(at time.Time, body journal.Body) {
	for _, fact := range o.state.Apply(o.journal.Append(at, body)) {
		o.record(at, journal.Told{Fact: fact})
	}
}

// BenchmarkBurst is a thousand changes at once, as after a reconnection, and the snapshot of them. Ten readers follow.
func BenchmarkBurst(b *testing.B) {
	b.ReportAllocs()
	o := newOwner()
	for range 10 {
		r := o.journal.Subscribe(journal.WithEntries())
		go func() {
			for range r.Batches(b.Context()) {
			}
		}()
	}
	n := 0
	for b.Loop() {
		for range 1000 {
			n++
			p := benchPod(n % benchPods)
			p.Ready = n/benchPods%2 == 0
			o.record(epoch.Add(time.Duration(n)*time.Millisecond), journal.Changed{Change: lab.PodChanged{Pod: p}})
		}
		o.journal.Publish(o.state.Snapshot(epoch))
	}
	o.journal.Close()
}

// hour is the journal of an hour of thirty pods with one probe a second, as its file.
func hour(b *testing.B) []byte {
	b.Helper()
	var file bytes.Buffer
	out, err := journal.NewEncoder(&file)
	if err != nil {
		b.Fatal(err)
	}
	seq := uint64(0)
	write := func(at time.Time, body journal.Body) {
		seq++
		if err := out.Encode(journal.Entry{Seq: seq, At: at, Body: body}); err != nil {
			b.Fatal(err)
		}
	}
	for n := range benchPods {
		write(epoch, journal.Changed{Change: lab.PodChanged{Pod: benchPod(n), Initial: true}})
	}
	for second := range 3600 {
		for n := range benchPods {
			at := epoch.Add(time.Duration(second)*time.Second + time.Duration(n)*time.Millisecond)
			write(at, benchAttempt(n, at))
		}
	}
	return file.Bytes()
}

// BenchmarkHourLive is the owner's part of an hour of thirty pods with one probe a second: every entry appended and folded in,
// and a snapshot every tenth of a second.
func BenchmarkHourLive(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		o := newOwner()
		for second := range 3600 {
			for n := range benchPods {
				at := epoch.Add(time.Duration(second)*time.Second + time.Duration(n)*time.Millisecond)
				o.record(at, benchAttempt(n, at))
				if n%3 == 0 {
					o.journal.Publish(o.state.Snapshot(at))
				}
			}
		}
	}
}

// BenchmarkHourReplayed reads that hour from its file and folds it in, to its end.
func BenchmarkHourReplayed(b *testing.B) {
	file := hour(b)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		in, err := journal.NewDecoder(bytes.NewReader(file))
		if err != nil {
			b.Fatal(err)
		}
		state, n := New(), 0
		for {
			e, err := in.Decode()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			state.Apply(e)
			n++
		}
		if s := state.Snapshot(epoch); n != benchPods*3601 || len(s.Pods) != benchPods || len(s.Attempts) != maxAttempts {
			b.Fatalf("%d entries, %d pods, %d attempts", n, len(s.Pods), len(s.Attempts))
		}
	}
	b.ReportMetric(float64(len(file))/(3600*benchPods), "bytes/attempt")
}
