package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"

	corev1 "k8s.io/api/core/v1"

	"healthlab/lab"
)

// kind is a kind of object that labs make, or that shows that somebody works in a namespace.
type kind struct {
	name     string // as in kubectl's kind/name
	resource schema.GroupVersionResource
}

// kinds lists what is looked at in a namespace. Secrets are left alone: labs make none, and reading them needs a reason.
func kinds() []kind {
	of := func(name, group, resource string) kind {
		return kind{name, schema.GroupVersionResource{Group: group, Version: "v1", Resource: resource}}
	}
	return []kind{
		of("deployment", "apps", "deployments"),
		of("pod", "", "pods"),
		of("service", "", "services"),
		of("statefulset", "apps", "statefulsets"),
		of("daemonset", "apps", "daemonsets"),
		of("replicaset", "apps", "replicasets"),
		of("job", "batch", "jobs"),
		of("cronjob", "batch", "cronjobs"),
	}
}

// resourceOf finds a kind by kubectl's name for it; it is empty for one that labs do not deal with.
func resourceOf(name string) schema.GroupVersionResource {
	for _, k := range kinds() {
		if k.name == name || k.resource.Resource == name {
			return k.resource
		}
	}
	return schema.GroupVersionResource{}
}

// member is an object of the lab's namespace, whether the labs have left it there or not.
type member struct {
	lab.Remnant
	ours bool
}

// ours reports whether something carries healthlab's label.
func ours(item metav1.Object) bool { return item.GetLabels()[lab.ManagedByLabel] == lab.ManagedBy }

// surroundings is how the lab's namespace stands.
type surroundings struct {
	namespace   string
	phase       corev1.NamespacePhase // empty: it does not exist, or not permitted to read it
	hidden      bool                  // it not permitted to read it
	ours        bool                  // it carries the label
	enforced    string                // the Pod Security level that its labels enforce
	objects     []member              // without those that another object controls
	unreachable []string              // resources that may not be listed
}

// survey finds out how the lab's namespace stands. It lists only inside the namespace, and what is in one that is healthlab's
// own only if everything is asked for.
func (c *Client) survey(ctx context.Context, everything bool) (surroundings, error) {
	s := surroundings{namespace: c.config.Namespace}
	namespace, err := c.clientset.CoreV1().Namespaces().Get(ctx, s.namespace, metav1.GetOptions{})
	switch {
	case err == nil:
		s.phase = namespace.Status.Phase
		s.ours = ours(namespace)
		s.enforced = namespace.Labels["pod-security.kubernetes.io/enforce"]
	case apierrors.IsNotFound(err):
		return s, nil
	case apierrors.IsForbidden(err):
		s.hidden = true
	default:
		return s, explain(c.info.Server, fmt.Errorf("look at namespace %s: %w", s.namespace, err))
	}
	if s.ours && !everything {
		return s, nil
	}
	for _, k := range kinds() {
		list, err := c.metadata.Resource(k.resource).Namespace(s.namespace).List(ctx, metav1.ListOptions{Limit: 500})
		switch {
		case apierrors.IsForbidden(err), apierrors.IsNotFound(err):
			s.unreachable = append(s.unreachable, k.resource.Resource)
			continue
		case err != nil:
			return s, explain(c.info.Server, fmt.Errorf("list %s in %s: %w", k.resource.Resource, s.namespace, err))
		}
		for _, item := range list.Items {
			if metav1.GetControllerOf(&item) == nil {
				s.objects = append(s.objects, objectOf(k.name, k.resource, &item))
			}
		}
	}
	return s, nil
}

// others lists what the namespace holds of the kinds that no lab of healthlab's makes, but one of a user's own may, and other
// people do: with a namespace all of it goes. Left out is what the server makes there by itself. sure is false if some kinds
// may not be listed.
func (c *Client) others(ctx context.Context) (objects []member, sure bool, err error) {
	lists, err := discovery.ServerPreferredNamespacedResourcesWithContext(ctx,
		discovery.ToDiscoveryInterfaceWithContext(c.clientset.Discovery()))
	if err != nil && !discovery.IsGroupDiscoveryFailedError(err) {
		return nil, false, explain(c.info.Server, fmt.Errorf("find out what kinds of objects there are: %w", err))
	}
	sure = err == nil
	const maxKinds = 2000 // each takes a request
	asked := 0
	for _, list := range lists {
		version, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			sure = false
			continue
		}
		for _, r := range list.APIResources {
			resource := version.WithResource(r.Name)
			if !slices.Contains(r.Verbs, "list") || derived(resource.GroupResource()) {
				continue
			}
			if asked++; asked > maxKinds {
				return objects, false, nil
			}
			items, err := c.metadata.Resource(resource).Namespace(c.config.Namespace).List(ctx, metav1.ListOptions{Limit: 500})
			if err != nil {
				sure = false
				continue
			}
			name := schema.GroupKind{Group: resource.Group, Kind: strings.ToLower(r.Kind)}.String()
			for _, item := range items.Items {
				one := objectOf(name, resource, &item)
				if metav1.GetControllerOf(&item) == nil && one.Name != "configmap/kube-root-ca.crt" && one.Name != "serviceaccount/default" {
					objects = append(objects, one)
				}
			}
		}
	}
	return objects, sure, nil
}

