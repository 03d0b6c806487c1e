package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	pb "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/server/v3/embed"
	"go.uber.org/zap"

	"healthlab/lab"
)

func TestUnusable(t *testing.T) {
	full := &fs.PathError{Op: "write", Path: "/state/db", Err: syscall.ENOSPC}
	for _, c := range []struct {
		name string
		err  error
		want string // of the sentence
		last string // of the whole error
	}{
		{"a full disk", fmt.Errorf("etcd: %w", full), "is full: make room", "etcd: write /state/db: no space left on device"},
		{"a quota", syscall.EDQUOT, "is full: make room", "disk quota exceeded"},
		{"what follows from it", errors.Join(full, errors.New("not stopped in time")), "is full: make room", "no space left on device"},
		{"a path", syscall.ENAMETOOLONG, "choose a shorter one with --state-dir", "file name too long"},
		{"a disk that cannot be written to", syscall.EROFS, "choose another one with --state-dir", "read-only file system"},
		{"somebody else's directory", fs.ErrPermission, "choose another one with --state-dir", "permission denied"},
		{"open files", fmt.Errorf("x: %w", syscall.EMFILE), "ulimit -n", "too many open files"},
		{"memory", syscall.ENOMEM, "ulimit -v", "cannot allocate memory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := unusable("/state", c.err)
			var told *lab.Error
			if !errors.As(err, &told) {
				t.Fatalf("%v is not told in both languages", err)
			}
			if !strings.Contains(told.Msg.En, c.want) || !strings.Contains(told.Msg.En, "/state") {
				t.Errorf("said %q, want %q of /state", told.Msg.En, c.want)
			}
			if !strings.Contains(told.Msg.Ko, "십시오") || !strings.Contains(told.Msg.Ko, "/state") {
				t.Errorf("said %q in Korean", told.Msg.Ko)
			}
			if !strings.HasSuffix(err.Error(), c.last) {
				t.Errorf("error %q, want the cause %q last", err, c.last)
			}
		})
	}
	other := errors.Join(errors.New("no room"), errors.New("not stopped in time"))
	if got, want := message(unusable("/state", other)), message(other); got != want {
		t.Errorf("%q became %q", want, got)
	}
}

func TestLimitTooLow(t *testing.T) {
	l := limit{0, "-v", lab.T("가상 메모리", "virtual memory"), 1 << 10, 4 << 30}
	got, want := l.tooLow(2<<30).Error(), "the limit on virtual memory (ulimit -v) is 2097152, but the embedded cluster needs 4194304: "+
		"raise it with `ulimit -v 4194304` and start again"
	if got != want {
		t.Errorf("said %q, want %q", got, want)
	}
}

// TestEtcdCannotStart has etcd give up in the goroutine that starts it.
func TestEtcdCannotStart(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "etcd", "member", "snap", "db"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, _, err := startEtcd(t.Context(), dir, &pki{}, io.Discard)
	if !errors.Is(err, syscall.EISDIR) || !strings.Contains(message(err), "failed to open database") {
		t.Errorf("error %v, want that its database is a directory", err)
	}
}

// TestEtcdGivesUp takes the directory away into which a running etcd writes: its log does not fit into the files that it has
// made beforehand.
func TestEtcdGivesUp(t *testing.T) {
	dir := t.TempDir()
	words := newLastWords()
	cfg := embed.NewConfig()
	cfg.Dir = filepath.Join(dir, "etcd")
	cfg.ZapLoggerBuilder = embed.NewZapLoggerBuilder(
		etcdLogger(io.Discard).WithOptions(zap.WithFatalHook(words), zap.WithPanicHook(words)))
	client := url.URL{Scheme: "unix", Path: filepath.Join(dir, "etcd.sock")}
	cfg.ListenClientUrls, cfg.AdvertiseClientUrls, cfg.ListenPeerUrls = []url.URL{client}, []url.URL{client}, nil
	server, err := embedEtcd(cfg, words)
	if err != nil {
		t.Fatal(err)
	}
	<-server.Server.ReadyNotify()
	if err := os.RemoveAll(cfg.Dir); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	go func() {
		defer cancel()
		value := make([]byte, 1<<20)
		for range 1 << 10 {
			if _, err := server.Server.Put(ctx, &pb.PutRequest{Key: []byte("key"), Value: value}); err != nil {
				return
			}
		}
	}()
	select {
	case err := <-words.said:
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("it gave up because of %v, want the missing directory", err)
		}
	case <-ctx.Done():
		t.Fatal("it wrote a gigabyte into a directory that there is not")
	}
	if err := closeEtcd(t.Context(), server, words); err != nil {
		t.Errorf("close: %v", err)
	}
}
