package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilversion "k8s.io/apimachinery/pkg/util/version"

	"healthlab/lab"
)

// The minor versions of Kubernetes 1 that healthlab is made for: the last six. `make compat` tries the oldest of them, from
// the module in lab/embedded/oldest.
const (
	oldestMinor = 32
	newestMinor = 37
)

// labPods is how many pods the labs run at the same time.
const labPods = 4

// Preflight finds out what can be done on the cluster. It writes nothing: it reads, asks the server about rights, and has it
// check a pod in a dry run, which is left out with ReadOnly. It takes at most half a minute; a finding says what went wrong.
func (c *Client) Preflight(ctx context.Context) lab.Preflight {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	p := &preflight{Client: c, Preflight: lab.Preflight{At: time.Now()}}
	if p.server(ctx) && p.surroundings(ctx) {
		p.rights(ctx)
		p.quota(ctx)
		p.admission(ctx)
		p.policies(ctx)
		p.add(lab.FindingUnknown, lab.T("이미지 내려받기", "image pull"),
			lab.T("파드를 만들어 보기 전에는 알 수 없습니다", "unknown until a pod is created"),
			lab.T("Docker Hub에 닿지 않는 클러스터에서는 --image-registry를 쓰십시오",
				"if the cluster cannot reach Docker Hub, use --image-registry"))
	}
	return p.Preflight
}

// preflight is one run of Preflight.
type preflight struct {
	*Client
	lab.Preflight
	around surroundings
	denied map[string]bool // by check
}

func (p *preflight) add(state lab.FindingState, subject, found, without lab.Text) {
	p.Findings = append(p.Findings, lab.Finding{Subject: subject, State: state, Found: found, Without: without})
}

// failed adds that something could not be looked at.
func (p *preflight) failed(subject lab.Text, err error) {
	p.add(lab.FindingUnknown, subject, explain(p.info.Server, err).Msg, lab.Text{})
}

// server looks at the API server's version. It reports whether it is worth going on.
func (p *preflight) server(ctx context.Context) bool {
	subject := lab.T("API 서버", "API server")
	got, err := p.Version(ctx)
	if err != nil {
		p.add(lab.FindingBlocked, subject, explain(p.info.Server, err).Msg, lab.Text{})
		return false
	}
	state, without := supported(got)
	p.add(state, subject, lab.Textf("Kubernetes %s", "Kubernetes %s", got), without)
	return true
}

// supported tells whether healthlab is made for a server of this version, and if not, what that means.
func supported(version string) (lab.FindingState, lab.Text) {
	parsed, err := utilversion.ParseGeneric(version)
	switch {
	case err != nil || parsed.Major() != 1:
		return lab.FindingLimited, lab.T("모르는 버전이라 확인되지 않았습니다", "unknown version, not tested")
	case parsed.Minor() < oldestMinor || parsed.Minor() > newestMinor:
		return lab.FindingLimited, lab.Textf("1.%d부터 1.%d까지에 맞추었습니다. 다른 버전에서는 다를 수 있습니다",
			"made for 1.%d to 1.%d; others may differ", oldestMinor, newestMinor)
	}
	return lab.FindingOK, lab.Text{}
}

// surroundings looks at the namespace.
func (p *preflight) surroundings(ctx context.Context) bool {
	subject := lab.Textf("네임스페이스 %s", "namespace %s", p.config.Namespace)
	var err error
	p.around, err = p.survey(ctx, false)
	if err != nil {
		p.failed(subject, err)
		return false
	}
	if !p.config.Real {
		p.add(lab.FindingOK, subject, lab.T("내장 클러스터이므로 모두 실습용입니다", "belongs to the labs, in the embedded cluster"), lab.Text{})
		return true
	}
	switch refused := p.around.refusal(); {
	case refused != nil:
		p.add(lab.FindingBlocked, subject, explain(p.info.Server, refused).Msg, lab.T("읽기만 합니다", "it is only read"))
	case p.around.hidden:
		p.add(lab.FindingLimited, subject, lab.T("볼 권한이 없습니다", "not permitted to read it"),
			lab.T("있는 것으로 봅니다", "assumed to exist"))
	case p.around.phase == "":
		p.add(lab.FindingOK, subject, lab.T("아직 없습니다", "does not exist yet"), lab.Text{})
	case p.around.ours:
		p.add(lab.FindingOK, subject, lab.T("실습용입니다", "is the labs' own"), lab.Text{})
	default:
		p.add(lab.FindingOK, subject, lab.T("healthlab의 것 말고는 비어 있습니다", "holds only healthlab's objects"), lab.Text{})
	}
	if len(p.around.unreachable) > 0 {
		p.add(lab.FindingUnknown, lab.Textf("네임스페이스 %s의 다른 작업", "other objects in namespace %s", p.config.Namespace),
			lab.Textf("볼 권한이 없습니다: %s", "may not be listed: %s", strings.Join(p.around.unreachable, ", ")), lab.Text{})
	}
	return true
}

