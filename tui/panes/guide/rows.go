package guide

import (
	"slices"
	"strings"

	"healthlab/lab"
	"healthlab/lab/course"
)

// work is what is to be done in a step, and how far it is.
type work struct {
	commands []course.Command
	goals    []goal
	next     course.Next
}

// left are the commands that were not carried out.
func (k work) left() []course.Command {
	return slices.DeleteFunc(slices.Clone(k.commands), func(c course.Command) bool { return c.State == lab.TaskDone })
}

// met is how many goals are met.
func (k work) met() int {
	n := 0
	for _, g := range k.goals {
		if g.met {
			n++
		}
	}
	return n
}

// undone is the work as it was before anything was done, with as much to say of it as there may be.
func (k work) undone() work {
	out := work{commands: slices.Clone(k.commands), goals: slices.Clone(k.goals)}
	for i := range out.commands {
		out.commands[i].State = ""
	}
	for i := range out.goals {
		out.goals[i].met, out.goals[i].next = false, i == 0
		out.goals[i].why = lab.Same("?") // a line, whatever it will say
	}
	return out
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
