package lab

import "time"

// What marks an object of a real cluster as healthlab's. Only objects with the label are changed or deleted.
const (
	ManagedByLabel  = "app.kubernetes.io/managed-by"
	ManagedBy       = "healthlab"
	OwnerAnnotation = "healthlab/owner" // who made it, as user@host
)

// Preflight is what was found out about a cluster before anything was written to it.
type Preflight struct {
	At       time.Time
	Findings []Finding // in the order in which they matter
	// Restricted is true where pods are only taken if they keep to the restricted Pod Security Standard.
	Restricted bool
	// Policies are the network policies of the namespace on what reaches pods, if they may be listed.
	Policies []NetworkPolicy
}

// NetworkPolicy is a network policy and the label selector of its pods.
type NetworkPolicy struct{ Name, Selector string }

// Finding is one thing that Preflight looked at.
type Finding struct {
	Subject Text
	State   FindingState
	Found   Text
	// Without says what the labs do without it, or what to do about it. Empty where nothing is missing.
	Without Text
}

// FindingState says what a finding means for the labs.
type FindingState string

// The states of a finding.
const (
	FindingOK      FindingState = "ok"
	FindingLimited FindingState = "limited" // the labs go on without it
	FindingBlocked FindingState = "blocked" // the labs cannot be done like this
	FindingUnknown FindingState = "unknown" // it cannot be found out beforehand
)

// Name is the state in a word.
func (s FindingState) Name() Text {
	switch s {
	case FindingOK:
		return T("됨", "ok")
	case FindingLimited:
		return T("제한", "limited")
	case FindingBlocked:
		return T("안 됨", "blocked")
	case FindingUnknown:
	}
	return T("모름", "unknown")
}

// Blocked tells the first finding for which the labs cannot be done, if there is one.
func (p Preflight) Blocked() (Finding, bool) {
	for _, f := range p.Findings {
		if f.State == FindingBlocked {
			return f, true
		}
	}
	return Finding{}, false
}

// Remnant is an object that the labs have left on a cluster of the user's own.
type Remnant struct {
	Name  string // as kind/name
	Owner string // who made it, as it says itself
	// Group, Version and Resource are what it is deleted as. All are empty for the namespace.
	Group, Version, Resource string
}

// Context is a cluster that a kubeconfig offers.
type Context struct {
	Name, Server, Namespace string
	Current                 bool // the one that kubectl uses
}
