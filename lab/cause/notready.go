package cause

import (
	"slices"
	"strings"
	"time"

	"healthlab/lab"
)

// notReady tells why the pod is not Ready, from the reason that everything else waits for; nil if it is Ready.
func (q *inquiry) notReady() *Cause {
	pod := q.pod
	since := pod.ReadySince
	if since.IsZero() {
		since = pod.Created
	}
	c := q.cause(NotReady, "", since)
	switch {
	case (pod.Phase == "Succeeded" || pod.Phase == "Failed") && !pod.Deleting.IsZero() && len(pod.Finalizers) > 0:
		c.addPod(pod)
		q.deleting(c)
	case pod.Phase == "Succeeded":
		q.succeeded(c)
	case pod.Phase == "Failed":
		q.failed(c)
	case pod.Reason == "NodeLost", pod.Phase == "Unknown":
		q.nodeLost(c)
	case !pod.Deleting.IsZero():
		q.deleting(c)
	case pod.Ready:
		return nil
	case q.pastDeadline(c):
	case !q.placed(c), !q.initialized(c), !q.containersReady(c), !q.nodeAnswers(c), !q.gatesOpen(c):
	default:
		c.Code = NotReadyUnknown
		c.Sentence = lab.T("Ready가 아닌데, 상태와 이벤트에는 그 까닭이 없습니다", "It is not Ready, and neither its status nor its events say why")
		q.addReady(c)
		c.miss(lab.T("Ready가 아닌 까닭", "why it is not Ready"))
	}
	return c
}

// pastDeadline tells of a pod whose kubelet ends it because it has run for too long. Its phase, and the reason in its status, are
// told only when its containers have ended (pkg/kubelet/status, mergePodStatus).
func (q *inquiry) pastDeadline(c *Cause) bool {
	ready, _ := q.pod.Condition("Ready")
	e := q.lastEvent("", "DeadlineExceeded")
	if ready.Reason != "PodFailed" || e == nil {
		return false
	}
	c.Code, c.At = DeadlineExceeded, e.Last
	c.Sentence = lab.T("activeDeadlineSeconds가 지나 kubelet이 파드를 끝내는 중입니다(DeadlineExceeded)",
		"activeDeadlineSeconds is over, so the kubelet is ending the pod (DeadlineExceeded)")
	c.addEvent(*e)
	c.addCondition(ready)
	return true
}

func (q *inquiry) addReady(c *Cause) {
	if ready, ok := q.pod.Condition("Ready"); ok {
		c.addCondition(ready)
	}
}

func (q *inquiry) succeeded(c *Cause) {
	c.Code = Succeeded
	c.Sentence = lab.T("컨테이너가 모두 일을 마쳐 파드가 끝났습니다(Succeeded)", "All its containers have finished, so the pod is over (Succeeded)")
	for i := range q.pod.Containers {
		if con := &q.pod.Containers[i]; con.Exit != nil {
			c.addTermination(con.Name, con.Exit)
		}
	}
}

// failed tells of a pod that will not run any more.
func (q *inquiry) failed(c *Cause) {
	c.addPod(q.pod)
	said := orDash(lab.Line(q.pod.Message, maxQuote))
	q.addDisruption(c)
	switch reason := q.pod.Reason; reason {
	case "Evicted":
		c.Code = Evicted
		c.Sentence = lab.Textf("노드가 파드를 내쫓았습니다(Evicted): %s", "The node evicted the pod (Evicted): %s", said)
		q.addPodEvent(c, "Evicted")
		c.know(lab.T("이 파드는 다시 시작되지 않습니다. 컨트롤러가 있으면 다른 파드를 만듭니다",
			"This pod is not started again; its controller, if it has one, makes another"))
	case "DeadlineExceeded":
		c.Code = DeadlineExceeded
		c.Sentence = lab.T("activeDeadlineSeconds가 지나 kubelet이 파드를 끝냈습니다(DeadlineExceeded)",
			"activeDeadlineSeconds was over, so the kubelet ended the pod (DeadlineExceeded)")
		q.addPodEvent(c, "DeadlineExceeded")
	case "Preempting":
		c.Code = Preempted
		c.Sentence = lab.Textf("더 중요한 파드에 자리를 내주느라 끝났습니다(Preempting): %s", "It had to make room for a more important pod (Preempting): %s", said)
		q.addPodEvent(c, "Preempting")
	case "Terminated", "NodeShutdown", "Shutdown":
		c.Code = NodeShutdown
		c.Sentence = lab.Textf("노드가 꺼지면서 끝났습니다(%s): %s", "It ended because the node was shutting down (%s): %s", reason, said)
	case "NodeLost":
		q.nodeLost(c)
	case "":
		q.failedContainer(c)
	default:
		c.Code = Rejected
		if slices.ContainsFunc(q.pod.Containers, func(con lab.Container) bool { return con.Exit != nil || con.ID != "" }) {
			c.Code = Failed
			c.Sentence = lab.Textf("파드가 실패했습니다(%s): %s", "The pod failed (%s): %s", lab.Line(reason, maxName), said)
			return
		}
		c.Sentence = lab.Textf("노드의 kubelet이 파드를 받지 않았습니다(%s): %s", "The node's kubelet refused the pod (%s): %s", lab.Line(reason, maxName), said)
	}
}

