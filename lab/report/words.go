package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/probes"
)

// long tells a duration as people say it: to a tenth of a second below two minutes.
func long(d Seconds) lab.Text {
	t := time.Duration(d)
	switch {
	case t == probes.Longest:
		return lab.T("끝없이", "for ever")
	case t < 0:
		return lab.Textf("-%s", "-%s", long(-max(d, -Seconds(probes.Longest))))
	case t < 2*time.Minute:
		n := strings.TrimSuffix(strconv.FormatFloat(t.Round(100*time.Millisecond).Seconds(), 'f', 1, 64), ".0")
		return lab.Textf("%s초", "%s s", n)
	}
	s := int64(t.Round(time.Second) / time.Second)
	if s < 60*60 {
		return lab.Textf("%d분 %d초", "%d min %d s", s/60, s%60)
	}
	return lab.Textf("%d시간 %d분", "%d h %d min", s/60/60, s/60%60)
}

// between tells a range: one duration if its ends are told alike.
func between(r Range) lab.Text {
	least, most := long(r.Least), long(r.Most)
	switch {
	case r.Most == Seconds(probes.Longest) && r.Least <= 0:
		return lab.T("모름", "not known")
	case r.Most == Seconds(probes.Longest):
		return lab.Textf("%s 이상", "%s or more", least)
	case least == most:
		return most
	case time.Duration(r.Most) < 2*time.Minute:
		number := strings.TrimSuffix(least.En, " s")
		return lab.Textf("%s–%s", "%s–%s", number, most)
	}
	return lab.Textf("%s–%s", "%s – %s", least, most)
}

// Words tells a band in words.
func (b *Band) Words() lab.Text {
	if !b.Never.IsZero() {
		return lab.T("일어나지 않음", "does not happen")
	}
	band := between(Range{b.Earliest, b.Latest})
	if b.May {
		return lab.Textf("%s(일어난다면)", "%s, if at all", band)
	}
	return band
}

// reckoning tells what the band of a point adds up from, with the name of the point before it for what they have in common;
// zero if there is nothing to tell.
func reckoning(points []Point, i int) lab.Text {
	b := points[i].Predicted
	switch {
	case b == nil:
		return lab.Text{}
	case !b.Never.IsZero():
		return b.Never
	}
	terms := b.Terms
	var ko, en []string
	for j := i - 1; j >= 0 && ko == nil; j-- {
		before := points[j].Predicted
		if before == nil || len(before.Terms) == 0 || len(before.Terms) > len(terms) || points[j].Since != points[i].Since ||
			!slices.Equal(before.Terms, terms[:len(before.Terms)]) {
			continue
		}
		if terms = terms[len(before.Terms):]; len(terms) == 0 {
			return lab.Textf("'%s' 그대로", "as “%s”", points[j].Name)
		}
		ko, en = []string{"'" + points[j].Name.Ko + "'"}, []string{"“" + points[j].Name.En + "”"}
	}
	for _, t := range terms {
		each := between(t.Each)
		if t.Times > 1 {
			each = lab.Textf("%d × %s", "%d × %s", t.Times, each)
		}
		one := lab.Textf("%s %s", "%s %s", t.Name, each)
		ko, en = append(ko, one.Ko), append(en, one.En)
	}
	return lab.T(strings.Join(ko, " + "), strings.Join(en, " + "))
}

// Words tells a verdict in words, short enough for a cell.
func (p Point) Words() lab.Text {
	switch p.Verdict {
	case Start:
		return lab.T("기준", "start")
	case Inside:
		return lab.T("범위 안", "inside")
	case TooFar:
		if p.Off < 0 {
			return lab.Textf("%s 빠름", "%s too early", long(-p.Off))
		}
		return lab.Textf("%s 늦음", "%s too late", long(p.Off))
	case Unexpected:
		return lab.T("예상 밖", "unexpected")
	case Absent:
		return lab.T("예측대로 없음", "absent, as predicted")
	case Missing:
		return lab.T("보지 못함", "not seen")
	case Pending:
		return lab.T("아직", "still to come")
	case Unpredicted:
		return lab.T("예측 없음", "not predicted")
	default:
		return lab.Same(string(p.Verdict))
	}
}

