package tui

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/course"
)

func always(*Model) bool { return true }

// bindings is the whole keymap. Capitals are used only for keys that the Dubeolsik layout has with Shift (Q W E R T O P).
func bindings() []Binding {
	all := labBindings()
	all = append(all, faultBindings()...)
	all = append(all, reasonBindings()...)
	all = append(all, replayBindings()...)
	all = append(all, viewBindings()...)
	for i, id := range paneIDs() {
		all = append(all, paneBinding(i+1, id))
	}
	all = append(all, commandBindings()...)
	all = append(all, clusterBindings()...)
	return append(all, consoleBindings()...)
}

func labBindings() []Binding {
	return []Binding{
		{
			ID: "run", Keys: []string{"r", "enter"}, group: groupLab,
			Name: lab.T("실행", "run"),
			Help: lab.T("이 단계의 명령을 실행한다", "Run the commands of this step"),
			do:   func(m *Model) tea.Cmd { return m.steps.run() }, disabled: disabledDo(lab.RunStep{}),
			inFooter: func(m *Model) bool { return m.steps.matters() },
		},
		{
			ID: "next", Keys: []string{"right", "n"}, group: groupLab,
			Name: lab.T("다음", "next"),
			Help: lab.T("다음 단계로 간다", "Go to the next step"),
			do:   func(m *Model) tea.Cmd { return m.steps.by(1) }, disabled: disabledBy(1),
			inFooter: func(m *Model) bool { return m.moment().WhyNotBy(1).IsZero() },
		},
		{
			ID: "previous", Keys: []string{"left", "b"}, group: groupLab,
			Name: lab.T("이전", "back"),
			Help: lab.T("이전 단계로 간다", "Go back to the previous step"),
			do:   func(m *Model) tea.Cmd { return m.steps.by(-1) }, disabled: disabledBy(-1),
		},
		{
			ID: "steps", Keys: []string{"s"}, group: groupLab,
			Name: lab.T("단계", "steps"),
			Help: lab.T("실습과 단계를 골라서 간다", "Choose a lab and a step to go to"),
			do:   func(m *Model) tea.Cmd { return m.steps.open() }, disabled: disabledIf(course.Moment.WhyNotGo),
		},
		{
			ID: "hint", Keys: []string{"i"}, group: groupLab,
			Name: lab.T("힌트", "hint"),
			Help: lab.T("힌트를 하나씩 본다", "Show the next hint"),
			do:   func(m *Model) tea.Cmd { return m.steps.hint() }, disabled: disabledIf(course.Moment.WhyNoHint),
		},
		{
			ID: "solution", Keys: []string{"a"}, group: groupLab,
			Name: lab.T("풀이", "solution"),
			Help: lab.T("풀이를 본다 (먼저 묻는다)", "Show the solution, after asking"),
			do:   func(m *Model) tea.Cmd { return m.steps.solution() }, disabled: disabledIf(course.Moment.WhyNoSolution),
		},
		{
			ID: "reset", Keys: []string{"R"}, group: groupLab,
			Name: lab.T("처음부터", "reset"),
			Help: lab.T("실습을 지우고 처음부터 다시 한다 (먼저 묻는다)", "Start this lab over, after asking"),
			do:   func(m *Model) tea.Cmd { return m.steps.resetLab() }, disabled: disabledDo(lab.ResetLab{}),
		},
		{
			ID: "reset-step", Keys: []string{"T"}, group: groupLab,
			Name: lab.T("다시", "again"),
			Help: lab.T("이 단계만 지우고 다시 한다 (먼저 묻는다)", "Do this step over, after asking"),
			do:   func(m *Model) tea.Cmd { return m.steps.resetStep() }, disabled: disabledDo(lab.ResetStep{}),
		},
	}
}

