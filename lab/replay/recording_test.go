package replay

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/journal"
)

// epoch is when the recordings of these tests begin.
var epoch = time.Date(2026, 3, 1, 9, 0, 0, 0, time.Local)

// happened is something that happens at a moment of a recording.
type happened struct {
	at   time.Duration
	body journal.Body
}

func told(kind lab.FactKind) journal.Body {
	return journal.Told{Fact: lab.Fact{Kind: kind, Pod: "web"}}
}

func available(n int) journal.Body {
	return journal.Changed{Change: lab.DeploymentChanged{Deployment: lab.Deployment{Name: "web", Available: n}}}
}

// file is a journal.
func file(t testing.TB, all ...happened) []byte {
	t.Helper()
	var out bytes.Buffer
	enc, err := journal.NewEncoder(&out)
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range all {
		if err := enc.Encode(journal.Entry{Seq: uint64(i + 1), At: epoch.Add(h.at), Body: h.body}); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

func packed(t testing.TB, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, err := z.Write(content)
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// aRun is a run of a minute: something is told at 10 s, twice at 20 s, and at 40 s.
func aRun() []happened {
	return []happened{
		{0, journal.Begun{Dir: "/labs", Labs: []string{"intro", "liveness"}, Cluster: lab.Cluster{Name: "c"}}},
		{10 * time.Second, available(1)},
		{10 * time.Second, told(lab.FactPodAdded)},
		{20 * time.Second, told(lab.FactPodRunning)},
		{20*time.Second + 50*time.Millisecond, told(lab.FactPodReady)},
		{30 * time.Second, available(2)},
		{40 * time.Second, told(lab.FactPodNotReady)},
		{time.Minute, available(3)},
	}
}

func recording(t testing.TB, all ...happened) *Recording {
	t.Helper()
	r, err := Read(context.Background(), bytes.NewReader(file(t, all...)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func english(texts []lab.Text) string {
	var out []string
	for _, t := range texts {
		out = append(out, t.En)
		if t.Ko == "" {
			out = append(out, "NO KOREAN")
		}
	}
	return strings.Join(out, "\n")
}

func TestRead(t *testing.T) {
	whole := file(t, aRun()...)
	lines := strings.SplitAfter(string(whole), "\n")
	for _, tt := range []struct {
		name    string
		file    []byte
		entries int
		missing string
		problem string
	}{
		{name: "as it stands", file: whole, entries: 8},
		{name: "compressed", file: packed(t, whole), entries: 8},
		{name: "compressed in two pieces", file: append(packed(t, []byte(strings.Join(lines[:4], ""))), packed(t, []byte(strings.Join(lines[4:], "")))...), entries: 8},
		{name: "a line that is none", file: []byte(strings.Join(lines[:3], "") + "\x1b[31mgarbage\n" + strings.Join(lines[3:], "")), entries: 8, missing: "left out: 1"},
		{name: "the last line is cut", file: whole[:len(whole)-20], entries: 7, missing: "the end of the journal is missing"},
		{name: "the end is damaged", file: append(packed(t, whole)[:len(packed(t, whole))-4], 1, 2, 3, 4), entries: 8, missing: "the end of the journal is missing"},
		{name: "more after the end", file: append(packed(t, whole), "trailing garbage"...), entries: 8, missing: "the end of the journal is missing"},
		{name: "something was left out", file: file(t, append(aRun(), happened{time.Minute, journal.Omitted{Entries: 3, Why: lab.T("느림", "too slow")}})...), entries: 9, missing: "01:00: entries are missing: too slow"},
		{name: "much garbage", file: append(bytes.Clone(whole), bytes.Repeat([]byte("x\n"), 20_000)...), entries: 8, missing: "too damaged: it was read up to 01:00"},
		{name: "only garbage after the head", file: append([]byte(lines[0]), bytes.Repeat([]byte("x\n"), 20_000)...), problem: "no entry that can be read"},
		{name: "nothing has happened", file: []byte(lines[0]), problem: "no entry that can be read"},
		{name: "nothing at all", problem: "the journal is empty"},
		{name: "no journal", file: []byte("PK\x03\x04"), problem: "not a healthlab journal"},
		{name: "something else compressed", file: packed(t, []byte("hello")), problem: "not a healthlab journal"},
		{name: "the first bytes of gzip only", file: []byte{0x1f, 0x8b, 8}, problem: "the journal is empty"},
		{name: "another version", file: packed(t, []byte(`{"format":"healthlab-journal","version":2}`+"\n")), problem: "has version 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Read(t.Context(), bytes.NewReader(tt.file))
			if tt.problem != "" {
				var said *lab.Error
				if !errors.As(err, &said) || !strings.Contains(said.Msg.En, tt.problem) || said.Msg.Ko == "" {
					t.Errorf("error %v, want one that says %q", err, tt.problem)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			missing := english(r.Missing)
			if len(r.entries) != tt.entries || !strings.Contains(missing, tt.missing) || (tt.missing == "") != (missing == "") {
				t.Errorf("%d entries, missing %q; want %d, %q", len(r.entries), missing, tt.entries, tt.missing)
			}
			if diff := cmp.Diff([]string{"intro", "liveness"}, r.Labs); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Wherever a compressed journal is cut, all that was flushed before is there, and it is said that the end is missing.
func TestReadWhereverItIsCut(t *testing.T) {
	whole := packed(t, file(t, aRun()...))
	read := 0
	for cut := range whole {
		r, err := Read(t.Context(), bytes.NewReader(whole[:cut]))
		var said *lab.Error
		switch {
		case err == nil && !strings.Contains(english(r.Missing), "the end of the journal is missing"):
			t.Fatalf("cut at %d: missing %q", cut, english(r.Missing))
		case err != nil && !errors.As(err, &said):
			t.Fatalf("cut at %d: %v", cut, err)
		case err == nil:
			read++
		}
	}
	if read == 0 {
		t.Error("nothing could be read of any")
	}
}

// endless is a journal in which something happens over and over.
type endless struct {
	entry []byte
	n     uint64
	rest  []byte
	read  int
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		e.n++
		e.rest = fmt.Appendf(nil, `{"seq":%d,"at":"2026-03-01T09:00:00Z",%s}`+"\n", e.n, e.entry)
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	e.read += n
	return n, nil
}

func TestWhatIsHeldIsBounded(t *testing.T) {
	head, _, _ := bytes.Cut(file(t), []byte("\n"))
	in := &endless{entry: []byte(`"printed":{"Task":1,"Text":"` + strings.Repeat("x", 900_000) + `"}`), rest: append(head, '\n')}
	const most = 4 << 20
	r, err := read(t.Context(), in, most)
	if err != nil {
		t.Fatal(err)
	}
	if missing := english(r.Missing); !strings.Contains(missing, "too large: only its first 00:00 were read") {
		t.Errorf("missing %q", missing)
	}
	if in.read > most+(2<<20) {
		t.Errorf("%d bytes were read", in.read)
	}
}

func TestReadEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Read(ctx, bytes.NewReader(file(t, aRun()...))); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestErrorsOfTheFileAreTold(t *testing.T) {
	broken := errors.New("disk")
	in := io.MultiReader(bytes.NewReader(file(t, aRun()...)), readerFunc(func([]byte) (int, error) { return 0, broken }))
	if _, err := Read(t.Context(), in); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestPositionsCountTheTimeThatHasPassed(t *testing.T) {
	for _, tt := range []struct {
		name string
		at   []time.Duration
		want []time.Duration
	}{
		{"as it was", []time.Duration{0, 1, 5}, []time.Duration{0, 1, 5}},
		{"the clock was set back", []time.Duration{0, 5, -3600, -3590}, []time.Duration{0, 5, 5, 15}},
		{"the machine slept", []time.Duration{0, 5, 8 * 3600, 8*3600 + 1}, []time.Duration{0, 5, 605, 606}},
		{"the year was wrong", []time.Duration{0, -1e9, 1}, []time.Duration{0, 0, 600}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var all []happened
			for _, at := range tt.at {
				all = append(all, happened{at * time.Second, available(1)})
			}
			r := recording(t, all...)
			for i, want := range tt.want {
				if got := r.offsets[i]; got != want*time.Second {
					t.Errorf("entry %d is at %v, want %v", i, got, want*time.Second)
				}
				if i+1 < len(tt.want) && tt.want[i+1] == want {
					continue // its moment is another one's, too
				}
				if got := r.timeAt(want * time.Second); !got.Equal(epoch.Add(tt.at[i] * time.Second)) {
					t.Errorf("at %v the clock shows %v, want %v", want*time.Second, got.Sub(epoch), tt.at[i]*time.Second)
				}
			}
		})
	}
}

func TestFind(t *testing.T) {
	r := recording(t, happened{0, available(1)}, happened{90 * time.Second, available(2)}, happened{2*time.Hour + 5*time.Second, available(3)})
	// The two hours without anything are ten minutes of the recording.
	for typed, want := range map[string]time.Duration{
		"0:00": 0, "00:30": 30 * time.Second, "1:30": 90 * time.Second, "0:01:30": 90 * time.Second, " 09:00:30 ": 30 * time.Second,
		"9:01:30": 90 * time.Second, "10:00:00": 690 * time.Second, "11:00:05": 690 * time.Second,
	} {
		if got, err := r.Find(typed); err != nil || got != want {
			t.Errorf("%q is %v (%v), want %v", typed, got, err, want)
		}
	}
	for typed, want := range map[string]string{
		"": "is no time", "12": "is no time", "1:2:3:4": "is no time", "a:b": "is no time", "-1:00": "is no time", "1:75": "is no time",
		"99999999999999999999:00": "is no time", "11:31": "ends at 11:30 (09:00:00 to 11:00:05)", "23:59:59": "ends at 11:30",
		"24:00:00": "ends at 11:30",
	} {
		_, err := r.Find(typed)
		var said *lab.Error
		if !errors.As(err, &said) || !strings.Contains(said.Msg.En, want) || said.Msg.Ko == "" {
			t.Errorf("%q: error %v, want one that says %q", typed, err, want)
		}
	}
}

func TestFindAcrossMidnight(t *testing.T) {
	var all []happened
	for minute := range 12 * 60 { // from 9 o'clock to 21 o'clock, and on
		all = append(all, happened{time.Duration(minute) * 2 * time.Minute, available(minute)})
	}
	r := recording(t, all...)
	if got, err := r.Find("00:30:00"); err != nil || got != 15*time.Hour+30*time.Minute {
		t.Errorf("%v, %v", got, err)
	}
}

func TestClock(t *testing.T) {
	for position, want := range map[time.Duration]string{
		0: "00:00", 61*time.Second + 999*time.Millisecond: "01:01", time.Hour - 1: "59:59", time.Hour: "1:00:00", 30*time.Hour + 5*time.Second: "30:00:05",
	} {
		if got := Clock(position); got != want {
			t.Errorf("%v is %s, want %s", position, got, want)
		}
	}
}

// FuzzRead reads anything: it must end without a panic, and what it makes of it can be played.
func FuzzRead(f *testing.F) {
	whole := file(f, aRun()...)
	f.Add(whole)
	f.Add(packed(f, whole))
	f.Add(packed(f, whole)[:100])
	f.Fuzz(func(t *testing.T, content []byte) {
		r, err := Read(t.Context(), bytes.NewReader(content))
		if err != nil {
			return
		}
		p := New(r, noManifest)
		p.End()
		p.Previous()
		p.Next()
		if s := p.Status(); s.Position < 0 || s.Position > s.Length {
			t.Errorf("position %v of %v", s.Position, s.Length)
		}
	})
}

func TestGoalsOfAFileSteerNoTerminal(t *testing.T) {
	wild, want := lab.T("하나\n\x1b[31m둘\r\u202e", "one\x1b]0;x\atwo\u2066"), lab.T("하나[31m둘", "one]0;xtwo")
	position := func() lab.Position {
		return lab.Position{Goals: []lab.GoalState{{Goal: lab.Goal{ID: "g", Title: wild}, Why: wild}}}
	}
	r, err := Read(t.Context(), bytes.NewReader(file(t,
		happened{0, journal.Begun{Position: position()}}, happened{time.Second, journal.Moved{Position: position()}},
	)))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range r.entries {
		var goals []lab.GoalState
		switch b := e.Body.(type) {
		case journal.Begun:
			goals = b.Position.Goals
		case journal.Moved:
			goals = b.Position.Goals
		}
		if len(goals) != 1 || goals[0].Goal.Title != want || goals[0].Why != want {
			t.Errorf("%T: %+v", e.Body, goals)
		}
	}
}

func TestLabsThatAreNotAsTheyWere(t *testing.T) {
	intro, liveness := lab.Lab{ID: "intro", Title: lab.Same("Intro")}, lab.Lab{ID: "liveness", Title: lab.Same("Liveness")}
	later := liveness
	later.Steps = []lab.Step{{ID: "new"}}
	for _, tt := range []struct {
		name    string
		digests []string
		labs    []lab.Lab
		want    []string
	}{
		{"the same", []string{intro.Digest(), liveness.Digest()}, []lab.Lab{liveness, intro}, nil},
		{"one has changed", []string{intro.Digest(), liveness.Digest()}, []lab.Lab{intro, later}, []string{"are shown as they are now: Liveness"}},
		{"one is gone", []string{intro.Digest(), liveness.Digest()}, []lab.Lab{intro}, []string{"only the name is shown: liveness"}},
		{"not told", nil, []lab.Lab{intro, later}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := recording(t, happened{0, journal.Begun{Labs: []string{"intro", "liveness"}, Digests: tt.digests}})
			r.Compare(tt.labs)
			if len(r.Missing) != len(tt.want) {
				t.Fatalf("missing %v, want %v", r.Missing, tt.want)
			}
			for i, want := range tt.want {
				if !strings.Contains(r.Missing[i].En, want) {
					t.Errorf("missing %q, want %q", r.Missing[i].En, want)
				}
			}
		})
	}
}
