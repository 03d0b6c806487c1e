package cluster

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"healthlab/lab"
	"healthlab/probes"
)

// caveats says what is different about a probe, or may be taken to be, because it is made through a port-forward, which
// enters the pod's network at localhost, and not by the kubelet, which asks the pod's IP. A named port, and a TLS handshake
// without a server name, are the same either way.
func caveats(pod *corev1.Pod, container *corev1.Container, spec probes.Spec) []lab.Text {
	if spec.Exec != nil {
		return nil
	}
	var out []lab.Text
	if pod.Spec.HostNetwork {
		out = append(out, lab.T("hostNetwork 파드라서 노드의 localhost에 묻습니다. 같은 포트를 쓰는 다른 프로세스가 답할 수 있습니다",
			"hostNetwork: the probe goes to the node's localhost, where another process may answer on the port"))
	} else if port, host := hostPort(container, spec); host != 0 {
		out = append(out, lab.Textf("kubelet처럼 컨테이너 포트 %[1]d에 묻습니다. 노드의 hostPort %[2]d은(는) 거치지 않습니다",
			"like the kubelet's, the probe goes to container port %[1]d, not to the node's hostPort %[2]d", port, host))
	}
	switch proxy := meshProxy(pod); {
	case proxy == "":
	case spec.HTTP != nil && strings.HasPrefix(spec.HTTP.Path, "/app-health/"):
		out = append(out, lab.Textf("Istio가 바꾼 프로브입니다. kubelet도 healthlab도 사이드카 %s에 묻고, 사이드카가 앱에 묻습니다",
			"rewritten by Istio: the kubelet and healthlab both probe sidecar %s, which asks the app", proxy))
	default:
		out = append(out, lab.Textf("kubelet의 요청은 사이드카 %s을(를) 거치지만 healthlab의 요청은 앱에 바로 갑니다",
			"the kubelet's requests pass through sidecar %s; healthlab's go straight to the app", proxy))
	}
	return out
}

// hostPort returns the probed port of the container and the node's port that leads to it; 0 if none does.
func hostPort(container *corev1.Container, spec probes.Spec) (port, host int) {
	var probed probes.Port
	switch {
	case spec.HTTP != nil:
		probed = spec.HTTP.Port
	case spec.TCP != nil:
		probed = spec.TCP.Port
	case spec.GRPC != nil:
		probed.Number = spec.GRPC.Port
	}
	for _, p := range container.Ports {
		named := probed.Name != "" && p.Name == probed.Name
		if named || probed.Name == "" && int(p.ContainerPort) == probed.Number {
			return int(p.ContainerPort), int(p.HostPort)
		}
	}
	return 0, 0
}

// meshProxy returns the name of a service mesh's sidecar, which is a container or an init container that goes on running.
func meshProxy(pod *corev1.Pod) string {
	for _, containers := range [][]corev1.Container{pod.Spec.Containers, pod.Spec.InitContainers} {
		for i := range containers {
			if name := containers[i].Name; name == "istio-proxy" || name == "linkerd-proxy" {
				return name
			}
		}
	}
	return ""
}
