package node

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"healthlab/lab/node/images/standin"
)

func namespaceWith(annotations map[string]string) *v1.Namespace {
	return &v1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "default", Annotations: annotations}}
}

func annotated(pairs ...string) map[string]string {
	out := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		out["healthlab/"+pairs[i]] = pairs[i+1]
	}
	return out
}

// unknownApp has an image that is not built in.
func unknownApp(annotations map[string]string) func(*v1.Pod) {
	return func(p *v1.Pod) {
		p.Annotations = annotations
		c := &p.Spec.Containers[0]
		c.Image, c.Command, c.Args = "node:18", []string{"node"}, []string{"server.js"}
		c.Ports = []v1.ContainerPort{{ContainerPort: 3000}}
	}
}

func TestStandInIsAskedFor(t *testing.T) {
	tests := map[string]struct {
		pod, namespace map[string]string
		always         bool
		never          bool // imagePullPolicy Never
		reason         string
		message        string // all of it; of a stand-in: part of the event StandIn
	}{
		"by nobody": {
			reason:  "ErrImagePull",
			message: "healthlab has no image node:18; for a stand-in: kubectl annotate --overwrite namespace default healthlab/stand-in=true; there is test: failed to pull",
		},
		"by nobody, and never pulled": {
			never: true, reason: "ErrImageNeverPull",
			message: "healthlab has no image node:18; for a stand-in: kubectl annotate --overwrite namespace default healthlab/stand-in=true; there is test: " +
				`Container image "node:18" is not present with pull policy of Never`,
		},
		"by the pod": {
			pod:     annotated("stand-in", "true"),
			message: "A stand-in of healthlab runs in place of the image node:18, which healthlab does not have: it answers HTTP on 3000",
		},
		"by the pod, and never pulled": {
			pod: annotated("stand-in", "true"), never: true, message: "in place of the image node:18",
		},
		"by the namespace": {
			namespace: annotated("stand-in", "true", "stand-in-start", "5s"),
			message:   "it answers HTTP on 3000; it starts after 5s",
		},
		"by the cluster": {always: true, message: "it answers HTTP on 3000"},
		"by the namespace, but not by the pod": {
			namespace: annotated("stand-in", "true"), pod: annotated("stand-in", "false"), reason: "ErrImagePull",
			message: "healthlab has no image node:18; no stand-in for it, by the annotation healthlab/stand-in=false; there is test: failed to pull",
		},
		"by the cluster, but not by the namespace": {
			always: true, namespace: annotated("stand-in", "false"), reason: "ErrImagePull",
			message: "healthlab has no image node:18; no stand-in for it, by the annotation healthlab/stand-in=false; there is test: failed to pull",
		},
		"by a wrong word": {
			pod: annotated("stand-in", "yes\x1b[31m"), reason: "ErrImagePull",
			message: `healthlab has no image node:18; the pod's annotation healthlab/stand-in is "yes\x1b[31m", which is neither true nor false; there is test: failed to pull`,
		},
		"with a wrong time": {
			namespace: annotated("stand-in", "true", "stand-in-start", "20"), reason: "CreateContainerConfigError",
			message: `the namespace's annotation healthlab/stand-in-start is "20", which is no time such as 20s, from 0s to 1h0m0s`,
		},
		"with too long a time": {
			pod: annotated("stand-in", "true", "stand-in-start", "2h"), reason: "CreateContainerConfigError",
			message: `the pod's annotation healthlab/stand-in-start is "2h", which is no time such as 20s, from 0s to 1h0m0s`,
		},
		"with a program that it has": {
			pod: annotated("stand-in", "true", "stand-in-exec", "pg_isready,sh"), reason: "CreateContainerConfigError",
			message: `the pod's annotation healthlab/stand-in-exec names "sh": the stand-in has that program itself, and runs it`,
		},
		"with too many programs": {
			pod: annotated("stand-in", "true", "stand-in-exec", "a b c d e f g h i j k l m n o p q"), reason: "CreateContainerConfigError",
			message: `the pod's annotation healthlab/stand-in-exec names 17 programs: at most 16 can be named`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := startLabWith(t, nil, func(c *Config) { c.StandIns = test.always }, namespaceWith(test.namespace))
				l.create(testPod("a", func(p *v1.Pod) {
					unknownApp(test.pod)(p)
					if test.never {
						p.Spec.Containers[0].ImagePullPolicy = v1.PullNever
					}
				}))
				if test.reason == "" {
					s := l.wait("a", "running", running).Status.ContainerStatuses[0]
					if want := "healthlab/stand-in@sha256:" + strings.Repeat("1", 64); s.ImageID != want || s.Image != "docker.io/library/node:18" {
						t.Errorf("image %s, imageID %s, want %s", s.Image, s.ImageID, want)
					}
					if got := l.seen("Warning StandIn "); len(got) != 1 || !strings.Contains(got[0], test.message) {
						t.Errorf("events %q", got)
					}
					return
				}
				pod := l.wait("a", "waiting", func(p *v1.Pod) bool {
					s := p.Status.ContainerStatuses
					return len(s) > 0 && s[0].State.Waiting != nil && s[0].State.Waiting.Reason != "ContainerCreating"
				})
				if s := pod.Status.ContainerStatuses[0].State.Waiting; s.Reason != test.reason || s.Message != test.message {
					t.Errorf("%s: %s\nwant %s", s.Reason, s.Message, test.message)
				}
			})
		})
	}
}

