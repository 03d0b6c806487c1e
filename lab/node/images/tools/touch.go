package tools

import (
	"context"
	"io/fs"
	"os"
	"time"

	"healthlab/lab/node/sandbox"
)

// isDay reports whether a date is a day without a time.
func isDay(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

func touch(_ context.Context, p *sandbox.Process) int {
	found, names, ok := optionSpec{
		letters: "camhd:r:t:", long: map[string]byte{"no-create": 'c', "reference": 'r', "date": 'd', "no-dereference": 'h'},
	}.parse(p)
	if !ok {
		return 1
	}
	set := asSet(found)
	if len(names) == 0 {
		return usage(p)
	}
	to := time.Now()
	if r, given := set['r']; given {
		info, err := p.FS().Stat(p.Path(r))
		if err != nil {
			return failf(p, "%s: %s", r, Reason(err))
		}
		to = info.ModTime()
	}
	for _, c := range []byte("dt") {
		if v, given := set[c]; given {
			var err error
			if to, err = parseDate(v, to.UTC()); err != nil {
				return failf(p, "invalid date '%s'", v)
			}
			if now := time.Now().UTC(); c == 'd' && isDay(v) { // as BusyBox, which keeps the time of day
				to = to.Add(now.Sub(now.Truncate(24 * time.Hour)))
			}
		}
	}
	code := 0
	for _, n := range names {
		full := p.Path(n)
		if info, err := p.FS().Lstat(full); err == nil && has(set, 'h') && info.Mode()&fs.ModeSymlink != 0 {
			code = failf(p, "%s: the times of a symbolic link cannot be set here", n)
			continue
		}
		if _, err := p.FS().Stat(full); err != nil {
			if has(set, 'c') {
				continue
			}
			file, err := p.OpenFile(n, os.O_WRONLY|os.O_CREATE, 0o666)
			if err != nil {
				code = failf(p, "%s: %s", n, Reason(err))
				continue
			}
			_ = file.Close()
		}
		access, modified := to, to
		switch { // a zero time stays what it is
		case has(set, 'a') && !has(set, 'm'):
			modified = time.Time{}
		case has(set, 'm') && !has(set, 'a'):
			access = time.Time{}
		}
		if err := p.FS().Chtimes(full, access, modified); err != nil {
			code = failf(p, "%s: %s", n, Reason(err))
		}
	}
	return code
}
