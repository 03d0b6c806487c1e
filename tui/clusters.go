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

// chooser lists the clusters: the embedded one first, then the contexts of the kubeconfig.
type chooser struct {
	*listDialog
	contexts []lab.Context
	answers  []string // of the contexts
}

// why tells why there are none to go to.
func (m *Model) whyNoClusters() lab.Text { return m.cleanUp.whyNoClusters() }

// chooseCluster opens the list of clusters, and has the kubeconfig read.
func (m *Model) chooseCluster() tea.Cmd {
	c := &chooser{listDialog: m.choose(m.texts.ClustersTitle, m.say(m.texts.ClustersIntro), nil, 0, nil)}
	c.items = []string{m.embeddedItem(), m.say(m.texts.Reading)}
	c.then = func(i int) tea.Cmd { return m.pick(c, i) }
	m.dialog = c
	clusters := m.cfg.Clusters
	return m.during(func(context.Context) tea.Msg {
		contexts, err := clusters.Contexts()
		return contextsMsg{c, contexts, err}
	})
}

func (m *Model) onContexts(msg contextsMsg) tea.Cmd {
	c, open := msg.dialog.(*chooser)
	if !open || m.dialog != msg.dialog {
		return nil
	}
	m.dirty = true
	c.items = c.items[:1]
	if msg.err != nil || len(msg.contexts) == 0 {
		why := m.texts.NoContexts
		if msg.err != nil {
			why = lab.InFull(msg.err)
		}
		c.intro += "\n\n" + m.style.Glyphs.Warn + " " + widget.Clean(m.say(why))
		return nil
	}
	c.contexts, c.answers = msg.contexts, make([]string, len(msg.contexts))
	var asking []tea.Cmd
	clusters := m.cfg.Clusters
	for i, one := range c.contexts {
		c.answers[i] = m.style.Glyphs.Wait + " " + m.say(m.texts.Asking)
		c.items = append(c.items, m.contextItem(c, i))
		if m.isHere(one) {
			c.at = i + 1
		}
		asking = append(asking, m.during(func(ctx context.Context) tea.Msg {
			version, err := clusters.Ask(ctx, one.Name)
			return answerMsg{c, i, version, err}
		}))
	}
	return tea.Batch(asking...)
}

func (m *Model) onAnswer(msg answerMsg) {
	c, open := msg.dialog.(*chooser)
	if !open || m.dialog != msg.dialog {
		return
	}
	m.dirty = true
	c.answers[msg.at] = m.style.Glyphs.OK + " " + widget.Clean(msg.version)
	if msg.err != nil {
		// The technical cause would be a second sentence.
		c.answers[msg.at] = m.style.Glyphs.Fail + " " + widget.Clean(m.say(lab.Brief(msg.err)))
	}
	c.items[msg.at+1] = m.contextItem(c, msg.at)
}

// isHere reports whether the console is on that cluster.
func (m *Model) isHere(c lab.Context) bool {
	here := m.snap.Cluster
	if c.Name == "" || !here.Real {
		return c.Name == "" && !here.Real
	}
	return c.Name == here.Name
}

func (m *Model) embeddedItem() string {
	return m.marked(m.say(m.texts.Embedded), lab.Context{}) + "\n" + m.say(m.texts.EmbeddedWhat)
}

// contextItem is a context on two or more lines: its name and what holds of it, where it is, whether it answers.
func (m *Model) contextItem(c *chooser, i int) string {
	one := c.contexts[i]
	name := widget.Clean(one.Name)
	if one.Current {
		name += "  (" + m.say(m.texts.KubectlsOwn) + ")"
	}
	where := widget.Clean(one.Server)
	if one.Namespace != "" {
		where += ", " + m.sayf(m.texts.ItsNamespace, widget.Clean(one.Namespace))
	}
	return strings.Join([]string{m.marked(name, one), where, c.answers[i]}, "\n")
}

// marked adds to the name of a cluster whether the console is there.
func (m *Model) marked(name string, c lab.Context) string {
	if m.isHere(c) {
		return name + "  " + m.style.Glyphs.Pointer + " " + m.say(m.texts.HereNow)
	}
	return name
}

