package embedded_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-logr/logr"
	gocmp "github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/tools/record"
	remote "k8s.io/cri-client/pkg"
	"k8s.io/klog/v2"
	kubecontainer "k8s.io/kubernetes/pkg/kubelet/container"
	"k8s.io/kubernetes/pkg/kubelet/prober"
	"k8s.io/kubernetes/pkg/kubelet/prober/results"
	"k8s.io/kubernetes/pkg/kubelet/status"
	utilexec "k8s.io/utils/exec"

	"healthlab/probes"
)

// These tests let the kubelet's own probe manager and the probe engine live through the same story, each in its own
// bubble of fake time, and compare what they did: every run of a probe's command, every event, every verdict, and what
// becomes of the container's status, each with its time.

// story is a container with exec probes and what happens to it.
type story struct {
	specs   []probes.Spec // at most one of each kind
	runs    map[probes.Kind][]run
	turns   func(kind probes.Kind, at time.Duration) run // in place of runs, by when one begins
	changes []change                                     // in order of time
	length  time.Duration
	// unwritten says that nobody writes the pod's status after a verdict or a change, and so nobody triggers a readiness
	// probe. There must be no startup probe.
	unwritten bool
}

// run is how one run of a probe's command turns out. The last one of a story is repeated.
type run struct {
	takes  time.Duration // more than the timeout: it is interrupted
	code   int
	broken bool // the command cannot be run
}

type change struct {
	at   time.Duration
	what what
}

// what happens to the container or its pod.
type what string

const (
	starts   what = "starts"   // a new container runs
	created  what = "created"  // there is a new container, which does not run yet
	runs     what = "runs"     // the container that there is begins to run
	ends     what = "ends"     // the container ends and waits for its restart
	finishes what = "finishes" // the container ends for good, and the pod with it
	deleted  what = "deleted"  // the pod is being deleted
	written  what = "written"  // the pod's status is written once more
)

func (s story) String() string {
	var b strings.Builder
	for _, spec := range s.specs {
		fmt.Fprintf(&b, "%s probe: delay %v, period %v, timeout %v, thresholds %d and %d\n  runs: %v\n", spec.Kind,
			spec.InitialDelay, spec.Period, spec.Timeout, spec.SuccessThreshold, spec.FailureThreshold, s.runs[spec.Kind])
	}
	fmt.Fprintf(&b, "changes: %v\nlength %v, status unwritten: %v", s.changes, s.length, s.unwritten)
	return b.String()
}

func (s story) has(kind probes.Kind) bool {
	return slices.ContainsFunc(s.specs, func(spec probes.Spec) bool { return spec.Kind == kind })
}

// diary is what was seen, by the probe's kind: what the workers of two kinds do at the same instant has no order.
type diary struct {
	mu    sync.Mutex
	began time.Time
	lines map[probes.Kind][]string
	count map[probes.Kind]int // of the runs
	over  bool
}

func newDiary() *diary {
	return &diary{began: time.Now(), lines: map[probes.Kind][]string{}, count: map[probes.Kind]int{}}
}

func (d *diary) add(kind probes.Kind, format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over {
		return
	}
	d.lines[kind] = append(d.lines[kind], fmt.Sprintf("%v ", time.Since(d.began))+fmt.Sprintf(format, args...))
}

func (d *diary) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.over = true
}

// begin notes the begin of a run and returns how it will turn out, and its number.
func (d *diary) begin(s story, kind probes.Kind) (run, int) {
	d.add(kind, "run")
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.count[kind]
	d.count[kind]++
	if s.turns != nil {
		return s.turns(kind, time.Since(d.began)), n
	}
	r := s.runs[kind][min(n, len(s.runs[kind])-1)]
	// No two runs end at the same instant, or at a tick: what comes first then is chance, in a kubelet as well.
	r.takes += map[probes.Kind]time.Duration{probes.Startup: 31, probes.Readiness: 43, probes.Liveness: 59}[kind] *
		(time.Millisecond + time.Duration(n)*time.Microsecond)
	return r, n
}

