package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"healthlab/cmd/internal/language"
	"healthlab/cmd/internal/settings"
	"healthlab/cmd/internal/terminal"
	"healthlab/cmd/internal/usage"
	"healthlab/lab"
)

// Streams are the standard ones, or a test's.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	// Interrupts are the terminal's; nil where there is none.
	Interrupts *terminal.Interrupts
	// Outlet is Out and Err as terminals; nil where nobody keeps them writable.
	Outlet *terminal.Outlet
}

// Exit codes; see the package comment.
const (
	ExitOK          = 0
	ExitFailed      = 1
	ExitUsage       = 2
	ExitInterrupted = 130
)

// Parts are what of Kubernetes itself main hands in, so that the command line compiles and is tested without it.
type Parts struct {
	// Start starts the cluster inside the process. The connection to it is the caller's, and so is its end.
	Start Starter
	// ContextName is the name of that cluster's context in its kubeconfig, by which the console calls it.
	ContextName string
	// Kubectl runs kubectl on the streams. It ends the process where kubectl fails, as kubectl does.
	Kubectl func(s Streams, args []string)
}

// Starter starts a cluster. Once it has returned, ctx has no more to do with the cluster.
type Starter func(ctx context.Context, o StartOptions) (Embedded, error)

// StartOptions say how a cluster is started.
type StartOptions struct {
	// State is the directory below which it keeps its files. It is made if it does not exist.
	State string
	// Log is where the components log to, and Progress is told how far each is; neither is nil.
	Log      io.Writer
	Progress func(lab.Component)
	// FeatureGates are features of Kubernetes that are to be on or off: "Name=true,Other=false".
	FeatureGates string
	// StandIns has stand-ins run in place of images that are not built in.
	StandIns bool
}

// Embedded is a running cluster inside the process. Its methods may be called from any goroutine.
type Embedded interface {
	// Kubeconfig is the path of the file with which clients reach it.
	Kubeconfig() string
	// Done is closed when it has stopped, by itself or by Close; Err then tells why it did by itself.
	Done() <-chan struct{}
	Err() error
	// Close stops it, and removes what it has written.
	Close() error
}

// Run carries out one command line and returns the exit code.
func Run(ctx context.Context, args []string, s Streams, p Parts) int {
	own, _ := settings.Read(settings.File()) // what is wrong with them is told once a command needs them
	o := &options{parts: p, lang: language.Of(args, own.Lang)}
	root := newRoot(s, o) //nolint:contextcheck // cobra hands ctx to the commands
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var misuse usage.Error
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &misuse):
		complain(s.Err, language.ErrorText(err, o.lang))
		return ExitUsage
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return ExitInterrupted
	}
	complain(s.Err, language.ErrorText(err, o.lang))
	return ExitFailed
}

// complain prints what is wrong without what could steer the terminal: a kubeconfig or a server may have had a part in the
// text.
func complain(out io.Writer, problem string) {
	problem = strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, problem)
	fmt.Fprint(out, columns([][]string{{"healthlab: " + problem}}, lineWidth(out)))
}
