package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"unicode"

	"github.com/spf13/pflag"
)

// streams are the standard ones, or a test's.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// Exit codes; see the package comment.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// usageError is a mistake in how the program was called, as opposed to something that went wrong.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func main() {
	// A closed stdout is then an error like any other: `healthlab run | head` ends in good order, instead of dying with a
	// cluster's files left behind.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// run carries out one command line and returns the exit code.
func run(ctx context.Context, args []string, s streams) int {
	// Kubernetes' packages register flags of their own, --version among them, for every cobra command of the process.
	pflag.CommandLine = pflag.NewFlagSet("healthlab", pflag.ContinueOnError)
	root := newRoot(s)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		complain(s.err, err)
		return exitUsage
	case ctx.Err() != nil:
		return exitInterrupted
	}
	complain(s.err, err)
	return exitFailed
}

// complain prints an error without what could steer the terminal: a kubeconfig or a server may have had a part in its text.
func complain(out io.Writer, err error) {
	fmt.Fprintln(out, "healthlab:", strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, err.Error()))
}
