package cause

import (
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

// restart tells why a container was last restarted; nil if it never was.
func (q *inquiry) restart(con *lab.Container) *Cause {
	switch {
	case con.Last != nil && con.State == lab.Waiting && con.Reason == "CrashLoopBackOff":
		return nil // it is not started again yet, and what it waits for is told
	case con.Last != nil && con.Last.ExitCode == 0 && q.isInit(con):
		return q.initAgain(con)
	case con.Last != nil:
		c := q.cause(Restart, con.Name, con.Last.FinishedAt)
		q.end(c, con, con.Last)
		return c
	case con.Restarts > 0:
		c := q.cause(Restart, con.Name, time.Time{})
		c.Code = RestartUnknown
		c.Sentence = lab.Textf("%d번 다시 시작되었지만, 지난 실행이 어떻게 끝났는지는 파드의 상태에 남아 있지 않습니다",
			"It was restarted %d times, but the pod's status no longer says how the last run ended", con.Restarts)
		c.addState(con)
		c.miss(lab.T("지난 실행의 종료 코드와 이유", "the last run's exit code and reason"))
		return c
	}
	return nil
}

// initAgain tells why an init container ran once more that had done its work: kubelets run them anew in another sandbox.
func (q *inquiry) initAgain(con *lab.Container) *Cause {
	c := q.cause(Restart, con.Name, con.Last.FinishedAt)
	c.addTermination(con.Name, con.Last)
	if e := q.lastEvent("", "SandboxChanged"); e != nil && !e.Last.Before(con.Last.FinishedAt.Truncate(time.Second)) {
		c.Code = SandboxChanged
		c.addEvent(*e)
		c.Sentence = lab.T("파드의 샌드박스가 바뀌어 kubelet이 초기화 컨테이너를 다시 실행했습니다", "The pod's sandbox changed, so the kubelet ran the init container once more")
		return c
	}
	c.Code = RestartUnknown
	c.Sentence = lab.T("일을 마친 초기화 컨테이너가 다시 실행되었고, 왜인지는 더 알 수 없습니다", "The init container had finished and was run once more; why cannot be told any more")
	c.miss(lab.T("다시 실행된 까닭. 파드의 샌드박스가 바뀌면 그렇게 됩니다", "why it was run once more; a changed sandbox of the pod is one reason"))
	return c
}

// end tells how a run of con ended.
func (q *inquiry) end(c *Cause, con *lab.Container, t *lab.Termination) {
	s := spanOf(con.Name, t)
	defer q.lastLines(c, con, s)
	switch {
	case t.Reason == "ContainerStatusUnknown", t.Reason == "Unknown" && t.ExitCode == 255:
		c.Code = StatusUnknown
		c.Sentence = lab.Textf("kubelet이 이 실행을 놓쳤고, 종료 코드(%d)는 kubelet이 대신 적은 값입니다",
			"The kubelet lost track of this run; the exit code %d is only what stands for that", t.ExitCode)
		c.addTermination(con.Name, t)
		c.miss(lab.T("실행이 실제로 어떻게 끝났는지", "how the run really ended"))
		return
	case t.Reason == "StartError", t.Reason == "ContainerCannotRun", !begun(t) && t.ExitCode == 128:
		q.startError(c, con, t)
		return
	}
	var sure []killing
	var doubtful []lab.Event
	if begun(t) { // otherwise anything would be within its time
		sure, doubtful = q.killings(con, s)
	}
	k := decisive(sure, t)
	switch {
	case k == nil && t.Reason == "OOMKilled":
		q.outOfMemory(c, con, t, sure)
	case k == nil:
		q.unkilled(c, con, t, s, doubtful)
	case k.kind == killedByProbe:
		q.killedByProbe(c, con, t, s, *k)
	case k.kind == killedWithPod:
		q.stoppedWithPod(c, con, t, s, *k)
	default:
		q.killedOtherwise(c, con, t, s, *k)
	}
}

// decisive is the killing that a run ended by. One in the second in which the container ran out of memory, or after its end,
// may have come when it was over: a kubelet learns of an end up to a second later.
func decisive(sure []killing, t *lab.Termination) *killing {
	for i := range sure {
		k := &sure[i]
		if t.Reason == "OOMKilled" && !k.at.Before(t.FinishedAt.Truncate(time.Second)) {
			continue
		}
		return k
	}
	return nil
}

func (q *inquiry) startError(c *Cause, con *lab.Container, t *lab.Termination) {
	c.Code = StartError
	c.Sentence = startFault(t.Message)
	c.addTermination(con.Name, t)
	if e := q.lastEvent(con.Name, "Failed"); e != nil && strings.HasPrefix(e.Message, "Error: ") {
		c.addEvent(*e)
	}
	c.know(lab.T("프로그램은 한 번도 실행되지 않았으므로 로그가 없습니다", "The program never ran, so there is no log"))
}

func (q *inquiry) outOfMemory(c *Cause, con *lab.Container, t *lab.Termination, sure []killing) {
	c.Code = OutOfMemory
	limit := lab.T("메모리 한도는 없지만", "it has no memory limit")
	if con.MemoryLimit > 0 {
		limit = lab.Textf("메모리 한도가 %s인데", "its memory limit is %s", memory(con.MemoryLimit))
	}
	if t.ExitCode == 128+sigKill || t.Signal == sigKill {
		c.Sentence = lab.Textf("%[1]s 메모리가 모자라 커널이 강제로 끝냈습니다(OOMKilled, %[2]d)",
			"It ran out of memory and the kernel killed it (OOMKilled, %[2]d); %[1]s", limit, t.ExitCode)
	} else {
		c.Sentence = lab.Textf("%[1]s 메모리가 모자라 안의 프로세스가 죽었고(OOMKilled), 컨테이너는 코드 %[2]s 끝났습니다",
			"A process in it was killed for lack of memory (OOMKilled), and the container ended with code %[2]s; %[1]s", limit, code(t.ExitCode))
	}
	c.addTermination(con.Name, t)
	for _, k := range sure {
		c.addRunEvent(k.event, spanOf(con.Name, t))
		c.miss(lab.T("같은 초에 kubelet도 종료를 시작했습니다. 어느 쪽이 먼저인지는 초 단위 시각으로 알 수 없습니다",
			"whether the kubelet, which began to stop it in the same second, came first"))
	}
	q.notKilledFor(c, con, spanOf(con.Name, t), true)
	if con.MemoryLimit > 0 {
		c.miss(lab.T("한도를 넘었는지 노드의 메모리가 모자랐는지는 상태에 적히지 않습니다",
			"whether it went over its limit or the node was short of memory: the status does not say"))
	}
}

// unkilled tells of an end of which no kubelet has said that it began it.
func (q *inquiry) unkilled(c *Cause, con *lab.Container, t *lab.Termination, s span, doubtful []lab.Event) {
	c.addTermination(con.Name, t)
	for _, e := range doubtful {
		c.addRunEvent(e, s)
		c.miss(lab.T("Killing 이벤트가 이 실행의 것인지는 알 수 없습니다", "whether the Killing event is about this run"))
	}
	silent, why := q.silence(con, s, normal)
	if !begun(t) {
		silent, why = false, lab.T("이 실행이 언제 시작됐는지 기록이 없습니다", "when the run began is not recorded")
	}
	silent = silent && len(doubtful) == 0
	q.howItEnded(c, con, t, silent)
	q.notKilledFor(c, con, s, silent)
	if silent {
		if c.Code == KilledUnknown || c.Code == SignaledUnknown {
			c.know(lab.T("kubelet이 종료한 것은 아닙니다. 이 실행에 대한 Killing 이벤트가 없습니다",
				"The kubelet did not stop it: there is no Killing event about this run"))
		}
		return
	}
	if len(doubtful) == 0 {
		c.miss(lab.Textf("kubelet이 종료했는지: %s", "whether the kubelet stopped it: %s", why))
		q.earlierKilling(c, con, s)
	}
}

// earlierKilling tells that the kubelet has ended earlier runs for a probe. Whether it has this one is not known by that.
func (q *inquiry) earlierKilling(c *Cause, con *lab.Container, s span) {
	for i := len(q.events) - 1; i >= 0; i-- {
		k, container, ok := readKilling(q.events[i])
		if !ok || container != con.Name || k.kind != killedByProbe || !k.event.Last.Before(s.start) {
			continue
		}
		c.addRunEvent(k.event, s)
		c.know(lab.Textf("앞선 실행은 %s가 실패해 kubelet이 종료했습니다(%d번)", "Earlier runs were stopped by the kubelet because the %s had failed (%d times)",
			lab.ProbeName(k.probe), k.event.Count))
		return
	}
}

func (q *inquiry) howItEnded(c *Cause, con *lab.Container, t *lab.Termination, silent bool) {
	signal := t.Signal
	if signal == 0 && t.ExitCode > 128 && t.ExitCode < 128+32 {
		signal = t.ExitCode - 128
	}
	if signal != 0 && !ownFault(signal) && t.Signal == 0 { // runtimes tell codes only; a shell ends with the code of what it ran
		defer c.miss(lab.Textf("신호를 받아 끝났는지, 프로그램이 스스로 %s 끝냈는지. 셸은 안에서 실행한 명령이 신호로 죽으면 그 코드로 끝납니다",
			"whether the signal ended it, or the program itself ended with %s, as a shell does when a command in it was ended by the signal", code(t.ExitCode)))
	}
	any := lab.T("더 알 수 없습니다", "cannot be told any more")
	if silent {
		any = lab.T("알 수 없습니다", "cannot be told")
	}
	switch {
	case signal == sigKill:
		c.Code = KilledUnknown
		c.Sentence = lab.Textf("SIGKILL을 뜻하는 코드 %s 끝났고, 누가 보냈는지는 %s", "It ended with code %s, which stands for SIGKILL; who sent it %s",
			code(t.ExitCode), any)
		c.know(lab.Textf("메모리 부족이었다는 기록은 없습니다. 이유가 OOMKilled가 아니라 %s입니다",
			"Nothing says that it ran out of memory: the reason is %s, not OOMKilled", orDash(lab.Line(t.Reason, maxName))))
	case ownFault(signal):
		c.Code = Signal
		c.Sentence = lab.Textf("프로그램이 %s(%d) 신호로 죽었습니다", "The program crashed with %s (%d)", signalName(signal), t.ExitCode)
	case signal != 0:
		c.Code = SignaledUnknown
		c.Sentence = lab.Textf("%[1]s 신호를 뜻하는 코드 %[2]s 끝났고, 누가 보냈는지는 %[3]s",
			"It ended with code %[2]s, which stands for %[1]s; who sent it %[3]s", signalName(signal), code(t.ExitCode), any)
	case !silent && endsRuns(con):
		c.Code = ExitUnknown
		c.Sentence = lab.Textf("코드 %s 끝났고, 스스로 끝났는지 kubelet이 종료했는지는 %s",
			"It ended with code %s; whether by itself or because the kubelet stopped it %s", code(t.ExitCode), any)
	case !silent:
		c.Code = exitCode(t)
		c.Sentence = lab.Textf("코드 %s 끝났고, 활성 프로브도 스타트업 프로브도 없으므로 프로브 때문은 아닙니다",
			"It ended with code %s, and not because of a probe, as it has no liveness and no startup probe", code(t.ExitCode))
	case t.ExitCode == 0:
		c.Code = Completed
		c.Sentence = lab.T("프로그램이 일을 마치고 코드 0으로 끝났습니다", "The program finished with code 0")
	default:
		c.Code = Exit
		c.Sentence = lab.Textf("프로그램이 스스로 코드 %s 끝났습니다", "The program ended by itself with code %s", code(t.ExitCode))
	}
}

func exitCode(t *lab.Termination) Code {
	if t.ExitCode == 0 {
		return Completed
	}
	return Exit
}

// notKilledFor tells of failures in a run that did not make the kubelet end it, as people take them for the reason.
func (q *inquiry) notKilledFor(c *Cause, con *lab.Container, s span, silent bool) {
	for _, kind := range []probes.Kind{probes.Startup, probes.Liveness} {
		sure, spanning := q.complaints(s, kind, time.Time{})
		failed := 0
		for _, complaint := range sure {
			c.addRunEvent(complaint.event, s)
			if !complaint.erred && !complaint.event.First.Before(s.start) {
				failed += complaint.event.Count
			}
		}
		for _, complaint := range spanning {
			c.addRunEvent(complaint.event, s)
		}
		if p := probeOf(con, kind); p != nil && failed > 0 && silent {
			c.know(lab.Textf("%s가 %s 실패했지만 kubelet이 그 때문에 종료하지는 않았습니다(failureThreshold %d)",
				"The %s had failed %s, but the kubelet did not stop it for that (failureThreshold %d)",
				lab.ProbeName(kind), q.times(failed), p.FailureThreshold))
		}
		if tried := q.attempts(s, kind); len(tried) > 0 {
			if last := tried[len(tried)-1]; last.Outcome == probes.Failure {
				c.addAttempt(last)
				if last.Verdict == probes.Failing && last.Witness == lab.Engine {
					c.know(lab.Textf("healthlab의 %s도 그 실행에서 %d번 이어서 실패했습니다",
						"healthlab's own %s, too, had failed %d times in a row in that run", lab.ProbeName(kind), last.Streak))
				}
			}
		}
	}
}
