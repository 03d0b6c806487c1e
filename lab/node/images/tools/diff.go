package tools

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"healthlab/lab/node/sandbox"
)

// maxDiff is how large a file may be, in bytes, that diff holds and compares.
const maxDiff = 8 << 20

// diff is diff, which knows unified output only.
func diff(ctx context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "abdiL:NqrsS:tTU:wupB", long: map[string]byte{
		"ignore-space-change": 'b', "ignore-blank-lines": 'B', "minimal": 'd', "ignore-case": 'i', "new-file": 'N', "brief": 'q',
		"recursive": 'r', "report-identical-files": 's', "starting-file": 'S', "expand-tabs": 't', "initial-tab": 'T',
		"ignore-all-space": 'w', "unified": 'U', "label": 'L', "text": 'a', "show-c-function": 'p',
	}}.parse(p)
	if !ok {
		return 1
	}
	d := &differ{ctx: ctx, p: p, set: asSet(found), labels: values(found, 'L'), context: 3}
	if v, given := d.set['U']; given {
		n, err := strconv.ParseUint(v, 10, 31)
		if err != nil {
			return failf(p, "invalid number '%s'", v)
		}
		d.context = int(n)
	}
	if len(args) != 2 {
		return usage(p)
	}
	return d.compare(args[0], args[1])
}

type differ struct {
	ctx     context.Context
	p       *sandbox.Process
	set     map[byte]string
	labels  []string
	context int
}

func (d *differ) has(c byte) bool { return has(d.set, c) }

func (d *differ) trouble(format string, args ...any) int {
	failf(d.p, format, args...)
	return 2
}

// compare compares two operands: files, directories, or a directory that has a file of the other's name.
func (d *differ) compare(a, b string) int {
	var infos [2]fs.FileInfo
	for i, n := range []string{a, b} {
		if n == "-" {
			continue
		}
		info, err := d.p.Stat(n)
		if err != nil && (!d.has('N') || !errors.Is(err, fs.ErrNotExist)) {
			return d.trouble("can't stat '%s': %s", n, Reason(err))
		}
		infos[i] = info
	}
	dirs := [2]bool{infos[0] != nil && infos[0].IsDir(), infos[1] != nil && infos[1].IsDir()}
	switch {
	case dirs[0] && dirs[1]:
		return d.directories(a, b)
	case dirs[0] && b == "-", dirs[1] && a == "-":
		return d.trouble("can't compare stdin to a directory")
	case dirs[0] && infos[1] != nil:
		return d.compare(join(a, baseOf(b)), b)
	case dirs[1] && infos[0] != nil:
		return d.compare(a, join(b, baseOf(a)))
	}
	names := [2]string{a, b}
	for i, info := range infos {
		if info == nil && names[i] != "-" {
			names[i] = ""
		}
	}
	return d.files(a, b, names)
}

func join(dir, n string) string { return strings.TrimSuffix(dir, "/") + "/" + n }

func baseOf(n string) string { return n[strings.LastIndexByte(n, '/')+1:] }

// text is a file's content; a file without a name is empty.
func (d *differ) text(n string) ([]byte, error) {
	if n == "" {
		return nil, nil
	}
	in, err := openInput(d.p, n)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(ctxReader{d.ctx, in}, maxDiff+1))
	if err == nil && len(data) > maxDiff {
		err = errors.New("out of memory")
	}
	return data, err
}

