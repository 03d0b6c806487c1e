//go:build !race

package shim

import (
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
