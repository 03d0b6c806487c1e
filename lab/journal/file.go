package journal

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"healthlab/lab"
)

// version is that of the files that Encoder writes and Decoder reads. It grows with every change after which a reader of
// the old form would get an entry wrong.
const version = 1

// maxLine bounds a line, and maxHeader the first one, in bytes.
const (
	maxLine   = 1 << 20
	maxHeader = 4 << 10
)

// header is the first line of a file.
type header struct {
	Format  string `json:"format"` // always formatName
	Version int    `json:"version"`
}

const formatName = "healthlab-journal"

// Encoder writes entries, each as one line of JSON, after a line with the version.
type Encoder struct {
	out  io.Writer
	line bytes.Buffer
	json *json.Encoder
}

// NewEncoder writes the first line to out.
func NewEncoder(out io.Writer) (*Encoder, error) {
	e := &Encoder{out: out}
	e.json = json.NewEncoder(&e.line)
	e.json.SetEscapeHTML(false)
	if err := e.write(header{Format: formatName, Version: version}); err != nil {
		return nil, fmt.Errorf("begin the journal: %w", err)
	}
	return e, nil
}

// Encode writes an entry in one go. What is no UTF-8 in its texts is written as U+FFFD. An entry whose line would be longer
// than 1 MiB is refused; others may follow it.
func (e *Encoder) Encode(entry Entry) error {
	w, err := toWire(entry)
	if err == nil {
		err = e.write(w)
	}
	if err != nil {
		return fmt.Errorf("write entry %d of the journal: %w", entry.Seq, err)
	}
	return nil
}

func (e *Encoder) write(content any) error {
	e.line.Reset()
	if err := e.json.Encode(content); err != nil {
		return err
	}
	if e.line.Len() > maxLine {
		return fmt.Errorf("its line of %d bytes is longer than %d", e.line.Len(), maxLine)
	}
	_, err := e.out.Write(e.line.Bytes())
	return err
}

// Decoder reads what an Encoder has written, as it stands or compressed by gzip. What it holds in memory is bounded, whatever
// it reads.
type Decoder struct {
	in   *bufio.Reader
	line []byte
	n    int    // of the line read last
	seq  uint64 // of the entry returned last
	// packed is what in reads from, if that is compressed.
	packed *inflater
	// names are those that attempts have in common: most of a journal is attempts, and few pods have made them.
	names map[string]string
}

// How many names are remembered, and how long they may be.
const (
	maxNames = 4096
	maxName  = 256
)

// Interruptible is in, of which nothing more is read when ctx has ended. A small compressed file may hold a line without an end.
func Interruptible(ctx context.Context, in io.Reader) io.Reader { return interruptible{ctx, in} }

type interruptible struct {
	ctx context.Context //nolint:containedctx // io.Reader has no other way
	in  io.Reader
}

// Read implements io.Reader.
func (r interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.in.Read(p)
}

// NewDecoder reads the first line. The error is a *lab.Error if what in has is no journal, or one of another version.
func NewDecoder(in io.Reader) (*Decoder, error) {
	d := &Decoder{in: bufio.NewReaderSize(in, 64<<10), names: map[string]string{}}
	if lead, _ := d.in.Peek(2); bytes.Equal(lead, []byte{0x1f, 0x8b}) { // RFC 1952, ID1 and ID2
		d.packed = &inflater{in: d.in}
		d.in = bufio.NewReaderSize(d.packed, 64<<10)
	}
	var h header
	_, err := d.in.Peek(1)
	if first, full := d.in.Peek(maxHeader); full == nil && !bytes.Contains(first, []byte("\n")) {
		err = errLong // however long it is
	}
	if err == nil {
		err = d.next()
	}
	if err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
		err = json.Unmarshal(d.line, &h)
	}
	var broken *json.SyntaxError
	var other *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF):
		return nil, lab.Errorf(nil, "저널이 비어 있거나 첫 줄 앞에서 잘렸습니다", "the journal is empty, or was cut before the end of its first line")
	case errors.As(err, &broken), errors.As(err, &other), errors.Is(err, errLong), err == nil && h.Format != formatName:
		return nil, lab.Errorf(nil, "healthlab이 남긴 저널이 아닙니다", "this is not a healthlab journal")
	case err != nil:
		return nil, fmt.Errorf("read the journal: %w", err)
	case h.Version != version:
		return nil, lab.Errorf(nil, "저널의 버전이 %d입니다. 이 healthlab은 버전 %d만 읽으므로, 저널을 남긴 healthlab으로 여십시오",
			"the journal has version %d, but this healthlab reads only version %d: open it with the healthlab that wrote it",
			h.Version, version)
	}
	return d, nil
}

