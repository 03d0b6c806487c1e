package tui

import (
	"healthlab/tui/panes/applog"
	"healthlab/tui/panes/events"
	"healthlab/tui/panes/guide"
	"healthlab/tui/panes/output"
	"healthlab/tui/panes/pods"
	"healthlab/tui/panes/probelog"
	"healthlab/tui/panes/replicas"
)

func newPanes(cfg Config) map[PaneID]Pane {
	return map[PaneID]Pane{
		Guide:    guide.New(cfg.Labs),
		Pods:     pods.New(),
		Replicas: replicas.New(),
		Events:   events.New(),
		ProbeLog: probelog.New(),
		AppLog:   applog.New(),
		Output:   output.New(),
	}
}
