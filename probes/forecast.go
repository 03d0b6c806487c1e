package probes

import (
	"math"
	"slices"
	"time"
)

// Longest is what stands for ever, and where the arithmetic of forecasts ends: about 292 years.
const Longest = time.Duration(math.MaxInt64)

// Range is a duration that is known within bounds.
type Range struct{ Least, Most time.Duration }

// Exactly is the range of one duration.
func Exactly(d time.Duration) Range { return Range{d, d} }

// Response is what an app does with an attempt.
type Response string

// The responses. For an exec probe they are its command's: it succeeds, does not end, or fails.
const (
	Answer Response = "answer" // answers well
	Hang   Response = "hang"   // takes connections and never answers
	Refuse Response = "refuse" // refuses connections
	Fail   Response = "fail"   // answers badly: status 500, NOT_SERVING, an exit code
	Exit   Response = "exit"   // the container ends by itself
)

// Responses lists the responses.
func Responses() []Response { return []Response{Answer, Hang, Refuse, Fail, Exit} }

// Behaviour is what an app does from the fault on.
type Behaviour struct {
	Response Response
	After    time.Duration // how long it takes to respond; of no meaning for Hang and Exit
}

// Situation is a fault in a container and what is known of it. A negative duration or number counts as 0, and a Range that
// ends before it begins as one that ends where it begins.
type Situation struct {
	// Spec is the probe that is asked at the fault: the startup probe while the container has not started, then the
	// liveness or the readiness probe, each with a forecast of its own. It is defaulted first.
	Spec Spec
	// Others are the container's other probes, which it has to pass after a restart.
	Others    []Spec
	Behaviour Behaviour
	// Lasts is how long the fault lasts, and for an app that is starting how long it needs until it answers well; 0 is until
	// the container is restarted.
	Lasts time.Duration
	// Age is how long the container has run at the fault. Nil is long enough for the initial delay to be over or, for a
	// startup probe, not at all.
	Age *Range
	// Tick is when, after the fault, the worker looks at the container next, and every period from there, without a trigger
	// before it makes an attempt; nil where that is not known.
	Tick *Range
	// Healthy is how long an attempt takes that is answered well: less than the timeout.
	Healthy time.Duration

	Grace     time.Duration // the pod's terminationGracePeriodSeconds, which the probe's own goes before
	PreStop   Range         // how long the preStop hook takes; it is given up at the end of the grace period
	Shutdown  *Range        // how long the app takes to end after SIGTERM; nil is that it does not
	NoRestart bool          // the container's restart policy leaves it ended
	Restarts  int           // how often it was restarted since it last ran for ten minutes
	Creation  Range         // how long it takes to pull the image, if that is done, and to start the container
	Boot      time.Duration // how long a restarted app refuses connections

	// Notice is how long the node takes to see that a container runs or has ended: up to a second for a kubelet.
	Notice Range
	// Triggered says that it then calls Engine.Trigger for a readiness probe that has not passed, and may do so again at any
	// time, as a kubelet does.
	Triggered bool

	eager bool // the readiness probe may have been triggered, and not have passed, at the fault
}

// Forecast is when what follows from a fault happens, counted from the fault.
type Forecast struct {
	FirstFailure Band
	Verdict      Band // liveness, startup: the kubelet's Killing; readiness: the pod leaves the ready ones
	Stop         Band // SIGTERM
	Restart      Band // the next container runs
	Started      Band // the startup probe's success
	Ready        Band // the container is ready, or ready again
	Return       Band // readiness: the pod comes back, counted from the repair instead
	// Budget is how long a fault, or a start, may last: up to Least there is no verdict, from Most on there always is one,
	// and between them it depends on when the attempts are made.
	Budget Range
}

// Band is when something happens: at Earliest or later, and before or at Latest. Its terms, added up, are both ends.
type Band struct {
	Earliest, Latest time.Duration
	Terms            []Term // in order; none of them is nothing
	// May says that it depends on when the attempts are made whether it happens at all.
	May bool
	// Never says why it does not happen, in which case the rest is zero.
	Never Reason
}

// Term is a part of the way to something.
type Term struct {
	Code  TermCode
	Times int   // 1 or more
	Each  Range // how long it is each time
}

// TermCode names a part.
type TermCode string

// What it takes until something happens.
const (
	TermFault     TermCode = "fault"     // the fault lasts so long, or the app needs so long to start
	TermDelay     TermCode = "delay"     // what is left of the initial delay
	TermTick      TermCode = "tick"      // until the next attempt
	TermTimeout   TermCode = "timeout"   // the attempt is given up
	TermAnswer    TermCode = "answer"    // the attempt is answered
	TermFailures  TermCode = "failures"  // further failures
	TermSuccesses TermCode = "successes" // further successes
	TermStartup   TermCode = "startup"   // the startup probe comes first
	TermPreStop   TermCode = "preStop"   // the preStop hook runs
	TermShutdown  TermCode = "shutdown"  // the app ends after SIGTERM
	TermGrace     TermCode = "grace"     // the grace period passes
	TermNotice    TermCode = "notice"    // the node sees that the container has ended
	TermBackOff   TermCode = "backOff"   // the restart is put off
	TermJitter    TermCode = "jitter"    // by chance, a little longer
	TermCreation  TermCode = "creation"  // the container is made
)

