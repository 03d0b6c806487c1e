package node

import (
	"testing"
	"testing/synctest"

	v1 "k8s.io/api/core/v1"
)

func TestAllContainersRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startLab(t, nil)
		l.create(testPod("a", func(p *v1.Pod) {
			p.Spec.RestartPolicy = v1.RestartPolicyNever
			never := v1.ContainerRestartPolicyNever
			p.Spec.InitContainers = []v1.Container{{Name: "init", Image: "test", Command: []string{"/exit", "0"}}}
			p.Spec.Containers[0].Command = []string{"/exit", "42", "30s"}
			p.Spec.Containers[0].RestartPolicy = &never
			p.Spec.Containers[0].RestartPolicyRules = []v1.ContainerRestartRule{{
				Action: v1.ContainerRestartRuleActionRestartAllContainers,
				ExitCodes: &v1.ContainerRestartRuleOnExitCodes{
					Operator: v1.ContainerRestartRuleOnExitCodesOpIn, Values: []int32{42},
				},
			}}
			p.Spec.Containers = append(p.Spec.Containers, v1.Container{Name: "other", Image: "test"})
		}))
		for n := int32(1); n <= 3; n++ {
			pod := l.wait("a", "restarted", func(p *v1.Pod) bool {
				if p == nil || len(p.Status.ContainerStatuses) < 2 {
					return false
				}
				for _, s := range p.Status.ContainerStatuses {
					if s.RestartCount != n || s.State.Running == nil {
						return false
					}
				}
				return true
			})
			if got := pod.Status.InitContainerStatuses[0].RestartCount; got != n {
				t.Errorf("restart %d: the init container has %d", n, got)
			}
		}
		if n := len(l.seen("BackOff")); n > 0 {
			t.Errorf("%d back-offs", n)
		}
	})
}
