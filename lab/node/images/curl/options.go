package curl

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

// options are those of the command line.
type options struct {
	urls, outputs, headers, data, resolve         []string
	silent, showError, fail, failBody, include    bool
	head, follow, insecure, verbose, get, version bool
	remoteName, old, help, makeDirs               bool
	method, agent, referer, user, format, upload  string
	connectTimeout, maxTime, retryDelay           time.Duration
	maxRedirects, retries                         int
	retryRefused                                  bool
}

// kinds of options.
const (
	flag  = iota // no value
	value        // one
)

// known are the options by letter or name: what they are called, and whether they have a value.
func known() map[string]struct {
	name string
	kind int
} {
	all := map[string]struct {
		name string
		kind int
	}{}
	add := func(kind int, names string) {
		for pair := range strings.FieldsSeq(names) {
			letter, name, ok := strings.Cut(pair, "=")
			if !ok {
				name = letter
			} else {
				all["-"+letter] = struct {
					name string
					kind int
				}{name, kind}
			}
			all["--"+name] = struct {
				name string
				kind int
			}{name, kind}
		}
	}
	add(flag, "s=silent S=show-error f=fail i=include I=head L=location k=insecure v=verbose G=get V=version O=remote-name N=no-buffer "+
		"0=http1.0 4=ipv4 6=ipv6 #=progress-bar fail-with-body http1.1 http2 retry-connrefused retry-all-errors compressed path-as-is location-trusted "+
		"create-dirs no-keepalive tcp-nodelay g=globoff no-progress-meter q=disable")
	add(value, "o=output X=request H=header d=data data-raw data-binary data-ascii data-urlencode json w=write-out m=max-time connect-timeout "+
		"A=user-agent e=referer u=user T=upload-file retry retry-delay retry-max-time max-redirs url resolve noproxy h=help "+
		"proto proto-redir interface keepalive-time")
	return all
}

// usageError is what is wrong with the command line.
type usageError string

func (e usageError) Error() string { return string(e) }

// parse reads the command line.
func parse(p *sandbox.Process) (*options, error) {
	o := &options{maxRedirects: 50, agent: "curl/" + version}
	all := known()
	args := p.Args[1:]
	for len(args) > 0 {
		a := args[0]
		args = args[1:]
		switch {
		case a == "--":
			o.urls = append(o.urls, args...)
			args = nil
		case !strings.HasPrefix(a, "-") || a == "-":
			o.urls = append(o.urls, a)
		case strings.HasPrefix(a, "--"):
			name, no := a, false
			k, ok := all[name]
			if !ok {
				if k, ok = all["--"+strings.TrimPrefix(a, "--no-")]; ok {
					no = true
				}
			}
			if !ok {
				return nil, usageError(fmt.Sprintf("option %s: is unknown", a))
			}
			if k.kind == flag {
				if err := o.set(p, a, k.name, map[bool]string{true: "no"}[no]); err != nil {
					return nil, err
				}
				continue
			}
			if len(args) == 0 {
				if k.name == "help" {
					o.help = true
					continue
				}
				return nil, usageError(fmt.Sprintf("option %s: requires parameter", a))
			}
			if err := o.set(p, a, k.name, args[0]); err != nil {
				return nil, err
			}
			args = args[1:]
		default:
			for i := 1; i < len(a); i++ {
				letter := "-" + a[i:i+1]
				k, ok := all[letter]
				if !ok {
					return nil, usageError(fmt.Sprintf("option %s: is unknown", a))
				}
				if k.kind == flag {
					if err := o.set(p, letter, k.name, ""); err != nil {
						return nil, err
					}
					continue
				}
				v := a[i+1:]
				if v == "" {
					if len(args) == 0 {
						if k.name == "help" {
							o.help = true
							break
						}
						return nil, usageError(fmt.Sprintf("option %s: requires parameter", a))
					}
					v, args = args[0], args[1:]
				}
				if err := o.set(p, a, k.name, v); err != nil {
					return nil, err
				}
				break
			}
		}
	}
	if len(o.urls) == 0 && !o.version && !o.help {
		return nil, usageError("")
	}
	return o, nil
}

// maxFile is how much of a file or of the input a request may hold.
const maxFile = 4 << 20

// set gives an option its value; said is how it was written.
func (o *options) set(p *sandbox.Process, said, name, v string) error {
	on := v != "no"
	var err error
	switch name {
	case "silent":
		o.silent = on
	case "no-progress-meter":
		o.silent, o.showError = true, true
	case "show-error":
		o.showError = on
	case "fail":
		o.fail = on
	case "fail-with-body":
		o.failBody = on
	case "include":
		o.include = on
	case "head":
		o.head = on
	case "location", "location-trusted":
		o.follow = on
	case "insecure":
		o.insecure = on
	case "verbose":
		o.verbose = on
	case "get":
		o.get = on
	case "version":
		o.version = true
	case "help":
		o.help = true
	case "remote-name":
		o.remoteName = true
	case "create-dirs":
		o.makeDirs = true
	case "retry-connrefused", "retry-all-errors":
		o.retryRefused = true
	case "http1.0":
		o.old = true
	case "output":
		o.outputs = append(o.outputs, v)
	case "request":
		o.method = v
	case "header":
		o.headers = append(o.headers, v)
	case "user-agent":
		o.agent = v
	case "referer":
		o.referer = v
	case "user":
		o.user = v
	case "write-out":
		o.format = v
		if name, ok := strings.CutPrefix(v, "@"); ok {
			o.format, err = readFile(p, name)
		}
	case "upload-file":
		o.upload = v
	case "url":
		o.urls = append(o.urls, v)
	case "resolve":
		o.resolve = append(o.resolve, v)
	case "data", "data-ascii", "data-raw", "data-binary", "data-urlencode", "json":
		err = o.addData(p, name, v)
	case "max-time", "connect-timeout", "retry-delay":
		f, bad := strconv.ParseFloat(v, 64)
		if bad != nil || f < 0 || f > 1e6 {
			return usageError(fmt.Sprintf("option %s: expected a proper numerical parameter", said))
		}
		*map[string]*time.Duration{"max-time": &o.maxTime, "connect-timeout": &o.connectTimeout, "retry-delay": &o.retryDelay}[name] = time.Duration(f * float64(time.Second))
	case "retry", "max-redirs":
		n, bad := strconv.Atoi(v)
		if bad != nil || n < -1 || name == "retry" && n < 0 {
			return usageError(fmt.Sprintf("option %s: expected a proper numerical parameter", said))
		}
		*map[string]*int{"retry": &o.retries, "max-redirs": &o.maxRedirects}[name] = n
	}
	return err
}

// addData adds to the body of the request.
func (o *options) addData(p *sandbox.Process, name, v string) error {
	var err error
	if file, ok := strings.CutPrefix(v, "@"); ok && name != "data-raw" {
		if v, err = readFile(p, file); err != nil {
			return err
		}
		if name == "data" || name == "data-ascii" {
			v = strings.NewReplacer("\r", "", "\n", "", "\x00", "").Replace(v)
		}
	}
	switch name {
	case "data-urlencode":
		k, content, named := strings.Cut(v, "=")
		if !named {
			k, content = "", v
		}
		v = percent(content)
		if k != "" {
			v = k + "=" + v
		}
	case "json":
		o.headers = append([]string{"Content-Type: application/json", "Accept: application/json"}, o.headers...)
		if n := len(o.data); n > 0 { // pieces of JSON are not parted
			o.data[n-1] += v
			return nil
		}
	}
	o.data = append(o.data, v)
	return nil
}

// percent encodes a text for a form.
func percent(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._~", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
