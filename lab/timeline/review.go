package timeline

import (
	"slices"
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

// Guess is when somebody expected a point of an episode that follows from its fault, counted from that.
type Guess struct {
	Code PointCode
	Time probes.Range
}

// Review is an episode in words, for a face to render: what was expected of each point, what was measured, and by what it came
// about. Nothing of it ends with a stop.
type Review struct {
	Begun time.Time // on the axis of the view
	// Subject is whose it is, and Fault what was done; "not healthlab's" if that is not known.
	Subject, Fault lab.Text
	// Headline is the point that matters most beside what was expected of it; zero as long as there is none.
	Headline lab.Text
	// Fit is how Headline agrees with what was expected.
	Fit Fit
	// Made is what the time of the headline's point hung on, and how much of that it has taken; zero if on nothing.
	Made lab.Text
	// Settings is what the settings alone let one expect of the headline's point; zero if that is what was expected.
	Settings lab.Text
	// Guess is what somebody had expected; zero if nobody had.
	Guess  lab.Text
	Points []Reviewed
	End    lab.Text // how it ended; zero while it goes on
}

// Reviewed is a point of a Review.
type Reviewed struct {
	Code PointCode
	Fit  Fit
	// Said is what was measured beside what was expected, and Terms what that adds up from; zero if from nothing.
	Said, Terms lab.Text
}

// Fit is how what came about agrees with what was expected.
type Fit string

// The fits.
const (
	Fits   Fit = "fits"   // as expected, or as expected not at all
	Late   Fit = "late"   // later, by no more than machines and networks take (Slack)
	Misses Fit = "misses" // not as expected
	Open   Fit = "open"   // still to come
)

// Asked is the step whose question asks for the time of a point of the episode; nil if none does.
func (e *Episode) Asked(labs []lab.Lab) (*lab.Lab, *lab.Step) {
	if e.Fault == nil || e.Fault.Fault == nil {
		return nil, nil
	}
	for i := range labs {
		l := &labs[i]
		if of := e.Fault.Of; of != nil && of.Lab != l.ID {
			continue
		}
		for j := range l.Steps {
			s := &l.Steps[j]
			if s.Fault != e.Fault.Fault.ID || s.Question == nil || s.Question.Time == nil {
				continue
			}
			if e.follows(PointCode(s.Question.Time.Point)) {
				return l, s
			}
		}
	}
	return nil, nil
}

// follows reports whether a point follows from the fault alone, so that its time after that can be foreseen. What comes after a repair
// depends on when that is made, and is counted from there.
func (e *Episode) follows(code PointCode) bool {
	i, repair := e.index(code), e.index(PointRepair)
	return i >= 0 && e.Points[i].Expected.Known() && (repair < 0 || i < repair)
}

// Guess is what somebody had expected of the episode, if a step's question asks for it; nil if not, or if it was not answered.
// when gives the time that was answered to a step's question, as Answers.TimeOf of package course does.
func (e *Episode) Guess(labs []lab.Lab, when func(labID string, step lab.Step) (probes.Range, bool)) *Guess {
	l, step := e.Asked(labs)
	if step == nil {
		return nil
	}
	at, ok := when(l.ID, *step)
	if !ok {
		return nil
	}
	return &Guess{Code: PointCode(step.Question.Time.Point), Time: at}
}

// Review tells of the episode. guess may be nil.
func (e *Episode) Review(guess *Guess) Review {
	r := Review{
		Begun: e.Begun.At, Subject: lab.Textf("%s, %s", "%s, %s", lab.Printable(e.PodName), lab.ProbeName(e.Probe)),
		Fault: lab.T("원인을 모르는 장애", "a fault of unknown origin"), Fit: Fits,
	}
	if e.Fault != nil {
		r.Fault = e.Fault.Title
		if e.Fault.Fault != nil {
			r.Fault = e.Fault.Fault.Title
		}
	}
	if e.End != "" {
		r.End = e.End.Words()
	}
	measured := e.Debrief()
	of := func(code PointCode) *Comparison {
		if i := slices.IndexFunc(measured, func(c Comparison) bool { return c.Code == code }); i >= 0 {
			return &measured[i]
		}
		return nil
	}
	var before []Point
	for _, p := range e.Points {
		if !e.Tells(p) {
			continue
		}
		r.Points = append(r.Points, e.reviewed(p, of(p.Code), before))
		before = append(before, p)
	}
	if head := of(e.headline(guess)); head != nil {
		wide := e.bySettings(head.Code)
		r.Headline, r.Made, r.Fit = head.Words(e.Probe), head.made(wide), head.Fit()
		if !same(wide, head.Predicted) {
			r.Settings = lab.Textf("설정만으로는 %s입니다. 다음 시도의 차례를 알고 있어 %s로 좁혔습니다",
				"By the settings alone it is %s; knowing when the next attempt was due, it is %s", bandWords(wide), bandWords(head.Predicted))
		}
	}
	if guess != nil {
		if e.follows(guess.Code) {
			r.Guess = guess.words(e.Probe, e.bySettings(guess.Code), of(guess.Code))
		}
	}
	return r
}

// bySettings is what the settings alone let one expect of a point: what somebody can know who is asked for it.
func (e *Episode) bySettings(code PointCode) probes.Band {
	p, _ := e.Point(code)
	b, ok := band(e.typical, e.Probe, code)
	if !ok || p.Expected.Since != PointFault || p.Expected.Band.Never != "" || b.Never != "" {
		return p.Expected.Band
	}
	return b
}

func same(a, b probes.Band) bool {
	return a.Earliest == b.Earliest && a.Latest == b.Latest && a.Never == b.Never
}

// headline is the point that an episode is told by: that which somebody has tried to foresee, or the one that matters most
// among those that have come about.
func (e *Episode) headline(guess *Guess) PointCode {
	order := []PointCode{PointRestart, PointStarted, PointReady, PointVerdict, PointFailure}
	if guess != nil && e.follows(guess.Code) {
		order = slices.Insert(order, 0, guess.Code)
	}
	for _, code := range order {
		if p, ok := e.Point(code); ok && p.Happened() && p.Expected.Known() {
			return code
		}
	}
	return ""
}

// reviewed tells of a point. c is nil as long as it has not come about; before are the points that are told before it.
func (e *Episode) reviewed(p Point, c *Comparison, before []Point) Reviewed {
	band := p.Expected.Band
	out := Reviewed{Code: p.Code, Fit: Fits, Terms: sum(e.Probe, p, before)}
	name := capital(p.Code.Name(e.Probe))
	switch {
	case c != nil:
		out.Said, out.Fit = c.Words(e.Probe), c.Fit()
		if names := c.strayed(); !names.IsZero() {
			out.Said = lab.Textf("%s. 차이를 만든 것: %s", "%s. What made the difference: %s", out.Said, names)
		}
	case band.Never != "":
		out.Said = lab.Textf("%s: 예측대로 없습니다. %s", "%s: none, as predicted. %s", name, capital(ReasonWords(band.Never)))
	case e.End == "":
		out.Fit = Open
		out.Said = lab.Textf("%s: 예측 %s, 아직 오지 않았습니다", "%s: predicted %s, still to come", name, bandWords(band))
	case band.May:
		out.Said = lab.Textf("%s: 없었습니다. 예측 %s였지만 아닐 수도 있었습니다", "%s: none. Predicted %s, if at all", name, bandWords(band))
	default:
		out.Fit = Misses
		out.Said = lab.Textf("%s: 없었습니다. 예측 %s", "%s: none. Predicted %s", name, bandWords(band))
	}
	return out
}

// Words is what was measured beside what was expected: "Killing까지 13.9초: 예측 11~16초 안입니다".
func (c Comparison) Words(kind probes.Kind) lab.Text {
	said := lab.Textf("%s %s", "%s %s", capital(c.until(kind)), Exact(c.Measured))
	band := bandWords(c.Predicted)
	switch {
	case c.Predicted.Never != "":
		return lab.Textf("%s: 예측에 없던 일입니다. %s", "%s: not predicted. %s", said, capital(ReasonWords(c.Predicted.Never)))
	case c.Inside():
		return lab.Textf("%s: 예측 %s 안입니다", "%s: within the predicted %s", said, band)
	case c.Fit() == Late:
		return lab.Textf("%[1]s: 예측 %[3]s보다 %[2]s초 늦었습니다(%[4]s초까지는 기계가 쓰는 시간)",
			"%[1]s: %[2]s s later than the predicted %[3]s (machines take up to %[4]s s of their own)", said, tenths(c.Off), band, tenths(Slack))
	case c.Off > 0:
		return lab.Textf("%[1]s: 예측 %[3]s보다 %[2]s초 늦었습니다", "%[1]s: %[2]s s later than the predicted %[3]s", said, tenths(c.Off), band)
	default:
		return lab.Textf("%[1]s: 예측 %[3]s보다 %[2]s초 일렀습니다", "%[1]s: %[2]s s earlier than the predicted %[3]s", said, tenths(-c.Off), band)
	}
}

// until is up to what a comparison measures, and from what on unless that is the fault.
func (c Comparison) until(kind probes.Kind) lab.Text {
	until := lab.Textf("%s까지", "%s after", c.Code.Name(kind))
	switch {
	case c.Code == PointRestart:
		until = lab.T("재시작까지", "restart after")
	case c.Code == PointVerdict && kind == probes.Readiness:
		until = lab.T("Ready에서 빠지기까지", "not Ready after")
	case c.Code == PointReady:
		until = lab.T("Ready가 되기까지", "Ready after")
	}
	if c.Since == PointRepair {
		return lab.Textf("복구 뒤 %s", "after the repair, %s", until)
	}
	return until
}

func bandWords(b probes.Band) lab.Text { return Exact(probes.Range{Least: b.Earliest, Most: b.Latest}) }

// sum is what the band of a point adds up from: the name of a point before it stands for what they have in common.
func sum(kind probes.Kind, p Point, before []Point) lab.Text {
	terms := p.Expected.Band.Terms
	var parts []lab.Text
	for _, b := range slices.Backward(before) {
		shared := b.Expected.Band.Terms
		if n := len(shared); n == 0 || n > len(terms) || b.Expected.Since != p.Expected.Since || !slices.Equal(shared, terms[:n]) {
			continue
		}
		parts = append(parts, lab.Textf("'%s'", "'%s'", b.Code.Name(kind)))
		if terms = terms[len(shared):]; len(terms) == 0 {
			return lab.Textf("%s 시점과 같음", "at the time of %s", parts[0])
		}
		break
	}
	for _, t := range terms {
		parts = append(parts, termWords(t))
	}
	return lab.Join(parts, " + ")
}

// termWords is a term with how long it is.
func termWords(t probes.Term) lab.Text {
	long := Exact(t.Each)
	switch {
	case t.Each.Most == probes.Longest && t.Each.Least == 0:
		long = lab.T("(길이를 모름)", "(nobody knows how long)")
	case t.Each.Least == 0:
		long = lab.Textf("최대 %s초", "up to %s s", tenths(t.Each.Most))
	}
	if t.Times > 1 {
		long = lab.Textf("%d × %s", "%d × %s", t.Times, long)
	}
	return lab.Textf("%s %s", "%s %s", TermWords(t.Code), long)
}

// made is on which terms of a band it hung when the point came about, and how much of what they leave open it has taken.
func (c Comparison) made(band probes.Band) lab.Text {
	if names := c.strayed(); !names.IsZero() {
		return lab.Textf("차이를 만든 것: %s", "What made the difference: %s", names)
	}
	var open []lab.Text
	for _, t := range band.Terms {
		if t.Each.Most > t.Each.Least {
			open = append(open, TermWords(t.Code))
		}
	}
	if len(open) == 0 {
		return lab.Text{}
	}
	names := lab.Join(open, ", ")
	if band.Latest == probes.Longest || !c.Inside() {
		return lab.Textf("차이를 만든 것: %s", "What made the difference: %s", names)
	}
	return lab.Textf("차이를 만든 것: %s (0~%s초 가운데 약 %s초)", "What made the difference: %s (about %[3]s s of 0-%[2]s s)",
		names, tenths(band.Latest-band.Earliest), tenths(min(max(c.Measured.Most-band.Earliest, 0), band.Latest-band.Earliest)))
}

// strayed are the names of the terms that took another time than they were to; zero if none did.
func (c Comparison) strayed() lab.Text {
	names := make([]lab.Text, len(c.Astray))
	for i, code := range c.Astray {
		names[i] = TermWords(code)
	}
	return lab.Join(names, ", ")
}

// words tells of a guess beside what was expected by the settings and, once it has come about, what was measured.
func (g Guess) words(kind probes.Kind, band probes.Band, c *Comparison) lab.Text {
	said := lab.Textf("내 예상: %s %s", "My guess: %s %s", g.Code.Name(kind), Exact(g.Time))
	if c != nil {
		switch off := g.Off(c.Measured); {
		case g.Right(c.Measured) && off != 0:
			said = lab.Textf("%s, 측정과 %s초 차이로 맞습니다", "%s, right within %s s", said, tenths(max(off, -off)))
		case g.Right(c.Measured):
			said = lab.Textf("%s, 측정과 맞습니다", "%s, as measured", said)
		case off > 0:
			said = lab.Textf("%s, 측정보다 %s초 일렀습니다", "%s, %s s earlier than measured", said, tenths(off))
		default:
			said = lab.Textf("%s, 측정보다 %s초 늦었습니다", "%s, %s s later than measured", said, tenths(-off))
		}
	}
	switch {
	case band.Never != "":
		return said
	case g.Time.Least >= band.Earliest && g.Time.Most <= band.Latest:
		return lab.Textf("%s. 설정으로 본 예측 %s 안입니다", "%s. It lies within what the settings predict, %s", said, bandWords(band))
	case g.Time.Most < band.Earliest || g.Time.Least > band.Latest:
		return lab.Textf("%s. 설정으로 본 예측 %s 밖입니다", "%s. It lies outside what the settings predict, %s", said, bandWords(band))
	case g.Time.Least <= band.Earliest && g.Time.Most >= band.Latest:
		return lab.Textf("%s. 설정으로 본 예측 %s보다 넓습니다", "%s. It is wider than what the settings predict, %s", said, bandWords(band))
	default:
		return lab.Textf("%s. 설정으로 본 예측 %s에 일부만 듭니다", "%s. It lies partly within what the settings predict, %s", said, bandWords(band))
	}
}

// Off is by how much what was measured lies outside the guess for sure, in tenths of a second: above 0 if it came later than guessed.
func (g Guess) Off(measured probes.Range) time.Duration { return outside(measured, g.Time) }

// Right reports whether what was measured agrees with the guess, which is of whole seconds: half of one is no other.
func (g Guess) Right(measured probes.Range) bool {
	off := g.Off(measured)
	return max(off, -off) <= Slack
}

// capital is a text with a capital letter at the beginning of its English.
func capital(t lab.Text) lab.Text {
	if t.En != "" && t.En[0] >= 'a' && t.En[0] <= 'z' {
		t.En = string(t.En[0]-'a'+'A') + t.En[1:]
	}
	return t
}
