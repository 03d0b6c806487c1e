package session

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"time"

	"healthlab/lab"
	"healthlab/lab/statefile"
)

// progress is where the student is and what was reached. Only the owner uses it.
type progress struct {
	labs      []lab.Lab
	lab, step int
	since     time.Time
	done      [][]bool                        // replaced rather than changed: snapshots hold it
	met       map[string]map[string]time.Time // by lab and goal ID, in this run
	goals     []lab.GoalState                 // of the current step; replaced rather than changed
}

// saved is the progress file. It holds IDs, so that labs may change between two runs.
type saved struct {
	Lab  string              `json:"lab"`
	Step string              `json:"step"`
	Done map[string][]string `json:"done"` // lab ID to the IDs of its steps that were done
}

func newProgress(config Config, now time.Time) progress {
	p := progress{labs: config.Labs, since: now, met: map[string]map[string]time.Time{}}
	file := load(config)
	for _, l := range p.labs {
		done := make([]bool, len(l.Steps))
		for i, step := range l.Steps {
			done[i] = slices.Contains(file.Done[l.ID], step.ID)
		}
		p.done = append(p.done, done)
		p.met[l.ID] = map[string]time.Time{}
	}
	where := saved{Lab: config.Lab, Step: config.Step}
	if config.Resume && file.Lab != "" {
		where = file
	}
	for i, l := range p.labs {
		if l.ID == where.Lab {
			p.lab = i
			p.step = max(slices.IndexFunc(l.Steps, func(s lab.Step) bool { return s.ID == where.Step }), 0)
		}
	}
	return p
}

func (p *progress) current() (lab.Lab, lab.Step) {
	if len(p.labs) == 0 || len(p.labs[p.lab].Steps) == 0 {
		return lab.Lab{}, lab.Step{}
	}
	return p.labs[p.lab], p.labs[p.lab].Steps[p.step]
}

func (p *progress) position() lab.Position {
	return lab.Position{Lab: p.lab, Step: p.step, Goals: p.goals, Done: p.done, Since: p.since}
}

// samePosition reports whether nothing that can be seen differs between two positions.
func samePosition(a, b lab.Position) bool {
	return a.Lab == b.Lab && a.Step == b.Step && a.Since.Equal(b.Since) &&
		slices.EqualFunc(a.Done, b.Done, func(a, b []bool) bool { return slices.Equal(a, b) }) &&
		slices.EqualFunc(a.Goals, b.Goals, func(a, b lab.GoalState) bool {
			return a.Goal.ID == b.Goal.ID && a.Met == b.Met && a.MetAt.Equal(b.MetAt) && a.Why == b.Why
		})
}

// mark sets whether a step is done and reports whether that is news.
func (p *progress) mark(l, step int, done bool) bool {
	if p.done[l][step] == done {
		return false
	}
	p.done = slices.Clone(p.done)
	p.done[l] = slices.Clone(p.done[l])
	p.done[l][step] = done
	return true
}

// forget makes a lab one of which nothing was done.
func (p *progress) forget(l int) {
	p.met[p.labs[l].ID] = map[string]time.Time{}
	for i := range p.labs[l].Steps {
		p.mark(l, i, false)
	}
}

// forgetStep makes a step one of which nothing was done.
func (p *progress) forgetStep(l, step int) {
	for _, goal := range p.labs[l].Steps[step].Goals {
		delete(p.met[p.labs[l].ID], goal.ID)
	}
	p.mark(l, step, false)
}

// load reads the progress file. One that cannot be read counts as none: it holds nothing that could not be done again.
func load(config Config) saved {
	var file saved
	if config.State == "" {
		return file
	}
	data, err := os.ReadFile(config.State)
	if err == nil {
		err = json.Unmarshal(data, &file)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) && config.Log != nil {
		config.Log.Warn("read the progress", "file", config.State, "err", err)
		return saved{}
	}
	return file
}

// save writes the progress file, whose one owner is the session.
func (p *progress) save(config Config) error {
	if config.State == "" || len(p.labs) == 0 {
		return nil
	}
	l, step := p.current()
	file := saved{Lab: l.ID, Step: step.ID, Done: map[string][]string{}}
	for i, l := range p.labs {
		for j, step := range l.Steps {
			if p.done[i][j] {
				file.Done[l.ID] = append(file.Done[l.ID], step.ID)
			}
		}
	}
	if err := statefile.WriteJSON(config.State, file); err != nil {
		return lab.Errorf(err, "진행 상황을 %s에 저장하지 못했습니다",
			"the progress could not be saved to %s", config.State)
	}
	return nil
}
