package report

import (
	"encoding/json"
	"time"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/timeline"
	"healthlab/probes"
)

// SchemaVersion is that of the JSON form; see schema.json.
const SchemaVersion = 1

// Format names the JSON form.
const Format = "healthlab-report"

// Outside is a text from outside, such as an output of kubectl or a pod's name: cleaned, bounded, without secrets and, unless
// they were asked for, without names. It may have several lines only where that is said.
type Outside string

// Seconds is a duration. In JSON it is a number of seconds, or null for [probes.Longest]: nobody knows, or never.
type Seconds time.Duration

// MarshalJSON implements json.Marshaler.
func (s Seconds) MarshalJSON() ([]byte, error) {
	if time.Duration(s) == probes.Longest {
		return []byte("null"), nil
	}
	return json.Marshal(float64(time.Duration(s).Round(time.Millisecond)) / float64(time.Second))
}

// Report is what is told of a run. Its times are those of the run's own clock; where that was set back, they go on where they
// were (Gaps says so).
type Report struct {
	Format    string     `json:"format"`  // always [Format]
	Version   int        `json:"version"` // always [SchemaVersion]
	Made      time.Time  `json:"made"`
	Healthlab Outside    `json:"healthlab"` // the version that has made the report
	Run       Run        `json:"run"`
	Summary   []lab.Text `json:"summary"` // sentences
	Timeline  Picture    `json:"timeline"`
	Events    []Happened `json:"events"` // in order
	// EventsLeftOut is how many more there were.
	EventsLeftOut int       `json:"eventsLeftOut"`
	Episodes      []Episode `json:"episodes"` // by when they began
	// EpisodesLeftOut is how many more there were.
	EpisodesLeftOut int     `json:"episodesLeftOut"`
	Causes          []Cause `json:"causes"` // by when it happened
	// CausesLeftOut is how many more there were.
	CausesLeftOut int      `json:"causesLeftOut"`
	Labs          []Lab    `json:"labs"`    // those that were entered
	Answers       []Answer `json:"answers"` // to the questions of the steps that were entered
	Done          []Act    `json:"done"`    // commands and faults, by when they began
	// DoneLeftOut is how many more there were.
	DoneLeftOut int        `json:"doneLeftOut"`
	Traffic     []Traffic  `json:"traffic"` // requests to Services, by when they began
	Gaps        []Gap      `json:"gaps"`    // times of which less is known
	Unknown     []lab.Text `json:"unknown"` // what else is not known, a sentence each
	LeftOut     []lab.Text `json:"leftOut"` // what was left out of the report on purpose, a sentence each

	zone *time.Location // in which times are told to people
}

// Run is when and where it was.
type Run struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"` // of the last entry
	// Whole says that the journal has its end: the run was over, and nothing was cut.
	Whole      bool    `json:"whole"`
	Kubernetes Outside `json:"kubernetes,omitzero"` // the API server's version; empty if it was never told
	// Embedded is true for healthlab's own cluster; otherwise it was one of the user's, named Cluster at Server.
	Embedded  bool    `json:"embedded"`
	Cluster   Outside `json:"cluster,omitzero"`
	Server    Outside `json:"server,omitzero"`
	Namespace Outside `json:"namespace,omitzero"`
	ReadOnly  bool    `json:"readOnly"`
	DryRun    bool    `json:"dryRun"`
}

// Requests is what came of requests that healthlab has sent to Services.
type Requests struct {
	Answered int `json:"answered"`
	Lost     int `json:"lost"` // the sum of those that follow
	TimedOut int `json:"timedOut"`
	Refused  int `json:"refused"`
	Errors   int `json:"errors"` // answered with a status of 500 or above
	Broken   int `json:"broken"` // the connection broke, or the answer was none
	NoPod    int `json:"noPod"`  // the Service had no endpoint that takes requests
	Unsent   int `json:"unsent"` // they never got to a pod, for reasons that are not the app's
}

