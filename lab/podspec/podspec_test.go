package podspec_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"healthlab/lab/podspec"
	"healthlab/probes"
)

func exec(command ...string) v1.ProbeHandler {
	return v1.ProbeHandler{Exec: &v1.ExecAction{Command: command}}
}

func httpGet(port intstr.IntOrString) v1.ProbeHandler {
	return v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{Port: port}}
}

func tcpSocket(port intstr.IntOrString) v1.ProbeHandler {
	return v1.ProbeHandler{TCPSocket: &v1.TCPSocketAction{Port: port}}
}

// TestProbes is what both the node agent and the observer go by.
func TestProbes(t *testing.T) {
	number := intstr.FromInt32(80)
	tests := []struct {
		name    string
		probe   v1.Probe // a readiness probe
		env     []v1.EnvVar
		ports   []v1.ContainerPort
		want    probes.Spec // Kind, Period, Timeout and thresholds are filled in below where they are left out
		problem string      // of every attempt; "" for none
		invalid string      // part of what Spec.Validate says; "" for valid
	}{
		{
			name: "times and thresholds",
			probe: v1.Probe{
				ProbeHandler:        exec("true"),
				InitialDelaySeconds: 1, PeriodSeconds: 2, TimeoutSeconds: 3, SuccessThreshold: 4, FailureThreshold: 5,
			},
			want: probes.Spec{
				Exec:         &probes.ExecAction{Command: []string{"true"}},
				InitialDelay: time.Second, Period: 2 * time.Second, Timeout: 3 * time.Second, SuccessThreshold: 4, FailureThreshold: 5,
			},
		},
		{
			name:  "zeros are what the API server fills in",
			probe: v1.Probe{ProbeHandler: exec("true")},
			want: probes.Spec{
				Exec:   &probes.ExecAction{Command: []string{"true"}},
				Period: 10 * time.Second, Timeout: time.Second, SuccessThreshold: 1, FailureThreshold: 3,
			},
		},
		{
			name:    "a grace period of its own, which a readiness probe may not have",
			probe:   v1.Probe{ProbeHandler: exec("true"), TerminationGracePeriodSeconds: new(int64(7))},
			want:    probes.Spec{Exec: &probes.ExecAction{Command: []string{"true"}}, GracePeriod: new(7 * time.Second)},
			invalid: "terminationGracePeriodSeconds: must not be set for a readiness probe",
		},
		{
			name:  "exec: a literal value",
			probe: v1.Probe{ProbeHandler: exec("cat", "$(DIR)/healthy")},
			env:   []v1.EnvVar{{Name: "DIR", Value: "/tmp"}},
			want:  probes.Spec{Exec: &probes.ExecAction{Command: []string{"cat", "/tmp/healthy"}}},
		},
		{
			name:  "exec: of two variables with one name the last counts",
			probe: v1.Probe{ProbeHandler: exec("$(A)")},
			env:   []v1.EnvVar{{Name: "A", Value: "1"}, {Name: "A", Value: "2"}},
			want:  probes.Spec{Exec: &probes.ExecAction{Command: []string{"2"}}},
		},
		{
			name:  "exec: a variable from elsewhere is empty",
			probe: v1.Probe{ProbeHandler: exec("cat", "$(IP)")},
			env:   []v1.EnvVar{{Name: "IP", ValueFrom: &v1.EnvVarSource{FieldRef: &v1.ObjectFieldSelector{FieldPath: "status.podIP"}}}},
			want:  probes.Spec{Exec: &probes.ExecAction{Command: []string{"cat", ""}}},
		},
		{
			name:  "exec: a value is taken as it is written",
			probe: v1.Probe{ProbeHandler: exec("$(B)")},
			env:   []v1.EnvVar{{Name: "A", Value: "1"}, {Name: "B", Value: "$(A)$$"}},
			want:  probes.Spec{Exec: &probes.ExecAction{Command: []string{"$(A)$$"}}},
		},
		{
			name:  "exec: what is no variable of the spec is left to the shell",
			probe: v1.Probe{ProbeHandler: exec("sh", "-c", "test $(HOSTNAME) = $HOSTNAME && echo $$(A)")},
			env:   []v1.EnvVar{{Name: "A", Value: "1"}},
			want:  probes.Spec{Exec: &probes.ExecAction{Command: []string{"sh", "-c", "test $(HOSTNAME) = $HOSTNAME && echo $(A)"}}},
		},
		{
			name:    "exec: no command",
			probe:   v1.Probe{ProbeHandler: exec()},
			want:    probes.Spec{Exec: &probes.ExecAction{}},
			invalid: "exec.command: must not be empty",
		},
		{
			name:  "httpGet: zeros are what the API server fills in",
			probe: v1.Probe{ProbeHandler: httpGet(number)},
			want:  probes.Spec{HTTP: &probes.HTTPAction{Scheme: "HTTP", Path: "/", Port: probes.Port{Number: 80}}},
		},
		{
			name: "httpGet: every field, in which nothing is expanded",
			probe: v1.Probe{ProbeHandler: v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{
				Scheme: "HTTPS", Host: "h", Path: "/p?q=$(A)", Port: number, HTTPHeaders: []v1.HTTPHeader{
					{Name: "Host", Value: "$(A)"}, {Name: "X-A", Value: "1"}, {Name: "X-A", Value: "2"}, {Name: "Accept"},
				},
			}}},
			env: []v1.EnvVar{{Name: "A", Value: "1"}},
			want: probes.Spec{HTTP: &probes.HTTPAction{
				Scheme: "HTTPS", Host: "h", Path: "/p?q=$(A)", Port: probes.Port{Number: 80}, Headers: []probes.Header{
					{Name: "Host", Value: "$(A)"}, {Name: "X-A", Value: "1"}, {Name: "X-A", Value: "2"}, {Name: "Accept"},
				},
			}},
		},
		{
			name:  "httpGet: a port by name",
			probe: v1.Probe{ProbeHandler: httpGet(intstr.FromString("web"))},
			ports: []v1.ContainerPort{{ContainerPort: 1}, {Name: "web", ContainerPort: 2}},
			want:  probes.Spec{HTTP: &probes.HTTPAction{Scheme: "HTTP", Path: "/", Port: probes.Port{Name: "web"}}},
		},
		{
			name:    "httpGet: a name that no port has",
			probe:   v1.Probe{ProbeHandler: httpGet(intstr.FromString("web"))},
			ports:   []v1.ContainerPort{{Name: "admin", ContainerPort: 2}},
			want:    probes.Spec{HTTP: &probes.HTTPAction{Scheme: "HTTP", Path: "/", Port: probes.Port{Name: "web"}}},
			problem: `port "web" not found`,
		},
		{
			name:    "httpGet: a name whose port has no valid number",
			probe:   v1.Probe{ProbeHandler: httpGet(intstr.FromString("web"))},
			ports:   []v1.ContainerPort{{Name: "web", ContainerPort: 65536}},
			want:    probes.Spec{HTTP: &probes.HTTPAction{Scheme: "HTTP", Path: "/", Port: probes.Port{Name: "web"}}},
			problem: "invalid port number: 65536",
		},
		{
			name:    "httpGet: no port",
			probe:   v1.Probe{ProbeHandler: httpGet(intstr.IntOrString{})},
			want:    probes.Spec{HTTP: &probes.HTTPAction{Scheme: "HTTP", Path: "/"}},
			problem: "invalid port number: 0",
			invalid: "httpGet.port: 0: must be from 1 to 65535",
		},
		{
			name: "httpGet: HTTP/2 without TLS",
			probe: v1.Probe{ProbeHandler: v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{
				Port: number, Protocol: new(v1.HTTPProtocolHTTP2),
			}}},
			want: probes.Spec{HTTP: &probes.HTTPAction{Scheme: "HTTP", Path: "/", Port: probes.Port{Number: 80}, H2C: true}},
		},
		{
			name: "httpGet: HTTP/2 without TLS, over HTTPS",
			probe: v1.Probe{ProbeHandler: v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{
				Scheme: "HTTPS", Port: number, Protocol: new(v1.HTTPProtocolHTTP2),
			}}},
			want:    probes.Spec{HTTP: &probes.HTTPAction{Scheme: "HTTPS", Path: "/", Port: probes.Port{Number: 80}, H2C: true}},
			invalid: "httpGet.protocol: HTTP2 needs the scheme HTTP",
		},
		{
			name: "httpGet: HTTP/2 without TLS, on another host",
			probe: v1.Probe{ProbeHandler: v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{
				Host: "h", Port: number, Protocol: new(v1.HTTPProtocolHTTP2),
			}}},
			want:    probes.Spec{HTTP: &probes.HTTPAction{Scheme: "HTTP", Host: "h", Path: "/", Port: probes.Port{Number: 80}, H2C: true}},
			invalid: `httpGet.host: "h": must be empty with protocol HTTP2`,
		},
		{
			name: "httpGet: HTTP/1.1",
			probe: v1.Probe{ProbeHandler: v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{
				Port: number, Protocol: new(v1.HTTPProtocolHTTP1),
			}}},
			want: probes.Spec{HTTP: &probes.HTTPAction{Scheme: "HTTP", Path: "/", Port: probes.Port{Number: 80}}},
		},
		{
			name:  "tcpSocket: every field",
			probe: v1.Probe{ProbeHandler: v1.ProbeHandler{TCPSocket: &v1.TCPSocketAction{Host: "h", Port: number}}},
			want:  probes.Spec{TCP: &probes.TCPAction{Host: "h", Port: probes.Port{Number: 80}}},
		},
		{
			name:  "tcpSocket: of two ports with one name the first counts",
			probe: v1.Probe{ProbeHandler: tcpSocket(intstr.FromString("db"))},
			ports: []v1.ContainerPort{{Name: "db", ContainerPort: 1}, {Name: "db", ContainerPort: 65536}},
			want:  probes.Spec{TCP: &probes.TCPAction{Port: probes.Port{Name: "db"}}},
		},
		{
			name:    "tcpSocket: a number in quotes is a name",
			probe:   v1.Probe{ProbeHandler: tcpSocket(intstr.FromString("80"))},
			want:    probes.Spec{TCP: &probes.TCPAction{Port: probes.Port{Name: "80"}}},
			problem: `port "80" not found`,
			invalid: "tcpSocket.port: 80: a name has at least one letter",
		},
		{
			name:  "grpc: no service",
			probe: v1.Probe{ProbeHandler: v1.ProbeHandler{GRPC: &v1.GRPCAction{Port: 9}}},
			want:  probes.Spec{GRPC: &probes.GRPCAction{Port: 9}},
		},
		{
			name:  "grpc: the empty service is none",
			probe: v1.Probe{ProbeHandler: v1.ProbeHandler{GRPC: &v1.GRPCAction{Port: 9, Service: new("")}}},
			want:  probes.Spec{GRPC: &probes.GRPCAction{Port: 9}},
		},
		{
			name: "grpc: every field",
			probe: v1.Probe{ProbeHandler: v1.ProbeHandler{GRPC: &v1.GRPCAction{
				Port: 9, Service: new("s"), Mode: new(v1.GRPCProbeModeTLS),
			}}},
			want: probes.Spec{GRPC: &probes.GRPCAction{Port: 9, Service: "s", TLS: true}},
		},
		{
			name: "grpc: without TLS",
			probe: v1.Probe{ProbeHandler: v1.ProbeHandler{GRPC: &v1.GRPCAction{
				Port: 9, Mode: new(v1.GRPCProbeModePlaintext),
			}}},
			want: probes.Spec{GRPC: &probes.GRPCAction{Port: 9}},
		},
		{
			name:    "no handler",
			want:    probes.Spec{},
			invalid: "one of exec, httpGet, tcpSocket and grpc must be set",
		},
		{
			name: "two handlers",
			probe: v1.Probe{ProbeHandler: v1.ProbeHandler{
				Exec: &v1.ExecAction{Command: []string{"true"}}, TCPSocket: &v1.TCPSocketAction{Port: number},
			}},
			want: probes.Spec{
				Exec: &probes.ExecAction{Command: []string{"true"}}, TCP: &probes.TCPAction{Port: probes.Port{Number: 80}},
			},
			invalid: "exec, tcpSocket: only one of them may be set",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := test.want.Defaulted()
			want.Kind = probes.Readiness
			c := &v1.Container{Env: test.env, Ports: test.ports, ReadinessProbe: &test.probe}
			got := podspec.Probes(c)
			if diff := cmp.Diff([]probes.Spec{want}, got); diff != "" {
				t.Fatalf("(-want +got):\n%s", diff)
			}
			if err := got[0].Validate(); !says(err, test.invalid) {
				t.Errorf("valid: %v, want %q", err, test.invalid)
			}
			if err := portProblem(got[0], podspec.Ports(c)); !says(err, test.problem) {
				t.Errorf("port: %v, want %q", err, test.problem)
			}
			if test.problem != "" && test.invalid == "" {
				a, err := probes.Try(t.Context(), got[0], probes.Target{Host: "127.0.0.1", Ports: podspec.Ports(c)})
				if err != nil || a.Outcome != probes.Unknown || a.Message != test.problem {
					t.Errorf("an attempt: %s %q %v", a.Outcome, a.Message, err)
				}
			}
		})
	}
}

