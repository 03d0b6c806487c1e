package tools

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

// ddPiece is how much of a block dd holds at once. A larger block is read and written in pieces, but counts as one.
const ddPiece = 1 << 20

func dd(ctx context.Context, p *sandbox.Process) int {
	d := &ddRun{ctx: ctx, p: p, ibs: 512, count: -1, conv: map[string]bool{}, flags: map[string]bool{}, input: "standard input", output: "standard output", in: p.Stdin, out: p.Stdout}
	for _, a := range p.Args[1:] {
		if a == "--" {
			continue
		}
		key, value, ok := strings.Cut(a, "=")
		if !ok {
			return usage(p)
		}
		if message := d.operand(key, value); message != "" {
			if message == "usage" {
				return usage(p)
			}
			return failf(p, "%s", message)
		}
	}
	began := time.Now()
	code := d.run()
	if d.status != "none" {
		d.report(time.Since(began))
	}
	return code
}

type ddRun struct {
	ctx            context.Context
	p              *sandbox.Process
	ibs, obs, bs   int64
	count          int64 // of blocks or bytes; -1: all
	skip, seek     int64
	conv, flags    map[string]bool
	input, output  string
	status         string
	in             io.Reader
	out            io.Writer
	full, part     int64 // records in
	ofull, opart   int64
	written        int64
	pending, piece []byte // of output blocks
}

func (d *ddRun) operand(key, value string) string {
	numbers := map[string]*int64{"bs": &d.bs, "ibs": &d.ibs, "obs": &d.obs, "count": &d.count, "skip": &d.skip, "seek": &d.seek}
	if to, ok := numbers[key]; ok {
		n, err := parseCount(value, ddSuffixes())
		if err != nil {
			return fmt.Sprintf("invalid number '%s'", value)
		}
		if strings.HasSuffix(key, "bs") && n == 0 {
			return fmt.Sprintf("number %s is not in 1..9223372036854775807 range", value)
		}
		if strings.HasSuffix(key, "bs") && n > 1<<40 { // no machine has such a block
			return "out of memory"
		}
		*to = n
		return ""
	}
	known := map[string]string{
		"conv": " notrunc sync noerror fsync swab ", "iflag": " skip_bytes count_bytes fullblock direct ",
		"oflag": " seek_bytes append direct ", "status": " none noxfer ",
	}
	words, ok := known[key]
	switch {
	case key == "if":
		d.input = value
	case key == "of":
		d.output = value
	case !ok:
		return "usage"
	case key == "status" && !strings.Contains(words, " "+value+" "):
		return fmt.Sprintf("invalid argument '%s' to 'status'", value)
	case key == "status":
		d.status = value
	default:
		for w := range strings.SplitSeq(value, ",") {
			if !strings.Contains(words, " "+w+" ") {
				return fmt.Sprintf("invalid argument '%s' to '%s'", w, key)
			}
			if key == "conv" {
				d.conv[w] = true
			} else {
				d.flags[key[:1]+w] = true
			}
		}
	}
	return ""
}

func (d *ddRun) run() int {
	if d.bs > 0 {
		d.ibs, d.obs = d.bs, d.bs
	}
	if d.obs == 0 {
		d.obs = 512
	}
	if d.input != "standard input" {
		file, err := d.p.Open(d.input)
		if err != nil {
			d.status = "none"
			return failf(d.p, "can't open '%s': %s", d.input, Reason(err))
		}
		defer file.Close()
		d.in = file
	}
	if d.output != "standard output" {
		close, err := d.openOutput()
		if err != nil {
			d.status = "none"
			return failf(d.p, "can't open '%s': %s", d.output, Reason(err))
		}
		defer close()
	}
	if d.skip > 0 {
		if code := d.skipInput(); code != 0 {
			return code
		}
	}
	d.piece = make([]byte, min(d.ibs, ddPiece))
	return d.copy()
}

func (d *ddRun) openOutput() (func(), error) {
	flag := os.O_WRONLY | os.O_CREATE
	if !d.conv["notrunc"] && d.seek == 0 {
		flag |= os.O_TRUNC
	}
	if d.flags["oappend"] {
		flag |= os.O_APPEND
	}
	file, err := d.p.OpenFile(d.output, flag, 0o666)
	if err != nil {
		return nil, err
	}
	if d.seek > 0 {
		at := d.seek
		if !d.flags["oseek_bytes"] {
			at *= d.obs
		}
		if !d.conv["notrunc"] {
			if err := d.truncate(file, at, flag); err != nil {
				_ = file.Close()
				return nil, err
			}
		}
		_, _ = file.Seek(at, io.SeekStart) // a device has no position
	}
	d.out = file
	return func() { _ = file.Close() }, nil
}

// maxTruncate is up to where dd cuts off a file: a container's files know only how to become empty, so what stays is
// written anew.
const maxTruncate = 1 << 20

