package node

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// pauses returns, for a container that crashes, how many seconds lie between its runs.
func pauses(t *testing.T, l *lab, name string, runs int) []float64 {
	t.Helper()
	var out []float64
	for i := 1; i <= runs; i++ {
		pod := l.wait(name, "restarted", func(p *v1.Pod) bool {
			s := p.Status.ContainerStatuses
			return len(s) > 0 && int(s[0].RestartCount) >= i && s[0].LastTerminationState.Terminated != nil
		})
		s := pod.Status.ContainerStatuses[0]
		start := s.State.Running
		if start == nil {
			t.Fatalf("not running: %+v", s)
		}
		out = append(out, start.StartedAt.Sub(s.LastTerminationState.Terminated.FinishedAt.Time).Seconds())
	}
	return out
}

func TestBackOff(t *testing.T) {
	tests := map[string]struct {
		change func(*v1.Pod)
		// at least so many seconds before each restart, and at most half as many more
		want []float64
	}{
		"a crash is forgiven once": {
			change: func(p *v1.Pod) { p.Spec.Containers[0].Command = []string{"/exit", "1", "5s"} },
			want:   []float64{0, 10, 20, 40, 80, 160, 300, 300},
		},
		"a startup probe's kill is forgiven twice": {
			change: func(p *v1.Pod) {
				p.Spec.Containers[0].Command = []string{"/polite"}
				probe := execProbe(1, "/cat", "/none")
				p.Spec.Containers[0].StartupProbe = probe
			},
			want: []float64{0, 0, 10, 20, 40},
		},
		"ten minutes of running make it forgotten": {
			change: func(p *v1.Pod) { p.Spec.Containers[0].Command = []string{"/exit", "1", "11m"} },
			want:   []float64{0, 0, 0},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := startLab(t, nil)
				l.create(testPod("a", test.change))
				got := pauses(t, l, "a", len(test.want))
				for i, want := range test.want {
					if got[i] < want-0.1 || got[i] > want*1.5+2.1 {
						t.Errorf("pause %d: %v s, want %v s and up to half as much more (all: %v)", i, got[i], want, got)
					}
				}
			})
		})
	}
}

func TestCrashLoopIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startLab(t, nil)
		l.create(testPod("a", func(p *v1.Pod) {
			p.Spec.Containers[0].Command = []string{"/exit", "1"}
			p.Spec.Containers[0].ReadinessProbe = execProbe(1, "/cat", "/none")
		}))
		pod := l.wait("a", "in back-off", func(p *v1.Pod) bool {
			s := p.Status.ContainerStatuses
			return len(s) > 0 && s[0].State.Waiting != nil && s[0].State.Waiting.Reason == "CrashLoopBackOff"
		})
		s := pod.Status.ContainerStatuses[0]
		if want := "back-off 10s restarting failed container=app pod=a_default(uid-a)"; s.State.Waiting.Message != want {
			t.Errorf("message %q", s.State.Waiting.Message)
		}
		if s.LastTerminationState.Terminated.ExitCode != 1 || s.LastTerminationState.Terminated.Reason != "Error" {
			t.Errorf("last state: %+v", s.LastTerminationState)
		}
		if pod.Status.Phase != v1.PodRunning {
			t.Errorf("phase %s", pod.Status.Phase)
		}
		const event = "Warning BackOff Back-off restarting failed container app in pod a_default(uid-a)"
		l.wait("a", "reported", func(*v1.Pod) bool { return len(l.seen(event)) > 0 })
		l.delete("a", 30)
		l.wait("a", "gone", gone)
	})
}

