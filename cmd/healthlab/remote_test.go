package main

import (
	"bufio"
	"bytes"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"healthlab/cmd/internal/cli"
	"healthlab/cmd/internal/clitest"
)

// badLine is the way to an API server: it counts requests, and can be cut or throttled.
type badLine struct {
	*httptest.Server

	mu        sync.Mutex
	cut       bool
	throttled bool
	conns     map[net.Conn]struct{}
	requests  []string // method and path
}

// newBadLine serves the API server of a kubeconfig, without credentials of its own.
func newBadLine(t *testing.T, kubeconfig string) *badLine {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatalf("read the cluster's kubeconfig: %v", err)
	}
	target, err := url.Parse(config.Host)
	if err != nil {
		t.Fatal(err)
	}
	// The caller's credentials count, not those of the kubeconfig.
	transport, err := rest.TransportFor(&rest.Config{Host: config.Host, TLSClientConfig: rest.TLSClientConfig{
		CAData: config.CAData, CAFile: config.CAFile, NextProtos: []string{"http/1.1"}, // which can be upgraded
	}})
	if err != nil {
		t.Fatalf("make a transport to the API server: %v", err)
	}
	l := &badLine{conns: map[net.Conn]struct{}{}}
	proxy := &httputil.ReverseProxy{
		Transport: transport, FlushInterval: -1,
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	l.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l.admit(r) {
			proxy.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	l.Config.ConnState = l.track
	l.Config.ErrorLog = log.New(io.Discard, "", 0) // of connections that were cut
	l.StartTLS()
	t.Cleanup(func() {
		l.set(true, false) // what was upgraded is not the server's to close
		l.Close()
	})
	return l
}

func (l *badLine) admit(r *http.Request) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests = append(l.requests, r.Method+" "+r.URL.RequestURI())
	return !l.throttled
}

func (l *badLine) track(conn net.Conn, state http.ConnState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch state {
	case http.StateNew, http.StateHijacked:
		l.conns[conn] = struct{}{}
		if l.cut {
			_ = conn.Close()
		}
	case http.StateClosed:
		delete(l.conns, conn)
	case http.StateActive, http.StateIdle:
	}
}

// set cuts the line, with everything that runs over it, or throttles it, or makes it good again.
func (l *badLine) set(cut, throttled bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut, l.throttled = cut, throttled
	if cut {
		for conn := range l.conns {
			_ = conn.Close()
		}
	}
}

// count tells how many requests contained all the words.
func (l *badLine) count(words ...string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, request := range l.requests {
		has := true
		for _, word := range words {
			has = has && strings.Contains(request, word)
		}
		if has {
			n++
		}
	}
	return n
}

// outside lists the requests that reach past a single namespace, without those that only ask about the server and about
// one's own rights, and the one to healthlab's own node, which no other cluster has.
func (l *badLine) outside() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	allowed := regexp.MustCompile(`^(GET (/version|/api|/apis|/openapi/v3|/api/v1|/apis/[a-z0-9.]+/v[a-z0-9]+|/openapi/v3/[a-z0-9./]+)` +
		`|POST /apis/authorization.k8s.io/v1/selfsubject(rules|access)reviews` +
		`|[A-Z]+ (/api/v1|/apis/[a-z0-9.]+/v[a-z0-9]+)/(watch/)?namespaces/[a-z0-9-]+(/.*)?` +
		`|GET /api/v1/nodes/healthlab/proxy/attempts` +
		`|POST /api/v1/namespaces)(\?.*)?$`)
	return slices.DeleteFunc(slices.Clone(l.requests), allowed.MatchString)
}

// kubectl runs kubectl as the cluster's administrator.
func (h home) kubectl(input string, args ...string) string {
	h.T.Helper()
	c := h.Command(h.T.Context(), append([]string{"kubectl"}, args...)...)
	c.Stdin = strings.NewReader(input)
	var complaints bytes.Buffer
	c.Stderr = &complaints
	out, err := c.Output()
	if err != nil {
		h.T.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, complaints.String())
	}
	return string(out)
}

// student is somebody who may edit one namespace, which others made, and nothing else.
const student = `apiVersion: v1
kind: Namespace
metadata: {name: healthchecks-kim}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: kim, namespace: default}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: kim, namespace: healthchecks-kim}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [{kind: ServiceAccount, name: kim, namespace: default}]
`

// kubeconfig writes one for whoever has the token.
func (l *badLine) kubeconfig(t *testing.T, token string) string {
	t.Helper()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: l.Certificate().Raw})
	config := clientcmdapi.NewConfig()
	config.Clusters["workshop"] = &clientcmdapi.Cluster{Server: l.URL, CertificateAuthorityData: ca}
	config.AuthInfos["kim"] = &clientcmdapi.AuthInfo{Token: token}
	config.Contexts["workshop"] = &clientcmdapi.Context{Cluster: "workshop", AuthInfo: "kim"}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatalf("write the student's kubeconfig: %v", err)
	}
	return path
}

// workshop is the embedded cluster of one healthlab as a remote one to another: kim's, who has rights in one namespace only
// and a line that can turn bad.
type workshop struct {
	admin, kim home
	line       *badLine
	token      string // kim's
	cluster    runningCluster
}

