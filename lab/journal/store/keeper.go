package store

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"healthlab/lab"
	"healthlab/lab/journal"
)

const (
	// flushEvery is how long an entry may be in memory only.
	flushEvery = time.Second
	// pruneEvery is how many bytes are written between two looks at the folder.
	pruneEvery = 1 << 20
)

// Keeper writes a journal into a file of the folder until the journal ends.
type Keeper struct {
	folder Folder
	reader *journal.Reader
	log    *slog.Logger
	ended  chan struct{} // closed by the goroutine, after which the rest may be read
	err    error

	// Owned by the goroutine.
	file   *os.File
	out    *counted // into file
	buffer *bufio.Writer
	gzip   *gzip.Writer
	enc    *journal.Encoder
	pruned int64 // what had been written when the folder was looked at last
}

// counted counts what is written, and keeps the first error.
type counted struct {
	file *os.File
	n    int64
	err  error
}

// Write implements io.Writer.
func (c *counted) Write(p []byte) (int, error) {
	n, err := c.file.Write(p)
	c.n += int64(n)
	if c.err == nil {
		c.err = err
	}
	return n, err
}

// Keep begins to write what reader, which gets entries, gives from now on. Its end is waited for with Wait.
func (f Folder) Keep(reader *journal.Reader, log *slog.Logger) *Keeper {
	k := &Keeper{folder: f, reader: reader, log: log, ended: make(chan struct{})}
	go func() {
		defer close(k.ended)
		defer reader.Stop()
		if k.err = k.write(); k.err != nil {
			k.err = lab.Errorf(k.err, "이 실행의 저널을 %s에 다 남기지 못했습니다", "the journal of this run could not be kept in %s", f.path)
			log.Warn("keep the journal", "err", k.err)
		}
	}()
	return k
}

// Wait waits until the journal has ended and is written, and says what went wrong.
func (k *Keeper) Wait() error {
	<-k.ended
	return k.err
}

// write writes the whole file.
func (k *Keeper) write() error {
	if err := k.create(time.Now()); err != nil {
		return err
	}
	err := k.follow()
	if err == nil {
		err = k.gzip.Close()
	}
	if err == nil {
		err = k.buffer.Flush()
	}
	return errors.Join(err, k.file.Close())
}

// create makes the file, with its first line in it.
func (k *Keeper) create(now time.Time) (err error) {
	if err := os.MkdirAll(k.folder.path, 0o700); err != nil {
		return err
	}
	for range 10 { // a second console of the same process begins within a second of the first
		k.file, err = os.OpenFile(filepath.Join(k.folder.path, fileName(now, os.Getpid())), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if !errors.Is(err, fs.ErrExist) {
			break
		}
		now = now.Add(time.Second)
	}
	if err != nil {
		return err
	}
	k.out = &counted{file: k.file}
	k.buffer = bufio.NewWriterSize(k.out, 32<<10)
	k.gzip = gzip.NewWriter(k.buffer)
	if k.enc, err = journal.NewEncoder(k.gzip); err == nil {
		err = k.flush()
	}
	if err != nil {
		_ = k.file.Close() // the first error is the one to tell
		return err
	}
	k.prune()
	return nil
}

// follow writes entries until there are no more, or no room for them.
func (k *Keeper) follow() error {
	timer := time.NewTimer(flushEvery)
	defer timer.Stop()
	waiting := false // for the timer, with entries that are in memory only
	for {
		select {
		case <-k.reader.Ready():
			batch, ok := k.reader.Take()
			if !ok {
				return nil
			}
			full, err := k.take(batch)
			if full || err != nil {
				return err
			}
			if !waiting && len(batch.Entries) > 0 {
				timer.Reset(flushEvery)
				waiting = true
			}
		case <-timer.C:
			waiting = false
			if err := k.flush(); err != nil {
				return err
			}
			if k.out.n-k.pruned >= pruneEvery {
				k.prune()
			}
		}
	}
}

// take writes a batch, and reports whether the file is full.
func (k *Keeper) take(batch journal.Batch) (full bool, err error) {
	if n := batch.LostEntries; n > 0 && len(batch.Entries) > 0 {
		first := batch.Entries[0]
		if err := k.omit(journal.Entry{Seq: first.Seq - 1, At: first.At}, n,
			lab.T("healthlab이 저널을 제때 쓰지 못했습니다", "healthlab could not write the journal in time")); err != nil {
			return false, err
		}
	}
	for _, e := range batch.Entries {
		if k.out.n >= k.folder.file {
			return true, k.omit(e, 0, lab.Textf("저널 하나의 한도인 %d MB에 이르러 여기까지만 남겼습니다",
				"the journal ends here, as it has reached its limit of %d MB", k.folder.file>>20))
		}
		err := k.enc.Encode(redacted(e))
		if k.out.err != nil {
			return false, k.out.err
		}
		if err != nil { // too long, or not to be written
			k.log.Warn("keep an entry of the journal", "err", err)
			err = k.omit(e, 1, lab.T("너무 길어서 남길 수 없었습니다", "it was too long to be kept"))
		}
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

// omit says in the file that something is missing, in the place of an entry.
func (k *Keeper) omit(place journal.Entry, entries uint64, why lab.Text) error {
	place.Body = journal.Omitted{Entries: entries, Why: why}
	if err := k.enc.Encode(place); err != nil {
		return fmt.Errorf("say what is missing: %w", err)
	}
	return k.out.err
}

// flush brings everything so far into the file.
func (k *Keeper) flush() error {
	if err := k.gzip.Flush(); err != nil {
		return err
	}
	return k.buffer.Flush()
}

func (k *Keeper) prune() {
	k.pruned = k.out.n
	if err := k.folder.prune(filepath.Base(k.file.Name())); err != nil {
		k.log.Warn("remove old journals", "err", err)
	}
}
