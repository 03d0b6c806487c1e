package images

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"healthlab/lab/node/sandbox"
)

func whoami() *sandbox.Image {
	return &sandbox.Image{
		Name:       "docker.io/traefik/whoami",
		Aliases:    []string{"docker.io/containous/whoami", "docker.io/emilevauge/whoami", "ghcr.io/traefik/whoami"},
		Does:       sandbox.Text{Ko: "80번 포트의 HTTP. 요청을 되돌려 주며, /health의 상태 코드를 POST로 바꿀 수 있습니다", En: "HTTP on 80, tells the request back; POST changes the status code of /health"},
		Size:       2_900_000,
		Entrypoint: []string{"/whoami"},
		Programs:   map[string]sandbox.Program{"/whoami": runWhoami},
	}
}

// whoamiServer is the state of one server.
type whoamiServer struct {
	p      *sandbox.Process
	name   string
	health atomic.Int64
}

func runWhoami(ctx context.Context, p *sandbox.Process) int {
	flags := flag.NewFlagSet(p.Args[0], flag.ContinueOnError)
	flags.SetOutput(p.Stderr)
	cert := flags.String("cert", "", "give me a certificate")
	key := flags.String("key", "", "give me a key")
	ca := flags.String("cacert", "", "give me a CA chain, enforces mutual TLS")
	port := flags.String("port", or(p.Getenv("WHOAMI_PORT_NUMBER"), "80"), "give me a port number")
	name := flags.String("name", p.Getenv("WHOAMI_NAME"), "give me a name")
	verbose := flags.Bool("verbose", false, "Enable verbose logging")
	switch err := flags.Parse(p.Args[1:]); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case *ca != "":
		fmt.Fprintln(p.Stderr, "whoami: -cacert is not built into healthlab")
		return 1
	}
	say := func(format string, args ...any) {
		fmt.Fprintf(p.Stderr, time.Now().UTC().Format("2006/01/02 15:04:05")+" "+format+"\n", args...)
	}
	s := &whoamiServer{p: p, name: *name}
	s.health.Store(http.StatusOK)
	mux := http.NewServeMux()
	mux.HandleFunc("/data", s.data)
	mux.HandleFunc("/bench", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = fmt.Fprint(w, "1")
	})
	mux.HandleFunc("/api", s.api)
	mux.HandleFunc("/health", s.answerHealth)
	mux.HandleFunc("/", s.whoami)
	e := endpoint{address: ":" + *port, handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r)
		if *verbose {
			say("%s - - [%s] \"%s %s %s\" - -", r.RemoteAddr, time.Now().UTC().Format(logDate), r.Method, r.URL.Path, r.Proto)
		}
	})}
	how := ""
	if *cert != "" && *key != "" {
		pair, err := (&agnhostCall{Process: p}).certificate(*cert, *key)
		if err != nil {
			say("%v", err)
			return 1
		}
		e.cert, how = &pair, " with TLS"
	}
	say("Starting up%s on port %s", how, *port)
	site, err := e.serve(ctx, p)
	if err != nil {
		say("%v", err)
		return 1
	}
	defer site.close()
	return goSignals(ctx, p)
}

func (s *whoamiServer) whoami(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if d, err := time.ParseDuration(q.Get("wait")); err == nil {
		waitFor(r.Context(), d)
	}
	if s.name != "" {
		_, _ = fmt.Fprintln(w, "Name:", s.name)
	}
	_, _ = fmt.Fprintf(w, "Hostname: %s\nIP: 127.0.0.1\nIP: %s\nRemoteAddr: %s\n", s.p.Hostname(), s.p.PodIP(), r.RemoteAddr)
	_ = r.Write(w) // a client that is gone is no concern of the server's
	if ok, _ := strconv.ParseBool(q.Get("env")); ok {
		for _, kv := range s.p.Env {
			_, _ = fmt.Fprintln(w, kv)
		}
	}
}

func (s *whoamiServer) api(w http.ResponseWriter, r *http.Request) {
	environ := map[string]string{}
	if ok, _ := strconv.ParseBool(r.URL.Query().Get("env")); ok {
		for _, kv := range s.p.Env {
			k, v, _ := strings.Cut(kv, "=")
			environ[k] = v
		}
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Access-Control-Allow-Methods", "*")
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(struct {
		Hostname   string            `json:"hostname,omitempty"`
		IP         []string          `json:"ip,omitempty"`
		Headers    http.Header       `json:"headers,omitempty"`
		URL        string            `json:"url,omitempty"`
		Host       string            `json:"host,omitempty"`
		Method     string            `json:"method,omitempty"`
		Name       string            `json:"name,omitempty"`
		RemoteAddr string            `json:"remoteAddr,omitempty"`
		Environ    map[string]string `json:"environ,omitempty"`
	}{s.p.Hostname(), []string{"127.0.0.1", s.p.PodIP()}, r.Header, r.URL.RequestURI(), r.Host, r.Method, s.name, r.RemoteAddr, environ})
}

func (s *whoamiServer) answerHealth(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.WriteHeader(int(s.health.Load()))
		return
	}
	var code int
	if err := json.NewDecoder(io.LimitReader(r.Body, 1<<10)).Decode(&code); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	fmt.Fprintf(s.p.Stdout, "Update health check status code [%d]\n", code)
	s.health.Store(int64(code))
}

// maxData is how much /data sends at most.
const maxData = 1 << 30

func (s *whoamiServer) data(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	size, err := strconv.ParseInt(q.Get("size"), 10, 32)
	if err != nil {
		size = 1
	}
	unit := map[string]int64{"kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40}[strings.ToLower(q.Get("unit"))]
	for left := min(max(size, 0)*max(unit, 1), maxData); left > 0; {
		n := min(left, 4096)
		if _, err := io.WriteString(w, strings.Repeat("-ABCDEFGHIJKLMNOPQRSTUVWXYZ", 152)[:n]); err != nil {
			return
		}
		left -= n
	}
}
