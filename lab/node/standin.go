package node

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"

	healthlab "healthlab/lab"
	"healthlab/lab/node/images/standin"
	"healthlab/lab/node/sandbox"
	"healthlab/lab/podspec"
	"healthlab/probes"
)

// maxStandInStart is the longest time that a stand-in may take to start.
const maxStandInStart = time.Hour

// maxStandInPrograms is how many programs of exec probes an annotation may name.
const maxStandInPrograms = 16

// wishes are what a pod's annotations, and below them its namespace's, say about stand-ins.
type wishes struct {
	pod, namespace map[string]string
	always         bool
}

// get returns an annotation's value and on what it stands.
func (w wishes) get(key string) (value, of string) {
	if value, ok := w.pod[key]; ok {
		return value, "pod's"
	}
	if value, ok := w.namespace[key]; ok {
		return value, "namespace's"
	}
	return "", ""
}

// wanted reports whether stand-ins are asked for, and whether somebody has said so in so many words.
func (w wishes) wanted() (wanted, said bool, err error) {
	value, of := w.get(healthlab.StandInAnnotation)
	if of == "" {
		return w.always, false, nil
	}
	wanted, err = strconv.ParseBool(value)
	if err != nil || value != "true" && value != "false" {
		return false, true, fmt.Errorf("the %s annotation %s is %.40q, which is neither true nor false", of, healthlab.StandInAnnotation, value)
	}
	return wanted, true, nil
}

// wishes reads what concerns stand-ins of a pod.
func (a *Agent) wishes(ctx context.Context, pod *v1.Pod) (wishes, error) {
	namespace, err := a.services.Namespace(ctx, pod.Namespace)
	if err != nil {
		return wishes{}, err
	}
	w := wishes{pod: pod.Annotations, always: a.cfg.StandIns}
	if namespace != nil {
		w.namespace = namespace.Annotations
	}
	return w, nil
}

// instead returns the stand-in that runs in place of an image that is not built in, and its plan, or why there is none: a
// startProblem where annotations are wrong, or else what there is to say about the image.
func (a *Agent) instead(ctx context.Context, pod *v1.Pod, c *v1.Container, missing sandbox.UnknownImageError) (*sandbox.Image, *standin.Plan, error) {
	if a.cfg.StandIn == nil || ephemeral(pod, c.Name) {
		return nil, nil, &missing
	}
	w, err := a.wishes(ctx, pod)
	if err != nil {
		a.log.Error("stand-in: read the namespace", "namespace", pod.Namespace, "err", err)
		return nil, nil, &missing
	}
	wanted, said, err := w.wanted()
	help := ""
	switch {
	case err != nil:
		help = err.Error()
	case !wanted && said:
		help = "no stand-in for it, by the annotation " + healthlab.StandInAnnotation + "=false"
	case !wanted:
		help = healthlab.StandInHint + "kubectl " + strings.Join(healthlab.StandInCommand(pod.Namespace), " ")
	}
	if help != "" {
		missing.Instead = help + "; " + missing.Instead
		return nil, nil, &missing
	}
	plan, err := standInPlan(pod, c, w, a.cfg.StandIn.Programs)
	if err != nil {
		return nil, nil, &startProblem{reason: errConfig, message: err.Error()}
	}
	plan.Image = missing.Image
	return a.cfg.StandIn, plan, nil
}

func ephemeral(pod *v1.Pod, name string) bool {
	return slices.ContainsFunc(pod.Spec.EphemeralContainers, func(e v1.EphemeralContainer) bool { return e.Name == name })
}

// standInPlan reads from a container's spec what a stand-in for it does. own are the programs that stand-ins have.
func standInPlan(pod *v1.Pod, c *v1.Container, w wishes, own map[string]sandbox.Program) (*standin.Plan, error) {
	plan := &standin.Plan{Instead: append(slices.Clone(c.Command), c.Args...)}
	var err error
	if plan.After, err = w.start(); err != nil {
		return nil, err
	}
	if plan.Programs, err = w.programs(own); err != nil {
		return nil, err
	}
	if initContainer(pod, c.Name) && !podspec.Sidecar(c) {
		plan.Finish = true
		return plan, nil
	}
	ports := portsOf(c, pod.Spec.HostNetwork)
	plan.Finish = len(ports.list) == 0 && !hasProbe(c) && !podspec.Restarts(pod, c, 0)
	plan.Remarks = slices.Concat(missingPrograms(c, plan.Programs, own), ports.remarks)
	if ports.left > 0 {
		plan.Remarks = append(plan.Remarks, fmt.Sprintf("It listens on the first %d ports and leaves out %d", standin.MaxPorts, ports.left))
	}
	owners := ownersOf(pod)
	for _, port := range ports.list {
		if owner := owners[port.id()]; owner != c.Name {
			plan.Remarks = append(plan.Remarks, fmt.Sprintf("Port %d is left to container %s, whose spec names it too", port.Number, owner))
			continue
		}
		plan.Ports = append(plan.Ports, port.Port)
	}
	const maxRemarks = 16
	if n := len(plan.Remarks); n > maxRemarks {
		plan.Remarks = append(plan.Remarks[:maxRemarks:maxRemarks], fmt.Sprintf("and %d remarks more", n-maxRemarks))
	}
	return plan, nil
}

func (w wishes) start() (time.Duration, error) {
	value, of := w.get(healthlab.StandInStartAnnotation)
	if of == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(value)
	if err != nil || d < 0 || d > maxStandInStart {
		return 0, fmt.Errorf("the %s annotation %s is %.40q, which is no time such as 20s, from 0s to %v", of, healthlab.StandInStartAnnotation, value, maxStandInStart)
	}
	return d, nil
}

