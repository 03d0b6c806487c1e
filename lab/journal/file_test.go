package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/probes"
)

// samples are entries of every kind.
func samples() []Entry {
	at := time.Date(2026, 3, 1, 9, 0, 0, 123456789, time.FixedZone("KST", 9*60*60))
	text := lab.T("왜 <그런가> & \x1b[31m", "why\nso")
	pod := lab.Pod{
		Name: "web-1", UID: "u1", StaticUID: "hash", Labels: map[string]string{"app": "web"}, Phase: "Running", Ready: true, ReadySince: at, Created: at,
		GracePeriod: 30 * time.Second, Deleting: at, DeletionGrace: 30 * time.Second, Finalizers: []string{"example.com/keep"},
		RestartPolicy: "Always", Reason: "Evicted", Message: "The node was low on resource: memory. ",
		Conditions:     []lab.Condition{{Type: "PodScheduled", Status: "False", Reason: "Unschedulable", Message: "0/1 nodes", Since: at}},
		ReadinessGates: []string{"example.com/gate"}, Owner: lab.Owner{Kind: "ReplicaSet", Name: "web"},
		Init: []lab.Container{{
			Name: "init", State: lab.Terminated, Final: true,
			Exit: &lab.Termination{ContainerID: "run-0", ExitCode: 1, Signal: 9, Reason: "Error", Message: "no", StartedAt: at, FinishedAt: at},
		}},
		Containers: []lab.Container{{
			Name: "app", ID: "run-1", State: lab.Running, StartedAt: at, Last: &lab.Termination{ExitCode: 137, FinishedAt: at},
			Sidecar: true, MemoryLimit: 64 << 20,
			Ports: map[string]int{"http": 8080}, Grace: &lab.Grace{Since: at, Until: at.Add(30 * time.Second)},
			Probes: []lab.Probe{{
				Spec: probes.Spec{
					Kind: probes.Liveness, HTTP: &probes.HTTPAction{Path: "/", Port: probes.Port{Name: "http"}}, Period: time.Second,
					GracePeriod: new(5 * time.Second),
				},
				Plan: probes.Plan{Wait: probes.WaitStartup}, Caveats: []lab.Text{text}, Verdict: probes.Passing,
			}},
		}},
	}
	position := lab.Position{
		Lab: 1, Step: 2, Done: [][]bool{{true}, {false, true}}, Since: at,
		Goals: []lab.GoalState{{
			Goal: lab.Goal{ID: "ready", Check: lab.Check{Pods: &lab.PodsCheck{Pod: "web-1", Ready: new(1)}}}, Met: true, MetAt: at, Why: text,
		}},
	}
	foreign := &lab.Foreign{File: "app.yaml", Objects: []lab.ForeignObject{{Name: "pod/web-1", Owner: "kim", UID: "u1", Changed: at}}}
	bodies := []Body{
		Begun{
			Cluster:  lab.Cluster{Name: "embedded", Phase: lab.Starting, Since: at, Components: []lab.Component{{Name: "etcd"}}},
			Position: position, Dir: "/home/kim/labs", Labs: []string{"intro", "liveness"},
		},
		ComponentChanged{lab.Component{Name: "etcd", State: lab.ComponentReady, Took: 3 * time.Second}},
		Connected{lab.Cluster{Name: "kind", Server: "https://127.0.0.1", Real: true, ReadOnly: true, Denied: []string{"pods"}}},
		ConnectFailed{text},
		Changed{lab.PodChanged{Pod: pod, Initial: true}},
		Changed{lab.PodChanged{Pod: pod, Deleted: true}},
		Changed{lab.DeploymentChanged{Deployment: lab.Deployment{Name: "web", Desired: 3, Selector: map[string]string{"app": "web"}}}},
		Changed{lab.EndpointsChanged{Slice: "web-abc", Endpoints: []lab.Endpoint{{Service: "web", Address: "10.0.0.1", Ready: true}}}},
		Changed{lab.EventChanged{Event: lab.Event{UID: "e", Reason: "Unhealthy", Message: "Liveness probe failed: 500", Count: 2, Seq: math.MaxUint64}}},
		Changed{lab.NamespaceChanged{Phase: "Active"}},
		Changed{lab.LinkChanged{Problem: text, Since: at}},
		Changed{lab.AccessChanged{Resource: "events", Denied: true, Problem: text}},
		VersionLearned{"v1.37.2"},
		Preflighted{lab.Preflight{At: at, Findings: []lab.Finding{{Subject: text, State: lab.FindingLimited}}, Policies: []lab.NetworkPolicy{{Name: "all"}}}, "v1.37.2"},
		Attempted{lab.Attempt{Pod: "web-1", Container: "app", Attempt: probes.Attempt{
			Key: probes.Key{Pod: "u1", Container: "app", Kind: probes.Readiness}, ContainerID: "run-1", Mechanism: probes.MechanismExec,
			Start: at, Took: 12345, Way: 678, Outcome: probes.Unknown, TimedOut: true, Unsure: true, Warning: true, Message: "cat: /tmp/healthy\n",
			ErrorState: probes.Failure, Streak: 2, Threshold: 3, Verdict: probes.Failing, Changed: true, OnHold: true, Next: at.Add(time.Second),
		}}},
		Attempted{},
		Attempted{lab.Attempt{Pod: "web-1", Witness: lab.Kubelet, Old: true}},
		KubeletTells{Node: "healthlab", Tells: true},
		KubeletTells{Node: "healthlab", Why: lab.T("권한이 없습니다", "not permitted")},
		ProbingSet{lab.ProbingOff},
		ProbeObserved{
			Key: probes.Key{Pod: "u1", Container: "app", Kind: probes.Liveness}, Plan: probes.Plan{Next: at}, Caveats: []lab.Text{text},
			Unavailable: text,
		},
		TrafficBegun{lab.TrafficPlan{Service: "web", Port: 80, Path: "/", Rate: 10, Way: lab.TrafficByNode, Speaks: lab.TrafficHTTP}},
		TrafficCounted{lab.TrafficSecond{
			All: lab.TrafficCounts{Answered: 7, TimedOut: 3}, Speaks: lab.TrafficHTTP,
			Pods: []lab.PodTraffic{{Pod: "web-1", TrafficCounts: lab.TrafficCounts{TimedOut: 3}}},
		}},
		TrafficCounted{},
		TrafficEnded{Problem: text},
		TrafficEnded{},
		PodChosen{Pod: "web-1", ByUser: true},
		LogFollowed{Pod: "u1"},
		Logged{lab.LogLine{At: at, Text: "GET / 200"}},
		Refused{text},
		TaskStarted{lab.Task{
			ID: 3, Action: lab.Inject{Fault: "hang", Pod: "web-1"}, Of: &lab.StepCommand{Lab: "liveness", Step: "hang"}, Title: text,
			Line: "kubectl get pods", State: lab.TaskRunning, Started: at,
		}},
		TaskStarted{lab.Task{ID: 4}},
		TaskPrinted{Task: 3, Text: "NAME   READY\n"},
		TaskNoted{Task: 3, Note: text},
		TaskEnded{Task: 3, State: lab.TaskFailed, Took: time.Second, ExitCode: 1, Problem: text, Told: true, Foreign: foreign},
		Moved{position},
		Moved{},
		Omitted{Entries: 3, Why: text},
		Told{lab.Fact{Seq: 9, At: at, Kind: lab.FactGoalMet, Lab: "liveness", Step: "hang", Goal: "ready"}},
		Told{lab.Fact{
			Seq: 10, At: at, Kind: lab.FactFinding, Problem: text, Probe: probes.Liveness, InRow: 2, Grace: time.Second,
			Replicas: lab.Deployment{Name: "web"}, Endpoint: lab.Endpoint{Pod: "web-1"}, Command: lab.FactTask{ID: 3, Title: text},
			Finding: &lab.Finding{Subject: text, State: lab.FindingBlocked},
		}},
	}
	for _, action := range []lab.Action{
		lab.GoTo{Lab: 1, Step: 2},
		lab.RunStep{Confirmed: true},
		lab.Inject{Fault: "hang", Pod: "web-1"},
		lab.SetProbing{Probing: lab.ProbingOn},
		lab.ChoosePod{Pod: "web-1"},
		lab.Kubectl{Args: []string{"get", "pods"}, Grep: "web"},
		lab.Compare{Task: 3},
		lab.ResetLab{},
		lab.ResetStep{},
		lab.Cancel{Task: 3},
		lab.Adopt{Task: 3},
		lab.StartTraffic{Service: "web", Port: 80, Path: "/", Rate: 20, Confirmed: true},
		lab.StopTraffic{},
	} {
		bodies = append(bodies, Asked{action})
	}
	entries := make([]Entry, 0, len(bodies))
	for i, body := range bodies {
		entries = append(entries, Entry{Seq: uint64(i + 1), At: at.Add(time.Duration(i) * time.Second), Body: body})
	}
	return entries
}

