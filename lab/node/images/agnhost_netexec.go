package images

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/pflag"

	"healthlab/lab/node/sandbox"
)

// netexec is a server that can be asked for many things, over HTTP and UDP (test/images/agnhost/netexec/netexec.go).
type netexec struct {
	*agnhostCall
	ctx        context.Context
	port       int
	ready      atomic.Bool // the UDP server has started
	terminated chan struct{}
	exits      chan int
	shutdowns  chan shutdown
}

// shutdown is a graceful end that was asked for.
type shutdown struct {
	code    int
	timeout time.Duration
}

func agnhostNetexec(flags *pflag.FlagSet) func(context.Context, *agnhostCall) int {
	port := flags.Int("http-port", 8080, "HTTP Listen Port")
	cert := flags.String("tls-cert-file", "", "File containing an x509 certificate for HTTPS. (CA cert, if any, concatenated after server cert)")
	key := flags.String("tls-private-key-file", "", "File containing an x509 private key matching --tls-cert-file")
	udp := flags.Int("udp-port", 8081, "UDP Listen Port")
	sctp := flags.Int("sctp-port", -1, "SCTP Listen Port")
	override := flags.String("http-override", "", "Override the HTTP handler to always respond as if it were a GET with this path & params")
	addresses := flags.String("udp-listen-addresses", "", "A comma separated list of ip addresses the udp servers listen from")
	delay := flags.Int("delay-shutdown", 0, "Number of seconds to delay shutdown when receiving SIGTERM.")
	return func(ctx context.Context, c *agnhostCall) int {
		n := &netexec{agnhostCall: c, ctx: ctx, port: *port, terminated: make(chan struct{}), exits: make(chan int, 1), shutdowns: make(chan shutdown, 1)}
		signals := c.Notify(sandbox.SIGTERM)
		if *sctp != -1 {
			return c.fatal("Error occurred: failed to create listener for SCTP address :%d:protocol not supported", *sctp)
		}
		if *udp != -1 {
			stop, code := n.udp(*addresses, *udp)
			if code != 0 {
				return code
			}
			defer stop()
		}
		handler := n.handler(*override)
		e := endpoint{address: fmt.Sprintf(":%d", *port), handler: handler}
		if *cert != "" {
			pair, err := c.certificate(*cert, *key)
			if err != nil {
				return c.fatal("%v", err)
			}
			e.cert = &pair
		}
		c.log("Started HTTP server on port %d", *port)
		s, err := e.serve(ctx, c.Process)
		if err != nil {
			return c.fatal("%v", err)
		}
		defer s.close()
		return n.live(ctx, s, signals, time.Duration(*delay)*time.Second)
	}
}

// live waits for what ends the server.
func (n *netexec) live(ctx context.Context, s *site, signals <-chan sandbox.Signal, delay time.Duration) int {
	var slept <-chan time.Time
	for {
		select {
		case <-signals:
			if slept != nil {
				continue
			}
			close(n.terminated)
			if delay <= 0 {
				return 0
			}
			n.log("Sleeping %d seconds before terminating...", int(delay.Seconds()))
			timer := time.NewTimer(delay)
			defer timer.Stop()
			slept = timer.C
		case <-slept:
			return 0
		case code := <-n.exits:
			return code
		case asked := <-n.shutdowns:
			closing, cancel := context.WithTimeout(ctx, asked.timeout)
			err := s.server.Shutdown(closing)
			cancel()
			text := "<nil>"
			if err != nil {
				text = err.Error()
			}
			n.log("Graceful shutdown completed with: %s", text)
			return asked.code
		case <-ctx.Done():
			return 0
		}
	}
}

// maxNetexecBody bounds what a request may send.
const maxNetexecBody = 32 << 20

