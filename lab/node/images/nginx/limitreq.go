package nginx

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// zone is a limit_req_zone: how many requests each key has made of late. Its numbers are in thousandths of a request, as in
// nginx (ngx_http_limit_req_module.c). A reload begins anew.
type zone struct {
	name string
	key  template
	rate int64 // per second
	most int   // keys

	mu   sync.Mutex
	keys map[string]bucket
}

type bucket struct {
	excess int64
	last   time.Time
}

// limitReq is a limit_req: burst and delay in thousandths.
type limitReq struct {
	zone         *zone
	burst, delay int64
}

// zoneOf is limit_req_zone.
func (c *compiler) zoneOf(d *directive) error {
	const perKey, most = 128, 100_000 // bytes of a zone, keys
	z := &zone{keys: map[string]bucket{}}
	var err error
	if z.key, err = c.template(d, d.args[0]); err != nil {
		return err
	}
	for _, a := range d.args[1:] {
		name, value, _ := strings.Cut(a, "=")
		switch name {
		case "zone":
			text, size, ok := strings.Cut(value, ":")
			n, err := bytesOf(size)
			if !ok || err != nil {
				return d.fault("invalid zone size %q", value)
			}
			if n < 32<<10 {
				return d.fault("zone %q is too small", value)
			}
			z.name, z.most = text, int(min(n/perKey, most))
		case "rate":
			text, minute := strings.CutSuffix(value, "r/m")
			text = strings.TrimSuffix(text, "r/s")
			n, err := strconv.ParseInt(text, 10, 32)
			if err != nil || n <= 0 {
				return d.fault("invalid rate %q", a)
			}
			if z.rate = n * 1000; minute {
				z.rate /= 60
			}
		default:
			return d.fault("invalid parameter %q", a)
		}
	}
	if z.name == "" {
		return d.fault("%q must have \"zone\" parameter", d.name)
	}
	if z.rate == 0 {
		z.rate = 1000
	}
	if c.cfg.zones[z.name] != nil {
		return d.fault("%s %q is already bound to key", d.name, z.name)
	}
	c.cfg.zones[z.name] = z
	return nil
}

func (c *compiler) limitReq(d *directive) (limitReq, error) {
	var l limitReq
	name := ""
	for _, a := range d.args {
		key, value, _ := strings.Cut(a, "=")
		n, err := strconv.ParseInt(value, 10, 32)
		switch {
		case key == "zone":
			name = value
		case a == "nodelay":
			l.delay = math.MaxInt64
		case key == "burst" && err == nil && n > 0:
			l.burst = n * 1000
		case key == "delay" && err == nil && n > 0:
			l.delay = n * 1000
		case key == "burst":
			return l, d.fault("invalid burst value %q", a)
		case key == "delay":
			return l, d.fault("invalid delay value %q", a)
		default:
			return l, d.fault("invalid parameter %q", a)
		}
	}
	if name == "" {
		return l, d.fault("%q must have \"zone\" parameter", d.name)
	}
	if l.zone = c.cfg.zones[name]; l.zone == nil {
		return l, configError("zero size shared memory zone " + strconv.Quote(name))
	}
	return l, nil
}

// count counts a request of a key; busy: it is one too many.
func (z *zone) count(key string, burst int64, now time.Time) (excess int64, busy bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	b, known := z.keys[key]
	if !known {
		if len(z.keys) >= z.most {
			for k, old := range z.keys { // those that are as good as new
				if z.left(old, now) == 0 {
					delete(z.keys, k)
				}
			}
			if len(z.keys) >= z.most {
				return 0, true
			}
		}
		z.keys[key] = bucket{last: now}
		return 0, false
	}
	excess = max(0, b.excess-z.rate*now.Sub(b.last).Milliseconds()/1000+1000)
	if excess > burst {
		return excess, true
	}
	z.keys[key] = bucket{excess, now}
	return excess, false
}

// left is what of a bucket has not run out yet.
func (z *zone) left(b bucket, now time.Time) int64 {
	return max(0, b.excess-z.rate*now.Sub(b.last).Milliseconds()/1000)
}

// hurried holds a request against the limits: it may be refused, with true, or kept waiting.
func (e *exchange) hurried() bool {
	if e.counted { // before an internal redirect
		return false
	}
	var wait time.Duration
	for _, l := range e.scope.limits {
		key := e.expand(l.zone.key)
		if key == "" {
			continue
		}
		e.counted = true
		excess, busy := l.zone.count(key, l.burst, time.Now())
		if busy {
			e.errorf("limiting requests, excess: %d.%03d by zone %q", excess/1000, excess%1000, l.zone.name)
			e.fail(e.scope.limitStatus)
			return true
		}
		if excess > l.delay {
			wait = max(wait, time.Duration(excess-l.delay)*time.Second/time.Duration(l.zone.rate))
		}
	}
	if wait == 0 {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return false
	case <-e.r.Context().Done():
		e.w.status = 499
		return true
	}
}

// limitStatus reads limit_req_status.
func limitStatus(d *directive) (int, error) {
	n, err := strconv.Atoi(d.args[0])
	if err != nil || n < http.StatusBadRequest || n > 599 {
		return 0, d.fault("value must be between 400 and 599") //nolint:revive // nginx's words
	}
	return n, nil
}
