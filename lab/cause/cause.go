package cause

import (
	"slices"
	"time"

	"healthlab/lab"
)

// Seen is what was seen beside the pod. Everything in it is optional, and may be about other pods, too.
type Seen struct {
	// At is the moment that the pod and the rest are as they are. Zero: ages and what is left of a wait are not told.
	At time.Time
	// Events, in any order.
	Events []lab.Event
	// EventsMissing says why events are missing that there may be, such as that they may not be read or are too many to be kept,
	// as a sentence without a stop. It means nothing then that there is none. Zero: all that the cluster still has are there.
	EventsMissing lab.Text
	// Attempts of healthlab's own engine, and those that the kubelet tells of, oldest first.
	Attempts []lab.Attempt
	// Logs of the pod's containers.
	Logs []Log
}

// Log is what a container has written, oldest first. Lines of several runs are told apart by lab.LogLine.Run; of those that have
// none, what may be of another run is not quoted.
type Log struct {
	Container string
	Lines     []lab.LogLine
}

// About is what a cause is the cause of.
type About string

// What can have a cause.
const (
	Restart  About = "restart"   // that a run of a container ended, and another one followed
	NotReady About = "not-ready" // that the pod is not Ready, or will not be any more
	Ending   About = "ending"    // that a container is being ended at this moment, and will be restarted
)

// Cause is why something is as it is.
type Cause struct {
	Pod, UID string // the pod's name and UID
	// Container is whom the sentence is about; empty if that is the pod as a whole.
	Container string
	About     About
	Code      Code
	// At is when it happened, or since when it is so; zero if that is not known.
	At       time.Time
	Sentence lab.Text // one sentence, without a name that it begins with and without a stop
	Evidence []Evidence
	// Known is what else follows from the evidence, and Unknown what cannot be told, one sentence each.
	Known, Unknown []lab.Text
}

// Of returns why the pod is not Ready, at most one cause; then, for each container, why it is being ended, if it is, and why
// it was last restarted, if it was. A pod that has done its work (Succeeded) is not Ready either.
//
// An event may arrive after the change of the pod that it explains. Who has asked as soon as that was seen asks again when
// another event about the pod comes.
func Of(pod lab.Pod, seen Seen) []Cause {
	q := newInquiry(pod, seen)
	var out []Cause
	first := q.notReady()
	if first != nil {
		out = append(out, *first)
	}
	add := func(c *Cause) {
		if c != nil && (first == nil || first.Container != c.Container || first.Code != c.Code || !first.At.Equal(c.At)) {
			out = append(out, *c)
		}
	}
	for _, containers := range [][]lab.Container{pod.Containers, pod.Init} {
		for i := range containers {
			add(q.ending(&containers[i]))
			add(q.restart(&containers[i]))
		}
	}
	q.knowStandIns(out)
	return out
}

// knowStandIns tells of containers whose image healthlab does not have.
func (q *inquiry) knowStandIns(causes []Cause) {
	for _, con := range slices.Concat(q.pod.Containers, q.pod.Init) {
		for i := range causes {
			if c := &causes[i]; con.StandIn && c.Container == con.Name {
				c.know(lab.Textf("이 컨테이너는 %s 이미지가 아니라 healthlab의 대역(stand-in)입니다",
					"A stand-in of healthlab runs in this container, not the image %s", lab.Line(con.Image, maxName)))
			}
		}
	}
}

// Code names a kind of cause. Codes are stable.
type Code string

// How a run of a container ended.
const (
	LivenessProbe     Code = "liveness-probe"
	StartupProbe      Code = "startup-probe"
	Completed         Code = "completed"
	Exit              Code = "exit"             // by itself, with another code than 0
	Signal            Code = "signal"           // by a signal that is a program's own fault, such as SIGSEGV
	KilledUnknown     Code = "killed-unknown"   // SIGKILL, and nobody knows by whom
	SignaledUnknown   Code = "signaled-unknown" // SIGTERM or another signal that somebody sends, and nobody knows who
	ExitUnknown       Code = "exit-unknown"     // with some code, but whether it was told to end is not known
	OutOfMemory       Code = "out-of-memory"
	StartError        Code = "start-error"
	PostStartHook     Code = "post-start-hook"
	DefinitionChanged Code = "definition-changed"
	SandboxChanged    Code = "sandbox-changed"
	RestartAll        Code = "restart-all"    // with all containers of the pod, by a restart rule of one
	PodStopped        Code = "pod-stopped"    // with the pod as a whole
	StatusUnknown     Code = "status-unknown" // the kubelet lost track of the run
	RestartUnknown    Code = "restart-unknown"
)

// Why a pod is not Ready, beside those above.
const (
	Succeeded        Code = "succeeded"
	Failed           Code = "failed"
	Evicted          Code = "evicted"
	DeadlineExceeded Code = "deadline-exceeded"
	Preempted        Code = "preempted"
	NodeShutdown     Code = "node-shutdown"
	Rejected         Code = "rejected" // by the kubelet, before anything was started
	Deleting         Code = "deleting"
	DeletionStuck    Code = "deletion-stuck"
	NodeLost         Code = "node-lost"
	Unschedulable    Code = "unschedulable"
	SchedulingGated  Code = "scheduling-gated"
	NotScheduled     Code = "not-scheduled"
	NotAcknowledged  Code = "not-acknowledged" // by the kubelet
	Volume           Code = "volume"
	Sandbox          Code = "sandbox"
	Creating         Code = "creating"
	ImagePulling     Code = "image-pulling"
	ImagePull        Code = "image-pull"
	ImageName        Code = "image-name"
	ImageNeverPull   Code = "image-never-pull"
	Config           Code = "config"
	CreateError      Code = "create-error"
	WaitingOther     Code = "waiting-other"
	InitRunning      Code = "init-running"
	CrashLoop        Code = "crash-loop"
	StartupDelay     Code = "startup-delay"
	StartupPending   Code = "startup-pending"
	StartupFailing   Code = "startup-failing"
	StartupError     Code = "startup-error"
	ReadinessDelay   Code = "readiness-delay"
	ReadinessPending Code = "readiness-pending"
	ReadinessFailing Code = "readiness-failing"
	ReadinessError   Code = "readiness-error"
	ReadinessGate    Code = "readiness-gate"
	NotReadyUnknown  Code = "not-ready-unknown"
)
