package why

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/cause"
	"healthlab/lab/cluster"
	"healthlab/probes"
)

var now = time.Date(2026, 3, 1, 9, 1, 0, 0, time.Local)

func before(seconds int) time.Time { return now.Add(-time.Duration(seconds) * time.Second) }

// namespace is a cluster that answers with what it holds.
type namespace struct {
	pods                     []lab.Pod
	events                   []lab.Event
	log                      []lab.LogLine
	noPods, noEvents, noLogs error
	noPod                    error
	missing                  bool
	asked                    []string
}

func (n *namespace) Info() lab.Cluster { return lab.Cluster{Name: "kind", Namespace: "shop"} }

func (n *namespace) Pods(context.Context) ([]lab.Pod, error) { return slices.Clone(n.pods), n.noPods }

func (n *namespace) Pod(_ context.Context, name string) (lab.Pod, error) {
	for _, p := range n.pods {
		if p.Name == name {
			return p, n.noPod
		}
	}
	return lab.Pod{}, lab.Errorf(cluster.ErrNotFound, "없습니다", "there is none")
}

func (n *namespace) NamespaceMissing(context.Context) bool { return n.missing }

func (n *namespace) Events(_ context.Context, keep func(lab.Event) bool) ([]lab.Event, error) {
	return slices.DeleteFunc(slices.Clone(n.events), func(e lab.Event) bool { return !keep(e) }), n.noEvents
}

func (n *namespace) LastLines(_ context.Context, pod, container string, previous bool, most int64) ([]lab.LogLine, error) {
	n.asked = append(n.asked, fmt.Sprint(pod, "/", container, " ", previous, " ", most))
	return n.log, n.noLogs
}

func forbidden() error {
	return lab.Errorf(cluster.ErrForbidden, "권한이 없습니다", "not permitted")
}

func ready(name string) lab.Pod {
	return lab.Pod{
		Name: name, UID: "uid-" + name, Node: "n", Phase: "Running", Status: "Running", Ready: true, ReadyContainers: 1, TotalContainers: 1, Created: before(60),
		Acknowledged: before(60), GracePeriod: 30 * time.Second, RestartPolicy: "Always",
		Containers: []lab.Container{{Name: "app", Image: "alpine", State: lab.Running, StartedAt: before(59), Started: true, Ready: true}},
	}
}

// crashing is a pod of the deployment web whose container has ended with code 1.
func crashing(name string) lab.Pod {
	p := ready(name)
	p.Ready, p.ReadyContainers, p.Status, p.Restarts, p.ReadySince = false, 0, "CrashLoopBackOff", 2, before(60)
	p.Labels, p.Owner = map[string]string{"pod-template-hash": "5d8f"}, lab.Owner{Kind: "ReplicaSet", Name: "web-5d8f"}
	c := &p.Containers[0]
	c.State, c.Started, c.Ready, c.Restarts = lab.Waiting, false, false, 2
	c.Reason, c.Message = "CrashLoopBackOff", "back-off 20s restarting failed container=app pod="+name+"_shop(1)"
	c.Last = &lab.Termination{ExitCode: 1, Reason: "Error", StartedAt: before(12), FinishedAt: before(10)}
	return p
}

// restarted is a pod that a failed liveness probe has had restarted, with the events of it.
func restarted(name string) (lab.Pod, []lab.Event) {
	p := ready(name)
	p.Restarts = 1
	c := &p.Containers[0]
	c.Restarts, c.StartedAt = 1, before(4)
	c.Last = &lab.Termination{ExitCode: 137, Reason: "Error", StartedAt: before(59), FinishedAt: before(5)}
	c.Probes = []lab.Probe{{Spec: probes.Spec{Kind: probes.Liveness, TCP: &probes.TCPAction{}}.Defaulted()}}
	event := func(seconds, count int, kind, reason, message string) lab.Event {
		return lab.Event{
			UID: reason, Type: kind, Reason: reason, Message: message, ObjectKind: "Pod", ObjectName: name, ObjectUID: p.UID, Container: "app",
			Source: "kubelet", Count: count, First: before(seconds), Last: before(seconds),
		}
	}
	return p, []lab.Event{
		event(35, 3, "Warning", "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500"),
		event(35, 1, "Normal", "Killing", "Container app failed liveness probe, will be restarted"),
	}
}

