package images

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"healthlab/lab/node/sandbox"
)

func deploymentStrategies() *sandbox.Image {
	return &sandbox.Image{
		Name: "docker.io/containersol/k8s-deployment-strategies",
		Does: sandbox.Text{
			Ko: "8080번 포트의 HTTP(호스트 이름과 VERSION), 8086번 포트의 /live와 /ready, 9101번 포트의 /metrics. 셸은 없습니다",
			En: "HTTP on 8080 (hostname and VERSION), /live and /ready on 8086, /metrics on 9101; no shell",
		},
		Size:     11_000_000,
		Cmd:      []string{"/app"},
		Programs: map[string]sandbox.Program{"/app": runDeploymentStrategies},
	}
}

// zerolog prints a line of the application's log; fields are JSON, each with a comma behind it.
func zerolog(w io.Writer, fields, message string) {
	text, _ := json.Marshal(message) // a text always marshals
	fmt.Fprintf(w, "{\"level\":\"info\",%s\"time\":%q,\"message\":%s}\n", fields, time.Now().UTC().Format(time.RFC3339), text)
}

// runDeploymentStrategies serves the application, its probes and its metrics on three ports (app/main.go of the original).
func runDeploymentStrategies(ctx context.Context, p *sandbox.Process) int {
	flags := flag.NewFlagSet(p.Args[0], flag.ContinueOnError)
	flags.SetOutput(p.Stderr)
	address := flags.String("listen-address", ":8080", "The address to listen on for HTTP requests.")
	probes := flags.String("probe-address", ":8086", "The address to listen on for probe requests.")
	metrics := flags.String("metrics-address", ":9101", "The address to listen on for Prometheus metrics requests.")
	switch err := flags.Parse(p.Args[1:]); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	version := p.Getenv("VERSION")
	quoted, _ := json.Marshal(version) // a text always marshals
	mark := fmt.Sprintf("\"version\":%s,", quoted)
	registry := prometheus.NewRegistry()
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "http_requests_total", Help: "A counter for requests to the wrapped handler.", ConstLabels: prometheus.Labels{"version": version},
	}, []string{"code", "method"})
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "request_duration_seconds", Help: "A histogram of latencies for requests.", Buckets: []float64{.25, .5, 1, 2.5, 5, 10},
		ConstLabels: prometheus.Labels{"version": version},
	}, []string{"code", "method"})
	registry.MustRegister(requests, duration)
	app := http.NewServeMux()
	app.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, "Host: %s, Version: %s\n", p.Hostname(), version)
	})
	counted := promhttp.InstrumentHandlerDuration(duration, promhttp.InstrumentHandlerCounter(requests, app))
	logged := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, rec := time.Now(), &recorder{ResponseWriter: w}
		counted.ServeHTTP(rec, r)
		host, _ := json.Marshal(r.Host) // a text always marshals
		zerolog(p.Stdout, fmt.Sprintf("%s\"host\":%s,\"status\":%d,\"size\":%d,\"duration_ms\":%f,", mark, host, rec.status, rec.bytes, time.Since(began).Seconds()*1000), "request")
	})
	// Before it answers anybody: PID 1 ignores a signal that it does not wait for.
	signals := p.Notify(sandbox.SIGTERM, sandbox.SIGINT)
	var server *site
	for _, s := range []struct {
		address, says string
		handler       http.Handler
	}{
		{*metrics, "Serving Prometheus metrics on port %s", promhttp.HandlerFor(registry, promhttp.HandlerOpts{})},
		{*probes, "Probe server running at %s", alive()},
		{*address, "Server started at %s", logged},
	} {
		zerolog(p.Stderr, "", fmt.Sprintf(s.says, s.address))
		one, err := serve(ctx, p, s.address, s.handler)
		if err != nil {
			zerolog(p.Stderr, "", "Listen: "+err.Error())
			return 1
		}
		defer one.close()
		server = one
	}
	select {
	case <-signals:
	case <-ctx.Done():
		return 0
	}
	zerolog(p.Stdout, mark, "Shutting down server...")
	const graceful = 5 * time.Second
	ending, cancel := context.WithTimeout(ctx, graceful)
	defer cancel()
	server.drain(ending)
	return 0
}

// alive answers /live and /ready, which nothing makes fail in the original either.
func alive() http.Handler {
	mux := http.NewServeMux()
	for name := range strings.FieldsSeq("/live /ready") {
		mux.HandleFunc("GET "+name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			_, _ = fmt.Fprintln(w, "{}")
		})
	}
	return mux
}
