package sandbox

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// Errno is an error of the container's system, with the text that Linux programs print for it. Being a type of our
// own, it reads the same on every host.
type Errno string

// The errors that files and processes give.
const (
	ENOENT       Errno = "No such file or directory"
	EEXIST       Errno = "File exists"
	EACCES       Errno = "Permission denied"
	EPERM        Errno = "Operation not permitted"
	ENOTDIR      Errno = "Not a directory"
	EISDIR       Errno = "Is a directory"
	ENOTEMPTY    Errno = "Directory not empty"
	ELOOP        Errno = "Symbolic link loop"
	ENOSPC       Errno = "No space left on device"
	EROFS        Errno = "Read-only file system"
	EBUSY        Errno = "Resource busy"
	EINVAL       Errno = "Invalid argument"
	ENAMETOOLONG Errno = "File name too long"
	EXDEV        Errno = "Invalid cross-device link"
	EPIPE        Errno = "Broken pipe"
	EAGAIN       Errno = "Resource temporarily unavailable"
	ESRCH        Errno = "No such process"
	EIO          Errno = "I/O error"
	ENOEXEC      Errno = "Exec format error"
	ENXIO        Errno = "No such device or address"
	E2BIG        Errno = "Argument list too long"
	EMFILE       Errno = "No file descriptors available"
)

func (e Errno) Error() string { return string(e) }

// Is lets errors.Is find the portable errors of package fs.
func (e Errno) Is(target error) bool {
	switch target {
	case fs.ErrNotExist:
		return e == ENOENT
	case fs.ErrExist:
		return e == EEXIST || e == ENOTEMPTY
	case fs.ErrPermission:
		return e == EACCES || e == EPERM
	}
	return false
}

// errnoOf translates an error of the host. What it does not know becomes EIO: a host's text could hold a host's path.
func errnoOf(err error) Errno {
	var own Errno
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, syscall.ENOTDIR):
		return ENOTDIR
	case errors.Is(err, syscall.EISDIR):
		return EISDIR
	case errors.Is(err, syscall.ENOTEMPTY):
		return ENOTEMPTY
	case errors.Is(err, syscall.ELOOP):
		return ELOOP
	case errors.Is(err, syscall.ENOSPC):
		return ENOSPC
	case errors.Is(err, syscall.EROFS):
		return EROFS
	case errors.Is(err, syscall.EBUSY):
		return EBUSY
	case errors.Is(err, syscall.ENAMETOOLONG):
		return ENAMETOOLONG
	case errors.Is(err, syscall.EMFILE):
		return EMFILE
	case errors.Is(err, syscall.EINVAL):
		return EINVAL
	case errors.Is(err, fs.ErrNotExist):
		return ENOENT
	case errors.Is(err, fs.ErrExist):
		return EEXIST
	case errors.Is(err, fs.ErrPermission):
		return EACCES
	case errors.Is(err, os.ErrClosed):
		return EIO
	}
	return EIO
}

// pathError is err as an *fs.PathError on the container's own path; nil stays nil.
func pathError(op, path string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: path, Err: errnoOf(err)}
}
