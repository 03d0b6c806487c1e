package curl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"healthlab/lab/node/sandbox"
)

// version is that of Debian 12.
const version = "7.88.1"

// failure is what went wrong with a transfer: curl's exit code and message.
type failure struct {
	code int
	text string
}

func (f *failure) Error() string { return f.text }

func failed(code int, format string, args ...any) error {
	return &failure{code, fmt.Sprintf(format, args...)}
}

const usage = `Usage: curl [options...] <url>
 -d, --data <data>          HTTP POST data
 -f, --fail                 Fail fast with no output on HTTP errors
 -h, --help <category>      Get help for commands
 -i, --include              Include protocol response headers in the output
 -o, --output <file>        Write to file instead of stdout
 -O, --remote-name          Write output to a file named as the remote file
 -s, --silent               Silent mode
 -T, --upload-file <file>   Transfer local FILE to destination
 -u, --user <user:password> Server user and password
 -A, --user-agent <name>    Send User-Agent <name> to server
 -v, --verbose              Make the operation more talkative
 -V, --version              Show version number and quit
`

// Run is the program curl.
func Run(ctx context.Context, p *sandbox.Process) int {
	o, err := parse(p)
	var wrong usageError
	var f *failure
	switch {
	case errors.As(err, &wrong):
		if wrong != "" {
			fmt.Fprintf(p.Stderr, "curl: %s\n", wrong)
		}
		fmt.Fprintln(p.Stderr, "curl: try 'curl --help' or 'curl --manual' for more information")
		return 2
	case errors.As(err, &f):
		fmt.Fprintf(p.Stderr, "curl: (%d) %s\n", f.code, f.text)
		return f.code
	case o.version:
		fmt.Fprintf(p.Stdout, "curl %s (x86_64-pc-linux-gnu) libcurl/%s\nRelease-Date: 2023-02-20\nProtocols: http https\nFeatures: IPv6 SSL\n", version, version)
		return 0
	case o.help:
		fmt.Fprint(p.Stdout, usage)
		return 0
	}
	code := 0
	for i, u := range o.urls {
		output := "-"
		if i < len(o.outputs) {
			output = o.outputs[i]
		}
		code = (&transfer{options: o, p: p}).run(ctx, u, output)
	}
	return code
}

func readFile(p *sandbox.Process, name string) (string, error) {
	in := p.Stdin
	if name != "-" {
		file, err := p.Open(name)
		if err != nil {
			return "", failed(26, "Failed to open %s", name)
		}
		defer file.Close()
		in = file
	}
	data, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err != nil || len(data) > maxFile {
		return "", failed(26, "Failed to open/read local data from file/application")
	}
	return string(data), nil
}

// transfer is one URL with its redirects and retries.
type transfer struct {
	*options
	p     *sandbox.Process
	began time.Time
	out   io.Writer

	// For -w.
	result
}

// result is what -w tells of a transfer.
type result struct {
	status, redirects           int
	size, uploaded, headerBytes int64
	effective, redirectURL      string
	contentType, asked, ip      string
	port, httpVersion           string
	localIP, localPort          string
	connected, first            time.Duration
}

// run does the transfer and returns the exit code.
func (t *transfer) run(ctx context.Context, raw, output string) int {
	if t.maxTime > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.maxTime)
		defer cancel()
	}
	t.began = time.Now()
	var err error
	for try := 0; ; try++ {
		err = t.once(ctx, raw, output)
		if try >= t.retries || !t.transient(err) || ctx.Err() != nil {
			break
		}
		delay := min(time.Second<<min(try, 9), 10*time.Minute)
		if t.retryDelay > 0 {
			delay = t.retryDelay
		}
		if !t.silent || t.showError {
			t.complain(err)
			fmt.Fprintf(t.p.Stderr, "Warning: Problem : %s. Will retry in %d seconds. %d retries left.\n", t.problem(err), int(delay.Seconds()), t.retries-try)
		}
		timer := time.NewTimer(delay)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
	var f *failure
	code := 0
	switch {
	case errors.As(err, &f):
		code = f.code
		if !t.silent || t.showError {
			t.complain(err)
		}
	case err != nil: // the process has ended
		return 1
	}
	if t.format != "" {
		t.writeOut(code, err)
	}
	return code
}

func (t *transfer) complain(err error) {
	if f := new(failure); errors.As(err, &f) {
		fmt.Fprintf(t.p.Stderr, "curl: (%d) %s\n", f.code, f.text)
	}
}

// transient reports whether --retry tries again.
func (t *transfer) transient(err error) bool {
	var f *failure
	if errors.As(err, &f) && (f.code == 28 || f.code == 6 || f.code == 7 && t.retryRefused) {
		return true
	}
	switch t.status {
	case 408, 429, 500, 502, 503, 504:
		return true
	}
	return false
}

func (t *transfer) problem(err error) string {
	switch f := new(failure); {
	case errors.As(err, &f) && f.code == 28:
		return "timeout"
	case errors.As(err, &f) && f.code == 7:
		return "connection refused"
	}
	return "HTTP error"
}

