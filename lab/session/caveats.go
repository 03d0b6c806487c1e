package session

import (
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"healthlab/lab"
	"healthlab/lab/fold"
	"healthlab/probes"
)

// caveats says what cannot be the same about the engine's probe as about the kubelet's: what the pod's spec tells, and what
// shows only while it is made.
func (s *Session) caveats(p lab.Pod, seen lab.Probe, pr *fold.Probe) []lab.Text {
	out := slices.Clip(seen.Caveats)
	if pr.Spec.Exec == nil {
		if names := s.policies(p); names != "" {
			out = append(out, lab.Textf("네트워크 폴리시 %s이(가) 이 파드를 고르지만 포트 포워딩에는 적용되지 않습니다",
				"network policy %s selects the pod, but does not apply to a port-forward", names))
		}
		if pr.Outcome == probes.Success && strings.Contains(pr.KubeletMessage, "connection refused") &&
			time.Since(pr.Reported) < 2*pr.Spec.Period {
			out = append(out, lab.T("kubelet은 파드 IP에, healthlab은 파드 안의 localhost에 묻습니다. 앱이 localhost에서만 수신하는 듯합니다",
				"the kubelet probes the pod's IP, healthlab probes localhost in the pod: the app seems to listen only on localhost"))
		}
	}
	if n := len(pr.Recent); n > 0 && pr.Recent[n-1].Way > pr.Spec.Period {
		way := pr.Recent[n-1].Way.Round(100 * time.Millisecond)
		out = append(out, lab.Textf("컨테이너까지의 경로가 느려(%[1]s) 주기 %[2]s보다 드물게 시도합니다",
			"the connection to the container is slow (%[1]s), so attempts come less often than every %[2]s", way, pr.Spec.Period))
	}
	return out
}

// policies names the network policies on what reaches the pod.
func (s *Session) policies(p lab.Pod) string {
	found := s.state.Cluster().Preflight
	if found == nil {
		return ""
	}
	var names []string
	for _, policy := range found.Policies {
		if selector, err := labels.Parse(policy.Selector); err == nil && selector.Matches(labels.Set(p.Labels)) {
			names = append(names, policy.Name)
		}
	}
	return strings.Join(names, ", ")
}
