package cli

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adrg/xdg"

	"healthlab/cmd/internal/language"
	"healthlab/cmd/internal/settings"
	"healthlab/cmd/internal/usage"
	"healthlab/lab"
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

func TestWrongKeysNameTheSettingsFile(t *testing.T) {
	if err := checkKeys(map[string][]string{"run": {"F5"}}); err != nil {
		t.Errorf("F5 is refused: %v", err)
	}
	err := checkKeys(map[string][]string{"nothing": {"x"}, "zoom": {"t"}})
	var misuse usage.Error
	if !errors.As(err, &misuse) {
		t.Fatalf("got %v, want a usage error", err)
	}
	for _, lang := range []lab.Lang{lab.Korean, lab.English} {
		text := language.ErrorText(err, lang)
		for _, want := range []string{settings.File(), `"nothing"`, `"t"`} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q lacks %s", lang, text, want)
			}
		}
	}
}