// Reason says why something does not happen.
type Reason string

// Why something does not happen.
const (
	NeverSeen     Reason = "seen"     // the probe only asks for a connection, which is taken
	NeverLate     Reason = "late"     // the answer is good and comes within the timeout
	NeverEnough   Reason = "enough"   // the fault is over before there are failures enough
	NeverAsked    Reason = "asked"    // nothing is asked of a container that has ended
	NeverKills    Reason = "kills"    // a readiness probe stops no container
	NeverRestarts Reason = "restarts" // the restart policy leaves the container ended
	NeverStarts   Reason = "starts"   // the app is not up before it is killed, each time anew
	NeverRepaired Reason = "repaired" // the fault goes on
	NeverApplies  Reason = "applies"  // this kind of probe has nothing to do with it
)

// Forecast tells what follows, as the package's documentation says under Forecasts. A spec that is not valid gives a forecast
// of something that is.
func (s Situation) Forecast() Forecast {
	s = s.sane()
	f := Forecast{Started: never(NeverApplies), Return: never(NeverApplies)}
	if s.Behaviour.Response == Exit {
		f.FirstFailure, f.Verdict, f.Stop = never(NeverAsked), never(NeverAsked), never(NeverAsked)
		if s.Spec.Kind == Readiness {
			f.Verdict = Band{}.then(once(TermNotice, s.Notice))
		}
		f.Restart = s.restart(Band{})
		f.Ready = s.up(f.Restart)
		return f
	}
	c := s.course()
	f.FirstFailure, f.Verdict = c.fails(1), c.fails(s.Spec.FailureThreshold)
	if c.never == "" {
		f.Budget = c.budget()
	}
	if s.Spec.Kind == Readiness {
		f.Stop, f.Restart = never(NeverKills), never(NeverKills)
		f.Ready, f.Return = c.ready(s.Age.Most == 0), c.returns()
		return f
	}
	f.Stop = f.Verdict.then(once(TermPreStop, s.hook()))
	f.Restart = s.restart(s.ended(f))
	if s.Spec.Kind == Startup {
		f.Started = c.succeeds(1)
		f.Ready = s.pass(f.Started, false)
	} else {
		f.Ready = s.up(f.Restart)
	}
	return f
}

// sane is s with what Kubernetes fills in and without what cannot be.
func (s Situation) sane() Situation {
	s.Spec = s.Spec.sane()
	s.Others = slices.Clone(s.Others)
	for i := range s.Others {
		s.Others[i] = s.Others[i].sane()
	}
	if s.Lasts <= 0 {
		s.Lasts = Longest
	}
	age := Range{s.Spec.InitialDelay, Longest}
	switch {
	case s.Age != nil:
		age = s.Age.sane()
	case s.Spec.Kind == Startup:
		age = Range{}
	}
	tick := Range{0, s.Spec.Period}
	s.eager = s.Triggered && s.Spec.Kind == Readiness && s.Age != nil && s.Tick == nil
	switch {
	case s.Tick != nil:
		tick = s.Tick.sane()
	case s.eager && age.Most == 0:
		tick = s.Notice.sane()
	}
	s.Age, s.Tick = &age, &tick
	s.Behaviour.After, s.Healthy = max(s.Behaviour.After, 0), max(s.Healthy, 0)
	s.Grace, s.Boot, s.Restarts = max(s.Grace, 0), max(s.Boot, 0), max(s.Restarts, 0)
	s.PreStop, s.Creation, s.Notice = s.PreStop.sane(), s.Creation.sane(), s.Notice.sane()
	return s
}

func (s Spec) sane() Spec {
	s = s.Defaulted()
	s.InitialDelay, s.Period, s.Timeout = max(s.InitialDelay, 0), max(s.Period, 1), max(s.Timeout, 1)
	s.SuccessThreshold, s.FailureThreshold = max(s.SuccessThreshold, 1), max(s.FailureThreshold, 1)
	return s
}

// attempt is how long one takes that begins under the fault, if it fails; else why it does not.
func (b Behaviour) attempt(s Spec) (takes time.Duration, why Reason) {
	mechanism := s.Mechanism()
	switch {
	case mechanism == MechanismTCP && b.Response != Refuse:
		return 0, NeverSeen
	case b.Response == Hang, b.After >= s.Timeout:
		return s.Timeout, ""
	case b.Response == Refuse && mechanism == MechanismGRPC:
		return s.Timeout, "" // it tries again until then
	case b.Response == Refuse, b.Response == Fail:
		return b.After, ""
	default:
		return 0, NeverLate
	}
}

