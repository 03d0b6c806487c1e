package replay

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"healthlab/lab"
)

// Clock writes a position as mm:ss, or h:mm:ss from an hour on.
func Clock(position time.Duration) string {
	s := int(position / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%02d:%02d", s/60, s%60)
}

// Find is the position that a user has typed: as Clock writes it, or a time of day (15:04:05) between the first entry and the
// last. Three numbers are a time of day if there is such a moment, and otherwise hours, minutes and seconds from the start.
func (r *Recording) Find(typed string) (time.Duration, error) {
	parts := strings.Split(strings.TrimSpace(typed), ":")
	var n []int
	for i, part := range parts {
		v, err := strconv.Atoi(part)
		if err != nil || v < 0 || len(part) > 4 || i > 0 && v > 59 || len(parts) < 2 || len(parts) > 3 {
			return 0, lab.Errorf(nil, "%q은(는) 시각이 아닙니다. 12:34(처음부터 잰 분:초)나 15:04:05(시각)처럼 쓰십시오",
				"%q is no time: write 12:34 (minutes and seconds from the start) or 15:04:05 (time of day)", typed)
		}
		n = append(n, v)
	}
	if len(n) == 3 {
		if position, ok := r.timeOfDay(n[0], n[1], n[2]); ok {
			return position, nil
		}
		n = []int{n[0]*60 + n[1], n[2]}
	}
	position := time.Duration(n[0])*time.Minute + time.Duration(n[1])*time.Second
	if position > r.Length() {
		return 0, lab.Errorf(nil, "이 기록은 %s까지입니다(%s ~ %s)", "this recording ends at %s (%s to %s)",
			Clock(r.Length()), r.Start().Local().Format(time.TimeOnly), r.entries[len(r.entries)-1].At.Local().Format(time.TimeOnly))
	}
	return position, nil
}

// timeOfDay is the position at which the clock showed a time, in the user's time zone.
func (r *Recording) timeOfDay(hour, minute, second int) (time.Duration, bool) {
	if hour > 23 {
		return 0, false
	}
	start := r.Start().Local()
	for day := range 2 {
		wanted := time.Date(start.Year(), start.Month(), start.Day()+day, hour, minute, second, 0, time.Local)
		if wanted.Before(start.Truncate(time.Second)) {
			continue
		}
		for i, e := range r.entries {
			if e.At.Before(wanted) {
				continue
			}
			if i == 0 {
				return 0, true
			}
			return min(r.offsets[i-1]+max(wanted.Sub(r.entries[i-1].At), 0), r.offsets[i]), true
		}
	}
	return 0, false
}
