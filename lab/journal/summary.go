package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"

	"healthlab/lab"
)

// Summary is what is in a journal, roughly.
type Summary struct {
	From, To time.Time // of the first entry and the last; zero if there is none
	Labs     []string  // the IDs of those that were entered, in that order
	Cut      bool      // as Decoder.Cut
}

// outline is what a summary needs of a line.
type outline struct {
	At   time.Time `json:"at"`
	Fact *struct {
		Kind lab.FactKind
		Lab  string
	} `json:"fact"`
}

// Summarize reads a journal to its end, but takes apart only the lines that tell something of it. Errors are as those of
// NewDecoder, or in's.
func Summarize(in io.Reader) (Summary, error) {
	var s Summary
	d, err := NewDecoder(in)
	if err != nil {
		return s, err
	}
	var last []byte
	look := func(line []byte) {
		var o outline
		if json.Unmarshal(line, &o) != nil || o.At.IsZero() {
			return
		}
		if s.From.IsZero() {
			s.From = o.At
		}
		s.To = o.At
		if f := o.Fact; f != nil && f.Kind == lab.FactStepEntered && !slices.Contains(s.Labs, f.Lab) && len(s.Labs) < maxNames {
			s.Labs = append(s.Labs, f.Lab)
		}
	}
	for {
		err := d.next()
		if err != nil && !errors.Is(err, errLong) { // what is left of a last line says nothing
			look(last)
			s.Cut = d.Cut()
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				err = nil
			}
			return s, err
		}
		if err != nil {
			continue
		}
		if s.From.IsZero() || bytes.Contains(d.line, []byte(`"fact":`)) {
			look(d.line)
		}
		last = append(last[:0], d.line...)
	}
}
