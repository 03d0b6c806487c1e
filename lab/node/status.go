package node

import (
	"fmt"
	"slices"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubectl/pkg/util/qos"

	"healthlab/lab/podspec"
	"healthlab/probes"
)

// statusInput is all that a pod's status follows from.
type statusInput struct {
	Pod     *v1.Pod      // as the API has it; of its status only what the agent does not own is used
	Old     v1.PodStatus // what the agent published last, or the API's status before the first time
	View    view
	Verdict verdictFunc
	HostIP  string
	Now     time.Time
	// Ended says that the pod's containers have stopped for good.
	Ended bool
	// Evicted, if not nil, fails the pod for a reason of its own, such as DeadlineExceeded.
	Evicted *waiting
	// Restarting says that all containers restart together. It follows from the rest.
	Restarting bool
}

// podStatus computes a pod's status as the kubelet does (kubelet_pods.go, generateAPIPodStatus, and the merge rules of
// status_manager.go). It also returns the names of the containers that run, have started and are not ready although
// they have a readiness probe: at a sync the kubelet triggers those probes at once.
func podStatus(in statusInput) (v1.PodStatus, []string) {
	pod := in.Pod
	in.Restarting = restartsAll(pod, in.View, in.Old)
	s := v1.PodStatus{
		ObservedGeneration:         pod.Generation,
		QOSClass:                   qos.GetPodQOS(pod),
		StartTime:                  in.Old.StartTime,
		HostIP:                     in.HostIP,
		HostIPs:                    []v1.HostIP{{IP: in.HostIP}},
		NominatedNodeName:          pod.Status.NominatedNodeName,
		ResourceClaimStatuses:      pod.Status.ResourceClaimStatuses,
		ContainerStatuses:          containerStatuses(in, pointers(pod.Spec.Containers), in.Old.ContainerStatuses),
		InitContainerStatuses:      containerStatuses(in, pointers(pod.Spec.InitContainers), in.Old.InitContainerStatuses),
		EphemeralContainerStatuses: containerStatuses(in, ephemeralContainers(pod), in.Old.EphemeralContainerStatuses),
	}
	if s.StartTime == nil {
		s.StartTime = &metav1.Time{Time: in.Now}
	}
	if in.View.IP != "" && in.View.Sandbox != sandboxNone {
		s.PodIP, s.PodIPs = in.View.IP, []v1.PodIP{{IP: in.View.IP}}
	}
	all := slices.Concat(s.InitContainerStatuses, s.ContainerStatuses)
	s.Phase = podPhase(pod, all, in.Ended, anyRegularStarted(pod, in.View))
	if terminalPhase(in.Old.Phase) {
		s.Phase = in.Old.Phase
	}
	if s.Phase == in.Old.Phase {
		s.Reason, s.Message = in.Old.Reason, in.Old.Message
	}
	if in.Evicted != nil && !terminalPhase(in.Old.Phase) {
		s.Phase, s.Reason, s.Message = v1.PodFailed, in.Evicted.Reason, in.Evicted.Message
	}
	unready := setReadiness(in, &s)
	setConditions(in, &s)
	return s, unready
}

// published returns what of s may be shown while containers may still run: a pod never becomes terminal before the last
// of them has stopped.
func published(s, old v1.PodStatus, mayRun bool) v1.PodStatus {
	if mayRun && terminalPhase(s.Phase) && !terminalPhase(old.Phase) {
		s.Phase, s.Reason, s.Message = old.Phase, old.Reason, old.Message
		if s.Phase == "" {
			s.Phase = v1.PodPending
		}
	}
	return s
}

// ended turns the last status of a pod that has stopped into one that says so of every container (TerminatePod).
func ended(s v1.PodStatus, pod *v1.Pod) v1.PodStatus {
	lost := v1.ContainerState{Terminated: &v1.ContainerStateTerminated{
		Reason:   "ContainerStatusUnknown",
		Message:  "The container could not be located when the pod was terminated",
		ExitCode: 137,
	}}
	s = *s.DeepCopy()
	if len(pod.Spec.InitContainers) == 0 || anyStatusStarted(s.ContainerStatuses) {
		for i := range s.ContainerStatuses {
			if s.ContainerStatuses[i].State.Terminated == nil {
				s.ContainerStatuses[i].State = lost
			}
		}
	}
	last := -1 // the last init container with a sign of ever having run
	for i, c := range s.InitContainerStatuses {
		if c.State.Waiting == nil || c.LastTerminationState.Terminated != nil {
			last = i
		}
	}
	for i := 0; i <= last; i++ {
		if s.InitContainerStatuses[i].State.Terminated == nil {
			s.InitContainerStatuses[i].State = lost
		}
	}
	if !terminalPhase(s.Phase) {
		s.Phase = v1.PodFailed
	}
	return s
}

func terminalPhase(p v1.PodPhase) bool { return p == v1.PodFailed || p == v1.PodSucceeded }

func pointers(cs []v1.Container) []*v1.Container {
	out := make([]*v1.Container, len(cs))
	for i := range cs {
		out[i] = &cs[i]
	}
	return out
}

