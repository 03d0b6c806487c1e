package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/klog/v2"

	"healthlab/assets"
	"healthlab/cmd/internal/language"
	"healthlab/cmd/internal/settings"
	"healthlab/cmd/internal/usage"
	"healthlab/lab"
	"healthlab/lab/cluster"
	"healthlab/lab/script"
	"healthlab/lab/session"
	"healthlab/manifests"
)

// options are what every way of running the labs shares, most of it given by flags.
type options struct {
	lang                           lab.Lang // the console may change it
	parts                          Parts
	settings                       settings.Settings
	kubeconfig, context, namespace string
	dir, labs, state               string
	realOptions

	// What the user has chosen in the console: the embedded cluster, whatever the flags say; a cluster whose credentials
	// were tried just before.
	inside, loggedIn bool
}

// newRoot is the whole command line, in o's language.
func newRoot(s Streams, o *options) *cobra.Command {
	// Kubernetes' packages register flags of their own, --version among them, for every cobra command of the process.
	pflag.CommandLine = pflag.NewFlagSet("healthlab", pflag.ContinueOnError)
	say := o.lang.Pick
	root := &cobra.Command{
		Use:   "healthlab",
		Short: say("쿠버네티스 헬스 체크 실습 콘솔", "A lab console for learning Kubernetes health checks"),
		Long: say(`쿠버네티스 프로브를 익히는 실습 콘솔입니다. 프로브가 무엇인지 알아보고 활성 프로브
실습과 준비성 프로브 실습을 진행합니다. 매니페스트를 적용하고, 키 하나로 앱에 장애를 일으키고, 프로브가 본 것과
kubelet이 한 일을 실시간으로 보여 줍니다.

플래그가 없으면 쿠버네티스를 프로세스 안에서 직접 실행합니다. --context나 --kubeconfig를 쓰면 지정한 클러스터에서
실습합니다.`, `A lab console for learning Kubernetes probes: what they are, the liveness lab, the readiness lab. It applies
the manifests, lets you break the app with one key and shows live what the probes see and what the kubelet
does about it.

Without flags it runs a Kubernetes of its own inside the process. With --context or --kubeconfig it uses a
cluster of yours.`),
		Example: say(`  healthlab                         # 콘솔을 엽니다
  healthlab --lang en               # 영어로 엽니다 (in English)
  healthlab run liveness            # 화면 없이 실습 하나를 실행합니다
  healthlab --context my-cluster    # 쓰던 클러스터에서 실습합니다`,
			`  healthlab --lang en               # open the console in English
  healthlab run liveness            # one lab without a screen
  healthlab --context my-cluster    # on a cluster of your own`),
		SilenceErrors:              true,
		SilenceUsage:               true,
		SuggestionsMinimumDistance: 2,
		Version:                    version(),
		PersistentPreRunE:          o.choose,
	}
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	root.SetVersionTemplate(say("healthlab 버전 {{.Version}}\n", "healthlab version {{.Version}}\n"))
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { fmt.Fprint(c.OutOrStdout(), helpText(c, o.lang)) })
	root.SetFlagErrorFunc(usage.WrongFlag)
	o.addFlags(root.PersistentFlags())
	root.Flags().BoolP("version", "v", false, say("버전을 출력합니다", "print the version"))
	addConsole(root, o, s)
	root.AddCommand(newRun(o, s), newNotes(o, s), newCluster(o, s), newKubectl(o, s), newImages(o, s),
		newContexts(o, s), newDoctor(o, s), newCleanup(o, s), newCompletion(o, s))
	root.SetHelpCommand(newHelp(o))
	root.InitDefaultHelpCmd() // adds it, to be seen by what follows
	for _, c := range append(root.Commands(), root) {
		c.DisableFlagsInUseLine = true // cobra would say it in English
		if c.Args == nil && !c.DisableFlagParsing {
			c.Args = usage.NoArguments
		}
	}
	return root
}