func output(n int) string { return fmt.Sprintf("said by run %d\n", n) }

func brokenRun(n int) error { return fmt.Errorf("rpc error: run %d could not begin", n) }

// pause is how long an interrupted command takes to end, and a status takes to be written.
func pause(n int) time.Duration {
	return 17*time.Millisecond + time.Duration(n)*13*time.Microsecond
}

// container is the container as its node sees it. The writer of its status looks after a while, or at once.
type container struct {
	story    story
	id       int
	running  bool
	started  time.Time
	terminal bool
	deleting bool
}

func (c *container) name() string {
	if c.id == 0 {
		return ""
	}
	return fmt.Sprint("c", c.id)
}

func (c *container) apply(w what) {
	switch w {
	case starts:
		c.id, c.running, c.started = c.id+1, true, time.Now()
	case created:
		c.id, c.running = c.id+1, false
	case runs:
		c.running, c.started = true, time.Now()
	case ends:
		c.running = false
	case finishes:
		c.running, c.terminal = false, true
	case deleted:
		c.deleting = true
	case written:
	}
}

// node is one of the two: it probes the container of a story.
type node interface {
	begin()
	change(what)
	// verdict is what is held true of the container now; "" for nothing.
	verdict(probes.Kind) string
	end()
}

// tell lets the node live through the story.
func tell(s story, n node, d *diary) {
	n.begin()
	const look = 250 * time.Millisecond
	known := map[probes.Kind]string{}
	changes := s.changes
	deleting := false
	next := 117*time.Millisecond + 7*time.Nanosecond
	for next < s.length {
		at := next
		if len(changes) > 0 && changes[0].at < next {
			at = changes[0].at
		}
		<-time.After(at - time.Since(d.began))
		synctest.Wait()
		if at != next {
			deleting = deleting || changes[0].what == deleted
			n.change(changes[0].what)
			changes = changes[1:]
			continue
		}
		next += look
		for _, spec := range s.specs {
			if deleting && spec.Kind != probes.Readiness {
				continue // the kubelet's worker ends at once, the engine's at the next tick
			}
			if v := n.verdict(spec.Kind); v != known[spec.Kind] {
				known[spec.Kind] = v
				d.add(spec.Kind, "holds %q", v)
			}
		}
	}
	d.end()
	n.end()
}

// writer writes the status a while after it was asked to.
type writer struct {
	asked chan struct{}
	stop  chan struct{}
	write func()
	wg    sync.WaitGroup
}

func newWriter(write func()) *writer {
	w := &writer{asked: make(chan struct{}, 1), stop: make(chan struct{}), write: write}
	w.wg.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-w.stop:
				return
			case <-w.asked:
				<-time.After(pause(n))
				w.write()
			}
		}
	})
	return w
}

func (w *writer) ask() {
	select {
	case w.asked <- struct{}{}:
	default:
	}
}

func (w *writer) end() {
	close(w.stop)
	w.wg.Wait()
}

// engineNode probes with the engine.
type engineNode struct {
	story  story
	diary  *diary
	engine *probes.Engine
	writer *writer

	mu        sync.Mutex
	container container
}

func newEngineNode(s story, d *diary) *engineNode {
	n := &engineNode{story: s, diary: d, container: container{story: s}}
	n.engine = probes.New(probes.Config{Report: n.report})
	n.writer = newWriter(n.write)
	return n
}

func engineKey(kind probes.Kind) probes.Key {
	return probes.Key{Pod: "pod", Container: "app", Kind: kind}
}

