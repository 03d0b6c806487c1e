package fold

import (
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
