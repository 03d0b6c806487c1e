package nginx

import (
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// step is a directive of the rewrite module, which are done in their order. Exactly one of its fields is set.
type step struct {
	set     *setStep
	ret     *returnStep
	rewrite *rewriteStep
	cond    *condition
	stop    bool // break
}

type setStep struct {
	name  string
	value template
}

type returnStep struct {
	code int
	text template // nil: none
	url  bool
}

type rewriteStep struct {
	re   *regexp.Regexp
	to   template
	flag string // last, break, redirect, permanent or none
	away bool   // to another server, so a redirect
}

// condition is an if block.
type condition struct {
	of     template // a variable, or what is compared or is a file
	op     string   // none: is it true; =, ~, ~*, -f, -d, -e, -x
	not    bool
	value  template
	re     *regexp.Regexp
	steps  []step
	scope  *scope
	inside bool // a location
}

// steps are the rewrite directives of a block.
func (c *compiler) steps(s *scope, block []*directive) ([]step, error) {
	var list []step
	for _, d := range block {
		var st step
		var err error
		switch d.name {
		case "set":
			name, ok := strings.CutPrefix(d.args[0], "$")
			if !ok {
				return nil, d.fault("invalid variable name %q", d.args[0])
			}
			if _, own := c.own[name]; own {
				return nil, d.fault("the duplicate %q variable", name)
			}
			c.cfg.set[name] = true
			st.set = &setStep{name: name}
			st.set.value, err = c.template(d, d.args[1])
		case "return":
			st.ret, err = c.returns(d)
		case "rewrite":
			st.rewrite, err = c.rewrites(d)
		case "break":
			st.stop = true
		case "if":
			st.cond, err = c.condition(s, d)
		default:
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, st)
	}
	return list, nil
}

func (c *compiler) returns(d *directive) (*returnStep, error) {
	code, err := strconv.Atoi(d.args[0])
	r := &returnStep{code: code}
	switch {
	case err != nil && len(d.args) == 1 && hasScheme(d.args[0]):
		r.code, r.url = http.StatusFound, true
		r.text, err = c.template(d, d.args[0])
		return r, err
	case err != nil || code < 0 || code > 999:
		return nil, d.fault("invalid return code %q", d.args[0])
	case len(d.args) == 1:
		return r, nil
	}
	r.url = slices.Contains([]int{301, 302, 303, 307, 308}, code)
	r.text, err = c.template(d, d.args[1])
	return r, err
}

func hasScheme(text string) bool {
	return strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://") || strings.HasPrefix(text, "$scheme")
}

func (c *compiler) rewrites(d *directive) (*rewriteStep, error) {
	r := &rewriteStep{away: hasScheme(d.args[1])}
	if len(d.args) == 3 {
		r.flag = d.args[2]
		if !slices.Contains([]string{"last", "break", "redirect", "permanent"}, r.flag) {
			return nil, d.fault("invalid parameter %q", r.flag)
		}
	}
	var err error
	if r.re, err = c.regex(d, d.args[0], false); err != nil {
		return nil, err
	}
	r.to, err = c.template(d, d.args[1])
	return r, err
}

// condition reads what stands in the parentheses of an if.
func (c *compiler) condition(s *scope, d *directive) (*condition, error) {
	words := slices.Clone(d.args)
	last := len(words) - 1
	if !strings.HasPrefix(words[0], "(") {
		return nil, d.fault("invalid condition %q", words[0])
	}
	if !strings.HasSuffix(words[last], ")") {
		return nil, d.fault("invalid condition %q", words[last])
	}
	words[0] = words[0][1:]
	words[last] = strings.TrimSuffix(words[last], ")")
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	if len(words) == 0 {
		return nil, d.fault("invalid condition %q", d.args[0])
	}
	cond := &condition{inside: d.in == inLocation}
	var err error
	test, not := strings.CutPrefix(words[0], "!")
	switch {
	case len(words) == 2 && slices.Contains([]string{"-f", "-d", "-e", "-x"}, test):
		cond.op, cond.not = test, not
		cond.of, err = c.template(d, words[1])
	case !strings.HasPrefix(words[0], "$"):
		return nil, d.fault("invalid condition %q", words[0])
	case len(words) == 1:
		cond.of, err = c.template(d, words[0])
	case len(words) == 3:
		if cond.of, err = c.template(d, words[0]); err != nil {
			return nil, err
		}
		cond.op, cond.not = strings.CutPrefix(words[1], "!")
		switch cond.op {
		case "=":
			cond.value, err = c.template(d, words[2])
		case "~", "~*":
			cond.re, err = c.regex(d, words[2], cond.op == "~*")
		default:
			return nil, d.fault("unexpected %q in condition", words[1])
		}
	default:
		return nil, d.fault("invalid condition %q", words[0])
	}
	if err != nil {
		return nil, err
	}
	if cond.scope, err = c.scope(s, d.block); err != nil {
		return nil, err
	}
	cond.steps, err = c.steps(cond.scope, d.block)
	return cond, err
}

func (e *exchange) holds(c *condition) bool {
	value := e.expand(c.of)
	var is bool
	switch c.op {
	case "":
		is = value != "" && value != "0"
	case "=":
		is = value == e.expand(c.value)
	case "~", "~*":
		found := c.re.FindStringSubmatch(value)
		if is = found != nil; is {
			e.capture(c.re, found)
		}
	default:
		info, err := e.s.p.FS().Stat(path.Join("/", value))
		is = err == nil && (c.op == "-e" || c.op == "-f" && info.Mode().IsRegular() || c.op == "-d" && info.IsDir() || c.op == "-x" && info.Mode()&0o111 != 0)
	}
	return is != c.not
}

// outcome is how a list of steps ended.
type outcome int

const (
	goesOn  outcome = iota
	stopped         // break: what follows is not done
	again           // last: another location is looked for
	done            // it has been answered
)

// perform does the steps of a server or location.
func (e *exchange) perform(steps []step) outcome {
	for _, st := range steps {
		switch {
		case st.set != nil:
			e.vars[st.set.name] = e.expand(st.set.value)
		case st.ret != nil:
			e.returns(st.ret)
			return done
		case st.stop:
			return stopped
		case st.rewrite != nil:
			if o := e.rewrite(st.rewrite); o != goesOn {
				return o
			}
		case st.cond != nil && e.holds(st.cond):
			if st.cond.inside {
				e.scope = st.cond.scope
			}
			if o := e.perform(st.cond.steps); o != goesOn {
				return o
			}
		}
	}
	return goesOn
}

func (e *exchange) rewrite(r *rewriteStep) outcome {
	found := r.re.FindStringSubmatch(e.uri)
	if found == nil {
		return goesOn
	}
	e.capture(r.re, found)
	to := e.expand(r.to)
	uri, query, given := strings.Cut(to, "?")
	switch {
	case !given:
		query = e.args
	case query == "": // a question mark at the end drops the arguments
	case e.args != "":
		query += "&" + e.args
	}
	if r.away || r.flag == "redirect" || r.flag == "permanent" {
		code := http.StatusFound
		if r.flag == "permanent" {
			code = http.StatusMovedPermanently
		}
		if query != "" {
			uri += "?" + query
		}
		e.redirect(code, uri)
		return done
	}
	e.uri, e.args, e.changed = uri, query, true
	switch r.flag {
	case "last":
		return again
	case "break":
		e.changed = false
		return stopped
	}
	return goesOn
}

// returns answers as return says.
func (e *exchange) returns(r *returnStep) {
	switch {
	case r.code == 444:
		e.hangUp()
	case r.url:
		e.redirect(r.code, e.expand(r.text))
	case r.text == nil && r.code >= 300:
		e.fail(r.code)
	default:
		e.w.Header().Set("Content-Type", e.contentType(e.uri))
		text := ""
		if r.text != nil {
			text = e.expand(r.text)
		}
		if r.code != http.StatusNoContent {
			e.w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		}
		e.w.WriteHeader(r.code)
		_, _ = e.w.Write([]byte(text)) // a client that is gone is no concern of the server's
	}
}