// addFlags adds the flags that every command has.
func (o *options) addFlags(flags *pflag.FlagSet) {
	say := o.lang.Pick
	flags.BoolP("help", "h", false, say("이 도움말을 보여 줍니다", "show this help"))
	flags.Func("lang", say("`언어`: ko나 en. 없으면 설정 파일의 lang, 그것도 없으면 ko입니다",
		"the `language`, ko or en; by default that of the settings file, or else ko"), func(name string) error {
		_, err := language.Parse("--lang", name) // it is spoken already
		return err
	})
	flags.StringVar(&o.kubeconfig, "kubeconfig", "", say("내장 클러스터 대신 이 kubeconfig `파일`의 클러스터를 씁니다",
		"use a cluster of this kubeconfig `file` instead of the embedded one"))
	flags.StringVar(&o.context, "context", "", say("내장 클러스터 대신 kubeconfig에서 이 `컨텍스트`의 클러스터를 씁니다",
		"use the cluster of this kubeconfig `context` instead of the embedded one"))
	flags.StringVarP(&o.namespace, "namespace", "n", "healthchecks", say("실습에 쓸 `네임스페이스`", "the lab's `namespace`"))
	flags.StringVar(&o.dir, "dir", settings.WorkDir(), say("매니페스트를 둘 작업 `디렉터리`", "working `directory` for the manifests"))
	flags.StringVar(&o.labs, "labs", "", say("내장 실습 대신 쓸 실습 `디렉터리`. 매니페스트는 그 안의 manifests/에 둡니다",
		"`directory` with labs of your own, and their manifests/, instead of the built-in ones"))
	flags.StringVar(&o.state, "state-dir", settings.StateDir(), say("kubeconfig, 로그, 진행 상황을 둘 `디렉터리`",
		"`directory` for kubeconfig, logs and progress"))
	o.realOptions.addFlags(flags, o.lang)
}

// version is what the binary was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "unknown"
	}
	return info.Main.Version
}

// real reports whether the labs run on a cluster of the user's own.
func (o *options) real() bool { return !o.inside && (o.kubeconfig != "" || o.context != "") }

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
		return nil, o.unusableLabs(err)
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

// unusableLabs tells which labs could not be read.
func (o *options) unusableLabs(cause error) error {
	if o.labs == "" {
		return fmt.Errorf("load the built-in labs: %w", cause)
	}
	return &lab.Error{
		Msg: lab.Textf("%s 디렉터리의 실습을 쓸 수 없습니다", "the labs of %s cannot be used", o.labs), Cause: cause,
	}
}

// openLog opens the file that healthlab and the components of the embedded cluster write to. A file that has become large
// is put aside first.
func (o *options) openLog() (*os.File, error) {
	const large = 16 << 20
	if err := os.MkdirAll(o.state, 0o700); err != nil {
		return nil, &lab.Error{Msg: lab.Textf(
			"%s 상태 디렉터리를 만들 수 없습니다. --state-dir로 다른 디렉터리를 지정하십시오",
			"the state directory %s cannot be made: choose another one with --state-dir", o.state), Cause: err}
	}
	path := filepath.Join(o.state, "healthlab.log")
	if info, err := os.Stat(path); err == nil && info.Size() > large {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, fmt.Errorf("put the old log aside: %w", err)
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, &lab.Error{Msg: lab.Textf(
			"%s 로그를 열 수 없습니다. --state-dir로 다른 디렉터리를 지정하십시오",
			"the log %s cannot be opened: choose another directory with --state-dir", path), Cause: err}
	}
	return f, nil
}

// newSession wires a session to the cluster that the flags choose. The client is nil for the embedded one.
func (o *options) newSession(
	labs []lab.Lab, log *slog.Logger, components io.Writer, config session.Config,
) (*session.Session, *cluster.Client, error) {
	dir, err := filepath.Abs(o.dir)
	if err != nil {
		return nil, nil, fmt.Errorf("resolve the working directory %s: %w", o.dir, err)
	}
	if strings.Contains(dir, ",") {
		return nil, nil, usage.Errorf("kubectl은 작업 디렉터리 %s의 쉼표를 파일 이름의 구분으로 읽습니다. --dir로 다른 디렉터리를 고르십시오",
			"kubectl takes the comma in the working directory %s for one between file names; choose another with --dir", dir)
	}
	config.Labs, config.Manifests, config.Dir, config.Log = labs, o.manifests(), dir, log
	config.Owner, config.Home = owner(), xdg.Home
	if !o.real() {
		config.Cluster = lab.Cluster{Name: o.parts.ContextName, Namespace: o.namespace}
		config.Connect = o.connectEmbedded(components, log)
		return session.New(config), nil, nil
	}
	config.Registry = o.registry
	// The libraries of Kubernetes would write onto the screen. The embedded cluster sees to that by itself.
	klog.SetSlogLogger(log)
	how, err := o.config(o.kubeconfig, log)
	if err != nil {
		return nil, nil, err
	}
	how.NoPrompt = true // the terminal is the console's by now; see logIn
	client, err := cluster.Open(how)
	if err != nil {
		return nil, nil, err
	}
	config.Cluster = client.Info()
	config.Connect = func(ctx context.Context, _ func(lab.Component)) (session.Cluster, error) {
		// A server that does not answer yet may come back; a plug-in that hangs would hold up everything.
		if _, err := client.Version(ctx); errors.Is(err, cluster.ErrHangs) {
			return nil, err
		}
		return client, nil
	}
	return session.New(config), client, nil
}
