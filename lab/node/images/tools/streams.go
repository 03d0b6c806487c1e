package tools

import (
	"context"
	"errors"
	"io"

	"healthlab/lab/node/sandbox"
)

// maxPath is Linux's PATH_MAX: what is deeper in a tree has no name that a program could use. It also bounds how deep
// walks over trees go.
const maxPath = 4096

// tooLong is the error of a path that is longer than the system takes.
func tooLong(p *sandbox.Process, n string) error {
	if len(p.Path(n)) >= maxPath {
		return sandbox.ENAMETOOLONG
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
