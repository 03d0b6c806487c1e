package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// What is made of an object must not depend on an API server having checked it.
func FuzzObjects(f *testing.F) {
	for _, seed := range []string{
		`{"metadata":{"name":"p","uid":"u","deletionTimestamp":"2026-11-23T10:00:00Z","deletionGracePeriodSeconds":-1},"spec":{` +
			`"initContainers":[{"name":"i","restartPolicy":"Always"}],"containers":[{"name":"c","ports":[{"name":"http","containerPort":80}],` +
			`"livenessProbe":{"exec":{"command":["true"]},"periodSeconds":-5},"readinessProbe":{"httpGet":{"port":"http"}},"startupProbe":{"grpc":{"port":1}}}]},` +
			`"status":{"conditions":[{"type":"Ready","status":"True"}],"initContainerStatuses":[{"name":"i","state":{"terminated":{"signal":9}}}],` +
			`"containerStatuses":[{"name":"c","restartCount":-1,"lastState":{"terminated":{"exitCode":137}},"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}}`,
		`{"involvedObject":{"fieldPath":"spec.containers{app}"},"count":-3,"series":{"count":2},"metadata":{"resourceVersion":"-1"}}`,
		`{"involvedObject":{"fieldPath":"spec.containers{"},"lastTimestamp":"0001-01-01T00:00:00Z"}`,
		`{"endpoints":[{"addresses":[],"conditions":{}},{"addresses":["10.0.0.1"],"targetRef":{"kind":"Pod","name":"p"}},{}]}`,
		`{"spec":{"replicas":-1,"selector":{}},"status":{"availableReplicas":3}}`,
		`{"spec":{"selector":{"matchLabels":{"a":"b"}}}}`, `{}`, `null`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var pod corev1.Pod
		if json.Unmarshal(data, &pod) == nil {
			p := convertPod(&pod)
			// Sidecars follow the regular containers.
			if least := len(pod.Spec.Containers); len(p.Containers) < least || len(p.Containers) > least+len(pod.Spec.InitContainers) {
				t.Errorf("%d containers of %d, and %d init containers", len(p.Containers), least, len(pod.Spec.InitContainers))
			}
			for _, c := range p.Containers {
				if len(c.Message) > maxText+8 || len(c.Reason) > maxText+8 {
					t.Errorf("a text of %d bytes", len(c.Message)+len(c.Reason))
				}
			}
		}
		var event corev1.Event
		if json.Unmarshal(data, &event) == nil {
			if e := convertEvent(&event); e.Last.Before(e.First) || e.Count < 1 || len(e.Message) > maxText+8 {
				t.Errorf("got %+v", e)
			}
		}
		var slice discoveryv1.EndpointSlice
		if json.Unmarshal(data, &slice) == nil {
			convertSlice(&slice)
		}
		var deployment appsv1.Deployment
		if json.Unmarshal(data, &deployment) == nil {
			convertDeployment(&deployment)
		}
	})
}

// However a text arrives, it comes to the same, and its lists have as many elements as the decoder finds.
func FuzzMeter(f *testing.F) {
	for _, seed := range []string{`{"items":[{},{"a":[1,"]",null]},[]]}`, `"\"[,"`, `[[[[]]]]`, "{}\n{}", `}]{"a`, "\x00", strings.Repeat("[", maxDepth+1)} {
		f.Add([]byte(seed), uint(3))
	}
	f.Fuzz(func(t *testing.T, data []byte, at uint) {
		whole := newMeter(unlimited, unlimited)
		cost, err := whole.add(data)
		cut := int(at % uint(len(data)+1))
		parts := newMeter(unlimited, unlimited)
		before, errBefore := parts.add(data[:cut])
		if errBefore == nil {
			after, errAfter := parts.add(data[cut:])
			before, errBefore = before+after, errAfter
		}
		if (err == nil) != (errBefore == nil) || err == nil && cost != before {
			t.Errorf("comes to %d, %v at once and %d, %v in two", cost, err, before, errBefore)
		}
		var text any
		if err != nil || json.Unmarshal(data, &text) != nil || !noTwice(data) {
			return
		}
		objects := 0
		if trimmed := bytes.TrimSpace(data); trimmed[0] == '{' || trimmed[0] == '[' {
			objects = 1
		}
		if want := len(data) + elements(text)*elementCost + objects*objectCost; cost != want {
			t.Errorf("comes to %d, want %d", cost, want)
		}
	})
}

// elements counts those of all lists in a JSON text; an empty list counts as one.
func elements(text any) int {
	n := 0
	switch text := text.(type) {
	case []any:
		n = max(len(text), 1)
		for _, e := range text {
			n += elements(e)
		}
	case map[string]any:
		for _, e := range text {
			n += elements(e)
		}
	}
	return n
}

