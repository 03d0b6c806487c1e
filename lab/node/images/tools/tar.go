package tools

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"healthlab/lab/node/sandbox"
)

// tarProgram makes, lists and unpacks archives, which is what kubectl cp does with it.
func tarProgram(ctx context.Context, p *sandbox.Process) int {
	// Who owns a file and when it was changed are not kept, so options about that change nothing.
	p.Args = slices.DeleteFunc(p.Args, func(a string) bool { return strings.HasPrefix(a, "--") && len(a) > 2 })
	if len(p.Args) > 1 && !strings.HasPrefix(p.Args[1], "-") {
		p.Args[1] = "-" + p.Args[1]
	}
	set, names, ok := options(p, "cxtvmpoOkh", "fC")
	if !ok {
		return 1
	}
	dir := p.Dir
	if has(set, 'C') {
		dir = p.Path(set['C'])
	}
	if !has(set, 'c') && !has(set, 'x') && !has(set, 't') {
		return failf(p, "need at least one option -c, -x or -t")
	}
	file := set['f']
	var err error
	switch {
	case has(set, 'c') && (file == "" || file == "-"):
		err = pack(ctx, p, p.Stdout, dir, names)
	case has(set, 'c'):
		var out *sandbox.File
		if out, err = p.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644); err == nil {
			err = errors.Join(pack(ctx, p, out, dir, names), out.Close())
		}
	case file == "" || file == "-":
		err = unpack(ctx, p, p.Stdin, dir, set)
	default:
		var in *sandbox.File
		if in, err = p.Open(file); err == nil {
			err = unpack(ctx, p, in, dir, set)
			_ = in.Close()
		}
	}
	if err != nil {
		return failf(p, "%s", Reason(err))
	}
	return 0
}

// pack writes an archive of the named files and directories.
func pack(ctx context.Context, p *sandbox.Process, to io.Writer, dir string, names []string) error {
	w := tar.NewWriter(to)
	for _, n := range names {
		if err := packTree(ctx, p, w, dir, n); err != nil {
			return err
		}
	}
	return w.Close()
}

func packTree(ctx context.Context, p *sandbox.Process, w *tar.Writer, dir, name string) error {
	at := name
	if !path.IsAbs(at) {
		at = path.Join(dir, name)
	}
	info, err := p.FS().Stat(at)
	if err != nil {
		return fmt.Errorf("%s: %s", name, Reason(err))
	}
	header, err := tar.FileInfoHeader(info, "")
	if err != nil {
		return fmt.Errorf("%s: %s", name, Reason(err))
	}
	header.Name = strings.TrimLeft(name, "/")
	if info.IsDir() {
		header.Name = strings.TrimSuffix(header.Name, "/") + "/"
	}
	if err := w.WriteHeader(header); err != nil {
		return err
	}
	if !info.IsDir() {
		in, err := p.FS().Open(at)
		if err != nil {
			return fmt.Errorf("%s: %s", name, Reason(err))
		}
		defer in.Close()
		return copyStream(ctx, w, io.LimitReader(in, header.Size))
	}
	entries, err := p.FS().ReadDir(at)
	if err != nil {
		return fmt.Errorf("%s: %s", name, Reason(err))
	}
	for _, e := range entries {
		if err := packTree(ctx, p, w, dir, path.Join(name, e.Name())); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// unpack writes what is in an archive below dir, or lists it.
func unpack(ctx context.Context, p *sandbox.Process, from io.Reader, dir string, set map[byte]string) error {
	r := tar.NewReader(from)
	for ctx.Err() == nil {
		header, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			_, err = io.Copy(io.Discard, from) // or whoever sends the padding would see a broken pipe
			return err
		case err != nil:
			return errors.New("short read")
		case has(set, 't') || has(set, 'v'):
			_, _ = fmt.Fprintln(p.Stdout, header.Name)
		}
		if has(set, 't') {
			continue
		}
		if err := unpackOne(ctx, p, r, header, path.Join(dir, path.Clean("/"+header.Name))); err != nil {
			return fmt.Errorf("%s: %s", header.Name, Reason(err))
		}
	}
	return ctx.Err()
}

func unpackOne(ctx context.Context, p *sandbox.Process, r io.Reader, header *tar.Header, to string) error {
	mode := fs.FileMode(header.Mode) & fs.ModePerm
	if header.Typeflag == tar.TypeDir {
		return p.FS().MkdirAll(to, mode|0o700)
	}
	if err := p.FS().MkdirAll(path.Dir(to), 0o755); err != nil {
		return err
	}
	if header.Typeflag == tar.TypeSymlink {
		return p.FS().Symlink(header.Linkname, to)
	}
	out, err := p.FS().OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	return errors.Join(copyStream(ctx, out, r), out.Close())
}
