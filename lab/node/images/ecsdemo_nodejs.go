package images

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"math"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"healthlab/lab/node/sandbox"
)

func ecsdemoNodejs() *sandbox.Image {
	return &sandbox.Image{
		Name: "docker.io/brentley/ecsdemo-nodejs",
		Does: sandbox.Text{
			Ko: "3000번 포트의 HTTP와 /health. SIGUSR1을 받으면 멈춥니다",
			En: "HTTP on 3000 with /health; SIGUSR1 makes it hang",
		},
		Size: 41_169_801,
		Env: []string{
			"NODE_VERSION=20.18.0", "PORT=3000",
			"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		},
		Entrypoint: []string{"node"},
		Cmd:        []string{"server.js"},
		Dir:        "/usr/src/app",
		Files: files(map[string]string{
			"/usr/src/app/server.js":    "// The program is built into healthlab.\n",
			"/usr/src/app/package.json": "{\n  \"name\": \"ecsdemo-nodejs\",\n  \"main\": \"server.js\"\n}\n",
		}),
		Programs: withTools(map[string]sandbox.Program{"/usr/local/bin/node": node}),
	}
}

// nodeApp is the image's Express application with morgan's "combined" log.
type nodeApp struct {
	p       *sandbox.Process
	started time.Time
	debug   <-chan sandbox.Signal

	mu   sync.Mutex
	hung bool // the event loop is blocked
}

// node runs the application. It has no handler for SIGTERM, so as PID 1 it ignores it, like the original. SIGUSR1
// starts node's debugger, which here, as in the guide, leaves the event loop blocked: connections are accepted by the
// kernel and nothing answers.
func node(ctx context.Context, p *sandbox.Process) int {
	if len(p.Args) > 1 && (p.Args[1] == "--version" || p.Args[1] == "-v") {
		fmt.Fprintln(p.Stdout, "v20.18.0")
		return 0
	}
	port := p.Getenv("PORT")
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		port = "3000"
	}
	s, err := serve(ctx, p, ":"+port, &nodeApp{p: p, started: time.Now(), debug: p.Notify(sandbox.SIGUSR1)})
	if err != nil {
		fmt.Fprintf(p.Stderr, "Error: listen EADDRINUSE: address already in use :::%s\n", port)
		return 1
	}
	defer s.close()
	fmt.Fprintf(p.Stdout, "Example app listening on port %s!\n", port)
	<-ctx.Done()
	return 0
}

// blocked reports whether the event loop is blocked: from the very moment of the signal, so no request slips through.
func (a *nodeApp) blocked() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	select {
	case <-a.debug:
		a.hung = true
	default:
	}
	return a.hung
}

func (a *nodeApp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if a.blocked() {
		<-r.Context().Done() // the client gives up, or the process ends
		panic(http.ErrAbortHandler)
	}
	rec := &recorder{ResponseWriter: w}
	w.Header().Set("X-Powered-By", "Express")
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		a.notFound(rec, r)
	case r.URL.Path == "/health":
		uptime := math.Round(time.Since(a.started).Seconds()*1000) / 1000
		body, _ := json.Marshal(map[string]float64{"uptime": uptime}) // a number always marshals
		a.send(rec, http.StatusOK, "application/json; charset=utf-8", string(body))
	case r.URL.Path == "/":
		a.send(rec, http.StatusOK, "text/html; charset=utf-8", "Node.js backend: Hello! from "+a.p.Hostname())
	default:
		a.notFound(rec, r)
	}
	client := peer(r)
	if ip := net.ParseIP(client); ip.To4() != nil {
		client = "::ffff:" + client // a dual-stack socket's form of an IPv4 address
	}
	fmt.Fprintf(a.p.Stdout, "%s - - [%s] \"%s %s %s\" %d %s %q %q\n", client, time.Now().UTC().Format(logDate),
		r.Method, r.RequestURI, r.Proto, rec.status, rec.Header().Get("Content-Length"),
		orDash(r.Referer()), orDash(r.UserAgent()))
}

func (a *nodeApp) notFound(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	a.send(w, http.StatusNotFound, "text/html; charset=utf-8", "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"+
		"<meta charset=\"utf-8\">\n<title>Error</title>\n</head>\n<body>\n<pre>Cannot "+
		html.EscapeString(r.Method+" "+r.URL.Path)+"</pre>\n</body>\n</html>\n")
}

func (a *nodeApp) send(w http.ResponseWriter, status int, kind, body string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body)) // a client that is gone is no concern of the app's
}
