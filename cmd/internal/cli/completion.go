package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"healthlab/cmd/internal/usage"
	"healthlab/lab"
)

// newCompletion is cobra's completion command in the user's language.
func newCompletion(o *options, s Streams) *cobra.Command {
	lang := o.lang
	shells := []string{"bash", "fish", "powershell", "zsh"}
	return &cobra.Command{
		Use:   "completion bash|fish|powershell|zsh",
		Short: lab.T("셸 자동 완성 스크립트를 출력합니다", "Print the completion script for a shell").In(lang),
		Long: lab.T(`bash, fish, powershell, zsh의 자동 완성 스크립트를 출력합니다. bash에는 bash-completion
패키지가 필요합니다.`, `Prints a completion script for bash, fish, powershell or zsh. Bash needs the package bash-completion.`).In(lang),
		Example: lab.T(`  # 지금 셸에서만
  source <(healthlab completion bash)
  source <(healthlab completion zsh)
  healthlab completion fish | source
  healthlab completion powershell | Out-String | Invoke-Expression

  # 새로 여는 모든 셸에서
  healthlab completion bash > /etc/bash_completion.d/healthlab
  healthlab completion zsh > "${fpath[1]}/_healthlab"
  healthlab completion fish > ~/.config/fish/completions/healthlab.fish`,
			`  # in this shell only
  source <(healthlab completion bash)
  source <(healthlab completion zsh)
  healthlab completion fish | source
  healthlab completion powershell | Out-String | Invoke-Expression

  # in every new shell
  healthlab completion bash > /etc/bash_completion.d/healthlab
  healthlab completion zsh > "${fpath[1]}/_healthlab"
  healthlab completion fish > ~/.config/fish/completions/healthlab.fish`).In(lang),
		PersistentPreRunE: func(*cobra.Command, []string) error { return nil },
		ValidArgs:         shells,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || !slices.Contains(shells, args[0]) {
				return usage.Error{Err: lab.Errorf(nil, "셸 하나를 고르십시오: %s", "name one shell: %s", strings.Join(shells, ", "))}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			switch root := c.Root(); args[0] {
			case "bash":
				return root.GenBashCompletionV2(s.Out, true)
			case "fish":
				return root.GenFishCompletion(s.Out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(s.Out)
			default:
				return root.GenZshCompletion(s.Out)
			}
		},
	}
}
