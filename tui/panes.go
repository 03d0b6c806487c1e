package tui

import (
	"healthlab/tui/panes/applog"
	"healthlab/tui/panes/events"
	"healthlab/tui/panes/guide"
	"healthlab/tui/panes/output"
	"healthlab/tui/panes/pods"
	"healthlab/tui/panes/probelog"
	"healthlab/tui/panes/replicas"
	"healthlab/tui/panes/stage"
	"healthlab/tui/panes/timeline"
)

// newPanes returns all panes, and the guide once more, which is also told the user's answers.
func newPanes(cfg Config, keys Keymap) (map[PaneID]Pane, *guide.Pane) {
	key := func(id string) string { return keyName(keys.byID(id).Keys[0], cfg.ASCII) }
	steps := guide.New(cfg.Labs, cfg.Home)
	steps.SetKeys(key("run"), key("next"), key("copy"))
	return map[PaneID]Pane{
		Guide:    steps,
		Pods:     pods.New(),
		Replicas: replicas.New(),
		Events:   events.New(),
		ProbeLog: probelog.New(),
		AppLog:   applog.New(),
		Stage:    stage.New(cfg.Labs, cfg.Home),
		Timeline: timeline.New(),
		Output:   output.New(key("pane-output") + " " + key("zoom")),
	}, steps
}
