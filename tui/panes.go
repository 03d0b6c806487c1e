package tui

import (
	"path/filepath"
	"slices"
	"strings"

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
		Output:   output.New(),
	}
}

// handOut gives the panes the newest snapshot, in which paths are as people write them: below the home directory with
// ~, which every shell understands at the start of a word.
func (m *Model) handOut() {
	s := *m.snap
	s.Dir = m.homely(s.Dir)
	s.Tasks = slices.Clone(s.Tasks)
	for i := range s.Tasks {
		s.Tasks[i].Line = m.homely(s.Tasks[i].Line)
	}
	for _, p := range m.panes {
		p.SetSnapshot(&s)
	}
}

// homely writes the paths below the user's home directory in text with ~.
func (m *Model) homely(text string) string {
	if m.cfg.Home == "" {
		return text
	}
	const separator = string(filepath.Separator)
	home := strings.TrimSuffix(m.cfg.Home, separator) + separator
	words := strings.Split(text, " ")
	for i, w := range words {
		if rest, ok := strings.CutPrefix(w, home); ok {
			words[i] = "~" + separator + rest
		}
	}
	return strings.Join(words, " ")
}

// fill puts what the session is about into a command line of a lab.
func (m *Model) fill(line string) string {
	s := lab.Snapshot{Cluster: m.snap.Cluster, Dir: m.homely(m.snap.Dir), ChosenPod: m.snap.ChosenPod}
	return guide.Fill(line, &s)
}
