package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	v1 "k8s.io/api/core/v1"

	"healthlab/lab/node/sandbox"
	"healthlab/lab/podspec"
	"healthlab/probes"
)

// verdict is what the probe engine holds true of a run. A pod that is being deleted is not judged any more: the kubelet
// lets liveness and startup end with success.
func (w *podWorker) verdict(container string, kind probes.Kind, id string) probes.Verdict {
	w.mu.Lock()
	deleting := w.pod.DeletionTimestamp != nil || w.gone
	w.mu.Unlock()
	if deleting && kind != probes.Readiness {
		return probes.Passing
	}
	v, ok := w.agent.prober.Verdict(probes.Key{Pod: string(w.uid), Container: container, Kind: kind}, id)
	if !ok {
		return kind.Initial()
	}
	return v
}

// probe starts to probe the pod's containers; what is probed already stays as it is.
func (w *podWorker) probe(pod *v1.Pod) {
	for _, c := range podspec.Probed(pod) {
		target := probes.Target{
			Host: w.ip, Ports: podspec.Ports(c), Dial: w.agent.runtime.Dial,
			Exec: func(ctx context.Context, command []string, limit int) ([]byte, int, error) {
				return w.probeExec(ctx, c.Name, command, limit)
			},
		}
		for _, spec := range podspec.Probes(c) {
			key := probes.Key{Pod: string(w.uid), Container: c.Name, Kind: spec.Kind}
			err := w.agent.prober.Add(key, spec, target, func() probes.State { return w.probeState(c) })
			if err != nil && !errors.Is(err, probes.ErrClosed) {
				w.agent.events.container(pod, c.Name, v1.EventTypeWarning, "Unhealthy", "%s probe cannot be run: %v",
					spec.Kind.Title(), err)
			}
		}
	}
}

// stopProbes ends all probes of the pod.
func (w *podWorker) stopProbes(pod *v1.Pod) {
	for _, c := range podspec.Probed(pod) {
		for _, spec := range podspec.Probes(c) {
			w.agent.prober.Remove(probes.Key{Pod: string(w.uid), Container: c.Name, Kind: spec.Kind})
		}
	}
}

// probeState is what the probe engine sees at a tick: the published status, as in a kubelet.
func (w *podWorker) probeState(c *v1.Container) probes.State {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := findStatus(w.status.ContainerStatuses, c.Name)
	if s == nil {
		s = findStatus(w.status.InitContainerStatuses, c.Name)
	}
	state := probes.State{
		Terminal: terminalPhase(w.status.Phase),
		Deleting: w.pod.DeletionTimestamp != nil || w.gone,
	}
	if s == nil {
		return state
	}
	state.ID = trimID(s.ContainerID)
	state.Started = isTrue(s.Started)
	switch {
	case s.State.Running != nil:
		state.Running, state.StartedAt = true, s.State.Running.StartedAt.Time
	case s.State.Terminated != nil:
		state.Terminal = state.Terminal || !isRestartingAll(w.status) && !restartable(w.pod, c, s.State.Terminated)
	}
	return state
}

// probeExec runs the command of an exec probe.
func (w *podWorker) probeExec(ctx context.Context, name string, command []string, limit int) ([]byte, int, error) {
	e := w.running(name, "")
	if e == nil {
		return nil, 0, fmt.Errorf("container %q is not running", name)
	}
	out := &limitedBuffer{limit: limit}
	code, err := e.sandbox.Exec(ctx, sandbox.ExecConfig{Command: command, Stdout: out, Stderr: out})
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("rpc error: code = Unknown desc = %w", err)
	}
	return out.bytes(), code, err
}

// limitedBuffer keeps the first bytes that are written to it, and takes the rest without keeping it.
type limitedBuffer struct {
	limit int

	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *limitedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buf.Write(p[:min(len(p), max(b.limit-b.buf.Len(), 0))])
	return len(p), nil
}

func (b *limitedBuffer) bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.buf.Bytes())
}
