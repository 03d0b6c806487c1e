package session

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"healthlab/lab"
	"healthlab/lab/witness"
	"healthlab/probes"
)

// onNode is the web pod on the node whose agent tells of its attempts.
func onNode(ready bool) lab.Pod {
	p := web(ready)
	p.Node = witness.NodeName
	return p
}

func kubeletAttempt(outcome probes.Outcome, streak int) lab.Attempt {
	a := lab.Attempt{Pod: "web-1", Container: "app", Witness: lab.Kubelet, Attempt: probes.Attempt{
		Key: probes.Key{Pod: "uid-1", Container: "app", Kind: probes.Readiness}, ContainerID: "run-1", Start: time.Now(),
		Took: time.Millisecond, Outcome: outcome, Streak: streak, Threshold: 3, Verdict: probes.Passing, Next: time.Now().Add(3 * time.Second),
	}}
	if outcome == probes.Failure && streak >= 3 {
		a.Verdict, a.Changed = probes.Failing, streak == 3
	}
	return a
}

// by lists who made the attempts of the probe log.
func (h *harness) by() (kubelet, own int) {
	for _, a := range h.now().Attempts {
		if a.Witness == lab.Kubelet {
			kubelet++
		} else {
			own++
		}
	}
	return kubelet, own
}

func (h *harness) probe() lab.Probe { return h.now().Pods[0].Containers[0].Probes[0] }

// Where the kubelet tells of each attempt, healthlab makes none, until the user wants both.
func TestTheKubeletTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := newFakeCluster()
		cluster.told = make(chan lab.Attempt)
		h := startOn(t, cluster, nil)
		h.send(lab.PodChanged{Pod: onNode(true)})
		for i := range 2 {
			cluster.told <- kubeletAttempt(probes.Failure, i+1)
			h.pass(3 * time.Second)
		}
		p := h.probe()
		if kubelet, own := h.by(); kubelet != 2 || own != 0 || !slices.Equal(h.now().Cluster.Told, []string{witness.NodeName}) {
			t.Errorf("%d attempts of the kubelet, %d of healthlab, told %v", kubelet, own, h.now().Cluster.Told)
		}
		if p.Witness != lab.Kubelet || p.Streak != 2 || p.Failures != 2 || len(p.Recent) != 2 || !p.Unavailable.IsZero() || p.Next.IsZero() {
			t.Errorf("probe %+v", p)
		}
		h.do(lab.SetProbing{Probing: lab.ProbingOn})
		h.pass(7 * time.Second)
		if _, own := h.by(); own != 3 {
			t.Errorf("%d attempts of healthlab's own", own)
		}
		if p := h.probe(); p.Streak != 2 || p.Witness != lab.Kubelet {
			t.Errorf("healthlab's own attempts count as the kubelet's: %+v", p)
		}
		h.do(lab.SetProbing{Probing: lab.ProbingAuto})
		before, _ := h.by()
		_, own := h.by()
		h.pass(time.Minute)
		if _, later := h.by(); later != own || before != 2 {
			t.Errorf("%d attempts of healthlab's own after it was switched off again", later-own)
		}
		if told := strings.Join(h.told(), "\n"); !strings.Contains(told, "healthlab runs the probes itself, too") {
			t.Errorf("told %s", told)
		}
	})
}

// A connection that breaks is taken up again, and no node but the agent's is asked. While it is not to be had, healthlab
// probes itself; that is said once.
func TestTheKubeletIsNotHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := newFakeCluster()
		cluster.untold = apierrors.NewForbidden(schema.GroupResource{Resource: "nodes/proxy"}, witness.NodeName, errors.New("no"))
		h := startOn(t, cluster, nil)
		elsewhere := web(true)
		elsewhere.Node = "node-1"
		h.send(lab.PodChanged{Pod: elsewhere})
		h.pass(time.Minute)
		if cluster.listened != 0 {
			t.Fatalf("node-1 was asked %d times", cluster.listened)
		}
		h.send(lab.PodChanged{Pod: onNode(true)})
		h.pass(25 * time.Minute)
		if _, own := h.by(); own < 290 { // the log is bounded
			t.Errorf("%d attempts of healthlab's own", own)
		}
		var said []string
		for _, line := range h.told() {
			if strings.HasPrefix(line, string(lab.FactUntold)) {
				said = append(said, line)
			}
		}
		if cluster.listened != 3 || len(said) != 1 || !strings.Contains(said[0], "forbidden") {
			t.Errorf("asked %d times, said %q", cluster.listened, said)
		}
		cluster.mu.Lock()
		told := make(chan lab.Attempt)
		cluster.untold, cluster.told = nil, told
		cluster.mu.Unlock()
		h.pass(10 * time.Minute)
		if p := h.probe(); p.Witness != lab.Kubelet {
			t.Errorf("not heard once it is permitted: %+v", p)
		}
		cluster.mu.Lock()
		cluster.told = make(chan lab.Attempt)
		cluster.mu.Unlock()
		close(told)
		h.pass(2 * time.Second)
		cluster.told <- kubeletAttempt(probes.Success, 1)
		h.settle()
		if p := h.probe(); len(p.Recent) != 1 || p.Witness != lab.Kubelet {
			t.Errorf("after the connection broke: %+v", p)
		}
	})
}

