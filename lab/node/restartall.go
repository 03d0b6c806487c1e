package node

import (
	"context"
	"os"
	"slices"

	v1 "k8s.io/api/core/v1"

	"healthlab/lab/podspec"
)

// A rule of action RestartAllContainers makes the whole pod begin anew where it is: all init and regular containers are
// removed, then run in their order. What is done follows from the pod's condition AllContainersRestarting
// (pkg/kubelet/container/helpers.go and kuberuntime_manager.go).

// reasonRestartingAll is why containers wait, and how they ended, that were removed with the others (kubelet_pods.go).
const reasonRestartingAll = "RestartingAllContainers"

// notEphemeral returns the containers that are restarted together: init containers, then regular ones.
func notEphemeral(pod *v1.Pod) []*v1.Container {
	return slices.Concat(pointers(pod.Spec.InitContainers), pointers(pod.Spec.Containers))
}

// mayRestartAll reports whether any container has such a rule.
func mayRestartAll(pod *v1.Pod) bool {
	return slices.ContainsFunc(notEphemeral(pod), func(c *v1.Container) bool {
		return slices.ContainsFunc(c.RestartPolicyRules, func(r v1.ContainerRestartRule) bool {
			return r.Action == v1.ContainerRestartRuleActionRestartAllContainers
		})
	})
}

// isRestartingAll reports whether a published status says that the containers are being removed.
func isRestartingAll(s v1.PodStatus) bool {
	return slices.ContainsFunc(s.Conditions, func(c v1.PodCondition) bool {
		return c.Type == v1.AllContainersRestarting && c.Status == v1.ConditionTrue
	})
}

// restartsAll reports whether the pod is to begin anew, or was when it was looked at last.
func restartsAll(pod *v1.Pod, v view, old v1.PodStatus) bool {
	return isRestartingAll(old) || slices.ContainsFunc(notEphemeral(pod), func(c *v1.Container) bool {
		r := v.latest(c.Name)
		return r != nil && triggers(c, *r)
	})
}

func triggers(c *v1.Container, r run) bool {
	return r.State == runExited && podspec.RestartsAll(c, r.ExitCode)
}

// restartingAllCondition says whether containers are still to be removed (GenerateAllContainersRestartingCondition).
func restartingAllCondition(in statusInput, phase v1.PodPhase) v1.PodCondition {
	c := v1.PodCondition{Type: v1.AllContainersRestarting, Status: v1.ConditionFalse}
	switch {
	case phase == v1.PodSucceeded:
		c.Reason = "PodCompleted"
	case phase == v1.PodFailed:
		c.Reason = "PodFailed"
	case in.Restarting && slices.ContainsFunc(notEphemeral(in.Pod), func(c *v1.Container) bool {
		return in.View.latest(c.Name) != nil
	}):
		c.Status, c.Reason = v1.ConditionTrue, "RestartAllContainersStarted"
		c.Message = "container exited with restart policy rule"
	}
	return c
}

// removedStatus turns the status of a container that was removed with the others into one that says so. It counts as a
// restart.
func removedStatus(s, old *v1.ContainerStatus) {
	const message = "The container is removed because RestartAllContainers in place"
	s.State = v1.ContainerState{Waiting: &v1.ContainerStateWaiting{Reason: reasonRestartingAll, Message: message}}
	s.LastTerminationState = v1.ContainerState{Terminated: &v1.ContainerStateTerminated{
		Reason: reasonRestartingAll, Message: message, ExitCode: 137,
	}}
	s.RestartCount = old.RestartCount + 1
}

// restartable reports whether a container that has ended so is run again.
func restartable(pod *v1.Pod, c *v1.Container, end *v1.ContainerStateTerminated) bool {
	return end.Reason == reasonRestartingAll || podspec.Restarts(pod, c, int(end.ExitCode))
}

// resetOrder returns the containers in the order in which they are removed: those that have asked for it last, and regular
// ones before init containers.
func resetOrder(pod *v1.Pod, v view) []*v1.Container {
	var sources, targets []*v1.Container
	for _, some := range [][]v1.Container{pod.Spec.Containers, pod.Spec.InitContainers} {
		for _, c := range pointers(some) {
			switch r := v.latest(c.Name); {
			case r == nil:
			case triggers(c, *r):
				sources = append(sources, c)
			default:
				targets = append(targets, c)
			}
		}
	}
	return append(targets, sources...)
}

// reset ends containers, without their grace period and one after the other, and removes them. Their logs stay until the
// pod goes.
func (w *podWorker) reset(ctx context.Context, pod *v1.Pod, containers []*v1.Container) outcome {
	for _, c := range containers {
		if e := w.running(c.Name, ""); e != nil {
			w.agent.events.container(pod, c.Name, v1.EventTypeNormal, "Killing", "killing")
			w.kill(ctx, pod, c, e, 0, nil)
		}
		w.mu.Lock()
		r := w.record(c.Name)
		removed := r.runs
		r.runs, r.waiting = nil, nil
		w.mu.Unlock()
		for _, e := range removed {
			if err := e.sandbox.Remove(); err != nil {
				w.agent.log.Error("remove container", "container", e.ID, "err", err)
			}
			_ = os.Remove(e.message) // it goes with the pod in all
		}
	}
	return outcome{changed: true}
}
