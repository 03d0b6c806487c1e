package embedded_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"healthlab/probes"
)

// TestKubeletForecast holds forecasts against what the kubelet's own probe manager does in stories that are made at random.
func TestKubeletForecast(t *testing.T) {
	count := uint64(1000)
	if testing.Short() {
		count = 100
	}
	happened := map[string]int{}
	for seed := range count {
		r := rand.New(rand.NewPCG(seed, 2))
		s, fault, situation := randomFault(r)
		f := situation.Forecast()
		s.length = fault + situation.Lasts + f.Verdict.Latest + f.Started.Latest + f.Return.Latest + 2*time.Second
		seen := foreseen(kubeletLives(t, s), situation.Spec.Kind, 0, fault, situation.Lasts)
		if at, ok := seen["verdict"]; ok && situation.Spec.Kind != probes.Readiness {
			// The container is killed, and the story told anew to its end.
			end := fault + at + situation.Grace
			seen["restart"] = end - fault
			s.changes = append(s.changes, change{end, ends}, change{end, starts})
			s.length = fault + f.Ready.Latest + 2*time.Second
			if situation.Spec.Kind == probes.Liveness {
				again := foreseen(kubeletLives(t, s), situation.Spec.Kind, end, fault, 0)
				if at, ok := again["ready"]; ok {
					seen["ready"] = at
				}
			}
		}
		for what, b := range map[string]probes.Band{
			"first failure": f.FirstFailure, "verdict": f.Verdict, "restart": f.Restart, "started": f.Started,
			"ready": f.Ready, "return": f.Return,
		} {
			at, ok := seen[what]
			if ok {
				happened[string(situation.Spec.Kind)+" "+what]++
			}
			// A command that is interrupted takes some time to end, and a status to be written.
			const slack = 150 * time.Millisecond
			switch {
			case ok && b.Never != "":
				t.Errorf("seed %d: %s after %v, which is never to come: %s", seed, what, at, b.Never)
			case ok && (at < b.Earliest-slack || at > b.Latest+slack):
				t.Errorf("seed %d: %s after %v, not from %v to %v %v", seed, what, at, b.Earliest, b.Latest, b.Terms)
			case !ok && b.Never == "" && !b.May:
				t.Errorf("seed %d: no %s, which is to come from %v to %v %v", seed, what, b.Earliest, b.Latest, b.Terms)
			}
		}
		if t.Failed() {
			t.Fatalf("fault after %v: %+v\n%s", fault, situation, s)
		}
	}
	t.Logf("seeds 0 to %d: %v", count-1, happened)
	for _, what := range []string{
		"liveness verdict", "liveness ready", "readiness verdict", "readiness return", "startup verdict", "startup started",
	} {
		if happened[what] < int(count/50) {
			t.Errorf("%s: happened only %d times", what, happened[what])
		}
	}
}

// kubeletLives returns what the kubelet does in the story.
func kubeletLives(t *testing.T, s story) (lines map[probes.Kind][]string) {
	synctest.Test(t, func(*testing.T) {
		d := newDiary()
		n := newKubeletNode(s, d)
		<-time.After(time.Hour) // a kubelet that has just started spreads its first attempts
		d.began = time.Now()
		tell(s, n, d)
		lines = d.lines
	})
	return lines
}

