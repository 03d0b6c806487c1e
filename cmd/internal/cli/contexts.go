package cli

import (
	"context"
	"fmt"
	"sync"

	"github.com/spf13/cobra"

	"healthlab/cmd/internal/usage"
	"healthlab/lab"
	"healthlab/lab/cluster"
)

// newContexts lists the clusters that a kubeconfig offers.
func newContexts(o *options, s Streams) *cobra.Command {
	lang := o.lang
	return &cobra.Command{
		Use:   "contexts",
		Short: lab.T("kubeconfig의 클러스터와 응답 여부를 보여 줍니다", "List the clusters in your kubeconfig and whether they answer").In(lang),
		Long: lab.T(`kubeconfig의 컨텍스트와 그 서버, 서버가 5초 안에 응답하는지를 보여 줍니다. kubectl이 쓰는 컨텍스트에는 *가
붙습니다. healthlab은 이것을 절대 바꾸지 않으며, --context로 지정하지 않으면 어느 것도 쓰지 않습니다.`,
			`Lists the contexts in the kubeconfig, their servers, and whether each answers within five seconds.
A * marks the context that kubectl uses. healthlab never changes it, and uses a context only when
--context names it.`).In(lang),
		Example: `  healthlab contexts
  healthlab --context my-cluster`,
		RunE: func(c *cobra.Command, _ []string) error {
			contexts, err := cluster.Contexts(o.kubeconfig)
			if err != nil {
				return usage.Error{Err: err}
			}
			if len(contexts) == 0 {
				return usage.Error{Err: lab.Errorf(nil, "kubeconfig에 컨텍스트가 없습니다. --kubeconfig로 다른 파일을 지정하십시오",
					"the kubeconfig has no contexts; name another file with --kubeconfig")}
			}
			rows := [][]string{{" ", lab.T("컨텍스트", "CONTEXT").In(lang), lab.T("서버", "SERVER").In(lang), lab.T("응답", "ANSWER").In(lang)}}
			for i, answer := range reach(c.Context(), o.kubeconfig, contexts, lang) {
				mark := " "
				if contexts[i].Current {
					mark = "*"
				}
				rows = append(rows, []string{mark, lab.Printable(contexts[i].Name), lab.Printable(contexts[i].Server), answer})
			}
			_, err = fmt.Fprint(s.Out, columns(rows, lineWidth(s.Out)))
			return err
		},
	}
}

// reach asks every cluster for its version, all at the same time.
func reach(ctx context.Context, kubeconfig string, contexts []lab.Context, lang lab.Lang) []string {
	answers := make([]string, len(contexts))
	var all sync.WaitGroup
	for i, one := range contexts {
		all.Go(func() {
			answers[i] = answerOf(ctx, kubeconfig, one.Name, lang)
		})
	}
	all.Wait()
	return answers
}

// answerOf is the version of a context's server, or one sentence why there is none.
func answerOf(ctx context.Context, kubeconfig, name string, lang lab.Lang) string {
	answer, err := ask(ctx, kubeconfig, name)
	if err != nil {
		answer = lab.Brief(err).In(lang)
	}
	return lab.Printable(answer)
}
