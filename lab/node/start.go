package node

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	v1 "k8s.io/api/core/v1"

	"healthlab/lab/node/images/standin"
	"healthlab/lab/node/sandbox"
	"healthlab/lab/podspec"
)

// What is kept of a termination message (pkg/kubelet/container, MaxContainerTerminationMessage…).
const (
	maxMessage         = 4096
	maxLogMessage      = 2048
	maxLogMessageLines = 80
)

// shmBytes is what containerd gives /dev/shm.
const shmBytes = 64 << 20

// start makes and starts the container's next run (kuberuntime_container.go, startContainer).
func (w *podWorker) start(ctx context.Context, pod *v1.Pod, c *v1.Container, volumes map[string]volume) *startProblem {
	failed := func(reason error, err error) *startProblem {
		w.agent.events.container(pod, c.Name, v1.EventTypeWarning, "Failed", "Error: %v", err)
		return &startProblem{reason: reason, message: err.Error()}
	}
	image, problem := w.agent.images.ensure(ctx, pod, c)
	if problem != nil {
		w.agent.events.container(pod, c.Name, v1.EventTypeWarning, "Failed", "Error: %v", problem.reason)
		return problem
	}
	e, config, err := w.configure(ctx, pod, c, image, volumes)
	if err != nil {
		return failed(errConfig, err)
	}
	if config.ProcessesOf, err = w.debugged(pod, c); err != nil {
		return failed(errCreate, err)
	}
	w.mu.Lock()
	sb := w.sandbox
	w.mu.Unlock()
	if e.sandbox, err = sb.Create(ctx, config); err != nil {
		return failed(errCreate, err)
	}
	e.ID = e.sandbox.ID()
	w.add(c.Name, e)
	w.agent.events.container(pod, c.Name, v1.EventTypeNormal, "Created", "Container created")
	if err := e.sandbox.Start(ctx); err != nil {
		w.recordStartError(e, err)
		return failed(errRun, err)
	}
	w.mu.Lock()
	e.State, e.StartedAt = runRunning, time.Now()
	w.mu.Unlock()
	w.agent.events.container(pod, c.Name, v1.EventTypeNormal, "Started", "Container started")
	w.wg.Go(func() { w.awaitEnd(c, e) }) //nolint:contextcheck // a container outlives the call that has started it
	if c.Lifecycle == nil || c.Lifecycle.PostStart == nil {
		return nil
	}
	message, err := w.hook(ctx, pod, c, e, c.Lifecycle.PostStart)
	if err == nil {
		return nil
	}
	w.agent.events.container(pod, c.Name, v1.EventTypeWarning, "FailedPostStartHook", "PostStartHook failed")
	w.agent.events.container(pod, c.Name, v1.EventTypeNormal, "Killing", "FailedPostStartHook")
	w.kill(ctx, pod, c, e, gracePeriod(pod, kill{Container: c}), nil)
	return &startProblem{reason: errPostStart, message: message}
}

// debugged returns the ID of the container whose processes an ephemeral container asks to see, or "".
func (w *podWorker) debugged(pod *v1.Pod, c *v1.Container) (string, error) {
	for i := range pod.Spec.EphemeralContainers {
		e := &pod.Spec.EphemeralContainers[i]
		if e.Name != c.Name || e.TargetContainerName == "" {
			continue
		}
		target := w.running(e.TargetContainerName, "")
		if target == nil {
			return "", fmt.Errorf("unable to find target container %s", e.TargetContainerName)
		}
		return target.ID, nil
	}
	return "", nil
}