// up is when the container that the restart has begun is ready.
func (s Situation) up(restart Band) Band {
	if restart.Never != "" {
		return never(restart.Never)
	}
	begun := Band{}
	if p, ok := s.probe(Startup); ok {
		begun = s.fresh(p, Range{0, p.Period}, s.Boot).succeeds(1)
	} else if p, ok := s.probe(Liveness); ok {
		// It may have the container killed anew meanwhile, which may be ready until the end.
		begun.May = s.fresh(p, Range{0, p.Period}, s.Boot).possible(p.FailureThreshold)
	}
	b := s.pass(begun, true)
	if b.Never != "" {
		return b
	}
	restart.May = restart.May || b.May
	return restart.then(b.Terms...)
}

// pass is when a container is ready that the readiness probe may be asked about from begun on, counted from its start. again
// says that there was a container before, whose last successes count.
func (s Situation) pass(begun Band, again bool) Band {
	p, ok := s.probe(Readiness)
	if !ok {
		begun.May = begun.May && len(begun.Terms) > 0 // nothing to wait for
	}
	if begun.Never != "" || !ok {
		return begun
	}
	tick, boot := Range{0, p.Period}, s.Boot
	if s.Triggered {
		tick = s.Notice
	}
	_, after := s.probe(Startup)
	if after {
		tick, boot = Range{begun.Earliest, begun.Latest}, 0
	}
	c := s.fresh(p, tick, boot)
	c.again = again
	if after { // the initial delay runs beside it
		c.lead = once(TermStartup, tick)
	}
	b := c.succeeds(p.SuccessThreshold)
	b.May = begun.May
	return b
}

// restart is when the next container runs, once the last one has ended.
func (s Situation) restart(ended Band) Band {
	switch {
	case ended.Never != "":
		return ended
	case s.NoRestart:
		return never(NeverRestarts)
	}
	pause, jitter := s.backOff(Range{ended.Earliest, ended.Latest})
	notice := Range{}
	if s.Behaviour.Response == Exit && pause.Most == 0 {
		notice = s.Notice
	}
	return ended.then(once(TermNotice, notice), once(TermBackOff, pause), once(TermJitter, jitter),
		once(TermCreation, s.Creation))
}

// backOff is how long the restart of a container is put off that ended so long after the fault
// (kuberuntime_manager.go, doBackOff). The first restart is free. Where a probe has it killed, the node looks at the end
// before this one, so that the second one is free as well, and later ones if it has run for long enough since.
func (s Situation) backOff(ended Range) (pause, jitter Range) {
	const first, last, resync = 10 * time.Second, 5 * time.Minute, time.Minute
	killed, free := s.Behaviour.Response != Exit, 1
	if killed {
		free = 2
	}
	if s.Restarts < free {
		return Range{}, Range{}
	}
	full := func(n int) time.Duration { return min(first<<min(n, 5), last) }
	// The pod's worker waits up to half as long again, and in turns of a minute.
	late := func(pause time.Duration) time.Duration { return min(pause, resync) / 2 }
	most := full(s.Restarts - free)
	pause, jitter = Exactly(most), Range{0, late(most)}
	if !killed {
		return pause, jitter
	}
	before := full(max(s.Restarts-free-1, 0)) // the most that was waited at the end before
	since := plus(plus(*s.Age, ended), Range{0, before + late(before) + s.Creation.Most})
	switch {
	case since.Least >= most:
		return Range{}, Range{}
	case since.Most >= most:
		pause.Least = 0
	}
	return pause, jitter
}

// grace is the grace period of whoever the probe kills.
func (s Situation) grace() time.Duration {
	if s.Spec.GracePeriod != nil {
		return max(*s.Spec.GracePeriod, 0)
	}
	return s.Grace
}

// hook is how long the preStop hook is let run.
func (s Situation) hook() Range {
	return Range{min(s.PreStop.Least, s.grace()), min(s.PreStop.Most, s.grace())}
}

// ended is when the container has ended (kuberuntime_container.go, killContainer): the grace period begins with the hook, of which
// whole seconds are taken off it, and after the hook there are two seconds at least.
func (s Situation) ended(f Forecast) Band {
	const least = 2 * time.Second
	hook, shutdown := s.hook(), Range{Longest, Longest}
	if s.Shutdown != nil {
		shutdown = s.Shutdown.sane()
	}
	if hook.Least == hook.Most {
		grace := max(s.grace()-hook.Least.Truncate(time.Second), least)
		if shutdown.Least >= grace {
			return f.Stop.then(once(TermGrace, Exactly(grace)))
		}
		return f.Stop.then(once(TermShutdown, Range{shutdown.Least, min(shutdown.Most, grace)}))
	}
	// The longer the hook takes, the sooner after it comes SIGKILL: that is one term.
	first := max(s.grace(), add(hook.Least, least))
	last := max(add(s.grace(), min(hook.Most, time.Second)), add(hook.Most, least))
	return f.Verdict.then(once(TermGrace, Range{
		min(first, add(hook.Least, shutdown.Least)), min(last, add(hook.Most, shutdown.Most)),
	}))
}

func (s Situation) probe(kind Kind) (Spec, bool) {
	all := append([]Spec{s.Spec}, s.Others...)
	if i := slices.IndexFunc(all, func(p Spec) bool { return p.Kind == kind }); i >= 0 {
		return all[i], true
	}
	return Spec{}, false
}
