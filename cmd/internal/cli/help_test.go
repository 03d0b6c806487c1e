package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"charm.land/lipgloss/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"healthlab/cmd/internal/clitest"
	"healthlab/lab"
)

func hasHangul(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Hangul, r) })
}

// commands calls see with c and everything below it that is shown to users, and its path without the program's name.
func commands(c *cobra.Command, see func(path []string, c *cobra.Command)) {
	see(strings.Fields(c.CommandPath())[1:], c)
	for _, one := range c.Commands() {
		if !one.Hidden {
			commands(one, see)
		}
	}
}

// texts are what a command says of itself and of its own flags, by where it stands.
func texts(c *cobra.Command) map[string]string {
	found := map[string]string{"short": c.Short, "long": c.Long}
	for line := range strings.Lines(c.Example) {
		if command, comment, ok := strings.Cut(line, "# "); ok {
			found["example "+strings.TrimSpace(command)] += comment
		}
	}
	c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) { found["--"+f.Name] = f.Usage })
	c.PersistentFlags().VisitAll(func(f *pflag.Flag) { found["--"+f.Name] = f.Usage })
	return found
}

func TestCommandsSpeakBothLanguages(t *testing.T) {
	for _, lang := range []lab.Lang{lab.Korean, lab.English} {
		seen := 0
		commands(newRoot(Streams{}, &options{lang: lang}), func(path []string, c *cobra.Command) {
			for where, text := range texts(c) {
				seen++
				if text == "" || hasHangul(text) != (lang == lab.Korean) {
					t.Errorf("%s, healthlab %s, %s: %q", lang, strings.Join(path, " "), where, text)
				}
			}
			if lang == lab.English && hasHangul(c.Use+c.Example) {
				t.Errorf("healthlab %s: Korean in the English usage: %q, %q", strings.Join(path, " "), c.Use, c.Example)
			}
		})
		if seen < 40 {
			t.Errorf("only %d texts were found", seen)
		}
	}
}

func TestHelpFits(t *testing.T) {
	var paths [][]string
	commands(newRoot(Streams{}, &options{lang: lab.Korean}), func(path []string, _ *cobra.Command) { paths = append(paths, path) })
	for _, name := range []string{"help", "completion"} { // cobra would add its own only later
		if !slices.ContainsFunc(paths, func(path []string) bool { return slices.Equal(path, []string{name}) }) {
			t.Errorf("the command %s is cobra's own", name)
		}
	}
	for _, lang := range []lab.Lang{lab.Korean, lab.English} {
		for _, path := range paths {
			name := string(lang) + "/healthlab " + strings.Join(path, " ")
			t.Run(name, func(t *testing.T) {
				var out, complaints bytes.Buffer
				root := newRoot(Streams{Out: &out, Err: &complaints}, &options{lang: lang})
				root.SetArgs(append(slices.Clone(path), "--help"))
				if err := root.ExecuteContext(t.Context()); err != nil || complaints.Len() > 0 {
					t.Fatalf("error %v, complaints %q", err, complaints.String())
				}
				for line := range strings.Lines(out.String()) {
					if line = strings.TrimSuffix(line, "\n"); lipgloss.Width(line) > 80 || strings.TrimRight(line, " ") != line {
						t.Errorf("%d columns: %q", lipgloss.Width(line), line)
					}
				}
				if hasHangul(out.String()) != (lang == lab.Korean) || !strings.Contains(out.String(), "healthlab") {
					t.Errorf("not the help in %s:\n%s", lang, out.String())
				}
				// Words of cobra's own.
				for _, english := range []string{"Usage:", "Flags:", "[flags]", "Commands:", "help for", "(default"} {
					if lang == lab.Korean && strings.Contains(out.String(), english) {
						t.Errorf("%q in the Korean help", english)
					}
				}
			})
		}
	}
}

func TestColumns(t *testing.T) {
	rows := [][]string{{"이름", "값", "설명"}, {"a", "b", "긴 설명은 단어 사이에서 줄을 바꿉니다"}, {"    one cell is as long as it likes"}}
	want := `이름  값  설명
a     b   긴 설명은 단어
          사이에서 줄을
          바꿉니다
    one cell is as long
as it likes
`
	if diff := cmp.Diff(want, columns(rows, 24)); diff != "" {
		t.Error(diff)
	}
}