// addDisruption adds what was written about who has disturbed the pod: an eviction, a preemption, a taint.
func (q *inquiry) addDisruption(c *Cause) {
	if k, ok := q.pod.Condition("DisruptionTarget"); ok && k.Status == "True" {
		c.addCondition(k)
	}
}

func (q *inquiry) addPodEvent(c *Cause, reasons ...string) {
	if e := q.lastEvent("", reasons...); e != nil {
		c.addEvent(*e)
	}
}

// failedContainer tells of a pod that failed because a container did.
func (q *inquiry) failedContainer(c *Cause) {
	var first *lab.Container // to fail: what ended later may have been stopped because of it
	for _, containers := range [][]lab.Container{q.pod.Init, q.pod.Containers} {
		for i := range containers {
			con := &containers[i]
			if con.Exit != nil && con.Exit.ExitCode != 0 && (first == nil || con.Exit.FinishedAt.Before(first.Exit.FinishedAt)) {
				first = con
			}
		}
	}
	if first != nil {
		c.Container = lab.Line(first.Name, maxName)
		q.end(c, first, first.Exit)
		c.know(lab.Textf("파드는 끝났습니다(Failed, restartPolicy %s)", "The pod is over (Failed, restartPolicy %s)",
			orDash(lab.Line(q.pod.RestartPolicy, maxName))))
		return
	}
	c.Code = Failed
	c.Sentence = lab.T("파드가 실패했지만, 어느 컨테이너가 실패했는지는 상태에 없습니다", "The pod failed, but its status does not say which container did")
	c.miss(lab.T("어느 컨테이너가 왜 실패했는지", "which container failed, and why"))
}

func (q *inquiry) nodeLost(c *Cause) {
	c.Code = NodeLost
	c.Sentence = lab.Textf("노드 %s에서 소식이 끊겨 파드의 상태를 알 수 없습니다", "Node %s no longer reports, so how the pod is cannot be told",
		orDash(lab.Line(q.pod.Node, maxName)))
	if len(c.Evidence) == 0 {
		c.addPod(q.pod)
	}
	q.addReady(c)
	q.addPodEvent(c, "NodeNotReady")
	q.addPodEvent(c, "TaintManagerEviction", "NodeControllerEviction")
	c.miss(lab.T("컨테이너가 아직 실행 중인지", "whether its containers still run"))
}

