package course_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/probes"
)

func between(least, most float64) *probes.Range {
	second := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	return &probes.Range{Least: second(least), Most: second(most)}
}

func TestParseTime(t *testing.T) {
	for _, tt := range []struct {
		name, typed string
		want        *probes.Range // nil if it is refused
		why         string        // in English
	}{
		{"a number", "44", between(44, 44), ""},
		{"none at all", "", nil, "44 or 41-46"},
		{"blanks around", "  44 ", between(44, 44), ""},
		{"with its unit", "44 s", between(44, 44), ""},
		{"with its unit in Korean", "44초", between(44, 44), ""},
		{"with its unit in full", "44 Seconds", between(44, 44), ""},
		{"a decimal", "44.25", between(44.25, 44.25), ""},
		{"now", "0", between(0, 0), ""},
		{"a range", "41-46", between(41, 46), ""},
		{"a range as Koreans write it", "41~46초", between(41, 46), ""},
		{"a range with a long dash", "41 – 46 s", between(41, 46), ""},
		{"units on both ends", "41초~46초", between(41, 46), ""},
		{"a range in words", "41초에서 46초", between(41, 46), ""},
		{"a range in English words", "41 to 46", between(41, 46), ""},
		{"a range with a wide tilde", "41～46", between(41, 46), ""},
		{"a range of one point", "44-44", between(44, 44), ""},
		{"an hour", "3600", between(3600, 3600), ""},
		{"more than an hour", "3601", nil, "at most 3600 seconds"},
		{"the wrong way round", "46-41", nil, "write 41-46"},
		{"no beginning", "-46", nil, "44 or 41-46"},
		{"no end", "41-", nil, "44 or 41-46"},
		{"three", "1-2-3", nil, "44 or 41-46"},
		{"another unit", "1 min", nil, "44 or 41-46"},
		{"words", "soon", nil, "44 or 41-46"},
		{"an exponent", "1e9", nil, "44 or 41-46"},
		{"not a number", "NaN", nil, "44 or 41-46"},
		{"many digits", "00000000000000000044", nil, "44 or 41-46"},
		{"a long text", strings.Repeat(" ", 100) + "44", nil, "44 or 41-46"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := course.ParseTime(tt.typed)
			if tt.want == nil {
				if err == nil || !strings.Contains(lab.InFull(err).En, tt.why) || lab.InFull(err).Ko == "" {
					t.Errorf("got %v, %v; want an error with %q", got, err, tt.why)
				}
				return
			}
			if err != nil || got != *tt.want {
				t.Errorf("got %v, %v; want %v", got, err, *tt.want)
			}
		})
	}
}

// What is accepted can be kept, and what it says is that range.
func FuzzParseTime(f *testing.F) {
	for _, seed := range []string{"44", "41-46", "41~46초", "44.5 s", "46-41", "1e3", "-", "41초에서 46초", "\xff", "９"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		r, err := course.ParseTime(typed)
		if err != nil {
			if lab.InFull(err).IsZero() {
				t.Errorf("%q is refused without a word", typed)
			}
			return
		}
		if r.Least < 0 || r.Least > r.Most || r.Most > time.Hour {
			t.Fatalf("%q is %v", typed, r)
		}
		kept, err := json.Marshal(course.Answer{Option: 1, Time: &r})
		if err != nil {
			t.Fatal(err)
		}
		var again course.Answer
		if err := json.Unmarshal(kept, &again); err != nil || again.Time == nil || *again.Time != r {
			t.Errorf("%q is kept as %s and read as %v, %v", typed, kept, again.Time, err)
		}
	})
}

func TestAnswersAreKept(t *testing.T) {
	for _, tt := range []struct {
		name, json string
		want       course.Answer
		fails      bool
	}{
		{"an option", `{"option":2}`, course.Answer{Option: 2}, false},
		{"a time as well", `{"option":2,"seconds":[41,46]}`, course.Answer{Option: 2, Time: between(41, 46)}, false},
		{"one number", `{"option":0,"seconds":[44.5]}`, course.Answer{Time: between(44.5, 44.5)}, false},
		{"as it was kept before there were times", `2`, course.Answer{Option: 2}, false},
		{"skipped, as before", `-1`, course.Answer{Option: course.Skipped}, false},
		{"the wrong way round", `{"option":0,"seconds":[46,41]}`, course.Answer{}, true},
		{"three ends", `{"option":0,"seconds":[1,2,3]}`, course.Answer{}, true},
		{"before the fault", `{"option":0,"seconds":[-1,1]}`, course.Answer{}, true},
		{"for ever", `{"option":0,"seconds":[1,1e300]}`, course.Answer{}, true},
		{"something else", `"soon"`, course.Answer{}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got course.Answer
			if err := json.Unmarshal([]byte(tt.json), &got); (err != nil) != tt.fails {
				t.Fatalf("got error %v", err)
			}
			if tt.fails {
				return
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("read (-want +got):\n%s", diff)
			}
			kept, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			var again course.Answer
			if err := json.Unmarshal(kept, &again); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, again); diff != "" {
				t.Errorf("kept as %s (-before +after):\n%s", kept, diff)
			}
		})
	}
}
