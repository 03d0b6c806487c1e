package session

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"healthlab/lab"
	"healthlab/lab/fold"
	"healthlab/lab/journal"
	"healthlab/probes"
)

// How long a probe rests that could not reach its container, or may not.
const (
	retryBlocked   = 10 * time.Second
	retryForbidden = time.Minute
)

// seat is healthlab's own place at a probe.
type seat struct {
	state    atomic.Pointer[probes.State] // what the engine's worker looks at
	observed bool                         // the engine runs the probe
	retry    time.Time                    // when it is tried again, if it could not be run
	blocked  lab.Text                     // why it could not be run

	success   time.Time // when the last attempt that succeeded began
	successes int       // in the container's run
	held      time.Time // since when it is on hold after failures
	outlived  time.Time // when the container has shown by itself that the kubelet is of another opinion
	fine      bool      // the hold has ended so
	// since is when the container was first seen to be as it is: the kubelet's next attempt comes at its tick after that.
	since time.Time
}

// attend keeps the seats at a pod's probes: what the workers look at is how the pod is now, and seats at probes that are gone
// are given up. before is the pod as it was, nil if there was none of that name.
func (s *Session) attend(before *lab.Pod, now lab.Pod) {
	for key, at := range s.seats {
		if key.Pod != now.UID && (before == nil || key.Pod != before.UID) {
			continue
		}
		p, pr := s.state.Probe(key)
		if pr == nil {
			s.engine.Remove(key)
			delete(s.seats, key)
			continue
		}
		for _, c := range p.Containers {
			if c.Name == key.Container {
				at.see(engineState(p, c))
			}
		}
	}
	s.readyAgain(before, now)
	for key := range s.alone {
		if p, there := s.state.Pod(now.Name); key.Pod == now.UID && (!there || p.UID != now.UID) {
			delete(s.alone, key)
		}
	}
	if before == nil || before.UID != now.UID {
		return
	}
	for _, name := range nowStarted(before, now) {
		s.engine.Trigger(probes.Key{Pod: now.UID, Container: name, Kind: probes.Readiness})
	}
}

// see takes in how the container is now.
func (at *seat) see(state *probes.State) {
	old := at.state.Swap(state)
	if old == nil || old.ID != state.ID {
		at.held, at.outlived, at.success, at.successes = time.Time{}, time.Time{}, time.Time{}, 0
	}
	if old == nil || old.ID != state.ID || old.Running != state.Running || old.Started != state.Started {
		at.since = time.Now()
	}
}

// tookOn is about when the kubelet took the pod on, or zero. The API server tells the second, of which this is the middle. A
// container of the pod started after it, even if within the same second: a delay of one period is not over at the first tick.
func tookOn(p lab.Pod) time.Time {
	if p.Acknowledged.IsZero() {
		return time.Time{}
	}
	return p.Acknowledged.Add(time.Second / 2)
}

// engineState is what the engine has to know of a container.
func engineState(p lab.Pod, c lab.Container) *probes.State {
	const later = 400 * time.Millisecond // more than a tick is ever late
	started := c.StartedAt
	if took := tookOn(p); !took.IsZero() && !started.After(took) {
		started = took.Add(later)
	}
	return &probes.State{
		ID: c.ID, Running: c.State == lab.Running, StartedAt: started, Started: c.Started,
		Terminal: c.Final || p.Phase == "Failed" || p.Phase == "Succeeded",
		Deleting: !p.Deleting.IsZero(),
	}
}

// nowStarted lists the containers that have started since before. Their readiness is looked at at once instead of at the
// next tick, as the kubelet does (UpdatePodStatus in k8s.io/kubernetes/pkg/kubelet/prober/prober_manager.go).
func nowStarted(before *lab.Pod, p lab.Pod) []string {
	var names []string
	for _, c := range p.Containers {
		if c.Started && before != nil && slices.ContainsFunc(before.Containers, func(o lab.Container) bool {
			return o.Name == c.Name && !o.Started
		}) {
			names = append(names, c.Name)
		}
	}
	return names
}

