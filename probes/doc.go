// Package probes is a probe engine: it runs Kubernetes' startup, readiness and liveness probes against containers and
// reports every attempt, including the successes of which Kubernetes itself says nothing.
//
// # What it owns
//
// An Engine owns one worker, that is one goroutine, for each Key (a pod's UID, a container, a Kind). The worker's
// goroutine alone owns the worker's counters; what others may see of them, the verdict, is behind the worker's mutex.
// An attempt runs on the worker's goroutine, so attempts of one Key never overlap. Engine.Close ends all workers and
// waits.
//
// The words: a Mechanism makes an attempt and gives an Outcome; equal outcomes in a row (the streak) that reach their
// threshold give the Verdict. Spec says what to do and when, Target how the container is reached, State how it is now.
//
// # What it refuses
//
// It imports the standard library and gRPC only. It knows no Kubernetes objects, makes no events, restarts nothing and
// keeps no history unless its user asks a History to. It holds no connection between attempts.
//
// # Timing
//
// Ticks come every Spec.Period, counted from the moment the worker was added, not from the container's start; the
// first tick is at once. At a tick nothing is attempted while there is no container ID, while the worker is on hold,
// while the container does not run, while its age in whole seconds is below Spec.InitialDelay, while State.Started is
// false (for readiness and liveness) or once it is true (for startup). An attempt that takes longer than the period
// is followed by the next one at once, and further ticks that it covered are lost. Engine.Trigger makes an attempt
// under the same conditions at once and counts ticks from there. Engine.Plan tells at any time when the next attempt will
// be made, also before the first one, or what it waits for.
//
// When a startup probe's verdict becomes Passing and its container still runs, the engine itself triggers the readiness
// probe of the same pod and container, after Config.Report has returned. So a State.Started that follows
// Engine.Verdict of the startup Key, or that is set by Report, is true in time. Whoever learns of it later (from a
// watch) calls Engine.Trigger then, and so does whoever wants the kubelet's extra attempt each time it writes the
// status of a container that runs and is not ready.
//
// # From afar
//
// An observer that reaches its containers through an API server gives its Target a Remote. The way there is opened before
// an attempt begins, its share of the attempt is measured (Attempt.Way), and the timeout is left to the container: an
// attempt is given up when the container has had the whole of it and what is sent has had time to go there and back. What
// cannot be told in this way has the outcome Unknown (Attempt.Unsure), and changes no verdict. Attempts that take longer
// than the period on the way come less often than the kubelet's.
//
// # Thresholds
//
// A verdict changes when the streak reaches SuccessThreshold or FailureThreshold. A liveness probe that has failed
// and a startup probe that has either failed or succeeded are on hold until there is a new container ID. A prober beside a
// kubelet may find that the kubelet did not come to the same verdict: Engine.Release then ends the hold. Only a hold
// resets the streak: a container that ends by itself after two failures leaves them to its successor, as the
// kubelet's worker does. A new container ID gives the initial verdict; a container that does not run is Failing,
// without an attempt.
//
// # Forecasts
//
// Situation.Forecast is arithmetic, without a clock or a goroutine: from a fault, a probe's settings and what is known of the
// container it tells, in Bands, the earliest and the latest time of what follows, and of which Terms either is the sum. What
// does not follow is Never, with a Reason. No course of things that agrees with the Situation lies outside its bands. Both
// ends of a band are reached by some course, except that where attempts take longer than the period, or both kinds of chance
// below come together, a band may be wider than it need be.
//
// What leaves a band open is above all the tick: where the worker's ticks fall nobody knows, unless Situation.Tick says so. A
// fault may also hit an attempt that is under way (Situation.Healthy), which fails or is answered; and when a fault ends, an
// attempt that is under way fails as if it had not ended, or is answered at that moment. After a restart, a readiness probe
// may need one success only, whatever its threshold, because nothing resets its streak. While its probe has not passed, a
// kubelet makes attempts between the ticks (Situation.Triggered), so that only the latest time of several successes is sure.
//
// A forecast begins with a streak of 0: failures that a container which ended by itself has left to its successor come on top.
// It takes attempts to end with their container, machines not to be busy (a timeout ends a few milliseconds late, a status
// is written a few later), and a tick at the very end of a fault or a delay to come after it. Of the back-off it knows the
// kubelet's default, 10 s doubling to 300 s, and how many restarts there were, not how much the chance before has added.
//
// # Deliberate differences from the kubelet 1.37
//
//   - Removing a probe cancels the attempt under way, and a cancelled attempt is not reported. The kubelet's
//     attempts take no context, so an exec goes on in a container that is being killed until its own timeout.
//   - There is no random sleep before the first attempt. The kubelet spreads the load after its own restart with
//     it; here it would only make the first minute of a lab differ from run to run.
//   - A panic is not swallowed. The kubelet logs it and goes on; here it is a bug that must be seen.
//   - A worker ends as soon as State.Terminal is true or (liveness, startup) State.Deleting, also when it is on
//     hold. The kubelet finds out in other places than the worker; the outcome is the same.
//   - An exec's output is in the order in which it was written. The kubelet has all of stdout before all of stderr,
//     because the CRI gives it two byte slices.
//   - An HTTPS attempt that is too slow always says "context deadline exceeded (Client.Timeout …)". The kubelet's says so
//     or, by chance, "net/http: request canceled …" or leaves out what is in brackets, because two timers race in it.
//   - $(VAR) in an exec command is expanded by whoever builds the Spec, because it takes the container's env.
//   - The alpha fields httpGet.protocol (H2CContainerProbe) and grpc.mode (GRPCContainerProbeTLS) are absent. Both
//     gates are off by default in 1.37, so that an API server drops the fields.
//   - State.StartedAt taken from the API has whole seconds only, while the kubelet uses nanoseconds. An observer
//     may so make its first attempt one tick before the kubelet.
package probes