// says reports whether err has that text in it; "" stands for no error.
func says(err error, text string) bool {
	return err == nil && text == "" || err != nil && text != "" && strings.Contains(err.Error(), text)
}

func portProblem(s probes.Spec, named map[string]int) error {
	var err error
	switch {
	case s.HTTP != nil:
		_, err = s.HTTP.Port.Resolve(named)
	case s.TCP != nil:
		_, err = s.TCP.Port.Resolve(named)
	}
	return err
}

func TestProbesInTheKubeletsOrder(t *testing.T) {
	p := &v1.Probe{ProbeHandler: exec("true"), TerminationGracePeriodSeconds: new(int64(9))}
	c := &v1.Container{LivenessProbe: p, StartupProbe: p}
	var kinds []probes.Kind
	for _, s := range podspec.Probes(c) {
		kinds = append(kinds, s.Kind)
		if err := s.Validate(); err != nil || *s.GracePeriod != 9*time.Second {
			t.Errorf("%s: %v, %v", s.Kind, err, s.GracePeriod)
		}
	}
	if diff := cmp.Diff([]probes.Kind{probes.Startup, probes.Liveness}, kinds); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if podspec.Probe(c, probes.Readiness) != nil || podspec.Probe(c, probes.Startup) != p || podspec.Probe(c, "") != nil {
		t.Error("Probe")
	}
	if got := podspec.Probes(&v1.Container{}); got != nil {
		t.Errorf("a container without probes has %v", got)
	}
}