// need is something the labs do, with the right that it takes.
type need struct {
	subject lab.Text
	verbs   []string
	group   string
	// resource may name a subresource, as pods/exec.
	resource string
	state    lab.FindingState // if it is not permitted
	without  lab.Text
}

// needs lists exactly what the labs do on a cluster.
func needs() []need {
	watch := []string{"list", "watch"}
	steps := lab.T("이 단계는 다른 사람이 대신해야 합니다", "somebody else must run these steps")
	return []need{
		{
			lab.T("파드 보기", "watch pods"), watch, "", "pods", lab.FindingBlocked,
			lab.T("보여 줄 것이 없습니다", "there is nothing to show"),
		},
		{
			lab.T("디플로이먼트 보기", "watch deployments"), watch, "apps", "deployments", lab.FindingLimited,
			lab.T("Replicas 줄이 비고, 그 목표는 이룰 수 없습니다", "no Replicas line; its goals cannot be met"),
		},
		{
			lab.T("이벤트 보기", "watch events"), watch, "", "events", lab.FindingLimited,
			lab.T("이벤트와 kubelet의 프로브 결과가 비고, 그 목표는 이룰 수 없습니다",
				"no events and no probe results from the kubelet; their goals cannot be met"),
		},
		{
			lab.T("엔드포인트 보기", "watch endpoints"), watch, "discovery.k8s.io", "endpointslices", lab.FindingLimited,
			lab.T("서비스의 주소가 보이지 않습니다", "the service's addresses are not shown"),
		},
		{
			lab.T("파드 적용과 삭제", "apply and delete pods"),
			[]string{"get", "create", "patch", "delete"},
			"", "pods",
			lab.FindingLimited, steps,
		},
		{
			lab.T("디플로이먼트 적용과 삭제", "apply and delete deployments"),
			[]string{"get", "create", "patch", "delete"},
			"apps",
			"deployments", lab.FindingLimited, steps,
		},
		{
			lab.T("서비스 적용과 삭제", "apply and delete services"),
			[]string{"get", "create", "patch", "delete"},
			"", "services",
			lab.FindingLimited, steps,
		},
		{
			lab.T("로그", "logs"),
			[]string{"get"},
			"", "pods/log", lab.FindingLimited,
			lab.T("앱의 로그가 보이지 않습니다", "the app's log is not shown"),
		},
		{
			lab.T("컨테이너에서 명령 실행", "run commands in containers"),
			[]string{"create"},
			"", "pods/exec", lab.FindingLimited,
			lab.T("장애를 일으킬 수 없고, exec 프로브는 kubelet의 결과만 보입니다",
				"no faults; for exec probes only the kubelet's results"),
		},
		{
			lab.T("포트 포워딩", "port-forward"),
			[]string{"create"},
			"", "pods/portforward", lab.FindingLimited,
			lab.T("HTTP, TCP, gRPC 프로브는 kubelet의 결과만 보입니다", "for HTTP, TCP and gRPC probes only the kubelet's results"),
		},
	}
}

