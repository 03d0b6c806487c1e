package cli

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"healthlab/cmd/internal/notes"
	"healthlab/lab"
)

// newNotes shows the speaker notes beside a console.
func newNotes(o *options, s Streams) *cobra.Command {
	var all string
	lang := o.lang
	c := &cobra.Command{
		Use:   "notes",
		Short: lab.T("실행 중인 콘솔이 있는 단계의 발표자 노트를 보여 줍니다", "Show the speaker notes for the step on the running console").In(lang),
		Long: lab.T(`발표자만 보는 두 번째 터미널에서 실행합니다. 콘솔이 보여 주는 단계의 노트, 예정 시간, 그 단계에서 지난 시간,
다음 단계를 보여 주며, Ctrl-C를 누를 때까지 콘솔을 따라갑니다.`,
			`Run this in a second terminal that only the speaker sees. It follows the console and shows the notes
for the current step, the planned minutes, the time spent on it and the next step. Ctrl-C ends it.`).In(lang),
		Example: lab.T(`  healthlab notes
  healthlab notes --all liveness > liveness-notes.md   # 인쇄할 때`,
			`  healthlab notes
  healthlab notes --all liveness > liveness-notes.md   # to print`).In(lang),
		RunE: func(c *cobra.Command, _ []string) error {
			labs, err := o.load()
			if err != nil {
				return err
			}
			if all != "" {
				if err := known([]string{all}, labs); err != nil {
					return err
				}
				return notes.All(s.Out, labs, all, lang)
			}
			return notes.Follow(c.Context(), o.positionFile(), notes.Followed{
				Labs: labs, Lang: lang, SameLang: !c.Flags().Changed("lang"), Out: s.Out,
			})
		},
	}
	c.Flags().StringVar(&all, "all", "", lab.T("이 `실습`의 노트를 모두 출력하고 끝냅니다", "print the notes of every step of this `lab` and stop").In(lang))
	return c
}

// positionFile is where the console leaves its position while it runs.
func (o *options) positionFile() string { return filepath.Join(o.state, "position.json") }