func (n *netexec) handler(override string) http.Handler {
	mux := http.NewServeMux()
	for pattern, f := range map[string]http.HandlerFunc{
		"/": n.root, "/clientip": n.clientIP, "/serverport": n.serverPort, "/header": n.header, "/dial": n.dial, "/echo": n.echo,
		"/exit": n.exit, "/healthz": n.healthz, "/readyz": n.readyz, "/hostname": n.hostname("hostname"), "/hostName": n.hostname("hostName"),
		"/envvar": n.envvar, "/redirect": n.redirect, "/shell": n.shell, "/upload": n.upload, "/shutdown": n.shutdown,
	} {
		mux.HandleFunc(pattern, f)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if override != "" {
			other, err := http.NewRequestWithContext(r.Context(), http.MethodGet, override, nil)
			if err != nil {
				http.Error(w, fmt.Sprintf("override request failed: %v", err), http.StatusInternalServerError)
				return
			}
			r = other
		} else {
			r.Body = http.MaxBytesReader(w, r.Body, maxNetexecBody)
		}
		mux.ServeHTTP(w, r)
	})
}

func (n *netexec) root(w http.ResponseWriter, _ *http.Request) {
	n.log("GET /")
	_, _ = fmt.Fprintf(w, "NOW: %v", time.Now())
}

func (n *netexec) clientIP(w http.ResponseWriter, r *http.Request) {
	n.log("GET /clientip")
	_, _ = fmt.Fprint(w, r.RemoteAddr)
}

func (n *netexec) serverPort(w http.ResponseWriter, _ *http.Request) {
	n.log("GET /serverport")
	_, _ = fmt.Fprint(w, n.port)
}

func (n *netexec) header(w http.ResponseWriter, r *http.Request) {
	if key := r.FormValue("key"); key != "" {
		n.log("GET /header?key=%s", key)
		_, _ = fmt.Fprint(w, r.Header.Get(key))
		return
	}
	n.log("GET /header")
	data, _ := json.Marshal(r.Header) // strings always marshal
	_, _ = w.Write(data)
}

func (n *netexec) echo(w http.ResponseWriter, r *http.Request) {
	msg, text := r.FormValue("msg"), r.FormValue("code")
	n.log("GET /echo?msg=%s&code=%s", msg, text)
	if text != "" {
		code, err := strconv.Atoi(text)
		if err != nil {
			_, _ = fmt.Fprintf(w, "argument 'code' must be an integer or empty, got %q\n", text)
			return
		}
		w.WriteHeader(code)
	}
	_, _ = fmt.Fprint(w, msg)
}

// gone ends the process from within a request, which gets no answer.
func (n *netexec) gone(r *http.Request, code int) {
	select {
	case n.exits <- code:
	default:
	}
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

func (n *netexec) exit(w http.ResponseWriter, r *http.Request) {
	wait, timeout, code := r.FormValue("wait"), r.FormValue("timeout"), r.FormValue("code")
	n.log("GET /exit?code=%s&timeout=%s&wait=%s", code, timeout, wait)
	var ask shutdown
	var pause time.Duration
	var err error
	if ask.timeout, err = time.ParseDuration(timeout); err != nil && timeout != "" {
		_, _ = fmt.Fprintf(w, "argument 'timeout' must be a valid golang duration or empty, got %q\n", timeout)
		return
	}
	if pause, err = time.ParseDuration(wait); err != nil && wait != "" {
		_, _ = fmt.Fprintf(w, "argument 'wait' must be a valid golang duration or empty, got %q\n", wait)
		return
	}
	if ask.code, err = strconv.Atoi(code); err != nil && code != "" {
		_, _ = fmt.Fprintf(w, "argument 'code' must be an integer [0-127] or empty, got %q\n", code)
		return
	}
	n.log("Will begin shutdown in %s, allowing %s for connections to close, then will exit with %d", pause, ask.timeout, ask.code)
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-n.ctx.Done():
		return
	}
	if ask.timeout == 0 {
		n.gone(r, ask.code)
	}
	select {
	case n.shutdowns <- ask:
	default:
	}
}

func (n *netexec) shutdown(_ http.ResponseWriter, r *http.Request) {
	n.log("GET /shutdown")
	n.gone(r, 0)
}