func encode(t testing.TB, entries []Entry) []byte {
	t.Helper()
	var out bytes.Buffer
	e, err := NewEncoder(&out)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if err := e.Encode(entry); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// decode reads everything; bad lines are returned as errors.
func decode(t testing.TB, in io.Reader) (entries []Entry, bad []error) {
	t.Helper()
	d, err := NewDecoder(in)
	if err != nil {
		t.Fatal(err)
	}
	for {
		e, err := d.Decode()
		var line *BadLine
		switch {
		case errors.Is(err, io.EOF) && !errors.As(err, &line):
			return entries, bad
		case errors.As(err, &line):
			bad = append(bad, err)
		case err != nil:
			t.Fatal(err)
		default:
			entries = append(entries, e)
		}
	}
}

func TestEveryEntryComesBackAsItWas(t *testing.T) {
	want := samples()
	file := encode(t, want)
	if lines := bytes.Count(file, []byte("\n")); lines != len(want)+1 {
		t.Errorf("%d lines for %d entries", lines, len(want))
	}
	got, bad := decode(t, bytes.NewReader(file))
	if diff := cmp.Diff(want, got); diff != "" || bad != nil {
		t.Errorf("bad lines %v; entries (-want +got):\n%s", bad, diff)
	}
	if again := encode(t, got); !bytes.Equal(again, file) {
		t.Error("written again, the file differs")
	}
}

// Every field of a wire form is used by a sample, so that a new kind of entry cannot be forgotten.
func TestSamplesHaveEveryKind(t *testing.T) {
	seen := map[string]bool{}
	note := func(v reflect.Value) {
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind() == reflect.Pointer && !f.IsNil() {
				seen[v.Type().Field(i).Name] = true
			}
		}
	}
	for _, e := range samples() {
		w, err := toWire(e)
		if err != nil {
			t.Fatal(err)
		}
		note(reflect.ValueOf(w))
		if w.Asked != nil {
			note(reflect.ValueOf(*w.Asked))
		}
	}
	for _, form := range []reflect.Type{reflect.TypeFor[wire](), reflect.TypeFor[wireAction]()} {
		for i := range form.NumField() {
			if f := form.Field(i); f.Type.Kind() == reflect.Pointer && !seen[f.Name] {
				t.Errorf("no sample has %s.%s", form.Name(), f.Name)
			}
		}
	}
}