func (n *engineNode) begin() {
	for _, spec := range n.story.specs {
		target := probes.Target{Exec: func(ctx context.Context, _ []string, _ int) ([]byte, int, error) {
			r, i := n.diary.begin(n.story, spec.Kind)
			if r.broken {
				<-time.After(r.takes)
				return nil, 0, brokenRun(i)
			}
			select {
			case <-time.After(r.takes):
				return []byte(output(i)), r.code, nil
			case <-ctx.Done():
				<-time.After(pause(i))
				return nil, 0, ctx.Err()
			}
		}}
		if err := n.engine.Add(engineKey(spec.Kind), spec, target, n.state); err != nil {
			panic(err)
		}
	}
}

func (n *engineNode) state() probes.State {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := n.container
	return probes.State{
		ID: c.name(), Running: c.running, StartedAt: c.started, Started: n.isStarted(c),
		Terminal: c.terminal, Deleting: c.deleting,
	}
}

func (n *engineNode) isStarted(c container) bool {
	return c.running && (!n.story.has(probes.Startup) || n.is(probes.Startup, c, probes.Passing))
}

func (n *engineNode) is(kind probes.Kind, c container, want probes.Verdict) bool {
	v, ok := n.engine.Verdict(engineKey(kind), c.name())
	return ok && v == want
}

func (n *engineNode) report(a probes.Attempt) {
	if reason, message, ok := a.Event(); ok {
		n.diary.add(a.Key.Kind, "event %s %s", reason, message)
	}
	if !a.Changed {
		return
	}
	n.diary.add(a.Key.Kind, "verdict on %s: %s", a.ContainerID, a.Verdict)
	// The engine itself triggers the readiness probe once the container has started.
	if !n.story.unwritten && (a.Key.Kind != probes.Startup || a.Verdict != probes.Passing) {
		n.writer.ask()
	}
}

// write notes the status and triggers the readiness probe if the container is not ready.
func (n *engineNode) write() {
	n.mu.Lock()
	c := n.container
	n.mu.Unlock()
	started := n.isStarted(c)
	ready := started && (!n.story.has(probes.Readiness) || n.is(probes.Readiness, c, probes.Passing))
	n.diary.add("status", "started %v ready %v", started, ready)
	if started && !ready {
		n.engine.Trigger(engineKey(probes.Readiness))
	}
}

func (n *engineNode) change(w what) {
	n.mu.Lock()
	n.container.apply(w)
	n.mu.Unlock()
	if !n.story.unwritten {
		n.write()
	}
}

func (n *engineNode) verdict(kind probes.Kind) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	v, ok := n.engine.Verdict(engineKey(kind), n.container.name())
	if !ok {
		return ""
	}
	return string(v)
}

func (n *engineNode) end() {
	n.engine.Close()
	n.writer.end()
}

// kubeletNode probes with the kubelet's manager. It stands for what surrounds the manager in a kubelet: the status
// manager, the runtime, the event recorder, and the loop that writes the status when a verdict has changed.
type kubeletNode struct {
	status.Manager // of which the manager needs GetPodStatus only
	story          story
	diary          *diary
	pod            *v1.Pod
	manager        prober.Manager
	results        map[probes.Kind]*kubeletResults
	writer         *writer
	ctx            context.Context

	mu        sync.Mutex
	container container
	current   v1.PodStatus
}

func newKubeletNode(s story, d *diary) *kubeletNode {
	n := &kubeletNode{
		story: s, diary: d, container: container{story: s}, pod: kubeletPod(s.specs),
		results: map[probes.Kind]*kubeletResults{},
		ctx:     klog.NewContext(context.Background(), logr.Discard()),
	}
	for _, kind := range []probes.Kind{probes.Liveness, probes.Readiness, probes.Startup} {
		n.results[kind] = &kubeletResults{Manager: results.NewManager(), changed: func(id string, r results.Result) {
			n.changed(kind, id, r)
		}}
	}
	n.manager = prober.NewManager(n, n.results[probes.Liveness], n.results[probes.Readiness],
		n.results[probes.Startup], n, eventRecorder(func(reason, message string) {
			kind, _, _ := strings.Cut(message, " ")
			d.add(probes.Kind(strings.ToLower(kind)), "event %s %s", reason, message)
		}))
	n.writer = newWriter(n.write)
	return n
}

