package cli

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"healthlab/cmd/internal/usage"
	"healthlab/lab"
)

// newRoot is the whole command line, in o's language.
func newRoot(s Streams, o *options) *cobra.Command {
	// Kubernetes' packages register flags of their own, --version among them, for every cobra command of the process.
	pflag.CommandLine = pflag.NewFlagSet("healthlab", pflag.ContinueOnError)
	lang := o.lang
	root := &cobra.Command{
		Use:   "healthlab",
		Short: lab.T("쿠버네티스 헬스 체크 실습 콘솔", "A lab console for learning Kubernetes health checks").In(lang),
		Long: lab.T(`쿠버네티스 프로브를 익히는 실습 콘솔입니다. 프로브가 무엇인지 알아보고 활성 프로브
실습과 준비성 프로브 실습을 진행합니다. 매니페스트를 적용하고, 키 하나로 앱에 장애를 일으키고, 프로브가 본 것과
kubelet이 한 일을 실시간으로 보여 줍니다.

플래그가 없으면 쿠버네티스를 프로세스 안에서 직접 실행합니다. --context나 --kubeconfig를 쓰면 지정한 클러스터에서
실습합니다.`, `A lab console for learning Kubernetes probes: what they are, the liveness lab, the readiness lab. It applies
the manifests, lets you break the app with one key and shows live what the probes see and what the kubelet
does about it.

Without flags it runs a Kubernetes of its own inside the process. With --context or --kubeconfig it uses a
cluster of your own.`).In(lang),
		Example: lab.T(`  healthlab                         # 콘솔을 엽니다
  healthlab --lang en               # 영어로 엽니다 (in English)
  healthlab run liveness            # 화면 없이 실습 하나를 실행합니다
  healthlab --context my-cluster    # 쓰던 클러스터에서 실습합니다`,
			`  healthlab --lang en               # open the console in English
  healthlab run liveness            # one lab without a screen
  healthlab --context my-cluster    # on a cluster of your own`).In(lang),
		SilenceErrors:              true,
		SilenceUsage:               true,
		SuggestionsMinimumDistance: 2,
		Version:                    version(),
		PersistentPreRunE:          o.choose,
	}
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	root.SetVersionTemplate(lab.T("healthlab 버전 {{.Version}}\n", "healthlab version {{.Version}}\n").In(lang))
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { fmt.Fprint(c.OutOrStdout(), helpText(c, o.lang)) })
	root.SetFlagErrorFunc(usage.WrongFlag)
	o.addFlags(root.PersistentFlags())
	root.Flags().BoolP("version", "v", false, lab.T("버전을 출력합니다", "print the version").In(lang))
	addConsole(root, o, s)
	root.AddCommand(newRun(o, s), newReplay(o, s), newReport(o, s), newNotes(o, s), newCluster(o, s), newKubectl(o, s),
		newWhy(o, s), newImages(o, s), newContexts(o, s), newDoctor(o, s), newCleanup(o, s), newCompletion(o, s))
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

// version is what the binary was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "unknown"
	}
	return info.Main.Version
}
