package session

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/lab/fold"
	"healthlab/lab/journal"
)

// start carries out jobs one after the other in a goroutine, each as a task, until one fails. then runs on the owner
// afterwards.
func (s *Session) start(jobs []job, then func()) error {
	if len(s.cancels) >= fold.MaxRunning {
		then()
		return lab.Errorf(nil, "실행 중인 작업이 너무 많습니다", "too many tasks are running")
	}
	ctx, cancel := context.WithCancel(s.ctx)
	id := s.addTask(jobs[0], cancel)
	link := s.link
	s.work.Go(func() {
		defer cancel()
		for i, j := range jobs {
			began := time.Now()
			code, err := s.carryOut(ctx, link, id, j)
			took := time.Since(began)
			next := make(chan uint64, 1) // 0: it was the last
			// In one go, so that no snapshot shows a step between two commands as at rest.
			ended := id
			s.inbox.put(func() {
				s.onTaskEnd(ctx, ended, took, code, err)
				if err != nil || i == len(jobs)-1 {
					then()
					next <- 0
					return
				}
				next <- s.addTask(jobs[i+1], cancel)
			})
			select {
			case id = <-next:
			case <-s.ctx.Done():
				return
			}
			if id == 0 {
				return
			}
		}
	})
	return nil
}

// addTask shows a task as running.
func (s *Session) addTask(j job, cancel context.CancelFunc) uint64 {
	s.lastTask++
	s.cancels[s.lastTask] = cancel
	s.record(journal.TaskStarted{Task: lab.Task{
		ID: s.lastTask, Action: j.action, Of: j.of, Title: j.title, Line: j.line, State: lab.TaskRunning, Started: time.Now(),
	}})
	return s.lastTask
}

// print adds to a task's output.
func (s *Session) print(id uint64, text string) {
	s.inbox.put(func() { s.record(journal.TaskPrinted{Task: id, Text: text}) })
}

// note says what a task has done.
func (s *Session) note(id uint64, text lab.Text) {
	s.inbox.put(func() {
		s.record(journal.TaskNoted{Task: id, Note: text.Homely(s.config.Home)})
	})
}

// carryOut does one job, in the task's goroutine.
func (s *Session) carryOut(ctx context.Context, link Cluster, id uint64, j job) (code int, err error) {
	if j.write != "" {
		return 0, s.write(id, j.write, j.variant)
	}
	out := &lines{grep: j.grep, print: func(text string) { s.print(id, text) }}
	if len(j.adopt) > 0 {
		err := link.Adopt(ctx, j.adopt, out)
		out.flush()
		if err == nil && !link.Info().DryRun {
			s.note(id, lab.T("넘겨받았습니다. 멈춘 명령을 다시 실행할 수 있습니다", "adopted; the blocked command can be run again"))
		}
		return 0, err
	}
	run := link.Act
	if j.typed {
		run = link.Kubectl
	}
	code, err = run(ctx, j.args, out)
	out.flush()
	switch {
	case err != nil || code == 0:
		return code, err
	case slices.ContainsFunc(j.tolerate, func(reason string) bool {
		return bytes.Contains(out.tail, []byte("("+reason+")"))
	}):
		return code, nil
	case differs(j.args, code, out.tail):
		s.note(id, lab.T("클러스터에 있는 것과 다릅니다", "it differs from what is on the cluster"))
		return code, nil
	}
	err = failure(out.tail, code)
	if j.grep != "" {
		return code, lab.Errorf(nil, "%s", "%s", err) // the line may have been left out
	}
	return code, err
}

// differs reports whether kubectl diff has ended with the code by which it tells of a difference. An error that it has not
// heard of itself, such as an unknown flag, has the same code.
func differs(args []string, code int, output []byte) bool {
	return len(args) > 0 && args[0] == "diff" && code == 1 && !bytes.Contains(append([]byte("\n"), output...), []byte("\nerror: "))
}

// failure tells what kubectl complained about last.
func failure(output []byte, code int) error {
	text := strings.TrimSpace(string(output))
	if _, conflict, ok := strings.Cut(text, "error: Apply failed with "); ok {
		// A page of advice on kubectl's flags follows.
		conflict, _, _ = strings.Cut(conflict, "\nPlease review")
		return lab.Errorf(nil, "다른 사람이 바꾼 필드와 충돌합니다: %s. 매니페스트를 그 값에 맞추거나, 넘겨받으려면 "+
			"kubectl apply --server-side --force-conflicts를 직접 입력하십시오",
			"somebody else has changed the same fields: %s; bring the manifest in line with them, or take them over by typing "+
				"kubectl apply --server-side --force-conflicts", strings.Join(strings.Fields(conflict), " "))
	}
	text = text[strings.LastIndexByte(text, '\n')+1:]
	if text == "" {
		return lab.Errorf(nil, "종료 코드 %d", "exit code %d", code)
	}
	return printed(text)
}

