package plain

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"testing/synctest"

	"healthlab/lab"
	"healthlab/tui/tuitest"
)

// With the Korean input method on, letters come as Hangul; Korean and English words are commands too.
func TestKoreanInput(t *testing.T) {
	for _, tt := range []struct {
		typed string
		want  lab.Action
	}{
		{"ㅜ", lab.GoTo{Lab: 0, Step: 2}},
		{"다음", lab.GoTo{Lab: 0, Step: 2}},
		{"N", lab.GoTo{Lab: 0, Step: 2}},
		{"ㅠ", lab.GoTo{Lab: 0, Step: 0}},
		{"back", lab.GoTo{Lab: 0, Step: 0}},
		{"ㄱ", lab.RunStep{}},
		{"ㅜㄷㅌㅅ", lab.GoTo{Lab: 0, Step: 2}},
		{"ㄴ 4", lab.GoTo{Lab: 1, Step: 0}},
		{"s4", lab.GoTo{Lab: 1, Step: 0}},
		{"단계 4", lab.GoTo{Lab: 1, Step: 0}},
		{"ㅌ", lab.Inject{Fault: "hang"}},
		{":get pods", lab.Kubectl{Args: []string{"get", "pods"}}},
		{"ㅏ ㅎㄷㅅ ㅔㅐㅇㄴ -A", lab.Kubectl{Args: []string{"get", "pods", "-A"}}},
		{"ㅏ get pods -o 'jsonpath={.items}'", lab.Kubectl{Args: []string{"get", "pods", "-o", "jsonpath={.items}"}}},
		{"kubectl get pods", lab.Kubectl{Args: []string{"get", "pods"}}},
	} {
		t.Run(tt.typed, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := start(t, lab.Korean, tuitest.Running(1))
				u.types(tt.typed)
				u.did(tt.want)
			})
		})
	}
}

func TestLanguageAndHints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t, lab.Korean, tuitest.Running(1))
		u.types("i", "ㅑ", "힌트")
		u.hears("힌트 1, 모두 2개. 네임스페이스를 먼저 만듭니다.", "힌트 2, 모두 2개. 이벤트를 봅니다.", "힌트 1, 모두 2개.")
		u.types("ㅣ")
		u.hears("step 2 of 3: Deploy the pod.")
		u.types("g")
		u.hears("Not met yet: The pod liveness-app is Ready. Reason: 0 of 1 pods are Ready.\n")
		u.types("?")
		u.hears("n or next: go to the next step.\n", "capital R or reset", "q or quit: quit.\n")
	})
}

// No two commands answer to one name, and each can be typed by its letter, in both languages and with the Korean input
// method on.
func TestNames(t *testing.T) {
	c := &console{verbs: verbs()}
	seen := map[string]string{}
	for _, v := range c.verbs {
		for _, name := range append([]string{v.letter, v.word, v.korean}, v.others...) {
			if other, taken := seen[name]; taken {
				t.Errorf("%q is both %s and %s", name, other, v.word)
			}
			seen[name] = v.word
			if got, rest, ok := c.find(name + " 1"); !ok || got.word != v.word || rest != "1" {
				t.Errorf("%q is taken for %q %q", name, got.word, rest)
			}
		}
		if v.does.Ko == "" || v.does.En == "" {
			t.Errorf("%s is not described in both languages", v.word)
		}
	}
}

// A text names no command that does not exist.
func TestTextsNameVerbs(t *testing.T) {
	c := &console{verbs: verbs()}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range regexp.MustCompile(`c\.letter\("([a-z]+)"\)`).FindAllSubmatch(source, -1) {
			named++
			if c.letter(string(match[1])) == "" {
				t.Errorf("%s: there is no command %s", file, match[1])
			}
		}
	}
	if named < 10 {
		t.Errorf("only %d names were found", named)
	}
}
