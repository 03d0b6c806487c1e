// Package entrypoint is what the entry points of the database images have in common: variables that may be in a file, and
// scripts that are run once. It owns no state.
package entrypoint

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"healthlab/lab/node/sandbox"
)

// InitDir is where an image's users leave what is to be done once.
const InitDir = "/docker-entrypoint-initdb.d"

// maxFile is how much of a small file is read.
const maxFile = 64 << 10

// ErrBoth says that a variable and its file are both given.
var ErrBoth = errors.New("both are set (but are exclusive)")

// Variable is a variable of the environment, or what the file holds that the variable with _FILE names. The error is ErrBoth
// or that of reading the file.
func Variable(p *sandbox.Process, name string) (string, error) {
	value, file := p.Getenv(name), p.Getenv(name+"_FILE")
	switch {
	case file == "":
		return value, nil
	case value != "":
		return "", ErrBoth
	}
	data, err := p.FS().ReadFile(p.Path(file), maxFile)
	if err != nil {
		return "", fmt.Errorf("%s: %s", file, Why(err))
	}
	return strings.TrimRight(string(data), "\n"), nil
}

// Scripts runs the shell scripts of InitDir and tells of each file what becomes of it: running, not running or ignoring. It
// returns the code of the first that fails.
func Scripts(ctx context.Context, p *sandbox.Process, tell func(what, name string)) int {
	files, _ := p.FS().ReadDir(InitDir) // without it there are none
	for _, f := range files {
		name := InitDir + "/" + f.Name()
		switch {
		case strings.HasSuffix(name, ".sh"):
			tell("running", name)
			child, err := p.Start(sandbox.Command{Path: "/bin/bash", Args: []string{"bash", name}})
			if err != nil {
				fmt.Fprintf(p.Stderr, "%s: %v\n", name, err)
				return 1
			}
			select {
			case <-child.Done():
			case <-ctx.Done():
				return 1
			}
			if code := child.ExitCode(); code != 0 {
				return code
			}
		case strings.Contains(name, ".sql"):
			tell("not running", name)
		default:
			tell("ignoring", name)
		}
	}
	return 0
}

// Become replaces the process by the command.
func Become(p *sandbox.Process, args []string) int {
	code, err := p.Exec(sandbox.Command{Path: args[0], Args: args})
	var failed *sandbox.StartError
	if errors.As(err, &failed) {
		why := "not found"
		if failed.Code == 126 { //nolint:mnd // what a shell says about a file that is no program
			why = "cannot execute: Permission denied"
		}
		fmt.Fprintf(p.Stderr, "/usr/local/bin/docker-entrypoint.sh: exec: %s: %s\n", args[0], why)
		return failed.Code
	}
	return code
}

// Why is the system's word for an error.
func Why(err error) string {
	var errno sandbox.Errno
	if errors.As(err, &errno) {
		return string(errno)
	}
	return err.Error()
}
