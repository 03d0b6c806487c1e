// Package pods is the pane of pods: the columns of kubectl get pods and, as far as there is room, for each probe a strip
// of its recent attempts, how far its count is from the threshold, the time to its next attempt and its verdict, and for
// a container that is being killed how long it has left; and in a sentence why the chosen pod, or one that is not well, is as
// it is. What of that a cause rests on can be marked. The goroutine of the program's Update and View owns it.
package pods