func (d *differ) files(a, b string, names [2]string) int {
	var texts [2][]byte
	for i, n := range names {
		text, err := d.text(n)
		if err != nil {
			return d.trouble("%s: %s", n, Reason(err))
		}
		texts[i] = text
	}
	switch {
	case bytes.Equal(texts[0], texts[1]):
		if d.has('s') {
			fmt.Fprintf(d.p.Stdout, "Files %s and %s are identical\n", a, b)
		}
		return 0
	case !d.has('a') && (bytes.IndexByte(texts[0], 0) >= 0 || bytes.IndexByte(texts[1], 0) >= 0):
		fmt.Fprintf(d.p.Stdout, "Files %s and %s differ\n", a, b)
		return 1
	}
	h := newHunks(d, texts)
	if len(h.changes) == 0 {
		if d.has('s') {
			fmt.Fprintf(d.p.Stdout, "Files %s and %s are identical\n", a, b)
		}
		return 0
	}
	if d.has('q') {
		fmt.Fprintf(d.p.Stdout, "Files %s and %s differ\n", a, b)
		return 1
	}
	labels := []string{a, b}
	copy(labels, d.labels)
	fmt.Fprintf(d.p.Stdout, "--- %s\n+++ %s\n", labels[0], labels[1])
	h.print(d.p.Stdout)
	return 1
}

// directories compares the entries of two directories by name; with -r the files below them, where directories that only
// one of them has are not told.
func (d *differ) directories(a, b string) int {
	code := 0
	entries := map[string][2]fs.FileInfo{}
	for i, dir := range []string{a, b} {
		if err := d.list(dir, "", i, entries); err != nil {
			return d.trouble("%s: %s", dir, Reason(err))
		}
	}
	for _, n := range slices.Sorted(maps.Keys(entries)) {
		if d.ctx.Err() != nil {
			return 2
		}
		if start, given := d.set['S']; given && n < start {
			continue
		}
		code = max(code, d.entry(a, b, n, entries[n]))
	}
	return code
}

// list adds what is in a directory, by its path below the first one.
func (d *differ) list(dir, below string, side int, entries map[string][2]fs.FileInfo) error {
	if err := tooLong(d.p, dir); err != nil {
		return err
	}
	if err := d.ctx.Err(); err != nil {
		return err
	}
	list, err := d.p.FS().ReadDir(d.p.Path(dir))
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.IsDir() && d.has('r') {
			if err := d.list(join(dir, e.Name()), below+e.Name()+"/", side, entries); err != nil {
				return err
			}
			continue
		}
		both := entries[below+e.Name()]
		both[side] = e
		entries[below+e.Name()] = both
	}
	return nil
}

func (d *differ) entry(a, b, n string, both [2]fs.FileInfo) int {
	left, right := join(a, n), join(b, n)
	switch {
	case both[0] != nil && both[1] != nil && both[0].IsDir() && both[1].IsDir():
		fmt.Fprintf(d.p.Stdout, "Common subdirectories: %s and %s\n", left, right)
		return 0
	case both[0] != nil && both[1] != nil && both[0].IsDir() != both[1].IsDir():
		kind := map[bool]string{true: "directory", false: "regular file"}
		fmt.Fprintf(d.p.Stdout, "File %s is a %s while file %s is a %s\n", left, kind[both[0].IsDir()], right, kind[both[1].IsDir()])
		return 1
	case both[0] != nil && both[1] != nil:
		return d.files(left, right, [2]string{left, right})
	}
	dir, there := a, both[0]
	if there == nil {
		dir, there = b, both[1]
	}
	if d.has('N') && !there.IsDir() {
		if both[0] == nil {
			return d.files("/dev/null", right, [2]string{"", right})
		}
		return d.files(left, "/dev/null", [2]string{left, ""})
	}
	if !d.has('N') {
		fmt.Fprintf(d.p.Stdout, "Only in %s: %s\n", dir, n)
		return 1
	}
	return 0
}

// change replaces lines of the first file by lines of the second one: from included, to not.
type change struct{ fromA, toA, fromB, toB int }

type hunks struct {
	d       *differ
	lines   [2][]string
	changes []change
}

