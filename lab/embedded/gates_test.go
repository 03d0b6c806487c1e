package embedded

import (
	"context"
	"errors"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/kubernetes/pkg/features"

	"healthlab/lab"
)

func TestFeatureGatesThatAreWrong(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"unknown", "NoSuchThing=true", `has no feature gate "NoSuchThing"`},
		{"one of two", "H2CContainerProbe=true,NoSuchThing=true", `has no feature gate "NoSuchThing"`},
		{"mistyped", "h2ccontainerprobe=true", `did you mean "H2CContainerProbe"`},
		{"no value", "H2CContainerProbe", "write them as Name=true"},
		{"no truth", "H2CContainerProbe=yes", "write them as Name=true"},
		{"locked", "ExecProbeTimeout=false", "the feature gates cannot be set so"},
		{"needs another", "H2CContainerProbe=true,NodeDeclaredFeatures=false", "the feature gates cannot be set so"},
		{"without its API", "GenericWorkload=true", "cannot be switched on"},
	} {
		t.Run(c.name, func(t *testing.T) {
			reset, err := setFeatureGates(c.value)
			defer reset()
			var told *lab.Error
			if !errors.As(err, &told) {
				t.Fatalf("%v is not told in both languages", err)
			}
			if !strings.Contains(told.Msg.En, c.want) {
				t.Errorf("got %q, want %q in it", told.Msg.En, c.want)
			}
			if utilfeature.DefaultFeatureGate.Enabled(features.H2CContainerProbe) {
				t.Error("a gate is on nevertheless")
			}
		})
	}
}

func TestFeatureGatesEndWithTheirCluster(t *testing.T) {
	gate := utilfeature.DefaultFeatureGate
	reset, err := setFeatureGates("H2CContainerProbe=true, GRPCContainerProbeTLS=true")
	if err != nil {
		t.Fatal(err)
	}
	if !gate.Enabled(features.H2CContainerProbe) || !gate.Enabled(features.GRPCContainerProbeTLS) {
		t.Error("not on")
	}
	reset()
	if gate.Enabled(features.H2CContainerProbe) || gate.Enabled(features.GRPCContainerProbeTLS) {
		t.Error("still on")
	}
}

// TestProbesBehindFeatureGates holds that the probe fields that are off by default are kept and heeded once they are on.
func TestProbesBehindFeatureGates(t *testing.T) {
	client := clientOf(t, startCluster(t, Options{
		StateDir: t.TempDir(), FeatureGates: "H2CContainerProbe=true,GRPCContainerProbeTLS=true",
	}).RESTConfig())
	namespace := makeNamespace(t, client)
	for name, manifest := range map[string]string{
		"over-http2": `
spec:
  containers:
  - name: app
    image: registry.k8s.io/e2e-test-images/agnhost:2.66
    args: [h2c-server, --port=8080]
    readinessProbe: {httpGet: {path: /, port: 8080, protocol: HTTP2}, periodSeconds: 1}
`,
		"over-tls": `
spec:
  containers:
  - name: app
    image: registry.k8s.io/e2e-test-images/agnhost:2.53
    args: [grpc-health-checking, --port=5000, --tls-cert-file=/localhost.crt, --tls-private-key-file=/localhost.key]
    readinessProbe: {grpc: {port: 5000, mode: TLS}, periodSeconds: 1}
`,
	} {
		pod := decode[corev1.Pod](t, manifest)
		pod.Name = name
		made, err := client.CoreV1().Pods(namespace).Create(t.Context(), pod, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		probe := made.Spec.Containers[0].ReadinessProbe
		if probe.HTTPGet != nil && probe.HTTPGet.Protocol == nil || probe.GRPC != nil && probe.GRPC.Mode == nil {
			t.Errorf("%s: the API server has dropped the field: %+v", name, probe)
		}
	}
	for _, name := range []string{"over-http2", "over-tls"} {
		eventually(t, name+" is ready", func(ctx context.Context) (bool, error) {
			pod, err := client.CoreV1().Pods(namespace).Get(ctx, name, metav1.GetOptions{})
			return err == nil && len(pod.Status.ContainerStatuses) == 1 && pod.Status.ContainerStatuses[0].Ready, err
		})
	}
}
