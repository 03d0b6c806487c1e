package probes_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/probes"
)

// FuzzVerdicts compares the verdicts after each attempt with a model of the kubelet's counting that is written in
// another way: it looks back over all outcomes instead of counting as they come.
//
// Each byte of script is one tick: its low bits say how the attempt turns out, its highest bit that there is a new
// container before it.
func FuzzVerdicts(f *testing.F) {
	f.Add(uint8(0), uint8(1), uint8(3), []byte{1, 1, 1, 1, 0x80, 1, 1, 0, 1, 1, 1})
	f.Add(uint8(1), uint8(2), uint8(2), []byte{0, 0, 1, 2, 1, 0, 2, 0, 0x81, 1, 0})
	f.Add(uint8(2), uint8(1), uint8(2), []byte{1, 0, 1, 0x81, 1, 1, 0x80, 0, 0})
	f.Fuzz(func(t *testing.T, kindIndex, success, failure uint8, script []byte) {
		if len(script) > 100 {
			return // longer scripts show nothing new
		}
		kind := []probes.Kind{probes.Liveness, probes.Readiness, probes.Startup}[kindIndex%3]
		spec := probes.Spec{
			Kind: kind, Exec: &probes.ExecAction{Command: []string{"x"}}, Period: time.Second,
			SuccessThreshold: 1 + int(success%4), FailureThreshold: 1 + int(failure%4),
		}.Defaulted()
		if kind != probes.Readiness {
			spec.SuccessThreshold = 1
		}
		if diff := cmp.Diff(modelled(spec, script), observed(t, spec, script)); diff != "" {
			t.Errorf("attempts (-model +engine):\n%s", diff)
		}
	})
}

// turn is how an attempt turns out.
func turn(b byte) probes.Outcome {
	return []probes.Outcome{probes.Success, probes.Failure, probes.Unknown}[b&0x7f%3]
}

func line(tick, container int, outcome probes.Outcome, verdict probes.Verdict) string {
	return fmt.Sprintf("tick %d container %d: %s %s", tick, container, outcome, verdict)
}

func modelled(spec probes.Spec, script []byte) []string {
	var lines []string
	var counted []probes.Outcome // since the last hold
	container, verdict, hold := 0, spec.Kind.Initial(), false
	for tick, b := range script {
		if b&0x80 != 0 {
			container, verdict, hold = container+1, spec.Kind.Initial(), false
		}
		if hold {
			continue
		}
		outcome := turn(b)
		if outcome != probes.Unknown {
			counted = append(counted, outcome)
			switch {
			case endsIn(counted, probes.Success, spec.SuccessThreshold):
				verdict = probes.Passing
				hold = spec.Kind == probes.Startup
			case endsIn(counted, probes.Failure, spec.FailureThreshold):
				verdict = probes.Failing
				hold = spec.Kind != probes.Readiness
			}
			if hold {
				counted = nil
			}
		}
		lines = append(lines, line(tick, container, outcome, verdict))
	}
	return lines
}

func endsIn(outcomes []probes.Outcome, o probes.Outcome, n int) bool {
	if len(outcomes) < n {
		return false
	}
	for _, other := range outcomes[len(outcomes)-n:] {
		if other != o {
			return false
		}
	}
	return true
}

func observed(t *testing.T, spec probes.Spec, script []byte) (lines []string) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		tick := func() int { return int(time.Since(began) / time.Second) }
		container := func() (n int) {
			for _, b := range script[:min(tick()+1, len(script))] {
				n += int(b >> 7)
			}
			return n
		}
		engine := probes.New(probes.Config{Report: func(a probes.Attempt) {
			lines = append(lines, line(tick(), container(), a.Outcome, a.Verdict))
		}})
		calls := map[int]int{}
		target := probes.Target{Exec: scriptedBy(func() byte {
			calls[tick()]++
			return script[tick()]
		})}
		state := func() probes.State {
			return probes.State{
				ID: fmt.Sprint("c", container()), Running: true, Started: spec.Kind != probes.Startup,
				Terminal: tick() >= len(script),
			}
		}
		if err := engine.Add(key(spec.Kind), spec, target, state); err != nil {
			t.Fatal(err)
		}
		pass(time.Duration(len(script)) * time.Second)
		engine.Close()
		for at, n := range calls {
			if want := map[bool]int{true: 3, false: 1}[turn(script[at]) == probes.Unknown]; n != want {
				t.Errorf("%d tries at tick %d, want %d", n, at, want)
			}
		}
	})
	return lines
}