// pick asks before the console goes to another cluster. A real one is tried first; the one that the console is on is only
// logged in to again.
func (m *Model) pick(c *chooser, i int) tea.Cmd {
	var to lab.Context
	switch {
	case i > len(c.contexts): // the kubeconfig is still being read
		return nil
	case i > 0:
		to = c.contexts[i-1]
	}
	here := m.isHere(to)
	switch {
	case here && to.Name == "":
		m.tell(m.texts.HereAlready, toneInfo)
		return nil
	case here:
		return m.login(to)
	}
	question := m.say(m.texts.GoEmbeddedAsk)
	if to.Name != "" {
		question = m.sayf(m.texts.GoRealAsk, widget.Clean(to.Name), widget.Clean(to.Server), m.snap.Cluster.Namespace)
	}
	if !m.snap.Cluster.Real {
		question += "\n\n" + m.say(m.texts.EmbeddedEnds)
	}
	if n := len(m.moment().Running()); n > 0 {
		question += "\n\n" + m.sayf(m.texts.TasksEnd, n)
	}
	m.confirm(question, func() tea.Cmd {
		if to.Name == "" {
			return m.goTo(to)
		}
		return m.login(to)
	})
	return nil
}

func (m *Model) whyNoLogin() lab.Text {
	if !m.snap.Cluster.Real {
		return m.texts.NoLogin
	}
	return m.whyNoClusters()
}

// loginMatters reports whether new credentials could help.
func (m *Model) loginMatters() bool {
	phase := m.snap.Cluster.Phase
	return m.whyNoLogin().IsZero() && (phase == lab.Lost || phase == lab.Failed)
}

func (m *Model) loginAgain() tea.Cmd { return m.login(lab.Context{Name: m.snap.Cluster.Name}) }

// login hands the terminal over and tries the credentials for a cluster.
func (m *Model) login(to lab.Context) tea.Cmd {
	clusters, during := m.cfg.Clusters, m.work
	l := &login{
		words: m.sayf(m.texts.LoggingIn, widget.Clean(to.Name)),
		try: func() error {
			err := context.Canceled // where the console has ended meanwhile
			during(func(ctx context.Context) tea.Msg {
				err = clusters.Login(ctx, to.Name)
				return nil
			})
			return err
		},
	}
	return tea.Exec(l, func(err error) tea.Msg { return loginMsg{to, err} })
}

// login is a tea.ExecCommand. What asks for credentials takes the process' own input and output.
type login struct {
	words string
	out   io.Writer
	try   func() error
}

// Run says what goes on, and tries the credentials. It takes a moment at least: Bubble Tea's renderer stops its ticker only
// after it was seen to end, and would otherwise stop that of its successor, which then draws nothing any more.
func (l *login) Run() error {
	const moment = 250 * time.Millisecond
	passed := time.NewTimer(moment)
	defer func() { <-passed.C }()
	if _, err := fmt.Fprintln(l.out, l.words); err != nil {
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

func (m *Model) onLogin(msg loginMsg) tea.Cmd {
	m.dirty = true
	switch {
	case errors.Is(msg.err, context.Canceled):
		m.tell(m.texts.LoginGivenUp, toneInfo)
		return nil
	case msg.err != nil:
		failed, why, name := m.texts.LoginFailed, lab.InFull(msg.err), widget.Clean(msg.to.Name)
		m.fail(lab.Text{Ko: fmt.Sprintf(failed.Ko, name, why.Ko), En: fmt.Sprintf(failed.En, name, why.En)})
		return nil
	case !m.isHere(msg.to) || m.snap.Cluster.Phase == lab.Failed:
		return m.goTo(msg.to)
	}
	m.tell(m.texts.LoggedIn, toneGood)
	return nil
}

// goTo leaves for another cluster, after what the labs have left on this one was offered to be deleted.
func (m *Model) goTo(to lab.Context) tea.Cmd {
	if m.isHere(to) {
		return m.cleanUp.again(to)
	}
	return m.cleanUp.leaveFor(to)
}
