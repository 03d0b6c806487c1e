package cluster

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"healthlab/lab"
	"healthlab/lab/witness"
	"healthlab/probes"
)

// The attempts of a node come through the API server, only those in the lab's namespace, and none twice after a break.
func TestAttempts(t *testing.T) {
	log := witness.NewLog()
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		log.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	c := open(t, server.URL)
	add := func(namespace, message string) {
		log.Add(namespace, "web-1", probes.Attempt{Key: probes.Key{Pod: "uid", Container: "app"}, Outcome: probes.Success, Message: message})
	}
	add(c.config.Namespace, "1")
	add("other", "elsewhere")
	var got []string
	from := witness.Cursor{}
	for _, want := range []string{"1 kubelet true", "2 kubelet false"} {
		ctx, hangUp := context.WithTimeout(t.Context(), 10*time.Second)
		begun := false
		var err error
		from, err = c.Attempts(ctx, witness.NodeName, from, func() { begun = true }, func(a lab.Attempt) {
			old := " false"
			if a.Old {
				old = " true"
			}
			got = append(got, a.Message+" "+string(a.Witness)+old)
			hangUp()
		})
		hangUp()
		if !errors.Is(err, context.Canceled) || !begun || len(got) == 0 || got[len(got)-1] != want {
			t.Errorf("%v, begun %v, got %q, want %q last", err, begun, got, want)
		}
		add(c.config.Namespace, "2")
	}
	if len(got) != 2 || asked[0] != "/api/v1/nodes/healthlab/proxy/attempts" {
		t.Errorf("got %q from %q", got, asked)
	}
}

func TestNoAttempts(t *testing.T) {
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		is     func(error) bool
	}{
		"forbidden":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, apierrors.IsForbidden},
		"a kubelet":  {func(w http.ResponseWriter, _ *http.Request) { http.NotFound(w, nil) }, apierrors.IsNotFound},
		"other text": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>\n")) }, func(err error) bool { return errors.Is(err, witness.ErrNotLog) }},
		"without end": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write([]byte(strings.Repeat("x", 1<<20))); err != nil {
					return
				}
			}
		}, func(err error) bool { return errors.Is(err, witness.ErrNotLog) }},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(test.answer)
			t.Cleanup(server.Close)
			_, err := open(t, server.URL).Attempts(t.Context(), "n", witness.Cursor{}, func() { t.Error("begun") }, func(lab.Attempt) {})
			if err == nil || !test.is(err) {
				t.Errorf("got %v", err)
			}
		})
	}
}
