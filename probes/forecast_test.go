package probes_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/probes"
)

const second = time.Second

// The labs' probes, as the API server fills them in.
func livenessLab() probes.Spec {
	return probes.Spec{
		Kind: probes.Liveness, HTTP: &probes.HTTPAction{Path: "/health", Port: probes.Port{Number: 3000}},
		InitialDelay: 5 * second, Period: 5 * second,
	}
}

func readinessLab() probes.Spec {
	return probes.Spec{
		Kind: probes.Readiness, Exec: &probes.ExecAction{Command: []string{"cat", "/tmp/healthy"}},
		InitialDelay: 5 * second, Period: 3 * second,
	}
}

// asked is a probe by its mechanism, with a period of 10 s and a threshold of 3.
func asked(mechanism probes.Mechanism) probes.Spec {
	port := probes.Port{Number: 80}
	s := probes.Spec{Kind: probes.Liveness}
	switch mechanism {
	case probes.MechanismHTTP:
		s.HTTP = &probes.HTTPAction{Port: port}
	case probes.MechanismTCP:
		s.TCP = &probes.TCPAction{Port: port}
	case probes.MechanismGRPC:
		s.GRPC = &probes.GRPCAction{Port: 80}
	default:
		s.Exec = &probes.ExecAction{Command: []string{"check"}}
	}
	return s
}

// said is a band as a face may say it.
func said(b probes.Band) string {
	if b.Never != "" {
		return "never: " + string(b.Never)
	}
	s := fmt.Sprintf("%v to %v", b.Earliest, b.Latest)
	if b.Earliest == b.Latest {
		s = b.Earliest.String()
	}
	if b.May {
		s = "perhaps " + s
	}
	var terms []string
	for _, t := range b.Terms {
		term := t.Each.Most.String()
		if t.Each.Least != t.Each.Most {
			term = fmt.Sprintf("%v..%v", t.Each.Least, t.Each.Most)
		}
		if t.Times > 1 {
			term = fmt.Sprintf("%d × %s", t.Times, term)
		}
		terms = append(terms, term+" "+string(t.Code))
	}
	return s + " = " + strings.Join(terms, " + ")
}

