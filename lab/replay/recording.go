package replay

import (
	"context"
	"errors"
	"io"
	"iter"
	"sort"
	"time"

	"healthlab/lab"
	"healthlab/lab/journal"
)

const (
	// maxBad is how many lines that are no entries a journal may have.
	maxBad = 10_000
	// maxGap is how long nothing may happen in a replay.
	maxGap = 10 * time.Minute
	// sameMoment is how far facts are apart at most that a console shows at once.
	sameMoment = 100 * time.Millisecond
)

// Recording is what a journal holds. Read makes it.
type Recording struct {
	// Labs are the IDs of the labs that its positions count in.
	Labs []string
	// Missing says in one sentence each what of the journal is not here, or not as it was.
	Missing []lab.Text

	begun   journal.Begun
	entries []journal.Entry
	offsets []time.Duration // of each entry, from the start; ascending
	moments []time.Duration // when something was told; ascending
}

// Read reads a journal to its end, or until ctx ends. The error is a *lab.Error if in has no journal of this version, or one in
// which nothing has happened.
func Read(ctx context.Context, in io.Reader) (*Recording, error) {
	return read(ctx, in, journal.MaxHeld)
}

func read(ctx context.Context, in io.Reader, most int) (*Recording, error) {
	d, err := journal.NewDecoder(journal.Interruptible(ctx, in))
	if err != nil {
		return nil, err
	}
	r := &Recording{}
	size, bad, cut := 0, 0, false
	var brokenOff lab.Text
	for brokenOff.IsZero() {
		e, err := d.Decode()
		var line *journal.BadLine
		switch {
		case errors.As(err, &line) && errors.Is(err, io.ErrUnexpectedEOF): // the last one, which was being written
			cut = true
		case errors.As(err, &line):
			if bad++; bad == maxBad {
				brokenOff = lab.Textf("저널이 너무 많이 손상되어 %s까지만 읽었습니다", "the journal is too damaged: it was read up to %s only", Clock(r.Length()))
			}
		case errors.Is(err, io.EOF):
			return r.finish(bad, brokenOff, cut || d.Cut())
		case err != nil:
			return nil, err
		default:
			r.add(e)
			if size += e.Size(); size > most {
				brokenOff = lab.Textf("저널이 너무 커서 처음 %s만 읽었습니다", "the journal is too large: only its first %s were read", Clock(r.Length()))
			}
		}
	}
	return r.finish(bad, brokenOff, false)
}

// add takes in the next entry.
func (r *Recording) add(e journal.Entry) {
	at := time.Duration(0)
	if n := len(r.entries); n > 0 {
		at = r.offsets[n-1] + min(max(e.At.Sub(r.entries[n-1].At), 0), maxGap)
	}
	r.entries, r.offsets = append(r.entries, e), append(r.offsets, at)
	switch b := e.Body.(type) {
	case journal.Begun:
		tame(b.Position.Goals)
		if r.Labs == nil {
			r.Labs, r.begun = b.Labs, b
		}
	case journal.Moved:
		tame(b.Position.Goals)
	case journal.Told:
		if n := len(r.moments); n > 0 && at-r.moments[n-1] <= sameMoment {
			r.moments[n-1] = at
			return
		}
		r.moments = append(r.moments, at)
	case journal.Omitted:
		const most = 5
		if len(r.Missing) < most {
			r.Missing = append(r.Missing, lab.Textf("%s: 빠진 기록이 있습니다. %s", "%s: entries are missing: %s", Clock(at), b.Why))
		}
	default: // shown by the state
	}
}

// Compare adds to Missing which labs are not as they were in the run, given those that are there now. It is called before anybody
// else has the recording.
func (r *Recording) Compare(labs []lab.Lab) {
	changed, gone := r.begun.Since(labs)
	if len(changed) > 0 {
		r.Missing = append(r.Missing, lab.Textf("그 뒤로 바뀌어 지금의 내용으로 보여 주는 실습: %s",
			"labs that have changed since, and are shown as they are now: %s", lab.Join(changed, ", ")))
	}
	if len(gone) > 0 {
		r.Missing = append(r.Missing, lab.Textf("여기에 없어 이름만 보여 주는 실습: %s", "labs that are not here, of which only the name is shown: %s",
			lab.Join(gone, ", ")))
	}
}

// tame takes out of goals what could steer a terminal. Who draws them takes them for texts of a lab, which lab/script has
// checked; a file may have been changed since.
func tame(goals []lab.GoalState) {
	for i := range goals {
		for _, text := range []*lab.Text{&goals[i].Goal.Title, &goals[i].Why} {
			text.Ko, text.En = lab.Printable(text.Ko), lab.Printable(text.En)
		}
	}
}

func (r *Recording) finish(bad int, brokenOff lab.Text, cut bool) (*Recording, error) {
	if len(r.entries) == 0 {
		return nil, lab.Errorf(nil, "저널에 읽을 수 있는 기록이 없습니다", "the journal has no entry that can be read")
	}
	if bad > 0 {
		r.Missing = append(r.Missing, lab.Textf("저널의 %d줄은 읽을 수 없어 뺐습니다", "lines of the journal that could not be read and are left out: %d", bad))
	}
	if !brokenOff.IsZero() {
		r.Missing = append(r.Missing, brokenOff)
	}
	if cut {
		r.Missing = append(r.Missing, lab.T("저널의 끝이 없습니다. healthlab이 강제로 종료되었거나 아직 실행 중입니다",
			"the end of the journal is missing: healthlab was killed, or is still running"))
	}
	return r, nil
}

// Length is how long the recording takes at its own speed.
func (r *Recording) Length() time.Duration {
	if len(r.offsets) == 0 {
		return 0
	}
	return r.offsets[len(r.offsets)-1]
}

// Start is when the first entry was made.
func (r *Recording) Start() time.Time { return r.entries[0].At }

// Facts are what was told, each with its position.
func (r *Recording) Facts() iter.Seq2[time.Duration, lab.Fact] {
	return func(yield func(time.Duration, lab.Fact) bool) {
		for i, e := range r.entries {
			if told, ok := e.Body.(journal.Told); ok && !yield(r.offsets[i], told.Fact) {
				return
			}
		}
	}
}

// until is how many entries are not after a position.
func (r *Recording) until(position time.Duration) int {
	return sort.Search(len(r.offsets), func(i int) bool { return r.offsets[i] > position })
}

// timeAt is what the clock showed at a position.
func (r *Recording) timeAt(position time.Duration) time.Time {
	i := max(r.until(position)-1, 0)
	return r.entries[i].At.Add(position - r.offsets[i])
}

// after is the next moment after a position at which something was told.
func (r *Recording) after(position time.Duration) (time.Duration, bool) {
	i := sort.Search(len(r.moments), func(i int) bool { return r.moments[i] > position })
	if i == len(r.moments) {
		return 0, false
	}
	return r.moments[i], true
}

// before is the last moment before a position at which something was told.
func (r *Recording) before(position time.Duration) (time.Duration, bool) {
	i := sort.Search(len(r.moments), func(i int) bool { return r.moments[i] >= position })
	if i == 0 {
		return 0, false
	}
	return r.moments[i-1], true
}
