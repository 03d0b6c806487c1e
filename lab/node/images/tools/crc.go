package tools

import (
	"context"
	"fmt"
	"hash/crc32"
	"io"

	"healthlab/lab/node/sandbox"
)

// cksum is cksum, POSIX's CRC with the length behind the bytes, and crc32, zlib's.
func cksum(ctx context.Context, p *sandbox.Process) int {
	_, names, ok := optionSpec{}.parse(p)
	if !ok {
		return 1
	}
	posix := name(p) == "cksum"
	table := posixTable()
	shown := func(n string) string {
		if n == "-" {
			return ""
		}
		return " " + n
	}
	return eachInput(p, names, "can't open '%s': %s", func(n string, r io.Reader) error {
		sum, length := uint32(0), uint64(0)
		buf := make([]byte, readBytes)
		for {
			if err := ctx.Err(); err != nil {
				return err
			}
			k, err := r.Read(buf)
			length += uint64(k)
			if posix {
				for _, b := range buf[:k] {
					sum = sum<<8 ^ table[byte(sum>>24)^b]
				}
			} else {
				sum = crc32.Update(sum, crc32.IEEETable, buf[:k])
			}
			if isEnd(err) {
				break
			}
			if err != nil {
				return err
			}
		}
		if !posix {
			fmt.Fprintf(p.Stdout, "%08x%s\n", sum, shown(n))
			return nil
		}
		for l := length; l > 0; l >>= 8 {
			sum = sum<<8 ^ table[byte(sum>>24)^byte(l)]
		}
		fmt.Fprintf(p.Stdout, "%d %d%s\n", ^sum, length, shown(n))
		return nil
	})
}

// posixTable is the CRC's table for bytes whose highest bit comes first, which package crc32 has not.
func posixTable() *[256]uint32 {
	const polynomial = 0x04c11db7
	var table [256]uint32
	for i := range table {
		c := uint32(i) << 24 //nolint:gosec // it is a byte
		for range 8 {
			if c&(1<<31) != 0 {
				c = c<<1 ^ polynomial
			} else {
				c <<= 1
			}
		}
		table[i] = c
	}
	return &table
}

// sumBlocks is sum.
func sumBlocks(ctx context.Context, p *sandbox.Process) int {
	found, names, ok := optionSpec{letters: "rs"}.parse(p)
	if !ok {
		return 1
	}
	sysv := false
	for _, o := range found {
		sysv = o.letter == 's'
	}
	return inputs(p, names, func(n string, r io.Reader) error {
		sum, total := uint32(0), uint64(0)
		buf := make([]byte, readBytes)
		for {
			if err := ctx.Err(); err != nil {
				return err
			}
			k, err := r.Read(buf)
			total += uint64(k)
			for _, b := range buf[:k] {
				if sysv {
					sum += uint32(b)
				} else {
					sum = (sum>>1 + sum&1<<15 + uint32(b)) & 0xffff
				}
			}
			if isEnd(err) {
				break
			}
			if err != nil {
				return err
			}
		}
		shown := ""
		if len(names) > 0 {
			shown = n
		}
		if sysv {
			r := sum&0xffff + sum>>16
			fmt.Fprintf(p.Stdout, "%d %d", r&0xffff+r>>16, (total+511)/512)
			if shown != "" {
				shown = " " + shown
			}
			fmt.Fprintln(p.Stdout, shown)
			return nil
		}
		if len(names) > 1 {
			shown = " " + shown
		} else {
			shown = " "
		}
		fmt.Fprintf(p.Stdout, "%05d %5d%s\n", sum, (total+1023)/1024, shown)
		return nil
	})
}