func plain(rows [][]string) string {
	var out strings.Builder
	for _, row := range rows {
		fmt.Fprintln(&out, strings.Join(row, " "))
	}
	return out.String()
}

func TestText(t *testing.T) {
	p, events := restarted("api")
	n := &namespace{
		pods: []lab.Pod{p, ready("fine"), crashing("web-5d8f-abcde")}, events: events,
		log: []lab.LogLine{{At: before(11), Text: "fatal: no DATABASE_URL\x1b[2J"}},
	}
	r, err := Look(t.Context(), n, Target{}, now)
	if err != nil {
		t.Fatal(err)
	}
	want := `api  1/1 Running, RESTARTS 1
  restarted app [liveness-probe]
     The liveness probe failed 3 times in a row, so the kubelet stopped the container; after a grace period of 30 s it ended by SIGKILL (137)
     1 09:00:25 event Killing: Container app failed liveness probe, will be restarted
     2 09:00:55 end of the container: code 137, Error
     3 09:00:25 event Unhealthy (3 times): Liveness probe failed: HTTP probe failed with statuscode: 500
     4 - the liveness probe: failureThreshold 3, periodSeconds 10, initialDelaySeconds 0
     5 09:00:49 log: fatal: no DATABASE_URL[2J
     +  137 does not mean out of memory here: the reason is Error, not OOMKilled

web-5d8f-abcde  0/1 CrashLoopBackOff, RESTARTS 2
  not ready app [crash-loop]
     It ended again and again, so the kubelet pauses for 20 s before it starts it once more (CrashLoopBackOff); the last run: the program ended by itself with code 1
     1 - state of the container: Waiting, CrashLoopBackOff: back-off 20s restarting failed container=app pod=web-5d8f-abcde_shop(1)
     2 09:00:50 end of the container: code 1, Error
     3 09:00:49 log: fatal: no DATABASE_URL[2J
     +  It is started in about 10 s
`
	if diff := cmp.Diff(want, r.Text(lab.English, plain)); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"api/app true 5", "web-5d8f-abcde/app true 5"}, n.asked); diff != "" {
		t.Errorf("logs asked for (-want +got):\n%s", diff)
	}
	if ko := r.Text(lab.Korean, plain); !strings.Contains(ko, "활성 프로브가 3번 이어서 실패해") || !strings.Contains(ko, "준비되지 않음 app [crash-loop]") {
		t.Errorf("in Korean:\n%s", ko)
	}
}

func TestAllIsWell(t *testing.T) {
	done := ready("done")
	done.Ready, done.Phase, done.Status = false, "Succeeded", "Completed"
	for _, tt := range []struct {
		name string
		pods []lab.Pod
		want string
	}{
		{"no pods", nil, "there are no pods in namespace shop\n"},
		{"one", []lab.Pod{ready("a")}, "the one pod in namespace shop is well: Ready, or done, and never restarted\n"},
		{"one that has done its work", []lab.Pod{ready("a"), done}, "all 2 pods in namespace shop are well: Ready, or done, and never restarted\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Look(t.Context(), &namespace{pods: tt.pods}, Target{}, now)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, r.Text(lab.English, plain)); diff != "" {
				t.Error(diff)
			}
		})
	}
	r, err := Look(t.Context(), &namespace{pods: []lab.Pod{done}}, Target{Kind: "Pod", Name: "done"}, now)
	if err != nil || len(r.Pods) != 1 || len(r.Pods[0].Causes) != 1 || r.Pods[0].Causes[0].Code != cause.Succeeded {
		t.Errorf("named: %+v, %v", r.Pods, err)
	}
}

// Without the rights for something it tells the rest, and says what it does not see.
// An empty answer would read as if all were well.
func TestNamespaceThatDoesNotExist(t *testing.T) {
	for _, target := range []Target{{}, {Kind: "Pod", Name: "web"}, {Kind: "Deployment", Name: "web"}} {
		_, err := Look(t.Context(), &namespace{missing: true}, target, now)
		if err == nil || err.Error() != "there is no namespace shop" {
			t.Errorf("%+v: error %v", target, err)
		}
	}
}