// configure makes all that a run needs but the run itself.
func (w *podWorker) configure(
	ctx context.Context, pod *v1.Pod, c *v1.Container, image pulledImage, volumes map[string]volume,
) (*execution, sandbox.ContainerConfig, error) {
	none := sandbox.ContainerConfig{}
	services, err := w.agent.services.Services(ctx)
	if err != nil {
		return nil, none, fmt.Errorf("%w, cannot construct envvars", err)
	}
	at := where{PodIP: w.ip, HostIP: w.agent.net.Host().String(), Services: services}
	env, err := environment(ctx, w.agent, pod, c, at)
	if err != nil {
		return nil, none, err
	}
	e := &execution{
		run: run{
			Attempt: w.nextAttempt(c.Name), Asked: c.Image, Image: image.Ref, ImageID: image.ID,
			StartedAt: time.Unix(0, 0),
		},
		stopSignal: image.StopSignal,
		over:       make(chan struct{}),
	}
	dir := filepath.Join(w.dir, "containers", c.Name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, none, err
	}
	mounted, err := mounts(c, volumes, env, filepath.Join(dir, "subpaths"))
	if err != nil {
		return nil, none, err
	}
	name := strconv.Itoa(e.Attempt)
	e.logPath, e.message = filepath.Join(dir, name+".log"), filepath.Join(dir, name+".message")
	if err := os.WriteFile(e.message, nil, 0o666); err != nil {
		return nil, none, err
	}
	shm := filepath.Join(w.dir, "shm")
	if err := os.MkdirAll(shm, 0o777); err != nil {
		return nil, none, err
	}
	mounted = append(mounted,
		sandbox.Mount{Source: e.message, Target: messagePath(c)},
		sandbox.Mount{Source: shm, Target: "/dev/shm", MemoryBytes: shmBytes})
	for target, source := range map[string]string{"/etc/hosts": w.hostsPath(), "/etc/resolv.conf": w.resolvPath()} {
		if !mountsAt(c, target) {
			mounted = append(mounted, sandbox.Mount{Source: source, Target: target})
		}
	}
	config := sandbox.ContainerConfig{
		Name:         c.Name,
		Image:        image.Image,
		Command:      podspec.ExpandAll(c.Command, podspec.Values(env)),
		Args:         podspec.ExpandAll(c.Args, podspec.Values(env)),
		Env:          pairs(env),
		Dir:          c.WorkingDir,
		TTY:          c.TTY,
		Stdin:        c.Stdin,
		Mounts:       mounted,
		ReadOnlyRoot: c.SecurityContext != nil && isTrue(c.SecurityContext.ReadOnlyRootFilesystem),
		LogPath:      e.logPath,
		MemoryBytes:  c.Resources.Limits.Memory().Value(),
		CPUMillis:    c.Resources.Limits.Cpu().MilliValue(),
	}
	if image.Plan != nil {
		state := filepath.Join(dir, "stand-in")
		if err := os.MkdirAll(state, 0o755); err != nil {
			return nil, none, err
		}
		config.Command, config.Args, config.Files = nil, nil, image.Plan.Files()
		config.Mounts = append(config.Mounts, sandbox.Mount{Source: state, Target: standin.Dir})
	}
	return e, config, nil
}

func mountsAt(c *v1.Container, path string) bool {
	return slices.ContainsFunc(c.VolumeMounts, func(m v1.VolumeMount) bool { return m.MountPath == path })
}

func messagePath(c *v1.Container) string {
	if c.TerminationMessagePath == "" {
		return v1.TerminationMessagePathDefault
	}
	return c.TerminationMessagePath
}

// nextAttempt returns the restart count of the container's next run. The published status counts where there is none:
// it knows of runs in an earlier life of the agent.
func (w *podWorker) nextAttempt(name string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r := w.containers[name]; r != nil && len(r.runs) > 0 {
		return r.runs[0].Attempt + 1
	}
	s := w.statusOf(name)
	switch {
	case s == nil:
		return 0
	case s.State.Terminated != nil:
		return int(s.RestartCount) + 1
	}
	return int(s.RestartCount)
}

// add makes e the container's newest run. Of the older ones only the last is kept.
func (w *podWorker) add(name string, e *execution) {
	w.mu.Lock()
	r := w.record(name)
	r.runs = append([]*execution{e}, r.runs...)
	var old []*execution
	if len(r.runs) > 2 {
		r.runs, old = r.runs[:2:2], r.runs[2:]
	}
	w.mu.Unlock()
	for _, e := range old {
		if err := e.sandbox.Remove(); err != nil {
			w.agent.log.Error("remove container", "container", e.ID, "err", err)
		}
		removeLogs(e.logPath)
		_ = os.Remove(e.message) // empty in most cases, and gone with the pod in all
	}
}

// recordStartError records that a run has ended before it began, as containerd reports it.
func (w *podWorker) recordStartError(e *execution, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e.State, e.ExitCode, e.Reason, e.Message = runExited, 128, sandbox.ReasonStartError, err.Error()
	e.FinishedAt = time.Now()
	close(e.over)
}

// awaitEnd records the end of a run.
func (w *podWorker) awaitEnd(c *v1.Container, e *execution) {
	<-e.sandbox.Done()
	exit := e.sandbox.Exit()
	message := exit.Message
	if message == "" {
		message = terminationMessage(c, e, exit.Code)
	}
	w.mu.Lock()
	e.State, e.ExitCode, e.Reason, e.Message, e.FinishedAt = runExited, exit.Code, exit.Reason, message, exit.FinishedAt
	close(e.over)
	w.mu.Unlock()
	w.poke()
}

// terminationMessage returns what the container left to say.
func terminationMessage(c *v1.Container, e *execution, exitCode int) string {
	message := string(tail(e.message, maxMessage))
	if message != "" || exitCode == 0 || c.TerminationMessagePolicy != v1.TerminationMessageFallbackToLogsOnError {
		return message
	}
	return logTail(e.logPath, maxLogMessage, maxLogMessageLines)
}

// tail returns the last bytes of a file; nothing if it cannot be read.
func tail(path string, limit int64) []byte {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > limit {
		if _, err := f.Seek(-limit, io.SeekEnd); err != nil {
			return nil
		}
	}
	data, err := io.ReadAll(io.LimitReader(f, limit))
	if err != nil {
		return nil
	}
	return data
}
