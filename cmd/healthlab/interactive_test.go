package main

import (
	"strings"
	"testing"

	"healthlab/cmd/internal/clitest"
)

// Without a terminal, and with an input that ends at once, everything still ends in good order.
func TestInteractiveEndsWithItsInput(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	c := h.Command(t.Context(), "run", "--interactive", "liveness", "--lang", "en")
	c.Stdin = strings.NewReader("h\ng\n?\n")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Errorf("exit code %d: %v", clitest.ExitCode(err), err)
	}
	rest := string(out)
	for _, want := range []string{
		"Liveness probe, step 1 of 7: Prepare the manifest.\n",
		"The cluster is starting.",
		"Not met yet: liveness-app.yaml is in the working directory.",
		"q or quit: quit.\n",
		"End of input. Quitting.\n",
	} {
		_, after, found := strings.Cut(rest, want)
		if !found {
			t.Fatalf("%q is missing or out of order in:\n%s", want, out)
		}
		rest = after
	}
	if strings.ContainsAny(string(out), "\x1b─│┌└●○✓✗") {
		t.Errorf("drawn instead of said:\n%s", out)
	}
	if left := h.leftovers(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
