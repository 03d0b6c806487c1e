package tui

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/course"
)

// copier gives command lines to the clipboard.
type copier struct{ flow }

// command copies the commands of the current step as they can be typed, one after the other, each manifest that one of them
// writes behind it.
func (f *copier) command() tea.Cmd {
	commands, cluster, session := f.moment().Commands(), f.snap().Cluster, f.cfg.Lab
	return f.during(func(context.Context) tea.Msg {
		texts := make([]string, len(commands))
		for i, c := range commands {
			texts[i] = c.Line
			if c.Write == "" {
				continue
			}
			manifest, err := session.Manifest(cluster, c.Write)
			if err != nil {
				return noticeMsg{lab.InFull(err), true}
			}
			texts[i] = course.Heredoc(c, manifest)
		}
		return copyMsg{strings.Join(texts, "\n")}
	})
}

// copyMsg is what is to be copied.
type copyMsg struct{ text string }

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
	path := f.cfg.CopyFile
	if path == "" {
		f.tell(lab.Textf("복사했습니다: %s", "Copied: %s", text), toneGood)
		return tea.SetClipboard(text)
	}
	done := lab.Textf("복사했습니다. 붙여 넣을 수 없으면 %s 파일을 여십시오.", "Copied. If you cannot paste it, open %s.", path)
	return tea.Batch(tea.SetClipboard(text), func() tea.Msg {
		err := os.MkdirAll(filepath.Dir(path), 0o700)
		if err == nil {
			err = os.WriteFile(path, []byte(text+"\n"), 0o600)
		}
		if err != nil {
			return noticeMsg{lab.Textf("복사한 것을 파일에 쓰지 못했습니다: %s", "Could not write the copied text to a file: %s", lab.InFull(err)), true}
		}
		return noticeMsg{Text: done}
	})
}

func (f *copier) whyNoExport() lab.Text {
	if f.cfg.Replay != nil {
		return course.WhyNotInReplay().Text
	}
	if f.export() == "" {
		return lab.T("따로 설정할 것이 없습니다. kubectl이 이미 이 클러스터를 씁니다.",
			"Nothing to set: your kubectl already uses this cluster.")
	}
	return lab.Text{}
}
