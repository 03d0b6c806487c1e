package course_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/course"
)

var demoVars = course.Vars{Namespace: "healthchecks", Dir: "/home/demo/healthchecks", Pod: "demo-1"}

func TestExpand(t *testing.T) {
	tests := []struct {
		name, line, want, wantErr string
		vars                      course.Vars
	}{
		{
			name: "all placeholders", vars: demoVars,
			line: "kubectl -n {namespace} cp {dir}/a {pod}:/a", want: "kubectl -n healthchecks cp /home/demo/healthchecks/a demo-1:/a",
		},
		{name: "none", vars: demoVars, line: "kubectl version", want: "kubectl version"},
		{
			name: "other braces stay", vars: demoVars,
			line: "kubectl get pods -o jsonpath='{.items[0]}'", want: "kubectl get pods -o jsonpath='{.items[0]}'",
		},
		{
			name: "a directory with a space", vars: course.Vars{Dir: "/home/김 철수/lab"},
			line: "kubectl apply -f {dir}/a.yaml", want: "kubectl apply -f '/home/김 철수/lab'/a.yaml",
		},
		{
			name: "a directory that would be a command", vars: course.Vars{Dir: "/x$(rm -rf y)"},
			line: "kubectl apply -f {dir}/a.yaml", want: "kubectl apply -f '/x$(rm -rf y)'/a.yaml",
		},
		{
			name: "a Windows directory", vars: course.Vars{Dir: `C:\Users\demo`},
			line: "kubectl apply -f {dir}/a.yaml", want: `kubectl apply -f 'C:\Users\demo'/a.yaml`,
		},
		{
			name: "a directory below home, for showing", vars: course.Vars{Dir: "~/my lab"},
			line: "kubectl apply -f {dir}/a.yaml", want: "kubectl apply -f ~/'my lab'/a.yaml",
		},
		{
			name: "home itself, for showing", vars: course.Vars{Dir: "~/"}, line: "ls {dir}", want: "ls ~/",
		},
		{
			name: "no pod", vars: course.Vars{Namespace: "n"}, line: "kubectl logs {pod}",
			wantErr: "no pod is chosen: choose a pod first",
		},
		{
			name: "no namespace", line: "kubectl -n {namespace} get pods", wantErr: "the value of {namespace} is empty",
		},
		{
			name: "unknown placeholder", vars: demoVars, line: "kubectl logs {Pod}",
			wantErr: "unknown placeholder {Pod}: use {namespace}, {dir} or {pod}",
		},
		{
			name: "a value that no shell can hold", vars: course.Vars{Dir: "/a\x00b"}, line: "ls {dir}",
			wantErr: `{dir}: the value "/a\x00b" cannot be used in a command`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := course.Expand(tt.line, tt.vars)
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			wantTold(t, err, tt.wantErr)
		})
	}
}

func TestSplit(t *testing.T) {
	const (
		single = "only one command is allowed, without redirections, variables or other pipes"
		grep   = `only "grep WORD" may follow |`
		one    = "exactly one command is expected"
	)
	tests := []struct {
		name, line, grep, wantErr string
		want                      []string
	}{
		{name: "words", line: "  kubectl   get  pods ", want: []string{"kubectl", "get", "pods"}},
		{name: "grep", line: "kubectl get pods | grep Replicas:", want: []string{"kubectl", "get", "pods"}, grep: "Replicas:"},
		{name: "grep for two words", line: "kubectl get pods | grep 'a b'", want: []string{"kubectl", "get", "pods"}, grep: "a b"},
		{
			name: "quotes", line: `kubectl a 'b  c' "d \"e\" \f" g\ h '' i'j'"k"`,
			want: []string{"kubectl", "a", "b  c", `d "e" \f`, "g h", "", "ijk"},
		},
		{name: "a pipe in quotes", line: "kubectl get 'a | grep b'", want: []string{"kubectl", "get", "a | grep b"}},
		{name: "two lines joined", line: "kubectl get \\\n pods", want: []string{"kubectl", "get", "pods"}},
		{name: "braces and stars are plain", line: "kubectl get {a,b} *", want: []string{"kubectl", "get", "{a,b}", "*"}},
		{name: "a comment", line: "kubectl get pods # all", want: []string{"kubectl", "get", "pods"}},
		{name: "Korean", line: "kubectl annotate pod a 설명=한글", want: []string{"kubectl", "annotate", "pod", "a", "설명=한글"}},

		{name: "nothing", line: " ", wantErr: one},
		{name: "two commands", line: "kubectl a; kubectl b", wantErr: one},
		{name: "and", line: "kubectl a && kubectl b", wantErr: single},
		{name: "two pipes", line: "kubectl a | grep b | grep c", wantErr: single},
		{name: "another pipe", line: "kubectl a | sort", wantErr: grep},
		{name: "grep with an option", line: "kubectl a | grep -v", wantErr: grep},
		{name: "grep with a file", line: "kubectl a | grep b c", wantErr: grep},
		{name: "grep redirected", line: "kubectl a | grep b > c", wantErr: grep},
		{name: "output redirected", line: "kubectl a > b", wantErr: single},
		{name: "input redirected", line: "kubectl apply -f - <<E\nx\nE\n", wantErr: single},
		{name: "background", line: "kubectl a &", wantErr: single},
		{name: "subshell", line: "(kubectl a)", wantErr: single},
		{name: "assignment", line: "A=b kubectl a", wantErr: single},
		{name: "variable", line: "kubectl a $B", wantErr: "word 3 contains something that needs a shell ($ or `): write the value out"},
		{name: "variable in quotes", line: `kubectl "$B"`, wantErr: "word 2 contains something that needs a shell ($ or `): write the value out"},
		{name: "command substitution", line: "kubectl `a`", wantErr: "word 2 contains something that needs a shell ($ or `): write the value out"},
		{
			name: "open quote", line: "kubectl 'a",
			wantErr: "the command cannot be read: check its quotes: 1:9: reached EOF without closing quote `'`",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			argv, grep, err := course.Split(tt.line)
			if diff := cmp.Diff(tt.want, argv); diff != "" {
				t.Errorf("words (-want +got):\n%s", diff)
			}
			if err == nil && grep != tt.grep {
				t.Errorf("got grep %q, want %q", grep, tt.grep)
			}
			wantTold(t, err, tt.wantErr)
		})
	}
}

// wantTold checks that err says want, and is fit to be shown to a user.
func wantTold(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("got error %v", err)
		}
		return
	}
	var told *lab.Error
	if !errors.As(err, &told) || told.Msg.Ko == "" {
		t.Fatalf("got error %#v, want a lab.Error", err)
	}
	if err.Error() != want {
		t.Errorf("got error  %s\nwant error %s", err, want)
	}
}

// FuzzExpandSplit checks that a value stays one word, whatever is in it.
func FuzzExpandSplit(f *testing.F) {
	for _, seed := range []string{"/home/demo", "a b", "'", `"`, `\`, "$x", "`x`", "#", "a|b", "한글", "-", "*", "{pod}", "~", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, dir string) {
		line, err := course.Expand("kubectl apply -f {dir}/a.yaml", course.Vars{Dir: dir})
		if err != nil || len(dir) > 1 && dir[:2] == "~/" {
			return
		}
		argv, grep, err := course.Split(line)
		want := []string{"kubectl", "apply", "-f", dir + "/a.yaml"}
		if diff := cmp.Diff(want, argv); diff != "" || grep != "" || err != nil {
			t.Errorf("%q became %s, grep %q, error %v:\n%s", dir, line, grep, err, diff)
		}
	})
}
