package traffic

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"healthlab/lab"
)

// Path is where the kubelet API of a node agent sends requests for whoever asks: with POST, as long as he listens.
const Path = "/traffic"

// contentType is that of an answer. It is not plain JSON, since it is many values and has no end.
const contentType = "application/x-ndjson"

// maxLine is how long a line may be, in bytes.
const maxLine = 64 << 10

// ErrNotTold is why an answer cannot be read that is none of Serve's.
var ErrNotTold = errors.New("the answer does not tell of requests")

// line is a line of an answer: exactly one field is set.
type line struct {
	Begun  *lab.TrafficPlan   `json:",omitempty"` // the first
	Second *lab.TrafficSecond `json:",omitempty"`
	Ended  *lab.Text          `json:",omitempty"` // the last: why
}

// Query is what to ask Path for.
func Query(namespace string, plan lab.TrafficPlan) url.Values {
	return url.Values{
		"namespace": {namespace}, "service": {plan.Service}, "port": {strconv.Itoa(plan.Port)}, "path": {plan.Path},
		"rate": {strconv.Itoa(plan.Rate)}, "follow": {"true"},
	}
}

// asked is Query the other way round.
func asked(q url.Values) (namespace string, plan lab.TrafficPlan, err error) {
	plan = lab.TrafficPlan{Service: q.Get("service"), Path: q.Get("path"), Way: lab.TrafficByNode}
	if namespace = q.Get("namespace"); namespace == "" || plan.Service == "" {
		return namespace, plan, errors.New("namespace and service are needed")
	}
	if plan.Port, err = strconv.Atoi(q.Get("port")); err != nil || plan.Port < 0 || plan.Port > 65535 {
		return namespace, plan, fmt.Errorf("port: %q is not a number from 0 to 65535", q.Get("port"))
	}
	if plan.Rate, err = strconv.Atoi(q.Get("rate")); err != nil || plan.Rate < lab.MinTrafficRate || plan.Rate > lab.MaxTrafficRate {
		return namespace, plan, fmt.Errorf("rate: %q is not a number from %d to %d", q.Get("rate"), lab.MinTrafficRate, lab.MaxTrafficRate)
	}
	return namespace, plan, nil
}

// Serve sends the requests that r asks for until it ends, and tells of them. stream makes them; what it finds wrong is told to
// whoever has asked.
func Serve(w http.ResponseWriter, r *http.Request, stream func(ctx context.Context, namespace string, plan lab.TrafficPlan) (Stream, error)) {
	namespace, plan, err := asked(r.URL.Query())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", contentType)
	out, flush := json.NewEncoder(w), http.NewResponseController(w)
	ctx, hangUp := context.WithCancel(r.Context())
	defer hangUp()
	say := func(l line) {
		if out.Encode(l) != nil || flush.Flush() != nil {
			hangUp() // the client is gone
		}
	}
	s, err := stream(ctx, namespace, plan)
	if err == nil {
		say(line{Begun: &s.Plan})
		err = s.Run(ctx, func(second lab.TrafficSecond) { say(line{Second: &second}) })
	}
	if ctx.Err() == nil {
		why := lab.InFull(err)
		say(line{Ended: &why})
	}
}

// Read reads an answer to its end: it hands on how the requests are sent and, each second, what has come of them. The error is a
// *lab.Error of whoever sends them, ErrNotTold, the reader's, or io.ErrUnexpectedEOF where the answer ended.
func Read(answer io.Reader, begun func(lab.TrafficPlan), tell func(lab.TrafficSecond)) error {
	lines := bufio.NewScanner(answer)
	lines.Buffer(make([]byte, 0, 4<<10), maxLine)
	started := false
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return fmt.Errorf("%w: %w", ErrNotTold, err)
		}
		switch {
		case l.Ended != nil:
			return &lab.Error{Msg: *l.Ended}
		case l.Begun != nil && !started:
			started = true
			begun(*l.Begun)
		case l.Second != nil && started:
			tell(*l.Second)
		default:
			return ErrNotTold
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return io.ErrUnexpectedEOF
}
