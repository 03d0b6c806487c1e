package tui

import "healthlab/lab"

// texts is everything the frame says, apart from the names and descriptions of keys. Verbs in the two languages of a
// text take the same arguments in the same order.
type texts struct {
	// Header.
	Step, Starting, Up, Lost, Failed, Connecting, OwnCluster, MouseOff, ComponentsReady lab.Text
	StaleSince, Denied                                                                  lab.Text
	EmbeddedHere, ReadOnly, DryRun                                                      lab.Text
	// Sizes.
	TooSmall lab.Text
	// Groups of keys.
	GroupLab, GroupFault, GroupView, GroupCommand, GroupCluster, GroupConsole, GroupPane lab.Text
	// Why a key is disabled now.
	NoExport, NoError, NoEditor, UnknownKey, NoReplicas                            lab.Text
	NoClusters, NoLogin, NoPreflight, PreflightPending, NothingEverLeft, NoCleanUp lab.Text
	// Dialogs.
	Yes, No, ConfirmTitle, QuitTasks, ResetAsk, ResetStepAsk, SolutionAsk, DialogKeys, ListKeys, TextKeys lab.Text
	StepsTitle, FaultsTitle, PodsTitle, TasksTitle, HelpTitle, HintTitle, SolutionTitle                   lab.Text
	LogTitle, ErrorTitle, QuestionTitle, SkipQuestion                                                     lab.Text
	AnswerRight, AnswerWrong, SecondTerminal, PaneKeys, HangulHint                                        lab.Text
	LogEmpty, DiffTitle, DiffLines, ApplyAsk, NoDifference                                                lab.Text
	// Clusters.
	ClustersTitle, ClustersIntro, Reading, NoContexts, Asking, Embedded, EmbeddedWhat, KubectlsOwn lab.Text
	ItsNamespace, HereNow, HereAlready, GoEmbeddedAsk, GoRealAsk, EmbeddedEnds, TasksEnd           lab.Text
	LoggingIn, LoginFailed, LoginGivenUp, LoggedIn, LoginHint, PreflightTitle, PreflightNews       lab.Text
	CannotLook, LookingForRemains, NothingLeft, LeftThere, DeleteAsk, LeaveIt, DeleteIt, StayHere  lab.Text
	CleanUpTitle, LeftBehind, Deleting, Deleted, WouldDelete                                       lab.Text
	// Objects that stop a lab.
	ForeignTitle, ForeignThere, ControlledBy, NotAdoptable, SeeDifference, AdoptIt, OtherNamespace, LeaveForeign lab.Text
	OtherNamespaceHow, DifferenceTitle, NoForeignDifference, AdoptAsk, AdoptDryRun                               lab.Text
	// Tasks.
	TaskFor, TaskDone, TaskFailed, TaskCanceled, TaskCancelAsk, CancelHint lab.Text
	// News line.
	Goal, GoalMet, StepRead, Copied, CopiedTo, CopyFailed, ThemeNow, MouseHanded, MouseTaken lab.Text
	MoreErrors, DismissHint, EditFailed, HistoryFailed, AnswerFailed, PromptHelp             lab.Text
	// The prompt's completion.
	Completing, CompletionLate, NothingToComplete, Proposals, ProposalsNew lab.Text
}