// Traffic is a stream of requests that healthlab has sent to a Service.
type Traffic struct {
	From    time.Time           `json:"from"`
	To      time.Time           `json:"to,omitzero"` // absent if it went on at the end
	Service Outside             `json:"service"`
	Rate    int                 `json:"rate"` // requests a second
	Way     lab.TrafficWay      `json:"way"`
	Speaks  lab.TrafficProtocol `json:"speaks,omitzero"`
	// Requests is what came of them, and Text that in a sentence.
	Requests Requests `json:"requests"`
	Text     lab.Text `json:"text"`
}

// Lab is a lab with the steps that were entered.
type Lab struct {
	ID    string   `json:"id"`
	Title lab.Text `json:"title"`
	Steps []Step   `json:"steps"` // in the lab's order
	// Total is how many steps the lab has, and Complete how many of them are complete.
	Total    int `json:"total"`
	Complete int `json:"complete"`
}

// Step is a step that was entered.
type Step struct {
	ID      string    `json:"id"`
	Title   lab.Text  `json:"title"`
	Entered time.Time `json:"entered"` // first
	Spent   Seconds   `json:"spent"`   // in all
	// Complete says that it is; Before that it was already when this run began, and At otherwise since when.
	Complete bool      `json:"complete"`
	Before   bool      `json:"before"`
	At       time.Time `json:"at,omitzero"`
	Goals    []Goal    `json:"goals"`
}

// Goal is a goal of a step.
type Goal struct {
	Title lab.Text  `json:"title"`
	Met   time.Time `json:"met,omitzero"` // in this run; absent if it was not seen to be met
}

// Answer is what was answered to a step's question.
type Answer struct {
	Lab      lab.Text       `json:"lab"`
	Step     lab.Text       `json:"step"`
	Question lab.Text       `json:"question"`
	Asked    bool           `json:"asked"`
	Verdict  course.Verdict `json:"verdict"` // right, wrong, none
	// Expected is what was answered; empty if nothing was. Happened is the right answer, and Because why.
	Expected lab.Text `json:"expected"`
	Happened lab.Text `json:"happened"`
	Because  lab.Text `json:"because"`
	// Guess is what was answered to when something comes about; absent if the question does not ask that.
	Guess *Guess `json:"guess,omitempty"`
}

// Guess is what was answered to when something comes about after a step's fault, beside what was measured.
type Guess struct {
	Question lab.Text           `json:"question"`
	Point    timeline.PointCode `json:"point"`
	Time     *Range             `json:"time,omitempty"`     // what was answered, counted from the fault; absent if nothing was
	Measured *Range             `json:"measured,omitempty"` // absent if it has not happened, or nobody has told
	Verdict  course.Verdict     `json:"verdict"`            // right, wrong, none: not answered, or not measured
	// Off is how much later than guessed it came for sure: below 0 if earlier. Up to half a second counts as right.
	Off Seconds `json:"off,omitzero"`
	// Said tells of the guess beside what was measured and what the settings let one expect; absent if there was no such episode.
	Said lab.Text `json:"said,omitzero"`
}

// Act is a command or a fault that was carried out, or was tried to.
type Act struct {
	At    time.Time     `json:"at"`
	Took  Seconds       `json:"took"` // 0 while it is under way
	State lab.TaskState `json:"state"`
	Title lab.Text      `json:"title"`
	Line  Outside       `json:"line,omitzero"` // as it can be typed; empty if it is no command
	// Fault says that it is one, and Repair that it is a repair. Pod is whom it was done to.
	Fault  bool    `json:"fault"`
	Repair bool    `json:"repair"`
	Pod    Outside `json:"pod,omitzero"`
	// Output is what it printed, in lines, at most the last part of it; OutputLeftOut why there is less of it, or none.
	Output        Outside  `json:"output,omitzero"`
	OutputLeftOut lab.Text `json:"outputLeftOut,omitzero"`
	Note          lab.Text `json:"note,omitzero"`
	Problem       lab.Text `json:"problem,omitzero"`
}

