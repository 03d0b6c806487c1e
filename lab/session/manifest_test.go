package session

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"healthlab/lab"
	"healthlab/manifests"
)

func TestDress(t *testing.T) {
	v := variant{namespace: "healthchecks-kim", restricted: true, registry: "mirror.example/hub/", marked: true, owner: "kim@laptop"}
	for _, name := range []string{"liveness-app.yaml", "readiness-deployment.yaml", "readiness-service.yaml"} {
		t.Run(name, func(t *testing.T) {
			manifest, err := v.of(manifests.FS, name)
			if err != nil {
				t.Fatal(err)
			}
			var object struct {
				Metadata struct {
					Namespace           string
					Labels, Annotations map[string]string
				}
				Spec struct {
					Template *struct {
						Metadata struct{ Labels map[string]string }
					}
				}
			}
			if err := yaml.Unmarshal(manifest, &object); err != nil {
				t.Fatalf("%v in:\n%s", err, manifest)
			}
			if got := object.Metadata; got.Namespace != v.namespace || got.Labels[lab.ManagedByLabel] != lab.ManagedBy ||
				got.Annotations[lab.OwnerAnnotation] != v.owner {
				t.Errorf("metadata %+v", got)
			}
			if template := object.Spec.Template; template != nil {
				want := map[string]string{lab.ManagedByLabel: lab.ManagedBy, "app": "readiness-deployment"}
				if diff := cmp.Diff(want, template.Metadata.Labels); diff != "" {
					t.Errorf("the template's labels (-want +got):\n%s", diff)
				}
			}
			if pods := strings.Count(string(manifest), "image: "); pods != strings.Count(string(manifest), "image: mirror.example/hub/") ||
				pods > 0 && !strings.Contains(string(manifest), "runAsNonRoot: true") {
				t.Errorf("images or security context are missing:\n%s", manifest)
			}
			if !untouched(manifests.FS, name, v.registry, manifest) {
				t.Error("it counts as edited")
			}
			if edited := append(manifest, "# mine\n"...); untouched(manifests.FS, name, v.registry, edited) {
				t.Error("an edited one counts as untouched")
			}
		})
	}
}

func TestImagesOfDockerHubComeFromTheMirror(t *testing.T) {
	for image, want := range map[string]string{
		"alpine":                      "mirror.example:5000/hub/library/alpine",
		"alpine:3.22":                 "mirror.example:5000/hub/library/alpine:3.22",
		"alpine@sha256:0123":          "mirror.example:5000/hub/library/alpine@sha256:0123",
		"brentley/ecsdemo-nodejs":     "mirror.example:5000/hub/brentley/ecsdemo-nodejs",
		"docker.io/alpine":            "mirror.example:5000/hub/library/alpine",
		"docker.io/library/alpine":    "mirror.example:5000/hub/library/alpine",
		`"alpine" # small`:            `"mirror.example:5000/hub/library/alpine" # small`,
		"registry.k8s.io/pause:3.10":  "registry.k8s.io/pause:3.10",
		"localhost:5000/mine":         "localhost:5000/mine",
		"localhost/mine":              "localhost/mine",
		"mirror.example:5000/hub/own": "mirror.example:5000/hub/own",
	} {
		for _, prefix := range []string{"mirror.example:5000/hub", "mirror.example:5000/hub/"} {
			manifest := "spec:\n  containers:\n  - image: " + image + "\n    name: app\n"
			got := string(fromRegistry([]byte(manifest), prefix))
			if got != strings.Replace(manifest, image, want, 1) {
				t.Errorf("%s from %s:\n%s", image, prefix, got)
			}
		}
	}
}

func TestDressLeavesTheEmbeddedClustersManifestsAlone(t *testing.T) {
	want, err := manifests.FS.ReadFile("liveness-app.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := variant{namespace: "healthchecks"}.of(manifests.FS, "liveness-app.yaml")
	if err != nil || string(got) != string(want) {
		t.Errorf("got %v:\n%s", err, got)
	}
}