// printed is an error in the words of a command's output.
type printed string

func (p printed) Error() string { return string(p) }

func (s *Session) onTaskEnd(ctx context.Context, id uint64, took time.Duration, code int, err error) {
	delete(s.cancels, id)
	t := s.state.Task(id)
	if t == nil {
		return
	}
	end := journal.TaskEnded{Task: id, Took: took, ExitCode: code}
	fact := lab.Fact{Command: lab.FactTask{ID: id, Title: t.Title, Line: t.Line}}
	switch {
	case err == nil:
		end.State, fact.Kind = lab.TaskDone, lab.FactCommand
	case errors.Is(err, context.Canceled) || ctx.Err() != nil:
		end.State, fact.Kind = lab.TaskCanceled, lab.FactCommandCut
		end.Problem = lab.T("취소했습니다", "canceled")
	default:
		end.State, end.Problem, fact.Kind = lab.TaskFailed, lab.InFull(err).Homely(s.config.Home), lab.FactCommandFailed
		fact.Problem = end.Problem
		errors.As(err, &end.Foreign)
		_, end.Told = errors.AsType[printed](err)
	}
	s.record(end)
	s.tell(fact)
}

// write puts a manifest into the working directory unless a file of that name is there: what a student edited is theirs.
func (s *Session) write(id uint64, name string, v variant) error {
	failed := func(err error) error {
		return lab.Errorf(err, "%[2]s 디렉터리에 %[1]s 파일을 쓸 수 없습니다. --dir로 다른 디렉터리를 고를 수 있습니다",
			"cannot write %[1]s into %[2]s; --dir chooses another directory", name, s.config.Dir)
	}
	manifest, err := v.of(s.config.Manifests, name)
	if err != nil {
		return failed(err)
	}
	path := filepath.Join(s.config.Dir, name)
	if err := os.MkdirAll(s.config.Dir, 0o755); err != nil {
		return failed(err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		kept, err := os.ReadFile(path)
		switch {
		case err != nil:
			return failed(err)
		case bytes.Equal(kept, manifest):
			s.note(id, lab.Textf("이미 있는 %s 파일을 그대로 씁니다", "the file %s already existed and is used unchanged", path))
		case untouched(s.config.Manifests, name, v.registry, kept):
			if err := os.WriteFile(path, manifest, 0o644); err != nil {
				return failed(err)
			}
			s.note(id, lab.Textf("이 클러스터에 맞게 %s 파일을 다시 썼습니다", "rewrote the file %s for this cluster", path))
		case elsewhereNamespace(kept, v.namespace) != "":
			return lab.Errorf(nil, "%[1]s 파일은 네임스페이스 %[2]s에 맞게 고친 것입니다. 지우거나 옮기거나 --dir로 다른 디렉터리를 고르십시오",
				"%[1]s was edited for namespace %[2]s; delete or move it, or choose another directory with --dir",
				path, elsewhereNamespace(kept, v.namespace))
		default:
			s.note(id, lab.Textf("직접 고친 %s 파일을 그대로 둡니다", "left the file %s as you edited it", path))
		}
		return nil
	}
	if err != nil {
		return failed(err)
	}
	_, err = file.Write(manifest)
	if err := errors.Join(err, file.Close()); err != nil {
		return failed(err)
	}
	s.note(id, lab.Textf("%s 파일을 만들었습니다", "wrote the file %s", path))
	return nil
}

// lines is a writer that passes on whole lines, those with grep in them if it is set, and keeps the last bytes of all.
type lines struct {
	grep  string
	print func(string)
	rest  []byte // an unfinished line
	tail  []byte
}

// ttyNotice is what kubectl remarks about -it when it has no terminal, as here; it says nothing about the command.
const ttyNotice = "Unable to use a TTY - input is not a terminal"

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.tail = append(l.tail, p...)
	l.tail = l.tail[max(len(l.tail)-4<<10, 0):]
	l.rest = append(l.rest, p...)
	end := bytes.LastIndexByte(l.rest, '\n') + 1
	l.pass(l.rest[:end])
	l.rest = bytes.Clone(l.rest[end:])
	return len(p), nil
}

func (l *lines) flush() {
	l.pass(l.rest)
	l.rest = nil
}

func (l *lines) pass(text []byte) {
	var out strings.Builder
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, l.grep) && !strings.HasPrefix(line, ttyNotice) {
			out.WriteString(line)
		}
	}
	if out.Len() > 0 {
		l.print(out.String())
	}
}
