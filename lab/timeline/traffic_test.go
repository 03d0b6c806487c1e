package timeline

import (
	"fmt"
	"testing"
	"time"

	"healthlab/lab"
	"healthlab/lab/journal"
)

func TestTrafficOfTheTimeline(t *testing.T) {
	b, seq := New(nil), uint64(0)
	begin := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	add := func(after time.Duration, body journal.Body) {
		seq++
		b.Add(journal.Entry{Seq: seq, At: begin.Add(after), Body: body})
	}
	second := func(answered, lost int) journal.TrafficCounted {
		return journal.TrafficCounted{Second: lab.TrafficSecond{
			All: lab.TrafficCounts{Answered: answered, TimedOut: lost}, Speaks: lab.TrafficHTTP,
			Pods: []lab.PodTraffic{{Pod: "web-1", TrafficCounts: lab.TrafficCounts{TimedOut: lost}}},
		}}
	}
	add(0, second(1, 1)) // of no stream: it says nothing
	add(time.Second, journal.TrafficBegun{Plan: lab.TrafficPlan{Service: "web", Rate: 10}})
	add(time.Second, journal.TrafficBegun{Plan: lab.TrafficPlan{Service: "web", Port: 80, Rate: 10}})
	for i := 2; i < 12; i++ {
		add(time.Duration(i)*time.Second, second(10-i%3, i%3))
	}
	before := b.View()
	add(12*time.Second, journal.TrafficEnded{Problem: lab.T("끝", "over")})
	v := b.View()
	if n := len(before.Traffic.Streams); n != 1 || !before.Traffic.Streams[0].To.IsZero() {
		t.Errorf("before: %+v", before.Traffic.Streams)
	}
	s := v.Traffic.Streams
	if len(s) != 1 || s[0].Port != 80 || s[0].Speaks != lab.TrafficHTTP || s[0].Problem.En != "over" || s[0].To.IsZero() || s[0].Total.Sent() != 100 {
		t.Errorf("after: %+v", s)
	}
	if got := v.Traffic.In(begin.Add(3*time.Second), begin.Add(5*time.Second)); len(got) != 2 || got[0].All.Lost() != 1 || got[1].To("web-1").Lost() != 2 {
		t.Errorf("%+v", got)
	}
	if got := v.Traffic.In(begin.Add(time.Hour), begin); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	// What is kept is bounded, in seconds and in pods.
	add(13*time.Second, journal.TrafficBegun{Plan: lab.TrafficPlan{Service: "web", Rate: 10}})
	var many lab.TrafficSecond
	for i := range 200 {
		many.Pods = append(many.Pods, lab.PodTraffic{Pod: fmt.Sprint("pod-", i)})
	}
	for i := range maxSeconds + 10 {
		add(time.Duration(14+i)*time.Second, journal.TrafficCounted{Second: many})
	}
	if v := b.View(); v.Traffic.Len() > maxSeconds || v.Traffic.Len()*lab.MaxTrafficPods > maxShares || v.Traffic.Dropped == 0 {
		t.Errorf("%d seconds are kept, %d are not", v.Traffic.Len(), v.Traffic.Dropped)
	}
}

// The requests that were lost while an episode went on are those to its pod's own Services.
func TestRequestsMeanwhile(t *testing.T) {
	begin := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	at := func(s int, service string, lost int) Requests {
		return Requests{At: begin.Add(time.Duration(s) * time.Second), Service: service, TrafficSecond: lab.TrafficSecond{
			All: lab.TrafficCounts{Answered: 7, TimedOut: lost, Refused: 1}, Pods: []lab.PodTraffic{{Pod: "web-1", TrafficCounts: lab.TrafficCounts{TimedOut: lost}}},
		}}
	}
	v := &View{
		To:       begin.Add(time.Minute),
		Services: []*Service{{Name: "web", Members: []*Member{{Pod: "web-1", UID: "u1"}}}},
		Traffic:  Traffic{seconds: []Requests{at(1, "web", 9), at(3, "web", 2), at(4, "other", 5), at(5, "web", 2), at(9, "web", 9)}},
	}
	e := &Episode{Pod: "u1", PodName: "web-1", Begun: exactly(begin.Add(2 * time.Second)), Ended: begin.Add(6 * time.Second)}
	if got := v.MeanwhileWords(e).En; got != "Requests meanwhile: 6 of 20 lost (4 timed out, 2 refused), 4 of them at this pod" {
		t.Errorf("%q", got)
	}
	if got := v.MeanwhileWords(&Episode{Pod: "u2", Begun: exactly(begin)}); !got.IsZero() {
		t.Errorf("a pod of no service: %q", got.En)
	}
}
