package node

import (
	"strconv"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"healthlab/probes"
)

// userAgent is what the kubelet's probes call themselves.
const userAgent = "kube-probe/1.37"

// kinds are the kinds of probes, in the order in which the kubelet adds their workers.
var kinds = [...]probes.Kind{probes.Startup, probes.Readiness, probes.Liveness}

// v1Probe returns the container's probe of that kind, or nil.
func v1Probe(c *v1.Container, kind probes.Kind) *v1.Probe {
	switch kind {
	case probes.Startup:
		return c.StartupProbe
	case probes.Readiness:
		return c.ReadinessProbe
	case probes.Liveness:
		return c.LivenessProbe
	}
	return nil
}

// probeSpec converts a container's probe. env is used to expand $(NAME) in an exec probe's command: a kubelet knows
// only the literal values of the spec there.
func probeSpec(kind probes.Kind, p *v1.Probe, env []v1.EnvVar) probes.Spec {
	s := probes.Spec{
		Kind:             kind,
		InitialDelay:     seconds(p.InitialDelaySeconds),
		Period:           seconds(p.PeriodSeconds),
		Timeout:          seconds(p.TimeoutSeconds),
		SuccessThreshold: int(p.SuccessThreshold),
		FailureThreshold: int(p.FailureThreshold),
	}
	if p.TerminationGracePeriodSeconds != nil {
		grace := time.Duration(*p.TerminationGracePeriodSeconds) * time.Second
		s.GracePeriod = &grace
	}
	switch {
	case p.Exec != nil:
		s.Exec = &probes.ExecAction{Command: expandAll(p.Exec.Command, literalEnv(env))}
	case p.HTTPGet != nil:
		s.HTTP = &probes.HTTPAction{
			Scheme: string(p.HTTPGet.Scheme),
			Host:   p.HTTPGet.Host,
			Port:   probePort(p.HTTPGet.Port),
			Path:   p.HTTPGet.Path,
		}
		for _, h := range p.HTTPGet.HTTPHeaders {
			s.HTTP.Headers = append(s.HTTP.Headers, probes.Header{Name: h.Name, Value: h.Value})
		}
	case p.TCPSocket != nil:
		s.TCP = &probes.TCPAction{Host: p.TCPSocket.Host, Port: probePort(p.TCPSocket.Port)}
	case p.GRPC != nil:
		s.GRPC = &probes.GRPCAction{Port: int(p.GRPC.Port)}
		if p.GRPC.Service != nil {
			s.GRPC.Service = *p.GRPC.Service
		}
	}
	return s
}

func seconds(n int32) time.Duration { return time.Duration(n) * time.Second }

// probePort converts a port. A number in quotes is a number: a port's name has at least one letter.
func probePort(p intstr.IntOrString) probes.Port {
	if p.Type == intstr.String {
		if _, err := strconv.Atoi(p.StrVal); err != nil {
			return probes.Port{Name: p.StrVal}
		}
	}
	return probes.Port{Number: p.IntValue()}
}

// namedPorts maps the container's port names to numbers.
func namedPorts(c *v1.Container) map[string]int {
	ports := map[string]int{}
	for _, p := range c.Ports {
		if p.Name != "" {
			ports[p.Name] = int(p.ContainerPort)
		}
	}
	return ports
}
