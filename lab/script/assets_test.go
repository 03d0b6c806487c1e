package script_test

import (
	"io/fs"
	"testing"

	"healthlab/assets"
	"healthlab/lab"
	"healthlab/lab/script"
	"healthlab/manifests"
)

// builtIn returns the labs that healthlab ships with.
func builtIn(t *testing.T) []lab.Lab {
	t.Helper()
	files, err := fs.Sub(assets.FS, "labs")
	if err != nil {
		t.Fatal(err)
	}
	labs, err := script.Load(files, manifests.FS)
	if err != nil {
		t.Fatalf("the built-in labs do not load:\n%v", err)
	}
	return labs
}

func TestBuiltInLabs(t *testing.T) {
	want := map[string]int{"intro": 5, "liveness": 7, "readiness": 7}
	for _, one := range builtIn(t) {
		if len(one.Steps) != want[one.ID] {
			t.Errorf("lab %s has %d steps, want %d", one.ID, len(one.Steps), want[one.ID])
		}
	}
}
