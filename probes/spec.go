package probes

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// Kind says what a probe's verdict is used for.
type Kind string

// The kinds, in the order in which a kubelet heeds them.
const (
	Startup   Kind = "startup"
	Readiness Kind = "readiness"
	Liveness  Kind = "liveness"
)

// Initial returns the verdict on a container that has not been probed yet: Passing for liveness, Failing for readiness,
// Undecided for startup (pkg/kubelet/prober/worker.go, newWorker).
func (k Kind) Initial() Verdict {
	switch k {
	case Liveness:
		return Passing
	case Readiness:
		return Failing
	default:
		return Undecided
	}
}

// Title returns the kind as it begins the kubelet's event messages, such as "Liveness".
func (k Kind) Title() string {
	switch k {
	case Startup:
		return "Startup"
	case Readiness:
		return "Readiness"
	case Liveness:
		return "Liveness"
	default:
		return "UNKNOWN"
	}
}

// Mechanism is how an attempt is made.
type Mechanism string

// The mechanisms.
const (
	MechanismExec Mechanism = "exec"
	MechanismHTTP Mechanism = "http"
	MechanismTCP  Mechanism = "tcp"
	MechanismGRPC Mechanism = "grpc"
)

// What Kubernetes fills in where a probe says nothing.
const (
	DefaultPeriod           = 10 * time.Second
	DefaultTimeout          = time.Second
	DefaultSuccessThreshold = 1
	DefaultFailureThreshold = 3
)

// Spec is one probe of one container. Build it with every field set; Defaulted fills in what Kubernetes would.
type Spec struct {
	Kind Kind
	// Exactly one of these is set.
	Exec *ExecAction
	HTTP *HTTPAction
	TCP  *TCPAction
	GRPC *GRPCAction

	// Whole seconds, as in the API.
	InitialDelay time.Duration // 0 or more; default 0
	Period       time.Duration // 1 s or more; default 10 s
	Timeout      time.Duration // 1 s or more; default 1 s

	SuccessThreshold int // 1 or more; must be 1 for liveness and startup; default 1
	FailureThreshold int // 1 or more; default 3

	// GracePeriod is the probe's own terminationGracePeriodSeconds. The engine only hands it through.
	GracePeriod *time.Duration
}

// ExecAction runs a command in the container.
type ExecAction struct{ Command []string }

// HTTPAction sends a GET request.
type HTTPAction struct {
	Scheme  string // HTTP (default) or HTTPS
	Host    string // default: the pod's IP
	Port    Port
	Path    string // default: /
	Headers []Header
	// H2C speaks HTTP/2 without TLS from the first byte on; it needs the scheme HTTP and the pod's own IP. Without it, HTTP
	// is HTTP/1.1, and HTTPS what both sides agree on.
	H2C bool
}

// Header is a request header.
type Header struct{ Name, Value string }

// TCPAction opens a connection.
type TCPAction struct {
	Host string // default: the pod's IP
	Port Port
}

// GRPCAction asks grpc.health.v1.Health.
type GRPCAction struct {
	Port    int
	Service string
	TLS     bool // whoever answers is believed
}

// Port is a port by number or, when Name is set, by the name that the container's spec gives it.
type Port struct {
	Number int
	Name   string
}

// String returns the port as a manifest has it.
func (p Port) String() string {
	if p.Name != "" {
		return p.Name
	}
	return fmt.Sprint(p.Number)
}

// Resolve returns the port's number, from 1 to 65535, looking its name up in named. The errors are the kubelet's
// (pkg/probe/util.go, ResolveContainerPort).
func (p Port) Resolve(named map[string]int) (int, error) {
	number := p.Number
	if p.Name != "" {
		var ok bool
		if number, ok = named[p.Name]; !ok {
			return 0, fmt.Errorf("port %q not found", p.Name)
		}
	}
	if number < 1 || number > math.MaxUint16 {
		return 0, fmt.Errorf("invalid port number: %v", number)
	}
	return number, nil
}

// Mechanism returns how attempts are made, or "" if no action is set. Where several are set, it is the one that the
// kubelet would run.
func (s Spec) Mechanism() Mechanism {
	switch {
	case s.Exec != nil:
		return MechanismExec
	case s.HTTP != nil:
		return MechanismHTTP
	case s.TCP != nil:
		return MechanismTCP
	case s.GRPC != nil:
		return MechanismGRPC
	default:
		return ""
	}
}

// Defaulted returns a copy of s in which zero fields have the values that the API server gives them
// (pkg/apis/core/v1/defaults.go, SetDefaults_Probe and SetDefaults_HTTPGetAction).
func (s Spec) Defaulted() Spec {
	if s.Period == 0 {
		s.Period = DefaultPeriod
	}
	if s.Timeout == 0 {
		s.Timeout = DefaultTimeout
	}
	if s.SuccessThreshold == 0 {
		s.SuccessThreshold = DefaultSuccessThreshold
	}
	if s.FailureThreshold == 0 {
		s.FailureThreshold = DefaultFailureThreshold
	}
	if s.HTTP != nil && (s.HTTP.Path == "" || s.HTTP.Scheme == "") {
		action := *s.HTTP
		if action.Path == "" {
			action.Path = "/"
		}
		if action.Scheme == "" {
			action.Scheme = "HTTP"
		}
		s.HTTP = &action
	}
	return s
}

