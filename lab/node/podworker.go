package node

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"healthlab/lab/node/sandbox"
	"healthlab/lab/podspec"
	"healthlab/probes"
)

// How long a pod waits for its next sync when nothing happens (pod_workers.go). All of them get up to 50 % on top.
const (
	resyncInterval = time.Minute
	errorInterval  = 10 * time.Second
	// Volumes have a back-off of their own (pkg/util/goroutinemap/exponentialbackoff).
	volumeInterval    = 500 * time.Millisecond
	maxVolumeInterval = 2*time.Minute + 2*time.Second
	// refreshInterval is how long volumes made from API objects are not looked at again.
	refreshInterval = 10 * time.Second
	// probedBackOffInterval is about when the kubelet looks again at a container in back-off that has probes: their
	// workers see that it does not run.
	probedBackOffInterval = time.Second
)

// podWorker runs one pod, from the moment it is bound to the node until the API has forgotten it.
type podWorker struct {
	agent *Agent
	uid   types.UID
	dir   string
	wake  chan struct{} // one slot
	write chan struct{} // one slot: there is a status to write
	wg    sync.WaitGroup

	// Owned by the goroutine in run.
	stopping bool // the containers are being stopped for good, or have been
	stopped  bool
	admitted bool // it has been decided whether the pod may run here
	seen     view // at the start of the action under way
	evicted  *waiting
	// volumePause is the last pause before the volumes were tried again.
	volumePause time.Duration

	// Owned by the action under way, of which there is one at a time.
	refreshed           time.Time // when the volumes were looked at
	labels, annotations map[string]string
	tokens              map[string]token // by volume and path

	mu         sync.Mutex
	pod        *v1.Pod // newest from the API; read only
	gone       bool    // the API has no such pod any more
	status     v1.PodStatus
	final      bool // status is the last one
	ip         string
	sandbox    PodSandbox
	hostPorts  []func() // take them back
	state      sandboxState
	containers map[string]*containerRecord
}

// containerRecord is what a worker keeps about one container of its pod.
type containerRecord struct {
	runs    []*execution // newest first, at most two
	waiting *waiting
}

// execution is one run of a container with what belongs to it.
type execution struct {
	run        // guarded by podWorker.mu
	sandbox    Container
	stopSignal sandbox.Signal // the image's own; zero if it has none
	logPath    string
	message    string        // host file that the termination message is read from
	over       chan struct{} // closed when the run's end is recorded
}

// outcome is how an action ended.
type outcome struct {
	changed bool      // something runs or ended that did not before: look again at once
	err     error     // something is to be tried again
	until   time.Time // when, if err is a back-off
	stopped bool      // the pod was stopped for good
}

func newPodWorker(a *Agent, pod *v1.Pod) *podWorker {
	return &podWorker{
		agent: a, uid: pod.UID, pod: pod, status: pod.Status,
		dir:        filepath.Join(a.podsDir(), pod.Namespace+"_"+pod.Name+"_"+string(pod.UID)),
		wake:       make(chan struct{}, 1),
		write:      make(chan struct{}, 1),
		containers: map[string]*containerRecord{},
		tokens:     map[string]token{},
	}
}

// poke makes the worker look again.
func (w *podWorker) poke() { signal(w.wake) }

// signal puts a token into a one-slot channel unless there is one.
func signal(slot chan struct{}) {
	select {
	case slot <- struct{}{}:
	default:
	}
}

// update hands over what the API says now. gone means that it has deleted the pod, whose last state may then be
// unknown.
func (w *podWorker) update(pod *v1.Pod, gone bool) {
	w.mu.Lock()
	old := w.pod
	same := !gone && !needsSync(old, pod)
	if pod != nil {
		w.pod = pod
	}
	w.gone = w.gone || gone
	w.mu.Unlock()
	if pod != nil {
		for _, name := range resized(old, pod) {
			w.agent.events.container(pod, name, v1.EventTypeWarning, "Unsupported",
				"The new resources of container %s are shown, and kept from its next start on", name)
		}
	}
	if !same {
		w.poke()
	}
}

