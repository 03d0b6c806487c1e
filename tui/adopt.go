package tui

import (
	"path/filepath"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/tui/widget"
)

// adopt is what to do about objects that are not healthlab's and have stopped a task: see the difference, take them over, use
// another namespace, or leave them alone.
type adopt struct {
	flow
	offered   uint64      // the last task that the user was given a choice about
	comparing *comparison // nil unless a difference is being asked for
}

// comparison is between a manifest and the objects that stopped a task.
type comparison struct {
	stopped lab.Task
	after   uint64 // the task that compares comes after this one
}

// offer opens the choice of what to do about objects that have stopped a task, once for each task, and again after the
// difference was looked at. Whatever else is open goes first.
func (f *adopt) offer() {
	if f.dialog != nil || f.typing() || f.snap().Replay {
		return
	}
	for _, t := range slices.Backward(f.snap().Tasks) {
		if t.ID <= f.offered {
			break
		}
		if t.Foreign != nil {
			f.offered, f.comparing = t.ID, nil
			f.ask(t)
			return
		}
	}
	l := f.comparing
	if l == nil {
		return
	}
	i := slices.IndexFunc(f.snap().Tasks, func(t lab.Task) bool {
		return t.ID > l.after && t.Action == lab.Compare{Task: l.stopped.ID} && t.State != lab.TaskRunning
	})
	if i >= 0 {
		f.comparing = nil
		f.show(l.stopped, f.snap().Tasks[i])
	}
}

// ask asks what to do about the objects that have stopped t. Nothing is changed unless the user says so twice.
func (f *adopt) ask(t lab.Task) {
	type way struct {
		item lab.Text
		do   func() tea.Cmd
	}
	foreign, intro := t.Foreign, f.sayf(f.texts.ForeignThere, widget.Clean(f.snap().Cluster.Name), f.snap().Cluster.Namespace)
	intro += "\n" + some(f.foreignOnes(foreign))
	var ways []way
	if foreign.File != "" {
		ways = append(ways, way{f.texts.SeeDifference, func() tea.Cmd { return f.compare(t) }})
	}
	if foreign.Adoptable() {
		ways = append(ways, way{f.texts.AdoptIt, func() tea.Cmd { return f.take(t) }})
	} else {
		intro += "\n\n" + f.say(f.texts.NotAdoptable)
	}
	ways = append(ways, way{f.texts.OtherNamespace, func() tea.Cmd {
		d := f.read(f.texts.OtherNamespace, []string{f.say(f.texts.OtherNamespaceHow)})
		d.then = func() tea.Cmd { f.ask(t); return nil }
		return nil
	}}, way{f.texts.LeaveForeign, func() tea.Cmd { return nil }})
	items := make([]string, len(ways))
	for i, w := range ways {
		items[i] = f.say(w.item)
	}
	at := 0
	if foreign.File == "" {
		at = len(ways) - 1
	}
	f.choose(f.texts.ForeignTitle, intro, items, at, func(i int) tea.Cmd { return ways[i].do() })
}

// foreignOnes lists objects with whose they are.
func (f *adopt) foreignOnes(foreign *lab.Foreign) []string {
	var ones []string
	for _, o := range foreign.Objects {
		whose := o.Owner
		if o.Controller != "" {
			whose = f.sayf(f.texts.ControlledBy, o.Controller)
		}
		ones = append(ones, owned(o.Name, whose))
	}
	return ones
}

// compare has kubectl tell the difference, which is shown once it has come.
func (f *adopt) compare(t lab.Task) tea.Cmd {
	f.comparing = &comparison{stopped: t}
	if n := len(f.snap().Tasks); n > 0 {
		f.comparing.after = f.snap().Tasks[n-1].ID
	}
	f.bringForward(Output)
	return f.do(lab.Compare{Task: t.ID})
}

// show shows what kubectl told, and then lets the user choose again.
func (f *adopt) show(stopped, told lab.Task) {
	text := told.Output
	if _, changes, ok := strings.Cut(text, "\n@@"); ok {
		text = "@@" + changes // above it are only the names of temporary files
	}
	switch {
	case text == "" && told.State == lab.TaskDone:
		text = f.say(f.texts.NoForeignDifference)
	case text == "":
		text = f.say(told.Problem)
	}
	d := f.read(textf(f.texts.DifferenceTitle, widget.Clean(filepath.Base(stopped.Foreign.File))), []string{text})
	d.then = func() tea.Cmd { f.ask(stopped); return nil }
}

// take asks, and has the session make the objects healthlab's.
func (f *adopt) take(t lab.Task) tea.Cmd {
	question := some(f.foreignOnes(t.Foreign)) + "\n\n" + f.sayf(f.texts.AdoptAsk, f.key("run"), f.key("reset-step"))
	if f.snap().Cluster.DryRun {
		question += "\n\n" + f.say(f.texts.AdoptDryRun)
	}
	f.confirm(question, func() tea.Cmd {
		f.bringForward(Output)
		f.settle(t.ID)
		return f.do(lab.Adopt{Task: t.ID})
	})
	return nil
}
