package sandbox

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// File is an open file of a container. Writes count against the container's disk.
type File struct {
	name  string
	os    *os.File
	info  func() (fs.FileInfo, error)
	quota *quota
	mode  int

	virtual io.ReadWriter // instead of os, for /dev and /proc

	mu sync.Mutex // keeps size and quota in step within this file

	holders atomic.Int32 // processes that began with it, besides who has opened it
	closed  atomic.Bool  // by who has opened it
}

// retain and release make a File a holder: it stays open until the last process that has it is done with it.
func (f *File) retain()  { f.holders.Add(1) }
func (f *File) release() { _ = f.drop() }

func (f *File) drop() error {
	if f.holders.Add(-1) >= 0 {
		return nil
	}
	if f.virtual != nil {
		if c, ok := f.virtual.(io.Closer); ok {
			return c.Close()
		}
		return nil
	}
	return pathError("close", f.name, f.os.Close())
}

// Open opens a file for reading.
func (f *FS) Open(name string) (*File, error) { return f.OpenFile(name, os.O_RDONLY, 0) }

// OpenFile is as os.OpenFile.
func (f *FS) OpenFile(name string, flag int, mode fs.FileMode) (*File, error) {
	if name == "" {
		return nil, pathError("open", name, ENOENT)
	}
	clean, err := f.Resolve(name, true)
	if err != nil {
		return nil, err
	}
	if f.virtual != nil {
		if v, ok := f.virtual(clean); ok {
			rw, err := v.openFile(flag)
			if err != nil {
				return nil, pathError("open", name, err)
			}
			return &File{name: name, virtual: rw, info: func() (fs.FileInfo, error) { return v, nil }}, nil
		}
	}
	l, inside := f.at(clean)
	q := f.quotaOf(l)
	writes := flag&(os.O_WRONLY|os.O_RDWR|os.O_CREATE|os.O_TRUNC) != 0
	before, err := l.root.Lstat(inside)
	switch {
	case err != nil && (errnoOf(err) != ENOENT || flag&os.O_CREATE == 0):
		return nil, pathError("open", name, err)
	case writes && l.readOnly:
		return nil, pathError("open", name, EROFS)
	case before == nil:
		if err := q.take(entryBytes); err != nil {
			return nil, pathError("open", name, err)
		}
	case before.IsDir() && writes:
		return nil, pathError("open", name, EISDIR)
	case !before.IsDir() && !before.Mode().IsRegular():
		// A pipe or device in a mounted directory could block for ever.
		return nil, pathError("open", name, EACCES)
	}
	file, err := l.root.OpenFile(inside, flag, mode.Perm())
	if err != nil {
		if before == nil {
			q.give(entryBytes)
		}
		return nil, pathError("open", name, err)
	}
	if before == nil && mode&othersWrite != 0 {
		_ = file.Chmod(mode.Perm()) // the host's umask has taken it away
	}
	if before != nil && flag&os.O_TRUNC != 0 {
		q.give(sizeOf(before))
	}
	return &File{name: name, os: file, info: file.Stat, quota: q, mode: flag}, nil
}

// othersWrite is what a usual umask of the host keeps a new file from.
const othersWrite fs.FileMode = 0o022

// Name returns the path with which the file was opened.
func (f *File) Name() string { return f.name }

// Stat describes the file.
func (f *File) Stat() (fs.FileInfo, error) { return f.info() }

func (f *File) Read(b []byte) (int, error) {
	if f.virtual != nil {
		return f.virtual.Read(b)
	}
	n, err := f.os.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = pathError("read", f.name, err)
	}
	return n, err
}

func (f *File) Write(b []byte) (int, error) {
	if f.virtual != nil {
		return f.virtual.Write(b)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	info, err := f.os.Stat()
	if err != nil {
		return 0, pathError("write", f.name, err)
	}
	offset := info.Size()
	if f.mode&os.O_APPEND == 0 {
		if offset, err = f.os.Seek(0, io.SeekCurrent); err != nil {
			return 0, pathError("write", f.name, err)
		}
	}
	growth := max(0, offset+int64(len(b))-info.Size())
	granted := f.quota.upTo(growth)
	allowed := int64(len(b)) - (growth - granted)
	if allowed < 0 { // a seek far past the end: the hole counts too
		f.quota.give(granted)
		return 0, pathError("write", f.name, ENOSPC)
	}
	n, err := f.os.Write(b[:allowed])
	if unused := allowed - int64(n); unused > 0 {
		f.quota.give(min(unused, granted))
	}
	switch {
	case err != nil:
		return n, pathError("write", f.name, err)
	case n < len(b):
		return n, pathError("write", f.name, ENOSPC)
	}
	return n, nil
}

// Seek is as os.File.Seek.
func (f *File) Seek(offset int64, whence int) (int64, error) {
	if f.virtual != nil {
		return 0, pathError("seek", f.name, EINVAL)
	}
	n, err := f.os.Seek(offset, whence)
	return n, pathError("seek", f.name, err)
}

// Close closes the file. Processes that began with it keep it.
func (f *File) Close() error {
	if f.closed.Swap(true) {
		return pathError("close", f.name, os.ErrClosed)
	}
	return f.drop()
}

// ReadFile reads a whole file, at most max bytes of it.
func (f *FS) ReadFile(name string, max int64) ([]byte, error) {
	file, err := f.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, pathError("read", name, EISDIR)
	}
	return io.ReadAll(io.LimitReader(file, max))
}

// WriteFile replaces a file's content.
func (f *FS) WriteFile(name string, data []byte, mode fs.FileMode) error {
	file, err := f.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if cerr := file.Close(); err == nil {
		err = cerr
	}
	return err
}

// Chtimes sets the times of a file.
func (f *FS) Chtimes(name string, access, modified time.Time) error {
	l, inside, err := f.writable("chtimes", name, true)
	if err != nil {
		return err
	}
	return pathError("chtimes", name, l.root.Chtimes(inside, access, modified))
}

// Chmod sets the permissions of a file. The owner can always read it: healthlab must be able to remove it.
func (f *FS) Chmod(name string, mode fs.FileMode) error {
	l, inside, err := f.writable("chmod", name, true)
	if err != nil {
		return err
	}
	info, err := l.root.Lstat(inside)
	if err != nil {
		return pathError("chmod", name, err)
	}
	if info.IsDir() {
		mode |= 0o700
	}
	return pathError("chmod", name, l.root.Chmod(inside, mode.Perm()))
}

// Host returns the file of the host below, for reading by code that can use nothing else; nil for /dev and /proc.
// Writing to it would not count against the container's disk.
func (f *File) Host() *os.File { return f.os }