// kubeletPod is a pod with one container that has these probes. Their commands are their kinds.
func kubeletPod(specs []probes.Spec) *v1.Pod {
	pod := &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "pod", Namespace: "default", UID: "pod"},
		Spec: v1.PodSpec{
			RestartPolicy: v1.RestartPolicyAlways,
			Containers:    []v1.Container{{Name: "app"}},
		},
	}
	for _, spec := range specs {
		probe := &v1.Probe{
			InitialDelaySeconds: int32(spec.InitialDelay / time.Second),
			PeriodSeconds:       int32(spec.Period / time.Second),
			TimeoutSeconds:      int32(spec.Timeout / time.Second),
			SuccessThreshold:    int32(spec.SuccessThreshold),
			FailureThreshold:    int32(spec.FailureThreshold),
		}
		probe.Exec = &v1.ExecAction{Command: spec.Exec.Command}
		switch spec.Kind {
		case probes.Startup:
			pod.Spec.Containers[0].StartupProbe = probe
		case probes.Readiness:
			pod.Spec.Containers[0].ReadinessProbe = probe
		case probes.Liveness:
			pod.Spec.Containers[0].LivenessProbe = probe
		}
	}
	return pod
}

func (n *kubeletNode) begin() { n.manager.AddPod(n.ctx, n.pod) }

// GetPodStatus makes n the manager's status manager. A worker calls it first of all in each step.
func (n *kubeletNode) GetPodStatus(types.UID) (v1.PodStatus, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, r := range n.results {
		r.answered.Store(false)
	}
	return *n.current.DeepCopy(), true
}

// RunInContainer makes n the manager's runtime. It errs as the kubelet's does.
func (n *kubeletNode) RunInContainer(
	_ context.Context, _ kubecontainer.ContainerID, command []string, timeout time.Duration,
) ([]byte, error) {
	kind := probes.Kind(command[0])
	r, i := n.diary.begin(n.story, kind)
	switch {
	case r.broken:
		<-time.After(r.takes)
		return nil, brokenRun(i)
	case r.takes > timeout:
		<-time.After(timeout + pause(i))
		n.results[kind].answered.Store(true)
		return nil, fmt.Errorf("%w: %q timed out after %s", remote.ErrCommandTimedOut, strings.Join(command, " "), timeout)
	}
	<-time.After(r.takes)
	n.results[kind].answered.Store(true)
	if r.code != 0 {
		return []byte(output(i)), utilexec.CodeExitError{Err: errors.New("exited"), Code: r.code}
	}
	return []byte(output(i)), nil
}

// changed is called when an attempt has changed a verdict. A kubelet notes at once that a container has started.
func (n *kubeletNode) changed(kind probes.Kind, id string, r results.Result) {
	n.diary.add(kind, "verdict on %s: %s", id, verdictOf(r))
	switch {
	case n.story.unwritten:
	case kind == probes.Startup && r == results.Success:
		n.mu.Lock()
		n.updateStatus(false)
		n.mu.Unlock()
	default:
		n.writer.ask()
	}
}

func (n *kubeletNode) write() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.updateStatus(true)
}

func (n *kubeletNode) change(w what) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.container.apply(w)
	if n.story.unwritten {
		n.current = n.newStatus()
		for i := range n.current.ContainerStatuses {
			n.current.ContainerStatuses[i].Started = &n.container.running
		}
	} else {
		n.updateStatus(true)
	}
	if w == deleted {
		n.manager.StopLivenessAndStartup(n.pod)
	}
}

