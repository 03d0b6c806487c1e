package tui

import (
	"healthlab/lab"
	"healthlab/tui/panes/applog"
	"healthlab/tui/panes/events"
	"healthlab/tui/panes/guide"
	"healthlab/tui/panes/output"
	"healthlab/tui/panes/pods"
	"healthlab/tui/panes/probelog"
	"healthlab/tui/panes/replicas"
)

func newPanes(cfg Config, keys Keymap) map[PaneID]Pane {
	key := func(id string) string { return keyName(keys.byID(id).Keys[0], cfg.ASCII) }
	guide := guide.New(cfg.Labs)
	guide.SetKeys(key("run"), key("next"))
	return map[PaneID]Pane{
		Guide:    guide,
		Pods:     pods.New(),
		Replicas: replicas.New(),
		Events:   events.New(),
		ProbeLog: probelog.New(),
		AppLog:   applog.New(),
		Output:   output.New(key("pane-output") + " " + key("zoom")),
	}
}

// handOut gives the panes the newest snapshot, in which the working directory is as people write it.
func (m *Model) handOut() {
	s := *m.snap
	s.Dir = m.homely(s.Dir)
	for _, p := range m.panes {
		p.SetSnapshot(&s)
	}
}

func (m *Model) homely(text string) string { return lab.Homely(text, m.cfg.Home) }

// fill puts what the session is about into a command line of a lab.
func (m *Model) fill(line string) string {
	s := lab.Snapshot{Cluster: m.snap.Cluster, Dir: m.homely(m.snap.Dir), ChosenPod: m.snap.ChosenPod}
	return guide.Fill(line, &s)
}
