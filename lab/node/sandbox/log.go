package sandbox

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// logMaxBytes and logMaxFiles are the kubelet's defaults of containerLogMaxSize and containerLogMaxFiles.
	logMaxBytes = 10 << 20
	logMaxFiles = 5
	// logLineBytes is the longest line of a log; longer ones are split, as containerd does.
	logLineBytes = 16 << 10
	// logBytesPerSecond slows down a program that prints without end, so that the host's disk stays usable.
	logBytesPerSecond = 8 << 20
)

// containerLog writes the CRI log format: "2026-11-23T13:42:41.123456789Z stdout F text". It rotates the file as the
// kubelet does (pkg/kubelet/logs/container_log_manager.go): the old one is renamed with its time, compressed at the
// next rotation, and removed when there are too many.
type containerLog struct {
	ctx   context.Context // ends with the container: nobody waits for the throttle any more
	path  string
	limit int64

	mu      sync.Mutex
	file    *os.File
	size    int64
	since   time.Time // beginning of the throttle's second
	written int64     // in that second
}

// openLog opens or makes the file; an empty path logs nothing.
func openLog(ctx context.Context, path string, limit int64) (*containerLog, error) {
	if limit <= 0 {
		limit = logMaxBytes
	}
	l := &containerLog{ctx: ctx, path: path, limit: limit}
	if path == "" {
		return l, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("container log: %w", err)
	}
	return l, l.open()
}

func (l *containerLog) open() error {
	file, err := os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o640)
	if err != nil {
		return fmt.Errorf("container log: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(fmt.Errorf("container log: %w", err), file.Close())
	}
	l.file, l.size = file, info.Size()
	return nil
}

func (l *containerLog) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}

// write writes one line without its newline. partial marks a line that goes on.
func (l *containerLog) write(stream string, line []byte, partial bool) {
	tag := " F "
	if partial {
		tag = " P "
	}
	now := time.Now().UTC()
	entry := make([]byte, 0, len(line)+48)
	entry = now.AppendFormat(entry, "2006-01-02T15:04:05.000000000Z07:00")
	entry = append(append(append(append(entry, ' '), stream...), tag...), line...)
	entry = append(entry, '\n')
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return
	}
	if l.size > 0 && l.size+int64(len(entry)) > l.limit {
		l.rotate(now)
	}
	if l.file == nil {
		return
	}
	n, _ := l.file.Write(entry) // a full host disk loses log lines, as on a node
	l.size += int64(n)
	l.throttle(int64(n))
}

func (l *containerLog) throttle(n int64) {
	if time.Since(l.since) > time.Second {
		l.since, l.written = time.Now(), 0
	}
	if l.written += n; l.written < logBytesPerSecond {
		return
	}
	timer := time.NewTimer(time.Until(l.since.Add(time.Second)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-l.ctx.Done():
	}
}

// rotate renames the file and begins a new one; l.mu is held.
func (l *containerLog) rotate(now time.Time) {
	_ = l.file.Close()
	l.file = nil
	old, _ := filepath.Glob(globEscape(l.path) + ".*")
	slices.Sort(old) // by time, as the names end in it
	for _, name := range old {
		if !strings.HasSuffix(name, ".gz") {
			_ = compress(name)
		}
	}
	// The new file and the one renamed now count too.
	for len(old) > logMaxFiles-2 {
		_ = os.Remove(old[0])
		_ = os.Remove(strings.TrimSuffix(old[0], ".gz") + ".gz")
		old = old[1:]
	}
	_ = os.Rename(l.path, l.path+"."+now.Format("20060102-150405.000000000"))
	_ = l.open()
}

// globEscape quotes what filepath.Glob would take for a pattern.
func globEscape(path string) string {
	return strings.NewReplacer("[", "[[]", "*", "[*]", "?", "[?]").Replace(path)
}

func compress(name string) (err error) {
	in, err := os.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(name+".gz", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	z, _ := gzip.NewWriterLevel(out, gzip.BestSpeed)
	if _, err = io.Copy(z, in); err == nil {
		err = z.Close()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return errors.Join(err, os.Remove(name+".gz"))
	}
	return os.Remove(name)
}

// logStream is stdout or stderr of a container: it cuts what is written into lines.
type logStream struct {
	log  *containerLog
	name string

	mu      sync.Mutex
	pending []byte
}

func (s *logStream) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	total := len(b)
	for len(b) > 0 {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			s.pending = append(s.pending, b...)
			b = nil
		} else {
			s.pending = append(s.pending, b[:i]...)
			b = b[i+1:]
		}
		for len(s.pending) > logLineBytes {
			s.log.write(s.name, s.pending[:logLineBytes], true)
			s.pending = append(s.pending[:0], s.pending[logLineBytes:]...)
		}
		if i >= 0 {
			s.log.write(s.name, s.pending, false)
			s.pending = s.pending[:0]
		}
	}
	return total, nil
}

// flush writes an unfinished line, as a part of one, as containerd does (internal/cri/io/logger.go): whoever reads the log
// sees no newline that the program has not written.
func (s *logStream) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pending) > 0 {
		s.log.write(s.name, s.pending, true)
		s.pending = nil
	}
}

// fanout is a container's output: the log, and whoever is attached.
type fanout struct {
	log *logStream

	mu       sync.Mutex
	attached map[io.Writer]struct{}
}

func (f *fanout) Write(b []byte) (int, error) { return f.writeContext(context.Background(), b) }

func (f *fanout) writeContext(ctx context.Context, b []byte) (int, error) {
	if f.log != nil {
		_, _ = f.log.Write(b)
	}
	f.mu.Lock()
	writers := make([]io.Writer, 0, len(f.attached))
	for w := range f.attached {
		writers = append(writers, w)
	}
	f.mu.Unlock()
	for _, w := range writers {
		if cw, ok := w.(contextWriter); ok {
			_, _ = cw.writeContext(ctx, b)
		}
	}
	return len(b), nil
}

func (f *fanout) attach(w io.Writer) (detach func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.attached == nil {
		f.attached = map[io.Writer]struct{}{}
	}
	f.attached[w] = struct{}{}
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.attached, w)
	}
}
