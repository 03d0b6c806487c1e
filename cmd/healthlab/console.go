package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	tea "charm.land/bubbletea/v2"
	"github.com/adrg/xdg"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"healthlab/lab"
	"healthlab/lab/session"
	"healthlab/tui"
	"healthlab/tui/theme"
)

// consoleOptions are the flags that only the console has.
type consoleOptions struct {
	theme string
	ascii bool
	fresh bool
	lab   string
	// record is the file that an asciicast of the session is written to; empty for none.
	record string
}

// addConsole makes opening the console what the root command does.
func addConsole(root *cobra.Command, o *options, s streams) {
	var co consoleOptions
	flags := root.Flags()
	flags.StringVar(&co.theme, "theme", "", "colours: dark, light or high-contrast (default: as the terminal's background)")
	flags.BoolVar(&co.ascii, "ascii", false, "draw without box lines and symbols")
	flags.BoolVar(&co.fresh, "fresh", false, "start at the first step instead of where the last run stopped")
	flags.StringVar(&co.lab, "lab", "", "start with this `lab`")
	flags.StringVar(&co.record, "record", "", "record the session to this new `file`, as an asciicast")
	root.RunE = func(c *cobra.Command, _ []string) error {
		if err := checkTerminal(); err != nil {
			return err
		}
		settings, err := readSettings(settingsFile())
		if err != nil {
			return usageError{err}
		}
		settings.fillIn(o, &co)
		return o.console(c.Context(), co, settings, s)
	}
}

// checkTerminal refuses to draw where nothing can be drawn.
func checkTerminal() error {
	const way = "use `healthlab run` to do the labs without a screen"
	if !term.IsTerminal(int(os.Stdin.Fd())) || !term.IsTerminal(int(os.Stdout.Fd())) {
		return usageError{errors.New("the console needs a terminal for input and output: " + way)}
	}
	if os.Getenv("TERM") == "dumb" {
		return usageError{errors.New("the console cannot draw on a terminal of TERM=dumb: " + way)}
	}
	return nil
}

// console opens the console on a session and returns when both have ended.
func (o *options) console(ctx context.Context, co consoleOptions, settings settings, s streams) (err error) {
	lang, err := o.language()
	if err != nil {
		return err
	}
	labs, err := o.load()
	if err != nil {
		return err
	}
	if co.lab != "" {
		if err := known([]string{co.lab}, labs); err != nil {
			return err
		}
	}
	log, err := o.openLog()
	if err != nil {
		return err
	}
	defer log.Close()
	answered, err := readAnswers(filepath.Join(o.state, "answers.json"))
	if err != nil {
		return err
	}
	se, err := o.newSession(labs, log, session.Config{
		Lab: co.lab, Resume: !co.fresh && co.lab == "", State: filepath.Join(o.state, "progress.json"),
	})
	if err != nil {
		return usageError{inLang(err, lang)}
	}
	var drawing []tea.ProgramOption
	if co.record != "" {
		r, failed := newRecorder(os.Stdout, co.record)
		if failed != nil {
			return failed
		}
		defer func() { err = errors.Join(err, r.end()) }()
		drawing = r.options()
	}
	release, err := guardTerminal(filepath.Join(o.state, fmt.Sprintf("crash-%d.txt", os.Getpid())))
	if err != nil {
		return err
	}
	defer release()

	restore, err := divertStderr(log)
	if err != nil {
		return err
	}
	running, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- se.Run(running) }()
	followed := announce(se, labs, lang, o.positionFile(), slog.New(slog.NewTextHandler(log, nil)))
	defer followed.wait()
	err = tui.Run(ctx, tui.Config{
		Lab: followed, Labs: labs, Lang: lang, Theme: theme.Name(co.theme), ASCII: co.ascii, Keys: settings.Keys,
		Dir: o.dir, Home: xdg.Home, Namespace: o.namespace,
		Answers: answered.all(), OnAnswer: answered.give,
		OnLang:   func(l lab.Lang) { lang = l; followed.speak(l) },
		Complete: se.Complete,
		Export:   o.export(),
		History:  filepath.Join(o.state, "history"),
		CopyFile: filepath.Join(o.state, "clipboard.txt"),
		LogFile:  log.Name(),
		Editor:   editor(),
	}, drawing...)
	restore()
	cancel()
	if !o.real() {
		fmt.Fprintln(s.err, lab.Text{Ko: "클러스터를 정리하는 중 …", En: "stopping the cluster …"}.In(lang))
	}
	return inLang(errors.Join(err, <-ended), lang)
}

// export is the line that makes kubectl in a second terminal use the same cluster.
func (o *options) export() string {
	switch {
	case !o.real():
		return "export KUBECONFIG=" + filepath.Join(o.state, "kubeconfig")
	case o.kubeconfig != "":
		return "export KUBECONFIG=" + o.kubeconfig
	default:
		return ""
	}
}

// editor is the user's editor, as kubectl edit chooses it.
func editor() string {
	for _, name := range []string{"KUBE_EDITOR", "VISUAL", "EDITOR"} {
		if e := os.Getenv(name); e != "" {
			return e
		}
	}
	return "vi"
}