// once follows redirects from a URL.
func (t *transfer) once(ctx context.Context, raw, output string) error {
	t.result = result{}
	u, err := t.parseURL(raw)
	if err != nil {
		return err
	}
	if t.get && len(t.data) > 0 {
		if u.RawQuery != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += strings.Join(t.data, "&")
	}
	closeOutput, err := t.openOutput(u, output)
	if err != nil {
		return err
	}
	defer closeOutput()
	t.meter()
	defer t.meterEnd()
	method, body, err := t.request()
	if err != nil {
		return err
	}
	for {
		t.effective = u.String()
		again, err := t.fetch(ctx, u, method, body)
		if err != nil || again == nil {
			return err
		}
		if t.redirects++; t.maxRedirects >= 0 && t.redirects > t.maxRedirects {
			return failed(47, "Maximum (%d) redirects followed", t.maxRedirects)
		}
		if t.verbose {
			fmt.Fprintf(t.p.Stderr, "* Issue another request to this URL: '%s'\n", again)
		}
		u = again
		if t.method == "" && method == "POST" && t.status >= 301 && t.status <= 303 {
			method, body = "GET", nil
		}
	}
}

// request returns the method and body of the first request.
func (t *transfer) request() (method string, body []byte, err error) {
	method = "GET"
	switch {
	case t.upload != "":
		text, err := readFile(t.p, t.upload)
		if err != nil {
			return "", nil, err
		}
		method, body = "PUT", []byte(text)
	case len(t.data) > 0 && !t.get:
		method, body = "POST", []byte(strings.Join(t.data, "&"))
	case t.head:
		method = "HEAD"
	}
	if t.method != "" {
		method = t.method
	}
	return method, body, nil
}

func (t *transfer) parseURL(raw string) (*url.URL, error) {
	if !strings.Contains(raw, "://") {
		raw = "http://" + raw
	}
	scheme, _, _ := strings.Cut(raw, "://")
	switch strings.ToLower(scheme) {
	case "http", "https":
	default:
		return nil, failed(1, "Protocol %q not supported or disabled in libcurl", scheme)
	}
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || len(u.Port()) > 5 || u.Port() > "65535" && len(u.Port()) == 5 {
		return nil, failed(3, "URL using bad/illegal format or missing URL")
	}
	if u.Path == "" {
		u.Path = "/"
	}
	if u.User != nil && t.user == "" {
		t.user = u.User.String()
	}
	u.User, u.Fragment = nil, ""
	return u, nil
}

// openOutput says where the answer goes.
func (t *transfer) openOutput(u *url.URL, output string) (closeIt func(), err error) {
	if t.remoteName {
		if output = path.Base(u.Path); output == "/" || output == "." {
			return nil, failed(23, "Failed to extract a sensible file name from the URL to use for storage!")
		}
	}
	t.out = t.p.Stdout
	if output == "-" {
		return func() {}, nil
	}
	if t.makeDirs {
		_ = t.p.FS().MkdirAll(path.Dir(t.p.Path(output)), 0o750) // opening tells
	}
	late := &lateFile{p: t.p, name: output}
	t.out = late
	return late.close, nil
}

// lateFile is a file that is made at the first byte, as curl does.
type lateFile struct {
	p    *sandbox.Process
	name string
	file *sandbox.File
}

func (l *lateFile) Write(b []byte) (int, error) {
	if l.file == nil {
		var err error
		if l.file, err = l.p.OpenFile(l.name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644); err != nil {
			return 0, err
		}
	}
	return l.file.Write(b)
}

func (l *lateFile) close() {
	if l.file != nil {
		_ = l.file.Close()
	}
}

// metered reports whether progress is shown: not with -s, and not where the answer goes to a terminal.
func (t *transfer) metered() bool {
	_, toFile := t.out.(*lateFile)
	return !t.silent && (toFile || t.p.Terminal() == nil)
}

const emptyMeter = "  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0"

func (t *transfer) meter() {
	if t.metered() {
		fmt.Fprint(t.p.Stderr, "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n"+
			"                                 Dload  Upload   Total   Spent    Left  Speed\n\r"+emptyMeter)
	}
}

func (t *transfer) meterEnd() {
	if !t.metered() {
		return
	}
	if t.size == 0 && t.uploaded == 0 {
		fmt.Fprint(t.p.Stderr, "\r"+emptyMeter+"\n")
		return
	}
	seconds := max(time.Since(t.began).Seconds(), 0.001)
	total := t.size + t.uploaded
	fmt.Fprintf(t.p.Stderr, "\r100 %5s  100 %5s  %s %5s %6s %6s --:--:-- --:--:-- --:--:-- %5s\n", short(total), short(t.size),
		map[bool]string{true: "100", false: "  0"}[t.uploaded > 0], short(t.uploaded), short(int64(float64(t.size)/seconds)),
		short(int64(float64(t.uploaded)/seconds)), short(int64(float64(total)/seconds)))
}

// short is a number of bytes as the meter shows it.
func short(n int64) string {
	switch {
	case n < 100_000:
		return fmt.Sprint(n)
	case n < 10_000<<10:
		return fmt.Sprintf("%dk", n>>10)
	}
	return fmt.Sprintf("%dM", n>>20)
}
