package clitest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// asMain is the variable by which a test's own binary knows that it is to be healthlab.
const asMain = "HEALTHLAB_TEST_AS_MAIN"

// Main is for TestMain: it runs the program, which must exit, where Home.Command has started the binary, and else the tests.
func Main(m *testing.M, program func()) {
	if os.Getenv(asMain) != "" {
		program()
		return
	}
	os.Exit(m.Run())
}

// Home is a user's home directory with nothing in it.
type Home struct {
	T    testing.TB
	Path string
}

// Command is healthlab with these arguments, for a user whose home this is. When ctx ends it is interrupted as by Ctrl-C, and
// killed if it has not ended after half a minute.
func (h Home) Command(ctx context.Context, args ...string) *exec.Cmd {
	h.T.Helper()
	self, err := os.Executable()
	if err != nil {
		h.T.Fatalf("find the test binary: %v", err)
	}
	c := exec.CommandContext(ctx, self, args...)
	c.Env = append(os.Environ(), asMain+"=1", "HOME="+h.Path, "KUBECONFIG=",
		"XDG_STATE_HOME="+filepath.Join(h.Path, "state"), "XDG_CONFIG_HOME="+filepath.Join(h.Path, "config"))
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 30 * time.Second
	return c
}

// ExitCode is what a program has ended with; -1 if a signal has ended it or it never ran.
func ExitCode(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	return -1
}
