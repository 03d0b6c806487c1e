package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/golden"
	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/tui/tuitest"
)

// someClusters is a kubeconfig, and what the labs have left on the session's cluster.
type someClusters struct {
	contexts      []lab.Context
	unreadable    error
	answers       map[string]error // by name; those without one answer
	refused       error            // by which logging in fails
	remains       []lab.Remnant
	unlookable    error
	undeletable   error
	mu            sync.Mutex
	logins        []string      // guarded by mu
	deleted       []lab.Remnant // guarded by mu
	duringLogin   func()
	asked, looked int
}

func (s *someClusters) Contexts() ([]lab.Context, error) { return s.contexts, s.unreadable }

func (s *someClusters) Ask(_ context.Context, name string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if err := s.answers[name]; err != nil {
		return "", err
	}
	return "v1.37.2", nil
}

func (s *someClusters) Login(_ context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logins = append(s.logins, name)
	if s.duringLogin != nil {
		s.duringLogin()
	}
	return s.refused
}

func (s *someClusters) Remains(context.Context) ([]lab.Remnant, error) {
	s.looked++
	return s.remains, s.unlookable
}

func (s *someClusters) Delete(_ context.Context, remains []lab.Remnant, deleted func(lab.Remnant)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range remains {
		s.deleted = append(s.deleted, one)
		deleted(one)
	}
	return s.undeletable
}

func workshop() *someClusters {
	return &someClusters{
		contexts: []lab.Context{
			{Name: "arn:aws:eks:ap-northeast-2:123456789012:cluster/workshop", Server: "https://0123456789ABCDEF.gr7.ap-northeast-2.eks.amazonaws.com"},
			{Name: "kind-lab", Server: "https://127.0.0.1:6443", Namespace: "team-a", Current: true},
			{Name: "old", Server: "https://10.0.0.1"},
		},
		answers: map[string]error{"old": &lab.Error{
			Msg:   lab.T("API 서버 https://10.0.0.1이(가) 제때 답하지 않습니다", "the API server https://10.0.0.1 does not answer in time"),
			Cause: errors.New("deadline"),
		}},
	}
}

func (c *console) with(s *someClusters) *console {
	c.cfg.Clusters, c.cfg.CleanUpLine = s, "healthlab cleanup --context kind-lab --namespace healthchecks"
	return c
}

// onReal is a snapshot of a session on a cluster of the user's own.
func onReal(revision uint64) *lab.Snapshot {
	s := tuitest.Running(revision)
	s.Cluster.Real, s.Cluster.Name = true, "kind-lab"
	s.Cluster.Preflight = &lab.Preflight{At: tuitest.Now()}
	s.Tasks = nil
	return s
}