// What is wrong with the command line is told in the user's language, in one line.
func TestUsageErrors(t *testing.T) {
	const bothLanguages = `healthlab: --lang: "jp" 언어는 없습니다. ko나 en을 쓰십시오 / the language "jp" is not known: use ko or en`
	for _, tt := range []struct{ name, args, ko, en string }{
		{
			"unknown flag", "run --nope", "healthlab: --nope 플래그는 없습니다. `healthlab run --help`를 보십시오",
			"healthlab: there is no flag --nope (see `healthlab run --help`)",
		},
		{
			"unknown letter", "run -iz", "healthlab: -z 플래그는 없습니다. `healthlab run --help`를 보십시오",
			"healthlab: there is no flag -z (see `healthlab run --help`)",
		},
		{
			"flag without its value", "--theme", "healthlab: --theme 플래그에는 값이 필요합니다. `healthlab --help`를 보십시오",
			"healthlab: the flag --theme needs a value (see `healthlab --help`)",
		},
		{
			"neither true nor false", "--ascii=maybe",
			"healthlab: --ascii 플래그의 값은 true나 false입니다: \"maybe\". `healthlab --help`를 보십시오",
			"healthlab: the flag --ascii takes true or false, not \"maybe\" (see `healthlab --help`)",
		},
		{
			"no flag at all", "--=x", "healthlab: \"--=x\" 부분은 플래그가 아닙니다. --이름 또는 --이름=값으로 쓰십시오. `healthlab --help`를 보십시오",
			"healthlab: \"--=x\" is not a flag: write --name or --name=value (see `healthlab --help`)",
		},
		{
			"mistyped command", "docter", "healthlab: \"docter\" 명령은 없습니다. 혹시 doctor입니까? `healthlab --help`를 보십시오",
			"healthlab: there is no command \"docter\": did you mean doctor? (see `healthlab --help`)",
		},
		{
			"help for a mistyped command", "help rnu", "healthlab: \"rnu\" 명령은 없습니다. 혹시 run입니까? `healthlab --help`를 보십시오",
			"healthlab: there is no command \"rnu\": did you mean run? (see `healthlab --help`)",
		},
		{
			"command that is like none", "walk", "healthlab: \"walk\" 명령은 없습니다. `healthlab --help`를 보십시오",
			"healthlab: there is no command \"walk\" (see `healthlab --help`)",
		},
		{
			"arguments where there are none", "doctor me", "healthlab: `healthlab doctor`에는 인수를 쓸 수 없습니다: \"me\". `healthlab doctor --help`를 보십시오",
			"healthlab: `healthlab doctor` takes no arguments: \"me\" (see `healthlab doctor --help`)",
		},
		{
			"no shell", "completion tcsh", "healthlab: 셸 하나를 고르십시오: bash, fish, powershell, zsh",
			"healthlab: name one shell: bash, fish, powershell, zsh",
		},
		{"unknown language", "--lang jp --help", bothLanguages, bothLanguages},
		{
			"flag of a cluster of one's own", "run --dry-run", "healthlab: --dry-run 플래그는 쓰던 클러스터에서만 쓸 수 있습니다. --context나 --kubeconfig로 클러스터를 지정하십시오",
			"healthlab: --dry-run works only on your own cluster: choose one with --context or --kubeconfig",
		},
		{
			"feature gates of a cluster of one's own", "cluster --feature-gates A=true --context x",
			"healthlab: --feature-gates는 내장 클러스터에서만 쓸 수 있습니다. --context와 --kubeconfig를 빼십시오",
			"healthlab: --feature-gates works only on the embedded cluster: leave out --context and --kubeconfig",
		},
		{
			"stand-ins on a cluster of one's own", "cluster --stand-ins --context x", "healthlab: --stand-ins는 내장 클러스터에서만 쓸 수 있습니다. --context와 --kubeconfig를 빼십시오",
			"healthlab: --stand-ins works only on the embedded cluster: leave out --context and --kubeconfig",
		},
		{
			"an output that does not exist", "why -o yaml", `healthlab: -o "yaml" 형식은 없습니다. text나 json을 쓰십시오`,
			`healthlab: there is no -o "yaml": use text or json`,
		},
		{
			"what has no pods", "why svc/web", `healthlab: "svc" 종류에는 볼 파드가 없습니다. 쓸 수 있는 종류: pod, deploy, rs, sts, ds, job`,
			`healthlab: "svc" has no pods to look at; the kinds are pod, deploy, rs, sts, ds, job`,
		},
		{
			"unknown lab", "run livenes", `healthlab: "livenes" 실습은 없습니다. 있는 실습: intro, liveness, readiness`,
			`healthlab: there is no lab "livenes": the labs are intro, liveness, readiness`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHome(t)
			for _, said := range []struct{ lang, want string }{{"ko", tt.ko}, {"en", tt.en}} {
				out, err := h.Command(t.Context(), append([]string{"--lang", said.lang}, strings.Fields(tt.args)...)...).CombinedOutput()
				if code := clitest.ExitCode(err); code != ExitUsage {
					t.Errorf("exit code %d, want %d", code, ExitUsage)
				}
				if diff := cmp.Diff(said.want+"\n", string(out)); diff != "" {
					t.Errorf("in %s (-want +got):\n%s", said.lang, diff)
				}
			}
		})
	}
}

// The settings choose the language of everything, but nothing that is wrong with them keeps the help away.
func TestLanguageOfTheSettings(t *testing.T) {
	h := newHome(t)
	path := filepath.Join(h.Path, "config", "healthlab", "config.yaml")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, settings, args string
		code                 int
		want                 string
	}{
		{"help", "lang: en\n", "--help", ExitOK, "Usage:"},
		{"error", "lang: en\n", "walk", ExitUsage, "there is no command"},
		{"flag wins", "lang: en\n", "--lang ko walk", ExitUsage, "명령은 없습니다"},
		{"help of broken settings", "{[}", "--help", ExitOK, "사용법:"},
		{"help command of broken settings", "{[}", "help run --lang en", ExitOK, "Usage:"},
		{"completion of broken settings", "{[}", "completion bash", ExitOK, "__complete"},
		{"broken settings", "{[}", "run --list", ExitUsage, path + " 설정 파일을 읽을 수 없습니다"},
		{"a field too much", "lang: en\nlanguage: en\n", "run --list", ExitUsage, "cannot read the settings file " + path},
		{"unknown language", "lang: jp\n", "run --list", ExitUsage, path + `: lang: "jp" 언어는 없습니다. ko나 en을 쓰십시오 / the language "jp"`},
		{"help of an unknown language", "lang: jp\n", "--help", ExitOK, "사용법:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(tt.settings), 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := h.Command(t.Context(), strings.Fields(tt.args)...).CombinedOutput()
			if code := clitest.ExitCode(err); code != tt.code || !strings.Contains(string(out), tt.want) {
				t.Errorf("exit code %d, want %d; want %q in:\n%s", code, tt.code, tt.want, out)
			}
		})
	}
}