// BadLine is a line of a journal that makes no entry. Decode goes on with the next one.
type BadLine struct {
	Line  int // counted from 1
	Cause error
}

// Error names the line.
func (b *BadLine) Error() string { return fmt.Sprintf("line %d of the journal: %v", b.Line, b.Cause) }

// Unwrap returns the cause.
func (b *BadLine) Unwrap() error { return b.Cause }

// Decode returns the next entry. The error is io.EOF at the end; a *BadLine for a line that is no entry, does not come after
// the one before or is too long; a *BadLine that wraps io.ErrUnexpectedEOF for a last line that was cut; and otherwise in's.
func (d *Decoder) Decode() (Entry, error) {
	cut := d.next()
	switch {
	case errors.Is(cut, errLong):
		return Entry{}, &BadLine{d.n, cut}
	case cut != nil && !errors.Is(cut, io.ErrUnexpectedEOF):
		return Entry{}, cut
	}
	var w wire
	err := json.Unmarshal(d.line, &w)
	if err != nil && cut != nil {
		return Entry{}, &BadLine{d.n, cut}
	}
	var e Entry
	if err == nil {
		if w.Attempt != nil {
			d.shareNames(w.Attempt)
		}
		e, err = w.entry()
	}
	if err == nil && e.Seq <= d.seq {
		err = fmt.Errorf("entry %d comes after entry %d", e.Seq, d.seq)
	}
	if err != nil {
		return Entry{}, &BadLine{d.n, err}
	}
	d.seq = e.Seq
	return e, nil
}

// shareNames makes equal names of attempts the same memory.
func (d *Decoder) shareNames(a *wireAttempt) {
	share(d.names, &a.Pod)
	share(d.names, &a.UID)
	share(d.names, &a.Container)
	share(d.names, &a.Witness)
	share(d.names, &a.Kind)
	share(d.names, &a.ContainerID)
	share(d.names, &a.Mechanism)
	share(d.names, &a.Outcome)
	share(d.names, &a.Message)
	share(d.names, &a.Verdict)
}

func share[S ~string](names map[string]string, name *S) {
	if len(*name) > maxName {
		return
	}
	known, ok := names[string(*name)]
	switch {
	case ok:
		*name = S(known)
	case len(names) < maxNames:
		names[string(*name)] = string(*name)
	}
}

// Cut reports, at the end of what was read, whether the end of a compressed file is missing or damaged, as it is if whoever
// wrote it was killed.
func (d *Decoder) Cut() bool { return d.packed != nil && d.packed.cut }

// inflater reads what gzip has compressed. Where that is cut or damaged, it ends.
type inflater struct {
	in   io.Reader
	gzip *gzip.Reader // nil before the first Read
	cut  bool
}

// Read implements io.Reader.
func (i *inflater) Read(p []byte) (n int, err error) {
	if i.gzip == nil {
		i.gzip, err = gzip.NewReader(i.in)
	}
	if err == nil {
		n, err = i.gzip.Read(p)
	}
	var damaged flate.CorruptInputError
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.As(err, &damaged) {
		i.cut, err = true, io.EOF
	}
	return n, err
}

var errLong = fmt.Errorf("it is longer than %d bytes", maxLine)

// next reads a line, without its end, into d.line. The error is io.EOF if there is none, io.ErrUnexpectedEOF if its end is
// missing, and errLong if it is too long, in which case all of it was passed over.
func (d *Decoder) next() error {
	d.line = d.line[:0]
	d.n++
	long := false
	for {
		part, err := d.in.ReadSlice('\n')
		if long = long || len(d.line)+len(part) > maxLine; !long {
			d.line = append(d.line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case long && (err == nil || errors.Is(err, io.EOF)):
			return errLong
		case errors.Is(err, io.EOF) && len(d.line) > 0:
			return io.ErrUnexpectedEOF
		case err != nil:
			return err
		}
		d.line = bytes.TrimSuffix(d.line, []byte("\n"))
		return nil
	}
}
