package posix

import (
	"bufio"
	"bytes"
)

// LineReader reads no further than to the end of a line.
type LineReader struct{ R *bufio.Reader }

func (l LineReader) Read(b []byte) (int, error) {
	if _, err := l.R.Peek(1); err != nil {
		return 0, err
	}
	part, err := l.R.Peek(min(l.R.Buffered(), len(b)))
	if err != nil {
		return 0, err
	}
	n := bytes.IndexByte(part, '\n') + 1
	if n == 0 {
		n = len(part)
	}
	copy(b, part[:n])
	_, err = l.R.Discard(n)
	return n, err
}
