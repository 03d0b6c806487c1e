package tools

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// hexUnit is a part of a format of hexdump -e: a text that is printed count times, each time for the next bytes.
type hexUnit struct {
	count, size int
	pieces      []hexPiece
}

// hexPiece is plain text, or a conversion.
type hexPiece struct {
	text    string // plain, or the flags and width
	verb    string // c, d, i, o, u, x, X, _ad, _ao, _ax, _c, _p, _u; empty: plain
	numeric bool
}

// maxHexBlock bounds how many bytes a format is for.
const maxHexBlock = 1 << 16

// parseHexFormat reads a format such as `16/1 "%02x " "\n"`.
func parseHexFormat(text string) ([]hexUnit, error) {
	bad := errors.New("bad format {" + text + "}")
	var units []hexUnit
	for rest := strings.TrimLeft(text, " \t\n"); rest != ""; rest = strings.TrimLeft(rest, " \t\n") {
		u := hexUnit{count: 1}
		head, after, ok := strings.Cut(rest, `"`)
		if !ok {
			return nil, bad
		}
		if head = strings.TrimSpace(head); head != "" {
			count, size, sized := strings.Cut(head, "/")
			for _, n := range []struct {
				text string
				to   *int
			}{{count, &u.count}, {size, &u.size}} {
				if n.text = strings.TrimSpace(n.text); n.text == "" {
					continue
				}
				v, err := strconv.ParseUint(n.text, 10, 16)
				if err != nil {
					return nil, bad
				}
				*n.to = int(v)
			}
			if sized && u.size == 0 {
				return nil, bad
			}
		}
		body, left, ok := strings.Cut(after, `"`)
		if !ok {
			return nil, bad
		}
		if err := u.parse(string(unescapeBytes(body))); err != nil {
			return nil, err
		}
		units, rest = append(units, u), left
	}
	return units, nil
}

// parse splits a format's text into what is plain and its conversion, of which there is at most one that takes bytes.
func (u *hexUnit) parse(text string) error {
	for text != "" {
		at := strings.IndexByte(text, '%')
		if at < 0 || at+1 == len(text) {
			u.pieces = append(u.pieces, hexPiece{text: text})
			break
		}
		if text[at+1] == '%' {
			u.pieces = append(u.pieces, hexPiece{text: text[:at+1]})
			text = text[at+2:]
			continue
		}
		u.pieces = append(u.pieces, hexPiece{text: text[:at]})
		text = text[at+1:]
		n := len(text) - len(strings.TrimLeft(text, "-+ #0123456789."))
		p := hexPiece{text: text[:n]}
		text = text[n:]
		for _, verb := range []string{"_ad", "_ao", "_ax", "_c", "_p", "_u", "c", "d", "i", "o", "u", "x", "X"} {
			if strings.HasPrefix(text, verb) {
				p.verb, text = verb, text[len(verb):]
				break
			}
		}
		takes := 0
		switch p.verb {
		case "":
			return fmt.Errorf("bad conversion character %%%.1s", text)
		case "_ad", "_ao", "_ax":
		case "_c", "_p", "_u", "c":
			takes = 1
		default:
			p.numeric, takes = true, 4
		}
		if takes > 0 && u.size == 0 {
			u.size = takes
		}
		if p.numeric && u.size != 1 && u.size != 2 && u.size != 4 && u.size != 8 {
			return fmt.Errorf("bad byte count for conversion character %s", p.verb)
		}
		u.pieces = append(u.pieces, p)
	}
	return nil
}

// takes reports whether a unit is for bytes at all.
func (u hexUnit) takes() bool {
	for _, p := range u.pieces {
		if p.verb != "" && !strings.HasPrefix(p.verb, "_a") {
			return true
		}
	}
	return u.size > 0
}

// hexFormats returns how formats show a block, and how many bytes that is.
func hexFormats(formats [][]hexUnit) (show func(at int64, block []byte) string, bytes int, err error) {
	for _, units := range formats {
		n := 0
		for _, u := range units {
			if u.takes() {
				n += u.count * u.size
			}
		}
		bytes = max(bytes, n)
	}
	if bytes == 0 || bytes > maxHexBlock {
		return nil, 0, errors.New("bad format: it is for no bytes, or for too many")
	}
	return func(at int64, block []byte) string {
		var b strings.Builder
		for _, units := range formats {
			rest, offset := block, at
			for _, u := range units {
				for i := range u.count {
					size := 0
					if u.takes() {
						size = u.size
					}
					b.WriteString(u.one(offset, rest, size, u.count > 1 && i == u.count-1))
					n := min(size, len(rest))
					rest, offset = rest[n:], offset+int64(n)
				}
			}
		}
		return b.String()
	}, bytes, nil
}

// one shows the next bytes; without any it is blank. The last one of several has no blanks of the format behind it.
func (u hexUnit) one(at int64, rest []byte, size int, last bool) string {
	missing := size > 0 && len(rest) == 0
	var cell [8]byte
	copy(cell[:], rest[:min(size, len(rest), 8)])
	var b strings.Builder
	for i, p := range u.pieces {
		text := p.text
		switch {
		case p.verb == "" && last && i == len(u.pieces)-1:
			text = strings.TrimRight(text, " \t\n")
		case p.verb == "":
		case strings.HasPrefix(p.verb, "_a"):
			text = fmt.Sprintf("%"+p.text+p.verb[2:], at)
		case p.numeric:
			text = p.number(binary.LittleEndian.Uint64(cell[:]), size)
		case p.verb == "_p":
			text = fmt.Sprintf("%"+p.text+"s", printable(cell[:1]))
		case p.verb == "_c":
			text = fmt.Sprintf("%"+p.text+"s", strings.TrimLeft(odChar(cell[:1]), " "))
			if cell[0] == ' ' {
				text = fmt.Sprintf("%"+p.text+"s", " ")
			}
		case p.verb == "_u":
			text = fmt.Sprintf("%"+p.text+"s", strings.TrimLeft(odName(cell[:1]), " "))
		default:
			text = fmt.Sprintf("%"+p.text+"s", string(cell[:1]))
		}
		if missing && p.verb != "" && !strings.HasPrefix(p.verb, "_a") {
			width, _, _ := strings.Cut(strings.TrimLeft(p.text, "-+ #0"), ".")
			n, _ := strconv.Atoi(width) // none is 0
			text = strings.Repeat(" ", min(n, maxPath))
		}
		b.WriteString(text)
	}
	return b.String()
}

func (p hexPiece) number(n uint64, size int) string {
	switch p.verb {
	case "d", "i":
		shift := 64 - 8*size
		return fmt.Sprintf("%"+p.text+"d", int64(n<<shift)>>shift) //nolint:gosec // the sign is at the top
	case "u":
		return fmt.Sprintf("%"+p.text+"d", n)
	}
	return fmt.Sprintf("%"+p.text+p.verb, n)
}
