package timeline

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEpisodes(t *testing.T) {
	tests := []struct {
		name  string
		story func(*story)
		pod   string
		want  string
	}{
		{"the liveness lab", livenessLab, "uid-l", `
fault: told -0.2..0.0
failure: expected 0.8..6.0, told 3.8..3.9, probed 3.1
verdict: expected 10.8..16.0, then 13.8..13.8, told 13.8..13.9, probed 13.1
stop: expected 10.8..16.0, then 13.8..13.8, told 13.8..13.9
restart: expected 40.8..46.0, then 43.8..43.9, told 43.8..44.1
ready: expected 40.8..46.0, then 43.8..44.1, told 43.8..44.1
ready at 44.1
`},
		{"the readiness lab", readinessLab, "uid-r1", `
fault: told -0.1..0.0
failure: expected -0.1..3.0, told 0.9..1.7, probed 1.1
verdict: expected 5.9..9.0, then 6.9..7.7, told 6.9..7.8, probed 7.1
left: expected 5.9..9.0, then 6.9..7.7, told 6.9..7.8
repair: told 19.9..20.0
success: expected 19.9..23.0, probed 21.1
ready: expected 19.9..23.0, told 21.9..22.2
joined: expected 19.9..23.0, told 21.9..22.2
ready at 22.2
`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := begin(labs()...)
			test.story(s)
			got := inWords(s.View().Latest(test.pod))
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), got); diff != "" {
				t.Errorf("episode (-want +got):\n%s\n%s", diff, got)
			}
		})
	}
}
