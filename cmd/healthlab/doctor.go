package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/spf13/cobra"

	"healthlab/lab"
)

// newDoctor prints what can be done on a cluster.
func newDoctor(o *options, s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Find out what the labs can do on a cluster, without writing to it",
		Long: `Looks at the cluster that --context or --kubeconfig names, or at the embedded one that another
healthlab is running: its version, your rights, the namespace, quotas and Pod Security.
Nothing is written. Exit code 0 if the labs can be done there.`,
		Example: `  healthlab doctor --context my-cluster
  healthlab doctor --context my-cluster --student kim`,
		RunE: func(c *cobra.Command, _ []string) error {
			lang, err := o.language()
			if err != nil {
				return err
			}
			kubeconfig := o.kubeconfig
			if !o.real() {
				kubeconfig = filepath.Join(o.state, "kubeconfig")
				if _, err := os.Stat(kubeconfig); errors.Is(err, fs.ErrNotExist) {
					return errors.New("no embedded cluster is running: start `healthlab` or `healthlab cluster` in another " +
						"terminal, or choose a cluster with --context or --kubeconfig")
				}
			}
			client, err := o.open(kubeconfig, slog.New(slog.DiscardHandler))
			if err != nil {
				return usageError{inLang(err, lang)}
			}
			defer client.Close()
			found := client.Preflight(c.Context())
			info := client.Info()
			fmt.Fprintf(s.out, "%s (%s), namespace %s\n\n", printable(info.Name), printable(info.Server), info.Namespace)
			if err := printFindings(s.out, found, lang); err != nil {
				return err
			}
			if f, blocked := found.Blocked(); blocked {
				return errors.New(printable(f.Found.In(lang)))
			}
			return nil
		},
	}
}

// printFindings prints a preflight as a table.
func printFindings(out io.Writer, found lab.Preflight, lang lab.Lang) error {
	words := map[lab.FindingState]lab.Text{
		lab.FindingOK:      {Ko: "됨", En: "ok"},
		lab.FindingLimited: {Ko: "제한", En: "limited"},
		lab.FindingBlocked: {Ko: "안 됨", En: "blocked"},
		lab.FindingUnknown: {Ko: "모름", En: "unknown"},
	}
	state, subject := 0, 0
	for _, f := range found.Findings {
		state = max(state, lipgloss.Width(words[f.State].In(lang)))
		subject = max(subject, lipgloss.Width(f.Subject.In(lang)))
	}
	// Korean letters are two columns wide, which text/tabwriter does not know.
	padded := func(text string, width int) string {
		return text + strings.Repeat(" ", width-lipgloss.Width(text)+2)
	}
	for _, f := range found.Findings {
		line := f.Found.In(lang)
		if !f.Without.IsZero() {
			line += " — " + f.Without.In(lang)
		}
		_, err := fmt.Fprintf(out, "%s%s%s\n", padded(words[f.State].In(lang), state), padded(f.Subject.In(lang), subject), printable(line))
		if err != nil {
			return fmt.Errorf("print what was found: %w", err)
		}
	}
	return nil
}
