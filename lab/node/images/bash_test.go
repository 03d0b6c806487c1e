package images_test

import (
	"testing"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

// TestBash is where the real images have it, and ash elsewhere refuses what is bash's.
func TestBash(t *testing.T) {
	b := imagetest.New(t)
	nginx := b.Start(t, "nginx", sandbox.ContainerConfig{Command: []string{"sleep", "3600"}})
	tests := []struct {
		script, out, errs string
		code              int
	}{
		{script: "for f in a b; do echo $f | tr a-z A-Z; done", out: "A\nB\n"},
		{script: "[[ -f /etc/passwd && abc == a* ]] && echo yes", out: "yes\n"},
		{script: "foo", errs: "bash: line 1: foo: command not found\n", code: 127},
		{script: "(foo)", errs: "bash: line 1: foo: command not found\n", code: 127},
		{script: "/none/foo", errs: "bash: line 1: /none/foo: No such file or directory\n", code: 127},
		{script: "/etc/passwd", errs: "bash: line 1: /etc/passwd: Permission denied\n", code: 126},
		{script: "echo {1..3} {a,b}; a=(1 2); echo ${#a[@]} ${a[1]}; x=up; echo ${x^^}", out: "1 2 3 a b\n2 2\nUP\n"},
		{script: "</dev/tcp/127.0.0.1/1", errs: "bash: connect: Connection refused\nbash: line 1: /dev/tcp/127.0.0.1/1: Connection refused\n", code: 1},
		{script: "coproc cat", errs: "bash: line 1: coproc is not built into healthlab's bash\n", code: 1},
	}
	for _, tt := range tests {
		out, errs, code := imagetest.Exec(t, nginx, "", "bash", "-c", tt.script)
		if out != tt.out || errs != tt.errs || code != tt.code {
			t.Errorf("%s\n got %q, %q, %d\nwant %q, %q, %d", tt.script, out, errs, code, tt.out, tt.errs, tt.code)
		}
	}
	alpine := b.Start(t, "alpine", sandbox.ContainerConfig{Name: "alpine", Command: []string{"sleep", "3600"}})
	if _, errs, code := imagetest.Exec(t, alpine, "", "sh", "-c", "bash -c true; curl x"); errs != "sh: bash: not found\nsh: curl: not found\n" || code != 127 {
		t.Errorf("alpine: %q %d", errs, code)
	}
}
