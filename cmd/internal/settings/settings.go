package settings

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/adrg/xdg"
	"sigs.k8s.io/yaml"

	"healthlab/cmd/internal/language"
	"healthlab/lab"
)

// Settings are the user's own defaults. Flags win over them.
type Settings struct {
	Lang  string `json:"lang,omitempty"`
	Theme string `json:"theme,omitempty"`
	ASCII bool   `json:"ascii,omitempty"`
	Dir   string `json:"dir,omitempty"`
	// Keys replaces the keys of the console's actions, by the names that the help page and the README show.
	Keys map[string][]string `json:"keys,omitempty"`
}

// File is where settings are kept.
func File() string { return filepath.Join(xdg.ConfigHome, "healthlab", "config.yaml") }

// Read reads the file strictly; that there is none is no error. Beside an error it returns what could be read.
func Read(path string) (Settings, error) {
	var s Settings
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, badSettings(path, err)
	}
	if err := yaml.UnmarshalStrict(content, &s); err != nil {
		return s, badSettings(path, err)
	}
	_, err = language.Parse(path+": lang", s.Lang)
	return s, err
}

func badSettings(path string, cause error) error {
	return lab.Errorf(cause, "%s 설정 파일을 읽을 수 없습니다. 고치거나 지우십시오",
		"cannot read the settings file %s: correct it or remove it", path)
}
