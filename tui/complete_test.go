package tui

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/tui/tuitest"
)

// completing is a console whose kubectl proposes these candidates, whatever it is asked, and the questions it got.
func completing(t *testing.T, answer lab.Completion, err error) (c *console, asked *[][]string) {
	t.Helper()
	asked = new([][]string)
	c = newConsole(t, 80, 24, func(cfg *Config) {
		cfg.Complete = func(_ context.Context, words []string) (lab.Completion, error) {
			*asked = append(*asked, words)
			return answer, err
		}
	})
	c.publish(tuitest.Running(1))
	c.press(":")
	return c, asked
}

func proposed(words ...string) lab.Completion {
	var all lab.Completion
	for _, w := range words {
		all.Candidates = append(all.Candidates, lab.Candidate{Word: w, About: "about " + w})
	}
	return all
}

func TestCompletionFillsIn(t *testing.T) {
	unfinished := proposed("deploy/")
	unfinished.NoSpace = true
	for _, c := range []struct {
		name, typed string
		answer      lab.Completion
		asked       []string
		want        string
	}{
		{"the only one", "desc", proposed("describe"), []string{"desc"}, "describe "},
		{"the common beginning", "get p", proposed("pods", "podtemplates"), []string{"get", "p"}, "get pod"},
		{"in whole characters", "get 가", proposed("가각", "가간"), []string{"get", "가"}, "get 가"},
		{"a new word", "get pods ", proposed("liveness-app"), []string{"get", "pods", ""}, "get pods liveness-app "},
		{"nothing typed", "", proposed("get"), []string{""}, "get "},
		{"kubectl typed out of habit", "kubectl ge", proposed("get"), []string{"ge"}, "kubectl get "},
		{"more to come", "get de", unfinished, []string{"get", "de"}, "get deploy/"},
		{"a directory", "apply -f ma", proposed("manifests/"), []string{"apply", "-f", "ma"}, "apply -f manifests/"},
		{"value of a flag", "get -o=y", proposed("-o=yaml"), []string{"get", "-o=y"}, "get -o=yaml "},
		{"a blank in the name", "apply -f m", proposed("my file.yaml"), []string{"apply", "-f", "m"}, `apply -f my\ file.yaml `},
		{"an open quote", "apply -f 'my f", proposed("my file.yaml"), []string{"apply", "-f", "my f"}, "apply -f 'my file.yaml' "},
		{"nothing known", "get xyz", lab.Completion{}, []string{"get", "xyz"}, "get xyz"},
		{"something else", "get xyz", proposed("abc"), []string{"get", "xyz"}, "get xyz"},
	} {
		t.Run(c.name, func(t *testing.T) {
			con, asked := completing(t, c.answer, nil)
			con.typeText(c.typed)
			con.press("tab")
			con.perform()
			con.screen()
			if got := con.prompt.input.Value(); got != c.want {
				t.Errorf("completed to %q, want %q", got, c.want)
			}
			if d := cmp.Diff([][]string{c.asked}, *asked); d != "" {
				t.Errorf("asked (-want +got):\n%s", d)
			}
		})
	}
}

func TestCompletionGoesThroughProposals(t *testing.T) {
	c, asked := completing(t, proposed("pods", "podtemplates", "pod disruption"), nil)
	c.typeText("get p -n x")
	for range len(" -n x") {
		c.press("left")
	}
	c.press("tab")
	c.wants("완성할 말을 찾는 중")
	c.perform()
	c.wants(":kubectl get pod -n x", "완성 후보 3개", "podtemplates    about podtemplates")
	c.press("tab")
	c.wants(":kubectl get pods -n x", "▸ pods", "완성 후보 1/3")
	c.press("tab", "tab")
	c.wants(`:kubectl get pod\ disruption -n x`)
	c.press("tab", "shift+tab", "up")
	c.wants(":kubectl get podtemplates -n x", "▸ podtemplates")
	c.send(tea.MouseClickMsg{X: 5, Y: 20, Button: tea.MouseLeft})
	c.wants(":kubectl get pods -n x")

	// Esc gives back what was typed; the next one closes the prompt.
	c.press("esc")
	c.wants(":kubectl get pod -n x")
	c.lacks("완성 후보")
	c.press("tab")
	c.perform()
	c.press("tab", "x") // any other key goes on from the proposal
	c.wants(":kubectl get podsx -n x")
	c.lacks("완성 후보")
	if len(*asked) != 2 {
		t.Errorf("asked %q", *asked)
	}
	c.press("esc")
	c.lacks(":kubectl get")
}

func TestCompletionTellsWhyNot(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"nothing found", nil, "완성할 말이 없습니다"},
		{"too late", context.DeadlineExceeded, "kubectl이 제때 답하지 않아"},
		{"another failure", &lab.Error{Msg: lab.T("시작할 수 없습니다", "cannot start"), Cause: errors.New("no memory")}, "시작할 수 없습니다: no memory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			con, _ := completing(t, lab.Completion{}, c.err)
			con.typeText("get p")
			con.press("tab")
			con.perform()
			con.wants(":kubectl get p", c.want)
		})
	}
	t.Run("nobody to ask", func(t *testing.T) {
		con := newConsole(t, 80, 24)
		con.publish(tuitest.Running(1))
		con.press(":", "g", "tab")
		con.wants(":kubectl g", "완성할 말이 없습니다")
	})
}

// A key that is pressed while kubectl is asked ends the question, and its answer changes nothing any more.
func TestCompletionIsCancelledByTheNextKey(t *testing.T) {
	for _, key := range []string{"x", "left", "esc", "enter"} {
		t.Run(key, func(t *testing.T) {
			var ended error
			con := newConsole(t, 80, 24, func(cfg *Config) {
				cfg.Complete = func(ctx context.Context, _ []string) (lab.Completion, error) {
					ended = ctx.Err()
					return proposed("pods"), nil
				}
			})
			con.publish(tuitest.Running(1))
			con.press(":")
			con.typeText("get p")
			con.press("tab", "tab") // the second one waits for the first
			con.press(key)
			before := con.prompt.input.Value()
			con.perform()
			if !errors.Is(ended, context.Canceled) {
				t.Errorf("the question went on: %v", ended)
			}
			if got := con.prompt.input.Value(); got != before {
				t.Errorf("%q became %q", before, got)
			}
		})
	}
}

func TestManyProposalsScroll(t *testing.T) {
	var names []string
	for i := range 500 {
		names = append(names, "파드-"+strconv.Itoa(i)+strings.Repeat("길", i%90))
	}
	c, _ := completing(t, proposed(names...), nil)
	c.press("tab")
	c.perform()
	c.wants("완성 후보 500개", "파드-0")
	c.press("shift+tab")
	c.wants("완성 후보 500/500", "파드-499")
	for _, w := range []int{60, 61, 200} {
		c.send(tea.WindowSizeMsg{Width: w, Height: 18})
		c.wants("파드-499")
	}
	c.send(tea.WindowSizeMsg{Width: 10, Height: 5})
	c.screen()
}