// newStatus is the pod's status before the manager says what is started and ready.
func (n *kubeletNode) newStatus() v1.PodStatus {
	c := n.container
	s := v1.PodStatus{Phase: v1.PodRunning}
	if c.terminal {
		s.Phase = v1.PodFailed
	}
	if c.id == 0 {
		return s
	}
	cs := v1.ContainerStatus{Name: "app", ContainerID: "test://" + c.name()}
	switch {
	case c.running:
		cs.State.Running = &v1.ContainerStateRunning{StartedAt: metav1.NewTime(c.started)}
	case c.terminal:
		cs.State.Terminated = &v1.ContainerStateTerminated{ExitCode: 137}
	default:
		cs.State.Waiting = &v1.ContainerStateWaiting{}
	}
	s.ContainerStatuses = []v1.ContainerStatus{cs}
	return s
}

func (n *kubeletNode) updateStatus(note bool) {
	s := n.newStatus()
	n.manager.UpdatePodStatus(n.ctx, n.pod, &s)
	n.current = s
	if !note {
		return
	}
	started, ready := false, false
	for _, c := range s.ContainerStatuses {
		started, ready = *c.Started, c.Ready
	}
	n.diary.add("status", "started %v ready %v", started, ready)
}

func (n *kubeletNode) verdict(kind probes.Kind) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	r, ok := n.results[kind].Get(kubecontainer.ContainerID{Type: "test", ID: n.container.name()})
	if !ok {
		return ""
	}
	return string(verdictOf(r))
}

func (n *kubeletNode) end() {
	n.manager.RemovePod(n.pod)
	<-time.After(time.Hour) // nothing tells when the workers have ended, and they may make a few attempts more
	n.writer.end()
}

func verdictOf(r results.Result) probes.Verdict {
	switch r {
	case results.Success:
		return probes.Passing
	case results.Failure:
		return probes.Failing
	default:
		return probes.Undecided
	}
}

// kubeletResults tells of the verdicts that an attempt has changed. A worker sets others before its first attempt on a
// container and when the container does not run.
type kubeletResults struct {
	results.Manager
	changed  func(id string, r results.Result)
	answered atomic.Bool // the worker's step under way has made an attempt, which did not err
}

func (m *kubeletResults) Set(id kubecontainer.ContainerID, r results.Result, pod *v1.Pod) {
	m.Manager.Set(id, r, pod)
	select {
	case <-m.Updates():
		if m.answered.Load() {
			m.changed(id.ID, r)
		}
	default:
	}
}

// eventRecorder is called with the reason and the message of each event.
type eventRecorder func(reason, message string)

func (e eventRecorder) Event(_ runtime.Object, _, reason, message string) { e(reason, message) }

func (e eventRecorder) Eventf(_ runtime.Object, _, reason, format string, args ...any) {
	e(reason, fmt.Sprintf(format, args...))
}

func (e eventRecorder) AnnotatedEventf(
	_ runtime.Object, _ map[string]string, _, reason, format string, args ...any,
) {
	e(reason, fmt.Sprintf(format, args...))
}

func (e eventRecorder) WithLogger(klog.Logger) record.EventRecorderLogger { return e }

// lived returns what the kubelet and the engine did in the story.
func lived(t *testing.T, s story) (kubelet, engine map[probes.Kind][]string) {
	synctest.Test(t, func(*testing.T) {
		d := newDiary()
		n := newKubeletNode(s, d)
		<-time.After(time.Hour) // a kubelet that has just started spreads its first attempts
		d.began = time.Now()
		tell(s, n, d)
		kubelet = d.lines
	})
	synctest.Test(t, func(*testing.T) {
		d := newDiary()
		tell(s, newEngineNode(s, d), d)
		engine = d.lines
	})
	return kubelet, engine
}

// execSpec is a probe whose command is its kind.
func execSpec(kind probes.Kind, change func(*probes.Spec)) probes.Spec {
	s := probes.Spec{Kind: kind, Period: time.Second, Exec: &probes.ExecAction{Command: []string{string(kind)}}}
	if change != nil {
		change(&s)
	}
	return s.Defaulted()
}

