package node

import (
	"fmt"
	"runtime"

	v1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
)

// unsupported lists, in words for an event, what the pod's spec asks for and a program inside this process cannot be
// given. The pod runs without it.
func unsupported(pod *v1.Pod) []string {
	var out []string
	add := func(asked bool, what string) {
		if asked {
			out = append(out, what)
		}
	}
	spec := &pod.Spec
	add(spec.HostPID, "hostPID")
	add(spec.HostIPC, "hostIPC")
	add(spec.HostUsers != nil && !*spec.HostUsers, "hostUsers: false")
	add(spec.RuntimeClassName != nil && *spec.RuntimeClassName != "", "runtimeClassName")
	add(len(spec.ResourceClaims) > 0, "resourceClaims")
	add(spec.Resources != nil, "resources of the pod as a whole")
	add(isTrue(spec.SetHostnameAsFQDN), "setHostnameAsFQDN")
	if sc := spec.SecurityContext; sc != nil {
		add(sc.RunAsUser != nil || sc.RunAsGroup != nil || sc.FSGroup != nil || len(sc.SupplementalGroups) > 0,
			"securityContext: users and groups (there are none)")
		add(isTrue(sc.RunAsNonRoot), "securityContext.runAsNonRoot")
		add(len(sc.Sysctls) > 0, "securityContext.sysctls")
	}
	for _, v := range spec.Volumes {
		if v.HostPath != nil {
			add(true, fmt.Sprintf("the machine's %s (hostPath means the node's own directories, which go with the run)",
				v.HostPath.Path))
		}
	}
	for _, c := range allContainers(pod) {
		for _, what := range unsupportedIn(c) {
			out = append(out, "container "+c.Name+": "+what)
		}
	}
	return out
}

func unsupportedIn(c *v1.Container) []string {
	var out []string
	add := func(asked bool, what string) {
		if asked {
			out = append(out, what)
		}
	}
	if sc := c.SecurityContext; sc != nil {
		add(isTrue(sc.Privileged), "privileged (it means nothing here: there is nothing to be privileged over)")
		add(sc.RunAsUser != nil || sc.RunAsGroup != nil, "users and groups (there are none)")
		add(isTrue(sc.RunAsNonRoot), "runAsNonRoot")
		add(sc.Capabilities != nil && len(sc.Capabilities.Add) > 0, "capabilities")
	}
	_, limited := c.Resources.Limits[v1.ResourceCPU]
	add(limited && runtime.GOOS != "linux", "a limit of cpu (kept on Linux only)")
	add(len(c.VolumeDevices) > 0, "volumeDevices")
	for _, p := range c.Ports {
		add(p.Protocol == v1.ProtocolSCTP, fmt.Sprintf("port %d of SCTP", p.ContainerPort))
	}
	for _, m := range c.VolumeMounts {
		add(m.MountPropagation != nil && *m.MountPropagation != v1.MountPropagationNone, "mountPropagation")
	}
	return out
}

// resized returns the names of the containers whose resources have been changed in place.
func resized(old, pod *v1.Pod) []string {
	var names []string
	for _, c := range pod.Spec.Containers {
		for _, before := range old.Spec.Containers {
			if before.Name == c.Name && !apiequality.Semantic.DeepEqual(before.Resources, c.Resources) {
				names = append(names, c.Name)
			}
		}
	}
	return names
}
