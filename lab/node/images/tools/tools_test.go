package tools_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"healthlab/lab/node/images"
	"healthlab/lab/node/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bed is a runtime with one pod.
type bed struct {
	t   testing.TB
	rt  *sandbox.Runtime
	pod *sandbox.Pod
}

func newBed(t testing.TB) *bed {
	t.Helper()
	rt, err := sandbox.New(sandbox.Config{Dir: filepath.Join(t.TempDir(), "run"), HostIP: "10.244.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := rt.Close(); err != nil {
			t.Error(err)
		}
	})
	pod, err := rt.RunPod(sandbox.PodConfig{Namespace: "default", Name: "web", IP: "10.244.0.7"})
	if err != nil {
		t.Fatal(err)
	}
	return &bed{t, rt, pod}
}

// start runs a container of an image.
func (b *bed) start(cfg sandbox.ContainerConfig, ref string) *sandbox.Container {
	b.t.Helper()
	image, _, err := images.Find(ref)
	if err != nil {
		b.t.Fatal(err)
	}
	cfg.Image = image
	if cfg.Name == "" {
		cfg.Name = "app"
	}
	c, err := b.pod.Create(cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := c.Start(b.ctx()); err != nil {
		b.t.Fatal(err)
	}
	return c
}

func (b *bed) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	b.t.Cleanup(cancel)
	return ctx
}
