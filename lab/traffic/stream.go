package traffic

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"healthlab/lab"
)

// Stream is the requests that are to be sent.
type Stream struct {
	Plan lab.TrafficPlan // Rate within its bounds; Path empty: "/"
	// Open opens the connection for a request, and says which pod has it, or was to have it. Errors that wrap ErrNoPod, ErrUnsent
	// and ErrOver say what they stand for; others are the pod's.
	Open func(ctx context.Context) (conn net.Conn, pod string, err error)
	// Way is how long it may take to get to a pod, beside what a request may take; 0 where that is no matter.
	Way time.Duration
}

// What Open's errors may wrap.
var (
	// ErrNoPod says that the Service has no endpoint that takes requests.
	ErrNoPod = errors.New("no endpoint takes requests")
	// ErrUnsent says that the request did not get to a pod, for reasons that are not the app's.
	ErrUnsent = errors.New("the request did not get to the pod")
	// ErrOver says that there is no use in going on. Run returns the error.
	ErrOver = errors.New("nothing more can be sent")
)

// After so many requests without a single byte of an answer a port of unknown protocol is one of TCP.
const maxSilent = 10

// run is a stream while it is sent.
type run struct {
	Stream
	request *http.Request
	stop    context.CancelCauseFunc

	mu     sync.Mutex
	speaks lab.TrafficProtocol // empty as long as it is not known
	silent int                 // requests that nobody has answered, as long as it is not known
	flying int
	second lab.TrafficSecond
}

// Run sends requests until ctx ends, and tells each second what has come of those that ended since the last time, by the
// goroutine that has called it. It returns once every request has ended: ctx's error, or that of Open which wraps ErrOver.
func (s Stream) Run(ctx context.Context, tell func(lab.TrafficSecond)) error {
	if s.Plan.Rate < lab.MinTrafficRate || s.Plan.Rate > lab.MaxTrafficRate {
		return errors.New("traffic: the rate is out of bounds")
	}
	request, err := request(s.Plan)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	r := &run{Stream: s, request: request, stop: stop, speaks: s.Plan.Speaks}
	var requests sync.WaitGroup
	defer requests.Wait()
	defer stop(nil)
	next := time.NewTicker(time.Second / time.Duration(s.Plan.Rate))
	defer next.Stop()
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-second.C:
			tell(r.take())
		case <-next.C:
			if r.begin() {
				requests.Go(func() { r.one(ctx) })
			}
		}
	}
}

// request is what is sent in HTTP, on each connection anew.
func request(plan lab.TrafficPlan) (*http.Request, error) {
	path := plan.Path
	if path == "" {
		path = "/"
	}
	u, err := url.ParseRequestURI(path)
	if err != nil || !strings.HasPrefix(path, "/") || u.Host != "" {
		return nil, lab.Errorf(nil, "%q은(는) 요청할 수 있는 경로가 아닙니다", "%q is no path that can be asked for", path)
	}
	return &http.Request{
		Method: http.MethodGet, URL: u, Host: plan.Service, Close: true,
		Header: http.Header{"User-Agent": {"healthlab-traffic"}, "Accept": {"*/*"}},
	}, nil
}

// begin reports whether one more request may be under way. Where too many are, it counts as not sent.
func (r *run) begin() bool {
	const spare = 10
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.flying >= 2*r.Plan.Rate+spare {
		r.second.All.Unsent++
		return false
	}
	r.flying++
	return true
}

// take is the second that is over.
func (r *run) take() lab.TrafficSecond {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.second
	out.Speaks = r.speaks
	r.second = lab.TrafficSecond{}
	return out
}

// one sends a request and counts what comes of it. One that was cut short by the end of the stream says nothing.
func (r *run) one(ctx context.Context) {
	r.mu.Lock()
	speaks := r.speaks
	r.mu.Unlock()
	pod, came, saw := r.send(ctx, speaks)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flying--
	if ctx.Err() != nil {
		return
	}
	r.learn(speaks, saw)
	one := came.count()
	r.second.All = r.second.All.Plus(one)
	if came != noPod && came != unsent && pod != "" {
		r.second.Pods = lab.AddPodTraffic(r.second.Pods, lab.PodTraffic{Pod: pod, TrafficCounts: one})
	}
}

// learn takes in what an answer says about how the port is spoken to; r.mu is held.
func (r *run) learn(asked lab.TrafficProtocol, saw sight) {
	if asked != "" || r.speaks != "" {
		return
	}
	switch saw {
	case sawHTTP:
		r.speaks = lab.TrafficHTTP
	case sawTLS:
		r.speaks = lab.TrafficHTTPS
	case sawOther:
		r.speaks = lab.TrafficTCP
	case sawSilence:
		if r.silent++; r.silent >= maxSilent {
			r.speaks = lab.TrafficTCP
		}
	case sawNothing:
	}
}

// outcome is what came of a request.
type outcome int

const (
	answered outcome = iota
	refused
	timedOut
	failed // with a status of 500 or above
	broken
	noPod
	unsent
)

// count is the outcome of one request as counts.
func (o outcome) count() lab.TrafficCounts {
	return [...]lab.TrafficCounts{
		answered: {Answered: 1}, refused: {Refused: 1}, timedOut: {TimedOut: 1}, failed: {Errors: 1}, broken: {Broken: 1},
		noPod: {NoPod: 1}, unsent: {Unsent: 1},
	}[o]
}
