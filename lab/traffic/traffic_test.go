package traffic

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"healthlab/lab"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// listen serves each connection until the test ends, and returns how to open one.
func listen(t *testing.T, serve func(net.Conn)) func(context.Context) (net.Conn, string, error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	done := make(chan struct{})
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer conn.Close()
				serve(conn)
			})
			all.Go(func() { // hangs up in the end, whatever the server does
				<-done
				conn.Close()
			})
		}
	})
	t.Cleanup(func() { l.Close(); close(done); all.Wait() })
	return dial("web-1", l.Addr().String())
}

func dial(pod, address string) func(context.Context) (net.Conn, string, error) {
	return func(ctx context.Context) (net.Conn, string, error) {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		return conn, pod, err
	}
}

// sum runs a stream until so many requests have ended.
func sum(t *testing.T, s Stream, want int) (all lab.TrafficCounts, pods map[string]lab.TrafficCounts, speaks lab.TrafficProtocol) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	pods = map[string]lab.TrafficCounts{}
	err := s.Run(ctx, func(second lab.TrafficSecond) {
		all, speaks = all.Plus(second.All), second.Speaks
		for _, p := range second.Pods {
			pods[p.Pod] = pods[p.Pod].Plus(p.TrafficCounts)
		}
		if all.Sent()+all.Unsent >= want {
			stop()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("Run: %v after %+v", err, all)
	}
	return all, pods, speaks
}

func plan() lab.TrafficPlan { return lab.TrafficPlan{Service: "web", Rate: 20} }

func TestWhatComesOfRequests(t *testing.T) {
	answer := func(status int, body string) func(net.Conn) {
		return func(c net.Conn) {
			buf := make([]byte, 4<<10)
			_, _ = c.Read(buf)
			fmt.Fprintf(c, "HTTP/1.1 %d x\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
		}
	}
	for name, test := range map[string]struct {
		serve  func(net.Conn)
		given  lab.TrafficProtocol
		want   func(lab.TrafficCounts) int // what all of them are
		speaks lab.TrafficProtocol
	}{
		"well":                     {answer(200, "ok"), "", func(c lab.TrafficCounts) int { return c.Answered }, lab.TrafficHTTP},
		"a path that is not there": {answer(404, "no"), "", func(c lab.TrafficCounts) int { return c.Answered }, lab.TrafficHTTP},
		"an error":                 {answer(503, "no"), "", func(c lab.TrafficCounts) int { return c.Errors }, lab.TrafficHTTP},
		"gigabytes": {func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n")
			for {
				if _, err := c.Write(make([]byte, 32<<10)); err != nil {
					return
				}
			}
		}, "", func(c lab.TrafficCounts) int { return c.Answered }, lab.TrafficHTTP},
		"headers without end": {func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\n")
			for {
				if _, err := fmt.Fprintf(c, "X: %s\r\n", strings.Repeat("x", 1000)); err != nil {
					return
				}
			}
		}, lab.TrafficHTTP, func(c lab.TrafficCounts) int { return c.Broken }, lab.TrafficHTTP},
		"drop by drop": {func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx")
			_, _ = io.Copy(io.Discard, c)
		}, lab.TrafficHTTP, func(c lab.TrafficCounts) int { return c.TimedOut }, lab.TrafficHTTP},
		"never":       {func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, lab.TrafficHTTP, func(c lab.TrafficCounts) int { return c.TimedOut }, lab.TrafficHTTP},
		"hung up":     {func(net.Conn) {}, lab.TrafficHTTP, func(c lab.TrafficCounts) int { return c.Broken }, lab.TrafficHTTP},
		"no HTTP":     {func(c net.Conn) { fmt.Fprint(c, "-ERR unknown command\r\n"); _, _ = io.Copy(io.Discard, c) }, "", func(c lab.TrafficCounts) int { return c.Answered }, lab.TrafficTCP},
		"TCP alone":   {func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, lab.TrafficTCP, func(c lab.TrafficCounts) int { return c.Answered }, lab.TrafficTCP},
		"not as said": {func(c net.Conn) { fmt.Fprint(c, "SSH-2.0-x\r\n") }, lab.TrafficHTTP, func(c lab.TrafficCounts) int { return c.Broken }, lab.TrafficHTTP},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := plan()
			p.Speaks = test.given
			all, pods, speaks := sum(t, Stream{Plan: p, Open: listen(t, test.serve)}, 10)
			if n := test.want(all); n != all.Sent() || all.Unsent > 0 || pods["web-1"] != all || speaks != test.speaks {
				t.Errorf("%+v, of web-1 %+v, speaks %q, want %q", all, pods["web-1"], speaks, test.speaks)
			}
		})
	}
}