func TestRights(t *testing.T) {
	pods := []lab.Pod{crashing("web-5d8f-abcde"), ready("fine")}
	for _, tt := range []struct {
		name   string
		n      namespace
		target Target
		want   string // in the text
		fails  string // in the error
	}{
		{"no events", namespace{pods: pods, noEvents: forbidden()}, Target{}, "note: events may not be read, so only the pods' status is told", ""},
		{"too many events", namespace{pods: pods, noEvents: lab.Errorf(cluster.ErrTooMany, "많습니다", "more than 20000 events")}, Target{}, "note: more than 20000 events", ""},
		{"no logs", namespace{pods: pods, noLogs: forbidden()}, Target{}, "note: logs may not be read", ""},
		{"a log that is gone", namespace{pods: pods, noLogs: errors.New("gone")}, Target{}, "code 1", ""},
		{"no list of pods, but one by name", namespace{pods: pods, noPods: forbidden()}, Target{"Pod", "fine"}, "It is Ready and was never restarted", ""},
		{"no pod by name, but a list", namespace{pods: pods, noPod: forbidden()}, Target{"Pod", "fine"}, "It is Ready and was never restarted", ""},
		{"neither", namespace{pods: pods, noPods: forbidden(), noPod: forbidden()}, Target{"Pod", "fine"}, "", "not permitted"},
		{"no list of pods", namespace{pods: pods, noPods: forbidden()}, Target{}, "", "not permitted"},
		{"no list of pods, and none of the name", namespace{pods: pods, noPods: forbidden()}, Target{"Pod", "x"}, "", "there is no pod x in namespace shop"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Look(t.Context(), &tt.n, tt.target, now)
			switch {
			case tt.fails != "" && (err == nil || !strings.Contains(err.Error(), tt.fails)), tt.fails == "" && err != nil:
				t.Errorf("error %v, want %q", err, tt.fails)
			case !strings.Contains(r.Text(lab.English, plain), tt.want):
				t.Errorf("%q is missing in:\n%s", tt.want, r.Text(lab.English, plain))
			}
		})
	}
}

func TestTargets(t *testing.T) {
	job := crashing("import-x")
	job.Owner, job.Labels = lab.Owner{Kind: "Job", Name: "import"}, nil
	all := []lab.Pod{crashing("web-5d8f-abcde"), crashing("web-5d8f-fghij"), ready("fine"), job}
	quota := lab.Event{UID: "q", Reason: "FailedCreate", ObjectKind: "ReplicaSet", ObjectName: "api-77", Message: `Error creating: pods "api-77-" is forbidden: exceeded quota`}
	for _, tt := range []struct {
		arg   string
		pods  int
		fails string
	}{
		{"fine", 1, ""},
		{"pod/fine", 1, ""},
		{"po/web-5d8f-fghij", 1, ""},
		{"deploy/web", 2, ""},
		{"deployments.apps/web", 2, ""},
		{"Deployment/web", 2, ""},
		{"rs/web-5d8f", 2, ""},
		{"job/import", 1, ""},
		{"fnie", 0, "there is no pod fnie in namespace shop: did you mean fine?"},
		{"web", 0, "did you mean web-5d8f-abcde, web-5d8f-fghij?"},
		{"something-else", 0, "there is no pod something-else in namespace shop: there are fine, import-x, web-5d8f-abcde, web-5d8f-fghij"},
		{"deploy/wbe", 0, "there is no pod of deploy/wbe in namespace shop: did you mean deploy/web?"},
		{"deploy/api", 0, "no pod of deploy/api can be created: Error creating"},
		{"sts/x", 0, "there is no pod of sts/x in namespace shop"},
	} {
		t.Run(tt.arg, func(t *testing.T) {
			target, err := ParseTarget([]string{tt.arg})
			if err != nil {
				t.Fatal(err)
			}
			r, err := Look(t.Context(), &namespace{pods: all, events: []lab.Event{quota}}, target, now)
			if len(r.Pods) != tt.pods || (err == nil) != (tt.fails == "") || err != nil && !strings.Contains(err.Error(), tt.fails) {
				t.Errorf("%d pods, error %v; want %d, %q", len(r.Pods), err, tt.pods, tt.fails)
			}
		})
	}
	for _, args := range [][]string{{"cow/x"}, {"pod/"}, {"/x"}, {"a/b/c"}, {"a", "b"}, {""}} {
		if target, err := ParseTarget(args); err == nil {
			t.Errorf("%q: %+v", args, target)
		}
	}
}

