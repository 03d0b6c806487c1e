package probes

import "time"

// Kind says what a probe's verdict is used for.
type Kind string

// The kinds, in the order in which a kubelet heeds them.
const (
	Startup   Kind = "startup"
	Readiness Kind = "readiness"
	Liveness  Kind = "liveness"
)

// Mechanism is how an attempt is made.
type Mechanism string

// The mechanisms.
const (
	MechanismExec Mechanism = "exec"
	MechanismHTTP Mechanism = "http"
	MechanismTCP  Mechanism = "tcp"
	MechanismGRPC Mechanism = "grpc"
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
	Path    string
	Headers []Header
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
}

// Port is a port by number or, when Name is set, by the name that the container's spec gives it.
type Port struct {
	Number int
	Name   string
}