func (w wishes) programs(own map[string]sandbox.Program) ([]string, error) {
	value, of := w.get(healthlab.StandInExecAnnotation)
	var names []string
	for name := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' }) {
		if why := standin.WhyNoProgram(name, own); why != "" {
			return nil, fmt.Errorf("the %s annotation %s names %.40q: %s", of, healthlab.StandInExecAnnotation, name, why)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) > maxStandInPrograms {
		return nil, fmt.Errorf("the %s annotation %s names %d programs: at most %d can be named", of, healthlab.StandInExecAnnotation, len(names), maxStandInPrograms)
	}
	return names, nil
}

// missingPrograms says which programs of exec probes are not there, and what helps.
func missingPrograms(c *v1.Container, named []string, own map[string]sandbox.Program) []string {
	var out []string
	for _, probe := range podspec.Probes(c) {
		if probe.Exec == nil || len(probe.Exec.Command) == 0 {
			continue
		}
		program := probe.Exec.Command[0]
		if !slices.Contains(named, program) && standin.WhyNoProgram(program, own) == "" {
			out = append(out, fmt.Sprintf("It has no %s for the %s probe: an annotation %s=%[1]s would have it succeed", program, probe.Kind, healthlab.StandInExecAnnotation))
		}
	}
	return out
}

// specPort is a port that a container's spec names.
type specPort struct {
	standin.Port
	declared bool // among the container's ports, and not only by a probe
}

// portID tells ports of one address apart.
type portID struct {
	number int
	udp    bool
}

func (p *specPort) id() portID { return portID{p.Number, p.UDP} }

// specPorts are ports in the spec's order, at most as many as a stand-in listens on.
type specPorts struct {
	list    []*specPort
	byID    map[portID]*specPort
	left    int // out
	remarks []string
}

// add returns the port of a number, new if need be. One that is left out is not in the list.
func (p *specPorts) add(number int, udp bool) *specPort {
	port := &specPort{Port: standin.Port{Number: number, UDP: udp}}
	switch known := p.byID[port.id()]; {
	case known != nil:
		return known
	case len(p.list) == standin.MaxPorts:
		p.left++
	default:
		p.byID[port.id()] = port
		p.list = append(p.list, port)
	}
	return port
}

func (p *specPorts) remark(format string, args ...any) {
	p.remarks = append(p.remarks, fmt.Sprintf(format, args...))
}

// portsOf lists the ports that a container and its probes name, and what its probes expect there.
func portsOf(c *v1.Container, hostNetwork bool) *specPorts {
	ports := &specPorts{byID: map[portID]*specPort{}}
	for _, p := range c.Ports {
		if p.Protocol == v1.ProtocolSCTP {
			ports.remark("Port %d is of SCTP, which nobody speaks here", p.ContainerPort)
			continue
		}
		ports.add(int(p.ContainerPort), p.Protocol == v1.ProtocolUDP).declared = true
	}
	for _, probe := range podspec.Probes(c) {
		ports.probe(c, probe, hostNetwork)
	}
	for _, p := range ports.list {
		p.HTTP = !p.UDP && (p.HTTP || !p.GRPC)
	}
	return ports
}

// probe adds the port that a probe asks.
func (p *specPorts) probe(c *v1.Container, probe probes.Spec, hostNetwork bool) {
	var target probes.Port
	host := ""
	switch {
	case probe.HTTP != nil:
		target, host = probe.HTTP.Port, probe.HTTP.Host
	case probe.TCP != nil:
		target, host = probe.TCP.Port, probe.TCP.Host
	case probe.GRPC != nil:
		target = probes.Port{Number: probe.GRPC.Port}
	default:
		return
	}
	number, err := target.Resolve(podspec.Ports(c))
	if err != nil {
		p.remark("The %s probe cannot be answered: %v", probe.Kind, err)
		return
	}
	if host != "" && (!hostNetwork || !loopback(host)) {
		p.remark("The %s probe asks host %.60q, which this container is not", probe.Kind, host)
		return
	}
	port := p.add(number, false)
	secure := probe.HTTP != nil && probe.HTTP.Scheme == string(v1.URISchemeHTTPS) || probe.GRPC != nil && probe.GRPC.TLS
	asked := probe.TCP == nil
	if other := port.HTTP || port.GRPC; asked && other && secure != port.TLS {
		p.remark("Port %d is asked with and without TLS: it speaks TLS", number)
	}
	port.TLS = port.TLS || secure
	switch {
	case probe.HTTP != nil:
		port.HTTP, port.H2C = true, port.H2C || probe.HTTP.H2C
	case probe.GRPC != nil:
		port.GRPC = true
		if s := probe.GRPC.Service; s != "" && !slices.Contains(port.Services, s) {
			port.Services = append(port.Services, s)
		}
	}
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// ownersOf returns the containers that ports are left to: of those that run beside each other the first one that has a port
// among its own, or else the first one whose probes ask for it.
func ownersOf(pod *v1.Pod) map[portID]string {
	owners, asking := map[portID]string{}, map[portID]string{}
	for _, c := range podspec.Probed(pod) {
		for _, p := range portsOf(c, pod.Spec.HostNetwork).list {
			of := asking
			if p.declared {
				of = owners
			}
			if of[p.id()] == "" {
				of[p.id()] = c.Name
			}
		}
	}
	for id, name := range asking {
		if owners[id] == "" {
			owners[id] = name
		}
	}
	return owners
}

// onAnnotated wakes the pods of a namespace that may now get a stand-in.
func (a *Agent) onAnnotated(namespace *v1.Namespace) {
	for _, w := range a.allWorkers() {
		if pod, _ := w.known(); pod.Namespace == namespace.Name {
			w.poke()
		}
	}
}
