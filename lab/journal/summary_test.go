package journal

import (
	"bytes"
	"compress/gzip"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"healthlab/lab"
)

func TestSummarize(t *testing.T) {
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	entered := func(id string) Body { return Told{lab.Fact{Kind: lab.FactStepEntered, Lab: id}} }
	var all []Entry
	for i, body := range []Body{
		Begun{},
		entered("intro"), entered("liveness"), entered("intro"),
		Logged{lab.LogLine{Text: `"fact":{"Kind":"StepEntered","Lab":"no"}`}},
		PodChosen{},
	} {
		all = append(all, Entry{Seq: uint64(i + 1), At: start.Add(time.Duration(i) * time.Minute), Body: body})
	}
	whole := encode(t, all)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := z.Write(whole)
	if err := errors.Join(err, z.Flush()); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		file []byte
		last time.Duration
		cut  bool
	}{
		{"as it stands", whole, 5 * time.Minute, false},
		{"of a run that goes on", packed.Bytes(), 5 * time.Minute, true},
		{"cut in its last line", whole[:len(whole)-5], 4 * time.Minute, false},
		{"with a line that is too long", slices.Concat(whole, bytes.Repeat([]byte("x"), 2*maxLine), []byte("\n")), 5 * time.Minute, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Summarize(bytes.NewReader(tt.file))
			if err != nil || !s.From.Equal(start) || !s.To.Equal(start.Add(tt.last)) || s.Cut != tt.cut || strings.Join(s.Labs, " ") != "intro liveness" {
				t.Errorf("%+v, %v", s, err)
			}
		})
	}
	if s, err := Summarize(bytes.NewReader(encode(t, nil))); err != nil || !s.From.IsZero() || !s.To.IsZero() {
		t.Errorf("of nothing: %+v, %v", s, err)
	}
	if _, err := Summarize(strings.NewReader("no journal")); err == nil {
		t.Error("no error")
	}
}
