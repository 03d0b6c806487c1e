package tui

import (
	"path/filepath"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/tui/widget"
)

// adopt is what to do about objects that are not healthlab's and have stopped a task: see the difference, take them over, use
// another namespace, or leave them alone.
type adopt struct {
	flow
	offered   uint64      // the last task that the user was given a choice about
	comparing *comparison // nil unless a difference is being asked for
}

// comparison is between a manifest and the objects that stopped a task.
type comparison struct {
	stopped lab.Task
	after   uint64 // the task that compares comes after this one
}

// offer opens the choice of what to do about objects that have stopped a task, once for each task, and again after the
// difference was looked at. Whatever else is open goes first.
func (f *adopt) offer() {
	if f.dialog != nil || f.typing() || f.snap().Replay {
		return
	}
	for _, t := range slices.Backward(f.snap().Tasks) {
		if t.ID <= f.offered {
			break
		}
		if t.Foreign != nil {
			f.offered, f.comparing = t.ID, nil
			f.ask(t)
			return
		}
	}
	l := f.comparing
	if l == nil {
		return
	}
	i := slices.IndexFunc(f.snap().Tasks, func(t lab.Task) bool {
		return t.ID > l.after && t.Action == lab.Compare{Task: l.stopped.ID} && t.State != lab.TaskRunning
	})
	if i >= 0 {
		f.comparing = nil
		f.show(l.stopped, f.snap().Tasks[i])
	}
}

// ask asks what to do about the objects that have stopped t. Nothing is changed unless the user says so twice.
func (f *adopt) ask(t lab.Task) {
	type way struct {
		item lab.Text
		do   func() tea.Cmd
	}
	foreign := t.Foreign
	intro := f.say(lab.Textf(
		"%s의 네임스페이스 %s에 같은 이름의 오브젝트가 이미 있습니다. healthlab이 만들지 않은 것입니다. 명령을 멈추었고, 아무것도 바꾸지 않았습니다.",
		"These objects already exist on %s, in namespace %s, and healthlab did not create them. The command was stopped. Nothing was changed.",
		widget.Clean(f.snap().Cluster.Name), f.snap().Cluster.Namespace))
	intro += "\n" + some(f.foreignOnes(foreign))
	var ways []way
	if foreign.File != "" {
		ways = append(ways, way{lab.T("차이 보기 (kubectl diff)", "Show the difference (kubectl diff)"), func() tea.Cmd { return f.compare(t) }})
	}
	if foreign.Adoptable() {
		ways = append(ways, way{lab.T("넘겨받기", "Adopt it"), func() tea.Cmd { return f.take(t) }})
	} else {
		intro += "\n\n" + f.say(lab.T("다른 오브젝트가 관리하는 것은 넘겨받을 수 없습니다.", "Objects that another object controls cannot be adopted."))
	}
	other := lab.T("다른 네임스페이스 쓰기", "Use another namespace")
	ways = append(ways, way{other, func() tea.Cmd {
		d := f.read(other, []string{f.say(lab.T(
			"실행 중에는 네임스페이스를 바꿀 수 없습니다. 콘솔을 끝내고, 같은 명령에 --namespace 이름을 더해 다시 시작하십시오. 여럿이 클러스터 하나를 나눠 쓸 때는 --student 이름을 더하십시오. 그러면 네임스페이스 healthchecks-이름을 씁니다.",
			"The namespace cannot change while the console runs. Quit, and run the same command with --namespace NAME. To share one cluster with others, use --student NAME: the namespace is then healthchecks-NAME."))})
		d.then = func() tea.Cmd { f.ask(t); return nil }
		return nil
	}}, way{lab.T("그대로 두기", "Leave it alone"), func() tea.Cmd { return nil }})
	items := make([]string, len(ways))
	for i, w := range ways {
		items[i] = f.say(w.item)
	}
	at := 0
	if foreign.File == "" {
		at = len(ways) - 1
	}
	f.choose(lab.T("healthlab이 만들지 않은 오브젝트", "Objects that healthlab did not create"), intro, items, at, func(i int) tea.Cmd { return ways[i].do() })
}

// foreignOnes lists objects with their owners.
func (f *adopt) foreignOnes(foreign *lab.Foreign) []string {
	var ones []string
	for _, o := range foreign.Objects {
		whose := o.Owner
		if o.Controller != "" {
			whose = f.say(lab.Textf("컨트롤러 %s", "controlled by %s", o.Controller))
		}
		ones = append(ones, owned(o.Name, whose))
	}
	return ones
}

// compare has kubectl tell the difference, which is shown once it has come.
func (f *adopt) compare(t lab.Task) tea.Cmd {
	f.comparing = &comparison{stopped: t}
	if n := len(f.snap().Tasks); n > 0 {
		f.comparing.after = f.snap().Tasks[n-1].ID
	}
	f.bringForward(Output)
	return f.do(lab.Compare{Task: t.ID})
}

// show shows what kubectl told, and then lets the user choose again.
func (f *adopt) show(stopped, told lab.Task) {
	text := told.Output
	if _, changes, ok := strings.Cut(text, "\n@@"); ok {
		text = "@@" + changes // above it are only the names of temporary files
	}
	switch {
	case text == "" && told.State == lab.TaskDone:
		text = f.say(lab.T("클러스터에 있는 것과 같습니다.", "It is the same as on the cluster."))
	case text == "":
		text = f.say(told.Problem)
	}
	d := f.read(lab.Textf("%s 파일을 적용하면 바뀌는 것", "What applying %s would change", widget.Clean(filepath.Base(stopped.Foreign.File))), []string{text})
	d.then = func() tea.Cmd { f.ask(stopped); return nil }
}

// take asks, and has the session make the objects healthlab's.
func (f *adopt) take(t lab.Task) tea.Cmd {
	question := some(f.foreignOnes(t.Foreign)) + "\n\n" + f.say(lab.Textf(
		"넘겨받을까요? healthlab의 레이블과 소유자가 붙습니다. 그 뒤로는 실습이 바꾸거나 삭제할 수 있습니다. 명령은 %s 키로 다시 실행합니다. 그래도 적용할 수 없으면 %s 키로 단계를 초기화하십시오. 오브젝트를 삭제하고 새로 만듭니다.",
		"Adopt this? healthlab adds its label, with you as the owner. From then on the labs may change or delete it. Press %s to run the commands again. If they still cannot change it, press %s to reset the step, which deletes the object so that the commands can create it anew.",
		f.key("run"), f.key("reset-step")))
	if f.snap().Cluster.DryRun {
		question += "\n\n" + f.say(lab.T("연습(dry run)이므로 바꾸지 않고 해 보기만 합니다.", "This is a dry run: nothing is changed."))
	}
	f.confirm(question, func() tea.Cmd {
		f.bringForward(Output)
		f.settle(t.ID)
		return f.do(lab.Adopt{Task: t.ID})
	})
	return nil
}