// Episode is what followed from a fault, as far as one probe of one container has to do with it.
type Episode struct {
	Pod       Outside     `json:"pod"`
	Container Outside     `json:"container"`
	Probe     probes.Kind `json:"probe"`
	// Title is the fault's; Said tells in one sentence what came of it.
	Title    lab.Text `json:"title"`
	Said     lab.Text `json:"said"`
	Settings Outside  `json:"settings,omitzero"` // the probe's, as kubectl describe tells them
	Begun    Moment   `json:"begun"`
	// Ended is absent while it goes on; End is how it ended (ready, recovered, nothing, stopped, gone).
	Ended time.Time    `json:"ended,omitzero"`
	End   timeline.End `json:"end,omitzero"`
	// Budget is how long the fault may last before there is a verdict: at Least there may be one, at Most there is one. Absent
	// where that says nothing.
	Budget *Range  `json:"budget,omitempty"`
	Points []Point `json:"points"`
	// Requests are those that were sent to the pod's Services meanwhile; absent if none were.
	Requests *Requests `json:"requests,omitempty"`
	// Guess is when somebody expected one of the points; absent if nobody was asked, or has answered.
	Guess   *Guess  `json:"guess,omitempty"`
	Picture Picture `json:"picture"`
}

// Moment is when something happened: not after At, and at most Within before it.
type Moment struct {
	At     time.Time `json:"at"`
	Within Seconds   `json:"within"` // null if nobody knows how much earlier
}

// Range is a duration that is known within bounds.
type Range struct {
	Least Seconds `json:"least"`
	Most  Seconds `json:"most"`
}

// Point is a point of an episode, what was predicted of it and what was measured.
type Point struct {
	Code timeline.PointCode `json:"code"`
	Name lab.Text           `json:"name"`
	// Since is the point from which Predicted and Measured count.
	Since     timeline.PointCode `json:"since,omitzero"`
	SinceName lab.Text           `json:"sinceName,omitzero"`
	Predicted *Band              `json:"predicted,omitempty"` // absent if nothing could be said
	Measured  *Range             `json:"measured,omitempty"`  // absent if it has not happened, or nobody has told
	At        *Moment            `json:"at,omitempty"`        // when it happened
	Verdict   Verdict            `json:"verdict"`
	// Off is by how much it was outside for sure: below 0 if it was too early.
	Off Seconds `json:"off,omitzero"`
}

// Band is when something was to happen.
type Band struct {
	Earliest Seconds `json:"earliest"`
	Latest   Seconds `json:"latest"`
	Terms    []Term  `json:"terms"` // they add up to both ends
	// May says that it depended on chance whether it happens at all.
	May bool `json:"may"`
	// Never says why it was not to happen; the rest is 0 then.
	Never lab.Text `json:"never,omitzero"`
}

// Term is a part of the way to something, so many Times.
type Term struct {
	Code  probes.TermCode `json:"code"`
	Name  lab.Text        `json:"name"`
	Times int             `json:"times"`
	Each  Range           `json:"each"`
}

// Verdict is how what was measured compares with what was predicted.
type Verdict string

// The verdicts.
const (
	Start       Verdict = "start"       // it is what the others are counted from
	Inside      Verdict = "inside"      // within the band
	TooFar      Verdict = "outside"     // Off the band
	Unexpected  Verdict = "unexpected"  // it was not to happen, and did
	Absent      Verdict = "absent"      // it was not to happen, and did not
	Missing     Verdict = "missing"     // it was to happen, and nobody saw it
	Pending     Verdict = "pending"     // it was still to come
	Unpredicted Verdict = "unpredicted" // nothing could be said beforehand
)

// Cause is why a container was restarted, or a pod was not Ready, and on what that rests.
type Cause struct {
	Pod       Outside    `json:"pod"`
	Container Outside    `json:"container,omitzero"`
	About     string     `json:"about"` // restart, not-ready, ending
	Code      string     `json:"code"`  // stable
	At        time.Time  `json:"at,omitzero"`
	Sentence  lab.Text   `json:"sentence"`
	Evidence  []Evidence `json:"evidence"`
	Known     []lab.Text `json:"known"`   // what else follows
	Unknown   []lab.Text `json:"unknown"` // what cannot be told
}

