package tui

import (
	"context"
	"errors"
	"testing"

	"healthlab/lab"
)

func TestReportKey(t *testing.T) {
	asked := lab.Lang("")
	c := newConsole(t, 120, 40, func(cfg *Config) {
		cfg.Home, cfg.Lang = "/home/kim", lab.English
		cfg.Report = func(_ context.Context, lang lab.Lang) (string, error) {
			asked = lang
			return "/home/kim/lab/report-1.html", nil
		}
	})
	c.press("ctrl+s")
	if asked != "" {
		t.Fatal("the report was written by Update itself")
	}
	c.perform()
	if asked != lab.English {
		t.Errorf("the report is in %q", asked)
	}
	c.wants("Wrote the report: ~/lab/report-1.html (and .md)")
}

func TestReportKeyFails(t *testing.T) {
	c := newConsole(t, 120, 40, func(cfg *Config) {
		cfg.Lang = lab.English
		cfg.Report = func(context.Context, lab.Lang) (string, error) { return "", errors.New("disk full") }
	})
	c.press("ctrl+s")
	c.perform()
	c.wants("Could not write the report: disk full")
}

func TestNoReport(t *testing.T) {
	c := newConsole(t, 120, 40, func(cfg *Config) { cfg.Lang = lab.English })
	c.press("ctrl+s")
	c.wants("This console cannot write reports.")
}
