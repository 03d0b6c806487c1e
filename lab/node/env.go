package node

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net"
	"runtime"
	"slices"
	"strconv"
	"strings"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubectl/pkg/util/fieldpath"
	resourceutil "k8s.io/kubectl/pkg/util/resource"

	"healthlab/lab/node/machine"
	"healthlab/lab/podspec"
)

// objects reads what containers are configured from. The messages of its errors are those of the kubelet.
type objects interface {
	configMap(ctx context.Context, namespace, name string) (*v1.ConfigMap, error)
	secret(ctx context.Context, namespace, name string) (*v1.Secret, error)
}

func (a *Agent) configMap(ctx context.Context, namespace, name string) (*v1.ConfigMap, error) {
	cm, err := a.cfg.Client.CoreV1().ConfigMaps(namespace).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		err = apierrors.NewNotFound(v1.Resource("configmap"), name)
	}
	return cm, err
}

func (a *Agent) secret(ctx context.Context, namespace, name string) (*v1.Secret, error) {
	s, err := a.cfg.Client.CoreV1().Secrets(namespace).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		err = apierrors.NewNotFound(v1.Resource("secret"), name)
	}
	return s, err
}

// where is the part of a pod's environment that only the node knows.
type where struct {
	PodIP, HostIP string
	Services      []*v1.Service
}

// environment returns a container's variables by name (kubelet_pods.go, makeEnvironmentVariables).
func environment(ctx context.Context, objs objects, pod *v1.Pod, c *v1.Container, at where) (map[string]string, error) {
	env := map[string]string{}
	for _, from := range c.EnvFrom {
		if err := addEnvFrom(ctx, objs, pod.Namespace, from, env); err != nil {
			return nil, err
		}
	}
	links := pod.Spec.EnableServiceLinks == nil || *pod.Spec.EnableServiceLinks
	services := serviceEnv(at.Services, pod.Namespace, links)
	for _, e := range c.Env {
		value := podspec.Expand(e.Value, podspec.Values(env, services))
		if e.Value == "" && e.ValueFrom != nil {
			var (
				ok  bool
				err error
			)
			if value, ok, err = envSource(ctx, objs, pod, c, e.ValueFrom, at); err != nil {
				return nil, err
			} else if !ok {
				continue
			}
		}
		env[e.Name] = value
	}
	for k, v := range services {
		if _, taken := env[k]; !taken {
			env[k] = v
		}
	}
	return env, nil
}

func addEnvFrom(
	ctx context.Context, objs objects, namespace string, from v1.EnvFromSource, env map[string]string,
) error {
	var (
		err      error
		optional *bool
	)
	switch {
	case from.ConfigMapRef != nil:
		var cm *v1.ConfigMap
		optional = from.ConfigMapRef.Optional
		if cm, err = objs.configMap(ctx, namespace, from.ConfigMapRef.Name); err == nil {
			for k, v := range cm.Data {
				env[from.Prefix+k] = v
			}
		}
	case from.SecretRef != nil:
		var s *v1.Secret
		optional = from.SecretRef.Optional
		if s, err = objs.secret(ctx, namespace, from.SecretRef.Name); err == nil {
			for k, v := range s.Data {
				env[from.Prefix+k] = string(v)
			}
		}
	}
	if apierrors.IsNotFound(err) && isTrue(optional) {
		return nil
	}
	return err
}

// envSource resolves valueFrom. It returns false where an optional source is absent.
func envSource(
	ctx context.Context, objs objects, pod *v1.Pod, c *v1.Container, from *v1.EnvVarSource, at where,
) (value string, ok bool, err error) {
	switch {
	case from.FieldRef != nil:
		value, err = fieldValue(pod, from.FieldRef.FieldPath, at)
		return value, err == nil, err
	case from.ResourceFieldRef != nil:
		value, err = resourceValue(pod, c, from.ResourceFieldRef)
		return value, err == nil, err
	case from.ConfigMapKeyRef != nil:
		ref := from.ConfigMapKeyRef
		cm, err := objs.configMap(ctx, pod.Namespace, ref.Name)
		if err == nil {
			value, ok = cm.Data[ref.Key]
		}
		return keyed(value, ok, err, ref.Optional, ref.Key, "ConfigMap", pod.Namespace, ref.Name)
	case from.SecretKeyRef != nil:
		ref := from.SecretKeyRef
		var data []byte
		s, err := objs.secret(ctx, pod.Namespace, ref.Name)
		if err == nil {
			data, ok = s.Data[ref.Key]
		}
		return keyed(string(data), ok, err, ref.Optional, ref.Key, "Secret", pod.Namespace, ref.Name)
	}
	return "", false, fmt.Errorf("the source of the variable is not one that this node can read")
}

