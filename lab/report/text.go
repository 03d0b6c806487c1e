package report

import (
	"fmt"
	"strings"
	"time"

	"healthlab/lab"
)

// voice is what both readable forms say of a report in one language.
type voice struct {
	*Report
	lang lab.Lang
}

func (v voice) in(t lab.Text) string { return t.In(v.lang) }

// clock tells a time of day in the report's zone.
func (v voice) clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(v.zone).Format(time.TimeOnly)
}

// fine tells a time of day to a tenth of a second.
func (v voice) fine(t time.Time) string { return t.In(v.zone).Format("15:04:05.0") }

// date tells a day and a time with the zone.
func (v voice) date(t time.Time) string { return t.In(v.zone).Format("2006-01-02 15:04:05 -07:00") }

// when tells a moment in a picture: from its zero, if it has one.
func (v voice) when(p Picture, t time.Time) string {
	if p.Zero.IsZero() {
		return v.clock(t)
	}
	return fmt.Sprintf("%+.1f s", t.Sub(p.Zero).Seconds())
}

// fact is a name with what there is to be known.
type fact struct{ Name, Value string }

// facts are what there is to be known of the run.
func (v voice) facts() []fact {
	run := v.Run
	length := long(Seconds(run.To.Sub(run.From)))
	out := []fact{
		{v.in(lab.T("시작", "Began")), v.date(run.From)},
		{v.in(lab.T("끝", "Ended")), v.date(run.To)},
		{v.in(lab.T("길이", "Length")), v.in(length)},
	}
	add := func(name string, value Outside) {
		if value != "" {
			out = append(out, fact{name, string(value)})
		}
	}
	kind := v.in(lab.T("healthlab에 내장된 쿠버네티스", "the Kubernetes embedded in healthlab"))
	switch {
	case !run.Embedded && run.ReadOnly:
		kind = v.in(lab.T("쓰던 클러스터(읽기 전용)", "a cluster of the user's own, read-only"))
	case !run.Embedded && run.DryRun:
		kind = v.in(lab.T("쓰던 클러스터(검증만)", "a cluster of the user's own, dry run"))
	case !run.Embedded:
		kind = v.in(lab.T("쓰던 클러스터", "a cluster of the user's own"))
	}
	out = append(out, fact{v.in(lab.T("클러스터", "Cluster")), kind})
	if !run.Embedded {
		add(v.in(lab.T("컨텍스트", "Context")), run.Cluster)
		add(v.in(lab.T("서버", "Server")), run.Server)
	}
	add(v.in(lab.T("네임스페이스", "Namespace")), run.Namespace)
	add(v.in(lab.T("쿠버네티스 버전", "Kubernetes version")), run.Kubernetes)
	add(v.in(lab.T("healthlab 버전", "healthlab version")), v.Healthlab)
	return append(out, fact{v.in(lab.T("보고서를 만든 때", "Report made")), v.date(v.Made)})
}

// leads are the sentences that the sections begin with.
type leads struct {
	Summary, Timeline, Events, Episodes, Causes, Answers, Labs, Done, Unknown, LeftOut string
}

func (v voice) leads() leads {
	return leads{
		Summary:  v.in(lab.T("이 절은 언제 무엇을 했고 결과가 어땠는지를 몇 문장으로 보여 줍니다.", "This section tells in a few sentences what was done, when, and what came of it.")),
		Timeline: v.in(lab.T("이 그림은 실행 전체를 보여 줍니다. 왼쪽에서 오른쪽으로 시간이 흐르고, 줄마다 하나를 지켜봅니다.", "This picture shows the whole run: time goes from left to right, and each line watches one thing.")),
		Events:   v.in(lab.T("이 표는 같은 일을 일어난 순서대로 말로 적은 것입니다.", "This table tells the same in words, in the order in which it happened.")),
		Episodes: v.in(lab.T("이 절은 장애마다, 프로브 설정에서 미리 계산한 시각과 실제로 잰 시각을 나란히 보여 줍니다.", "This section sets side by side, for each fault, the times computed beforehand from the probe's settings and the times measured.")),
		Causes:   v.in(lab.T("이 절은 컨테이너가 재시작되거나 파드가 Ready가 아니었던 까닭을 한 문장으로 말하고, 그 근거를 적습니다.", "This section says in one sentence why each container was restarted or pod was not Ready, and on what that rests.")),
		Answers:  v.in(lab.T("이 절은 질문에 무엇이라고 답했고 실제로는 어떻게 되었는지를 보여 줍니다.", "This section shows what was answered to the questions, and what then happened.")),
		Labs:     v.in(lab.T("이 절은 어느 단계를 언제 시작했고, 얼마나 걸렸으며, 마쳤는지를 보여 줍니다.", "This section shows which steps were entered, when, how long they took, and whether they were completed.")),
		Done:     v.in(lab.T("이 절은 실행한 명령과 일으킨 장애를 출력과 함께 순서대로 보여 줍니다.", "This section shows the commands and faults that were carried out, in order, with what they printed.")),
		Unknown:  v.in(lab.T("이 절은 이 보고서가 말하지 못하는 것을 적습니다.", "This section says what this report cannot tell.")),
		LeftOut:  v.in(lab.T("이 절은 이름과 비밀이 새어 나가지 않도록 무엇을 뺐는지 적습니다.", "This section says what was left out so that names and secrets stay where they are.")),
	}
}

