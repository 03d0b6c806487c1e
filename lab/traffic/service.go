package traffic

import (
	"slices"
	"strconv"
	"strings"

	v1 "k8s.io/api/core/v1"

	"healthlab/lab"
)

// PlanFor fills in what a plan leaves to the Service: its port, and how that is spoken to as far as it says so. The error is a
// *lab.Error that says why the Service cannot be sent requests.
func PlanFor(s *v1.Service, plan lab.TrafficPlan) (lab.TrafficPlan, v1.ServicePort, error) {
	none := func(why error) (lab.TrafficPlan, v1.ServicePort, error) { return plan, v1.ServicePort{}, why }
	switch {
	case s.Spec.Type == v1.ServiceTypeExternalName:
		return none(lab.Errorf(nil, "서비스 %[1]s은(는) ExternalName이라 클러스터에 파드가 없으므로 요청을 보내지 않습니다",
			"the Service %[1]s is an ExternalName: it has no pods in the cluster, so no requests are sent to it", s.Name))
	case s.Spec.ClusterIP == v1.ClusterIPNone:
		return none(lab.Errorf(nil, "서비스 %[1]s은(는) 헤드리스라 자기 주소가 없습니다. 파드는 클라이언트가 DNS로 고릅니다. clusterIP가 있는 서비스를 고르십시오",
			"the Service %[1]s is headless: it has no address of its own, and its clients choose a pod by DNS; choose one with a clusterIP", s.Name))
	}
	var tcp []v1.ServicePort
	var numbers []string
	for _, p := range s.Spec.Ports {
		if p.Protocol == v1.ProtocolTCP || p.Protocol == "" {
			tcp, numbers = append(tcp, p), append(numbers, strconv.Itoa(int(p.Port)))
		}
	}
	if len(tcp) == 0 {
		return none(lab.Errorf(nil, "서비스 %[1]s에는 TCP 포트가 없습니다. UDP로는 답이 왔는지 알 수 없어 보내지 않습니다",
			"the Service %[1]s has no TCP port; by UDP nobody can tell whether a request was answered", s.Name))
	}
	i := 0
	if plan.Port != 0 {
		if i = slices.IndexFunc(tcp, func(p v1.ServicePort) bool { return int(p.Port) == plan.Port }); i < 0 {
			return none(lab.Errorf(nil, "서비스 %[1]s에 TCP 포트 %[2]d이(가) 없습니다. 있는 포트: %[3]s", "the Service %[1]s has no TCP port %[2]d; it has %[3]s",
				s.Name, plan.Port, strings.Join(numbers, ", ")))
		}
	}
	plan.Port = int(tcp[i].Port)
	if plan.Speaks == "" {
		plan.Speaks = spoken(tcp[i])
	}
	if plan.Path == "" {
		plan.Path = "/"
	}
	_, err := request(plan)
	return plan, tcp[i], err
}

// spoken is how a port says that it is spoken to, by appProtocol or else its name, or the first part of that, as service meshes
// read it; empty if it does not say.
func spoken(p v1.ServicePort) lab.TrafficProtocol {
	says := p.Name
	if p.AppProtocol != nil {
		says = *p.AppProtocol
	}
	says, _, _ = strings.Cut(strings.ToLower(says), "-")
	switch says {
	case "http":
		return lab.TrafficHTTP
	case "https":
		return lab.TrafficHTTPS
	case "tcp", "tls", "grpc", "http2", "kubernetes.io/h2c", "redis", "mysql", "mongo", "postgres", "postgresql", "amqp", "smtp", "ssh", "ldap":
		return lab.TrafficTCP
	}
	return ""
}

// NoService is the error where there is no Service of that name.
func NoService(name string) error {
	return lab.Errorf(nil, "서비스 %s이(가) 없습니다", "there is no Service %s", name)
}
