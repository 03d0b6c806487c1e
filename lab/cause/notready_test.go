package cause

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

const (
	noImage = `failed to pull and unpack image "docker.io/library/alpineee:latest": failed to resolve reference "docker.io/library/alpineee:latest": ` +
		`pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`
	noTag = `rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/alpine:no-such-tag": ` +
		`failed to resolve reference "docker.io/library/alpine:no-such-tag": docker.io/library/alpine:no-such-tag: not found`
	noFile = "Readiness probe failed: cat: can't open '/tmp/healthy': No such file or directory\n"
	noExec = `Readiness probe errored and resulted in unknown state: rpc error: code = Unknown desc = failed to exec in container: failed to start exec "f00": OCI runtime exec failed: exec failed: ` +
		`unable to start container process: exec: "/nothing": stat /nothing: no such file or directory: unknown`
	noNodes = "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."
)

// waitsToBePlaced is a pod without a node.
func waitsToBePlaced(reason, message string) func(*lab.Pod, *lab.Container) {
	return func(p *lab.Pod, app *lab.Container) {
		p.Node, p.Phase, p.Ready, p.Acknowledged = "", "Pending", false, time.Time{}
		p.Conditions = []lab.Condition{{Type: "PodScheduled", Status: "False", Reason: reason, Message: message, Since: at(0)}}
		*app = lab.Container{Name: "app", Image: "alpine", State: lab.Waiting}
	}
}

// initializing is a pod whose regular container waits for the init container.
func initializing(change func(init *lab.Container)) func(*lab.Pod, *lab.Container) {
	return func(p *lab.Pod, app *lab.Container) {
		waits("PodInitializing", "")(p, app)
		p.Conditions[1] = lab.Condition{Type: "Initialized", Status: "False", Reason: "ContainersNotInitialized", Message: "containers with incomplete status: [init]"}
		p.Init = []lab.Container{{Name: "init", Image: "alpine", State: lab.Running, StartedAt: at(1), Started: true}}
		change(&p.Init[0])
	}
}

func readiness(change func(*probes.Spec)) func(*lab.Pod, *lab.Container) {
	return all(unready, func(_ *lab.Pod, app *lab.Container) {
		p := spec(probes.Readiness)
		if change != nil {
			change(&p.Spec)
		}
		app.Probes = []lab.Probe{p}
	})
}

func failedPod(reason, message string) func(*lab.Pod, *lab.Container) {
	return all(unready, func(p *lab.Pod, app *lab.Container) {
		p.Phase, p.Reason, p.Message = "Failed", reason, message
		app.State, app.Final = lab.Terminated, true
		app.Exit = &lab.Termination{ExitCode: 137, Reason: "Error", StartedAt: at(1), FinishedAt: at(50)}
	})
}

