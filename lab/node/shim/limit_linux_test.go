//go:build !race

package shim

import (
	"io"
	"testing"

	"healthlab/lab/node/sandbox"
)

func TestMemoryTakenAtOnce(t *testing.T) {
	p := newPod(t, newRuntime(t, Config{}), "10.244.0.2")
	c := start(t, p, sandbox.ContainerConfig{MemoryBytes: 64 << 20}, "gulp")
	if x := ends(t, c); x.Code != 137 || x.Reason != sandbox.ReasonOOMKilled {
		t.Errorf("%+v", x)
	}
}

// TestGarbageCounts has two containers whose memory is within the bound of all together, but not with the garbage that
// they have not collected yet.
func TestGarbageCounts(t *testing.T) {
	victims := make(chan string, 10)
	r := newRuntime(t, Config{MemoryBytes: 160 << 20, DefaultBytes: 1 << 30, OutOfMemory: func(v string) { victims <- v }})
	for _, ip := range []string{"10.244.0.2", "10.244.0.3"} {
		c := start(t, newPod(t, r, ip), sandbox.ContainerConfig{}, "wait")
		said, done := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(done)
			_, _ = c.Exec(t.Context(), sandbox.ExecConfig{Command: []string{"litter", "40"}, Stdout: writerFunc(func(b []byte) (int, error) {
				close(said)
				return io.Discard.Write(b)
			})})
		}()
		defer func() { <-done }()
		defer func() { _ = c.Signal(sandbox.SIGKILL) }()
		<-said
	}
	start(t, newPod(t, r, "10.244.0.4"), sandbox.ContainerConfig{}, "keep", "30")
	if v := <-victims; v == "" {
		t.Error("nobody was named")
	}
}
