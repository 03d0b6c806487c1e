package witness_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"healthlab/lab/witness"
	"healthlab/probes"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func attempt(message string) probes.Attempt {
	return probes.Attempt{
		Key: probes.Key{Pod: "uid", Container: "app", Kind: probes.Liveness}, ContainerID: "containerd://1", Mechanism: probes.MechanismHTTP,
		Start: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), Took: time.Millisecond, Outcome: probes.Success, Message: message,
		Streak: 2, Threshold: 1, Verdict: probes.Passing, Next: time.Date(2026, 1, 2, 3, 4, 15, 0, time.UTC),
	}
}

// reader follows a Log over real connections.
type reader struct {
	t      *testing.T
	server *httptest.Server
	from   witness.Cursor
}

func serve(t *testing.T, handler http.Handler) *reader {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	t.Cleanup(server.Client().CloseIdleConnections)
	return &reader{t: t, server: server}
}

// read reads until so many attempts have come, and then hangs up. It returns them, those that are old with a mark.
func (r *reader) read(namespace string, want int) (got []string) {
	r.t.Helper()
	ctx, hangUp := context.WithTimeout(r.t.Context(), 10*time.Second)
	defer hangUp()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, r.server.URL+"?"+witness.Query(namespace, r.from).Encode(), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	answer, err := r.server.Client().Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	r.from, err = witness.Read(answer.Body, r.from, witness.Told{Begun: func() {
		if want == 0 {
			hangUp()
		}
	}, Record: func(record witness.Record, old bool) {
		message := record.Attempt.Message
		if old {
			message += " (old)"
		}
		if got = append(got, message); len(got) == want {
			hangUp()
		}
	}})
	if !errors.Is(err, context.Canceled) || len(got) != want {
		r.t.Fatalf("%v after %q, want %d attempts", err, got, want)
	}
	return got
}

func TestAttemptsArriveAsTheyWereMade(t *testing.T) {
	log := witness.NewLog()
	log.Add("labs", "web-1", attempt("ok"))
	r := serve(t, log)
	answer, err := r.server.Client().Get(r.server.URL + "?" + witness.Query("labs", witness.Cursor{}).Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	_, err = witness.Read(answer.Body, witness.Cursor{}, witness.Told{Begun: func() {}, Record: func(got witness.Record, _ bool) {
		want := witness.Record{Seq: 1, Namespace: "labs", Pod: "web-1", Attempt: attempt("ok")}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		answer.Body.Close()
	}})
	if err == nil {
		t.Error("the end of the answer is no error")
	}
}

// Whoever comes late hears what is kept, marked as old; whoever comes again goes on where he was, whatever happened meanwhile.
func TestNobodyHearsAnAttemptTwice(t *testing.T) {
	log := witness.NewLog()
	log.Add("labs", "web-1", attempt("1"))
	log.Add("other", "web-1", attempt("elsewhere"))
	r := serve(t, log)
	if got := r.read("labs", 1); !slices.Equal(got, []string{"1 (old)"}) {
		t.Errorf("heard first %q", got)
	}
	log.Add("labs", "web-1", attempt("2"))
	log.Add("labs", "web-1", attempt("3"))
	if got := r.read("labs", 2); !slices.Equal(got, []string{"2", "3"}) {
		t.Errorf("heard after a break %q", got)
	}
	r.read("labs", 0)
	later := make(chan []string)
	go func() { later <- r.read("labs", 1) }()
	log.Add("labs", "web-1", attempt("4"))
	if got := <-later; !slices.Equal(got, []string{"4"}) {
		t.Errorf("heard while listening %q", got)
	}
}

// The log of another agent begins anew, and what it kept before one listened is old.
func TestAnotherLog(t *testing.T) {
	logs := make(chan *witness.Log, 2)
	for i := range 2 {
		log := witness.NewLog()
		log.Add("labs", "web-1", attempt(fmt.Sprint("of log ", i)))
		logs <- log
	}
	r := serve(t, http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) { (<-logs).ServeHTTP(w, request) }))
	for i := range 2 {
		if got := r.read("labs", 1); !slices.Equal(got, []string{fmt.Sprintf("of log %d (old)", i)}) {
			t.Errorf("heard %q", got)
		}
	}
}

func TestALogIsBounded(t *testing.T) {
	log := witness.NewLog()
	const more = 100
	for i := range witness.Kept + more {
		log.Add("labs", "web-1", attempt(fmt.Sprint(i, " ", strings.Repeat("가", 4<<10))))
	}
	got := serve(t, log).read("labs", witness.Kept)
	if first := got[0]; !strings.HasPrefix(first, fmt.Sprint(more, " ")) || len(first) > 1100 || strings.ContainsRune(first, '\uFFFD') {
		t.Errorf("kept first: %.40q, %d bytes", first, len(first))
	}
}

func TestBadRequests(t *testing.T) {
	log := witness.NewLog()
	r := serve(t, log)
	name := ""
	r.read("labs", 0)
	name = r.from.Log
	for query, want := range map[string]string{
		"":                                       "namespace: none is given",
		"?namespace=labs&log=" + name:            `after: "" is not a number`,
		"?namespace=labs&after=-1&log=" + name:   `after: "-1" is not a number`,
		"?namespace=labs&after=0x10&log=" + name: `after: "0x10" is not a number`,
	} {
		answer, err := r.server.Client().Get(r.server.URL + query)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != http.StatusBadRequest || !strings.HasPrefix(string(body), want) {
			t.Errorf("%q: %d %s", query, answer.StatusCode, body)
		}
	}
}

func TestOtherAnswers(t *testing.T) {
	for name, answer := range map[string]string{
		"nothing":           "",
		"a page":            "<html>",
		"other JSON":        `{"kind":"Status"}`,
		"a line too long":   `{"Log":"x","Seq":` + strings.Repeat("1", 128<<10) + "}\n",
		"no record":         `{"Log":"x","Seq":0}` + "\n<html>\n",
		"a record too long": `{"Log":"x","Seq":0}` + "\n" + `{"Seq":1,"Pod":"` + strings.Repeat("x", 128<<10) + `"}` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			from := witness.Cursor{Log: "before", Seq: 7}
			_, err := witness.Read(strings.NewReader(answer), from, witness.Told{
				Begun:  func() {},
				Record: func(r witness.Record, _ bool) { t.Errorf("told of %+v", r) },
			})
			if err == nil {
				t.Error("no error")
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"Log":"x","Seq":1}` + "\n" + `{"Seq":1,"Namespace":"labs","Pod":"web","Attempt":{"Outcome":"success"}}` + "\n")
	f.Fuzz(func(t *testing.T, answer string) {
		last := uint64(0)
		end, err := witness.Read(strings.NewReader(answer), witness.Cursor{}, witness.Told{Begun: func() {}, Record: func(r witness.Record, _ bool) {
			if r.Seq <= last {
				t.Errorf("%d after %d", r.Seq, last)
			}
			last = r.Seq
		}})
		if err == nil || end.Seq < last {
			t.Errorf("ended at %+v with %v", end, err)
		}
	})
}
