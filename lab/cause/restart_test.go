package cause

import (
	"slices"
	"strings"
	"testing"
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

func TestRestarts(t *testing.T) {
	hung := func(end int) *events { // 3 failures, the last at 16, TERM ignored
		return scheduled().begin(1).counted(6, 16, 3, "Unhealthy", liveness500).event(16, "Killing", livenessKill).begin(end + 1)
	}
	now := at(60)
	for _, tt := range []struct {
		name    string
		pod     lab.Pod
		seen    Seen
		code    Code
		ko, en  string // the sentence
		known   string // part of it
		unknown string // part of it; - for none
	}{
		{
			name: "liveness, TERM ignored", pod: base(ended(1, 46, 137, "Error")), seen: Seen{At: now, Events: *hung(46)},
			code: LivenessProbe, ko: "활성 프로브가 3번 이어서 실패해 kubelet이 종료했고, 30초 유예 뒤 SIGKILL(137)로 끝났습니다",
			en:    "The liveness probe failed 3 times in a row, so the kubelet stopped the container; after a grace period of 30 s it ended by SIGKILL (137)",
			known: "137 does not mean out of memory here", unknown: "-",
		},
		{
			name: "liveness, TERM honoured", pod: base(ended(1, 17, 143, "Error")), seen: Seen{At: now, Events: *hung(17)},
			code: LivenessProbe, ko: "활성 프로브가 3번 이어서 실패해 kubelet이 종료했고, 1초 만에 SIGTERM(143)으로 끝났습니다",
			en: "The liveness probe failed 3 times in a row, so the kubelet stopped the container; it ended on SIGTERM (143) after 1 s", unknown: "-",
		},
		{
			name: "liveness, ends with 0 in the same second", pod: base(ended(1, 16, 0, "Completed")), seen: Seen{At: now, Events: *hung(16)},
			code: LivenessProbe, ko: "활성 프로브가 3번 이어서 실패해 kubelet이 종료했고, 같은 초에 코드 0으로 끝났습니다",
			en:      "The liveness probe failed 3 times in a row, so the kubelet stopped the container; in the same second it ended with code 0",
			unknown: "whole seconds",
		},
		{
			name: "liveness, a grace period of the probe's own", pod: base(all(ended(1, 21, 137, "Error"), func(_ *lab.Pod, app *lab.Container) {
				app.Probes[0].Spec.GracePeriod = new(5 * time.Second)
			})), seen: Seen{At: now, Events: *hung(21)},
			code: LivenessProbe, en: "after a grace period of 5 s it ended by SIGKILL (137)", ko: "5초 유예 뒤 SIGKILL(137)로", unknown: "-",
		},
		{
			name: "liveness, SIGKILL from elsewhere within the grace", pod: base(ended(1, 20, 137, "Error")), seen: Seen{At: now, Events: *hung(20)},
			code: LivenessProbe, en: "it ended by SIGKILL (137) after 4 s", ko: "4초 뒤 SIGKILL(137)로", unknown: "who sent SIGKILL before the grace period",
		},
		{
			name: "startup", pod: base(all(ended(1, 46, 137, "Error"), probed(spec(probes.Startup)))),
			seen: Seen{At: now, Events: *scheduled().begin(1).counted(6, 16, 3, "Unhealthy", "Startup probe failed: dial tcp 10.244.0.6:99: connect: connection refused").event(16, "Killing", startupKill)},
			code: StartupProbe, en: "The startup probe failed 3 times in a row", ko: "스타트업 프로브가 3번 이어서 실패해 kubelet이 종료했고, 30초 유예 뒤", unknown: "-",
		},
		{
			name: "out of memory in the grace period", pod: base(ended(1, 20, 137, "OOMKilled")), seen: Seen{At: now, Events: *hung(20)},
			code: LivenessProbe, en: "within its grace period it ran out of memory (OOMKilled, 137)", ko: "그 유예 시간 안에 메모리가 모자라 끝났습니다", unknown: "-",
		},
		{
			name: "out of memory in the second of the decision", pod: base(ended(1, 16, 137, "OOMKilled")), seen: Seen{At: now, Events: *hung(16)},
			code: OutOfMemory, en: "It ran out of memory and the kernel killed it (OOMKilled, 137); it has no memory limit",
			ko: "메모리 한도는 없지만 메모리가 모자라 커널이 강제로 끝냈습니다(OOMKilled, 137)", unknown: "in the same second",
		},
		{
			name: "out of memory while liveness was failing", pod: base(all(ended(1, 13, 137, "OOMKilled"), func(_ *lab.Pod, app *lab.Container) { app.MemoryLimit = 64 << 20 })),
			seen: Seen{At: now, Events: *scheduled().begin(1).counted(6, 11, 2, "Unhealthy", liveness500).begin(14)},
			code: OutOfMemory, en: "its memory limit is 64Mi", ko: "메모리 한도가 64Mi인데", known: "had failed 2 times, but the kubelet did not stop it for that",
		},
		{
			name: "a process in it ran out of memory", pod: base(ended(1, 13, 1, "OOMKilled")), seen: Seen{At: now, Events: *scheduled().begin(14)},
			code: OutOfMemory, en: "the container ended with code 1", ko: "컨테이너는 코드 1로 끝났습니다",
		},
		{
			name: "by itself", pod: base(ended(1, 13, 3, "Error")), seen: Seen{At: now, Events: *scheduled().begin(14)},
			code: Exit, en: "The program ended by itself with code 3", ko: "프로그램이 스스로 코드 3으로 끝났습니다", unknown: "-",
		},
		{
			name: "by itself while liveness was failing", pod: base(ended(1, 13, 1, "Error")),
			seen: Seen{At: now, Events: *scheduled().begin(1).counted(6, 11, 2, "Unhealthy", liveness500).begin(14)},
			code: Exit, en: "The program ended by itself with code 1", ko: "코드 1로", known: "The liveness probe had failed 2 times", unknown: "-",
		},
		{
			name: "completed", pod: base(ended(1, 13, 0, "Completed")), seen: Seen{At: now, Events: *scheduled().begin(14)},
			code: Completed, en: "The program finished with code 0", ko: "프로그램이 일을 마치고 코드 0으로 끝났습니다", unknown: "-",
		},
		{
			name: "a crash", pod: base(ended(1, 13, 139, "Error")), seen: Seen{At: now, Events: *scheduled().begin(14)},
			code: Signal, en: "The program crashed with SIGSEGV (139)", ko: "프로그램이 SIGSEGV(139) 신호로 죽었습니다", unknown: "-",
		},
		{
			name: "SIGKILL, and the kubelet did not", pod: base(ended(1, 13, 137, "Error")), seen: Seen{At: now, Events: *scheduled().begin(14)},
			code: KilledUnknown, en: "It ended with code 137, which stands for SIGKILL; who sent it cannot be told", ko: "SIGKILL을 뜻하는 코드 137로 끝났고, 누가 보냈는지는 알 수 없습니다",
			known: "The kubelet did not stop it", unknown: "or the program itself ended with 137",
		},
		{
			name: "SIGKILL, and the events have expired", pod: base(ended(1, 13, 137, "Error")), seen: Seen{At: at(3 * 3600)},
			code: KilledUnknown, en: "It ended with code 137, which stands for SIGKILL; who sent it cannot be told any more", ko: "SIGKILL을 뜻하는 코드 137로 끝났고, 누가 보냈는지는 더 알 수 없습니다",
			known: "Nothing says that it ran out of memory", unknown: "may have been deleted already",
		},
		{
			name: "SIGTERM, events are not readable", pod: base(ended(1, 13, 143, "Error")), seen: Seen{At: now, EventsMissing: denied},
			code: SignaledUnknown, en: "It ended with code 143, which stands for SIGTERM; who sent it cannot be told any more", ko: "SIGTERM 신호를 뜻하는 코드 143으로 끝났고", unknown: "events may not be read",
		},
		{
			name: "code 1, and the events have expired", pod: base(ended(1, 13, 1, "Error")), seen: Seen{At: at(3 * 3600)},
			code: ExitUnknown, en: "It ended with code 1; whether by itself or because the kubelet stopped it cannot be told any more",
			ko: "코드 1로 끝났고, 스스로 끝났는지 kubelet이 종료했는지는 더 알 수 없습니다", unknown: "deleted already",
		},
		{
			name: "code 1 without probes, and the events have expired", pod: base(all(ended(1, 13, 1, "Error"), probed())), seen: Seen{At: at(3 * 3600)},
			code: Exit, en: "It ended with code 1, and not because of a probe", ko: "코드 1로 끝났고, 활성 프로브도 스타트업 프로브도 없으므로", unknown: "deleted already",
		},
		{
			name: "old, but older events are still there", pod: base(ended(1, 7213, 1, "Error")), seen: Seen{At: at(3 * 3600), Events: *scheduled().begin(7214)},
			code: Exit, en: "The program ended by itself with code 1", ko: "스스로", unknown: "-",
		},
		{
			name: "so many events that this one's were dropped, but not the first", pod: base(ended(100, 146, 137, "Error")),
			seen: Seen{At: at(200), Events: *scheduled().counted(1, 99, 8, "Created", "Container created").counted(1, 99, 8, "Started", "Container started").
				counted(1, 99, 8, "Pulled", "x").counted(16, 90, 2, "Killing", livenessKill)},
			code: KilledUnknown, en: "cannot be told any more", ko: "더 알 수 없습니다",
			known: "Earlier runs were stopped by the kubelet because the liveness probe had failed (2 times)", unknown: "so many events",
		},
		{
			name: "so many events that some were dropped", pod: base(ended(1, 13, 137, "Error")),
			seen: Seen{At: now, Events: *scheduled().counted(1, 14, 9, "Pulled", "x").counted(1, 14, 9, "Created", "Container created").counted(1, 14, 9, "Started", "Container started")},
			code: KilledUnknown, en: "cannot be told any more", ko: "더 알 수 없습니다", unknown: "so many events",
		},
		{
			name: "Killing of an earlier pod of the name", pod: base(ended(1, 13, 1, "Error")), seen: Seen{At: now, Events: func() events {
				es := scheduled()
				es.add(lab.Event{Type: "Normal", Reason: "Killing", Message: livenessKill, Container: "app", ObjectUID: "u0", Count: 1, First: at(9), Last: at(9)})
				return *es.begin(14)
			}()},
			code: Exit, en: "The program ended by itself with code 1", ko: "스스로", unknown: "-",
		},
		{
			name: "Killing of the run before", pod: base(ended(20, 33, 1, "Error")),
			seen: Seen{At: now, Events: *scheduled().begin(1).event(16, "Killing", livenessKill).begin(20).begin(34)},
			code: Exit, en: "The program ended by itself with code 1", ko: "스스로", unknown: "-",
		},
		{
			name: "Killing of the run before, in the second in which this one began", pod: base(ended(20, 33, 1, "Error")),
			seen: Seen{At: now, Events: *scheduled().begin(1).event(20, "Killing", livenessKill).begin(20).begin(34)},
			code: ExitUnknown, en: "cannot be told any more", ko: "더 알 수", unknown: "whether the Killing event is about this run",
		},
		{
			name: "Killing of the run after", pod: base(ended(1, 13, 1, "Error")),
			seen: Seen{At: now, Events: *scheduled().begin(1).begin(14).event(29, "Killing", livenessKill)},
			code: Exit, en: "The program ended by itself with code 1", ko: "스스로", unknown: "-",
		},
		{
			name: "two killings counted in one event, before and after", pod: base(ended(50, 63, 1, "Error")),
			seen: Seen{At: at(90), Events: *scheduled().begin(1).counted(16, 79, 2, "Killing", livenessKill)},
			code: Exit, en: "The program ended by itself with code 1", ko: "스스로", unknown: "-",
		},
		{
			name: "three killings counted in one event", pod: base(ended(50, 63, 137, "Error")),
			seen: Seen{At: at(90), Events: *scheduled().begin(1).counted(16, 79, 3, "Killing", livenessKill)},
			code: KilledUnknown, en: "cannot be told any more", ko: "더", unknown: "whether the Killing event is about this run",
		},
		{
			name: "counted up by a later run, but first in this one", pod: base(ended(1, 46, 137, "Error")),
			seen: Seen{At: at(90), Events: *scheduled().begin(1).counted(16, 79, 2, "Killing", livenessKill)},
			code: LivenessProbe, en: "after a grace period of 30 s", ko: "30초 유예 뒤", unknown: "-",
		},
		{
			name: "start error", pod: base(func(p *lab.Pod, app *lab.Container) {
				ended(0, 3, 128, "StartError")(p, app)
				app.Last.StartedAt = time.Unix(0, 0)
				app.Last.Message = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/nothing": stat /nothing: no such file or directory: unknown`
			}), seen: Seen{At: now},
			code: StartError, en: `It could not be started, because the image has no such program: exec: "/nothing": stat /nothing: no such file or directory`,
			ko: "실행할 프로그램이 이미지에 없어 시작하지 못했습니다",
		},
		{
			name: "no record of the run's start", pod: base(func(p *lab.Pod, app *lab.Container) {
				ended(0, 30, 1, "Error")(p, app)
				app.Last.StartedAt = time.Time{}
			}), seen: Seen{At: now, Events: *hung(29)},
			code: ExitUnknown, en: "cannot be told any more", ko: "더 알 수 없습니다", unknown: "whether the kubelet stopped it",
		},
		{
			name: "postStart hook", pod: base(ended(1, 33, 137, "Error")),
			seen: Seen{At: now, Events: *scheduled().begin(1).event(2, "FailedPostStartHook", "PostStartHook failed").event(2, "Killing", "FailedPostStartHook")},
			code: PostStartHook, en: "The postStart hook failed, so the kubelet stopped the container; after a grace period of 30 s", ko: "postStart 훅이 실패해",
		},
		{
			name: "another image", pod: base(ended(1, 10, 143, "Error")),
			seen: Seen{At: now, Events: *scheduled().begin(1).event(9, "Killing", "Container app definition changed, will be restarted")},
			code: DefinitionChanged, en: "The pod's definition was changed, so the kubelet stopped the container", ko: "파드의 정의가 바뀌어",
		},
		{
			name: "another sandbox", pod: base(ended(1, 10, 143, "Error")),
			seen: Seen{At: now, Events: *scheduled().begin(1).event(9, "Killing", "Stopping container app").event(10, "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.")},
			code: SandboxChanged, en: "The pod's sandbox changed", ko: "파드의 샌드박스가 바뀌어",
		},
		{
			name: "the killing event of a static pod", pod: base(all(ended(1, 46, 137, "Error"), func(p *lab.Pod, _ *lab.Container) { p.StaticUID, p.UID = "u1", "mirror" })),
			seen: Seen{At: now, Events: *hung(46)},
			code: LivenessProbe, en: "after a grace period of 30 s it ended by SIGKILL (137)", ko: "30초 유예 뒤", unknown: "-",
		},
		{
			name: "postStart hook, and the kubelet's Normal events were dropped", pod: base(all(ended(41, 44, 137, "Error"), inLoop, func(p *lab.Pod, _ *lab.Container) { p.GracePeriod = 3 * time.Second })),
			seen: Seen{
				At: now, Events: *scheduled().counted(1, 30, 25, "Pulled", "Container image already present on machine").
					counted(2, 41, 6, "FailedPostStartHook", "PostStartHook failed"),
			},
			code: PostStartHook, en: "The postStart hook failed, so the kubelet stopped the container; after a grace period of 3 s it ended by SIGKILL (137)",
			ko: "postStart 훅이 실패해 kubelet이 종료했고, 3초 유예 뒤 SIGKILL(137)로 끝났습니다", unknown: "-",
		},
		{
			name: "postStart hooks of all runs, the last event is about the next one", pod: base(all(ended(41, 74, 137, "Error"), inLoop, restarts(2))),
			seen: Seen{
				At: now, Events: *scheduled().counted(1, 95, 4, "Started", "Container started").
					counted(2, 96, 4, "FailedPostStartHook", "PostStartHook failed").counted(2, 96, 4, "Killing", "FailedPostStartHook"),
			},
			code: PostStartHook, en: "The postStart hook failed, so the kubelet stopped the container; it ended by SIGKILL (137)",
			ko: "postStart 훅이 실패해 kubelet이 종료했고, SIGKILL(137)로 끝났습니다", unknown: "-",
		},
		{
			name: "postStart hooks of some runs only", pod: base(all(ended(41, 74, 137, "Error"), inLoop, restarts(2))),
			seen: Seen{
				At: now, Events: *scheduled().counted(1, 95, 4, "Started", "Container started").
					counted(2, 96, 3, "FailedPostStartHook", "PostStartHook failed").counted(2, 96, 3, "Killing", "FailedPostStartHook"),
			},
			code: KilledUnknown, en: "who sent it cannot be told", ko: "누가 보냈는지는 더 알 수 없습니다", unknown: "whether the Killing event is about this run",
		},
		{
			name: "preStop hook that sleeps", pod: base(all(ended(1, 21, 0, "Completed"), preStop(4, 4))), seen: Seen{At: now, Events: *hung(21)},
			code: LivenessProbe, en: "so the kubelet stopped the container; 5 s later it ended with code 0", ko: "종료를 시작한 지 5초 만에 코드 0으로 끝났습니다",
			known: "SIGTERM comes when that has ended (4 s)", unknown: "-",
		},
		{
			name: "preStop hook of unknown length", pod: base(all(ended(1, 21, 0, "Completed"), preStop(0, 30))), seen: Seen{At: now, Events: *hung(21)},
			code: LivenessProbe, en: "5 s later it ended with code 0", ko: "종료를 시작한 지 5초 만에",
			known: "The grace period begins with the preStop hook", unknown: "how long the preStop hook took",
		},
		{
			name: "preStop hook, and TERM ignored", pod: base(all(ended(1, 46, 137, "Error"), preStop(0, 30))), seen: Seen{At: now, Events: *hung(46)},
			code: LivenessProbe, en: "after a grace period of 30 s it ended by SIGKILL (137)", ko: "30초 유예 뒤 SIGKILL(137)로 끝났습니다",
			known: "The grace period begins with the preStop hook", unknown: "how long the preStop hook took",
		},
		{
			name: "another container's restart rule", pod: base(ended(1, 10, 137, "Error")),
			seen: Seen{At: now, Events: *scheduled().begin(1).event(10, "Killing", "killing")},
			code: RestartAll, en: "Because of another container's restart rule (RestartAllContainers) the kubelet stopped it; without a grace period it ended by SIGKILL (137)", ko: "RestartAllContainers", unknown: "-",
		},
		{
			name: "a kubelet's reason that is new", pod: base(ended(1, 10, 143, "Error")),
			seen: Seen{At: now, Events: *scheduled().begin(1).event(9, "Killing", "The moon is full")},
			code: PodStopped, en: "The kubelet stopped the container (The moon is full); it ended on SIGTERM (143) after 1 s", ko: "kubelet이 종료했고(The moon is full)",
		},
		{
			name: "a sidecar's liveness", pod: base(all(ended(1, 46, 137, "Error"), func(_ *lab.Pod, app *lab.Container) { app.Sidecar = true })),
			seen: Seen{At: now, Events: *scheduled().begin(1).counted(6, 16, 3, "Unhealthy", liveness500).event(16, "Killing", "Init container app failed liveness probe")},
			code: LivenessProbe, en: "after a grace period of 30 s", ko: "30초 유예 뒤", unknown: "-",
		},
		{
			name: "the kubelet lost track", pod: base(ended(1, 10, 137, "ContainerStatusUnknown")), seen: Seen{At: now, Events: *hung(10)},
			code: StatusUnknown, en: "The kubelet lost track of this run; the exit code 137 is only what stands for that", ko: "kubelet이 이 실행을 놓쳤고", unknown: "how the run really ended",
		},
		{
			name: "no record of the run", pod: base(func(_ *lab.Pod, app *lab.Container) { app.Restarts = 4 }), seen: Seen{At: now},
			code: RestartUnknown, en: "It was restarted 4 times, but the pod's status no longer says how the last run ended", ko: "4번 다시 시작되었지만", unknown: "exit code",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			causes := Of(tt.pod, tt.seen)
			wants(t, causes)
			causes = slices.DeleteFunc(causes, func(c Cause) bool { return c.About == Ending }) // of the run after
			if len(causes) != 1 {
				t.Fatalf("%d causes: %+v", len(causes), causes)
			}
			c := causes[0]
			if c.Code != tt.code || c.About != Restart || c.Container != "app" {
				t.Errorf("code %s about %s of %s, want %s", c.Code, c.About, c.Container, tt.code)
			}
			if !strings.Contains(c.Sentence.En, tt.en) || !strings.Contains(c.Sentence.Ko, tt.ko) {
				t.Errorf("sentence\n%s\n%s\nwant\n%s\n%s", c.Sentence.Ko, c.Sentence.En, tt.ko, tt.en)
			}
			if !strings.Contains(joined(c.Known), tt.known) {
				t.Errorf("known: %s, want %s", joined(c.Known), tt.known)
			}
			if unknown := joined(c.Unknown); tt.unknown == "-" && unknown != "" || tt.unknown != "-" && !strings.Contains(unknown, tt.unknown) {
				t.Errorf("unknown: %s, want %s", unknown, tt.unknown)
			}
		})
	}
}

