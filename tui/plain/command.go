package plain

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"time"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/diff"
	"healthlab/tui/widget"
)

// kubectl runs a command line.
func (c *console) kubectl(line string) {
	command, err := course.Typed(line, c.Home)
	switch {
	case err != nil:
		c.say(lab.Textf("이 명령은 실행할 수 없습니다. %s", "This command cannot be run. %s", sentence(capital(widget.Clean(lab.Brief(err).In(c.Lang))))))
	case len(command.Args) == 0:
		c.say(lab.Textf("%[1]s 뒤에 kubectl의 인자를 입력하십시오. 예: %[1]s get pods", "Add kubectl's arguments to %[1]s, for example: %[1]s get pods", c.letter("kubectl")))
	case c.do(command):
		c.say(lab.Textf("실행합니다: %s", "Running: %s", widget.Clean(course.Line(command, c.Home))))
	}
}

// edit opens a manifest of the lab in the user's editor.
func (c *console) edit(number string) {
	m := c.moment()
	if c.refused(m.WhyNotEdit()) {
		return
	}
	l := m.Lab()
	switch {
	case c.Edit == nil:
		c.say(lab.Textf("편집기를 열 터미널이 없습니다. 이 파일을 직접 고치십시오: %s", "There is no terminal to open an editor on. Edit this file yourself: %s",
			c.homely(l.Manifests[0])))
	case len(l.Manifests) == 1:
		c.editFile(l.Manifests[0])
	default:
		c.choose(choice{
			ask: lab.T("어느 매니페스트를 고칠까요?", "Which manifest?"), items: l.Manifests,
			pick: func(i int) { c.editFile(l.Manifests[i]) },
		}, number)
	}
}

// editFile says what was changed in a file, and applies it after a confirmation.
func (c *console) editFile(name string) {
	path := filepath.Join(c.snap.Dir, name)
	before, err := os.ReadFile(path)
	if err != nil {
		c.say(lab.Textf("%s 파일이 아직 없습니다. 파일을 만드는 단계의 명령을 먼저 실행하십시오.",
			"There is no file %s yet. Run the commands of the step that writes it first.", c.homely(name)))
		return
	}
	c.say(lab.Textf("%s 파일을 편집기로 엽니다. 저장하고 닫으면 여기로 돌아옵니다.", "Opening the file %s in your editor. Save and close it to come back.", name))
	err = c.Edit(c.ctx, path)
	after, readErr := os.ReadFile(path)
	switch {
	case err != nil || readErr != nil:
		c.say(lab.Textf("편집기를 실행하지 못했습니다: %v", "The editor failed: %v", widget.Clean(cmp.Or(err, readErr).Error())))
		return
	case string(before) == string(after):
		c.say(lab.Textf("%s 파일에서 바뀐 것이 없습니다.", "The file %s is unchanged.", name))
		return
	}
	c.say(lab.Textf("%s 파일에서 바뀐 것:", "Changes in the file %s:", name))
	for _, line := range diff.Lines(string(before), string(after)) {
		text := widget.Clean(line.Text)
		switch line.Kind {
		case diff.Removed:
			c.say(lab.Textf("%d번 줄을 지움: %s", "Line %d removed: %s", line.Number, text))
		case diff.Added:
			c.say(lab.Textf("%d번 줄을 더함: %s", "Line %d added: %s", line.Number, text))
		case diff.Same:
		}
	}
	c.confirm(lab.Textf("%s 파일의 바뀐 내용을 클러스터에 적용할까요?", "Apply the changed file %s to the cluster?", name), func() {
		if c.do(lab.Kubectl{Args: []string{"apply", "-n", c.snap.Cluster.Namespace, "-f", path}}) {
			c.say(lab.T("적용합니다.", "Applying it."))
		}
	})
}

// tasks lists what is being and was carried out, newest first, and tells the output of one again.
func (c *console) tasks(number string) {
	if c.refused(c.moment().WhyNoTasks()) {
		return
	}
	tasks := slices.Clone(c.snap.Tasks)
	slices.Reverse(tasks)
	var items []string
	for _, t := range tasks {
		items = append(items, c.task(t).In(c.Lang))
	}
	c.choose(choice{ask: lab.T("어느 명령의 출력을 들을까요?", "Which command's output?"), items: items, pick: func(i int) {
		if !c.printed(tasks[i]) {
			c.say(lab.T("아직 출력이 없습니다.", "There is no output yet."))
		}
	}}, number)
}

// task is how a task stands, and its name.
func (c *console) task(t lab.Task) lab.Text {
	return lab.Textf("%s: %s", "%s: %s", c.stateOf(t), c.nameOf(t))
}

func (c *console) stateOf(t lab.Task) lab.Text {
	took, state := t.Took, t.State.Words()
	state.En = capital(state.En)
	if t.State == lab.TaskRunning {
		took = c.Now().Sub(t.Started)
	}
	if took >= time.Second { // shorter, it is not worth a word
		span := c.span(took.Truncate(time.Second))
		if t.State == lab.TaskRunning {
			return lab.Textf("%s, %s째", "%s, %s", state, span)
		}
		return lab.Textf("%s, %s 걸림", "%s, %s", state, span)
	}
	return state
}

func (c *console) nameOf(t lab.Task) string { return widget.Clean(t.Name().In(c.Lang)) }

// printed tells what a task printed, if it has printed something, and what there is to say of it.
func (c *console) printed(t lab.Task) bool {
	output := plainLines(t.Output)
	if len(output) > 0 {
		c.say(lab.Textf("출력: %s", "Output: %s", c.nameOf(t)))
		for _, line := range output {
			c.print(line)
		}
	}
	if !t.Note.IsZero() {
		c.print(sentence(capital(widget.Clean(t.Note.In(c.Lang)))))
	}
	return len(output) > 0 || !t.Note.IsZero()
}

// cancel stops the running command. If there are several, it asks which one.
func (c *console) cancel(number string) {
	tasks := c.moment().Running()
	stop := func(i int) {
		if c.do(lab.Cancel{Task: tasks[i].ID}) {
			c.say(lab.Textf("취소합니다: %s", "Canceling: %s", c.nameOf(tasks[i])))
		}
	}
	switch len(tasks) {
	case 0:
		c.say(lab.T("실행 중인 명령이 없습니다.", "No command is running."))
	case 1:
		stop(0)
	default:
		var items []string
		for _, t := range tasks {
			items = append(items, c.task(t).In(c.Lang))
		}
		c.choose(choice{ask: lab.T("무엇을 취소할까요?", "Which one?"), items: items, pick: stop}, number)
	}
}
