package nginx

import (
	"compress/gzip"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// compression is what the gzip directives say.
type compression struct {
	on, vary bool
	level    int
	least    int64 // gzip_min_length
	types    []string
	http10   bool // gzip_http_version 1.0
	proxied  bool // gzip_proxied any
}

func defaultCompression() compression {
	return compression{level: 1, least: 20, types: []string{"text/html"}}
}

// gzipSetting applies a directive of gzip. What only some requests would be compressed by is refused.
func gzipSetting(s *scope, d *directive) error {
	z := &s.gzip
	switch d.name {
	case "gzip":
		z.on = d.args[0] == "on"
	case "gzip_vary":
		z.vary = d.args[0] == "on"
	case "gzip_types":
		z.types = append([]string{"text/html"}, d.args...)
	case "gzip_comp_level":
		n, err := strconv.Atoi(d.args[0])
		if err != nil {
			return d.fault("invalid number")
		}
		if n < 1 || n > 9 {
			return d.fault("value must be between 1 and 9") //nolint:revive // nginx's words
		}
		z.level = n
	case "gzip_min_length":
		n, err := bytesOf(d.args[0])
		if err != nil {
			return d.fault("%q directive invalid value", d.name)
		}
		z.least = n
	case "gzip_http_version":
		if d.args[0] != "1.0" && d.args[0] != "1.1" {
			return d.fault("invalid value %q", d.args[0])
		}
		z.http10 = d.args[0] == "1.0"
	case "gzip_proxied":
		switch {
		case slices.Contains(d.args, "any"):
			z.proxied = true
		case slices.Equal(d.args, []string{"off"}):
			z.proxied = false
		default:
			return d.fault("%q with other than \"off\" or \"any\" is not supported here", d.name)
		}
	case "gzip_static":
		if d.args[0] != "off" {
			return d.fault("\"gzip_static %s\" is not supported here", d.args[0])
		}
	case "gzip_disable":
		if !slices.Equal(d.args, []string{"msie6"}) {
			return d.fault("%q with other than \"msie6\" is not supported here", d.name)
		}
	}
	return nil
}

// compress begins to compress the answer, if it is to be (ngx_http_gzip_filter_module.c, ngx_http_gzip_header_filter).
func (a *answer) compress(status int) {
	z, h, r := a.e.scope.gzip, a.Header(), a.e.r
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	length, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64)
	switch {
	case !z.on, status != http.StatusOK && status != http.StatusForbidden && status != http.StatusNotFound,
		h.Get("Content-Encoding") != "", err == nil && length < z.least,
		!slices.Contains(z.types, strings.TrimSpace(kind)) && !slices.Contains(z.types, "*"):
		return
	}
	if z.vary {
		h.Add("Vary", "Accept-Encoding")
	}
	if !acceptsGzip(r.Header.Get("Accept-Encoding")) || !r.ProtoAtLeast(1, 1) && !z.http10 || r.Header.Get("Via") != "" && !z.proxied {
		return
	}
	h.Set("Content-Encoding", "gzip")
	h.Del("Content-Length")
	h.Del("Accept-Ranges")
	if tag := h.Get("Etag"); strings.HasPrefix(tag, `"`) {
		h.Set("Etag", "W/"+tag)
	}
	if r.Method != http.MethodHead {
		a.gzip, _ = gzip.NewWriterLevel(counted{a}, z.level) // the level has been looked at
	}
}

// acceptsGzip reads an Accept-Encoding header.
func acceptsGzip(text string) bool {
	for one := range strings.SplitSeq(text, ",") {
		name, rest, _ := strings.Cut(strings.TrimSpace(one), ";")
		if name = strings.ToLower(strings.TrimSpace(name)); name != "gzip" && name != "*" {
			continue
		}
		q, given := strings.CutPrefix(strings.TrimSpace(rest), "q=")
		n, err := strconv.ParseFloat(q, 64)
		return !given || err == nil && n > 0
	}
	return false
}

// counted is the way to the client behind the compression.
type counted struct{ a *answer }

func (c counted) Write(b []byte) (int, error) {
	n, err := c.a.ResponseWriter.Write(b)
	c.a.bytes += int64(n)
	return n, err
}

// finish ends a compressed answer.
func (a *answer) finish() {
	if a.gzip != nil {
		_ = a.gzip.Close() // a client that is gone is no concern of the server's
	}
}