// answerWords tells how an answer was.
func answerWords(v course.Verdict) lab.Text {
	switch v {
	case course.Right:
		return lab.T("맞음", "right")
	case course.Wrong:
		return lab.T("틀림", "wrong")
	default:
		return lab.T("답 없음", "no answer")
	}
}

// stateWords tells how a task ended.
func stateWords(s lab.TaskState) lab.Text {
	if s == lab.TaskRunning { // when the report was made, or the run was over
		return lab.T("끝나지 않음", "not ended")
	}
	return s.Words()
}

// kindWords tells what a cause is the cause of.
func kindWords(about string) lab.Text {
	switch about {
	case "restart":
		return lab.T("재시작", "restart")
	case "not-ready":
		return lab.T("Ready가 아님", "not Ready")
	case "ending":
		return lab.T("종료되는 중", "being ended")
	default:
		return lab.Same(about)
	}
}

// settings tells a probe as kubectl describe does (k8s.io/kubectl/pkg/describe, DescribeProbe).
func settings(s probes.Spec) Outside {
	s = s.Defaulted()
	var how string
	switch {
	case s.Exec != nil:
		how = "exec " + strings.Join(s.Exec.Command, " ")
	case s.HTTP != nil:
		how = fmt.Sprintf("%s-get %s:%s%s", strings.ToLower(s.HTTP.Scheme), s.HTTP.Host, port(s.HTTP.Port), s.HTTP.Path)
	case s.TCP != nil:
		how = fmt.Sprintf("tcp-socket %s:%s", s.TCP.Host, port(s.TCP.Port))
	case s.GRPC != nil:
		how = fmt.Sprintf("grpc :%d %s", s.GRPC.Port, s.GRPC.Service)
	}
	return outside(fmt.Sprintf("%s delay=%s timeout=%s period=%s #success=%d #failure=%d",
		lab.Line(how, maxLine), s.InitialDelay, s.Timeout, s.Period, s.SuccessThreshold, s.FailureThreshold), 2*maxLine)
}

func port(p probes.Port) string {
	if p.Name != "" {
		return p.Name
	}
	return strconv.Itoa(p.Number)
}

// toldStandIns tells for which images stand-ins ran: nothing that they did is those images' doing.
func (c *causes) toldStandIns() []lab.Text {
	if len(c.standIns) == 0 {
		return nil
	}
	return []lab.Text{lab.Textf("healthlab에 없는 다음 이미지는 대역(stand-in)이 대신 실행되었습니다: %s. 그 컨테이너가 한 일은 실제 이미지가 한 일이 아닙니다.",
		"Stand-ins of healthlab ran in place of these images, which it does not have: %s. What they did was not the images' doing.",
		strings.Join(c.standIns, ", "))}
}

