package timeline

import (
	"fmt"
	"testing"
	"time"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/probes"
)

// hour is an hour of pods with one probe a second each.
func hour(pods int) []journal.Entry {
	var all []journal.Entry
	add := func(at time.Time, body journal.Body) {
		all = append(all, journal.Entry{Seq: uint64(len(all) + 1), At: at, Body: body})
	}
	spec := livenessProbe()
	spec.Period = time.Second
	ready := readinessProbe()
	for i := range pods {
		add(zero, journal.Changed{Change: lab.PodChanged{Pod: lab.Pod{
			Name: fmt.Sprintf("pod-%d", i), UID: fmt.Sprint(i), Ready: true, GracePeriod: 30 * time.Second,
			Containers: []lab.Container{{
				Name: "app", ID: "1", State: lab.Running, Started: true, Ready: true, StartedAt: zero,
				Probes: []lab.Probe{{Spec: spec}, {Spec: ready}},
			}},
		}}})
	}
	for s := range 3600 {
		for i := range pods {
			at := zero.Add(time.Duration(s)*time.Second + time.Duration(i)*time.Second/time.Duration(pods))
			a := probes.Attempt{
				Key: probes.Key{Pod: fmt.Sprint(i), Container: "app", Kind: probes.Liveness}, ContainerID: "1", Start: at,
				Took: 4 * time.Millisecond, Outcome: probes.Success, Streak: s + 1, Threshold: 1, Verdict: probes.Passing,
				Message: `{"uptime":` + fmt.Sprint(s) + `}`,
			}
			add(at.Add(5*time.Millisecond), journal.Attempted{Attempt: lab.Attempt{Attempt: a}})
		}
	}
	return all
}

func BenchmarkAddHour(b *testing.B) {
	entries := hour(30)
	b.ReportAllocs()
	for b.Loop() {
		builder := New(labs())
		for _, e := range entries {
			builder.Add(e)
		}
	}
}

// BenchmarkView takes a view after each tenth of a second of an hour's last minute.
func BenchmarkView(b *testing.B) {
	entries := hour(30)
	builder := New(labs())
	for _, e := range entries {
		builder.Add(e)
	}
	seq := uint64(len(entries))
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		for _, e := range entries[len(entries)-3:] {
			seq++
			e.Seq, e.At = seq, builder.clock.now
			builder.Add(e)
		}
		b.StartTimer()
		builder.View()
	}
}

// BenchmarkWindow looks at 200 cells of two lanes of 30 pods.
func BenchmarkWindow(b *testing.B) {
	builder := New(labs())
	for _, e := range hour(30) {
		builder.Add(e)
	}
	v := builder.View()
	const width = 18 * time.Second
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for _, p := range v.Pods {
			pr := p.Containers[0].Probes[1]
			for _, all := range pr.Engine.Cells(v.From, width, 200) {
				n += len(all)
			}
			for cell := range 200 {
				from := v.From.Add(time.Duration(cell) * width)
				for range pr.Verdicts.In(from, from.Add(width)) {
					n++
				}
			}
		}
		if n == 0 {
			b.Fatal("nothing")
		}
	}
}
