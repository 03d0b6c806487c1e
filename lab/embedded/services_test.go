package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/util/exec"
)

// TestServices is what readiness is about: traffic goes to ready pods only. Everything in it is real: the API server, its
// controllers, the node agent, and containers in processes of their own.
func TestServices(t *testing.T) {
	c := sharedCluster(t)
	client := clientOf(t, c.RESTConfig())
	s := servicesTest{t: t, config: c.RESTConfig(), client: client, namespace: makeNamespace(t, client)}
	s.create()
	names := s.podNames()
	if len(names) != 2 {
		t.Fatalf("pods %v", names)
	}

	s.until("the service leads to both pods", func() bool { return slices.Equal(s.reached("http://web/hostname"), names) })
	s.until("the headless service leads to both pods", func() bool {
		return slices.Equal(s.reached("http://web-head."+s.namespace+".svc.cluster.local:8080/hostname"), names)
	})
	if got := s.inClient("wget -T 5 --no-check-certificate -qO- https://kubernetes.default/version"); !strings.Contains(got, "401 Unauthorized") {
		t.Errorf("the API server says %q", got)
	}
	if got := s.inClient("echo hostname | nc -u -w 1 web 81"); !slices.Contains(names, strings.TrimSpace(got)) {
		t.Errorf("by UDP %q", got)
	}
	if got := s.inClient("nslookup web." + s.namespace + ".svc.cluster.local"); !strings.Contains(got, "Server:\t\t"+dnsIP) || !strings.Contains(got, "Address: 10.96.") {
		t.Errorf("nslookup: %q", got)
	}
	if got := s.inClient("wget -qO- http://web:9/"); !strings.Contains(got, "Connection refused") {
		t.Errorf("a port that the service has not: %q", got)
	}
	if got := s.inClient("wget -qO- http://nothing/"); !strings.Contains(got, "bad address 'nothing'") {
		t.Errorf("a name that is not there: %q", got)
	}

	open := s.open("web")
	down, up := open.ask(), ""
	for _, name := range names {
		if name != down {
			up = name
		}
	}
	s.exec(down, "touch /tmp/down")
	s.until("only one pod is reached", func() bool { return slices.Equal(s.reached("http://web/hostname"), []string{up}) })
	for range 5 {
		if got := s.reached("http://web/hostname"); !slices.Equal(got, []string{up}) {
			t.Errorf("reached %v while only %s is ready", got, up)
		}
	}
	if got := open.ask(); got != down {
		t.Errorf("the connection that was open to %s leads to %s", down, got)
	}

	s.exec(up, "touch /tmp/down")
	s.until("nobody is reached", func() bool {
		return strings.Contains(s.inClient("wget -qO- http://web/"), "Connection refused")
	})
	if got := s.inClient("wget -qO- http://web-head:8080/"); !strings.Contains(got, "bad address 'web-head'") {
		t.Errorf("the headless service without a ready pod: %q", got)
	}
	s.exec(up, "rm /tmp/down")
	s.until("the pod is back", func() bool { return slices.Equal(s.reached("http://web/hostname"), []string{up}) })
}

type servicesTest struct {
	t         *testing.T
	config    *rest.Config
	client    kubernetes.Interface
	namespace string
}

func (s servicesTest) create() {
	s.t.Helper()
	ctx, labels := s.t.Context(), map[string]string{"app": "web"}
	web := corev1.Container{
		Name: "app", Image: "registry.k8s.io/e2e-test-images/agnhost:2.53", Args: []string{"netexec", "--http-port=8080"},
		Ports: []corev1.ContainerPort{{Name: "web", ContainerPort: 8080}},
		ReadinessProbe: &corev1.Probe{
			ProbeHandler:  corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: []string{"sh", "-c", "! test -f /tmp/down"}}},
			PeriodSeconds: 1, FailureThreshold: 1,
		},
	}
	ports := []corev1.ServicePort{
		{Name: "http", Port: 80, TargetPort: intstr.FromString("web")},
		{Name: "udp", Port: 81, TargetPort: intstr.FromInt32(8081), Protocol: corev1.ProtocolUDP},
	}
	service := func(name, ip string) *corev1.Service {
		return &corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.ServiceSpec{ClusterIP: ip, Selector: labels, Ports: ports},
		}
	}
	_, err := s.client.AppsV1().Deployments(s.namespace).Create(ctx, &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Replicas: new(int32(2)), Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: corev1.PodSpec{Containers: []corev1.Container{web}},
			},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, made := range []*corev1.Service{service("web", ""), service("web-head", corev1.ClusterIPNone)} {
		if _, err := s.client.CoreV1().Services(s.namespace).Create(ctx, made, metav1.CreateOptions{}); err != nil {
			s.t.Fatal(err)
		}
	}
	eventually(s.t, "client created", func(ctx context.Context) (bool, error) {
		_, err := s.client.CoreV1().Pods(s.namespace).Create(ctx, &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: "client"},
			Spec: corev1.PodSpec{Containers: []corev1.Container{{
				Name: "c", Image: "busybox", Command: []string{"sleep", "3600"},
			}}},
		}, metav1.CreateOptions{})
		return err == nil, ignoreForbidden(err)
	})
	eventually(s.t, "all pods ready", func(ctx context.Context) (bool, error) {
		pods, err := s.client.CoreV1().Pods(s.namespace).List(ctx, metav1.ListOptions{})
		ready := 0
		if err == nil {
			for i := range pods.Items {
				if isReady(&pods.Items[i]) {
					ready++
				}
			}
		}
		return ready == 3, err
	})
}

