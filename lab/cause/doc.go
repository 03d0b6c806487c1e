// Package cause tells in one sentence why a container was restarted, or why a pod is not Ready, and on what that rests.
//
// Of is a pure function of a pod as the API gives it and of what else was seen: events, attempts that were seen one by one, log
// lines. All but the pod may be missing. Each cause has a stable Code, a sentence in both languages, and evidence, each piece
// of which refers to the event, condition, termination, attempt or log line that it rests on.
//
// In and Subject ask Of about a pod of a snapshot, and Line says a cause in one line, for the faces.
//
// It refuses to guess. Events expire after an hour, are dropped where a pod makes many (25 of each type at once, then one in
// five minutes, k8s.io/client-go/tools/record/events_cache.go) and may not be readable at all. Where one is missing, that is
// taken for a sign only if it would be there had it been made; otherwise Unknown says what cannot be told. So a run that ended
// with exit code 137 without a Killing event is "137, which stands for SIGKILL; who sent it cannot be told".
//
// An event is about a run only if it is about the same pod (by UID) and lies between the run's start and its end. The stamps
// are whole seconds. What happened in the second of a start belongs to the run before where a probe cannot have failed so
// soon; what happened in the second of an end is said to be of that second, not before it. A line of a log is quoted for a run
// only if it says that it is of that run, or no other one can have written it.
//
// The grace period begins with the kubelet's decision, SIGTERM comes after the preStop hook.
//
// Texts from outside are cleaned of what could steer a terminal, and cut. The package reads no clock, starts no goroutine and
// keeps nothing.
package cause