func TestLivenessLab(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startLab(t, nil)
		var flips int
		l.create(testPod("a", func(p *v1.Pod) {
			probe := execProbe(5, "/cat", "/none")
			probe.InitialDelaySeconds = 5
			p.Spec.Containers[0].LivenessProbe = probe
		}))
		started := l.wait("a", "running", running).Status.ContainerStatuses[0].State.Running.StartedAt
		pod := l.wait("a", "restarted", func(p *v1.Pod) bool {
			if s := p.Status.ContainerStatuses; len(s) > 0 && s[0].State.Running != nil && !s[0].Ready {
				flips++
			}
			return p.Status.ContainerStatuses[0].RestartCount == 1
		})
		s := pod.Status.ContainerStatuses[0]
		last := s.LastTerminationState.Terminated
		if last == nil || last.ExitCode != 137 || last.Reason != "Error" || last.Signal != 0 || last.Message != "" {
			t.Fatalf("last state: %+v", s.LastTerminationState)
		}
		if !s.Ready || flips != 0 {
			t.Errorf("Ready was lost (%d times)", flips)
		}
		// first attempt at 5 s or 10 s, two more 5 s apart, 30 s of grace
		if took := last.FinishedAt.Sub(started.Time).Round(time.Second); took != 45*time.Second && took != 50*time.Second {
			t.Errorf("killed after %v", took)
		}
		want := []string{
			"Warning Unhealthy Liveness probe failed: cat: can't open '/none': No such file or directory\n",
			"Normal Killing Container app failed liveness probe, will be restarted",
		}
		if diff := cmp.Diff(want, append(l.seen("Unhealthy"), l.seen("Killing")...)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestReadinessLab(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startLab(t, nil)
		l.create(testPod("a", func(p *v1.Pod) {
			probe := execProbe(3, "/cat", "/tmp/healthy")
			probe.InitialDelaySeconds = 5
			p.Spec.Containers[0].ReadinessProbe = probe
			p.Spec.Containers[0].Lifecycle = &v1.Lifecycle{PostStart: &v1.LifecycleHandler{
				Exec: &v1.ExecAction{Command: []string{"/touch", "/tmp/healthy"}},
			}}
		}))
		pod := l.wait("a", "running", running)
		started := pod.Status.ContainerStatuses[0].State.Running.StartedAt
		if pod.Status.ContainerStatuses[0].Ready {
			t.Error("ready before it was probed")
		}
		ready := func(p *v1.Pod) bool { return p.Status.ContainerStatuses[0].Ready }
		l.wait("a", "ready", ready)
		if took := time.Since(started.Time).Round(time.Second); took != 6*time.Second {
			t.Errorf("ready after %v", took)
		}
		e := l.agent.worker("default", "a").running("app", "")
		if err := containerOf(e).FS().Remove("/tmp/healthy"); err != nil {
			t.Fatal(err)
		}
		pod = l.wait("a", "unready", func(p *v1.Pod) bool { return !ready(p) })
		if c := pod.Status.Conditions[2]; c.Type != v1.PodReady || c.Status != v1.ConditionFalse ||
			c.Reason != "ContainersNotReady" || c.Message != "containers with unready status: [app]" {
			t.Errorf("condition: %+v", c)
		}
		if s := pod.Status.ContainerStatuses[0]; s.RestartCount != 0 || !*s.Started || s.State.Running == nil {
			t.Errorf("status: %+v", s)
		}
		pass(time.Second)
		// Three make it unready, and the look at an unready container makes one more at once.
		if n := l.count("Unhealthy"); n != 4 {
			t.Errorf("%d failures were reported", n)
		}
		if err := containerOf(e).FS().WriteFile("/tmp/healthy", nil, 0o644); err != nil {
			t.Fatal(err)
		}
		l.wait("a", "ready again", ready)
		if killed := l.seen("Killing"); len(killed) > 0 {
			t.Error(killed)
		}
	})
}