// summary tells in sentences what there is to be known first.
func summary(r *Report) []lab.Text {
	out := []lab.Text{}
	for _, l := range r.Labs {
		out = append(out, lab.Textf("실습 '%s': %d단계 가운데 %d단계를 마쳤습니다.", "Lab “%[1]s”: %[3]d of %[2]d steps are complete.", l.Title, l.Total, l.Complete))
	}
	faults, commands := 0, 0
	for _, a := range r.Done {
		switch {
		case a.Fault && a.State == lab.TaskDone:
			faults++
		case !a.Fault && a.Line != "":
			commands++
		}
	}
	out = append(out, lab.Textf("명령을 %d개, 장애와 복구를 %d번 실행했습니다.", "Commands carried out: %d. Faults and repairs: %d.", commands, faults))
	restarts := 0
	for _, c := range r.Causes {
		if c.About == "restart" {
			restarts++
		}
	}
	if n := restarts + r.CausesLeftOut; n > 0 {
		out = append(out, lab.Textf("컨테이너 재시작: %d번. 원인은 아래에 있습니다.", "Restarts of containers: %d. Their causes are told below.", n))
	} else {
		out = append(out, lab.T("재시작된 컨테이너는 없습니다.", "No container was restarted."))
	}
	inside, all := 0, 0
	for _, e := range r.Episodes {
		for _, p := range e.Points {
			switch p.Verdict {
			case Inside, Absent:
				inside, all = inside+1, all+1
			case TooFar, Unexpected:
				all++
			default: // nothing to compare: what nobody has seen may have come about
			}
		}
	}
	if all > 0 {
		out = append(out, lab.Textf("설정에서 예측한 시각 %d개 가운데 %d개가 예측대로였습니다.",
			"Times that the settings let one predict: %d; %d of them came as predicted.", all, inside))
	}
	answers := map[course.Verdict]int{}
	for _, a := range r.Answers {
		answers[a.Verdict]++
	}
	if len(r.Answers) > 0 {
		out = append(out, lab.Textf("질문 %d개: 맞음 %d, 틀림 %d, 답 없음 %d.", "Questions: %d. Right: %d, wrong: %d, not answered: %d.",
			len(r.Answers), answers[course.Right], answers[course.Wrong], answers[course.NoAnswer]))
	}
	for _, t := range r.Traffic {
		out = append(out, t.Text)
	}
	if n := len(r.Gaps); n > 0 {
		out = append(out, lab.Textf("기록에 공백이 %d번 있습니다.", "Times of which less is known: %d.", n))
	}
	return out
}

// title names the report: the labs that were entered and of which something was done, or none.
func title(r *Report) lab.Text {
	labs := slices.DeleteFunc(slices.Clone(r.Labs), func(l Lab) bool {
		return len(r.Labs) > 1 && !slices.ContainsFunc(l.Steps, func(s Step) bool { return s.Complete && !s.Before })
	})
	var ko, en []string
	for _, l := range labs {
		ko, en = append(ko, l.Title.In(lab.Korean)), append(en, l.Title.In(lab.English))
	}
	if len(labs) == 0 || len(labs) > 3 {
		return lab.T("healthlab 보고서", "healthlab report")
	}
	return lab.Textf("healthlab 보고서: %s", "healthlab report: %s", lab.T(strings.Join(ko, ", "), strings.Join(en, ", ")))
}

// named is a state with its name for a legend.
type named struct {
	state State
	name  lab.Text
}

// stateName is the name of a state.
func stateName(s State) lab.Text {
	all := stateNames()
	i := slices.IndexFunc(all, func(one named) bool { return one.state == s })
	if i < 0 {
		return lab.Same(string(s))
	}
	return all[i].name
}

// stateNames are the names of all states, in the order in which a legend has them.
func stateNames() []named {
	return []named{
		{StateFault, lab.T("장애", "fault")},
		{StateRepair, lab.T("복구", "repair")},
		{StateCommand, lab.T("명령", "command")},
		{StateProblem, lab.T("실패한 명령", "failed command")},
		{StateGood, lab.T("준비됨, 요청을 받음", "ready, gets requests")},
		{StateBad, lab.T("준비되지 않음, 모자람", "not ready, too few")},
		{StateCreating, lab.T("생성 중", "creating")},
		{StateRunning, lab.T("실행 중", "running")},
		{StateStopping, lab.T("종료 중", "stopping")},
		{StateEnded, lab.T("종료됨", "ended")},
		{StateBackOff, lab.T("재시도 대기", "back-off")},
		{StateSuccess, lab.T("프로브 성공", "probe succeeds")},
		{StateFailure, lab.T("프로브 실패", "probe fails")},
		{StateUnknown, lab.T("결과를 모름", "result unknown")},
		{StateMixed, lab.T("여러 가지", "several")},
		{StatePredicted, lab.T("예측한 범위", "predicted band")},
		{StateGuess, lab.T("내 예상", "my guess")},
		{StateInside, lab.T("실측", "measured")},
		{StateOutside, lab.T("범위 밖의 실측", "measured outside")},
		{StateGap, lab.T("기록의 공백", "less is known")},
	}
}