// observe makes the engine probe what the cluster's pods say, as long as there is a connection and nothing speaks against it,
// and records how it stands at each probe.
func (s *Session) observe(now time.Time) {
	for _, p := range s.state.Pods() {
		for _, c := range p.Containers {
			for _, seen := range c.Probes {
				key := probes.Key{Pod: p.UID, Container: c.Name, Kind: seen.Spec.Kind}
				if _, pr := s.state.Probe(key); pr != nil {
					s.observeOne(now, p, c, seen, key, pr)
				}
			}
		}
	}
}

func (s *Session) observeOne(now time.Time, p lab.Pod, c lab.Container, seen lab.Probe, key probes.Key, pr *fold.Probe) {
	up := s.link != nil && s.state.Cluster().Phase == lab.Up
	at := s.seats[key]
	if at == nil {
		at = &seat{}
		at.see(engineState(p, c))
		s.seats[key] = at
	}
	why, rest := s.rests(p, c, pr)
	switch {
	case at.observed && (!up || rest):
		s.engine.Remove(key)
		at.observed, at.held, at.outlived = false, time.Time{}, time.Time{}
	case !at.observed && !rest && up && c.State == lab.Running && p.Deleting.IsZero() && !now.Before(at.retry):
		if err := s.begin(p, c, pr.Spec, key, at); err != nil {
			at.blocked = lab.Brief(err)
		}
	case !at.outlived.IsZero() && now.After(at.outlived):
		at.outlived = time.Time{}
		if c.Grace == nil && c.State == lab.Running {
			s.shownFine(key, c.ID, now)
		}
	}
	told := pr.Witness == lab.Kubelet
	caveats, unavailable := s.caveats(p, seen, pr), at.blocked
	if rest {
		unavailable = why
	}
	plan, _ := s.engine.Plan(key)
	if told {
		plan = s.kubeletPlan(p, c, pr, at)
		if !unavailable.IsZero() {
			caveats, unavailable = append(caveats, unavailable), lab.Text{}
		}
	}
	s.recordProbe(journal.ProbeObserved{Key: key, Plan: plan, Caveats: caveats, Unavailable: unavailable, Fine: at.fine})
	at.fine = false
}

// kubeletPlan is what the kubelet does next. Once it has told of an attempt in this run, that says it; before, it is reckoned
// from when the kubelet took the pod on, as far as that is known.
func (s *Session) kubeletPlan(p lab.Pod, c lab.Container, pr *fold.Probe, at *seat) probes.Plan {
	state := *at.state.Load()
	n := len(pr.Recent)
	attempted := n > 0 && pr.Recent[n-1].ContainerID == c.ID
	if state.Running && attempted {
		return pr.Plan
	}
	tick := tookOn(p)
	if late := at.since.Sub(tick); late > 0 && pr.Spec.Period > 0 {
		tick = tick.Add((late + pr.Spec.Period - 1) / pr.Spec.Period * pr.Spec.Period)
	}
	return pr.Spec.Plan(state, false, tick)
}

// recordProbe records how the engine stands at a probe, if that is news.
func (s *Session) recordProbe(o journal.ProbeObserved) {
	_, pr := s.state.Probe(o.Key)
	if pr != nil && (o.Fine || o.Plan != pr.Plan || o.Unavailable != pr.Unavailable || !slices.Equal(o.Caveats, pr.Caveats)) {
		s.record(o)
	}
}

// begin adds a probe to the engine.
func (s *Session) begin(p lab.Pod, c lab.Container, spec probes.Spec, key probes.Key, at *seat) error {
	err := elsewhere(spec, p.IP)
	if err == nil {
		// The kubelet's worker for a probe begins when it takes the pod on, and ticks through all its containers.
		err = s.engine.Join(key, spec, s.target(p, c, key), func() probes.State { return *at.state.Load() }, tookOn(p))
	}
	if err != nil {
		at.retry = time.Now().Add(time.Hour)
		return err
	}
	at.observed = true
	return nil
}