func (q *inquiry) deleting(c *Cause) {
	pod := q.pod
	c.Code, c.At = Deleting, pod.Deleting
	grace := pod.DeletionGrace
	c.add(PodRef{}, pod.Deleting, lab.Textf("삭제 요청, 유예 시간 %s", "deletion was asked for, with a grace period of %s", long(grace)))
	q.addDisruption(c)
	for i := range pod.Containers {
		if con := &pod.Containers[i]; con.State == lab.Running {
			c.addState(con)
		}
	}
	for _, e := range q.events {
		if k, _, ok := readKilling(e); ok && k.kind == killedWithPod {
			c.addEvent(e)
		}
	}
	running := slices.ContainsFunc(pod.Containers, func(con lab.Container) bool { return con.State == lab.Running })
	gone, ok := q.ago(pod.Deleting)
	switch {
	case !running && len(pod.Finalizers) > 0:
		c.Code = DeletionStuck
		for i := range pod.Containers {
			if con := &pod.Containers[i]; con.Exit != nil {
				c.addTermination(con.Name, con.Exit)
			}
		}
		c.Sentence = lab.Textf("컨테이너는 끝났지만 파이널라이저(%s)가 남아 삭제되지 않습니다",
			"Its containers have ended, but the finalizer %s keeps it from being deleted", lab.Line(strings.Join(pod.Finalizers, ", "), maxQuote))
	case ok && gone > grace+30*time.Second && q.nodeSilent():
		c.Code = DeletionStuck
		c.Sentence = lab.Textf("노드 %s에서 소식이 끊겨 삭제가 %s째 끝나지 않고 있습니다", "Node %s no longer reports, so the pod has been terminating for %s",
			orDash(lab.Line(pod.Node, maxName)), long(gone))
		q.addReady(c)
		q.addPodEvent(c, "NodeNotReady")
		c.miss(lab.T("컨테이너가 아직 실행 중인지", "whether its containers still run"))
	case ok && gone > grace+30*time.Second:
		c.Code = DeletionStuck
		c.Sentence = lab.Textf("삭제가 유예 시간 %s를 넘겨 %s째 끝나지 않고 있습니다", "It should have been gone after %s, but has been terminating for %s", long(grace), long(gone))
		c.miss(lab.Textf("까닭. 노드 %s의 kubelet이 답하지 않을 수 있습니다", "why; the kubelet of node %s may not answer", orDash(lab.Line(pod.Node, maxName))))
	case ok && gone < grace:
		c.Sentence = lab.Textf("삭제되는 중이고, 길어도 %s 뒤에는 SIGKILL로 끝납니다(유예 시간 %s)",
			"It is being deleted and ends by SIGKILL in %s at the latest (grace period %s)", long(grace-gone), long(grace))
	default:
		c.Sentence = lab.Textf("삭제되는 중입니다(유예 시간 %s)", "It is being deleted (grace period %s)", long(grace))
	}
	if pod.Ready {
		c.know(lab.T("아직 Ready이지만 Service의 엔드포인트에서는 이미 빠졌습니다", "It is still Ready, but Services already leave it out"))
	}
}

// placed tells why the pod has no node yet, or its node's kubelet has not begun with it; true if neither is so.
func (q *inquiry) placed(c *Cause) bool {
	pod := q.pod
	scheduled, ok := pod.Condition("PodScheduled")
	switch {
	case ok && scheduled.Status != "True" && scheduled.Reason == "SchedulingGated":
		c.Code, c.At = SchedulingGated, scheduled.Since
		c.addCondition(scheduled)
		c.Sentence = lab.T("스케줄링 게이트가 남아 있어 스케줄러가 아직 노드를 고르지 않습니다", "The scheduler does not place it yet, because of a scheduling gate")
		return false
	case ok && scheduled.Status != "True":
		c.Code, c.At = Unschedulable, scheduled.Since
		c.addCondition(scheduled)
		q.addPodEvent(c, "FailedScheduling")
		why := scheduled.Message
		if e := q.lastEvent("", "FailedScheduling"); why == "" && e != nil {
			why = e.Message
		}
		c.Sentence = lab.Textf("스케줄러가 파드를 놓을 노드를 찾지 못했습니다: %s", "The scheduler found no node for it: %s", orDash(lab.Line(why, maxQuote)))
		return false
	case pod.Node == "":
		c.Code = NotScheduled
		c.Sentence = q.since(lab.T("스케줄러가 아직 노드를 고르지 않았습니다", "The scheduler has not placed it yet"), pod.Created)
		c.addPod(pod)
		q.addPodEvent(c, "FailedScheduling")
		return false
	case pod.Acknowledged.IsZero() && !slices.ContainsFunc(pod.Containers, func(con lab.Container) bool { return con.State != lab.Waiting }):
		c.Code = NotAcknowledged
		c.Sentence = q.since(lab.Textf("노드 %s의 kubelet이 아직 파드를 맡지 않았습니다", "The kubelet of node %s has not taken it up yet",
			lab.Line(pod.Node, maxName)), scheduled.Since)
		if ok {
			c.addCondition(scheduled)
		}
		q.addPodEvent(c, "Scheduled")
		return false
	}
	return true
}

