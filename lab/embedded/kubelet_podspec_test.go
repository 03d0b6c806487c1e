package embedded_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	podutil "k8s.io/kubernetes/pkg/api/v1/pod"
	defaults "k8s.io/kubernetes/pkg/apis/core/v1"
	kubecontainer "k8s.io/kubernetes/pkg/kubelet/container"
	"k8s.io/kubernetes/pkg/probe"

	"healthlab/lab/podspec"
)

// These tests hold what podspec reads from a container against Kubernetes' own code, for cases made up at random. A failure
// names the case.

// TestKubeletCommand compares the commands of exec probes.
func TestKubeletCommand(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"$", "$$", "(", ")", "$(", "A", "B", "$(A)", "$(B)", "$(C)", "$(from)", "가", " ", "-"}
	made := func() string {
		var b strings.Builder
		for range r.IntN(8) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		return b.String()
	}
	from := &v1.EnvVarSource{FieldRef: &v1.ObjectFieldSelector{FieldPath: "status.podIP"}}
	for range 20_000 {
		c := &v1.Container{
			Env:           []v1.EnvVar{{Name: "A", Value: made()}, {Name: "B", Value: "b"}, {Name: "B", Value: made()}, {Name: "from", ValueFrom: from}},
			LivenessProbe: &v1.Probe{ProbeHandler: v1.ProbeHandler{Exec: &v1.ExecAction{Command: []string{made(), made()}}}},
		}
		command := c.LivenessProbe.Exec.Command
		want := kubecontainer.ExpandContainerCommandOnlyStatic(command, c.Env)
		if diff := gocmp.Diff(want, podspec.Probes(c)[0].Exec.Command); diff != "" {
			t.Fatalf("command %q with %v (-kubelet +podspec):\n%s", command, c.Env, diff)
		}
	}
}

// TestKubeletPort compares the numbers of ports, and the errors.
func TestKubeletPort(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	names := []string{"web", "db", "80", "", "Web"}
	numbers := []int32{-1, 0, 1, 80, 65535, 65536}
	told := func(number int, err error) string {
		if err != nil {
			return err.Error()
		}
		return fmt.Sprint(number)
	}
	seen := map[string]bool{}
	for range 20_000 {
		c := &v1.Container{}
		for range r.IntN(4) {
			c.Ports = append(c.Ports, v1.ContainerPort{Name: names[r.IntN(len(names))], ContainerPort: numbers[r.IntN(len(numbers))]})
		}
		port := intstr.FromInt32(numbers[r.IntN(len(numbers))])
		if r.IntN(2) == 0 {
			if port = intstr.FromString(names[r.IntN(len(names))]); port.StrVal == "" {
				continue // the API server refuses it
			}
		}
		want := told(probe.ResolveContainerPort(port, c))
		seen[want] = true
		if got := told(podspec.Port(port).Resolve(podspec.Ports(c))); got != want {
			t.Fatalf("port %#v of %v: got %s, a kubelet has %s", port, c.Ports, got, want)
		}
	}
	for _, want := range []string{"80", `port "web" not found`, "invalid port number: 65536"} {
		if !seen[want] {
			t.Errorf("no case has come to %s", want)
		}
	}
}

// TestAPIServersDefaults compares probes in which only a part is set with what the API server makes of them.
func TestAPIServersDefaults(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	some := func() int32 { return r.Int32N(3) }
	for range 1_000 {
		get := &v1.HTTPGetAction{
			Path: []string{"", "/a"}[r.IntN(2)], Scheme: []v1.URIScheme{"", "HTTP", "HTTPS"}[r.IntN(3)], Port: intstr.FromInt32(80),
		}
		p := &v1.Probe{
			ProbeHandler: v1.ProbeHandler{HTTPGet: get}, InitialDelaySeconds: some(), PeriodSeconds: some(), TimeoutSeconds: some(),
			SuccessThreshold: some(), FailureThreshold: some(),
		}
		before := podspec.Probes(&v1.Container{StartupProbe: p})
		defaults.SetDefaults_Probe(p)
		defaults.SetDefaults_HTTPGetAction(get)
		if diff := gocmp.Diff(podspec.Probes(&v1.Container{StartupProbe: p}), before); diff != "" {
			t.Fatalf("(-the API server's +podspec's):\n%s", diff)
		}
		if want := int(p.FailureThreshold); before[0].FailureThreshold != want || before[0].HTTP.Scheme != string(get.Scheme) {
			t.Fatalf("got %+v, the API server has %+v", before[0], p)
		}
	}
}

// TestKubeletRestarts compares which containers are started again.
func TestKubeletRestarts(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	policies := []v1.ContainerRestartPolicy{"Always", "OnFailure", "Never"}
	for range 20_000 {
		pod := &v1.Pod{Spec: v1.PodSpec{RestartPolicy: []v1.RestartPolicy{"", "Always", "OnFailure", "Never"}[r.IntN(4)]}}
		c := &v1.Container{}
		if r.IntN(2) == 0 {
			c.RestartPolicy = &policies[r.IntN(len(policies))]
		}
		for range r.IntN(3) {
			c.RestartPolicyRules = append(c.RestartPolicyRules, v1.ContainerRestartRule{
				Action: []v1.ContainerRestartRuleAction{"Restart", "RestartAllContainers"}[r.IntN(2)],
				ExitCodes: &v1.ContainerRestartRuleOnExitCodes{
					Operator: []v1.ContainerRestartRuleOnExitCodesOperator{"In", "NotIn"}[r.IntN(2)], Values: []int32{r.Int32N(3)},
				},
			})
		}
		code := r.IntN(3)
		want := podutil.ContainerShouldRestart(*c, pod.Spec, int32(code))
		if got := podspec.Restarts(pod, c, code); got != want {
			t.Fatalf("exit code %d, pod %q, container %+v: got %t, a kubelet has %t", code, pod.Spec.RestartPolicy, c, got, want)
		}
	}
}
