package plain

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/journal"
	"healthlab/tui/widget"
)

// quiet is how long a wait may stay silent before the user is reminded what it is for.
const quiet = 10 * time.Second

// Lab is what this needs of a session.
type Lab interface {
	// Subscribe returns a reader of the snapshots and facts.
	Subscribe(...journal.Option) *journal.Reader
	// Do returns as soon as a was accepted or refused; what it does is seen in later snapshots.
	Do(ctx context.Context, a lab.Action) error
	// Manifest is the text of a manifest as a step writes it for a cluster.
	Manifest(cluster lab.Cluster, name string) (string, error)
}

// Config is what Run needs. Lab, Labs, Lines and Out are required.
type Config struct {
	Lab  Lab
	Labs []lab.Lab
	// Lang is the language at the start; Korean if empty.
	Lang lab.Lang
	// Lines are what the user types, without line ends. That it is closed ends Run.
	Lines <-chan string
	// Begun tells when a line has been begun and when it was ended or taken back; meanwhile nothing is said. Nil: it is
	// not known. See Read.
	Begun <-chan bool
	Out   io.Writer
	// Edit opens a file in the user's editor and returns when that was closed. Nil: there is none.
	Edit func(ctx context.Context, path string) error
	// Home is the user's home directory: the paths below it are told with ~. Empty: they are told in full.
	Home string
	// Export is the line that makes kubectl in a second terminal use the same cluster; empty if nothing has to be set.
	Export string
	// Answers are those given in earlier runs. OnAnswer is called with each new one and its key. It may be nil.
	Answers  course.Answers
	OnAnswer func(key string, answer course.Answer) error
	// OnLang is told the language that the user has switched to. It may be nil.
	OnLang func(lab.Lang)
	// Now is the clock; time.Now if nil.
	Now func() time.Time
}

// console is one Run.
type console struct {
	Config
	ctx     context.Context
	out     *writer
	start   time.Time
	verbs   []verb
	answers course.Answers

	// What comes from the session.
	news  *journal.Reader
	snap  *lab.Snapshot
	ended map[uint64]bool // tasks whose end was told
	where lab.GoTo        // what snap's position was when its page was told
	paged bool            // a page was
	hints int             // of this step, told
	clock time.Duration   // since the start, as it was told last
	past  past

	// What is between us and the user.
	ask     *question // that is open; nil while a command is awaited
	next    lab.Text  // the last prompt
	awaited lab.Text  // the last reminder
	acted   bool      // the last line made the session do something
	stopped *lab.Task // by objects that are not healthlab's, of which is still to be asked
	looking bool      // at the difference first
	begun   bool      // a line is being typed
	over    bool
}

