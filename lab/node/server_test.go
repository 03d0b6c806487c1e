package node

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"
	utilexec "k8s.io/client-go/util/exec"
	cristreaming "k8s.io/cri-streaming/pkg/streaming/remotecommand"
	"k8s.io/streaming/pkg/httpstream"

	"healthlab/lab/witness"
	"healthlab/probes"
)

// realLab starts an agent whose kubelet API really listens, and a client that may use it.
func realLab(t *testing.T) (*lab, *http.Client, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := startLab(t, listener)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: l.pool, Certificates: []tls.Certificate{l.cert}}}
	t.Cleanup(transport.CloseIdleConnections)
	return l, &http.Client{Transport: transport}, "https://" + listener.Addr().String()
}

func get(t *testing.T, client *http.Client, url string) (int, string) {
	t.Helper()
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestOnlyKnownClientsGetIn(t *testing.T) {
	l, client, base := realLab(t)
	if code, body := get(t, client, base+"/healthz"); code != http.StatusOK || body != "ok" {
		t.Errorf("%d %s", code, body)
	}
	stranger := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: l.pool}}}
	defer stranger.CloseIdleConnections()
	if resp, err := stranger.Get(base + "/healthz"); err == nil {
		resp.Body.Close()
		t.Error("a client without a certificate got in")
	}
}

func TestLogs(t *testing.T) {
	l, client, base := realLab(t)
	l.create(testPod("a", func(p *v1.Pod) {
		p.Spec.RestartPolicy = v1.RestartPolicyNever
		p.Spec.Containers[0].Command = []string{"/env"}
		p.Spec.Containers[0].Env = []v1.EnvVar{{Name: "AAA", Value: "1"}, {Name: "AAB", Value: "$(AAA)2 $$(AAA) $(ZZZ)"}}
	}))
	l.wait("a", "completed", func(p *v1.Pod) bool { return p.Status.Phase == v1.PodSucceeded })
	tests := map[string]struct {
		query string
		code  int
		want  string // the beginning of the answer
	}{
		"everything":    {"", http.StatusOK, "AAA=1\nAAB=12 $(AAA) $(ZZZ)\n"},
		"no lines":      {"?tailLines=0", http.StatusOK, ""},
		"few bytes":     {"?limitBytes=4", http.StatusOK, "AAA="},
		"with times":    {"?timestamps=true", http.StatusOK, time.Now().UTC().Format("2006-")},
		"from the past": {"?previous=true", http.StatusBadRequest, `previous terminated container "app" in pod "a"`},
		"follow an end": {"?follow=true", http.StatusOK, "AAA=1\n"},
		"not a number":  {"?tailLines=x", http.StatusBadRequest, `tailLines: "x" is not a number of 0 or more`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			code, body := get(t, client, base+"/containerLogs/default/a/app"+test.query)
			if code != test.code || !strings.HasPrefix(body, test.want) || test.want == "" && body != "" {
				t.Errorf("%d %q", code, body)
			}
		})
	}
	if code, body := get(t, client, base+"/containerLogs/default/b/app"); code != http.StatusNotFound {
		t.Errorf("%d %s", code, body)
	}
	if code, body := get(t, client, base+"/pods"); code != http.StatusOK || !strings.Contains(body, `"uid-a"`) {
		t.Errorf("%d %s", code, body)
	}
}

func TestExec(t *testing.T) {
	l, _, base := realLab(t)
	l.create(testPod("a", nil))
	l.wait("a", "running", running)
	config := &rest.Config{Host: base, TLSClientConfig: rest.TLSClientConfig{Insecure: true}}
	config.CertData, config.KeyData = l.pem(t)
	tests := map[string]struct {
		command []string
		out     string
		code    int
		problem string
	}{
		"output":          {command: []string{"/cat", "/etc/hostname"}, out: "a\n"},
		"an exit code":    {command: []string{"/exit", "7"}, code: 7},
		"no such program": {command: []string{"/nothing"}, problem: "error executing command in container: failed to exec"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			q := url.Values{"command": test.command, "output": {"1"}, "error": {"1"}}
			u, err := url.Parse(base + "/exec/default/a/app?" + q.Encode())
			if err != nil {
				t.Fatal(err)
			}
			executor, err := remotecommand.NewSPDYExecutor(config, http.MethodPost, u)
			if err != nil {
				t.Fatal(err)
			}
			var out, errs bytes.Buffer
			err = executor.StreamWithContext(t.Context(), remotecommand.StreamOptions{Stdout: &out, Stderr: &errs})
			var exit utilexec.CodeExitError
			_ = errors.As(err, &exit) // success has none
			if out.String() != test.out || exit.Code != test.code {
				t.Errorf("out %q, errs %q, err %v", &out, &errs, err)
			}
			if test.problem != "" && (err == nil || !strings.Contains(err.Error(), test.problem)) {
				t.Errorf("err %v", err)
			}
		})
	}
}

