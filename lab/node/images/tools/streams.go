package tools

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"healthlab/lab/node/sandbox"
)

// maxPath is Linux's PATH_MAX: what is longer is no name that a program could use. maxElements is fewer than Linux has: a
// container's files are found element by element, for each of them anew, and no call takes long enough to outlive its
// process. Both bound how deep walks over trees go.
const (
	maxPath     = 4096
	maxElements = 128
)

// tooLong is the error of a path that is longer or deeper than a tool follows.
func tooLong(p *sandbox.Process, n string) error {
	if full := p.Path(n); len(full) >= maxPath || strings.Count(full, "/") > maxElements {
		return sandbox.ENAMETOOLONG
	}
	return nil
}

// makeAll makes a directory and those above it that are missing. n is absolute.
func makeAll(ctx context.Context, p *sandbox.Process, n string, mode fs.FileMode) error {
	if err := tooLong(p, n); err != nil {
		return err
	}
	missing := []string{}
	for at := path.Clean(n); ; at = path.Dir(at) {
		info, err := p.FS().Stat(at)
		if err == nil && !info.IsDir() {
			if len(missing) == 0 {
				return sandbox.EEXIST
			}
			return sandbox.ENOTDIR
		}
		if err == nil || at == "/" {
			break
		}
		if reason := Reason(err); reason != string(sandbox.ENOENT) {
			return err
		}
		missing = append(missing, at)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	for _, at := range slices.Backward(missing) {
		if err := p.FS().Mkdir(at, mode); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// inputs calls f for each named file, or for standard input when there is none or it is "-", and returns 1 if one of
// them could not be opened or read.
func inputs(p *sandbox.Process, names []string, f func(name string, r io.Reader) error) int {
	return eachInput(p, names, "can't open '%s': %s", f)
}

func eachInput(p *sandbox.Process, names []string, missing string, f func(name string, r io.Reader) error) int {
	if len(names) == 0 {
		names = []string{"-"}
	}
	code := 0
	for _, n := range names {
		var err error
		if n == "-" {
			err = f(n, p.Stdin)
		} else {
			var file *sandbox.File
			if file, err = p.Open(n); err != nil {
				code = failf(p, missing, n, Reason(err))
				continue
			}
			err = f(n, file)
			_ = file.Close()
		}
		if err != nil {
			code = failf(p, "%s", Reason(err))
		}
	}
	return code
}

// quietInputs is inputs for programs that name a missing file and nothing more.
func quietInputs(p *sandbox.Process, names []string, f func(name string, r io.Reader) error) int {
	return eachInput(p, names, "%s: %s", f)
}

// isDirectory reports what stdio sees as an empty file and read as an error.
func isDirectory(p *sandbox.Process, n string) bool {
	info, err := p.FS().Stat(p.Path(n))
	return err == nil && info.IsDir()
}

// copyStream copies until the end, a signal, or an error of either side.
func copyStream(ctx context.Context, to io.Writer, from io.Reader) error {
	buf := make([]byte, readBytes)
	for ctx.Err() == nil {
		n, err := from.Read(buf)
		if n > 0 {
			if _, werr := to.Write(buf[:n]); werr != nil {
				return werr
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// writeLine writes a line in one piece and reports whether that went well.
func writeLine(w io.Writer, line []byte) bool {
	_, err := w.Write(append(append(make([]byte, 0, len(line)+1), line...), '\n'))
	return err == nil
}

// isEnd reports whether a read ended because there is no more.
func isEnd(err error) bool { return errors.Is(err, io.EOF) }
