package images_test

import (
	"regexp"
	"testing"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

func TestTools(t *testing.T) {
	b := imagetest.New(t)
	c := b.Start(t, "busybox", sandbox.ContainerConfig{Command: []string{"sleep", "3600"}, Env: []string{"COLOR=blue"}})
	prepare := "mkdir -p /w/d/e; cd /w; printf 'b 2\\na 1\\nc 3\\n' >t; touch empty; echo -n x >x"
	if _, errs, code := imagetest.Exec(t, c, "", "sh", "-c", prepare); code != 0 {
		t.Fatal(errs)
	}
	tests := []struct {
		name    string
		command []string
		input   string
		out     string // a regular expression for the whole output
		errs    string
		code    int
	}{
		{name: "basename", command: []string{"basename", "/a/b.txt", ".txt"}, out: "b\n"},
		{name: "cat input", command: []string{"cat", "-"}, input: "in", out: "in"},
		{name: "cat directory", command: []string{"cat", "/w"}, errs: "cat: read error: Is a directory\n", code: 1},
		{name: "cat option", command: []string{"cat", "-Z"}, errs: "cat: unrecognized option: Z\nBusyBox v1.36.1 (healthlab) multi-call binary.\n\nUsage: cat [-nbvteA] [FILE]...\n", code: 1},
		{name: "chmod and run", command: []string{"sh", "-c", "cp /bin/true /w/p; chmod -x /w/p; /w/p; echo $?"}, out: "126\n", errs: "sh: /w/p: Permission denied\n"},
		{name: "cp missing", command: []string{"cp", "/none", "/w/z"}, errs: "cp: can't stat '/none': No such file or directory\n", code: 1},
		{name: "cp directory", command: []string{"cp", "/w/d", "/w/z"}, errs: "cp: omitting directory '/w/d'\n", code: 1},
		{name: "cp -r into itself", command: []string{"cp", "-r", "/w", "/w/d"}, errs: "cp: recursion detected, omitting directory '/w'\n", code: 1},
		{name: "cp -r", command: []string{"sh", "-c", "cp -r /w/d /w/d2 && ls /w/d2"}, out: "e\n"},
		{name: "cut", command: []string{"cut", "-d", " ", "-f", "2", "/w/t"}, out: "2\n1\n3\n"},
		{name: "date format", command: []string{"date", "-u", "+%Y-%m-%dT%H:%M:%SZ %%"}, out: `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ %\n`},
		{name: "date", command: []string{"date"}, out: `[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d UTC \d{4}\n`},
		{name: "dd", command: []string{"dd", "if=/dev/zero", "of=/w/z", "bs=1k", "count=2", "status=noxfer"}, errs: "2+0 records in\n2+0 records out\n"},
		{name: "df", command: []string{"df"}, out: `(?s)Filesystem.*overlay +65536 .*/\n`},
		{name: "du", command: []string{"du", "-s", "/w/empty"}, out: "0\t/w/empty\n"},
		{name: "echo", command: []string{"echo", "-n", "a  b"}, out: "a  b"},
		{name: "env", command: []string{"env", "-i", "A=1", "env"}, errs: "", out: "A=1\n"},
		{name: "env of the container", command: []string{"printenv", "COLOR", "HOSTNAME"}, out: "blue\nweb\n"},
		{name: "env runs", command: []string{"env", "none"}, errs: "env: can't execute 'none': No such file or directory\n", code: 127},
		{name: "false", command: []string{"false"}, code: 1},
		{name: "find", command: []string{"find", "/w/d", "-type", "d", "-name", "e"}, out: "/w/d/e\n"},
		{name: "grep", command: []string{"grep", "-n", "^[ab]", "/w/t"}, out: "1:b 2\n2:a 1\n"},
		{name: "grep none", command: []string{"grep", "-q", "zzz", "/w/t"}, code: 1},
		{name: "grep missing", command: []string{"grep", "x", "/none"}, errs: "grep: /none: No such file or directory\n", code: 2},
		{name: "grep -E", command: []string{"grep", "-Ec", "a|c", "/w/t"}, out: "2\n"},
		{name: "grep basic", command: []string{"grep", "-o", "(x)", "-"}, input: "a(x)b\n", out: `\(x\)\n`},
		{name: "head", command: []string{"head", "-1", "/w/t"}, out: "b 2\n"},
		{name: "head bytes", command: []string{"head", "-c", "2", "/w/t"}, out: "b "},
		{name: "hostname", command: []string{"hostname", "-i"}, out: `10\.244\.0\.7\n`},
		{name: "id", command: []string{"id", "-u"}, out: "0\n"},
		{name: "kill none", command: []string{"kill", "4242"}, errs: "kill: can't kill pid 4242: No such process\n", code: 1},
		{name: "kill bad signal", command: []string{"kill", "-s", "FOO", "1"}, errs: "kill: bad signal name 'FOO'\n", code: 1},
		{name: "kill nothing", command: []string{"kill"}, errs: "kill: you need to specify whom to kill\n", code: 1},
		{name: "kill -0", command: []string{"kill", "-0", "1"}},
		{name: "ls -l", command: []string{"ls", "-l", "/w/x"}, out: `-rw-r--r-- .* root +root +1 [A-Z][a-z]{2} [ \d]\d \d\d:\d\d /w/x\n`},
		{name: "ls -a", command: []string{"ls", "-a", "/w/d"}, out: `\.\n\.\.\ne\n`},
		{name: "mkdir exists", command: []string{"mkdir", "/w"}, errs: "mkdir: can't create directory '/w': File exists\n", code: 1},
		{name: "mkdir -p over a file", command: []string{"mkdir", "-p", "/w/t/x"}, errs: "mkdir: can't create directory '/w/t/x': Not a directory\n", code: 1},
		{name: "mv", command: []string{"sh", "-c", "touch /w/m1; mv /w/m1 /w/m2; ls /w/m*"}, out: "/w/m2\n"},
		{name: "mv missing", command: []string{"mv", "/none", "/w/q"}, errs: "mv: can't rename '/none': No such file or directory\n", code: 1},
		{name: "nproc", command: []string{"nproc"}, out: `\d+\n`},
		{name: "pidof", command: []string{"pidof", "sleep"}, out: "1\n"},
		{name: "printf", command: []string{"printf", "%03d|%s", "7", "x"}, out: `007\|x`},
		{name: "ps", command: []string{"ps"}, out: `PID   USER     TIME  COMMAND\n    1 root      0:00 sleep 3600\n +\d+ root      0:00 ps\n`},
		{name: "pwd", command: []string{"sh", "-c", "cd /w/d/..; /bin/pwd; pwd"}, out: "/w\n/w\n"},
		{name: "rm directory", command: []string{"rm", "/w/d"}, errs: "rm: '/w/d' is a directory\n", code: 1},
		{name: "rm ..", command: []string{"rm", "-rf", "/w/.."}, errs: "rm: can't remove '.' or '..'\n", code: 1},
		{name: "rmdir not empty", command: []string{"rmdir", "/w/d"}, errs: "rmdir: '/w/d': Directory not empty\n", code: 1},
		{name: "sed", command: []string{"sed", `s/\([a-c]\) \([0-9]\)/\2-\1/`, "/w/t"}, out: "2-b\n1-a\n3-c\n"},
		{name: "sed print", command: []string{"sed", "-n", "2p", "/w/t"}, out: "a 1\n"},
		{name: "seq", command: []string{"seq", "3", "-1", "1"}, out: "3\n2\n1\n"},
		{name: "sleep bad", command: []string{"sleep", "x"}, errs: "sleep: invalid number 'x'\n", code: 1},
		{name: "sleep fraction", command: []string{"sleep", "0.001"}},
		{name: "sort", command: []string{"sort", "-r", "/w/t"}, out: "c 3\nb 2\na 1\n"},
		{name: "stat", command: []string{"stat", "-c", "%s", "/w/x"}, out: "1\n"},
		{name: "tail", command: []string{"tail", "-n", "+2", "/w/t"}, out: "a 1\nc 3\n"},
		{
			name: "tar as kubectl cp uses it", out: "b 2\na 1\nc 3\ne\nx",
			errs:    "tar: removing leading '/' from member names\n",
			command: []string{"sh", "-c", "tar cf - /w/t /w/d /w/x | tar --no-same-owner -xmf - -C /w/d/e && cd /w/d/e/w && cat t && ls d && cat x"},
		},
		{
			name: "tar file", out: "t\nx\n",
			command: []string{"sh", "-c", "cd /w && tar -cf /w/two.tar t x && tar -tf /w/two.tar"},
		},
		{name: "tar missing", command: []string{"tar", "-cf", "/w/z.tar", "/none"}, errs: "tar: /none: No such file or directory\ntar: error exit delayed from previous errors\n", code: 1},
		{name: "tar broken", command: []string{"tar", "-xf", "-"}, input: "this is no archive", errs: "tar: invalid tar magic\n", code: 1},
		{name: "tty", command: []string{"tty"}, out: "not a tty\n", code: 1},
		{name: "tee", command: []string{"sh", "-c", "echo a | tee /w/z; cat /w/z"}, out: "a\na\n"},
		{name: "test file", command: []string{"test", "-f", "/w/t"}},
		{name: "test missing", command: []string{"test", "-e", "/none"}, code: 1},
		{name: "[", command: []string{"[", "1", "-lt", "2", "]"}},
		{name: "timeout", command: []string{"timeout", "0.01", "sleep", "100"}, code: 143},
		{name: "timeout in time", command: []string{"timeout", "100", "sh", "-c", "exit 3"}, code: 3},
		{name: "touch -c", command: []string{"sh", "-c", "touch -c /w/never; ls /w/never"}, errs: "ls: /w/never: No such file or directory\n", code: 1},
		{name: "touch without directory", command: []string{"touch", "/no/x"}, errs: "touch: /no/x: No such file or directory\n", code: 1},
		{name: "tr", command: []string{"tr", "a-z", "A-Z"}, input: "abc", out: "ABC"},
		{name: "tr -d", command: []string{"tr", "-d", "b"}, input: "abc", out: "ac"},
		{name: "true", command: []string{"true"}},
		{name: "uname", command: []string{"uname"}, out: "Linux\n"},
		{name: "uniq", command: []string{"uniq", "-d"}, input: "a\na\nb\n", out: "a\n"},
		{name: "wc", command: []string{"wc", "-l", "/w/t"}, out: "3 /w/t\n"},
		{name: "which", command: []string{"which", "ls", "none"}, out: "/bin/ls\n", code: 1},
		{name: "whoami", command: []string{"whoami"}, out: "root\n"},
		{name: "xargs", command: []string{"xargs", "echo", "x"}, input: "a b\nc\n", out: "x a b c\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, errs, code := imagetest.Exec(t, c, tt.input, tt.command...)
			if !regexp.MustCompile("^(?:"+tt.out+")$").MatchString(out) || errs != tt.errs || code != tt.code {
				t.Errorf("%q\n got %q, %q, %d\nwant %q, %q, %d", tt.command, out, errs, code, tt.out, tt.errs, tt.code)
			}
		})
	}
}
