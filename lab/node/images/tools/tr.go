package tools

import (
	"context"
	"strings"

	"healthlab/lab/node/sandbox"
)

func tr(ctx context.Context, p *sandbox.Process) int {
	found, args, ok := optionSpec{letters: "+Ccds"}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	complement := has(set, 'c') || has(set, 'C')
	if len(args) == 0 || len(args) > 2 || has(set, 'd') && !has(set, 's') && len(args) > 1 {
		return usage(p)
	}
	from := trSet(args[0])
	if complement {
		from = trComplement(from)
	}
	var to []byte
	if len(args) > 1 {
		if to = trSet(args[1]); len(to) == 0 {
			return failf(p, "STRING2 cannot be empty")
		}
	}
	t := newTranslation(from, to, has(set, 'd'), has(set, 's'))
	buf, out := make([]byte, readBytes), make([]byte, 0, readBytes)
	for ctx.Err() == nil {
		n, err := p.Stdin.Read(buf)
		out = t.translate(out[:0], buf[:n])
		if len(out) > 0 {
			if _, werr := p.Stdout.Write(out); werr != nil {
				return 1
			}
		}
		if err != nil {
			if ctx.Err() == nil && !isEnd(err) {
				return failf(p, "read error: %s", Reason(err))
			}
			return 0
		}
	}
	return 1
}

// translation is what tr does with each byte.
type translation struct {
	to        [256]byte
	dropped   [256]bool
	squeezed  [256]bool
	last      byte
	something bool // whether last is anything
}

func newTranslation(from, to []byte, drop, squeeze bool) *translation {
	t := &translation{}
	for i := range t.to {
		t.to[i] = byte(i)
	}
	for i, c := range from {
		if drop {
			t.dropped[c] = true
		} else if len(to) > 0 {
			t.to[c] = to[min(i, len(to)-1)]
		}
	}
	if squeeze {
		squeezed := to
		if len(to) == 0 {
			squeezed = from
		}
		for _, c := range squeezed {
			t.squeezed[c] = true
		}
	}
	return t
}

func (t *translation) translate(out, in []byte) []byte {
	for _, c := range in {
		if t.dropped[c] {
			continue
		}
		c = t.to[c]
		if t.something && c == t.last && t.squeezed[c] {
			continue
		}
		t.last, t.something = c, true
		out = append(out, c)
	}
	return out
}

// maxTrSet bounds a set; there are only 256 bytes, but sets may repeat them.
const maxTrSet = 1 << 16

// trSet expands ranges, escapes, [:classes:] and [=equivalents=].
func trSet(text string) []byte {
	var out []byte
	for text != "" && len(out) < maxTrSet {
		if strings.HasPrefix(text, "[:") {
			if name, rest, found := strings.Cut(text[2:], ":]"); found {
				if members, known := trClass(name); known {
					out, text = append(out, members...), rest
					continue
				}
			}
		}
		if len(text) > 4 && text[:2] == "[=" && text[3:5] == "=]" {
			out, text = append(out, text[2]), text[5:]
			continue
		}
		c, rest := trByte(text)
		text = rest
		if len(text) > 1 && text[0] == '-' {
			last, rest := trByte(text[1:])
			for i := int(c); i <= int(last); i++ { // none when the range goes backwards
				out = append(out, byte(i))
			}
			text = rest
			continue
		}
		out = append(out, c)
	}
	return out
}

// trByte reads one byte, perhaps escaped.
func trByte(text string) (byte, string) {
	if text[0] != '\\' || len(text) == 1 {
		return text[0], text[1:]
	}
	if i := strings.IndexByte("abfnrtv\\", text[1]); i >= 0 {
		return "\a\b\f\n\r\t\v\\"[i], text[2:]
	}
	value, n := 0, 1
	for n < len(text) && n < 4 && text[n] >= '0' && text[n] <= '7' && value*8+int(text[n]-'0') < 256 {
		value = value*8 + int(text[n]-'0')
		n++
	}
	if n > 1 {
		return byte(value), text[n:]
	}
	return '\\', text[1:]
}

func trClass(name string) ([]byte, bool) {
	span := func(ends ...byte) (all []byte, known bool) {
		for i := 0; i < len(ends); i += 2 {
			for c := int(ends[i]); c <= int(ends[i+1]); c++ {
				all = append(all, byte(c))
			}
		}
		return all, true
	}
	switch name {
	case "alpha":
		return span('A', 'Z', 'a', 'z')
	case "alnum":
		return span('0', '9', 'A', 'Z', 'a', 'z')
	case "digit":
		return span('0', '9')
	case "lower":
		return span('a', 'z')
	case "upper":
		return span('A', 'Z')
	case "space":
		return span('\t', '\r', ' ', ' ')
	case "blank":
		return span('\t', '\t', ' ', ' ')
	case "punct":
		return span('!', '/', ':', '@', '[', '`', '{', '~')
	case "cntrl":
		return span(0, 31, 127, 127)
	case "print":
		return span(' ', '~')
	case "graph":
		return span('!', '~')
	case "xdigit":
		return span('0', '9', 'A', 'F', 'a', 'f')
	}
	return nil, false
}

func trComplement(set []byte) []byte {
	var in [256]bool
	for _, c := range set {
		in[c] = true
	}
	var out []byte
	for c := range in {
		if !in[c] {
			out = append(out, byte(c))
		}
	}
	return out
}
