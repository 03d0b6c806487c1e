package why

import (
	"fmt"
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/lab/cause"
)

// Table puts rows in columns, as wide as the terminal is.
type Table func(rows [][]string) string

// Text is the report for people.
func (r Report) Text(lang lab.Lang, table Table) string {
	var out strings.Builder
	for i, p := range r.Pods {
		if i > 0 {
			out.WriteString("\n")
		}
		p.text(&out, r.At, lang, table)
	}
	line := func(text lab.Text) { out.WriteString(table([][]string{{lab.Printable(text.In(lang))}})) }
	if len(r.Pods) > 0 && (r.More > 0 || len(r.Notes) > 0) {
		out.WriteString("\n")
	}
	switch {
	case r.Target.Kind != "" || len(r.Pods) > 0:
	case r.Looked == 0:
		line(lab.Textf("네임스페이스 %s에 파드가 없습니다", "there are no pods in namespace %s", r.Cluster.Namespace))
	case r.Looked == 1:
		line(lab.Textf("네임스페이스 %s의 파드 1개는 Ready이고 다시 시작된 적이 없습니다", "the one pod in namespace %s is well: Ready, or done, and never restarted", r.Cluster.Namespace))
	default:
		line(lab.Textf("네임스페이스 %[2]s의 파드 %[1]d개는 모두 Ready이거나 일을 마쳤고, 다시 시작된 적이 없습니다",
			"all %[1]d pods in namespace %[2]s are well: Ready, or done, and never restarted", r.Looked, r.Cluster.Namespace))
	}
	if r.More > 0 {
		line(lab.Textf("그 밖에 %d개의 파드가 더 있습니다. 이름을 지정하면 볼 수 있습니다", "%d more pods are not well; name one to see it", r.More))
	}
	for _, note := range r.Notes {
		line(lab.Textf("참고: %s", "note: %s", note))
	}
	return out.String()
}

// text is a pod: its row as kubectl has it, and its causes.
func (p Pod) text(out *strings.Builder, now time.Time, lang lab.Lang, table Table) {
	head := fmt.Sprintf("%s  %d/%d %s", p.Name, p.ReadyContainers, p.TotalContainers, p.Status)
	if p.Restarts > 0 {
		head += fmt.Sprintf(", RESTARTS %d", p.Restarts)
	}
	out.WriteString(table([][]string{{lab.Printable(head)}}))
	if len(p.Causes) == 0 {
		out.WriteString(table([][]string{{"  ", lab.T("Ready이고 다시 시작된 적이 없습니다", "It is Ready and was never restarted").In(lang)}}))
	}
	for _, c := range p.Causes {
		out.WriteString(table([][]string{{"  " + title(c, lang)}, {"    ", c.Sentence.In(lang)}}))
		var rows [][]string
		for i, e := range c.Evidence {
			rows = append(rows, []string{fmt.Sprintf("    %2d", i+1), moment(e.At, now), e.Text.In(lang)})
		}
		for _, known := range c.Known {
			rows = append(rows, []string{"     +", "", known.In(lang)})
		}
		for _, unknown := range c.Unknown {
			rows = append(rows, []string{"     ?", "", unknown.In(lang)})
		}
		out.WriteString(table(rows))
	}
}

// title is what a cause is about, and its code.
func title(c cause.Cause, lang lab.Lang) string {
	about := lab.T("준비되지 않음", "not ready")
	switch c.About {
	case cause.Restart:
		about = lab.T("다시 시작됨", "restarted")
	case cause.Ending:
		about = lab.T("종료하는 중", "being stopped")
	case cause.NotReady:
	}
	words := []string{about.In(lang)}
	if c.Container != "" {
		words = append(words, c.Container)
	}
	return strings.Join(append(words, "["+string(c.Code)+"]"), " ")
}

// moment is a time as short as it is clear.
func moment(at, now time.Time) string {
	switch {
	case at.Unix() <= 0:
		return "-"
	case now.Sub(at).Abs() > 20*time.Hour:
		return at.Local().Format("01-02 15:04:05")
	}
	return at.Local().Format(time.TimeOnly)
}
