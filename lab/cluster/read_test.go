package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"healthlab/lab"
)

// answers is an API server that answers each path with what a function makes.
func answers(t *testing.T, by map[string]func(w http.ResponseWriter, r *http.Request)) *Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if answer := by[r.URL.Path]; answer != nil {
			answer(w, r)
			return
		}
		refuse(w, http.StatusNotFound, metav1.StatusReasonNotFound)
	}))
	t.Cleanup(server.Close)
	return open(t, server.URL)
}

func refuse(w http.ResponseWriter, code int, reason metav1.StatusReason) {
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Failure", Reason: reason, Code: int32(code), Message: "no",
	})
}

func TestPodsAndEventsComeInPages(t *testing.T) {
	page := func(r *http.Request) (n int, meta metav1.ListMeta) {
		_, _ = fmt.Sscan(r.URL.Query().Get("continue"), &n)
		if r.URL.Query().Get("limit") != fmt.Sprint(pageSize) {
			t.Errorf("asked for %s", r.URL)
		}
		if n < 2 {
			meta.Continue = fmt.Sprint(n + 1)
		}
		return n, meta
	}
	c := answers(t, map[string]func(http.ResponseWriter, *http.Request){
		"/api/v1/namespaces/ns/pods": func(w http.ResponseWriter, r *http.Request) {
			n, meta := page(r)
			_ = json.NewEncoder(w).Encode(corev1.PodList{ListMeta: meta, Items: []corev1.Pod{{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("p", n)}}}})
		},
		"/api/v1/namespaces/ns/pods/p1": func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode(corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "p1"}})
		},
		"/api/v1/namespaces/ns/events": func(w http.ResponseWriter, r *http.Request) {
			n, meta := page(r)
			_ = json.NewEncoder(w).Encode(corev1.EventList{ListMeta: meta, Items: []corev1.Event{
				{InvolvedObject: corev1.ObjectReference{Name: "p1"}, Reason: fmt.Sprint("r", n)}, {InvolvedObject: corev1.ObjectReference{Name: "p2"}},
			}})
		},
		"/api/v1/namespaces/ns/pods/p1/log": func(w http.ResponseWriter, r *http.Request) {
			if q := r.URL.Query(); q.Get("previous") != "true" || q.Get("tailLines") != "2" || q.Get("limitBytes") == "" {
				t.Errorf("asked for %s", r.URL)
			}
			_, _ = fmt.Fprintf(w, "2026-03-01T09:00:00.5Z one\n2026-03-01T09:00:01Z %s\n2026-03-01T09:00:02Z three\n", strings.Repeat("x", 10))
		},
	})
	pods, err := c.Pods(t.Context())
	if err != nil || len(pods) != 3 || pods[2].Name != "p2" {
		t.Errorf("pods %v, %v", pods, err)
	}
	if p, err := c.Pod(t.Context(), "p1"); err != nil || p.Name != "p1" {
		t.Errorf("pod %v, %v", p.Name, err)
	}
	events, err := c.Events(t.Context(), func(e lab.Event) bool { return e.ObjectName == "p1" })
	if err != nil || len(events) != 3 || events[2].Reason != "r2" {
		t.Errorf("events %v, %v", events, err)
	}
	lines, err := c.LastLines(t.Context(), "p1", "app", true, 2)
	if err != nil || len(lines) != 2 || lines[0].Text != "one" || !lines[0].At.Equal(time.Date(2026, 3, 1, 9, 0, 0, 5e8, time.UTC)) {
		t.Errorf("lines %v, %v", lines, err)
	}
	if _, err := c.Pod(t.Context(), "p9"); !errors.Is(err, ErrNotFound) {
		t.Errorf("error %v, want %v", err, ErrNotFound)
	}
}

func TestReadingIsRefused(t *testing.T) {
	no := func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusForbidden, metav1.StatusReasonForbidden)
	}
	c := answers(t, map[string]func(http.ResponseWriter, *http.Request){
		"/api/v1/namespaces/ns/pods": no, "/api/v1/namespaces/ns/events": no, "/api/v1/namespaces/ns/pods/p/log": no, "/api/v1/namespaces/ns/pods/p": no,
	})
	_, pods := c.Pods(t.Context())
	_, pod := c.Pod(t.Context(), "p")
	_, events := c.Events(t.Context(), func(lab.Event) bool { return true })
	_, log := c.LastLines(t.Context(), "p", "app", false, 5)
	for what, err := range map[string]error{"pods": pods, "pod": pod, "events": events, "log": log} {
		var told *lab.Error
		if !errors.Is(err, ErrForbidden) || !errors.As(err, &told) || told.Msg.Ko == "" {
			t.Errorf("%s: %v, want %v", what, err, ErrForbidden)
		}
	}
}

// A server whose list has no end is not asked for ever.
func TestEndlessLists(t *testing.T) {
	asked := 0
	c := answers(t, map[string]func(http.ResponseWriter, *http.Request){
		"/api/v1/namespaces/ns/events": func(w http.ResponseWriter, _ *http.Request) {
			asked++
			_ = json.NewEncoder(w).Encode(corev1.EventList{ListMeta: metav1.ListMeta{Continue: "more"}, Items: make([]corev1.Event, 1)})
		},
	})
	events, err := c.Events(t.Context(), func(lab.Event) bool { return true })
	if !errors.Is(err, ErrTooMany) || len(events) != maxPages || asked != maxPages {
		t.Errorf("%d events of %d pages, %v", len(events), asked, err)
	}
}
