package lab

import "time"

// Change is one thing that a watch on the cluster saw. A cluster emits changes in the order in which it saw them; the
// first listing of a kind is marked Initial, so that what was already there is not told as news.
//
//sumtype:decl
type Change interface{ change() }

// PodChanged says that a pod is new, different or gone.
type PodChanged struct {
	Pod              Pod
	Deleted, Initial bool
}

// DeploymentChanged says that a deployment is new, different or gone.
type DeploymentChanged struct {
	Deployment       Deployment
	Deleted, Initial bool
}

// EndpointsChanged says what addresses the EndpointSlice named Slice now holds. None are left when it is gone.
type EndpointsChanged struct {
	Slice     string
	Endpoints []Endpoint
	Initial   bool
}

// EventChanged says that an event is new or was counted up, or has expired.
type EventChanged struct {
	Event            Event
	Deleted, Initial bool
}

// NamespaceChanged says how the lab's namespace stands: Active, Terminating, or empty while it does not exist.
type NamespaceChanged struct{ Phase string }

// LinkChanged says that the connection to the API server was lost, or is there (again).
type LinkChanged struct {
	Up      bool
	Problem Text // why it was lost
	// Ended says that it will not come back: the embedded cluster has stopped by itself.
	Ended bool
	// Since is when the server was last heard of, if that was longer ago than the loss was found out. Zero: now.
	Since time.Time
}

// AccessChanged says that the user may not watch (Denied), or may watch again, a resource such as pods. The other watches
// go on.
type AccessChanged struct {
	Resource string
	Denied   bool
	Problem  Text
}

func (PodChanged) change()        {}
func (DeploymentChanged) change() {}
func (EndpointsChanged) change()  {}
func (EventChanged) change()      {}
func (NamespaceChanged) change()  {}
func (LinkChanged) change()       {}
func (AccessChanged) change()     {}
