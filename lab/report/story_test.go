package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/fold"
	"healthlab/lab/journal"
	"healthlab/probes"
)

// zero is when stories begin, on every clock.
var zero = time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC)

func at(seconds float64) time.Time { return zero.Add(time.Duration(seconds * float64(time.Second))) }

// stamp is a time as Kubernetes writes it.
func stamp(t float64) time.Time { return at(t).Truncate(time.Second) }

// story makes a journal's entries as a session does. Its times are seconds since zero.
type story struct {
	state   *fold.State
	entries []journal.Entry
	facts   uint64
	pods    map[string]lab.Pod
	tasks   uint64
}

// begin begins a story on healthlab's own cluster or, with a server, on one of the user's.
func begin(server string) *story {
	s := &story{state: fold.New(), pods: map[string]lab.Pod{}}
	cluster := lab.Cluster{Name: "healthlab", Namespace: "healthchecks", Phase: lab.Starting}
	if server != "" {
		cluster = lab.Cluster{Name: "arn:aws:eks:eu-north-1:123456789012:cluster/shop", Server: server, Namespace: "healthchecks-kim", Real: true}
	}
	s.tell(0, journal.Begun{
		Cluster: cluster, Position: lab.Position{Done: [][]bool{{true, false, false}, {false, false}}},
		Dir: "/home/kim/environment/healthchecks", Labs: []string{"liveness", "readiness"},
	})
	s.tell(1, journal.Connected{Cluster: cluster})
	s.tell(1, journal.VersionLearned{Version: "v1.37.2"})
	return s
}

// tell adds an entry, and the facts that follow from it.
func (s *story) tell(t float64, body journal.Body) {
	if told, ok := body.(journal.Told); ok {
		s.facts++
		told.Fact.Seq, told.Fact.At = s.facts, at(t)
		body = told
	}
	e := journal.Entry{Seq: uint64(len(s.entries)) + 1, At: at(t), Body: body}
	s.entries = append(s.entries, e)
	for _, f := range s.state.Apply(e) {
		s.fact(t, f)
	}
}

func (s *story) fact(t float64, f lab.Fact) { s.tell(t, journal.Told{Fact: f}) }

func (s *story) see(t float64, change lab.Change) { s.tell(t, journal.Changed{Change: change}) }

// step enters a step, and meets the goals of the one before.
func (s *story) step(t float64, labID, step string) {
	s.fact(t, lab.Fact{Kind: lab.FactStepEntered, Lab: labID, Step: step})
}

func (s *story) done(t float64, labID, step string, goals ...string) {
	for _, g := range goals {
		s.fact(t, lab.Fact{Kind: lab.FactGoalMet, Lab: labID, Step: step, Goal: g})
	}
	s.fact(t, lab.Fact{Kind: lab.FactStepDone, Lab: labID, Step: step})
}

// run carries out a command.
func (s *story) run(from, to float64, line, output string) {
	s.act(from, to, lab.Task{Action: lab.Kubectl{Args: strings.Fields(line)[1:]}, Title: lab.T("명령", "command"), Line: line}, output)
}

// inject carries out a fault.
func (s *story) inject(from, to float64, fault, pod, line string) {
	s.act(from, to, lab.Task{Action: lab.Inject{Fault: fault, Pod: pod}, Title: lab.T("장애", "fault"), Line: line}, "")
}

func (s *story) act(from, to float64, task lab.Task, output string) {
	s.tasks++
	task.ID, task.State, task.Started = s.tasks, lab.TaskRunning, at(from)
	s.tell(from, journal.TaskStarted{Task: task})
	if output != "" {
		s.tell(to, journal.TaskPrinted{Task: task.ID, Text: output})
	}
	s.tell(to, journal.TaskEnded{Task: task.ID, State: lab.TaskDone, Took: at(to).Sub(at(from))})
}

// pod changes what was known of a pod, and tells it.
func (s *story) pod(t float64, name string, change func(p *lab.Pod, c *lab.Container)) {
	p := s.pods[name]
	p.Containers = slices.Clone(p.Containers)
	change(&p, &p.Containers[0])
	s.pods[name] = p
	s.see(t, lab.PodChanged{Pod: p})
}

// ready says of a pod whether it is Ready.
func (s *story) ready(t float64, name string, is bool) {
	s.pod(t, name, func(p *lab.Pod, c *lab.Container) { setReady(p, c, t, is) })
}

func setReady(p *lab.Pod, c *lab.Container, t float64, is bool) {
	p.Ready, c.Ready, p.ReadySince, p.ReadyContainers = is, is, stamp(t), 0
	status := "False"
	if is {
		p.ReadyContainers, status = 1, "True"
	}
	p.Conditions = []lab.Condition{{Type: "Ready", Status: status, Since: stamp(t)}}
}

