package node

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"go.uber.org/goleak"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/fake"
	k8stesting "k8s.io/client-go/testing"
	"k8s.io/klog/v2"

	"healthlab/lab/node/images/standin"
	"healthlab/lab/node/sandbox"
)

func TestMain(m *testing.M) {
	klog.SetLogger(logr.Discard())
	// A SPDY connection that its peer has cut says goodbye for up to a second.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/moby/spdystream.(*Connection).shutdown"),
		// See server.close.
		goleak.IgnoreTopFunction("k8s.io/cri-streaming/pkg/streaming/remotecommand.(*v4ProtocolHandler).waitForStreams"))
}

// silentListener is a listener nobody connects to. Waiting on it counts as blocked in a synctest bubble.
type silentListener struct {
	closed chan struct{}
	once   sync.Once
}

func (l *silentListener) Accept() (net.Conn, error) { <-l.closed; return nil, net.ErrClosed }
func (l *silentListener) Close() error              { l.once.Do(func() { close(l.closed) }); return nil }

func (l *silentListener) Addr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 10250}
}

// inProcess runs containers in the test's own process, so that they live in its bubble of time.
type inProcess struct{ *sandbox.Runtime }

func (r inProcess) RunPod(cfg sandbox.PodConfig) (PodSandbox, error) {
	pod, err := r.Runtime.RunPod(cfg)
	return inProcessPod{pod}, err
}

type inProcessPod struct{ *sandbox.Pod }

func (p inProcessPod) Create(_ context.Context, cfg sandbox.ContainerConfig) (Container, error) {
	return p.Pod.Create(cfg)
}

func newInProcess(cfg RuntimeConfig) (Runtime, error) {
	r, err := sandbox.New(sandbox.Config{Dir: cfg.Dir, HostIP: cfg.Network.Host().String(), Network: cfg.Network})
	return inProcess{r}, err
}

// containerOf returns the container that a run of the lab's agent has.
func containerOf(e *execution) *sandbox.Container { return e.sandbox.(*sandbox.Container) }

// lab is an agent with a fake API.
type lab struct {
	t      testing.TB
	client *fake.Clientset
	agent  *Agent
	cert   tls.Certificate
	pool   *x509.CertPool

	down atomic.Bool // the API server does not answer

	mu     sync.Mutex
	events []string // "Type Reason Message", in order
}

// startLab starts an agent. Without a listener it cannot be reached, but time in a bubble goes on.
func startLab(t testing.TB, listener net.Listener, objects ...runtime.Object) *lab {
	t.Helper()
	return startLabWith(t, listener, func(*Config) {}, objects...)
}

// startLabWith is startLab with another configuration.
func startLabWith(t testing.TB, listener net.Listener, change func(*Config), objects ...runtime.Object) *lab {
	t.Helper()
	l := &lab{t: t, client: fake.NewClientset(objects...)}
	l.cert, l.pool = selfSigned(t)
	if listener == nil {
		listener = &silentListener{closed: make(chan struct{})}
	}
	record := func(action k8stesting.Action) (bool, runtime.Object, error) {
		if create, ok := action.(k8stesting.CreateAction); ok {
			if e, ok := create.GetObject().(*v1.Event); ok {
				l.mu.Lock()
				l.events = append(l.events, e.Type+" "+e.Reason+" "+e.Message)
				l.mu.Unlock()
			}
		}
		return false, nil, nil
	}
	l.client.PrependReactor("create", "events", record)
	l.client.PrependReactor("*", "*", func(k8stesting.Action) (bool, runtime.Object, error) {
		return l.down.Load(), nil, errors.New("connection refused")
	})
	cfg := Config{
		Client: l.client, Listener: listener, Cert: l.cert, ClientCA: l.pool, Dir: t.TempDir(), Images: testImages,
		Runtime: newInProcess, StandIn: testStandIn(),
	}
	change(&cfg)
	agent, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	l.agent = agent
	t.Cleanup(func() {
		if err := agent.Close(); err != nil {
			t.Error(err)
		}
	})
	<-agent.Ready()
	return l
}

