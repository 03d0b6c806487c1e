package tui

import (
	"slices"
	"time"

	"healthlab/lab"
)

// news is what the console has told the user: the latest, what came before it, and the errors that are not dismissed yet.
type news struct {
	*display
	latest note
	past   []note    // oldest first, bounded
	fails  []failure // not dismissed yet, oldest first, bounded
}

// maxPast bounds how many notes and failures are kept.
const maxPast = 300

const (
	// newsFor is how long a heavy piece of news is safe from lighter ones.
	newsFor = 4 * time.Second
	// newsStays is how long news are shown before the line says again what is to be done.
	newsStays = 10 * newsFor / 4
)

// note is a line of news.
type note struct {
	At     time.Time
	Text   lab.Text
	Tone   tone
	Weight int // a heavier one is not replaced by a lighter one for a few seconds
}

type tone int

const (
	toneInfo tone = iota
	toneGood
	toneBad
)

// failure is an error that stays on the screen until it is dismissed.
type failure struct {
	text lab.Text
	task uint64 // that has failed; 0 for none
}

func (n *news) fail(t lab.Text) { n.failed(failure{text: t}) }

// failed keeps f on the screen until it is dismissed.
func (n *news) failed(f failure) {
	n.dirty = true
	if last := len(n.fails) - 1; last >= 0 && n.fails[last].text == f.text {
		n.fails[last] = f
		return
	}
	n.fails = append(n.fails, f)
	if len(n.fails) > maxPast {
		n.fails = n.fails[len(n.fails)-maxPast:]
	}
	n.remember(note{At: n.now(), Text: f.text, Tone: toneBad})
}

// dismiss takes the last error off the screen, and reports whether there was one.
func (n *news) dismiss() bool {
	if len(n.fails) == 0 {
		return false
	}
	n.fails = n.fails[:len(n.fails)-1]
	return true
}

// settle dismisses the error of a task that something was done about.
func (n *news) settle(task uint64) {
	n.fails = slices.DeleteFunc(n.fails, func(f failure) bool { return f.task == task })
}

// tell puts t on the news line at once.
func (n *news) tell(t lab.Text, tone tone) {
	n.dirty = true
	n.latest = note{At: n.now(), Text: t, Tone: tone, Weight: 1}
}

// forget forgets what was told; errors stay until they are dismissed.
func (n *news) forget() { n.latest, n.past, n.dirty = note{}, nil, true }

// clear empties the news line; what was told is kept.
func (n *news) clear() { n.latest = note{} }

// expire clears what was told long ago, or later than now by a clock that was set back.
func (n *news) expire() {
	if age := n.now().Sub(n.latest.At); age >= newsStays || age < -newsStays {
		n.clear()
	}
}

func (n *news) remember(one note) {
	n.past = append(n.past, one)
	if len(n.past) > maxPast {
		n.past = append([]note(nil), n.past[len(n.past)-maxPast:]...)
	}
}

// hear keeps a piece of news, and shows it unless a heavier one has just come.
func (n *news) hear(one note) {
	n.remember(one)
	n.show(one)
}

// show puts a piece of news on the line, unless a heavier one has just come.
func (n *news) show(one note) {
	// How long it is shown is by this clock, whatever the session's says.
	one.At = n.now()
	if one.Weight >= n.latest.Weight || one.At.Sub(n.latest.At) >= newsFor || one.At.Before(n.latest.At) {
		n.latest = one
	}
}