// start makes a pod of one container and has it run, ready at once or not.
func (s *story) start(t float64, name, ip string, ready bool, spec probes.Spec) {
	s.pods[name] = lab.Pod{
		Name: name, UID: "uid-" + name, Phase: "Pending", Status: "ContainerCreating", Node: "healthlab", TotalContainers: 1,
		Created: stamp(t), GracePeriod: 30 * time.Second, Labels: map[string]string{"app": "shop"},
		Containers: []lab.Container{{
			Name: "app", Image: "shop:1", State: lab.Waiting, Reason: "ContainerCreating",
			Probes: []lab.Probe{{Spec: spec, Threshold: spec.FailureThreshold}},
		}},
	}
	s.pod(t, name, func(*lab.Pod, *lab.Container) {})
	s.pod(t+1, name, func(p *lab.Pod, c *lab.Container) {
		p.Phase, p.Status, p.IP, p.Acknowledged = "Running", "Running", ip, stamp(t)
		c.State, c.Reason, c.ID, c.StartedAt, c.Started = lab.Running, "", name+"-0", stamp(t+1), true
		setReady(p, c, t+1, ready)
	})
}

// attempt tells of an attempt of the engine that took 20 ms, or timed out.
func (s *story) attempt(t float64, name string, outcome probes.Outcome, streak int, message string) {
	p := s.pods[name]
	c := p.Containers[0]
	spec := c.Probes[0].Spec
	a := probes.Attempt{
		Key: probes.Key{Pod: p.UID, Container: c.Name, Kind: spec.Kind}, ContainerID: c.ID, Mechanism: spec.Mechanism(),
		Start: at(t), Took: 20 * time.Millisecond, Outcome: outcome, Streak: streak, Threshold: spec.SuccessThreshold,
		Verdict: probes.Passing, Message: message,
	}
	if outcome == probes.Failure {
		a.Threshold = spec.FailureThreshold
		if strings.Contains(message, "deadline") {
			a.Took = spec.Timeout
		}
		if streak >= spec.FailureThreshold {
			a.Verdict, a.Changed = probes.Failing, streak == spec.FailureThreshold
		}
	}
	s.tell(t+a.Took.Seconds()+.001, journal.Attempted{Attempt: lab.Attempt{Pod: name, Container: c.Name, Attempt: a}})
}

// event tells of an event about a pod's container.
func (s *story) event(t float64, name, kind, reason, message string, count int) {
	p := s.pods[name]
	s.see(t, lab.EventChanged{Event: lab.Event{
		UID: p.UID + reason, Type: kind, Reason: reason, Message: message, ObjectKind: "Pod", ObjectName: name, ObjectUID: p.UID,
		Container: "app", Source: "kubelet", Count: count, First: stamp(t), Last: stamp(t),
	}})
}

func (s *story) endpoints(t float64, endpoints ...lab.Endpoint) {
	s.see(t, lab.EndpointsChanged{Slice: "shop-1", Endpoints: endpoints})
}

func (s *story) deployment(t float64, available int) {
	s.see(t, lab.DeploymentChanged{Deployment: lab.Deployment{
		Name: "shop", Selector: map[string]string{"app": "shop"}, Desired: 2, Updated: 2, Total: 2, Available: available, Unavailable: 2 - available,
	}})
}

func livenessProbe() probes.Spec {
	return probes.Spec{
		Kind: probes.Liveness, HTTP: &probes.HTTPAction{Path: "/health", Port: probes.Port{Number: 3000}},
		InitialDelay: 5 * time.Second, Period: 5 * time.Second,
	}.Defaulted()
}

func readinessProbe() probes.Spec {
	return probes.Spec{
		Kind: probes.Readiness, Exec: &probes.ExecAction{Command: []string{"cat", "/tmp/healthy"}}, InitialDelay: 5 * time.Second, Period: 3 * time.Second,
	}.Defaulted()
}