func TestNames(t *testing.T) {
	all := []lab.Pod{crashing("web-5d8f-abcde"), crashing("web-5d8f-fghij"), ready("fine"), ready("bad\x1b")}
	for word, want := range map[string][]string{
		"":         {"fine", "web-5d8f-abcde", "web-5d8f-fghij"},
		"web":      {"web-5d8f-abcde", "web-5d8f-fghij"},
		"deploy/":  {"deploy/web"},
		"rs/w":     {"rs/web-5d8f"},
		"pod/f":    {"pod/fine"},
		"cow/":     nil,
		"deploy/x": nil,
	} {
		if got := Names(all, word); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

func TestReportsAreBounded(t *testing.T) {
	n := &namespace{noLogs: errors.New("gone")}
	for i := range 500 {
		n.pods = append(n.pods, crashing(fmt.Sprintf("web-5d8f-%03d", i)))
	}
	r, err := Look(t.Context(), n, Target{}, now)
	if err != nil || len(r.Pods) != maxPods || r.More != 450 || len(n.asked) != maxLogs {
		t.Errorf("%d pods, %d more, %d logs, %v", len(r.Pods), r.More, len(n.asked), err)
	}
	if text := r.Text(lab.English, plain); !strings.Contains(text, "450 more pods are not well") {
		t.Error(text[len(text)-200:])
	}
}

func TestJSON(t *testing.T) {
	p, events := restarted("api")
	r, err := Look(t.Context(), &namespace{pods: []lab.Pod{p, ready("fine")}, events: events, noLogs: forbidden()}, Target{}, now)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := r.JSON(&out, lab.Korean); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	stamp := func(seconds int) string { return before(seconds).UTC().Format(time.RFC3339) }
	want := map[string]any{
		"version": 1.0, "cluster": "kind", "namespace": "shop", "at": stamp(0), "language": "ko", "looked": 2.0, "leftOut": 0.0,
		"notes": []any{"로그를 볼 권한이 없어 지난 실행의 마지막 로그는 보여 주지 않습니다"},
		"pods": []any{map[string]any{
			"name": "api", "uid": "uid-api", "status": "Running", "ready": true, "restarts": 1.0,
			"causes": []any{map[string]any{
				"about": "restart", "code": "liveness-probe", "container": "app", "at": stamp(5),
				"sentence": "활성 프로브가 3번 이어서 실패해 kubelet이 종료했고, 30초 유예 뒤 SIGKILL(137)로 끝났습니다",
				"evidence": []any{
					map[string]any{"number": 1.0, "at": stamp(35), "text": "Killing 이벤트: Container app failed liveness probe, will be restarted", "ref": map[string]any{"kind": "event", "uid": "Killing"}},
					map[string]any{"number": 2.0, "at": stamp(5), "text": "컨테이너의 끝: 코드 137, Error", "ref": map[string]any{"kind": "termination", "container": "app", "at": stamp(5)}},
					map[string]any{"number": 3.0, "at": stamp(35), "text": "Unhealthy 이벤트(3번): Liveness probe failed: HTTP probe failed with statuscode: 500", "ref": map[string]any{"kind": "event", "uid": "Unhealthy"}},
					map[string]any{"number": 4.0, "text": "활성 프로브 설정: failureThreshold 3, periodSeconds 10, initialDelaySeconds 0", "ref": map[string]any{"kind": "probe", "container": "app", "probe": "liveness"}},
				},
				"known":   []any{"137이지만 메모리 부족은 아닙니다. 이유가 OOMKilled가 아니라 Error입니다"},
				"unknown": []any{},
			}},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

// Every kind of reference has a form of its own.
func TestReferencesAsJSON(t *testing.T) {
	for _, ref := range []cause.Ref{
		cause.EventRef{UID: "e"},
		cause.AttemptRef{Start: now},
		cause.ConditionRef{Type: "Ready"},
		cause.TerminationRef{FinishedAt: now},
		cause.StateRef{Container: "app"},
		cause.ProbeRef{Container: "app", Kind: probes.Liveness},
		cause.LogRef{Container: "app", At: now},
		cause.PodRef{},
	} {
		if newRefJSON(ref).Kind == "" {
			t.Errorf("%T has no kind", ref)
		}
	}
}
