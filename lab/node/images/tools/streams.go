package tools

import (
	"bufio"
	"context"
	"io"

	"healthlab/lab/node/sandbox"
)

// inputs calls f for each named file, or for standard input when there is none or it is "-".
func inputs(p *sandbox.Process, names []string, f func(name string, r io.Reader) error) int {
	if len(names) == 0 {
		names = []string{"-"}
	}
	code := 0
	for _, n := range names {
		if n == "-" {
			if err := f("standard input", p.Stdin); err != nil {
				return failf(p, "%s", Reason(err))
			}
			continue
		}
		if info, err := p.FS().Stat(p.Path(n)); err == nil && info.IsDir() {
			code = failf(p, "read error: Is a directory")
			continue
		}
		file, err := p.Open(n)
		if err != nil {
			code = failf(p, "can't open '%s': %s", n, Reason(err))
			continue
		}
		err = f(n, file)
		_ = file.Close()
		if err != nil {
			return failf(p, "%s", Reason(err))
		}
	}
	return code
}

// copyStream copies until the end, a signal, or an error of either side.
func copyStream(ctx context.Context, to io.Writer, from io.Reader) error {
	buf := make([]byte, 32<<10)
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

// maxLine bounds a line of text that a program holds.
const maxLine = 1 << 20

// maxText bounds what sort and others hold at once.
const maxText = 32 << 20

// eachLine calls f for every line, without its end, until f returns false.
func eachLine(ctx context.Context, r io.Reader, f func(line string) bool) error {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, maxLine)
	for ctx.Err() == nil && scanner.Scan() {
		if !f(scanner.Text()) {
			return nil
		}
	}
	return scanner.Err()
}
