package store

import (
	"regexp"
	"slices"
	"strings"

	"healthlab/lab"
	"healthlab/lab/journal"
)

// hidden stands for what is not written.
const hidden = "[…]"

// secretFlags are the options of kubectl whose values are secrets.
var secretFlags = []string{"--token", "--password", "--docker-password", "--from-literal"}

// secretInLine finds such options, with their values, in a command line.
var secretInLine = regexp.MustCompile(`(--(?:token|password|docker-password|from-literal)(?:=|\s+))('[^']*'|"[^"]*"|\S+)`)

// redacted is an entry without the values of options that are secrets. The entry itself is left as it is: others have it, too.
func redacted(e journal.Entry) journal.Entry {
	switch b := e.Body.(type) {
	case journal.Asked:
		b.Action = redactedAction(b.Action)
		e.Body = b
	case journal.TaskStarted:
		b.Task.Action = redactedAction(b.Task.Action)
		b.Task.Title, b.Task.Line = redactedText(b.Task.Title), redactedLine(b.Task.Line)
		e.Body = b
	case journal.Told:
		b.Fact.Command.Title, b.Fact.Command.Line = redactedText(b.Fact.Command.Title), redactedLine(b.Fact.Command.Line)
		e.Body = b
	default: // no command line
	}
	return e
}

func redactedText(t lab.Text) lab.Text {
	return lab.Text{Ko: redactedLine(t.Ko), En: redactedLine(t.En)}
}

func redactedLine(line string) string { return secretInLine.ReplaceAllString(line, "${1}"+hidden) }

func redactedAction(action lab.Action) lab.Action {
	k, ok := action.(lab.Kubectl)
	if !ok {
		return action
	}
	k.Args = slices.Clone(k.Args)
	for i, arg := range k.Args {
		flag, _, joined := strings.Cut(arg, "=")
		switch {
		case !slices.Contains(secretFlags, flag):
		case joined:
			k.Args[i] = flag + "=" + hidden
		case i+1 < len(k.Args):
			k.Args[i+1] = hidden
		}
	}
	return k
}
