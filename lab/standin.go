package lab

import "slices"

// How a user asks for a stand-in: a program of healthlab's own that runs in place of an image that the embedded cluster does
// not have. The annotations are of a pod, or of its namespace, for all pods there; a pod's own count more.
const (
	StandInAnnotation = "healthlab/stand-in" // true or false
	// StandInStartAnnotation is how long it takes to start, such as 20s.
	StandInStartAnnotation = "healthlab/stand-in-start"
	// StandInExecAnnotation names programs of exec probes that succeed, with commas or spaces between them.
	StandInExecAnnotation = "healthlab/stand-in-exec"
)

// StandInImage is the image that the imageID of a stand-in's container names.
const StandInImage = "healthlab/stand-in"

// StandInHint comes before the command that has a stand-in run, in what the embedded cluster says of an image that it does
// not have.
const StandInHint = "for a stand-in: "

// StatusShown is the pod's Status, with a mark where one of its containers is a stand-in.
func (p Pod) StatusShown() Text {
	if slices.ContainsFunc(slices.Concat(p.Containers, p.Init), func(c Container) bool { return c.StandIn }) {
		return Textf("%s (대역)", "%s (stand-in)", p.Status)
	}
	return Same(p.Status)
}

// StandInCommand is what kubectl has to be told so that stand-ins run in a namespace, the pods that wait there already among
// them.
func StandInCommand(namespace string) []string {
	return []string{"annotate", "--overwrite", "namespace", namespace, StandInAnnotation + "=true"}
}
