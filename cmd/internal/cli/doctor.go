package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"healthlab/lab"
)

// newDoctor prints what can be done on a cluster.
func newDoctor(o *options, s Streams) *cobra.Command {
	lang := o.lang
	return &cobra.Command{
		Use:   "doctor",
		Short: lab.T("클러스터에서 실습할 수 있는지 쓰기 없이 점검합니다", "Check what the labs can do on a cluster, without writing to it").In(lang),
		Long: lab.T(`--context나 --kubeconfig로 지정한 클러스터, 지정하지 않으면 실행 중인 내장 클러스터를 점검합니다. 버전,
권한, 네임스페이스, 할당량, 파드 시큐리티를 봅니다. 클러스터에 아무것도 쓰지 않습니다. 실습할 수 있으면 종료
코드가 0입니다.`,
			`Checks the cluster that --context or --kubeconfig names, or else the running embedded cluster: its
version, your rights, the namespace, quotas and Pod Security. Nothing is written. The exit code is 0
if the labs can run there.`).In(lang),
		Example: `  healthlab doctor --context my-cluster
  healthlab doctor --context my-cluster --student kim`,
		RunE: func(c *cobra.Command, _ []string) error {
			client, err := o.openToRead()
			if err != nil {
				return err
			}
			defer client.Close()
			found := client.Preflight(c.Context())
			info := client.Info()
			fmt.Fprintf(s.Out, "%s\n\n", placed(info, lang))
			if err := printFindings(s.Out, found, lang); err != nil {
				return err
			}
			if f, blocked := found.Blocked(); blocked {
				return errors.New(lab.Printable(f.Found.In(lang)))
			}
			return nil
		},
	}
}

// printFindings prints a preflight as a table.
func printFindings(out io.Writer, found lab.Preflight, lang lab.Lang) error {
	var rows [][]string
	for _, f := range found.Findings {
		line := f.Found.In(lang)
		if !f.Without.IsZero() {
			line += " — " + f.Without.In(lang)
		}
		rows = append(rows, []string{f.State.Name().In(lang), f.Subject.In(lang), lab.Printable(line)})
	}
	if _, err := fmt.Fprint(out, columns(rows, lineWidth(out))); err != nil {
		return fmt.Errorf("print what was found: %w", err)
	}
	return nil
}
