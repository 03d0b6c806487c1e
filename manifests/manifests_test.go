package manifests_test

import (
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"

	"healthlab/manifests"
)

// read decodes a manifest as kubectl does with strict validation: every field must exist, once.
func read[T any](t *testing.T, name string) *T {
	t.Helper()
	data, err := manifests.FS.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	out := new(T)
	if err := yaml.UnmarshalStrict(data, out); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

func TestLivenessApp(t *testing.T) {
	want := corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{Name: "liveness-app", Namespace: "healthchecks"},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name:  "liveness",
			Image: "brentley/ecsdemo-nodejs",
			LivenessProbe: &corev1.Probe{
				ProbeHandler: corev1.ProbeHandler{
					HTTPGet: &corev1.HTTPGetAction{Path: "/health", Port: intstr.FromInt32(3000)},
				},
				InitialDelaySeconds: 5,
				PeriodSeconds:       5,
			},
		}}},
	}
	if diff := cmp.Diff(want, *read[corev1.Pod](t, "liveness-app.yaml")); diff != "" {
		t.Errorf("liveness-app.yaml is not the guide's pod (-want +got):\n%s", diff)
	}
}

func TestReadinessDeployment(t *testing.T) {
	replicas := int32(3)
	labels := map[string]string{"app": "readiness-deployment"}
	want := appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: metav1.ObjectMeta{Name: "readiness-deployment", Namespace: "healthchecks"},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{Containers: []corev1.Container{{
					Name:    "readiness-deployment",
					Image:   "alpine",
					Command: []string{"sh", "-c", "touch /tmp/healthy && sleep 86400"},
					ReadinessProbe: &corev1.Probe{
						ProbeHandler: corev1.ProbeHandler{
							Exec: &corev1.ExecAction{Command: []string{"cat", "/tmp/healthy"}},
						},
						InitialDelaySeconds: 5,
						PeriodSeconds:       3,
					},
				}}},
			},
		},
	}
	if diff := cmp.Diff(want, *read[appsv1.Deployment](t, "readiness-deployment.yaml")); diff != "" {
		t.Errorf("readiness-deployment.yaml is not the guide's deployment (-want +got):\n%s", diff)
	}
}

func TestReadinessServiceSelectsTheDeploymentsPods(t *testing.T) {
	service := read[corev1.Service](t, "readiness-service.yaml")
	deployment := read[appsv1.Deployment](t, "readiness-deployment.yaml")
	if service.APIVersion != "v1" || service.Kind != "Service" || service.Namespace != deployment.Namespace {
		t.Errorf("got %s %s in %s", service.APIVersion, service.Kind, service.Namespace)
	}
	if diff := cmp.Diff(deployment.Spec.Template.Labels, service.Spec.Selector); diff != "" {
		t.Errorf("selector (-pods' labels +got):\n%s", diff)
	}
}

// TestRestrictedVariants checks that each variant is the manifest itself plus what the restricted Pod Security Standard
// asks for, and nothing else.
func TestRestrictedVariants(t *testing.T) {
	t.Run("liveness-app.yaml", func(t *testing.T) {
		pod := read[corev1.Pod](t, "restricted/liveness-app.yaml")
		restricted(t, &pod.Spec)
		if diff := cmp.Diff(read[corev1.Pod](t, "liveness-app.yaml"), pod); diff != "" {
			t.Errorf("other differences (-plain +restricted):\n%s", diff)
		}
	})
	t.Run("readiness-deployment.yaml", func(t *testing.T) {
		deployment := read[appsv1.Deployment](t, "restricted/readiness-deployment.yaml")
		restricted(t, &deployment.Spec.Template.Spec)
		if diff := cmp.Diff(read[appsv1.Deployment](t, "readiness-deployment.yaml"), deployment); diff != "" {
			t.Errorf("other differences (-plain +restricted):\n%s", diff)
		}
	})
}

// TestRestrictedVariantsAreComplete checks that whatever starts pods can also be started where the restricted standard is
// enforced, and that there is no variant of a manifest that is gone.
func TestRestrictedVariantsAreComplete(t *testing.T) {
	plain, err := fs.Glob(manifests.FS, "*.yaml")
	if err != nil || len(plain) == 0 {
		t.Fatalf("%d manifests, %v", len(plain), err)
	}
	variants, err := fs.Glob(manifests.FS, "restricted/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, name := range plain {
		if startsPods(t, name) {
			want = append(want, "restricted/"+name)
		}
	}
	if diff := cmp.Diff(want, variants); diff != "" {
		t.Errorf("variants (-manifests that start pods +restricted/):\n%s", diff)
	}
}

// startsPods reports whether a manifest has a pod or something with a template for pods.
func startsPods(t *testing.T, name string) bool {
	t.Helper()
	data, err := manifests.FS.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, document := range strings.Split("\n"+string(data), "\n---") {
		var object struct{ Spec map[string]any }
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, field := range []string{"containers", "template", "jobTemplate"} {
			if _, has := object.Spec[field]; has {
				return true
			}
		}
	}
	return false
}

// restricted checks spec against the restricted standard, and takes out what makes it so.
func restricted(t *testing.T, spec *corev1.PodSpec) {
	t.Helper()
	switch pod := spec.SecurityContext; {
	case pod == nil || pod.RunAsNonRoot == nil || !*pod.RunAsNonRoot:
		t.Error("runAsNonRoot is not true")
	case pod.RunAsUser == nil || *pod.RunAsUser == 0:
		// Both images run as root by default, which runAsNonRoot alone would refuse at start.
		t.Error("runAsUser is missing or root")
	case pod.SeccompProfile == nil || pod.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault:
		t.Error("the seccomp profile is not RuntimeDefault")
	}
	spec.SecurityContext = nil
	for i := range spec.Containers {
		switch c := spec.Containers[i].SecurityContext; {
		case c == nil || c.AllowPrivilegeEscalation == nil || *c.AllowPrivilegeEscalation:
			t.Error("allowPrivilegeEscalation is not false")
		case c.Capabilities == nil || !cmp.Equal(c.Capabilities.Drop, []corev1.Capability{"ALL"}):
			t.Error("capabilities are not dropped")
		}
		spec.Containers[i].SecurityContext = nil
	}
}

func TestEveryManifestIsTested(t *testing.T) {
	known := map[string]bool{
		"liveness-app.yaml": true, "readiness-deployment.yaml": true, "readiness-service.yaml": true,
		"restricted/liveness-app.yaml": true, "restricted/readiness-deployment.yaml": true,
	}
	err := fs.WalkDir(manifests.FS, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !known[name] {
			t.Errorf("%s has no test", name)
		}
		if err == nil && !entry.IsDir() && (path.Ext(name) != ".yaml" || strings.Contains(name, " ")) {
			t.Errorf("%s is not named as a manifest", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
