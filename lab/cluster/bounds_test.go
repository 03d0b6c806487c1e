package cluster

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"healthlab/lab"
)

// evil answers everything as one that wants to do harm, and counts what is asked of it and what it gets rid of.
type evil struct {
	answer   http.HandlerFunc
	requests atomic.Int64
	sent     atomic.Int64
}

func (e *evil) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.requests.Add(1)
	e.answer(counting{w, &e.sent}, r)
}

type counting struct {
	http.ResponseWriter
	sent *atomic.Int64
}

func (c counting) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.sent.Add(int64(n))
	return n, err
}

// Unwrap is for http.ResponseController.
func (c counting) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// without says something, and then something else until nobody listens any more.
func without(contentType, first, andThen string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, err := io.WriteString(w, first)
		for again := []byte(strings.Repeat(andThen, max(1, 64<<10/len(andThen)))); err == nil && r.Context().Err() == nil; {
			_, err = w.Write(again)
		}
	}
}

// bomb says the same, packed.
func bomb(first, andThen string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		packed := gzip.NewWriter(w)
		_, err := io.WriteString(packed, first)
		for again := []byte(strings.Repeat(andThen, 64<<10)); err == nil && r.Context().Err() == nil; {
			_, err = packed.Write(again)
		}
	}
}

// of is a client of such a server.
func (e *evil) of(t *testing.T, tls bool) *Client {
	t.Helper()
	cluster := clientcmdapi.Cluster{InsecureSkipTLSVerify: true}
	if tls {
		cluster.Server = secure(t, e, nil).URL
	} else {
		s := httptest.NewServer(e)
		t.Cleanup(func() {
			s.CloseClientConnections()
			s.Close()
		})
		cluster.Server = s.URL
	}
	c, err := Open(Config{Namespace: "ns", Real: true, Kubeconfig: kubeconfig(t, cluster, clientcmdapi.AuthInfo{Token: "secret"})})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

const (
	podList = `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[`
	onePod  = `{"type":"MODIFIED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p","namespace":"ns","uid":"u","resourceVersion":"7"}}}` + "\n"
)

func TestAnswersWithoutEnd(t *testing.T) {
	const json = "application/json"
	tests := []struct {
		name   string
		answer http.HandlerFunc
		most   int64 // that the server gets rid of
		want   string
	}{
		{"a string", without(json, `{"kind":"`, "x"), maxBody, "more than 32 MiB"},
		{"blanks", without(json, "", " "), maxBody, "more than 32 MiB"},
		{"of no form", without("text/html", "<html>", "<p>"), maxBody, "more than 32 MiB"},
		{"gzip of a string", bomb(`{"kind":"`, "x"), 1 << 20, "more than 32 MiB"},
		{"gzip of nothing much", bomb(podList, "{},"), 1 << 20, "more than 200000 elements"},
		{"empty elements", without(json, podList, "{},"), 1 << 20, "more than 200000 elements"},
		{"null elements", without(json, podList, "null,"), 1 << 20, "more than 200000 elements"},
		{"empty containers", without(json, podList+`{"spec":{"containers":[`, "{},"), 1 << 20, "more than 200000 elements"},
		{"depth", without(json, "", `{"a":[`), 0, "nested more than 100 deep"},
		{"an error", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			without(json, `{"kind":"Status","message":"`, "x")(w, r)
		}, maxErrorBody, "more than 128 KiB"},
		{"a header", func(w http.ResponseWriter, _ *http.Request) {
			for i := range maxHeader >> 10 {
				w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("x", 1<<10))
			}
		}, 0, "a header of more than 256 KiB"},
		{"protobuf", without("application/vnd.kubernetes.protobuf", "k8s\x00", "\x12\x00"), 0, "does not seem to be a Kubernetes API server"},
	}
	for _, tls := range []bool{false, true} {
		for _, test := range tests {
			t.Run(fmt.Sprintf("%s, TLS %v", test.name, tls), func(t *testing.T) {
				e := &evil{answer: test.answer}
				c := e.of(t, tls)
				_, err := c.clientset.CoreV1().Pods("ns").List(t.Context(), metav1.ListOptions{})
				if err == nil {
					t.Fatal("the answer was taken")
				}
				told(t, explain(c.info.Server, err), test.want)
				_, err = c.metadata.Resource(kinds()[1].resource).Namespace("ns").List(t.Context(), metav1.ListOptions{})
				if err == nil {
					t.Error("the answer about metadata was taken")
				}
				// What is on its way when the client hangs up counts as sent.
				const onItsWay = 16 << 20
				if sent := e.sent.Load(); sent > 2*(test.most+onItsWay) {
					t.Errorf("took %d bytes", sent)
				}
				if n := e.requests.Load(); n != 2 {
					t.Errorf("made %d requests for two", n)
				}
			})
		}
	}
}