func faultBindings() []Binding {
	one := func(role lab.FaultRole, id, key string, name, help lab.Text) Binding {
		return Binding{
			ID: id, Keys: []string{key}, group: groupFault,
			Name: name, Help: help,
			do:       func(m *Model) tea.Cmd { return m.faults.injectRole(role) },
			disabled: func(m *Model) lab.Text { return m.moment().WhyNoRole(role).Text },
			inFooter: func(m *Model) bool { return m.faults.matters(role) },
		}
	}
	return []Binding{
		{
			ID: "stand-in", Keys: []string{"%"}, group: groupFault,
			Name: lab.T("대역", "stand-in"),
			Help: lab.T("healthlab에 없는 이미지 대신 대역(stand-in)을 실행한다", "Run stand-ins for images that healthlab does not have"),
			do:   (*Model).standIn, disabled: (*Model).whyNoStandIn,
			inFooter: func(m *Model) bool { return m.whyNoStandIn().IsZero() },
		},
		one(lab.RoleHang, "hang", "x", lab.T("멈추기", "hang"), lab.T("앱을 멈추게 한다", "Hang the app")),
		one(lab.RoleUnready, "break", "u", lab.T("준비 해제", "unready"),
			lab.T("고른 파드를 준비되지 않은 상태로 만든다", "Make the chosen pod unready")),
		one(lab.RoleRepair, "repair", "f", lab.T("복구", "repair"), lab.T("고른 파드를 되돌린다", "Repair the chosen pod")),
		{
			ID: "faults", Keys: []string{"d"}, group: groupFault,
			Name: lab.T("장애", "faults"),
			Help: lab.T("이 실습의 장애와 복구를 모두 보고 고른다", "Choose among all faults and repairs of this lab"),
			do:   func(m *Model) tea.Cmd { return m.faults.open() }, disabled: disabledIf(course.Moment.WhyNoFaults),
			inFooter: func(m *Model) bool { return m.faults.othersMatter() },
		},
		{
			ID: "pod", Keys: []string{"c"}, group: groupFault,
			Name: lab.T("파드 고르기", "pod"),
			Help: lab.T("장애와 로그의 대상이 될 파드를 고른다", "Choose the pod for faults and the log"),
			do:   func(m *Model) tea.Cmd { return m.faults.choosePod() }, disabled: disabledIf(course.Moment.WhyNoPods),
			inFooter: func(m *Model) bool { return m.snap != nil && len(m.snap.Pods) > 1 && !m.snap.Replay },
		},
		{
			ID: "traffic", Keys: []string{"#"}, group: groupFault,
			Name: lab.T("요청", "requests"),
			Help: lab.T("서비스에 요청을 꾸준히 보내거나 그친다", "Send a steady stream of requests to a Service, or stop it"),
			do:   func(m *Model) tea.Cmd { return m.traffic.toggle() }, disabled: func(m *Model) lab.Text { return m.traffic.disabled() },
			inFooter: func(m *Model) bool {
				return (m.moment().TrafficOn() || m.focus == Replicas) && m.traffic.disabled().IsZero()
			},
		},
	}
}

func reasonBindings() []Binding {
	return []Binding{
		{
			ID: "why", Keys: []string{"!"}, group: groupReason,
			Name: lab.T("왜", "why"),
			Help: lab.T("파드가 왜 이런 상태인지와 그 근거를 본다", "See why the pod is as it is, and on what that rests"),
			do:   func(m *Model) tea.Cmd { return m.why.open() }, disabled: func(m *Model) lab.Text { return m.why.disabled() },
			inFooter: func(m *Model) bool { return len(m.why.causes) > 0 },
		},
		{
			ID: "debrief", Keys: []string{"0"}, group: groupReason,
			Name: lab.T("돌아보기", "debrief"),
			Help: lab.T("장애마다 예측과 실제로 잰 시간을 견주어 본다", "Compare, for each fault, the forecast with what was measured"),
			do:   func(m *Model) tea.Cmd { return m.debrief.open() }, disabled: func(m *Model) lab.Text { return m.debrief.disabled() },
			inFooter: func(m *Model) bool { return len(m.debrief.over) > 0 },
		},
	}
}

