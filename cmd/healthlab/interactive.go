package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/adrg/xdg"

	"healthlab/lab"
	"healthlab/lab/session"
	"healthlab/tui/plain"
)

// interactive runs the labs as plain lines with prompts, from wanted (at most one lab) or where the last run stopped.
func (o *options) interactive(ctx context.Context, labs []lab.Lab, wanted []string, s streams) error {
	if len(wanted) > 1 {
		return misused("--interactive는 실습 하나로 시작합니다. %d개를 지정했습니다: %s", "--interactive starts with one lab, not with %d: %s",
			len(wanted), strings.Join(wanted, ", "))
	}
	first := ""
	if len(wanted) == 1 {
		first = wanted[0]
	}
	log, err := o.openLog()
	if err != nil {
		return err
	}
	defer log.Close()
	answered, err := readAnswers(filepath.Join(o.state, "answers.json"))
	if err != nil {
		return err
	}
	se, err := o.newSession(labs, log, session.Config{
		Lab: first, Resume: first == "", State: filepath.Join(o.state, "progress.json"),
	})
	if err != nil {
		return usageError{err}
	}
	running, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- se.Run(running) }()
	followed := announce(se, labs, o.positionFile(), slog.New(slog.NewTextHandler(log, nil)))
	defer followed.wait()
	err = plain.Run(ctx, plain.Config{
		Lab: followed, Labs: labs, Lang: o.lang, Lines: lines(running, s.in), Out: s.out, Home: xdg.Home, Export: o.export(),
		Answers: answered.all(), OnAnswer: answered.give,
	})
	cancel()
	if !o.real() {
		fmt.Fprintln(s.err, lab.Text{Ko: "클러스터를 정리합니다.", En: "Stopping the cluster."}.In(o.lang))
	}
	return errors.Join(err, <-ended)
}

// lines delivers the lines of in until it ends, ctx ends or a line is longer than anybody types. A read under way cannot
// be called off, so its goroutine may live as long as the process.
func lines(ctx context.Context, in io.Reader) <-chan string {
	out := make(chan string)
	go func() {
		defer close(out)
		for scanner := bufio.NewScanner(in); scanner.Scan(); {
			select {
			case out <- scanner.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}