func (n *netexec) healthz(w http.ResponseWriter, _ *http.Request) {
	n.log("GET /healthz")
	if !n.ready.Load() {
		w.WriteHeader(http.StatusPreconditionFailed)
	}
}

func (n *netexec) readyz(w http.ResponseWriter, _ *http.Request) {
	n.log("GET /readyz")
	select {
	case <-n.terminated:
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = fmt.Fprint(w, "shutting down")
	default:
		if !n.ready.Load() {
			w.WriteHeader(http.StatusPreconditionFailed)
			return
		}
		_, _ = fmt.Fprint(w, "ok")
	}
}

func (n *netexec) hostname(path string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		n.log("GET /%s", path)
		_, _ = fmt.Fprint(w, n.Hostname())
	}
}

func (n *netexec) envvar(w http.ResponseWriter, r *http.Request) {
	name := r.FormValue("var")
	if name == "" {
		http.Error(w, "'var' query parameter is required", http.StatusBadRequest)
		return
	}
	n.log("GET /envvar?var=%s", name)
	if !slices.ContainsFunc(n.Env, func(kv string) bool { return strings.HasPrefix(kv, name+"=") }) {
		http.Error(w, fmt.Sprintf("env var %q is not set", name), http.StatusInternalServerError)
		return
	}
	_, _ = fmt.Fprint(w, n.Getenv(name))
}

func (n *netexec) redirect(w http.ResponseWriter, r *http.Request) {
	location, text := r.FormValue("location"), r.FormValue("code")
	n.log("%s /redirect?msg=%s&code=%s", r.Method, location, text)
	code := http.StatusFound
	if text != "" {
		var err error
		if code, err = strconv.Atoi(text); err != nil {
			_, _ = fmt.Fprintf(w, "argument 'code' must be an integer or empty, got %q\n", text)
			return
		}
	}
	http.Redirect(w, r, location, code)
}

// shell answers with a command's output as JSON.
func (n *netexec) shell(w http.ResponseWriter, r *http.Request) {
	command := r.FormValue("shellCommand")
	if command == "" {
		command = r.FormValue("cmd")
	}
	n.log("GET /shell?cmd=%s", command)
	out := &bounded{}
	child, err := n.Start(sandbox.Command{
		Path: "/bin/sh", Args: []string{"/bin/sh", "-c", command}, Stdin: strings.NewReader(""), Stdout: out, Stderr: out,
	})
	answer := map[string]string{}
	if err == nil {
		select {
		case <-child.Done():
		case <-n.ctx.Done():
			return
		}
		if code := child.ExitCode(); code != 0 {
			err = fmt.Errorf("exit status %d", code)
		}
	}
	if text := out.take(); text != "" {
		answer["output"] = text
	}
	if err != nil {
		answer["error"] = err.Error()
	}
	n.log("Output: %s", answer)
	data, _ := json.Marshal(answer) // strings always marshal
	_, _ = w.Write(data)
}

func (n *netexec) upload(w http.ResponseWriter, r *http.Request) {
	n.log("GET /upload")
	say := func(status int, key, text string) {
		data, _ := json.Marshal(map[string]string{key: text}) // strings always marshal
		w.WriteHeader(status)
		_, _ = w.Write(data)
	}
	file, _, err := r.FormFile("file")
	if err != nil {
		say(http.StatusOK, "error", "Unable to upload file.")
		n.log("Unable to upload file: %s", err)
		return
	}
	defer file.Close()
	name := fmt.Sprintf("/uploads/upload%d", rand.Uint32()) //nolint:gosec // a name, not a secret
	to, err := n.FS().OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o700)
	if err != nil {
		say(http.StatusOK, "error", "Unable to open file for write")
		n.log("Unable to open file for write: %s", err)
		return
	}
	defer to.Close()
	if _, err := io.Copy(to, file); err != nil {
		say(http.StatusOK, "error", "Unable to write file.")
		n.log("Unable to write file: %s", err)
		return
	}
	n.log("Wrote upload to %s", name)
	say(http.StatusCreated, "output", name)
}
