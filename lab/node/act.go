package node

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"

	"healthlab/lab/node/network"
	"healthlab/lab/node/sandbox"
	"healthlab/lab/podspec"
)

// act carries out what a sync has decided (SyncPod of kubelet.go and kuberuntime_manager.go). before is what was known
// when that was decided: back-off is counted from there, which is why a container that a probe has killed gets a second
// restart for free.
func (w *podWorker) act(ctx context.Context, pod *v1.Pod, before view, plan actions) outcome {
	volumes, err := w.prepare(ctx, pod)
	if err != nil {
		return outcome{err: err}
	}
	w.probe(pod) //nolint:contextcheck // the probe engine ends by Close
	var o outcome
	if plan.CreateSandbox {
		if err := w.makeSandbox(pod); err != nil {
			w.agent.events.pod(pod, v1.EventTypeWarning, "FailedCreatePodSandBox", "Failed to create pod sandbox: %v", err)
			return outcome{err: err}
		}
		o.changed = true
	}
	if len(plan.Kill) > 0 {
		o.changed = true
		w.killAll(ctx, pod, plan.Kill)
	}
	begin := func(c *v1.Container) bool { return w.tryStart(ctx, pod, c, before, volumes, &o) }
	for _, c := range plan.Ephemeral {
		begin(c)
	}
	for _, c := range plan.StartInit {
		if !begin(c) && !podspec.Sidecar(c) {
			return o
		}
	}
	for _, c := range plan.Start {
		begin(c)
	}
	return o
}

// prepare gives the pod its address and volumes.
func (w *podWorker) prepare(ctx context.Context, pod *v1.Pod) (map[string]volume, error) {
	w.mu.Lock()
	ip := w.ip
	w.mu.Unlock()
	if ip == "" {
		var err error
		if ip, err = w.agent.address(pod); err != nil {
			w.agent.events.pod(pod, v1.EventTypeWarning, "FailedCreatePodSandBox", "Failed to create pod sandbox: %v", err)
			return nil, err
		}
		w.mu.Lock()
		w.ip = ip
		w.mu.Unlock()
		for _, what := range unsupported(pod) {
			w.agent.events.pod(pod, v1.EventTypeWarning, "Unsupported", "This node runs the pod without %s", what)
		}
	}
	return w.makeVolumes(ctx, pod)
}

// forwardPorts leads the node's ports that the pod asks for to it. It returns what takes them back.
func (a *Agent) forwardPorts(pod *v1.Pod, ip string) (takeBack []func()) {
	addr, err := netip.ParseAddr(ip)
	if err != nil || pod.Spec.HostNetwork { // there its own ports are the node's
		return nil
	}
	for _, c := range allContainers(pod) {
		for _, p := range c.Ports {
			proto := network.TCP
			if p.Protocol == v1.ProtocolUDP {
				proto = network.UDP
			}
			if p.HostPort > 0 && p.Protocol != v1.ProtocolSCTP {
				to := netip.AddrPortFrom(addr, uint16(p.ContainerPort))
				takeBack = append(takeBack, a.net.ForwardPort(uint16(p.HostPort), proto, to))
			}
		}
	}
	return takeBack
}

// address returns an address for a pod: the node's own where the pod is on its network.
func (a *Agent) address(pod *v1.Pod) (string, error) {
	if pod.Spec.HostNetwork {
		return a.net.Host().String(), nil
	}
	return a.ips.take()
}

func (w *podWorker) makeSandbox(pod *v1.Pod) error {
	sb, err := w.agent.runtime.RunPod(sandbox.PodConfig{
		UID: string(pod.UID), Namespace: pod.Namespace, Name: pod.Name, Hostname: w.agent.hostname(pod), IP: w.ip,
		ShareProcessNamespace: isTrue(pod.Spec.ShareProcessNamespace),
	})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(w.dir, 0o755); err != nil {
		return errors.Join(err, sb.Remove())
	}
	resolv := w.agent.resolvConf(pod)
	if err := errors.Join(
		os.WriteFile(w.hostsPath(), hostsFile(pod, w.ip, w.agent.hostname(pod)), 0o644),
		os.WriteFile(w.resolvPath(), resolv, 0o644),
	); err != nil {
		return errors.Join(err, sb.Remove())
	}
	w.mu.Lock()
	w.sandbox, w.state = sb, sandboxReady
	w.hostPorts = w.agent.forwardPorts(pod, w.ip)
	w.mu.Unlock()
	return nil
}

