package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/tui/widget"
)

// Clusters is what a console can do about clusters beside the session that it shows. Its methods may take their time and
// are called outside Update; contexts go by their names in the user's kubeconfig.
type Clusters interface {
	// Contexts lists what the kubeconfig offers.
	Contexts() ([]lab.Context, error)
	// Ask asks a context's server for its version, without asking the user for anything.
	Ask(ctx context.Context, name string) (version string, err error)
	// Login tries the credentials for a context. It has the terminal, on which a credential plug-in may ask.
	Login(ctx context.Context, name string) error
	// Remains tells what the labs have left on the session's cluster.
	Remains(ctx context.Context) ([]lab.Remnant, error)
	// Delete deletes some of that. It goes on after an error, and tells each that is gone.
	Delete(ctx context.Context, remains []lab.Remnant, deleted func(lab.Remnant)) error
}

// chooser goes to another cluster, or logs in again to the one that the console is on.
type chooser struct {
	flow
	way *cleanUp // out of the console
}

// contextsMsg is what the kubeconfig offers.
type contextsMsg struct {
	dialog   dialog
	contexts []lab.Context
	err      error
}

// answerMsg is what came of asking the server of a context.
type answerMsg struct {
	dialog  dialog
	at      int // index into the chooser's contexts
	version string
	err     error
}

// loginMsg is what came of logging in to a cluster.
type loginMsg struct {
	to  lab.Context
	err error
}

// clusterList lists the clusters: the embedded one first, then the contexts of the kubeconfig.
type clusterList struct {
	*listDialog
	contexts []lab.Context
	answers  []string // of the contexts
}

// disabled tells why there are none to go to.
func (f *chooser) disabled() lab.Text { return f.way.whyNoClusters() }

// open opens the list of clusters, and has the kubeconfig read.
func (f *chooser) open() tea.Cmd {
	c := &clusterList{listDialog: f.choose(f.texts.ClustersTitle, f.say(f.texts.ClustersIntro), nil, 0, nil)}
	c.items = []string{f.embeddedItem(), f.say(f.texts.Reading)}
	c.then = func(i int) tea.Cmd { return f.pick(c, i) }
	f.dialog = c
	clusters := f.cfg.Clusters
	return f.during(func(context.Context) tea.Msg {
		contexts, err := clusters.Contexts()
		return contextsMsg{c, contexts, err}
	})
}

func (f *chooser) onContexts(msg contextsMsg) tea.Cmd {
	c, open := msg.dialog.(*clusterList)
	if !open || f.dialog != msg.dialog {
		return nil
	}
	f.dirty = true
	c.items = c.items[:1]
	if msg.err != nil || len(msg.contexts) == 0 {
		why := f.texts.NoContexts
		if msg.err != nil {
			why = lab.InFull(msg.err)
		}
		c.intro += "\n\n" + f.style.Glyphs.Warn + " " + widget.Clean(f.say(why))
		return nil
	}
	c.contexts, c.answers = msg.contexts, make([]string, len(msg.contexts))
	var asking []tea.Cmd
	clusters := f.cfg.Clusters
	for i, one := range c.contexts {
		c.answers[i] = f.style.Glyphs.Wait + " " + f.say(f.texts.Asking)
		c.items = append(c.items, f.contextItem(c, i))
		if f.here(one) {
			c.at = i + 1
		}
		asking = append(asking, f.during(func(ctx context.Context) tea.Msg {
			version, err := clusters.Ask(ctx, one.Name)
			return answerMsg{c, i, version, err}
		}))
	}
	return tea.Batch(asking...)
}

func (f *chooser) onAnswer(msg answerMsg) {
	c, open := msg.dialog.(*clusterList)
	if !open || f.dialog != msg.dialog {
		return
	}
	f.dirty = true
	c.answers[msg.at] = f.style.Glyphs.OK + " " + widget.Clean(msg.version)
	if msg.err != nil {
		// The technical cause would be a second sentence.
		c.answers[msg.at] = f.style.Glyphs.Fail + " " + widget.Clean(f.say(lab.Brief(msg.err)))
	}
	c.items[msg.at+1] = f.contextItem(c, msg.at)
}

// here reports whether the console is on that cluster.
func (f *chooser) here(c lab.Context) bool {
	here := f.snap().Cluster
	if c.Name == "" || !here.Real {
		return c.Name == "" && !here.Real
	}
	return c.Name == here.Name
}

func (f *chooser) embeddedItem() string {
	return f.marked(f.say(f.texts.Embedded), lab.Context{}) + "\n" + f.say(f.texts.EmbeddedWhat)
}