// A port that never answers a single byte is one of TCP, after a while.
func TestASilentPortIsOfTCP(t *testing.T) {
	all, _, speaks := sum(t, Stream{Plan: plan(), Open: listen(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })}, 60)
	if speaks != lab.TrafficTCP || all.TimedOut < maxSilent || all.Answered == 0 {
		t.Errorf("%+v, speaks %q", all, speaks)
	}
}

func TestTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	server.Config.ErrorLog = nil
	server.Config.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){}
	server.StartTLS()
	t.Cleanup(server.Close)
	all, _, speaks := sum(t, Stream{Plan: plan(), Open: dial("web-1", server.Listener.Addr().String())}, 20)
	if speaks != lab.TrafficHTTPS || all.Answered != all.Sent() {
		t.Errorf("%+v, speaks %q", all, speaks)
	}
}

func TestErrorsOfTheWay(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want func(lab.TrafficCounts) int
		pods int
	}{
		"refused": {syscall.ECONNREFUSED, func(c lab.TrafficCounts) int { return c.Refused }, 1},
		"late":    {context.DeadlineExceeded, func(c lab.TrafficCounts) int { return c.TimedOut }, 1},
		"no host": {syscall.EHOSTUNREACH, func(c lab.TrafficCounts) int { return c.Broken }, 1},
		"no pod":  {fmt.Errorf("%w: x", ErrNoPod), func(c lab.TrafficCounts) int { return c.NoPod }, 0},
		"unsent":  {fmt.Errorf("%w: x", ErrUnsent), func(c lab.TrafficCounts) int { return c.Unsent }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all, pods, _ := sum(t, Stream{Plan: plan(), Open: func(context.Context) (net.Conn, string, error) { return nil, "web-1", test.err }}, 5)
			if n := test.want(all); n != all.Sent()+all.Unsent || len(pods) != test.pods {
				t.Errorf("%+v, %+v", all, pods)
			}
		})
	}
	gone := lab.Errorf(nil, "없습니다", "it is gone")
	err := Stream{Plan: plan(), Open: func(context.Context) (net.Conn, string, error) {
		return nil, "", fmt.Errorf("%w: %w", ErrOver, gone)
	}}.Run(t.Context(), func(lab.TrafficSecond) {})
	if !errors.Is(err, ErrOver) || lab.InFull(err).Ko != "없습니다" {
		t.Errorf("over: %v", err)
	}
}

// No more is under way than is allowed, however slow the way is, and many pods are told only as far as there is room.
func TestAStreamIsBounded(t *testing.T) {
	var mu sync.Mutex
	n, most := 0, 0
	p := plan()
	p.Rate = lab.MaxTrafficRate
	all, _, _ := sum(t, Stream{Plan: p, Way: time.Minute, Open: func(ctx context.Context) (net.Conn, string, error) {
		mu.Lock()
		n++
		most = max(most, n)
		mu.Unlock()
		<-ctx.Done()
		return nil, "", ctx.Err()
	}}, 50)
	if limit := 2*p.Rate + 10; most != limit || all.Unsent < 50 {
		t.Errorf("%d were under way, want %d; %+v", most, limit, all)
	}
	i := 0
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	_ = Stream{Plan: p, Open: func(context.Context) (net.Conn, string, error) {
		mu.Lock()
		defer mu.Unlock()
		i++
		return nil, fmt.Sprint("pod-", i), syscall.ECONNREFUSED
	}}.Run(ctx, func(second lab.TrafficSecond) {
		stop()
		if len(second.Pods) != lab.MaxTrafficPods || second.All.Refused <= lab.MaxTrafficPods {
			t.Errorf("%d pods of %d are told apart", len(second.Pods), second.All.Refused)
		}
	})
	for _, bad := range []lab.TrafficPlan{{Service: "web"}, {Service: "web", Rate: 101}, {Service: "web", Rate: 1, Path: "x\r\nHost: y"}} {
		if err := (Stream{Plan: bad}).Run(t.Context(), nil); err == nil {
			t.Errorf("%+v runs", bad)
		}
	}
}

