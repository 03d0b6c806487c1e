package images

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"

	"healthlab/lab/node/sandbox"
)

func kubia() *sandbox.Image {
	return kubiaImage("docker.io/luksa/kubia", sandbox.Text{
		Ko: "8080번 포트의 HTTP. 호스트 이름으로 답합니다", En: "HTTP on 8080, answers with the hostname",
	}, 0)
}

func kubiaUnhealthy() *sandbox.Image {
	return kubiaImage("docker.io/luksa/kubia-unhealthy", sandbox.Text{
		Ko: "8080번 포트의 HTTP. 여섯 번째 요청부터 500", En: "HTTP on 8080, 500 from the sixth request on",
	}, 5)
}

// kubiaImage is the Node.js application of "Kubernetes in Action". It answers so many requests and then no more; zero: all.
func kubiaImage(name string, does sandbox.Text, healthy int64) *sandbox.Image {
	return &sandbox.Image{
		Name: name, Does: does, Size: 265_000_000, Entrypoint: []string{"node", "app.js"}, Env: []string{"NODE_VERSION=7.9.0"},
		Files: files(map[string]string{"/app.js": "// The program is built into healthlab.\n"}),
		Programs: withTools(map[string]sandbox.Program{"/usr/local/bin/node": func(ctx context.Context, p *sandbox.Process) int {
			fmt.Fprintln(p.Stdout, "Kubia server starting...")
			var requests atomic.Int64
			s, err := serve(ctx, p, ":8080", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				client := peer(r)
				if ip := net.ParseIP(client); ip.To4() != nil {
					client = "::ffff:" + client
				}
				fmt.Fprintln(p.Stdout, "Received request from "+client)
				if requests.Add(1) > healthy && healthy > 0 {
					w.WriteHeader(http.StatusInternalServerError)
					_, _ = fmt.Fprint(w, "I'm not well. Please restart me!")
					return
				}
				_, _ = fmt.Fprintf(w, "You've hit %s\n", p.Hostname())
			}))
			if err != nil {
				fmt.Fprintln(p.Stderr, "Error: listen EADDRINUSE :::8080")
				return 1
			}
			defer s.close()
			<-ctx.Done() // as PID 1 it ignores SIGTERM, like node without a handler
			return 0
		}}),
	}
}
