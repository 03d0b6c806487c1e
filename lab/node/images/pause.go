package images

import "healthlab/lab/node/sandbox"

func pause() *sandbox.Image {
	return &sandbox.Image{
		Name:    "registry.k8s.io/pause",
		Aliases: []string{"registry.k8s.io/e2e-test-images/pause"},
		Does: sandbox.Text{
			Ko: "종료 신호를 받을 때까지 기다립니다. 셸은 없습니다",
			En: "waits for a signal to stop; no shell",
		},
		Size:       320_000,
		Entrypoint: []string{"/pause"},
		Programs:   map[string]sandbox.Program{"/pause": sandbox.Pause},
	}
}
