package settings

import (
	"encoding/json"
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
	// Probing is whether healthlab makes probes of its own: auto, on or off.
	Probing Choice `json:"probing,omitempty"`
	// Keys replaces the keys of the console's actions, by the names that the help page and the README show.
	Keys map[string][]string `json:"keys,omitempty"`
}

// Choice is a word, of which on and off need no quotes: YAML takes them for true and false.
type Choice string

// UnmarshalJSON implements json.Unmarshaler.
func (c *Choice) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case "true":
		*c = "on"
	case "false":
		*c = "off"
	default:
		return json.Unmarshal(data, (*string)(c))
	}
	return nil
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