func viewBindings() []Binding {
	return []Binding{
		{
			ID: "focus", Keys: []string{"tab"}, group: groupView,
			Name: lab.T("창", "pane"),
			Help: lab.T("다음 창으로 옮긴다", "Focus the next pane"),
			do:   func(m *Model) tea.Cmd { m.focusBy(1); return nil }, inFooter: always,
		},
		{
			ID: "focus-back", Keys: []string{"shift+tab"}, group: groupView,
			Name: lab.T("앞 창", "pane back"),
			Help: lab.T("앞의 창으로 옮긴다", "Focus the previous pane"),
			do:   func(m *Model) tea.Cmd { m.focusBy(-1); return nil },
		},
		{
			ID: "zoom", Keys: []string{"z"}, group: groupView,
			Name: lab.T("크게", "zoom"),
			Help: lab.T("창 하나를 전체 화면으로 키우거나 되돌린다", "Zoom the pane to the whole screen, and back"),
			do:   func(m *Model) tea.Cmd { m.toggleZoom(); return nil }, inFooter: always,
		},
		{
			ID: "presenter", Keys: []string{"p"}, group: groupView,
			Name: lab.T("발표", "present"),
			Help: lab.T("발표 화면: 멀리서도 보이는 큰 숫자", "Presenter mode: large digits for the last row"),
			do:   func(m *Model) tea.Cmd { m.togglePresenter(); return nil },
		},
		{
			ID: "theme", Keys: []string{"t"}, group: groupView,
			Name: lab.T("테마", "theme"),
			Help: lab.T("테마를 바꾼다 (어둡게, 밝게, 고대비)", "Next theme: dark, light, high contrast"),
			do:   (*Model).nextTheme,
		},
		{
			ID: "language", Keys: []string{"l"}, group: groupView,
			Name: lab.T("English", "한국어"),
			Help: lab.T("한국어와 영어를 바꾼다", "Switch between Korean and English"),
			do:   (*Model).nextLanguage, inFooter: always,
		},
		{
			ID: "mouse", Keys: []string{"m"}, group: groupView,
			Name: lab.T("마우스", "mouse"),
			Help: lab.T("마우스를 터미널에 넘기거나 되돌린다", "Give the mouse to the terminal to select text, or take it back"),
			do:   (*Model).toggleMouse,
		},
		{
			ID: "probing", Keys: []string{"&"}, group: groupView,
			Name: lab.T("직접 프로브", "own probes"),
			Help: lab.T("healthlab이 프로브를 직접 실행할지 바꾼다", "Switch healthlab's own probes on or off"),
			do:   (*Model).switchProbing, disabled: disabledDo(lab.SetProbing{}),
			inFooter: func(m *Model) bool { return m.focus == ProbeLog && !m.snap.Replay },
		},
	}
}

func paneBinding(n int, id PaneID) Binding {
	names := map[PaneID]lab.Text{
		Guide:    lab.T("안내", "guide"),
		Pods:     lab.T("파드", "pods"),
		Replicas: lab.T("레플리카", "replicas"),
		Events:   lab.T("이벤트", "events"),
		ProbeLog: lab.T("프로브", "probes"),
		AppLog:   lab.T("앱 로그", "app log"),
		Output:   lab.T("출력", "output"),
		Timeline: lab.T("타임라인", "timeline"),
	}
	name := names[id]
	var disabled func(*Model) lab.Text
	if id == Replicas {
		disabled = (*Model).whyNoReplicas
	}
	return Binding{
		ID: "pane-" + string(id), Keys: []string{strconv.Itoa(n)}, group: groupView, pane: id,
		Name: name,
		Help: lab.Textf("%s 창으로 옮긴다", "Focus the %s pane", name),
		do:   func(m *Model) tea.Cmd { m.setFocus(id); return nil }, disabled: disabled,
	}
}

func commandBindings() []Binding {
	return []Binding{
		{
			ID: "prompt", Keys: []string{":"}, group: groupCommand,
			Name: lab.T("kubectl", "kubectl"),
			Help: lab.T("kubectl 명령을 직접 친다", "Type a kubectl command"),
			do:   (*Model).openPrompt, disabled: disabledIf(course.Moment.WhyNoCluster),
			inFooter: func(m *Model) bool { return m.moment().WhyNoCluster().IsZero() },
		},
		{
			ID: "copy", Keys: []string{"y"}, group: groupCommand,
			Name: lab.T("복사", "copy"),
			Help: lab.T("이 단계의 명령을 복사한다", "Copy the commands of this step"),
			do:   func(m *Model) tea.Cmd { return m.copier.command() }, disabled: disabledIf(course.Moment.WhyNotCopy),
		},
		{
			ID: "copy-export", Keys: []string{"E"}, group: groupCommand,
			Name: lab.T("KUBECONFIG 복사", "copy KUBECONFIG"),
			Help: lab.T("다른 터미널에서 쓸 KUBECONFIG 설정을 복사한다", "Copy the KUBECONFIG line for a second terminal"),
			do:   func(m *Model) tea.Cmd { return m.copier.exportLine() }, disabled: func(m *Model) lab.Text { return m.copier.whyNoExport() },
		},
		{
			ID: "edit", Keys: []string{"e"}, group: groupCommand,
			Name: lab.T("편집", "edit"),
			Help: lab.T("매니페스트를 편집기로 고치고 적용한다", "Edit the manifest, see the difference, apply it"),
			do:   func(m *Model) tea.Cmd { return m.editor.start() }, disabled: func(m *Model) lab.Text { return m.editor.disabled() },
		},
		{
			ID: "tasks", Keys: []string{"w"}, group: groupCommand,
			Name: lab.T("작업", "tasks"),
			Help: lab.T("진행 중이거나 끝난 작업을 보고 취소한다", "See running and finished tasks, cancel one"),
			do:   func(m *Model) tea.Cmd { return m.tasks.open() }, disabled: disabledIf(course.Moment.WhyNoTasks),
			inFooter: func(m *Model) bool { return len(m.moment().Running()) > 0 },
		},
	}
}

