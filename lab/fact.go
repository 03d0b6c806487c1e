package lab

import "time"

// Fact is something that happened once. Facts are delivered in order and never dropped.
type Fact struct {
	Seq  uint64 // starts at 1, without gaps
	At   time.Time
	Kind FactKind
	// Pod and Container are whom it happened to; empty where it concerns neither.
	Pod, Container string
	// Lab, Step and Goal are IDs, where the fact is about them.
	Lab, Step, Goal string
	Text            Text
}

// FactKind sorts facts for those who react to them.
type FactKind string

// The kinds of facts.
const (
	FactClusterUp      FactKind = "ClusterUp"
	FactClusterLost    FactKind = "ClusterLost"
	FactPodAdded       FactKind = "PodAdded"
	FactPodRunning     FactKind = "PodRunning"
	FactPodReady       FactKind = "PodReady"
	FactPodNotReady    FactKind = "PodNotReady"
	FactPodDeleted     FactKind = "PodDeleted"
	FactProbeFailed    FactKind = "ProbeFailed"    // the kubelet reported a failed attempt
	FactProbeRecovered FactKind = "ProbeRecovered" // Kubernetes itself makes no event for this
	FactKilling        FactKind = "Killing"
	FactRestarted      FactKind = "Restarted"
	FactReplicas       FactKind = "Replicas" // the available count changed
	FactEndpoints      FactKind = "Endpoints"
	FactCommand        FactKind = "Command" // a command ended well
	FactCommandFailed  FactKind = "CommandFailed"
	FactCommandCut     FactKind = "CommandCut" // a command was canceled
	FactStepEntered    FactKind = "StepEntered"
	FactGoalMet        FactKind = "GoalMet"
	FactStepDone       FactKind = "StepDone"
	FactLabDone        FactKind = "LabDone"
	FactWarning        FactKind = "Warning"
)
