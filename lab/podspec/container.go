package podspec

import (
	"slices"
	"time"

	v1 "k8s.io/api/core/v1"

	"healthlab/probes"
)

// Probed returns the containers whose probes are run: the regular ones, then the sidecars, each in the spec's order. Other
// init containers and ephemeral ones have no probes.
func Probed(pod *v1.Pod) []*v1.Container {
	var out []*v1.Container
	for i := range pod.Spec.Containers {
		out = append(out, &pod.Spec.Containers[i])
	}
	for i := range pod.Spec.InitContainers {
		if c := &pod.Spec.InitContainers[i]; Sidecar(c) {
			out = append(out, c)
		}
	}
	return out
}

// Sidecar reports whether an init container is a sidecar: one that goes on running beside the regular containers.
func Sidecar(c *v1.Container) bool {
	return c.RestartPolicy != nil && *c.RestartPolicy == v1.ContainerRestartPolicyAlways
}

// PreStop returns how long the container's preStop hook takes before SIGTERM comes: exactly that if it sleeps, anything if it is a
// command or a request. Nil if there is none.
func PreStop(c *v1.Container) *probes.Range {
	switch {
	case c.Lifecycle == nil || c.Lifecycle.PreStop == nil:
		return nil
	case c.Lifecycle.PreStop.Sleep != nil:
		d := probes.Exactly(time.Duration(max(c.Lifecycle.PreStop.Sleep.Seconds, 0)) * time.Second)
		return &d
	}
	return &probes.Range{Most: probes.Longest}
}

// Restarts reports whether a container that ended with exitCode is to be started again: the container's own rules first,
// then its own policy, then the pod's (pkg/api/v1/pod, ContainerShouldRestart).
func Restarts(pod *v1.Pod, c *v1.Container, exitCode int) bool {
	policy := pod.Spec.RestartPolicy
	if c.RestartPolicy != nil {
		switch action(c, exitCode) {
		case v1.ContainerRestartRuleActionRestart, v1.ContainerRestartRuleActionRestartAllContainers:
			return true
		}
		policy = v1.RestartPolicy(*c.RestartPolicy)
	}
	switch policy {
	case v1.RestartPolicyNever:
		return false
	case v1.RestartPolicyOnFailure:
		return exitCode != 0
	case v1.RestartPolicyAlways:
	}
	return true
}

// RestartsAll reports whether a container that ended with exitCode makes its whole pod begin anew.
func RestartsAll(c *v1.Container, exitCode int) bool {
	return action(c, exitCode) == v1.ContainerRestartRuleActionRestartAllContainers
}

// action returns what the first rule says that matches, or "" (FindMatchingContainerRestartRule).
func action(c *v1.Container, exitCode int) v1.ContainerRestartRuleAction {
	for _, rule := range c.RestartPolicyRules {
		if matches(rule, exitCode) {
			return rule.Action
		}
	}
	return ""
}

func matches(rule v1.ContainerRestartRule, exitCode int) bool {
	if rule.ExitCodes == nil {
		return false
	}
	in := slices.Contains(rule.ExitCodes.Values, int32(exitCode))
	if rule.ExitCodes.Operator == v1.ContainerRestartRuleOnExitCodesOpNotIn {
		return !in
	}
	return in
}