func (w *podWorker) hostsPath() string  { return filepath.Join(w.dir, "etc-hosts") }
func (w *podWorker) resolvPath() string { return filepath.Join(w.dir, "resolv.conf") }

// hostname returns the pod's own name for itself, at most 63 characters. On the node's network it has the node's.
func (a *Agent) hostname(pod *v1.Pod) string {
	if pod.Spec.HostNetwork {
		return a.cfg.Name
	}
	name := pod.Name
	if pod.Spec.Hostname != "" {
		name = pod.Spec.Hostname
	}
	if len(name) > 63 {
		name = name[:63]
	}
	return name
}

// tryStart starts a container unless it is in back-off, and notes why it could not.
func (w *podWorker) tryStart(
	ctx context.Context, pod *v1.Pod, c *v1.Container, before view, volumes map[string]volume, o *outcome,
) bool {
	if ctx.Err() != nil || w.unwanted() {
		return false
	}
	problem := w.backOff(pod, c, before)
	if problem == nil {
		problem = w.start(ctx, pod, c, volumes)
		if problem == nil || errors.Is(problem, errRun) || errors.Is(problem, errPostStart) {
			o.changed = true
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	record := w.record(c.Name)
	if problem == nil {
		record.waiting = nil
		return true
	}
	record.waiting = &waiting{Reason: problem.reason.Error(), Message: problem.message}
	if o.err == nil || !problem.until.IsZero() && (o.until.IsZero() || problem.until.Before(o.until)) {
		o.until = problem.until
	}
	o.err = errors.Join(o.err, problem)
	return false
}

// unwanted reports whether the pod has been deleted since.
func (w *podWorker) unwanted() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.gone || w.pod.DeletionTimestamp != nil
}

// record returns the container's record. The caller holds w.mu.
func (w *podWorker) record(name string) *containerRecord {
	r := w.containers[name]
	if r == nil {
		r = &containerRecord{}
		w.containers[name] = r
	}
	return r
}

func backOffKey(pod *v1.Pod, c *v1.Container) string {
	return fmt.Sprintf("%s_%s_%s", pod.UID, c.Name, c.Image)
}

// backOff returns why the container may not be started yet, or nil (kuberuntime_manager.go, doBackOff).
func (w *podWorker) backOff(pod *v1.Pod, c *v1.Container, before view) *startProblem {
	exited := before.newestExited(c.Name)
	if exited == nil {
		return nil
	}
	key, crashes := backOffKey(pod, c), w.agent.crashes
	if !crashes.IsInBackOffSince(key, exited.FinishedAt) {
		crashes.Next(key, exited.FinishedAt)
		return nil
	}
	w.agent.events.container(pod, c.Name, v1.EventTypeWarning, "BackOff",
		"Back-off restarting failed container %s in pod %s", c.Name, podFullName(pod))
	pause := crashes.Get(key)
	return &startProblem{
		reason:  errCrashLoop,
		message: fmt.Sprintf("back-off %s restarting failed container=%s pod=%s", pause, c.Name, podFullName(pod)),
		until:   exited.FinishedAt.Add(pause),
	}
}

// killAll ends the given runs, all at the same time, and waits for them.
func (w *podWorker) killAll(ctx context.Context, pod *v1.Pod, kills []kill) {
	var wg sync.WaitGroup
	for _, k := range kills {
		if e := w.running(k.Container.Name, k.ID); e != nil {
			wg.Go(func() {
				w.agent.events.container(pod, k.Container.Name, v1.EventTypeNormal, "Killing", "%s", k.Message)
				w.kill(ctx, pod, k.Container, e, gracePeriod(pod, k), nil)
			})
		}
	}
	wg.Wait()
}

// running returns the newest run of the container if it has that ID (any, if id is empty) and has not ended.
func (w *podWorker) running(name, id string) *execution {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.containers[name]
	if r == nil || len(r.runs) == 0 || r.runs[0].State != runRunning || id != "" && r.runs[0].ID != id {
		return nil
	}
	return r.runs[0]
}

// stopPod ends all containers for good and publishes the pod's last status (SyncTerminatingPod, SyncTerminatedPod).
func (w *podWorker) stopPod(ctx context.Context, pod *v1.Pod) outcome {
	order := newStopOrder(pod, func(name string) bool { return w.running(name, "") != nil })
	var wg sync.WaitGroup
	for _, c := range allContainers(pod) {
		if e := w.running(c.Name, ""); e != nil {
			wg.Go(func() {
				defer order.stopped(c.Name)
				w.agent.events.container(pod, c.Name, v1.EventTypeNormal, "Killing", "Stopping container %s", c.Name)
				w.kill(ctx, pod, c, e, podGracePeriod(pod), order)
			})
		}
	}
	wg.Wait()
	if ctx.Err() != nil {
		return outcome{}
	}
	w.stopProbes(pod)
	w.removeSandbox()
	if err := os.RemoveAll(filepath.Join(w.dir, "volumes")); err != nil {
		w.agent.log.Error("remove volumes", "pod", podFullName(pod), "err", err)
	}
	newest, v := w.known()
	status, _ := podStatus(w.statusInput(newest, v, true))
	status = ended(status, newest)
	in := w.statusInput(newest, v, true)
	status.Conditions = nil
	setConditions(in, &status)
	w.publish(status, true)
	return outcome{stopped: true}
}

// kill ends one run: preStop hook, its turn, the stop signal, and SIGKILL when the grace period is over
// (kuberuntime_container.go, killContainer). When ctx ends, there is no grace.
func (w *podWorker) kill(
	ctx context.Context, pod *v1.Pod, c *v1.Container, e *execution, grace int64, order *stopOrder,
) {
	if c.Lifecycle != nil && c.Lifecycle.PreStop != nil && grace > 0 {
		grace -= w.preStop(ctx, pod, c, e, grace)
	}
	if order != nil && grace > 0 {
		grace -= order.wait(ctx, c.Name, grace)
	}
	timeout := time.NewTimer(time.Duration(max(grace, minimumGrace)) * time.Second)
	defer timeout.Stop()
	w.signal(e, stopSignal(c, e))
	select {
	case <-e.over:
		return
	case <-timeout.C:
	case <-ctx.Done():
	}
	w.signal(e, sandbox.SIGKILL)
	<-e.over
}

func (w *podWorker) signal(e *execution, s sandbox.Signal) {
	if err := e.sandbox.Signal(s); err != nil {
		w.agent.log.Debug("signal", "container", e.ID, "signal", s.String(), "err", err)
	}
}

func stopSignal(c *v1.Container, e *execution) sandbox.Signal {
	if c.Lifecycle != nil && c.Lifecycle.StopSignal != nil {
		if s, err := sandbox.ParseSignal(string(*c.Lifecycle.StopSignal)); err == nil {
			return s
		}
	}
	if e.stopSignal != 0 {
		return e.stopSignal
	}
	return sandbox.SIGTERM
}

// stopOrder makes sidecars wait until the regular containers, and the sidecars after them, have stopped
// (kuberuntime_termination_order.go).
type stopOrder struct {
	done   map[string]chan struct{}
	before map[string][]chan struct{}
}

func newStopOrder(pod *v1.Pod, runs func(name string) bool) *stopOrder {
	o := &stopOrder{done: map[string]chan struct{}{}, before: map[string][]chan struct{}{}}
	wait := func(name string) chan struct{} {
		ch := make(chan struct{})
		if !runs(name) {
			close(ch)
		} else {
			o.done[name] = ch
		}
		return ch
	}
	var first []chan struct{}
	for i := range pod.Spec.Containers {
		first = append(first, wait(pod.Spec.Containers[i].Name))
	}
	for i := len(pod.Spec.InitContainers) - 1; i >= 0; i-- {
		if c := &pod.Spec.InitContainers[i]; podspec.Sidecar(c) {
			o.before[c.Name] = append([]chan struct{}(nil), first...)
			first = append(first, wait(c.Name))
		}
	}
	return o
}

func (o *stopOrder) stopped(name string) {
	if ch := o.done[name]; ch != nil {
		close(ch)
	}
}

// wait waits for the container's turn, at most grace seconds, and returns how many of them that took.
func (o *stopOrder) wait(ctx context.Context, name string, grace int64) int64 {
	start := time.Now()
	timeout := time.NewTimer(time.Duration(grace) * time.Second)
	defer timeout.Stop()
	for _, ch := range o.before[name] {
		select {
		case <-ch:
		case <-timeout.C:
			return grace
		case <-ctx.Done():
			return grace
		}
	}
	return int64(time.Since(start).Seconds())
}