// Evidence is something that a cause rests on.
type Evidence struct {
	At   time.Time `json:"at,omitzero"`
	Text lab.Text  `json:"text"`
}

// Happened is something that happened, in a sentence.
type Happened struct {
	At   time.Time    `json:"at"`
	Kind lab.FactKind `json:"kind"`
	Text lab.Text     `json:"text"`
}

// Gap is a time of which less is known.
type Gap struct {
	From time.Time        `json:"from"`
	To   time.Time        `json:"to,omitzero"` // absent while it goes on
	Why  timeline.GapKind `json:"why"`
	Text lab.Text         `json:"text"` // a sentence
}

// Picture is a part of the timeline as lanes, to be drawn.
type Picture struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Zero is the moment from which the axis counts; absent for the time of day.
	Zero  time.Time `json:"zero,omitzero"`
	Lanes []Lane    `json:"lanes"`
	// PodsLeftOut is how many pods are not in it.
	PodsLeftOut int `json:"podsLeftOut"`
}

// Lane is one line of a picture.
type Lane struct {
	Kind  LaneKind `json:"kind"`
	Group Outside  `json:"group,omitzero"` // the pod; empty for what is not one's
	Label lab.Text `json:"label"`
	Bars  []Bar    `json:"bars"`
	Marks []Mark   `json:"marks"`
	// LeftOut is how many of the oldest attempts and states are not known any more.
	LeftOut int `json:"leftOut"`
}

// LaneKind is what a lane shows.
type LaneKind string

// The lanes.
const (
	LaneActs      LaneKind = "acts"      // marks: faults, repairs, commands
	LaneReady     LaneKind = "ready"     // bars: whether the pod is Ready
	LaneEndpoints LaneKind = "endpoints" // bars: how the pod stands in a service
	LaneRuns      LaneKind = "runs"      // bars: what the container does
	LaneKubelet   LaneKind = "kubelet"   // marks or bars: attempts that the kubelet tells of
	LaneEngine    LaneKind = "engine"    // marks or bars: attempts of healthlab's own engine
	LaneReplicas  LaneKind = "replicas"  // bars: a deployment's counts
	LanePoint     LaneKind = "point"     // a bar for the predicted band, a mark for what was measured
	LaneGuess     LaneKind = "guess"     // a bar for when somebody expected the point of the lane before
	LaneRequests  LaneKind = "requests"  // bars: requests to Services in a row that were answered, or of which some were lost
	LaneGaps      LaneKind = "gaps"      // bars: less is known
)

// Bar is a state that held, or attempts in a row with the same outcome.
type Bar struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
	State State     `json:"state"`
	Text  lab.Text  `json:"text"`
	// Count is how many attempts it stands for; 0 if it stands for none.
	Count int `json:"count,omitzero"`
}

// Mark is something of a moment.
type Mark struct {
	At     time.Time `json:"at"`
	Within Seconds   `json:"within,omitzero"` // as [Moment]
	State  State     `json:"state"`
	Text   lab.Text  `json:"text"`
}

// State is what a bar or a mark shows.
type State string

// The states, by the lanes that have them.
const (
	StateFault   State = "fault" // acts
	StateRepair  State = "repair"
	StateCommand State = "command"
	StateProblem State = "problem" // a command that failed

	StateGood State = "good" // ready, endpoints, replicas: as is wanted
	StateBad  State = "bad"

	StateCreating State = "creating" // runs
	StateRunning  State = "running"
	StateStopping State = "stopping"
	StateEnded    State = "ended"
	StateBackOff  State = "backOff"

	StateSuccess State = "success" // kubelet, engine
	StateFailure State = "failure"
	StateUnknown State = "unknown"
	StateMixed   State = "mixed" // attempts of several outcomes, too many to show each

	StatePredicted State = "predicted" // point
	StateInside    State = "inside"
	StateOutside   State = "outside"

	StateGuess State = "guess" // guess

	StateGap State = "gap"
)