// labs are two short ones, with the faults of those that are built in.
func labs() []lab.Lab {
	return []lab.Lab{
		{
			ID: "liveness", Title: lab.T("활성 프로브(Liveness)", "Liveness probe"),
			Faults: []lab.Fault{{
				ID: "hang", Title: lab.T("앱 멈추기", "Hang the app"), Role: lab.RoleHang, Pod: "liveness-app", Responds: lab.Responses{Liveness: probes.Hang},
			}},
			Steps: []lab.Step{
				{ID: "read", Title: lab.T("프로브란", "What a probe is")},
				{ID: "apply", Title: lab.T("파드 배포", "Deploy the pod"), Goals: []lab.Goal{{ID: "up", Title: lab.T("파드가 Ready", "The pod is Ready")}}},
				{
					ID: "hang", Title: lab.T("앱을 멈추고 지켜보기", "Hang the app and watch"), Fault: "hang",
					Goals: []lab.Goal{
						{ID: "killing", Title: lab.T("kubelet이 컨테이너를 종료하기 시작함", "The kubelet began to stop the container")},
						{ID: "restarted", Title: lab.T("RESTARTS가 1 이상", "RESTARTS is 1 or more")},
					},
					Question: &lab.Question{
						Prompt:  lab.T("세 번째로 실패한 순간 READY와 RESTARTS는 어떻게 될까요?", "At the third failure, what do READY and RESTARTS become?"),
						Options: []lab.Text{lab.Same("READY 0/1, RESTARTS 1"), lab.T("READY 1/1, RESTARTS 0 그대로", "READY 1/1, RESTARTS 0, as they were")},
						Correct: 1, Because: lab.T("유예 시간 동안 컨테이너는 아직 실행 중입니다.", "The container still runs during its grace period."),
						Time: &lab.TimeQuestion{Prompt: lab.T("RESTARTS는 장애를 낸 지 몇 초 뒤에 1이 될까요?", "How many seconds after the fault does RESTARTS become 1?"), Point: lab.TimedRestart},
					},
				},
			},
		},
		{
			ID: "readiness", Title: lab.T("준비성 프로브(Readiness)", "Readiness probe"),
			Faults: []lab.Fault{
				{ID: "break", Title: lab.T("준비 파일 지우기", "Remove the ready file"), Role: lab.RoleUnready, Selector: "app=shop", Responds: lab.Responses{Readiness: probes.Fail}},
				{ID: "repair", Title: lab.T("준비 파일 되살리기", "Restore the ready file"), Role: lab.RoleRepair, Selector: "app=shop", Responds: lab.Responses{Readiness: probes.Answer}},
			},
			Steps: []lab.Step{
				{ID: "deploy", Title: lab.T("파드 둘 배포", "Deploy two pods"), Goals: []lab.Goal{{ID: "two", Title: lab.T("사용 가능 2", "Two are available")}}},
				{
					ID: "break", Title: lab.T("파드 하나의 준비 해제", "Make one pod not ready"), Fault: "break",
					Goals: []lab.Goal{{ID: "one", Title: lab.T("사용 가능 1", "One is available")}, {ID: "again", Title: lab.T("다시 사용 가능 2", "Two are available again")}},
					Question: &lab.Question{
						Prompt:  lab.T("/tmp/healthy를 지운 파드는 어떻게 될까요?", "What happens to a pod whose /tmp/healthy is removed?"),
						Options: []lab.Text{lab.T("재시작된다", "It is restarted"), lab.T("READY 0/1이 된다", "It gets READY 0/1")},
						Correct: 1, Because: lab.T("준비성 프로브는 컨테이너를 죽이지 않습니다.", "A readiness probe never kills a container."),
						Time: &lab.TimeQuestion{Prompt: lab.T("READY는 몇 초 뒤에 0/1이 될까요?", "How many seconds until READY is 0/1?"), Point: lab.TimedVerdict},
					},
				},
			},
		},
	}
}

// answers are right once and wrong once.
func answers() course.Answers {
	seconds := func(least, most time.Duration) *probes.Range {
		return &probes.Range{Least: least * time.Second, Most: most * time.Second}
	}
	return course.Answers{
		course.Key("liveness", "hang"):   {Option: 0, Time: seconds(38, 40)},
		course.Key("readiness", "break"): {Option: 1, Time: seconds(6, 9)},
	}
}

// bothLabs is a run of both labs: an app hangs and is restarted, a pod is broken and repaired.
func bothLabs() *story {
	s := begin("")
	s.step(1, "liveness", "apply")
	s.run(2, 2.4, "kubectl apply -f ~/environment/healthchecks/liveness-app.yaml", "pod/liveness-app created\n")
	s.start(2.5, "liveness-app", "10.244.0.2", true, livenessProbe())
	s.done(3.5, "liveness", "apply", "up")
	s.step(6, "liveness", "hang")
	const timeout = `Liveness probe failed: Get "http://10.244.0.2:3000/health": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`
	s.attempt(9, "liveness-app", probes.Success, 1, "")
	s.attempt(14, "liveness-app", probes.Success, 2, "")
	s.inject(16, 16.2, "hang", "liveness-app", "kubectl -n healthchecks exec liveness-app -- /bin/kill -s SIGUSR1 1")
	for i, t := range []float64{19, 24, 29} {
		s.attempt(t, "liveness-app", probes.Failure, i+1, "context deadline exceeded")
		s.event(t+1.3, "liveness-app", "Warning", "Unhealthy", timeout, i+1)
	}
	s.event(30.4, "liveness-app", "Normal", "Killing", "Container app failed liveness probe, will be restarted", 1)
	s.fact(30.5, lab.Fact{Kind: lab.FactGoalMet, Lab: "liveness", Step: "hang", Goal: "killing"})
	s.pod(60.6, "liveness-app", func(p *lab.Pod, c *lab.Container) {
		c.Last = &lab.Termination{ContainerID: c.ID, ExitCode: 137, Reason: "Error", StartedAt: c.StartedAt, FinishedAt: stamp(60.3)}
		c.ID, c.StartedAt, c.Restarts, p.Restarts, p.LastRestart = "liveness-app-1", stamp(60.5), 1, 1, stamp(60.3)
	})
	s.done(60.7, "liveness", "hang", "restarted")
	s.fact(60.7, lab.Fact{Kind: lab.FactLabDone, Lab: "liveness"})
	s.attempt(66, "liveness-app", probes.Success, 1, "")
	s.run(68, 68.2, "kubectl -n healthchecks get pods", "NAME           READY   STATUS    RESTARTS     AGE\nliveness-app   1/1     Running   1 (8s ago)   66s\n")
	s.readinessLab(70)
	return s
}

