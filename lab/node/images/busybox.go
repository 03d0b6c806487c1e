package images

import "healthlab/lab/node/sandbox"

func busybox() *sandbox.Image {
	return &sandbox.Image{
		Name: "docker.io/library/busybox",
		Does: sandbox.Text{
			Ko: "셸과 기본 도구",
			En: "a shell with the usual small tools",
		},
		Size:     2_200_000,
		Cmd:      []string{"sh"},
		Files:    files(nil),
		Programs: withTools(nil),
	}
}
