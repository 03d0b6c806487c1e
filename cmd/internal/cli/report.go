package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"

	"healthlab/cmd/internal/usage"
	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/journal/store"
	"healthlab/lab/report"
)

// reportOptions are the flags of the command report.
type reportOptions struct {
	format, output   string
	force, withNames bool
}

// reportFormats are the forms that a report can have, with the endings of their files' names.
var reportFormats = [...]struct{ name, ending string }{{"markdown", ".md"}, {"html", ".html"}, {"json", ".json"}}

func reportFormatNames() []string {
	var names []string
	for _, f := range reportFormats {
		names = append(names, f.name)
	}
	return names
}

// newReport writes a report of an earlier run, or of one that still goes on.
func newReport(o *options, s Streams) *cobra.Command {
	var r reportOptions
	lang := o.lang
	c := &cobra.Command{
		Use:   lab.T("report [파일]", "report [file]").In(lang),
		Short: lab.T("실행 하나를 보고서로 만듭니다", "Write a report of a run").In(lang),
		Long: lab.T(`실행할 때마다 남는 저널에서 보고서를 만듭니다. 파일이 없으면 가장 최근의 실행이며, 아직 끝나지 않은 실행도
됩니다. 무엇을 했고 무슨 일이 있었는지, 설정에서 예측한 시각과 실제로 잰 시각, 재시작의 원인과 근거, 답을 담습니다.
HTML은 파일 하나로 완결되며 스크립트도 외부 자원도 쓰지 않습니다.

호스트와 사용자의 이름, 홈 디렉터리의 경로, IP 주소는 빼며, --with-names를 쓰면 남깁니다. 토큰 같은 비밀은 언제나
뺍니다. 무엇을 뺐는지는 보고서 끝에 적힙니다.`,
			`Makes a report of the journal that each run leaves: of the newest one, which may still be going on, or of
the file that you name. It holds what was done and what happened, the times predicted from the settings
beside the times measured, the causes of restarts with their evidence, and the answers. The HTML is a
single file without scripts that loads nothing.

Names of hosts and users, paths of home directories and IP addresses are left out unless you say
--with-names. Secrets such as tokens always are. The end of the report says what was left out.`).In(lang),
		Example: lab.T(`  healthlab report                           # Markdown으로 출력합니다
  healthlab report --output report.html      # 형식은 파일 이름을 따릅니다
  healthlab report -o json --lang en 20261127T072733Z-1149.journal.gz`,
			`  healthlab report                           # print it as Markdown
  healthlab report --output report.html      # the form follows from the name
  healthlab report -o json 20261127T072733Z-1149.journal.gz`).In(lang),
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage.NoArguments(c, args[1:])
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			return o.report(c.Context(), r, strings.Join(args, ""), s)
		},
	}
	c.ValidArgsFunction = o.completeJournals
	flags := c.Flags()
	flags.StringVarP(&r.format, "format", "o", "", lab.T("`형식`: markdown, html, json. 없으면 --output의 이름을 따르고, 그것도 없으면 markdown입니다",
		"`format`: markdown, html or json; by default that of the name in --output, or else markdown").In(lang))
	flags.StringVar(&r.output, "output", "", lab.T("출력하지 않고 이 새 `파일`에 씁니다", "write it to this new `file` instead of printing it").In(lang))
	flags.BoolVar(&r.force, "force", false, lab.T("파일이 이미 있으면 덮어씁니다", "overwrite the file if it exists").In(lang))
	flags.BoolVar(&r.withNames, "with-names", false, lab.T("호스트와 사용자의 이름, 경로, 주소를 남깁니다", "keep names of hosts and users, paths and addresses").In(lang))
	if err := c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(reportFormatNames(), cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag was added just before
	}
	return c
}

// report writes the report of a journal: a file, or the name of one that is kept; empty for the newest.
func (o *options) report(ctx context.Context, r reportOptions, name string, s Streams) error {
	format, err := r.chosen()
	if err != nil {
		return err
	}
	path, err := o.journals().Find(name)
	if err != nil {
		return err
	}
	labs, err := o.load()
	if err != nil {
		return err
	}
	given, err := o.answersKept()
	if err != nil {
		return err
	}
	made, err := o.makeReport(ctx, path, report.Source{Labs: labs, Answers: given, WithNames: r.withNames})
	if err != nil {
		return err
	}
	content, err := written(made, format, o.lang)
	if err != nil {
		return err
	}
	if r.output == "" {
		if _, err := s.Out.Write(content); err != nil {
			return fmt.Errorf("print the report: %w", err)
		}
		return nil
	}
	return writeReport(r.output, content, r.force)
}