func TestClusterDialogs(t *testing.T) {
	preflight := func(s *lab.Snapshot) *lab.Snapshot {
		say := func(ko, en string) lab.Text { return lab.T(ko, en) }
		s.Cluster.Preflight = &lab.Preflight{Findings: []lab.Finding{
			{Subject: say("API 서버", "API server"), State: lab.FindingOK, Found: say("Kubernetes v1.37.2", "Kubernetes v1.37.2")},
			{
				Subject: say("네임스페이스 healthchecks-kim의 다른 작업", "others' work in namespace healthchecks-kim"), State: lab.FindingUnknown,
				Found: say("볼 권한이 없습니다: statefulsets, daemonsets", "may not be listed: statefulsets, daemonsets"),
			},
			{
				Subject: say("컨테이너에서 명령 실행", "run commands in containers"), State: lab.FindingLimited,
				Found:   say("권한이 없습니다: create pods/exec", "not permitted: create pods/exec"),
				Without: say("장애를 일으킬 수 없고, exec 프로브는 kubelet의 결과만 보입니다", "no faults, and of exec probes only what the kubelet reports"),
			},
			{
				Subject: say("파드 적용과 삭제", "apply and delete pods"), State: lab.FindingBlocked,
				Found:   say("권한이 없습니다: create, delete pods", "not permitted: create, delete pods"),
				Without: say("이 단계는 다른 사람이 대신해야 합니다", "somebody else has to carry out these steps"),
			},
		}}
		return s
	}
	for _, size := range []struct{ w, h int }{{80, 24}, {120, 40}} {
		for _, lang := range []lab.Lang{lab.Korean, lab.English} {
			open := func(t *testing.T) *console {
				return newConsole(t, size.w, size.h, func(cfg *Config) { cfg.Lang = lang }).withPlainPanes().with(workshop())
			}
			name := fmt.Sprintf("%dx%d-%s", size.w, size.h, lang)
			t.Run("chooser-"+name, func(t *testing.T) {
				c := open(t)
				c.publish(tuitest.Running(1))
				c.press("O")
				c.perform()
				golden.RequireEqual(t, []byte(c.screen()))
			})
			t.Run("preflight-"+name, func(t *testing.T) {
				c := open(t)
				c.publish(preflight(onReal(1))) // opens by itself, since something is blocked
				golden.RequireEqual(t, []byte(c.screen()))
			})
			t.Run("remains-"+name, func(t *testing.T) {
				c := open(t)
				c.cfg.Clusters = &someClusters{remains: []lab.Remnant{
					{Name: "deployment/readiness-deployment", Owner: "kim@laptop"},
					{Name: "pod/liveness-app", Owner: "kim@laptop"},
					{Name: "namespace/healthchecks"},
				}}
				c.publish(onReal(1))
				c.press("q")
				c.perform()
				golden.RequireEqual(t, []byte(c.screen()))
			})
		}
	}
}

// Answers come one by one, and those for a list that was closed meanwhile are dropped.
func TestChooserAsksWithoutWaiting(t *testing.T) {
	clusters := workshop()
	c := newConsole(t, 120, 40, func(cfg *Config) { cfg.Lang = lab.English }).with(clusters)
	c.press("O")
	c.wants("embedded cluster", "reading the kubeconfig")
	c.send(contextsMsg{dialog: c.dialog, contexts: clusters.contexts})
	c.wants("kind-lab  (kubectl's current context)", "namespace team-a", "waiting for an answer …")
	c.send(answerMsg{dialog: c.dialog, at: 1, version: "v1.35.0"})
	c.wants("v1.35.0", "waiting for an answer …")
	closed := c.dialog
	c.press("esc", "O")
	c.send(contextsMsg{dialog: closed, contexts: clusters.contexts}, answerMsg{dialog: closed, at: 1, version: "v1.35.0"})
	c.lacks("v1.35.0")
	if clusters.asked > 0 {
		t.Error("a server was asked inside Update")
	}
}

func TestChooserWithoutContexts(t *testing.T) {
	for _, tt := range []struct {
		name     string
		clusters *someClusters
		want     string
	}{
		{"none", &someClusters{}, "has no contexts"},
		{"unreadable", &someClusters{unreadable: &lab.Error{Msg: lab.T("읽을 수 없습니다", "cannot read the kubeconfig /x")}}, "cannot read the kubeconfig /x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newConsole(t, 80, 24, func(cfg *Config) { cfg.Lang = lab.English }).with(tt.clusters)
			c.publish(tuitest.Running(1))
			c.press("O")
			c.perform()
			c.wants(tt.want, "embedded cluster")
			c.press("2") // there is no second one
			c.press("enter")
			c.wants("already on the embedded cluster")
		})
	}
}

// What a kubeconfig or a server says does not steer the terminal.
func TestChooserCleansNames(t *testing.T) {
	c := newConsole(t, 80, 24, func(cfg *Config) { cfg.Lang = lab.English }).with(&someClusters{
		contexts: []lab.Context{{Name: "e\x1b[2Jvil\u202e", Server: "https://\x07x", Namespace: "a\nb"}},
		answers:  map[string]error{"e\x1b[2Jvil\u202e": errors.New("no\x1b]0;title\x07 way")},
	})
	c.publish(tuitest.Running(1))
	c.press("O")
	c.perform()
	check := func(when string) {
		t.Helper()
		for _, bad := range []string{"\x1b[2J", "\x1b]", "\x07", "\u202e"} {
			if strings.Contains(c.View().Content, bad) {
				t.Errorf("%s, %q reaches the screen", when, bad)
			}
		}
		c.wants("evil")
	}
	check("in the list")
	c.press("2")
	check("in the question")
}

