package cli

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/adrg/xdg"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"healthlab/cmd/internal/usage"
	"healthlab/lab"
	"healthlab/tui/widget"
)

// helpWidth is how many columns the help takes at most.
const helpWidth = 80

// helpText is what --help prints. Cobra's own templates know one language, and take a Korean letter for one column.
func helpText(c *cobra.Command, lang lab.Lang) string {
	say := lang.Pick
	var out strings.Builder
	for _, paragraph := range strings.Split(c.Long, "\n\n") {
		for _, line := range widget.Wrap(strings.Join(strings.Fields(paragraph), " "), helpWidth) {
			fmt.Fprintln(&out, line)
		}
		fmt.Fprintln(&out)
	}
	fmt.Fprintf(&out, "%s\n  %s", say("사용법:", "Usage:"), c.UseLine())
	if !c.DisableFlagParsing {
		out.WriteString(say(" [플래그]", " [flags]"))
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(&out, "\n  %s %s", c.CommandPath(), say("[명령]", "[command]"))
	}
	section := func(title, content string) {
		if content != "" {
			fmt.Fprintf(&out, "\n\n%s\n%s", title, strings.TrimRight(content, "\n"))
		}
	}
	section(say("예:", "Examples:"), c.Example)
	section(say("명령:", "Commands:"), commandTable(c))
	if !c.DisableFlagParsing { // what it takes is told by itself
		section(say("플래그:", "Flags:"), flagTable(c.LocalFlags(), lang))
		section(say("공통 플래그:", "Flags of every command:"), flagTable(c.InheritedFlags(), lang))
	}
	if c.HasAvailableSubCommands() {
		section(say("명령 하나의 도움말:", "Help for one command:"),
			fmt.Sprintf("  %s %s --help", c.CommandPath(), say("[명령]", "[command]")))
	}
	return out.String() + "\n"
}

func commandTable(c *cobra.Command) string {
	var rows [][]string
	for _, one := range c.Commands() {
		if !one.Hidden {
			rows = append(rows, []string{"  " + one.Name(), one.Short})
		}
	}
	return columns(rows, helpWidth)
}

func flagTable(flags *pflag.FlagSet, lang lab.Lang) string {
	var rows [][]string
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		name := "      --" + f.Name
		if f.Shorthand != "" {
			name = "  -" + f.Shorthand + ", --" + f.Name
		}
		value, usage := pflag.UnquoteUsage(f)
		if value != "" {
			name += " " + value
		}
		if f.Value.Type() == "string" && f.DefValue != "" {
			usage += fmt.Sprintf(lang.Pick(" (기본값 %s)", " (default %s)"), lab.Homely(f.DefValue, xdg.Home))
		}
		rows = append(rows, []string{name, usage})
	})
	return columns(rows, helpWidth)
}

// lineWidth is how many columns a line on out may take: as many as the terminal has, or any number (0) elsewhere.
func lineWidth(out io.Writer) int {
	f, ok := out.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// columns lines up the cells of each row but its last one, which is broken by words where it would go beyond width, if
// there is room to speak of. Korean letters are two columns wide, which text/tabwriter does not know.
func columns(rows [][]string, width int) string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row[:len(row)-1] {
			widths = append(widths, make([]int, max(0, i+1-len(widths)))...)
			widths[i] = max(widths[i], lipgloss.Width(cell)+2)
		}
	}
	var out strings.Builder
	for _, row := range rows {
		indent := 0
		for i, cell := range row[:len(row)-1] {
			out.WriteString(cell + strings.Repeat(" ", widths[i]-lipgloss.Width(cell)))
			indent += widths[i]
		}
		last := []string{row[len(row)-1]}
		if room := width - indent; room >= 12 {
			last = widget.Wrap(last[0], room)
		}
		out.WriteString(strings.Join(last, "\n"+strings.Repeat(" ", indent)) + "\n")
	}
	return out.String()
}

// newHelp is cobra's help command in the user's language.
func newHelp(o *options) *cobra.Command {
	say := o.lang.Pick
	return &cobra.Command{
		Use:   say("help [명령]", "help [command]"),
		Short: say("명령의 도움말을 보여 줍니다", "Show the help of a command"),
		Long:  say("명령의 도움말을 보여 줍니다. `--help` 플래그와 같습니다.", "Shows the help of a command, like its flag --help."),
		Example: `  healthlab help run
  healthlab run --help`,
		Args: cobra.ArbitraryArgs,
		// Whatever else is wrong, help is given.
		PersistentPreRunE: func(*cobra.Command, []string) error { return nil },
		RunE: func(c *cobra.Command, args []string) error {
			asked, rest, err := c.Root().Find(args)
			if err != nil {
				return usage.Error{Err: err}
			}
			if asked == c.Root() && len(rest) > 0 {
				return usage.NoCommand(asked, rest[0])
			}
			return asked.Help()
		},
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, one := range c.Root().Commands() {
				if len(args) == 0 && !one.Hidden {
					names = append(names, cobra.CompletionWithDesc(one.Name(), one.Short))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// newCompletion is cobra's completion command in the user's language.
func newCompletion(o *options, s Streams) *cobra.Command {
	say := o.lang.Pick
	shells := []string{"bash", "fish", "powershell", "zsh"}
	return &cobra.Command{
		Use:   "completion bash|fish|powershell|zsh",
		Short: say("셸 자동 완성 스크립트를 출력합니다", "Print the completion script for a shell"),
		Long: say(`bash, fish, powershell, zsh의 자동 완성 스크립트를 출력합니다. bash에는 bash-completion
패키지가 필요합니다.`, `Prints what makes bash, fish, powershell or zsh complete healthlab's commands and flags on Tab. Bash needs
the package bash-completion.`),
		Example: say(`  # 지금 셸에서만
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
  healthlab completion fish > ~/.config/fish/completions/healthlab.fish`),
		PersistentPreRunE: func(*cobra.Command, []string) error { return nil },
		ValidArgs:         shells,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || !slices.Contains(shells, args[0]) {
				return usage.Errorf("셸 하나를 고르십시오: %s", "name one shell: %s", strings.Join(shells, ", "))
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
