package images

import (
	"healthlab/lab/node/images/curl"
	"healthlab/lab/node/sandbox"
)

func curlImage() *sandbox.Image {
	return &sandbox.Image{
		Name:       "docker.io/curlimages/curl",
		Aliases:    []string{"quay.io/curl/curl", "docker.io/curl/curl"},
		Does:       sandbox.Text{Ko: "curl과 셸", En: "curl and a shell"},
		Size:       8_500_000,
		Entrypoint: []string{"/entrypoint.sh"},
		Cmd:        []string{"curl"},
		Files: func() map[string]sandbox.ImageFile {
			all := files(nil)
			all["/entrypoint.sh"] = sandbox.ImageFile{Mode: 0o755, Data: []byte("#!/bin/sh\nset -e\n\n" +
				"# an option, or something that is no program, is for curl\nif [ \"${1#-}\" != \"${1}\" ] || [ -z \"$(command -v \"${1}\")\" ]; then\n" +
				"  set -- curl \"$@\"\nfi\n\nexec \"$@\"\n")}
			return all
		}(),
		Programs: withTools(map[string]sandbox.Program{"/usr/bin/curl": curl.Run}),
	}
}
