package tui

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/diff"
	"healthlab/tui/widget"
)

func (m *Model) copyCommand() tea.Cmd { return m.copyText(m.stepLines()) }

func (m *Model) copyExport() tea.Cmd { return m.copyText(m.export()) }

// export is the line that makes kubectl in a second terminal use the same cluster; empty if nothing has to be set.
func (m *Model) export() string {
	if path := m.snap.Cluster.Kubeconfig; path != "" {
		return course.Export(path)
	}
	return m.cfg.Export
}

// copyText hands text to the terminal (OSC 52). No terminal tells whether it took it, so the text is also written to a
// file where there is one to write to.
func (m *Model) copyText(text string) tea.Cmd {
	path, failed := m.cfg.CopyFile, m.texts.CopyFailed
	if path == "" {
		m.tell(textf(m.texts.Copied, text), toneGood)
		return tea.SetClipboard(text)
	}
	done := textf(m.texts.CopiedTo, path)
	return tea.Batch(tea.SetClipboard(text), func() tea.Msg {
		err := os.MkdirAll(filepath.Dir(path), 0o700)
		if err == nil {
			err = os.WriteFile(path, []byte(text+"\n"), 0o600)
		}
		if err != nil {
			return noticeMsg{withCause(failed, err), true}
		}
		return noticeMsg{Text: done}
	})
}

// editManifest opens the lab's manifest in the editor. With several manifests, the user chooses.
func (m *Model) editManifest() tea.Cmd {
	l, _ := m.current()
	if len(l.Manifests) == 1 {
		return m.edit(l.Manifests[0])
	}
	m.choose(m.keys.byID("edit").Name, "", l.Manifests, 0, func(i int) tea.Cmd { return m.edit(l.Manifests[i]) })
	return nil
}

func (m *Model) edit(name string) tea.Cmd {
	path := filepath.Join(m.snap.Dir, name)
	words := course.Words(m.cfg.Editor, m.cfg.Home)
	return func() tea.Msg {
		before, err := os.ReadFile(path)
		if err != nil {
			return editedMsg{Path: path, Err: fmt.Errorf("edit the manifest: %w", err)}
		}
		editor := exec.Command(words[0], append(words[1:], path)...)
		return tea.ExecProcess(editor, func(err error) tea.Msg {
			if err != nil {
				return editedMsg{Path: path, Err: fmt.Errorf("run %s: %w", words[0], err)}
			}
			after, err := os.ReadFile(path)
			return editedMsg{Path: path, Before: string(before), After: string(after), Err: err}
		})()
	}
}

// onEdited shows what was changed and asks whether to apply it.
func (m *Model) onEdited(msg editedMsg) tea.Cmd {
	m.dirty = true
	name := filepath.Base(msg.Path)
	switch {
	case msg.Err != nil:
		m.fail(withCause(m.texts.EditFailed, msg.Err))
		return nil
	case msg.Before == msg.After:
		m.tell(textf(m.texts.NoDifference, name), toneInfo)
		return nil
	}
	changes := diff.Lines(msg.Before, msg.After)
	ask := m.confirm(m.sayf(m.texts.ApplyAsk, name), func() tea.Cmd {
		m.bringForward(Output)
		return m.do(lab.Kubectl{Args: []string{"apply", "-n", m.snap.Cluster.Namespace, "-f", msg.Path}})
	})
	ask.head = m.sayf(m.texts.DiffTitle, name, tally(changes))
	m.dialog = &diffDialog{confirmDialog: *ask, changes: changes}
	return nil
}

const logTail = 200

// showLog shows past news at once, and the end of healthlab's own log as soon as it has been read.
func (m *Model) showLog() tea.Cmd {
	m.readLog(nil)
	path := m.cfg.LogFile
	if path == "" {
		return nil
	}
	return func() tea.Msg {
		lines, err := tail(path, logTail)
		if err != nil {
			lines = []string{err.Error()}
		}
		return logMsg{append([]string{"", path}, lines...)}
	}
}

// onLog adds what was read to the page, unless that has been closed meanwhile.
func (m *Model) onLog(msg logMsg) {
	if d, ok := m.dialog.(*textDialog); ok && d.head == m.say(m.texts.LogTitle) {
		m.readLog(msg.Lines)
	}
}

func (m *Model) readLog(own []string) {
	var lines []string
	for _, n := range m.past {
		lines = append(lines, n.At.Format("15:04:05")+"  "+m.say(n.Text))
	}
	if len(lines) == 0 {
		lines = append(lines, m.say(m.texts.LogEmpty))
	}
	m.read(m.texts.LogTitle, append(lines, own...)).scroll = widget.NewScroll(true) // the newest are in sight
}

// tail returns the last n lines of a file, reading no more than its last 64 KiB.
func tail(path string, n int) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	defer func() { _ = f.Close() }() // only read from
	const most = 64 << 10
	if info, err := f.Stat(); err == nil && info.Size() > most {
		if _, err := f.Seek(-most, io.SeekEnd); err != nil {
			return nil, fmt.Errorf("read the log: %w", err)
		}
	}
	var lines []string
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, most)
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
	}
	return lines[max(len(lines)-n, 0):], scanner.Err()
}
