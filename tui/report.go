package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
)

// reporter has reports of the run written.
type reporter struct{ flow }

// write writes a report and says where it is.
func (f *reporter) write() tea.Cmd {
	report, lang, home := f.cfg.Report, f.lang, f.cfg.Home
	f.tell(lab.T("보고서를 쓰고 있습니다.", "Writing the report."), toneInfo)
	return f.during(func(ctx context.Context) tea.Msg {
		path, err := report(ctx, lang)
		if err != nil {
			return noticeMsg{lab.Textf("보고서를 쓰지 못했습니다: %s", "Could not write the report: %s", lab.InFull(err)), true}
		}
		path = lab.Homely(path, home)
		return noticeMsg{Text: lab.Textf("보고서를 썼습니다: %s (그리고 .md)", "Wrote the report: %s (and .md)", path)}
	})
}

func (f *reporter) disabled() lab.Text {
	if f.cfg.Report == nil {
		return lab.T("이 콘솔에서는 보고서를 쓸 수 없습니다.", "This console cannot write reports.")
	}
	return lab.Text{}
}
