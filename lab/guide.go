package lab

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"healthlab/probes"
)

// Lab is one exercise: an ordered list of steps. Package script loads labs from files.
type Lab struct {
	ID    string // unique among the labs, as in `healthlab run liveness`
	Title Text
	// Summary is one sentence for lists and `healthlab run --list`.
	Summary Text
	// Manifests are the file names, in the working directory, of the objects that the lab applies.
	Manifests []string
	Steps     []Step
	Faults    []Fault
}

// Digest tells one content of a lab from another one: texts, commands, goals and all else.
func (l Lab) Digest() string {
	content, err := json.Marshal(l)
	if err != nil {
		panic(fmt.Sprintf("lab %s: %v", l.ID, err)) // it is made of values that all have a form
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

// Step is one page of a lab.
type Step struct {
	ID    string // unique within its lab
	Title Text
	Body  Text // Markdown
	// Commands are what the run key does, in order. A step without commands is one to read.
	Commands []Command
	// Goals are what must hold for the step to be complete, in the order in which they come about. A step without
	// goals is complete once the student has gone on to the next one.
	Goals []Goal
	// Fault is the ID of the fault (or repair) that this step is about, or empty. Such a step has no Commands: its run
	// key is the fault.
	Fault    string
	Question *Question
	Hints    []Text
	// Solution tells, after a question, exactly what to do. Empty where Commands say it all.
	Solution Text
	// Notes are for the speaker, not for the audience. Markdown.
	Notes Text
	// Minutes is how long an instructor should plan for the step.
	Minutes int
}

// Command is one thing a step does, shown exactly as a student could type it.
//
// Line may contain {namespace}, {dir} (the working directory) and {pod} (the chosen pod). Its first word is kubectl,
// unless Write is set: then Line ends with "cat > {dir}/" and that name, and with the manifest typed behind it a student gets the
// same effect; see Heredoc in package course. A trailing "| grep WORD"
// filters what is shown. Package course expands and splits lines.
type Command struct {
	Line string
	// Write names a manifest that is written into the working directory unless a file of that name exists there.
	Write string
	// Tolerate is a Kubernetes status reason, such as AlreadyExists, that counts as success.
	Tolerate string
	// Confirm is asked before the command runs. Empty: nothing is asked. The default answer is no.
	Confirm Text
}

// Fault is a one-key change to a running container, for the worse or (RoleRepair) the better.
type Fault struct {
	ID     string
	Title  Text
	Effect Text // what to expect, one sentence
	Line   string
	// Role is what the fault is in its lab; empty if it has none that a key stands for.
	Role FaultRole
	// Responds says what the app does with the probes from the fault on.
	Responds Responses
	// After is how many seconds it takes to respond, where it answers, fails or refuses.
	After int
	// Shutdown is how many seconds the app takes to end after SIGTERM. Nil: it does not end before SIGKILL.
	Shutdown *int
	// Selector (a label selector) or Pod (a name) says which pods it can be done to.
	Selector string
	Pod      string
}

// Responses is what an app does with the attempts of each kind of probe. Empty: nothing else than before. Answer is for the
// better: it ends a fault.
type Responses struct{ Startup, Readiness, Liveness probes.Response }

// To is what it does with the attempts of one kind.
func (r Responses) To(kind probes.Kind) probes.Response {
	switch kind {
	case probes.Startup:
		return r.Startup
	case probes.Readiness:
		return r.Readiness
	case probes.Liveness:
		return r.Liveness
	default:
		return ""
	}
}

// Repairs reports whether the fault is for the better.
func (f Fault) Repairs() bool { return f.Role == RoleRepair }

// FaultRole is what a fault does to a container, in a word. A face may have a key for a role; where a lab has several faults
// of one, the step says which is meant.
type FaultRole string

// The roles.
const (
	RoleHang    FaultRole = "hang"    // the app answers nothing any more
	RoleUnready FaultRole = "unready" // the app is not ready for requests
	RoleSlow    FaultRole = "slow"    // the app takes long to answer, or to start
	RoleRefuse  FaultRole = "refuse"  // the app answers with errors, or takes no connections
	RoleCrash   FaultRole = "crash"   // the app ends
	RoleRepair  FaultRole = "repair"  // the app is as it was
)

// FaultRoles lists the roles.
func FaultRoles() []FaultRole {
	return []FaultRole{RoleHang, RoleUnready, RoleSlow, RoleRefuse, RoleCrash, RoleRepair}
}

// Question is asked before a fault; the answer is compared with what then happens.
type Question struct {
	Prompt  Text
	Options []Text
	// Correct is the index into Options of the right answer.
	Correct int
	// Because explains the right answer after the fact.
	Because Text
	// Time asks as well when something comes about; nil if that is not asked. The step is about a fault then.
	Time *TimeQuestion
}

// TimeQuestion asks how many seconds after the step's fault something comes about. No answer is written down as the right one:
// it is compared with what the probe's settings let one expect, and with what is measured.
type TimeQuestion struct {
	Prompt Text
	Point  TimedPoint
}

// TimedPoint is what the time of can be asked: a point of what follows from a fault, by the name that package timeline has for it.
type TimedPoint string

// The points that can be asked for.
const (
	TimedFailure TimedPoint = "failure" // the first attempt fails
	TimedVerdict TimedPoint = "verdict" // Killing or, of a readiness probe, READY goes down
	TimedRestart TimedPoint = "restart" // RESTARTS goes up
	// The container is ready again. After a fault that only a readiness probe sees that takes a repair, so it is not asked for then.
	TimedReady TimedPoint = "ready"
)

// TimedPoints lists the points.
func TimedPoints() []TimedPoint {
	return []TimedPoint{TimedFailure, TimedVerdict, TimedRestart, TimedReady}
}

// Goal is a state of the cluster (or of the working directory) that a step works towards. It is met when the cluster is in
// that state, whoever brought it there. Once met in a run it stays met.
type Goal struct {
	ID    string // unique within its lab
	Title Text
	// After is the ID of a goal of the same lab that must have been met before this one counts, or empty. It keeps
	// "three available" from being met before anything was broken.
	After string
	Check Check
}

// Check is what a goal asks of the cluster; exactly one field is set.
type Check struct {
	File      *FileCheck
	Namespace *NamespaceCheck
	Pods      *PodsCheck
	Event     *EventCheck
	Replicas  *ReplicasCheck
	Log       *LogCheck
	Gone      *GoneCheck
}

// FileCheck holds when the working directory has a file of this name.
type FileCheck struct{ Name string }

// NamespaceCheck holds when the lab's namespace is Active.
type NamespaceCheck struct{}

// PodsCheck holds when, among the pods that Pod (a name) or Selector chooses, the counts are as given. Nil means: any.
// Pods that are being deleted do not count.
type PodsCheck struct {
	Pod, Selector string
	Ready         *int // pods whose Ready condition is True
	NotReady      *int // running pods whose Ready condition is not True
	MinRestarts   *int // at least one pod has this many restarts or more
	MaxRestarts   *int // no pod has more
}

// EventCheck holds when events about the pod (or any pod that Selector chooses) with this reason add up to AtLeast.
// Contains narrows to messages that contain it.
type EventCheck struct {
	Pod, Selector, Reason, Contains string
	AtLeast                         int
}

// ReplicasCheck holds when the deployment's status has exactly these numbers.
type ReplicasCheck struct {
	Deployment                      string
	Desired, Available, Unavailable int
}

// LogCheck holds when the running container of the pod has logged at least AtLeast lines that contain Contains.
type LogCheck struct {
	Pod, Contains string
	AtLeast       int
}

// GoneCheck holds when the named objects are all absent. Empty fields are not looked at.
type GoneCheck struct{ Pod, Deployment, Selector string }

// GoalState is how a goal stands.
type GoalState struct {
	Goal Goal
	Met  bool
	// MetAt is when it was first seen to hold; zero while it is not met.
	MetAt time.Time
	// Why says in one sentence what is still missing, while it is not met.
	Why Text
}
