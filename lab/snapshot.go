package lab

import (
	"time"

	"healthlab/probes"
)

// Snapshot is everything that can be seen of a session at one moment. It is never changed after it was published.
type Snapshot struct {
	// Revision grows by at least one with each snapshot; a receiver ignores one that is not newer than what it has.
	Revision uint64
	At       time.Time

	// Facts is the Seq of the last fact told before this snapshot.
	Facts uint64
	// Replay is true if this is how it was in a run that is being replayed: nothing can be done about it any more.
	Replay bool

	Cluster  Cluster
	Position Position
	// Dir is the working directory that holds the manifests.
	Dir string

	Pods        []Pod        // by name
	Deployments []Deployment // by name
	Endpoints   []Endpoint   // by service, then address
	Events      []Event      // oldest first, bounded
	// Probing is whether healthlab makes probes of its own.
	Probing Probing
	// Attempts is the probe log, oldest first, bounded: healthlab's own attempts and those that kubelets tell of.
	Attempts []Attempt
	// Log is the app log of the chosen pod, oldest first, bounded.
	Log []LogLine
	// Traffic is the latest stream of requests that healthlab has sent; nil if there was none.
	Traffic *Traffic `json:",omitempty"`
	// Tasks are the actions under way and the last ones that ended, oldest first, bounded.
	Tasks []Task
	// ChosenPod is the name of the pod that faults and the log pane refer to; empty while there is none.
	ChosenPod string
}

// Cluster is which cluster the session is on and how the connection stands.
type Cluster struct {
	Name      string // the kubeconfig context's name
	Server    string
	Namespace string
	Version   string // of the API server, such as v1.37.2
	// Real is true for a cluster of the user's own, which the console shows in a colour of its own.
	Real bool
	// ReadOnly and DryRun say that nothing is written to it, or only tried.
	ReadOnly, DryRun bool
	Phase            ClusterPhase
	// Since is when Phase began.
	Since time.Time
	// Problem says why the cluster cannot be reached, while Phase is Lost or Failed.
	Problem Text
	// Denied lists the resources, such as pods, that may not be watched (any more): what is shown of them is not how they are.
	Denied []string
	// Kubeconfig is the file that kubectl in a second terminal has to use for an embedded cluster; empty for others.
	Kubeconfig string
	// Preflight is what was found out about a real cluster before anything was written to it; nil until then.
	Preflight *Preflight
	// Told lists the nodes whose kubelets tell of each of their attempts, by name.
	Told []string
	// Components are the parts of an embedded cluster in the order in which they come up; empty for others.
	Components []Component
}

// ClusterPhase is how the connection to the cluster stands.
type ClusterPhase string

// The phases. What is shown of a Lost cluster is stale since Cluster.Since.
const (
	Starting ClusterPhase = "Starting"
	Up       ClusterPhase = "Up"
	Lost     ClusterPhase = "Lost"
	Failed   ClusterPhase = "Failed" // it will not come up; the session can only be left
)

// Component is a part of the embedded control plane while it comes up.
type Component struct {
	Name  string
	State ComponentState
	Took  time.Duration // since its start, once it is ready or has failed
	Err   string
}

// ComponentState is how far a component is.
type ComponentState string

// The states of a component.
const (
	ComponentWaiting  ComponentState = "waiting"
	ComponentStarting ComponentState = "starting"
	ComponentReady    ComponentState = "ready"
	ComponentFailed   ComponentState = "failed"
)

// Position is where the student is. The session owns it; GoTo changes it.
type Position struct {
	Lab, Step int // indexes into the session's labs and that lab's steps
	// Goals of the current step.
	Goals []GoalState
	// Done tells for each lab and step whether it is complete.
	Done [][]bool
	// Since is when the current step was entered.
	Since time.Time
}

