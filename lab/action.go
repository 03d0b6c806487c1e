package lab

// Action is something the user wants. Nothing is shown as done before the cluster says so: the effect of an action is
// seen in a later snapshot.
//
//sumtype:decl
type Action interface{ action() }

// GoTo enters a step. The step left behind counts as read.
type GoTo struct{ Lab, Step int }

// RunStep carries out the commands of the current step. Confirmed says that the user agreed to those that ask.
type RunStep struct{ Confirmed bool }

// Inject carries out a fault (or repair) of the current lab. Pod is empty for the chosen pod.
type Inject struct{ Fault, Pod string }

// ChoosePod makes a pod the one that faults and the log pane refer to.
type ChoosePod struct{ Pod string }

// Kubectl runs one kubectl command line. Args are its words, without the leading word kubectl. Of what it prints only the
// lines with Grep in them are kept; empty: all.
type Kubectl struct {
	Args []string
	Grep string
}

// ResetLab deletes what the current lab made and starts it anew at its first step.
type ResetLab struct{}

// ResetStep forgets what was reached in the current step and deletes what its commands made. A goal whose state the cluster
// is still in is met again at once.
type ResetStep struct{}

// Cancel stops a running task.
type Cancel struct{ Task uint64 }

// Compare has kubectl tell how the file that a task was to apply differs from the objects that stopped it, its Foreign. It
// changes nothing.
type Compare struct{ Task uint64 }

// Adopt makes the objects that stopped a task, its Foreign, healthlab's, unless one of them has changed since. Nothing else is
// changed about them; the command that was stopped is not carried out.
type Adopt struct{ Task uint64 }

// SetProbing says whether healthlab makes probes of its own from now on.
type SetProbing struct{ Probing Probing }

// StartTraffic sends a steady stream of requests to a Service until StopTraffic or the end of the session. Port 0 is the first one
// that can be spoken to by TCP, Path "/" unless it says otherwise, and Rate 0 is DefaultTrafficRate. Confirmed says that the user
// agreed, which it takes where the requests go through port-forward.
type StartTraffic struct {
	Service   string
	Port      int    `json:",omitempty"`
	Path      string `json:",omitempty"`
	Rate      int    `json:",omitempty"`
	Confirmed bool   `json:",omitempty"`
}

// StopTraffic ends the stream of requests.
type StopTraffic struct{}

func (GoTo) action()         {}
func (RunStep) action()      {}
func (Inject) action()       {}
func (ChoosePod) action()    {}
func (Kubectl) action()      {}
func (ResetLab) action()     {}
func (ResetStep) action()    {}
func (Cancel) action()       {}
func (Compare) action()      {}
func (Adopt) action()        {}
func (SetProbing) action()   {}
func (StartTraffic) action() {}
func (StopTraffic) action()  {}