func TestEndings(t *testing.T) {
	tests := map[string]struct {
		change  func(*v1.Pod)
		phase   v1.PodPhase
		reason  string // of the pod
		ready   string // the Ready condition's reason
		code    int32
		message string
	}{
		"completed": {
			change: func(p *v1.Pod) {
				p.Spec.RestartPolicy = v1.RestartPolicyNever
				p.Spec.Containers[0].Command = []string{"/exit", "0", "1s"}
			},
			phase: v1.PodSucceeded, ready: "PodCompleted",
		},
		"failed": {
			change: func(p *v1.Pod) {
				p.Spec.RestartPolicy = v1.RestartPolicyNever
				p.Spec.Containers[0].Command = []string{"/die"}
			},
			phase: v1.PodFailed, ready: "PodFailed", code: 3, message: "last words",
		},
		"killed by its probe for good": {
			change: func(p *v1.Pod) {
				p.Spec.RestartPolicy = v1.RestartPolicyNever
				p.Spec.Containers[0].LivenessProbe = execProbe(1, "/cat", "/none")
			},
			phase: v1.PodFailed, ready: "PodFailed", code: 137,
		},
		"past its deadline": {
			change: func(p *v1.Pod) { limit := int64(7); p.Spec.ActiveDeadlineSeconds = &limit },
			phase:  v1.PodFailed, reason: "DeadlineExceeded", ready: "PodFailed", code: 137,
		},
		"an init container failed": {
			change: func(p *v1.Pod) {
				p.Spec.RestartPolicy = v1.RestartPolicyNever
				p.Spec.InitContainers = []v1.Container{{Name: "init", Image: "test", Command: []string{"/exit", "1"}}}
			},
			phase: v1.PodFailed, ready: "PodFailed",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := startLab(t, nil)
				l.create(testPod("a", test.change))
				pod := l.wait("a", "at its end", func(p *v1.Pod) bool { return terminalPhase(p.Status.Phase) })
				if pod.Status.Phase != test.phase || pod.Status.Reason != test.reason {
					t.Errorf("phase %s, reason %s", pod.Status.Phase, pod.Status.Reason)
				}
				if c := pod.Status.Conditions[2]; c.Reason != test.ready || c.Status != v1.ConditionFalse {
					t.Errorf("condition %+v", c)
				}
				if c := pod.Status.Conditions[0]; c.Message != "pod sandbox is not ready" {
					t.Errorf("condition %+v", c)
				}
				if s := pod.Status.ContainerStatuses[0].State.Terminated; len(pod.Spec.InitContainers) == 0 &&
					(s == nil || s.ExitCode != test.code || s.Message != test.message) {
					t.Errorf("state %+v", pod.Status.ContainerStatuses[0].State)
				}
				if killed := l.seen("Killing"); name == "killed by its probe for good" &&
					!cmp.Equal(killed, []string{"Normal Killing Stopping container app"}) {
					t.Error(killed)
				}
				l.delete("a", 30)
				l.wait("a", "gone", gone)
			})
		})
	}
}

func TestPodsForAnotherSystem(t *testing.T) {
	for reason, change := range map[string]func(*v1.Pod){
		"PodOSNotSupported": func(p *v1.Pod) { p.Spec.OS = &v1.PodOS{Name: v1.Windows} },
		"PodOSSelectorNodeLabelDoesNotMatch": func(p *v1.Pod) {
			p.Spec.NodeSelector = map[string]string{v1.LabelOSStable: "windows"}
		},
	} {
		t.Run(reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := startLab(t, nil)
				l.create(testPod("a", change))
				pod := l.wait("a", "at its end", func(p *v1.Pod) bool { return terminalPhase(p.Status.Phase) })
				if s := pod.Status; s.Phase != v1.PodFailed || s.Reason != reason || !strings.HasPrefix(s.Message, "Pod was rejected: Failed to admit") {
					t.Errorf("phase %s, reason %s, message %q", s.Phase, s.Reason, s.Message)
				}
				if started := l.seen("Started"); len(started) > 0 {
					t.Error(started)
				}
				l.delete("a", 0)
				l.wait("a", "gone", gone)
			})
		})
	}
}

