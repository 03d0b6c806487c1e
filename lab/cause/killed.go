package cause

import (
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

// ending tells why a container that still runs is being ended, if it is and the pod is not.
func (q *inquiry) ending(con *lab.Container) *Cause {
	if con.State != lab.Running || !q.pod.Deleting.IsZero() {
		return nil
	}
	sure, _ := q.killings(con, current(con))
	if len(sure) == 0 {
		return nil
	}
	k := sure[0]
	c := q.cause(Ending, con.Name, k.at)
	c.addRunEvent(k.event, current(con))
	switch k.kind {
	case killedByProbe:
		q.addComplaints(c, con, current(con), k)
		grace := q.graceOf(con, k.probe)
		if hook := con.PreStop; hook != nil { // which leaves two seconds at least
			grace = max(grace, min(hook.Most, grace)+2*time.Second)
		}
		c.Code = probeCode(k.probe)
		left := lab.Textf("길어도 %s 안에 끝납니다", "it ends within %s at the latest", long(grace))
		switch d, ok := q.ago(k.at); {
		case ok && d >= grace:
			left = lab.Textf("유예 시간 %s가 다 되었습니다", "the grace period of %s is over", long(grace))
		case ok:
			left = lab.Textf("길어도 %s 뒤에는 끝납니다", "it ends in %s at the latest", long(grace-d))
		}
		c.Sentence = lab.Textf("%s kubelet이 종료하는 중이고, %s", "%s, so the kubelet is stopping the container; %s", q.failedProbe(con, k.probe), left)
		c.know(lab.T("끝날 때까지는 RESTARTS도 READY도 그대로입니다", "RESTARTS and READY stay as they are until then"))
	case killedByHook:
		c.Code = PostStartHook
		c.Sentence = hookEnds()
	case killedByChange:
		c.Code = DefinitionChanged
		c.Sentence = lab.T("파드의 정의가 바뀌어 kubelet이 종료하는 중입니다", "The pod's definition was changed, so the kubelet is stopping the container")
	case killedWithPod, killedWithAll, killedOtherwise:
		c.Code = PodStopped
		c.Sentence = lab.T("kubelet이 종료하는 중입니다", "The kubelet is stopping the container")
	}
	return c
}

func probeCode(kind probes.Kind) Code {
	if kind == probes.Startup {
		return StartupProbe
	}
	return LivenessProbe
}

// graceOf is how long a container has between SIGTERM and SIGKILL if it is killed for a probe: the probe's own period, or
// else the pod's, and two seconds at least (kuberuntime_container.go, setTerminationGracePeriod).
func (q *inquiry) graceOf(con *lab.Container, kind probes.Kind) time.Duration {
	grace := q.pod.GracePeriod
	if p := probeOf(con, kind); p != nil && p.GracePeriod != nil {
		grace = *p.GracePeriod
	}
	return max(grace, 2*time.Second)
}

// failedProbe begins a sentence. That the kubelet acts means that the probe has failed as often as its threshold says.
func (q *inquiry) failedProbe(con *lab.Container, kind probes.Kind) lab.Text {
	name := lab.ProbeName(kind)
	switch p := probeOf(con, kind); {
	case p == nil || p.FailureThreshold < 1:
		return lab.Textf("%s가 실패해", "The %s failed", name)
	case p.FailureThreshold == 1:
		return lab.Textf("%s가 한 번 실패해", "The %s failed once", name)
	default:
		return lab.Textf("%s가 %d번 이어서 실패해", "The %s failed %d times in a row", name, p.FailureThreshold)
	}
}

func (q *inquiry) killedByProbe(c *Cause, con *lab.Container, t *lab.Termination, s span, k killing) {
	c.Code = probeCode(k.probe)
	grace, took := q.graceOf(con, k.probe), k.before(s)
	c.addRunEvent(k.event, s)
	q.addHook(c, con, s)
	c.addTermination(con.Name, t)
	q.addComplaints(c, con, s, k)
	c.Sentence = lab.Textf("%s kubelet이 종료했고, %s", "%s, so the kubelet stopped the container; %s",
		q.failedProbe(con, k.probe), q.afterStop(c, con, t, took, grace))
}

// untold is how long something took of which that is not known.
const untold = time.Duration(-1)

// before is how long before the end of a run the kubelet began to end it; untold if that is not known.
func (k killing) before(s span) time.Duration {
	if k.at.IsZero() {
		return untold
	}
	return s.end.Sub(k.at)
}

// addHook adds that the preStop hook, which comes before SIGTERM, has failed in a run.
func (q *inquiry) addHook(c *Cause, con *lab.Container, s span) {
	if e := q.lastEvent(con.Name, "FailedPreStopHook"); e != nil && s.within(e.Last, s.start) {
		c.addRunEvent(*e, s)
	}
}

// afterStop is how a container ended that the kubelet had begun to end so long before. It ends a sentence.
func (q *inquiry) afterStop(c *Cause, con *lab.Container, t *lab.Termination, took, grace time.Duration) lab.Text {
	sigkilled := t.ExitCode == 128+sigKill || t.Signal == sigKill
	if hook := con.PreStop; hook != nil && grace > 0 {
		if hook.Least == hook.Most {
			c.know(lab.Textf("유예 시간은 preStop 훅이 시작될 때부터 세고, SIGTERM은 훅이 끝난 뒤(%s)에 갑니다",
				"The grace period begins with the preStop hook, and SIGTERM comes when that has ended (%s)", long(min(hook.Most, grace))))
		} else {
			c.know(lab.T("유예 시간은 preStop 훅이 시작될 때부터 세고, SIGTERM은 훅이 끝난 뒤에 갑니다",
				"The grace period begins with the preStop hook, and SIGTERM comes when that has ended"))
			c.miss(lab.T("preStop 훅이 얼마나 걸렸는지, 곧 SIGTERM이 언제 갔는지", "how long the preStop hook took, and so when SIGTERM came"))
		}
	}
	switch {
	case took == untold && t.Reason != "OOMKilled":
		if sigkilled {
			return lab.Textf("SIGKILL(%d)로 끝났습니다", "it ended by SIGKILL (%d)", t.ExitCode)
		}
		return lab.Textf("코드 %s 끝났습니다", "it ended with code %s", code(t.ExitCode))
	case t.Reason == "OOMKilled":
		return lab.Textf("그 유예 시간 안에 메모리가 모자라 끝났습니다(OOMKilled, %d)",
			"within its grace period it ran out of memory (OOMKilled, %d)", t.ExitCode)
	case sigkilled && grace == 0:
		return lab.Textf("유예 없이 SIGKILL(%d)로 끝났습니다", "without a grace period it ended by SIGKILL (%d)", t.ExitCode)
	case sigkilled && took >= grace-time.Second:
		c.know(lab.Textf("137이지만 메모리 부족은 아닙니다. 이유가 OOMKilled가 아니라 %s입니다",
			"137 does not mean out of memory here: the reason is %s, not OOMKilled", orDash(lab.Line(t.Reason, maxName))))
		return lab.Textf("%s 유예 뒤 SIGKILL(%d)로 끝났습니다", "after a grace period of %s it ended by SIGKILL (%d)", long(grace), t.ExitCode)
	case sigkilled:
		c.miss(lab.Textf("유예 시간 %s가 다 되기 전에 누가 SIGKILL을 보냈는지", "who sent SIGKILL before the grace period of %s was over", long(grace)))
		return lab.Textf("%s 뒤 SIGKILL(%d)로 끝났습니다", "it ended by SIGKILL (%[2]d) after %[1]s", long(took), t.ExitCode)
	case t.ExitCode == 128+sigTerm || t.Signal == sigTerm:
		return lab.Textf("%s 만에 SIGTERM(%d)으로 끝났습니다", "it ended on SIGTERM (%[2]d) after %[1]s", long(took), t.ExitCode)
	}
	if con.PreStop != nil && took > 0 {
		return lab.Textf("종료를 시작한 지 %s 만에 코드 %s 끝났습니다", "%[1]s later it ended with code %[2]s", long(took), code(t.ExitCode))
	}
	if took == 0 {
		c.miss(lab.T("종료 신호를 받아 끝났는지, 그보다 조금 먼저 스스로 끝났는지는 초 단위 시각으로 알 수 없습니다",
			"whether it ended on the signal or by itself just before: the times are whole seconds"))
		return lab.Textf("같은 초에 코드 %s 끝났습니다", "in the same second it ended with code %s", code(t.ExitCode))
	}
	return lab.Textf("종료 신호를 받고 %s 만에 코드 %s 끝났습니다", "told to stop, it ended with code %[2]s after %[1]s", long(took), code(t.ExitCode))
}

func (q *inquiry) stoppedWithPod(c *Cause, con *lab.Container, t *lab.Termination, s span, k killing) {
	c.Code = PodStopped
	defer c.addTermination(con.Name, t)
	took := k.before(s)
	q.addHook(c, con, s)
	if kind := q.finalProbe(con, s, k); kind != "" {
		c.Code = probeCode(kind)
		k.probe = kind
		q.addComplaints(c, con, s, k)
		c.addRunEvent(k.event, s)
		c.Sentence = lab.Textf("%s kubelet이 파드를 끝냈고, %s", "%s, so the kubelet stopped the pod; %s",
			q.failedProbe(con, kind), q.afterStop(c, con, t, took, q.graceOf(con, "")))
		c.know(lab.Textf("restartPolicy가 %s이므로 다시 시작하지 않습니다", "restartPolicy is %s, so it is not restarted", lab.Line(q.pod.RestartPolicy, maxName)))
		return
	}
	c.addRunEvent(k.event, s)
	if e := q.lastEvent("", "SandboxChanged"); e != nil && !e.Last.Before(k.at) {
		c.Code = SandboxChanged
		c.addEvent(*e)
		c.Sentence = lab.T("파드의 샌드박스가 바뀌어 kubelet이 컨테이너를 모두 다시 만들었습니다",
			"The pod's sandbox changed, so the kubelet made all its containers anew")
		c.miss(lab.T("샌드박스가 바뀐 까닭. 노드를 다시 시작하면 그렇게 됩니다", "why the sandbox changed; a reboot of the node is one reason"))
		return
	}
	grace := q.pod.GracePeriod
	if !q.pod.Deleting.IsZero() {
		grace = q.pod.DeletionGrace
	}
	c.Sentence = lab.Textf("kubelet이 파드를 통째로 멈추면서 종료했고, %s", "The kubelet stopped it together with the pod; %s",
		q.afterStop(c, con, t, took, max(grace, 2*time.Second)))
}

// finalProbe is the probe because of which a kubelet stopped a pod whose containers are not restarted; empty if it was not a
// probe, or that is not sure. It says no more than that it stops the container then.
func (q *inquiry) finalProbe(con *lab.Container, s span, k killing) probes.Kind {
	if !q.pod.Deleting.IsZero() || q.pod.Reason != "" || !con.Once {
		return ""
	}
	for _, kind := range []probes.Kind{probes.Liveness, probes.Startup} {
		p := probeOf(con, kind)
		if p == nil {
			continue
		}
		failed, inThatSecond := 0, false
		sure, _ := q.complaints(s, kind, time.Time{})
		for _, complaint := range sure {
			if !complaint.erred {
				failed += complaint.event.Count
				inThatSecond = inThatSecond || k.at.Sub(complaint.event.Last) <= time.Second && !complaint.event.Last.After(k.at)
			}
		}
		if failed >= p.FailureThreshold && inThatSecond {
			return kind
		}
	}
	return ""
}

func (q *inquiry) killedOtherwise(c *Cause, con *lab.Container, t *lab.Termination, s span, k killing) {
	c.addRunEvent(k.event, s)
	c.addTermination(con.Name, t)
	grace := max(q.pod.GracePeriod, 2*time.Second)
	if k.kind == killedWithAll {
		grace = 0
	}
	q.addHook(c, con, s)
	how := q.afterStop(c, con, t, k.before(s), grace)
	switch k.kind {
	case killedWithAll:
		c.Code = RestartAll
		c.Sentence = lab.Textf("다른 컨테이너의 재시작 규칙(RestartAllContainers) 때문에 kubelet이 종료했고, %s",
			"Because of another container's restart rule (RestartAllContainers) the kubelet stopped it; %s", how)
	case killedByHook:
		c.Code = PostStartHook
		if e := q.lastEvent(con.Name, "FailedPostStartHook"); e != nil && e.UID != k.event.UID {
			c.addRunEvent(*e, s)
		}
		c.Sentence = lab.Textf("postStart 훅이 실패해 kubelet이 종료했고, %s", "The postStart hook failed, so the kubelet stopped the container; %s", how)
	case killedByChange:
		c.Code = DefinitionChanged
		c.Sentence = lab.Textf("파드의 정의가 바뀌어 kubelet이 종료했고, %s",
			"The pod's definition was changed, so the kubelet stopped the container; %s", how)
	default:
		c.Code = PodStopped
		c.Sentence = lab.Textf("kubelet이 종료했고(%[1]s), %[2]s", "The kubelet stopped the container (%[1]s); %[2]s",
			orDash(lab.Line(k.event.Message, maxQuote)), how)
	}
}

// addComplaints adds what was seen of the failures that made a kubelet end a run.
func (q *inquiry) addComplaints(c *Cause, con *lab.Container, s span, k killing) {
	// The last failure and the decision are made within a moment, which may lie in two seconds.
	sure, spanning := q.complaints(s, k.probe, k.at.Add(time.Second))
	for _, complaint := range append(sure, spanning...) {
		c.addRunEvent(complaint.event, s)
	}
	if tried := q.attempts(s, k.probe); len(tried) > 0 {
		if last := tried[len(tried)-1]; last.Outcome == probes.Failure {
			c.addAttempt(last)
		}
	}
	if p := probeOf(con, k.probe); p != nil {
		c.addProbe(con.Name, *p)
	}
}
