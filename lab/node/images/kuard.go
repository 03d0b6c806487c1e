package images

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"healthlab/lab/node/sandbox"
)

func kuard() *sandbox.Image {
	return &sandbox.Image{
		Name:     "gcr.io/kuar-demo/kuard-amd64",
		Aliases:  []string{"gcr.io/kuar-demo/kuard", "gcr.io/kuar-demo/kuard-arm64"},
		Does:     sandbox.Text{Ko: "8080번 포트의 HTTP. /healthy와 /ready를 API로 실패하게 할 수 있습니다", En: "HTTP on 8080; its API makes /healthy and /ready fail"},
		Size:     11_000_000,
		Cmd:      []string{"/kuard"},
		Files:    files(nil),
		Programs: withTools(map[string]sandbox.Program{"/kuard": runKuard}),
	}
}

// kuardProbe is one of the two probes that can be made to fail.
type kuardProbe struct {
	mu      sync.Mutex
	last    int
	fails   int // how often it still fails; negative: for ever
	history []kuardAttempt
}

type kuardAttempt struct {
	ID   int       `json:"id"`
	When time.Time `json:"when"`
	Code int       `json:"code"`
}

// kuardHistory is how many attempts it remembers.
const kuardHistory = 20

func (k *kuardProbe) handle(w http.ResponseWriter, _ *http.Request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	status, message := http.StatusOK, "ok"
	switch {
	case k.fails > 0:
		k.fails--
		status, message = http.StatusInternalServerError, fmt.Sprintf("fail, %d left", k.fails)
	case k.fails < 0:
		status, message = http.StatusInternalServerError, "fail, permanent"
	}
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(status)
	_, _ = fmt.Fprint(w, message)
	k.last++
	k.history = append(k.history, kuardAttempt{k.last, time.Now().UTC(), status})
	k.history = k.history[max(0, len(k.history)-kuardHistory):]
}

func (k *kuardProbe) api(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPut {
		var config struct {
			FailNext int `json:"failNext"`
		}
		if err := json.NewDecoder(io.LimitReader(r.Body, 1<<10)).Decode(&config); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		k.mu.Lock()
		k.fails = config.FailNext
		k.mu.Unlock()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"failNext": k.fails, "history": k.history})
}

func runKuard(ctx context.Context, p *sandbox.Process) int {
	flags := pflag.NewFlagSet("kuard", pflag.ContinueOnError)
	flags.SetOutput(p.Stderr)
	address := flags.String("address", ":8080", "The address to serve on")
	flags.Bool("debug", false, "Debug/devel mode")
	for _, other := range []string{"keygen-enable", "tls-address", "tls-dir", "debug-rootdir"} {
		flags.String(other, "", "not built into healthlab")
	}
	if err := flags.Parse(p.Args[1:]); err != nil {
		fmt.Fprintln(p.Stderr, err)
		return 2
	}
	say := func(format string, args ...any) {
		fmt.Fprintf(p.Stderr, time.Now().UTC().Format("2006/01/02 15:04:05")+" "+format+"\n", args...)
	}
	healthy, ready := &kuardProbe{}, &kuardProbe{}
	mux := http.NewServeMux()
	mux.HandleFunc("/healthy", healthy.handle)
	mux.HandleFunc("/healthy/api", healthy.api)
	mux.HandleFunc("/ready", ready.handle)
	mux.HandleFunc("/ready/api", ready.api)
	mux.HandleFunc("/env/api", func(w http.ResponseWriter, _ *http.Request) {
		env := map[string]string{}
		for _, kv := range p.Env {
			k, v, _ := strings.Cut(kv, "=")
			env[k] = v
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"commandLine": p.Args, "env": env})
	})
	mux.HandleFunc("/fs/", func(w http.ResponseWriter, r *http.Request) {
		inner := *r.URL
		inner.Path = strings.TrimPrefix(r.URL.Path, "/fs")
		serveTree(w, &http.Request{Method: r.Method, URL: &inner, Header: r.Header}, p)
	})
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) {
		dump, _ := httputil.DumpRequest(r, false) // what cannot be shown is left out
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, "<!doctype html>\n<html lang=\"en\">\n<head><title>KUAR Demo</title></head>\n<body>\n<h1>Demo application</h1>\n"+
			"<p>Hostname: %s</p>\n<p>Addresses: %s</p>\n<pre>%s</pre>\n</body>\n</html>\n", html.EscapeString(p.Hostname()), p.PodIP(), html.EscapeString(string(dump)))
	})
	s, err := serve(ctx, p, *address, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		say("%s %s %s", r.RemoteAddr, r.Method, r.URL)
		mux.ServeHTTP(w, r)
	}))
	if err != nil {
		say("%v", err)
		return 1
	}
	defer s.close()
	say("Starting kuard version: v0.10.0-blue")
	say("Serving on HTTP on %s", *address)
	return goSignals(ctx, p)
}
