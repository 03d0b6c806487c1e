package images

import "healthlab/lab/node/sandbox"

func alpine() *sandbox.Image {
	return &sandbox.Image{
		Name: "docker.io/library/alpine",
		Does: sandbox.Text{
			Ko: "셸과 기본 도구",
			En: "a shell with the usual small tools",
		},
		Size: 3_800_000,
		Cmd:  []string{"/bin/sh"},
		Files: files(map[string]string{
			"/etc/alpine-release": "3.22.0\n",
			"/etc/os-release":     "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.22.0\nPRETTY_NAME=\"Alpine Linux v3.22\"\n",
		}),
		Programs: withTools(nil),
	}
}
