package tui

import (
	"context"
	"fmt"
	"slices"
	"time"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/replay"
	"healthlab/tui/theme"
)

// Config is what a console is made from. Only Lab and Labs are required.
type Config struct {
	Lab  Lab
	Labs []lab.Lab
	// Lang is the language at the start; Korean if empty.
	Lang lab.Lang
	// Theme is a theme's name; empty follows the terminal's background.
	Theme theme.Name
	// ASCII draws with seven-bit symbols only. NoColor uses attributes instead of colours; it is also chosen when the
	// terminal has none or NO_COLOR is set.
	ASCII, NoColor bool
	// Keys replaces the keys of bindings, by their IDs.
	Keys map[string][]string
	// Dir and Namespace are shown in commands until the first snapshot says what they are.
	Dir, Namespace string
	// Home is the user's home directory, as an absolute path; paths below it are shown with ~. Empty shows them in full.
	Home string
	// Export is the line that makes kubectl in a second terminal use the same cluster, such as
	// `export KUBECONFIG=/home/user/…`. Empty if nothing has to be set.
	Export string
	// History is the file that keeps the lines of the kubectl prompt; empty keeps them for this run only.
	History string
	// Complete tells what the last of the words of a kubectl command could become, for the prompt; nil completes nothing.
	// It is called outside Update.
	Complete func(ctx context.Context, words []string) (lab.Completion, error)
	// CopyFile is the file that every copied text is also written to, for terminals that refuse the clipboard; empty for
	// none.
	CopyFile string
	// LogFile is healthlab's own log, of which the console can show the end; empty for none.
	LogFile string
	// Editor is the command line of the editor for manifests, such as $EDITOR's value; empty for none.
	Editor string
	// Answers are those given in earlier runs; OnAnswer is called, outside Update, with each new one and its key. It may be
	// nil.
	Answers  course.Answers
	OnAnswer func(key string, answer course.Answer) error
	// OnLang is called by Update with the language that the user has switched to: it must not wait. It may be nil.
	OnLang func(lab.Lang)
	// Presenter starts in presenter mode; NoMouse leaves the mouse to the terminal.
	Presenter, NoMouse bool
	// Clusters lets the user go to another cluster. Nil: the console stays on the one that it has.
	Clusters Clusters
	// CleanUpLine is the command line that removes later what the labs have left on a cluster of the user's own.
	CleanUpLine string
	// Report writes a report of the run in a language and returns the path of the file. It is called outside Update. Nil: no
	// report can be written.
	Report func(ctx context.Context, lang lab.Lang) (path string, err error)
	// Replay is the player of a run that is over, which then is also the Lab. Nil: the session is live.
	Replay *replay.Player
	// Now is the clock; time.Now if nil.
	Now func() time.Time
}

// withDefaults fills in what was left out and reports what cannot work.
func (c Config) withDefaults() (Config, error) {
	if c.Lab == nil {
		return c, fmt.Errorf("start the console: no session given")
	}
	if len(c.Labs) == 0 {
		return c, fmt.Errorf("start the console: no lab given")
	}
	if c.Lang == "" {
		c.Lang = lab.Korean
	}
	if c.Lang != lab.Korean && c.Lang != lab.English {
		return c, fmt.Errorf("language %q is not known: use %s or %s", c.Lang, lab.Korean, lab.English)
	}
	if c.Theme != "" && !slices.Contains(theme.Names(), c.Theme) {
		return c, fmt.Errorf("theme %q is not known: use one of %v", c.Theme, theme.Names())
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c, nil
}
