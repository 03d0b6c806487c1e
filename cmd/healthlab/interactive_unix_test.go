//go:build linux || darwin

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	xterm "github.com/charmbracelet/x/term"
	"golang.org/x/sys/unix"
)

// On a terminal, what happens waits while a line is typed, an editor has the keyboard to itself, and the terminal is in the
// end what it was.
func TestInteractiveOnATerminal(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	editor := filepath.Join(h.Path, "editor")
	script := "#!/bin/sh\nread -r line\necho \"the editor got: $line\"\nsed -i.bak 's/periodSeconds: 5/periodSeconds: 4/' \"$1\"\n"
	if err := os.WriteFile(editor, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	c := h.Command(t.Context(), "run", "--interactive", "liveness", "--lang", "en")
	c.Env = append(c.Env, "KUBE_EDITOR="+editor)
	term := h.open(c)
	term.await("Connected to cluster healthlab.")
	term.press("r\n")
	term.await("Press Enter for the next step: Deploy the pod.")
	term.press("\n")
	term.await("step 2 of 7: Deploy the pod.")
	term.press("\nhere")
	for _, until := range [][]string{{"create", "namespace/healthchecks"}, {"create", "pod/liveness-app"}, {"condition=Ready", "pod/liveness-app"}} {
		h.kubectl("", "wait", "-n", "healthchecks", "--timeout=60s", "--for="+until[0], until[1])
	}
	term.await("here")
	if !strings.HasSuffix(term.output(), "here") {
		t.Errorf("the line being typed was torn apart:\n%s", tail(term.output(), 500))
	}
	term.press("\n")
	term.await("liveness-app: ready")
	term.await("You are in Liveness probe, step 2 of 7, Deploy the pod.")
	term.await("Press Enter for the next step: Read the events.") // no command is running any more
	term.press("e\nfor the editor\n")
	term.await("the editor got: for the editor")
	term.await("added:       periodSeconds: 4")
	term.press("\n")
	term.await("Nothing was done.")
	term.press("ㅂ\n") // q with the Korean input method on
	if err := c.Wait(); err != nil {
		t.Errorf("after q: %v", err)
	}
	if strings.Contains(term.output(), "\x1b") {
		t.Errorf("drawn instead of said:\n%q", term.output())
	}
	mode, err := xterm.GetState(term.tty.Fd())
	if err != nil {
		t.Fatalf("read the terminal's mode: %v", err)
	}
	if mode.Lflag&unix.ECHO == 0 || mode.Lflag&unix.ICANON == 0 {
		t.Error("the terminal shows nothing that is typed any more")
	}
	if left := h.leftovers(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