func newTexts() texts {
	return texts{
		Step:            lab.T("%d/%d단계", "step %d/%d"),
		Starting:        lab.T("클러스터를 시작하는 중", "cluster starting"),
		Connecting:      lab.T("연결하는 중", "connecting"),
		Up:              lab.T("연결됨", "connected"),
		Lost:            lab.T("연결 끊김", "connection lost"),
		Failed:          lab.T("클러스터를 쓸 수 없음", "cluster not usable"),
		Denied:          lab.T("볼 권한 없음: %s", "not permitted: %s"),
		StaleSince:      lab.T("%s 전의 모습입니다", "shown as it was %s ago"),
		OwnCluster:      lab.T("내 클러스터", "your cluster"),
		MouseOff:        lab.T("마우스: 터미널", "mouse: terminal"),
		ComponentsReady: lab.T("구성 요소 %d/%d", "components %d/%d"),

		EmbeddedHere: lab.T("내장", "embedded"),
		ReadOnly:     lab.T("읽기 전용", "read-only"),
		DryRun:       lab.T("연습(dry run)", "dry run"),

		TooSmall: lab.T("화면이 %d×%d입니다. healthlab에는 %d×%d 이상이 필요합니다. 창을 키우거나 글자를 줄이십시오. 끝내기: q",
			"The screen is %d×%d. healthlab needs %d×%d or more: enlarge the window or use smaller type. Quit: q"),

		GroupLab:     lab.T("실습", "Lab"),
		GroupFault:   lab.T("장애와 복구", "Faults and repair"),
		GroupView:    lab.T("화면", "View"),
		GroupCommand: lab.T("명령", "Commands"),
		GroupCluster: lab.T("클러스터", "Clusters"),
		GroupConsole: lab.T("콘솔", "Console"),
		GroupPane:    lab.T("지금 창: %s", "This pane: %s"),

		NoReplicas: lab.T("아직 디플로이먼트가 없습니다.", "There is no deployment yet."),
		NoExport:   lab.T("따로 설정할 것이 없습니다. kubectl이 이미 이 클러스터를 씁니다.", "Nothing to set: your kubectl already uses this cluster."),
		NoError:    lab.T("표시할 오류가 없습니다.", "There is no error to show."),
		NoEditor:   lab.T("편집기가 없습니다. EDITOR 환경 변수를 정하고 다시 시작하십시오.", "No editor: set the EDITOR variable and start again."),
		UnknownKey: lab.T("%s 키에는 동작이 없습니다. ? 키로 도움말을 봅니다.", "%s does nothing here. Press ? for help."),

		NoClusters:       lab.T("이 콘솔은 다른 클러스터로 갈 수 없습니다.", "This console stays on its cluster."),
		NoLogin:          lab.T("내장 클러스터에는 로그인할 것이 없습니다.", "There is nothing to log in to on the embedded cluster."),
		NoPreflight:      lab.T("내장 클러스터에서는 모두 됩니다. 점검은 내 클러스터에서 합니다.", "Everything works on the embedded cluster; the preflight is for a cluster of yours."),
		PreflightPending: lab.T("클러스터를 아직 살펴보는 중입니다.", "The cluster is still being looked at."),
		NothingEverLeft:  lab.T("내장 클러스터는 끝날 때 아무것도 남기지 않습니다.", "The embedded cluster leaves nothing when it ends."),
		NoCleanUp:        lab.T("읽기 전용(--read-only)이므로 삭제하지 않습니다.", "Nothing is deleted: the console is read-only (--read-only)."),

		Yes:           lab.T("예 (y)", "Yes (y)"),
		No:            lab.T("아니요 (n)", "No (n)"),
		ConfirmTitle:  lab.T("확인", "Please confirm"),
		QuitTasks:     lab.T("작업 %d개가 아직 진행 중입니다. 그만두고 끝낼까요?", "%d task(s) are still running. Stop them and quit?"),
		ResetStepAsk:  lab.T("이 단계에서 이룬 것을 잊고, 이 단계의 명령이 만든 것을 지울까요?", "Forget what this step has reached, and delete what its commands have made?"),
		ResetAsk:      lab.T("이 실습이 만든 것을 모두 지우고 첫 단계부터 다시 시작할까요?", "Delete everything this lab has made and begin again at its first step?"),
		SolutionAsk:   lab.T("풀이를 볼까요? 먼저 힌트(i)를 볼 수도 있습니다.", "Show the solution? There may be hints (i) to try first."),
		DialogKeys:    lab.T("y 예 · n 아니요 · ←→ Enter 고르기 · Esc 닫기", "y yes · n no · ←→ Enter choose · Esc close"),
		ListKeys:      lab.T("↑↓ Enter 또는 숫자로 고르기 · Esc 닫기", "↑↓ Enter or a digit to choose · Esc close"),
		TextKeys:      lab.T("↑↓ 움직이기 · Esc 닫기", "↑↓ scroll · Esc close"),
		StepsTitle:    lab.T("단계 고르기", "Go to a step"),
		FaultsTitle:   lab.T("장애와 복구 고르기", "Choose a fault or repair"),
		PodsTitle:     lab.T("파드 고르기", "Choose a pod"),
		TasksTitle:    lab.T("작업", "Tasks"),
		HelpTitle:     lab.T("도움말", "Help"),
		HintTitle:     lab.T("힌트 %d/%d", "Hint %d/%d"),
		SolutionTitle: lab.T("풀이", "Solution"),
		LogTitle:      lab.T("지난 알림과 healthlab 로그", "Past news and healthlab's own log"),
		ErrorTitle:    lab.T("오류", "Error"),
		QuestionTitle: lab.T("먼저 예상해 봅시다", "What do you expect?"),
		SkipQuestion:  lab.T("건너뛰기", "Skip"),
		AnswerRight:   lab.T("예상이 맞았습니다: %[2]s", "You were right: %[2]s"),
		AnswerWrong: lab.T("예상과 달랐습니다. 정답: %[2]s",
			"It turned out differently: %[2]s"),
		SecondTerminal: lab.T("다른 터미널에서 kubectl을 쓰려면 그 터미널에서 실행하십시오:",
			"To use kubectl in a second terminal, run there:"),
		PaneKeys: lab.T("그 번호의 창으로 옮긴다", "Focus the pane of that number"),
		HangulHint: lab.T("한글 입력 상태에서도 키가 동작합니다. 글자가 조합되느라 늦게 입력되면 한/영 키를 누르십시오.",
			"Keys work in Hangul mode too; if they arrive late, switch with the 한/영 key."),
		LogEmpty:     lab.T("아직 없습니다.", "Nothing yet."),
		DiffTitle:    lab.T("%s에서 바뀐 것 (%s)", "Changes in %s (%s)"),
		ApplyAsk:     lab.T("%s의 바뀐 내용을 클러스터에 적용할까요?", "Apply the changed %s to the cluster?"),
		DiffLines:    lab.T("%d-%d/%d줄 · ↑↓ PgUp PgDn", "lines %d-%d of %d · ↑↓ PgUp PgDn"),
		NoDifference: lab.T("%s에서 바뀐 것이 없습니다.", "Nothing was changed in %s."),

		ClustersTitle: lab.T("클러스터 고르기", "Choose a cluster"),
		ClustersIntro: lab.T("실습할 클러스터를 고릅니다. 내 클러스터로는 확인한 뒤에 갑니다. kubeconfig는 바꾸지 않습니다.",
			"Where to do the labs. A cluster of yours is used only after you confirm; your kubeconfig is not changed."),
		Reading:      lab.T("kubeconfig를 읽는 중 …", "reading the kubeconfig …"),
		NoContexts:   lab.T("kubeconfig에 컨텍스트가 없습니다. 내장 클러스터는 쓸 수 있습니다.", "The kubeconfig has no contexts. The embedded cluster is there all the same."),
		Asking:       lab.T("물어보는 중 …", "asking …"),
		Embedded:     lab.T("내장 클러스터", "embedded cluster"),
		EmbeddedWhat: lab.T("healthlab 안에서 실행되고, 끝나면 아무것도 남지 않습니다", "runs inside healthlab and leaves nothing behind"),
		KubectlsOwn:  lab.T("kubectl의 현재 컨텍스트", "kubectl's current one"),
		ItsNamespace: lab.T("네임스페이스 %s", "namespace %s"),
		HereNow:      lab.T("지금 여기", "you are here"),
		HereAlready:  lab.T("이미 내장 클러스터에 있습니다.", "You are on the embedded cluster already."),
		GoEmbeddedAsk: lab.T("내장 클러스터로 갈까요? 내 클러스터의 세션은 끝납니다.",
			"Go to the embedded cluster? The session on your cluster ends."),
		GoRealAsk: lab.T("내 클러스터 %s (%s)에서 실습할까요? 네임스페이스는 %s입니다. 먼저 점검하고, 그 전에는 아무것도 쓰지 않습니다.",
			"Do the labs on your cluster %s (%s), in namespace %s? Nothing is written there before a preflight has looked at it."),
		EmbeddedEnds: lab.T("내장 클러스터는 종료되고 그 안의 것은 사라집니다. 진행 상황은 저장됩니다.",
			"The embedded cluster ends, with everything in it. Your progress is saved."),
		TasksEnd:          lab.T("진행 중인 작업 %d개는 그만둡니다.", "%d task(s) under way are stopped."),
		LoggingIn:         lab.T("%s에 로그인하는 중 … (Ctrl-C: 콘솔로 돌아가기)", "logging in to %s … (Ctrl-C goes back to the console)"),
		LoginFailed:       lab.T("%s에 연결하지 못했습니다: %s", "could not connect to %s: %s"),
		LoginGivenUp:      lab.T("로그인을 그만두었습니다.", "Logging in was given up."),
		LoggedIn:          lab.T("자격 증명을 확인했습니다. 연결은 곧 이어집니다.", "The credentials are good. The connection comes back by itself."),
		LoginHint:         lab.T("다시 로그인하기: %s", "log in again: %s"),
		PreflightTitle:    lab.T("클러스터 점검", "Preflight"),
		PreflightNews:     lab.T("클러스터를 점검했습니다. 제한 %d, 안 됨 %d. %s 키로 봅니다.", "The cluster was looked at: %d limited, %d blocked. Press %s for the table."),
		CannotLook:        lab.T("실습이 남긴 것이 있는지 볼 수 없었습니다. 나중에 정리하기: %s", "What the labs have left could not be looked at. To clean up later: %s"),
		LookingForRemains: lab.T("실습이 남긴 것을 찾는 중 …", "looking for what the labs have left …"),
		NothingLeft:       lab.T("실습이 남긴 것이 없습니다.", "The labs have left nothing."),
		LeftThere:         lab.T("%s의 네임스페이스 %s에 실습이 남긴 것:", "What the labs have left on %s, in namespace %s:"),
		DeleteAsk:         lab.T("모두 삭제할까요?", "Delete all of it?"),
		LeaveIt:           lab.T("그대로 두고 나가기", "Leave it there"),
		DeleteIt:          lab.T("삭제하고 나가기", "Delete it, then leave"),
		StayHere:          lab.T("콘솔로 돌아가기", "Back to the console"),
		CleanUpTitle:      lab.T("정리", "Clean up"),
		LeftBehind:        lab.T("실습이 만든 것을 그대로 두었습니다. 나중에 정리하기: %s", "What the labs have made is still there. To clean up later: %s"),
		Deleting:          lab.T("삭제하는 중 …", "deleting …"),
		Deleted:           lab.T("삭제했습니다: %s", "deleted: %s"),
		WouldDelete:       lab.T("삭제할 수 있습니다(dry run): %s", "can be deleted (dry run): %s"),

		ForeignTitle: lab.T("다른 사람의 것이 있습니다", "Not made by healthlab"),
		ForeignThere: lab.T("%s의 네임스페이스 %s에 같은 이름의 것이 이미 있고, healthlab이 만들지 않았습니다. 명령을 멈추었고, 아무것도 바꾸지 않았습니다.",
			"These exist on %s, in namespace %s, and healthlab did not make them. The command was stopped; nothing was changed."),
		ControlledBy:   lab.T("%s이(가) 관리", "controlled by %s"),
		NotAdoptable:   lab.T("다른 오브젝트가 관리하는 것은 넘겨받을 수 없습니다.", "What another object controls cannot be adopted."),
		SeeDifference:  lab.T("차이 보기 (kubectl diff)", "Look at the difference (kubectl diff)"),
		AdoptIt:        lab.T("넘겨받기", "Adopt it"),
		OtherNamespace: lab.T("다른 네임스페이스 쓰기", "Use another namespace"),
		LeaveForeign:   lab.T("그대로 두기", "Leave it alone"),
		OtherNamespaceHow: lab.T("세션의 네임스페이스는 정해져 있습니다. 콘솔을 끝내고, 같은 명령에 --namespace 이름을 더해 다시 시작하십시오. 여럿이 클러스터 하나를 나눠 쓸 때는 --student 이름을 더하면 healthchecks-이름을 씁니다.",
			"A session stays in its namespace. Quit, and start again with --namespace NAME added to the same command. Where many share one cluster, --student NAME uses healthchecks-NAME."),
		DifferenceTitle:     lab.T("%s 파일과 클러스터의 차이", "From the cluster to %s"),
		NoForeignDifference: lab.T("클러스터에 있는 것과 다르지 않습니다.", "It is no different from what is on the cluster."),
		AdoptAsk: lab.T("넘겨받을까요? healthlab의 레이블과 소유자가 붙고, 그 뒤로는 실습이 바꾸거나 삭제할 수 있습니다. 명령은 %s 키로 다시 실행합니다. 그래도 적용할 수 없으면 %s 키로 단계를 초기화해 삭제하고 새로 만듭니다.",
			"Adopt this? It gets healthlab's label and you as its owner, and from then on the labs may change and delete it. Press %s to run the commands again; where that cannot change it, %s resets the step, which deletes it to be made anew."),
		AdoptDryRun: lab.T("연습(dry run)이므로 해 보기만 하고 바꾸지 않습니다.", "This is a dry run: it is only tried."),

		TaskFor:       lab.T("%s %s째", "%s for %s"),
		TaskDone:      lab.T("끝남 %s", "done in %s"),
		TaskFailed:    lab.T("실패 %s", "failed after %s"),
		TaskCanceled:  lab.T("취소됨 %s", "canceled after %s"),
		TaskCancelAsk: lab.T("%s 작업을 취소할까요?", "Cancel %s?"),
		CancelHint:    lab.T("w 작업", "w tasks"),

		Goal:          lab.T("목표", "Goal"),
		GoalMet:       lab.T("이 단계의 목표를 모두 이루었습니다. → 키로 다음 단계로 갑니다.", "All goals of this step are met. Press → for the next one."),
		StepRead:      lab.T("읽고 나서 → 키로 다음 단계로 갑니다.", "Read on, then press → for the next step."),
		Copied:        lab.T("복사했습니다: %s", "Copied: %s"),
		CopiedTo:      lab.T("복사했습니다. 붙여 넣어지지 않으면 %s에 있습니다.", "Copied. If it cannot be pasted, it is in %s."),
		CopyFailed:    lab.T("복사한 것을 파일에 쓰지 못했습니다: %s", "The copy could not be written to a file: %s"),
		ThemeNow:      lab.T("테마: %s", "Theme: %s"),
		MouseHanded:   lab.T("마우스를 터미널에 넘겼습니다. 글자를 선택할 수 있습니다. m 키로 되돌립니다.", "The mouse now belongs to the terminal, so text can be selected. m takes it back."),
		MouseTaken:    lab.T("마우스를 콘솔에서 씁니다.", "The console uses the mouse again."),
		MoreErrors:    lab.T("외 %d건", "and %d more"),
		DismissHint:   lab.T("v 자세히 · Esc 닫기", "v in full · Esc dismiss"),
		EditFailed:    lab.T("편집기를 쓰지 못했습니다: %s", "The editor failed: %s"),
		HistoryFailed: lab.T("명령 기록을 쓰지 못했습니다: %s", "The command history could not be kept: %s"),
		AnswerFailed:  lab.T("답을 저장하지 못했습니다: %s", "The answer could not be kept: %s"),
		PromptHelp:    lab.T("Enter 실행 · ↑↓ 기록 · Tab 완성 · Esc 닫기", "Enter run · ↑↓ history · Tab complete · Esc close"),

		Completing:        lab.T("완성할 말을 찾는 중", "looking for completions"),
		CompletionLate:    lab.T("kubectl이 제때 답하지 않아 완성하지 못했습니다.", "Not completed: kubectl did not answer in time."),
		NothingToComplete: lab.T("완성할 말이 없습니다.", "There is nothing to complete here."),
		Proposals: lab.T("완성 후보 %d/%d · Tab 다음 · Shift+Tab 이전 · Esc 되돌리기",
			"Proposal %d of %d · Tab next · Shift+Tab back · Esc undo"),
		ProposalsNew: lab.T("완성 후보 %d개 · Tab 고르기 · Esc 닫기", "%d proposals · Tab choose · Esc close"),
	}
}
