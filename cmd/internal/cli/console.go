package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/adrg/xdg"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"healthlab/cmd/internal/record"
	"healthlab/cmd/internal/settings"
	"healthlab/cmd/internal/terminal"
	"healthlab/cmd/internal/usage"
	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui"
	"healthlab/tui/repaint"
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

// addLook adds the flags that say how a console is drawn.
func (co *consoleOptions) addLook(flags *pflag.FlagSet, lang lab.Lang) {
	flags.StringVar(&co.theme, "theme", "", lab.T("`테마`: dark, light, high-contrast 중 하나. 없으면 터미널의 배경을 따릅니다",
		"`theme`: dark, light or high-contrast; by default it follows the terminal's background").In(lang))
	flags.BoolVar(&co.ascii, "ascii", false, lab.T("선과 기호 없이 그립니다", "draw without box lines and symbols").In(lang))
}

// checkTheme refuses a theme that there is none of.
func (co *consoleOptions) checkTheme() error {
	if co.theme == "" || slices.Contains(theme.Names(), theme.Name(co.theme)) {
		return nil
	}
	return usage.Error{Err: lab.Errorf(nil, "%q 테마는 없습니다. dark, light, high-contrast 중 하나를 쓰십시오",
		"the theme %q is not known: use dark, light or high-contrast", co.theme)}
}

// addConsole makes opening the console what the root command does.
func addConsole(root *cobra.Command, o *options, s Streams) {
	var co consoleOptions
	flags, lang := root.Flags(), o.lang
	co.addLook(flags, lang)
	o.addProbing(flags)
	flags.BoolVar(&co.fresh, "fresh", false, lab.T("지난번에 멈춘 곳이 아니라 첫 단계에서 시작합니다",
		"start at the first step instead of where the last run stopped").In(lang))
	flags.StringVar(&co.lab, "lab", "", lab.T("이 `실습`으로 시작합니다", "start with this `lab`").In(lang))
	flags.StringVar(&co.record, "record", "", lab.T("화면을 asciicast로 이 새 `파일`에 녹화합니다",
		"record the session to this new `file`, as an asciicast").In(lang))
	o.addStandIns(flags)
	root.RunE = func(c *cobra.Command, _ []string) error {
		if err := checkTerminal(); err != nil {
			return err
		}
		fillIn(o.settings, o, &co)
		if err := co.checkTheme(); err != nil {
			return err
		}
		if err := checkKeys(o.settings.Keys); err != nil {
			return err
		}
		return o.console(c.Context(), co, s)
	}
}

// checkKeys refuses keys that the console could not use, before anything is started.
func checkKeys(keys map[string][]string) error {
	if _, err := tui.NewKeymap(keys); err != nil {
		return usage.Error{Err: lab.Errorf(err, "%s 설정 파일을 고치십시오", "correct the settings file %s", settings.File())}
	}
	return nil
}

// fillIn takes from the settings what no flag has set.
func fillIn(s settings.Settings, o *options, co *consoleOptions) {
	if s.Dir != "" && o.dir == settings.WorkDir() {
		o.dir = s.Dir
		if below, ok := strings.CutPrefix(s.Dir, "~/"); ok {
			o.dir = filepath.Join(xdg.Home, below)
		}
	}
	if co.theme == "" {
		co.theme = s.Theme
	}
	co.ascii = co.ascii || s.ASCII
}

// checkTerminal refuses to draw where nothing can be drawn.
func checkTerminal() error {
	way := lab.T("화면 없이 실습하려면 `healthlab run`을 쓰십시오", "use `healthlab run` to do the labs without a screen")
	if !term.IsTerminal(int(os.Stdin.Fd())) || !term.IsTerminal(int(os.Stdout.Fd())) {
		return usage.Error{Err: lab.Errorf(nil, "콘솔은 입력과 출력이 모두 터미널이어야 합니다. %s", "the console needs a terminal for input and output: %s", way)}
	}
	if os.Getenv("TERM") == "dumb" {
		return usage.Error{Err: lab.Errorf(nil, "콘솔은 TERM=dumb인 터미널에 그릴 수 없습니다. %s", "the console cannot draw on a terminal with TERM=dumb: %s", way)}
	}
	return nil
}

