//go:build compat

package embedded

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"healthlab/lab"
)

// What `make compat` has built before it runs this test.
const (
	oldestBinary    = "../../bin/oldest"
	healthlabBinary = "../../bin/healthlab"
)

// TestOldestKubernetes does the labs on the oldest Kubernetes that healthlab is made for, which to healthlab is a cluster of
// the user's own.
func TestOldestKubernetes(t *testing.T) {
	theProcess() // what Kubernetes' libraries have to say in the node agent is not for the terminal
	// Ctrl-C ends all processes by itself; the files are to go, too.
	ctx, cancel := signal.NotifyContext(t.Context(), os.Interrupt)
	defer cancel()
	o := startOldest(ctx, t)
	for _, tt := range []struct {
		name    string
		user    func(ctx context.Context, t *testing.T, o *oldest) user
		cleanup string // what is said in the end
	}{
		{name: "administrator over WebSockets", user: administrator, cleanup: "deleted: namespace/healthchecks"},
		// Before 1.35 a WebSocket takes the right to get, too, which doctor does not ask for.
		{name: "student over SPDY", user: student, cleanup: "there is nothing to clean up"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u := tt.user(ctx, t, o)
			if found := u.runs(ctx, "", "doctor"); !strings.Contains(found, "Kubernetes v1.32.") {
				t.Error("not the oldest version")
			}
			rest := u.runs(ctx, "", "run")
			for _, want := range []string{
				"lab done: Introduction",
				"liveness-app: ready (1/1)",
				"liveness probe failed 3/3",
				"killing the container because its liveness probe failed",
				"RESTARTS 1, previous exit code 137",
				"lab done: Liveness probe",
				"Replicas 3 desired | 3 updated | 3 total | 3 available | 0 unavailable",
				"no longer ready (0/1)",
				"Replicas 3 desired | 3 updated | 3 total | 2 available | 1 unavailable",
				"lab done: Readiness probe",
			} {
				_, after, found := strings.Cut(rest, want)
				if !found {
					t.Errorf("%q is missing or out of order", want)
					continue
				}
				rest = after
			}
			if done := u.runs(ctx, "", "cleanup", "--yes"); !strings.Contains(done, tt.cleanup) {
				t.Errorf("%q is missing", tt.cleanup)
			}
		})
	}
}

// user is somebody who was given a kubeconfig.
type user struct {
	t          *testing.T
	home       string
	kubeconfig string
	flags      []string
}

// runs carries out a command of healthlab, which must succeed, and returns what it has printed.
func (u user) runs(ctx context.Context, input string, args ...string) string {
	u.t.Helper()
	u.t.Logf("healthlab %s", strings.Join(args, " "))
	c := exec.CommandContext(ctx, healthlabBinary, append(args, u.flags...)...)
	c.Env = append(os.Environ(), "HOME="+u.home, "KUBECONFIG="+u.kubeconfig, "XDG_STATE_HOME=", "XDG_CONFIG_HOME=")
	c.Stdin = strings.NewReader(input)
	var told bytes.Buffer
	c.Stdout = io.MultiWriter(u.t.Output(), &told)
	c.Stderr = c.Stdout
	if err := c.Run(); err != nil {
		u.t.Fatalf("healthlab %s: %v", args[0], err)
	}
	return told.String()
}

// administrator may do everything.
func administrator(_ context.Context, t *testing.T, o *oldest) user {
	return user{t: t, home: t.TempDir(), kubeconfig: o.path("kubeconfig"), flags: []string{"--context", ContextName, "--lang", "en"}}
}

