package cli

import (
	"os"
	"os/user"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/util/validation"

	"healthlab/cmd/internal/language"
	"healthlab/cmd/internal/settings"
	"healthlab/cmd/internal/usage"
	"healthlab/lab"
)

// options are what every way of running the labs shares, most of it given by flags.
type options struct {
	lang                           lab.Lang // the console may change it
	parts                          Parts
	settings                       settings.Settings
	kubeconfig, context, namespace string
	dir, labs, state               string
	featureGates                   string
	probingFlag                    string
	standIns                       bool
	realOptions

	// What the user has chosen in the console: the embedded cluster, whatever the flags say; a cluster whose credentials
	// were tried just before.
	inside, loggedIn bool
}

// realOptions are the flags for clusters of the user's own.
type realOptions struct {
	student, registry string
	readOnly, dryRun  bool
}

func (r *realOptions) addFlags(flags *pflag.FlagSet, lang lab.Lang) {
	flags.StringVar(&r.student, "student", "", lab.T("네임스페이스 healthchecks-`이름`을 써서 여럿이 클러스터 하나를 나눠 씁니다",
		"use namespace healthchecks-`name`, so that a class can share a cluster").In(lang))
	flags.StringVar(&r.registry, "image-registry", "", lab.T("Docker Hub 대신 쓸 미러의 `접두사`: alpine은 접두사/library/alpine이 됩니다",
		"`prefix` of a mirror of Docker Hub: alpine becomes prefix/library/alpine").In(lang))
	flags.BoolVar(&r.readOnly, "read-only", false, lab.T("쓰던 클러스터를 바꾸지 않고 지켜보기만 합니다",
		"only watch your cluster, change nothing").In(lang))
	flags.BoolVar(&r.dryRun, "dry-run", false, lab.T("쓰던 클러스터에 보낼 요청을 보여 주고 서버에서 검증만 합니다",
		"show each request to your cluster and let the server validate it").In(lang))
}

// addStandIns adds the flag of the commands that run an embedded cluster for what a user brings along.
func (o *options) addStandIns(flags *pflag.FlagSet) {
	flags.BoolVar(&o.standIns, "stand-ins", false, lab.T("내장 클러스터에 없는 이미지는 대역(stand-in)이 대신 실행됩니다",
		"run a stand-in for each image that the embedded cluster does not have").In(o.lang))
}

// addFlags adds the flags that every command has.
func (o *options) addFlags(flags *pflag.FlagSet) {
	lang := o.lang
	flags.BoolP("help", "h", false, lab.T("이 도움말을 보여 줍니다", "show this help").In(lang))
	flags.Func("lang", lab.T("`언어`: ko나 en. 없으면 설정 파일의 lang, 그것도 없으면 ko입니다",
		"the `language`: ko or en; by default lang in the settings file, or else ko").In(lang), func(name string) error {
		_, err := language.Parse("--lang", name) // it is spoken already
		return err
	})
	flags.StringVar(&o.kubeconfig, "kubeconfig", "", lab.T("내장 클러스터 대신 이 kubeconfig `파일`의 클러스터를 씁니다",
		"use a cluster of this kubeconfig `file` instead of the embedded one").In(lang))
	flags.StringVar(&o.context, "context", "", lab.T("내장 클러스터 대신 kubeconfig에서 이 `컨텍스트`의 클러스터를 씁니다",
		"use the cluster of this kubeconfig `context` instead of the embedded one").In(lang))
	flags.StringVarP(&o.namespace, "namespace", "n", "healthchecks", lab.T("실습에 쓸 `네임스페이스`", "the lab's `namespace`").In(lang))
	flags.StringVar(&o.dir, "dir", settings.WorkDir(), lab.T("매니페스트를 둘 작업 `디렉터리`", "working `directory` for the manifests").In(lang))
	flags.StringVar(&o.labs, "labs", "", lab.T("내장 실습 대신 쓸 실습 `디렉터리`. 매니페스트는 그 안의 manifests/에 둡니다",
		"`directory` of your own labs, with their manifests/, to use instead of the built-in ones").In(lang))
	flags.StringVar(&o.state, "state-dir", settings.StateDir(), lab.T("kubeconfig, 로그, 진행 상황을 둘 `디렉터리`",
		"`directory` for kubeconfig, logs and progress").In(lang))
	o.realOptions.addFlags(flags, o.lang)
}

// real reports whether the labs run on a cluster of the user's own.
func (o *options) real() bool { return !o.inside && (o.kubeconfig != "" || o.context != "") }

// choose reads the settings, settles which namespace is meant, and refuses flags that do not fit together.
func (o *options) choose(c *cobra.Command, _ []string) (err error) {
	if o.settings, err = settings.Read(settings.File()); err != nil {
		return usage.Error{Err: err}
	}
	if o.student != "" {
		if f := c.Flags().Lookup("namespace"); f != nil && f.Changed {
			return usage.Error{Err: lab.Errorf(nil, "--student가 네임스페이스를 정합니다. --namespace를 빼십시오", "--student sets the namespace: leave out --namespace")}
		}
		o.namespace = "healthchecks-" + o.student
	}
	if len(validation.IsDNS1123Label(o.namespace)) > 0 {
		return usage.Error{Err: lab.Errorf(nil, "%q 네임스페이스는 있을 수 없습니다. 이름은 영문 소문자, 숫자, -로 %d자까지 쓰고, 처음과 끝에는 -를 쓰지 마십시오",
			"%q cannot be a namespace: write at most %d lower-case letters, digits and -, but no - at either end",
			o.namespace, validation.DNS1123LabelMaxLength)}
	}
	for name, given := range map[string]bool{
		"--student": o.student != "", "--image-registry": o.registry != "", "--read-only": o.readOnly, "--dry-run": o.dryRun,
	} {
		if given && !o.real() {
			return usage.Error{Err: lab.Errorf(nil, "%s 플래그는 쓰던 클러스터에서만 쓸 수 있습니다. --context나 --kubeconfig로 클러스터를 지정하십시오",
				"%s works only on your own cluster: choose one with --context or --kubeconfig", name)}
		}
	}
	for name, given := range map[string]bool{"--feature-gates": o.featureGates != "", "--stand-ins": o.standIns} {
		if given && o.real() {
			return usage.Error{Err: lab.Errorf(nil, "%s는 내장 클러스터에서만 쓸 수 있습니다. --context와 --kubeconfig를 빼십시오",
				"%s works only on the embedded cluster: leave out --context and --kubeconfig", name)}
		}
	}
	if o.readOnly && o.dryRun {
		return usage.Error{Err: lab.Errorf(nil, "--read-only는 아무것도 쓰지 않고 --dry-run은 써 봅니다. 둘 가운데 하나만 쓰십시오",
			"--read-only and --dry-run exclude each other: choose one")}
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
	return strings.TrimSuffix(r.registry, "/") + "/library/alpine"
}