// An attempt is most of a file, so its own form must be able to hold all of it.
func TestAttemptsKeepEveryField(t *testing.T) {
	for i := range reflect.TypeFor[probes.Attempt]().NumField() {
		name := reflect.TypeFor[probes.Attempt]().Field(i).Name
		found := false
		for _, e := range samples() {
			if a, ok := e.Body.(Attempted); ok && !reflect.ValueOf(a.Attempt.Attempt).Field(i).IsZero() {
				found = true
			}
		}
		if !found {
			t.Errorf("no sample has Attempt.%s", name)
		}
	}
}

func TestTheHeaderIsChecked(t *testing.T) {
	for _, tt := range []struct{ name, file, want string }{
		{"empty", "", "the journal is empty"},
		{"compressed, and cut at once", "\x1f\x8b\x08\x00\x00", "the journal is empty, or was cut"},
		{"something else", "{\"version\":2,\"width\":80}\n[0.1,\"o\",\"x\"]\n", "not a healthlab journal"},
		{"no JSON", "\x7fELF\n", "not a healthlab journal"},
		{"one long line", strings.Repeat("x", 3<<20), "not a healthlab journal"},
		{"a later version", `{"format":"healthlab-journal","version":2}` + "\n", "has version 2, but this healthlab reads only version 1"},
		{"an impossible version", `{"format":"healthlab-journal","version":1000000000}` + "\n", "has version 1000000000"},
		{"a version that is no number", `{"format":"healthlab-journal","version":"1"}` + "\n", "not a healthlab journal"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := NewDecoder(strings.NewReader(tt.file))
			var told *lab.Error
			if !errors.As(err, &told) || !strings.Contains(told.Msg.En, tt.want) || told.Msg.Ko == "" {
				t.Errorf("error %v, want one that says %q", err, tt.want)
			}
		})
	}
	if _, err := NewDecoder(iotest.ErrReader(errors.New("disk"))); err == nil || !strings.Contains(err.Error(), "disk") {
		t.Errorf("error %v, want the disk's", err)
	}
}

