package images

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"time"

	"healthlab/lab/node/sandbox"
)

const httpEchoVersion = "1.0.0"

func httpEcho() *sandbox.Image {
	return &sandbox.Image{
		Name:       "docker.io/hashicorp/http-echo",
		Does:       sandbox.Text{Ko: "5678번 포트의 HTTP. -text의 글로 답하고, /health가 있습니다", En: "HTTP on 5678, answers with the text of -text; /health"},
		Size:       3_000_000,
		Entrypoint: []string{"/http-echo"},
		Programs:   map[string]sandbox.Program{"/http-echo": runHTTPEcho},
	}
}

// runHTTPEcho has no shell beside it, as in the original, whose flags are Go's.
func runHTTPEcho(ctx context.Context, p *sandbox.Process) int {
	flags := flag.NewFlagSet(p.Args[0], flag.ContinueOnError)
	flags.SetOutput(p.Stderr)
	listen := flags.String("listen", ":5678", "address and port to listen")
	text := flags.String("text", "", "text to put on the webpage")
	status := flags.Int("status-code", 200, "http response code, e.g.: 200")
	version := flags.Bool("version", false, "display version information")
	switch err := flags.Parse(p.Args[1:]); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case *version:
		fmt.Fprintf(p.Stderr, "http-echo v%s\n", httpEchoVersion)
		return 0
	}
	body := or(*text, p.Getenv("ECHO_TEXT"))
	switch {
	case body == "":
		fmt.Fprintln(p.Stderr, "Missing -text option or ECHO_TEXT env var!")
		return 127
	case flags.NArg() > 0:
		fmt.Fprintln(p.Stderr, "Too many arguments!")
		return 127
	}
	answer := func(code int, body string, log bool) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			began := time.Now()
			w.Header().Set("X-App-Name", "http-echo")
			w.Header().Set("X-App-Version", httpEchoVersion)
			w.WriteHeader(code)
			_, _ = fmt.Fprintln(w, body)
			if log {
				fmt.Fprintf(p.Stdout, "%s %s %s \"%s %s %s\" %d %d %q %v\n", began.UTC().Format("2006/01/02 15:04:05"), r.Host, r.RemoteAddr,
					r.Method, r.URL.Path, r.Proto, code, len(body)+1, r.UserAgent(), time.Since(began))
			}
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", answer(*status, body, true))
	mux.HandleFunc("/health", answer(http.StatusOK, `{"status":"ok"}`, false))
	say := func(w io.Writer, format string, args ...any) {
		fmt.Fprintf(w, time.Now().UTC().Format("2006/01/02 15:04:05")+" "+format+"\n", args...)
	}
	// Before it answers anybody: PID 1 ignores a signal that it does not wait for.
	signals := p.Notify(sandbox.SIGINT, sandbox.SIGTERM)
	s, err := serve(ctx, p, *listen, mux)
	if err != nil {
		say(p.Stderr, "[ERR] server exited with: %s", err)
		return 1
	}
	defer s.close()
	say(p.Stderr, "[INFO] server is listening on %s", *listen)
	select {
	case sig := <-signals:
		name := map[sandbox.Signal]string{sandbox.SIGINT: "interrupt", sandbox.SIGTERM: "terminated"}[sig]
		say(p.Stderr, "[INFO] received signal: %s, shutting down", name)
		s.drain(ctx)
	case <-ctx.Done():
	}
	return 0
}
