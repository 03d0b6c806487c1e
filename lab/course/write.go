package course

import (
	"strings"

	"healthlab/lab"
)

// A manifest is written by a command that reads it from what is typed next, up to a line that says EOF and nothing else.
const (
	heredocStart = " <<'" + HeredocEnd + "'"
	// HeredocEnd is that line.
	HeredocEnd = "EOF"
)

// ShownCommand is a command of a lab as it can be typed, see [Shown].
func ShownCommand(c lab.Command, vars Vars) string {
	if c.Write == "" {
		return Shown(c.Line, vars)
	}
	return Shown(c.Line, vars) + heredocStart
}

// Heredoc is a command of [Moment.Commands] that writes a manifest, with all that is typed after it. A shell then writes the
// manifest as it is, which must end with a line end and have no line that is HeredocEnd: package script sees to that.
func Heredoc(command Command, manifest string) string {
	return command.Line + "\n" + manifest + HeredocEnd
}

// FitsHeredoc reports whether a shell can write a manifest as [Heredoc] says.
func FitsHeredoc(manifest string) bool {
	return strings.HasSuffix(manifest, "\n") && !strings.Contains("\n"+manifest, "\n"+HeredocEnd+"\n") &&
		!strings.ContainsAny(manifest, "\x00\r")
}