func TestStartProblems(t *testing.T) {
	tests := map[string]struct {
		change  func(*v1.Pod)
		reason  string
		message string // part of it
		event   string
	}{
		"no such image": {
			change: func(p *v1.Pod) { p.Spec.Containers[0].Image = "alpineee" },
			reason: "ErrImagePull", message: "there is no such image; there is test",
			event: `Warning Failed Failed to pull image "alpineee": there is no such image; there is test`,
		},
		"no such image, later": {
			change: func(p *v1.Pod) { p.Spec.Containers[0].Image = "alpineee" },
			reason: "ImagePullBackOff", message: `Back-off pulling image "alpineee": ErrImagePull: there is no`,
			event: `Normal BackOff Back-off pulling image "alpineee"`,
		},
		"not an image name": {
			change: func(p *v1.Pod) { p.Spec.Containers[0].Image = "Not An Image" },
			reason: "InvalidImageName", message: "couldn't parse image name",
			event: "Warning Failed Error: InvalidImageName",
		},
		"never pulled": {
			change: func(p *v1.Pod) {
				p.Spec.Containers[0].Image = "alpineee"
				p.Spec.Containers[0].ImagePullPolicy = v1.PullNever
			},
			reason: "ErrImageNeverPull", message: `Container image "alpineee" is not present with pull policy of Never`,
			event: "Warning Failed Error: ErrImageNeverPull",
		},
		"no such program": {
			change: func(p *v1.Pod) { p.Spec.Containers[0].Command = []string{"/nothing"} },
			reason: "RunContainerError", message: "failed to create containerd task",
			event: "Warning Failed Error: failed to create containerd task",
		},
		"no such config map": {
			change: func(p *v1.Pod) {
				p.Spec.Containers[0].EnvFrom = []v1.EnvFromSource{{ConfigMapRef: &v1.ConfigMapEnvSource{
					LocalObjectReference: v1.LocalObjectReference{Name: "conf"},
				}}}
			},
			reason: "CreateContainerConfigError", message: `configmap "conf" not found`,
			event: `Warning Failed Error: configmap "conf" not found`,
		},
		"a path in a volume without its variables": {
			change: func(p *v1.Pod) {
				p.Spec.Volumes = []v1.Volume{{Name: "v", VolumeSource: v1.VolumeSource{EmptyDir: &v1.EmptyDirVolumeSource{}}}}
				p.Spec.Containers[0].Env = []v1.EnvVar{{Name: "SET", Value: "x"}, {Name: "EMPTY"}}
				p.Spec.Containers[0].VolumeMounts = []v1.VolumeMount{
					{Name: "v", MountPath: "/v", SubPathExpr: "$(SET)/$(NONE)/$(EMPTY)/$(NONE)"},
				}
			},
			reason: "CreateContainerConfigError", message: "missing value for EMPTY, NONE",
			event: "Warning Failed Error: missing value for EMPTY, NONE",
		},
		"a postStart hook that fails": {
			change: func(p *v1.Pod) {
				p.Spec.Containers[0].Lifecycle = &v1.Lifecycle{PostStart: &v1.LifecycleHandler{
					Exec: &v1.ExecAction{Command: []string{"/cat", "/none"}},
				}}
			},
			reason: "PostStartHookError", message: `Exec lifecycle hook ([/cat /none]) for Container "app" in Pod`,
			event: "Warning FailedPostStartHook PostStartHook failed",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := startLab(t, nil)
				l.create(testPod("a", test.change))
				pod := l.wait("a", test.reason, func(p *v1.Pod) bool {
					s := p.Status.ContainerStatuses
					return len(s) > 0 && s[0].State.Waiting != nil && s[0].State.Waiting.Reason == test.reason
				})
				s := pod.Status.ContainerStatuses[0]
				if !strings.Contains(s.State.Waiting.Message, test.message) {
					t.Errorf("message %q", s.State.Waiting.Message)
				}
				l.wait("a", "reported as "+test.event, func(*v1.Pod) bool { return len(l.seen(test.event)) > 0 })
				if test.reason == "RunContainerError" {
					if last := s.LastTerminationState.Terminated; last == nil || last.ExitCode != 128 ||
						last.Reason != "StartError" || last.StartedAt.Unix() != 0 {
						t.Errorf("last state %+v", s.LastTerminationState)
					}
				}
				l.delete("a", 30)
				l.wait("a", "gone", gone)
			})
		})
	}
}

