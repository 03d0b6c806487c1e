package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
	"unicode"

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

func (r *realOptions) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&r.student, "student", "", "use namespace healthchecks-`name`, so that many can share a cluster")
	flags.StringVar(&r.registry, "image-registry", "", "`prefix` of the images: alpine becomes prefix/alpine")
	flags.BoolVar(&r.readOnly, "read-only", false, "watch a cluster of yours without changing anything")
	flags.BoolVar(&r.dryRun, "dry-run", false, "show what would be done to a cluster of yours, and have the server check it")
}

// choose settles which namespace is meant, and refuses flags that do not fit together.
func (o *options) choose(c *cobra.Command, _ []string) error {
	if o.student != "" {
		if f := c.Flags().Lookup("namespace"); f != nil && f.Changed {
			return usageError{errors.New("--student names the namespace: leave out --namespace")}
		}
		o.namespace = "healthchecks-" + o.student
	}
	if problems := validation.IsDNS1123Label(o.namespace); len(problems) > 0 {
		return usageError{fmt.Errorf("namespace %q is not possible: %s", o.namespace, problems[0])}
	}
	for name, given := range map[string]bool{
		"--student": o.student != "", "--image-registry": o.registry != "", "--read-only": o.readOnly, "--dry-run": o.dryRun,
	} {
		if given && !o.real() {
			return usageError{fmt.Errorf("%s is for a cluster of your own: choose one with --context or --kubeconfig", name)}
		}
	}
	if o.readOnly && o.dryRun {
		return usageError{errors.New("--read-only writes nothing and --dry-run tries to: choose one")}
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
	return strings.TrimSuffix(r.registry, "/") + "/alpine"
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
	return &cobra.Command{
		Use:   "contexts",
		Short: "List the clusters of your kubeconfig, and whether they answer",
		Long: `Lists the contexts of the kubeconfig, with the server of each and whether it answers within
five seconds. The one that kubectl uses is marked with *; healthlab never changes it, and
uses none of them unless --context names it.`,
		Example: `  healthlab contexts
  healthlab --context my-cluster`,
		RunE: func(c *cobra.Command, _ []string) error {
			lang, err := o.language()
			if err != nil {
				return err
			}
			contexts, err := cluster.Contexts(o.kubeconfig)
			if err != nil {
				return usageError{inLang(err, lang)}
			}
			if len(contexts) == 0 {
				return usageError{errors.New(lab.Text{
					Ko: "kubeconfig에 컨텍스트가 없습니다. --kubeconfig로 다른 파일을 지정하세요",
					En: "the kubeconfig has no contexts; name another file with --kubeconfig",
				}.In(lang))}
			}
			table := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, " \tCONTEXT\tSERVER\tANSWER")
			for i, answer := range reach(c.Context(), o.kubeconfig, contexts, lang) {
				mark := " "
				if contexts[i].Current {
					mark = "*"
				}
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", mark, printable(contexts[i].Name), printable(contexts[i].Server), answer)
			}
			if err := table.Flush(); err != nil {
				return fmt.Errorf("print the contexts: %w", err)
			}
			return nil
		},
	}
}

// reach asks every cluster for its version, all at the same time.
func reach(ctx context.Context, kubeconfig string, contexts []lab.Context, lang lab.Lang) []string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
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

// answerOf waits for one cluster no longer than ctx: a credential plug-in that hangs takes no notice of it.
func answerOf(ctx context.Context, kubeconfig, name string, lang lab.Lang) string {
	done := make(chan string, 1)
	go func() {
		client, err := cluster.Open(cluster.Config{Kubeconfig: kubeconfig, Context: name, NoPrompt: true})
		if err != nil {
			done <- inLang(err, lang).Error()
			return
		}
		defer client.Close()
		version, err := client.Version(ctx)
		var told *lab.Error
		if errors.As(err, &told) {
			version = told.Msg.In(lang)
		}
		done <- version
	}()
	select {
	case answer := <-done:
		return printable(answer)
	case <-ctx.Done():
		return lab.Text{Ko: "제때 답하지 않습니다", En: "no answer in time"}.In(lang)
	}
}

// printable takes out what could steer the terminal, which a kubeconfig or a server could have put into a text.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
}
