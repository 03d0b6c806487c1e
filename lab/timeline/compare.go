package timeline

import (
	"slices"
	"time"

	"healthlab/probes"
)

// Slack is how much later than forecast things may come because machines and networks need time of their own. Nothing makes
// them come earlier.
const Slack = 500 * time.Millisecond

// grain is how exactly times are compared, which is how exactly they are told: nobody reads another result from the numbers.
const grain = 100 * time.Millisecond

// Comparison is a point that has come about beside what was expected of it.
type Comparison struct {
	Code PointCode
	// Since is the point from which both are counted.
	Since PointCode
	// Predicted is the band, with the terms of which it is the sum.
	Predicted probes.Band
	// Measured is how long it took, at least and at most as far as that is known.
	Measured probes.Range
	// Off is how far it was outside of the band for sure, in tenths of a second: 0 if it may have been inside, and below 0 if it
	// was too early.
	Off time.Duration
	// Astray are the terms of the band that took another time than they were to, where it is off.
	Astray []probes.TermCode
	// Chance is how much of what was left open in the band it has taken, from 0 to its width: of the most that Measured allows.
	Chance time.Duration
}

// Inside reports whether what happened may have been within what was expected.
func (c Comparison) Inside() bool { return c.Predicted.Never == "" && c.Off == 0 }

// Fit is how what happened agrees with what was expected.
func (c Comparison) Fit() Fit {
	switch {
	case c.Inside():
		return Fits
	case c.Predicted.Never == "" && c.Off > 0 && c.Off <= Slack:
		return Late
	}
	return Misses
}

// comparison is what was measured beside what was expected.
func comparison(code, since PointCode, band probes.Band, measured probes.Range) Comparison {
	c := Comparison{Code: code, Since: since, Predicted: band, Measured: measured}
	if band.Never == "" {
		c.Off = outside(measured, probes.Range{Least: band.Earliest, Most: band.Latest})
		c.Chance = min(max(measured.Most-band.Earliest, 0), band.Latest-band.Earliest)
	}
	return c
}

// outside is how far what was measured lies outside of what was expected for sure, at the grain: above 0 if it came later.
func outside(measured, expected probes.Range) time.Duration {
	least, most := measured.Least.Round(grain), measured.Most.Round(grain)
	switch from, to := expected.Least.Round(grain), expected.Most.Round(grain); {
	case least > to:
		return least - to
	case most < from:
		return most - from
	}
	return 0
}

// Debrief compares what has come about with what was expected when the episode began, in order. What did not come about, or
// could not be expected, is left out; what has come about although it was not to carries the Reason in Predicted.Never.
func (e *Episode) Debrief() []Comparison {
	var out []Comparison
	for _, p := range e.Points {
		if !p.Expected.Known() || !p.Happened() {
			continue
		}
		since, _ := e.Point(p.Expected.Since)
		begun := since.Measured()
		if since.Code == PointFault || begun.IsZero() {
			begun = e.Begun
		}
		c := comparison(p.Code, p.Expected.Since, p.Expected.Band, p.Measured().Since(begun))
		c.Astray = astray(c, out)
		out = append(out, c)
	}
	return out
}

// astray are the terms in which a comparison that is off came to be off: those that follow on the last point that was not.
func astray(c Comparison, before []Comparison) []probes.TermCode {
	terms := c.Predicted.Terms
	if c.Off == 0 {
		return nil
	}
	for _, b := range slices.Backward(before) {
		n := len(b.Predicted.Terms)
		if b.Since != c.Since || n > len(terms) || !slices.Equal(b.Predicted.Terms, terms[:n]) {
			continue
		}
		if same := b.Off != 0 && (b.Off > 0) == (c.Off > 0); same || n == len(terms) {
			return b.Astray
		}
		terms = terms[n:]
		break
	}
	codes := make([]probes.TermCode, len(terms))
	for i, t := range terms {
		codes[i] = t.Code
	}
	return codes
}