func clusterBindings() []Binding {
	return []Binding{
		{
			ID: "clusters", Keys: []string{"O"}, group: groupCluster,
			Name: lab.T("클러스터", "clusters"),
			Help: lab.T("다른 클러스터를 연다 (먼저 묻는다)", "Open another cluster, after asking"),
			do:   func(m *Model) tea.Cmd { return m.chooser.open() }, disabled: func(m *Model) lab.Text { return m.chooser.disabled() },
			inFooter: func(m *Model) bool { return m.cfg.Clusters != nil && m.snap.Cluster.Phase == lab.Failed },
		},
		{
			ID: "login", Keys: []string{"h"}, group: groupCluster,
			Name: lab.T("로그인", "log in"),
			Help: lab.T("터미널을 자격 증명 플러그인에 넘겨 다시 로그인한다", "Log in again: the credential plug-in gets the terminal"),
			do:   func(m *Model) tea.Cmd { return m.chooser.loginAgain() }, disabled: func(m *Model) lab.Text { return m.chooser.whyNoLogin() },
			inFooter: func(m *Model) bool { return m.chooser.loginMatters() },
		},
		{
			ID: "preflight", Keys: []string{"P"}, group: groupCluster,
			Name: lab.T("점검", "preflight"),
			Help: lab.T("이 클러스터에서 되는 것과 안 되는 것을 본다", "See what works on this cluster and what does not"),
			do:   func(m *Model) tea.Cmd { return m.preflight.show() }, disabled: func(m *Model) lab.Text { return m.preflight.disabled() },
			inFooter: func(m *Model) bool { return m.preflight.matters() },
		},
		{
			ID: "clean-up", Keys: []string{"W"}, group: groupCluster,
			Name: lab.T("정리", "clean up"),
			Help: lab.T("내 클러스터에 실습이 남긴 것을 보고 지운다 (먼저 묻는다)", "Delete what the labs left on your cluster, after asking"),
			do:   func(m *Model) tea.Cmd { return m.cleanUp.start() }, disabled: func(m *Model) lab.Text { return m.cleanUp.disabled() },
		},
	}
}

func consoleBindings() []Binding {
	return []Binding{
		{
			ID: "dismiss", Keys: []string{"esc"}, group: groupConsole,
			Name: lab.T("닫기", "dismiss"),
			Help: lab.T("오류를 닫는다. 크게 보기와 발표 화면에서 나온다", "Dismiss the error; leave zoom and presenter mode"),
			do:   (*Model).dismiss,
		},
		{
			ID: "error", Keys: []string{"v"}, group: groupConsole,
			Name: lab.T("오류", "error"),
			Help: lab.T("오류를 끝까지 읽는다", "Read the error in full"),
			do:   (*Model).showError, disabled: (*Model).whyNoError,
		},
		{
			ID: "log", Keys: []string{"o"}, group: groupConsole,
			Name: lab.T("알림", "news"),
			Help: lab.T("지난 알림과 healthlab 로그를 본다", "Show past news and healthlab's log"),
			do:   func(m *Model) tea.Cmd { return m.log.show() },
		},
		{
			ID: "report", Keys: []string{"ctrl+s"}, group: groupConsole,
			Name: lab.T("보고서", "report"),
			Help: lab.T("이 실행의 보고서를 작업 디렉터리에 쓴다", "Write a report of this run into the working directory"),
			do:   func(m *Model) tea.Cmd { return m.reporter.write() }, disabled: func(m *Model) lab.Text { return m.reporter.disabled() },
		},
		{
			ID: "help", Keys: []string{"?", "f1"}, group: groupConsole,
			Name: lab.T("도움말", "help"),
			Help: lab.T("모든 키를 보여 준다", "Show all keys"),
			do:   (*Model).showHelp, inFooter: always,
		},
		{
			ID: "suspend", Keys: []string{"ctrl+z"}, group: groupConsole,
			Name: lab.T("잠시 멈춤", "suspend"),
			Help: lab.T("셸로 나간다 (fg로 돌아온다)", "Suspend to the shell; fg returns"),
			do:   func(*Model) tea.Cmd { return tea.Suspend },
		},
		{
			ID: "quit", Keys: []string{"q", "ctrl+c"}, group: groupConsole,
			Name: lab.T("끝내기", "quit"),
			Help: lab.T("끝낸다 (작업이 진행 중이면 먼저 묻는다)", "Quit; asks first if tasks are running"),
			do:   func(m *Model) tea.Cmd { return m.cleanUp.quit() }, inFooter: always,
		},
	}
}