func anyRegularStarted(pod *v1.Pod, v view) bool {
	if v.Sandbox != sandboxReady {
		return false
	}
	for _, c := range pod.Spec.Containers {
		if r := v.latest(c.Name); r != nil && r.State != runCreated {
			return true
		}
	}
	return false
}

func anyStatusStarted(statuses []v1.ContainerStatus) bool {
	return slices.ContainsFunc(statuses, func(s v1.ContainerStatus) bool {
		return s.State.Running != nil || s.State.Terminated != nil || s.LastTerminationState.Terminated != nil
	})
}

// containerStatuses returns the statuses of specs in their order (convertToAPIContainerStatuses).
func containerStatuses(in statusInput, specs []*v1.Container, old []v1.ContainerStatus) []v1.ContainerStatus {
	var out []v1.ContainerStatus
	for _, c := range specs {
		out = append(out, containerStatus(in, c, findStatus(old, c.Name)))
	}
	return out
}

func containerStatus(in statusInput, c *v1.Container, old *v1.ContainerStatus) v1.ContainerStatus {
	reason := "ContainerCreating"
	if len(in.Pod.Spec.InitContainers) > 0 {
		reason = "PodInitializing"
	}
	s := v1.ContainerStatus{
		Name:         c.Name,
		Image:        c.Image,
		State:        v1.ContainerState{Waiting: &v1.ContainerStateWaiting{Reason: reason}},
		VolumeMounts: mountStatuses(c),
	}
	runs := in.View.Containers[c.Name].Runs
	switch {
	case len(runs) > 0:
		fillFromRuns(&s, c, runs)
		if len(runs) == 1 && old != nil { // what ran before is known from the status alone
			s.LastTerminationState = old.LastTerminationState
			if old.ContainerID != idScheme+runs[0].ID && old.State.Terminated != nil {
				s.LastTerminationState = old.State
			}
		}
	case in.Restarting && old != nil && old.State.Waiting == nil:
		removedStatus(&s, old)
	case old != nil && old.State.Terminated != nil:
		s = *old.DeepCopy()
	case old != nil:
		s.RestartCount, s.LastTerminationState = old.RestartCount, old.LastTerminationState
		if old.State.Running != nil && s.LastTerminationState.Terminated == nil {
			s.LastTerminationState.Terminated = &v1.ContainerStateTerminated{
				Reason:   "ContainerStatusUnknown",
				Message:  "The container could not be located when the pod was deleted.  The container used to be Running",
				ExitCode: 137,
			}
			if in.Pod.DeletionTimestamp == nil {
				s.RestartCount++
			}
		}
	}
	w := in.View.Containers[c.Name].Waiting
	latest := in.View.latest(c.Name)
	done := latest != nil && latest.State == runExited && latest.ExitCode == 0 && initContainer(in.Pod, c.Name)
	if w != nil && !done && shouldRun(in.Pod, c, latest) {
		if s.State.Terminated != nil {
			s.LastTerminationState = s.State
		}
		s.State = v1.ContainerState{Waiting: &v1.ContainerStateWaiting{Reason: w.Reason, Message: w.Message}}
	}
	return s
}

func fillFromRuns(s *v1.ContainerStatus, c *v1.Container, runs []run) {
	r := runs[0]
	s.ContainerID, s.RestartCount, s.Image, s.ImageID = idScheme+r.ID, int32(r.Attempt), r.Image, r.ImageID
	s.State = runStateStatus(r)
	s.Resources, s.AllocatedResources = c.Resources.DeepCopy(), c.Resources.Requests.DeepCopy()
	if c.Lifecycle != nil && c.Lifecycle.StopSignal != nil {
		s.StopSignal = c.Lifecycle.StopSignal
	}
	if len(runs) > 1 {
		s.LastTerminationState = runStateStatus(runs[1])
	}
}

func runStateStatus(r run) v1.ContainerState {
	switch r.State {
	case runRunning:
		return v1.ContainerState{Running: &v1.ContainerStateRunning{StartedAt: metav1.NewTime(r.StartedAt)}}
	case runExited:
		return v1.ContainerState{Terminated: &v1.ContainerStateTerminated{
			ExitCode:    int32(r.ExitCode),
			Reason:      r.Reason,
			Message:     r.Message,
			StartedAt:   metav1.NewTime(r.StartedAt),
			FinishedAt:  metav1.NewTime(r.FinishedAt),
			ContainerID: idScheme + r.ID,
		}}
	case runCreated:
	}
	return v1.ContainerState{Waiting: &v1.ContainerStateWaiting{}}
}

func mountStatuses(c *v1.Container) []v1.VolumeMountStatus {
	var out []v1.VolumeMountStatus
	for _, m := range c.VolumeMounts {
		s := v1.VolumeMountStatus{Name: m.Name, MountPath: m.MountPath, ReadOnly: m.ReadOnly}
		if m.ReadOnly {
			disabled := v1.RecursiveReadOnlyDisabled
			s.RecursiveReadOnly = &disabled
		}
		out = append(out, s)
	}
	return out
}

