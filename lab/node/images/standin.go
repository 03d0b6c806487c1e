package images

import (
	"healthlab/lab/node/images/curl"
	"healthlab/lab/node/images/standin"
	"healthlab/lab/node/sandbox"
)

// StandIn is the image that runs in place of one that is not built in, where that is asked for. It is not in Table: no
// reference names it. A container of it needs the files of its standin.Plan, and standin.Dir to write to.
func StandIn() *sandbox.Image {
	const name = "healthlab/stand-in"
	return &sandbox.Image{
		Name:       name,
		Digest:     digest(name),
		Entrypoint: []string{standin.Command, "serve"},
		Files:      files(nil),
		Programs:   withBash(withTools(map[string]sandbox.Program{standin.Command: standin.Run(selfSigned), "/usr/bin/curl": curl.Run})),
	}
}

// Runnable are all images that a container's process has to have.
func Runnable() []*sandbox.Image { return append(Table(), StandIn()) }