// TestProbesKeepNothing changes the spec that an engine goes by, and looks at the pod's.
func TestProbesKeepNothing(t *testing.T) {
	c := &v1.Container{ReadinessProbe: &v1.Probe{ProbeHandler: exec("true"), TerminationGracePeriodSeconds: new(int64(1))}}
	got := podspec.Probes(c)[0]
	got.Exec.Command[0], *got.GracePeriod = "false", time.Hour
	if again := podspec.Probes(c)[0]; again.Exec.Command[0] != "true" || *again.GracePeriod != time.Second {
		t.Errorf("the pod's probe is now %v, %s", again.Exec.Command, again.GracePeriod)
	}
}

func TestProbed(t *testing.T) {
	p := &v1.Probe{ProbeHandler: exec("true")}
	policy := func(p v1.ContainerRestartPolicy) *v1.ContainerRestartPolicy { return &p }
	pod := &v1.Pod{Spec: v1.PodSpec{
		InitContainers: []v1.Container{
			{Name: "init"},
			{Name: "sidecar", RestartPolicy: policy(v1.ContainerRestartPolicyAlways), StartupProbe: p},
			{Name: "again", RestartPolicy: policy(v1.ContainerRestartPolicyOnFailure)},
		},
		Containers: []v1.Container{{Name: "app", LivenessProbe: p}, {Name: "plain"}},
		EphemeralContainers: []v1.EphemeralContainer{
			{EphemeralContainerCommon: v1.EphemeralContainerCommon{Name: "debugger", LivenessProbe: p}},
		},
	}}
	var names []string
	for _, c := range podspec.Probed(pod) {
		names = append(names, c.Name)
	}
	if diff := cmp.Diff([]string{"app", "plain", "sidecar"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRestarts(t *testing.T) {
	rule := func(o v1.ContainerRestartRuleOnExitCodesOperator, codes ...int32) []v1.ContainerRestartRule {
		return []v1.ContainerRestartRule{{
			Action:    v1.ContainerRestartRuleActionRestart,
			ExitCodes: &v1.ContainerRestartRuleOnExitCodes{Operator: o, Values: codes},
		}}
	}
	tests := []struct {
		name  string
		pod   v1.RestartPolicy
		own   v1.ContainerRestartPolicy
		rules []v1.ContainerRestartRule
		code  int
		want  bool
	}{
		{name: "always", pod: "Always", want: true},
		{name: "always is the default", want: true},
		{name: "never", pod: "Never", code: 1},
		{name: "on failure, after one", pod: "OnFailure", code: 1, want: true},
		{name: "on failure, after success", pod: "OnFailure"},
		{name: "a sidecar", pod: "Never", own: "Always", want: true},
		{name: "never, the container's own", pod: "Always", own: "Never", code: 1},
		{name: "on failure, the container's own", pod: "Never", own: "OnFailure", code: 1, want: true},
		{name: "a rule", pod: "Always", own: "Never", rules: rule("In", 42), code: 42, want: true},
		{name: "a rule for another code", pod: "Always", own: "Never", rules: rule("In", 42), code: 41},
		{name: "a rule for all codes but this one", own: "Never", rules: rule("NotIn", 42), code: 42},
		{name: "a rule for all codes but another one", own: "Never", rules: rule("NotIn", 42), code: 1, want: true},
		{name: "a rule without codes", own: "Never", rules: []v1.ContainerRestartRule{{Action: "Restart"}}, code: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := &v1.Container{RestartPolicyRules: test.rules}
			if test.own != "" {
				c.RestartPolicy = &test.own
			}
			pod := &v1.Pod{Spec: v1.PodSpec{RestartPolicy: test.pod}}
			if got := podspec.Restarts(pod, c, test.code); got != test.want {
				t.Error(got)
			}
		})
	}
}

func TestExpand(t *testing.T) {
	long := strings.Repeat("x", 100<<10)
	tests := []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"two variables", "$(A)-$(B)", "1-2"},
		{"the first one that has it", "$(C)", "3"},
		{"an escape", "$$(A)", "$(A)"},
		{"an escape before a variable", "$$$(A)", "$1"},
		{"unknown", "$(D)", "$(D)"},
		{"no name", "$()", "$()"},
		{"a name with a reference in it", "$($(A))", "$($(A))"},
		{"not closed", "$(A", "$(A"},
		{"not closed after a variable", "$(A)$(B", "1$(B"},
		{"no parentheses", "$A $", "$A $"},
		{"closed only", "A)", "A)"},
		{"Korean", "가$(A)나$", "가1나$"},
		{"too long", "$(long)$(long)$(A)", long + "$(long)1"},
	}
	lookup := podspec.Values(
		map[string]string{"A": "1", "B": "2", "C": "3", "long": long}, map[string]string{"C": "4"},
	)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := podspec.Expand(test.in, lookup); got != test.want {
				t.Errorf("got %.80q (%d bytes), want %.80q (%d bytes)", got, len(got), test.want, len(test.want))
			}
		})
	}
	if got := podspec.ExpandAll(nil, lookup); got != nil {
		t.Errorf("no words became %q", got)
	}
}
