package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/adrg/xdg"
	"github.com/spf13/cobra"

	"healthlab/cmd/internal/usage"
	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/journal"
	"healthlab/lab/journal/store"
	"healthlab/lab/replay"
	"healthlab/lab/session"
	"healthlab/tui"
	"healthlab/tui/repaint"
	"healthlab/tui/theme"
)

// newReplay shows an earlier run.
func newReplay(o *options, s Streams) *cobra.Command {
	var list bool
	var co consoleOptions
	lang := o.lang
	c := &cobra.Command{
		Use:   lab.T("replay [파일]", "replay [file]").In(lang),
		Short: lab.T("지난 실행을 콘솔에서 다시 봅니다", "Watch an earlier run again on the console").In(lang),
		Long: lab.T(`실행할 때마다 남는 저널을 콘솔에서 재생합니다. 파일이 없으면 가장 최근의 실행입니다. 클러스터나 네트워크는 필요
없습니다. 멈추거나 60배까지 빠르게 하거나 사건에서 사건으로 건너뛸 수 있고, 클러스터에는 아무것도 할 수 없습니다.

출력이 터미널이 아니면 일어난 일을 한 줄씩 출력합니다. 저널은 최근 실행 10개까지, 모두 합해 64 MB까지 남습니다.`,
			`Each run leaves a journal, which this shows on the console: the newest one, or the file that you name.
It needs no cluster and no network. Pause, play up to 60 times faster, go from event to event; nothing
can be done to the cluster.

Without a terminal it prints what happened, one line each. The journals of the last ten runs are kept, at
most 64 MB together.`).In(lang),
		Example: lab.T(`  healthlab replay
  healthlab replay --list
  healthlab replay | less      # 콘솔 없이 한 줄씩`, `  healthlab replay
  healthlab replay --list
  healthlab replay | less      # line by line, without the console`).In(lang),
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 || list && len(args) > 0 {
				return usage.NoArguments(c, args[len(args)-1:])
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if list {
				return o.listJournals(s)
			}
			if err := co.checkTheme(); err != nil {
				return err
			}
			return o.replay(c.Context(), strings.Join(args, ""), co, s)
		},
	}
	c.ValidArgsFunction = o.completeJournals
	co.addLook(c.Flags(), lang)
	c.Flags().BoolVar(&list, "list", false, lab.T("남아 있는 저널의 목록을 출력하고 끝냅니다", "list the journals that are kept and stop").In(lang))
	return c
}

// listJournals prints a line for each journal that is kept.
func (o *options) listJournals(s Streams) error {
	kept, err := o.journals().List()
	if err != nil {
		return err
	}
	if len(kept) == 0 {
		_, err := o.journals().Find("") // says that there is none
		return err
	}
	rows := [][]string{{
		lab.T("시작", "STARTED").In(o.lang), lab.T("길이", "LENGTH").In(o.lang), lab.T("파일", "FILE").In(o.lang), lab.T("실습", "LABS").In(o.lang),
	}}
	for _, one := range kept {
		length, labs := "", ""
		if summary, err := summarize(one); err != nil {
			labs = lab.Printable(lab.Brief(err).In(o.lang))
		} else {
			length, labs = replay.Clock(summary.To.Sub(summary.From)), lab.Printable(strings.Join(summary.Labs, ", "))
		}
		rows = append(rows, []string{one.Started.Local().Format(time.DateTime), length, one.Name, labs})
	}
	_, err = fmt.Fprint(s.Out, columns(rows, lineWidth(s.Out)))
	return err
}

func summarize(one store.Kept) (journal.Summary, error) {
	file, err := os.Open(one.Path)
	if err != nil {
		return journal.Summary{}, err
	}
	defer func() { _ = file.Close() }() // only read from
	return journal.Summarize(file)
}

// large is the size of a journal, in bytes, that takes a while to read.
const large = 4 << 20

// replay shows a journal: a file, or the name of one that is kept; empty for the newest.
func (o *options) replay(ctx context.Context, name string, co consoleOptions, s Streams) error {
	path, err := o.journals().Find(name)
	if err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil && info.Size() > large {
		fmt.Fprintln(s.Err, lab.T("저널을 읽는 중 …", "reading the journal …").In(o.lang))
	}
	recording, err := readRecording(ctx, path)
	if err != nil {
		return lab.Errorf(err, "%s 저널을 재생할 수 없습니다", "cannot replay the journal %s", path)
	}
	labs, err := o.load()
	if err != nil {
		return err
	}
	recording.Compare(labs)
	labs = asRecorded(labs, recording.Labs)
	if checkTerminal() != nil {
		return o.tellRecording(recording, labs, s)
	}
	return o.replayConsole(ctx, recording, labs, path, co, s)
}

func readRecording(ctx context.Context, path string) (*replay.Recording, error) {
	file, err := store.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // only read from
	return replay.Read(ctx, file)
}

// asRecorded is the labs in the order in which a recording counts them. One that is not here any more has only its name.
func asRecorded(labs []lab.Lab, recorded []string) []lab.Lab {
	if len(recorded) == 0 {
		return labs
	}
	var out []lab.Lab
	for _, id := range recorded {
		if i := slices.IndexFunc(labs, func(l lab.Lab) bool { return l.ID == id }); i >= 0 {
			out = append(out, labs[i])
			continue
		}
		out = append(out, lab.Lab{ID: id, Title: lab.Same(lab.Printable(id))})
	}
	return out
}

// tellRecording prints what was told, one line each, with the time since the start.
func (o *options) tellRecording(r *replay.Recording, labs []lab.Lab, s Streams) error {
	for at, fact := range r.Facts() {
		line := strings.ReplaceAll(strings.TrimSpace(course.Tell(labs, fact).Line().In(o.lang)), "\n", " ")
		_, err := fmt.Fprintf(s.Out, "%8s  %s\n", replay.Clock(at), lab.Printable(line))
		if errors.Is(err, syscall.EPIPE) {
			return nil // who reads has seen enough
		}
		if err != nil {
			return fmt.Errorf("print what happened: %w", err)
		}
	}
	for _, missing := range r.Missing {
		complain(s.Err, missing.In(o.lang))
	}
	return nil
}

// replayConsole opens the console on a recording of the journal at a path.
func (o *options) replayConsole(ctx context.Context, r *replay.Recording, labs []lab.Lab, path string, co consoleOptions, s Streams) error {
	fillIn(o.settings, o, &co)
	answers, err := o.answersKept() // a journal does not hold them
	if err != nil {
		return err
	}
	release, err := o.guard(s)
	if err != nil {
		return err
	}
	defer release()
	player := replay.New(r, func(cluster lab.Cluster, name string) (string, error) {
		return session.Config{Manifests: o.manifests(), Registry: o.registry, Cluster: cluster, Owner: owner()}.Manifest(cluster, name)
	})
	player.Toggle()
	ctx, cancel := context.WithCancel(ctx)
	var playing sync.WaitGroup
	playing.Go(func() { player.Run(ctx) })
	_, err = tui.Run(ctx, tui.Config{
		Lab: player, Replay: player, Labs: labs, Lang: o.lang, Theme: theme.Name(co.theme), ASCII: co.ascii, Keys: o.settings.Keys,
		Answers: answers, Home: xdg.Home, Namespace: o.namespace, CopyFile: filepath.Join(o.state, "clipboard.txt"),
		Report: o.reporter(func() (string, error) { return path, nil }, labs, o.answersKept),
	}, tea.WithOutput(repaint.NewTerminal(os.Stdout, os.Stdout)))
	cancel()
	playing.Wait()
	return err
}
