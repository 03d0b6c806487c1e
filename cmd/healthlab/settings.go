package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/adrg/xdg"
	"sigs.k8s.io/yaml"

	"healthlab/lab"
)

// settings are the user's own defaults. Flags win over them.
type settings struct {
	Lang  string `json:"lang,omitempty"`
	Theme string `json:"theme,omitempty"`
	ASCII bool   `json:"ascii,omitempty"`
	Dir   string `json:"dir,omitempty"`
	// Keys replaces the keys of the console's actions, by the names that the help page and the README show.
	Keys map[string][]string `json:"keys,omitempty"`
}

// settingsFile is where settings are kept.
func settingsFile() string { return filepath.Join(xdg.ConfigHome, "healthlab", "config.yaml") }

// readSettings reads the file strictly; that there is none is no error. Beside an error it returns what could be read.
func readSettings(path string) (settings, error) {
	var s settings
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
	_, err = parseLang(path+": lang", s.Lang)
	return s, err
}

func badSettings(path string, cause error) error {
	return &lab.Error{Msg: lab.Textf("%s 설정 파일을 읽을 수 없습니다. 고치거나 지우십시오",
		"the settings file %s cannot be read: correct it or remove it", path), Cause: cause}
}

// fillIn takes from the settings what no flag has set.
func (s settings) fillIn(o *options, co *consoleOptions) {
	if s.Dir != "" && o.dir == workDir() {
		o.dir = s.Dir
		if below, ok := strings.CutPrefix(s.Dir, "~/"); ok {
			o.dir = filepath.Join(xdg.Home, below)
		}
	}
	if co.theme == "" {
		co.theme = s.Theme
	}
	co.ascii = co.ascii || s.ASCII
}
