package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

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
	flags, say := root.Flags(), o.lang.Pick
	flags.StringVar(&co.theme, "theme", "", say("`테마`: dark, light, high-contrast 중 하나. 없으면 터미널의 배경을 따릅니다",
		"`theme`: dark, light or high-contrast; by default as the terminal's background"))
	flags.BoolVar(&co.ascii, "ascii", false, say("선과 기호 없이 그립니다", "draw without box lines and symbols"))
	flags.BoolVar(&co.fresh, "fresh", false, say("지난번에 멈춘 곳이 아니라 첫 단계에서 시작합니다",
		"start at the first step instead of where the last run stopped"))
	flags.StringVar(&co.lab, "lab", "", say("이 `실습`으로 시작합니다", "start with this `lab`"))
	flags.StringVar(&co.record, "record", "", say("화면을 asciicast로 이 새 `파일`에 녹화합니다",
		"record the session to this new `file`, as an asciicast"))
	root.RunE = func(c *cobra.Command, _ []string) error {
		if err := checkTerminal(); err != nil {
			return err
		}
		o.settings.fillIn(o, &co)
		if co.theme != "" && !slices.Contains(theme.Names(), theme.Name(co.theme)) {
			return misused("%q 테마는 없습니다. dark, light, high-contrast 중 하나를 쓰십시오",
				"the theme %q is not known: use dark, light or high-contrast", co.theme)
		}
		return o.console(c.Context(), co, s)
	}
}

// checkTerminal refuses to draw where nothing can be drawn.
func checkTerminal() error {
	const koWay, enWay = "화면 없이 실습하려면 `healthlab run`을 쓰십시오", "use `healthlab run` to do the labs without a screen"
	if !term.IsTerminal(int(os.Stdin.Fd())) || !term.IsTerminal(int(os.Stdout.Fd())) {
		return misused("콘솔은 입력과 출력이 모두 터미널이어야 합니다. "+koWay, "the console needs a terminal for input and output: "+enWay)
	}
	if os.Getenv("TERM") == "dumb" {
		return misused("콘솔은 TERM=dumb인 터미널에 그릴 수 없습니다. "+koWay, "the console cannot draw on a terminal of TERM=dumb: "+enWay)
	}
	return nil
}

// console opens the console on a session and returns when both have ended.
func (o *options) console(ctx context.Context, co consoleOptions, s streams) (err error) {
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
		return usageError{err}
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
	release, err := guardTerminal(filepath.Join(o.state, fmt.Sprintf("crash-%d.txt", os.Getpid())), o.lang)
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
	followed := announce(se, labs, o.lang, o.positionFile(), slog.New(slog.NewTextHandler(log, nil)))
	defer followed.wait()
	err = tui.Run(ctx, tui.Config{
		Lab: followed, Labs: labs, Lang: o.lang, Theme: theme.Name(co.theme), ASCII: co.ascii, Keys: o.settings.Keys,
		Dir: o.dir, Home: xdg.Home, Namespace: o.namespace,
		Answers: answered.all(), OnAnswer: answered.give,
		OnLang:   func(l lab.Lang) { o.lang = l; followed.speak(l) },
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
		fmt.Fprintln(s.err, stopping(o.lang))
	}
	return errors.Join(err, <-ended)
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
