package probes_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/health"

	"healthlab/probes"
)

// BenchmarkAttempt measures one attempt of each mechanism. The servers run in the same process and share the cores.
func BenchmarkAttempt(b *testing.B) {
	for _, mechanism := range mechanisms(b) {
		b.Run(mechanism.name, func(b *testing.B) {
			prober, err := probes.NewProber(mechanism.spec, mechanism.target)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if a, err := prober.Try(b.Context()); err != nil || a.Outcome != probes.Success {
					b.Fatalf("attempt = %+v, %v", a, err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "attempts/s")
		})
	}
}

// BenchmarkThousandWorkers runs 1,000 probes with a period of one second and measures how late their attempts are
// after their tick, how many ticks were lost because an attempt took longer than the period, and what a probe costs
// in memory and goroutines. One iteration is five attempts of each. HTTPS is left out: a thousand handshakes a
// second, both ends of them here, need more than two cores.
func BenchmarkThousandWorkers(b *testing.B) {
	for _, mechanism := range mechanisms(b) {
		if mechanism.name == "https" {
			continue
		}
		for _, start := range []struct {
			name  string
			apart time.Duration // between the workers' starts
		}{{"spread", time.Millisecond}, {"at-once", 0}} {
			b.Run(mechanism.name+"/"+start.name, func(b *testing.B) {
				for b.Loop() {
					thousandWorkers(b, mechanism.spec, mechanism.target, start.apart)
				}
			})
		}
	}
}

func thousandWorkers(b *testing.B, spec probes.Spec, target probes.Target, apart time.Duration) {
	const workers, rounds = 1000, 5
	spec.Period = time.Second
	before := measure()

	var mu sync.Mutex
	var late []time.Duration
	base := make(map[probes.Key]time.Time, workers) // from when a probe's ticks count
	count := make(map[probes.Key]int, workers)
	running := workers
	failures, lost := 0, 0
	done := make(chan struct{})
	engine := probes.New(probes.Config{Report: func(a probes.Attempt) {
		mu.Lock()
		defer mu.Unlock()
		if count[a.Key] == 0 {
			base[a.Key] = a.Start
			if a.Took < spec.Period {
				base[a.Key] = a.Next.Add(-spec.Period)
			}
		} else {
			late = append(late, a.Start.Sub(base[a.Key])%spec.Period)
		}
		if a.Outcome != probes.Success {
			failures++
		}
		count[a.Key]++
		if count[a.Key] == rounds {
			lost += int(a.Start.Sub(base[a.Key])/spec.Period) + 1 - rounds
			if running--; running == 0 {
				close(done)
			}
		}
	}})
	defer engine.Close()

	state := func() probes.State { return probes.State{ID: "c", Running: true, Started: true} }
	pace := time.NewTicker(max(apart, time.Nanosecond))
	defer pace.Stop()
	for i := range workers {
		if apart > 0 {
			<-pace.C
		}
		k := probes.Key{Pod: fmt.Sprintf("pod-%d", i), Container: "app", Kind: spec.Kind}
		if err := engine.Add(k, spec, target, state); err != nil {
			b.Fatal(err)
		}
	}
	<-done
	after := measure()

	mu.Lock()
	defer mu.Unlock()
	slices.Sort(late)
	percentile := func(p int) float64 {
		return float64(late[min(len(late)-1, len(late)*p/100)]) / float64(time.Millisecond)
	}
	b.ReportMetric(percentile(50), "late-p50-ms")
	b.ReportMetric(percentile(99), "late-p99-ms")
	b.ReportMetric(percentile(100), "late-max-ms")
	b.ReportMetric(float64(lost), "lost-ticks")
	b.ReportMetric(float64(failures), "failures")
	b.ReportMetric(float64(after.goroutines-before.goroutines)/workers, "goroutines/probe")
	b.ReportMetric((after.bytes-before.bytes)/workers, "B/probe")
	b.ReportMetric(0, "ns/op") // it says how long the benchmark was made to last
}

type usage struct {
	goroutines int
	bytes      float64
}

// measure returns what is in use after a garbage collection: live heap and stacks.
func measure() usage {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{goroutines: runtime.NumGoroutine(), bytes: float64(m.HeapAlloc + m.StackInuse)}
}

type benchmarked struct {
	name   string
	spec   probes.Spec
	target probes.Target
}

// mechanisms returns a probe of each mechanism, with a server that answers it well.
func mechanisms(b *testing.B) []benchmarked {
	answer := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }
	plain := httptest.NewServer(http.HandlerFunc(answer))
	b.Cleanup(plain.Close)
	secure := httptest.NewUnstartedServer(http.HandlerFunc(answer))
	secure.EnableHTTP2 = true
	secure.StartTLS()
	b.Cleanup(secure.Close)
	open := listenAndClose(b)
	grpcServer := serveGRPC(b, health.NewServer())

	probe := func(change func(*probes.Spec)) probes.Spec {
		s := probes.Spec{Kind: probes.Readiness, Timeout: 10 * time.Second}
		change(&s)
		return s
	}
	target := probes.Target{
		Host: "127.0.0.1",
		Exec: func(context.Context, []string, int) ([]byte, int, error) { return []byte("ok"), 0, nil },
	}
	var all []benchmarked
	add := func(name string, spec probes.Spec) { all = append(all, benchmarked{name, spec, target}) }
	add("exec", probe(func(s *probes.Spec) { s.Exec = &probes.ExecAction{Command: []string{"true"}} }))
	add("tcp", probe(func(s *probes.Spec) { s.TCP = &probes.TCPAction{Port: portOf(b, open)} }))
	add("http", probe(func(s *probes.Spec) {
		s.HTTP = &probes.HTTPAction{Port: portOf(b, plain.Listener.Addr().String())}
	}))
	add("https", probe(func(s *probes.Spec) {
		s.HTTP = &probes.HTTPAction{Scheme: "HTTPS", Port: portOf(b, secure.Listener.Addr().String())}
	}))
	add("grpc", probe(func(s *probes.Spec) { s.GRPC = &probes.GRPCAction{Port: portOf(b, grpcServer).Number} }))
	return all
}

func portOf(b *testing.B, hostPort string) probes.Port {
	at, err := net.ResolveTCPAddr("tcp", hostPort)
	if err != nil {
		b.Fatal(err)
	}
	return probes.Port{Number: at.Port}
}

// listenAndClose accepts connections and closes each at once.
func listenAndClose(b *testing.B) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
		}
	}()
	b.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return listener.Addr().String()
}
