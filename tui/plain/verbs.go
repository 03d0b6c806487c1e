package plain

import (
	"slices"
	"strings"

	"healthlab/lab"
	"healthlab/tui/hangul"
)

// verb is a command that can be typed: by its letter, its English or its Korean word, or another name. The letters are
// the console's keys wherever it has one for the same; the digits are those of its panes.
type verb struct {
	letter, word, korean string
	others               []string
	does                 lab.Text
	do                   func(c *console, rest string)
}

func verbs() []verb {
	return slices.Concat(walkVerbs(), faultVerbs(), askVerbs(), otherVerbs())
}

func walkVerbs() []verb {
	return []verb{
		{
			"r", "run", "실행", nil,
			lab.T("이 단계의 명령을 실행합니다", "run the commands of this step"),
			func(c *console, _ string) { c.runStep() },
		},
		{
			"n", "next", "다음", nil,
			lab.T("다음 단계로 갑니다", "go to the next step"),
			func(c *console, _ string) { c.goBy(1) },
		},
		{
			"b", "back", "이전",
			[]string{"previous"},
			lab.T("이전 단계로 갑니다", "go back one step"),
			func(c *console, _ string) { c.goBy(-1) },
		},
		{
			"s", "steps", "단계",
			[]string{"step", "실습"},
			lab.T("모든 실습의 단계를 듣고 하나를 골라서 갑니다", "hear the steps of all labs and go to one"),
			func(c *console, rest string) { c.chooseStep(rest) },
		},
		{
			"t", "again", "다시", nil,
			lab.T("이 단계만 지우고 다시 합니다. 먼저 묻습니다", "reset this step and do it again; asks first"),
			func(c *console, _ string) { c.resetStep() },
		},
		{
			"R", "reset", "처음부터",
			[]string{"초기화"},
			lab.T("이 실습을 지우고 처음부터 다시 합니다. 먼저 묻습니다", "reset this lab and start at its first step; asks first"),
			func(c *console, _ string) { c.resetLab() },
		},
	}
}

func faultVerbs() []verb {
	return []verb{
		{
			"x", "fault", "장애",
			[]string{"u"},
			lab.T("이 단계의 장애를 일으킵니다", "cause the fault of this step"),
			func(c *console, _ string) { c.inject(false) },
		},
		{
			"f", "repair", "복구",
			[]string{"fix"},
			lab.T("장애를 복구합니다", "repair the fault"),
			func(c *console, _ string) { c.inject(true) },
		},
		{
			"d", "faults", "모든장애", nil,
			lab.T("이 실습의 장애와 복구를 모두 듣고 하나를 고릅니다", "hear all faults and repairs of this lab and choose one"),
			func(c *console, rest string) { c.chooseFault(rest) },
		},
		{
			"c", "pod", "파드",
			[]string{"choose"},
			lab.T("장애와 복구의 대상이 될 파드를 고릅니다", "choose the pod for faults and repairs"),
			func(c *console, rest string) { c.choosePod(rest) },
		},
		{
			"#", "requests", "요청",
			[]string{"traffic", "트래픽"},
			lab.T("서비스에 요청을 꾸준히 보내거나 그칩니다. 예: 요청 web:80/health 20",
				"send a steady stream of requests to a Service, or stop it, for example: requests web:80/health 20"),
			func(c *console, rest string) { c.traffic(rest) },
		},
	}
}

