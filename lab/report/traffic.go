package report

import (
	"time"

	"healthlab/lab"
	"healthlab/lab/timeline"
)

func requests(c lab.TrafficCounts) Requests {
	return Requests{
		Answered: c.Answered, Lost: c.Lost(), TimedOut: c.TimedOut, Refused: c.Refused, Errors: c.Errors, Broken: c.Broken, NoPod: c.NoPod,
		Unsent: c.Unsent,
	}
}

// streams are the requests that were sent to Services.
func streams(view *timeline.View) []Traffic {
	out := []Traffic{}
	for _, s := range view.Traffic.Streams {
		text := lab.Textf("요청: %s. %s.", "Requests: %s. %s.", s.Words(), s.Total.Words())
		if !s.Problem.IsZero() {
			text = lab.Textf("%s 그친 까닭: %s.", "%s They ended because: %s.", text, s.Problem)
		}
		out = append(out, Traffic{
			From: s.From, To: s.To, Service: outside(s.Service, maxName), Rate: s.Rate, Way: s.Way, Speaks: s.Speaks,
			Requests: requests(s.Total), Text: oneLine(text),
		})
	}
	return out
}

// requests is the lane of the requests to Services: those in a row that were all answered, and those of which some were lost.
func (d *drawing) requests() {
	l := Lane{Kind: LaneRequests, Label: lab.T("요청", "requests"), LeftOut: d.view.Traffic.Dropped}
	seconds := d.view.Traffic.In(d.From, d.To)
	for i := 0; i < len(seconds); {
		var sum lab.TrafficCounts
		bad, j := seconds[i].All.Lost() > 0, i
		for ; j < len(seconds) && seconds[j].All.Lost() > 0 == bad && (j == i || seconds[j].At.Sub(seconds[j-1].At) < 2*time.Second); j++ {
			sum = sum.Plus(seconds[j].All)
		}
		state := StateGood
		if bad {
			state = StateBad
		}
		d.bar(&l, seconds[i].At.Add(-time.Second), seconds[j-1].At, state, sum.Words())
		i = j
	}
	d.add(l)
}
