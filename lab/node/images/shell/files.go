package shell

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"mvdan.cc/sh/v3/interp"

	"healthlab/lab/node/images/tools"
	"healthlab/lab/node/sandbox"
)

// open opens the files of redirections.
func (sh *shell) open(ctx context.Context, name string, flag int, mode fs.FileMode) (io.ReadWriteCloser, error) {
	hc := interp.HandlerCtx(ctx)
	full := containerPath(name)
	if !strings.HasPrefix(name, "/") && !strings.HasPrefix(name, `\`) {
		full = containerPath(containerPath(hc.Dir) + "/" + name)
	}
	if flag&(os.O_WRONLY|os.O_RDWR) == 0 {
		return sh.openInput(name, full)
	}
	file, err := sh.p.OpenFile(full, flag, mode)
	if err != nil {
		return nil, redirectError("can't create", name, err)
	}
	return file, nil
}

// openInput returns a file of the host's type, which the interpreter needs for its standard input.
func (sh *shell) openInput(name, full string) (io.ReadWriteCloser, error) {
	switch full {
	case "/dev/null":
		return os.Open(os.DevNull)
	case "/dev/zero", "/dev/urandom", "/dev/random", "/dev/full":
		file, err := os.Open(full) // the host's: an endless file could not be copied to the interpreter
		if err != nil {
			return nil, redirectError("can't open", name, sandbox.ENOENT)
		}
		return file, nil
	}
	file, err := sh.p.OpenFile(full, os.O_RDONLY, 0)
	if err != nil {
		return nil, redirectError("can't open", name, err)
	}
	if host := file.Host(); host != nil {
		return host, nil
	}
	return file, nil
}

// redirectError reads as busybox's: "sh: can't open /x: no such file".
func redirectError(what, name string, err error) error {
	reason := tools.Reason(err)
	if errors.Is(err, fs.ErrNotExist) {
		reason = "no such file"
		if what == "can't create" {
			reason = "nonexistent directory"
		}
	}
	return &os.PathError{Op: "sh: " + what, Path: name, Err: errors.New(reason)}
}

func (sh *shell) readDir(_ context.Context, name string) ([]fs.DirEntry, error) {
	infos, err := sh.p.FS().ReadDir(containerPath(name))
	entries := make([]fs.DirEntry, len(infos))
	for i, info := range infos {
		entries[i] = fs.FileInfoToDirEntry(info)
	}
	return entries, err
}

func (sh *shell) stat(_ context.Context, name string, follow bool) (fs.FileInfo, error) {
	if follow {
		return sh.p.FS().Stat(sh.p.Path(containerPath(name)))
	}
	return sh.p.FS().Lstat(sh.p.Path(containerPath(name)))
}

func (sh *shell) access(_ context.Context, name string, mode interp.AccessMode) error {
	info, err := sh.p.FS().Stat(containerPath(name))
	if err == nil && mode&interp.AccessExec != 0 && info.Mode()&0o111 == 0 {
		return sandbox.EACCES
	}
	return err
}

// containerPath undoes what package filepath makes of a container's path on Windows.
func containerPath(name string) string {
	name = strings.ReplaceAll(name, `\`, "/")
	if len(name) > 1 && name[1] == ':' {
		name = name[2:]
	}
	return path.Clean("/" + name)
}
