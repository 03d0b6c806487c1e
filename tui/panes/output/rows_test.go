package output

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/tui/panes/panetest"
	"healthlab/tui/theme"
)

func newPane(tasks ...lab.Task) *Pane {
	p := New("7 z")
	p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.English)
	p.SetSize(40, 8)
	p.SetSnapshot(&lab.Snapshot{Tasks: tasks})
	return p
}

func lines(p *Pane) []string {
	out := strings.Split(ansi.Strip(p.View(panetest.Now())), "\n")
	for i := range out {
		out[i] = strings.TrimRight(out[i], " ")
	}
	return out
}

func press(p *Pane, keys ...string) {
	for _, k := range keys {
		p.HandleKey(panetest.Key(k))
	}
}

func TestFold(t *testing.T) {
	for name, tc := range map[string]struct {
		in   []string
		w    int
		want []string
	}{
		"short":            {[]string{"ab", ""}, 4, []string{"ab", ""}},
		"long":             {[]string{"abcdef"}, 4, []string{"abcd", "ef"}},
		"no half syllable": {[]string{"가나다"}, 3, []string{"가", "나", "다"}},
		"no room":          {[]string{"가"}, 1, []string{}},
		"none":             {[]string{"a"}, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, fold(tc.in, tc.w)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFoldKeepsStyles(t *testing.T) {
	got := fold([]string{"\x1b[31mabcd\x1b[m"}, 2)
	if len(got) != 2 {
		t.Fatalf("got %q", got)
	}
	for _, piece := range got {
		if !strings.Contains(piece, "\x1b[31m") || !strings.HasSuffix(piece, "\x1b[m") {
			t.Errorf("%q is not red, or does not end so", piece)
		}
	}
}

func TestSplit(t *testing.T) {
	for name, tc := range map[string]struct {
		text, word string
		want       []string
	}{
		"none":        {"abc", "x", []string{"abc"}},
		"letter case": {"Ready ready", "READY", []string{"", "Ready", " ", "ready", ""}},
		"korean":      {"파드 하나", "하나", []string{"파드 ", "하나", ""}},
		"empty":       {"abc", "", []string{"abc"}},
		"odd length":  {"İx", "x", []string{"İx"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, split(tc.text, tc.word)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestStates(t *testing.T) {
	for name, tc := range map[string]struct {
		task lab.Task
		want string
	}{
		"running":  {lab.Task{ID: 1, State: lab.TaskRunning, Started: panetest.Now().Add(-90 * time.Second)}, "● running for 90s"},
		"done":     {lab.Task{ID: 1, State: lab.TaskDone, Took: 35 * time.Millisecond}, "✓ done, 35ms"},
		"failed":   {lab.Task{ID: 1, State: lab.TaskFailed, ExitCode: 3, Took: 2 * time.Second}, "✗ failed, 2s, exit code 3"},
		"canceled": {lab.Task{ID: 1, State: lab.TaskCanceled, Took: 1500 * time.Millisecond}, "■ canceled, 1.5s"},
	} {
		t.Run(name, func(t *testing.T) {
			tc.task.Line = "kubectl get pods"
			got := lines(newPane(tc.task))[:2]
			if diff := cmp.Diff([]string{"$ kubectl get pods", tc.want}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAProblemIsShownInWords(t *testing.T) {
	p := newPane(lab.Task{
		ID: 1, Title: lab.T("적용", "apply"), State: lab.TaskFailed,
		Problem: lab.T("연결할 수 없습니다", "the cluster cannot be reached, try again once it is back"),
	})
	got := strings.Join(lines(p), " ")
	if !strings.Contains(got, "the cluster cannot be reached, try again once it is back") {
		t.Errorf("got %q", got)
	}
}

func TestANoteIsInTheUsersLanguage(t *testing.T) {
	task := lab.Task{ID: 1, Line: "cp", State: lab.TaskDone, Note: lab.T("~/a.yaml 파일을 만들었습니다", "wrote the file ~/a.yaml")}
	p := newPane(task)
	if got := lines(p)[2]; got != "wrote the file ~/a.yaml" {
		t.Errorf("English: %q", got)
	}
	p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.Korean)
	if got := lines(p)[2]; got != "~/a.yaml 파일을 만들었습니다" {
		t.Errorf("Korean: %q", got)
	}
}

func TestSearch(t *testing.T) {
	var out strings.Builder
	for _, word := range []string{"a", "파드 하나", "b", "c", "d", "e", "f", "파드 둘", "g", "h", "i", "j", "k"} {
		out.WriteString(word + "\n")
	}
	p := newPane(lab.Task{ID: 1, Line: "x", State: lab.TaskDone, Output: out.String()})
	p.View(panetest.Now())
	press(p, "g", "/")
	if !p.Typing() {
		t.Fatal("keys are not text after /")
	}
	press(p, "파", "들", "backspace", "드", "enter")
	if p.Typing() {
		t.Error("keys are still text after Enter")
	}
	got := lines(p)
	if got[2] != "파드 하나" || got[7] != "/파드  2 lines (n/N move, Esc ends)" {
		t.Errorf("first match: %q", got)
	}
	press(p, "n")
	if got := lines(p); got[2] != "파드 둘" {
		t.Errorf("second match: %q", got)
	}
	press(p, "n")
	if got := lines(p); got[2] != "파드 하나" {
		t.Errorf("after the last match comes not the first: %q", got)
	}
	if _, handled := p.HandleKey(panetest.Key("esc")); !handled {
		t.Error("Esc does not end the search")
	}
	if _, handled := p.HandleKey(panetest.Key("esc")); handled {
		t.Error("Esc without a search was taken")
	}
	if _, handled := p.HandleKey(panetest.Key("n")); handled {
		t.Error("n without a search was taken")
	}
}

func TestTheNewestTaskIsShownUntilAnotherIsChosen(t *testing.T) {
	a, b, c := lab.Task{ID: 1, Line: "a"}, lab.Task{ID: 2, Line: "b"}, lab.Task{ID: 3, Line: "c"}
	p := newPane(a, b)
	first := func(want string) {
		t.Helper()
		if got := lines(p)[0]; got != "$ "+want {
			t.Errorf("shows %q, want %q", got, want)
		}
	}
	first("b")
	press(p, "[")
	first("a")
	press(p, "[")
	first("a")
	p.SetSnapshot(&lab.Snapshot{Tasks: []lab.Task{a, b}})
	first("a")
	p.SetSnapshot(&lab.Snapshot{Tasks: []lab.Task{b, c}})
	first("c")
	press(p, "[", "]")
	first("c")
}

func TestSidewaysUnwraps(t *testing.T) {
	long := strings.Repeat("0123456789", 6)
	p := newPane(lab.Task{ID: 1, Line: "x", State: lab.TaskDone, Output: long + "\n"})
	if got := lines(p); got[2]+got[3] != long {
		t.Errorf("wrapped: %q", got)
	}
	press(p, ">")
	if got := lines(p); got[2] != long[:40] || got[3] != "" {
		t.Errorf("unwrapped: %q", got)
	}
	press(p, ">")
	if got := lines(p); got[2] != long[8:48] {
		t.Errorf("eight to the right: %q", got)
	}
	press(p, "<", "<", "<")
	if got := lines(p); got[2]+got[3] != long {
		t.Errorf("wrapped again: %q", got)
	}
}

// kubectl says what went wrong first; what follows may be long.
func TestAFailureIsReadFromItsBeginning(t *testing.T) {
	p := New("7 z")
	p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.English)
	p.SetSize(60, 6)
	task := lab.Task{ID: 1, Line: "kubectl apply", State: lab.TaskRunning, Output: strings.Repeat("line\n", 20)}
	p.SetSnapshot(&lab.Snapshot{Tasks: []lab.Task{task}})
	p.View(panetest.Now())
	task.State, task.Output = lab.TaskFailed, "error: first\n"+task.Output+"last\n"
	p.SetSnapshot(&lab.Snapshot{Tasks: []lab.Task{task}})
	if got := p.View(panetest.Now()); !strings.Contains(got, "error: first") || strings.Contains(got, "last") {
		t.Error(got)
	}
}

func TestWhatIsOutOfSightIsCounted(t *testing.T) {
	for _, c := range []struct {
		name          string
		lines, w, h   int
		want, wantNot string
	}{
		{"all in sight", 3, 60, 5, "", "lines"},
		{"a small pane says how to see more", 20, 60, 5, "  lines 18-20 of 20, enlarge: 7 z", ""},
		{"a large one does not need to", 30, 60, 20, "  lines 13-30 of 30", "enlarge"},
		{"no room for the keys", 20, 35, 5, "  lines 18-20 of 20", "enlarge"},
		{"no room", 20, 20, 5, "", "lines"},
		{"no row for the output", 20, 60, 2, "  lines: 20, enlarge: 7 z", "21"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := New("7 z")
			p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.English)
			p.SetSize(c.w, c.h)
			p.SetSnapshot(&lab.Snapshot{Tasks: []lab.Task{{
				ID: 1, Line: "kubectl get", State: lab.TaskDone, Output: strings.Repeat("row\n", c.lines),
			}}})
			status := strings.TrimRight(lines(p)[1], " ")
			if !strings.HasSuffix(status, c.want) || c.wantNot != "" && strings.Contains(status, c.wantNot) {
				t.Errorf("got %q, want it to end in %q and not to hold %q", status, c.want, c.wantNot)
			}
		})
	}
}
