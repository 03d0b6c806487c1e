package guide

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"healthlab/lab"
	"healthlab/tui/widget"
)

// Fill puts the session's namespace, working directory and chosen pod into a command line of a lab. Without a chosen
// pod {pod} becomes <pod>, as in a synopsis.
func Fill(line string, s *lab.Snapshot) string {
	pod := widget.Clean(s.ChosenPod)
	if pod == "" {
		pod = "<pod>"
	}
	return strings.NewReplacer("{namespace}", s.Cluster.Namespace, "{dir}", s.Dir, "{pod}", pod).Replace(line)
}

// Commands returns the current step's commands as a student could type them, or that of the fault it is about; none if
// the position is not one of labs.
func Commands(labs []lab.Lab, s *lab.Snapshot) []string {
	l, step, ok := current(labs, s.Position)
	if !ok {
		return nil
	}
	var out []string
	for _, c := range step.Commands {
		out = append(out, Fill(c.Line, s))
	}
	if f, ok := fault(l, step); ok && len(out) == 0 {
		out = append(out, Fill(f.Line, s))
	}
	return out
}

// fault returns the fault that a step is about.
func fault(l lab.Lab, step lab.Step) (lab.Fault, bool) {
	i := slices.IndexFunc(l.Faults, func(f lab.Fault) bool { return f.ID == step.Fault })
	if step.Fault == "" || i < 0 {
		return lab.Fault{}, false
	}
	return l.Faults[i], true
}

// progress is how far a step's commands have been carried out by the session since the step was entered.
type progress int

const (
	notRun progress = iota
	running
	ran
)

func progressOf(commands []string, s *lab.Snapshot) progress {
	done := map[string]bool{}
	for _, t := range s.Tasks {
		if t.Started.Before(s.Position.Since) || !slices.Contains(commands, t.Line) {
			continue
		}
		if t.State == lab.TaskRunning {
			return running
		}
		done[t.Line] = done[t.Line] || t.State == lab.TaskDone
	}
	for _, c := range commands {
		if !done[c] {
			return notRun
		}
	}
	return ran
}

// Broken breaks a command line into pieces of at most w cells as a shell allows it: each but the last one ends with a
// backslash, and what follows a break between words is indented, if there is room. A word that is longer than a line is
// broken behind a slash, or anywhere, and goes on at the very start of the next line.
func Broken(line string, w int) []string {
	const indent = "    "
	w = max(w, 4)
	var out []string
	piece := ""
	words := strings.Fields(line)
	for i, word := range words {
		room := w // the last line has no backslash
		if i < len(words)-1 {
			room -= len(` \`)
		}
		switch {
		case i == 0:
			piece = word
		case i == 1, widget.Width(piece)+1+widget.Width(word) <= room: // the prompt stays with the command
			piece += " " + word
		default:
			out = append(out, piece+` \`)
			piece = indent + word
			if widget.Width(piece) > room {
				piece = word
			}
		}
		for widget.Width(piece) > room {
			head := ansi.Truncate(piece, w-1, "")
			if slash := strings.LastIndexByte(head, '/'); slash > 0 {
				head = head[:slash+1]
			}
			out = append(out, head+`\`)
			piece = piece[len(head):]
		}
	}
	return append(out, piece)
}

func current(labs []lab.Lab, p lab.Position) (lab.Lab, lab.Step, bool) {
	if p.Lab < 0 || p.Lab >= len(labs) || p.Step < 0 || p.Step >= len(labs[p.Lab].Steps) {
		return lab.Lab{}, lab.Step{}, false
	}
	return labs[p.Lab], labs[p.Lab].Steps[p.Step], true
}

// goal is a line of the checklist.
type goal struct {
	title lab.Text
	met   bool
	why   lab.Text
	next  bool // the first that is not met: what to work on
}

func goals(states []lab.GoalState) []goal {
	out := make([]goal, len(states))
	found := false
	for i, g := range states {
		out[i] = goal{title: g.Goal.Title, met: g.Met, why: g.Why, next: !g.Met && !found}
		found = found || !g.Met
	}
	return out
}

// done reports whether the step has goals and all are met.
func done(goals []goal) bool {
	for _, g := range goals {
		if !g.met {
			return false
		}
	}
	return len(goals) > 0
}

// guard is a punctuation mark that no text uses. Put around bold text before rendering and taken out after it, it makes
// Markdown see the end of a word there: without it, in Korean, "**준비성(readiness)**은" would show its asterisks.
const guard = "\u2e4f"

func guarded(markdown string) string {
	parts := strings.Split(markdown, "**")
	if len(parts) < 3 {
		return markdown
	}
	var out strings.Builder
	for i, part := range parts {
		switch {
		case i == 0:
		case i == len(parts)-1 && i%2 == 1: // an asterisk pair without a partner
			out.WriteString("**")
		case i%2 == 1:
			out.WriteString(guard + "**")
		default:
			out.WriteString("**" + guard)
		}
		out.WriteString(part)
	}
	return out.String()
}
