package witness

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"healthlab/probes"
)

const (
	// NodeName is the name of the node that healthlab's agent runs.
	NodeName = "healthlab"
	// Path is where its kubelet API serves the Log.
	Path = "/attempts"
)

const (
	// Kept is how many attempts a Log keeps.
	Kept = 4096
	// maxMessage is how many bytes of a message are kept: what a person reads, not a whole response body.
	maxMessage = 1 << 10
)

// Record is an attempt and whom it was made at.
type Record struct {
	Seq            uint64
	Namespace, Pod string
	Attempt        probes.Attempt
}

// Cursor is how far somebody has read. The zero Cursor is before everything.
type Cursor struct {
	Log string // its name
	Seq uint64 // of the last record
}

// greeting is the first line of an answer.
type greeting struct {
	Log string // its name
	Seq uint64 // of the last record before the answer began
}

// Log keeps the newest attempts of a node. NewLog makes it.
type Log struct {
	name string

	mu      sync.Mutex
	records []Record // a ring of up to Kept; the record Seq is at (Seq-1) % Kept
	last    uint64
	news    chan struct{} // closed at the next Add; nil while nobody waits
}

// NewLog returns an empty Log with a name of its own.
func NewLog() *Log { return &Log{name: rand.Text()} }

// Add tells of an attempt. A long message is cut.
func (l *Log) Add(namespace, pod string, a probes.Attempt) {
	if len(a.Message) > maxMessage {
		a.Message = strings.Clone(strings.ToValidUTF8(a.Message[:maxMessage], "")) // a copy, so that the rest can be freed
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	r := Record{Seq: l.last, Namespace: namespace, Pod: pod, Attempt: a}
	if len(l.records) < Kept {
		l.records = append(l.records, r)
	} else {
		l.records[(l.last-1)%Kept] = r
	}
	if l.news != nil {
		close(l.news)
		l.news = nil
	}
}

// after returns the records of a namespace after seq, oldest first, the last Seq that was looked at, and, if there are none, a
// channel that is closed at the next Add.
func (l *Log) after(seq uint64, namespace string) (found []Record, last uint64, news <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if oldest := l.last - uint64(len(l.records)); seq < oldest {
		seq = oldest
	}
	for ; seq < l.last; seq++ {
		if r := l.records[seq%Kept]; r.Namespace == namespace {
			found = append(found, r)
		}
	}
	if len(found) == 0 {
		if l.news == nil {
			l.news = make(chan struct{})
		}
		news = l.news
	}
	return found, l.last, news
}

// ServeHTTP tells of the attempts in the namespace that the request names, from its Cursor on, until the request ends.
func (l *Log) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	namespace := query.Get("namespace")
	var seq uint64
	if query.Get("log") == l.name {
		var err error
		if seq, err = strconv.ParseUint(query.Get("after"), 10, 64); err != nil {
			http.Error(w, "after: "+strconv.Quote(query.Get("after"))+" is not a number of 0 or more", http.StatusBadRequest)
			return
		}
	}
	if namespace == "" {
		http.Error(w, "namespace: none is given", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", contentType)
	out, flush := json.NewEncoder(w), http.NewResponseController(w)
	l.mu.Lock()
	hello := greeting{Log: l.name, Seq: l.last}
	l.mu.Unlock()
	if out.Encode(hello) != nil {
		return
	}
	for {
		records, last, news := l.after(seq, namespace)
		for _, record := range records {
			if out.Encode(record) != nil {
				return // the client is gone
			}
		}
		seq = last
		if flush.Flush() != nil {
			return
		}
		if news == nil {
			continue
		}
		select {
		case <-news:
		case <-r.Context().Done():
			return
		}
	}
}
