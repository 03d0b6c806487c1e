package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"healthlab/lab"
	"healthlab/lab/session"
)

// newRun carries out labs without a screen.
func newRun(o *options, s streams) *cobra.Command {
	var list, interactive bool
	c := &cobra.Command{
		Use:   "run [lab…]",
		Short: "Carry out labs without a screen, and check every goal",
		Long: `Every step and fault of the labs (all of them, or those named) is carried out and every
goal is checked. Each thing that happens is one line with the time since the start.
Exit code 0 only when all goals were met.

With --interactive you do the lab yourself, as plain lines with prompts that a screen
reader can read: a letter or a word and Enter for each thing.`,
		Example: `  healthlab run
  healthlab run liveness --lang en
  healthlab run --interactive liveness
  healthlab run --list`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			lang, err := o.language()
			if err != nil {
				return err
			}
			labs, err := o.load()
			if err != nil {
				return err
			}
			if list {
				for _, l := range labs {
					fmt.Fprintf(s.out, "%-12s %s: %s\n", l.ID, l.Title.In(lang), l.Summary.In(lang))
				}
				return nil
			}
			if err := known(args, labs); err != nil {
				return err
			}
			if interactive {
				return o.interactive(c.Context(), labs, args, lang, s)
			}
			return o.walk(c.Context(), labs, args, lang, s)
		},
	}
	c.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		labs, err := o.load()
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		return ids(labs), cobra.ShellCompDirectiveNoFileComp
	}
	c.Flags().BoolVar(&list, "list", false, "list the labs and stop")
	c.Flags().BoolVarP(&interactive, "interactive", "i", false, "do the lab yourself, as plain lines with prompts (for screen readers)")
	return c
}

func ids(labs []lab.Lab) []string {
	var ids []string
	for _, l := range labs {
		ids = append(ids, l.ID)
	}
	return ids
}

// known refuses labs that do not exist.
func known(wanted []string, labs []lab.Lab) error {
	for _, w := range wanted {
		if !slices.Contains(ids(labs), w) {
			return usageError{fmt.Errorf("there is no lab %q: the labs are %s", w, strings.Join(ids(labs), ", "))}
		}
	}
	return nil
}

// walk runs a session until its labs are done.
func (o *options) walk(ctx context.Context, labs []lab.Lab, wanted []string, lang lab.Lang, s streams) error {
	log, err := o.openLog()
	if err != nil {
		return err
	}
	defer log.Close()
	se, err := o.newSession(labs, log, session.Config{})
	if err != nil {
		return usageError{inLang(err, lang)}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- se.Run(ctx) }()
	walked := session.Walk(ctx, se, wanted, s.out, lang)
	cancel()
	return inLang(errors.Join(walked, <-ended), lang)
}