// contextItem is a context on two or more lines: its name and what holds of it, where it is, whether it answers.
func (f *chooser) contextItem(c *clusterList, i int) string {
	one := c.contexts[i]
	name := widget.Clean(one.Name)
	if one.Current {
		name += "  (" + f.say(f.texts.KubectlsOwn) + ")"
	}
	where := widget.Clean(one.Server)
	if one.Namespace != "" {
		where += ", " + f.sayf(f.texts.ItsNamespace, widget.Clean(one.Namespace))
	}
	return strings.Join([]string{f.marked(name, one), where, c.answers[i]}, "\n")
}

// marked adds to the name of a cluster whether the console is there.
func (f *chooser) marked(name string, c lab.Context) string {
	if f.here(c) {
		return name + "  " + f.style.Glyphs.Pointer + " " + f.say(f.texts.HereNow)
	}
	return name
}

// pick asks before the console goes to another cluster. A real one is tried first; the one that the console is on is only
// logged in to again.
func (f *chooser) pick(c *clusterList, i int) tea.Cmd {
	var to lab.Context
	switch {
	case i > len(c.contexts): // the kubeconfig is still being read
		return nil
	case i > 0:
		to = c.contexts[i-1]
	}
	switch here := f.here(to); {
	case here && to.Name == "":
		f.tell(f.texts.HereAlready, toneInfo)
		return nil
	case here:
		return f.login(to)
	}
	question := f.say(f.texts.GoEmbeddedAsk)
	if to.Name != "" {
		question = f.sayf(f.texts.GoRealAsk, widget.Clean(to.Name), widget.Clean(to.Server), f.snap().Cluster.Namespace)
	}
	if !f.snap().Cluster.Real {
		question += "\n\n" + f.say(f.texts.EmbeddedEnds)
	}
	if n := len(f.moment().Running()); n > 0 {
		question += "\n\n" + f.sayf(f.texts.TasksEnd, n)
	}
	f.confirm(question, func() tea.Cmd {
		if to.Name == "" {
			return f.goTo(to)
		}
		return f.login(to)
	})
	return nil
}

func (f *chooser) whyNoLogin() lab.Text {
	if !f.snap().Cluster.Real {
		return f.texts.NoLogin
	}
	return f.disabled()
}

// loginMatters reports whether new credentials could help.
func (f *chooser) loginMatters() bool {
	phase := f.snap().Cluster.Phase
	return f.whyNoLogin().IsZero() && (phase == lab.Lost || phase == lab.Failed)
}

func (f *chooser) loginAgain() tea.Cmd { return f.login(lab.Context{Name: f.snap().Cluster.Name}) }

// login hands the terminal over and tries the credentials for a cluster.
func (f *chooser) login(to lab.Context) tea.Cmd {
	clusters := f.cfg.Clusters
	l := &login{
		greeting: f.sayf(f.texts.LoggingIn, widget.Clean(to.Name)),
		try: func() error {
			err := context.Canceled // where the console has ended meanwhile
			f.during(func(ctx context.Context) tea.Msg {
				err = clusters.Login(ctx, to.Name)
				return nil
			})()
			return err
		},
	}
	return tea.Exec(l, func(err error) tea.Msg { return loginMsg{to, err} })
}

// login is a tea.ExecCommand. What asks for credentials takes the process' own input and output.
type login struct {
	greeting string
	out      io.Writer
	try      func() error
}

// Run says what goes on, and tries the credentials. It takes a moment at least: Bubble Tea's renderer stops its ticker only
// after it was seen to end, and would otherwise stop that of its successor, which then draws nothing any more.
func (l *login) Run() error {
	const moment = 250 * time.Millisecond
	passed := time.NewTimer(moment)
	defer func() { <-passed.C }()
	if _, err := fmt.Fprintln(l.out, l.greeting); err != nil {
		return fmt.Errorf("write to the terminal: %w", err)
	}
	return l.try()
}

// SetStdin ignores the program's input.
func (l *login) SetStdin(io.Reader) {}

// SetStdout takes the program's output.
func (l *login) SetStdout(w io.Writer) { l.out = w }

// SetStderr ignores the program's standard error.
func (l *login) SetStderr(io.Writer) {}

func (f *chooser) onLogin(msg loginMsg) tea.Cmd {
	f.dirty = true
	switch {
	case errors.Is(msg.err, context.Canceled):
		f.tell(f.texts.LoginGivenUp, toneInfo)
		return nil
	case msg.err != nil:
		failed, why, name := f.texts.LoginFailed, lab.InFull(msg.err), widget.Clean(msg.to.Name)
		f.fail(lab.Textf(failed.Ko, failed.En, name, why))
		return nil
	case !f.here(msg.to) || f.snap().Cluster.Phase == lab.Failed:
		return f.goTo(msg.to)
	}
	f.tell(f.texts.LoggedIn, toneGood)
	return nil
}

// goTo leaves for another cluster, after what the labs have left on this one was offered to be deleted.
func (f *chooser) goTo(to lab.Context) tea.Cmd {
	if f.here(to) {
		return f.way.again(to)
	}
	return f.way.leaveFor(to)
}
