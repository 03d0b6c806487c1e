package course

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/probes"
)

// Answer is what somebody has answered to a question.
type Answer struct {
	// Option is an index of the question's options, or Skipped.
	Option int
	// Time is when, after the fault, something is expected; nil if no time was asked for or answered.
	Time *probes.Range
}

// answerJSON is how an answer is kept: seconds are one number, or the two ends of a range.
type answerJSON struct {
	Option  int       `json:"option"`
	Seconds []float64 `json:"seconds,omitempty"`
}

// MarshalJSON writes {"option": 2, "seconds": [41, 46]}.
func (a Answer) MarshalJSON() ([]byte, error) {
	kept := answerJSON{Option: a.Option}
	if t := a.Time; t != nil {
		kept.Seconds = []float64{t.Least.Seconds(), t.Most.Seconds()}
	}
	return json.Marshal(kept)
}

// UnmarshalJSON reads what MarshalJSON writes, and a number alone, as answers without a time were once kept.
func (a *Answer) UnmarshalJSON(data []byte) error {
	*a = Answer{}
	if err := json.Unmarshal(data, &a.Option); err == nil {
		return nil
	}
	var kept answerJSON
	if err := json.Unmarshal(data, &kept); err != nil {
		return fmt.Errorf("read an answer: %w", err)
	}
	a.Option = kept.Option
	if len(kept.Seconds) == 0 {
		return nil
	}
	least, most := kept.Seconds[0], kept.Seconds[len(kept.Seconds)-1]
	if len(kept.Seconds) > 2 || least < 0 || least > most || most > maxSeconds {
		return fmt.Errorf("read an answer: %v is no time", kept.Seconds)
	}
	a.Time = &probes.Range{Least: seconds(least), Most: seconds(most)}
	return nil
}

// maxSeconds is the longest time that can be answered; maxTyped is how long its text may be.
const maxSeconds, maxTyped = 3600, 60

// typedTime is a time as people type it, without its blanks: a number, with a unit or without one (the letter is the Korean for
// seconds), alone or up to another one. What stands between two may be a dash, a tilde, or a word in either language.
var typedTime = regexp.MustCompile(`(?i)^` + oneTime + `(?:(?:[-~\x{2013}\x{2014}\x{301C}\x{FF5E}]|to|\x{C5D0}\x{C11C}|\x{BD80}\x{D130})` + oneTime + `)?$`)

const oneTime = `(\d{1,4}(?:\.\d{1,3})?)(?:\x{CD08}|s|secs?|seconds?)?`

// ParseTime reads a time or a range of times as it is typed, in seconds: 44, 44.5, 41-46 or 41~46초. A time alone is a range
// whose ends are the same. It is at most an hour, in steps of a millisecond. The error is a *lab.Error.
func ParseTime(text string) (probes.Range, error) {
	refused := lab.Errorf(nil, "시간이 아닙니다. 몇 초인지 44 또는 41-46처럼 적으십시오", "this is no time: give seconds, such as 44 or 41-46")
	if len(text) > maxTyped {
		return probes.Range{}, refused
	}
	parts := typedTime.FindStringSubmatch(strings.Join(strings.Fields(text), ""))
	if parts == nil {
		return probes.Range{}, refused
	}
	if parts[2] == "" {
		parts[2] = parts[1]
	}
	least, err := strconv.ParseFloat(parts[1], 64)
	if err != nil {
		return probes.Range{}, refused
	}
	most, err := strconv.ParseFloat(parts[2], 64)
	switch {
	case err != nil:
		return probes.Range{}, refused
	case max(least, most) > maxSeconds:
		return probes.Range{}, lab.Errorf(nil, "시간이 너무 깁니다. %d초 이하로 적으십시오", "this is too long: give at most %d seconds", maxSeconds)
	case least > most:
		return probes.Range{}, lab.Errorf(nil, "범위가 거꾸로입니다. 이른 시간부터 %s-%s처럼 적으십시오", "the range is the wrong way round: write %s-%s",
			parts[2], parts[1])
	}
	return probes.Range{Least: seconds(least), Most: seconds(most)}, nil
}

// seconds is a number of seconds, to the millisecond.
func seconds(n float64) time.Duration {
	return time.Duration(math.Round(n*1000)) * time.Millisecond
}
