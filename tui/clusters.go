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
	c := &clusterList{listDialog: f.choose(lab.T("클러스터 고르기", "Choose a cluster"), f.say(lab.T(
		"실습할 클러스터를 고릅니다. 내 클러스터는 확인한 뒤에 씁니다. kubeconfig는 바꾸지 않습니다.",
		"Choose where to do the labs. Your own cluster is used only after you confirm. Your kubeconfig is not changed.")), nil, 0, nil)}
	c.items = []string{f.embeddedItem(), f.say(lab.T("kubeconfig를 읽는 중 …", "reading the kubeconfig …"))}
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
		why := lab.T("kubeconfig에 컨텍스트가 없습니다. 내장 클러스터는 쓸 수 있습니다.",
			"The kubeconfig has no contexts. You can still use the embedded cluster.")
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
		c.answers[i] = f.style.Glyphs.Wait + " " + f.say(lab.T("응답을 기다리는 중 …", "waiting for an answer …"))
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
	return f.marked(f.say(lab.T("내장 클러스터", "embedded cluster")), lab.Context{}) + "\n" + f.say(lab.T("healthlab 안에서 실행되고, 끝나면 아무것도 남지 않습니다", "runs inside healthlab and leaves nothing behind"))
}

// contextItem is a context on two or more lines: its name and what holds of it, where it is, whether it answers.
func (f *chooser) contextItem(c *clusterList, i int) string {
	one := c.contexts[i]
	name := widget.Clean(one.Name)
	if one.Current {
		name += "  (" + f.say(lab.T("kubectl의 현재 컨텍스트", "kubectl's current context")) + ")"
	}
	where := widget.Clean(one.Server)
	if one.Namespace != "" {
		where += ", " + f.say(lab.Textf("네임스페이스 %s", "namespace %s", widget.Clean(one.Namespace)))
	}
	return strings.Join([]string{f.marked(name, one), where, c.answers[i]}, "\n")
}

// marked adds to the name of a cluster whether the console is there.
func (f *chooser) marked(name string, c lab.Context) string {
	if f.here(c) {
		return name + "  " + f.style.Glyphs.Pointer + " " + f.say(lab.T("지금 여기", "you are here"))
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
		f.tell(lab.T("이미 내장 클러스터에 있습니다.", "You are already on the embedded cluster."), toneInfo)
		return nil
	case here:
		return f.login(to)
	}
	question := f.say(lab.T("내장 클러스터로 갈까요? 내 클러스터의 세션은 끝납니다.",
		"Go to the embedded cluster? The session on your cluster ends."))
	if to.Name != "" {
		question = f.say(lab.Textf("내 클러스터 %s (%s)에서 실습할까요? 네임스페이스는 %s입니다. 먼저 점검합니다. 그 전에는 아무것도 쓰지 않습니다.",
			"Do the labs on your cluster %s (%s), in namespace %s? A preflight checks it first. Nothing is written before that.",
			widget.Clean(to.Name), widget.Clean(to.Server), f.snap().Cluster.Namespace))
	}
	if !f.snap().Cluster.Real {
		question += "\n\n" + f.say(lab.T("내장 클러스터는 종료되고 그 안의 것은 사라집니다. 진행 상황은 저장됩니다.",
			"The embedded cluster stops, and everything in it is lost. Your progress is saved."))
	}
	if n := len(f.moment().Running()); n > 0 {
		question += "\n\n" + f.say(lab.Textf("진행 중인 작업 %d개를 그만둡니다.", "Running tasks that will be stopped: %d.", n))
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
		return lab.T("내장 클러스터에는 로그인이 필요 없습니다.", "The embedded cluster needs no login.")
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
		greeting: f.say(lab.Textf("%s에 로그인하는 중 … (Ctrl-C: 콘솔로 돌아가기)", "logging in to %s … (Ctrl-C goes back to the console)", widget.Clean(to.Name))),
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
		f.tell(lab.T("로그인을 취소했습니다.", "Login canceled."), toneInfo)
		return nil
	case msg.err != nil:
		f.fail(lab.Textf("%s에 연결하지 못했습니다: %s", "could not connect to %s: %s", widget.Clean(msg.to.Name), lab.InFull(msg.err)))
		return nil
	case !f.here(msg.to) || f.snap().Cluster.Phase == lab.Failed:
		return f.goTo(msg.to)
	}
	f.tell(lab.T("자격 증명을 확인했습니다. 곧 다시 연결됩니다.",
		"The credentials work. Reconnecting."), toneGood)
	return nil
}

// goTo leaves for another cluster, after what the labs have left on this one was offered to be deleted.
func (f *chooser) goTo(to lab.Context) tea.Cmd {
	if f.here(to) {
		return f.way.again(to)
	}
	return f.way.leaveFor(to)
}
