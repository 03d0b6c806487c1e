package cluster

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"healthlab/lab"
)

const twoContexts = `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: u, user: {}}]
contexts:
- {name: one, context: {cluster: c, user: u}}
- {name: two, context: {cluster: c, user: u}}
- {name: broken, context: {cluster: gone, user: u}}
current-context: one
`

func writeConfig(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpenRefuses(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	tests := []struct {
		name   string
		config Config
		want   string // part of the English message
	}{
		{"missing file", Config{Kubeconfig: missing}, "there is no kubeconfig file " + missing},
		{"not YAML", Config{Kubeconfig: writeConfig(t, "a: [")}, "cannot read the kubeconfig"},
		{"empty", Config{Kubeconfig: writeConfig(t, "")}, "has no contexts"},
		{
			"unknown context",
			Config{Kubeconfig: writeConfig(t, twoContexts), Context: "three"},
			`there is no context "three"`,
		},
		{
			"no current context",
			Config{Kubeconfig: writeConfig(t, strings.ReplaceAll(twoContexts, "current-context: one", ""))},
			`choose one with --context: "broken", "one", "two"`,
		},
		{
			"context without cluster",
			Config{Kubeconfig: writeConfig(t, twoContexts), Context: "broken"},
			`refers to cluster "gone"`,
		},
		{"missing client certificate", Config{Kubeconfig: writeConfig(t, strings.ReplaceAll(twoContexts, "user: {}",
			"user: {client-certificate: /nowhere, client-key: /nowhere}"))}, "cannot be used"},
		{"not in a cluster", Config{Context: InCluster}, "works only inside a pod"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Open(test.config)
			var told *lab.Error
			if !errors.As(err, &told) {
				t.Fatalf("Open returned %v, want a *lab.Error", err)
			}
			if !strings.Contains(told.Msg.En, test.want) || told.Msg.Ko == "" {
				t.Errorf("message %q / %q does not say %q", told.Msg.En, told.Msg.Ko, test.want)
			}
		})
	}
}

func TestOpenReadsListOfFilesAndChangesNone(t *testing.T) {
	first := writeConfig(t, strings.ReplaceAll(twoContexts, "current-context: one", "current-context: two"))
	second := writeConfig(t, strings.ReplaceAll(twoContexts, "name: one", "name: other"))
	t.Setenv("KUBECONFIG", first+string(os.PathListSeparator)+second)
	for context, want := range map[string]string{"": "two", "other": "other"} {
		c, err := Open(Config{Context: context, Namespace: "ns", Real: true})
		if err != nil {
			t.Fatal(err)
		}
		info := c.Info()
		if info.Name != want || info.Namespace != "ns" || !info.Real || info.Server != "http://127.0.0.1:1" {
			t.Errorf("Info() = %+v, want context %s", info, want)
		}
		c.Close()
	}
	for path, name := range map[string]string{first: "two", second: "one"} {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(content), "current-context: "+name) {
			t.Errorf("%s was changed:\n%s", path, content)
		}
	}
}

// open returns a client for a server.
func open(t *testing.T, url string) *Client {
	t.Helper()
	c, err := Open(Config{
		Kubeconfig: writeConfig(t, strings.ReplaceAll(twoContexts, "http://127.0.0.1:1", url)), Namespace: "ns",
		KubectlCommand: []string{os.Args[0], "as-kubectl"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestVersion(t *testing.T) {
	tests := []struct {
		name   string
		answer func(http.ResponseWriter)
		want   string
		fails  string
	}{
		{"a Kubernetes", func(w http.ResponseWriter) { _, _ = w.Write([]byte(`{"gitVersion":"v1.37.2"}`)) }, "v1.37.2", ""},
		{"something else", func(w http.ResponseWriter) { _, _ = w.Write([]byte("<html>")) }, "", "does not seem to be a Kubernetes"},
		{"expired credentials", func(w http.ResponseWriter) { w.WriteHeader(http.StatusUnauthorized) }, "", "refuses the credentials"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { test.answer(w) }))
			defer server.Close()
			got, err := open(t, server.URL).Version(t.Context())
			if got != test.want {
				t.Errorf("Version() = %q, want %q", got, test.want)
			}
			if (err != nil) != (test.fails != "") || err != nil && !strings.Contains(err.Error(), test.fails) {
				t.Errorf("error %v, want %q", err, test.fails)
			}
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		_, err := open(t, "http://127.0.0.1:1").Version(t.Context())
		if err == nil || !strings.Contains(err.Error(), "refuses connections") {
			t.Errorf("error %v, want that connections are refused", err)
		}
	})
}

func TestKubectl(t *testing.T) {
	c := open(t, "http://127.0.0.1:1")
	t.Run("gets cluster and namespace, then the arguments", func(t *testing.T) {
		var out bytes.Buffer
		code, err := c.Kubectl(t.Context(), []string{"get", "pods"}, &out)
		want := "--kubeconfig=" + c.config.Kubeconfig + " --context=one --namespace=ns get pods\n"
		if code != 0 || err != nil || out.String() != want {
			t.Errorf("got %d, %v, %q; want %q", code, err, out.String(), want)
		}
	})
	t.Run("both streams and the exit code", func(t *testing.T) {
		var out bytes.Buffer
		code, err := c.Kubectl(t.Context(), []string{"fail"}, &out)
		if code != 3 || err != nil || !strings.HasSuffix(out.String(), "fail\nError from server (NotFound): pods \"x\" not found\n") {
			t.Errorf("got %d, %v, %q", code, err, out.String())
		}
	})
	t.Run("is killed", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := c.Kubectl(ctx, []string{"hang"}, new(bytes.Buffer)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the context's", err)
		}
	})
	t.Run("is missing", func(t *testing.T) {
		c := open(t, "http://127.0.0.1:1")
		c.config.KubectlCommand = []string{filepath.Join(t.TempDir(), "none")}
		var told *lab.Error
		if _, err := c.Kubectl(t.Context(), nil, new(bytes.Buffer)); !errors.As(err, &told) {
			t.Errorf("error %v, want a *lab.Error", err)
		}
	})
}
