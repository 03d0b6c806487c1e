package timeline

import (
	"slices"
	"time"

	"healthlab/lab"
)

// Requests are those to Services that ended within about a second.
type Requests struct {
	At      time.Time // the end of the second
	Service string
	lab.TrafficSecond
}

// Stream is a stream of requests to a Service.
type Stream struct {
	lab.TrafficPlan
	From    time.Time
	To      time.Time // zero while it goes on
	Problem lab.Text  // why it ended, unless that was asked for
	Total   lab.TrafficCounts
}

// Traffic is what came of the requests that healthlab has sent to Services, to judge from which what their users felt.
type Traffic struct {
	Streams []Stream // by when they began; they must not be changed
	seconds []Requests
	// Dropped is how many of the oldest seconds are not kept any more.
	Dropped int
}

// Len is how many seconds are kept.
func (t Traffic) Len() int { return len(t.seconds) }

// In are the seconds that ended after from and not after to. They must not be changed.
func (t Traffic) In(from, to time.Time) []Requests {
	i, j := t.after(from), t.after(to)
	return slices.Clip(t.seconds[i:max(i, j)])
}

// after is the index of the first second that ended after a time.
func (t Traffic) after(at time.Time) int {
	i, _ := slices.BinarySearchFunc(t.seconds, at, func(r Requests, at time.Time) int {
		if r.At.After(at) {
			return 1
		}
		return -1
	})
	return i
}

// To is what came of those that a pod got. It is zero where its share is not known.
func (r Requests) To(pod string) lab.TrafficCounts {
	for _, p := range r.Pods {
		if p.Pod == pod {
			return p.TrafficCounts
		}
	}
	return lab.TrafficCounts{}
}

// Meanwhile is what came of the requests to the Services of an episode's pod while the episode went on: of all, and of those that
// this pod got. ok is false if none were sent.
func (v *View) Meanwhile(e *Episode) (all, pod lab.TrafficCounts, ok bool) {
	to := e.Ended
	if to.IsZero() {
		to = v.To
	}
	services, _ := v.MembersOf(e.Pod)
	for _, r := range v.Traffic.In(e.Begun.At, to) {
		if slices.Contains(services, r.Service) {
			all, pod = all.Plus(r.All), pod.Plus(r.To(e.PodName))
		}
	}
	return all, pod, all.Sent()+all.Unsent > 0
}

// MeanwhileWords is Meanwhile in words, without a stop; zero if no requests were sent.
func (v *View) MeanwhileWords(e *Episode) lab.Text {
	all, pod, ok := v.Meanwhile(e)
	switch {
	case !ok:
		return lab.Text{}
	case all.Lost() == 0:
		return lab.Textf("그동안 보낸 요청: %s", "Requests meanwhile: %s", all.Words())
	}
	return lab.Textf("그동안 보낸 요청: %s, 그 가운데 이 파드가 %d", "Requests meanwhile: %s, %d of them at this pod", all.Words(), pod.Lost())
}

// The bounds of what is kept of requests.
const (
	maxStreams = 64
	maxSeconds = 16_384
	maxShares  = 100_000 // of pods, in all seconds
)

// flow is Traffic while it is made.
type flow struct {
	Traffic
	shares int
}

func (b *Builder) onTrafficBegun(p lab.TrafficPlan) {
	p.Service, p.Path = clip(p.Service), clip(p.Path)
	f := &b.flow
	f.Streams = slices.Clone(f.Streams) // views have them
	if n := len(f.Streams); n > 0 && f.Streams[n-1].To.IsZero() {
		if f.Streams[n-1].Service == p.Service {
			f.Streams[n-1].TrafficPlan = p
			return
		}
		f.Streams[n-1].To = b.clock.now
	}
	f.Streams = append(f.Streams, Stream{TrafficPlan: p, From: b.clock.now})
	f.Streams = f.Streams[max(len(f.Streams)-maxStreams, 0):]
}

func (b *Builder) onTraffic(s lab.TrafficSecond) {
	f := &b.flow
	n := len(f.Streams) - 1
	if n < 0 || !f.Streams[n].To.IsZero() {
		return
	}
	f.Streams = slices.Clone(f.Streams)
	f.Streams[n].Total = f.Streams[n].Total.Plus(s.All)
	if s.Speaks != "" {
		f.Streams[n].Speaks = s.Speaks
	}
	if len(s.Pods) > lab.MaxTrafficPods {
		s.Pods = s.Pods[:lab.MaxTrafficPods]
	}
	s.Pods = slices.Clone(s.Pods)
	for i := range s.Pods {
		s.Pods[i].Pod = clip(s.Pods[i].Pod)
	}
	f.seconds = append(f.seconds, Requests{At: b.clock.now, Service: f.Streams[n].Service, TrafficSecond: s})
	f.shares += len(s.Pods)
	for len(f.seconds) > maxSeconds || f.shares > maxShares {
		f.shares -= len(f.seconds[0].Pods)
		f.seconds = f.seconds[1:]
		f.Dropped++
	}
}

func (b *Builder) onTrafficEnded(problem lab.Text) {
	f := &b.flow
	if n := len(f.Streams) - 1; n >= 0 && f.Streams[n].To.IsZero() {
		f.Streams = slices.Clone(f.Streams)
		f.Streams[n].To = b.clock.now
		f.Streams[n].Problem = lab.T(clip(problem.Ko), clip(problem.En))
	}
}

func (f *flow) view() Traffic {
	v := f.Traffic
	v.seconds = slices.Clip(v.seconds)
	return v
}
