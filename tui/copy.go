package tui

import (
	"os"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/course"
)

// copier gives command lines to the clipboard.
type copier struct{ flow }

// command copies the commands of the current step as they can be typed, one a line.
func (f *copier) command() tea.Cmd { return f.put(strings.Join(f.moment().Lines(), "\n")) }

func (f *copier) exportLine() tea.Cmd { return f.put(f.export()) }

// export is the line that makes kubectl in a second terminal use the same cluster; empty if nothing has to be set.
func (f *copier) export() string {
	if f.cfg.Replay != nil {
		return "" // that cluster is gone
	}
	if path := f.snap().Cluster.Kubeconfig; path != "" {
		return course.Export(path)
	}
	return f.cfg.Export
}

// put hands text to the terminal (OSC 52). No terminal tells whether it took it, so the text is also written to a
// file where there is one to write to.
func (f *copier) put(text string) tea.Cmd {
	path, failed := f.cfg.CopyFile, f.texts.CopyFailed
	if path == "" {
		f.tell(textf(f.texts.Copied, text), toneGood)
		return tea.SetClipboard(text)
	}
	done := textf(f.texts.CopiedTo, path)
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

func (f *copier) whyNoExport() lab.Text {
	if f.cfg.Replay != nil {
		return course.WhyNotInReplay().Text
	}
	if f.export() == "" {
		return f.texts.NoExport
	}
	return lab.Text{}
}
