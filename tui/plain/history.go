package plain

import (
	"fmt"
	"time"

	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/probes"
	"healthlab/tui/widget"
)

// latest is how many events, attempts and log lines are told at once, the newest last.
const latest = 10

func last[T any](all []T) []T { return all[max(len(all)-latest, 0):] }

func (c *console) ago(at time.Time) lab.Text {
	return lab.Textf("%s 전", "%s ago", c.span(c.Now().Sub(at).Truncate(time.Second)))
}

// events tells the latest events of Kubernetes: those that say the same as one, and of these first of all the ones that tell why
// something happens. With each, every event is told.
func (c *console) events(each bool) {
	if len(c.snap.Events) == 0 {
		c.say(lab.T("아직 이벤트가 없습니다.", "There are no events yet."))
	}
	shown, folded := course.InSight(course.Grouped(c.snap.Events), c.snap.Pods, latest)
	if each {
		shown, folded = course.Listed(c.snap.Events), nil
	}
	if len(folded) > 0 {
		c.say(lab.Textf("그 밖의 이벤트: %s. 하나씩 모두 들으려면 %s all을 입력하십시오.", "Other events: %s. Type %s all to hear each event.",
			widget.Clean(course.Reasons(folded)), c.letter("events")))
	}
	for _, e := range shown {
		times := ""
		if e.Count > 1 {
			times = lab.Textf(", 모두 %d번", ", %d times", e.Count).In(c.Lang)
		}
		c.print(sentence(fmt.Sprintf("%s, %s, %s, %s %s%s: %s", c.ago(e.Last).In(c.Lang), e.Type, e.Reason, e.ObjectKind, e.ObjectName, times,
			widget.Clean(e.Message))))
	}
}

// attempts tells the newest attempts at probes, and who made them.
func (c *console) attempts() {
	if len(c.snap.Attempts) == 0 {
		c.say(lab.T("아직 프로브를 실행하지 않았습니다.", "No probe has run yet."))
	}
	for _, a := range last(c.snap.Attempts) {
		outcome := lab.OutcomeWords(a.Outcome).In(c.Lang)
		if a.Streak > 1 {
			outcome += lab.Textf(", 연속 %d번째", ", %d in a row", a.Streak).In(c.Lang)
		}
		if a.Outcome != probes.Success && a.Message != "" {
			outcome += ", " + course.Gist(widget.Clean(a.Message))
		}
		by := "healthlab"
		if a.Witness == lab.Kubelet {
			by = "kubelet"
		}
		c.print(sentence(lab.Textf("%s, 파드 %s의 %s, %s: %s", "%s, pod %s, %s by %s: %s", c.ago(a.Start), a.Pod,
			lab.ProbeName(a.Key.Kind), by, outcome).In(c.Lang)))
	}
}

// applog tells the newest lines that the chosen pod's app has logged.
func (c *console) applog() {
	if len(c.snap.Log) == 0 {
		c.say(lab.T("아직 앱 로그가 없습니다.", "The app has not logged anything yet."))
		return
	}
	c.say(lab.Textf("%s 파드의 로그:", "Log of pod %s:", c.snap.ChosenPod))
	for _, line := range last(c.snap.Log) {
		c.print(ansi.Strip(widget.Clean(line.Text)))
	}
}