func TestPlanFor(t *testing.T) {
	ports := func(all ...v1.ServicePort) v1.ServiceSpec { return v1.ServiceSpec{ClusterIP: "10.96.0.7", Ports: all} }
	udp := v1.ServicePort{Name: "dns", Port: 53, Protocol: v1.ProtocolUDP}
	web, secure := v1.ServicePort{Name: "http-web", Port: 80}, v1.ServicePort{Port: 443, AppProtocol: new("https")}
	for name, test := range map[string]struct {
		spec v1.ServiceSpec
		port int
		path string
		want string
	}{
		"the first of TCP":   {ports(udp, web, secure), 0, "", "80 / http"},
		"another":            {ports(udp, web, secure), 443, "/x?y=1", "443 /x?y=1 https"},
		"a database":         {ports(v1.ServicePort{Name: "redis", Port: 6379}), 0, "", "6379 / tcp"},
		"nobody says":        {ports(v1.ServicePort{Port: 8080}), 0, "", "8080 / "},
		"no such port":       {ports(web, udp), 53, "", "the Service web has no TCP port 53; it has 80"},
		"UDP alone":          {ports(udp), 0, "", "the Service web has no TCP port; by UDP nobody can tell whether a request was answered"},
		"headless":           {v1.ServiceSpec{ClusterIP: v1.ClusterIPNone, Ports: []v1.ServicePort{web}}, 0, "", "the Service web is headless"},
		"an external name":   {v1.ServiceSpec{Type: v1.ServiceTypeExternalName}, 0, "", "the Service web is an ExternalName"},
		"a path that is not": {ports(web), 0, "x", `"x" is no path that can be asked for`},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, err := PlanFor(&v1.Service{ObjectMeta: metav1.ObjectMeta{Name: "web"}, Spec: test.spec},
				lab.TrafficPlan{Service: "web", Port: test.port, Path: test.path, Rate: 1})
			said := fmt.Sprintf("%d %s %s", got.Port, got.Path, got.Speaks)
			if err != nil {
				said = err.Error()
			}
			if !strings.HasPrefix(said, test.want) || err == nil && said != test.want {
				t.Errorf("got %q, want %q", said, test.want)
			}
		})
	}
}

// What an agent serves is what a console reads, until it hangs up.
func TestServeAndRead(t *testing.T) {
	open := listen(t, func(c net.Conn) {
		fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		_, _ = io.Copy(io.Discard, c)
	})
	ended := make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		Serve(w, r, func(_ context.Context, namespace string, plan lab.TrafficPlan) (Stream, error) {
			if plan.Service == "none" {
				return Stream{}, lab.Errorf(nil, "없습니다", "there is none in %s", namespace)
			}
			plan.Port = 80
			return Stream{Plan: plan, Open: open}, nil
		})
		ended <- struct{}{}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(server.Client().CloseIdleConnections)
	ask := func(p lab.TrafficPlan) (begun lab.TrafficPlan, seconds int, err error) {
		ctx, hangUp := context.WithCancel(t.Context())
		defer hangUp()
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+"?"+Query("labs", p).Encode(), nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		err = Read(answer.Body, func(p lab.TrafficPlan) { begun = p }, func(s lab.TrafficSecond) {
			if s.All.Answered > 0 {
				seconds++
				hangUp()
			}
		})
		hangUp()
		<-ended
		return begun, seconds, err
	}
	begun, seconds, err := ask(lab.TrafficPlan{Service: "web", Rate: 20, Path: "/x"})
	if begun.Port != 80 || begun.Way != lab.TrafficByNode || begun.Path != "/x" || seconds != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("begun %+v, %d seconds, %v", begun, seconds, err)
	}
	if _, _, err := ask(lab.TrafficPlan{Service: "none", Rate: 1}); err == nil || lab.InFull(err).En != "there is none in labs" {
		t.Errorf("none: %v", err)
	}
	if _, _, err := ask(lab.TrafficPlan{Service: "web", Rate: 1000}); !errors.Is(err, ErrNotTold) {
		t.Errorf("too many: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"Begun":{"Service":"web"}}` + "\n" + `{"Second":{"All":{"Answered":1}}}` + "\n" + `{"Ended":{"ko":"x","en":"y"}}` + "\n")
	f.Add(`{"Second":{}}` + "\n")
	f.Add("<html>\n")
	f.Fuzz(func(t *testing.T, answer string) {
		begun := 0
		err := Read(strings.NewReader(answer), func(lab.TrafficPlan) { begun++ }, func(lab.TrafficSecond) {
			if begun != 1 {
				t.Error("told before it has begun")
			}
		})
		if err == nil || begun > 1 {
			t.Errorf("begun %d times, %v", begun, err)
		}
	})
}

// BenchmarkStream is what ten requests cost, as many as are sent in a second.
func BenchmarkStream(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }))
	b.Cleanup(server.Close)
	request, err := request(plan())
	if err != nil {
		b.Fatal(err)
	}
	r := &run{Stream: Stream{Plan: plan(), Open: dial("web-1", server.Listener.Addr().String())}, request: request}
	for b.Loop() {
		for range 10 {
			if _, came, _ := r.send(b.Context(), lab.TrafficHTTP); came != answered {
				b.Fatal(came)
			}
		}
	}
}
