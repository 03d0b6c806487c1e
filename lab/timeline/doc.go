// Package timeline tells from a journal what happened, when, and why just then: for every pod and container its lanes (what it
// does, the attempts at its probes, whether it is ready and among the endpoints), the requests that were sent to services and what
// came of them, the replicas of deployments, the faults and
// commands that healthlab carried out, the times of which less is known, and the episodes: what followed from a fault, beside
// what the pod's probes let one expect.
//
// A Builder belongs to one goroutine, which adds the entries of a journal in their order and takes a View whenever it wants to;
// that costs some microseconds. A View and all in it is never changed, so that any goroutine may read it. The package starts no
// goroutine, reads no clock and does no input or output; the same entries give the same views again. It refuses client-go,
// sessions and faces: what it says is data, and words for it: for its codes (PointCode.Words, TermWords, ReasonWords and others),
// and for an episode as a whole (Episode.Review), beside what somebody had guessed.
//
// # What is kept
//
// All lanes together keep about 200,000 attempts and spans (an hour of fifty pods with one probe a second each), a lane up to
// 16,384 attempts or 1,024 spans; there are up to 16,384 seconds of requests (four and a half hours); there are up to 256 pods with 512 containers, 64 services and deployments, and 256 episodes.
// What is oldest goes first, and pods that are gone before those that are there. View.Dropped and each lane say how much is
// missing. Texts from outside are cut to 256 letters of what can be printed.
//
// # Times
//
// The axis is the clock of the entries, but never goes back: where the clock was set, the axis goes on, a Gap says so, and
// View.Clock tells what the clock showed. What is known of a time is an Instant, which says how much earlier it may have been
// in truth: healthlab's own attempts are known exactly, what a watch tells may be any time older, and the stamps of nodes have
// whole seconds. A stamp is compared with when it became known: nothing became known before it happened, and how far a node's
// clock is from ours shows in the least time that anything took. Clocks that seem to agree to a second are taken to agree.
//
// Events may come late, twice or never, may be counted up by more than one, and may expire. An attempt that is told late is put
// where it belongs; failures that nobody has told the times of are a number (Attempt.More), not marks; and what is not told is
// not there.
//
// # Witnesses
//
// Healthlab's engine tells all of its attempts. The kubelet of healthlab's own node tells all of its attempts, too, and then its
// events and the app's log, which are about the same attempts, count no more. Other kubelets tell failures only, and successes are known where the app's log
// tells them: as lines in Apache's form whose user agent is kube-probe, about a path that only one probe of the pod's first
// container asks for, and only of the pod whose log is followed. Where nothing tells them there are none, which says nothing
// about the kubelet.
//
// # Episodes
//
// An Episode follows one probe of one container. It begins with a fault that healthlab has carried out, the response to which
// the lab says (lab.Fault.Responds), or, if it was somebody else, with the first failure of either witness. It is there with all
// of its points as soon as that is known: Point.Expected is what was to be expected at that time, Point.Due what is to be
// expected by now, as each point that comes about leaves less open. Points that are not to come about say why
// (Expected.Never). Bands are those of probes.Situation.Forecast, and count from Episode.Begun or from the repair.
//
// For a forecast it is taken that the app ends at SIGKILL only, unless the fault says otherwise (lab.Fault.Shutdown) or was
// somebody else's; that a preStop hook takes as long as it sleeps or, if it is a command or a request, anything up to the grace
// period; that nothing is known of the time that an image takes and of how long an app takes to start, which count as nothing; and
// that the kubelet's ticks are known only from the app's log, or after its first failure. When SIGTERM came after a hook of unknown
// length nobody tells. Of startup probes that fail without a fault it is not said when they will pass.
//
// A guess (Guess) is of a point that follows from the fault. What comes after a repair counts from that, so it is not compared.
package timeline
