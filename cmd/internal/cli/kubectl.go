package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"healthlab/cmd/internal/settings"
	"healthlab/lab"
)

// newKubectl is kubectl itself. It works on the running embedded cluster unless a flag or KUBECONFIG names another.
// The console starts it as a process of its own, since kubectl exits on errors.
func newKubectl(o *options, s Streams) *cobra.Command {
	lang := o.lang
	return &cobra.Command{
		Use:   lab.T("kubectl [명령과 플래그…]", "kubectl [command and flags…]").In(lang),
		Short: lab.T("실행 중인 내장 클러스터에 연결된 kubectl입니다", "kubectl, connected to the running embedded cluster").In(lang),
		Long: lab.T(`kubectl이 따로 없어도 쓸 수 있는 내장 kubectl입니다.

--kubeconfig도 KUBECONFIG도 없으면, 다른 healthlab(콘솔이나 healthlab cluster)이 실행 중인 내장 클러스터에
연결합니다.

kubectl의 명령과 플래그는 healthlab kubectl help로 볼 수 있습니다. kubectl의 도움말은 영어입니다.`,
			`The built-in kubectl, in case you have none installed.

Without --kubeconfig and KUBECONFIG it talks to the embedded cluster of another running healthlab
(the console or healthlab cluster).

healthlab kubectl help lists kubectl's own commands and flags.`).In(lang),
		Example: `  healthlab kubectl -n healthchecks get pods -w
  healthlab kubectl -n healthchecks exec -it liveness-app -- sh`,
		DisableFlagParsing: true, // kubectl parses its own
		SilenceUsage:       true,
		RunE: func(c *cobra.Command, args []string) error {
			args = withoutLang(args)
			if len(args) == 0 || args[0] == "--help" || args[0] == "-h" {
				return c.Help()
			}
			if wantsEmbedded(args) && args[0] != "help" {
				path := settings.EmbeddedKubeconfig()
				if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
					return noEmbedded(lab.T("--kubeconfig나 KUBECONFIG로", "--kubeconfig or KUBECONFIG"))
				}
				if err := os.Setenv("KUBECONFIG", path); err != nil {
					return fmt.Errorf("set KUBECONFIG: %w", err)
				}
			}
			o.parts.Kubectl(s, args)
			return nil
		},
	}
}

// noEmbedded tells that no embedded cluster is running, and by what another cluster can be named.
func noEmbedded(way lab.Text) error {
	return lab.Errorf(nil,
		"실행 중인 내장 클러스터가 없습니다. 다른 터미널에서 `healthlab`이나 `healthlab cluster`를 시작하거나, %s 클러스터를 지정하십시오",
		"no embedded cluster is running: start `healthlab` or `healthlab cluster` in another terminal, or name a cluster with %s",
		way)
}

// withoutLang drops healthlab's own flag where it stood before the word kubectl.
func withoutLang(args []string) []string {
	switch {
	case len(args) > 1 && args[0] == "--lang":
		return args[2:]
	case len(args) > 0 && strings.HasPrefix(args[0], "--lang="):
		return args[1:]
	}
	return args
}

// wantsEmbedded reports whether neither flags nor the environment name a cluster.
func wantsEmbedded(args []string) bool {
	if os.Getenv("KUBECONFIG") != "" {
		return false
	}
	return !slices.ContainsFunc(args, func(a string) bool {
		return a == "--kubeconfig" || strings.HasPrefix(a, "--kubeconfig=")
	})
}
