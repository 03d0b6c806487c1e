package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// The figures that a user feels, measured on the real program from the outside. /proc is Linux's.

// patience is how long anything that is measured may take: a benchmark that waits for what never comes fails then.
const patience = time.Minute

func BenchmarkConsole(b *testing.B) {
	h := emptyHome(b)
	var frame, quit time.Duration
	for b.Loop() {
		ctx, cancel := context.WithTimeout(b.Context(), patience)
		started := time.Now()
		console := h.open(h.Command(ctx, "--lang", "en", "--fresh"))
		console.await("What a probe is")
		frame += time.Since(started)
		console.await("connected")
		quit += console.quit(b)
		cancel()
	}
	b.ReportMetric(float64(frame.Milliseconds())/float64(b.N), "ms-to-first-frame")
	b.ReportMetric(float64(quit.Milliseconds())/float64(b.N), "ms-to-quit")
	b.ReportMetric(0, "ns/op")
}

func BenchmarkCluster(b *testing.B) {
	h := emptyHome(b)
	var api, node, ready time.Duration
	for b.Loop() {
		ctx, cancel := context.WithTimeout(b.Context(), patience)
		progress := &firstLine{begins: "kube-apiserver"}
		started := time.Now()
		cluster := h.startClusterWith(ctx, progress)
		node += time.Since(started)
		api += progress.seen(b).Sub(started)
		client := h.client(b)
		applied := time.Now()
		createPod(ctx, b, client, "liveness-app")
		awaitReady(ctx, b, client, "liveness-app")
		ready += time.Since(applied)
		cancel()
		_ = cluster.Wait() // interrupted on purpose
	}
	for name, sum := range map[string]time.Duration{"ms-to-api": api, "ms-to-node": node, "ms-apply-to-ready": ready} {
		b.ReportMetric(float64(sum.Milliseconds())/float64(b.N), name)
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkIdle looks at a console while both labs' objects run and nothing is done: what it costs, and how soon it shows
// a change.
func BenchmarkIdle(b *testing.B) {
	watched := 30 * time.Second
	if testing.Short() {
		watched = time.Second
	}
	h := emptyHome(b)
	console := h.openConsole("--lang", "en")
	console.await("connected")
	kubectl := func(args ...string) {
		ctx, cancel := context.WithTimeout(b.Context(), patience)
		defer cancel()
		if out, err := h.Command(ctx, append([]string{"kubectl"}, args...)...).CombinedOutput(); err != nil {
			b.Fatalf("kubectl %v: %v\n%s", args, err, out)
		}
	}
	kubectl("create", "namespace", "healthchecks")
	for _, file := range []string{"liveness-app.yaml", "readiness-deployment.yaml", "readiness-service.yaml"} {
		kubectl("apply", "-f", filepath.Join("..", "..", "manifests", file))
	}
	kubectl("-n", "healthchecks", "wait", "--for=condition=Available", "deployment/readiness-deployment", "--timeout=60s")
	var cpu, shown time.Duration
	client := h.client(b)
	for b.Loop() {
		all := family(b, console.cmd.Process.Pid)
		before := cpuTime(b, all)
		<-time.After(watched)
		cpu += cpuTime(b, all) - before
		name := fmt.Sprintf("seen-%d", time.Now().UnixNano())
		asked := time.Now() // the request is part of it: the event is on its way before the answer
		ctx, cancel := context.WithTimeout(b.Context(), patience)
		createPod(ctx, b, client, name)
		cancel()
		console.await(name)
		shown += time.Since(asked)
	}
	b.ReportMetric(100*cpu.Seconds()/(watched.Seconds()*float64(b.N)), "%-of-a-core")
	b.ReportMetric(float64(shown.Milliseconds())/float64(b.N), "ms-event-to-frame")
	all := family(b, console.cmd.Process.Pid)
	b.ReportMetric(float64(residentKB(b, "Rss", all[:1]))/1024, "MB-resident")
	b.ReportMetric(float64(residentKB(b, "Pss", all[1:]))/1024, "MB-resident-containers")
	b.ReportMetric(0, "ns/op")
	console.quit(b)
}

// quit presses q and returns how long the console took to end.
func (term *testTerminal) quit(b *testing.B) time.Duration {
	asked := time.Now()
	late := time.AfterFunc(patience, func() { _ = term.cmd.Process.Kill() })
	defer late.Stop()
	term.press("q")
	if err := term.cmd.Wait(); err != nil {
		b.Fatalf("after q: %v", err)
	}
	return time.Since(asked)
}

// firstLine is written to by lines, and remembers when the first one came that begins in a certain way.
type firstLine struct {
	begins string

	mu sync.Mutex
	at time.Time // guarded by mu
}

func (f *firstLine) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.at.IsZero() && bytes.Contains(append([]byte("\n"), p...), []byte("\n"+f.begins)) {
		f.at = time.Now()
	}
	return len(p), nil
}

func (f *firstLine) seen(b *testing.B) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.at.IsZero() {
		b.Fatalf("no line begins with %q", f.begins)
	}
	return f.at
}

