package nginx

import (
	"slices"
	"strings"
)

// locations are those of a block.
func (c *compiler) locations(outer *scope, block []*directive) (*locations, error) {
	all := &locations{exact: map[string]*location{}, prefix: map[string]*location{}, named: map[string]*location{}}
	for _, d := range block {
		if d.name != "location" {
			continue
		}
		l, err := c.location(outer, d)
		if err != nil {
			return nil, err
		}
		into := all.prefix
		switch l.kind {
		case "~", "~*":
			all.regex = append(all.regex, l)
			continue
		case "=":
			into = all.exact
		case "@":
			into = all.named
		}
		if _, there := into[l.path]; there {
			return nil, d.fault("duplicate location %q", l.path)
		}
		into[l.path] = l
	}
	return all, nil
}

func (c *compiler) location(outer *scope, d *directive) (*location, error) {
	l := &location{path: d.args[0]}
	outerPath, nested := outer.prefix, d.in == inLocation
	switch {
	case len(d.args) == 2:
		l.kind, l.path = d.args[0], d.args[1]
		if !slices.Contains([]string{"=", "^~", "~", "~*"}, l.kind) {
			return nil, d.fault("invalid location modifier %q", l.kind)
		}
	case strings.HasPrefix(l.path, "@"):
		l.kind = "@"
	default: // without a space between them
		for _, kind := range []string{"=", "^~", "~*", "~"} {
			if rest, ok := strings.CutPrefix(l.path, kind); ok {
				l.kind, l.path = kind, rest
				break
			}
		}
	}
	regex := l.kind == "~" || l.kind == "~*"
	if regex {
		var err error
		if l.re, err = c.regex(d, l.path, l.kind == "~*"); err != nil {
			return nil, err
		}
	}
	if nested && !regex && !outer.regex && !strings.HasPrefix(l.path, outerPath) {
		return nil, d.fault("location %q is outside location %q", l.path, outerPath)
	}
	inner := *outer
	inner.prefix, inner.regex = l.path, regex
	inner.alias, inner.proxy, inner.tryFiles, inner.internal, inner.status, inner.limit = nil, nil, nil, false, false, nil
	var err error
	if l.scope, err = c.scope(&inner, d.block); err != nil {
		return nil, err
	}
	if l.locations, err = c.locations(l.scope, d.block); err != nil {
		return nil, err
	}
	l.steps, err = c.steps(l.scope, d.block)
	return l, err
}

// find returns the location of a URI, or nil (ngx_http_core_module.c, ngx_http_core_find_location).
func (ls *locations) find(e *exchange, uri string) *location {
	if l := ls.exact[uri]; l != nil {
		return l
	}
	var best *location
	for prefix, l := range ls.prefix {
		if strings.HasPrefix(uri, prefix) && (best == nil || len(prefix) > len(best.path)) {
			best = l
		}
	}
	if best != nil {
		if inner := best.locations.find(e, uri); inner != nil {
			return inner
		}
		if best.kind == "^~" {
			return best
		}
	}
	for _, l := range ls.regex {
		if found := l.re.FindStringSubmatch(uri); found != nil {
			e.capture(l.re, found)
			if inner := l.locations.find(e, uri); inner != nil {
				return inner
			}
			return l
		}
	}
	return best
}
