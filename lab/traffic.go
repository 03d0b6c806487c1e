package lab

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// TrafficPlan is a stream of requests that healthlab sends to a Service, each on a connection of its own.
type TrafficPlan struct {
	Service string
	// Port is the Service's, 0 as long as it is not known. Path is that of requests in HTTP.
	Port int    `json:",omitempty"`
	Path string `json:",omitempty"`
	Rate int    // requests a second
	Way  TrafficWay
	// Speaks is how the port is spoken to; empty as long as that is not known.
	Speaks TrafficProtocol `json:",omitempty"`
}

// The bounds of TrafficPlan.Rate, and what it is unless somebody says otherwise.
const (
	MinTrafficRate     = 1
	MaxTrafficRate     = 100
	DefaultTrafficRate = 10
)

// TrafficTimeout is how long a request may take.
const TrafficTimeout = time.Second

// TrafficWay is how requests get to a Service.
type TrafficWay string

// The ways. The node's agent sends them to the Service's own address, as any client in the cluster does; where no agent of
// healthlab's is heard, they go through port-forward, each to a pod chosen as the Service would.
const (
	TrafficByNode    TrafficWay = "node"
	TrafficByForward TrafficWay = "forward"
)

// TrafficProtocol is how a port is spoken to.
type TrafficProtocol string

// The protocols. Of TCP a connection is all there is, which also an app takes that hangs.
const (
	TrafficHTTP  TrafficProtocol = "http"
	TrafficHTTPS TrafficProtocol = "https" // no certificate is looked at
	TrafficTCP   TrafficProtocol = "tcp"
)

// TrafficCounts is what came of requests.
type TrafficCounts struct {
	Answered int `json:",omitempty"` // in HTTP with a status below 500: a path that is not there is an answer
	Refused  int `json:",omitempty"` // by the pod: nobody listens
	TimedOut int `json:",omitempty"`
	Errors   int `json:",omitempty"` // a status of 500 or above
	Broken   int `json:",omitempty"` // the connection broke, or the answer was none
	NoPod    int `json:",omitempty"` // the Service had no endpoint that takes requests
	// Unsent are those that never got to the pod, for reasons that are not the app's: they are neither answered nor lost.
	Unsent int `json:",omitempty"`
}

// Lost is how many were not answered as they should have been.
func (c TrafficCounts) Lost() int { return c.Refused + c.TimedOut + c.Errors + c.Broken + c.NoPod }

// Sent is how many got as far as the Service.
func (c TrafficCounts) Sent() int { return c.Answered + c.Lost() }

// Plus is the sum of both.
func (c TrafficCounts) Plus(o TrafficCounts) TrafficCounts {
	return TrafficCounts{
		Answered: c.Answered + o.Answered, Refused: c.Refused + o.Refused, TimedOut: c.TimedOut + o.TimedOut,
		Errors: c.Errors + o.Errors, Broken: c.Broken + o.Broken, NoPod: c.NoPod + o.NoPod, Unsent: c.Unsent + o.Unsent,
	}
}

// PodTraffic is what came of the requests that one pod got. Pod is its name, or its address where it has none.
type PodTraffic struct {
	Pod string
	TrafficCounts
}

// MaxTrafficPods is how many pods are told apart.
const MaxTrafficPods = 64

// AddPodTraffic adds what came of requests that a pod got to what is known of all, which are by name. A pod beyond MaxTrafficPods
// is left out. It changes all in place.
func AddPodTraffic(all []PodTraffic, one PodTraffic) []PodTraffic {
	i, found := slices.BinarySearchFunc(all, one.Pod, func(p PodTraffic, name string) int { return strings.Compare(p.Pod, name) })
	switch {
	case found:
		all[i].TrafficCounts = all[i].Plus(one.TrafficCounts)
	case len(all) < MaxTrafficPods:
		all = slices.Insert(all, i, one)
	}
	return all
}

// TrafficSecond is what came of the requests that ended within about a second.
type TrafficSecond struct {
	All  TrafficCounts
	Pods []PodTraffic `json:",omitempty"` // by name, bounded; those that no pod got are in All only
	// Speaks is how the port is spoken to, as far as that is known by now.
	Speaks TrafficProtocol `json:",omitempty"`
}

// Traffic is a stream of requests and what came of it.
type Traffic struct {
	TrafficPlan
	// On says that it is being sent; Since is when it began, and Problem why it ended, unless that was asked for.
	On      bool
	Since   time.Time
	Problem Text
	Last    TrafficSecond // the latest second
	Total   TrafficCounts
	Pods    []PodTraffic // by name, bounded: in all
}

// Asks is the path that is asked for.
func (t TrafficPlan) Asks() string {
	if t.Path == "" {
		return "/"
	}
	return t.Path
}

// Words says how requests are sent, in a line without a stop: what, how often, and by which way.
func (t TrafficPlan) Words() Text {
	where := Printable(t.Service)
	if t.Port != 0 {
		where += ":" + strconv.Itoa(t.Port)
	}
	what := T("요청", "requests")
	switch t.Speaks {
	case TrafficHTTP, TrafficHTTPS:
		what = Textf("%s GET %s", "%s GET %s", strings.ToUpper(string(t.Speaks)), Printable(t.Asks()))
	case TrafficTCP:
		what = T("TCP 연결만(앱의 응답은 보지 않음)", "TCP connections only (no answer is waited for)")
	}
	way := T("서비스 주소로", "by the Service's address")
	if t.Way == TrafficByForward {
		way = T("포트 포워딩으로", "through port-forward")
	}
	return Textf("%[1]s에 %[4]s %[2]s, 1초에 %[3]d번", "%[2]s to %[1]s, %[3]d a second, %[4]s", where, what, t.Rate, way)
}

// Words says what came of requests, in a line without a stop: "12 of 300 lost (10 timed out, 2 refused)".
func (c TrafficCounts) Words() Text {
	said := Textf("%[1]d개 모두 응답", "all %[1]d answered", c.Sent())
	if lost := c.Lost(); lost > 0 {
		said = Textf("%[2]d개 가운데 %[1]d개 잃음(%[3]s)", "%[1]d of %[2]d lost (%[3]s)", lost, c.Sent(), c.lostWords())
	} else if c.Sent() == 0 {
		said = T("아직 없음", "none yet")
	}
	if c.Unsent > 0 {
		said = Textf("%s, 보내지 못함 %d", "%s, %d not sent", said, c.Unsent)
	}
	return said
}

func (c TrafficCounts) lostWords() Text {
	var parts []Text
	for _, one := range []struct {
		n    int
		name Text
	}{
		{c.TimedOut, T("시간 초과 %d", "%d timed out")},
		{c.Refused, T("연결 거부 %d", "%d refused")},
		{c.Errors, T("5xx 상태 %d", "%d with status 5xx")},
		{c.Broken, T("끊김 %d", "%d broken off")},
		{c.NoPod, T("받을 파드 없음 %d", "%d with no pod to take them")},
	} {
		if one.n > 0 {
			parts = append(parts, Textf(one.name.Ko, one.name.En, one.n))
		}
	}
	return Join(parts, ", ")
}
