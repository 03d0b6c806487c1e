package shell

import (
	"bufio"
	"context"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"healthlab/lab/node/sandbox"
)

// readOptions are those of read.
type readOptions struct {
	raw    bool
	delim  byte
	max    int // bytes; 0: no limit
	prompt string
	limit  time.Duration // 0: none
}

// readArgs reads read's options. The second result is the names, the third what is wrong.
func readArgs(args []string) (o readOptions, names []string, wrong string) {
	o.delim = '\n'
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		flags := args[0][1:]
		args = args[1:]
		for flags != "" && flags != "-" {
			f := flags[0]
			flags = flags[1:]
			value := ""
			if strings.IndexByte("pndt", f) >= 0 {
				switch {
				case flags != "":
					value, flags = flags, ""
				case len(args) > 0:
					value, args = args[0], args[1:]
				default:
					return o, nil, "no arg for -" + string(f) + " option"
				}
			}
			switch f {
			case 'r':
				o.raw = true
			case 's': // nothing echoes
			case 'p':
				o.prompt = value
			case 'd':
				o.delim = (value + "\x00")[0]
			case 't':
				seconds, err := strconv.ParseFloat(value, 64)
				if err != nil || seconds < 0 || seconds > 1e9 {
					return o, nil, "invalid timeout"
				}
				o.limit = max(time.Duration(seconds*float64(time.Second)), time.Millisecond)
			case 'n':
				n, err := strconv.Atoi(value)
				if err != nil || n < 0 {
					return o, nil, "invalid count"
				}
				o.max = n
			default:
				return o, nil, "illegal option -" + string(f)
			}
		}
	}
	return o, args, ""
}

// read reads a line and returns the assignments that give it to variables.
func (sh *shell) read(ctx context.Context, hc interp.HandlerContext, args []string) []string {
	options, names, wrong := readArgs(args)
	if strings.HasPrefix(wrong, "invalid ") {
		_, _ = io.WriteString(hc.Stderr, sh.prefixOf(hc, "read")+wrong+"\n")
		return []string{builtinPrefix + "status", "2"}
	}
	if wrong != "" {
		return sh.refuse(hc, "read", wrong)
	}
	for _, name := range names {
		if !syntax.ValidName(name) {
			return sh.readFailed(hc, "read: '"+name+"': bad variable name")
		}
	}
	if sh.p.Terminal() != nil {
		_, _ = io.WriteString(hc.Stderr, options.prompt)
	}
	input, late := sh.input(hc.Stdin), func() bool { return false }
	if options.limit > 0 {
		limited, cancel := context.WithTimeout(ctx, options.limit)
		defer cancel()
		input = within{limited, sh.p, input}
		late = func() bool { return limited.Err() != nil }
	}
	line, complete := options.from(sh, input)
	if !complete && late() {
		line = "" // as ash does
	}
	sh.spend(hc.Env, len(line))
	return []string{"eval", assignments(hc, names, line, options.raw, complete)}
}

func (sh *shell) readFailed(hc interp.HandlerContext, message string) []string {
	_, _ = io.WriteString(hc.Stderr, sh.name+": "+message+"\n")
	return []string{builtinPrefix + "status", "1"}
}

// assignments is the source that gives a line to variables.
func assignments(hc interp.HandlerContext, names []string, line string, raw, complete bool) string {
	var text strings.Builder
	if len(names) == 0 {
		if !raw {
			line = withoutBackslashes(line)
		}
		text.WriteString("REPLY=" + quote(line) + "\n")
	} else {
		values := expand.ReadFields(&expand.Config{Env: hc.Env}, line, len(names), raw)
		for i, name := range names {
			value := ""
			if i < len(values) {
				value = values[i]
			}
			text.WriteString(name + "=" + quote(value) + "\n")
		}
	}
	status := "0"
	if !complete {
		status = "1"
	}
	text.WriteString(builtinPrefix + "status " + status)
	return text.String()
}

func withoutBackslashes(line string) string {
	var plain strings.Builder
	for i := 0; i < len(line); i++ {
		if line[i] == '\\' && i+1 < len(line) {
			i++
		}
		plain.WriteByte(line[i])
	}
	return plain.String()
}

// from reads a line and not a byte further: what follows may be meant for another command.
func (o readOptions) from(sh *shell, input io.Reader) (line string, complete bool) {
	file, ok := input.(*os.File)
	if !ok {
		return o.line(waiting{sh, input})
	}
	ahead := bufio.NewReaderSize(waiting{sh, file}, 512)
	line, complete = o.line(ahead)
	_, _ = file.Seek(-int64(ahead.Buffered()), io.SeekCurrent)
	return line, complete
}

// line reads up to the delimiter, and reports whether that came. A backslash goes before what has no meaning.
func (o readOptions) line(r io.Reader) (line string, complete bool) {
	var text []byte
	var b [1]byte
	escaped := false
	for n := 0; o.max == 0 || n < o.max; n++ {
		got, err := r.Read(b[:])
		if got == 0 {
			if err != nil {
				return string(text), false
			}
			continue
		}
		switch c := b[0]; {
		case c == o.delim && !escaped:
			return string(text), true
		case c == '\n' && escaped: // the line goes on
			text = text[:len(text)-1]
			escaped = false
		case c == 0:
			n-- // as ash does
		default:
			escaped = c == '\\' && !escaped && !o.raw
			text = append(text, c)
		}
		if len(text) > maxValue {
			die(errNoMemory)
		}
	}
	return string(text), true
}

// within reads for a time.
type within struct {
	ctx  context.Context
	p    *sandbox.Process
	from io.Reader
}

func (w within) Read(b []byte) (int, error) { return w.p.ReadContext(w.ctx, w.from, b) }

// waiting reads as long as the process is not killed or stopped.
type waiting struct {
	sh *shell
	r  io.Reader
}

func (w waiting) Read(b []byte) (int, error) {
	if err := w.sh.p.Wait(); err != nil {
		return 0, err
	}
	return w.r.Read(b)
}