func TestForecast(t *testing.T) {
	age := func(d time.Duration) *probes.Range { return &probes.Range{Least: d, Most: d} }
	hang, refuse := probes.Behaviour{Response: probes.Hang}, probes.Behaviour{Response: probes.Refuse}
	fail := probes.Behaviour{Response: probes.Fail}
	startup := probes.Spec{
		Kind: probes.Startup, TCP: &probes.TCPAction{Port: probes.Port{Number: 80}}, Period: 2 * second, FailureThreshold: 10,
	}
	brief := 5 * second
	tests := []struct {
		name      string
		situation probes.Situation
		want      map[string]string
	}{
		{
			"the liveness lab",
			probes.Situation{Spec: livenessLab(), Behaviour: hang, Grace: 30 * second},
			map[string]string{
				"first failure": "1s to 6s = 0s..5s tick + 1s timeout",
				"verdict":       "11s to 16s = 0s..5s tick + 1s timeout + 2 × 5s failures",
				"stop":          "11s to 16s = 0s..5s tick + 1s timeout + 2 × 5s failures",
				"restart":       "41s to 46s = 0s..5s tick + 1s timeout + 2 × 5s failures + 30s grace",
				"ready":         "41s to 46s = 0s..5s tick + 1s timeout + 2 × 5s failures + 30s grace",
				"started":       "never: applies",
			},
		},
		{
			"the readiness lab",
			probes.Situation{Spec: readinessLab(), Behaviour: fail, Triggered: true},
			map[string]string{
				"first failure": "0s to 3s = 0s..3s tick",
				"verdict":       "6s to 9s = 0s..3s tick + 2 × 3s failures",
				"return":        "0s to 3s = 0s..3s tick",
				"restart":       "never: kills", "stop": "never: kills", "ready": "never: repaired",
			},
		},
		{
			"the readiness lab, from the start",
			probes.Situation{
				Spec: readinessLab(), Behaviour: probes.Behaviour{Response: probes.Answer}, Age: age(0), Triggered: true,
				Notice: probes.Range{Most: second},
			},
			map[string]string{"ready": "5s to 8s = 5s delay + 0s..3s tick", "verdict": "never: late"},
		},
		{
			"the readiness lab, from the start, when the ticks are known",
			probes.Situation{
				Spec: readinessLab(), Behaviour: probes.Behaviour{Response: probes.Answer}, Age: age(0), Triggered: true,
				Tick: &probes.Range{Most: second},
			},
			map[string]string{"ready": "6s to 7s = 5s delay + 1s..2s tick"},
		},
		{
			"a fault before the first attempt",
			probes.Situation{Spec: livenessLab(), Behaviour: refuse, Age: age(2 * second)},
			map[string]string{
				"first failure": "3s to 8s = 3s delay + 0s..5s tick",
				"restart":       "15s to 20s = 3s delay + 0s..5s tick + 2 × 5s failures + 2s grace",
			},
		},
		{
			"a fault at an age that is not known",
			probes.Situation{Spec: livenessLab(), Behaviour: refuse, Age: &probes.Range{Most: probes.Longest}},
			map[string]string{"verdict": "10s to 20s = 0s..5s delay + 0s..5s tick + 2 × 5s failures"},
		},
		{
			"ticks that are known",
			probes.Situation{Spec: livenessLab(), Behaviour: hang, Tick: age(2 * second)},
			map[string]string{"verdict": "13s = 2s tick + 1s timeout + 2 × 5s failures"},
		},
		{
			"a timeout longer than the period",
			probes.Situation{
				Spec:      probes.Spec{Kind: probes.Liveness, HTTP: livenessLab().HTTP, Period: 2 * second, Timeout: 5 * second},
				Behaviour: hang,
			},
			map[string]string{"verdict": "15s to 17s = 0s..2s tick + 5s timeout + 2 × 5s failures"},
		},
		{
			"an answer that is too late",
			probes.Situation{Spec: livenessLab(), Behaviour: probes.Behaviour{Response: probes.Answer, After: 3 * second}},
			map[string]string{"first failure": "1s to 6s = 0s..5s tick + 1s timeout"},
		},
		{
			"an answer that is slow, but in time",
			probes.Situation{
				Spec: livenessLab(), Behaviour: probes.Behaviour{Response: probes.Answer, After: 900 * time.Millisecond},
			},
			map[string]string{"first failure": "never: late", "restart": "never: late", "ready": "never: late"},
		},
		{
			"a bad answer that is slow",
			probes.Situation{
				Spec: livenessLab(), Behaviour: probes.Behaviour{Response: probes.Fail, After: 500 * time.Millisecond},
			},
			map[string]string{"first failure": "500ms to 5.5s = 0s..5s tick + 500ms answer"},
		},
		{
			"a hang that only asking would show",
			probes.Situation{Spec: asked(probes.MechanismTCP), Behaviour: hang},
			map[string]string{"first failure": "never: seen", "verdict": "never: seen", "restart": "never: seen"},
		},
		{
			"a bad answer that only asking would show",
			probes.Situation{Spec: asked(probes.MechanismTCP), Behaviour: fail},
			map[string]string{"verdict": "never: seen"},
		},
		{
			"a closed port",
			probes.Situation{Spec: asked(probes.MechanismTCP), Behaviour: refuse},
			map[string]string{"verdict": "20s to 30s = 0s..10s tick + 2 × 10s failures"},
		},
		{
			"a closed port, by gRPC",
			probes.Situation{Spec: asked(probes.MechanismGRPC), Behaviour: refuse},
			map[string]string{"verdict": "21s to 31s = 0s..10s tick + 1s timeout + 2 × 10s failures"},
		},
		{
			"a fault that is over too soon",
			probes.Situation{Spec: livenessLab(), Behaviour: hang, Lasts: 9 * second},
			map[string]string{"first failure": "1s to 6s = 0s..5s tick + 1s timeout", "verdict": "never: enough"},
		},
		{
			"a fault that may be over too soon",
			probes.Situation{Spec: livenessLab(), Behaviour: hang, Lasts: 12 * second},
			map[string]string{"verdict": "perhaps 11s to 13s = 0s..2s tick + 1s timeout + 2 × 5s failures"},
		},
		{
			"SIGTERM heeded, after a hook",
			probes.Situation{
				Spec: livenessLab(), Behaviour: refuse, Grace: 30 * second, PreStop: probes.Exactly(4 * second),
				Shutdown: &probes.Range{Least: second, Most: 2 * second},
			},
			map[string]string{
				"stop":    "14s to 19s = 0s..5s tick + 2 × 5s failures + 4s preStop",
				"restart": "15s to 21s = 0s..5s tick + 2 × 5s failures + 4s preStop + 1s..2s shutdown",
			},
		},
		{
			"nothing known of SIGTERM, and a grace period of the probe's own",
			probes.Situation{
				Spec:      probes.Spec{Kind: probes.Liveness, TCP: startup.TCP, FailureThreshold: 1, GracePeriod: &brief},
				Behaviour: refuse, Grace: 30 * second, Shutdown: &probes.Range{Most: probes.Longest},
			},
			map[string]string{"restart": "0s to 15s = 0s..10s tick + 0s..5s shutdown"},
		},
		{
			"a hook that takes the whole grace period",
			probes.Situation{
				Spec: probes.Spec{Kind: probes.Liveness, TCP: startup.TCP, FailureThreshold: 1}, Behaviour: refuse,
				Grace: 10 * second, PreStop: probes.Exactly(time.Minute),
			},
			map[string]string{"restart": "12s to 22s = 0s..10s tick + 10s preStop + 2s grace"},
		},
		{
			"a hook of which nobody knows how long it takes",
			probes.Situation{
				Spec: livenessLab(), Behaviour: refuse, Grace: 30 * second, PreStop: probes.Range{Most: probes.Longest},
			},
			map[string]string{
				"stop":    "10s to 45s = 0s..5s tick + 2 × 5s failures + 0s..30s preStop",
				"restart": "40s to 47s = 0s..5s tick + 2 × 5s failures + 30s..32s grace",
			},
		},
		{
			"SIGTERM heeded, after a hook of which nobody knows how long it takes",
			probes.Situation{
				Spec: livenessLab(), Behaviour: refuse, Grace: 30 * second, PreStop: probes.Range{Most: probes.Longest},
				Shutdown: &probes.Range{Least: second, Most: 2 * second},
			},
			map[string]string{"restart": "11s to 47s = 0s..5s tick + 2 × 5s failures + 1s..32s grace"},
		},
		{
			"a pod that is not restarted",
			probes.Situation{Spec: livenessLab(), Behaviour: hang, NoRestart: true},
			map[string]string{"restart": "never: restarts", "ready": "never: restarts"},
		},
		{
			"startup, and readiness, after a restart",
			probes.Situation{
				Spec: livenessLab(), Others: []probes.Spec{readinessLab(), startup}, Behaviour: refuse,
				Grace: 30 * second, Boot: 3 * second,
			},
			map[string]string{
				"restart": "40s to 45s = 0s..5s tick + 2 × 5s failures + 30s grace",
				"ready": "45s to 53s = 0s..5s tick + 2 × 5s failures + 30s grace" +
					" + 3s..5s startup + 2s..3s tick",
			},
		},
		{
			"an app that starts in time",
			probes.Situation{Spec: startup, Behaviour: refuse, Lasts: 12 * second},
			map[string]string{
				"started": "12s to 14s = 12s fault + 0s..2s tick", "ready": "12s to 14s = 12s fault + 0s..2s tick",
				"verdict": "never: enough",
			},
		},
		{
			"an app that may start in time",
			probes.Situation{Spec: startup, Behaviour: refuse, Lasts: 19 * second},
			map[string]string{
				"started": "perhaps 19s to 20s = 19s fault + 0s..1s tick",
				"verdict": "perhaps 18s to 19s = 0s..1s tick + 9 × 2s failures",
			},
		},
		{
			"an app that starts too late",
			probes.Situation{Spec: startup, Behaviour: refuse, Lasts: 20 * second, Grace: 5 * second},
			map[string]string{
				"started": "never: starts", "ready": "never: starts",
				"verdict": "18s to 20s = 0s..2s tick + 9 × 2s failures",
				"restart": "23s to 25s = 0s..2s tick + 9 × 2s failures + 5s grace",
			},
		},
		{
			"an app that starts too late after each restart",
			probes.Situation{Spec: livenessLab(), Others: []probes.Spec{startup}, Behaviour: hang, Boot: time.Minute},
			map[string]string{"ready": "never: starts"},
		},
		{
			"a container that exits",
			probes.Situation{
				Spec: livenessLab(), Behaviour: probes.Behaviour{Response: probes.Exit}, Notice: probes.Range{Most: second},
			},
			map[string]string{"restart": "0s to 1s = 0s..1s notice", "verdict": "never: asked", "first failure": "never: asked"},
		},
		{
			"a container that exits for the third time",
			probes.Situation{
				Spec: readinessLab(), Behaviour: probes.Behaviour{Response: probes.Exit}, Notice: probes.Range{Most: second},
				Restarts: 2,
			},
			map[string]string{
				"verdict": "0s to 1s = 0s..1s notice",
				"restart": "20s to 30s = 20s backOff + 0s..10s jitter",
				"ready":   "25s to 38s = 20s backOff + 0s..10s jitter + 5s delay + 0s..3s tick",
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := map[string]string{}
			for what, b := range bands(test.situation.Forecast()) {
				if _, ok := test.want[what]; ok {
					got[what] = said(b)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBudget(t *testing.T) {
	f := probes.Situation{Spec: livenessLab(), Behaviour: probes.Behaviour{Response: probes.Hang}}.Forecast()
	if want := (probes.Range{Least: 10 * second, Most: 16 * second}); f.Budget != want {
		t.Errorf("budget = %v, want %v", f.Budget, want)
	}
}

// TestForecastOfMeasured holds the forecasts against what a kubelet was seen to take, in seconds. It was read off second hands.
func TestForecastOfMeasured(t *testing.T) {
	hang, fail := probes.Behaviour{Response: probes.Hang}, probes.Behaviour{Response: probes.Fail}
	lab := probes.Situation{Spec: livenessLab(), Behaviour: hang, Grace: 30 * second}.Forecast()
	rm := probes.Situation{Spec: readinessLab(), Behaviour: fail, Triggered: true}.Forecast()
	start := probes.Situation{
		Spec: readinessLab(), Behaviour: probes.Behaviour{Response: probes.Answer}, Age: &probes.Range{},
		Tick: &probes.Range{Most: second}, Triggered: true,
	}.Forecast()
	probe := livenessLab()
	brief := 5 * second
	probe.GracePeriod = &brief
	short := probes.Situation{Spec: probe, Behaviour: hang, Grace: 30 * second}.Forecast()
	tests := []struct {
		name     string
		band     probes.Band
		measured []float64
	}{
		{"liveness lab: from the fault to the restart", lab.Restart, []float64{44.4, 45.6}},
		{"readiness lab: first failure", rm.FirstFailure, []float64{1.7, 2.1}},
		{"readiness lab: not ready", rm.Verdict, []float64{7.7, 8.2}},
		{"readiness lab: ready again", rm.Return, []float64{0.5, 2.4}},
		{"readiness lab: ready after the start", start.Ready, []float64{6.9 - 0.8, 7.9 - 0.9}},
		{"from Killing to the restart", less(lab.Restart, lab.Verdict), []float64{30.06}},
		{"the same with a grace period of the probe's own", less(short.Restart, short.Verdict), []float64{5.06}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			const exact = 200 * time.Millisecond
			for _, m := range test.measured {
				at := time.Duration(m * float64(second))
				if at < test.band.Earliest-exact || at > test.band.Latest+exact {
					t.Errorf("%v is not in %s", at, said(test.band))
				}
			}
		})
	}
}

// less is the time from one thing to another that follows from it.
func less(b, from probes.Band) probes.Band {
	return probes.Band{Earliest: b.Earliest - from.Earliest, Latest: b.Latest - from.Latest}
}

// TestBackOff holds the pauses between an end and the next start against those that were measured in crash loops.
func TestBackOff(t *testing.T) {
	port := &probes.TCPAction{Port: probes.Port{Number: 80}}
	exit := probes.Situation{Spec: livenessLab(), Behaviour: probes.Behaviour{Response: probes.Exit}}
	killed := func(period time.Duration) probes.Situation {
		return probes.Situation{
			Spec:      probes.Spec{Kind: probes.Startup, TCP: port, Period: period},
			Behaviour: probes.Behaviour{Response: probes.Refuse}, Shutdown: &probes.Range{},
		}
	}
	tests := []struct {
		name      string
		situation probes.Situation
		pauses    []time.Duration // in seconds
		most      time.Duration   // what the pause is at most after many restarts
	}{
		{"exits", exit, []time.Duration{1, 13, 25, 54, 82}, 330},
		{"killed after some 6 s", killed(3 * second), []time.Duration{1, 1, 11, 26, 46, 82}, 330},
		{"killed after some 15 s", killed(7 * second), []time.Duration{1, 1, 1, 26, 1, 81}, 330},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := test.situation
			s.Notice, s.Creation = probes.Range{Most: second}, probes.Range{Most: second}
			for n, pause := range test.pauses {
				s.Restarts = n
				f := s.Forecast()
				b := f.Restart
				if s.Behaviour.Response != probes.Exit {
					b = less(b, f.Stop)
				}
				if at := pause * second; at < b.Earliest || at > b.Latest {
					t.Errorf("restart %d: %v is not in %v to %v", n+1, at, b.Earliest, b.Latest)
				}
				if n == 0 && b.Latest > 2*second {
					t.Errorf("the first restart may take %v", b.Latest)
				}
			}
			s.Restarts, s.Creation = math.MaxInt32, probes.Range{}
			f := s.Forecast()
			if got := f.Restart.Latest - f.Stop.Latest; got != test.most*second {
				t.Errorf("after many restarts: at most %v, want %v", got, test.most*second)
			}
			// One that has run for long enough is restarted at once.
			if s.Behaviour.Response != probes.Exit {
				s.Age = &probes.Range{Least: 5 * time.Minute, Most: time.Hour}
				if f := s.Forecast(); f.Restart.Latest != f.Stop.Latest {
					t.Errorf("after a long run: %v to %v", f.Stop.Latest, f.Restart.Latest)
				}
			}
		})
	}
}

// FuzzForecast makes situations of whatever the API takes, however senseless, and some that it does not take.
func FuzzForecast(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) { checkForecast(t, wildSituation(rand.New(rand.NewPCG(seed, 1)))) })
}

func TestForecastIsFinite(t *testing.T) {
	valid := 0
	for seed := range uint64(30000) {
		s := wildSituation(rand.New(rand.NewPCG(seed, 1)))
		if s.Spec.Defaulted().Validate() == nil {
			valid++
		}
		if checkForecast(t, s); t.Failed() {
			t.Fatalf("seed %d: %+v", seed, s)
		}
	}
	if valid < 10000 {
		t.Errorf("only %d valid specs", valid)
	}
}

func checkForecast(t *testing.T, s probes.Situation) {
	t.Helper()
	f := s.Forecast()
	for what, b := range bands(f) {
		if b.Never != "" {
			if b.Earliest != 0 || b.Latest != 0 || b.Terms != nil || b.May {
				t.Errorf("%s: never, and yet %+v", what, b)
			}
			continue
		}
		if b.Earliest < 0 || b.Earliest > b.Latest {
			t.Errorf("%s: from %v to %v", what, b.Earliest, b.Latest)
		}
		var least, most float64
		for _, term := range b.Terms {
			if term.Times < 1 || term.Each.Least < 0 || term.Each.Least > term.Each.Most || term.Each.Most == 0 {
				t.Errorf("%s: term %+v", what, term)
			}
			least += float64(term.Times) * float64(term.Each.Least)
			most += float64(term.Times) * float64(term.Each.Most)
		}
		const rounding = 1e5 // nanoseconds, in 292 years
		differs := func(sum float64, end time.Duration) bool {
			return math.Abs(min(sum, float64(probes.Longest))-float64(end)) > rounding
		}
		if differs(least, b.Earliest) || differs(most, b.Latest) {
			t.Errorf("%s: %v to %v, but its terms are %+v", what, b.Earliest, b.Latest, b.Terms)
		}
	}
	for _, pair := range [][2]probes.Band{{f.FirstFailure, f.Verdict}, {f.Verdict, f.Stop}, {f.Stop, f.Restart}} {
		if pair[0].Never == "" && pair[1].Never == "" && s.Behaviour.Response != probes.Exit &&
			(pair[1].Earliest < pair[0].Earliest || pair[1].Latest < pair[0].Latest) {
			t.Errorf("%+v comes before %+v", pair[1], pair[0])
		}
	}
	if f.Budget.Least < 0 || f.Budget.Least > f.Budget.Most {
		t.Errorf("budget %v", f.Budget)
	}
}

// wildSituation has all the numbers that a field takes, the least and the greatest ones above all.
func wildSituation(r *rand.Rand) probes.Situation {
	number := func(least int) int {
		n := []int{least, least + 1, 3, 10, 3600, math.MaxInt32 - 1, math.MaxInt32, r.IntN(math.MaxInt32), -1}
		return n[r.IntN(len(n)-1+r.IntN(100)/99)]
	}
	whole := func(least int) time.Duration { return time.Duration(number(least)) * second }
	any := func() time.Duration {
		d := []time.Duration{0, 1, second, time.Minute, probes.Longest, -1, math.MinInt64, time.Duration(r.Int64())}
		return d[r.IntN(len(d))]
	}
	anyRange := func() *probes.Range {
		return []*probes.Range{nil, {}, {Least: any(), Most: any()}, {Most: probes.Longest}}[r.IntN(4)]
	}
	spec := func(kind probes.Kind) probes.Spec {
		s := asked([]probes.Mechanism{
			probes.MechanismExec, probes.MechanismHTTP, probes.MechanismTCP, probes.MechanismGRPC,
		}[r.IntN(4)])
		s.Kind = kind
		s.InitialDelay, s.Period, s.Timeout = whole(0), whole(1), whole(1)
		s.FailureThreshold, s.SuccessThreshold = number(1), 1
		if kind == probes.Readiness {
			s.SuccessThreshold = number(1)
		} else if r.IntN(2) == 0 {
			grace := whole(1)
			s.GracePeriod = &grace
		}
		return s
	}
	kinds := []probes.Kind{probes.Startup, probes.Readiness, probes.Liveness}
	s := probes.Situation{
		Spec: spec(kinds[r.IntN(3)]),
		Behaviour: probes.Behaviour{
			Response: []probes.Response{probes.Answer, probes.Hang, probes.Refuse, probes.Fail, probes.Exit}[r.IntN(5)], After: any(),
		},
		Lasts: any(), Age: anyRange(), Tick: anyRange(), Healthy: any(), Grace: any(), PreStop: probes.Range{Least: any(), Most: any()}, Shutdown: anyRange(),
		NoRestart: r.IntN(8) == 0, Restarts: number(0), Creation: probes.Range{Least: any(), Most: any()}, Boot: any(),
		Notice: probes.Range{Least: any(), Most: any()}, Triggered: r.IntN(2) == 0,
	}
	for _, kind := range kinds {
		if kind != s.Spec.Kind && r.IntN(2) == 0 {
			s.Others = append(s.Others, spec(kind))
		}
	}
	return s
}
