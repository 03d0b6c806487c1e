package cli

import (
	"path/filepath"
	"testing"

	"github.com/adrg/xdg"

	"healthlab/cmd/internal/settings"
)

func TestSettingsFillInWhatNoFlagHasSet(t *testing.T) {
	s := settings.Settings{Theme: "light", Dir: "~/labs"}
	for _, tt := range []struct {
		name       string
		o          options
		wantDir    string
		co, wantCo consoleOptions
	}{
		{
			name: "no flags", o: options{dir: settings.WorkDir()}, wantDir: filepath.Join(xdg.Home, "labs"),
			wantCo: consoleOptions{theme: "light"},
		},
		{
			name: "flags win", o: options{dir: "/mine"}, wantDir: "/mine",
			co: consoleOptions{theme: "dark", ascii: true}, wantCo: consoleOptions{theme: "dark", ascii: true},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fillIn(s, &tt.o, &tt.co)
			if tt.o.dir != tt.wantDir || tt.co != tt.wantCo {
				t.Errorf("got %s %+v, want %s %+v", tt.o.dir, tt.co, tt.wantDir, tt.wantCo)
			}
		})
	}
}
