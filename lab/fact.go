package lab

import (
	"time"

	"healthlab/probes"
)

// Fact is something that happened once. Facts are delivered in order and never dropped. They hold values and no sentences:
// package course puts them into words.
type Fact struct {
	Seq  uint64 // starts at 1, without gaps
	At   time.Time
	Kind FactKind
	// Pod and Container are whom it happened to; empty where it concerns neither.
	Pod, Container string
	// Lab, Step and Goal are IDs, where the fact is about them.
	Lab, Step, Goal string

	// What follows is set as far as the kind says.

	Problem Text // why
	Cluster string
	// Ready of Total containers of the pod are ready.
	Ready, Total int
	Restarts     int // of the pod
	ExitCode     int // of the run before
	Probe        probes.Kind
	// InRow failures of the probe are known to have come one after the other, of the Threshold that makes a verdict.
	InRow, Threshold int
	// Message is what the kubelet or a controller wrote about it in an event, and Object is whom that event is about.
	Message, Object string
	// Grace is how long the container may take to end.
	Grace    time.Duration
	Replicas Deployment
	Endpoint Endpoint
	// Command is the task that has ended: its ID, and its line or, without one, its title.
	Command FactTask
	// Resource is what may not be watched.
	Resource string
	Finding  *Finding
	Probing  Probing
	// Traffic is what the requests were, and what has come of them so far. It is never changed.
	Traffic *Traffic `json:",omitempty"`
}

// FactTask is what a fact tells of a task.
type FactTask struct {
	ID    uint64
	Title Text
	Line  string
}

// Name is the task's command line or, without one, its title.
func (t FactTask) Name() Text {
	if t.Line != "" {
		return Same(t.Line)
	}
	return t.Title
}

// FactKind sorts facts for those who react to them.
type FactKind string

// The kinds of facts, with what of a fact they set.
const (
	FactClusterUp      FactKind = "ClusterUp"      // Cluster
	FactClusterLost    FactKind = "ClusterLost"    // Problem
	FactClusterFailed  FactKind = "ClusterFailed"  // Problem; it will not come up
	FactClusterEnded   FactKind = "ClusterEnded"   // Problem; it has stopped by itself
	FactPodAdded       FactKind = "PodAdded"       // Pod
	FactPodRunning     FactKind = "PodRunning"     // Pod, Ready, Total
	FactPodReady       FactKind = "PodReady"       // Pod, Ready, Total
	FactPodNotReady    FactKind = "PodNotReady"    // Pod, Ready, Total
	FactPodDeleting    FactKind = "PodDeleting"    // Pod
	FactPodDeleted     FactKind = "PodDeleted"     // Pod
	FactProbeFailed    FactKind = "ProbeFailed"    // Pod, Container, Probe, InRow, Threshold, Message: the kubelet reported it
	FactProbeRecovered FactKind = "ProbeRecovered" // Pod, Container, Probe; Kubernetes itself makes no event for this
	FactKilling        FactKind = "Killing"        // Pod, Container, Probe, Grace
	FactRestarted      FactKind = "Restarted"      // Pod, Container, Restarts, ExitCode
	FactReplicas       FactKind = "Replicas"       // Replicas: the available or the desired count changed
	FactEndpointJoined FactKind = "EndpointJoined" // Endpoint, and its Pod
	FactEndpointLeft   FactKind = "EndpointLeft"   // Endpoint, and its Pod
	FactCommand        FactKind = "Command"        // Command: it ended well
	FactCommandFailed  FactKind = "CommandFailed"  // Command, Problem
	FactCommandCut     FactKind = "CommandCut"     // Command: it was canceled
	FactStepEntered    FactKind = "StepEntered"    // Lab, Step
	FactGoalMet        FactKind = "GoalMet"        // Lab, Step, Goal
	FactStepDone       FactKind = "StepDone"       // Lab, Step
	FactLabDone        FactKind = "LabDone"        // Lab
	FactWarning        FactKind = "Warning"        // Object, Message, and its Pod and Container if there are such
	FactDenied         FactKind = "Denied"         // Resource
	FactFinding        FactKind = "Finding"        // Finding: what the labs must do without
	FactProbing        FactKind = "Probing"        // Probing: whether healthlab makes probes of its own, from now on
	FactTraffic        FactKind = "Traffic"        // Traffic: requests to a Service have begun, or ended
	FactUntold         FactKind = "Untold"         // Problem: why the kubelet's attempts are not shown one by one
)