func TestGoingToACluster(t *testing.T) {
	kind := workshop().contexts[1]
	for _, tt := range []struct {
		name    string
		from    *lab.Snapshot
		keys    string
		answer  *loginMsg // nil: nothing is logged in to
		left    *lab.Context
		quits   bool
		screen  string
		remains []lab.Remnant
	}{
		{name: "default is no", from: tuitest.Running(1), keys: "3 enter", screen: "1/3"},
		{name: "asks with all that counts", from: tuitest.Running(1), keys: "3", screen: "kind-lab (https://127.0.0.1:6443), in namespace"},
		{name: "logged in", from: tuitest.Running(1), keys: "3 y", answer: &loginMsg{to: kind}, left: &kind, quits: true},
		{
			name: "not logged in", from: tuitest.Running(1), keys: "3 y", answer: &loginMsg{to: kind, err: errors.New("wrong password")},
			screen: "could not connect to kind-lab: wrong password",
		},
		{
			name: "Login canceled", from: tuitest.Running(1), keys: "3 y", answer: &loginMsg{to: kind, err: fmt.Errorf("x: %w", context.Canceled)},
			screen: "Login canceled",
		},
		{name: "again where one is", from: onReal(1), keys: "3", answer: &loginMsg{to: kind}, screen: "Reconnecting"},
		{name: "back to the embedded one", from: onReal(1), keys: "1 y", left: &lab.Context{}, quits: true},
		{
			name: "back, with something left", from: onReal(1), keys: "1 y", remains: []lab.Remnant{{Name: "pod/liveness-app"}},
			screen: "pod/liveness-app",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			clusters := workshop()
			clusters.remains = tt.remains
			c := newConsole(t, 120, 40, func(cfg *Config) { cfg.Lang = lab.English }).with(clusters)
			tt.from.Tasks = nil
			c.publish(tt.from)
			c.press("O")
			c.perform()
			c.press(strings.Fields(tt.keys)...)
			if tt.answer != nil {
				c.cmds = nil // the hand-over itself needs a program
				c.send(*tt.answer)
			}
			if quits := c.quits(); quits != tt.quits {
				t.Errorf("quits: %t", quits)
			}
			if d := cmp.Diff(tt.left, c.cleanUp.left.Next); d != "" {
				t.Errorf("goes on with (-want +got):\n%s", d)
			}
			if tt.screen != "" && tt.screen != "1/3" {
				c.wants(tt.screen)
			}
		})
	}
}

// quits runs the commands so far and reports whether one of them quits.
func (c *console) quits() bool {
	quits := false
	for len(c.cmds) > 0 {
		cmd := c.cmds[0]
		c.cmds = c.cmds[1:]
		switch msg := cmd().(type) {
		case tea.QuitMsg:
			quits = true
		case tea.BatchMsg:
			for _, inner := range msg {
				if inner != nil {
					c.cmds = append(c.cmds, inner)
				}
			}
		case nil:
		default:
			c.send(msg)
		}
	}
	return quits
}

