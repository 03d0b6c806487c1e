package probes_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/probes"
)

// liveness returns a valid spec, changed by the given functions.
func liveness(changes ...func(*probes.Spec)) probes.Spec {
	s := probes.Spec{Kind: probes.Liveness, TCP: &probes.TCPAction{Port: probes.Port{Number: 80}}}.Defaulted()
	for _, change := range changes {
		change(&s)
	}
	return s
}

func TestDefaulted(t *testing.T) {
	action := &probes.HTTPAction{Port: probes.Port{Name: "web"}}
	got := probes.Spec{Kind: probes.Readiness, HTTP: action}.Defaulted()
	want := probes.Spec{
		Kind:             probes.Readiness,
		HTTP:             &probes.HTTPAction{Scheme: "HTTP", Path: "/", Port: probes.Port{Name: "web"}},
		Period:           10 * time.Second,
		Timeout:          time.Second,
		SuccessThreshold: 1,
		FailureThreshold: 3,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("defaulted spec (-want +got):\n%s", diff)
	}
	if action.Path != "" || action.Scheme != "" {
		t.Errorf("Defaulted changed the action it was given: %+v", action)
	}
	if diff := cmp.Diff(got, got.Defaulted()); diff != "" {
		t.Errorf("defaulting twice changes the spec:\n%s", diff)
	}
}

func TestValidate(t *testing.T) {
	seconds := func(n time.Duration) *time.Duration { n *= time.Second; return &n }
	tests := []struct {
		name string
		spec probes.Spec
		want []string // lines; none for a valid spec
	}{
		{name: "defaults", spec: liveness()},
		{name: "limits", spec: liveness(func(s *probes.Spec) {
			s.InitialDelay = math.MaxInt32 * time.Second
			s.Period, s.Timeout = time.Second, math.MaxInt32*time.Second
			s.FailureThreshold = 1000
			s.GracePeriod = seconds(1)
			s.TCP = nil
			s.Exec = &probes.ExecAction{Command: []string{strings.Repeat("x", 1<<20)}}
		})},
		{name: "readiness with a success threshold", spec: liveness(func(s *probes.Spec) {
			s.Kind, s.SuccessThreshold = probes.Readiness, 5
		})},
		{name: "port names", spec: liveness(func(s *probes.Spec) { s.TCP.Port = probes.Port{Name: "a-2-c"} })},
		{name: "nothing set", want: []string{
			`kind "": must be startup, readiness or liveness`,
			`one of exec, httpGet, tcpSocket and grpc must be set`,
			`periodSeconds: 0s: must be at least 1`,
			`timeoutSeconds: 0s: must be at least 1`,
			`successThreshold: 0: must be from 1 to 2147483647`,
			`failureThreshold: 0: must be from 1 to 2147483647`,
		}},
		{name: "everything wrong", spec: probes.Spec{
			Kind: probes.Startup,
			Exec: &probes.ExecAction{},
			HTTP: &probes.HTTPAction{
				Scheme: "ftp", Port: probes.Port{Number: 65536},
				Headers: []probes.Header{{Name: "X-Ok"}, {Name: "not ok"}, {}},
			},
			TCP:          &probes.TCPAction{Port: probes.Port{Number: 1, Name: "one"}},
			GRPC:         &probes.GRPCAction{Port: -1},
			InitialDelay: -time.Second, Period: 1500 * time.Millisecond, Timeout: (math.MaxInt32 + 1) * time.Second,
			SuccessThreshold: 2, FailureThreshold: -1,
			GracePeriod: seconds(0),
		}, want: []string{
			`exec, httpGet, tcpSocket, grpc: only one of them may be set`,
			`exec.command: must not be empty`,
			`httpGet.scheme: "ftp": must be HTTP or HTTPS`,
			`httpGet.path: must not be empty`,
			`httpGet.port: 65536: must be from 1 to 65535`,
			`httpGet.httpHeaders[1].name: "not ok": must be letters, digits and '-'`,
			`httpGet.httpHeaders[2].name: "": must be letters, digits and '-'`,
			`tcpSocket.port: one: has the number 1 as well; set one of them`,
			`grpc.port: -1: must be from 1 to 65535`,
			`initialDelaySeconds: -1s: must be at least 0`,
			`periodSeconds: 1.5s: must be whole seconds`,
			`timeoutSeconds: 596523h14m8s: must be at most 2147483647 seconds`,
			`failureThreshold: -1: must be from 1 to 2147483647`,
			`successThreshold: 2: must be 1 for a startup probe`,
			`terminationGracePeriodSeconds: 0s: must be at least 1`,
		}},
		{name: "readiness with a grace period", spec: liveness(func(s *probes.Spec) {
			s.Kind, s.GracePeriod = probes.Readiness, seconds(5)
		}), want: []string{`terminationGracePeriodSeconds: must not be set for a readiness probe`}},
	}
	for _, name := range []struct{ name, why string }{
		{"sixteen-letters-", "a name has at most 15 characters"},
		{"Web", "a name has only lower-case letters, digits and '-'"},
		{"8080", "a name has at least one letter"},
		{"a--b", "a name has '-' only between other characters"},
		{"-a", "a name has '-' only between other characters"},
		{"a-", "a name has '-' only between other characters"},
	} {
		tests = append(tests, struct {
			name string
			spec probes.Spec
			want []string
		}{
			name: "port name " + name.name,
			spec: liveness(func(s *probes.Spec) { s.TCP.Port = probes.Port{Name: name.name} }),
			want: []string{"tcpSocket.port: " + name.name + ": " + name.why},
		})
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			if err := test.spec.Validate(); err != nil {
				got = strings.Split(err.Error(), "\n")
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEvent(t *testing.T) {
	key := probes.Key{Pod: "p", Container: "c", Kind: probes.Readiness}
	tests := []struct {
		name            string
		attempt         probes.Attempt
		reason, message string
		ok              bool
	}{
		{
			name:    "failure",
			attempt: probes.Attempt{Key: key, Outcome: probes.Failure, Message: "no such file\n"},
			reason:  "Unhealthy", message: "Readiness probe failed: no such file\n", ok: true,
		},
		{
			name:    "warning",
			attempt: probes.Attempt{Key: key, Outcome: probes.Success, Warning: true, Message: "redirects"},
			reason:  "ProbeWarning", message: "Readiness probe warning: redirects", ok: true,
		},
		{
			name: "error",
			attempt: probes.Attempt{
				Key: key, Outcome: probes.Unknown, ErrorState: probes.Unknown, Message: `port "x" not found`,
			},
			reason: "Unhealthy", ok: true,
			message: `Readiness probe errored and resulted in unknown state: port "x" not found`,
		},
		{name: "success", attempt: probes.Attempt{Key: key, Outcome: probes.Success, Message: "ok"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			reason, message, ok := test.attempt.Event()
			if reason != test.reason || message != test.message || ok != test.ok {
				t.Errorf("Event() = %q, %q, %v; want %q, %q, %v",
					reason, message, ok, test.reason, test.message, test.ok)
			}
		})
	}
}
