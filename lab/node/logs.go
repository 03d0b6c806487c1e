package node

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	criapi "k8s.io/cri-api/pkg/apis"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
	crilogs "k8s.io/cri-client/pkg/logs"
)

// logs serves a container's log (pkg/kubelet/server, getContainerLogs).
func (s *server) logs(w http.ResponseWriter, r *http.Request) {
	options, err := logOptions(r.URL.Query())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	worker := s.find(w, r)
	if worker == nil {
		return
	}
	name := r.PathValue("container")
	e, err := worker.logged(name, options.Previous)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	out := &flushWriter{w: w, controller: http.NewResponseController(w)}
	var stdout, stderr io.Writer = out, out
	if options.Stream != nil && *options.Stream == v1.LogStreamStdout {
		stderr = nil
	}
	if options.Stream != nil && *options.Stream == v1.LogStreamStderr {
		stdout = nil
	}
	_, _ = out.Write(nil) // sends the header: a follower of a silent container wants to know that it is connected
	ctx, cancel := s.bound(r.Context())
	defer cancel()
	err = crilogs.ReadLogs(ctx, e.logPath, e.ID, readOptions(options, time.Now()), runStates{worker: worker, e: e},
		stdout, stderr)
	if err != nil && ctx.Err() == nil {
		s.agent.log.Debug("read log", "container", e.ID, "err", err)
	}
}

// logOptions reads the query as the API server sends it.
func logOptions(q url.Values) (*v1.PodLogOptions, error) {
	o := &v1.PodLogOptions{}
	for name, field := range map[string]*bool{
		"follow": &o.Follow, "previous": &o.Previous, "timestamps": &o.Timestamps,
	} {
		if v := q.Get(name); v != "" {
			b, err := strconv.ParseBool(v)
			if err != nil {
				return nil, fmt.Errorf("%s: %q is neither true nor false", name, v)
			}
			*field = b
		}
	}
	for name, field := range map[string]**int64{
		"tailLines": &o.TailLines, "sinceSeconds": &o.SinceSeconds, "limitBytes": &o.LimitBytes,
	} {
		if v := q.Get(name); v != "" {
			n, err := strconv.ParseInt(v, 10, 64)
			if err != nil || n < 0 {
				return nil, fmt.Errorf("%s: %q is not a number of 0 or more", name, v)
			}
			*field = &n
		}
	}
	if v := q.Get("sinceTime"); v != "" {
		t, err := time.Parse(time.RFC3339, v)
		if err != nil {
			return nil, fmt.Errorf("sinceTime: %w", err)
		}
		o.SinceTime = &metav1.Time{Time: t}
	}
	if v := q.Get("stream"); v != "" {
		o.Stream = &v
	}
	return o, nil
}

// readOptions turns "since 10 s" into a time.
func readOptions(o *v1.PodLogOptions, now time.Time) *crilogs.LogOptions {
	options := &crilogs.LogOptions{
		TailLines: o.TailLines, LimitBytes: o.LimitBytes, Follow: o.Follow, Timestamp: o.Timestamps,
	}
	if o.SinceTime != nil {
		options.Since = o.SinceTime.Time
	}
	if o.SinceSeconds != nil {
		options.Since = now.Add(-time.Duration(*o.SinceSeconds) * time.Second)
	}
	return options
}

// logged returns the run whose log is asked for. The errors are those of the kubelet (validateContainerLogStatus).
func (w *podWorker) logged(name string, previous bool) (*execution, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var runs []*execution
	if r := w.containers[name]; r != nil {
		runs = r.runs
	}
	status := w.statusOf(name)
	if previous {
		for _, e := range runs {
			if status != nil && status.LastTerminationState.Terminated != nil &&
				trimID(status.LastTerminationState.Terminated.ContainerID) == e.ID {
				return e, nil
			}
		}
		return nil, fmt.Errorf("previous terminated container %q in pod %q not found", name, w.pod.Name)
	}
	if len(runs) > 0 {
		return runs[0], nil
	}
	reason := "ContainerCreating"
	if status != nil && status.State.Waiting != nil {
		reason = status.State.Waiting.Reason
	}
	switch reason {
	case errImagePull.Error():
		reason = "image can't be pulled"
	case errImagePullBackOff.Error():
		reason = "trying and failing to pull image"
	}
	return nil, fmt.Errorf("container %q in pod %q is waiting to start: %s", name, w.pod.Name, reason)
}

// statusOf returns the container's published status, or nil. The caller holds w.mu.
func (w *podWorker) statusOf(name string) *v1.ContainerStatus {
	for _, statuses := range [][]v1.ContainerStatus{
		w.status.ContainerStatuses, w.status.InitContainerStatuses, w.status.EphemeralContainerStatuses,
	} {
		if s := findStatus(statuses, name); s != nil {
			return s
		}
	}
	return nil
}

// runStates is the part of a container runtime's API that reading a log needs: whether the container still runs.
type runStates struct {
	criapi.RuntimeService // nil: nothing else is asked
	worker                *podWorker
	e                     *execution
}

// ContainerStatus tells whether the run goes on, which is how long its log is followed.
func (r runStates) ContainerStatus(context.Context, string, bool) (*runtimeapi.ContainerStatusResponse, error) {
	r.worker.mu.Lock()
	defer r.worker.mu.Unlock()
	state := runtimeapi.ContainerState_CONTAINER_EXITED
	if r.e.State == runRunning {
		state = runtimeapi.ContainerState_CONTAINER_RUNNING
	}
	return &runtimeapi.ContainerStatusResponse{Status: &runtimeapi.ContainerStatus{State: state}}, nil
}

// flushWriter sends what is written to it at once.
type flushWriter struct {
	w          io.Writer
	controller *http.ResponseController
}

func (f *flushWriter) Write(p []byte) (int, error) {
	n, err := f.w.Write(p)
	if err == nil {
		err = f.controller.Flush()
	}
	return n, err
}

// logTail returns the last lines of a log, at most limit bytes, without their timestamps.
func logTail(path string, limit int64, lines int64) string {
	var out bytes.Buffer
	options := &crilogs.LogOptions{TailLines: &lines}
	if err := crilogs.ReadLogs(context.Background(), path, "", options, nil, &out, &out); err != nil {
		return ""
	}
	text := out.Bytes()
	if int64(len(text)) > limit {
		text = text[int64(len(text))-limit:]
	}
	return string(text)
}

// removeLogs removes a log with the files that it was rotated into.
func removeLogs(path string) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), filepath.Base(path)) {
			_ = os.Remove(filepath.Join(filepath.Dir(path), e.Name())) // what stays goes with the pod
		}
	}
}