// TestPortForward holds that a port-forward arrives over the pod's own loopback, as on a real node.
func TestPortForward(t *testing.T) {
	l, client, base := realLab(t)
	l.create(testPod("a", func(p *v1.Pod) { p.Spec.Containers[0].Command = []string{"/local"} }))
	l.wait("a", "running", running)
	for _, body := get(t, client, base+"/containerLogs/default/a/app"); body != "listening\n"; {
		_, body = get(t, client, base+"/containerLogs/default/a/app")
	}
	config := &rest.Config{Host: base, TLSClientConfig: rest.TLSClientConfig{Insecure: true}}
	config.CertData, config.KeyData = l.pem(t)
	transport, upgrader, err := spdy.RoundTripperFor(config)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(base + "/portForward/default/a")
	if err != nil {
		t.Fatal(err)
	}
	conn, _, err := spdy.NewDialerForStreaming(upgrader, &http.Client{Transport: transport}, http.MethodPost, u).
		Dial(portforward.PortForwardProtocolV1Name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	tests := map[string]struct{ port, data, problem string }{
		"a listener on localhost": {port: "81", data: "127.0.0.1"},
		"nobody listens":          {port: "9999", problem: "dial tcp 127.0.0.1:9999: connect: connection refused"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			read := map[string]string{}
			streams := map[string]httpstream.Stream{}
			for _, kind := range []string{v1.StreamTypeError, v1.StreamTypeData} {
				headers := http.Header{}
				headers.Set(v1.PortHeader, test.port)
				headers.Set(v1.PortForwardRequestIDHeader, test.port)
				headers.Set(v1.StreamType, kind)
				if streams[kind], err = conn.CreateStream(headers); err != nil {
					t.Fatal(err)
				}
			}
			for _, stream := range streams {
				_ = stream.Close() // nothing is said from here
			}
			for kind, stream := range streams {
				content, _ := io.ReadAll(stream) // a stream that was reset ends with an error
				read[kind] = string(content)
			}
			if read[v1.StreamTypeData] != test.data || !strings.Contains(read[v1.StreamTypeError], test.problem) ||
				test.problem == "" && read[v1.StreamTypeError] != "" {
				t.Errorf("%q", read)
			}
		})
	}
}

func TestCloseCutsStreams(t *testing.T) {
	l, _, base := realLab(t)
	l.create(testPod("a", nil))
	l.wait("a", "running", running)
	config := &rest.Config{Host: base, TLSClientConfig: rest.TLSClientConfig{Insecure: true}}
	config.CertData, config.KeyData = l.pem(t)
	u, err := url.Parse(base + "/exec/default/a/app?command=/wait&output=1")
	if err != nil {
		t.Fatal(err)
	}
	executor, err := remotecommand.NewSPDYExecutor(config, http.MethodPost, u)
	if err != nil {
		t.Fatal(err)
	}
	out := &firstWrite{first: make(chan struct{})}
	ended := make(chan error, 1)
	go func() {
		ended <- executor.StreamWithContext(context.Background(), remotecommand.StreamOptions{Stdout: out})
	}()
	<-out.first
	if err := l.agent.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err == nil {
		t.Error("the stream ended as if nothing had happened")
	}
}

// A client that has asked for streams and then made none, as one that was cut off, keeps nobody from closing: the library goes
// on waiting for it, for half a minute.
func TestCloseDoesNotWaitForStreamsThatNeverCome(t *testing.T) {
	l, _, base := realLab(t)
	l.create(testPod("a", nil))
	l.wait("a", "running", running)
	config := &rest.Config{Host: base, TLSClientConfig: rest.TLSClientConfig{Insecure: true}}
	config.CertData, config.KeyData = l.pem(t)
	transport, upgrader, err := spdy.RoundTripperFor(config)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(base + "/exec/default/a/app?command=/wait&output=1")
	if err != nil {
		t.Fatal(err)
	}
	conn, _, err := spdy.NewDialerForStreaming(upgrader, &http.Client{Transport: transport}, http.MethodPost, u).Dial("v4.channel.k8s.io")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	began := time.Now()
	if err := l.agent.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > cristreaming.DefaultStreamCreationTimeout/2 {
		t.Errorf("closed after %s", took)
	}
}

// firstWrite tells when something is written to it.
type firstWrite struct {
	first chan struct{}
	done  bool
}

func (f *firstWrite) Write(p []byte) (int, error) {
	if !f.done {
		f.done = true
		close(f.first)
	}
	return len(p), nil
}

func TestLogOptionsNameWhatIsWrong(t *testing.T) {
	for query, want := range map[string]string{
		"follow=perhaps":      `follow: "perhaps" is neither true nor false`,
		"sinceSeconds=-1":     `sinceSeconds: "-1" is not a number of 0 or more`,
		"sinceTime=yesterday": `sinceTime: parsing time`,
	} {
		t.Run(query, func(t *testing.T) {
			q, err := url.ParseQuery(query)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := logOptions(q); err == nil || !strings.HasPrefix(fmt.Sprint(err), want) {
				t.Errorf("err %v", err)
			}
		})
	}
}

// Each attempt of the node's probes is told to who listens, with the IDs that the API has; what nobody heard is kept.
func TestAttempts(t *testing.T) {
	l, client, base := realLab(t)
	l.create(testPod("a", func(p *v1.Pod) {
		p.Spec.Containers[0].ReadinessProbe = execProbe(1, "/cat", "/etc/hostname")
	}))
	pod := l.wait("a", "ready", func(p *v1.Pod) bool { return running(p) && p.Status.ContainerStatuses[0].Ready })
	answer, err := client.Get(base + witness.Path + "?" + witness.Query("default", witness.Cursor{}).Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var got []witness.Record
	_, err = witness.Read(answer.Body, witness.Cursor{}, witness.Told{Begun: func() {}, Record: func(r witness.Record, _ bool) {
		if got = append(got, r); len(got) == 2 {
			answer.Body.Close()
		}
	}})
	if len(got) < 2 {
		t.Fatalf("%d attempts, then %v", len(got), err)
	}
	for i, r := range got[:2] {
		a := r.Attempt
		if r.Seq != uint64(i+1) || r.Namespace != "default" || r.Pod != "a" || a.Key.Pod != string(pod.UID) || a.Key.Container != "app" ||
			a.ContainerID != pod.Status.ContainerStatuses[0].ContainerID || a.Outcome != probes.Success || a.Message != "a\n" || a.Streak != i+1 {
			t.Errorf("attempt %d: %+v", i, r)
		}
	}
}
