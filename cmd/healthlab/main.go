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

	"healthlab/lab/node/images"
	"healthlab/lab/node/shim"
)

// streams are the standard ones, or a test's.
type streams struct {
	in       io.Reader
	out, err io.Writer
	// interrupts are the terminal's; nil where there is none.
	interrupts *interrupts
}

// Exit codes; see the package comment.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	if shim.Called() {
		os.Exit(shim.Serve(images.Table()))
	}
	// A closed stdout is then an error like any other: `healthlab run | head` ends in good order, instead of dying with a
	// cluster's files left behind.
	signal.Ignore(syscall.SIGPIPE)
	noticeDeadLines()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	ctx, end := context.WithCancel(ctx)
	var pressed interrupts
	silence := pressed.listen(end)
	go keepWritable(ctx, os.Stdout, os.Stderr) // until the process has gone
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr, &pressed})
	silence()
	stop()
	os.Exit(code)
}

// noticeDeadLines makes client-go find out within a quarter of a minute that nothing comes any more from an API server: after
// a laptop slept or a VPN was dropped. It has no other settings for that than the environment.
func noticeDeadLines() {
	for name, seconds := range map[string]string{"HTTP2_READ_IDLE_TIMEOUT_SECONDS": "5", "HTTP2_PING_TIMEOUT_SECONDS": "10"} {
		if _, given := os.LookupEnv(name); !given {
			_ = os.Setenv(name, seconds) // fails only for names that are none
		}
	}
}

// run carries out one command line and returns the exit code.
func run(ctx context.Context, args []string, s streams) int {
	settings, _ := readSettings(settingsFile()) // what is wrong with them is told once a command needs them
	o := &options{lang: spoken(args, settings.Lang)}
	root := newRoot(s, o)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		complain(s.err, said(err, o.lang))
		return exitUsage
	case ctx.Err() != nil:
		return exitInterrupted
	}
	complain(s.err, said(err, o.lang))
	return exitFailed
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
