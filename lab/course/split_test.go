package course_test

import (
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/course"
)

func TestTyped(t *testing.T) {
	for _, c := range []struct {
		name, in, grep, shown, wantErr string
		want                           []string
	}{
		{name: "words", in: "get pods  -n  x", want: []string{"get", "pods", "-n", "x"}, shown: "kubectl get pods -n x"},
		{name: "with the name", in: "kubectl get pods", want: []string{"get", "pods"}, shown: "kubectl get pods"},
		{name: "nothing", in: " "},
		{name: "only the name", in: "kubectl"},
		{name: "single quotes", in: `patch -p '{"a": 1}'`, want: []string{"patch", "-p", `{"a": 1}`}, shown: `kubectl patch -p '{"a": 1}'`},
		{
			name: "double quotes", in: `exec p -- sh -c "rm /tmp/healthy; ls"`, want: []string{"exec", "p", "--", "sh", "-c", "rm /tmp/healthy; ls"},
			shown: `kubectl exec p -- sh -c 'rm /tmp/healthy; ls'`,
		},
		{
			name: "the container's variable", in: `exec p -- sh -c "echo $HOSTNAME"`, want: []string{"exec", "p", "--", "sh", "-c", "echo $HOSTNAME"},
			shown: `kubectl exec p -- sh -c 'echo $HOSTNAME'`,
		},
		{
			name: "the container's command", in: "exec p -- sh -c \"echo $(date) `id` ${A:-b} $((1+2))\"",
			want:  []string{"exec", "p", "--", "sh", "-c", "echo $(date) `id` ${A:-b} $((1+2))"},
			shown: "kubectl exec p -- sh -c 'echo $(date) `id` ${A:-b} $((1+2))'",
		},
		{name: "a variable without quotes", in: "get pod $POD", want: []string{"get", "pod", "$POD"}, shown: "kubectl get pod '$POD'"},
		{name: "home", in: "apply -f ~/a.yaml", want: []string{"apply", "-f", "/home/kim lee/a.yaml"}, shown: "kubectl apply -f ~/a.yaml"},
		{name: "home alone", in: "apply -f ~", want: []string{"apply", "-f", "/home/kim lee"}, shown: "kubectl apply -f '/home/kim lee'"},
		{name: "below home, quoted", in: "apply -f ~/'a b'.yaml", want: []string{"apply", "-f", "/home/kim lee/a b.yaml"}, shown: "kubectl apply -f ~/'a b.yaml'"},
		{name: "a quoted tilde", in: "exec p -- ls '~/a'", want: []string{"exec", "p", "--", "ls", "~/a"}, shown: "kubectl exec p -- ls '~/a'"},
		{name: "a tilde within", in: "get a~/b", want: []string{"get", "a~/b"}, shown: "kubectl get 'a~/b'"},
		{name: "somebody's home", in: "apply -f ~kim/a", want: []string{"apply", "-f", "~kim/a"}, shown: "kubectl apply -f '~kim/a'"},
		{name: "selector", in: "get pods -l app=web,tier!=db", want: []string{"get", "pods", "-l", "app=web,tier!=db"}, shown: "kubectl get pods -l 'app=web,tier!=db'"},
		{name: "equals sign", in: "get pods -l app=web", want: []string{"get", "pods", "-l", "app=web"}, shown: "kubectl get pods -l app=web"},
		{name: "jsonpath", in: "get pods -o jsonpath={.items[*].metadata.name}", want: []string{"get", "pods", "-o", "jsonpath={.items[*].metadata.name}"}, shown: "kubectl get pods -o 'jsonpath={.items[*].metadata.name}'"},
		{name: "grep", in: "describe deploy web | grep Replicas:", want: []string{"describe", "deploy", "web"}, grep: "Replicas:", shown: "kubectl describe deploy web | grep Replicas:"},
		{name: "empty word", in: `label p a=""`, want: []string{"label", "p", "a="}, shown: "kubectl label p a="},
		{name: "only quotes", in: `get ''`, want: []string{"get", ""}, shown: "kubectl get ''"},
		{name: "backslash", in: `get a\ b`, want: []string{"get", "a b"}, shown: "kubectl get 'a b'"},
		{name: "Korean", in: `annotate p 설명='준비 됨'`, want: []string{"annotate", "p", "설명=준비 됨"}, shown: "kubectl annotate p '설명=준비 됨'"},
		{name: "open quote", in: `get 'x`, wantErr: "check its quotes"},
		{name: "open escape", in: `get \`, wantErr: "check its quotes"},
		{name: "open substitution", in: `get "$(x"`, wantErr: "check its quotes"},
		{name: "redirection", in: "get pods > a", wantErr: "only one command"},
		{name: "another pipe", in: "get pods | sort", wantErr: `only "grep WORD"`},
		{name: "two commands", in: "get pods; get events", wantErr: "exactly one command"},
	} {
		t.Run(c.name, func(t *testing.T) {
			const home = "/home/kim lee"
			got, err := course.Typed(c.in, home)
			if c.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), c.wantErr) {
					t.Fatalf("error %v, want %q", err, c.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(lab.Kubectl{Args: c.want, Grep: c.grep}, got); d != "" {
				t.Errorf("command (-want +got):\n%s", d)
			}
			if c.want == nil {
				return
			}
			shown := course.Line(got, home)
			if shown != c.shown {
				t.Errorf("shown as %s, want %s", shown, c.shown)
			}
			again, err := course.Typed(shown, home)
			if d := cmp.Diff(got, again); d != "" || err != nil {
				t.Errorf("what is shown means something else: error %v\n%s", err, d)
			}
		})
	}
}

// What is shown is read by a real shell as it was meant.
func TestAShellReadsWhatIsShown(t *testing.T) {
	for _, args := range [][]string{
		{"exec", "p", "--", "sh", "-c", "echo $HOSTNAME `id` $(date)"},
		{"apply", "-f", "/home/kim lee/it's \"here\"/a.yaml"},
		{"", "~/a", "~", "#", "a#b", "{a,b}", "*", "a=b", `\`, "it's", "tab\there", "line\nbreak", "한글 이름"},
	} {
		script := "HOME='/home/kim lee'; kubectl() { for a; do printf '%s\\0' \"$a\"; done; }\n" + course.Line(lab.Kubectl{Args: args}, "/home/kim lee")
		out, err := exec.CommandContext(t.Context(), "sh", "-c", script).Output()
		if err != nil {
			t.Fatalf("%s: %v", script, err)
		}
		if d := cmp.Diff(args, strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")); d != "" {
			t.Errorf("words (-want +got):\n%s", d)
		}
	}
}

// What completion adds to the beginning of a word must be read as it was meant.
func TestContinuedIsReadBack(t *testing.T) {
	for _, c := range []struct {
		name, line, last, add, want string
		whole                       []string
	}{
		{name: "plain", line: "get po", whole: []string{"get"}, last: "po", add: "ds", want: "pods"},
		{name: "nothing begun", line: "get ", whole: []string{"get"}, add: "pods", want: "pods"},
		{name: "the name in front", line: "kubectl get po", whole: []string{"get"}, last: "po", add: "ds", want: "pods"},
		{name: "blanks", line: "get a", whole: []string{"get"}, last: "a", add: " b\tc", want: "a b\tc"},
		{name: "quotes", line: "get a", whole: []string{"get"}, last: "a", add: `'"\`, want: `a'"\`},
		{name: "what a shell knows", line: "get a", whole: []string{"get"}, last: "a", add: "$b`c`|d>e;f#", want: "a$b`c`|d>e;f#"},
		{name: "in single quotes", line: "get 'a b", whole: []string{"get"}, last: "a b", add: ` it's "c" \`, want: `a b it's "c" \`},
		{name: "in double quotes", line: `get "a b`, whole: []string{"get"}, last: "a b", add: ` it's "c" \ $d`, want: `a b it's "c" \ $d`},
		{name: "Korean", line: "get 가", whole: []string{"get"}, last: "가", add: "나 다", want: "가나 다"},
	} {
		t.Run(c.name, func(t *testing.T) {
			begun, ok := course.Begun(c.line, "")
			if !ok || begun.Last != c.last || cmp.Diff(c.whole, begun.Whole) != "" {
				t.Fatalf("begun: %+v, %v", begun, ok)
			}
			got, err := course.Typed(c.line+begun.Continued(c.add)+begun.End(), "")
			if d := cmp.Diff(append(c.whole, c.want), got.Args); d != "" || err != nil {
				t.Errorf("error %v; words (-want +got):\n%s", err, d)
			}
		})
	}
}

func TestBegunRefuses(t *testing.T) {
	for name, line := range map[string]string{
		"behind a pipe": "get pods | gr", "behind grep": "get pods | grep R", "in a comment": "get # po", "two commands": "get a; get b",
		"in a substitution": `exec p -- sh -c "$(da`, "the cursor's own mark": "get \x01",
	} {
		if begun, ok := course.Begun(line, ""); ok {
			t.Errorf("%s: %+v", name, begun)
		}
	}
}

func TestWords(t *testing.T) {
	for line, want := range map[string][]string{
		"vi": {"vi"}, "code --wait": {"code", "--wait"}, "'/opt/my editor/ed' -f": {"/opt/my editor/ed", "-f"}, "~/bin/ed": {"/home/kim/bin/ed"},
		" ": nil, "vi | cat": nil, "'vi": nil,
	} {
		if d := cmp.Diff(want, course.Words(line, "/home/kim")); d != "" {
			t.Errorf("%q (-want +got):\n%s", line, d)
		}
	}
}

func TestUnbroken(t *testing.T) {
	for line, want := range map[string][]string{
		"kubectl  get pods":                    {"kubectl", "get", "pods"},
		`kubectl exec p -- sh -c 'echo  a; b'`: {"kubectl", "exec", "p", "--", "sh", "-c", "'echo  a; b'"},
		`mkdir -p ~/'my lab' && cat > a.yaml`:  {"mkdir", "-p", "~/'my lab'", "&&", "cat", ">", "a.yaml"},
		"kubectl get 'open  quote":             {"kubectl", "get", "'open", "quote"},
	} {
		if d := cmp.Diff(want, course.Unbroken(line)); d != "" {
			t.Errorf("%q (-want +got):\n%s", line, d)
		}
	}
}

// FuzzTyped checks that whatever can be read is read back from how it is shown, and that a beginning goes on as it was meant.
func FuzzTyped(f *testing.F) {
	for _, seed := range []string{`exec p -- sh -c "echo $A"`, "get 'a b' | grep x", `a\ b`, "~/a", "$(x)", "`x`", "a#b # c", "한글 ''", "\"$((1))\""} {
		f.Add(seed, "x'\"$ ")
	}
	f.Fuzz(func(t *testing.T, line, more string) {
		const home = "/home/kim lee"
		command, err := course.Typed(line, home)
		if err != nil || len(command.Args) == 0 {
			return
		}
		shown := course.Line(command, home)
		again, err := course.Typed(shown, home)
		if d := cmp.Diff(command, again); d != "" || err != nil {
			t.Errorf("%q is shown as %q: error %v\n%s", line, shown, err, d)
		}
		begun, ok := course.Begun(line, home)
		if begun.Last == "~" || more == "" { // what it stands for is open
			return
		}
		if !ok || !utf8.ValidString(more) || strings.ContainsAny(more, "\n\r\x00") {
			return
		}
		if command, err = course.Typed(line+begun.Continued(more)+begun.End(), home); err != nil {
			t.Fatalf("%q with %q: %v", line, more, err)
		}
		if n := len(command.Args); n == 0 || command.Args[n-1] != begun.Last+more {
			t.Errorf("%q with %q became %q", line, more, command.Args)
		}
	})
}
