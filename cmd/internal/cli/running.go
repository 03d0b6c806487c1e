package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"golang.org/x/term"

	"healthlab/cmd/internal/notes"
	"healthlab/cmd/internal/usage"
	"healthlab/lab"
	"healthlab/lab/cluster"
	"healthlab/lab/session"
)

// running is a session under way, with the files that it keeps.
type running struct {
	*session.Session
	ctx     context.Context // the session's
	log     *slog.Logger
	logFile *os.File
	cancel  context.CancelFunc
	ended   chan error
	client  *cluster.Client // nil for the embedded cluster, which has none yet
}

// begin starts a session on the cluster that the flags choose. A credential plug-in that has to ask for something does so
// first. The session must be ended with end.
func (o *options) begin(
	ctx context.Context, labs []lab.Lab, config session.Config, s Streams,
) (r *running, err error) {
	switch err := o.logIn(ctx, s); {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		return nil, usage.Error{Err: err}
	}
	r = &running{ended: make(chan error, 1)}
	if r.logFile, err = o.openLog(); err != nil {
		return nil, err
	}
	r.log = slog.New(slog.NewTextHandler(r.logFile, nil))
	if r.Session, r.client, err = o.newSession(labs, r.log, r.logFile, config); err != nil {
		r.logFile.Close()
		return nil, usage.Error{Err: err}
	}
	if r.client != nil {
		info := r.client.Info()
		fmt.Fprintln(s.Err, lab.Textf("클러스터 %s(%s)에 연결하는 중 …", "connecting to cluster %s (%s) …",
			lab.Printable(info.Name), lab.Printable(info.Server)).In(o.lang))
	}
	r.ctx, r.cancel = context.WithCancel(ctx)
	go func() { r.ended <- r.Run(r.ctx) }()
	return r, nil
}

// end stops the session and waits for it. On the embedded cluster that takes a moment, which is told.
func (r *running) end(lang lab.Lang, s Streams) error {
	r.cancel()
	if r.client == nil {
		fmt.Fprintln(s.Err, stopping(lang))
	}
	return errors.Join(<-r.ended, r.logFile.Close())
}

// byHand is a session that somebody does by hand: it leaves its position for the speaker notes, and keeps the progress
// and the answers for the next run.
type byHand struct {
	*running
	followed *notes.Announced
	answers  *answers
}

// beginByHand is begin with the lab to start with; empty for where the last run stopped, unless fresh.
func (o *options) beginByHand(
	ctx context.Context, labs []lab.Lab, first string, fresh bool, s Streams,
) (*byHand, error) {
	answered, err := readAnswers(filepath.Join(o.state, "answers.json"))
	if err != nil {
		return nil, err
	}
	r, err := o.begin(ctx, labs, session.Config{
		Lab: first, Resume: first == "" && !fresh, State: filepath.Join(o.state, "progress.json"),
	}, s)
	if err != nil {
		return nil, err
	}
	return &byHand{r, notes.Announce(r.Session, labs, o.lang, o.positionFile(), r.log), answered}, nil
}

// end stops the session and waits for it and for whoever follows it.
func (st *byHand) end(lang lab.Lang, s Streams) error {
	err := st.running.end(lang, s)
	st.followed.Wait()
	return err
}

// logIn lets the credential plug-in of the chosen cluster, if it has one, ask on the terminal. That the server does not
// answer is no error: it may come back.
func (o *options) logIn(ctx context.Context, s Streams) error {
	if !o.real() || o.loggedIn || !term.IsTerminal(int(os.Stdin.Fd())) {
		return nil
	}
	how, err := o.config(o.kubeconfig, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	client, err := cluster.Open(how)
	if err != nil {
		return err
	}
	client.Close()
	if !client.HasPlugin() {
		return nil
	}
	fmt.Fprintln(s.Err, lab.Textf("%s에 로그인하는 중 … (Ctrl-C: 끝내기)", "logging in to %s … (Ctrl-C ends)",
		lab.Printable(client.Info().Name)).In(o.lang))
	err = cluster.Login(ctx, how)
	if errors.Is(err, cluster.ErrCredentials) {
		return err
	}
	return nil
}
