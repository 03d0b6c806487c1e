package cli

import (
	"testing"

	"healthlab/cmd/internal/settings"
	"healthlab/lab"
)

func TestProbing(t *testing.T) {
	for name, tt := range map[string]struct {
		flag    string
		setting settings.Choice
		want    lab.Probing
		wrong   bool
	}{
		"nothing":          {want: lab.ProbingAuto},
		"the setting":      {setting: "off", want: lab.ProbingOff},
		"the flag wins":    {flag: "auto", setting: "off", want: lab.ProbingAuto},
		"a wrong flag":     {flag: "yes", setting: "off", wrong: true},
		"a wrong setting":  {setting: "never", wrong: true},
		"hidden by a flag": {flag: "on", setting: "never", want: lab.ProbingOn},
	} {
		t.Run(name, func(t *testing.T) {
			o := options{probingFlag: tt.flag, settings: settings.Settings{Probing: tt.setting}}
			got, err := o.probing()
			if (err != nil) != tt.wrong || !tt.wrong && got != tt.want {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}
