package node

import (
	"time"

	v1 "k8s.io/api/core/v1"

	"healthlab/lab/podspec"
	"healthlab/probes"
)

// runState is how far one execution of a container is.
type runState int

const (
	runCreated runState = iota
	runRunning
	runExited
)

// run is one execution of a container, as a value.
type run struct {
	ID string // 64 hex digits
	// Attempt counts the executions of the container in this pod from 0; it is the restart count while this is the
	// newest.
	Attempt int
	State   runState
	// Asked is the image as the spec named it when the run was made.
	Asked string
	// Image and ImageID are as in a container status: docker.io/library/alpine:latest and
	// docker.io/library/alpine@sha256:….
	Image, ImageID        string
	StartedAt, FinishedAt time.Time
	ExitCode              int
	Reason, Message       string
}

// waiting says why a container could not be started the last time that was tried.
type waiting struct{ Reason, Message string }

// sandboxState is how the pod's sandbox stands.
type sandboxState int

const (
	sandboxNone sandboxState = iota
	sandboxReady
	sandboxGone
)

// view is what is known of a pod's runtime at one moment. It is a value: whoever holds one sees it unchanged.
type view struct {
	Sandbox    sandboxState
	IP         string
	Containers map[string]containerView
}

// containerView is what is known of one container.
type containerView struct {
	Runs    []run // newest first, at most two
	Waiting *waiting
}

// latest returns the newest run of a container, or nil.
func (v view) latest(name string) *run {
	if runs := v.Containers[name].Runs; len(runs) > 0 {
		return &runs[0]
	}
	return nil
}

// newestExited returns the newest run of a container that has ended, or nil.
func (v view) newestExited(name string) *run {
	for i, r := range v.Containers[name].Runs {
		if r.State == runExited {
			return &v.Containers[name].Runs[i]
		}
	}
	return nil
}

// verdictFunc tells what is held true of a run of a container, given by its ID.
type verdictFunc func(container string, kind probes.Kind, id string) probes.Verdict

// containerSpec returns the container of that name, of whichever sort, or nil.
func containerSpec(pod *v1.Pod, name string) *v1.Container {
	for _, c := range allContainers(pod) {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// allContainers returns init, regular and ephemeral containers, in that order.
func allContainers(pod *v1.Pod) []*v1.Container {
	all := make([]*v1.Container, 0, len(pod.Spec.InitContainers)+len(pod.Spec.Containers))
	for i := range pod.Spec.InitContainers {
		all = append(all, &pod.Spec.InitContainers[i])
	}
	for i := range pod.Spec.Containers {
		all = append(all, &pod.Spec.Containers[i])
	}
	return append(all, ephemeralContainers(pod)...)
}

func ephemeralContainers(pod *v1.Pod) []*v1.Container {
	out := make([]*v1.Container, len(pod.Spec.EphemeralContainers))
	for i := range pod.Spec.EphemeralContainers {
		out[i] = (*v1.Container)(&pod.Spec.EphemeralContainers[i].EphemeralContainerCommon)
	}
	return out
}

// shouldRun reports whether the container is to be started, given its newest run (ShouldContainerBeRestarted).
func shouldRun(pod *v1.Pod, c *v1.Container, latest *run) bool {
	switch {
	case pod.DeletionTimestamp != nil:
		return false
	case latest == nil:
		return true
	case latest.State == runRunning:
		return false
	case latest.State == runCreated:
		return true
	}
	return podspec.Restarts(pod, c, latest.ExitCode)
}

func initContainer(pod *v1.Pod, name string) bool {
	for i := range pod.Spec.InitContainers {
		if pod.Spec.InitContainers[i].Name == name {
			return true
		}
	}
	return false
}
