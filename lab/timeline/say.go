package timeline

import (
	"math"
	"slices"
	"strconv"
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

// Told are the points of an episode that are told, in order: what another one says as well is left out.
func Told() []PointCode {
	return []PointCode{PointFailure, PointVerdict, PointRestart, PointStarted, PointReady}
}

// Tells reports whether a point of the episode is told: one that says nothing that another one does not say is left out.
func (e *Episode) Tells(p Point) bool {
	if !slices.Contains(Told(), p.Code) || !p.Expected.Known() {
		return false
	}
	verdict, _ := e.Point(PointVerdict)
	restart, _ := e.Point(PointRestart)
	switch p.Code {
	case PointFailure:
		return p.Expected.Never() == "" || p.Happened()
	case PointRestart:
		return p.Happened() || p.Expected.Never() == "" || verdict.Expected.Never() == ""
	case PointReady:
		same := p.Expected.From.Equal(restart.Expected.From) && p.Expected.To.Equal(restart.Expected.To) && restart.Expected.Known()
		return !same && p.Expected.Never() == ""
	default:
		return true
	}
}

// Name is the point in the words of what one sees of it in Kubernetes, where a probe of this kind brings it about.
func (c PointCode) Name(kind probes.Kind) lab.Text {
	switch {
	case c == PointVerdict && kind == probes.Readiness:
		return lab.T("Ready 아님", "not Ready")
	case c == PointVerdict:
		return lab.Same("Killing")
	case c == PointRestart:
		return lab.Same("RESTARTS +1")
	default:
		return c.Words()
	}
}

// Seconds is a duration in whole seconds, or with a decimal where that says something: below ten of them.
func Seconds(d time.Duration) string {
	const few = 10 * time.Second
	if tenth := (d + 50*time.Millisecond) / (100 * time.Millisecond); d < few && tenth%10 != 0 {
		return strconv.FormatFloat(float64(tenth)/10, 'f', 1, 64)
	}
	return strconv.FormatFloat(math.Round(d.Seconds()), 'f', 0, 64)
}

// Between is a duration that is known within bounds.
func Between(r probes.Range) lab.Text { return spoken(r, 150*time.Millisecond, Seconds) }

// Exact is Between with a decimal wherever there is one, and both ends wherever they are told apart: what was measured is compared
// with what was expected, and the numbers have to say what the comparison does.
func Exact(r probes.Range) lab.Text { return spoken(r, 0, tenths) }

// tenths is a duration in seconds with a decimal, unless that is 0.
func tenths(d time.Duration) string {
	return strconv.FormatFloat(math.Round(d.Seconds()*10)/10, 'f', -1, 64)
}

// spoken is a range in words; one that is narrower than same is its end.
func spoken(r probes.Range, same time.Duration, seconds func(time.Duration) string) lab.Text {
	least, most := seconds(r.Least), seconds(r.Most)
	switch {
	case r.Most == probes.Longest:
		return lab.Textf("%[1]s초 이상", "%[1]s s or more", least)
	case r.Most-r.Least < same, least == most:
		return lab.Textf("%[1]s초", "%[1]s s", most)
	default:
		return lab.Textf("%[1]s~%[2]s초", "%[1]s-%[2]s s", least, most)
	}
}