// An attempt may come before the API tells of its container: it counts for that container nevertheless.
func TestAnAttemptThatIsToldEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := newFakeCluster()
		cluster.told = make(chan lab.Attempt)
		h := startOn(t, cluster, nil)
		h.send(lab.PodChanged{Pod: onNode(true)})
		next := kubeletAttempt(probes.Success, 1)
		next.ContainerID = "run-2"
		cluster.told <- next
		h.settle()
		if kubelet, _ := h.by(); kubelet != 0 {
			t.Error("taken in before its container is known")
		}
		p := onNode(true)
		p.Containers[0].ID, p.Containers[0].Restarts = "run-2", 1
		h.send(lab.PodChanged{Pod: p})
		if got := h.probe(); got.Streak != 1 || len(got.Recent) != 1 {
			t.Errorf("probe %+v", got)
		}
		gone := kubeletAttempt(probes.Success, 2)
		gone.Key.Pod, gone.ContainerID = "uid-0", "run-0"
		late := kubeletAttempt(probes.Success, 2)
		late.ContainerID = "run-3"
		cluster.told <- gone
		cluster.told <- late
		h.pass(4 * time.Second)
		if kubelet, _ := h.by(); kubelet != 2 {
			t.Errorf("%d attempts, want the second one of a container that nobody tells of", kubelet)
		}
	})
}

// What rests, and why, where the kubelet does not tell of each attempt.
func TestProbesThatRest(t *testing.T) {
	refuse := func(context.Context, string, int) (net.Conn, time.Duration, error) {
		return nil, 0, errors.New("not called")
	}
	tests := []struct {
		name   string
		mode   lab.Probing
		change func(*lab.Pod)
		want   string // part of why; empty: it does not rest
	}{
		{"nothing", lab.ProbingAuto, func(*lab.Pod) {}, ""},
		{"switched off", lab.ProbingOff, func(*lab.Pod) {}, "switched off"},
		{"the pod says no", lab.ProbingOn, func(p *lab.Pod) { p.Probing = lab.ProbingOff }, "healthlab/probing=off"},
		{"switched off, whatever the pod says", lab.ProbingOff, func(p *lab.Pod) { p.Probing = lab.ProbingOn }, "switched off"},
		{"a command that writes", lab.ProbingAuto, func(p *lab.Pod) { p.Containers[0].Probes[0].Changes = "> /tmp/seen" }, "(> /tmp/seen)"},
		{"a command that writes, where all are wanted", lab.ProbingOn, func(p *lab.Pod) { p.Containers[0].Probes[0].Changes = "touch" }, "(touch)"},
		{"a command that writes, but the pod says yes", lab.ProbingAuto, func(p *lab.Pod) {
			p.Containers[0].Probes[0].Changes, p.Probing = "touch", lab.ProbingOn
		}, ""},
		{"one connection at a time", lab.ProbingAuto, func(p *lab.Pod) {
			p.Containers[0].OneByOne = "nc -l"
			p.Containers[0].Probes[0].Spec.Exec, p.Containers[0].Probes[0].Spec.TCP = nil, &probes.TCPAction{Port: probes.Port{Number: 80}}
		}, "one connection at a time (nc -l)"},
		{"one connection at a time, but none is made", lab.ProbingAuto, func(p *lab.Pod) { p.Containers[0].OneByOne = "nc -l" }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cluster := newFakeCluster()
				cluster.dial = refuse
				h := startOn(t, cluster, func(c *Config) { c.Probing = tt.mode })
				p := web(true)
				tt.change(&p)
				h.send(lab.PodChanged{Pod: p})
				h.pass(10 * time.Second)
				_, own := h.by()
				if why := h.probe().Unavailable.En; (own == 0) != (tt.want != "") || !strings.Contains(why, tt.want) {
					t.Errorf("%d attempts, %q", own, why)
				}
			})
		})
	}
}

// dialing connects to a container that takes every connection, or is said to refuse it.
func dialing(refused func() bool) func(context.Context, string, int) (net.Conn, time.Duration, error) {
	return func(context.Context, string, int) (net.Conn, time.Duration, error) {
		client, server := net.Pipe()
		if refused() {
			_ = server.Close()
			return refusedConn{client}, 0, nil
		}
		go func() {
			_, _ = io.Copy(io.Discard, server)
			_ = server.Close()
		}()
		return client, 0, nil
	}
}

