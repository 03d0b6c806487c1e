package cause

import (
	"math/rand/v2"
	"testing"
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

// FuzzOf puts pods and events together from texts and numbers that nobody would choose. Nothing may panic, and what is said
// stays short and clean.
func FuzzOf(f *testing.F) {
	f.Add(uint64(1), "CrashLoopBackOff", "back-off 5m0s restarting failed container=app", int64(60))
	f.Add(uint64(2), "Killing", livenessKill, int64(0))
	f.Add(uint64(3), "Unhealthy", "\x1b[2JLiveness probe failed:\u202e\n\t", int64(1<<62))
	f.Add(uint64(4), "OOMKilled", "%d%s", int64(-1<<62))
	f.Add(uint64(5), "", "\xff\xfe", int64(3600))
	f.Fuzz(func(t *testing.T, seed uint64, reason, message string, seconds int64) {
		r := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // to be repeated, not to be secret
		pod, seen := anything(r, reason, message, seconds)
		if pod.Name == "" {
			pod.Name = "web"
		}
		wants(t, Of(pod, seen))
	})
}

func anything(r *rand.Rand, reason, message string, seconds int64) (lab.Pod, Seen) {
	pick := func(of ...string) string { return append(of, reason, message)[r.IntN(len(of)+2)] }
	moment := func() time.Time {
		return []time.Time{{}, time.Unix(0, 0), at(r.IntN(90)), at(r.IntN(90)), time.Unix(seconds, 0)}[r.IntN(5)]
	}
	termination := func() *lab.Termination {
		if r.IntN(3) == 0 {
			return nil
		}
		return &lab.Termination{
			ExitCode: []int{0, 1, 137, 139, 143, 128, int(seconds)}[r.IntN(7)], Signal: []int{0, 0, 9, int(seconds)}[r.IntN(4)],
			Reason:  pick("Error", "Completed", "OOMKilled", "StartError", "ContainerStatusUnknown"),
			Message: message, StartedAt: moment(), FinishedAt: moment(), ContainerID: pick("a"),
		}
	}
	container := func() lab.Container {
		c := lab.Container{
			Name: pick("app", "init"), Image: message, ID: pick("a"), State: lab.ContainerState(pick("Waiting", "Running", "Terminated")),
			Reason: pick("CrashLoopBackOff", "ErrImagePull", "CreateContainerConfigError", "RunContainerError", "ContainerCreating"), Message: message,
			StartedAt: moment(), Started: r.IntN(2) == 0, Ready: r.IntN(2) == 0, Restarts: r.IntN(3), Sidecar: r.IntN(4) == 0,
			MemoryLimit: seconds, Final: r.IntN(2) == 0, Once: r.IntN(2) == 0, Exit: termination(), Last: termination(),
		}
		for _, kind := range []probes.Kind{probes.Startup, probes.Readiness, probes.Liveness} {
			if r.IntN(2) == 0 {
				p := lab.Probe{Spec: probes.Spec{Kind: kind, Period: time.Duration(seconds), FailureThreshold: int(seconds), InitialDelay: time.Duration(seconds)}}
				if r.IntN(2) == 0 {
					p.Spec.GracePeriod = new(time.Duration(seconds))
				}
				c.Probes = append(c.Probes, p)
			}
		}
		return c
	}
	pod := lab.Pod{
		Name: pick("web"), UID: pick("u1"), Node: pick("node"), Phase: pick("Running", "Pending", "Failed", "Succeeded", "Unknown"), Reason: pick("", "", "Evicted", "NodeLost"),
		Message: message, Ready: r.IntN(3) == 0, ReadySince: moment(), Created: moment(), Acknowledged: moment(), GracePeriod: time.Duration(seconds),
		DeletionGrace: time.Duration(seconds), RestartPolicy: pick("Always", "Never"), Finalizers: []string{message}, ReadinessGates: []string{reason},
	}
	if r.IntN(4) == 0 {
		pod.Deleting = moment()
	}
	for range r.IntN(4) {
		pod.Containers = append(pod.Containers, container())
	}
	for range r.IntN(3) {
		pod.Init = append(pod.Init, container())
	}
	for range r.IntN(6) {
		pod.Conditions = append(pod.Conditions, lab.Condition{
			Type: pick("Ready", "ContainersReady", "Initialized", "PodScheduled"), Status: pick("True", "False"), Reason: reason, Message: message, Since: moment(),
		})
	}
	seen := Seen{At: moment()}
	if r.IntN(4) == 0 {
		seen.EventsMissing = lab.Same(message + ".")
	}
	for range r.IntN(20) {
		seen.Events = append(seen.Events, lab.Event{
			UID: pick("e"), Type: pick("Normal", "Warning"), ObjectKind: "Pod", ObjectName: pod.Name, ObjectUID: pod.UID, Container: pick("app", "init", ""), Source: "kubelet",
			Reason:  pick("Killing", "Unhealthy", "BackOff", "Started", "Pulling", "FailedMount", "Failed", "SandboxChanged", "NodeNotReady"),
			Message: pick(livenessKill, startupKill, "Stopping container app", liveness500, noExec, noFile, "FailedPostStartHook"),
			Count:   []int{0, 1, 2, 3, int(seconds)}[r.IntN(5)], First: moment(), Last: moment(), Seq: r.Uint64N(9),
		})
	}
	for range r.IntN(5) {
		seen.Attempts = append(seen.Attempts, lab.Attempt{Attempt: probes.Attempt{
			Key: probes.Key{Pod: pod.UID, Container: pick("app"), Kind: probes.Liveness}, ContainerID: pick("a"), Start: moment(), Outcome: probes.Failure, Message: message,
		}})
		seen.Logs = append(seen.Logs, Log{Container: pick("app"), Lines: []lab.LogLine{{At: moment(), Text: message}}})
	}
	return pod, seen
}

// As many pods as there are seeds, so that each run tries more than the corpus.
func TestOfAnything(t *testing.T) {
	for seed := range uint64(5_000) {
		r := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // to be repeated, not to be secret
		pod, seen := anything(r, "Error", "some\x1b[31m text\n", int64(seed%100))
		if pod.Name == "" {
			pod.Name = "web"
		}
		wants(t, Of(pod, seen))
	}
}
