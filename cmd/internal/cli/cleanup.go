package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"healthlab/cmd/internal/usage"
	"healthlab/lab"
)

// newCleanup removes from a cluster what the labs have left there.
func newCleanup(o *options, s Streams) *cobra.Command {
	var yes bool
	lang := o.lang
	c := &cobra.Command{
		Use:   "cleanup",
		Short: lab.T("실습이 클러스터에 남긴 것을 삭제합니다", "Delete what the labs left on your cluster").In(lang),
		Long: lab.T(`실습 네임스페이스에서 레이블 app.kubernetes.io/managed-by=healthlab이 붙은 것을 보여 주고, 확인을 받아
삭제합니다. 네임스페이스도 healthlab이 만들었고 다른 것이 들어 있지 않으면 함께 삭제합니다. 실습이 어떻게
끝났든 상관없습니다. 그 밖의 것은 삭제하지 않습니다.`,
			`Lists everything labeled app.kubernetes.io/managed-by=healthlab in the lab's namespace, asks, and
deletes it. The namespace is deleted too if healthlab created it and it holds nothing else. This works
however the run ended. Nothing else is deleted.`).In(lang),
		Example: `  healthlab cleanup --context my-cluster
  healthlab cleanup --context my-cluster --student kim --yes`,
		RunE: func(c *cobra.Command, _ []string) error {
			if !o.real() {
				fmt.Fprintln(s.Out, lab.T("내장 클러스터는 끝날 때 아무것도 남기지 않으므로 정리할 것이 없습니다.",
					"There is nothing to clean up: the embedded cluster leaves nothing behind.").In(lang))
				return nil
			}
			client, err := o.openReal(c.Context(), slog.New(slog.DiscardHandler))
			if err != nil {
				return usage.Error{Err: err}
			}
			defer client.Close()
			remains, err := client.Remains(c.Context())
			if err != nil {
				return err
			}
			info := client.Info()
			where := placed(info, lang)
			if len(remains) == 0 {
				fmt.Fprintln(s.Out, lab.Textf("%s: 정리할 것이 없습니다.", "%s: there is nothing to clean up.", where).In(lang))
				return nil
			}
			fmt.Fprintln(s.Out, lab.Textf("%s에서 삭제합니다:", "To be deleted from %s:", where).In(lang))
			for _, one := range remains {
				fmt.Fprintln(s.Out, "  "+described(one))
			}
			if !yes && !agreed(s, lang) {
				fmt.Fprintln(s.Out, lab.T("삭제하지 않았습니다.", "Nothing was deleted.").In(lang))
				return nil
			}
			done := lab.T("삭제했습니다", "deleted")
			if o.dryRun {
				done = lab.T("삭제할 수 있습니다(dry-run)", "can be deleted (dry run)")
			}
			return client.Delete(c.Context(), remains, func(one lab.Remnant) {
				fmt.Fprintf(s.Out, "%s: %s\n", done.In(lang), one.Name)
			})
		},
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, lab.T("묻지 않고 삭제합니다", "delete without asking").In(lang))
	return c
}

// placed names the cluster and the namespace that a command is about.
func placed(info lab.Cluster, lang lab.Lang) string {
	return lab.Textf("%s(%s), 네임스페이스 %s", "%s (%s), namespace %s",
		lab.Printable(info.Name), lab.Printable(info.Server), info.Namespace).In(lang)
}

func described(one lab.Remnant) string {
	if one.Owner == "" {
		return one.Name
	}
	return fmt.Sprintf("%s (%s)", one.Name, lab.Printable(one.Owner))
}

// agreed asks whether to go on. Anything but a clear yes is no, the end of the input too.
func agreed(s Streams, lang lab.Lang) bool {
	fmt.Fprint(s.Out, lab.T("삭제할까요? [y/N] ", "Delete it? [y/N] ").In(lang))
	line, err := bufio.NewReader(s.In).ReadString('\n')
	if err != nil {
		fmt.Fprintln(s.Out)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes", "예", "네", "ㅛ": // the last one is y with the Korean input method on
		return true
	}
	return false
}