func keyed(
	value string, found bool, err error, optional *bool, key, kind, namespace, name string,
) (string, bool, error) {
	switch {
	case apierrors.IsNotFound(err) && isTrue(optional):
		return "", false, nil
	case err != nil:
		return "", false, err
	case !found && !isTrue(optional):
		return "", false, fmt.Errorf("couldn't find key %v in %s %v/%v", key, kind, namespace, name)
	}
	return value, found, nil
}

func isTrue(b *bool) bool { return b != nil && *b }

// fieldValue returns the value of a field of the pod, as the downward API names them.
func fieldValue(pod *v1.Pod, path string, at where) (string, error) {
	switch path {
	case "spec.nodeName":
		return pod.Spec.NodeName, nil
	case "spec.serviceAccountName":
		return pod.Spec.ServiceAccountName, nil
	case "status.hostIP", "status.hostIPs":
		return at.HostIP, nil
	case "status.podIP", "status.podIPs":
		return at.PodIP, nil
	}
	return fieldpath.ExtractFieldPathAsString(pod, path)
}

// resourceValue returns a resource of a container. A limit that is not set is the pod's own, or else what the node has
// (pkg/kubelet/kubelet_resources.go, defaultPodLimitsForDownwardAPI).
func resourceValue(pod *v1.Pod, c *v1.Container, ref *v1.ResourceFieldSelector) (string, error) {
	if ref.ContainerName != "" {
		if c = containerSpec(pod, ref.ContainerName); c == nil {
			return "", fmt.Errorf("container %s not found", ref.ContainerName)
		}
	}
	c = c.DeepCopy()
	if c.Resources.Limits == nil {
		c.Resources.Limits = v1.ResourceList{}
	}
	limits := capacity()
	if pod.Spec.Resources != nil {
		for name, q := range pod.Spec.Resources.Limits {
			if _, offered := limits[name]; offered && !q.IsZero() {
				limits[name] = q
			}
		}
	}
	for name, q := range limits {
		if _, set := c.Resources.Limits[name]; !set && name != v1.ResourcePods {
			c.Resources.Limits[name] = q
		}
	}
	return resourceutil.ExtractContainerResourceValue(ref, c)
}

// What the node offers at least. Nobody enforces requests: this is how much a class's manifests may ask for together, and
// not what there is.
const (
	offeredCPU     = 64
	offeredMemory  = 256 << 30
	offeredStorage = 1 << 40
)

// capacity is what the node says it has.
func capacity() v1.ResourceList {
	return v1.ResourceList{
		v1.ResourceCPU:              *resource.NewQuantity(max(int64(runtime.NumCPU()), offeredCPU), resource.DecimalSI),
		v1.ResourceMemory:           *resource.NewQuantity(max(memory(), offeredMemory), resource.BinarySI),
		v1.ResourceEphemeralStorage: *resource.NewQuantity(offeredStorage, resource.BinarySI),
		v1.ResourcePods:             *resource.NewQuantity(maxPods, resource.DecimalSI),
	}
}

// memory is how much the machine has, in bytes; a guess where it does not tell.
func memory() int64 { return cmp.Or(machine.Memory(), 8<<30) }

// serviceEnv returns the variables that announce services: that of the API always, those of the pod's namespace if
// links is true (pkg/kubelet/envvars).
func serviceEnv(services []*v1.Service, namespace string, links bool) map[string]string {
	env := map[string]string{}
	for _, s := range services {
		master := s.Namespace == metav1.NamespaceDefault && s.Name == "kubernetes"
		if ip := s.Spec.ClusterIP; ip == "" || ip == v1.ClusterIPNone || !master && (!links || s.Namespace != namespace) {
			continue
		}
		addService(env, s)
	}
	return env
}

func addService(env map[string]string, s *v1.Service) {
	upper := strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_"))
	env[upper+"_SERVICE_HOST"] = s.Spec.ClusterIP
	for i, p := range s.Spec.Ports {
		port, protocol := strconv.Itoa(int(p.Port)), string(v1.ProtocolTCP)
		if p.Protocol != "" {
			protocol = string(p.Protocol)
		}
		url := strings.ToLower(protocol) + "://" + net.JoinHostPort(s.Spec.ClusterIP, port)
		if i == 0 {
			env[upper+"_SERVICE_PORT"] = port
			env[upper+"_PORT"] = url
		}
		if p.Name != "" {
			env[upper+"_SERVICE_PORT_"+strings.ToUpper(strings.ReplaceAll(p.Name, "-", "_"))] = port
		}
		prefix := upper + "_PORT_" + port + "_" + strings.ToUpper(protocol)
		env[prefix] = url
		env[prefix+"_PROTO"] = strings.ToLower(protocol)
		env[prefix+"_PORT"] = port
		env[prefix+"_ADDR"] = s.Spec.ClusterIP
	}
}

// pairs returns NAME=VALUE, sorted.
func pairs(env map[string]string) []string {
	out := make([]string, 0, len(env))
	for _, k := range slices.Sorted(maps.Keys(env)) {
		out = append(out, k+"="+env[k])
	}
	return out
}