// run is the worker's goroutine. It returns when the pod has stopped and the API has forgotten it, or when ctx ends;
// then it takes everything down without grace.
func (w *podWorker) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	var acting chan outcome
	defer func() {
		cancel()
		if acting != nil {
			<-acting // it ends without grace now
		}
		w.removeSandbox() // which ends what the goroutines below wait for
		w.wg.Wait()
		w.clean()
	}()
	w.wg.Go(func() { w.writeStatus(ctx) })

	dirty := false
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case o := <-acting:
			acting = nil
			w.stopped = w.stopped || o.stopped
			if !dirty && !o.changed && !o.stopped {
				next.Reset(w.pause(o))
				continue
			}
		case <-w.wake:
		case <-next.C:
		}
		if acting != nil {
			dirty = true
			w.refreshReadiness()
			continue
		}
		dirty = false
		if w.forgotten() {
			return
		}
		acting = w.sync(ctx)
		if acting == nil {
			next.Reset(w.pause(outcome{}))
		}
	}
}

// pause returns how long to wait for the next sync after an action that changed nothing.
func (w *podWorker) pause(o outcome) time.Duration {
	d := resyncInterval
	var volume *volumeError
	switch {
	case errors.As(o.err, &volume):
		w.volumePause = min(max(w.volumePause*2, volumeInterval), maxVolumeInterval)
		return min(w.volumePause, w.untilDeadline())
	case o.err != nil && o.until.IsZero():
		d = errorInterval
	case o.err != nil:
		d = min(max(time.Until(o.until), 0), resyncInterval)
	}
	d += time.Duration(rand.Float64() * 0.5 * float64(d))
	if errors.Is(o.err, errCrashLoop) && !o.changed && w.hidesBackOff() {
		d = min(d, probedBackOffInterval)
	}
	return min(d, w.untilDeadline())
}

// hidesBackOff reports whether a container with probes is in back-off and the published status does not say so yet.
func (w *podWorker) hidesBackOff() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range podspec.Probed(w.pod) {
		s := findStatus(w.status.ContainerStatuses, c.Name)
		if r := w.containers[c.Name]; r != nil && r.waiting != nil && s != nil && s.State.Waiting == nil && hasProbe(c) {
			return true
		}
	}
	return false
}

func hasProbe(c *v1.Container) bool {
	return c.StartupProbe != nil || c.ReadinessProbe != nil || c.LivenessProbe != nil
}

// untilDeadline returns how long the pod may still be active.
func (w *podWorker) untilDeadline() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	limit := w.pod.Spec.ActiveDeadlineSeconds
	if limit == nil || w.status.StartTime == nil || w.stopping {
		return math.MaxInt64
	}
	return max(time.Until(w.status.StartTime.Add(time.Duration(*limit)*time.Second)), 0)
}

func (w *podWorker) isNamed(namespace, name string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pod.Namespace == namespace && w.pod.Name == name
}

// current returns the pod with the status that the worker has published last.
func (w *podWorker) current() v1.Pod {
	w.mu.Lock()
	defer w.mu.Unlock()
	pod := *w.pod.DeepCopy()
	pod.Status = *w.status.DeepCopy()
	return pod
}

func (w *podWorker) isGone() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.gone
}

// forgotten reports whether nothing is left to do for the pod.
func (w *podWorker) forgotten() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.gone && w.stopped
}

// known returns what is known of the pod at this moment.
func (w *podWorker) known() (*v1.Pod, view) {
	w.mu.Lock()
	defer w.mu.Unlock()
	v := view{Sandbox: w.state, IP: w.ip, Containers: map[string]containerView{}}
	for name, c := range w.containers {
		cv := containerView{}
		for _, e := range c.runs {
			cv.Runs = append(cv.Runs, e.run)
		}
		if c.waiting != nil {
			reason := *c.waiting
			cv.Waiting = &reason
		}
		v.Containers[name] = cv
	}
	return w.pod, v
}