// chosen is the form that the flags choose.
func (r reportOptions) chosen() (string, error) {
	if r.format != "" && !slices.Contains(reportFormatNames(), r.format) {
		return "", usage.Error{Err: lab.Errorf(nil, "-o %q은(는) 없습니다. markdown, html, json 중 하나를 쓰십시오",
			"there is no -o %q: use markdown, html or json", r.format)}
	}
	ending := strings.ToLower(filepath.Ext(r.output))
	for _, f := range reportFormats {
		if ending == f.ending || ending == ".htm" && f.name == "html" || ending == ".markdown" && f.name == "markdown" {
			return cmp.Or(r.format, f.name), nil
		}
	}
	return cmp.Or(r.format, "markdown"), nil
}

// makeReport reads a journal. Of from it fills in what does not depend on who asks.
func (o *options) makeReport(ctx context.Context, path string, from report.Source) (*report.Report, error) {
	file, err := store.Open(path)
	if err != nil {
		return nil, lab.Errorf(err, "%s 저널을 열 수 없습니다", "cannot open the journal %s", path)
	}
	defer func() { _ = file.Close() }() // only read from
	host, _ := os.Hostname()            // none to look for, then
	name, _, _ := strings.Cut(owner(), "@")
	from.Healthlab, from.Made, from.Zone = version(), time.Now(), time.Local
	from.Names = report.Names{Host: host, User: name, Home: xdg.Home}
	made, err := report.Read(ctx, file, from)
	if err != nil {
		return nil, lab.Errorf(err, "%s 저널로 보고서를 만들 수 없습니다", "cannot make a report of the journal %s", path)
	}
	return made, nil
}

// written is a report in a form.
func written(r *report.Report, format string, lang lab.Lang) ([]byte, error) {
	var b bytes.Buffer
	var err error
	switch format {
	case "html":
		err = r.HTML(&b, lang)
	case "json":
		err = r.JSON(&b)
	default:
		err = r.Markdown(&b, lang)
	}
	return b.Bytes(), err
}

// writeReport writes a file, a new one unless force is set. A report is to be handed on: others may read it.
func writeReport(path string, content []byte, force bool) error {
	how := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		how = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	file, err := os.OpenFile(path, how, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return usage.Error{Err: lab.Errorf(nil, "%s 파일이 이미 있습니다. 다른 이름을 쓰거나 --force로 덮어쓰십시오",
			"the file %s exists: choose another name, or overwrite it with --force", path)}
	}
	if err == nil {
		_, err = file.Write(content)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		return lab.Errorf(err, "보고서를 %s 파일에 쓸 수 없습니다", "cannot write the report to %s", path)
	}
	return nil
}

// reporter returns what the console calls to write a report of the journal at a path: as HTML and as Markdown, into the working
// directory. It returns the path of the HTML.
func (o *options) reporter(
	journal func() (string, error), labs []lab.Lab, answers func() (course.Answers, error),
) func(context.Context, lab.Lang) (string, error) {
	return func(ctx context.Context, lang lab.Lang) (string, error) {
		path, err := journal()
		if err != nil {
			return "", err
		}
		given, err := answers()
		if err != nil {
			return "", err
		}
		made, err := o.makeReport(ctx, path, report.Source{Labs: labs, Answers: given})
		if err != nil {
			return "", err
		}
		dir, err := filepath.Abs(o.dir)
		if err != nil {
			return "", fmt.Errorf("resolve the working directory %s: %w", o.dir, err)
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return "", lab.Errorf(err, "%s 작업 디렉터리를 만들 수 없습니다", "cannot create the working directory %s", dir)
		}
		name := filepath.Join(dir, "report-"+made.Made.Local().Format("20060102-150405"))
		for _, f := range reportFormats[:2] {
			content, err := written(made, f.name, lang)
			if err == nil {
				err = writeReport(name+f.ending, content, false)
			}
			if err != nil {
				return "", err
			}
		}
		return name + ".html", nil
	}
}

// ownJournal is the journal that this process writes.
func (o *options) ownJournal() (string, error) {
	kept, err := o.journals().List()
	if err != nil {
		return "", err
	}
	for _, k := range kept {
		if k.Process == os.Getpid() {
			return k.Path, nil
		}
	}
	return "", lab.Errorf(nil, "이 실행의 저널이 %s에 없어 보고서를 만들 수 없습니다", "there is no journal of this run in %s to make a report of", o.journals().Path())
}

// answersKept are the answers of all runs.
func (o *options) answersKept() (course.Answers, error) {
	given, err := readAnswers(filepath.Join(o.state, "answers.json"))
	if err != nil {
		return nil, err
	}
	return given.all(), nil
}

// completeJournals completes the name of a journal that is kept.
func (o *options) completeJournals(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	kept, err := o.journals().List()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, one := range kept {
		names = append(names, one.Name+"\t"+one.Started.Local().Format(time.DateTime))
	}
	return names, cobra.ShellCompDirectiveKeepOrder
}
