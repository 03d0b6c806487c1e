package tools

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"healthlab/lab/node/sandbox"
)

// gzipProgram is gzip, gunzip and zcat.
func gzipProgram(ctx context.Context, p *sandbox.Process) int {
	found, names, ok := optionSpec{letters: "cfkvqdtn123456789"}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	z := &gzipRun{ctx: ctx, p: p, set: set, level: 6, unpack: has(set, 'd') || name(p) == "gunzip" || has(set, 't')}
	if name(p) == "zcat" {
		z.unpack, set['c'] = true, ""
	}
	for c := byte('1'); c <= '9'; c++ {
		if has(set, c) {
			z.level = int(c - '0')
		}
	}
	if len(names) == 0 {
		names = []string{"-"}
	}
	code := 0
	for _, n := range names {
		code |= z.file(n)
	}
	return code
}

type gzipRun struct {
	ctx    context.Context
	p      *sandbox.Process
	set    map[byte]string
	level  int
	unpack bool
}

func (z *gzipRun) file(n string) int {
	in, err := openInput(z.p, n)
	if err == nil && n != "-" && isDirectory(z.p, n) {
		err = sandbox.EISDIR
	}
	if err != nil {
		return failf(z.p, "%s: %s", n, Reason(err))
	}
	defer in.Close()
	if n == "-" || has(z.set, 'c') || has(z.set, 't') {
		out := z.p.Stdout
		if has(z.set, 't') {
			out = io.Discard
		}
		return z.stream(out, in)
	}
	to := n + ".gz"
	if z.unpack {
		if to, err = unpackedName(n); err != nil {
			return failf(z.p, "%s: unknown suffix - ignored", n)
		}
	}
	flag := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if has(z.set, 'f') {
		flag = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	out, err := z.p.OpenFile(to, flag, 0o666)
	if err != nil {
		return failf(z.p, "can't open '%s': %s", to, Reason(err))
	}
	code := z.stream(out, in)
	if err := out.Close(); err != nil && code == 0 {
		code = failf(z.p, "%s: %s", to, Reason(err))
	}
	if code != 0 {
		_ = z.p.FS().Remove(z.p.Path(to))
		return code
	}
	if !has(z.set, 'k') {
		_ = z.p.FS().Remove(z.p.Path(n))
	}
	return 0
}

func unpackedName(n string) (string, error) {
	for suffix, by := range map[string]string{".gz": "", ".tgz": ".tar", ".Z": ""} {
		if plain, ok := strings.CutSuffix(n, suffix); ok && plain != "" && !strings.HasSuffix(plain, "/") {
			return plain + by, nil
		}
	}
	return "", errors.New("unknown suffix")
}

// stream packs or unpacks; it holds no more than the algorithm does.
func (z *gzipRun) stream(out io.Writer, in io.Reader) int {
	if z.unpack {
		r, err := gzip.NewReader(bufio.NewReader(ctxReader{z.ctx, in}))
		if err != nil {
			if z.ctx.Err() != nil {
				return 1
			}
			if name(z.p) == "zcat" {
				return failf(z.p, "no gzip/bzip2/xz magic")
			}
			return failf(z.p, "invalid magic")
		}
		if err := copyStream(z.ctx, out, r); err != nil && z.ctx.Err() == nil {
			switch {
			case ofSystem(err):
				return failf(z.p, "write error: %s", Reason(err))
			case errors.Is(err, io.ErrUnexpectedEOF):
				return failf(z.p, "unexpected end of file")
			case errors.Is(err, gzip.ErrChecksum):
				return failf(z.p, "crc error")
			}
			return failf(z.p, "corrupted data")
		}
		return 0
	}
	w, err := gzip.NewWriterLevel(out, z.level)
	if err != nil {
		return failf(z.p, "%s", err)
	}
	err = copyStream(z.ctx, w, in)
	if cerr := w.Close(); err == nil {
		err = cerr
	}
	if err != nil && z.ctx.Err() == nil {
		return failf(z.p, "%s", Reason(err))
	}
	return 0
}