func selfSigned(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// pem returns the lab's certificate and key as files hold them.
func (l *lab) pem(t *testing.T) (cert, key []byte) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(l.cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: l.cert.Certificate[0]}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// testStandIn says what it is to do.
func testStandIn() *sandbox.Image {
	image, _, _ := testImages("test")
	return &sandbox.Image{
		Name: "healthlab/stand-in", Digest: "sha256:" + strings.Repeat("1", 64), Entrypoint: []string{"/bin/sh"},
		Programs: map[string]sandbox.Program{"/bin/sh": func(ctx context.Context, p *sandbox.Process) int {
			plan, _ := p.FS().ReadFile(standin.PlanFile, 1<<20)
			_, _ = p.Stdout.Write(plan)
			return image.Programs["/polite"](ctx, p)
		}},
	}
}

// testImages knows one image, test, whose programs are what tests need of containers.
func testImages(ref string) (*sandbox.Image, string, error) {
	if strings.HasPrefix(ref, "node:") {
		return nil, "", fmt.Errorf("look up: %w", &sandbox.UnknownImageError{Image: ref, Instead: "there is test", Pull: "failed to pull"})
	}
	if name, _, _ := strings.Cut(ref, ":"); name != "test" {
		return nil, "", fmt.Errorf("there is no such image; there is test")
	}
	return &sandbox.Image{
		Name: "docker.io/library/test", Size: 42, Digest: "sha256:" + strings.Repeat("0", 64),
		Entrypoint: []string{"/wait"},
		Programs: map[string]sandbox.Program{
			// wait ignores SIGTERM.
			"/wait": func(ctx context.Context, p *sandbox.Process) int {
				_, _ = fmt.Fprintln(p.Stdout, "waiting")
				<-ctx.Done()
				return 0
			},
			"/listen": func(ctx context.Context, p *sandbox.Process) int {
				l, err := p.Listen("tcp", ":80")
				if err != nil {
					return 1
				}
				for ctx.Err() == nil {
					if c, err := l.Accept(); err == nil {
						_ = c.Close()
					}
				}
				return 0
			},
			// local listens for the pod itself only, and says who calls.
			"/local": func(ctx context.Context, p *sandbox.Process) int {
				l, err := p.Listen("tcp", "localhost:81")
				if err != nil {
					return 1
				}
				_, _ = fmt.Fprintln(p.Stdout, "listening")
				for ctx.Err() == nil {
					if c, err := l.Accept(); err == nil {
						_, _ = fmt.Fprint(c, c.RemoteAddr().(*net.TCPAddr).IP)
						_ = c.Close()
					}
				}
				return 0
			},
			// polite ends with 0 at SIGTERM.
			"/polite": func(ctx context.Context, p *sandbox.Process) int {
				select {
				case <-p.Notify(sandbox.SIGTERM):
				case <-ctx.Done():
				}
				return 0
			},
			"/exit": func(ctx context.Context, p *sandbox.Process) int {
				code, after := 0, time.Duration(0)
				_, _ = fmt.Sscan(p.Args[1], &code)
				if len(p.Args) > 2 {
					after, _ = time.ParseDuration(p.Args[2])
				}
				select {
				case <-time.After(after):
				case <-ctx.Done():
				}
				return code
			},
			// stop asks a process to end.
			"/stop": func(_ context.Context, p *sandbox.Process) int {
				pid := 0
				_, _ = fmt.Sscan(p.Args[1], &pid)
				if err := p.Kill(pid, sandbox.SIGTERM); err != nil {
					return 1
				}
				return 0
			},
			"/env": func(_ context.Context, p *sandbox.Process) int {
				slices.Sort(p.Env)
				_, _ = fmt.Fprintln(p.Stdout, strings.Join(p.Env, "\n"))
				return 0
			},
			"/cat": func(_ context.Context, p *sandbox.Process) int {
				data, err := p.FS().ReadFile(p.Args[1], 1<<20)
				if err != nil {
					_, _ = fmt.Fprintf(p.Stderr, "cat: can't open '%s': No such file or directory\n", p.Args[1])
					return 1
				}
				_, _ = p.Stdout.Write(data)
				return 0
			},
			"/touch": func(_ context.Context, p *sandbox.Process) int {
				if err := p.FS().WriteFile(p.Args[1], nil, 0o644); err != nil {
					return 1
				}
				return 0
			},
			"/die": func(_ context.Context, p *sandbox.Process) int {
				if err := p.FS().WriteFile("/dev/termination-log", []byte("last words"), 0o644); err != nil {
					return 1
				}
				return 3
			},
		},
	}, "latest", nil
}

// pod returns a pod as the API server would have defaulted it. change may be nil.
func testPod(name string, change func(*v1.Pod)) *v1.Pod {
	grace := int64(30)
	pod := &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default", UID: types.UID("uid-" + name), Generation: 1},
		Spec: v1.PodSpec{
			NodeName: "node-1", RestartPolicy: v1.RestartPolicyAlways, TerminationGracePeriodSeconds: &grace,
			ServiceAccountName: "default",
			Containers: []v1.Container{{
				Name: "app", Image: "test", ImagePullPolicy: v1.PullAlways, TerminationMessagePath: "/dev/termination-log",
			}},
		},
		Status: v1.PodStatus{Phase: v1.PodPending},
	}
	if change != nil {
		change(pod)
	}
	return pod
}

