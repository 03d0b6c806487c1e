package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/util/validation"

	"healthlab/lab"
	"healthlab/lab/cluster"
	"healthlab/lab/session"
)

// realOptions are the flags for clusters of the user's own.
type realOptions struct {
	student, registry string
	readOnly, dryRun  bool
}

func (r *realOptions) addFlags(flags *pflag.FlagSet, lang lab.Lang) {
	say := lang.Pick
	flags.StringVar(&r.student, "student", "", say("네임스페이스 healthchecks-`이름`을 써서 여럿이 클러스터 하나를 나눠 씁니다",
		"use namespace healthchecks-`name`, so that many can share a cluster"))
	flags.StringVar(&r.registry, "image-registry", "", say("Docker Hub 대신 쓸 미러의 `접두사`: alpine은 접두사/library/alpine이 됩니다",
		"`prefix` of a mirror of Docker Hub: alpine becomes prefix/library/alpine"))
	flags.BoolVar(&r.readOnly, "read-only", false, say("쓰던 클러스터를 바꾸지 않고 지켜보기만 합니다",
		"watch a cluster of yours without changing anything"))
	flags.BoolVar(&r.dryRun, "dry-run", false, say("쓰던 클러스터에 보낼 요청을 보여 주고 서버에서 검증만 합니다",
		"show what would be done to a cluster of yours, and have the server check it"))
}

// choose reads the settings, settles which namespace is meant, and refuses flags that do not fit together.
func (o *options) choose(c *cobra.Command, _ []string) (err error) {
	if o.settings, err = readSettings(settingsFile()); err != nil {
		return usageError{err}
	}
	if o.student != "" {
		if f := c.Flags().Lookup("namespace"); f != nil && f.Changed {
			return misused("--student가 네임스페이스를 정합니다. --namespace를 빼십시오", "--student names the namespace: leave out --namespace")
		}
		o.namespace = "healthchecks-" + o.student
	}
	if len(validation.IsDNS1123Label(o.namespace)) > 0 {
		return misused("%q 네임스페이스는 있을 수 없습니다. 이름은 영문 소문자, 숫자, -로 %d자까지 쓰고, 처음과 끝에는 -를 쓰지 마십시오",
			"%q cannot be a namespace: write at most %d lower-case letters, digits and -, but no - at either end",
			o.namespace, validation.DNS1123LabelMaxLength)
	}
	for name, given := range map[string]bool{
		"--student": o.student != "", "--image-registry": o.registry != "", "--read-only": o.readOnly, "--dry-run": o.dryRun,
	} {
		if given && !o.real() {
			return misused("%s 플래그는 쓰던 클러스터에서만 쓸 수 있습니다. --context나 --kubeconfig로 클러스터를 지정하십시오",
				"%s is for a cluster of your own: choose one with --context or --kubeconfig", name)
		}
	}
	if o.readOnly && o.dryRun {
		return misused("--read-only는 아무것도 쓰지 않고 --dry-run은 써 봅니다. 둘 가운데 하나만 쓰십시오",
			"--read-only writes nothing and --dry-run tries to: choose one")
	}
	return nil
}

// owner is who uses this machine, as far as it says.
func owner() string {
	name, host := "unknown", "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	if h, err := os.Hostname(); err == nil {
		host = h
	}
	return name + "@" + host
}

// sample is the image that the cluster is asked about before the labs begin.
func (r realOptions) sample() string {
	if r.registry == "" {
		return ""
	}
	return strings.TrimSuffix(r.registry, "/") + "/library/alpine"
}

// openReal makes a client for the cluster that the flags choose, and asks for its version while the terminal is still free:
// a credential plug-in that wants to prompt can do so.
func (o *options) openReal(ctx context.Context, log *slog.Logger) (*cluster.Client, error) {
	client, err := o.open(o.kubeconfig, log)
	if err != nil {
		return nil, err
	}
	if _, err := client.Version(ctx); err != nil {
		client.Close()
		return nil, err
	}
	return client, nil
}

var _ session.Cluster = (*cluster.Client)(nil)

// newContexts lists the clusters that a kubeconfig offers.
func newContexts(o *options, s streams) *cobra.Command {
	lang, say := o.lang, o.lang.Pick
	return &cobra.Command{
		Use:   "contexts",
		Short: say("kubeconfig의 클러스터와 응답 여부를 보여 줍니다", "List the clusters of your kubeconfig, and whether they answer"),
		Long: say(`kubeconfig의 컨텍스트와 그 서버, 서버가 5초 안에 응답하는지를 보여 줍니다. kubectl이 쓰는 컨텍스트에는 *가
붙습니다. healthlab은 이것을 절대 바꾸지 않으며, --context로 지정하지 않으면 어느 것도 쓰지 않습니다.`,
			`Lists the contexts of the kubeconfig, with the server of each and whether it answers within
five seconds. The one that kubectl uses is marked with *; healthlab never changes it, and
uses none of them unless --context names it.`),
		Example: `  healthlab contexts
  healthlab --context my-cluster`,
		RunE: func(c *cobra.Command, _ []string) error {
			contexts, err := cluster.Contexts(o.kubeconfig)
			if err != nil {
				return usageError{err}
			}
			if len(contexts) == 0 {
				return misused("kubeconfig에 컨텍스트가 없습니다. --kubeconfig로 다른 파일을 지정하십시오",
					"the kubeconfig has no contexts; name another file with --kubeconfig")
			}
			rows := [][]string{{" ", say("컨텍스트", "CONTEXT"), say("서버", "SERVER"), say("응답", "ANSWER")}}
			for i, answer := range reach(c.Context(), o.kubeconfig, contexts, lang) {
				mark := " "
				if contexts[i].Current {
					mark = "*"
				}
				rows = append(rows, []string{mark, lab.Printable(contexts[i].Name), lab.Printable(contexts[i].Server), answer})
			}
			_, err = fmt.Fprint(s.out, columns(rows, lineWidth(s.out)))
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
