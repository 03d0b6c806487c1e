//go:build unix

package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"healthlab/cmd/internal/cli"
	"healthlab/cmd/internal/clitest"
)

// askingPlugin is a credential plug-in that asks for a password, unless it has a token from before. It numbers its prompts: an
// old one is seen again when the screen is given back to it, before anybody listens.
const askingPlugin = `#!/bin/sh
kept=$HOME/kept
if [ ! -s "$kept" ]; then
  [ -t 0 ] || { echo "log in first" >&2; exit 1; }
  echo >>"$HOME/asked"
  printf 'Password %d: ' "$(wc -l <"$HOME/asked")" >&2
  read -r word || exit 1
  [ "$word" = secret ] || { echo "wrong" >&2; exit 1; }
  cp "$HOME/token" "$kept"
fi
echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'$(cat "$kept")'"}}'
`

// asks writes a kubeconfig where kubectl looks for it, whose one context needs a password.
func (h home) asks(t *testing.T, line *badLine, token string) (kubeconfig string) {
	t.Helper()
	path := line.kubeconfig(t, token)
	config, err := clientcmd.LoadFromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(h.Path, "plugin.sh")
	config.AuthInfos["kim"] = &clientcmdapi.AuthInfo{Exec: &clientcmdapi.ExecConfig{
		APIVersion: "client.authentication.k8s.io/v1", Command: script, InteractiveMode: clientcmdapi.IfAvailableExecInteractiveMode,
	}}
	config.CurrentContext = "workshop"
	kubeconfig = filepath.Join(h.Path, ".kube", "config")
	err = errors.Join(
		os.WriteFile(script, []byte(askingPlugin), 0o700), os.WriteFile(filepath.Join(h.Path, "token"), []byte(token), 0o600),
		clientcmd.WriteToFile(*config, kubeconfig),
	)
	if err != nil {
		t.Fatal(err)
	}
	return kubeconfig
}

// From the embedded cluster to one of the user's own, whose plug-in asks for a password, and out again with what was made
// there deleted.
func TestConsoleGoesToAClusterOfOnesOwn(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	kim := w.kim
	kubeconfig := kim.asks(t, w.line, w.token)
	before, err := os.ReadFile(kubeconfig)
	if err != nil {
		t.Fatal(err)
	}

	console := kim.openScreen("--lang", "en", "--namespace", "healthchecks-kim")
	console.sees("connected")
	choose := func(prompt string) {
		console.press("O")
		console.sees("kubectl's current context", "plug-in failed") // asked without a terminal
		console.press("2")
		console.sees("Nothing is written")
		console.press("y")
		console.sees(prompt)
	}
	choose("Password 1:")
	console.press("\x03")
	console.sees("What a probe is", "embedded/healthchecks-kim")
	choose("Password 2:")
	console.press("secret\r")
	console.sees("workshop/healthchecks-kim")
	console.sees("connected")
	w.admin.kubectl("", "-n", "healthchecks-kim", "run", "mine", "--image=alpine", "--labels=app.kubernetes.io/managed-by=healthlab")
	console.sees("mine ")
	console.press("q")
	console.sees("Back to the console")
	console.press("2")
	if err := console.cmd.Wait(); err != nil {
		t.Errorf("after q: %v", err)
	}
	console.await("deleted: pod/mine")
	if after, err := os.ReadFile(kubeconfig); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the kubeconfig was changed (%v)", err)
	}
	if left := kim.leftovers(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	w.end(t)
}

// With --context the plug-in asks before the console draws. What it does wrong is told in one message.
func TestConsoleLogsInFirst(t *testing.T) {
	t.Parallel()
	w := newWorkshop(t)
	kim, line := w.kim, w.line
	kim.asks(t, line, w.token)
	open := func() *testTerminal {
		return kim.openScreen("--lang", "en", "--context", "workshop", "--student", "kim")
	}

	wrong := open()
	wrong.await("Password 1:")
	wrong.press("guess\r")
	if code := clitest.ExitCode(wrong.cmd.Wait()); code != cli.ExitUsage {
		t.Errorf("exit code %d after a wrong password, want %d", code, cli.ExitUsage)
	}
	wrong.await("the credential plug-in failed")

	line.set(true, false) // a server that does not answer does not keep the console from opening
	console := open()
	console.sees("Password 2:")
	console.press("secret\r")
	console.sees("log in again: h")
	line.set(false, false)
	console.sees("connected")
	if err := os.Remove(filepath.Join(kim.Path, "kept")); err != nil {
		t.Fatal(err)
	}
	console.press("h")
	console.sees("Password 3:")
	console.press("secret\r")
	console.sees("connected")
	console.press("q")
	if err := console.cmd.Wait(); err != nil {
		t.Errorf("after q: %v", err)
	}
	w.end(t)
}