// Pod is a pod as kubectl shows it, with its containers and their probes.
type Pod struct {
	Name, UID string
	// StaticUID is what events call a pod that a kubelet runs from a file of its own, of which the API has a mirror; empty for others.
	StaticUID string
	Labels    map[string]string
	IP, Node  string
	Phase     string
	// Status is kubectl's STATUS column: Running, CrashLoopBackOff, Terminating, Init:0/1, …
	Status string
	// ReadyContainers of TotalContainers is kubectl's READY column.
	ReadyContainers, TotalContainers int
	Restarts                         int
	LastRestart                      time.Time // zero if it never restarted
	Created                          time.Time
	Acknowledged                     time.Time // by the kubelet, in whole seconds; zero before
	Ready                            bool      // the Ready condition is True
	ReadySince                       time.Time // last transition of the Ready condition
	Deleting                         time.Time // zero unless it is being deleted
	// DeletionGrace is how long after Deleting its containers may go on running.
	DeletionGrace time.Duration
	// Finalizers keep it from going after its containers have ended; bounded.
	Finalizers []string
	// GracePeriod is the pod's terminationGracePeriodSeconds, 30 s unless it says otherwise.
	GracePeriod time.Duration
	// RestartPolicy is Always, OnFailure or Never; Container.Final tells what follows from it.
	RestartPolicy string
	// Reason and Message say why the pod as a whole is as it is, such as Evicted; empty in most cases.
	Reason, Message string
	Conditions      []Condition // in the API's order, bounded
	ReadinessGates  []string    // the types of the conditions that have to be True beside the containers' readiness; bounded
	// Owner is the controller that has made it; zero if there is none.
	Owner Owner
	// Probing is what its ProbingAnnotation says; auto if it says nothing.
	Probing Probing `json:",omitempty"`
	// Containers are those that can be probed: the regular ones, then the sidecars, each in the spec's order.
	Containers []Container
	// Init are the init containers that are no sidecars, in the spec's order.
	Init []Container
}

// Condition is a condition of a pod.
type Condition struct {
	Type, Status    string // Status is True, False or Unknown
	Reason, Message string
	Since           time.Time // last transition of Status
}

// Owner is the controller of a pod, such as a ReplicaSet.
type Owner struct{ Kind, Name string }

// Condition returns the pod's condition of a type; ok is false if it has none.
func (p Pod) Condition(kind string) (c Condition, ok bool) {
	for _, c := range p.Conditions {
		if c.Type == kind {
			return c, true
		}
	}
	return Condition{}, false
}

// Container is a container of a pod.
type Container struct {
	Name, Image, ID string
	State           ContainerState
	Reason, Message string // of Waiting or Terminated
	StartedAt       time.Time
	Started, Ready  bool
	Restarts        int
	// StandIn is true where a stand-in of healthlab runs in place of Image.
	StandIn bool
	// Sidecar is true of an init container that goes on running beside the regular ones.
	Sidecar bool
	// MemoryLimit is limits.memory in bytes; 0 if there is none.
	MemoryLimit int64
	// Final is true of a Terminated container that is not to be started again.
	Final bool
	// Once is true of a container that is not started again after a probe has had it killed.
	Once bool
	// PreStop is how long its preStop hook takes, after which SIGTERM comes: exactly that if the hook sleeps, and anything if it
	// is a command or a request. It is given up at the end of the grace period. Nil if there is none.
	PreStop *probes.Range `json:",omitempty"`
	// Exit is how the run of a Terminated container ended; nil of others.
	Exit *Termination
	// Last is how the previous run ended; nil if there was none.
	Last *Termination
	// Ports maps the names of the container's ports to their numbers.
	Ports map[string]int
	// OneByOne is what in its command serves one connection at a time, such as "nc -l"; empty if nothing is known to.
	OneByOne string `json:",omitempty"`
	// Grace is set while the container is being killed because of a probe.
	Grace  *Grace
	Probes []Probe
}

// ContainerState is one of Waiting, Running, Terminated.
type ContainerState string

// The states of a container.
const (
	Waiting    ContainerState = "Waiting"
	Running    ContainerState = "Running"
	Terminated ContainerState = "Terminated"
)

// Termination is how a run of a container ended.
type Termination struct {
	ContainerID           string // of the run
	ExitCode              int    // 128 and the signal's number if it ended by a signal, as most runtimes tell it
	Signal                int    // 0 where the runtime tells it by the exit code, as containerd does
	Reason, Message       string
	StartedAt, FinishedAt time.Time // in whole seconds; StartedAt is in 1970 if the run never began
}

// Grace is the time between the kubelet's decision to end a container, upon which its preStop hook runs and SIGTERM comes, and
// SIGKILL.
type Grace struct {
	Since time.Time
	Until time.Time // when SIGKILL comes at the latest
}

