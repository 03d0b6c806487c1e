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
func PointName(kind probes.Kind, code timeline.PointCode) lab.Text { return code.Name(kind) }

// Seconds is a duration in whole seconds, or with a decimal where that says something: below ten of them.
func Seconds(d time.Duration) string { return timeline.Seconds(d) }

// Between is a duration that is known within bounds.
func Between(r probes.Range) lab.Text { return timeline.Between(r) }

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

// Compared is what was measured, beside what was predicted: "Killing 13 s (predicted 11-16 s)". Where one does not lie within the
// other, both are told as exactly as they were compared.
func Compared(kind probes.Kind, c timeline.Comparison) lab.Text {
	said, band := Between, probes.Range{Least: c.Predicted.Earliest, Most: c.Predicted.Latest}
	if c.Measured.Least < band.Least || c.Measured.Most > band.Most {
		said = timeline.Exact
	}
	name, took := PointName(kind, c.Code), said(c.Measured)
	if c.Predicted.Never != "" {
		return lab.Textf("%[1]s %[2]s (예측: 없음)", "%[1]s %[2]s (predicted: never)", name, took)
	}
	return lab.Textf("%[1]s %[2]s (예측 %[3]s)", "%[1]s %[2]s (predicted %[3]s)", name, took, said(band))
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
