package witness

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
)

// contentType is that of an answer. It is not plain JSON, since it is many values and has no end.
const contentType = "application/x-ndjson"

// maxLine is how long a line may be, in bytes.
const maxLine = 64 << 10

// ErrNotLog is why an answer cannot be read that is none of a Log's.
var ErrNotLog = errors.New("the answer is not a log of attempts")

// Query is what to ask Path for: the attempts in a namespace after those that were read already, and those to come.
func Query(namespace string, from Cursor) url.Values {
	return url.Values{"namespace": {namespace}, "log": {from.Log}, "after": {strconv.FormatUint(from.Seq, 10)}, "follow": {"true"}}
}

// Told is what Read hands on.
type Told struct {
	// Begun is called once the Log has answered.
	Begun func()
	// Record is called for each attempt, oldest first. Old ones were made before Read began, and before whoever reads had read
	// anything of this Log.
	Record func(r Record, old bool)
}

// Read reads an answer to its end and returns how far it came, from at least. Records that from has read are left out. The
// error is ErrNotLog, the reader's, or io.ErrUnexpectedEOF where the answer ended.
func Read(answer io.Reader, from Cursor, told Told) (Cursor, error) {
	lines := bufio.NewScanner(answer)
	lines.Buffer(make([]byte, 0, 4<<10), maxLine)
	var hello greeting
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &hello) != nil || hello.Log == "" {
		if err := lines.Err(); err != nil && !errors.Is(err, bufio.ErrTooLong) {
			return from, err
		}
		return from, ErrNotLog
	}
	old := uint64(0)
	if hello.Log != from.Log {
		from, old = Cursor{Log: hello.Log}, hello.Seq
	}
	told.Begun()
	for lines.Scan() {
		var r Record
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return from, fmt.Errorf("%w: %w", ErrNotLog, err)
		}
		if r.Seq <= from.Seq {
			continue
		}
		from.Seq = r.Seq
		told.Record(r, r.Seq <= old)
	}
	if err := lines.Err(); err != nil {
		return from, err
	}
	return from, io.ErrUnexpectedEOF
}
