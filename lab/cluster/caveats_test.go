package cluster

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"healthlab/probes"
)

func TestCaveats(t *testing.T) {
	web := probes.Spec{HTTP: &probes.HTTPAction{Path: "/health", Port: probes.Port{Name: "web"}}}
	sidecar := corev1.PodSpec{Containers: []corev1.Container{{Name: "app"}, {Name: "istio-proxy"}}}
	const through = "the kubelet's requests pass through sidecar istio-proxy; healthlab's go straight to the app"
	for name, tc := range map[string]struct {
		pod   corev1.PodSpec
		ports []corev1.ContainerPort
		spec  probes.Spec
		want  []string
	}{
		"nothing": {spec: web, ports: []corev1.ContainerPort{{Name: "web", ContainerPort: 80}}},
		"a port of the node, by name": {
			spec: web, ports: []corev1.ContainerPort{{ContainerPort: 9, HostPort: 9}, {Name: "web", ContainerPort: 80, HostPort: 8080}},
			want: []string{"like the kubelet's, the probe goes to container port 80, not to the node's hostPort 8080"},
		},
		"a port of the node, by number": {
			spec:  probes.Spec{GRPC: &probes.GRPCAction{Port: 80}},
			ports: []corev1.ContainerPort{{ContainerPort: 80, HostPort: 80}},
			want:  []string{"like the kubelet's, the probe goes to container port 80, not to the node's hostPort 80"},
		},
		"a port of the node that is not probed": {
			spec:  probes.Spec{TCP: &probes.TCPAction{Port: probes.Port{Number: 81}}},
			ports: []corev1.ContainerPort{{ContainerPort: 80, HostPort: 80}},
		},
		"the node's network": {
			spec: web, pod: corev1.PodSpec{HostNetwork: true}, ports: []corev1.ContainerPort{{Name: "web", ContainerPort: 80, HostPort: 80}},
			want: []string{"hostNetwork: the probe goes to the node's localhost, where another process may answer on the port"},
		},
		"a sidecar": {spec: web, pod: sidecar, want: []string{through}},
		"a sidecar that is an init container": {
			spec: web, pod: corev1.PodSpec{InitContainers: []corev1.Container{{Name: "linkerd-proxy"}}},
			want: []string{"the kubelet's requests pass through sidecar linkerd-proxy; healthlab's go straight to the app"},
		},
		"a probe that Istio has rewritten": {
			pod:  sidecar,
			spec: probes.Spec{HTTP: &probes.HTTPAction{Path: "/app-health/app/livez", Port: probes.Port{Number: 15020}}},
			want: []string{"rewritten by Istio: the kubelet and healthlab both probe sidecar istio-proxy, which asks the app"},
		},
		"a command, which no network is between": {
			spec: probes.Spec{Exec: &probes.ExecAction{}},
			pod:  corev1.PodSpec{HostNetwork: true, Containers: sidecar.Containers},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, c := range caveats(&corev1.Pod{Spec: tc.pod}, &corev1.Container{Ports: tc.ports}, tc.spec) {
				if c.Ko == "" {
					t.Errorf("not in Korean: %s", c.En)
				}
				got = append(got, c.En)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
