package images

import "healthlab/lab/node/sandbox"

func busybox() *sandbox.Image {
	return &sandbox.Image{
		Name: "docker.io/library/busybox",
		Aliases: []string{
			"registry.k8s.io/busybox", "registry.k8s.io/e2e-test-images/busybox", "k8s.gcr.io/busybox",
			"gcr.io/google-containers/busybox", "quay.io/prometheus/busybox",
		},
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
