package rows_test

import (
	"testing"

	"healthlab/probes"
	"healthlab/tui/rows"
	"healthlab/tui/theme"
)

// Every outcome can be told from the others without colours, and a warning from a success.
func TestAttempt(t *testing.T) {
	for _, ascii := range []bool{false, true} {
		s := theme.New(theme.Dark, theme.Options{ASCII: ascii})
		for _, c := range []struct {
			name    string
			outcome probes.Outcome
			warning bool
			want    string
		}{
			{"success", probes.Success, false, s.Glyphs.OK},
			{"warning", probes.Success, true, s.Glyphs.Warn},
			{"failure", probes.Failure, false, s.Glyphs.Fail},
			{"unknown", probes.Unknown, false, s.Glyphs.Unknown},
		} {
			t.Run(c.name, func(t *testing.T) {
				if got := rows.Attempt(&s, c.outcome, c.warning).Glyph; got != c.want {
					t.Errorf("mark %q, want %q", got, c.want)
				}
			})
		}
		glyphs := map[string]bool{s.Glyphs.OK: true, s.Glyphs.Warn: true, s.Glyphs.Fail: true, s.Glyphs.Unknown: true}
		if len(glyphs) != 4 {
			t.Errorf("glyphs %v are not all different", glyphs)
		}
	}
}