// watchFor watches until want holds of a lost connection's problem, or for as long as given, and returns what was told of.
func watchFor(t *testing.T, c *Client, long time.Duration, want string) (changes int, lost bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	var mu sync.Mutex
	c.Watch(ctx, func(change lab.Change) {
		mu.Lock()
		defer mu.Unlock()
		changes++
		if l, ok := change.(lab.LinkChanged); ok && !l.Up && strings.Contains(l.Problem.En, want) && l.Problem.Ko != "" {
			lost = true
			if want != "" {
				cancel()
			}
		}
	})
	return changes, lost
}

// listsAndThen answers lists with nothing, as a server without streamed lists, and pods' watches as it is told.
func listsAndThen(pods http.HandlerFunc) http.HandlerFunc {
	s := &apiServer{version: 1}
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("watch") == "true" && r.URL.Query().Get("sendInitialEvents") == "" && strings.HasSuffix(r.URL.Path, "/pods") {
			pods(w, r)
			return
		}
		s.serve(w, r)
	}
}

func TestWatchesWithoutEnd(t *testing.T) {
	const json = "application/json"
	tests := []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{"a change", without(json, `{"type":"ADDED","object":{"kind":"`, "x"), "more than 4 MiB"},
		{"empty containers", without(json, `{"type":"ADDED","object":{"kind":"Pod","spec":{"containers":[`, "{},"), "more than 10000 elements"},
		{"a packed change", bomb(`{"type":"ADDED","object":{"kind":"`, "x"), "more than 4 MiB"},
		{"blanks", without(json, "", " "), "more than 4 MiB"},
		{"the same change", without(json, "", onePod), "changes that never pause"},
		{"packed, the same change", bomb("", onePod), "changes that never pause"},
		{"changes of another kind", without(json, "", strings.ReplaceAll(onePod, `"Pod"`, `"Service"`)), "changes that never pause"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, answer := range []http.HandlerFunc{test.answer, listsAndThen(test.answer)} {
				e := &evil{answer: answer}
				c := e.of(t, true)
				c.paces.burst, c.paces.patience = 2*maxEvent, 100*time.Millisecond
				changes, lost := watchFor(t, c, time.Minute, test.want)
				if !lost {
					t.Error("not told")
				}
				if changes > 100 {
					t.Errorf("%d changes were told of", changes)
				}
				if sent := e.sent.Load(); sent > 160<<20 { // five watches, each with as much as is on its way
					t.Errorf("took %d bytes", sent)
				}
			}
		})
	}
}

func TestRequestsWithoutEnd(t *testing.T) {
	status := func(code int, reason metav1.StatusReason, header map[string]string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for name, value := range header {
				w.Header().Set(name, value)
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(code)
			_, _ = fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","code":%d,"reason":%q,"message":"no"}`, code, reason)
		}
	}
	line := func(line string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, line)
		}
	}
	const gone = `{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","code":410,"reason":"Expired"}}`
	tests := []struct {
		name   string
		answer http.HandlerFunc
	}{
		{"redirected to itself", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.String(), http.StatusFound) }},
		{"redirected on and on", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path+"x", http.StatusTemporaryRedirect)
		}},
		{"expired", status(http.StatusGone, metav1.StatusReasonExpired, nil)},
		{"to be retried at once", status(http.StatusTooManyRequests, metav1.StatusReasonTooManyRequests, map[string]string{"Retry-After": "0"})},
		{"failing, to be retried at once", status(http.StatusServiceUnavailable, metav1.StatusReasonServiceUnavailable, map[string]string{"Retry-After": "-1"})},
		{"hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{"watches that expire", listsAndThen(line(gone))},
		{"watches that end after a change", listsAndThen(line(onePod))},
		{"streamed lists that expire", line(gone)},
		{"streamed lists that end after a change", line(onePod)},
		{"streamed lists that end at once", line("")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := &evil{answer: test.answer}
			const seconds = 5
			watchFor(t, e.of(t, false), seconds*time.Second, "")
			// Each of five resources has its burst, each request may be sent on maxRedirects times.
			most := int64(5 * (requestBurst + seconds*requestRate))
			if strings.HasPrefix(test.name, "redirected") {
				most *= maxRedirects + 1
			}
			if n := e.requests.Load(); n > most {
				t.Errorf("%d requests in %d s, want at most %d", n, seconds, most)
			}
		})
	}
}

func TestCredentialsAreNotSentElsewhere(t *testing.T) {
	var asked atomic.Bool
	elsewhere := &evil{answer: func(http.ResponseWriter, *http.Request) { asked.Store(true) }}
	_, port, err := net.SplitHostPort(strings.TrimPrefix(elsewhere.of(t, false).info.Server, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, to string
		tls      bool
	}{
		{"another host", "http://localhost:" + port, false},
		{"without TLS", "http://127.0.0.1:" + port, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := &evil{answer: func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, test.to, http.StatusTemporaryRedirect)
			}}
			_, err := e.of(t, test.tls).Version(t.Context())
			told(t, err, "it redirects requests to "+test.to)
			if asked.Load() {
				t.Error("what the server sends to was asked")
			}
		})
	}
}