// refusedConn tells that nobody listens, as a port-forward does.
type refusedConn struct{ net.Conn }

func (refusedConn) Read([]byte) (int, error) {
	return 0, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
}

func tcpWeb() lab.Pod {
	p := web(true)
	spec := &p.Containers[0].Probes[0].Spec
	spec.Exec, spec.TCP = nil, &probes.TCPAction{Port: probes.Port{Number: 80}}
	return p
}

// Either prober is refused while the other gets through: healthlab gives way.
func TestSignsOfOneConnectionAtATime(t *testing.T) {
	const seems = "seems to take one connection at a time"
	synctest.Test(t, func(t *testing.T) {
		cluster := newFakeCluster()
		cluster.dial = dialing(func() bool { return true })
		h := startOn(t, cluster, nil)
		h.send(lab.PodChanged{Pod: tcpWeb()})
		h.pass(30 * time.Second)
		if _, own := h.by(); own != 3 || !strings.Contains(h.probe().Unavailable.En, seems) {
			t.Errorf("healthlab is refused: %d attempts, %q", own, h.probe().Unavailable.En)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		cluster := newFakeCluster()
		cluster.dial = dialing(func() bool { return false })
		h := startOn(t, cluster, nil)
		h.send(lab.PodChanged{Pod: tcpWeb()})
		h.pass(14 * time.Second)
		h.send(lab.EventChanged{Event: lab.Event{
			UID: "e", Reason: "Unhealthy", ObjectKind: "Pod", ObjectName: "web-1", ObjectUID: "uid-1", Container: "app", Count: 1, Last: time.Now(),
			Message: "Readiness probe failed: dial tcp 10.0.0.1:80: connect: connection refused",
		}})
		h.pass(10 * time.Second)
		if why := h.probe().Unavailable.En; !strings.Contains(why, seems) {
			t.Errorf("the kubelet is refused: %q", why)
		}
	})
}

// A verdict on hold ends when the container shows to be fine.
func TestAHoldEnds(t *testing.T) {
	alive := func() lab.Pod {
		p := web(true)
		p.Containers[0].Probes[0].Spec.Kind = probes.Liveness
		return p
	}
	onHold := func(t *testing.T, cluster *fakeCluster) *harness {
		t.Helper()
		cluster.setHealthy(false)
		h := startOn(t, cluster, func(c *Config) { c.Probing = lab.ProbingOn })
		h.send(lab.PodChanged{Pod: alive()})
		h.pass(8 * time.Second)
		if p := h.probe(); p.Verdict != probes.Failing || p.Wait != probes.WaitSuccessor {
			t.Fatalf("not on hold: %+v", p)
		}
		cluster.setHealthy(true)
		return h
	}
	fine := func(t *testing.T, h *harness) {
		t.Helper()
		if p := h.probe(); p.Verdict != probes.Passing || p.Wait != "" || p.Streak == 0 || p.Outcome != probes.Success {
			t.Errorf("still on hold: %+v", p)
		}
	}
	t.Run("ready again without a restart", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := onHold(t, newFakeCluster())
			p := alive()
			p.Containers[0].Ready = false
			h.send(lab.PodChanged{Pod: p}, lab.PodChanged{Pod: alive()})
			h.pass(4 * time.Second)
			fine(t, h)
		})
	})
	t.Run("no longer than a kubelet would have let it run", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := onHold(t, newFakeCluster())
			h.pass(20 * time.Second)
			if p := h.probe(); p.Verdict != probes.Failing {
				t.Error("too early")
			}
			h.pass(40 * time.Second)
			fine(t, h)
		})
	})
	t.Run("not for a container that began anew", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			cluster := newFakeCluster()
			h := onHold(t, cluster)
			cluster.setHealthy(false)
			p := alive()
			p.Containers[0].ID = "run-2"
			h.send(lab.PodChanged{Pod: p})
			h.pass(8 * time.Second)
			if got := h.probe(); got.Verdict != probes.Failing {
				t.Errorf("the next run: %+v", got)
			}
		})
	})
	t.Run("the kubelet's own success", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			cluster := newFakeCluster()
			h := onHold(t, cluster)
			key := probes.Key{Pod: "uid-1", Container: "app", Kind: probes.Liveness}
			a := kubeletAttempt(probes.Success, 1)
			a.Key = key
			h.session.inbox.put(func() { h.session.onKubelet(a) })
			h.pass(4 * time.Second)
			if v, ok := h.session.engine.Verdict(key, "run-1"); !ok || v != probes.Passing {
				t.Errorf("verdict %s, %v", v, ok)
			}
		})
	})
}
