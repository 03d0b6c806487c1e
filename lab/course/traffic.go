package course

import (
	"slices"
	"strconv"
	"strings"

	"healthlab/lab"
)

// Services are the names of those that have endpoints, ready or not, and so can be sent requests.
func (m Moment) Services() []string {
	var names []string
	for _, e := range m.Snapshot.Endpoints {
		if e.Service != "" && !slices.Contains(names, e.Service) {
			names = append(names, e.Service)
		}
	}
	return names
}

// TrafficWay is how requests get to a Service: by the node's agent where one of healthlab's is heard.
func (m Moment) TrafficWay() lab.TrafficWay {
	if len(m.Snapshot.Cluster.Told) > 0 {
		return lab.TrafficByNode
	}
	return lab.TrafficByForward
}

// TrafficPlan is what an action asks for, with what it leaves open.
func (m Moment) TrafficPlan(a lab.StartTraffic) lab.TrafficPlan {
	plan := lab.TrafficPlan{Service: a.Service, Port: a.Port, Path: a.Path, Rate: a.Rate, Way: m.TrafficWay()}
	if plan.Rate == 0 {
		plan.Rate = lab.DefaultTrafficRate
	}
	return plan
}

// TrafficOn reports whether requests are being sent.
func (m Moment) TrafficOn() bool { return m.Snapshot.Traffic != nil && m.Snapshot.Traffic.On }

// WhyNoTraffic says why no stream of requests can be started, whichever the Service.
func (m Moment) WhyNoTraffic() Refusal {
	c := m.Snapshot.Cluster
	if no := m.WhyNoCluster(); !no.IsZero() {
		return no
	}
	switch {
	case m.TrafficOn():
		return why(TrafficRuns, lab.Textf("서비스 %s에 이미 요청을 보내고 있습니다.", "Requests are being sent to the Service %s already.", m.Snapshot.Traffic.Service))
	case c.ReadOnly:
		return why(OnlyRead, lab.T("읽기 전용(--read-only)이므로 요청을 보내지 않습니다. 요청도 앱이 하는 일을 바꿀 수 있습니다.",
			"Nothing is sent with --read-only: requests, too, can change what an app does."))
	case c.DryRun:
		return why(OnlyRead, lab.T("연습(--dry-run)이므로 요청을 보내지 않습니다.", "Nothing is sent with --dry-run."))
	case len(m.Services()) == 0:
		return why(NoService, lab.T("요청을 보낼 서비스가 없습니다. 파드를 고르는 서비스가 있어야 합니다.",
			"There is no Service to send requests to: it takes one that chooses pods."))
	}
	return Refusal{}
}

func (m Moment) whyNotTraffic(a lab.StartTraffic) Refusal {
	if no := m.WhyNoTraffic(); !no.IsZero() {
		return no
	}
	switch {
	case !slices.Contains(m.Services(), a.Service):
		return why(NoService, lab.Textf("서비스 %s이(가) 없거나, 뒤에 파드가 없습니다. 있는 서비스: %s.", "There is no Service %s with pods behind it. There are: %s.",
			lab.Printable(a.Service), lab.Printable(strings.Join(m.Services(), ", "))))
	case a.Rate != 0 && (a.Rate < lab.MinTrafficRate || a.Rate > lab.MaxTrafficRate):
		return why(BadTraffic, lab.Textf("1초에 %d번은 보낼 수 없습니다. %d부터 %d까지입니다.", "%d requests a second are not possible: it is from %d to %d.",
			a.Rate, lab.MinTrafficRate, lab.MaxTrafficRate))
	case a.Port < 0 || a.Port > 65535 || a.Path != "" && !strings.HasPrefix(a.Path, "/"):
		return why(BadTraffic, lab.T("포트는 1부터 65535까지이고, 경로는 /로 시작합니다.", "A port is from 1 to 65535, and a path begins with /."))
	case m.TrafficWay() == lab.TrafficByForward && !a.Confirmed:
		return why(NotAgreed, lab.T("먼저 물어야 합니다.", "It has to be asked for first."))
	}
	return Refusal{}
}

// TrafficQuestion is what to ask before requests are sent; zero where nothing needs to be asked.
func (m Moment) TrafficQuestion(a lab.StartTraffic) lab.Text {
	if m.TrafficWay() == lab.TrafficByNode {
		return lab.Text{}
	}
	plan := m.TrafficPlan(a)
	return lab.Textf("서비스 %[1]s의 파드에 1초에 %[2]d번 GET %[3]s 요청을 보냅니다. 서비스의 주소가 아니라 API 서버의 포트 포워딩을 거치며, 파드는 준비된 것 가운데 무작위로 고릅니다. 보낼까요?",
		"%[2]d requests a second (GET %[3]s) will go to the pods of the Service %[1]s, not by its address but through port-forward of the API server, each to one of the ready pods at random. Send them?",
		lab.Printable(plan.Service), plan.Rate, lab.Printable(plan.Asks()))
}

// ParseTraffic reads what requests somebody wants as he types it: SERVICE[:PORT][/PATH] [RATE].
func ParseTraffic(text string) (lab.StartTraffic, error) {
	words := strings.Fields(text)
	bad := func() (lab.StartTraffic, error) {
		return lab.StartTraffic{}, lab.Errorf(nil, "요청은 서비스[:포트][/경로] [초당 횟수]로 적습니다. 예: web:80/health 20",
			"write requests as SERVICE[:PORT][/PATH] [A SECOND], for example: web:80/health 20")
	}
	if len(words) == 0 || len(words) > 2 {
		return bad()
	}
	var a lab.StartTraffic
	where := words[0]
	if i := strings.IndexByte(where, '/'); i >= 0 {
		where, a.Path = where[:i], where[i:]
	}
	number := func(text string) (n int, ok bool) {
		n, err := strconv.Atoi(text)
		return n, err == nil && n > 0
	}
	name, port, has := strings.Cut(where, ":")
	ok := name != ""
	a.Service = name
	if has && ok {
		a.Port, ok = number(port)
	}
	if len(words) == 2 && ok {
		a.Rate, ok = number(words[1])
	}
	if !ok {
		return bad()
	}
	return a, nil
}

// tellTraffic tells that requests are sent, or how that has ended.
func tellTraffic(t *lab.Traffic) Telling {
	switch {
	case t == nil:
		return Telling{}
	case t.On:
		return said(lab.Textf("요청을 보내기 시작했습니다: %s", "sending requests: %s", t.Words()))
	case !t.Problem.IsZero():
		return Telling{Said: lab.Textf("서비스 %s에 요청을 보내지 못합니다", "no requests can be sent to the Service %s", lab.Printable(t.Service)), Why: t.Problem}
	}
	return said(lab.Textf("서비스 %s에 요청 보내기를 그쳤습니다: %s", "no more requests to the Service %s: %s", lab.Printable(t.Service), t.Total.Words()))
}