func newWorkshop(t *testing.T) workshop {
	t.Helper()
	w := workshop{admin: newHome(t), kim: emptyHome(t)}
	w.cluster = w.admin.startCluster(t.Context())
	w.line = newBadLine(t, strings.TrimPrefix(w.cluster.export, "export KUBECONFIG="))
	w.admin.kubectl(student, "apply", "-f", "-")
	w.token = strings.TrimSpace(w.admin.kubectl("", "-n", "default", "create", "token", "kim"))
	return w
}

// end stops the cluster, which must have been well until then.
func (w workshop) end(t *testing.T) {
	t.Helper()
	if err := w.cluster.Process.Signal(os.Interrupt); err != nil {
		t.Fatalf("interrupt: %v", err)
	}
	if err := w.cluster.Wait(); err != nil {
		log, _ := os.ReadFile(w.admin.state("healthlab.log"))
		_, stuck, _ := bytes.Cut(log, []byte("goroutine profile"))
		t.Errorf("the cluster ended with %v:\n%s%s", err, w.cluster.complaints, stuck)
	}
}

// One healthlab's embedded cluster is a remote one to another, which has rights in one namespace only and a bad line.
func TestClusterOfOnesOwn(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	admin, kim, line := w.admin, w.kim, w.line
	kubeconfig := line.kubeconfig(t, w.token)
	before, err := os.ReadFile(kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	flags := []string{"--kubeconfig", kubeconfig, "--context", "workshop", "--lang", "en"}
	kimRuns := func(want int, args ...string) string {
		t.Helper()
		out, err := kim.Command(t.Context(), append(args, flags...)...).CombinedOutput()
		if code := clitest.ExitCode(err); code != want {
			t.Errorf("healthlab %s: exit code %d, want %d\n%s", strings.Join(args, " "), code, want, out)
		}
		return string(out)
	}
	contains := func(out string, wants ...string) {
		t.Helper()
		for _, want := range wants {
			if !strings.Contains(out, want) {
				t.Errorf("%q is missing in:\n%s", want, out)
			}
		}
	}

	// The API server makes its own roles, by which everybody may ask for the version, only after it has started.
	for {
		out := kimRuns(cli.ExitOK, "contexts")
		if contains(out, "workshop", line.URL); strings.Contains(out, "v1.37") || t.Failed() {
			break
		}
	}
	contains(kimRuns(cli.ExitOK, "doctor", "--student", "kim"), "namespace healthchecks-kim", "holds only healthlab's objects")
	contains(kimRuns(cli.ExitFailed, "doctor", "--student", "lee"), "not permitted: list, watch pods")
	contains(kimRuns(cli.ExitFailed, "cleanup", "--namespace", "kube-system", "--yes"), "nothing is written to namespace kube-system")
	contains(kimRuns(cli.ExitFailed, "run", "readiness", "--read-only", "--student", "kim"), "read-only")
	contains(kimRuns(cli.ExitOK, "cleanup", "--student", "kim", "--yes"), "nothing to clean up")
	if n := line.count("POST", "/pods") - line.count("dryRun=All"); n > 0 {
		t.Errorf("%d pods were asked for before anything was to be written", n)
	}

	// The run is watched, loses its line in the middle of the fault, and is killed before it has cleaned up.
	run := kim.Command(t.Context(), append([]string{"run", "readiness", "--student", "kim"}, flags...)...)
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaints, told bytes.Buffer
	run.Stderr = &complaints
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "step done: Repair it") {
		told.WriteString(lines.Text() + "\n")
		switch {
		case strings.Contains(lines.Text(), "rm /tmp/healthy"):
			line.set(true, false)
		case strings.Contains(lines.Text(), "connection to the cluster is lost"):
			line.set(false, true)
			mend := time.AfterFunc(3*time.Second, func() { line.set(false, false) })
			defer mend.Stop()
		}
	}
	if err := run.Process.Kill(); err != nil {
		t.Errorf("kill: %v", err)
	}
	_, _ = io.Copy(io.Discard, out)
	_ = run.Wait()
	contains(told.String(), "the connection to the cluster is lost", "connected to cluster workshop", "goal met: One pod is 0/1",
		"the kubelet's attempts cannot be seen one by one; events and healthlab's own attempts are shown instead — not permitted",
		"goal met: All three pods are Ready again")
	if n := line.count("exec", "command=rm"); n != 1 {
		t.Errorf("the file was removed %d times, want once", n)
	}
	if got, want := complaints.String(), "connecting to cluster workshop ("+line.URL+") …\n"; got != want {
		t.Errorf("written beside the lines:\n%swant only:\n%s", got, want)
	}

	admin.kubectl("", "-n", "healthchecks-kim", "create", "configmap", "someone-elses")
	contains(kimRuns(cli.ExitOK, "cleanup", "--student", "kim"), "deployment/readiness-deployment", "Nothing was deleted.")
	contains(kimRuns(cli.ExitOK, "cleanup", "--student", "kim", "--yes"),
		"deleted: deployment/readiness-deployment", "deleted: service/readiness-service")
	if left := admin.kubectl("", "-n", "healthchecks-kim", "get", "deployments,services,configmaps", "-o", "name"); !strings.Contains(left,
		"configmap/someone-elses") || strings.Contains(left, "readiness") {
		t.Errorf("left after the clean-up: %s", left)
	}
	if beyond := line.outside(); len(beyond) > 0 {
		t.Errorf("requests for more than a namespace: %q", beyond)
	}
	if after, err := os.ReadFile(kubeconfig); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the kubeconfig was changed (%v)", err)
	}

	w.end(t)
}