// rights are what doctor asks for, in a namespace that is there, and no more.
const rights = `apiVersion: v1
kind: Namespace
metadata: {name: healthchecks-kim}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: labs, namespace: healthchecks-kim}
rules:
- {apiGroups: ["", apps], resources: [pods, services, deployments], verbs: [get, list, watch, create, patch, delete]}
- {apiGroups: ["", discovery.k8s.io], resources: [events, endpointslices], verbs: [list, watch]}
- {apiGroups: [""], resources: [pods/log], verbs: [get]}
- {apiGroups: [""], resources: [pods/exec, pods/portforward], verbs: [create]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: labs, namespace: healthchecks-kim}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: labs}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: kim}]
`

// student has those rights.
func student(ctx context.Context, t *testing.T, o *oldest) user {
	t.Helper()
	admin := administrator(ctx, t, o)
	admin.flags = nil
	admin.runs(ctx, rights, "kubectl", "apply", "-f", "-")
	config, err := clientcmd.LoadFromFile(admin.kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	config.AuthInfos[ContextName].Impersonate = "kim"
	kim := user{
		t: t, home: t.TempDir(), kubeconfig: o.path("kim"),
		flags: []string{"--context", ContextName, "--student", "kim", "--lang", "en"},
	}
	if err := clientcmd.WriteToFile(*config, kim.kubeconfig); err != nil {
		t.Fatal(err)
	}
	return kim
}

// startOldest starts the control plane, each part of it a process, and healthlab's node agent. All of it ends with the test.
func startOldest(ctx context.Context, t *testing.T) *oldest {
	t.Helper()
	// t.TempDir may be too long for the path of a Unix socket.
	dir, err := os.MkdirTemp("", "healthlab-")
	if err != nil {
		t.Fatal(err)
	}
	o := &oldest{dir: dir, port: freePort(t)}
	t.Cleanup(func() {
		if t.Failed() && ctx.Err() == nil {
			o.showLogs(t)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if o.pki, err = newPKI(dir); err != nil {
		t.Fatal(err)
	}
	if err := o.writeFiles(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	components := o.components(slog.New(slog.NewTextHandler(t.Output(), nil)))
	parts, err := bringUp(ctx, components, func(c lab.Component) {
		if c.State == lab.ComponentReady {
			t.Logf("%s is ready after %s", c.Name, c.Took.Round(time.Millisecond))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tearDown(components, parts); err != nil {
			t.Error(err)
		}
	})
	return o
}

// freePort is one that nobody listens on: the programs cannot be given a listener.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// oldest is a cluster of the oldest Kubernetes.
type oldest struct {
	dir  string
	port string // of the API server
	pki  *pki
}

func (o *oldest) path(name string) string { return filepath.Join(o.dir, name) }
func (o *oldest) server() string          { return "https://127.0.0.1:" + o.port }

// writeFiles writes what the programs take as files only, beside the keys.
func (o *oldest) writeFiles() error {
	kubeconfig, err := o.pki.kubeconfig(o.server())
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{
		"kubeconfig": kubeconfig, "server.crt": o.pki.server.cert, "server.key": o.pki.server.key,
	} {
		if err := os.WriteFile(o.path(name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (o *oldest) components(nodeLog *slog.Logger) []component {
	socket := "unix://" + o.path("etcd.sock")
	return []component{
		o.program("etcd", nil, o.listens, []string{
			"--data-dir=" + o.path("etcd"), "--unsafe-no-fsync",
			"--listen-client-urls=" + socket, "--listen-peer-urls=unix://peer.sock", // in its directory
			"--advertise-client-urls=http://localhost:2379", // has to be given, and nobody asks for it
		}),
		o.program("kube-apiserver", []string{"etcd"}, o.ready, []string{
			"--etcd-servers=" + socket,
			"--bind-address=127.0.0.1", "--secure-port=" + o.port, "--advertise-address=127.0.0.1",
			"--endpoint-reconciler-type=none", // EndpointSlices may not hold the address 127.0.0.1
			"--service-cluster-ip-range=" + serviceRange,
			"--tls-cert-file=" + o.path("server.crt"), "--tls-private-key-file=" + o.path("server.key"),
			"--client-ca-file=" + o.pki.caFile, "--authorization-mode=RBAC",
			"--service-account-issuer=" + issuer, "--service-account-key-file=" + o.pki.serviceAccountKey,
			"--service-account-signing-key-file=" + o.pki.serviceAccountKey,
			"--kubelet-preferred-address-types=InternalIP", "--kubelet-certificate-authority=" + o.pki.caFile,
			"--kubelet-client-certificate=" + o.pki.internalCert, "--kubelet-client-key=" + o.pki.internalKey,
		}),
		o.program("kube-controller-manager", []string{"kube-apiserver"}, nil, []string{
			"--kubeconfig=" + o.path("kubeconfig"), "--leader-elect=false", "--secure-port=0",
			"--root-ca-file=" + o.pki.caFile, "--service-account-private-key-file=" + o.pki.serviceAccountKey,
		}),
		o.program("kube-scheduler", []string{"kube-apiserver"}, nil, []string{
			"--kubeconfig=" + o.path("kubeconfig"), "--leader-elect=false", "--secure-port=0",
		}),
		{name: "node", after: []string{"kube-apiserver"}, start: func(ctx context.Context) (running, error) {
			return startNode(ctx, newNodeAgent, nodeSeat{
				client: o.pki.clientConfig(o.server(), o.pki.nodeClient), dir: o.path("node"), pki: o.pki,
				log: nodeLog,
			}, new(podNetwork))
		}},
	}
}

// program is a component that runs as a process until it is killed. It has started when ready, if not nil, says so.
func (o *oldest) program(name string, after []string, ready wait.ConditionWithContextFunc, flags []string) component {
	return component{name: name, after: after, start: func(ctx context.Context) (running, error) {
		log, err := os.Create(o.path(name + ".log"))
		if err != nil {
			return running{}, err
		}
		defer log.Close() // the process has its own
		binary, err := filepath.Abs(oldestBinary)
		if err != nil {
			return running{}, err
		}
		process := exec.Command(binary, append([]string{name}, flags...)...)
		process.Dir, process.Stdout, process.Stderr = o.dir, log, log
		if err := process.Start(); err != nil {
			return running{}, fmt.Errorf("%w (make compat builds it)", err)
		}
		var ended error
		over := make(chan struct{})
		go func() {
			ended = process.Wait()
			close(over)
		}()
		part := running{stop: func(ctx context.Context) error {
			// Nothing of it is kept, so it need not end well.
			if err := process.Process.Kill(); err != nil {
				return fmt.Errorf("it had ended by itself: %w", err)
			}
			return waitFor(ctx, over)
		}}
		if ready == nil {
			return part, nil
		}
		return part, wait.PollUntilContextCancel(ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
			select {
			case <-over:
				return false, fmt.Errorf("it ended: %w", ended)
			default:
				return ready(ctx)
			}
		})
	}}
}

// listens reports whether etcd takes connections.
func (o *oldest) listens(ctx context.Context) (bool, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", o.path("etcd.sock"))
	if err != nil {
		return false, nil // not yet
	}
	return true, conn.Close()
}

// ready reports whether the API server says that it is, which includes its own roles.
func (o *oldest) ready(ctx context.Context) (bool, error) {
	client, err := rest.HTTPClientFor(o.pki.clientConfig(o.server(), o.pki.admin))
	if err != nil {
		return false, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, o.server()+"/readyz", nil)
	if err != nil {
		return false, err
	}
	response, err := client.Do(request)
	if err != nil {
		return false, nil // not yet
	}
	return response.StatusCode == http.StatusOK, response.Body.Close()
}

// showLogs prints the end of what each program has written.
func (o *oldest) showLogs(t *testing.T) {
	logs, err := filepath.Glob(o.path("*.log"))
	if err != nil {
		t.Error(err)
	}
	for _, path := range logs {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
		}
		t.Logf("the end of %s:\n%s", filepath.Base(path), text[max(0, len(text)-4000):])
	}
}