func findStatus(statuses []v1.ContainerStatus, name string) *v1.ContainerStatus {
	for i := range statuses {
		if statuses[i].Name == name {
			return &statuses[i]
		}
	}
	return nil
}

// setReadiness fills in started and ready (prober_manager.go, UpdatePodStatus).
func setReadiness(in statusInput, s *v1.PodStatus) (unready []string) {
	set := func(c *v1.Container, cs *v1.ContainerStatus) {
		id := trimID(cs.ContainerID)
		started := cs.State.Running != nil &&
			(c.StartupProbe == nil || in.Verdict(c.Name, probes.Startup, id) == probes.Passing)
		cs.Started = &started
		if !started {
			return
		}
		cs.Ready = c.ReadinessProbe == nil || in.Verdict(c.Name, probes.Readiness, id) == probes.Passing
		if !cs.Ready {
			unready = append(unready, c.Name)
		}
	}
	for i := range s.ContainerStatuses {
		set(&in.Pod.Spec.Containers[i], &s.ContainerStatuses[i])
	}
	for i := range s.InitContainerStatuses {
		c, cs := &in.Pod.Spec.InitContainers[i], &s.InitContainerStatuses[i]
		if podspec.Sidecar(c) {
			set(c, cs)
			continue
		}
		started := cs.State.Running != nil
		cs.Started = &started
		cs.Ready = cs.State.Terminated != nil && cs.State.Terminated.ExitCode == 0
	}
	return unready
}

// idScheme is what the API has before a container's ID.
const idScheme = "containerd://"

func trimID(id string) string {
	if len(id) > len(idScheme) {
		return id[len(idScheme):]
	}
	return ""
}

// podPhase follows getPhase of kubelet_pods.go.
func podPhase(pod *v1.Pod, statuses []v1.ContainerStatus, ended, initialized bool) v1.PodPhase {
	n := countStates(pod, statuses)
	switch {
	case n.initFailed > 0:
		return v1.PodFailed
	case n.initPending > 0 || n.sidecarPending > 0 && !initialized || n.waiting > 0:
		return v1.PodPending
	case n.running > 0 && n.unknown == 0:
		return v1.PodRunning
	case n.stopped > 0 && n.unknown == 0:
		switch {
		case !ended && n.stopped != n.stoppedForGood:
			return v1.PodRunning
		case n.stopped == n.succeeded:
			return v1.PodSucceeded
		}
		return v1.PodFailed
	}
	return v1.PodPending
}

type stateCount struct {
	initPending, initFailed, sidecarPending                       int
	unknown, running, waiting, stopped, stoppedForGood, succeeded int
}

func countStates(pod *v1.Pod, statuses []v1.ContainerStatus) stateCount {
	var n stateCount
	for i := range pod.Spec.InitContainers {
		c := &pod.Spec.InitContainers[i]
		if s := findStatus(statuses, c.Name); podspec.Sidecar(c) {
			n.countSidecar(s)
		} else {
			n.countInit(pod, c, s)
		}
	}
	for i := range pod.Spec.Containers {
		n.countRegular(pod, &pod.Spec.Containers[i], findStatus(statuses, pod.Spec.Containers[i].Name))
	}
	return n
}

func (n *stateCount) countInit(pod *v1.Pod, c *v1.Container, s *v1.ContainerStatus) {
	var end *v1.ContainerStateTerminated
	switch {
	case s == nil || s.State.Running != nil:
	case s.State.Terminated != nil:
		end = s.State.Terminated
	case s.State.Waiting != nil:
		end = s.LastTerminationState.Terminated
	}
	switch {
	case end == nil:
		n.initPending++
	case end.ExitCode != 0 && !restartable(pod, c, end):
		n.initFailed++
	}
}

func (n *stateCount) countSidecar(s *v1.ContainerStatus) {
	switch {
	case s == nil:
		n.unknown++
	case s.State.Running != nil:
		if s.Started == nil || !*s.Started {
			n.sidecarPending++
		}
		n.running++
	case s.State.Terminated != nil, s.LastTerminationState.Terminated != nil:
	default:
		n.sidecarPending++
		n.waiting++
	}
}

func (n *stateCount) countRegular(pod *v1.Pod, c *v1.Container, s *v1.ContainerStatus) {
	stopped := func(end *v1.ContainerStateTerminated) {
		n.stopped++
		if !restartable(pod, c, end) {
			n.stoppedForGood++
		}
	}
	switch {
	case s == nil:
		n.unknown++
	case s.State.Running != nil:
		n.running++
	case s.State.Terminated != nil:
		stopped(s.State.Terminated)
		if s.State.Terminated.ExitCode == 0 {
			n.succeeded++
		}
	case s.State.Waiting != nil && s.LastTerminationState.Terminated != nil:
		stopped(s.LastTerminationState.Terminated)
	case s.State.Waiting != nil:
		n.waiting++
	default:
		n.unknown++
	}
}

// podFullName is how the kubelet names a pod in messages: name_namespace(uid).
func podFullName(pod *v1.Pod) string {
	return fmt.Sprintf("%s_%s(%s)", pod.Name, pod.Namespace, pod.UID)
}
