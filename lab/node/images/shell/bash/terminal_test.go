package bash_test

import (
	"io"
	"strings"
	"testing"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

// TestTerminal types at bash's prompt.
func TestTerminal(t *testing.T) {
	c := idle(t)
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	ended := make(chan int, 1)
	ctx := imagetest.Context(t)
	go func() {
		code, err := c.Exec(ctx, sandbox.ExecConfig{Command: []string{"bash"}, Stdin: inR, Stdout: outW, TTY: true})
		if err != nil {
			t.Error(err)
		}
		_ = outW.Close()
		_ = inR.Close()
		ended <- code
	}()
	seen := ""
	expect := func(text string) {
		t.Helper()
		var b [1]byte
		for !strings.HasSuffix(seen, text) {
			if n, err := outR.Read(b[:]); err != nil {
				t.Fatalf("%v after %q, without %q", err, seen, text)
			} else {
				seen += string(b[:n])
			}
		}
		seen = ""
	}
	steps := []struct{ typed, shown string }{
		{"", "root@web:/# "},
		{"a=(1 2); echo ${a[1]} $-\r", "2 himBHs\r\nroot@web:/# "},
		{"nosuch\r", "bash: nosuch: command not found\r\nroot@web:/# "},
		{"cd /tmp; echo $((1/0))\r", "bash: 1/0: division by 0 (error token is \"0\")\r\nroot@web:/tmp# "},
		{"echo $?\r", "\r\n1\r\nroot@web:/tmp# "},
		{"for i in 1 2\r", "> "},
		{"do echo $i; done\r", "1\r\n2\r\nroot@web:/tmp# "},
		{"f() { nosuch; }; f\r", "bash: nosuch: command not found\r\nroot@web:/tmp# "},
		{"cat <<E\r", "> "},
		{"x\r", "> "},
		{"E\r", "x\r\nroot@web:/tmp# "},
		{"if )\r", "bash: syntax error near unexpected token `)'\r\nroot@web:/tmp# "},
		{"sleep 1000\r", "sleep 1000\r\n"},
		{"\x03", "^C\r\nroot@web:/tmp# "},
		{"f() { local x=1; while :; do :; done; }; f\r", "; f\r\n"},
		{"\x03", "root@web:/tmp# "},
		{"echo ${x-none} $?\r", "\r\nnone 130\r\nroot@web:/tmp# "},
		{"read y\r", "read y\r\n"},
		{"typed\r", "root@web:/tmp# "},
		{"alias g='echo aliased'\r", "root@web:/tmp# "},
		{"g $y\r", "\r\naliased typed\r\nroot@web:/tmp# "},
		{"PS1='\\w> '\r", "/tmp> "},
		{"set -e; false\r", ""},
	}
	for _, s := range steps {
		if _, err := io.WriteString(inW, s.typed); err != nil {
			t.Fatal(err)
		}
		expect(s.shown)
	}
	go func() { _, _ = io.Copy(io.Discard, outR) }()
	if code := <-ended; code != 1 {
		t.Errorf("exit %d", code)
	}
	_ = outR.Close()
	_ = inW.Close()
}
