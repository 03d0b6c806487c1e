package images

import (
	"healthlab/lab/node/images/curl"
	"healthlab/lab/node/images/python"
	"healthlab/lab/node/sandbox"
)

func pythonImage() *sandbox.Image {
	programs := map[string]sandbox.Program{"/usr/bin/curl": curl.Run}
	for _, name := range []string{"python", "python3"} {
		programs["/usr/local/bin/"+name] = python.Run
	}
	for _, name := range []string{"pip", "pip3"} {
		programs["/usr/local/bin/"+name] = notBuiltIn()
	}
	return &sandbox.Image{
		Name: "docker.io/library/python",
		Does: sandbox.Text{
			Ko: "python -m http.server와 python -c의 간단한 프로그램(time, sys, os, socket, urllib, http.server 등의 일부). pip은 없습니다",
			En: "python -m http.server, and simple programs of python -c (parts of time, sys, os, socket, urllib, http.server and the like); no pip",
		},
		Size:       370_000_000,
		VersionEnv: "PYTHON_VERSION",
		Cmd:        []string{"python3"},
		Files:      files(nil),
		Programs:   withBash(withTools(programs)),
	}
}