func TestInitContainersAndSidecars(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startLab(t, nil)
		always := v1.ContainerRestartPolicyAlways
		l.create(testPod("a", func(p *v1.Pod) {
			p.Spec.InitContainers = []v1.Container{
				{Name: "first", Image: "test", Command: []string{"/exit", "0", "2s"}},
				{
					Name: "side", Image: "test", Command: []string{"/polite"}, RestartPolicy: &always,
					Env:          []v1.EnvVar{{Name: "FILE", Value: "/etc/hostname"}},
					StartupProbe: execProbe(1, "/cat", "$(FILE)"),
				},
				{Name: "last", Image: "test", Command: []string{"/exit", "0", "1s"}},
			}
		}))
		pending := l.wait("a", "initializing", func(p *v1.Pod) bool { return len(p.Status.InitContainerStatuses) == 3 })
		if c := pending.Status.Conditions[1]; c.Reason != "ContainersNotInitialized" ||
			c.Message != "containers with incomplete status: [first side last]" {
			t.Errorf("condition %+v", c)
		}
		if r := pending.Status.ContainerStatuses[0].State.Waiting.Reason; r != "PodInitializing" {
			t.Errorf("reason %s", r)
		}
		pod := l.wait("a", "running", running)
		if s := pod.Status.InitContainerStatuses; s[0].State.Terminated == nil || s[1].State.Running == nil ||
			!*s[1].Started || s[2].State.Terminated == nil {
			t.Errorf("statuses %+v", s)
		}
		l.delete("a", 30)
		l.wait("a", "gone", gone)
		killed := l.seen("Killing")
		if len(killed) != 2 {
			t.Error(killed)
		}
	})
}

func TestDeletion(t *testing.T) {
	tests := map[string]struct {
		change func(*v1.Pod)
		grace  int64
		took   time.Duration
		phase  v1.PodPhase
	}{
		"a container that ends at SIGTERM": {
			change: func(p *v1.Pod) { p.Spec.Containers[0].Command = []string{"/polite"} },
			grace:  30, took: 0, phase: v1.PodSucceeded,
		},
		"no grace still is two seconds": {grace: 0, took: 2 * time.Second, phase: v1.PodFailed},
		"a preStop hook comes first": {
			change: func(p *v1.Pod) {
				p.Spec.Containers[0].Command = []string{"/polite"}
				p.Spec.Containers[0].Lifecycle = &v1.Lifecycle{PreStop: &v1.LifecycleHandler{Sleep: &v1.SleepAction{Seconds: 5}}}
			},
			grace: 30, took: 5 * time.Second, phase: v1.PodSucceeded,
		},
		"a preStop hook counts towards the grace": {
			change: func(p *v1.Pod) {
				p.Spec.Containers[0].Lifecycle = &v1.Lifecycle{PreStop: &v1.LifecycleHandler{Sleep: &v1.SleepAction{Seconds: 5}}}
			},
			grace: 8, took: 8 * time.Second, phase: v1.PodFailed,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := startLab(t, nil)
				l.create(testPod("a", test.change))
				l.wait("a", "running", running)
				start := time.Now()
				l.delete("a", test.grace)
				var last v1.PodPhase
				l.wait("a", "gone", func(p *v1.Pod) bool {
					if p != nil {
						last = p.Status.Phase
					}
					return p == nil
				})
				if took := time.Since(start).Round(time.Second); took != test.took {
					t.Errorf("took %v", took)
				}
				if last != test.phase && last != v1.PodRunning { // the last phase is seen for a moment only
					t.Errorf("phase %s", last)
				}
			})
		})
	}
}

func TestForcedDeletionLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := startLab(t, nil)
		l.create(testPod("a", nil))
		l.wait("a", "running", running)
		zero := int64(0)
		err := l.client.CoreV1().Pods("default").Delete(t.Context(), "a", metav1.DeleteOptions{GracePeriodSeconds: &zero})
		if err != nil {
			t.Fatal(err)
		}
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for range 60 {
			<-tick.C
		}
		if n := len(l.agent.allWorkers()); n != 0 {
			t.Errorf("%d workers are left", n)
		}
	})
}
