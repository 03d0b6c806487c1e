package plain

import (
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/probes"
	"healthlab/tui/widget"
)

// here tells where the user is, and what the panes of the console show.
func (c *console) here() {
	m := c.moment()
	if l, step := m.Lab(), m.Step(); step != nil {
		c.say(lab.Textf("지금 %[1]s, %[3]d단계 중 %[2]d단계, %[4]s에 있습니다.", "You are in %[1]s, step %[2]d of %[3]d, %[4]s.",
			l.Title, c.snap.Position.Step+1, len(l.Steps), step.Title))
	}
	c.cluster()
	for _, t := range m.Running() {
		c.say(c.task(t))
	}
	if len(c.snap.Pods) == 0 {
		c.say(lab.T("파드가 없습니다.", "There are no pods."))
	}
	for _, p := range c.snap.Pods {
		c.say(c.pod(p))
		for _, container := range p.Containers {
			c.container(p, container)
		}
	}
	c.replicas()
	c.goals()
}

// replicas tells how the deployments stand, and which addresses get traffic.
func (c *console) replicas() {
	for _, d := range c.snap.Deployments {
		c.say(c.deployment(d))
	}
	for _, e := range c.snap.Endpoints {
		ready := lab.T("트래픽을 받지 않음", "gets no traffic")
		if e.Ready {
			ready = lab.T("트래픽을 받음", "gets traffic")
		}
		c.say(lab.Textf("서비스 %s, 주소 %s, 파드 %s: %s.", "Service %s, address %s, pod %s: %s.", e.Service, e.Address, e.Pod, ready))
	}
	c.requests()
}

// deployment tells a deployment's replica counts as kubectl describe names them.
func (c *console) deployment(d lab.Deployment) lab.Text {
	return lab.Textf("디플로이먼트 %s, Replicas: %d desired, %d updated, %d total, %d available, %d unavailable.",
		"Deployment %s, Replicas: %d desired, %d updated, %d total, %d available, %d unavailable.",
		d.Name, d.Desired, d.Updated, d.Total, d.Available, d.Unavailable)
}

func (c *console) cluster() {
	cluster := c.snap.Cluster
	switch cluster.Phase {
	case lab.Up:
		c.say(lab.Textf("%s 클러스터에 연결되어 있습니다. 네임스페이스는 %s입니다.", "Connected to cluster %s, namespace %s.",
			cluster.Name, cluster.Namespace))
		switch {
		case cluster.ReadOnly:
			c.say(lab.T("읽기 전용이어서 아무것도 바꾸지 않습니다.", "Read-only: nothing is changed."))
		case cluster.DryRun:
			c.say(lab.T("연습(dry run)이어서 아무것도 바꾸지 않습니다.", "Dry run: nothing is changed."))
		case cluster.Real:
			c.say(lab.T("내장 클러스터가 아니라 내 클러스터입니다.", "This is your own cluster, not the embedded one."))
		}
	case lab.Starting:
		ready := 0
		for _, component := range cluster.Components {
			if component.State == lab.ComponentReady {
				ready++
			}
		}
		if ready > 0 {
			c.say(lab.Textf("클러스터가 시작하는 중입니다. 지금까지 구성 요소 %d개가 준비되었습니다.",
				"The cluster is starting. %d of its components are ready so far.", ready))
			return
		}
		c.say(lab.T("클러스터가 시작하는 중입니다.", "The cluster is starting."))
	case lab.Lost:
		c.say(lab.Textf("클러스터와 연결이 끊겼습니다. 아래는 그 전의 상태입니다. 다시 연결하는 중입니다. 이유: %s",
			"The connection to the cluster is lost. What follows is the state before that. Reconnecting. Reason: %s",
			widget.Clean(cluster.Problem.In(c.Lang))))
	case lab.Failed:
		c.say(lab.Textf("클러스터를 쓸 수 없습니다. %s 명령으로 끝내고, 원인을 해결한 뒤 다시 시작하십시오. 이유: %s",
			"The cluster cannot be used. Type %s to quit, fix the cause and start again. Reason: %s", c.letter("quit"),
			widget.Clean(cluster.Problem.In(c.Lang))))
	}
}

// pod is a pod's line of kubectl get, with its headings.
func (c *console) pod(p lab.Pod) lab.Text {
	line := lab.Textf("파드 %s: READY %d/%d, STATUS %s, RESTARTS %d", "Pod %s: READY %d/%d, STATUS %s, RESTARTS %d",
		p.Name, p.ReadyContainers, p.TotalContainers, p.StatusShown(), p.Restarts)
	if p.Name == c.snap.ChosenPod && len(c.snap.Pods) > 1 {
		line = lab.Textf("%s, 고른 파드", "%s, the chosen pod", line)
	}
	return lab.Textf("%s.", "%s.", line)
}

func (c *console) container(p lab.Pod, container lab.Container) {
	if container.Grace != nil {
		c.say(c.grace(p.Name, container))
	}
	if container.State != lab.Running && container.Reason != "" {
		c.say(lab.Textf("컨테이너 %s: %s, 이유 %s.", "Container %s: %s, reason %s.", container.Name, container.State, container.Reason))
	}
	for _, probe := range container.Probes {
		name := lab.ProbeName(probe.Spec.Kind).In(c.Lang)
		if len(p.Containers) > 1 {
			name = lab.Textf("%s 컨테이너의 %s", "container %s, %s", container.Name, name).In(c.Lang)
		}
		c.print(capital(name) + ": " + sentence(c.probe(probe)))
	}
}

