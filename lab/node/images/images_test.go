package images_test

import (
	"strings"
	"testing"

	"go.uber.org/goleak"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestShell(t *testing.T) {
	b := imagetest.New(t)
	c := b.Start(t, "busybox", sandbox.ContainerConfig{Command: []string{"sleep", "3600"}})
	tests := []struct {
		name, script, input string
		out, errs           string
		code                int
	}{
		{name: "readiness file made", script: "touch /tmp/healthy && cat /tmp/healthy && echo yes", out: "yes\n"},
		{name: "missing file", script: "cat /tmp/none", errs: "cat: can't open '/tmp/none': No such file or directory\n", code: 1},
		{name: "rm missing", script: "rm /tmp/none", errs: "rm: can't remove '/tmp/none': No such file or directory\n", code: 1},
		{name: "rm -f missing", script: "rm -f /tmp/none"},
		{name: "unknown command", script: "foo", errs: "sh: foo: not found\n", code: 127},
		{name: "not executable", script: "/etc/passwd", errs: "sh: /etc/passwd: Permission denied\n", code: 126},
		{name: "pipeline", script: "printf 'b\\na\\nb\\n' | sort | uniq -c | tail -n 1", out: "      2 b\n"},
		{name: "pipeline status", script: "true | false", code: 1},
		{name: "negated pipeline", script: "! true | false"},
		{name: "substitution", script: "echo \"<$(echo a | cat)>\"", out: "<a>\n"},
		{name: "subshell keeps variables", script: "x=1; (x=2; echo $x); echo $x", out: "2\n1\n"},
		{name: "subshell exit", script: "(exit 3); echo $?", out: "3\n"},
		{name: "function in pipeline", script: "f() { echo f$1; }; f 1 | cat; f 2 | f 3", out: "f1\nf3\n"},
		{name: "positional in pipeline", script: "set -- a b; echo $2 | cat", out: "b\n"},
		{name: "background and wait", script: "(sleep 0.01; exit 4) & wait $!; echo $?", out: "4\n"},
		{name: "descriptors are closed", script: "i=0; while [ $i -lt 300 ]; do exec 3>/tmp/d$((i % 2)); { echo $i >&3; } 4<&3; i=$((i+1)); done; cat /tmp/d1", out: "299\n"},
		{name: "descriptors of a subshell", script: "exec 5>/tmp/five; (echo sub >&5; exec 5>&-); echo main >&5; exec 5>&-; cat /tmp/five", out: "sub\nmain\n"},
		{name: "stat of a process", script: "awk '{ print NF, $2, $4 ~ /[0-9]/ }' /proc/self/stat", out: "52 (awk) 1\n"},
		{name: "mount", script: "mount | head -n 1; mountpoint -q /; echo $?; mount -t nfs a b; echo $?", out: "overlay on / type overlay (rw,relatime)\n0\n1\n", errs: "mount: permission denied (are you root?)\n"},
		{name: "top", script: "top -bn1 | awk 'NR == 4 { print $1, $NF }'", out: "PID COMMAND\n"},
		{name: "busybox", script: "busybox echo a; busybox seq 2 | busybox tail -n 1; busybox none; echo $?; busybox --list | grep -cx awk; busybox | head -n 1", out: "a\n2\n127\n1\nBusyBox v1.36.1 (healthlab) multi-call binary.\n", errs: "none: applet not found\n"},
		{name: "help", script: "awk --help; echo $?", out: "0\n", errs: "BusyBox v1.36.1 (healthlab) multi-call binary.\n\nUsage: awk [OPTIONS] [AWK_PROGRAM] [FILE]...\n"},
		{name: "kill background", script: "sleep 100 & kill $!; wait $!; echo $?", out: "143\n", errs: "Terminated\n"},
		{name: "kill -9 job", script: "sleep 100 & kill -9 %1; wait; echo done", out: "done\n", errs: "Killed\n"},
		{name: "pid of the background process", script: "sleep 100 & p=$!; ps | grep -c \"^ *$p .*sleep 100\"; kill $p", out: "1\n"},
		{name: "redirect and append", script: "echo a >/tmp/f; echo b >>/tmp/f; cat </tmp/f; wc -l </tmp/f", out: "a\nb\n2\n"},
		{name: "stderr redirect", script: "cat /none 2>/tmp/err; cat /tmp/err; cat /none 2>&1 | wc -l", out: "cat: can't open '/none': No such file or directory\n1\n"},
		{name: "redirect to missing directory", script: "echo x >/no/dir", errs: "sh: can't create /no/dir: nonexistent directory\n", code: 1},
		{name: "redirect from missing file", script: "cat </none", errs: "sh: can't open /none: no such file\n", code: 1},
		{name: "here document", script: "cat <<EOF\nhi $((1+2))\nEOF", out: "hi 3\n"},
		{name: "glob", script: "cd /etc; echo host*", out: "hostname hosts\n"},
		{name: "cd missing", script: "cd /none", errs: "sh: cd: line 0: can't cd to /none: No such file or directory\n", code: 2},
		{name: "read from input", script: "read a b; echo $b; cat", input: "1 2 3\nrest\n", out: "2 3\nrest\n"},
		{name: "read loop", script: "while read l; do echo [$l]; done", input: "a\nb\n", out: "[a]\n[b]\n"},
		{name: "read loop in pipeline", script: "seq 3 | while read n; do echo n$n; done", out: "n1\nn2\nn3\n"},
		{name: "trap EXIT", script: "trap 'echo bye' EXIT; echo hi", out: "hi\nbye\n"},
		{name: "trap TERM", script: "trap 'echo got; exit 5' TERM; kill $$; echo never", out: "got\n", code: 5},
		{name: "trap in wait", script: "trap 'echo got' USR1; (sleep 0.05; kill -USR1 $$) & wait; echo $?", out: "got\n138\n"},
		{name: "trap ignored", script: "trap '' TERM; kill $$; echo alive", out: "alive\n"},
		{name: "default action", script: "sh -c 'kill $$'; echo $?", out: "143\n", errs: "Terminated\n"},
		{name: "eval with pipeline", script: "eval 'echo a | cat; echo $$ >/dev/null'", out: "a\n"},
		{name: "source", script: "echo 'v=5; echo x | cat' >/tmp/s; . /tmp/s; echo $v", out: "x\n5\n"},
		{name: "script file with shebang", script: "printf '#!/bin/sh\\necho $0 $1\\n' >/tmp/s.sh; chmod +x /tmp/s.sh; /tmp/s.sh q", out: "/tmp/s.sh q\n"},
		{name: "exec replaces", script: "exec echo $$", out: "", code: 0},
		{name: "command -v", script: "command -v cat", out: "/bin/cat\n"},
		{name: "SIGPIPE", script: "yes | head -n 2", out: "y\ny\n"},
		{name: "set -e", script: "set -e; false; echo never", code: 1},
		{name: "set -e in pipeline stage", script: "set -e; { false; echo never; } | cat; echo after", out: "after\n"},
		{name: "if test", script: "if [ -f /etc/passwd ] && test -d /tmp; then echo ok; fi", out: "ok\n"},
		{name: "syntax error", script: "if", errs: "sh: syntax error: unexpected end of file (expecting \"then\")\n", code: 2},
		{name: "process substitution refused", script: "cat <(echo a)", errs: "sh: syntax error: unexpected \"(\"\n", code: 2},
		{name: "environment", script: "A=1 sh -c 'echo $A'; export B=2; env | grep ^B=", out: "1\n2\n"},
		{name: "proc", script: "tr '\\0' ' ' </proc/1/cmdline; cat /proc/self/comm", out: "sleep 3600 cat\n"},
		{name: "device files", script: "echo x >/dev/null; head -c 3 /dev/zero | wc -c; echo e >/dev/stderr", out: "3\n", errs: "e\n"},
		{name: "remove a program", script: "cp /bin/cat /tmp/mycat; echo a | /tmp/mycat", out: "a\n"},
		{name: "symbolic link", script: "ln -s /etc/hostname /tmp/l; cat /tmp/l; readlink /tmp/l", out: "web\n/etc/hostname\n"},
		{name: "ls", script: "mkdir -p /d/e; touch /d/a /d/b; ls /d; ls /none", out: "a\nb\ne\n", errs: "ls: /none: No such file or directory\n", code: 1},
		{name: "endless recursion", script: "f() { f; }; f", errs: "Segmentation fault\n", code: 139},
		{name: "deep syntax", script: strings.Repeat("(", 600) + "true" + strings.Repeat(")", 600), errs: "Segmentation fault\n", code: 139},
		{name: "host temporary files are out of reach", script: "cat </tmp/sh-interp-1", errs: "sh: can't open /tmp/sh-interp-1: no such file\n", code: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, errs, code := imagetest.Exec(t, c, tt.input, "sh", "-c", tt.script)
			if tt.name == "exec replaces" {
				if strings.TrimSpace(out) == "" {
					t.Errorf("no output")
				}
				return
			}
			if tt.name == "environment" {
				tt.out = "1\nB=2\n"
			}
			if out != tt.out || errs != tt.errs || code != tt.code {
				t.Errorf("%s\n got %q, %q, %d\nwant %q, %q, %d", tt.script, out, errs, code, tt.out, tt.errs, tt.code)
			}
		})
	}
}
