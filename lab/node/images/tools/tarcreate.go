package tools

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"healthlab/lab/node/sandbox"
)

func (t *tarRun) create() (err error) {
	if len(t.names) == 0 {
		return errors.New("empty archive")
	}
	to := t.p.Stdout
	n := t.set['f']
	if n != "" && n != "-" {
		file, err := t.p.OpenFile(n, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
		if err != nil {
			return fmt.Errorf("can't open '%s': %s", n, Reason(err))
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		to = file
	}
	if t.has('z') || t.has('a') && (strings.HasSuffix(n, ".gz") || strings.HasSuffix(n, ".tgz")) {
		z := gzip.NewWriter(to)
		defer func() { err = errors.Join(err, z.Close()) }()
		to = z
	} else if t.has('j') {
		return errors.New("bzip2 archives can be read only; use -z")
	}
	w := tar.NewWriter(to)
	archive := ""
	if n != "" && n != "-" {
		archive, _ = t.p.FS().Resolve(t.p.Path(n), true)
	}
	for _, n := range t.names {
		if err := t.pack(w, n, archive); err != nil {
			return err
		}
	}
	if t.code != 0 {
		failf(t.p, "error exit delayed from previous errors")
	}
	return w.Close()
}

// pack adds a file or a tree. The error is one of writing; what cannot be read is left out.
func (t *tarRun) pack(w *tar.Writer, name, archive string) error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	at := name
	if !path.IsAbs(at) {
		at = path.Join(t.dir, name)
	}
	if t.drops(name) {
		return nil
	}
	stat := t.p.FS().Lstat
	if t.has('h') {
		stat = t.p.FS().Stat
	}
	err := tooLong(t.p, at)
	var info fs.FileInfo
	if err == nil {
		info, err = stat(at)
	}
	if err != nil {
		t.code = failf(t.p, "%s: %s", name, Reason(err))
		return nil
	}
	if archive != "" && path.Clean(at) == archive {
		t.code = failf(t.p, "%s: file is the archive; skipping", name)
		return nil
	}
	if err := t.packOne(w, name, at, info); err != nil || !info.IsDir() || t.has(2) {
		return err
	}
	entries, err := t.p.FS().ReadDir(at)
	if err != nil {
		t.code = failf(t.p, "%s: %s", name, Reason(err))
		return nil
	}
	for _, e := range entries {
		if err := t.pack(w, strings.TrimSuffix(name, "/")+"/"+e.Name(), archive); err != nil {
			return err
		}
	}
	return nil
}

func (t *tarRun) packOne(w *tar.Writer, name, at string, info fs.FileInfo) error {
	link := ""
	if info.Mode()&fs.ModeSymlink != 0 {
		link, _ = t.p.FS().Readlink(at)
	}
	header := &tar.Header{
		Name: t.member(name), Mode: int64(info.Mode().Perm()), ModTime: info.ModTime(), Uname: "root", Gname: "root", Linkname: link,
	}
	switch {
	case header.Name == "":
		return nil
	case info.IsDir():
		header.Typeflag = tar.TypeDir
		header.Name = strings.TrimSuffix(header.Name, "/") + "/"
	case link != "":
		header.Typeflag = tar.TypeSymlink
	case info.Mode().IsRegular():
		header.Typeflag, header.Size = tar.TypeReg, info.Size()
	default:
		t.code = failf(t.p, "%s: unknown file type", name)
		return nil
	}
	var in *sandbox.File
	if header.Typeflag == tar.TypeReg {
		var err error
		if in, err = t.p.FS().Open(at); err != nil {
			t.code = failf(t.p, "can't open '%s': %s", name, Reason(err))
			return nil
		}
		defer in.Close()
	}
	if t.has('v') {
		t.list(header.Name)
	}
	if err := w.WriteHeader(header); err != nil || in == nil {
		return err
	}
	counted := &countingReader{r: io.LimitReader(in, header.Size)}
	if err := copyStream(t.ctx, w, counted); err != nil {
		return err
	}
	return t.zeros(w, header.Size-counted.n)
}

// zeros fills up a file that has become shorter.
func (t *tarRun) zeros(w io.Writer, n int64) error {
	for ; n > 0; n -= readBytes {
		if _, err := w.Write(make([]byte, min(n, readBytes))); err != nil {
			return err
		}
	}
	return nil
}
