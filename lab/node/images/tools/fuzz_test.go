package tools_test

import (
	"archive/tar"
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"healthlab/lab/node/images/imagetest"
	"healthlab/lab/node/sandbox"
)

// fuzzed runs a command that may do anything but harm: it ends, by itself or killed, and its program does not panic.
func fuzzed(t *testing.T, c *sandbox.Container, input []byte, command ...string) {
	t.Helper()
	for _, a := range command {
		if strings.ContainsRune(a, 0) {
			return // no argument has one
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var errs bytes.Buffer
	_, err := c.Exec(ctx, sandbox.ExecConfig{Command: command, Stdin: bytes.NewReader(input), Stderr: &errs})
	if err != nil && ctx.Err() == nil {
		t.Fatal(err)
	}
	if strings.Contains(errs.String(), "panicked") || strings.Contains(errs.String(), "goroutine") {
		t.Fatalf("%q: %s", command, errs.String())
	}
}

func fuzzBed(f *testing.F) *sandbox.Container {
	f.Helper()
	return imagetest.New(f).Start(f, "busybox", sandbox.ContainerConfig{Command: []string{"sleep", "36000"}, DiskBytes: 4 << 20})
}

func FuzzSed(f *testing.F) {
	for _, seed := range []string{
		"s/a/b/g", ":a;s/^/x/;ta", "1,3{/b/!d;y/abc/xyz/;p}", "$!N;P;D", "a\\\nx\\\ny", "i x", "2q;=;l", "s/\\(.\\)\\1*/<&>/2p", "\\,x,s//y/I", "{{{}}}",
		"1,+2!{n;N}", "b;t;T x;: x", "s/[/]/\\n/w /dev/stdout", "r /etc/passwd", "}",
	} {
		f.Add(seed, []byte("aab\nb\n\nc"))
	}
	c := fuzzBed(f)
	f.Fuzz(func(t *testing.T, script string, input []byte) { fuzzed(t, c, input, "sed", script) })
}

func FuzzTr(f *testing.F) {
	for _, seed := range []string{"a-z", "[:upper:]", "[=a=]x", `\n\t\0\377`, "[a-c]", "z-a", "[:foo:]", `\`, "a-"} {
		f.Add(seed, "A-Z", []byte("abc\x00xyz"))
	}
	c := fuzzBed(f)
	f.Fuzz(func(t *testing.T, from, to string, input []byte) {
		fuzzed(t, c, input, "tr", "--", from, to)
		fuzzed(t, c, input, "tr", "-cs", "--", from, to)
	})
}

func FuzzFindExpression(f *testing.F) {
	for _, seed := range []string{"( -name a* -o -type f ) -print", "! -size +1k", "-exec echo {} ;", "( ( (", "-perm -u+x", "-newer /etc/passwd -o -mmin -1", "-name [a-z]", "-name [[:alpha:]]?\\*"} {
		f.Add(seed)
	}
	c := fuzzBed(f)
	f.Fuzz(func(t *testing.T, expression string) {
		if strings.Contains(expression, "-exec") || strings.Contains(expression, "-delete") {
			return
		}
		fuzzed(t, c, nil, append([]string{"find", "/etc"}, strings.Fields(expression)...)...)
	})
}

func FuzzTar(f *testing.F) {
	for _, h := range []*tar.Header{
		{Name: "a", Typeflag: tar.TypeReg, Size: 3, Mode: 0o644},
		{Name: "../../b", Typeflag: tar.TypeReg, Size: 3},
		{Name: "d/", Typeflag: tar.TypeDir},
		{Name: "l", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"},
		{Name: "h", Typeflag: tar.TypeLink, Linkname: "a"},
		{Name: strings.Repeat("x/", 20) + "y", Typeflag: tar.TypeReg, Size: 3},
		{Name: "f", Typeflag: tar.TypeFifo},
	} {
		var archive bytes.Buffer
		w := tar.NewWriter(&archive)
		if err := w.WriteHeader(h); err != nil {
			f.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := w.Write([]byte("abc")); err != nil {
				f.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			f.Fatal(err)
		}
		f.Add(archive.Bytes())
	}
	c := fuzzBed(f)
	f.Fuzz(func(t *testing.T, archive []byte) {
		fuzzed(t, c, archive, "tar", "-C", "/tmp", "-xf", "-")
		fuzzed(t, c, archive, "tar", "-tvf", "-")
	})
}
