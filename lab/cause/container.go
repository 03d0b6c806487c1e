package cause

import (
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

// container tells why a container is not ready.
func (q *inquiry) container(c *Cause, con *lab.Container) {
	c.Container = lab.Line(con.Name, maxName)
	switch con.State {
	case lab.Terminated:
		q.ended(c, con)
	case lab.Running:
		q.running(c, con)
	default:
		q.waiting(c, con)
	}
}

// ended tells of a container that has ended and is, or is not, to be started again.
func (q *inquiry) ended(c *Cause, con *lab.Container) {
	t := con.Exit
	if t == nil {
		t = &lab.Termination{Reason: con.Reason, Message: con.Message, StartedAt: con.StartedAt}
	}
	c.At = t.FinishedAt
	// A container in back-off is shown as ended until the kubelet looks at the pod again, which may take all of the pause.
	if e := q.lastEvent(con.Name, "BackOff"); e != nil && !con.Final && !e.Last.Before(t.FinishedAt.Truncate(time.Second)) {
		q.crashLoop(c, con, t, "")
		c.addEvent(*e)
		return
	}
	q.end(c, con, t)
	switch {
	case con.Final:
		c.know(lab.T("다시 시작되지 않습니다", "It is not started again"))
	default:
		c.know(lab.T("kubelet이 다시 시작합니다", "The kubelet starts it again"))
	}
}

// waiting tells of a container that could not be started yet.
func (q *inquiry) waiting(c *Cause, con *lab.Container) {
	said := orDash(lab.Line(con.Message, maxQuote))
	image := orDash(lab.Line(con.Image, maxName))
	switch con.Reason {
	case "", "ContainerCreating", "PodInitializing":
		q.creating(c, con)
		return
	case "CrashLoopBackOff", "PostStartHookError":
		if q.again(c, con) {
			return
		}
		if con.Reason == "CrashLoopBackOff" {
			q.crashLoop(c, con, con.Last, con.Message)
			return
		}
		c.Code = PostStartHook
		c.Sentence = lab.Textf("postStart 훅이 실패했습니다: %s", "The postStart hook failed: %s", hookFault(con.Message))
		if e := q.lastEvent(con.Name, "FailedPostStartHook"); e != nil {
			c.addEvent(*e)
		}
	case "ErrImagePull", "ImagePullBackOff", "ImageInspectError", "RegistryUnavailable", "SignatureValidationFailed":
		c.Code = ImagePull
		c.Sentence = lab.Textf("%s 이미지를 내려받지 못합니다: %s", "The image %s cannot be pulled: %s", image, q.pullFault(con))
		c.addStandIn(con.Message)
	case "InvalidImageName":
		c.Code = ImageName
		c.Sentence = lab.Textf("이미지의 이름이 올바르지 않습니다: %s", "The image's name %s is not valid", image)
	case "ErrImageNeverPull":
		c.Code = ImageNeverPull
		c.Sentence = lab.Textf("이미지가 노드에 없고, imagePullPolicy가 Never라 내려받지도 않습니다: %s",
			"The image %s is not on the node, and imagePullPolicy Never keeps it from being pulled", image)
		c.addStandIn(con.Message)
	case "CreateContainerConfigError":
		c.Code = Config
		c.Sentence = configFault(con.Message)
	case "RunContainerError":
		c.Code = StartError
		c.Sentence = startFault(con.Message)
	case "CreateContainerError", "PreCreateHookError", "PreStartHookError":
		c.Code = CreateError
		c.Sentence = lab.Textf("컨테이너를 만들지 못했습니다(%s): %s", "The container could not be created (%s): %s", con.Reason, said)
	case "CreatePodSandboxError", "ConfigPodSandboxError", "KillPodSandboxError":
		c.Code = Sandbox
		c.Sentence = lab.Textf("파드의 샌드박스를 만들지 못합니다: %s", "The pod's sandbox cannot be made: %s", said)
	default:
		c.Code = WaitingOther
		c.Sentence = lab.Textf("컨테이너가 기다리는 중입니다(%s): %s", "The container is waiting (%s): %s", lab.Line(con.Reason, maxName), said)
	}
	c.addState(con)
	e := q.lastEvent(con.Name, "Failed", "InspectFailed", "ErrImageNeverPull")
	if pull := q.failedPull(con); c.Code == ImagePull && pull != nil {
		e = pull
	}
	if e != nil {
		c.addEvent(*e)
	}
	if con.Last != nil && c.Code != StartError {
		c.addTermination(con.Name, con.Last)
	}
}

// pullFault tells why an image could not be pulled, in the words of the last attempt.
func (q *inquiry) pullFault(con *lab.Container) lab.Text {
	said := con.Message
	if _, after, ok := strings.Cut(said, "ErrImagePull: "); ok {
		said = after
	} else if con.Reason == "ImagePullBackOff" {
		if e := q.failedPull(con); e != nil { // until 1.31 the state says no more than that it waits
			said = e.Message
		}
	}
	has := func(signs ...string) bool {
		for _, sign := range signs {
			if strings.Contains(said, sign) {
				return true
			}
		}
		return false
	}
	if told := builtInFault(said); told.En != "" {
		return told
	}
	switch {
	case has("pull access denied", "insufficient_scope", "unauthorized", "401 Unauthorized", "403 Forbidden", "authentication required"):
		return lab.T("그런 이미지가 없거나, 볼 권한이 없습니다", "there is no such image, or access to it is denied")
	case has("toomanyrequests", "429 Too Many"):
		return lab.T("레지스트리가 요청이 너무 많다고 합니다", "the registry reports too many requests")
	case has("no such host", "connection refused", "i/o timeout", "network is unreachable", "TLS handshake timeout", "context deadline exceeded"):
		return lab.T("레지스트리에 닿지 않습니다", "the registry cannot be reached")
	case has("no matching manifest", "no match for platform"):
		return lab.T("이 노드의 플랫폼에 맞는 이미지가 없습니다", "there is none for the node's platform")
	case has(": not found", "manifest unknown", "NotFound"):
		return lab.T("그런 이미지나 태그가 없습니다", "there is no such image or tag")
	}
	return lab.Same(orDash(lab.Line(said, maxQuote)))
}

// builtInFault tells what the embedded cluster, which pulls nothing, has instead of an image (lab/node/images, Find).
func builtInFault(said string) lab.Text {
	_, rest, ok := strings.Cut(said, "healthlab has no image ")
	if !ok {
		return lab.Text{}
	}
	if before, near, ok := strings.Cut(rest, "; the nearest built-in images are "); ok {
		near, _, _ = strings.Cut(near, " (")
		if strings.Contains(before, lab.StandInHint) {
			return lab.Textf("healthlab에 없는 이미지이고, 대역(stand-in)을 대신 실행할 수 있습니다(이름이 가까운 내장 이미지: %s)",
				"healthlab has no such image; a stand-in can run in its place; the nearest built-in ones are %s", lab.Line(near, maxQuote))
		}
		return lab.Textf("healthlab에 없는 이미지입니다(이름이 가까운 내장 이미지: %s)",
			"healthlab has no such image; the nearest built-in ones are %s", lab.Line(near, maxQuote))
	}
	if _, tags, ok := strings.Cut(rest, " it has "); ok {
		tags, _, _ = strings.Cut(tags, ": ")
		tags = lab.Line(tags, maxQuote)
		return lab.Textf("그런 태그가 없습니다(있는 태그: %s)", "the image has no such tag; it has %s",
			lab.Text{Ko: strings.ReplaceAll(tags, " to ", "~"), En: tags})
	}
	return lab.Text{}
}

// addStandIn tells how a stand-in comes to run, where one could.
func (c *Cause) addStandIn(said string) {
	if _, way, ok := strings.Cut(said, lab.StandInHint); ok {
		way, _, _ = strings.Cut(way, "; ")
		c.know(lab.Textf("대역(stand-in)을 실행하는 명령: %s", "A stand-in runs after: %s", lab.Line(way, maxQuote)))
	}
}

func (q *inquiry) failedPull(con *lab.Container) *lab.Event {
	for i := len(q.events) - 1; i >= 0; i-- {
		if e := &q.events[i]; e.Container == con.Name && e.Reason == "Failed" && strings.HasPrefix(e.Message, "Failed to pull image ") {
			return e
		}
	}
	return nil
}

// configFault tells what is missing of that which a container's environment is made from
// (pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables).
func configFault(message string) lab.Text {
	said := orDash(lab.Line(message, maxQuote))
	name := ""
	if parts := strings.Split(message, `"`); len(parts) >= 3 {
		name = lab.Line(parts[1], maxName)
	}
	switch {
	case strings.HasPrefix(message, "configmap ") && strings.HasSuffix(message, "not found"):
		return lab.Textf("ConfigMap(%s)이 없어 컨테이너를 만들지 못합니다", "The container cannot be created, because there is no ConfigMap %s", orDash(name))
	case strings.HasPrefix(message, "secret ") && strings.HasSuffix(message, "not found"):
		return lab.Textf("Secret(%s)이 없어 컨테이너를 만들지 못합니다", "The container cannot be created, because there is no Secret %s", orDash(name))
	case strings.HasPrefix(message, "couldn't find key "):
		key, of, _ := strings.Cut(strings.TrimPrefix(message, "couldn't find key "), " in ")
		return lab.Textf("%[2]s에 키(%[1]s)가 없어 컨테이너를 만들지 못합니다",
			"The container cannot be created, because there is no key %[1]s in %[2]s", orDash(lab.Line(key, maxName)), orDash(lab.Line(of, maxName)))
	}
	return lab.Textf("설정이 잘못되어 컨테이너를 만들지 못합니다: %s", "The container cannot be created, because of its configuration: %s", said)
}

// creating tells what a container waits for that is about to be made for the first time.
func (q *inquiry) creating(c *Cause, con *lab.Container) {
	c.addState(con)
	begun := q.lastEvent("", "Pulling", "Pulled", "Created", "Started")
	current := func(e *lab.Event) bool { return e != nil && (begun == nil || after(e, begun)) }
	mount := q.lastEvent("", "FailedMount", "FailedAttachVolume", "FailedMapVolume")
	sandbox := q.lastEvent("", "FailedCreatePodSandBox")
	switch {
	case current(mount) && (sandbox == nil || after(mount, sandbox)):
		c.Code = Volume
		c.Sentence = lab.Textf("볼륨을 마운트하지 못합니다: %s", "A volume cannot be mounted: %s", lab.Line(q.mountFault(mount), maxQuote))
		c.addEvent(*mount)
		return
	case current(sandbox):
		c.Code = Sandbox
		c.Sentence = lab.Textf("파드의 샌드박스를 만들지 못합니다: %s", "The pod's sandbox cannot be made: %s", lab.Line(sandbox.Message, maxQuote))
		c.addEvent(*sandbox)
		return
	}
	if q.hookEnding(c, con) {
		return
	}
	if e := q.lastEvent(con.Name, "Pulling", "Pulled", "Failed", "Created"); e != nil && e.Reason == "Pulling" {
		c.Code, c.At = ImagePulling, e.Last
		c.Sentence = q.since(lab.Textf("%s 이미지를 내려받는 중입니다", "The image %s is being pulled", orDash(lab.Line(con.Image, maxName))), e.Last)
		c.addEvent(*e)
		return
	}
	c.Code = Creating
	since := q.pod.Acknowledged
	c.Sentence = q.since(lab.T("kubelet이 컨테이너를 만드는 중입니다", "The kubelet is creating the container"), since)
	if k, ok := q.pod.Condition("PodReadyToStartContainers"); ok {
		c.addCondition(k)
	}
	if _, why := q.silence(con, span{container: con.Name, start: since}, warning); !why.IsZero() {
		c.miss(lab.Textf("무엇을 기다리는지: %s", "what it waits for: %s", why))
	}
}

// mountFault prefers what the kubelet says of one volume to its summary.
func (q *inquiry) mountFault(last *lab.Event) string {
	if !strings.HasPrefix(last.Message, "Unable to attach or mount volumes") {
		return last.Message
	}
	for i := len(q.events) - 1; i >= 0; i-- {
		e := &q.events[i]
		if (e.Reason == "FailedMount" || e.Reason == "FailedAttachVolume") && !strings.HasPrefix(e.Message, "Unable to") {
			return e.Message
		}
	}
	return last.Message
}

// crashLoop tells of a container that waits before it is started once more. said is the kubelet's message, from which the
// pause is read.
func (q *inquiry) crashLoop(c *Cause, con *lab.Container, t *lab.Termination, said string) {
	var last Cause
	if t != nil {
		q.end(&last, con, t)
	} else {
		last.Sentence = lab.T("어떻게 끝났는지는 기록이 없습니다", "how it ended is not recorded")
		last.miss(lab.T("지난 실행이 어떻게 끝났는지", "how the last run ended"))
	}
	c.Code = CrashLoop
	c.addState(con)
	for _, e := range last.Evidence {
		c.add(e.Ref, e.At, e.Text)
	}
	c.Known, c.Unknown = last.Known, last.Unknown
	pause := lab.ReadBackOff(said)
	if pause == 0 {
		c.Sentence = lab.Textf("거듭 끝나서 kubelet이 다시 시작하기 전에 쉬고 있고, 지난 실행은 이렇습니다: %s",
			"It ended again and again, so the kubelet pauses before it starts it once more; the last run: %s", within(last.Sentence))
		return
	}
	c.Sentence = lab.Textf("거듭 끝나서 kubelet이 다시 시작하기까지 %s를 쉬고(CrashLoopBackOff), 지난 실행은 이렇습니다: %s",
		"It ended again and again, so the kubelet pauses for %s before it starts it once more (CrashLoopBackOff); the last run: %s",
		long(pause), within(last.Sentence))
	if t == nil {
		return
	}
	switch gone, ok := q.ago(t.FinishedAt); {
	case !ok:
	case gone+time.Second < pause:
		c.know(lab.Textf("다음 시작까지 %s쯤 남았습니다", "It is started in about %s", long(pause-gone)))
	default: // the pod's worker may look at it a little later
		c.know(lab.T("곧 다시 시작됩니다", "It is started any moment now"))
	}
}

// running tells why a container that runs is not ready: its startup or readiness probe has not passed.
func (q *inquiry) running(c *Cause, con *lab.Container) {
	c.At = con.StartedAt
	if ending := q.ending(con); ending != nil {
		c.Code, c.Sentence, c.Evidence, c.Known, c.Unknown = ending.Code, ending.Sentence, ending.Evidence, ending.Known, ending.Unknown
		c.At = ending.At
		return
	}
	kind := probes.Readiness
	if !con.Started {
		kind = probes.Startup
	}
	p := probeOf(con, kind)
	if p == nil {
		c.addState(con)
		if q.isInit(con) {
			c.Code = InitRunning
			c.Sentence = q.since(lab.T("아직 실행 중이며, 끝나야 다음 컨테이너가 시작됩니다", "It still runs, and the next container starts when it has ended"), con.StartedAt)
			return
		}
		c.Code = NotReadyUnknown
		c.Sentence = lab.T("실행 중이지만 아직 준비되지 않았고, 그 까닭이 될 프로브는 없습니다", "It runs but is not ready yet, and has no probe that would be why")
		c.miss(lab.T("준비되지 않은 까닭", "why it is not ready"))
		return
	}
	q.probed(c, con, *p)
}

func (q *inquiry) isInit(con *lab.Container) bool {
	for i := range q.pod.Init {
		if q.pod.Init[i].Name == con.Name {
			return true
		}
	}
	return false
}

// probed tells how a probe stands that has not passed in the current run.
func (q *inquiry) probed(c *Cause, con *lab.Container, p probes.Spec) {
	s := current(con)
	codes := map[bool][4]Code{
		false: {ReadinessDelay, ReadinessPending, ReadinessFailing, ReadinessError},
		true:  {StartupDelay, StartupPending, StartupFailing, StartupError},
	}[p.Kind == probes.Startup]
	name := lab.ProbeName(p.Kind)
	consequence := lab.T("트래픽을 받지 않습니다", "the pod gets no traffic from Services")
	if p.Kind == probes.Startup {
		consequence = lab.T("다른 프로브는 아직 시작되지 않았습니다", "the other probes have not begun")
	}
	complaints, _ := q.complaints(s, p.Kind, time.Time{})
	for _, one := range complaints[max(len(complaints)-3, 0):] {
		c.addRunEvent(one.event, s)
	}
	tried := q.attempts(s, p.Kind)
	var own *lab.Attempt
	if len(tried) > 0 {
		own = &tried[len(tried)-1]
		c.addAttempt(*own)
	}
	c.addProbe(con.Name, p)
	q.addReady(c)
	defer q.lastLines(c, con, s)
	waited, known := q.ago(con.StartedAt)
	switch {
	case len(complaints) > 0 && complaints[len(complaints)-1].erred:
		c.Code = codes[3]
		c.Sentence = lab.Textf("%s를 실행할 수 없어 통과하지 못하고, %s: %s", "The %s cannot be run, so it does not pass and %s: %s",
			name, consequence, probeFault(complaints[len(complaints)-1].message))
		c.know(lab.T("실행할 수 없는 시도는 성공으로도 실패로도 세지 않으므로, 그대로는 아무것도 바뀌지 않습니다",
			"An attempt that cannot be made counts neither as a success nor as a failure, so nothing changes by itself"))
	case len(complaints) > 0:
		c.Code = codes[2]
		c.Sentence = lab.Textf("%s가 실패해 %s: %s", "The %s is failing, so %s: %s", name, consequence, failure(complaints[len(complaints)-1].message))
		q.count(c, s, p, complaints)
	case own != nil && own.Outcome == probes.Failure:
		c.Code = codes[2]
		if own.Witness == lab.Kubelet {
			c.Sentence = lab.Textf("%s가 통과하지 못했고, kubelet의 마지막 시도가 실패했습니다: %s", "The %s has not passed, and the kubelet's latest attempt failed: %s",
				name, failure(own.Message))
			break
		}
		c.Sentence = lab.Textf("%s가 통과하지 못했고, healthlab이 한 시도도 실패합니다: %s", "The %s has not passed, and healthlab's own attempt fails, too: %s",
			name, failure(own.Message))
	case known && waited < p.InitialDelay:
		c.Code = codes[0]
		c.Sentence = lab.Textf("%s의 첫 시도까지 %s 남았고(initialDelaySeconds %d), 그때까지 %s",
			"The %s is not run before another %s (initialDelaySeconds %d), and until then %s",
			name, long(p.InitialDelay-waited), int(p.InitialDelay.Seconds()), consequence)
	default:
		c.Code = codes[1]
		c.Sentence = lab.Textf("%s가 아직 통과하지 못해 %s", "The %s has not passed yet, so %s", name, consequence)
		switch silent, why := q.silence(con, span{container: con.Name, start: con.StartedAt}, warning); {
		case !silent:
			c.miss(lab.Textf("시도가 실패했는지: %s", "whether an attempt has failed: %s", why))
		default:
			c.know(lab.T("실패했다는 이벤트는 없습니다", "No event tells of a failure"))
		}
	}
}

// count adds how often a probe has failed in a run, as far as the kubelet has said so, and what that leads to.
func (q *inquiry) count(c *Cause, s span, p probes.Spec, complaints []complaint) {
	failed, whole := 0, true
	for _, one := range complaints {
		if one.erred {
			continue
		}
		failed += one.event.Count
		whole = whole && !one.event.First.Before(s.start)
	}
	if !whole {
		return // some are counted together with those of an earlier run
	}
	if p.Kind == probes.Startup {
		c.know(lab.Textf("이 실행에서 %s 실패했고, %d번 이어서 실패하면 kubelet이 종료합니다", "It has failed %s in this run; at %d in a row the kubelet stops the container",
			q.times(failed), p.FailureThreshold))
		return
	}
	c.know(lab.Textf("이 실행에서 %s 실패했습니다. 준비성 프로브가 실패해도 다시 시작하지는 않습니다",
		"It has failed %s in this run; a readiness probe restarts nothing", q.times(failed)))
}

// failure is what a failed attempt has said.
func failure(message string) lab.Text {
	said := lab.Line(message, maxQuote)
	if said == "" {
		return lab.T("명령이 아무 말 없이 실패했습니다", "the command failed without a word")
	}
	return lab.Same(said)
}