func askVerbs() []verb {
	return []verb{
		{
			"h", "here", "지금",
			[]string{"2", "3", "state", "status", "상태", "where"},
			lab.T("지금 어느 단계인지와 클러스터, 파드, 프로브, 레플리카, 엔드포인트의 상태를 듣습니다",
				"hear where you are, and the state of cluster, pods, probes, replicas and endpoints"),
			func(c *console, _ string) { c.here() },
		},
		{
			"v", "events", "이벤트",
			[]string{"4", "event"},
			lab.T("최근 이벤트를 같은 것끼리 모아 듣습니다. v all은 하나씩 모두 들려줍니다",
				"hear the latest events, those that say the same as one; v all tells each of them"),
			func(c *console, rest string) { c.events(rest == "all" || rest == "모두") },
		},
		{
			"m", "probes", "프로브",
			[]string{"5", "probe"},
			lab.T("최근에 프로브를 시도한 기록을 듣습니다", "hear the latest probe attempts"),
			func(c *console, _ string) { c.attempts() },
		},
		{
			"8", "timeline", "타임라인",
			[]string{"history", "시간표"},
			lab.T("파드가 언제부터 어떤 상태였는지, 장애마다 무엇이 예측되고 측정되었는지 듣습니다",
				"hear since when each pod was in which state, and for each fault what was predicted and measured"),
			func(c *console, _ string) { c.timeline() },
		},
		{
			"!", "why", "왜", nil,
			lab.T("파드가 왜 이런 상태인지와 그 근거를 듣습니다. 예: 왜 liveness-app",
				"hear why a pod is as it is, and on what that rests, for example: why liveness-app"),
			func(c *console, rest string) { c.why(rest) },
		},
		{
			"0", "debrief", "돌아보기", nil,
			lab.T("장애마다 예측과 실제로 잰 시간을 견주어 듣습니다. 앞의 장애는 번호로 고릅니다",
				"hear, for each fault, the forecast beside what was measured; earlier ones by their number"),
			func(c *console, rest string) { c.review(rest) },
		},
		{
			"o", "log", "로그",
			[]string{"6", "logs"},
			lab.T("고른 파드의 최근 앱 로그를 듣습니다", "hear the latest log lines of the chosen pod"),
			func(c *console, _ string) { c.applog() },
		},
		{
			"g", "goals", "목표",
			[]string{"goal"},
			lab.T("목표와, 아직 이루지 못한 이유를 듣습니다", "hear the goals, and why they are not met yet"),
			func(c *console, _ string) { c.goals() },
		},
		{
			"p", "page", "본문",
			[]string{"1", "text"},
			lab.T("이 단계의 본문을 다시 듣습니다", "hear the text of this step again"),
			func(c *console, _ string) { c.page() },
		},
		{
			"y", "copy", "복사",
			[]string{"commands"},
			lab.T("이 단계의 명령을 다른 터미널에 입력할 수 있게 매니페스트의 내용까지 모두 듣습니다",
				"hear the commands of this step with the content of manifests, as you can type them in a second terminal"),
			func(c *console, _ string) { c.commands() },
		},
		{
			"i", "hint", "힌트", nil,
			lab.T("힌트를 하나씩 듣습니다", "hear the next hint"),
			func(c *console, _ string) { c.hint() },
		},
		{
			"a", "solution", "풀이",
			[]string{"answer", "정답"},
			lab.T("풀이를 듣습니다. 먼저 묻습니다", "hear the solution; asks first"),
			func(c *console, _ string) { c.solution() },
		},
	}
}

func otherVerbs() []verb {
	return []verb{
		{
			"k", "kubectl", "명령", nil,
			lab.T("kubectl을 실행합니다. 예: k get pods", "run kubectl, for example: k get pods"),
			func(c *console, rest string) { c.kubectl(rest) },
		},
		{
			"e", "edit", "편집", nil,
			lab.T("매니페스트를 편집기로 고치고, 바뀐 것을 들은 뒤 적용합니다",
				"edit the manifest, hear what has changed, and apply it"),
			func(c *console, rest string) { c.edit(rest) },
		},
		{
			"w", "tasks", "작업",
			[]string{"7", "output", "출력"},
			lab.T("진행 중이거나 끝난 명령과 그 출력을 다시 듣습니다", "hear the running and finished commands, and their output again"),
			func(c *console, rest string) { c.tasks(rest) },
		},
		{
			"z", "cancel", "취소",
			[]string{"stop"},
			lab.T("실행 중인 명령을 취소합니다", "cancel the running command"),
			func(c *console, rest string) { c.cancel(rest) },
		},
		{
			"&", "probing", "직접", nil,
			lab.T("healthlab이 프로브를 직접 실행할지 바꿉니다", "switch healthlab's own probes on or off"),
			func(c *console, _ string) { c.do(lab.SetProbing{Probing: c.moment().OtherProbing()}) },
		},
		{
			"l", "language", "언어",
			[]string{"english", "korean", "영어", "한국어"},
			lab.T("영어로 바꿉니다. Switch to English", "switch to Korean. 한국어로 바꿉니다"),
			func(c *console, _ string) { c.language() },
		},
		{
			"?", "help", "도움말", nil,
			lab.T("이 목록을 듣습니다", "hear this list"),
			func(c *console, _ string) { c.help() },
		},
		{
			"q", "quit", "끝",
			[]string{"exit", "종료"},
			lab.T("마칩니다", "quit"),
			func(c *console, _ string) { c.quit() },
		},
	}
}

