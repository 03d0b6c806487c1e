package images

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"

	"healthlab/lab/node/sandbox"
)

func goproxy() *sandbox.Image {
	return &sandbox.Image{
		Name: "registry.k8s.io/goproxy",
		Does: sandbox.Text{
			Ko: "8080번 포트의 HTTP 프록시. tcpSocket 프로브용",
			En: "an HTTP proxy on 8080, for tcpSocket probes",
		},
		Size:       1_700_000,
		Entrypoint: []string{"/goproxy"},
		Programs:   map[string]sandbox.Program{"/goproxy": runGoproxy},
	}
}

// runGoproxy forwards plain HTTP requests within the pod network.
func runGoproxy(ctx context.Context, p *sandbox.Process) int {
	transport := &http.Transport{DialContext: p.Dial, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	s, err := serve(ctx, p, ":8080", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !r.URL.IsAbs() {
			http.Error(w, "This is a proxy server. Does not respond to non-proxy requests.", http.StatusInternalServerError)
			return
		}
		out := r.Clone(r.Context())
		out.RequestURI = ""
		resp, err := transport.RoundTrip(out)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		defer resp.Body.Close()
		maps.Copy(w.Header(), resp.Header)
		w.WriteHeader(resp.StatusCode)
		_, _ = io.Copy(w, resp.Body) // either end may leave; both know
	}))
	if err != nil {
		return listenFailed(p, err)
	}
	defer s.close()
	fmt.Fprintln(p.Stderr, "Starting to listen on :8080")
	return goSignals(ctx, p)
}