// Validate returns nil or every problem of s, joined, under the names that the API gives the fields. It accepts what
// the API server accepts after defaulting (pkg/apis/core/validation/validation.go, validateProbe).
func (s Spec) Validate() error {
	var problems []error
	add := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf(format, args...))
	}

	switch s.Kind {
	case Startup, Readiness, Liveness:
	default:
		add("kind %q: must be %s, %s or %s", s.Kind, Startup, Readiness, Liveness)
	}

	switch actions := s.actions(); len(actions) {
	case 0:
		add("one of exec, httpGet, tcpSocket and grpc must be set")
	case 1:
	default:
		add("%s: only one of them may be set", strings.Join(actions, ", "))
	}
	problems = append(problems, s.actionProblems()...)

	seconds := func(name string, d, least time.Duration) {
		switch {
		case d < least:
			add("%s: %s: must be at least %d", name, d, int(least/time.Second))
		case d%time.Second != 0:
			add("%s: %s: must be whole seconds", name, d)
		case d/time.Second > math.MaxInt32:
			add("%s: %s: must be at most %d seconds", name, d, math.MaxInt32)
		}
	}
	seconds("initialDelaySeconds", s.InitialDelay, 0)
	seconds("periodSeconds", s.Period, time.Second)
	seconds("timeoutSeconds", s.Timeout, time.Second)

	threshold := func(name string, n int) {
		if n < 1 || n > math.MaxInt32 {
			add("%s: %d: must be from 1 to %d", name, n, math.MaxInt32)
		}
	}
	threshold("successThreshold", s.SuccessThreshold)
	threshold("failureThreshold", s.FailureThreshold)
	if s.SuccessThreshold > 1 && (s.Kind == Liveness || s.Kind == Startup) {
		add("successThreshold: %d: must be 1 for a %s probe", s.SuccessThreshold, s.Kind)
	}

	if s.GracePeriod != nil {
		if s.Kind == Readiness {
			add("terminationGracePeriodSeconds: must not be set for a %s probe", s.Kind)
		}
		seconds("terminationGracePeriodSeconds", *s.GracePeriod, time.Second)
	}
	return errors.Join(problems...)
}

// actions returns the names of the actions that are set.
func (s Spec) actions() []string {
	var names []string
	if s.Exec != nil {
		names = append(names, "exec")
	}
	if s.HTTP != nil {
		names = append(names, "httpGet")
	}
	if s.TCP != nil {
		names = append(names, "tcpSocket")
	}
	if s.GRPC != nil {
		names = append(names, "grpc")
	}
	return names
}

func (s Spec) actionProblems() []error {
	var problems []error
	add := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf(format, args...))
	}
	port := func(field string, p Port) {
		if why := p.problem(); why != "" {
			add("%s.port: %s: %s", field, p, why)
		}
	}
	if s.Exec != nil && len(s.Exec.Command) == 0 {
		add("exec.command: must not be empty")
	}
	if s.HTTP != nil {
		if s.HTTP.Scheme != "HTTP" && s.HTTP.Scheme != "HTTPS" {
			add("httpGet.scheme: %q: must be HTTP or HTTPS", s.HTTP.Scheme)
		}
		if s.HTTP.H2C && s.HTTP.Scheme != "HTTP" {
			add("httpGet.protocol: HTTP2 needs the scheme HTTP")
		}
		if s.HTTP.H2C && s.HTTP.Host != "" {
			add("httpGet.host: %q: must be empty with protocol HTTP2", s.HTTP.Host)
		}
		if s.HTTP.Path == "" {
			add("httpGet.path: must not be empty")
		}
		port("httpGet", s.HTTP.Port)
		for i, h := range s.HTTP.Headers {
			if !headerName(h.Name) {
				add("httpGet.httpHeaders[%d].name: %q: must be letters, digits and '-'", i, h.Name)
			}
		}
	}
	if s.TCP != nil {
		port("tcpSocket", s.TCP.Port)
	}
	if s.GRPC != nil {
		port("grpc", Port{Number: s.GRPC.Port})
	}
	return problems
}

// problem says what is wrong with the port, or "". A name follows RFC 6335, as k8s.io/apimachinery's IsValidPortName.
func (p Port) problem() string {
	if p.Name == "" {
		if p.Number < 1 || p.Number > math.MaxUint16 {
			return fmt.Sprintf("must be from 1 to %d", math.MaxUint16)
		}
		return ""
	}
	letter := func(r rune) bool { return 'a' <= r && r <= 'z' }
	other := func(r rune) bool { return !letter(r) && (r < '0' || r > '9') && r != '-' }
	switch {
	case p.Number != 0:
		return fmt.Sprintf("has the number %d as well; set one of them", p.Number)
	case len(p.Name) > 15:
		return "a name has at most 15 characters"
	case strings.ContainsFunc(p.Name, other):
		return "a name has only lower-case letters, digits and '-'"
	case !strings.ContainsFunc(p.Name, letter):
		return "a name has at least one letter"
	case strings.Contains(p.Name, "--"), strings.HasPrefix(p.Name, "-"), strings.HasSuffix(p.Name, "-"):
		return "a name has '-' only between other characters"
	default:
		return ""
	}
}

// headerName reports whether name is one the API server accepts (k8s.io/apimachinery's IsHTTPHeaderName).
func headerName(name string) bool {
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return name != ""
}
