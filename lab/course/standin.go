package course

import (
	"slices"
	"strings"

	"healthlab/lab"
)

// StandIn is the command that has stand-ins run in the namespace, or why that would help nobody. It is of the namespace, so
// that it reaches pods whatever has made them, the next ones too, and rolls nothing out anew.
func (m Moment) StandIn() (lab.Kubectl, Refusal) {
	command := lab.Kubectl{Args: lab.StandInCommand(m.Snapshot.Cluster.Namespace)}
	if no := m.WhyNot(command); !no.IsZero() {
		return command, no
	}
	switch {
	case m.Snapshot.Cluster.Real:
		return command, why(NoStandIn, lab.T("대역(stand-in)은 내장 클러스터에만 있습니다.", "Only the embedded cluster has stand-ins."))
	case !slices.ContainsFunc(m.Snapshot.Pods, waitsForStandIn):
		return command, why(NoStandIn, lab.T("대역(stand-in)을 실행할 수 있는 파드가 없습니다. healthlab에 없는 이미지를 기다리는 파드가 있을 때만 됩니다.",
			"No pod is waiting for an image that a stand-in could run for."))
	}
	return command, Refusal{}
}

// waitsForStandIn reports whether a pod waits for an image that healthlab does not have, and a stand-in could run.
func waitsForStandIn(p lab.Pod) bool {
	return slices.ContainsFunc(slices.Concat(p.Containers, p.Init), func(c lab.Container) bool {
		return c.State == lab.Waiting && strings.Contains(c.Message, "healthlab has no image ") && strings.Contains(c.Message, lab.StandInHint)
	})
}
