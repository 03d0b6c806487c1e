package tui

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/diff"
)

// editor lets the user edit a manifest in their own editor, shows what has changed, and offers to apply it.
type editor struct{ flow }

// editedMsg is a manifest before and after the editor had it.
type editedMsg struct {
	Path, Before, After string
	Err                 error
}

func (f *editor) disabled() lab.Text {
	switch why := f.moment().WhyNotEdit(); {
	case why.Code == course.NoManifest, why.Code == course.Replaying:
		return why.Text
	case len(course.Words(f.cfg.Editor, f.cfg.Home)) == 0:
		return lab.T("편집기가 없습니다. EDITOR 환경 변수를 정하고 다시 시작하십시오.",
			"No editor: set the EDITOR variable and start again.")
	default:
		return why.Text
	}
}

// start opens the lab's manifest in the editor. With several manifests, the user chooses.
func (f *editor) start() tea.Cmd {
	l := f.moment().Lab()
	if len(l.Manifests) == 1 {
		return f.edit(l.Manifests[0])
	}
	f.choose(f.keys.byID("edit").Name, "", l.Manifests, 0, func(i int) tea.Cmd { return f.edit(l.Manifests[i]) })
	return nil
}

func (f *editor) edit(name string) tea.Cmd {
	path := filepath.Join(f.snap().Dir, name)
	words := course.Words(f.cfg.Editor, f.cfg.Home)
	return func() tea.Msg {
		before, err := os.ReadFile(path)
		if err != nil {
			return editedMsg{Path: path, Err: fmt.Errorf("edit the manifest: %w", err)}
		}
		command := exec.Command(words[0], append(words[1:], path)...)
		return tea.Exec(&drawing{command}, func(err error) tea.Msg {
			if err != nil {
				return editedMsg{Path: path, Err: fmt.Errorf("run %s: %w", words[0], err)}
			}
			after, err := os.ReadFile(path)
			return editedMsg{Path: path, Before: string(before), After: string(after), Err: err}
		})()
	}
}

// drawing is a tea.ExecCommand that draws on the terminal itself: one that gets a pipe instead would not, and whatever stands
// between the console and its terminal is none of its business.
type drawing struct{ *exec.Cmd }

// SetStdin takes the program's input.
func (d *drawing) SetStdin(r io.Reader) { d.Stdin = r }

// SetStdout takes the terminal of the program's output.
func (d *drawing) SetStdout(w io.Writer) {
	if on, ok := w.(interface{ Terminal() *os.File }); ok {
		w = on.Terminal()
	}
	d.Stdout = w
}

// SetStderr takes the program's standard error.
func (d *drawing) SetStderr(w io.Writer) { d.Stderr = w }

// onEdited shows what was changed and asks whether to apply it.
func (f *editor) onEdited(msg editedMsg) {
	f.dirty = true
	name := filepath.Base(msg.Path)
	switch {
	case msg.Err != nil:
		f.fail(lab.Textf("편집기를 실행하지 못했습니다: %s", "The editor failed: %s", lab.InFull(msg.Err)))
		return
	case msg.Before == msg.After:
		f.tell(lab.Textf("%s에서 바뀐 것이 없습니다.", "%s is unchanged.", name), toneInfo)
		return
	}
	changes := diff.Lines(msg.Before, msg.After)
	ask := f.confirm(f.say(lab.Textf("%s의 바뀐 내용을 클러스터에 적용할까요?", "Apply the changed %s to the cluster?", name)), func() tea.Cmd {
		f.bringForward(Output)
		return f.do(lab.Kubectl{Args: []string{"apply", "-n", f.snap().Cluster.Namespace, "-f", msg.Path}})
	})
	ask.head = f.say(lab.Textf("%s에서 바뀐 것 (%s)", "Changes in %s (%s)", name, tally(changes)))
	f.dialog = &diffDialog{confirmDialog: *ask, changes: changes}
}
