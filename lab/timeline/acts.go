package timeline

import (
	"slices"
	"strings"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/probes"
)

// onTask takes in that healthlab has begun to carry something out.
func (b *Builder) onTask(t lab.Task) {
	if slices.ContainsFunc(b.running, func(a Act) bool { return a.Task == t.ID }) {
		return
	}
	a := Act{
		Task: t.ID, Started: b.clock.own(t.Started).At, State: lab.TaskRunning,
		Title: lab.T(clip(t.Title.Ko), clip(t.Title.En)), Line: clip(t.Line), Of: t.Of,
	}
	if a.Fault = b.fault(t); a.Fault != nil {
		if p := b.target(t, *a.Fault); p != nil {
			a.Pod, a.Container = p.seen.UID, targetContainer(p, *a.Fault)
		}
	}
	if len(b.running) >= maxActs {
		b.running = slices.Delete(b.running, 0, 1)
		b.dropped.Acts++
	}
	b.running = append(b.running, a)
	b.stale.acts = true
}

// fault is the fault that a task carries out; nil if it is none.
func (b *Builder) fault(t lab.Task) *lab.Fault {
	find := func(l lab.Lab, id string) *lab.Fault {
		for i := range l.Faults {
			if l.Faults[i].ID == id && id != "" {
				return &l.Faults[i]
			}
		}
		return nil
	}
	if t.Of != nil {
		for _, l := range b.labs {
			for _, step := range l.Steps {
				if l.ID == t.Of.Lab && step.ID == t.Of.Step {
					if f := find(l, step.Fault); f != nil {
						return f
					}
				}
			}
		}
	}
	inject, ok := t.Action.(lab.Inject)
	if !ok {
		return nil
	}
	if i := b.position.Lab; i >= 0 && i < len(b.labs) {
		if f := find(b.labs[i], inject.Fault); f != nil {
			return f
		}
	}
	for _, l := range b.labs {
		if f := find(l, inject.Fault); f != nil {
			return f
		}
	}
	return nil
}

// target is the pod that a fault is done to; nil if that is not known.
func (b *Builder) target(t lab.Task, f lab.Fault) *pod {
	switch a := t.Action.(type) {
	case lab.Inject:
		if a.Pod != "" {
			return b.named(a.Pod)
		}
	case lab.Kubectl: // typed: the pod is one of the words before --
		for _, word := range a.Args {
			if word == "--" {
				break
			}
			if p := b.named(strings.TrimPrefix(strings.TrimPrefix(word, "pods/"), "pod/")); p != nil {
				return p
			}
		}
		return nil
	default:
	}
	if f.Pod != "" {
		return b.named(f.Pod)
	}
	return b.named(b.chosen)
}

// targetContainer is the container that a fault's command names, or else the pod's first.
func targetContainer(p *pod, f lab.Fault) string {
	words := strings.Fields(f.Line)
	for i, word := range words {
		if word == "--" {
			break
		}
		if name, ok := strings.CutPrefix(word, "--container="); ok {
			return name
		}
		if (word == "-c" || word == "--container") && i+1 < len(words) {
			return words[i+1]
		}
	}
	if len(p.containers) == 0 {
		return ""
	}
	return p.containers[0].seen.Name
}

// onTaskEnd takes in how it ended.
func (b *Builder) onTaskEnd(e journal.TaskEnded) {
	i := slices.IndexFunc(b.running, func(a Act) bool { return a.Task == e.Task })
	if i < 0 {
		return
	}
	a := b.running[i]
	a.Ended, a.State = b.clock.now, e.State
	b.running = slices.Delete(b.running, i, i+1)
	b.acts = push(b.acts, a, maxActs, &b.dropped.Acts)
	b.stale.acts = true
	p := b.byUID[a.Pod]
	if a.Fault == nil || e.State != lab.TaskDone || b.dryRun || p == nil || !p.gone.IsZero() {
		return
	}
	con := p.container(a.Container)
	if con == nil {
		return
	}
	done := between(a.Started, a.Ended)
	for _, pr := range con.probes {
		switch response := a.Fault.Responds.To(pr.spec.Kind); response {
		case "":
		case probes.Answer:
			if a.Fault.After == 0 {
				b.followRepair(p, con, pr, &a, done)
				continue
			}
			b.followFault(p, con, pr, &a, done)
		default:
			b.followFault(p, con, pr, &a, done)
		}
	}
}