func execProbe(seconds int32, command ...string) *v1.Probe {
	return &v1.Probe{
		ProbeHandler:  v1.ProbeHandler{Exec: &v1.ExecAction{Command: command}},
		PeriodSeconds: seconds, TimeoutSeconds: 1, SuccessThreshold: 1, FailureThreshold: 3,
	}
}

func tcpProbe(port int) *v1.Probe {
	return &v1.Probe{
		ProbeHandler:  v1.ProbeHandler{TCPSocket: &v1.TCPSocketAction{Port: intstr.FromInt(port)}},
		PeriodSeconds: 1, TimeoutSeconds: 1, SuccessThreshold: 1, FailureThreshold: 3,
	}
}

func (l *lab) create(pod *v1.Pod) {
	l.t.Helper()
	if _, err := l.client.CoreV1().Pods(pod.Namespace).Create(l.t.Context(), pod, metav1.CreateOptions{}); err != nil {
		l.t.Fatal(err)
	}
}

// delete asks for a graceful deletion, as the API server records it.
func (l *lab) delete(name string, grace int64) {
	l.t.Helper()
	pod := l.get(name)
	now := metav1.Now()
	pod.DeletionTimestamp, pod.DeletionGracePeriodSeconds = &now, &grace
	pod.Finalizers = nil
	if err := l.client.Tracker().Update(v1.SchemeGroupVersion.WithResource("pods"), pod, pod.Namespace); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) get(name string) *v1.Pod {
	l.t.Helper()
	pod, err := l.client.CoreV1().Pods("default").Get(l.t.Context(), name, metav1.GetOptions{})
	if err != nil {
		l.t.Fatal(err)
	}
	return pod
}

// wait waits until the pod in the API is as ok wants it, or gone (nil).
func (l *lab) wait(name string, what string, ok func(*v1.Pod) bool) *v1.Pod {
	l.t.Helper()
	deadline := time.After(20 * time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		pod, err := l.client.CoreV1().Pods("default").Get(l.t.Context(), name, metav1.GetOptions{})
		if err != nil {
			pod = nil
		}
		if ok(pod) {
			return pod
		}
		select {
		case <-tick.C:
		case <-deadline:
			l.t.Fatalf("pod %s never was %s; last:\n%+v\nevents:\n%s", name, what, pod, strings.Join(l.seen(""), "\n"))
		}
	}
}

func running(pod *v1.Pod) bool { return pod != nil && pod.Status.Phase == v1.PodRunning }

func gone(pod *v1.Pod) bool { return pod == nil }

// count returns how often events with this reason were reported in all.
func (l *lab) count(reason string) int {
	l.t.Helper()
	list, err := l.client.CoreV1().Events("default").List(l.t.Context(), metav1.ListOptions{})
	if err != nil {
		l.t.Fatal(err)
	}
	n := 0
	for _, e := range list.Items {
		if e.Reason == reason {
			n += int(e.Count)
		}
	}
	return n
}

// seen returns the events so far that contain text.
func (l *lab) seen(text string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, e := range l.events {
		if strings.Contains(e, text) {
			out = append(out, e)
		}
	}
	return out
}
