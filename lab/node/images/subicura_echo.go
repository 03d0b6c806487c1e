package images

import (
	"context"
	"fmt"
	"net/http"

	"healthlab/lab/node/sandbox"
)

func subicuraEcho() *sandbox.Image {
	return &sandbox.Image{
		Name:       "ghcr.io/subicura/echo",
		Does:       sandbox.Text{Ko: "3000번 포트의 HTTP. 호스트 이름으로 답합니다", En: "HTTP on 3000, answers with the hostname"},
		Size:       40_000_000,
		Entrypoint: []string{"node"},
		Cmd:        []string{"app.js"},
		Dir:        "/app",
		Files:      files(map[string]string{"/app/app.js": "// The program is built into healthlab.\n"}),
		Programs: withTools(map[string]sandbox.Program{
			"/usr/local/bin/node": runSubicuraEcho,
		}),
	}
}

func runSubicuraEcho(ctx context.Context, p *sandbox.Process) int {
	s, err := serve(ctx, p, ":3000", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintln(w, p.Hostname())
	}))
	if err != nil {
		fmt.Fprintln(p.Stderr, "Error: listen EADDRINUSE: address already in use :::3000")
		return 1
	}
	defer s.close()
	<-ctx.Done() // as PID 1 it ignores SIGTERM, like node without a handler
	return 0
}
