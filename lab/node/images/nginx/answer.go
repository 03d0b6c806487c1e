package nginx

import (
	"compress/gzip"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// answer is the response, with what access logs and add_header want of it.
type answer struct {
	http.ResponseWriter
	e      *exchange
	status int
	bytes  int64
	gzip   *gzip.Writer // nil: it is not compressed
}

func (a *answer) WriteHeader(status int) {
	if a.status != 0 {
		return
	}
	if a.e.status != 0 {
		status = a.e.status
	}
	a.status = status
	a.e.headers(status)
	a.compress(status)
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	if a.gzip != nil {
		return a.gzip.Write(b)
	}
	n, err := a.ResponseWriter.Write(b)
	if a.e.r.Method != http.MethodHead {
		a.bytes += int64(n)
	}
	return n, err
}

// Unwrap lets http.ResponseController reach the original.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// headers sets what add_header, expires and the like ask for.
func (e *exchange) headers(status int) {
	h := e.w.Header()
	common := slices.Contains([]int{200, 201, 204, 206, 301, 302, 303, 304, 307, 308}, status)
	if x := e.scope.expires; x != "" && x != "off" && common {
		when := time.Unix(1, 0)
		switch {
		case x == "max":
			when = time.Date(2037, 12, 31, 23, 55, 55, 0, time.UTC)
			h.Set("Cache-Control", "max-age=315360000")
		case x == "epoch" || strings.HasPrefix(x, "-"):
			if d, err := seconds(strings.TrimPrefix(x, "-")); err == nil {
				when = time.Now().Add(-d)
			}
			h.Set("Cache-Control", "no-cache")
		default:
			d, _ := seconds(x) // looked at when it was read
			when = time.Now().Add(d)
			h.Set("Cache-Control", fmt.Sprintf("max-age=%d", int(d.Seconds())))
		}
		h.Set("Expires", when.UTC().Format(http.TimeFormat))
	}
	for _, add := range e.scope.headers {
		if !common && !add.always {
			continue
		}
		if v := e.expand(add.value); v != "" {
			h.Add(add.name, strings.NewReplacer("\r", "", "\n", "").Replace(v))
		}
	}
	if e.scope.noKeepAlive {
		h.Set("Connection", "close")
	} else if e.r.ProtoMajor == 1 {
		h.Set("Connection", "keep-alive")
	}
}