// TestStandInForOneThatWaits asks for stand-ins after the image could not be pulled: nobody has to wait for the back-off.
func TestStandInForOneThatWaits(t *testing.T) {
	for name, ask := range map[string]func(*lab){
		"by the namespace": func(l *lab) {
			l.update(namespaceWith(annotated("stand-in", "true")), "namespaces")
		},
		"by the pod": func(l *lab) {
			pod := l.get("a")
			pod.Annotations = annotated("stand-in", "true")
			l.update(pod, "pods")
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := startLab(t, nil, namespaceWith(nil))
				l.create(testPod("a", unknownApp(nil)))
				l.wait("a", "in back-off", func(p *v1.Pod) bool {
					s := p.Status.ContainerStatuses
					return len(s) > 0 && s[0].State.Waiting != nil && s[0].State.Waiting.Reason == "ImagePullBackOff"
				})
				time.Sleep(10 * time.Minute) // of the bubble
				began := time.Now()
				ask(l)
				l.wait("a", "running", running)
				if took := time.Since(began); took > time.Second {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// TestStandInPlan reads plans from specs.
func TestStandInPlan(t *testing.T) {
	always := v1.ContainerRestartPolicyAlways
	http := func(port intstr.IntOrString, scheme v1.URIScheme, host string) *v1.Probe {
		return &v1.Probe{ProbeHandler: v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{Port: port, Scheme: scheme, Host: host, Path: "/h"}}}
	}
	grpc := func(port int32, service string) *v1.Probe {
		return &v1.Probe{ProbeHandler: v1.ProbeHandler{GRPC: &v1.GRPCAction{Port: port, Service: &service}}}
	}
	tcp := func(port intstr.IntOrString) *v1.Probe {
		return &v1.Probe{ProbeHandler: v1.ProbeHandler{TCPSocket: &v1.TCPSocketAction{Port: port}}}
	}
	number, name := intstr.FromInt32, intstr.FromString
	tests := map[string]struct {
		spec v1.PodSpec // the container is named app
		want standin.Plan
		in   wishes
	}{
		"all mechanisms": {
			spec: v1.PodSpec{Containers: []v1.Container{{
				Name: "app", Command: []string{"node"}, Args: []string{"server.js"},
				Ports:         []v1.ContainerPort{{Name: "web", ContainerPort: 3000}, {ContainerPort: 53, Protocol: v1.ProtocolUDP}, {ContainerPort: 53}, {ContainerPort: 9000}},
				StartupProbe:  http(name("web"), "HTTP", ""),
				LivenessProbe: grpc(9000, "orders"), ReadinessProbe: tcp(number(5432)),
			}}},
			want: standin.Plan{Instead: []string{"node", "server.js"}, Ports: []standin.Port{
				{Number: 3000, HTTP: true}, {Number: 53, UDP: true}, {Number: 53, HTTP: true}, {Number: 9000, GRPC: true, Services: []string{"orders"}}, {Number: 5432, HTTP: true},
			}},
		},
		"HTTPS, on a port that nobody declares": {
			spec: v1.PodSpec{Containers: []v1.Container{{Name: "app", LivenessProbe: http(number(8443), "HTTPS", "")}}},
			want: standin.Plan{Ports: []standin.Port{{Number: 8443, HTTP: true, TLS: true}}},
		},
		"HTTP and HTTPS on one port": {
			spec: v1.PodSpec{Containers: []v1.Container{{Name: "app", LivenessProbe: http(number(8443), "HTTPS", ""), ReadinessProbe: http(number(8443), "HTTP", "")}}},
			want: standin.Plan{Ports: []standin.Port{{Number: 8443, HTTP: true, TLS: true}}, Remarks: []string{"Port 8443 is asked with and without TLS: it speaks TLS"}},
		},
		"programs that it does not have": {
			spec: v1.PodSpec{Containers: []v1.Container{{Name: "app", LivenessProbe: execProbe(1, "pg_isready"), ReadinessProbe: execProbe(1, "/bin/sh", "-c", "x"), StartupProbe: execProbe(1, "/app/health")}}},
			want: standin.Plan{Programs: []string{"/app/health"}, Remarks: []string{"It has no pg_isready for the liveness probe: an annotation healthlab/stand-in-exec=pg_isready would have it succeed"}},
			in:   wishes{pod: annotated("stand-in-exec", "/app/health")},
		},
		"two gRPC services": {
			spec: v1.PodSpec{Containers: []v1.Container{{Name: "app", LivenessProbe: grpc(1, "a"), ReadinessProbe: grpc(1, "b"), StartupProbe: grpc(1, "a")}}},
			want: standin.Plan{Ports: []standin.Port{{Number: 1, GRPC: true, Services: []string{"a", "b"}}}},
		},
		"a port twice, and a port without a name": {
			spec: v1.PodSpec{Containers: []v1.Container{{Name: "app", Ports: []v1.ContainerPort{{ContainerPort: 80}, {ContainerPort: 80}}, LivenessProbe: http(name("web"), "", "")}}},
			want: standin.Plan{Ports: []standin.Port{{Number: 80, HTTP: true}}, Remarks: []string{`The liveness probe cannot be answered: port "web" not found`}},
		},
		"another host": {
			spec: v1.PodSpec{Containers: []v1.Container{{Name: "app", LivenessProbe: http(number(80), "", "example.com"), ReadinessProbe: http(number(81), "", "127.0.0.1")}}},
			want: standin.Plan{Remarks: []string{
				`The readiness probe asks host "127.0.0.1", which this container is not`, `The liveness probe asks host "example.com", which this container is not`,
			}},
		},
		"the node's network": {
			spec: v1.PodSpec{HostNetwork: true, Containers: []v1.Container{{Name: "app", LivenessProbe: http(number(80), "", "127.0.0.1")}}},
			want: standin.Plan{Ports: []standin.Port{{Number: 80, HTTP: true}}},
		},
		"a port that the container before has too": {
			spec: v1.PodSpec{Containers: []v1.Container{
				{Name: "web", Ports: []v1.ContainerPort{{ContainerPort: 80}}}, {Name: "app", Ports: []v1.ContainerPort{{ContainerPort: 80}, {ContainerPort: 81}}},
			}},
			want: standin.Plan{Ports: []standin.Port{{Number: 81, HTTP: true}}, Remarks: []string{"Port 80 is left to container web, whose spec names it too"}},
		},
		"a port that a later container declares": {
			spec: v1.PodSpec{
				Containers:     []v1.Container{{Name: "app", LivenessProbe: tcp(number(80))}},
				InitContainers: []v1.Container{{Name: "side", RestartPolicy: &always, Ports: []v1.ContainerPort{{ContainerPort: 80}}}},
			},
			want: standin.Plan{Remarks: []string{"Port 80 is left to container side, whose spec names it too"}},
		},
		"SCTP": {
			spec: v1.PodSpec{Containers: []v1.Container{{Name: "app", Ports: []v1.ContainerPort{{ContainerPort: 80, Protocol: v1.ProtocolSCTP}}}}},
			want: standin.Plan{Remarks: []string{"Port 80 is of SCTP, which nobody speaks here"}},
		},
		"an init container": {
			spec: v1.PodSpec{InitContainers: []v1.Container{{Name: "app", Ports: []v1.ContainerPort{{ContainerPort: 80}}}}},
			want: standin.Plan{Finish: true},
		},
		"a job":                  {spec: v1.PodSpec{RestartPolicy: v1.RestartPolicyOnFailure, Containers: []v1.Container{{Name: "app"}}}, want: standin.Plan{Finish: true}},
		"a server without ports": {spec: v1.PodSpec{Containers: []v1.Container{{Name: "app"}}}},
		"a server that is not started again": {
			spec: v1.PodSpec{RestartPolicy: v1.RestartPolicyNever, Containers: []v1.Container{{Name: "app", Ports: []v1.ContainerPort{{ContainerPort: 80}}}}},
			want: standin.Plan{Ports: []standin.Port{{Number: 80, HTTP: true}}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			pod := &v1.Pod{Spec: test.spec}
			var c *v1.Container
			for _, candidate := range allContainers(pod) {
				if candidate.Name == "app" {
					c = candidate
				}
			}
			plan, err := standInPlan(pod, c, test.in, testStandIn().Programs)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&test.want, plan); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestStandInPlanIsBounded reads a plan from a spec that names more than anybody needs.
func TestStandInPlanIsBounded(t *testing.T) {
	var ports []v1.ContainerPort
	for i := range 20_000 {
		ports = append(ports, v1.ContainerPort{ContainerPort: int32(i%10_000 + 1), Protocol: map[bool]v1.Protocol{true: v1.ProtocolSCTP, false: v1.ProtocolTCP}[i < 100]})
	}
	pod := &v1.Pod{Spec: v1.PodSpec{Containers: []v1.Container{{Name: "app", Ports: ports}}}}
	for i := range 20 {
		pod.Spec.Containers = append(pod.Spec.Containers, v1.Container{Name: fmt.Sprint("c", i), Ports: ports})
	}
	began := time.Now()
	plan, err := standInPlan(pod, &pod.Spec.Containers[0], wishes{}, nil)
	if err != nil || len(plan.Ports) != standin.MaxPorts || len(plan.Remarks) != 17 {
		t.Errorf("%v: %d ports, %d remarks", err, len(plan.Ports), len(plan.Remarks))
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
	if text := plan.Answers(); len(text) > 1000 {
		t.Errorf("%d characters", len(text))
	}
}

// update changes an object of the API.
func (l *lab) update(object runtime.Object, resource string) {
	l.t.Helper()
	accessor := object.(metav1.Object)
	namespace := accessor.GetNamespace()
	if err := l.client.Tracker().Update(v1.SchemeGroupVersion.WithResource(resource), object, namespace); err != nil {
		l.t.Fatal(err)
	}
}
