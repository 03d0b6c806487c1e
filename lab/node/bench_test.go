package node

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"healthlab/probes"
)

// lateness records how much later than planned attempts begin.
type lateness struct {
	mu      sync.Mutex
	planned map[probes.Key]time.Time
	late    []time.Duration
	failed  int
}

func (l *lateness) add(a probes.Attempt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if due, ok := l.planned[a.Key]; ok {
		l.late = append(l.late, a.Start.Sub(due))
	}
	l.planned[a.Key] = a.Next
	if a.Outcome != probes.Success {
		l.failed++
	}
}

func (l *lateness) percentile(p int) float64 {
	return float64(l.late[min(len(l.late)*p/100, len(l.late)-1)].Microseconds()) / 1000
}

// BenchmarkProbedPods has 1,000 pods (50 with -short) on one node, each with one probe a second, for b.N seconds. It prints how late
// attempts are, in milliseconds, and what a probed pod takes.
func BenchmarkProbedPods(b *testing.B) {
	pods := 1000
	if testing.Short() {
		pods = 50
	}
	for _, m := range []struct {
		name    string
		command string
		probe   v1.ProbeHandler
	}{
		{"exec", "/wait", v1.ProbeHandler{Exec: &v1.ExecAction{Command: []string{"/cat", "/etc/hostname"}}}},
		{"tcp", "/listen", v1.ProbeHandler{TCPSocket: &v1.TCPSocketAction{Port: intstr.FromInt(80)}}},
	} {
		b.Run(m.name, func(b *testing.B) {
			l := startLab(b, nil)
			late := &lateness{planned: map[probes.Key]time.Time{}}
			l.agent.prober.Close()
			l.agent.prober = probes.New(probes.Config{Report: func(a probes.Attempt) {
				late.add(a)
				l.agent.report(a)
			}})
			before, goroutines := heap(), runtime.NumGoroutine()
			for i := range pods {
				l.create(testPod(fmt.Sprintf("pod-%d", i), func(p *v1.Pod) {
					p.Spec.Containers[0].Command = []string{m.command}
					p.Spec.Containers[0].ReadinessProbe = &v1.Probe{
						ProbeHandler: m.probe, PeriodSeconds: 1, TimeoutSeconds: 1, SuccessThreshold: 1, FailureThreshold: 3,
					}
				}))
			}
			for i := range pods {
				l.wait(fmt.Sprintf("pod-%d", i), "ready", func(p *v1.Pod) bool {
					return slices.ContainsFunc(p.Status.Conditions, func(c v1.PodCondition) bool {
						return c.Type == v1.PodReady && c.Status == v1.ConditionTrue
					})
				})
			}
			perPod := float64(heap()-before) / float64(pods)
			each := float64(runtime.NumGoroutine()-goroutines) / float64(pods)
			late.mu.Lock()
			late.late, late.failed = nil, 0
			late.mu.Unlock()
			second := time.NewTicker(time.Second)
			defer second.Stop()
			for b.Loop() {
				<-second.C
			}
			b.StopTimer()
			late.mu.Lock()
			defer late.mu.Unlock()
			slices.Sort(late.late)
			if len(late.late) == 0 {
				b.Fatal("no attempts")
			}
			for _, p := range []int{50, 95, 99, 100} {
				b.ReportMetric(late.percentile(p), fmt.Sprintf("late-p%d-ms", p))
			}
			b.ReportMetric(float64(len(late.late))/b.Elapsed().Seconds(), "attempts/s")
			b.ReportMetric(float64(late.failed), "failed")
			b.ReportMetric(perPod/1024, "KiB/pod")
			b.ReportMetric(each, "goroutines/pod")
		})
	}
}

// heap returns how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
