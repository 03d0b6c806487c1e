package images

import "healthlab/lab/node/sandbox"

func pause() *sandbox.Image {
	return &sandbox.Image{
		Name:       "registry.k8s.io/pause",
		Aliases:    []string{"k8s.gcr.io/pause", "gcr.io/google-containers/pause", "registry.k8s.io/e2e-test-images/pause"},
		Does:       "waits until it is told to end; no shell",
		Size:       320_000,
		Entrypoint: []string{"/pause"},
		Programs:   map[string]sandbox.Program{"/pause": sandbox.Pause},
	}
}