func TestCleanUp(t *testing.T) {
	pod := []lab.Remnant{{Name: "pod/liveness-app", Owner: "kim@laptop"}}
	change := func(f func(*lab.Cluster)) *lab.Snapshot {
		s := onReal(1)
		f(&s.Cluster)
		return s
	}
	for _, tt := range []struct {
		name     string
		from     *lab.Snapshot
		clusters *someClusters // nil: one on which nothing is left
		keys     string        // pressed one after the other, each once everything has been done
		quits    bool
		deleted  []lab.Remnant
		words    string // once the screen is gone
		screen   string
	}{
		{name: "embedded", from: tuitest.Starting(), clusters: &someClusters{remains: pod}, keys: "q", quits: true},
		{name: "nothing left", from: onReal(1), keys: "q", quits: true},
		{name: "read-only", from: change(func(c *lab.Cluster) { c.ReadOnly = true }), clusters: &someClusters{remains: pod}, keys: "q", quits: true},
		{name: "dry run", from: change(func(c *lab.Cluster) { c.DryRun = true }), clusters: &someClusters{remains: pod}, keys: "q", quits: true},
		{
			name: "connection lost", from: change(func(c *lab.Cluster) { c.Phase = lab.Lost }), clusters: &someClusters{remains: pod}, keys: "q",
			quits: true, words: "Could not check what the labs left behind. To clean up later: healthlab cleanup --context kind-lab",
		},
		{
			name: "cannot be looked at", from: onReal(1), clusters: &someClusters{unlookable: errors.New("refused")}, keys: "q",
			quits: true, words: "refused",
		},
		{
			name: "left by default", from: onReal(1), clusters: &someClusters{remains: pod}, keys: "q enter",
			quits: true, words: "still there. To clean up later: healthlab cleanup --context kind-lab",
		},
		{
			name: "deleted", from: onReal(1), clusters: &someClusters{remains: pod}, keys: "q 2",
			quits: true, deleted: pod, words: "deleted: pod/liveness-app",
		},
		{
			name: "deleted in part", from: onReal(1), clusters: &someClusters{remains: pod, undeletable: errors.New("forbidden")}, keys: "q 2",
			quits: true, deleted: pod, words: "deleted: pod/liveness-app\nforbidden",
		},
		{name: "stays", from: onReal(1), clusters: &someClusters{remains: pod}, keys: "q 3", screen: "step 2/3"},
		{name: "stays with Esc", from: onReal(1), clusters: &someClusters{remains: pod}, keys: "q esc", screen: "step 2/3"},
		{name: "quits at once when asked twice", from: onReal(1), clusters: &someClusters{remains: pod}, keys: "q ctrl+c", quits: true},
		{name: "on request, default no", from: onReal(1), clusters: &someClusters{remains: pod}, keys: "W enter", screen: "step 2/3"},
		{name: "on request", from: onReal(1), clusters: &someClusters{remains: pod}, keys: "W y", deleted: pod, screen: "deleted: pod/liveness-app"},
		{name: "on request, nothing", from: onReal(1), keys: "W", screen: "left nothing behind"},
		{name: "on request, embedded", from: tuitest.Running(1), keys: "W", screen: "leaves nothing behind"},
		{
			name: "on request, read-only", from: change(func(c *lab.Cluster) { c.ReadOnly = true }), keys: "W", screen: "read-only",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.clusters == nil {
				tt.clusters = &someClusters{}
			}
			c := newConsole(t, 120, 40, func(cfg *Config) { cfg.Lang = lab.English }).with(tt.clusters)
			c.publish(tt.from)
			quits := false
			for _, key := range strings.Fields(tt.keys) {
				c.press(key)
				quits = c.quits() || quits
			}
			if quits != tt.quits {
				t.Errorf("quits: %t", quits)
			}
			if d := cmp.Diff(tt.deleted, tt.clusters.deleted); d != "" {
				t.Errorf("deleted (-want +got):\n%s", d)
			}
			var words []string
			for _, w := range c.cleanUp.left.Messages {
				words = append(words, w.En)
			}
			if got := strings.Join(words, "\n"); !strings.Contains(got, tt.words) || tt.words == "" && got != "" {
				t.Errorf("says at the end %q, want %q", got, tt.words)
			}
			if tt.screen != "" {
				c.wants(tt.screen)
			}
		})
	}
}