// elsewhere says why a probe whose spec names a host cannot be made from outside the node.
func elsewhere(spec probes.Spec, ip string) error {
	host := ""
	switch {
	case spec.HTTP != nil:
		host = spec.HTTP.Host
	case spec.TCP != nil:
		host = spec.TCP.Host
	}
	if host == "" || host == ip {
		return nil
	}
	return lab.Errorf(nil, "host %s은(는) 노드에서만 확인할 수 있어 kubelet의 결과만 보입니다",
		"host %s can only be reached from the node, so only what the kubelet reports is shown", host)
}

// target tells the engine how to reach a container through the API server.
func (s *Session) target(p lab.Pod, c lab.Container, key probes.Key) probes.Target {
	return probes.Target{
		Host: p.IP, Ports: c.Ports, UserAgent: s.config.UserAgent,
		Remote: route{link: s.link, pod: p.Name, container: c.Name, block: func(why lab.Text, rest time.Duration) {
			s.inbox.put(func() { s.block(key, why, rest) })
		}},
	}
}

// route is the way to a container through the API server.
type route struct {
	link           Cluster
	pod, container string
	block          func(why lab.Text, rest time.Duration) // says that the way is closed
}

// Exec implements probes.Remote.
func (r route) Exec(ctx context.Context, command []string, limit int, opened func(time.Duration)) ([]byte, int, error) {
	arrived := false
	out, code, err := r.link.Exec(ctx, r.pod, r.container, command, limit, func(turn time.Duration) {
		arrived = true
		opened(turn)
	})
	var told *lab.Error
	switch {
	case !errors.As(err, &told):
	case told.Cause == nil, apierrors.IsForbidden(err):
		r.block(told.Msg, retryForbidden) // whether an attempt can be made at all is not for the app to answer
	case apierrors.IsUnauthorized(err), apierrors.IsTooManyRequests(err):
		r.block(told.Msg, retryBlocked)
	}
	if err != nil && !arrived && errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		r.block(lab.T("명령을 실행할 연결이 제때 열리지 않았습니다", "the connection for the command did not open in time"),
			retryBlocked)
	}
	return out, code, err
}

// Dial implements probes.Remote.
func (r route) Dial(ctx context.Context, port int) (net.Conn, time.Duration, error) {
	conn, turn, err := r.link.Dial(ctx, r.pod, port)
	if err != nil {
		why, rest := lab.Brief(err), retryBlocked
		if apierrors.IsForbidden(err) {
			rest = retryForbidden
		}
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			why = lab.T("포트 포워딩이 제때 열리지 않았습니다", "the port-forward did not open in time")
		}
		r.block(why, rest)
		return nil, 0, fmt.Errorf("dial through the API server: %w", err)
	}
	return conn, turn, nil
}

// block stops a probe whose container cannot be reached; it is tried again after a rest. The attempt that failed on
// the way is dropped, as it says nothing about the container.
func (s *Session) block(key probes.Key, why lab.Text, rest time.Duration) {
	at := s.seats[key]
	_, pr := s.state.Probe(key)
	if pr == nil || at == nil || !at.observed {
		return
	}
	s.engine.Remove(key)
	at.observed, at.retry, at.blocked = false, time.Now().Add(rest), why
	if pr.Witness == lab.Engine {
		s.recordProbe(journal.ProbeObserved{Key: key, Caveats: pr.Caveats, Unavailable: why})
	}
}

// onAttempt receives the engine's attempts, in the goroutines of its workers.
func (s *Session) onAttempt(a probes.Attempt) {
	s.inbox.put(func() {
		at := s.seats[a.Key]
		p, pr := s.state.Probe(a.Key)
		if pr == nil || at == nil || !at.observed {
			return // blocked, or gone meanwhile
		}
		s.record(journal.Attempted{Attempt: lab.Attempt{Pod: p.Name, Container: a.Key.Container, Attempt: a}})
		at.blocked = lab.Text{}
		if a.OnHold && a.Verdict == probes.Failing {
			at.held = a.Start.Add(a.Took)
			at.outlived = outlived(p, pr.Spec, at.held)
		}
		s.beside(p, pr, at, a)
	})
}