// Probe is what is known of one probe of a running container.
type Probe struct {
	Spec probes.Spec
	// Changes is what in its command changes something in the container, such as "touch"; empty if nothing is known to.
	Changes string `json:",omitempty"`
	// Witness is who made the attempts that the following is about: the kubelet, where it tells of each, or else healthlab's own
	// engine.
	Witness   Witness `json:",omitempty"`
	Verdict   probes.Verdict
	Streak    int            // equal outcomes in a row
	Outcome   probes.Outcome // of that streak
	Threshold int            // what the streak counts towards
	// Plan is when the next attempt will be made, or what it waits for; zero while nobody is known to make one.
	probes.Plan
	Recent []probes.Attempt // oldest first, bounded
	// Failures is how many of its attempts have failed since the container started.
	Failures int
	// What the kubelet reported in events since the container started.
	KubeletFailures int
	KubeletLast     time.Time
	KubeletMessage  string
	// Caveats says in one sentence each what cannot be the same about the engine's attempts as about the kubelet's.
	Caveats []Text
	// Unavailable says why there are no attempts to show: why healthlab's own engine does not run this probe where the kubelet
	// tells of failures only. Zero if there are.
	Unavailable Text
}

// Deployment is a deployment's replica counts, as in kubectl describe's Replicas line.
type Deployment struct {
	Name                                            string
	Selector                                        map[string]string
	Desired, Updated, Total, Available, Unavailable int
	Deleting                                        bool
}

// Endpoint is one address of an EndpointSlice.
type Endpoint struct {
	Service, Address, Pod       string
	Ready, Serving, Terminating bool
}

// Event is a Kubernetes event.
type Event struct {
	UID                    string
	Type, Reason, Message  string
	ObjectKind, ObjectName string
	ObjectUID              string // tells the events of a pod from those of an earlier one of the same name
	Container              string // from the field path, empty if the event is not about a container
	Source                 string
	Count                  int
	First, Last            time.Time // in whole seconds, as most sources stamp their events
	// Seq orders events of the same second as they were written, each at its last change. It has no other meaning.
	Seq uint64
}

// Attempt is one line of the probe log: who was probed, and what came of it.
type Attempt struct {
	Pod, Container string
	Witness        Witness
	// Old is true of an attempt of the kubelet's that was made before anybody listened.
	Old bool
	probes.Attempt
}

// LogLine is one line that a container wrote.
type LogLine struct {
	At   time.Time
	Text string
	// Run is the ID of the container that wrote it, as Container.ID; empty where that is not known.
	Run string `json:",omitempty"`
}

// Task is an action that the session carries out, from the moment it was asked for.
type Task struct {
	_  [0]func() // tasks cannot be compared with ==: their actions may hold slices
	ID uint64
	// Action is what was asked for. Carrying it out may take several tasks, one after the other.
	Action Action
	// Of is the command of a step that this is, whoever asked for it and how; nil if it is none.
	Of    *StepCommand
	Title Text
	// Line is the command as a student could type it, paths below the home directory with ~. It is for people only. Empty if
	// the task is not a command.
	Line    string
	State   TaskState
	Started time.Time
	Took    time.Duration // once it has ended
	// Output is what the command printed, both streams, bounded.
	Output string
	// Note is what healthlab itself has to say of what was done, one sentence, beside what a command printed.
	Note     Text
	ExitCode int
	Problem  Text // why it failed
	// Told is true if Output ends with the problem, so that it need not be said again.
	Told bool
	// Foreign is what stopped it, if that is objects that are not healthlab's; they may be adopted. It is never changed.
	Foreign *Foreign
}

// Name is the task's command line or, without one, its title.
func (t Task) Name() Text { return FactTask{ID: t.ID, Title: t.Title, Line: t.Line}.Name() }

// StepCommand names a command of a step: the IDs of its lab and step, and its index among the step's commands. Where a step
// is about a fault, that is its only command, at index 0.
type StepCommand struct {
	Lab, Step string
	Index     int
}

// TaskState is how a task stands.
type TaskState string

// The states of a task.
const (
	TaskRunning  TaskState = "running"
	TaskDone     TaskState = "done"
	TaskFailed   TaskState = "failed"
	TaskCanceled TaskState = "canceled"
)