// readinessLab goes on with the readiness lab.
func (s *story) readinessLab(t float64) {
	s.tell(t, journal.Moved{Position: lab.Position{Lab: 1}})
	s.step(t, "readiness", "deploy")
	s.run(t+1, t+1.3, "kubectl apply -f ~/environment/healthchecks/shop.yaml", "deployment.apps/shop created\nservice/shop created\n")
	s.deployment(t+1.4, 0)
	names, ips := []string{"shop-5f67-abcde", "shop-5f67-fghij"}, []string{"10.244.0.3", "10.244.0.4"}
	both := make([]lab.Endpoint, 2)
	for i, name := range names {
		s.start(t+1.5+1.1*float64(i), name, ips[i], false, readinessProbe())
		both[i] = lab.Endpoint{Service: "shop", Address: ips[i], Pod: name, Ready: true, Serving: true}
	}
	for i, name := range names {
		up := t + 8 + .6*float64(i)
		s.attempt(up, name, probes.Success, 1, "")
		s.ready(up+.2, name, true)
		s.endpoints(up+.4, both[:i+1]...)
		s.deployment(up+.5, i+1)
	}
	s.done(t+9.2, "readiness", "deploy", "two")
	s.step(t+10, "readiness", "break")
	broken := names[1]
	s.tell(t+10, journal.PodChosen{Pod: broken, ByUser: true})
	s.inject(t+12, t+12.1, "break", broken, fmt.Sprintf("kubectl -n healthchecks exec %s -- rm /tmp/healthy", broken))
	const missing = "cat: can't open '/tmp/healthy': No such file or directory"
	for i, after := range []float64{14, 17, 20} {
		s.attempt(t+after, names[0], probes.Success, i+2, "")
		s.attempt(t+after+.2, broken, probes.Failure, i+1, missing)
		s.event(t+after+.4, broken, "Warning", "Unhealthy", "Readiness probe failed: "+missing, i+1)
	}
	s.ready(t+20.6, broken, false)
	gone := both[1]
	gone.Ready, gone.Serving = false, false
	s.endpoints(t+20.8, both[0], gone)
	s.deployment(t+20.9, 1)
	s.fact(t+21, lab.Fact{Kind: lab.FactGoalMet, Lab: "readiness", Step: "break", Goal: "one"})
	s.inject(t+25, t+25.2, "repair", broken, fmt.Sprintf("kubectl -n healthchecks exec %s -- touch /tmp/healthy", broken))
	s.attempt(t+26.4, broken, probes.Success, 1, "")
	s.ready(t+26.6, broken, true)
	s.endpoints(t+26.8, both...)
	s.deployment(t+26.9, 2)
	s.done(t+27, "readiness", "break", "again")
	s.fact(t+27, lab.Fact{Kind: lab.FactLabDone, Lab: "readiness"})
	s.run(t+28, t+28.2, "kubectl config view", "apiVersion: v1\nclusters:\n- cluster:\n    server: https://127.0.0.1:43211\n")
	s.see(t+30, lab.LinkChanged{Problem: lab.T("연결이 끊겼습니다", "the connection was lost")})
	s.see(t+34, lab.LinkChanged{Up: true})
}

// report is what becomes of a story.
func (s *story) report(change ...func(*Source)) *Report {
	from := Source{
		Labs: labs(), Answers: answers(), Healthlab: "v0.9.0", Made: at(120), Zone: time.FixedZone("KST", 9*60*60),
		Names: Names{Host: "kims-laptop.example.org", User: "kim", Home: "/home/kim"},
	}
	for _, c := range change {
		c(&from)
	}
	b := New(from)
	for _, e := range s.entries {
		b.Add(e)
	}
	return b.Report()
}