// sync publishes how the pod stands, decides what to do, and begins to do it. It returns nil if there is nothing to do.
func (w *podWorker) sync(ctx context.Context) chan outcome {
	if w.stopped {
		signal(w.write) // the pod may have been deleted since
		return nil
	}
	pod, v := w.known()
	w.seen = v
	if !w.admitted {
		w.admitted = true
		if reason := w.agent.refused(pod); reason != nil {
			w.agent.events.pod(pod, v1.EventTypeWarning, reason.Reason, "%s", reason.Message)
			w.evicted = &waiting{reason.Reason, "Pod was rejected: " + reason.Message}
		}
	}
	if w.untilDeadline() == 0 && w.evicted == nil {
		w.evicted = &waiting{"DeadlineExceeded", "Pod was active on the node longer than the specified deadline"}
		w.agent.events.pod(pod, v1.EventTypeNormal, w.evicted.Reason, "%s", w.evicted.Message)
	}
	status, unready := podStatus(w.statusInput(pod, v, false))
	w.publish(status, false)
	if w.stopping = w.unwanted() || terminalPhase(status.Phase); w.stopping {
		return w.begin(func() outcome { return w.stopPod(ctx, pod) })
	}
	if isRestartingAll(status) {
		return w.begin(func() outcome { return w.reset(ctx, pod, resetOrder(pod, v)) })
	}
	for _, name := range unready {
		w.agent.prober.Trigger(probes.Key{Pod: string(w.uid), Container: name, Kind: probes.Readiness})
	}
	plan := computeActions(pod, v, w.verdict)
	if plan.none() {
		if v.Sandbox == sandboxReady && w.stale(pod) {
			return w.begin(func() outcome {
				_, err := w.makeVolumes(ctx, pod)
				return outcome{err: err}
			})
		}
		return nil
	}
	if plan.KillPod {
		w.stopping = true
		return w.begin(func() outcome { return w.stopPod(ctx, pod) })
	}
	return w.begin(func() outcome { return w.act(ctx, pod, v, plan) })
}

func (w *podWorker) begin(action func() outcome) chan outcome {
	done := make(chan outcome, 1)
	w.wg.Go(func() { done <- action() })
	return done
}

// refreshReadiness publishes probe verdicts while an action is under way; all else stays as it was when that began, as
// in a kubelet, whose sync is still going on then.
func (w *podWorker) refreshReadiness() {
	pod, _ := w.known()
	status, _ := podStatus(w.statusInput(pod, w.seen, false))
	w.publish(status, false)
}

func (w *podWorker) statusInput(pod *v1.Pod, v view, ended bool) statusInput {
	w.mu.Lock()
	old := w.status
	w.mu.Unlock()
	return statusInput{
		Pod: pod, Old: old, View: v, Verdict: w.verdict, HostIP: w.agent.net.Host().String(),
		Now: time.Now(), Ended: ended, Evicted: w.evicted,
	}
}

// publish makes status the pod's current one, which probes look at, and has it written to the API. final says that no
// container runs any more.
func (w *podWorker) publish(status v1.PodStatus, final bool) {
	w.mu.Lock()
	w.status = published(status, w.status, !final)
	w.final = w.final || final
	w.mu.Unlock()
	signal(w.write)
}

// clean takes down what is left of the pod when its worker ends.
func (w *podWorker) clean() {
	pod, _ := w.known()
	w.stopProbes(pod)
	w.removeSandbox()
	w.agent.images.forget(pod)
	for _, c := range allContainers(pod) {
		w.agent.crashes.DeleteEntry(backOffKey(pod, c))
	}
	if err := os.RemoveAll(w.dir); err != nil {
		w.agent.log.Error("remove pod directory", "pod", podFullName(pod), "err", err)
	}
}

// removeSandbox kills what runs in the pod and gives its address back.
func (w *podWorker) removeSandbox() {
	w.mu.Lock()
	sb, ip, state, hostPorts := w.sandbox, w.ip, w.state, w.hostPorts
	w.sandbox, w.hostPorts = nil, nil
	if state == sandboxReady {
		w.state = sandboxGone
	}
	w.mu.Unlock()
	for _, takeBack := range hostPorts {
		takeBack()
	}
	w.agent.hostPorts.release(w.uid)
	if sb != nil {
		if err := sb.Remove(); err != nil {
			w.agent.log.Error("remove sandbox", "pod", string(w.uid), "err", err)
		}
	}
	if ip != "" && state != sandboxGone && ip != w.agent.net.Host().String() {
		w.agent.ips.giveBack(ip)
	}
}
