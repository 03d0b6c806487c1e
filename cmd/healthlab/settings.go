package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/adrg/xdg"
	"sigs.k8s.io/yaml"
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

// readSettings reads the file strictly; that there is none is no error.
func readSettings(path string) (settings, error) {
	var s settings
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("read the settings: %w", err)
	}
	if err := yaml.UnmarshalStrict(content, &s); err != nil {
		return s, fmt.Errorf("settings in %s: %w", path, err)
	}
	return s, nil
}

// fillIn takes from the settings what no flag has set.
func (s settings) fillIn(o *options, co *consoleOptions) {
	if o.lang == "" {
		o.lang = s.Lang
	}
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