// Letters stand for runs: s succeeds, f fails, e cannot be run, t is too slow, S and F take most of a second, and L
// succeeds after 2.4 seconds.
func runsOf(letters string) (all []run) {
	for _, letter := range letters {
		all = append(all, map[rune]run{
			's': {}, 'f': {code: 1}, 'e': {broken: true}, 't': {takes: time.Hour},
			'S': {takes: 700 * time.Millisecond}, 'F': {takes: 600 * time.Millisecond, code: 7},
			'L': {takes: 2400 * time.Millisecond},
		}[letter])
	}
	return all
}

func TestKubeletProberStories(t *testing.T) {
	const (
		soon  = 320 * time.Millisecond
		later = 9*time.Second + 410*time.Millisecond
		end   = 20*time.Second + 530*time.Millisecond
	)
	thresholds := func(success, failure int) func(*probes.Spec) {
		return func(s *probes.Spec) { s.SuccessThreshold, s.FailureThreshold = success, failure }
	}
	one := func(kind probes.Kind, change func(*probes.Spec)) []probes.Spec {
		return []probes.Spec{execSpec(kind, change)}
	}
	began := []change{{soon, starts}}
	tests := []struct {
		name  string
		story story
	}{
		{"liveness fails and holds until the restart", story{
			specs: one(probes.Liveness, thresholds(1, 3)), runs: map[probes.Kind][]run{probes.Liveness: runsOf("ssf")},
			changes: []change{{soon, starts}, {later, ends}, {later + 1100*time.Millisecond, starts}},
		}},
		{"a streak outlives the container", story{
			specs:   one(probes.Liveness, thresholds(1, 4)),
			runs:    map[probes.Kind][]run{probes.Liveness: runsOf("sssssssssf")},
			changes: []change{{soon, starts}, {later + 2*time.Second, ends}, {later + 2600*time.Millisecond, starts}},
		}},
		{"readiness comes and goes, and is triggered while it fails", story{
			specs: one(probes.Readiness, thresholds(2, 2)),
			runs:  map[probes.Kind][]run{probes.Readiness: runsOf("fssssffffssffsfsffffss")}, changes: began,
		}},
		{"readiness without anybody who writes the status", story{
			specs: one(probes.Readiness, thresholds(2, 2)), unwritten: true,
			runs: map[probes.Kind][]run{probes.Readiness: runsOf("fssssffffssffsfsffffss")}, changes: began,
		}},
		{"attempts longer than the period", story{
			specs: one(probes.Readiness, func(s *probes.Spec) { s.Timeout = 3 * time.Second }), unwritten: true,
			runs: map[probes.Kind][]run{probes.Readiness: runsOf("LsLLtsSft")}, changes: began,
		}},
		{"errors count for nothing and are tried thrice", story{
			specs: one(probes.Liveness, thresholds(1, 2)),
			runs:  map[probes.Kind][]run{probes.Liveness: runsOf("seesfeeefeeesfeesff")}, changes: began,
		}},
		{"timeouts are failures", story{
			specs: one(probes.Liveness, func(s *probes.Spec) { s.Period, s.Timeout = 3*time.Second, 2*time.Second }),
			runs:  map[probes.Kind][]run{probes.Liveness: runsOf("Sttsttt")}, changes: began,
		}},
		{"startup before the others", story{
			specs: []probes.Spec{
				execSpec(probes.Startup, thresholds(1, 10)), execSpec(probes.Readiness, thresholds(2, 1)),
				execSpec(probes.Liveness, nil),
			},
			runs: map[probes.Kind][]run{
				probes.Startup: runsOf("feffs"), probes.Readiness: runsOf("sfssfs"), probes.Liveness: runsOf("ssssfffs"),
			},
			changes: []change{{soon, starts}, {later + 4*time.Second, ends}, {later + 5300*time.Millisecond, starts}},
		}},
		{"startup fails", story{
			specs:   []probes.Spec{execSpec(probes.Startup, nil), execSpec(probes.Liveness, nil)},
			runs:    map[probes.Kind][]run{probes.Startup: runsOf("ffffs"), probes.Liveness: runsOf("s")},
			changes: []change{{soon, starts}, {later, ends}, {later + 1100*time.Millisecond, starts}},
		}},
		{"initial delay, counted from each start", story{
			specs:   one(probes.Readiness, func(s *probes.Spec) { s.InitialDelay, s.Period = 4*time.Second, 3*time.Second }),
			runs:    map[probes.Kind][]run{probes.Readiness: runsOf("sf")},
			changes: []change{{soon, created}, {soon + 1270*time.Millisecond, runs}, {later, starts}},
		}},
		{"deletion ends liveness, not readiness", story{
			specs:   []probes.Spec{execSpec(probes.Readiness, nil), execSpec(probes.Liveness, nil)},
			runs:    map[probes.Kind][]run{probes.Readiness: runsOf("sssssssssssf"), probes.Liveness: runsOf("sssssssSf")},
			changes: []change{{soon, starts}, {later, deleted}},
		}},
		{"the end of the pod ends all", story{
			specs:   []probes.Spec{execSpec(probes.Readiness, nil), execSpec(probes.Liveness, thresholds(1, 1))},
			runs:    map[probes.Kind][]run{probes.Readiness: runsOf("s"), probes.Liveness: runsOf("sssf")},
			changes: []change{{soon, starts}, {later, finishes}},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.story.length = end
			kubelet, engine := lived(t, test.story)
			if len(kubelet) == 0 || len(kubelet[test.story.specs[0].Kind]) < 3 {
				t.Fatalf("the kubelet did next to nothing: %v", kubelet)
			}
			if diff := gocmp.Diff(kubelet, engine); diff != "" {
				t.Errorf("(-kubelet +engine):\n%s\n%s", diff, test.story)
			}
		})
	}
}