func TestNotReady(t *testing.T) {
	killed := func(name string) *events {
		return scheduled().begin(1).event(20, "Killing", "Stopping container "+name)
	}
	for _, tt := range []struct {
		name      string
		pod       lab.Pod
		events    *events
		denied    bool
		attempts  []lab.Attempt
		code      Code
		container string
		ko, en    string
		known     string
		unknown   string // - for none
	}{
		{
			name: "unschedulable", pod: base(waitsToBePlaced("Unschedulable", noNodes)), events: new(events).event(1, "FailedScheduling", noNodes),
			code: Unschedulable, container: "-", en: "The scheduler found no node for it: 0/1 nodes are available: 1 Insufficient cpu.", ko: "스케줄러가 파드를 놓을 노드를 찾지 못했습니다: 0/1", unknown: "-",
		},
		{
			name: "scheduling gate", pod: base(waitsToBePlaced("SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates")),
			code: SchedulingGated, container: "-", en: "because of a scheduling gate", ko: "스케줄링 게이트가 남아 있어", unknown: "-",
		},
		{
			name: "not scheduled yet", pod: base(all(waitsToBePlaced("", ""), func(p *lab.Pod, _ *lab.Container) { p.Conditions = nil })),
			code: NotScheduled, container: "-", en: "The scheduler has not placed it yet (for 60 s)", ko: "스케줄러가 아직 노드를 고르지 않았습니다(60초째)",
		},
		{
			name: "no kubelet", pod: base(all(waits("", ""), func(p *lab.Pod, _ *lab.Container) { p.Acknowledged = time.Time{} })), events: scheduled(),
			code: NotAcknowledged, container: "-", en: "The kubelet of node node-1 has not taken it up yet (for 60 s)", ko: "노드 node-1의 kubelet이 아직 파드를 맡지 않았습니다(60초째)",
		},
		{
			name: "volume", pod: base(waits("ContainerCreating", "")), code: Volume,
			events: scheduled().counted(0, 30, 6, "FailedMount", `MountVolume.SetUp failed for volume "conf" : configmap "conf" not found`).
				event(55, "FailedMount", "Unable to attach or mount volumes: unmounted volumes=[conf], unattached volumes=[], failed to process volumes=[]: timed out waiting for the condition"),
			en: `A volume cannot be mounted: MountVolume.SetUp failed for volume "conf" : configmap "conf" not found`, ko: "볼륨을 마운트하지 못합니다: MountVolume", unknown: "-",
		},
		{
			name: "a volume that was mounted in the end", pod: base(waits("ContainerCreating", "")), code: ImagePulling,
			events: scheduled().event(0, "FailedMount", "MountVolume.SetUp failed").event(20, "Pulling", `Pulling image "alpine"`),
			en:     "The image alpine is being pulled (for 40 s)", ko: "alpine 이미지를 내려받는 중입니다(40초째)",
		},
		{
			name: "sandbox", pod: base(waits("ContainerCreating", "")), code: Sandbox,
			events: scheduled().event(3, "FailedCreatePodSandBox", "Failed to create pod sandbox: rpc error: no address left"),
			en:     "The pod's sandbox cannot be made: Failed to create pod sandbox", ko: "파드의 샌드박스를 만들지 못합니다",
		},
		{
			name: "creating", pod: base(waits("ContainerCreating", "")), events: scheduled(), code: Creating,
			en: "The kubelet is creating the container (for 60 s)", ko: "kubelet이 컨테이너를 만드는 중입니다(60초째)", unknown: "-",
		},
		{
			name: "no such image", pod: base(waits("ErrImagePull", noImage)), code: ImagePull,
			events: scheduled().event(1, "Pulling", `Pulling image "alpine"`).event(2, "Failed", `Failed to pull image "alpine": `+noImage).event(2, "Failed", "Error: ErrImagePull"),
			en:     "The image alpine cannot be pulled: there is no such image, or access to it is denied", ko: "alpine 이미지를 내려받지 못합니다: 그런 이미지가 없거나, 볼 권한이 없습니다",
		},
		{
			name: "not among the built-in images", pod: base(waits("ErrImagePull", "healthlab has no image alpineee:latest; the nearest built-in images are alpine, nginx (healthlab images lists all): "+noImage)), code: ImagePull, events: scheduled(),
			en: "The image alpine cannot be pulled: healthlab has no such image; the nearest built-in ones are alpine, nginx", ko: "healthlab에 없는 이미지입니다(이름이 가까운 내장 이미지: alpine, nginx)", unknown: "-",
		},
		{
			name: "not among the built-in images, but there are stand-ins", code: ImagePull, events: scheduled(),
			pod: base(waits("ErrImagePull", "healthlab has no image alpineee:latest; for a stand-in: kubectl annotate x; the nearest built-in images are alpine, nginx (healthlab images lists all): "+noImage)),
			en:  "The image alpine cannot be pulled: healthlab has no such image; a stand-in can run in its place; the nearest built-in ones are alpine, nginx",
			ko:  "healthlab에 없는 이미지이고, 대역(stand-in)을 대신 실행할 수 있습니다(이름이 가까운 내장 이미지: alpine, nginx)", known: "A stand-in runs after: kubectl annotate x", unknown: "-",
		},
		{
			name: "not among the built-in tags", pod: base(waits("ImagePullBackOff", `Back-off pulling image "alpine:no-such-tag": ErrImagePull: healthlab has no image alpine:no-such-tag; of alpine it has 2.6 to 3.23.5, latest, edge: `+noTag)), code: ImagePull, events: scheduled(),
			en: "The image alpine cannot be pulled: the image has no such tag; it has 2.6 to 3.23.5, latest, edge", ko: "그런 태그가 없습니다(있는 태그: 2.6~3.23.5", unknown: "-",
		},
		{
			name: "no such tag, in back-off", pod: base(waits("ImagePullBackOff", `Back-off pulling image "alpine:no-such-tag": ErrImagePull: `+noTag)), code: ImagePull,
			en: "there is no such image or tag", ko: "그런 이미지나 태그가 없습니다",
		},
		{
			name: "in back-off on an older kubelet", pod: base(waits("ImagePullBackOff", `Back-off pulling image "alpine:no-such-tag"`)), code: ImagePull,
			events: scheduled().event(2, "Failed", `Failed to pull image "alpine:no-such-tag": `+noTag).event(2, "Failed", "Error: ErrImagePull"),
			en:     "there is no such image or tag", ko: "그런 이미지나 태그가 없습니다",
		},
		{
			name: "image name", pod: base(waits("InvalidImageName", `couldn't parse image name "No": invalid reference format`)), code: ImageName,
			en: "The image's name alpine is not valid", ko: "올바르지 않습니다",
		},
		{
			name: "image never pulled", pod: base(waits("ErrImageNeverPull", `Container image "alpine" is not present with pull policy of Never`)), code: ImageNeverPull,
			en: "imagePullPolicy Never keeps it from being pulled", ko: "imagePullPolicy가 Never라",
		},
		{
			name: "config map", pod: base(waits("CreateContainerConfigError", `configmap "conf" not found`)), code: Config,
			events: scheduled().event(2, "Failed", `Error: configmap "conf" not found`),
			en:     "because there is no ConfigMap conf", ko: "ConfigMap(conf)이 없어",
		},
		{
			name: "secret", pod: base(waits("CreateContainerConfigError", `secret "key" not found`)), code: Config, en: "because there is no Secret key", ko: "Secret(key)이 없어",
		},
		{
			name: "key", pod: base(waits("CreateContainerConfigError", `couldn't find key a in ConfigMap ns/conf`)), code: Config,
			en: "because there is no key a in ConfigMap ns/conf", ko: "ConfigMap ns/conf에 키(a)가 없어",
		},
		{
			name: "runAsNonRoot", pod: base(waits("CreateContainerConfigError", "container has runAsNonRoot and image will run as root")), code: Config,
			en: "because of its configuration: container has runAsNonRoot", ko: "설정이 잘못되어",
		},
		{
			name: "no such program", pod: base(waits("RunContainerError", `failed to create containerd task: exec: "nothing": executable file not found in $PATH: unknown`)), code: StartError,
			en: `because the image has no such program: exec: "nothing": executable file not found in $PATH`, ko: "실행할 프로그램이 이미지에 없어",
		},
		{
			name: "not executable", pod: base(waits("RunContainerError", `failed to create containerd task: exec: "/etc/passwd": permission denied: unknown`)), code: StartError,
			en: "because the program may not be executed", ko: "프로그램을 실행할 권한이 없어",
		},
		{
			name: "hook", code: PostStartHook, en: "The postStart hook failed: command 'false' exited with 1", ko: "postStart 훅이 실패했습니다: command 'false' exited with 1",
			pod: base(waits("PostStartHookError", `Exec lifecycle hook ([false]) for Container "app" in Pod "web_ns(u1)" failed - error: command 'false' exited with 1: , message: ""`)),
		},
		{
			name: "hook whose program is missing", code: PostStartHook, en: "The postStart hook failed: the image has no such program (exec: \"/no\"", ko: "실행할 프로그램이 이미지에 없습니다(exec: \"/no\"",
			pod: base(waits("PostStartHookError", `Exec lifecycle hook ([/no]) for Container "app" in Pod "web_ns(u1)" failed - error: rpc error: code = Unknown desc = failed to exec in container: `+
				`OCI runtime exec failed: exec failed: unable to start container process: exec: "/no": stat /no: no such file or directory: unknown, message: ""`)),
		},
		{
			name: "hook, started once more since", code: Creating, en: "The kubelet has started the container once more", ko: "kubelet이 컨테이너를 다시 시작했지만",
			pod:    base(all(waits("CrashLoopBackOff", "back-off 10s restarting failed container=app pod=web_ns(u1)"), lasted(2, 33), restarts(0))),
			events: scheduled().event(2, "FailedPostStartHook", "PostStartHook failed").event(2, "Killing", "FailedPostStartHook").event(34, "BackOff", "Back-off").begin(44), unknown: "-",
		},
		{
			name: "hook, failed once more since", code: PostStartHook, en: "The postStart hook failed, so the kubelet is stopping the container", ko: "postStart 훅이 실패해 kubelet이 종료하는 중입니다",
			pod: base(all(waits("CrashLoopBackOff", "back-off 10s restarting failed container=app pod=web_ns(u1)"), lasted(2, 33), restarts(0))),
			events: scheduled().event(34, "BackOff", "Back-off").begin(44).
				counted(2, 45, 2, "FailedPostStartHook", "PostStartHook failed").counted(2, 45, 2, "Killing", "FailedPostStartHook"), unknown: "-",
		},
		{
			name: "name taken", pod: base(waits("CreateContainerError", "failed to reserve container name")), code: CreateError, en: "The container could not be created (CreateContainerError)", ko: "컨테이너를 만들지 못했습니다",
		},
		{
			name: "something new", pod: base(waits("TheMoonIsFull", "wait")), code: WaitingOther, en: "The container is waiting (TheMoonIsFull): wait", ko: "기다리는 중입니다(TheMoonIsFull): wait",
		},
		{
			name: "crash loop", code: CrashLoop, events: scheduled().counted(1, 41, 3, "Started", "Container started").counted(20, 55, 3, "BackOff", "Back-off restarting failed container app in pod web_ns(u1)"),
			pod: base(all(waits("CrashLoopBackOff", "back-off 20s restarting failed container=app pod=web_ns(u1)"), func(_ *lab.Pod, app *lab.Container) {
				app.Last, app.Restarts = &lab.Termination{ExitCode: 1, Reason: "Error", StartedAt: at(41), FinishedAt: at(52)}, 2
			})),
			en: "the kubelet pauses for 20 s before it starts it once more (CrashLoopBackOff); the last run: the program ended by itself with code 1",
			ko: "다시 시작하기까지 20초를 쉬고(CrashLoopBackOff)", known: "It is started in about 12 s",
		},
		{
			name: "crash loop that is shown as Error", code: CrashLoop, events: scheduled().event(53, "BackOff", "Back-off restarting failed container app in pod web_ns(u1)"),
			pod: base(all(unready, func(_ *lab.Pod, app *lab.Container) {
				app.State, app.Started = lab.Terminated, false
				app.Exit = &lab.Termination{ExitCode: 1, Reason: "Error", StartedAt: at(41), FinishedAt: at(52)}
			})),
			en: "the kubelet pauses before it starts it once more; the last run: the program ended by itself with code 1", ko: "다시 시작하기 전에 쉬고 있고",
		},
		{
			name: "just ended", code: Exit, events: scheduled().begin(1),
			pod: base(all(unready, func(_ *lab.Pod, app *lab.Container) {
				app.State, app.Started = lab.Terminated, false
				app.Exit = &lab.Termination{ExitCode: 1, Reason: "Error", StartedAt: at(1), FinishedAt: at(52)}
			})),
			en: "The program ended by itself with code 1", ko: "스스로 코드 1로", known: "The kubelet starts it again",
		},
		{
			name: "init container runs", pod: base(initializing(func(*lab.Container) {})), code: InitRunning, container: "init",
			en: "Init container: it still runs, and the next container starts when it has ended (for 59 s)", ko: "초기화 컨테이너: 아직 실행 중이며, 끝나야 다음 컨테이너가 시작됩니다(59초째)",
		},
		{
			name: "init container fails", code: CrashLoop, container: "init", events: scheduled(),
			pod: base(initializing(func(init *lab.Container) {
				init.State, init.Reason, init.Message, init.Restarts = lab.Waiting, "CrashLoopBackOff", "back-off 1m20s restarting failed container=init pod=web_ns(u1)", 4
				init.Last = &lab.Termination{ExitCode: 2, Reason: "Error", StartedAt: at(10), FinishedAt: at(11)}
			})),
			en: "Init container: it ended again and again, so the kubelet pauses for 80 s", ko: "초기화 컨테이너: 거듭 끝나서",
		},
		{
			name: "init container's image", code: ImagePull, container: "init",
			pod: base(initializing(func(init *lab.Container) {
				init.State, init.Reason, init.Message = lab.Waiting, "ErrImagePull", noImage
			})),
			en: "Init container: the image alpine cannot be pulled", ko: "초기화 컨테이너: alpine 이미지를",
		},
		{
			name: "sidecar", code: StartupFailing, container: "proxy",
			pod: base(all(waits("PodInitializing", ""), func(p *lab.Pod, _ *lab.Container) {
				p.Conditions[1].Status = "False"
				p.Containers = append(p.Containers, lab.Container{
					Name: "proxy", Sidecar: true, State: lab.Running, StartedAt: at(1), ID: "containerd://9", Probes: []lab.Probe{spec(probes.Startup)},
				})
			})),
			events: func() *events {
				es := scheduled()
				es.add(lab.Event{Type: "Warning", Reason: "Unhealthy", Container: "proxy", Message: "Startup probe failed: no", Count: 2, First: at(5), Last: at(10)})
				return es
			}(),
			en: "Sidecar: the startup probe is failing", ko: "사이드카: 스타트업 프로브가 실패해", known: "before the sidecar has started",
		},
		{
			name: "startup pending", code: StartupPending, events: scheduled().begin(1),
			pod: base(all(unready, probed(spec(probes.Startup)), func(_ *lab.Pod, app *lab.Container) { app.Started = false })),
			en:  "The startup probe has not passed yet, so the other probes have not begun", ko: "스타트업 프로브가 아직 통과하지 못해", known: "No event tells of a failure",
		},
		{
			name: "startup delay", code: StartupDelay, events: scheduled().begin(1),
			pod: base(all(unready, probed(spec(probes.Startup)), func(_ *lab.Pod, app *lab.Container) {
				app.Started, app.Probes[0].Spec.InitialDelay = false, 90*time.Second
			})),
			en: "The startup probe is not run before another 31 s (initialDelaySeconds 90), and until then the other probes have not begun", ko: "스타트업 프로브의 첫 시도까지 31초",
		},
		{
			name: "startup error", code: StartupError, events: scheduled().begin(1).event(6, "Unhealthy", "Startup probe errored and resulted in unknown state: port \"web\" not found"),
			pod: base(all(unready, probed(spec(probes.Startup)), func(_ *lab.Pod, app *lab.Container) { app.Started = false })),
			en:  `The startup probe cannot be run, so it does not pass and the other probes have not begun: port "web" not found`, ko: "스타트업 프로브를 실행할 수 없어",
		},
		{
			name: "failed for a reason that is new", code: Failed, container: "-", pod: base(failedPod("TheMoonIsFull", "sorry")),
			en: "The pod failed (TheMoonIsFull): sorry", ko: "파드가 실패했습니다(TheMoonIsFull): sorry",
		},
		{
			name: "failed, and no container did", code: Failed, container: "-", pod: base(all(failedPod("", ""), func(_ *lab.Pod, app *lab.Container) { app.Exit = nil })),
			en: "its status does not say which container did", ko: "어느 컨테이너가 실패했는지는 상태에 없습니다", unknown: "which container failed",
		},
		{
			name: "startup failing", code: StartupFailing, events: scheduled().begin(1).counted(6, 11, 2, "Unhealthy", "Startup probe failed: dial tcp 10.0.0.1:80: connect: connection refused"),
			pod: base(all(unready, probed(spec(probes.Startup)), func(_ *lab.Pod, app *lab.Container) { app.Started = false })),
			en:  "The startup probe is failing, so the other probes have not begun: dial tcp", ko: "스타트업 프로브가 실패해", known: "at 3 in a row the kubelet stops",
		},
		{
			name: "startup killed", code: StartupProbe, events: scheduled().begin(1).counted(6, 16, 3, "Unhealthy", "Startup probe failed: no").event(50, "Killing", startupKill),
			pod: base(all(unready, probed(spec(probes.Startup)), func(_ *lab.Pod, app *lab.Container) { app.Started = false })),
			en:  "The startup probe failed 3 times in a row, so the kubelet is stopping the container; it ends in 20 s at the latest", ko: "kubelet이 종료하는 중이고, 길어도 20초 뒤에는 끝납니다",
		},
		{
			name: "readiness delay", code: ReadinessDelay, pod: base(readiness(func(p *probes.Spec) { p.InitialDelay = 90 * time.Second })), events: scheduled().begin(1),
			en: "The readiness probe is not run before another 31 s (initialDelaySeconds 90)", ko: "준비성 프로브의 첫 시도까지 31초 남았고(initialDelaySeconds 90)",
		},
		{
			name: "readiness pending", code: ReadinessPending, pod: base(readiness(nil)), events: scheduled().begin(1),
			en: "The readiness probe has not passed yet, so the pod gets no traffic from Services", ko: "준비성 프로브가 아직 통과하지 못해 트래픽을 받지 않습니다", unknown: "-",
		},
		{
			name: "readiness pending, and the events cannot be read", code: ReadinessPending, pod: base(readiness(nil)), denied: true,
			en: "The readiness probe has not passed yet", ko: "준비성 프로브가 아직", unknown: "events may not be read",
		},
		{
			name: "readiness failing", code: ReadinessFailing, pod: base(readiness(nil)), events: scheduled().begin(1).counted(6, 31, 6, "Unhealthy", noFile),
			en: "The readiness probe is failing, so the pod gets no traffic from Services: cat: can't open '/tmp/healthy': No such file or directory",
			ko: "준비성 프로브가 실패해 트래픽을 받지 않습니다: cat", known: "It has failed 6 times in this run; a readiness probe restarts nothing", unknown: "-",
		},
		{
			name: "readiness failing for so long that events are dropped", code: ReadinessFailing, pod: base(readiness(nil)), events: scheduled().begin(1).counted(6, 55, 25, "Unhealthy", noFile),
			en: "The readiness probe is failing", ko: "실패해", known: "It has failed at least 25 times in this run", unknown: "-",
		},
		{
			name: "readiness pending after so many warnings that events are dropped", code: ReadinessPending,
			events: scheduled().begin(1).counted(6, 40, 25, "Unhealthy", liveness500).begin(47), pod: base(all(readiness(nil), func(_ *lab.Pod, app *lab.Container) { app.StartedAt = at(47) })),
			en: "The readiness probe has not passed yet", ko: "아직 통과하지", unknown: "so many events",
		},
		{
			name: "readiness failing, without a word", code: ReadinessFailing, pod: base(readiness(nil)), events: scheduled().begin(1).event(6, "Unhealthy", "Readiness probe failed: "),
			en: "the command failed without a word", ko: "명령이 아무 말 없이 실패했습니다",
		},
		{
			name: "readiness failures of the run before", code: ReadinessPending, events: scheduled().begin(1).counted(6, 30, 5, "Unhealthy", noFile).begin(47),
			pod: base(all(readiness(nil), func(_ *lab.Pod, app *lab.Container) { app.StartedAt = at(47) })),
			en:  "The readiness probe has not passed yet", ko: "아직 통과하지",
		},
		{
			name: "readiness failure of the run before, in the second of the start", code: ReadinessPending, events: scheduled().begin(1).event(47, "Unhealthy", noFile).begin(47),
			pod: base(all(readiness(nil), func(_ *lab.Pod, app *lab.Container) { app.StartedAt = at(47) })),
			en:  "The readiness probe has not passed yet", ko: "아직 통과하지",
		},
		{
			name: "readiness failure of this run, in the second of the start", code: ReadinessFailing, events: scheduled().begin(47).event(47, "Unhealthy", noFile),
			pod: base(all(readiness(nil), func(_ *lab.Pod, app *lab.Container) { app.StartedAt = at(47) })),
			en:  "The readiness probe is failing", ko: "실패해",
		},
		{
			name: "readiness error", code: ReadinessError, pod: base(readiness(nil)), events: scheduled().begin(1).counted(6, 31, 6, "Unhealthy", "(combined from similar events): "+noExec),
			en: "so it does not pass and the pod gets no traffic from Services: the image has no such program (exec: \"",
			ko: "트래픽을 받지 않습니다: 실행할 프로그램이 이미지에 없습니다(exec: \"", known: "counts neither as a success nor as a failure",
		},
		{
			name: "readiness, seen by healthlab only", code: ReadinessFailing, pod: base(readiness(nil)), denied: true,
			attempts: []lab.Attempt{{Pod: "web", Container: "app", Attempt: probes.Attempt{
				Key: probes.Key{Pod: "u1", Container: "app", Kind: probes.Readiness}, ContainerID: "containerd://2", Start: at(50), Outcome: probes.Failure, Message: "HTTP probe failed with statuscode: 503",
			}}},
			en: "healthlab's own attempt fails, too: HTTP probe failed with statuscode: 503", ko: "healthlab이 한 시도도 실패합니다",
		},
		{
			name: "readiness gate", code: ReadinessGate, container: "-", pod: base(func(p *lab.Pod, _ *lab.Container) {
				p.Ready, p.ReadinessGates = false, []string{"example.com/lb"}
				p.Conditions[2] = lab.Condition{Type: "Ready", Status: "False", Reason: "ReadinessGatesNotReady", Message: `corresponding condition of pod readiness gate "example.com/lb" does not exist.`}
			}),
			en: "All its containers are ready, but a readiness gate is not True yet: example.com/lb", ko: "준비성 게이트가 아직 True가 아닙니다: example.com/lb",
		},
		{
			name: "the node is lost", code: NodeLost, container: "-", events: new(events).event(30, "NodeNotReady", "Node is not ready"),
			pod: base(func(p *lab.Pod, _ *lab.Container) {
				p.Ready = false
				p.Conditions[2] = lab.Condition{Type: "Ready", Status: "False", Since: at(30)}
			}),
			en: "Node node-1 no longer reports", ko: "노드 node-1에서 소식이 끊겨", unknown: "whether its containers still run",
		},
		{
			name: "the node was lost long ago", code: NodeLost, container: "-",
			pod: base(func(p *lab.Pod, _ *lab.Container) { p.Phase, p.Reason, p.Ready = "Running", "NodeLost", false }),
			en:  "Node node-1 no longer reports", ko: "소식이 끊겨", unknown: "whether its containers still run",
		},
		{
			name: "being deleted", code: Deleting, container: "-", events: killed("app"), pod: base(func(p *lab.Pod, _ *lab.Container) { p.Deleting, p.DeletionGrace = at(45), 30*time.Second }),
			en: "It is being deleted and ends by SIGKILL in 15 s at the latest (grace period 30 s)", ko: "삭제되는 중이고, 길어도 15초 뒤에는", known: "Services already leave it out",
		},
		{
			name: "stuck in deletion", code: DeletionStuck, container: "-", pod: base(func(p *lab.Pod, _ *lab.Container) { p.Deleting, p.DeletionGrace = at(-600), 30*time.Second }),
			en: "It should have been gone after 30 s, but has been terminating for 11 min", ko: "유예 시간 30초를 넘겨 11분째", unknown: "may not answer",
		},
		{
			name: "stuck in deletion on a node that is lost", code: DeletionStuck, container: "-", pod: base(func(p *lab.Pod, _ *lab.Container) {
				p.Deleting, p.DeletionGrace, p.Ready = at(-600), 30*time.Second, false
				p.Conditions[2] = lab.Condition{Type: "Ready", Status: "False", Since: at(-900)}
			}),
			en: "Node node-1 no longer reports, so the pod has been terminating for 11 min", ko: "노드 node-1에서 소식이 끊겨 삭제가 11분째", unknown: "whether its containers still run",
		},
		{
			name: "the node is lost, and the event has expired", code: NodeLost, container: "-",
			pod: base(func(p *lab.Pod, _ *lab.Container) {
				p.Ready = false
				p.Conditions[2] = lab.Condition{Type: "Ready", Status: "False", Since: at(30)}
			}),
			en: "Node node-1 no longer reports", ko: "노드 node-1에서 소식이 끊겨", known: "only the node controller makes Ready False", unknown: "whether its containers still run",
		},
		{
			name: "readiness error, as older kubelets tell it", code: ReadinessError, pod: base(readiness(nil)), events: scheduled().begin(1).event(6, "Unhealthy", "Readiness probe errored: rpc error: in a bad state: x"),
			en: "gets no traffic from Services: rpc error: in a bad state: x", ko: "준비성 프로브를 실행할 수 없어",
		},
		{
			name: "kept by a finalizer", code: DeletionStuck, container: "-", pod: base(all(unready, func(p *lab.Pod, app *lab.Container) {
				p.Deleting, p.DeletionGrace, p.Finalizers = at(0), 30*time.Second, []string{"example.com/keep"}
				app.State = lab.Terminated
			})),
			en: "the finalizer example.com/keep keeps it from being deleted", ko: "파이널라이저(example.com/keep)가 남아",
		},
		{
			name: "failed, and kept by a finalizer", code: DeletionStuck, container: "-", pod: base(all(failedPod("Evicted", "The node was low on resource: memory."),
				func(p *lab.Pod, _ *lab.Container) {
					p.Deleting, p.DeletionGrace, p.Finalizers = at(0), 30*time.Second, []string{"example.com/keep"}
				})),
			en: "the finalizer example.com/keep keeps it from being deleted", ko: "파이널라이저(example.com/keep)가 남아",
		},
		{
			name: "being ended for its deadline", code: DeadlineExceeded, container: "-", pod: base(func(p *lab.Pod, _ *lab.Container) {
				p.Ready = false
				for _, i := range []int{2, 3} {
					p.Conditions[i].Status, p.Conditions[i].Reason = "False", "PodFailed"
				}
			}),
			events: scheduled().begin(1).event(20, "DeadlineExceeded", "Pod was active on the node longer than the specified deadline"),
			en:     "activeDeadlineSeconds is over, so the kubelet is ending the pod (DeadlineExceeded)", ko: "activeDeadlineSeconds가 지나 kubelet이 파드를 끝내는 중입니다", unknown: "-",
		},
		{
			name: "a hook failed, and the kubelet ends what it was for", code: PostStartHook, pod: base(waits("ContainerCreating", "")),
			events: scheduled().event(1, "Pulling", `Pulling image "alpine"`).begin(1).event(2, "FailedPostStartHook", "PostStartHook failed").event(2, "Killing", "FailedPostStartHook"),
			en:     "The postStart hook failed, so the kubelet is stopping the container", ko: "postStart 훅이 실패해 kubelet이 종료하는 중입니다", unknown: "-",
		},
		{
			name: "evicted", code: Evicted, container: "-", pod: base(failedPod("Evicted", "The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. ")),
			events: scheduled().event(50, "Evicted", "The node was low on resource: memory. "),
			en:     "The node evicted the pod (Evicted): The node was low on resource: memory.", ko: "노드가 파드를 내쫓았습니다(Evicted)",
		},
		{
			name: "past its deadline", code: DeadlineExceeded, container: "-", pod: base(failedPod("DeadlineExceeded", "Pod was active on the node longer than the specified deadline")),
			en: "activeDeadlineSeconds was over", ko: "activeDeadlineSeconds가 지나",
		},
		{name: "preempted", code: Preempted, container: "-", pod: base(failedPod("Preempting", "Preempted in order to admit critical pod")), en: "more important pod", ko: "더 중요한 파드에"},
		{name: "node shutdown", code: NodeShutdown, container: "-", pod: base(failedPod("Terminated", "Pod was terminated in response to imminent node shutdown.")), en: "the node was shutting down", ko: "노드가 꺼지면서"},
		{
			name: "rejected", code: Rejected, container: "-", pod: base(all(failedPod("OutOfcpu", "Node didn't have enough resource: cpu"), func(_ *lab.Pod, app *lab.Container) {
				app.State, app.Exit, app.ID = lab.Waiting, nil, ""
			})), en: "The node's kubelet refused the pod (OutOfcpu)", ko: "받지 않았습니다(OutOfcpu)",
		},
		{
			name: "failed by itself", code: Exit, events: scheduled(), pod: base(all(failedPod("", ""), func(p *lab.Pod, app *lab.Container) {
				p.RestartPolicy, app.Exit.ExitCode = "Never", 3
			})), en: "The program ended by itself with code 3", ko: "스스로 코드 3으로", known: "The pod is over (Failed, restartPolicy Never)",
		},
		{
			name: "killed by its probe for good", code: LivenessProbe,
			events: scheduled().begin(1).counted(10, 20, 3, "Unhealthy", liveness500).event(20, "Killing", "Stopping container app"),
			pod:    base(all(failedPod("", ""), func(p *lab.Pod, app *lab.Container) { p.RestartPolicy, app.Once = "Never", true })),
			en:     "The liveness probe failed 3 times in a row, so the kubelet stopped the pod; after a grace period of 30 s it ended by SIGKILL (137)",
			ko:     "활성 프로브가 3번 이어서 실패해 kubelet이 파드를 끝냈고", known: "restartPolicy is Never, so it is not restarted",
		},
		{
			name: "stopped as a whole, and nobody says why", code: PodStopped, events: killed("app"), pod: base(all(failedPod("", ""), func(p *lab.Pod, _ *lab.Container) { p.RestartPolicy = "Never" })),
			en: "The kubelet stopped it together with the pod; after a grace period of 30 s", ko: "파드를 통째로 멈추면서",
		},
		{
			name: "done", code: Succeeded, container: "-", pod: base(all(unready, func(p *lab.Pod, app *lab.Container) {
				p.Phase, app.State, app.Exit = "Succeeded", lab.Terminated, &lab.Termination{Reason: "Completed", FinishedAt: at(9)}
			})), en: "All its containers have finished", ko: "모두 일을 마쳐",
		},
		{
			name: "no reason at all", code: NotReadyUnknown, container: "-", pod: base(func(p *lab.Pod, _ *lab.Container) { p.Ready, p.Conditions = false, nil }),
			en: "neither its status nor its events say why", ko: "그 까닭이 없습니다", unknown: "why it is not Ready",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			missing := lab.Text{}
			if tt.denied {
				missing = denied
			}
			seen := Seen{At: at(60), EventsMissing: missing, Attempts: tt.attempts}
			if tt.events != nil {
				seen.Events = *tt.events
			}
			causes := Of(tt.pod, seen)
			wants(t, causes)
			if len(causes) != 1 {
				t.Errorf("%d causes: %+v", len(causes), causes)
			}
			if len(causes) == 0 {
				return
			}
			c := causes[0]
			container := cmp.Or(tt.container, "app")
			if container == "-" {
				container = "" // the pod as a whole
			}
			if c.Code != tt.code || c.About != NotReady || c.Container != container {
				t.Errorf("code %s about %s of %q, want %s of %q", c.Code, c.About, c.Container, tt.code, container)
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
			if len(c.Evidence) == 0 && tt.code != NotReadyUnknown {
				t.Error("no evidence")
			}
		})
	}
}

func TestReadyPodsHaveNoCause(t *testing.T) {
	if causes := Of(base(nil), Seen{At: at(60), Events: *scheduled().begin(1).event(9, "Unhealthy", liveness500)}); len(causes) != 0 {
		t.Errorf("%+v", causes)
	}
}
