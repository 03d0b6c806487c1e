package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"
	"k8s.io/klog/v2"

	"healthlab/assets"
	"healthlab/lab"
	"healthlab/lab/cluster"
	"healthlab/lab/script"
	"healthlab/lab/session"
	"healthlab/manifests"
)

// options are the flags that every way of running the labs shares.
type options struct {
	kubeconfig, context, namespace string
	dir, labs, state, lang         string
	realOptions
}

// newRoot is the whole command line.
func newRoot(s streams) *cobra.Command {
	var o options
	root := &cobra.Command{
		Use:   "healthlab",
		Short: "A lab console for learning Kubernetes health checks",
		Long: `healthlab walks you through Kubernetes probes: what they are, the liveness lab, the
readiness lab. It applies the manifests, lets you break the app with one key and shows
live what the probes see and what the kubelet does about it.

Without flags it runs a Kubernetes of its own inside the process. With --context or
--kubeconfig it uses a cluster of yours.`,
		Example: `  healthlab                         # open the console, in Korean
  healthlab --lang en               # in English
  healthlab run liveness            # one lab without a screen
  healthlab --context my-cluster    # on a cluster of your own`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version(),
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	flags := root.PersistentFlags()
	flags.StringVar(&o.kubeconfig, "kubeconfig", "", "use a cluster of this kubeconfig `file` instead of the embedded one")
	flags.StringVar(&o.context, "context", "", "use the cluster of this kubeconfig `context` instead of the embedded one")
	flags.StringVarP(&o.namespace, "namespace", "n", "healthchecks", "the lab's `namespace`")
	flags.StringVar(&o.dir, "dir", workDir(), "working `directory` for the manifests")
	flags.StringVar(&o.labs, "labs", "", "`directory` with labs of your own, and their manifests/, instead of the built-in ones")
	flags.StringVar(&o.state, "state-dir", stateDir(), "`directory` for kubeconfig, logs and progress")
	flags.StringVar(&o.lang, "lang", "", "language: ko or en (default ko)")
	o.addFlags(flags)
	root.PersistentPreRunE = o.choose
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w (see `%s --help`)", err, c.CommandPath())}
	})
	addConsole(root, &o, s)
	root.AddCommand(newRun(&o, s), newNotes(&o, s), newCluster(&o, s), newKubectl(s), newImages(s),
		newContexts(&o, s), newDoctor(&o, s), newCleanup(&o, s))
	for _, c := range append(root.Commands(), root) {
		if c.Args == nil && !c.DisableFlagParsing {
			c.Args = func(c *cobra.Command, args []string) error {
				if len(args) > 0 {
					return usageError{fmt.Errorf("unknown command or argument %q (see `%s --help`)", args[0], c.CommandPath())}
				}
				return nil
			}
		}
	}
	return root
}

// version is what the binary was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "unknown"
	}
	return info.Main.Version
}

// language is the one to speak.
func (o *options) language() (lab.Lang, error) {
	switch o.lang {
	case "", string(lab.Korean):
		return lab.Korean, nil
	case string(lab.English):
		return lab.English, nil
	}
	return "", usageError{fmt.Errorf("--lang %q is not known: use ko or en", o.lang)}
}

// real reports whether the labs run on a cluster of the user's own.
func (o *options) real() bool { return o.kubeconfig != "" || o.context != "" }

// load reads the built-in labs or the user's own.
func (o *options) load() ([]lab.Lab, error) {
	files, err := fs.Sub(assets.FS, "labs")
	if err != nil {
		return nil, fmt.Errorf("open the built-in labs: %w", err)
	}
	if o.labs != "" {
		files = os.DirFS(o.labs)
	}
	labs, err := script.Load(files, o.manifests())
	if err != nil {
		return nil, fmt.Errorf("load the labs of %s: %w", o.labsName(), err)
	}
	return labs, nil
}

// manifests are the built-in ones, or those beside the user's own labs.
func (o *options) manifests() fs.FS {
	if own := filepath.Join(o.labs, "manifests"); o.labs != "" {
		if info, err := os.Stat(own); err == nil && info.IsDir() {
			return os.DirFS(own)
		}
	}
	return manifests.FS
}

func (o *options) labsName() string {
	if o.labs == "" {
		return "healthlab"
	}
	return o.labs
}

// openLog opens the file that healthlab and the components of the embedded cluster write to. A file that has become large
// is put aside first.
func (o *options) openLog() (*os.File, error) {
	const large = 16 << 20
	if err := os.MkdirAll(o.state, 0o700); err != nil {
		return nil, fmt.Errorf("make the state directory %s (choose another one with --state-dir): %w", o.state, err)
	}
	path := filepath.Join(o.state, "healthlab.log")
	if info, err := os.Stat(path); err == nil && info.Size() > large {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, fmt.Errorf("put the old log aside: %w", err)
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log (choose another directory with --state-dir): %w", err)
	}
	return f, nil
}

// newSession wires a session to the cluster that the flags choose.
func (o *options) newSession(labs []lab.Lab, log *os.File, config session.Config) (*session.Session, error) {
	dir, err := filepath.Abs(o.dir)
	if err != nil {
		return nil, fmt.Errorf("resolve the working directory %s: %w", o.dir, err)
	}
	config.Labs, config.Manifests, config.Dir = labs, o.manifests(), dir
	config.Log = slog.New(slog.NewTextHandler(log, nil))
	config.Registry, config.Owner = o.registry, owner()
	config.Home = xdg.Home
	if o.real() {
		// The libraries of Kubernetes would write onto the screen. The embedded cluster sees to that by itself.
		klog.SetSlogLogger(config.Log)
		client, err := o.open(o.kubeconfig, config.Log)
		if err != nil {
			return nil, err
		}
		config.Cluster = client.Info()
		config.Connect = func(ctx context.Context, _ func(lab.Component)) (session.Cluster, error) {
			// A server that does not answer yet may come back; a plug-in that hangs would hold up everything.
			if _, err := client.Version(ctx); errors.Is(err, cluster.ErrHangs) {
				return nil, err
			}
			return client, nil
		}
		return session.New(config), nil
	}
	config.Cluster = lab.Cluster{Name: embeddedName, Namespace: o.namespace}
	config.Connect = o.connectEmbedded(log, config.Log)
	return session.New(config), nil
}

// inLang puts an error into the language that the user reads.
func inLang(err error, lang lab.Lang) error {
	var told *lab.Error
	if !errors.As(err, &told) {
		return err
	}
	if told.Cause == nil {
		return errors.New(told.Msg.In(lang))
	}
	return fmt.Errorf("%s: %w", told.Msg.In(lang), told.Cause)
}