// TestKubeletEvents compares the events that come of HTTP probes, which cannot be told in a story. It takes real time.
func TestKubeletEvents(t *testing.T) {
	for name, start := range map[string]server{
		"warning": plain(redirect("http://elsewhere.example/", 302)),
		"failure": plain(code(500)),
		"error":   says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", closes),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host, port := hostPort(t, start(t, &witness{}))
			spec := execSpec(probes.Readiness, nil)
			node := newKubeletNode(story{specs: []probes.Spec{spec}, unwritten: true}, newDiary())
			defer node.writer.end()
			node.pod.Spec.Containers[0].ReadinessProbe.ProbeHandler = v1.ProbeHandler{
				HTTPGet: &v1.HTTPGetAction{Host: host, Port: intstr.FromInt(port), Path: "/"},
			}
			events := make(chan string, 1)
			manager := prober.NewManager(node, results.NewManager(), results.NewManager(), results.NewManager(), node,
				eventRecorder(func(reason, message string) {
					select {
					case events <- reason + " " + message:
					default:
					}
				}))
			node.change(starts)
			manager.AddPod(node.ctx, node.pod)
			defer manager.RemovePod(node.pod)

			spec.Exec, spec.HTTP = nil, &probes.HTTPAction{Port: probes.Port{Number: port}}
			a, err := probes.Try(t.Context(), spec, probes.Target{Host: host})
			if err != nil {
				t.Fatal(err)
			}
			a.Key.Kind = spec.Kind
			reason, message, _ := a.Event()
			select {
			case want := <-events:
				if got := reason + " " + message; got != want {
					t.Errorf("event = %q, the kubelet's is %q", got, want)
				}
			case <-time.After(time.Minute):
				t.Error("the kubelet made no event")
			}
		})
	}
}

