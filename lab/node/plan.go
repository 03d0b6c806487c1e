package node

import (
	"fmt"
	"slices"

	v1 "k8s.io/api/core/v1"

	"healthlab/lab/podspec"
	"healthlab/probes"
)

// actions is what one sync decides to do, in this order: kill the pod and be done, or make the sandbox, kill containers
// (all at the same time), then start containers one after the other.
type actions struct {
	KillPod       bool
	CreateSandbox bool
	Kill          []kill
	Ephemeral     []*v1.Container
	StartInit     []*v1.Container
	Start         []*v1.Container
}

// kill is the order to end one run of a container.
type kill struct {
	Container *v1.Container
	ID        string
	Message   string
	// Cause is the kind of the probe whose verdict it follows, or empty. It decides whose grace period counts.
	Cause probes.Kind
}

func (a actions) none() bool {
	return !a.KillPod && !a.CreateSandbox &&
		len(a.Kill) == 0 && len(a.Ephemeral) == 0 && len(a.StartInit) == 0 && len(a.Start) == 0
}

// computeActions decides what a pod needs (kuberuntime_manager.go, computePodActions).
func computeActions(pod *v1.Pod, v view, verdict verdictFunc) actions {
	if v.Sandbox == sandboxNone {
		a := actions{CreateSandbox: true}
		if len(pod.Spec.InitContainers) > 0 {
			a.StartInit = []*v1.Container{&pod.Spec.InitContainers[0]}
		} else {
			a.Start = pointers(pod.Spec.Containers)
		}
		return a
	}
	var a actions
	for _, c := range ephemeralContainers(pod) {
		if v.latest(c.Name) == nil { // never restarted
			a.Ephemeral = append(a.Ephemeral, c)
		}
	}
	if !planInit(pod, v, verdict, &a) || a.KillPod {
		return a
	}
	kept := planRegular(pod, v, verdict, &a)
	if kept == 0 && len(a.Start) == 0 {
		a.KillPod, a.StartInit = true, nil
	}
	return a
}

// planRegular plans the regular containers and returns how many of them go on running as they are.
func planRegular(pod *v1.Pod, v view, verdict verdictFunc, a *actions) (kept int) {
	for i := range pod.Spec.Containers {
		c := &pod.Spec.Containers[i]
		latest := v.latest(c.Name)
		if latest == nil || latest.State != runRunning {
			if shouldRun(pod, c, latest) {
				a.Start = append(a.Start, c)
			}
			continue
		}
		changed := latest.Asked != c.Image
		k, failed := failedProbe(c, latest.ID, verdict, "Container %s failed %s probe")
		if changed {
			k = kill{Container: c, ID: latest.ID, Message: fmt.Sprintf("Container %s definition changed", c.Name)}
		}
		if !failed && !changed {
			kept++
			continue
		}
		restart := pod.Spec.RestartPolicy != v1.RestartPolicyNever
		if c.RestartPolicy != nil {
			restart = *c.RestartPolicy != v1.ContainerRestartPolicyNever
		}
		if restart || changed {
			k.Message += ", will be restarted"
			a.Start = append(a.Start, c)
		}
		a.Kill = append(a.Kill, k)
	}
	if len(a.Start) == 0 && kept == 0 {
		// The pod as a whole is killed, which names the containers in its own words.
		a.Kill = nil
	}
	return kept
}

func failedProbe(c *v1.Container, id string, verdict verdictFunc, text string) (kill, bool) {
	for _, kind := range []probes.Kind{probes.Liveness, probes.Startup} {
		if podspec.Probe(c, kind) != nil && verdict(c.Name, kind, id) == probes.Failing {
			return kill{Container: c, ID: id, Message: fmt.Sprintf(text, c.Name, kind), Cause: kind}, true
		}
	}
	return kill{}, false
}

// planInit plans the init containers and reports whether the regular ones may be looked at
// (computeInitContainerActions: from the last to the first, so that the last one that ever ran decides).
func planInit(pod *v1.Pod, v view, verdict verdictFunc, a *actions) (initialized bool) {
	if len(pod.Spec.InitContainers) == 0 {
		return true
	}
	initialized = anyRegularStarted(pod, v)
	previously := initialized
	for i := len(pod.Spec.InitContainers) - 1; i >= 0; i-- {
		c := &pod.Spec.InitContainers[i]
		latest := v.latest(c.Name)
		if latest == nil {
			if previously && podspec.Sidecar(c) {
				a.StartInit = append(a.StartInit, c)
			}
			continue
		}
		if previously && !podspec.Sidecar(c) {
			continue
		}
		done, fatal := planInitRun(pod, c, *latest, verdict, a)
		if fatal {
			a.KillPod, a.StartInit = true, nil
			return false
		}
		if done {
			if i == len(pod.Spec.InitContainers)-1 {
				initialized = true
			} else if !previously {
				a.StartInit = append(a.StartInit, &pod.Spec.InitContainers[i+1])
			}
		}
		previously = true
	}
	if !previously {
		a.StartInit = append(a.StartInit, &pod.Spec.InitContainers[0])
	}
	slices.Reverse(a.StartInit)
	return initialized
}

// planInitRun plans for the newest run of one init container. done: the next one may start. fatal: the pod has failed.
func planInitRun(pod *v1.Pod, c *v1.Container, latest run, verdict verdictFunc, a *actions) (done, fatal bool) {
	switch latest.State {
	case runCreated:
		a.StartInit = append(a.StartInit, c)
	case runRunning:
		if !podspec.Sidecar(c) {
			return false, false
		}
		if k, failed := failedProbe(c, latest.ID, verdict, "Init container %s failed %s probe"); failed {
			a.Kill = append(a.Kill, k)
			a.StartInit = append(a.StartInit, c)
			return k.Cause == probes.Liveness, false
		}
		return c.StartupProbe == nil || verdict(c.Name, probes.Startup, latest.ID) == probes.Passing, false
	case runExited:
		switch {
		case podspec.Sidecar(c):
			a.StartInit = append(a.StartInit, c)
		case latest.ExitCode == 0:
			return true, false
		case !podspec.Restarts(pod, c, latest.ExitCode):
			return false, true
		default:
			a.StartInit = append(a.StartInit, c)
		}
	}
	return false, false
}

// minimumGrace is what a container always has between SIGTERM and SIGKILL, in seconds.
const minimumGrace = 2

// gracePeriod returns how many seconds a container has to end, before its preStop hook (setTerminationGracePeriod). The
// probe's own period counts before the pod's, also when it is longer.
func gracePeriod(pod *v1.Pod, k kill) int64 {
	if pod.DeletionGracePeriodSeconds != nil {
		return *pod.DeletionGracePeriodSeconds
	}
	if pod.Spec.TerminationGracePeriodSeconds == nil {
		return minimumGrace
	}
	if p := podspec.Probe(k.Container, k.Cause); p != nil && p.TerminationGracePeriodSeconds != nil {
		return *p.TerminationGracePeriodSeconds
	}
	return *pod.Spec.TerminationGracePeriodSeconds
}

// podGracePeriod returns how many seconds the containers of a pod have that is stopped as a whole: at least 1
// (pod_workers.go, calculateEffectiveGracePeriod).
func podGracePeriod(pod *v1.Pod) int64 {
	switch {
	case pod.DeletionGracePeriodSeconds != nil:
		return max(*pod.DeletionGracePeriodSeconds, 1)
	case pod.Spec.TerminationGracePeriodSeconds != nil:
		return max(*pod.Spec.TerminationGracePeriodSeconds, 1)
	}
	return 1
}