// initialized tells which init container the others wait for; true if none.
func (q *inquiry) initialized(c *Cause) bool {
	if k, ok := q.pod.Condition("Initialized"); ok && k.Status == "True" {
		return true
	}
	for i := range q.pod.Init {
		con := &q.pod.Init[i]
		switch {
		case con.State == lab.Terminated && con.Exit != nil && con.Exit.ExitCode == 0:
		case con.State == lab.Waiting && (con.Reason == "" || con.Reason == "PodInitializing"):
			// Its turn has not come; or nothing has begun yet.
		default:
			q.container(c, con)
			c.Sentence = lab.Textf("초기화 컨테이너: %s", "Init container: %s", within(c.Sentence))
			return false
		}
	}
	for i := range q.pod.Containers {
		con := &q.pod.Containers[i]
		if con.Sidecar && !con.Started && (con.State != lab.Waiting || con.Reason != "" && con.Reason != "PodInitializing") {
			q.container(c, con)
			c.Sentence = lab.Textf("사이드카: %s", "Sidecar: %s", within(c.Sentence))
			c.know(lab.T("사이드카가 시작을 마쳐야 다른 컨테이너가 시작됩니다", "The other containers are not started before the sidecar has started"))
			return false
		}
	}
	return true
}

// containersReady tells which container is not ready; true if all are.
func (q *inquiry) containersReady(c *Cause) bool {
	var unready []*lab.Container
	for i := range q.pod.Containers {
		if con := &q.pod.Containers[i]; !con.Ready {
			unready = append(unready, con)
		}
	}
	if len(unready) == 0 {
		return true
	}
	// Of a container that only waits like all others, something that has gone wrong with another one tells more.
	slices.SortStableFunc(unready, func(a, b *lab.Container) int { return weight(a) - weight(b) })
	q.container(c, unready[0])
	if unready[0].Sidecar {
		c.Sentence = lab.Textf("사이드카: %s", "Sidecar: %s", within(c.Sentence))
	}
	for _, con := range unready[1:] {
		c.know(lab.Textf("%s 컨테이너도 준비되지 않았습니다: %s", "Container %s is not ready, either: %s", lab.Line(con.Name, maxName),
			orDash(reasoned(string(con.State), lab.Line(con.Reason, maxName)))))
	}
	return false
}

func weight(con *lab.Container) int {
	switch {
	case con.State == lab.Waiting && (con.Reason == "" || con.Reason == "ContainerCreating" || con.Reason == "PodInitializing"):
		return 3
	case con.State == lab.Running:
		return 2
	case con.State == lab.Terminated:
		return 1
	}
	return 0
}

// nodeAnswers tells that a node-lifecycle controller has made the pod unready whose containers are ready; true if it has not.
func (q *inquiry) nodeAnswers(c *Cause) bool {
	if !q.nodeSilent() {
		return true
	}
	q.nodeLost(c)
	if containers, ok := q.pod.Condition("ContainersReady"); ok {
		c.addCondition(containers)
	}
	if q.lastEvent("", "NodeNotReady") == nil {
		c.know(lab.T("이벤트는 없지만, 컨테이너가 모두 준비된 파드의 Ready를 False로 바꾸는 것은 노드 컨트롤러뿐입니다",
			"There is no event of it, but only the node controller makes Ready False while all containers are ready"))
	}
	return false
}

// nodeSilent reports whether the node-lifecycle controller has made the pod unready, which changes its condition Ready alone
// (pkg/controller/util/node, MarkPodsNotReady).
func (q *inquiry) nodeSilent() bool {
	ready, _ := q.pod.Condition("Ready")
	containers, ok := q.pod.Condition("ContainersReady")
	if !ok || containers.Status != "True" || ready.Status != "False" || ready.Reason == "ReadinessGatesNotReady" {
		return false
	}
	e := q.lastEvent("", "NodeNotReady")
	if e == nil {
		return len(q.pod.ReadinessGates) == 0
	}
	return !e.Last.Before(ready.Since.Add(-time.Minute))
}

// gatesOpen tells which readiness gate is closed; true if none is.
func (q *inquiry) gatesOpen(c *Cause) bool {
	var closed []string
	for _, gate := range q.pod.ReadinessGates {
		k, ok := q.pod.Condition(gate)
		if ok && k.Status == "True" {
			continue
		}
		closed = append(closed, gate)
		if ok {
			c.addCondition(k)
		} else {
			c.add(ConditionRef{gate}, time.Time{}, lab.Textf("%s 컨디션이 없습니다", "there is no condition %s", lab.Line(gate, maxName)))
		}
	}
	if len(closed) == 0 {
		return true
	}
	q.addReady(c)
	c.Code = ReadinessGate
	c.Sentence = lab.Textf("컨테이너는 모두 준비됐지만 준비성 게이트가 아직 True가 아닙니다: %s",
		"All its containers are ready, but a readiness gate is not True yet: %s", lab.Line(strings.Join(closed, ", "), maxQuote))
	return false
}