// derived reports whether a resource is among kinds, or shows what follows from other objects, whose labels it may carry.
func derived(resource schema.GroupResource) bool {
	return resource.Group == "metrics.k8s.io" || resource.Resource == "events" || resource.Resource == "endpoints" ||
		slices.ContainsFunc(kinds(), func(k kind) bool { return k.resource.GroupResource() == resource })
}

func objectOf(kind string, r schema.GroupVersionResource, item *metav1.PartialObjectMetadata) member {
	return member{lab.Remnant{
		Name: kind + "/" + item.Name, Owner: item.Annotations[lab.OwnerAnnotation],
		Group: r.Group, Version: r.Version, Resource: r.Resource,
	}, ours(item)}
}

// foreign lists the objects that are not healthlab's.
func (s surroundings) foreign() []string {
	var names []string
	for _, o := range s.objects {
		if !o.ours {
			names = append(names, o.Name)
		}
	}
	return names
}

// system reports whether the namespace belongs to Kubernetes or to nobody in particular.
func system(namespace string) bool {
	return namespace == "default" || strings.HasPrefix(namespace, "kube-")
}

// refusal says why nothing is written to the namespace, or is nil.
func (s surroundings) refusal() error {
	const other = "--namespace"
	switch foreign := s.foreign(); {
	case system(s.namespace):
		return lab.Errorf(nil, "네임스페이스 %s에는 쓰지 않습니다. %s(으)로 실습용 네임스페이스를 고르십시오",
			"nothing is written to namespace %s; choose one for the labs with %s", s.namespace, other)
	case s.phase == corev1.NamespaceTerminating:
		return lab.Errorf(nil, "네임스페이스 %s은(는) 삭제되는 중입니다. 끝날 때까지 기다리거나 %s(으)로 다른 것을 고르십시오",
			"namespace %s is being deleted; wait until it is gone or choose another with %s", s.namespace, other)
	case !s.ours && len(foreign) > 0:
		return lab.Errorf(nil, "네임스페이스 %[1]s에는 healthlab이 만들지 않은 것이 있습니다: %[2]s. %[3]s(으)로 다른 것을 고르거나, 실습에 써도 되면 "+
			"`kubectl label namespace %[1]s %[4]s=%[5]s`로 넘겨주십시오",
			"namespace %[1]s holds objects that healthlab did not create: %[2]s; choose another with %[3]s, or give it to the labs "+
				"with `kubectl label namespace %[1]s %[4]s=%[5]s`",
			s.namespace, some(foreign), other, lab.ManagedByLabel, lab.ManagedBy)
	}
	return nil
}

// some lists a few names, and how many more there are.
func some(names []string) string {
	const few = 4
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s (+%d)", strings.Join(names[:few], ", "), len(names)-few)
}

// notOurs looks at the named objects (kind/name) and lists those that exist and were not made by healthlab, those that other
// objects control among them.
func (c *Client) notOurs(ctx context.Context, names []string) ([]lab.ForeignObject, error) {
	var found []lab.ForeignObject
	for _, full := range names {
		kindName, name, _ := strings.Cut(full, "/")
		resource := resourceOf(kindName)
		if resource.Empty() {
			return nil, lab.Errorf(nil, "healthlab은 실제 클러스터에서 %s을(를) 바꾸지 않습니다. 직접 입력해 실행하십시오",
				"healthlab does not change %s on a real cluster: type the command yourself", full)
		}
		item, err := c.metadata.Resource(resource).Namespace(c.config.Namespace).Get(ctx, name, metav1.GetOptions{})
		switch {
		case apierrors.IsNotFound(err):
		case err != nil:
			return nil, explain(c.info.Server, fmt.Errorf("look at %s: %w", full, err))
		case !ours(item):
			found = append(found, foreignObject(full, item))
		}
	}
	return found, nil
}
