package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"healthlab/lab"
	"healthlab/lab/session"
)

// newRun carries out labs without a screen.
func newRun(o *options, s Streams) *cobra.Command {
	var list, interactive bool
	lang := o.lang
	c := &cobra.Command{
		Use:   lab.T("run [실습…]", "run [lab…]").In(lang),
		Short: lab.T("화면 없이 실습을 실행하고 목표를 모두 확인합니다", "Run labs without a screen and check every goal").In(lang),
		Long: lab.T(`모든 실습, 또는 지정한 실습의 단계와 장애를 차례로 실행하고 목표를 모두 확인합니다. 일어난 일을 시작부터
걸린 시간과 함께 한 줄씩 출력합니다. 목표를 모두 이루었을 때만 종료 코드가 0입니다.

--interactive를 쓰면 실습을 직접 합니다. 화면 낭독기가 읽을 수 있는 글이 한 줄씩 나옵니다. 글자나 단어를 입력하고
Enter를 누르십시오.`,
			`Runs every step and fault of the labs (all of them, or the ones you name) and checks every goal. Each
event is one line with the time since the start. The exit code is 0 only if all goals were met.

With --interactive you do the lab yourself, as plain lines with prompts that a screen
reader can read. Type a letter or a word, then Enter.`).In(lang),
		Example: `  healthlab run
  healthlab run liveness --lang en
  healthlab run --interactive liveness
  healthlab run --list`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			labs, err := o.load()
			if err != nil {
				return err
			}
			if list {
				var rows [][]string
				for _, l := range labs {
					rows = append(rows, []string{l.ID, l.Title.In(lang) + ": " + l.Summary.In(lang)})
				}
				_, err := fmt.Fprint(s.Out, columns(rows, lineWidth(s.Out)))
				return err
			}
			if err := known(args, labs); err != nil {
				return err
			}
			if interactive {
				return o.interactive(c.Context(), labs, args, s)
			}
			return o.walk(c.Context(), labs, args, s)
		},
	}
	c.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		labs, err := o.load()
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		return ids(labs), cobra.ShellCompDirectiveNoFileComp
	}
	o.addProbing(c.Flags())
	c.Flags().BoolVar(&list, "list", false, lab.T("실습 목록을 출력하고 끝냅니다", "list the labs and stop").In(lang))
	c.Flags().BoolVarP(&interactive, "interactive", "i", false, lab.T("묻고 답하며 한 줄씩 직접 실습합니다(화면 낭독기용)",
		"do the lab yourself, as plain lines with prompts (for screen readers)").In(lang))
	return c
}

// walk runs a session until its labs are done.
func (o *options) walk(ctx context.Context, labs []lab.Lab, wanted []string, s Streams) error {
	r, err := o.begin(ctx, labs, session.Config{}, s)
	if err != nil {
		return err
	}
	walked := session.Walk(ctx, r.Session, wanted, s.Out, o.lang)
	return errors.Join(walked, r.end(o.lang, s))
}