// Lines of the run before and after may have been written in the seconds in which a run began and ended.
func TestLogLinesOfARun(t *testing.T) {
	line := func(second int, run, text string) lab.LogLine {
		return lab.LogLine{At: at(second), Text: text, Run: run}
	}
	once := ended(10, 20, 1, "Error") // it was started once more a second later
	soon := all(once, func(_ *lab.Pod, app *lab.Container) { app.StartedAt = at(20) })
	for _, tt := range []struct {
		name  string
		pod   lab.Pod
		lines []lab.LogLine
		want  []string
	}{
		{"of the run", base(soon), []lab.LogLine{line(10, "containerd://1", "a"), line(20, "containerd://1", "b")}, []string{"a", "b"}},
		{"of the next run, in the second of the end", base(soon), []lab.LogLine{line(20, "containerd://1", "b"), line(20, "containerd://2", "c")}, []string{"b"}},
		{"of the run before, in the second of the start", base(soon), []lab.LogLine{line(10, "containerd://0", "z"), line(11, "containerd://1", "a")}, []string{"a"}},
		{"of nobody knows which run", base(soon), []lab.LogLine{line(10, "", "a"), line(19, "", "b"), line(20, "", "c")}, []string{"a", "b"}},
		{"of nobody knows which run, the next one began later", base(once), []lab.LogLine{line(20, "", "b"), line(21, "", "c")}, []string{"b"}},
		{"of nobody knows which run, there was one before", base(all(once, restarts(2))), []lab.LogLine{line(10, "", "a"), line(11, "", "b")}, []string{"b"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			causes := Of(tt.pod, Seen{At: at(60), Events: *scheduled(), Logs: []Log{{Container: "app", Lines: tt.lines}}})
			wants(t, causes)
			if len(causes) != 1 {
				t.Fatalf("%d causes", len(causes))
			}
			var got []string
			for _, e := range causes[0].Evidence {
				if _, ok := e.Ref.(LogRef); ok {
					got = append(got, strings.TrimPrefix(e.Text.En, "log: "))
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("quoted %q, want %q", got, tt.want)
			}
		})
	}
}

// Each piece of evidence leads to what it is about.
func TestEvidenceOfALivenessRestart(t *testing.T) {
	attempt := lab.Attempt{Pod: "web", Container: "app", Attempt: probes.Attempt{
		Key: probes.Key{Pod: "u1", Container: "app", Kind: probes.Liveness}, ContainerID: "containerd://1", Start: at(15),
		Outcome: probes.Failure, Message: "HTTP probe failed with statuscode: 500", Streak: 3, Verdict: probes.Failing,
	}}
	earlier := attempt
	earlier.ContainerID = "containerd://0"
	seen := Seen{
		At: at(60), Attempts: []lab.Attempt{earlier, attempt},
		Events: *scheduled().begin(1).counted(6, 16, 3, "Unhealthy", liveness500).event(16, "Killing", livenessKill),
		Logs: []Log{{Container: "app", Lines: []lab.LogLine{
			{At: at(0), Text: "too early"}, {At: at(20), Text: "hanging\x1b[31m"}, {At: at(46).Add(time.Millisecond), Text: "last words"}, {At: at(48), Text: "the next run"},
		}}},
	}
	causes := Of(base(ended(1, 46, 137, "Error")), seen)
	wants(t, causes)
	if len(causes) != 1 {
		t.Fatalf("%d causes", len(causes))
	}
	want := []Ref{
		EventRef{"e6"},
		TerminationRef{"app", at(46)},
		EventRef{"e5"},
		AttemptRef{attempt.Key, at(15)},
		ProbeRef{"app", probes.Liveness},
		LogRef{"app", at(20)},
		LogRef{"app", at(46).Add(time.Millisecond)},
	}
	got := causes[0].Evidence
	for i, e := range got {
		if i >= len(want) || e.Ref != want[i] {
			t.Errorf("evidence %d: %T%v %s", i+1, e.Ref, e.Ref, e.Text.En)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d pieces of evidence, want %d", len(got), len(want))
	}
}

// An init container that has done its work runs again only in another sandbox, not because it ended.
func TestInitContainersThatRunAgain(t *testing.T) {
	pod := base(func(p *lab.Pod, _ *lab.Container) {
		p.Init = []lab.Container{{
			Name: "init", State: lab.Terminated, Restarts: 1, Final: true, Exit: &lab.Termination{Reason: "Completed", StartedAt: at(20), FinishedAt: at(21)},
			Last: &lab.Termination{Reason: "Completed", StartedAt: at(1), FinishedAt: at(2)},
		}}
	})
	for _, tt := range []struct {
		events *events
		want   Code
	}{
		{scheduled(), RestartUnknown},
		{scheduled().event(19, "SandboxChanged", "Pod sandbox changed, it will be killed and re-created."), SandboxChanged},
	} {
		causes := Of(pod, Seen{At: at(60), Events: *tt.events})
		wants(t, causes)
		if len(causes) != 1 || causes[0].Code != tt.want || causes[0].Container != "init" {
			t.Errorf("%+v, want %s", causes, tt.want)
		}
	}
}

// Of several containers the first that failed is why the pod did.
func TestTheFirstFailureCounts(t *testing.T) {
	pod := base(all(failedPod("", ""), func(p *lab.Pod, app *lab.Container) {
		other := *app
		other.Name, other.Exit = "other", &lab.Termination{ExitCode: 3, Reason: "Error", StartedAt: at(1), FinishedAt: at(20)}
		p.Containers = append(p.Containers, other)
	}))
	causes := Of(pod, Seen{At: at(60), Events: *scheduled()})
	wants(t, causes)
	if len(causes) != 1 || causes[0].Container != "other" || causes[0].Code != Exit {
		t.Errorf("%+v", causes)
	}
}