// newHunks finds what differs, in what -i, -b and -w leave of the lines.
func newHunks(d *differ, texts [2][]byte) *hunks {
	h := &hunks{d: d}
	var compared [2]string
	for i, text := range texts {
		h.lines[i] = strings.SplitAfter(string(text), "\n")
		if n := len(h.lines[i]); h.lines[i][n-1] == "" {
			h.lines[i] = h.lines[i][:n-1]
		}
		var b strings.Builder
		for _, line := range h.lines[i] {
			b.WriteString(d.essence(line))
		}
		compared[i] = b.String()
	}
	shift, at, line := 0, 0, 0
	for _, e := range udiff.Lines(compared[0], compared[1]) {
		line += strings.Count(compared[0][at:e.Start], "\n")
		at = e.Start
		removed, added := countLines(compared[0][e.Start:e.End]), countLines(e.New)
		c := change{line, line + removed, line + shift, line + shift + added}
		shift += added - removed
		if n := len(h.changes); n > 0 && h.changes[n-1].toA == c.fromA && h.changes[n-1].toB == c.fromB {
			h.changes[n-1].toA, h.changes[n-1].toB = c.toA, c.toB
			continue
		}
		h.changes = append(h.changes, c)
	}
	if d.has('B') {
		h.changes = slices.DeleteFunc(h.changes, h.blank)
	}
	return h
}

// essence is what of a line is compared.
func (d *differ) essence(line string) string {
	if d.has('i') {
		line = strings.ToLower(line)
	}
	text, ended := strings.CutSuffix(line, "\n")
	switch {
	case d.has('w'):
		text = strings.Join(strings.Fields(text), "")
	case d.has('b'):
		lead := ""
		if text != "" && strings.ContainsAny(text[:1], " \t") {
			lead = " "
		}
		text = lead + strings.Join(strings.Fields(text), " ")
	}
	if ended {
		text += "\n"
	}
	return text
}

func countLines(text string) int {
	n := strings.Count(text, "\n")
	if text != "" && !strings.HasSuffix(text, "\n") {
		n++
	}
	return n
}

func (h *hunks) blank(c change) bool {
	for _, line := range append(slices.Clone(h.lines[0][c.fromA:c.toA]), h.lines[1][c.fromB:c.toB]...) {
		if line != "\n" {
			return false
		}
	}
	return true
}

// print writes the changes; those that are near each other share a hunk.
func (h *hunks) print(out io.Writer) {
	for i := 0; i < len(h.changes) && h.d.ctx.Err() == nil; {
		j := i + 1
		for j < len(h.changes) && h.changes[j].fromA-h.changes[j-1].toA <= 2*h.d.context {
			j++
		}
		var b bytes.Buffer
		h.hunk(&b, h.changes[i:j])
		if _, err := out.Write(b.Bytes()); err != nil {
			return
		}
		i = j
	}
}

func (h *hunks) hunk(b *bytes.Buffer, changes []change) {
	first, last := changes[0], changes[len(changes)-1]
	fromA := max(0, first.fromA-h.d.context)
	toA := min(len(h.lines[0]), last.toA+h.d.context)
	fromB := first.fromB - (first.fromA - fromA)
	toB := last.toB + (toA - last.toA)
	fmt.Fprintf(b, "@@ -%s +%s @@\n", hunkRange(fromA, toA), hunkRange(fromB, toB))
	at := fromA
	for _, c := range changes {
		h.write(b, ' ', h.lines[0][at:c.fromA])
		h.write(b, '-', h.lines[0][c.fromA:c.toA])
		h.write(b, '+', h.lines[1][c.fromB:c.toB])
		at = c.toA
	}
	h.write(b, ' ', h.lines[0][at:toA])
}

func hunkRange(from, to int) string {
	switch to - from {
	case 0:
		return fmt.Sprintf("%d,0", from)
	case 1:
		return strconv.Itoa(from + 1)
	}
	return fmt.Sprintf("%d,%d", from+1, to-from)
}

func (h *hunks) write(b *bytes.Buffer, mark byte, lines []string) {
	for _, line := range lines {
		b.WriteByte(mark)
		if h.d.has('T') {
			b.WriteByte('\t')
		}
		if h.d.has('t') {
			line = string(expandTabs([]byte(line), 8, false))
		}
		b.WriteString(line)
		if !strings.HasSuffix(line, "\n") {
			b.WriteString("\n\\ No newline at end of file\n")
		}
	}
}
