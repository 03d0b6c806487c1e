package rows_test

import (
	"testing"
	"time"

	"healthlab/lab/timeline"
	"healthlab/probes"
	"healthlab/tui/rows"
	"healthlab/tui/tuitest"
)

const s = time.Second

func TestBetween(t *testing.T) {
	for _, c := range []struct {
		name   string
		r      probes.Range
		ko, en string
	}{
		{"a band", probes.Range{Least: 11 * s, Most: 16 * s}, "11~16초", "11-16 s"},
		{"known exactly", probes.Exactly(44 * s), "44초", "44 s"},
		{"nearly", probes.Range{Least: 13800 * time.Millisecond, Most: 14100 * time.Millisecond}, "14초", "14 s"},
		{"short, with decimals", probes.Range{Least: 900 * time.Millisecond, Most: 1750 * time.Millisecond}, "0.9~1.8초", "0.9-1.8 s"},
		{"without an end", probes.Range{Least: 5 * s, Most: probes.Longest}, "5초 이상", "5 s or more"},
		{"nothing", probes.Range{}, "0초", "0 s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := rows.Between(c.r); got.Ko != c.ko || got.En != c.en {
				t.Errorf("%q and %q, want %q and %q", got.Ko, got.En, c.ko, c.en)
			}
		})
	}
}

func TestCountdown(t *testing.T) {
	now := tuitest.Begun()
	due := func(from, to float64) timeline.Point {
		p := timeline.Point{Code: timeline.PointVerdict, Due: timeline.Expected{From: tuitest.At(from), Since: timeline.PointFault}}
		if to != 0 {
			p.Due.To = tuitest.At(to)
		}
		return p
	}
	for _, c := range []struct {
		name   string
		point  timeline.Point
		ko, en string
	}{
		{"to come", due(3.9, 8.1), "Killing: 3~9초 뒤", "Killing: in 3-9 s"},
		{"at any moment", due(-2, 3.2), "Killing: 이제 4초 안에", "Killing: within 4 s"},
		{"late", due(-9, -4.5), "Killing: 예측보다 4초 늦음", "Killing: 4 s later than predicted"},
		{"without an end", due(5, 0), "Killing: 5초 뒤부터", "Killing: from 5 s on"},
		{"without an end, begun", due(-5, 0), "Killing: 이제 언제든지", "Killing: any moment now"},
		{"not expected", timeline.Point{}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := rows.Countdown(probes.Liveness, c.point, now); got.Ko != c.ko || got.En != c.en {
				t.Errorf("%q and %q, want %q and %q", got.Ko, got.En, c.ko, c.en)
			}
		})
	}
}

func TestPredicted(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   probes.Kind
		code   timeline.PointCode
		band   probes.Band
		ko, en string
	}{
		{"Killing", probes.Liveness, timeline.PointVerdict, probes.Band{Earliest: 11 * s, Latest: 16 * s}, "Killing 11~16초", "Killing 11-16 s"},
		{"not ready", probes.Readiness, timeline.PointVerdict, probes.Band{Earliest: 6 * s, Latest: 9 * s}, "Ready 아님 6~9초", "not Ready 6-9 s"},
		{"perhaps", probes.Liveness, timeline.PointRestart, probes.Band{Earliest: 41 * s, Latest: 46 * s, May: true}, "RESTARTS +1 41~46초 (아닐 수도)", "RESTARTS +1 41-46 s, if at all"},
		{"never", probes.Liveness, timeline.PointVerdict, probes.Band{Never: probes.NeverEnough}, "Killing 없음: failureThreshold를 채우기 전에 장애가 끝납니다", "no Killing: the fault is over before failureThreshold is reached"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := rows.Predicted(c.kind, c.code, c.band); got.Ko != c.ko || got.En != c.en {
				t.Errorf("%q and %q, want %q and %q", got.Ko, got.En, c.ko, c.en)
			}
		})
	}
}

// What is still to come of an episode gets less, until all has come.
func TestAwaited(t *testing.T) {
	for _, c := range []struct {
		name  string
		story *tuitest.Story
		at    float64
		want  []timeline.PointCode
	}{
		{"after the fault", tuitest.Liveness(), 28, []timeline.PointCode{timeline.PointVerdict, timeline.PointRestart}},
		{"after Killing", tuitest.Liveness(), 43, []timeline.PointCode{timeline.PointRestart}},
		{"after the restart", tuitest.Liveness(), 75, nil},
		{"a pod that has left waits for its repair", tuitest.Readiness(), 33, nil},
		{"after the repair", tuitest.Readiness(), 40.5, []timeline.PointCode{timeline.PointReady}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []timeline.PointCode
			for _, p := range rows.Awaited(c.story.View(c.at).Episodes[0]) {
				got = append(got, p.Code)
			}
			if len(got) != len(c.want) {
				t.Fatalf("%v, want %v", got, c.want)
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("%v, want %v", got, c.want)
				}
			}
		})
	}
}

func TestOutcome(t *testing.T) {
	got := rows.Outcome(tuitest.Liveness().View(75).Episodes[0])
	if want := "Killing 14 s (predicted 11-16 s), RESTARTS +1 44 s (predicted 41-46 s)"; got.En != want {
		t.Errorf("%q, want %q", got.En, want)
	}
	if want := "Killing 14초 (예측 11~16초), RESTARTS +1 44초 (예측 41~46초)"; got.Ko != want {
		t.Errorf("%q, want %q", got.Ko, want)
	}
}
