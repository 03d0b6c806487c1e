//go:build unix

package main

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// quiet is an API server with one pod, which accepts every watch, command and port-forward and then says nothing more.
func quiet(w http.ResponseWriter, r *http.Request) {
	const pod = `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p","namespace":"default","resourceVersion":"1"},` +
		`"spec":{"containers":[{"name":"c"}]},"status":{"phase":"Running"}}`
	w.Header().Set("Content-Type", "application/json")
	switch path := r.URL.Path; {
	case r.URL.Query().Get("watch") == "true":
		_, _ = io.WriteString(w, `{"type":"ADDED","object":`+pod+"}\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	case r.Header.Get("Upgrade") != "": // what asked has begun to wait
		<-r.Context().Done()
	case path == "/api":
		_, _ = io.WriteString(w, `{"kind":"APIVersions","versions":["v1"]}`)
	case path == "/apis":
		_, _ = io.WriteString(w, `{"kind":"APIGroupList","apiVersion":"v1","groups":[]}`)
	case path == "/api/v1":
		_, _ = io.WriteString(w, `{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"v1","resources":[`+
			`{"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod","verbs":["get","list","watch"]}]}`)
	case strings.HasSuffix(path, "/pods/p"):
		_, _ = io.WriteString(w, pod)
	case strings.HasSuffix(path, "/pods"):
		_, _ = io.WriteString(w, `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[`+pod+`]}`)
	default:
		http.NotFound(w, r)
	}
}

// kubectlOn starts kubectl on a server that asked is told the requests of.
func kubectlOn(t *testing.T, asked chan<- *http.Request, args ...string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case asked <- r:
		case <-t.Context().Done():
		}
		quiet(w, r)
	}))
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	h := emptyHome(t)
	config := clientcmdapi.NewConfig()
	config.Clusters["c"], config.AuthInfos["u"] = &clientcmdapi.Cluster{Server: server.URL}, &clientcmdapi.AuthInfo{}
	config.Contexts["one"], config.CurrentContext = &clientcmdapi.Context{Cluster: "c", AuthInfo: "u"}, "one"
	path := filepath.Join(h.Path, "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	c := h.Command(t.Context(), append([]string{"kubectl", "--kubeconfig=" + path}, args...)...)
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return c, bufio.NewReader(out)
}

// Signals end kubectl at once, as they end the program of that name.
func TestKubectlEndsOnSignals(t *testing.T) {
	t.Parallel()
	upgrade := func(r *http.Request) bool { return r.Header.Get("Upgrade") != "" }
	tests := []struct {
		name  string
		args  []string
		said  string                   // what tells that it has begun to wait,
		asked func(*http.Request) bool // or what it asks for when it does
	}{
		{"proxy", []string{"proxy", "--port=0"}, "Starting to serve", nil},
		{"watch", []string{"get", "--raw", "/api/v1/pods?watch=true"}, "ADDED", nil},
		{"exec", []string{"exec", "p", "--", "true"}, "", upgrade},
		{"exec with stdin", []string{"exec", "-i", "p", "--", "cat"}, "", upgrade},
		{"attach", []string{"attach", "p"}, "", upgrade},
		{"port-forward", []string{"port-forward", "p", ":80"}, "", upgrade},
	}
	for _, test := range tests {
		for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT} {
			if sig == syscall.SIGINT && test.args[0] == "port-forward" {
				continue // kubectl takes it as a wish to end in good order, once connected
			}
			if signal.Ignored(sig) {
				continue // under nohup the tests, and what they start, are to go on
			}
			t.Run(test.name+", "+sig.String(), func(t *testing.T) {
				asked := make(chan *http.Request)
				c, out := kubectlOn(t, asked, test.args...)
				waits := make(chan struct{})
				if test.said != "" {
					go func() {
						defer close(waits)
						line, err := out.ReadString('\n')
						if err != nil || !strings.Contains(line, test.said) {
							t.Errorf("said %q, %v", line, err)
						}
					}()
				}
				for begun := false; !begun; {
					select {
					case r := <-asked:
						begun = test.asked != nil && test.asked(r)
					case <-waits:
						begun = true
					}
				}
				if err := c.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
				err := c.Wait()
				var exit *exec.ExitError
				if !errors.As(err, &exit) {
					t.Fatalf("ended with %v", err)
				}
				if status, ok := exit.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != sig {
					t.Errorf("ended with %v, want death by %v", exit, sig)
				}
			})
		}
	}
}

// Once nobody reads what kubectl writes, it ends without a word, as in a pipe that ends in head.
func TestKubectlEndsWithItsReader(t *testing.T) {
	t.Parallel()
	asked := make(chan *http.Request, 100)
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = reader.Close()
	var said strings.Builder
	c, _ := kubectlOn(t, asked, "options")
	_ = c.Wait()
	again := exec.CommandContext(t.Context(), c.Path, c.Args[1:]...)
	again.Env, again.Stdout, again.Stderr = c.Env, writer, &said
	err = again.Run()
	_ = writer.Close()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Fatalf("ended with %v", err)
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGPIPE || said.Len() > 0 {
		t.Errorf("ended with %v and said %q", exit, said.String())
	}
}
