package session

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
)

func TestRecentEventsAreInTheOrderInWhichTheyHappened(t *testing.T) {
	at := time.Unix(100, 0)
	events := map[string]lab.Event{}
	for uid, e := range map[string]lab.Event{
		"d": {Reason: "Scheduled", Last: at, Seq: 7},
		"c": {Reason: "Pulling", Last: at, Seq: 9},
		"b": {Reason: "Created", Last: at, Seq: 11},
		"a": {Reason: "Killing", Last: at.Add(time.Second), Seq: 10}, // written late, but it says when
	} {
		e.UID = uid
		events[uid] = e
	}
	var got []string
	for _, e := range recentEvents(events) {
		got = append(got, e.Reason)
	}
	if diff := cmp.Diff([]string{"Scheduled", "Pulling", "Created", "Killing"}, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

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
