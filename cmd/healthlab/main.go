package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"healthlab/cmd/internal/cli"
	"healthlab/cmd/internal/terminal"
	"healthlab/lab/node/images"
	"healthlab/lab/node/shim"
)

func main() {
	if shim.Called() {
		os.Exit(shim.Serve(images.Runnable()))
	}
	// A closed stdout is then an error like any other: `healthlab run | head` ends in good order, instead of dying with a
	// cluster's files left behind.
	signal.Ignore(syscall.SIGPIPE)
	noticeDeadLines()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	ctx, end := context.WithCancel(ctx)
	var pressed terminal.Interrupts
	silence := pressed.Listen(end)
	var outlet terminal.Outlet
	go outlet.KeepWritable(ctx, os.Stdout, os.Stderr) // until the process has gone
	code := cli.Run(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Interrupts: &pressed, Outlet: &outlet}, parts())
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