// probe says what is known of a probe.
func (c *console) probe(p lab.Probe) string {
	var said []string
	add := func(text lab.Text) { said = append(said, text.In(c.Lang)) }
	switch {
	case !p.Unavailable.IsZero():
		said = append(said, widget.Clean(p.Unavailable.In(c.Lang)))
	case p.Wait == probes.WaitStartup:
		add(lab.T("스타트업 프로브의 성공을 기다림", "waiting for the startup probe to succeed"))
	case p.Streak == 0:
		add(lab.T("첫 시도를 기다림", "waiting for the first attempt"))
	default:
		switch p.Outcome {
		case probes.Success:
			if p.Streak == 1 {
				add(lab.T("마지막 시도 성공", "the last attempt succeeded"))
			} else {
				add(lab.Textf("연속 %d번 성공", "%d successes in a row", p.Streak))
			}
		case probes.Failure:
			if p.Streak == 1 {
				add(lab.Textf("마지막 시도 실패, 임계값 %d", "the last attempt failed, threshold %d", p.Threshold))
			} else {
				add(lab.Textf("연속 %d번 실패, 임계값 %d", "%d failures in a row, threshold %d", p.Streak, p.Threshold))
			}
			if n := len(p.Recent); n > 0 && p.Recent[n-1].Message != "" {
				add(lab.Textf("이유 %s", "reason %s", course.Gist(widget.Clean(p.Recent[n-1].Message))))
			}
		case probes.Unknown:
			add(lab.T("결과를 알 수 없음", "outcome unknown"))
		}
		switch p.Verdict {
		case probes.Passing:
			add(lab.T("판정 성공", "verdict passing"))
		case probes.Failing:
			add(lab.T("판정 실패", "verdict failing"))
		case probes.Undecided:
			add(lab.T("판정 전", "undecided"))
		}
	}
	if left := p.Next.Sub(c.Now()).Round(time.Second); p.Wait == probes.WaitSuccessor {
		add(lab.T("새 컨테이너가 시작할 때까지 멈춤", "paused until a new container starts"))
	} else if !p.Next.IsZero() && left > 0 {
		add(lab.Textf("다음 시도까지 %s", "next attempt in %s", c.span(left)))
	}
	if p.KubeletFailures > 0 && p.Witness != lab.Kubelet {
		add(lab.Textf("kubelet이 보고한 실패 %d번", "%d failures reported by the kubelet", p.KubeletFailures))
	}
	for _, caveat := range p.Caveats {
		said = append(said, widget.Clean(caveat.In(c.Lang)))
	}
	return strings.Join(said, ", ")
}

func (c *console) grace(pod string, container lab.Container) lab.Text {
	return lab.Textf("%s: 유예 기간이 %s 남았습니다. 그때까지 파드는 그대로 보입니다.",
		"%s: the grace period ends in %s. Until then the pod looks unchanged.", pod,
		c.span(time.Duration(widget.Remaining(container.Grace.Until, c.Now()))*time.Second))
}

// goals tells how each goal of the step stands.
func (c *console) goals() {
	goals := c.moment().Goals()
	if len(goals) == 0 {
		c.say(lab.T("이 단계에는 목표가 없습니다. 읽은 뒤 다음으로 갑니다.", "This step has no goals. Read it and go on."))
	}
	for _, g := range goals {
		switch title := g.Goal.Title.In(c.Lang); {
		case g.Met:
			c.say(lab.Textf("이룬 목표: %s.", "Met: %s.", title))
		case g.Why.IsZero():
			c.say(lab.Textf("아직 이루지 못한 목표: %s.", "Not met yet: %s.", title))
		default:
			c.say(lab.Textf("아직 이루지 못한 목표: %s. 이유: %s.", "Not met yet: %s. Reason: %s.", title, widget.Clean(g.Why.In(c.Lang))))
		}
	}
}

// remind says what the wait is for, unless it has just said so or a question is open.
func (c *console) remind() {
	text := c.waitingFor()
	if text.IsZero() || text == c.awaited || c.ask != nil {
		return
	}
	c.awaited = text
	c.say(text)
}

func (c *console) waitingFor() lab.Text {
	switch cluster := c.snap.Cluster; cluster.Phase {
	case lab.Lost:
		return lab.T("클러스터에 다시 연결하는 중입니다.", "Reconnecting to the cluster.")
	case lab.Starting:
		return lab.T("클러스터가 아직 시작하는 중입니다.", "The cluster is still starting.")
	case lab.Failed:
		return lab.Text{}
	case lab.Up:
	}
	if tasks := c.moment().Running(); len(tasks) > 0 {
		return lab.Textf("취소하려면 %s 명령을 입력하십시오. 아직 실행 중입니다: %s", "Type %s to cancel. Still running: %s", c.letter("cancel"),
			c.nameOf(tasks[0]))
	}
	if !c.sensible().waiting {
		return lab.Text{}
	}
	for _, p := range c.snap.Pods {
		for _, container := range p.Containers {
			if container.Grace != nil {
				return c.grace(p.Name, container)
			}
		}
	}
	if g := c.moment().Next().Goal; g != nil {
		return lab.Textf("기다리는 중입니다. 목표: %s. %s", "Waiting. Goal: %s. %s", g.Goal.Title, sentence(widget.Clean(g.Why.In(c.Lang))))
	}
	return lab.Text{}
}