func TestBadLinesArePassedOver(t *testing.T) {
	head := `{"format":"healthlab-journal","version":1}` + "\n"
	good := func(seq int) string {
		return fmt.Sprintf(`{"seq":%d,"at":"2026-03-01T09:00:00Z","log":{"At":"2026-03-01T09:00:00Z","Text":"x"}}`, seq) + "\n"
	}
	for _, tt := range []struct {
		name, file string
		entries    int
		bad        string // empty: none
	}{
		{"none", head + good(1) + good(2), 2, ""},
		{"only the header", head, 0, ""},
		{"the header is cut", head[:len(head)-1], 0, ""},
		{"no JSON", head + good(1) + "garbage\n" + good(2), 2, "line 3 of the journal: invalid character"},
		{"an empty line", head + "\n" + good(1), 1, "line 2 of the journal: unexpected end of JSON input"},
		{"nothing happened", head + `{"seq":1,"at":"2026-03-01T09:00:00Z"}` + "\n" + good(2), 1, "line 2 of the journal: what happened is missing"},
		{"two things happened", head + `{"seq":1,"chosen":{},"logOf":{}}` + "\n" + good(2), 1, "more than one thing"},
		{"an unknown thing happened", head + `{"seq":1,"miracle":{}}` + "\n" + good(2), 1, "not known"},
		{"an unknown action", head + `{"seq":1,"asked":{"fly":{}}}` + "\n" + good(2), 1, "what was asked for is missing, not known"},
		{"another type", head + `{"seq":1,"chosen":{"Pod":7}}` + "\n" + good(2), 1, "cannot unmarshal number"},
		{"no time", head + `{"seq":1,"at":"tomorrow","chosen":{}}` + "\n" + good(2), 1, "parsing time"},
		{"no number", head + `{"chosen":{}}` + "\n" + good(2), 1, "entry 0 comes after entry 0"},
		{"twice", head + good(1) + good(1) + good(2), 2, "line 3 of the journal: entry 1 comes after entry 1"},
		{"a gap", head + good(1) + good(9), 2, ""},
		{"too long", head + good(1) + strings.Repeat("x", 5<<20) + "\n" + good(2), 2, "line 3 of the journal: it is longer than"},
		{"too long and cut", head + good(1) + strings.Repeat("x", 5<<20), 1, "line 3 of the journal: it is longer than"},
		{"cut", head + good(1) + good(2)[:40], 1, "line 3 of the journal: unexpected EOF"},
		{"deep", head + strings.Repeat("[", 1<<20-1) + "\n" + good(1), 1, "exceeded max depth"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			entries, bad := decode(t, strings.NewReader(tt.file))
			if len(entries) != tt.entries {
				t.Errorf("%d entries, want %d", len(entries), tt.entries)
			}
			switch {
			case tt.bad == "" && len(bad) > 0, tt.bad != "" && len(bad) != 1:
				t.Errorf("bad lines %v, want %q", bad, tt.bad)
			case tt.bad != "" && !strings.Contains(bad[0].Error(), tt.bad):
				t.Errorf("bad line %v, want one that says %q", bad[0], tt.bad)
			}
		})
	}
}