// noTwice reports whether a JSON text has as many members as are left once it is decoded.
func noTwice(data []byte) bool {
	var decoded any
	if json.Unmarshal(data, &decoded) != nil {
		return false
	}
	var count func(any) int
	count = func(text any) int {
		n := 0
		switch text := text.(type) {
		case []any:
			for _, e := range text {
				n += count(e)
			}
		case map[string]any:
			n = len(text)
			for _, e := range text {
				n += count(e)
			}
		}
		return n
	}
	colons, quoted, escaped := 0, false, false
	for _, b := range data {
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = b == '\\', b != '"'
		case b == '"':
			quoted = true
		case b == ':':
			colons++
		}
	}
	return colons == count(decoded)
}

func FuzzKubeconfig(f *testing.F) {
	for _, seed := range []string{
		twoContexts,
		strings.ReplaceAll(twoContexts, "user: {}", "user: {tokenFile: /dev/zero}"),
		strings.ReplaceAll(twoContexts, "user: {}", "user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: yes, interactiveMode: Never}}"),
		"a: &a [*a]", "contexts: [{name: x, context: }]\ncurrent-context: x",
		"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n",
		strings.Repeat("[", 20000), strings.Repeat("{a: ", 5000), "clusters: [null]\nusers: [null]\ncontexts: [null]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "config")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		contexts, err := Contexts(path)
		if err != nil {
			told(t, err, "")
			return
		}
		for i, one := range contexts {
			if i > 10 {
				break
			}
			c, err := Open(Config{Kubeconfig: path, Context: one.Name})
			if err != nil {
				told(t, err, "")
				continue
			}
			c.Close()
		}
	})
}

func FuzzCompletion(f *testing.F) {
	f.Add("pods\tthe pods\nservices\n:4\n", "po")
	f.Add("a\n:0", "--flag=a")
	f.Add("yaml\nyml\n:8", "x")
	f.Add(":16", "~/")
	f.Add("", "")
	f.Add(":99999999999999999999", "-")
	f.Fuzz(func(t *testing.T, output, word string) {
		if strings.Contains(word, "/") {
			return // names of files are the machine's
		}
		for _, c := range completionOf(output, word).Candidates {
			lead, _, flag := strings.Cut(word, "=")
			if answered := strings.TrimPrefix(c.Word, lead+"="); !flag && strings.ContainsFunc(answered, unicode.IsControl) {
				t.Errorf("candidate %q", c.Word)
			}
		}
	})
}

func FuzzLogLine(f *testing.F) {
	f.Add("2026-11-23T10:00:00.5Z a line")
	f.Add("no stamp")
	f.Add(" ")
	f.Fuzz(func(t *testing.T, line string) {
		if got := parseLogLine(line); got.At.IsZero() && got.Text != line && !strings.HasPrefix(line, "0001-01-01T00:00:00") {
			t.Errorf("%q became %+v", line, got)
		}
	})
}

// What comes instead of a handshake, or after it, is sorted into something to say.
func FuzzHandshake(f *testing.F) {
	for _, seed := range []string{
		"SSH-2.0-OpenSSH_9.6\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}\n",
		"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"gitVersion\":\"v1.37.2\"}", "\x15\x03\x03\x00\x02\x02\x2a", "\x16\x03\x03\xff\xff", "",
		"HTTP/1.1 302 Found\r\nLocation: http://[::1/\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b",
	} {
		f.Add([]byte(seed))
	}
	cert, key := certificate(f, "kim", time.Now().Add(time.Hour))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, scheme := range []string{"http", "https"} {
			c, err := Open(Config{Kubeconfig: kubeconfig(t, clientcmdapi.Cluster{Server: scheme + "://192.0.2.1", InsecureSkipTLSVerify: true},
				clientcmdapi.AuthInfo{ClientCertificateData: cert, ClientKeyData: key})})
			if err != nil {
				t.Fatal(err)
			}
			var talk sync.WaitGroup
			c.rest.Dial = func(context.Context, string, string) (net.Conn, error) {
				near, far := net.Pipe()
				talk.Go(func() { _, _ = io.Copy(io.Discard, far) })
				talk.Go(func() {
					_, _ = far.Write(data)
					_ = far.Close()
				})
				return near, nil
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			err = c.whyBroken(ctx, io.EOF)
			cancel()
			talk.Wait()
			if said := reason(c.info.Server, err); said.Ko == "" || said.En == "" || !utf8.ValidString(said.En) {
				t.Errorf("%v is told as %+v", err, said)
			}
			c.Close()
		}
	})
}
