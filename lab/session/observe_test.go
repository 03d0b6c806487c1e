package session

import (
	"slices"
	"testing"
	"time"

	"healthlab/lab"
)

func TestNowStarted(t *testing.T) {
	pod := func(started ...bool) *lab.Pod {
		p := &lab.Pod{}
		for i, s := range started {
			p.Containers = append(p.Containers, lab.Container{Name: string(rune('a' + i)), Started: s})
		}
		return p
	}
	for _, tt := range []struct {
		name   string
		before *lab.Pod
		now    *lab.Pod
		want   []string
	}{
		{"a pod seen for the first time has no workers yet", nil, pod(true), nil},
		{"no change", pod(true, false), pod(true, false), nil},
		{"one of two", pod(false, false), pod(false, true), []string{"b"}},
		{"stopped", pod(true), pod(false), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := nowStarted(tt.before, *tt.now); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestEngineStateKnowsWholeSecondsOnly(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	for _, c := range []struct {
		name         string
		acknowledged time.Time
		started      time.Time
		want         time.Time
	}{
		{"in the same second as the pod", at(7), at(7), at(7).Add(900 * time.Millisecond)},
		{"in the next second", at(7), at(8), at(8)},
		{"restarted", at(7), at(70), at(70)},
		{"of a pod that no kubelet has taken on", time.Time{}, at(7), at(7)},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := engineState(lab.Pod{Acknowledged: c.acknowledged}, lab.Container{StartedAt: c.started}).StartedAt
			if !got.Equal(c.want) {
				t.Errorf("started at %v, want %v", got.Sub(at(0)), c.want.Sub(at(0)))
			}
		})
	}
}