// Wherever a file is cut, all entries before the cut are there, and it is told as a cut.
func TestAJournalMayBeCutAnywhere(t *testing.T) {
	file := encode(t, samples())
	head := bytes.IndexByte(file, '\n')
	for cut := head; cut <= len(file); cut += 7 {
		whole := bytes.Count(file[:cut], []byte("\n")) - 1
		entries, bad := decode(t, bytes.NewReader(file[:cut]))
		// A line of which only the end is missing is an entry, too.
		if len(entries) < max(whole, 0) || len(entries) > whole+1 {
			t.Fatalf("cut at %d: %d entries of %d", cut, len(entries), whole)
		}
		for _, err := range bad {
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("cut at %d: %v", cut, err)
			}
		}
	}
}

func TestTooLongAnEntryIsRefused(t *testing.T) {
	var out bytes.Buffer
	e, err := NewEncoder(&out)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Encode(Entry{Seq: 1, Body: TaskPrinted{Text: strings.Repeat("x", maxLine)}}); err == nil ||
		!strings.Contains(err.Error(), "write entry 1 of the journal: its line of ") {
		t.Errorf("error %v", err)
	}
	if err := e.Encode(Entry{Seq: 2, Body: PodChosen{}}); err != nil {
		t.Error(err)
	}
	if err := e.Encode(Entry{Seq: 3, Body: Asked{}}); err == nil {
		t.Error("no action at all was written")
	}
	if entries, bad := decode(t, &out); len(entries) != 1 || bad != nil {
		t.Errorf("%d entries, %v", len(entries), bad)
	}
}

func TestErrorsOfTheFileAreTold(t *testing.T) {
	full := errors.New("disk full")
	if _, err := NewEncoder(failing{full}); !errors.Is(err, full) {
		t.Errorf("error %v, want %v", err, full)
	}
	file := encode(t, samples()[:2])
	d, err := NewDecoder(io.MultiReader(bytes.NewReader(file), iotest.ErrReader(full)))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := d.Decode(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Decode(); !errors.Is(err, full) {
		t.Errorf("error %v, want %v", err, full)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// FuzzDecode feeds a decoder anything: it must end, and what it takes for entries must survive being written.
func FuzzDecode(f *testing.F) {
	f.Add(encode(f, samples()))
	for _, e := range samples() {
		f.Add(encode(f, []Entry{e}))
	}
	f.Add([]byte(`{"format":"healthlab-journal","version":1}` + "\n" + `{"seq":1,"asked":{"goTo":{"Lab":-1}}}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		d, err := NewDecoder(bytes.NewReader(file))
		if err != nil {
			return
		}
		var entries []Entry
		for {
			e, err := d.Decode()
			var bad *BadLine
			if err != nil && !errors.As(err, &bad) {
				break
			}
			if err == nil {
				_ = e.Body.size()
				entries = append(entries, e)
			}
		}
		var out bytes.Buffer
		enc, err := NewEncoder(&out)
		if err != nil {
			t.Fatal(err)
		}
		var written []Entry
		for _, e := range entries {
			if enc.Encode(e) == nil { // it may have grown too long, as U+FFFD is longer than what it stands for
				written = append(written, e)
			}
		}
		again, bad := decode(t, &out)
		if diff := cmp.Diff(written, again); diff != "" || bad != nil {
			t.Errorf("bad lines %v; entries (-first +second reading):\n%s", bad, diff)
		}
	})
}

// endless is a line without an end.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return copy(p, bytes.Repeat([]byte("x"), len(p))), nil
}

// A first line without an end is not read on, and a later one until nobody waits any more.
func TestLinesWithoutAnEnd(t *testing.T) {
	in := &endless{}
	if _, err := NewDecoder(in); err == nil || !strings.Contains(err.Error(), "not a healthlab journal") {
		t.Errorf("the first line: %v", err)
	}
	if in.read > 1<<20 {
		t.Errorf("%d bytes of it were read", in.read)
	}
	ctx, cancel := context.WithCancel(t.Context())
	d, err := NewDecoder(Interruptible(ctx, io.MultiReader(strings.NewReader(`{"format":"healthlab-journal","version":1}`+"\n"), in)))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := d.Decode(); !errors.Is(err, context.Canceled) {
		t.Errorf("a later line: %v", err)
	}
}