func TestLogLinesWithoutEnd(t *testing.T) {
	long := strings.Repeat("한", maxLogLine)
	e := &evil{answer: func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, "2026-11-23T10:00:00Z %s\n2026-11-23T10:00:01Z short\r\n\n2026-11-23T10:00:02Z last", long)
	}}
	var lines []lab.LogLine
	if err := e.of(t, false).Logs(t.Context(), "p", "c", time.Time{}, func(l lab.LogLine) { lines = append(lines, l) }); err != nil {
		t.Fatal(err)
	}
	if len(lines) != 3 || lines[1].Text != "short" || lines[2].Text != "last" {
		t.Fatalf("got %d lines", len(lines))
	}
	if text := lines[0].Text; len(text) > maxLogLine+10 || !strings.HasPrefix(text, "한") || !strings.HasSuffix(text, "한…") {
		t.Errorf("the long line has %d bytes and ends with %q", len(text), text[len(text)-10:])
	}

	// One that never ends is read no faster than its pace, and nothing of it is kept.
	endless := &evil{answer: without("text/plain", "2026-11-23T10:00:00Z ", "x")}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := endless.of(t, false).Logs(ctx, "p", "c", time.Time{}, func(lab.LogLine) {}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Logs returned %v", err)
	}
	if sent := endless.sent.Load(); sent > logBurst+4*logRate+16<<20 {
		t.Errorf("took %d bytes in a second", sent)
	}
}

// Who upgrades a connection reads the header of the answer without a bound of its own.
func TestUpgradeHeadersWithoutEnd(t *testing.T) {
	e := &evil{answer: func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, err = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nX: ")
		for line := bytes.Repeat([]byte("x"), 1<<10); err == nil; {
			_, err = conn.Write(line)
		}
	}}
	c := e.of(t, false)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, _, err := c.Exec(ctx, "p", "c", []string{"true"}, 100, func(time.Duration) {})
	if err == nil || ctx.Err() != nil {
		t.Errorf("Exec returned %v", err)
	}
	_, _, err = c.Dial(ctx, "p", 80)
	if err == nil || ctx.Err() != nil {
		t.Errorf("Dial returned %v", err)
	}
}

func TestSlowAnswersEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		body := timed(t.Context(), &boundedBody{ReadCloser: reader, left: maxBody, most: maxBody})
		defer body.Close()
		var writing sync.WaitGroup
		writing.Go(func() {
			for range time.Tick(time.Second) {
				if _, err := writer.Write([]byte(" ")); err != nil {
					return
				}
			}
		})
		start := time.Now()
		_, err := io.Copy(io.Discard, body)
		if took := time.Since(start); !errors.Is(err, context.DeadlineExceeded) || took != bodyPatience {
			t.Errorf("ended after %v with %v", took, err)
		}
		writing.Wait()
	})
}

func TestPacedBody(t *testing.T) {
	tests := []struct {
		name    string
		every   time.Duration // a change
		changes int
		cut     bool
	}{
		{"few changes", time.Second, 1000, false},
		{"a burst", 0, 1000, false},
		{"more than its pace, for ever", time.Millisecond, 1e6, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				reader, writer := io.Pipe()
				body := &pacedBody{
					ReadCloser: reader, ctx: t.Context(), meter: newMeter(maxEvent, maxEventElements),
					pace: rate.NewLimiter(watchRate, 8<<20), patience: floodPatience,
				}
				var writing sync.WaitGroup
				writing.Go(func() {
					defer func() { _ = writer.Close() }()
					for range test.changes {
						if _, err := io.WriteString(writer, onePod); err != nil {
							return
						}
						<-time.After(test.every) // the bubble's time
					}
				})
				lines, start := 0, time.Now()
				in := bufio.NewScanner(body)
				for in.Scan() {
					lines++
				}
				if cut := endless(errors.Join(in.Err(), errors.New("the end"))); cut != test.cut {
					t.Errorf("after %d changes in %v: %v", lines, time.Since(start), in.Err())
				}
				if !test.cut && lines != test.changes {
					t.Errorf("got %d changes of %d", lines, test.changes)
				}
				writing.Wait()
			})
		})
	}
}

func TestErrorsAreShort(t *testing.T) {
	e := &evil{answer: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","code":403,"reason":"Forbidden","message":"no, %s"}`,
			strings.Repeat("no ", 20<<10))
	}}
	c := e.of(t, false)
	_, err := c.Version(t.Context())
	told(t, err, "not permitted: no, no")
	if said := err.Error(); len(said) > 2*maxErrorBody {
		t.Errorf("an error of %d bytes", len(said))
	}
	var shown *lab.Error
	if errors.As(err, &shown) && len(shown.Msg.Ko+shown.Msg.En) > 4<<10 {
		t.Errorf("a message of %d bytes", len(shown.Msg.Ko+shown.Msg.En))
	}
}
