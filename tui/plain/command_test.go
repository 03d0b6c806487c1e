package plain

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"healthlab/lab"
	"healthlab/tui/tuitest"
)

func TestEdit(t *testing.T) {
	for _, tt := range []struct {
		name, content, answer string
		want                  []string
		acts                  bool
	}{
		{
			"changed and applied", "kind: Deployment\nreplicas: 2\n", "y",
			[]string{
				"Opening the file app.yaml in your editor.", "Line 2 removed: replicas: 2\nLine 2 added: replicas: 3\n",
				"Apply the changed file app.yaml to the cluster? Type y and Enter for yes", "Applying it.\n",
			},
			true,
		},
		{"changed and not applied", "replicas: 2\n", "", []string{"Apply the changed file", "Nothing was done.\n"}, false},
		{"not changed", "replicas: 1\n", "", []string{"The file app.yaml is unchanged.\n"}, false},
		{"not there", "", "", []string{"There is no file ", "app.yaml yet. Run the commands of the step that writes it first.\n"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "app.yaml")
			if tt.content != "" {
				if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Test(t, func(t *testing.T) {
				s := tuitest.Running(1)
				s.Dir = dir
				labs := tuitest.Labs()
				labs[0].Manifests = []string{"app.yaml"}
				u := startWith(t, lab.English, labs, s)
				u.types("e")
				if tt.answer != "" || tt.want[0] == "Apply the changed file" {
					u.types(tt.answer)
				}
				u.hears(tt.want...)
				if tt.acts {
					u.did(lab.Kubectl{Args: []string{"apply", "-n", "healthchecks", "-f", path}})
				} else {
					u.did()
				}
			})
		})
	}
}

func TestPastCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tuitest.Running(1)
		s.Tasks = []lab.Task{
			{ID: 1, Line: "cat > a.yaml", State: lab.TaskDone, Took: time.Second, Note: lab.Text{En: "wrote the file a.yaml"}},
			{ID: 2, Line: "kubectl get pods -w", State: lab.TaskRunning, Started: time.Now().Add(-5 * time.Second)},
		}
		u := start(t, lab.English, s)
		u.hears("Wrote the file a.yaml.\nDone, 1 second.\n")
		u.types("w")
		u.hears("Number 1: Running, 5 seconds: kubectl get pods -w\n", "Number 2: Done, 1 second: cat > a.yaml\n")
		u.types("2")
		u.hears("Wrote the file a.yaml.\n")
		u.types("z")
		u.hears("Canceling: kubectl get pods -w\n")
		u.types("q")
		u.hears("Commands still running: 1. Stop them and quit?")
		u.types("")
		u.hears("Nothing was done.")
		u.did(lab.Cancel{Task: 2})
	})
}

// No shell on this machine sees what is typed: variables are the container's.
func TestVariablesAreTheContainers(t *testing.T) {
	t.Setenv("HOSTNAME", "this-machine")
	synctest.Test(t, func(t *testing.T) {
		u := start(t, lab.English, tuitest.Running(1))
		u.said()
		u.types(`k exec p -- sh -c "echo  $HOSTNAME"`)
		u.hears("Running: kubectl exec p -- sh -c 'echo  $HOSTNAME'\n")
		u.did(lab.Kubectl{Args: []string{"exec", "p", "--", "sh", "-c", "echo  $HOSTNAME"}})
	})
}

func TestRefusalsTellTheirCausesInTheLanguage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t, lab.Korean, tuitest.Running(1))
		u.said()
		u.session.Fail(&lab.Error{
			Msg:   lab.T("적용하지 못했습니다", "not applied"),
			Cause: &lab.Error{Msg: lab.T("디스크가 가득 찼습니다", "the disk is full")},
		})
		u.types("k get pods")
		u.hears("지금은 할 수 없습니다. 적용하지 못했습니다: 디스크가 가득 찼습니다.\n")
	})
}
