package lab

// Witness is who made an attempt and told of it.
type Witness string

// The witnesses: healthlab's own engine, beside the kubelet; and the kubelet itself, where it tells of each of its attempts.
const (
	Engine  Witness = ""
	Kubelet Witness = "kubelet"
)

// Probing is whether healthlab makes probes of its own.
type Probing string

// The choices. By itself, healthlab probes where the kubelet does not tell of each of its attempts.
const (
	ProbingAuto Probing = ""
	ProbingOn   Probing = "on"
	ProbingOff  Probing = "off"
)

// ProbingAnnotation on a pod, with the value on or off, says so of its probes. A pod's off comes before everything else; on
// comes before what healthlab leaves out by itself, but not before the user's off.
const ProbingAnnotation = "healthlab/probing"

// ParseProbing reads a choice as a flag or the settings have it: auto, on or off. Empty is auto.
func ParseProbing(text string) (p Probing, ok bool) {
	switch text {
	case "", "auto":
		return ProbingAuto, true
	case string(ProbingOn), string(ProbingOff):
		return Probing(text), true
	}
	return ProbingAuto, false
}
