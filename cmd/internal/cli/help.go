package cli

import (
	"fmt"
	"strings"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"healthlab/cmd/internal/usage"
	"healthlab/lab"
	"healthlab/tui/widget"
)

// helpWidth is how many columns the help takes at most.
const helpWidth = 80

// helpText is what --help prints. Cobra's own templates know one language, and take a Korean letter for one column.
func helpText(c *cobra.Command, lang lab.Lang) string {
	var out strings.Builder
	for _, paragraph := range strings.Split(c.Long, "\n\n") {
		for _, line := range widget.Wrap(strings.Join(strings.Fields(paragraph), " "), helpWidth) {
			fmt.Fprintln(&out, line)
		}
		fmt.Fprintln(&out)
	}
	fmt.Fprintf(&out, "%s\n  %s", lab.T("사용법:", "Usage:").In(lang), c.UseLine())
	if !c.DisableFlagParsing {
		out.WriteString(lab.T(" [플래그]", " [flags]").In(lang))
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(&out, "\n  %s %s", c.CommandPath(), lab.T("[명령]", "[command]").In(lang))
	}
	section := func(title, content string) {
		if content != "" {
			fmt.Fprintf(&out, "\n\n%s\n%s", title, strings.TrimRight(content, "\n"))
		}
	}
	section(lab.T("예:", "Examples:").In(lang), c.Example)
	section(lab.T("명령:", "Commands:").In(lang), commandTable(c))
	if !c.DisableFlagParsing { // what it takes is told by itself
		section(lab.T("플래그:", "Flags:").In(lang), flagTable(c.LocalFlags(), lang))
		section(lab.T("공통 플래그:", "Flags of every command:").In(lang), flagTable(c.InheritedFlags(), lang))
	}
	if c.HasAvailableSubCommands() {
		section(lab.T("명령 하나의 도움말:", "Help for one command:").In(lang),
			fmt.Sprintf("  %s %s --help", c.CommandPath(), lab.T("[명령]", "[command]").In(lang)))
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
			usage += lab.Textf(" (기본값 %s)", " (default %s)", lab.Homely(f.DefValue, xdg.Home)).In(lang)
		}
		rows = append(rows, []string{name, usage})
	})
	return columns(rows, helpWidth)
}

// newHelp is cobra's help command in the user's language.
func newHelp(o *options) *cobra.Command {
	lang := o.lang
	return &cobra.Command{
		Use:   lab.T("help [명령]", "help [command]").In(lang),
		Short: lab.T("명령의 도움말을 보여 줍니다", "Show the help of a command").In(lang),
		Long:  lab.T("명령의 도움말을 보여 줍니다. `--help` 플래그와 같습니다.", "Shows the help of a command, like --help.").In(lang),
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
