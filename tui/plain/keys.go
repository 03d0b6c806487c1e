package plain

import (
	"fmt"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/shell"

	"healthlab/lab"
	"healthlab/tui/hangul"
)

// verb is a command that can be typed: by its letter, its English or its Korean word.
type verb struct {
	letter, word, korean string
	does                 lab.Text
	do                   func(c *console, rest string)
}

func verbs() []verb {
	return []verb{
		{
			"n", "next", "다음",
			lab.Text{Ko: "다음 단계로 갑니다", En: "go to the next step"},
			func(c *console, _ string) { c.goBy(1) },
		},
		{
			"b", "back", "이전",
			lab.Text{Ko: "이전 단계로 갑니다", En: "go back one step"},
			func(c *console, _ string) { c.goBy(-1) },
		},
		{
			"r", "run", "실행",
			lab.Text{Ko: "이 단계의 명령을 실행합니다", En: "run the commands of this step"},
			func(c *console, _ string) { c.runStep() },
		},
		{
			"x", "fault", "장애",
			lab.Text{Ko: "장애를 일으킵니다", En: "break something"},
			func(c *console, _ string) { c.inject(false) },
		},
		{
			"f", "repair", "복구",
			lab.Text{Ko: "장애를 복구합니다", En: "repair it"},
			func(c *console, _ string) { c.inject(true) },
		},
		{
			"c", "choose", "파드",
			lab.Text{Ko: "장애를 일으킬 파드를 고릅니다", En: "choose the pod for faults"},
			func(c *console, _ string) { c.choosePod() },
		},
		{
			"s", "state", "상태",
			lab.Text{Ko: "파드, 복제본, 엔드포인트, 프로브의 상태를 읽습니다", En: "tell the state of pods, replicas, endpoints and probes"},
			func(c *console, _ string) { c.state() },
		},
		{
			"g", "goals", "목표",
			lab.Text{Ko: "목표와, 아직 이루지 못한 이유를 읽습니다", En: "tell the goals, and why one is not met"},
			func(c *console, _ string) { c.goals() },
		},
		{
			"p", "page", "본문",
			lab.Text{Ko: "이 단계의 글을 다시 읽습니다", En: "tell the text of this step again"},
			func(c *console, _ string) { c.page() },
		},
		{
			"h", "hint", "힌트",
			lab.Text{Ko: "힌트를 하나씩 듣습니다", En: "give the next hint"},
			func(c *console, _ string) { c.hint() },
		},
		{
			"a", "answer", "정답",
			lab.Text{Ko: "풀이를 듣습니다. 먼저 묻습니다", En: "give the solution; asks first"},
			func(c *console, _ string) { c.solution() },
		},
		{
			"k", "kubectl", "명령",
			lab.Text{Ko: "kubectl을 실행합니다. 예: k get pods -A", En: "run kubectl, for example: k get pods -A"},
			func(c *console, rest string) { c.kubectl(rest) },
		},
		{
			"z", "cancel", "취소",
			lab.Text{Ko: "실행 중인 명령을 취소합니다", En: "cancel the command under way"},
			func(c *console, _ string) { c.cancel() },
		},
		{
			"l", "language", "언어",
			lab.Text{Ko: "언어를 바꿉니다. Switch to English", En: "switch the language. 한국어로 바꿉니다"},
			func(c *console, _ string) { c.language() },
		},
		{
			"R", "reset", "초기화",
			lab.Text{Ko: "실습을 처음부터 다시 합니다. 먼저 묻습니다", En: "start the lab anew; asks first"},
			func(c *console, _ string) { c.reset() },
		},
		{
			"?", "help", "도움말",
			lab.Text{Ko: "이 목록을 읽습니다", En: "tell this list"},
			func(c *console, _ string) { c.help() },
		},
		{
			"q", "quit", "끝",
			lab.Text{Ko: "마칩니다", En: "quit"},
			func(c *console, _ string) { c.over = true },
		},
	}
}

// find returns what a line asks for, and the rest of the line. Letters that were typed with the Korean input method on
// stand for the keys that they were typed with.
func (c *console) find(line string) (verb, string, bool) {
	first, rest, _ := strings.Cut(line, " ")
	for _, word := range []string{first, latin(first)} {
		for _, name := range []string{word, strings.ToLower(word)} { // R is not r, but N is n
			i := slices.IndexFunc(c.verbs, func(v verb) bool { return name == v.letter || name == v.word || name == v.korean })
			if i >= 0 && name != "" {
				return c.verbs[i], strings.TrimSpace(rest), true
			}
		}
	}
	return verb{}, "", false
}

// latin is the keys that word was typed with, or nothing if not all of it is Hangul.
func latin(word string) string {
	var out strings.Builder
	for _, r := range word {
		keys := hangul.Latin(r)
		if keys == "" {
			return ""
		}
		out.WriteString(keys)
	}
	return out.String()
}

func (c *console) help() {
	c.sayf("명령은 글자 하나나 단어를 입력하고 Enter를 누릅니다. 한글 입력 상태에서도 됩니다.",
		"A command is one letter or a word, followed by Enter. It may be typed with the Korean input method on.")
	c.sayf("Enter만 누르면 마지막 줄이 알려 준 일을 합니다.", "Enter alone does what the last line named.")
	for _, v := range c.verbs {
		letter := v.letter
		switch letter {
		case "?":
			letter = c.Lang.Pick("물음표", "question mark")
		case "R":
			letter = c.Lang.Pick("대문자 R", "capital R")
		}
		c.say(fmt.Sprintf(c.Lang.Pick("%s 또는 %s: %s.", "%s or %s: %s."), letter, c.Lang.Pick(v.korean, v.word), v.does.In(c.Lang)))
	}
}

func (c *console) language() {
	if c.Lang == lab.Korean {
		c.Lang = lab.English
	} else {
		c.Lang = lab.Korean
	}
	c.page()
}

// kubectl runs a command line, split into words as a shell would.
func (c *console) kubectl(line string) {
	if line == "" {
		c.sayf("뒤에 kubectl의 인자를 입력하십시오. 예: k get pods -A", "Type kubectl's arguments after it, for example: k get pods -A")
		return
	}
	args, err := shell.Fields(line, nil)
	if err != nil {
		c.sayf("명령을 나눌 수 없습니다. 따옴표를 확인하십시오. %v", "The command cannot be split; look at its quotes. %v", err)
		return
	}
	if len(args) > 0 && args[0] == "kubectl" {
		args = args[1:]
	}
	if c.do(lab.Kubectl{Args: args}) {
		c.sayf("실행합니다: kubectl %s", "Running: kubectl %s", strings.Join(args, " "))
	}
}
