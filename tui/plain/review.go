package plain

import (
	"slices"
	"strconv"
	"time"

	"healthlab/lab"
	"healthlab/lab/cause"
	"healthlab/lab/timeline"
	"healthlab/tui/rows"
	"healthlab/tui/widget"
)

// why tells why a pod is as it is: that of the name or, without one, the chosen one or one that is not well.
func (c *console) why(name string) {
	if c.refused(c.moment().WhyNoPods()) {
		return
	}
	pod, causes := cause.Subject(c.snap, c.Now())
	if name != "" {
		i := slices.IndexFunc(c.snap.Pods, func(p lab.Pod) bool { return p.Name == name })
		if i < 0 {
			var names []lab.Text
			for _, p := range c.snap.Pods {
				names = append(names, lab.Same(widget.Clean(p.Name)))
			}
			c.say(lab.Textf("%s 파드가 없습니다. 있는 파드: %s.", "There is no pod %s. There are: %s.", widget.Clean(name), lab.Join(names, ", ")))
			return
		}
		pod = c.snap.Pods[i]
		causes = cause.In(c.snap, pod, c.Now())
	}
	if len(causes) == 0 {
		c.say(lab.Textf("%s 파드는 정상입니다. Ready이고 재시작한 적이 없습니다.", "The pod %s is well: Ready, and never restarted.",
			widget.Clean(pod.Name)))
		return
	}
	c.say(lab.Textf("파드 %s:", "Pod %s:", widget.Clean(pod.Name)))
	for _, one := range causes {
		c.say(lab.Textf("%s.", "%s.", one.Line(pod)))
		for i, e := range one.Evidence {
			when := lab.Text{}
			if e.At.Unix() > 0 {
				when = lab.Textf("%s, ", "%s, ", e.At.Local().Format(time.TimeOnly))
			}
			c.say(lab.Textf("- 근거 %d: %s%s.", "- Evidence %d: %s%s.", i+1, when, e.Text))
		}
		for _, t := range one.Known {
			c.say(lab.Textf("- %s.", "- %s.", t))
		}
		for _, t := range one.Unknown {
			c.say(lab.Textf("- 알 수 없음: %s.", "- Not known: %s.", t))
		}
	}
}

// review tells of a fault by its number, or of the latest, how what came about compares with what was to be expected.
func (c *console) review(number string) {
	var all []*timeline.Episode
	if c.past.view != nil {
		all = c.past.view.Episodes
	}
	n := len(all)
	if n == 0 {
		c.say(lab.T("아직 돌아볼 장애가 없습니다.", "There has been no fault to look back at yet."))
		return
	}
	if number != "" {
		given, err := strconv.Atoi(number)
		if err != nil || given < 1 || given > len(all) {
			c.say(lab.Textf("그런 번호가 없습니다. 1부터 %d까지입니다.", "There is no such number: it is from 1 to %d.", len(all)))
			return
		}
		n = given
	}
	e := all[n-1]
	r := e.Review(rows.Guess(c.Labs, c.answers, e))
	c.say(lab.Textf("돌아보기 %d/%d: %s. %s, %s.", "Debrief %d/%d: %s. %s, %s.", n, len(all), r.Subject,
		c.past.view.Clock(r.Begun).Local().Format(time.TimeOnly), r.Fault))
	for _, t := range []lab.Text{r.Headline, r.Settings, r.Guess, r.Made} {
		if !t.IsZero() {
			c.print(sentence(capital(t.In(c.Lang))))
		}
	}
	for _, p := range r.Points {
		c.say(lab.Textf("- %s.", "- %s.", p.Said))
		if !p.Terms.IsZero() {
			c.say(lab.Textf("  %s.", "  %s.", p.Terms))
		}
	}
	if said := c.past.view.MeanwhileWords(e); !said.IsZero() {
		c.say(lab.Textf("%s.", "%s.", said))
	}
	if !r.End.IsZero() {
		c.say(lab.Textf("끝: %s.", "End: %s.", r.End))
	}
}

// offerReview says of an episode that has ended, if it can be reviewed, what came of it and how to hear more.
func (c *console) offerReview(e *timeline.Episode) {
	r := e.Review(rows.Guess(c.Labs, c.answers, e))
	if !r.Guess.IsZero() {
		c.print(sentence(capital(r.Guess.In(c.Lang))))
	}
	if !r.Headline.IsZero() {
		c.say(lab.Textf("자세히 들으려면 %s 명령을 입력하십시오.", "Type %s to hear more.", c.letter("debrief")))
	}
}