func TestPreflightIsAnnouncedOnce(t *testing.T) {
	c := newConsole(t, 120, 40, func(cfg *Config) { cfg.Lang = lab.English })
	limited := onReal(1)
	limited.Cluster.Preflight = &lab.Preflight{Findings: []lab.Finding{{
		State: lab.FindingLimited, Subject: lab.T("포트 포워딩", "port-forward"), Found: lab.T("없음", "not permitted"),
	}}}
	c.publish(limited)
	c.wants("1 limited, 0 blocked. Press P", "P preflight")
	c.lacks("not permitted")
	c.press("esc")
	again := onReal(2)
	again.Cluster.Preflight = &lab.Preflight{Findings: limited.Cluster.Preflight.Findings}
	c.publish(again)
	c.lacks("1 limited")
	c.press("P")
	c.wants("port-forward", "not permitted")
}

func TestHeaderNamesTheCluster(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*lab.Cluster)
		wants  []string
	}{
		{"embedded", func(c *lab.Cluster) { c.Real = false }, []string{"embedded/healthchecks"}},
		{"real", func(*lab.Cluster) {}, []string{"your cluster kind-lab/healthchecks"}},
		{"read-only", func(c *lab.Cluster) { c.ReadOnly = true }, []string{"kind-lab/healthchecks [read-only]"}},
		{"dry run", func(c *lab.Cluster) { c.DryRun = true }, []string{"kind-lab/healthchecks [dry run]"}},
		{
			"a long name", func(c *lab.Cluster) {
				c.Name, c.ReadOnly = "arn:aws:eks:ap-northeast-2:123456789012:cluster/workshop", true
			},
			[]string{"arn:", "orkshop/healthchecks [read-only]", "connected"},
		},
		{"a lost one", func(c *lab.Cluster) { c.Phase = lab.Lost }, []string{"kind-lab/healthchecks", "connection lost"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newConsole(t, 80, 24, func(cfg *Config) { cfg.Lang = lab.English })
			s := onReal(1)
			tt.change(&s.Cluster)
			c.publish(s)
			for _, want := range tt.wants {
				if header, _, _ := strings.Cut(c.screen(), "\n"); !strings.Contains(header, want) {
					t.Errorf("the header lacks %q: %s", want, header)
				}
			}
		})
	}
}

// Expired credentials: the key is offered, and hands the terminal over and takes it back.
func TestLoginHasTheTerminal(t *testing.T) {
	clusters := workshop()
	term := start(t, t.Context(), 120, 40, func(cfg *Config) { cfg.Lang, cfg.Clusters = lab.English, clusters })
	onScreen := make(chan bool, 1)
	clusters.duringLogin = func() { onScreen <- term.emu.IsAltScreen() }
	s := onReal(1)
	s.Cluster.Phase = lab.Lost
	s.Cluster.Problem = lab.T("자격 증명을 거절했습니다", "refuses the credentials")
	term.session.Publish(s)
	term.sees("refuses the credentials", "log in again: h", "h log in")
	term.typeKeys("h")
	term.sees("Reconnecting")
	if <-onScreen {
		t.Error("the console kept the screen while logging in")
	}
	if d := cmp.Diff([]string{"kind-lab"}, clusters.logins); d != "" {
		t.Errorf("logins (-want +got):\n%s", d)
	}
	term.typeKeys("q")
	if err := term.ends(); err != nil {
		t.Fatal(err)
	}
}

// A whole change of clusters, with what the next console begins with.
func TestRunTellsWhereToGoOn(t *testing.T) {
	term := start(t, t.Context(), 120, 40, func(cfg *Config) { cfg.Clusters = workshop() })
	s := tuitest.Running(1)
	s.Tasks = nil
	term.session.Publish(s)
	term.sees("연결됨")
	term.typeKeys("tlm")
	term.sees("mouse: terminal")
	term.typeKeys("O")
	term.sees("team-a")
	term.typeKeys("3")
	term.sees("Nothing is written before that")
	term.typeKeys("y")
	if err := term.ends(); err != nil {
		t.Fatal(err)
	}
	want := Left{Next: &workshop().contexts[1], Theme: "light", NoMouse: true}
	if d := cmp.Diff(want, term.left); d != "" {
		t.Errorf("left (-want +got):\n%s", d)
	}
}
