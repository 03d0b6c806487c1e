package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/adrg/xdg"
	"golang.org/x/term"

	"healthlab/cmd/internal/terminal"
	"healthlab/cmd/internal/usage"
	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/tui/plain"
)

// interactive runs the labs as plain lines with prompts, from wanted (at most one lab) or where the last run stopped.
func (o *options) interactive(ctx context.Context, labs []lab.Lab, wanted []string, s Streams) error {
	if len(wanted) > 1 {
		return usage.Error{Err: lab.Errorf(nil, "--interactive는 실습 하나로 시작합니다. %d개를 지정했습니다: %s", "--interactive starts with one lab, not with %d: %s",
			len(wanted), strings.Join(wanted, ", "))}
	}
	first := ""
	if len(wanted) == 1 {
		first = wanted[0]
	}
	st, err := o.beginByHand(ctx, labs, first, false, s)
	if err != nil {
		return err
	}
	typing, stop := context.WithCancel(ctx)
	defer stop()
	keys, err := o.newTypist(typing, s)
	if err != nil {
		return errors.Join(err, st.end(o.lang, s))
	}
	err = plain.Run(ctx, plain.Config{
		Lab: st.Session, Labs: labs, Lang: o.lang, Lines: keys.lines, Begun: keys.begun, Edit: keys.edit, Out: s.Out,
		Home: xdg.Home, Export: o.export(),
		Answers: st.answers.all(), OnAnswer: st.answers.give,
		OnLang: func(l lab.Lang) { o.lang = l; st.followed.Speak(l) },
	})
	return errors.Join(err, keys.restore(), st.end(o.lang, s))
}

// typist is what the user types on, and whom it can be lent to.
type typist struct {
	lines <-chan string
	begun <-chan bool
	// edit opens a file in the user's editor; nil without a terminal.
	edit func(ctx context.Context, path string) error
	// restore leaves the terminal as it was found.
	restore func() error
}

// newTypist reads from s.In. If that is a terminal, each key is read as it is pressed, so that what happens in the cluster
// is not told in the middle of a line.
func (o *options) newTypist(ctx context.Context, s Streams) (typist, error) {
	var t typist
	keyboard, ok := s.In.(*os.File)
	if !ok || !term.IsTerminal(int(keyboard.Fd())) {
		t.lines, t.begun = plain.Read(ctx, s.In, nil)
		t.restore = func() error { return nil }
		return t, nil
	}
	release, err := o.guard(s)
	if err != nil {
		return t, err
	}
	restore, err := terminal.EachKey(keyboard)
	if err != nil {
		release()
		return t, err
	}
	t.lines, t.begun = plain.Read(ctx, keyboard, s.Out)
	t.restore = func() error {
		defer release()
		return restore()
	}
	t.edit = func(ctx context.Context, path string) error {
		if err := restore(); err != nil {
			return err
		}
		words := course.Words(editor(), xdg.Home)
		if len(words) == 0 {
			return fmt.Errorf("the command line of the editor cannot be read: %s", editor())
		}
		c := exec.CommandContext(ctx, words[0], append(words[1:], path)...)
		c.Stdin, c.Stdout, c.Stderr = keyboard, os.Stdout, os.Stderr
		err := c.Run()
		_, again := terminal.EachKey(keyboard)
		return errors.Join(err, again)
	}
	return t, nil
}