// nothing is said in place of what there is none of.
func (v voice) nothing(of string) string {
	switch of {
	case "episodes":
		return v.in(lab.T("장애가 없었습니다.", "There was no fault."))
	case "causes":
		return v.in(lab.T("재시작된 컨테이너도, 준비되었다가 그렇지 않게 된 파드도 없었습니다.", "No container was restarted, and no pod lost its readiness."))
	case "answers":
		return v.in(lab.T("질문이 있는 단계에 들어가지 않았습니다.", "No step with a question was entered."))
	case "labs":
		return v.in(lab.T("들어간 단계가 없습니다.", "No step was entered."))
	case "done":
		return v.in(lab.T("실행한 것이 없습니다.", "Nothing was carried out."))
	case "events":
		return v.in(lab.T("아무 일도 없었습니다.", "Nothing happened."))
	default:
		return v.in(lab.T("보여 줄 것이 없습니다.", "There is nothing to be shown."))
	}
}

// notes are what is to be said below a picture.
func (v voice) notes(p Picture) []string {
	var out []string
	if p.PodsLeftOut > 0 {
		out = append(out, v.in(lab.Textf("볼 것이 가장 많은 파드만 그렸습니다. 그리지 않은 파드: %d개.",
			"Only the pods with the most to see are drawn. Not drawn: %d.", p.PodsLeftOut)))
	}
	n := 0
	for _, l := range p.Lanes {
		n += l.LeftOut
	}
	if n > 0 {
		out = append(out, v.in(lab.Textf("가장 오래된 시도와 상태 %d개는 더는 알 수 없습니다.", "The oldest attempts and states are not known any more: %d.", n)))
	}
	return out
}

// spoken tells a lane in words, for those who do not see the picture.
func (v voice) spoken(p Picture, l Lane) string {
	var b strings.Builder
	if l.Group != "" {
		fmt.Fprintf(&b, "%s, ", l.Group)
	}
	fmt.Fprintf(&b, "%s: ", v.in(l.Label))
	const most = 6
	said, more := 0, 0
	say := func(text string) {
		if said == most {
			more++
			return
		}
		if said++; said > 1 {
			b.WriteString("; ")
		}
		b.WriteString(text)
	}
	for _, bar := range l.Bars {
		say(fmt.Sprintf("%s–%s %s", v.when(p, bar.From), v.when(p, bar.To), v.in(bar.Text)))
	}
	for _, m := range l.Marks {
		say(fmt.Sprintf("%s %s", v.when(p, m.At), v.in(m.Text)))
	}
	if more > 0 {
		b.WriteString(v.in(lab.Textf("; 그 밖에 %d개", "; and %d more", more)))
	}
	return b.String()
}

// measured tells when a point came about.
func (v voice) measured(p Point) string {
	switch {
	case p.Measured != nil:
		return v.in(between(*p.Measured))
	case p.At != nil:
		return v.fine(p.At.At)
	default:
		return "—"
	}
}

// predicted tells when a point was to come about.
func (p Point) predicted() lab.Text {
	if p.Predicted == nil {
		return lab.Same("—")
	}
	return p.Predicted.Words()
}

// name is the point's name, with that from which it counts unless that is the fault.
func (p Point) name() lab.Text {
	if p.Since == "" || p.Since == "fault" {
		return p.Name
	}
	return lab.Textf("%s(%s부터)", "%s (since the %s)", p.Name, p.SinceName)
}

// word is a heading or a label by its name.
func (v voice) word(name string) string { return v.in(wordOf(name)) }

func wordOf(name string) lab.Text {
	switch name {
	case "contents":
		return lab.T("차례", "Contents")
	case "summary":
		return lab.T("요약", "Summary")
	case "timeline":
		return lab.T("타임라인", "Timeline")
	case "episodes":
		return lab.T("예측과 실측", "Predicted and measured")
	case "causes":
		return lab.T("원인", "Causes")
	case "answers":
		return lab.T("질문과 답", "Questions and answers")
	case "labs":
		return lab.T("실습과 단계", "Labs and steps")
	case "done":
		return lab.T("실행한 것", "What was done")
	case "unknown":
		return lab.T("알 수 없는 것", "What is not known")
	case "left-out":
		return lab.T("뺀 것", "What was left out")
	case "events":
		return lab.T("일어난 일", "What happened")
	case "time":
		return lab.T("시각", "Time")
	case "settings":
		return lab.T("프로브 설정", "Settings of the probe")
	case "point":
		return lab.T("지점", "Point")
	case "predicted":
		return lab.T("예측", "Predicted")
	case "measured":
		return lab.T("실측", "Measured")
	case "compared":
		return lab.T("비교", "Compared")
	case "reckoning":
		return lab.T("예측의 내역", "How the prediction adds up")
	case "follows":
		return lab.T("따라서", "It follows")
	case "not-known":
		return lab.T("알 수 없음", "Not known")
	case "answer":
		return lab.T("답", "Answer")
	case "happened":
		return lab.T("실제", "What happened")
	case "step":
		return lab.T("단계", "Step")
	case "entered":
		return lab.T("시작", "Entered")
	case "spent":
		return lab.T("걸린 시간", "Time spent")
	case "complete":
		return lab.T("완료", "Complete")
	case "goals":
		return lab.T("목표", "Goals")
	case "gaps":
		return lab.T("기록의 공백", "Gaps")
	case "from":
		return lab.T("부터", "From")
	case "to":
		return lab.T("까지", "To")
	case "why":
		return lab.T("까닭", "Why")
	case "in-words":
		return lab.T("그림을 글로", "The picture in words")
	case "what":
		return lab.T("항목", "What")
	case "value":
		return lab.T("값", "Value")
	case "question":
		return lab.T("질문", "Question")
	case "result":
		return lab.T("결과", "Result")
	default:
		return lab.Same(name)
	}
}
