package podspec

import (
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"healthlab/probes"
)

// Probes returns the container's probes in the order in which a kubelet adds them, with every default filled in.
func Probes(c *v1.Container) []probes.Spec {
	var out []probes.Spec
	for _, kind := range [...]probes.Kind{probes.Startup, probes.Readiness, probes.Liveness} {
		if p := Probe(c, kind); p != nil {
			out = append(out, spec(kind, p, c.Env))
		}
	}
	return out
}

// Probe returns the container's probe of that kind, or nil.
func Probe(c *v1.Container, kind probes.Kind) *v1.Probe {
	switch kind {
	case probes.Startup:
		return c.StartupProbe
	case probes.Readiness:
		return c.ReadinessProbe
	case probes.Liveness:
		return c.LivenessProbe
	default:
		return nil
	}
}

// Ports maps the names of the container's ports to their numbers. Of two ports with one name, the first counts.
func Ports(c *v1.Container) map[string]int {
	ports := map[string]int{}
	for _, p := range c.Ports {
		if _, taken := ports[p.Name]; p.Name != "" && !taken {
			ports[p.Name] = int(p.ContainerPort)
		}
	}
	return ports
}

// Port converts a port. A string is always a name, even if it has only digits.
func Port(p intstr.IntOrString) probes.Port {
	if p.Type == intstr.String {
		return probes.Port{Name: p.StrVal}
	}
	return probes.Port{Number: int(p.IntVal)}
}

func spec(kind probes.Kind, p *v1.Probe, env []v1.EnvVar) probes.Spec {
	s := probes.Spec{
		Kind:             kind,
		InitialDelay:     seconds(p.InitialDelaySeconds),
		Period:           seconds(p.PeriodSeconds),
		Timeout:          seconds(p.TimeoutSeconds),
		SuccessThreshold: int(p.SuccessThreshold),
		FailureThreshold: int(p.FailureThreshold),
	}
	if p.TerminationGracePeriodSeconds != nil {
		grace := seconds(*p.TerminationGracePeriodSeconds)
		s.GracePeriod = &grace
	}
	if p.Exec != nil {
		s.Exec = &probes.ExecAction{Command: ExpandAll(p.Exec.Command, Values(literals(env)))}
	}
	if p.HTTPGet != nil {
		s.HTTP = httpAction(p.HTTPGet)
	}
	if p.TCPSocket != nil {
		s.TCP = &probes.TCPAction{Host: p.TCPSocket.Host, Port: Port(p.TCPSocket.Port)}
	}
	if p.GRPC != nil {
		s.GRPC = &probes.GRPCAction{Port: int(p.GRPC.Port), TLS: p.GRPC.Mode != nil && *p.GRPC.Mode == v1.GRPCProbeModeTLS}
		if p.GRPC.Service != nil {
			s.GRPC.Service = *p.GRPC.Service
		}
	}
	return s.Defaulted()
}

func httpAction(get *v1.HTTPGetAction) *probes.HTTPAction {
	var headers []probes.Header
	for _, h := range get.HTTPHeaders {
		headers = append(headers, probes.Header{Name: h.Name, Value: h.Value})
	}
	return &probes.HTTPAction{
		Scheme: string(get.Scheme), Host: get.Host, Port: Port(get.Port), Path: get.Path, Headers: headers,
		H2C: get.Protocol != nil && *get.Protocol == v1.HTTPProtocolHTTP2,
	}
}

func seconds[N int32 | int64](n N) time.Duration { return time.Duration(n) * time.Second }