// foreseen is when what a forecast is about has happened, not before from, counted from the fault.
func foreseen(
	lines map[probes.Kind][]string, kind probes.Kind, from, fault, lasts time.Duration,
) map[string]time.Duration {
	seen := map[string]time.Duration{}
	note := func(what string, at time.Duration) {
		if _, ok := seen[what]; !ok {
			seen[what] = at
		}
	}
	read := func(kind probes.Kind, line func(at time.Duration, what string)) {
		for _, l := range lines[kind] {
			when, what, _ := strings.Cut(l, " ")
			if at, err := time.ParseDuration(when); err == nil && at >= max(fault, from) {
				line(at-fault, what)
			}
		}
	}
	read(kind, func(at time.Duration, what string) {
		verdict := strings.HasPrefix(what, "verdict")
		switch {
		case strings.HasPrefix(what, "event Unhealthy"):
			note("first failure", at)
		case verdict && strings.HasSuffix(what, "failing"):
			note("verdict", at)
		case verdict && kind == probes.Startup:
			note("started", at)
			note("ready", at)
		case verdict && kind == probes.Readiness && at >= lasts:
			note("return", at-lasts)
		}
	})
	if kind == probes.Readiness {
		if at, ok := seen["return"]; ok {
			seen["ready"] = at + lasts
		}
		return seen
	}
	read("status", func(at time.Duration, what string) {
		if strings.HasSuffix(what, "ready true") && from > 0 {
			note("ready", at)
		}
	})
	return seen
}

// randomFault is a story in which the app goes wrong at a moment, and what is known of that.
func randomFault(r *rand.Rand) (story, time.Duration, probes.Situation) {
	upTo := func(n int) time.Duration { return time.Duration(r.IntN(n+1)) * time.Second }
	some := func(most time.Duration) time.Duration { return time.Duration(r.Int64N(int64(most))) }
	spec := func(kind probes.Kind) probes.Spec {
		return execSpec(kind, func(s *probes.Spec) {
			s.InitialDelay, s.Period, s.Timeout = upTo(6), time.Second+upTo(4), time.Second+upTo(5)
			s.SuccessThreshold, s.FailureThreshold = 1, 1+r.IntN(4)
			if kind == probes.Readiness {
				s.SuccessThreshold += r.IntN(3)
			}
		})
	}
	kinds := []probes.Kind{probes.Liveness, probes.Readiness, probes.Startup}
	situation := probes.Situation{Spec: spec(kinds[r.IntN(3)]), Grace: 2*time.Second + upTo(8), Triggered: true}
	if situation.Spec.Kind == probes.Liveness && r.IntN(2) == 0 {
		situation.Others = append(situation.Others, spec(probes.Readiness))
	}
	p := situation.Spec
	situation.Behaviour = []probes.Behaviour{
		{Response: probes.Hang},
		{Response: probes.Fail},
		{Response: probes.Fail, After: some(4 * time.Second)},
		{Response: probes.Answer, After: p.Timeout + some(time.Second)},
	}[r.IntN(4)]
	start := some(5 * time.Second)
	fault := start
	switch {
	case p.Kind == probes.Startup:
		situation.Lasts = time.Second + some(time.Duration(p.FailureThreshold)*p.Period+p.InitialDelay+4*time.Second)
	case p.Kind == probes.Liveness && r.IntN(2) == 0:
		age := some(p.InitialDelay + time.Second)
		fault += age
		situation.Age = &probes.Range{Least: age, Most: age}
	default:
		fault += p.InitialDelay + time.Duration(p.SuccessThreshold+2)*p.Period + some(p.Period)
	}
	if p.Kind == probes.Readiness {
		situation.Lasts = time.Duration(p.FailureThreshold+2)*max(p.Period, p.Timeout) + some(20*time.Second)
	}
	s := story{specs: append([]probes.Spec{p}, situation.Others...), changes: []change{{start, starts}}}
	over := probes.Longest
	if situation.Lasts > 0 {
		over = fault + situation.Lasts
	}
	s.turns = func(kind probes.Kind, at time.Duration) run {
		restarted := len(s.changes) > 1 && at >= s.changes[1].at
		switch {
		case kind != p.Kind || at < fault || at >= over || restarted:
			return run{}
		case situation.Behaviour.Response == probes.Fail && situation.Behaviour.After < p.Timeout:
			return run{takes: situation.Behaviour.After, code: 1}
		default:
			return run{takes: time.Hour}
		}
	}
	return s, fault, situation
}
