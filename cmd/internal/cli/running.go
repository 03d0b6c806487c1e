package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/adrg/xdg"
	"golang.org/x/term"
	"k8s.io/klog/v2"

	"healthlab/cmd/internal/language"
	"healthlab/cmd/internal/notes"
	"healthlab/cmd/internal/usage"
	"healthlab/lab"
	"healthlab/lab/cluster"
	"healthlab/lab/journal"
	"healthlab/lab/journal/store"
	"healthlab/lab/session"
)

// running is a session under way, with the files that it keeps.
type running struct {
	*session.Session
	log     *slog.Logger
	logFile *os.File
	cancel  context.CancelFunc
	ended   chan error
	client  *cluster.Client // nil for the embedded cluster, which has none yet
	kept    *store.Keeper   // its journal
}

// begin starts a session on the cluster that the flags choose. A credential plug-in that has to ask for something does so
// first. The session must be ended with end.
func (o *options) begin(
	ctx context.Context, labs []lab.Lab, config session.Config, s Streams,
) (r *running, err error) {
	if config.Probing, err = o.probing(); err != nil {
		return nil, err
	}
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
	r.kept = o.journals().Keep(r.Subscribe(journal.WithEntries()), r.log)
	ctx, r.cancel = context.WithCancel(ctx)
	go func() { r.ended <- r.Run(ctx) }()
	return r, nil
}

// journals is where the journals of all runs are kept.
func (o *options) journals() store.Folder { return store.In(filepath.Join(o.state, "journals")) }

// end stops the session and waits for it. On the embedded cluster that takes a moment, which is told.
func (r *running) end(lang lab.Lang, s Streams) error {
	r.cancel()
	if r.client == nil {
		fmt.Fprintln(s.Err, stopping(lang))
	}
	err := <-r.ended
	if lacks := r.kept.Wait(); lacks != nil {
		fmt.Fprintln(s.Err, lab.Printable(language.ErrorText(lacks, lang))) // no reason to say that the run has failed
	}
	return errors.Join(err, r.logFile.Close())
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
	fmt.Fprintln(s.Err, lab.Textf("%s에 로그인하는 중 … (Ctrl-C: 끝내기)", "logging in to %s … (Ctrl-C quits)",
		lab.Printable(client.Info().Name)).In(o.lang))
	err = cluster.Login(ctx, how)
	if errors.Is(err, cluster.ErrCredentials) {
		return err
	}
	return nil
}

// newSession wires a session to the cluster that the flags choose. The client is nil for the embedded one.
func (o *options) newSession(
	labs []lab.Lab, log *slog.Logger, components io.Writer, config session.Config,
) (*session.Session, *cluster.Client, error) {
	dir, err := filepath.Abs(o.dir)
	if err != nil {
		return nil, nil, fmt.Errorf("resolve the working directory %s: %w", o.dir, err)
	}
	if strings.Contains(dir, ",") {
		return nil, nil, usage.Error{Err: lab.Errorf(nil, "kubectl은 작업 디렉터리 %s의 쉼표를 파일 이름의 구분으로 읽습니다. --dir로 다른 디렉터리를 고르십시오",
			"kubectl reads the comma in the working directory %s as a separator between file names: choose another directory with --dir", dir)}
	}
	config.Labs, config.Manifests, config.Dir, config.Log = labs, o.manifests(), dir, log
	config.Owner, config.Home = owner(), xdg.Home
	if !o.real() {
		config.Cluster = lab.Cluster{Name: o.parts.ContextName, Namespace: o.namespace}
		config.Connect = o.connectEmbedded(components, log)
		return session.New(config), nil, nil
	}
	config.Registry = o.registry
	// The libraries of Kubernetes would write onto the screen. The embedded cluster sees to that by itself.
	klog.SetSlogLogger(log)
	how, err := o.config(o.kubeconfig, log)
	if err != nil {
		return nil, nil, err
	}
	how.NoPrompt = true // the terminal is the console's by now; see logIn
	client, err := cluster.Open(how)
	if err != nil {
		return nil, nil, err
	}
	config.Cluster = client.Info()
	config.Connect = func(ctx context.Context, _ func(lab.Component)) (session.Cluster, error) {
		// A server that does not answer yet may come back; a plug-in that hangs would hold up everything.
		if _, err := client.Version(ctx); errors.Is(err, cluster.ErrHangs) {
			return nil, err
		}
		return client, nil
	}
	return session.New(config), client, nil
}

// openLog opens the file that healthlab and the components of the embedded cluster write to. A file that has become large
// is put aside first.
func (o *options) openLog() (*os.File, error) {
	const large = 16 << 20
	if err := os.MkdirAll(o.state, 0o700); err != nil {
		return nil, lab.Errorf(err, "%s 상태 디렉터리를 만들 수 없습니다. --state-dir로 다른 디렉터리를 지정하십시오",
			"cannot create the state directory %s: choose another one with --state-dir", o.state)
	}
	path := filepath.Join(o.state, "healthlab.log")
	if info, err := os.Stat(path); err == nil && info.Size() > large {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, fmt.Errorf("put the old log aside: %w", err)
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, lab.Errorf(err, "%s 로그를 열 수 없습니다. --state-dir로 다른 디렉터리를 지정하십시오",
			"cannot open the log %s: choose another directory with --state-dir", path)
	}
	return f, nil
}