func (d *ddRun) truncate(file *sandbox.File, at int64, flag int) error {
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() <= at {
		return err
	}
	if at > maxTruncate {
		return fmt.Errorf("a file can be cut off here up to %d bytes; use conv=notrunc", maxTruncate)
	}
	kept, err := d.p.FS().ReadFile(d.p.Path(d.output), at)
	if err != nil {
		return err
	}
	again, err := d.p.OpenFile(d.output, flag|os.O_TRUNC, 0o666)
	if err != nil {
		return err
	}
	_, err = again.Write(kept)
	if cerr := again.Close(); err == nil {
		err = cerr
	}
	return err
}

func (d *ddRun) skipInput() int {
	n := d.skip
	if !d.flags["iskip_bytes"] {
		n *= d.ibs
	}
	if file, ok := d.in.(*sandbox.File); ok {
		if _, err := file.Seek(n, io.SeekStart); err == nil {
			return 0
		}
	}
	_, err := io.CopyN(io.Discard, ctxReader{d.ctx, d.in}, n)
	if err != nil && !isEnd(err) && d.ctx.Err() == nil {
		return failf(d.p, "%s: %s", d.input, Reason(err))
	}
	return 0
}

// copy moves block by block.
func (d *ddRun) copy() int {
	var taken int64
	for d.ctx.Err() == nil && d.p.Wait() == nil {
		want := d.ibs
		if d.count >= 0 {
			if d.flags["icount_bytes"] {
				want = min(want, d.count-taken)
			} else if d.full+d.part >= d.count {
				want = 0
			}
		}
		if want == 0 {
			break
		}
		n, code, err := d.block(want)
		taken += n
		switch {
		case code != 0:
			return code
		case n == d.ibs:
			d.full++
		case n > 0:
			d.part++
		}
		if n > 0 && n < d.ibs && d.conv["sync"] {
			if code := d.pad(d.ibs - n); code != 0 {
				return code
			}
		}
		if err != nil && !isEnd(err) {
			if d.ctx.Err() != nil {
				return 1
			}
			failf(d.p, "%s: %s", d.input, Reason(err))
			return 1
		}
		if n == 0 {
			break
		}
	}
	if len(d.pending) > 0 {
		return d.flush(true)
	}
	return 0
}

// block reads one input block and passes it on. It is short where one read of the system would have been.
func (d *ddRun) block(want int64) (n int64, code int, err error) {
	for n < want && d.ctx.Err() == nil {
		var m int
		m, err = d.in.Read(d.piece[:min(int64(len(d.piece)), want-n)])
		n += int64(m)
		if m > 0 {
			if code = d.write(d.piece[:m]); code != 0 {
				return n, code, nil
			}
		}
		if err != nil || m < len(d.piece) && n < want && !d.flags["ifullblock"] {
			break
		}
	}
	if d.obs == d.ibs && len(d.pending) > 0 {
		return n, d.flush(true), err
	}
	return n, 0, err
}

func (d *ddRun) pad(n int64) int {
	zero := make([]byte, min(n, ddPiece))
	for ; n > 0; n -= int64(len(zero)) {
		if code := d.write(zero[:min(n, int64(len(zero)))]); code != 0 {
			return code
		}
	}
	return 0
}

// write collects output blocks, which are passed on when they are full, or as large as dd holds.
func (d *ddRun) write(data []byte) int {
	if d.conv["swab"] {
		for i := 0; i+1 < len(data); i += 2 {
			data[i], data[i+1] = data[i+1], data[i]
		}
	}
	d.pending = append(d.pending, data...)
	return d.flush(false)
}

func (d *ddRun) flush(all bool) int {
	size := int(min(d.obs, ddPiece))
	for len(d.pending) >= size || all && len(d.pending) > 0 {
		piece := d.pending[:min(size, len(d.pending))]
		n, err := d.out.Write(piece)
		before := d.written
		d.written += int64(n)
		if d.written/d.obs > before/d.obs && int64(n) >= min(d.obs, ddPiece) {
			d.ofull++
		} else if all && n > 0 && d.written%d.obs != 0 && len(d.pending) == len(piece) {
			d.opart++
		}
		if err != nil {
			if d.ctx.Err() == nil {
				failf(d.p, "error writing '%s': %s", d.output, Reason(err))
			}
			return 1
		}
		d.pending = d.pending[:copy(d.pending, d.pending[len(piece):])]
	}
	return 0
}

func (d *ddRun) report(took time.Duration) {
	fmt.Fprintf(d.p.Stderr, "%d+%d records in\n%d+%d records out\n", d.full, d.part, d.ofull, d.opart)
	if d.status == "noxfer" {
		return
	}
	seconds := took.Seconds()
	rate := int64(float64(d.written) / max(seconds, 1e-6))
	fmt.Fprintf(d.p.Stderr, "%d bytes (%s) copied, %.6f seconds, %s/s\n", d.written, ddHuman(d.written), seconds, ddHuman(rate))
}

// ddHuman is a size as dd shows it: 2.0KB.
func ddHuman(n int64) string {
	f := float64(n)
	unit := 0
	for f >= 1024 && unit < 5 {
		f /= 1024
		unit++
	}
	if unit == 0 {
		return fmt.Sprintf("%.0fB", f)
	}
	return fmt.Sprintf("%.1f%s", f, [...]string{"B", "KB", "MB", "GB", "TB", "PB"}[unit])
}
