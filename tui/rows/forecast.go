package rows

import (
	"math"
	"strconv"
	"time"

	"healthlab/lab"
	"healthlab/lab/timeline"
	"healthlab/probes"
)

// PointName is a point of an episode in the words of what one sees of it in Kubernetes.
func PointName(kind probes.Kind, code timeline.PointCode) lab.Text {
	switch {
	case code == timeline.PointVerdict && kind == probes.Readiness:
		return lab.T("Ready 아님", "not Ready")
	case code == timeline.PointVerdict:
		return lab.Same("Killing")
	case code == timeline.PointRestart:
		return lab.Same("RESTARTS +1")
	default:
		return code.Words()
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
func Between(r probes.Range) lab.Text {
	const same = 150 * time.Millisecond
	least, most := Seconds(r.Least), Seconds(r.Most)
	switch {
	case r.Most == probes.Longest:
		return lab.Textf("%[1]s초 이상", "%[1]s s or more", least)
	case r.Most-r.Least < same, least == most:
		return lab.Textf("%[1]s초", "%[1]s s", most)
	default:
		return lab.Textf("%[1]s~%[2]s초", "%[1]s-%[2]s s", least, most)
	}
}

// Number is a measured duration in whole seconds, as far as it is known: "44", or "43-45".
func Number(r probes.Range) string {
	least, most := int(math.Round(r.Least.Seconds())), int(math.Round(r.Most.Seconds()))
	if r.Most == probes.Longest || least == most {
		return strconv.Itoa(least)
	}
	return strconv.Itoa(least) + "-" + strconv.Itoa(most)
}

// Predicted is when a point is to be expected: "Killing 11-16 s"; or why it does not come.
func Predicted(kind probes.Kind, code timeline.PointCode, b probes.Band) lab.Text {
	name := PointName(kind, code)
	switch {
	case b.Never != "":
		return lab.Textf("%[1]s 없음: %[2]s", "no %[1]s: %[2]s", name, timeline.ReasonWords(b.Never))
	case b.May:
		return lab.Textf("%[1]s %[2]s (아닐 수도)", "%[1]s %[2]s, if at all", name, Between(probes.Range{Least: b.Earliest, Most: b.Latest}))
	}
	return lab.Textf("%[1]s %[2]s", "%[1]s %[2]s", name, Between(probes.Range{Least: b.Earliest, Most: b.Latest}))
}

// Compared is what was measured, beside what was predicted: "Killing 13 s (predicted 11-16 s)".
func Compared(kind probes.Kind, c timeline.Comparison) lab.Text {
	name, took := PointName(kind, c.Code), Between(c.Measured)
	if c.Predicted.Never != "" {
		return lab.Textf("%[1]s %[2]s (예측: 없음)", "%[1]s %[2]s (predicted: never)", name, took)
	}
	return lab.Textf("%[1]s %[2]s (예측 %[3]s)", "%[1]s %[2]s (predicted %[3]s)", name, took,
		Between(probes.Range{Least: c.Predicted.Earliest, Most: c.Predicted.Latest}))
}

// Countdown is how long it still takes until a point, at a time.
func Countdown(kind probes.Kind, p timeline.Point, now time.Time) lab.Text {
	name := PointName(kind, p.Code)
	left, ok := p.Due.Countdown(now)
	least, most := Whole(left)
	switch {
	case !ok:
		return lab.Text{}
	case left.Most == probes.Longest && least > 0:
		return lab.Textf("%[1]s: %[2]d초 뒤부터", "%[1]s: from %[2]d s on", name, least)
	case left.Most == probes.Longest:
		return lab.Textf("%[1]s: 이제 언제든지", "%[1]s: any moment now", name)
	case most == 0:
		late := now.Sub(p.Due.To).Truncate(time.Second)
		return lab.Textf("%[1]s: 예측보다 %[2]s초 늦음", "%[1]s: %[2]s s later than predicted", name, Seconds(late))
	case least == 0:
		return lab.Textf("%[1]s: 이제 %[2]d초 안에", "%[1]s: within %[2]d s", name, most)
	default:
		return lab.Textf("%[1]s: %[2]d~%[3]d초 뒤", "%[1]s: in %[2]d-%[3]d s", name, least, most)
	}
}

// Whole is a range in whole seconds, for what is read while it runs: it takes at least the one and at most the other.
func Whole(r probes.Range) (least, most int) {
	most = int(r.Most / time.Second)
	if r.Most%time.Second != 0 {
		most++
	}
	return int(r.Least / time.Second), most
}
