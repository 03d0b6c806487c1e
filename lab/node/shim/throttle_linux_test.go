package shim

import (
	"os"
	"runtime"
	"testing"
	"time"

	"healthlab/lab/node/sandbox"
)

// What a container may not use of the processors takes it longer: how much longer is only bounded from below, since a busy
// machine is slow as well.
func TestLimitOfCPUIsKept(t *testing.T) {
	p := newPod(t, newRuntime(t, Config{}), "10.244.0.2")
	begun := time.Now()
	c := start(t, p, sandbox.ContainerConfig{CPUMillis: 200}, "burn", "300ms")
	if x := ends(t, c); x.Code != 0 {
		t.Fatalf("%+v", x)
	}
	if took := time.Since(begun); took < time.Second {
		t.Errorf("300 ms of work at a fifth of a processor took %v", took)
	}
}

func burn(most time.Duration) {
	for cpuTime(os.Getpid()) < most {
		for n := range 1000 {
			runtime.KeepAlive(n)
		}
	}
}
