package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"healthlab/cmd/internal/usage"
	"healthlab/cmd/internal/why"
	"healthlab/lab"
	"healthlab/lab/cluster"
)

// newWhy tells why pods are not Ready or were restarted.
func newWhy(o *options, s Streams) *cobra.Command {
	var output string
	lang := o.lang
	c := &cobra.Command{
		Use:   lab.T("why [파드 | 종류/이름]", "why [pod | kind/name]").In(lang),
		Short: lab.T("파드가 왜 다시 시작되었고 왜 Ready가 아닌지 한 문장으로 말합니다", "Say why a pod was restarted or is not Ready").In(lang),
		Long: lab.T(`파드가 왜 다시 시작되었는지, 왜 Ready가 아닌지를 한 문장으로 말하고, 그 근거가 되는 이벤트, 컨디션, 종료 코드,
로그에 번호를 붙여 보여 줍니다. +는 더 알 수 있는 것이고 ?는 알 수 없는 것입니다. 추측하지 않습니다.

이름이 없으면 네임스페이스에서 Ready가 아니거나 다시 시작된 적이 있는 파드를 모두 봅니다. 종류는 pod, deploy, rs, sts,
ds, job입니다. 실행 중인 내장 클러스터나 --context, --kubeconfig로 지정한 클러스터를 봅니다.

읽기만 합니다. 파드를 볼 권한이 꼭 필요하고, 이벤트와 로그는 볼 수 있는 만큼 봅니다. 답을 했으면 종료 코드는
0이고, 파드를 볼 수 없거나 그런 이름이 없으면 1입니다.`,
			`Says in one sentence why a pod was restarted, or why it is not Ready, and numbers the events, conditions,
exit codes and log lines on which that rests. + marks what else is known, and ? what cannot be told. It
does not guess.

Without a name it looks at every pod of the namespace that is not Ready or was ever restarted. The kinds are pod,
deploy, rs, sts, ds and job. It looks at the running embedded cluster, or the one that --context or --kubeconfig names.

It only reads. It needs the right to read pods; events and logs are read as far as permitted. The exit code is 0 if
there was an answer, and 1 if the pods cannot be read or there is no such name.`).In(lang),
		Example: lab.T(`  healthlab why                   # Ready가 아니거나 다시 시작된 파드를 모두
  healthlab why liveness-app
  healthlab why deploy/readiness-deployment
  healthlab why --context my-cluster -n shop -o json`,
			`  healthlab why                   # every pod that is not Ready or was restarted
  healthlab why liveness-app
  healthlab why deploy/readiness-deployment
  healthlab why --context my-cluster -n shop -o json`).In(lang),
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if output != "text" && output != "json" {
				return usage.Error{Err: lab.Errorf(nil, "-o %q 형식은 없습니다. text나 json을 쓰십시오", "there is no -o %q: use text or json", output)}
			}
			target, err := why.ParseTarget(args)
			if err != nil {
				return err
			}
			client, err := o.openToRead()
			if err != nil {
				return err
			}
			defer client.Close()
			ctx, cancel := context.WithTimeout(c.Context(), lookPatience)
			defer cancel()
			if _, err := client.Version(ctx); err != nil { // it is also for credential plug-ins that do not come back
				return err
			}
			report, err := why.Look(ctx, client, target, time.Now())
			if err != nil {
				return err
			}
			if output == "json" {
				return report.JSON(s.Out, lang)
			}
			if _, err := fmt.Fprint(s.Out, report.Text(lang, func(rows [][]string) string { return columns(rows, lineWidth(s.Out)) })); err != nil {
				return fmt.Errorf("print the report: %w", err)
			}
			return nil
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "text", lab.T("출력 `형식`: text나 json", "output `format`: text or json").In(lang))
	c.ValidArgsFunction = o.completePods
	if err := c.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag was added just before
	}
	return c
}

// lookPatience is how long a look at the pods may take.
const lookPatience = 30 * time.Second

// openToRead opens the cluster that the flags name, or the running embedded one.
func (o *options) openToRead() (*cluster.Client, error) {
	kubeconfig := o.kubeconfig
	if !o.real() {
		kubeconfig = filepath.Join(o.state, "kubeconfig")
		if _, err := os.Stat(kubeconfig); errors.Is(err, fs.ErrNotExist) {
			return nil, noEmbedded(lab.T("--context나 --kubeconfig로", "--context or --kubeconfig"))
		}
	}
	client, err := o.open(kubeconfig, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, usage.Error{Err: err}
	}
	return client, nil
}

// completePods completes the name of a pod, or of what owns pods.
func (o *options) completePods(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	const patience = 3 * time.Second
	if len(args) > 0 || o.choose(c, args) != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	client, err := o.openToRead()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	pods, err := client.Pods(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return why.Names(pods, word), cobra.ShellCompDirectiveNoFileComp
}
