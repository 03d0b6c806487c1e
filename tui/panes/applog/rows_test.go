package applog

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/tui/panes/panetest"
	"healthlab/tui/theme"
)

func TestRows(t *testing.T) {
	at := panetest.Now()
	got := logRows([]lab.LogLine{
		{At: at, Text: "\x1b[31m한글\x1b[0m\tx"}, {Text: `"GET /health" 200 "kube-probe/1.37"`},
	})
	want := []row{
		{at: at, clock: "14:05:30", text: "한글 x"},
		{clock: "--:--:--", text: `"GET /health" 200 "kube-probe/1.37"`, probe: true},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
		t.Error(diff)
	}
}

func TestItFollowsUntilScrolledUpAndAnotherPodIsFollowed(t *testing.T) {
	p := New()
	p.SetStyle(theme.New(theme.Dark, theme.Options{}), lab.English)
	p.SetSize(60, 2)
	s := &lab.Snapshot{ChosenPod: "a"}
	write := func(text string) {
		next := *s
		next.Log = append(append([]lab.LogLine{}, s.Log...), lab.LogLine{At: panetest.Now(), Text: text})
		s = &next
		p.SetSnapshot(s)
	}
	last := func(want string) {
		t.Helper()
		view := strings.TrimRight(ansi.Strip(p.View(panetest.Now().Add(time.Minute))), " ")
		if !strings.HasSuffix(view, want) {
			t.Errorf("ends not with %q: %q", want, view)
		}
	}
	for _, text := range []string{"one", "two", "three"} {
		write(text)
	}
	last("three")
	write("four")
	last("four")
	p.HandleKey(panetest.Key("k"))
	write("five")
	last("three")
	p.HandleKey(panetest.Key("G"))
	last("five")
	p.HandleKey(panetest.Key("k"))
	other := *s
	other.ChosenPod = "b"
	s = &other
	write("six")
	last("six")
}
