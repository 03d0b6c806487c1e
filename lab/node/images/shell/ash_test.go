package shell_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestAsh compares with the answers of BusyBox 1.35's ash, which are in testdata/ash.json.
func TestAsh(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "ash.json"))
	if err != nil {
		t.Fatal(err)
	}
	var tests []struct {
		Script, Out, Errs string
		Code              int
	}
	if err := json.Unmarshal(data, &tests); err != nil {
		t.Fatal(err)
	}
	c := newBed(t).idle(t)
	for _, tt := range tests {
		t.Run(tt.Script, func(t *testing.T) {
			got := run(t, c, "", "sh", "-c", tt.Script)
			if want := (answer{tt.Out, tt.Errs, tt.Code}); got != want {
				t.Errorf("%s\n got %+v\nwant %+v", tt.Script, got, want)
			}
		})
	}
}
