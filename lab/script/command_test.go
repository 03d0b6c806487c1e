package script_test

import (
	"testing"

	"healthlab/lab/course"
	"healthlab/manifests"
)

// TestBuiltInCommands carries the commands of the built-in labs as far as it goes without a cluster.
func TestBuiltInCommands(t *testing.T) {
	var lines []string
	for _, one := range builtIn(t) {
		for _, step := range one.Steps {
			for _, command := range step.Commands {
				if command.Write == "" {
					lines = append(lines, command.Line)
					continue
				}
				if _, err := manifests.FS.ReadFile(command.Write); err != nil {
					t.Errorf("step %s: %v", step.ID, err)
				}
			}
		}
		for _, fault := range one.Faults {
			lines = append(lines, fault.Line)
		}
	}
	if len(lines) == 0 {
		t.Fatal("the built-in labs have no commands")
	}
	for _, line := range lines {
		expanded, err := course.Expand(line, course.Vars{Namespace: "healthchecks", Dir: "/home/demo/healthchecks", Pod: "demo-1"})
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if argv, _, err := course.Split(expanded); err != nil || argv[0] != "kubectl" {
			t.Errorf("%s: got words %q, error %v", line, argv, err)
		}
	}
}
