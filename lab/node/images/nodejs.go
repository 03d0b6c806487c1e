package images

import (
	"context"
	"fmt"
	"path"

	"healthlab/lab/node/images/curl"
	"healthlab/lab/node/images/nodejs"
	"healthlab/lab/node/sandbox"
)

func nodeImage() *sandbox.Image {
	image := &sandbox.Image{
		Name: "docker.io/library/node",
		Does: sandbox.Text{
			Ko: "node -e와 CommonJS 파일(http, net, fs 등의 일부). npm은 없습니다",
			En: "node -e and files of CommonJS (parts of http, net, fs and the like); no npm",
		},
		Size:       390_000_000,
		VersionEnv: "NODE_VERSION",
		Entrypoint: []string{"docker-entrypoint.sh"},
		Cmd:        []string{"node"},
		Files:      files(nil),
		Programs: withBash(withTools(map[string]sandbox.Program{
			"/usr/bin/curl": curl.Run, "/usr/local/bin/node": nodejs.Run, "/usr/local/bin/nodejs": nodejs.Run,
			"/usr/local/bin/npm": notBuiltIn(), "/usr/local/bin/npx": notBuiltIn(), "/usr/local/bin/yarn": notBuiltIn(),
		})),
	}
	image.Files["/usr/local/bin/docker-entrypoint.sh"] = sandbox.ImageFile{Mode: 0o755, Data: []byte("#!/bin/sh\nset -e\n\n" +
		"# an option, or something that is no program, is for node\nif [ \"${1#-}\" != \"${1}\" ] || [ -z \"$(command -v \"${1}\")\" ] || { [ -f \"${1}\" ] && ! [ -x \"${1}\" ]; }; then\n  set -- node \"$@\"\nfi\n\nexec \"$@\"\n")}
	return image
}

// notBuiltIn is a program that the real image has, which needs a registry of packages.
func notBuiltIn() sandbox.Program {
	return func(_ context.Context, p *sandbox.Process) int {
		fmt.Fprintf(p.Stderr, "%s is not built into healthlab: it needs a registry\n", path.Base(p.Args[0]))
		return 1
	}
}