// find returns what a line asks for, and the rest of the line. Letters that were typed with the Korean input method on
// stand for the keys that they were typed with, and so do those of the rest.
func (c *console) find(line string) (verb, string, bool) {
	if rest, ok := strings.CutPrefix(line, ":"); ok { // the console's key for the same
		line = "k " + strings.TrimSpace(rest)
	}
	first, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	if i := strings.IndexAny(first, "0123456789"); i > 0 && rest == "" { // s4 for s 4
		first, rest = first[:i], first[i:]
	}
	if v, ok := c.named(first); ok {
		return v, rest, true
	}
	v, ok := c.named(latin(first))
	if keys := latin(rest); keys != "" {
		rest = keys
	}
	return v, rest, ok
}

// letter is the letter of the verb that this English word names.
func (c *console) letter(word string) string {
	v, _ := c.named(word)
	return v.letter
}

func (c *console) named(word string) (verb, bool) {
	for _, name := range []string{word, strings.ToLower(word)} { // R is not r, but N is n
		i := slices.IndexFunc(c.verbs, func(v verb) bool {
			return name == v.letter || name == v.word || name == v.korean || slices.Contains(v.others, name)
		})
		if i >= 0 && name != "" {
			return c.verbs[i], true
		}
	}
	return verb{}, false
}

// latin is the keys that text was typed with, or nothing if there is no Hangul in it. What is not a letter, such as a
// hyphen, is the same in both.
func latin(text string) string {
	var out strings.Builder
	found := false
	for _, r := range text {
		if keys := hangul.Latin(r); keys != "" {
			out.WriteString(keys)
			found = true
			continue
		}
		out.WriteRune(r)
	}
	if !found {
		return ""
	}
	return out.String()
}

func (c *console) help() {
	c.say(lab.T("명령은 글자 하나나 단어를 입력하고 Enter를 누릅니다. 한글 입력 상태에서도 됩니다.",
		"A command is one letter or a word, followed by Enter. It may be typed with the Korean input method on."))
	c.say(lab.T("Enter만 누르면 마지막 줄이 알려 준 일을 합니다.", "Enter alone does what the last line says."))
	if c.Begun != nil {
		c.say(lab.T("입력하는 동안 일어난 일은 Enter를 누른 뒤에 알립니다.", "What happens while you type is told after you press Enter."))
	}
	for _, v := range c.verbs {
		letter := lab.Same(v.letter)
		switch v.letter {
		case "?":
			letter = lab.T("물음표", "question mark")
		case "R":
			letter = lab.T("대문자 R", "capital R")
		case "#":
			letter = lab.T("샵 기호", "number sign")
		case "!":
			letter = lab.T("느낌표", "exclamation mark")
		}
		c.say(lab.Textf("%s 또는 %s: %s.", "%s or %s: %s.", letter, lab.T(v.korean, v.word), v.does))
	}
	c.export()
}

// export says how to use kubectl elsewhere, if something has to be done for it.
func (c *console) export() {
	if c.Export != "" {
		c.say(lab.Textf("다른 터미널에서 kubectl을 쓰려면 그 터미널에서 먼저 실행하십시오: %s",
			"To use kubectl in a second terminal, run this there first: %s", c.Export))
	}
}

func (c *console) language() {
	if c.Lang == lab.Korean {
		c.Lang = lab.English
	} else {
		c.Lang = lab.Korean
	}
	if c.OnLang != nil {
		c.OnLang(c.Lang)
	}
	c.page()
}

func (c *console) quit() {
	n := len(c.moment().Running())
	if n == 0 {
		c.over = true
		return
	}
	c.confirm(lab.Textf("명령 %d개가 아직 실행 중입니다. 그만두고 끝낼까요?",
		"Commands still running: %d. Stop them and quit?", n), func() { c.over = true })
}
