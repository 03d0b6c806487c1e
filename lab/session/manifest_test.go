package session

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"healthlab/assets"
	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/script"
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

// The commands that write manifests, as they are shown and copied, have in a shell the effect of the run key: the same files,
// byte for byte.
func TestCopiedCommandsWriteTheManifests(t *testing.T) {
	files, err := fs.Sub(assets.FS, "labs")
	if err != nil {
		t.Fatal(err)
	}
	labs, err := script.Load(files, manifests.FS)
	if err != nil {
		t.Fatal(err)
	}
	for name, cluster := range map[string]lab.Cluster{
		"embedded":   {Namespace: "healthchecks"},
		"real":       {Namespace: "healthchecks", Real: true},
		"restricted": {Namespace: "healthchecks", Real: true, Preflight: &lab.Preflight{Restricted: true}},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			s := New(Config{
				Labs: labs, Manifests: manifests.FS, Dir: filepath.Join(home, "my lab"), Home: home, Cluster: cluster,
				Registry: "mirror.example/hub", Owner: "kim@laptop",
			})
			want := map[string]string{}
			for l := range labs {
				for step := range labs[l].Steps {
					m := course.Moment{Labs: labs, Home: home, Snapshot: &lab.Snapshot{
						Cluster: cluster, Dir: s.config.Dir, Position: lab.Position{Lab: l, Step: step},
					}}
					var typed []string
					for _, command := range m.Commands() {
						if command.Write == "" {
							continue
						}
						manifest, err := s.Manifest(cluster, command.Write)
						if err != nil {
							t.Fatal(err)
						}
						want[command.Write] = manifest
						typed = append(typed, course.Heredoc(command, manifest))
					}
					shell := exec.CommandContext(t.Context(), "bash")
					shell.Env = append(os.Environ(), "HOME="+home)
					shell.Stdin = strings.NewReader(strings.Join(typed, "\n"))
					if out, err := shell.CombinedOutput(); err != nil || len(out) > 0 {
						t.Errorf("bash: %v: %s", err, out)
					}
				}
			}
			got := map[string]string{}
			for file := range want {
				text, err := os.ReadFile(filepath.Join(s.config.Dir, file))
				if err != nil {
					t.Fatal(err)
				}
				got[file] = string(text)
			}
			if diff := cmp.Diff(want, got); diff != "" || len(want) != 3 {
				t.Errorf("%d files (-want +got):\n%s", len(want), diff)
			}
		})
	}
}
