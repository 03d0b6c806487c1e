package images

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"healthlab/lab/node/sandbox"
)

func etcd() *sandbox.Image {
	return &sandbox.Image{
		Name:    "registry.k8s.io/etcd",
		Aliases: []string{"quay.io/coreos/etcd", "gcr.io/etcd-development/etcd"},
		Does: sandbox.Text{
			Ko: "2379번 포트의 gRPC 헬스 체크와 /health(키-값 저장소는 없음). grpc 프로브용",
			En: "gRPC health and /health on 2379 (no key-value store), for grpc probes",
		},
		Size:       57_000_000,
		Entrypoint: []string{"etcd"},
		Programs:   map[string]sandbox.Program{"/usr/local/bin/etcd": runEtcd},
	}
}

// runEtcd answers health checks where etcd serves its clients. SIGTERM and SIGINT end it as they end etcd: by the
// signal, or as PID 1, which cannot die of one, with exit code 0.
func runEtcd(ctx context.Context, p *sandbox.Process) int {
	p.Args = append([]string{p.Args[0], ""}, p.Args[1:]...) // etcd has no subcommand
	urls := flagOr(flags(p), "listen-client-urls", "http://localhost:2379")
	checks := health.NewServer()
	server := grpc.NewServer()
	defer server.Stop()
	grpc_health_v1.RegisterHealthServer(server, checks)
	mux := http.NewServeMux()
	mux.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(w, `{"health":"true","reason":""}`)
	})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor == 2 && strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
			server.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
	say := func(text, address string) {
		fmt.Fprintf(p.Stderr, "{\"level\":\"info\",\"ts\":%q,\"caller\":\"embed/serve.go\",\"msg\":%q,\"address\":%q}\n",
			time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"), text, address)
	}
	for text := range strings.SplitSeq(urls, ",") {
		u, err := url.Parse(text)
		if err != nil || u.Port() == "" {
			fmt.Fprintf(p.Stderr, "error verifying flags, expected IP in URL for binding (%s)\n", text)
			return 1
		}
		s, err := serveMaybeTLS(ctx, p, endpoint{address: net.JoinHostPort(u.Hostname(), u.Port()), handler: handler, h2c: true}, u.Scheme == "https")
		if err != nil {
			return listenFailed(p, err)
		}
		defer s.close()
		say("serving client traffic insecurely; this is strongly discouraged!", u.Host)
	}
	select {
	case sig := <-p.Notify(sandbox.SIGTERM, sandbox.SIGINT):
		say("received signal; shutting down", sig.String())
	case <-ctx.Done():
	}
	return 0
}

// flags reads --name value and --name=value.
func flags(p *sandbox.Process) map[string]string {
	set := map[string]string{}
	args := p.Args[min(2, len(p.Args)):]
	for i := 0; i < len(args); i++ {
		name, value, given := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		if !given && i+1 < len(args) && !strings.HasPrefix(args[i+1], "-") {
			i++
			value = args[i]
		}
		set[name] = value
	}
	return set
}

func flagOr(set map[string]string, name, otherwise string) string {
	if v, ok := set[name]; ok && v != "" {
		return v
	}
	return otherwise
}