func isReady(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

func (s servicesTest) podNames() []string {
	s.t.Helper()
	pods, err := s.client.CoreV1().Pods(s.namespace).List(s.t.Context(), metav1.ListOptions{LabelSelector: "app=web"})
	if err != nil {
		s.t.Fatal(err)
	}
	var names []string
	for _, pod := range pods.Items {
		names = append(names, pod.Name)
	}
	slices.Sort(names)
	return names
}

// until is eventually for what the cluster does on its own.
func (s servicesTest) until(what string, happens func() bool) {
	s.t.Helper()
	eventually(s.t, what, func(context.Context) (bool, error) { return happens(), nil })
}

// reached is what answers twenty requests from the client, each once.
func (s servicesTest) reached(url string) []string {
	s.t.Helper()
	lines := strings.Fields(s.inClient(fmt.Sprintf("for i in $(seq 20); do wget -qO- %s || echo failed; echo; done", url)))
	slices.Sort(lines)
	return slices.Compact(lines)
}

func (s servicesTest) inClient(script string) string { s.t.Helper(); return s.exec("client", script) }

// exec runs a script in a pod and returns all that it writes.
func (s servicesTest) exec(pod, script string) string {
	s.t.Helper()
	var out bytes.Buffer
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	var exit exec.CodeExitError
	if err := s.stream(ctx, pod, script+" 2>&1", nil, &out); err != nil && !errors.As(err, &exit) {
		s.t.Fatal(err)
	}
	return out.String()
}

func (s servicesTest) stream(ctx context.Context, pod, script string, in io.Reader, out io.Writer) error {
	request := s.client.CoreV1().RESTClient().Post().Resource("pods").Namespace(s.namespace).Name(pod).SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{
			Command: []string{"sh", "-c", script}, Stdin: in != nil, Stdout: true,
		}, scheme.ParameterCodec)
	executor, err := remotecommand.NewWebSocketExecutor(s.config, "GET", request.URL().String())
	if err != nil {
		return err
	}
	return executor.StreamWithContext(ctx, remotecommand.StreamOptions{Stdin: in, Stdout: out})
}

// openConnection is a connection of the client that stays open.
type openConnection struct {
	t   *testing.T
	in  *io.PipeWriter
	out *io.PipeReader
}

func (s servicesTest) open(host string) openConnection {
	s.t.Helper()
	in, toServer := io.Pipe()
	fromServer, out := io.Pipe()
	ended := make(chan struct{})
	ctx, cancel := context.WithCancel(s.t.Context())
	go func() {
		defer close(ended)
		_ = out.CloseWithError(s.stream(ctx, "client", "nc "+host+" 80", in, out))
	}()
	s.t.Cleanup(func() {
		cancel()
		_ = toServer.Close()
		_ = fromServer.Close()
		<-ended
	})
	return openConnection{s.t, toServer, fromServer}
}

// ask sends a request and returns the name of the pod that answers.
func (o openConnection) ask() string {
	o.t.Helper()
	if _, err := io.WriteString(o.in, "GET /hostname HTTP/1.1\r\nHost: web\r\n\r\n"); err != nil {
		o.t.Fatal(err)
	}
	var all strings.Builder
	buf := make([]byte, 1024)
	for {
		head, body, whole := strings.Cut(all.String(), "\r\n\r\n")
		length := 0
		if _, after, found := strings.Cut(head, "Content-Length: "); found {
			_, _ = fmt.Sscan(after, &length)
		}
		if whole && length > 0 && len(body) >= length {
			return body[:length]
		}
		n, err := o.out.Read(buf)
		if err != nil {
			o.t.Fatalf("%q, %v", all.String(), err)
		}
		all.Write(buf[:n])
	}
}