func (h home) client(b *testing.B) kubernetes.Interface {
	config, err := clientcmd.BuildConfigFromFlags("", h.state("kubeconfig"))
	if err != nil {
		b.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		b.Fatal(err)
	}
	return client
}

func createPod(ctx context.Context, b *testing.B, client kubernetes.Interface, name string) {
	const ns = "healthchecks"
	_, _ = client.CoreV1().Namespaces().Create(ctx, // it may exist
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}}, metav1.CreateOptions{})
	_, err := client.CoreV1().Pods(ns).Create(ctx, &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: "brentley/ecsdemo-nodejs"}}},
	}, metav1.CreateOptions{})
	if err != nil {
		b.Fatalf("create pod %s: %v", name, err)
	}
}

func awaitReady(ctx context.Context, b *testing.B, client kubernetes.Interface, name string) {
	w, err := client.CoreV1().Pods("healthchecks").Watch(ctx, metav1.ListOptions{FieldSelector: "metadata.name=" + name})
	if err != nil {
		b.Fatal(err)
	}
	defer w.Stop()
	for event := range w.ResultChan() {
		if pod, ok := event.Object.(*corev1.Pod); ok {
			for _, c := range pod.Status.Conditions {
				if c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue {
					return
				}
			}
		}
	}
	b.Fatalf("pod %s never became Ready", name)
}

// family is a process and those that run its containers, which are its children.
func family(b *testing.B, pid int) []int {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		b.Fatal(err)
	}
	all := []int{pid}
	for _, task := range tasks { // whichever thread has started them
		children, err := os.ReadFile(task)
		if err != nil {
			continue // the thread has ended
		}
		for _, child := range strings.Fields(string(children)) {
			n, err := strconv.Atoi(child)
			if err != nil {
				b.Fatal(err)
			}
			all = append(all, n)
		}
	}
	return all
}

// cpuTime is what the processes have used so far, in user and kernel mode.
func cpuTime(b *testing.B, pids []int) time.Duration {
	var ticks int
	for _, pid := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			b.Fatal(err)
		}
		// Fields are counted after the command's closing bracket; 14 and 15 of proc(5) are utime and stime, in 1/100 s.
		fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
		for _, f := range fields[11:13] {
			n, err := strconv.Atoi(string(f))
			if err != nil {
				b.Fatal(err)
			}
			ticks += n
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// residentKB is what the processes take of the memory: Rss counts all that a process uses, Pss what several of them share
// only once. (The console shares its file with the program that measures, so it has to be counted by its Rss.)
func residentKB(b *testing.B, field string, pids []int) int {
	var sum int
	for _, pid := range pids {
		rollup, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			b.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(rollup), "\n"+field+":")
		kb, err := strconv.Atoi(strings.Fields(rest)[0])
		if err != nil {
			b.Fatal(err)
		}
		sum += kb
	}
	return sum
}
