package tools

import (
	"archive/tar"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

// tarProgram makes, lists and unpacks archives, one entry at a time.
func tarProgram(ctx context.Context, p *sandbox.Process) int {
	if len(p.Args) > 1 && p.Args[1] != "" && !strings.HasPrefix(p.Args[1], "-") {
		oldTarOptions(p)
	}
	found, names, ok := optionSpec{
		letters: "txC:f:OopvkchjT:X:zJZam\x01:\x02\x03\x04:\x05\x06\x07",
		long: map[string]byte{
			"list": 't', "extract": 'x', "directory": 'C', "file": 'f', "to-stdout": 'O', "no-same-owner": 'o',
			"same-permissions": 'p', "verbose": 'v', "keep-old": 'k', "create": 'c', "dereference": 'h', "bzip2": 'j',
			"files-from": 'T', "exclude-from": 'X', "gzip": 'z', "xz": 'J', "compress": 'Z', "auto-compress": 'a', "touch": 'm',
			"strip-components": 1, "no-recursion": 2, "numeric-owner": 3, "exclude": 4, "overwrite": 5, "no-same-permissions": 6,
		},
	}.parse(p)
	if !ok {
		return 1
	}
	t := &tarRun{ctx: ctx, p: p, set: asSet(found), names: names, dir: p.Dir, excluded: values(found, 4), seen: map[string]bool{}}
	if code := t.prepare(found); code != 0 {
		return code
	}
	var err error
	if t.has('c') {
		err = t.create()
	} else {
		err = t.open()
	}
	switch {
	case ctx.Err() != nil:
		return 1
	case err != nil:
		return failf(p, "%s", Reason(err))
	}
	return t.code
}

// oldTarOptions turns xzf into -xzf, whose values follow in their order.
func oldTarOptions(p *sandbox.Process) {
	args := p.Args[2:]
	var out []string
	for _, c := range p.Args[1] {
		out = append(out, "-"+string(c))
		if strings.ContainsRune("fCTX", c) && len(args) > 0 {
			out, args = append(out, args[0]), args[1:]
		}
	}
	p.Args = append(append(p.Args[:1:1], out...), args...)
}

type tarRun struct {
	ctx      context.Context
	p        *sandbox.Process
	set      map[byte]string
	names    []string
	excluded []string
	seen     map[string]bool // names that were in the archive
	dir      string
	strip    int
	slashed  bool // that names lose their slash has been said
	code     int
}

func (t *tarRun) has(c byte) bool { return has(t.set, c) }

func (t *tarRun) prepare(found []option) int {
	modes := 0
	for _, c := range []byte("ctx") {
		if t.has(c) {
			modes++
		}
	}
	if modes != 1 {
		return usage(t.p)
	}
	for _, o := range found {
		switch o.letter {
		case 'C':
			if t.dir = o.value; !path.IsAbs(o.value) {
				t.dir = path.Join(t.p.Dir, o.value)
			}
			if info, err := t.p.FS().Stat(t.dir); err != nil {
				return failf(t.p, "can't change directory to '%s': %s", o.value, Reason(err))
			} else if !info.IsDir() {
				return failf(t.p, "can't change directory to '%s': Not a directory", o.value)
			}
		case 'T', 'X':
			text, err := readText(t.ctx, t.p, o.value)
			if err != nil {
				return failf(t.p, "can't open '%s': %s", o.value, Reason(err))
			}
			if list := strings.Fields(text); o.letter == 'T' {
				t.names = append(t.names, list...)
			} else {
				t.excluded = append(t.excluded, list...)
			}
		case 1:
			n, err := strconv.ParseUint(o.value, 10, 31)
			if err != nil {
				return failf(t.p, "invalid number '%s'", o.value)
			}
			t.strip = int(n)
		case 'J', 'Z':
			return failf(t.p, "this kind of compression is not supported here; use -z")
		}
	}
	return 0
}

// drops reports whether a name is excluded: the whole of it, or what follows a slash.
func (t *tarRun) drops(name string) bool {
	name = strings.TrimSuffix(name, "/")
	for _, pattern := range t.excluded {
		for rest := name; ; {
			if fnmatch(pattern, rest) {
				return true
			}
			_, after, found := strings.Cut(rest, "/")
			if !found {
				break
			}
			rest = after
		}
	}
	return false
}

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

// member is the name of a file in an archive, without what would lead out of a directory.
func (t *tarRun) member(name string) string {
	stripped := strings.TrimLeft(name, "/")
	if i := strings.LastIndex("/"+stripped+"/", "/../"); i >= 0 {
		stripped = strings.TrimLeft(("/" + stripped + "/")[i+4:], "/")
		stripped = strings.TrimSuffix(stripped, "/")
	}
	if removed := len(name) - len(stripped); removed > 0 && !t.slashed {
		t.slashed = true
		failf(t.p, "removing leading '%s' from member names", name[:removed])
	}
	return stripped
}

// list prints a name: to standard error when the archive or a file goes to standard output.
func (t *tarRun) list(name string) {
	out := t.p.Stdout
	if t.has('c') && (t.set['f'] == "" || t.set['f'] == "-") || t.has('O') {
		out = t.p.Stderr
	}
	fmt.Fprintln(out, name)
}

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
