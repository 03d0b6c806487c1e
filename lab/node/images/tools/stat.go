package tools

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

func stat(_ context.Context, p *sandbox.Process) int {
	set, names, ok := options(p, "Lft", "c")
	if !ok {
		return 1
	}
	if len(names) == 0 {
		return usage(p)
	}
	if has(set, 'f') {
		return failf(p, "the file system cannot be described here; df tells what is free")
	}
	code := 0
	for _, n := range names {
		get := p.FS().Lstat
		if has(set, 'L') {
			get = p.FS().Stat
		}
		info, err := get(p.Path(n))
		if err != nil {
			code = failf(p, "can't stat '%s': %s", n, Reason(err))
			continue
		}
		format, given := set['c']
		switch {
		case given:
		case has(set, 't'):
			format = "%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %o"
		default:
			format = "  File: %N\n  Size: %s\t\tBlocks: %b\tIO Block: %o\t%F\nDevice: %Dh/%dd\tInode: %i\tLinks: %h\n" +
				"Access: (0%a/%A)  Uid: (    %u/    %U)   Gid: (    %g/    %G)\nAccess: %x\nModify: %y\nChange: %z"
		}
		fmt.Fprintln(p.Stdout, describe(p, n, info, format))
	}
	return code
}

// describe fills in a format of stat. There is one device and one user, and inodes have no numbers.
func describe(p *sandbox.Process, n string, info fs.FileInfo, format string) string {
	const stamp = "2006-01-02 15:04:05.000000000 -0700"
	raw := uint64(info.Mode().Perm())
	kind := "regular file"
	shown := n
	switch {
	case info.IsDir():
		kind, raw = "directory", raw|0o040000
	case info.Mode()&fs.ModeSymlink != 0:
		kind, raw = "symbolic link", raw|0o120000
		target, _ := p.FS().Readlink(p.Path(n))
		shown = "'" + n + "' -> '" + target + "'"
	case info.Mode()&fs.ModeCharDevice != 0:
		kind, raw = "character special file", raw|0o020000
	case info.Size() == 0:
		kind, raw = "regular empty file", raw|0o100000
	default:
		raw |= 0o100000
	}
	links := "1"
	if info.IsDir() {
		links = "2"
	}
	time, seconds := info.ModTime().UTC().Format(stamp), strconv.FormatInt(info.ModTime().Unix(), 10)
	values := map[byte]string{
		'n': n, 'N': shown, 's': strconv.FormatInt(info.Size(), 10), 'a': strconv.FormatUint(uint64(info.Mode().Perm()), 8),
		'A': modeText(info.Mode()), 'b': strconv.FormatInt(blocksOf(info)*2, 10), 'B': "512", 'd': "0", 'D': "0", 'f': strconv.FormatUint(raw, 16),
		'F': kind, 'g': "0", 'G': "root", 'u': "0", 'U': "root", 'h': links, 'i': "0", 'o': "4096", 't': "0", 'T': "0",
		'x': time, 'y': time, 'z': time, 'X': seconds, 'Y': seconds, 'Z': seconds, '%': "%",
	}
	var out strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			out.WriteByte(format[i])
			continue
		}
		spec := i + 1
		for i++; i < len(format)-1 && strings.IndexByte("-0123456789.", format[i]) >= 0; i++ {
		}
		v, known := values[format[i]]
		if !known {
			v = format[i : i+1]
		}
		out.WriteString(padded(v, format[spec:i]))
	}
	return out.String()
}

// padded fills a value to the width of a format such as -5 or 010.
func padded(v, spec string) string {
	left := strings.HasPrefix(spec, "-")
	spec = strings.TrimPrefix(spec, "-")
	width, err := strconv.Atoi(spec)
	if err != nil || width <= len(v) || width > maxPath {
		return v
	}
	fill := strings.Repeat(" ", width-len(v))
	switch {
	case left:
		return v + fill
	case spec[0] == '0' && strings.Trim(v, "0123456789") == "":
		return strings.Repeat("0", width-len(v)) + v
	}
	return fill + v
}
