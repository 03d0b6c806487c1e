package tools

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"

	"healthlab/lab/node/sandbox"
)

// checksum is md5sum and its kin.
func checksum(ctx context.Context, p *sandbox.Process) int {
	make := map[string]func() hash.Hash{"md5sum": md5.New, "sha1sum": sha1.New, "sha256sum": sha256.New, "sha512sum": sha512.New, "sha3sum": sha3Sum(224)}[name(p)]
	valued := ""
	if name(p) == "sha3sum" {
		valued = "a"
	}
	set, names, ok := options(p, "csw", valued)
	if !ok {
		return 1
	}
	if bits, given := set['a']; given {
		n, err := strconv.ParseUint(bits, 10, 16)
		if make = sha3Sum(int(n)); err != nil || make == nil { //nolint:gosec // it has 16 bits
			return failf(p, "bad -a%s", bits)
		}
	}
	if len(names) == 0 {
		names = []string{"-"}
	}
	if (has(set, 's') || has(set, 'w')) && !has(set, 'c') {
		return usage(p)
	}
	sum := func(n string) (string, error) {
		in, err := openInput(p, n)
		if err != nil {
			return "", err
		}
		defer in.Close()
		h := make()
		err = copyStream(ctx, h, in)
		return hex.EncodeToString(h.Sum(nil)), err
	}
	code := 0
	for _, n := range names {
		if has(set, 'c') {
			code |= checkSums(ctx, p, set, n, sum)
			continue
		}
		text, err := sum(n)
		if err != nil {
			code = failf(p, "can't %s '%s': %s", map[bool]string{true: "read", false: "open"}[isDirectory(p, n)], n, Reason(err))
			continue
		}
		fmt.Fprintf(p.Stdout, "%s  %s\n", text, n)
	}
	return code
}

// sha3Sum returns SHA-3 of a length; nil: there is none.
func sha3Sum(bits int) func() hash.Hash {
	switch bits {
	case 224:
		return func() hash.Hash { return sha3.New224() }
	case 256:
		return func() hash.Hash { return sha3.New256() }
	case 384:
		return func() hash.Hash { return sha3.New384() }
	case 512:
		return func() hash.Hash { return sha3.New512() }
	}
	return nil
}

// checkSums compares files with a list of their sums.
func checkSums(ctx context.Context, p *sandbox.Process, set map[byte]string, list string, sum func(n string) (string, error)) int {
	total, failed := 0, 0
	code := inputs(p, []string{list}, func(_ string, r io.Reader) error {
		return eachLine(ctx, r, func(line []byte) bool {
			total++
			want, n, ok := strings.Cut(string(line), " ")
			if !ok || n == "" || n[0] != ' ' && n[0] != '*' {
				failed++
				if has(set, 'w') {
					failf(p, "invalid format")
				}
				return true
			}
			n = n[1:]
			got, err := sum(n)
			verdict := "OK"
			if err != nil {
				failf(p, "can't open '%s': %s", n, Reason(err))
			}
			if err != nil || !strings.EqualFold(got, want) {
				failed++
				verdict = "FAILED"
			}
			if !has(set, 's') {
				fmt.Fprintf(p.Stdout, "%s: %s\n", n, verdict)
			}
			return ctx.Err() == nil
		})
	})
	switch {
	case code != 0:
		return code
	case total == 0:
		return failf(p, "%s: no checksum lines found", list)
	case failed > 0:
		if !has(set, 's') {
			failf(p, "WARNING: %d of %d computed checksums did NOT match", failed, total)
		}
		return 1
	}
	return 0
}
