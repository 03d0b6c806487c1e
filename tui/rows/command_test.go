package rows_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"healthlab/tui/rows"
	"healthlab/tui/widget"
)

func TestCommandsAreBrokenAsAShellAllows(t *testing.T) {
	const apply = "kubectl apply -f ~/environment/healthchecks/liveness-app.yaml"
	for name, tc := range map[string]struct {
		line string
		w    int
		want []string
	}{
		"fits":              {"kubectl get pods", 18, []string{"$ kubectl get pods"}},
		"between words":     {"kubectl get pods", 15, []string{`$ kubectl get \`, "    pods"}},
		"no room to indent": {apply, 44, []string{`$ kubectl apply -f \`, "~/environment/healthchecks/liveness-app.yaml"}},
		"behind a slash":    {apply, 30, []string{`$ kubectl apply -f \`, `~/environment/healthchecks/\`, "liveness-app.yaml"}},
		"blanks in quotes":  {"kubectl exec p -- sh -c 'echo  a'", 30, []string{`$ kubectl exec p -- sh -c \`, "    'echo  a'"}},
		"in single quotes":  {"echo 'ab cd ef gh'", 11, []string{`$ echo \`, `'ab cd ef'\`, "' gh'"}},
		"in double quotes":  {`echo "ab cd ef gh"`, 11, []string{`$ echo \`, `"ab cd ef \`, `gh"`}},
		"anywhere":          {"echo abcdefghijkl", 8, []string{`$ echo \`, `abcdefg\`, "hijkl"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := rows.Command("$ ", tc.line, tc.w)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
			for _, piece := range got {
				if widget.Width(piece) > tc.w {
					t.Errorf("%q has more than %d cells", piece, tc.w)
				}
			}
		})
	}
}