// Run shows the labs until the user quits or Lines is closed, which is no error, or ctx ends, which is. An error of Out
// ends it too.
func Run(ctx context.Context, cfg Config) error {
	if cfg.Lab == nil || len(cfg.Labs) == 0 || cfg.Lines == nil || cfg.Out == nil {
		return errors.New("start the plain mode: a session, labs, lines and an output are needed")
	}
	if cfg.Lang == "" {
		cfg.Lang = lab.Korean
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	c := &console{
		Config: cfg, ctx: ctx, out: &writer{Writer: cfg.Out}, start: cfg.Now(), clock: -1, verbs: verbs(), past: newPast(cfg.Labs),
		ended: map[uint64]bool{}, answers: cfg.Answers,
	}
	return c.run()
}

func (c *console) run() error {
	c.news = c.Lab.Subscribe(journal.WithEntries())
	defer c.news.Stop()
	var early []lab.Fact
	for c.snap == nil { // what is said or typed makes no sense before there is something to refer to
		batch, ok := c.news.Next(c.ctx)
		if !ok {
			return c.ctx.Err()
		}
		early = append(early, batch.Facts...)
		c.past.take(batch)
		if batch.Snapshot != nil {
			c.greet()
			c.onSnapshot(batch.Snapshot)
			c.tellPast()
		}
	}
	c.onBatch(journal.Batch{Facts: early})
	silence := time.NewTimer(quiet)
	defer silence.Stop()
	for !c.over && c.out.err == nil {
		news, still := c.news.Ready(), silence.C
		if c.begun {
			news, still = nil, nil // what is said now would tear the line being typed apart
		} else {
			c.prompt()
		}
		said := c.out.lines
		select {
		case <-c.ctx.Done():
			return c.ctx.Err()
		case c.begun = <-c.Begun:
		case line, ok := <-c.Lines:
			if !ok {
				c.say(lab.T("입력이 끝나서 종료합니다.", "End of input. Quitting."))
				return c.out.err
			}
			c.begun = false
			c.onLine(strings.TrimSpace(line))
		case <-news:
			batch, ok := c.news.Take()
			if !ok {
				return c.out.err
			}
			c.onBatch(batch)
		case <-still:
			c.remind()
			silence.Reset(quiet)
		}
		c.offerChoice()
		if c.out.lines != said {
			silence.Reset(quiet)
		}
	}
	return c.out.err
}

// onBatch tells what is new: first what has happened, and then what has come of it.
func (c *console) onBatch(batch journal.Batch) {
	if batch.Anew {
		c.past = newPast(c.Labs)
	}
	c.past.take(batch)
	if batch.LostFacts > 0 {
		c.say(lab.Textf("처리가 늦어 알림 %d건을 놓쳤습니다.", "%d updates were lost.", batch.LostFacts))
	}
	for _, fact := range batch.Facts {
		if batch.Snapshot != nil {
			c.tellEnds(batch.Snapshot.Tasks, fact.At)
		}
		c.onFact(fact)
	}
	if batch.Snapshot != nil {
		c.onSnapshot(batch.Snapshot)
		c.tellPast()
	}
}

// catchUp tells what has happened while a line was typed, so that it is obeyed as things are now.
func (c *console) catchUp() {
	for {
		batch, ok := c.news.Take()
		c.onBatch(batch)
		if !ok || len(batch.Facts)+len(batch.Entries) == 0 || batch.Snapshot != nil {
			return
		}
	}
}

func (c *console) greet() {
	c.say(lab.T("healthlab을 줄 단위로 진행합니다. 명령은 글자나 단어를 입력하고 Enter를 누릅니다. 도움말은 물음표입니다.",
		"This is healthlab, line by line. A command is a letter or a word, followed by Enter. Type a question mark for help."))
	c.say(lab.Textf("본문에 나오는 창의 내용은 명령으로 듣습니다. 파드와 레플리카는 %s, 이벤트는 %s, 프로브 기록은 %s, 앱 로그는 %s입니다.",
		"The texts mention panes. Type %s to hear pods and replicas, %s for events, %s for the probe log and %s for the app log.",
		c.letter("here"), c.letter("events"), c.letter("probes"), c.letter("log")))
	c.export()
}

// prompt names the next sensible thing, if that is not what was said last.
func (c *console) prompt() {
	text := c.sensible().prompt
	if c.ask != nil {
		text = c.ask.prompt
	}
	if !text.IsZero() && text != c.next {
		c.next = text
		c.say(text)
	}
}

func (c *console) onLine(line string) {
	if line != "" { // Enter alone means what was said last
		c.catchUp()
	}
	c.next, c.acted = lab.Text{}, false // whoever types something is told again where they are
	c.obey(line)
	if c.acted && c.ask == nil {
		c.next = c.sensible().prompt // what comes next is about to change
	}
}

func (c *console) obey(line string) {
	if c.ask != nil {
		ask := c.ask
		c.ask = nil
		ask.answer(line)
		return
	}
	if line == "" {
		c.sensible().do()
		return
	}
	v, rest, ok := c.find(line)
	if !ok {
		c.say(lab.Textf("모르는 명령입니다: %s. 물음표를 입력하면 명령을 모두 읽어 줍니다.",
			"Unknown command: %s. Type a question mark for a list.", widget.Clean(line)))
		return
	}
	v.do(c, rest)
}

func (c *console) onSnapshot(s *lab.Snapshot) {
	if c.snap != nil && s.Revision <= c.snap.Revision {
		return
	}
	c.snap = s
	m := c.moment()
	if here := m.Here(); m.Step() != nil && (!c.paged || here != c.where) {
		c.where, c.paged, c.hints, c.next = here, true, 0, lab.Text{}
		c.page()
	}
	c.tellEnds(s.Tasks, time.Time{})
}

// tellEnds tells of the tasks that ended until then and of which it was not told.
func (c *console) tellEnds(tasks []lab.Task, until time.Time) {
	for _, task := range tasks {
		if task.State != lab.TaskRunning && !c.ended[task.ID] && (until.IsZero() || !task.Started.Add(task.Took).After(until)) {
			c.ended[task.ID] = true
			c.onTaskEnd(task)
		}
	}
}

func (c *console) onTaskEnd(t lab.Task) {
	if len(c.moment().Running()) == 0 {
		c.next = lab.Text{}
	}
	if _, compared := t.Action.(lab.Compare); compared {
		c.looking = false
	}
	if c.printed(t) {
		c.say(lab.Textf("%s.", "%s.", c.stateOf(t))) // its name has just been told
	} else {
		c.say(c.task(t))
	}
	if t.State == lab.TaskFailed {
		if !t.Told { // what was printed has been said
			c.say(lab.Textf("이유: %s", "Reason: %s", widget.Clean(t.Problem.In(c.Lang))))
		}
		if t.Foreign != nil {
			c.stopped, c.looking = &t, false
			return
		}
		c.say(lab.Textf("원인을 해결한 뒤 다시 실행하십시오. 힌트는 %s 명령으로 듣습니다.",
			"Fix the cause and run it again, or type %s for a hint.", c.letter("hint")))
	}
}

// onFact tells a fact.
func (c *console) onFact(f lab.Fact) {
	switch f.Kind {
	case lab.FactStepEntered, lab.FactCommand, lab.FactCommandFailed, lab.FactCommandCut:
		return // its page, the task's output and end are told instead
	case lab.FactGoalMet, lab.FactStepDone:
		if c.moment().Ahead(f.Lab, f.Step) {
			return // its page tells which goals are met, once the student is there
		}
	default:
	}
	text := c.fact(f)
	if after := f.At.Sub(c.start).Truncate(time.Second); after != c.clock { // what happens at once needs one time
		c.clock = after
		text = lab.Textf("%[2]s 시작 후 %[1]s.", "%[2]s %[1]s after the start.", c.span(after), text).In(c.Lang)
	}
	c.print(text)
	if f.Kind == lab.FactStepDone {
		c.compare(f.Lab, f.Step)
	}
}

// do asks the session for an action and reports whether it was accepted; why not is told.
func (c *console) do(a lab.Action) bool {
	err := c.Lab.Do(c.ctx, a)
	if err == nil {
		c.acted = true
		return true
	}
	c.say(lab.Textf("지금은 할 수 없습니다. %s", "Not possible now. %s", sentence(capital(widget.Clean(lab.InFull(err).In(c.Lang))))))
	return false
}

// fact is a fact in sentences.
func (c *console) fact(f lab.Fact) string {
	if f.Kind == lab.FactReplicas {
		return c.deployment(f.Replicas).In(c.Lang)
	}
	told := course.Tell(c.Labs, f)
	text := capital(widget.Clean(told.Said.In(c.Lang)))
	if told.Subject != "" {
		text = told.Subject + ": " + widget.Clean(told.Said.In(c.Lang))
	}
	if !told.Why.IsZero() {
		text = sentence(text) + " " + capital(widget.Clean(told.Why.In(c.Lang)))
	}
	return sentence(text)
}

// moment is how everything stands.
func (c *console) moment() course.Moment {
	return course.Moment{Labs: c.Labs, Snapshot: c.snap, Answers: c.answers, Home: c.Home}
}

// refused says why something cannot be done now, and reports whether there is such a reason.
func (c *console) refused(why course.Refusal) bool {
	switch {
	case why.IsZero():
		return false
	case why.Code.OfCluster() && why.Code != course.ClusterUnseen:
		c.cluster() // what it says goes further
	default:
		c.print(widget.Clean(why.Text.In(c.Lang)))
	}
	return true
}
