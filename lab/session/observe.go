package session

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"healthlab/lab"
	"healthlab/probes"
)

// How long a probe rests that could not reach its container, or may not.
const (
	retryBlocked   = 10 * time.Second
	retryForbidden = time.Minute
)

// observe makes the engine probe what the cluster's pods say, as long as there is a connection.
func (s *Session) observe(now time.Time) {
	up := s.link != nil && s.cluster.Phase == lab.Up
	for _, p := range s.pods {
		for _, c := range p.seen.Containers {
			known := p.containers[c.Name]
			for _, seen := range c.Probes {
				pr := known.probes[seen.Spec.Kind]
				if pr == nil {
					continue
				}
				key := probes.Key{Pod: p.seen.UID, Container: c.Name, Kind: pr.Spec.Kind}
				switch {
				case pr.observed && !up:
					s.engine.Remove(key)
					pr.observed = false
				case !pr.observed && up && c.State == lab.Running && p.seen.Deleting.IsZero() && !now.Before(pr.retry):
					s.begin(p, c, pr, key)
				}
				if plan, _ := s.engine.Plan(key); plan != pr.Plan {
					pr.Plan, p.stale, s.dirty.pods = plan, true, true
				}
				if told := s.caveats(p.seen, seen, pr); !slices.Equal(told, pr.Caveats) {
					pr.Caveats, p.stale, s.dirty.pods = told, true, true
				}
			}
		}
	}
}

// begin adds a probe to the engine.
func (s *Session) begin(p *pod, c lab.Container, pr *probe, key probes.Key) {
	known := p.containers[c.Name]
	err := elsewhere(pr.Spec, p.seen.IP)
	if err == nil {
		// The kubelet's worker for a probe begins when it takes the pod on, and ticks through all its containers.
		err = s.engine.Join(key, pr.Spec, s.target(p.seen, c, key), func() probes.State { return *known.state.Load() },
			tookOn(p.seen))
	}
	if err != nil {
		pr.Unavailable, pr.retry = lab.Brief(err), time.Now().Add(time.Hour)
	} else {
		pr.observed = true
	}
	p.stale, s.dirty.pods = true, true
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
	return refuse("host %s은(는) 노드에서만 확인할 수 있어 kubelet의 결과만 보입니다",
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
		r.block(lab.Text{Ko: "명령을 실행할 연결이 제때 열리지 않았습니다", En: "the connection for the command did not open in time"},
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
			why = lab.Text{Ko: "포트 포워딩이 제때 열리지 않았습니다", En: "the port-forward did not open in time"}
		}
		r.block(why, rest)
		return nil, 0, fmt.Errorf("dial through the API server: %w", err)
	}
	return conn, turn, nil
}

// block stops a probe whose container cannot be reached; it is tried again after a rest. The attempt that failed on
// the way is dropped, as it says nothing about the container.
func (s *Session) block(key probes.Key, why lab.Text, rest time.Duration) {
	p, pr := s.probe(key)
	if pr == nil || !pr.observed {
		return
	}
	s.engine.Remove(key)
	pr.observed, pr.Unavailable = false, why
	pr.retry = time.Now().Add(rest)
	p.stale, s.dirty.pods, s.dirty.any = true, true, true
}

// onAttempt receives the engine's attempts, in the goroutines of its workers.
func (s *Session) onAttempt(a probes.Attempt) {
	s.inbox.put(func() {
		p, pr := s.probe(a.Key)
		if pr == nil || !pr.observed {
			return // blocked, or gone meanwhile
		}
		s.dirty.any = true
		s.attempts = push(s.attempts, lab.Attempt{Pod: p.seen.Name, Container: a.Key.Container, Attempt: a}, maxAttempts)
		if a.ContainerID != p.containers[a.Key.Container].id {
			return // about the run before
		}
		p.stale, s.dirty.pods = true, true
		if pr.attempt(a) {
			s.tell(lab.Fact{Kind: lab.FactProbeRecovered, Pod: p.seen.Name, Container: a.Key.Container, Probe: a.Key.Kind})
		}
	})
}

// probe finds what key is about.
func (s *Session) probe(key probes.Key) (*pod, *probe) {
	for _, p := range s.pods {
		if p.seen.UID == key.Pod {
			if c := p.containers[key.Container]; c != nil {
				return p, c.probes[key.Kind]
			}
		}
	}
	return nil, nil
}