// console opens the console on a session, and on another one where the user goes to another cluster. It returns when all
// have ended.
func (o *options) console(ctx context.Context, co consoleOptions, s Streams) (err error) {
	labs, err := o.load()
	if err != nil {
		return err
	}
	if co.lab != "" {
		if err := known([]string{co.lab}, labs); err != nil {
			return err
		}
	}
	var drawing []tea.ProgramOption
	var screen io.Writer = os.Stdout
	if co.record != "" {
		r, failed := record.New(os.Stdout, co.record)
		if failed != nil {
			return failed
		}
		defer func() { err = errors.Join(err, r.End()) }()
		drawing, screen = r.Options(), r
	}
	drawing = append(drawing, tea.WithOutput(repaint.NewTerminal(os.Stdout, screen)))
	cfg := tui.Config{
		Labs: labs, Lang: o.lang, Theme: theme.Name(co.theme), ASCII: co.ascii, Keys: o.settings.Keys,
		Dir: o.dir, Home: xdg.Home, Namespace: o.namespace,
		History: filepath.Join(o.state, "history"), CopyFile: filepath.Join(o.state, "clipboard.txt"), Editor: editor(),
	}
	for here := *o; ; {
		left, err := here.visit(ctx, co, cfg, s, drawing)
		for _, message := range left.Messages {
			fmt.Fprintln(s.Err, lab.Printable(message.In(here.lang)))
		}
		if err != nil || left.Next == nil || ctx.Err() != nil {
			return err
		}
		here.goTo(*left.Next)
		cfg.Lang, cfg.Theme, cfg.Presenter, cfg.NoMouse = here.lang, left.Theme, left.Presenter, left.NoMouse
		co.lab, co.fresh = "", false
	}
}

// goTo makes the flags choose another cluster, whose credentials were tried.
func (o *options) goTo(c lab.Context) { o.context, o.inside, o.loggedIn = c.Name, c.Name == "", true }

// visit opens the console on one cluster, and returns how it was left, after the session has ended.
func (o *options) visit(
	ctx context.Context, co consoleOptions, cfg tui.Config, s Streams, drawing []tea.ProgramOption,
) (left tui.Left, err error) {
	st, err := o.beginByHand(ctx, cfg.Labs, co.lab, co.fresh, s)
	if err != nil {
		return left, err
	}
	defer func() { err = errors.Join(err, st.end(o.lang, s)) }()
	release, err := o.guard(s)
	if err != nil {
		return left, err
	}
	defer release()
	stderr := &redirectedStderr{running: st.running}
	if err := stderr.redirect(); err != nil {
		return left, err
	}
	defer stderr.undo()
	cfg.Lab, cfg.Answers, cfg.OnAnswer = st.Session, st.answers.all(), st.answers.give
	cfg.Export, cfg.LogFile, cfg.CleanUpLine = o.export(), st.logFile.Name(), o.cleanUpLine()
	cfg.Clusters = o.newClusters(st, stderr, s)
	cfg.OnLang = func(l lab.Lang) { o.lang = l; st.followed.Speak(l) }
	cfg.Complete = st.Complete
	cfg.Report = o.reporter(o.ownJournal, cfg.Labs, func() (course.Answers, error) { return st.answers.all(), nil })
	return tui.Run(ctx, cfg, drawing...)
}

// guard has the terminal brought back to its normal state should the process crash; see terminal.Guard.
func (o *options) guard(s Streams) (release func(), err error) {
	return terminal.Guard(filepath.Join(o.state, fmt.Sprintf("crash-%d.txt", os.Getpid())), s.Outlet, o.lang)
}

// cleanUpLine is what removes later what the labs have left on a cluster of the user's own.
func (o *options) cleanUpLine() string {
	line := "healthlab cleanup"
	if o.kubeconfig != "" {
		line += " --kubeconfig " + course.QuotePath(o.kubeconfig, xdg.Home)
	}
	if o.context != "" {
		line += " --context " + course.Quote(o.context)
	}
	return line + " --namespace " + course.Quote(o.namespace)
}

// export is the line that makes kubectl in a second terminal use the same cluster.
func (o *options) export() string {
	switch {
	case !o.real():
		return course.Export(filepath.Join(o.state, "kubeconfig"))
	case o.kubeconfig != "":
		return course.Export(o.kubeconfig)
	default:
		return ""
	}
}

// editor is the user's editor, as kubectl edit chooses it.
func editor() string {
	for _, name := range []string{"KUBE_EDITOR", "VISUAL", "EDITOR"} {
		if e := strings.TrimSpace(os.Getenv(name)); e != "" {
			return e
		}
	}
	return "vi"
}