// rights asks what may be done: once for the whole namespace, and singly for what that leaves open.
func (p *preflight) rights(ctx context.Context) {
	review, err := p.clientset.AuthorizationV1().SelfSubjectRulesReviews().Create(ctx, &authorizationv1.SelfSubjectRulesReview{
		Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: p.config.Namespace},
	}, metav1.CreateOptions{})
	if err != nil {
		p.failed(lab.T("권한", "rights"), err)
		return
	}
	p.denied = map[string]bool{}
	for _, n := range needs() {
		if p.config.ReadOnly && !slices.Contains(n.verbs, "watch") && n.resource != "pods/log" {
			continue
		}
		var missing []string
		for _, verb := range n.verbs {
			allowed := ruled(review.Status, verb, n.group, n.resource)
			if !allowed && (review.Status.Incomplete || review.Status.EvaluationError != "") {
				allowed, err = p.allowed(ctx, p.config.Namespace, verb, n.group, n.resource)
				if err != nil {
					p.failed(n.subject, err)
					return
				}
			}
			if !allowed {
				missing = append(missing, verb)
			}
		}
		if len(missing) == 0 {
			p.add(lab.FindingOK, n.subject, lab.T("할 수 있습니다", "permitted"), lab.Text{})
			continue
		}
		p.denied[n.resource] = true
		p.add(n.state, n.subject, lab.Textf("권한이 없습니다: %s %s", "not permitted: %s %s", strings.Join(missing, ", "), n.resource), n.without)
	}
	if p.around.phase != "" || p.around.hidden || p.config.ReadOnly {
		return
	}
	subject := lab.T("네임스페이스 만들기", "create the namespace")
	switch ok, err := p.allowed(ctx, "", "create", "", "namespaces"); {
	case err != nil:
		p.failed(subject, err)
	case ok:
		p.add(lab.FindingOK, subject, lab.T("할 수 있습니다", "permitted"), lab.Text{})
	default:
		p.add(lab.FindingBlocked, subject, lab.T("권한이 없고, 네임스페이스도 없습니다", "not permitted, and it does not exist"),
			lab.Textf("관리자에게 %s을(를) 만들어 달라고 하거나 --namespace로 다른 것을 고르십시오",
				"ask somebody to create %s, or choose another with --namespace", p.config.Namespace))
	}
}

// ruled reports whether one of the rules grants the right.
func ruled(status authorizationv1.SubjectRulesReviewStatus, verb, group, resource string) bool {
	has := func(list []string, one string) bool { return slices.Contains(list, one) || slices.Contains(list, "*") }
	return slices.ContainsFunc(status.ResourceRules, func(r authorizationv1.ResourceRule) bool {
		return len(r.ResourceNames) == 0 && has(r.Verbs, verb) && has(r.APIGroups, group) && has(r.Resources, resource)
	})
}

// allowed asks for one right.
func (p *preflight) allowed(ctx context.Context, namespace, verb, group, resource string) (bool, error) {
	resource, sub, _ := strings.Cut(resource, "/")
	review, err := p.clientset.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, &authorizationv1.SelfSubjectAccessReview{
		Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: namespace, Verb: verb, Group: group, Resource: resource, Subresource: sub,
		}},
	}, metav1.CreateOptions{})
	if err != nil {
		return false, fmt.Errorf("ask whether %s of %s is permitted: %w", verb, resource, err)
	}
	return review.Status.Allowed, nil
}

// quota looks at what is left of the namespace's quotas.
func (p *preflight) quota(ctx context.Context) {
	if p.around.phase == "" && !p.around.hidden {
		return
	}
	subject := lab.T("할당량(ResourceQuota)", "quota")
	quotas, err := p.clientset.CoreV1().ResourceQuotas(p.config.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		p.failed(subject, err)
		return
	}
	if len(quotas.Items) == 0 {
		p.add(lab.FindingOK, subject, lab.T("없습니다", "none"), lab.Text{})
		return
	}
	limits, err := p.clientset.CoreV1().LimitRanges(p.config.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		limits = &corev1.LimitRangeList{} // the dry run tells more
	}
	for _, q := range quotas.Items {
		state, without := lab.FindingOK, lab.Text{}
		switch left := podsLeft(q); {
		case left >= 0 && left < labPods:
			state, without = lab.FindingLimited, lab.Textf("실습에는 파드 %d개가 필요한데 %d개가 남았습니다",
				"the labs need %d pods, %d are left", labPods, left)
		case wantsRequests(q) && !givesDefaults(limits.Items):
			state, without = lab.FindingBlocked, lab.T("CPU나 메모리 요청이 없는 파드는 거절됩니다. LimitRange로 기본값을 주어야 합니다",
				"pods without CPU or memory requests are refused; a LimitRange must set defaults")
		}
		p.add(state, subject, lab.Textf("%s", "%s", q.Name), without)
	}
}

// podsLeft is how many more pods a quota takes; -1 if it does not say.
func podsLeft(q corev1.ResourceQuota) int {
	left := -1
	for _, name := range []corev1.ResourceName{corev1.ResourcePods, "count/pods"} {
		hard, ok := q.Status.Hard[name]
		if !ok {
			continue
		}
		used := q.Status.Used[name]
		if n := int(max(hard.Value()-used.Value(), 0)); left < 0 || n < left {
			left = n
		}
	}
	return left
}