// TestKubeletProberRandomStories compares the two in stories that are made at random. The seed of each is its number.
func TestKubeletProberRandomStories(t *testing.T) {
	count := uint64(1500)
	if testing.Short() {
		count = 100
	}
	lines := 0
	for seed := range count {
		s := randomStory(rand.New(rand.NewPCG(seed, 0)))
		kubelet, engine := lived(t, s)
		if diff := gocmp.Diff(kubelet, engine); diff != "" {
			t.Fatalf("seed %d (-kubelet +engine):\n%s\n%s", seed, diff, s)
		}
		for _, l := range kubelet {
			lines += len(l)
		}
	}
	t.Logf("seeds 0 to %d: %d things seen, no difference", count-1, lines)
}

func randomStory(r *rand.Rand) story {
	upTo := func(n int) time.Duration { return time.Duration(r.IntN(n+1)) * time.Second }
	s := story{runs: map[probes.Kind][]run{}, length: 40 * time.Second}
	for _, kind := range []probes.Kind{probes.Startup, probes.Readiness, probes.Liveness} {
		if r.IntN(2) == 0 && (kind != probes.Liveness || len(s.specs) > 0) {
			continue
		}
		s.specs = append(s.specs, execSpec(kind, func(s *probes.Spec) {
			s.InitialDelay, s.Period, s.Timeout = upTo(6), time.Second+upTo(3), time.Second+upTo(2)
			s.SuccessThreshold, s.FailureThreshold = 1, 1+r.IntN(4)
			if kind == probes.Readiness {
				s.SuccessThreshold = 1 + r.IntN(4)
			}
		}))
	}
	s.unwritten = !s.has(probes.Startup) && r.IntN(4) == 0
	// When a trigger, or the end of a probe, meets a tick that passed during an attempt, chance decides which is heeded.
	triggered := s.has(probes.Readiness) && !s.unwritten
	mayDelete := !s.has(probes.Startup)
	for _, spec := range s.specs {
		mayBeLong := !triggered && r.IntN(2) == 0
		mayDelete = mayDelete && !mayBeLong
		s.runs[spec.Kind] = randomRuns(r, spec, mayBeLong)
	}
	s.changes = randomChanges(r, s.length, mayDelete)
	return s
}

// randomRuns makes 60 runs, in streaks. Unless they may be long, an attempt, with its tries, is over before the next
// tick.
func randomRuns(r *rand.Rand, spec probes.Spec, mayBeLong bool) (all []run) {
	kinds := "ssssffffeS"
	if mayBeLong || spec.Timeout < spec.Period {
		kinds += "t"
	}
	if mayBeLong {
		kinds += "LL"
	}
	for len(all) < 60 {
		letter := kinds[r.IntN(len(kinds))]
		for range 1 + r.IntN(4) {
			all = append(all, runsOf(string(letter))...)
		}
	}
	return all
}

// randomChanges never happen at the instant of a tick or of another change.
func randomChanges(r *rand.Rand, length time.Duration, mayDelete bool) []change {
	var all []change
	add := func(at time.Duration, w what) {
		unique := time.Duration(len(all)+1) * 101 * time.Nanosecond
		all = append(all, change{at.Truncate(100*time.Millisecond) + 3*time.Millisecond + unique, w})
	}
	anywhere := func() time.Duration { return time.Duration(r.Int64N(int64(length))) }
	second := time.Second
	add(time.Duration(r.Int64N(int64(2*second))), starts)
	for range r.IntN(4) {
		at := anywhere()
		switch r.IntN(3) {
		case 0:
			add(at, starts)
		case 1:
			add(at, ends)
			add(at+time.Duration(r.Int64N(int64(5*second))), starts)
		case 2:
			add(at, created)
			add(at+time.Duration(r.Int64N(int64(5*second))), runs)
		}
	}
	for range r.IntN(3) {
		add(anywhere(), written)
	}
	switch last := length/2 + anywhere()/2; {
	case r.IntN(4) == 0:
		add(last, finishes)
	case mayDelete && r.IntN(3) == 0:
		add(last, deleted)
	}
	slices.SortFunc(all, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	if i := slices.IndexFunc(all, func(c change) bool { return c.what == finishes || c.what == deleted }); i >= 0 {
		all = all[:i+1]
	}
	return all
}
