package tools

import (
	"archive/tar"
	"compress/bzip2"
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

// open reads an archive.
func (t *tarRun) open() error {
	from := t.p.Stdin
	if n := t.set['f']; n != "" && n != "-" {
		file, err := t.p.Open(n)
		if err != nil {
			return fmt.Errorf("can't open '%s': %s", n, Reason(err))
		}
		defer file.Close()
		from = file
	}
	whole := ctxReader{t.ctx, from}
	head := make([]byte, 3)
	n, err := io.ReadFull(whole, head)
	if err != nil && n == 0 && t.ctx.Err() == nil {
		return errors.New("short read")
	}
	r := io.MultiReader(strings.NewReader(string(head[:n])), whole)
	switch {
	case head[0] == 0x1f && head[1] == 0x8b:
		z, err := gzip.NewReader(r)
		if err != nil {
			return errors.New("corrupted data")
		}
		r = z
	case string(head) == "BZh":
		r = bzip2.NewReader(r)
	case t.has('z') || t.has('j'):
		return errors.New("invalid magic")
	}
	if err := t.entries(tar.NewReader(ctxReader{t.ctx, r})); err != nil {
		return err
	}
	// Whoever sends the padding would see a broken pipe.
	if _, err := io.Copy(io.Discard, whole); err != nil && t.ctx.Err() == nil {
		return err
	}
	for _, n := range t.names {
		if !t.seen[n] {
			return fmt.Errorf("%s: not found in archive", n)
		}
	}
	return nil
}

func (t *tarRun) entries(r *tar.Reader) error {
	for some := false; ; some = true {
		header, err := r.Next()
		switch {
		case t.ctx.Err() != nil:
			return t.ctx.Err()
		case errors.Is(err, io.EOF) && !some:
			return errors.New("short read")
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, tar.ErrHeader), !some && errors.Is(err, io.ErrUnexpectedEOF):
			return errors.New("invalid tar magic")
		case err != nil && !ofSystem(err):
			return errors.New("short read")
		case err != nil:
			return err
		}
		if !t.wanted(header.Name) || t.drops(header.Name) {
			continue
		}
		if t.has('t') {
			t.list(t.described(header))
			continue
		}
		if t.has('v') {
			t.list(header.Name)
		}
		if err := t.unpack(r, header); err != nil {
			return err
		}
	}
}

// wanted reports whether a member is one of the names, or below one.
func (t *tarRun) wanted(name string) bool {
	for _, n := range t.names {
		if clean := strings.TrimSuffix(n, "/"); strings.TrimSuffix(name, "/") == clean || strings.HasPrefix(name, clean+"/") {
			t.seen[n] = true
			return true
		}
	}
	return len(t.names) == 0
}

// described is a line of tar -tv, or the name.
func (t *tarRun) described(h *tar.Header) string {
	if !t.has('v') {
		return h.Name
	}
	link := ""
	if h.Linkname != "" {
		link = " -> " + h.Linkname
	}
	owner := h.Uname + "/" + h.Gname
	if h.Uname == "" || t.has(3) {
		owner = fmt.Sprintf("%d/%d", h.Uid, h.Gid)
	}
	return fmt.Sprintf("%s %s %9d %s %s%s", modeText(h.FileInfo().Mode()), owner, h.Size,
		h.ModTime.UTC().Format("2006-01-02 15:04:05"), h.Name, link)
}

// unpack writes one member. The disk of the container bounds how much.
func (t *tarRun) unpack(r io.Reader, h *tar.Header) error {
	name := t.member(h.Name)
	for range t.strip {
		_, name, _ = strings.Cut(name, "/")
	}
	if name == "" {
		return nil
	}
	if t.has('O') {
		if h.Typeflag != tar.TypeReg {
			return nil
		}
		return copyStream(t.ctx, t.p.Stdout, r)
	}
	to := path.Join(t.dir, path.Clean("/"+name))
	if err := tooLong(t.p, to); err != nil {
		return fmt.Errorf("can't open '%s': %s", name, Reason(err))
	}
	mode := fs.FileMode(h.Mode) & fs.ModePerm
	if err := makeAll(t.ctx, t.p, path.Dir(to), 0o755); err != nil {
		return fmt.Errorf("can't make dir %s: %s", path.Dir(name), Reason(err))
	}
	var err error
	switch h.Typeflag {
	case tar.TypeDir:
		if err = makeAll(t.ctx, t.p, to, mode|0o700); err != nil {
			return fmt.Errorf("can't make dir %s: %s", name, Reason(err))
		}
	case tar.TypeSymlink:
		_ = t.p.FS().Remove(to)
		if err = t.p.FS().Symlink(h.Linkname, to); err != nil {
			return fmt.Errorf("can't create symlink '%s' to '%s': %s", name, h.Linkname, Reason(err))
		}
		return nil
	case tar.TypeReg:
		if err = t.unpackFile(r, name, to, mode); err != nil {
			return err
		}
	case tar.TypeLink:
		return copyFile(t.ctx, t.p, path.Join(t.dir, path.Clean("/"+h.Linkname)), to, mode)
	default:
		return errors.New("unrecognized file type")
	}
	if !t.has('m') {
		_ = t.p.FS().Chtimes(to, h.ModTime, h.ModTime)
	}
	return nil
}

func (t *tarRun) unpackFile(r io.Reader, name, to string, mode fs.FileMode) error {
	if info, err := t.p.FS().Lstat(to); err == nil {
		if t.has('k') {
			failf(t.p, "can't open '%s': %s", name, sandbox.EEXIST)
			return nil
		}
		if !info.IsDir() && !t.has(5) {
			_ = t.p.FS().Remove(to)
		}
	}
	out, err := t.p.FS().OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return fmt.Errorf("can't open '%s': %s", name, Reason(err))
	}
	err = copyStream(t.ctx, out, r)
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	switch {
	case err == nil:
		return nil
	case t.ctx.Err() != nil:
		return t.ctx.Err()
	case !ofSystem(err): // what the archive is to blame for
		return errors.New("short read")
	}
	return fmt.Errorf("write error: %s", Reason(err))
}