// wantsRequests reports whether a quota refuses pods that do not say what they need.
func wantsRequests(q corev1.ResourceQuota) bool {
	for _, name := range []corev1.ResourceName{
		corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceRequestsCPU, corev1.ResourceRequestsMemory,
		corev1.ResourceLimitsCPU, corev1.ResourceLimitsMemory,
	} {
		if _, ok := q.Spec.Hard[name]; ok {
			return true
		}
	}
	return false
}

func givesDefaults(limits []corev1.LimitRange) bool {
	return slices.ContainsFunc(limits, func(l corev1.LimitRange) bool {
		return slices.ContainsFunc(l.Spec.Limits, func(i corev1.LimitRangeItem) bool {
			return i.Type == corev1.LimitTypeContainer && len(i.Default)+len(i.DefaultRequest) > 0
		})
	})
}

// policies looks at what network policies there are, which hold back others than the kubelet and a port-forward. That they
// may not be listed is no loss.
func (p *preflight) policies(ctx context.Context) {
	list, err := p.clientset.NetworkingV1().NetworkPolicies(p.config.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		p.log.Debug("list network policies", "err", err)
		return
	}
	var names []string
	for _, policy := range list.Items {
		types := policy.Spec.PolicyTypes
		selector, err := metav1.LabelSelectorAsSelector(&policy.Spec.PodSelector)
		if err != nil || len(types) > 0 && !slices.Contains(types, networkingv1.PolicyTypeIngress) {
			continue
		}
		p.Policies = append(p.Policies, lab.NetworkPolicy{Name: policy.Name, Selector: selector.String()})
		names = append(names, policy.Name)
	}
	if len(names) > 0 {
		list := strings.Join(names, ", ")
		p.add(lab.FindingOK, lab.T("네트워크 폴리시", "network policies"), lab.Textf("%s", "%s", list),
			lab.T("kubelet의 프로브와 포트 포워딩에는 적용되지 않습니다", "they do not apply to the kubelet's probes and port-forwards"))
	}
}

// admission finds out what pods the namespace takes: by its labels, and by having the server check one.
func (p *preflight) admission(ctx context.Context) {
	subject := lab.T("파드 시큐리티", "Pod Security")
	found := lab.Textf("enforce=%s", "enforce=%s", p.around.enforced)
	if p.around.enforced == "" {
		found = lab.T("레이블이 없습니다", "no label")
	}
	p.Restricted = p.around.enforced == "restricted"
	variant := lab.T("securityContext가 있는 매니페스트를 씁니다", "manifests with a security context are used")
	if p.config.ReadOnly || p.denied["pods"] || p.around.phase != corev1.NamespaceActive && !p.around.hidden {
		without := lab.Text{}
		if p.Restricted {
			without = variant
		}
		p.add(lab.FindingOK, subject, found, without)
		return
	}
	var err error
	for _, restricted := range []bool{p.Restricted, true} {
		_, err = p.clientset.CoreV1().Pods(p.config.Namespace).Create(ctx, samplePod(p.config.Image, restricted),
			metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}, FieldManager: lab.ManagedBy})
		if err == nil {
			p.Restricted = restricted
			break
		}
		if !apierrors.IsForbidden(err) {
			break
		}
	}
	switch {
	case apierrors.IsForbidden(err), apierrors.IsInvalid(err):
		p.add(lab.FindingBlocked, subject, lab.Textf("서버가 실습용 파드를 거절합니다: %s", "the server refuses a pod like those of the labs: %s", brief(err)), lab.Text{})
	case err != nil:
		p.failed(subject, err)
	case p.Restricted:
		p.add(lab.FindingOK, subject, found, variant)
	default:
		p.add(lab.FindingOK, subject, found, lab.Text{})
	}
}

// samplePod is like the labs' pods as far as admission is concerned.
func samplePod(image string, restricted bool) *corev1.Pod {
	if image == "" {
		image = "alpine"
	}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			GenerateName: "healthlab-preflight-", Labels: map[string]string{lab.ManagedByLabel: lab.ManagedBy},
		},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "preflight", Image: image}}},
	}
	if restricted {
		pod.Spec.SecurityContext = &corev1.PodSecurityContext{
			RunAsNonRoot: new(true), RunAsUser: new(int64(1000)),
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		}
		pod.Spec.Containers[0].SecurityContext = &corev1.SecurityContext{
			AllowPrivilegeEscalation: new(false), Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		}
	}
	return pod
}
