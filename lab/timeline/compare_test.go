package timeline

import (
	"slices"
	"testing"
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

func seconds(least, most float64) probes.Range {
	d := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	return probes.Range{Least: d(least), Most: d(most)}
}

func TestAComparisonSaysWhatItsNumbersSay(t *testing.T) {
	for _, tt := range []struct {
		name                string
		predicted, measured probes.Range
		never               probes.Reason
		off                 time.Duration
		fit                 Fit
		ko                  string
	}{
		{"inside", seconds(11, 16), seconds(13.2, 14.1), "", 0, Fits, "Killing까지 13.2~14.1초: 예측 11~16초 안입니다"},
		{"wider than the band", seconds(2.3, 2.5), seconds(1.9, 2.9), "", 0, Fits, "Killing까지 1.9~2.9초: 예측 2.3~2.5초 안입니다"},
		{"touching its beginning", seconds(2.3, 3.2), seconds(1.8, 2.3), "", 0, Fits, "Killing까지 1.8~2.3초: 예측 2.3~3.2초 안입니다"},
		{"touching its end", seconds(11, 16), seconds(16, 16.3), "", 0, Fits, "Killing까지 16~16.3초: 예측 11~16초 안입니다"},
		{"apart by less than is told", seconds(11, 16), seconds(16.04, 16.3), "", 0, Fits, "Killing까지 16~16.3초: 예측 11~16초 안입니다"},
		{"narrow, and inside at one end", seconds(2.6, 3), seconds(2.52, 2.62), "", 0, Fits, "Killing까지 2.5~2.6초: 예측 2.6~3초 안입니다"},
		{
			"late by what a machine takes", seconds(11, 16), seconds(16.1, 16.3), "", 100 * time.Millisecond, Late,
			"Killing까지 16.1~16.3초: 예측 11~16초보다 0.1초 늦었습니다(0.5초까지는 기계가 쓰는 시간)",
		},
		{"later", seconds(11, 16), seconds(16.6, 17), "", 600 * time.Millisecond, Misses, "Killing까지 16.6~17초: 예측 11~16초보다 0.6초 늦었습니다"},
		{"earlier by a little", seconds(2.3, 3.2), seconds(0.8, 2.1), "", -200 * time.Millisecond, Misses, "Killing까지 0.8~2.1초: 예측 2.3~3.2초보다 0.2초 일렀습니다"},
		{"nobody knows until when", seconds(11, 16), probes.Range{Least: 12 * second, Most: probes.Longest}, "", 0, Fits, "Killing까지 12초 이상: 예측 11~16초 안입니다"},
		{"nobody can say until when", probes.Range{Least: 11 * second, Most: probes.Longest}, seconds(70, 71), "", 0, Fits, "Killing까지 70~71초: 예측 11초 이상 안입니다"},
		{
			"never",
			probes.Range{},
			seconds(13, 14), probes.NeverSeen, 0, Misses,
			"Killing까지 13~14초: 예측에 없던 일입니다. TCP 프로브는 연결만 확인하고, 연결은 맺어집니다",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			band := probes.Band{Earliest: tt.predicted.Least, Latest: tt.predicted.Most, Never: tt.never}
			c := comparison(PointVerdict, PointFault, band, tt.measured)
			if c.Off != tt.off || c.Fit() != tt.fit || c.Inside() != (tt.fit == Fits) {
				t.Errorf("off %s, %s, inside %v; want %s, %s", c.Off, c.Fit(), c.Inside(), tt.off, tt.fit)
			}
			if got := c.Words(probes.Liveness).In(lab.Korean); got != tt.ko {
				t.Errorf("it says\n%s, want\n%s", got, tt.ko)
			}
		})
	}
}

func TestWhatMadeTheDifference(t *testing.T) {
	term := func(code probes.TermCode) probes.Term { return probes.Term{Code: code, Times: 1} }
	tick, failures, grace := term(probes.TermTick), term(probes.TermFailures), term(probes.TermGrace)
	point := func(off time.Duration, terms ...probes.Term) Comparison {
		return Comparison{Since: PointFault, Off: off, Predicted: probes.Band{Terms: terms}}
	}
	for _, tt := range []struct {
		name string
		offs [3]time.Duration // of the first failure, Killing, the restart
		want [3][]probes.TermCode
	}{
		{"nothing", [3]time.Duration{}, [3][]probes.TermCode{}},
		{"the first attempt", [3]time.Duration{second, second, second}, [3][]probes.TermCode{{tick.Code}, {tick.Code}, {tick.Code}}},
		{"the further failures", [3]time.Duration{0, second, second}, [3][]probes.TermCode{nil, {failures.Code}, {failures.Code}}},
		{"the grace period", [3]time.Duration{0, 0, -second}, [3][]probes.TermCode{nil, nil, {grace.Code}}},
		{"what was late is early", [3]time.Duration{second, second, -second}, [3][]probes.TermCode{{tick.Code}, {tick.Code}, {grace.Code}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all := []Comparison{point(tt.offs[0], tick), point(tt.offs[1], tick, failures), point(tt.offs[2], tick, failures, grace)}
			for i := range all {
				all[i].Astray = astray(all[i], all[:i])
				if !slices.Equal(all[i].Astray, tt.want[i]) {
					t.Errorf("point %d: %v, want %v", i, all[i].Astray, tt.want[i])
				}
			}
		})
	}
}

// An app that has much to do answers late, and writes the line late: the next attempt comes when the kubelet's ticks say, not a period
// after the line.
func TestTheNextAttemptIsNotToldByALateLine(t *testing.T) {
	for _, tt := range []struct {
		name        string
		lines       []float64
		least, most float64
	}{
		{"lines on time", []float64{0.63, 5.63, 10.64}, 5.53, 5.68},
		{"the last one late", []float64{0.63, 5.63, 11.65}, 5.53, 5.68},
		{"the first one late", []float64{1.6, 5.63, 10.63}, 5.53, 5.68},
		{"two, one of them late", []float64{0.637, 6.654}, 5.537, 5.687},
		{"a single one, which may be late", []float64{0.63}, 4.53, 5.68},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pr := &probe{spec: probes.Spec{Kind: probes.Liveness, Period: 5 * second, Timeout: second}}
			for _, at := range tt.lines {
				pr.logged = append(pr.logged, exactly(instant(at)))
			}
			last := tt.lines[len(tt.lines)-1]
			got, ok := pr.asked()
			turns := time.Duration(last/5) * 5 * second
			base := instant(0).Add(turns - 5*second)
			early, _ := got.Earliest()
			want := seconds(tt.least, tt.most)
			if !ok || early.Sub(base) != want.Least || got.At.Sub(base) != want.Most {
				t.Errorf("asked from %s to %s, want %v", early.Sub(base), got.At.Sub(base), want)
			}
		})
	}
}
