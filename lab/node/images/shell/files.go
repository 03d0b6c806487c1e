package shell

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"strings"

	"mvdan.cc/sh/v3/interp"

	"healthlab/lab/node/images/tools"
	"healthlab/lab/node/sandbox"
)

// open opens the files of redirections.
func (sh *shell) open(ctx context.Context, name string, flag int, mode fs.FileMode) (io.ReadWriteCloser, error) {
	if text, ok := strings.CutPrefix(name, documentPrefix); ok {
		if len(text) > maxValue {
			die(errNoMemory)
		}
		return sh.stand(strings.NewReader(text))
	}
	if n, ok := strings.CutPrefix(name, fdPrefix); ok && len(n) == 1 {
		return sh.openDescriptor(ctx, n, flag)
	}
	name, clobber := strings.CutPrefix(name, clobberPrefix)
	hc := interp.HandlerCtx(ctx)
	full := containerPath(name)
	if !strings.HasPrefix(name, "/") && !strings.HasPrefix(name, `\`) {
		full = containerPath(containerPath(hc.Dir) + "/" + name)
	}
	if flag&(os.O_WRONLY|os.O_RDWR) == 0 {
		return sh.openInput(name, full)
	}
	if name == "" {
		return nil, sh.redirectError("can't create", name, sandbox.ENOENT)
	}
	if sh.noClobber && !clobber && flag&os.O_TRUNC != 0 {
		if info, err := sh.p.FS().Stat(full); err == nil && info.Mode().IsRegular() {
			return nil, sh.redirectError("can't create", name, sandbox.EEXIST)
		}
	}
	file, err := sh.p.OpenFile(full, flag, 0o666)
	if err != nil {
		return nil, sh.redirectError("can't create", name, err)
	}
	return file, nil
}

// openInput opens a file for reading. The interpreter needs a file of the host's type as its standard input: it is the
// host's where there is one, and else one that stands for what is really read.
func (sh *shell) openInput(name, full string) (io.ReadWriteCloser, error) {
	if name == "" {
		return nil, sh.redirectError("can't open", name, sandbox.ENOENT)
	}
	file, err := sh.p.OpenFile(full, os.O_RDONLY, 0)
	if err != nil {
		return nil, sh.redirectError("can't open", name, err)
	}
	if host := file.Host(); host != nil {
		sh.forget()
		sh.inputs[host] = host
		return host, nil
	}
	return sh.stand(file)
}

// stand returns a file of the host that stands for a reader. Only the shell's own commands read, which ask for the
// reader with input.
func (sh *shell) stand(r io.Reader) (io.ReadWriteCloser, error) {
	file, err := os.Open(os.DevNull)
	if err != nil {
		return nil, sh.redirectError("can't open", os.DevNull, sandbox.EAGAIN)
	}
	sh.forget()
	sh.inputs[file] = r
	return file, nil
}

// forget drops the readers of files that the interpreter has closed, from time to time.
func (sh *shell) forget() {
	if sh.inputs == nil {
		sh.inputs = map[*os.File]io.Reader{}
	}
	const many = 32
	if len(sh.inputs) < many {
		return
	}
	maps.DeleteFunc(sh.inputs, func(file *os.File, _ io.Reader) bool {
		_, err := file.Seek(0, io.SeekCurrent)
		return errors.Is(err, os.ErrClosed)
	})
}

// input is what a command really reads.
func (sh *shell) input(stdin io.Reader) io.Reader {
	if stdin == nil {
		return sh.p.Stdin
	}
	if file, ok := stdin.(*os.File); ok {
		if r := sh.inputs[file]; r != nil {
			return r
		}
	}
	return stdin
}

// closeInputs closes what exec has opened for good.
func (sh *shell) closeInputs() {
	for file := range sh.inputs {
		_ = file.Close() // most are closed
	}
}

// redirectError reads as busybox's: "sh: can't open /x: no such file".
func (sh *shell) redirectError(what, name string, err error) error {
	reason := tools.Reason(err)
	if errors.Is(err, fs.ErrNotExist) {
		reason = "no such file"
		if what == "can't create" {
			reason = "nonexistent directory"
		}
	}
	return &os.PathError{Op: sh.name + ": " + what, Path: name, Err: errors.New(reason)}
}

func (sh *shell) readDir(ctx context.Context, name string) ([]fs.DirEntry, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	infos, err := sh.p.FS().ReadDir(containerPath(name))
	if sh.names += len(infos); sh.names > maxNames {
		die(errNoMemory)
	}
	entries := make([]fs.DirEntry, len(infos))
	for i, info := range infos {
		entries[i] = fs.FileInfoToDirEntry(info)
	}
	return entries, err
}

func (sh *shell) stat(_ context.Context, name string, follow bool) (fs.FileInfo, error) {
	switch {
	case name == "":
		return nil, sandbox.ENOENT
	case follow:
		return sh.p.FS().Stat(sh.p.Path(containerPath(name)))
	}
	return sh.p.FS().Lstat(sh.p.Path(containerPath(name)))
}

func (sh *shell) access(_ context.Context, name string, mode interp.AccessMode) error {
	if name == "" {
		return sandbox.ENOENT
	}
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
