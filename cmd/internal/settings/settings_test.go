package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadSettings(t *testing.T) {
	for _, tt := range []struct {
		name, content string
		want          Settings
		problem       string
	}{
		{name: "empty"},
		{
			name: "all", content: "lang: en\ntheme: light\nascii: true\ndir: ~/labs\nkeys: {run: [F5]}\n",
			want: Settings{Lang: "en", Theme: "light", ASCII: true, Dir: "~/labs", Keys: map[string][]string{"run": {"F5"}}},
		},
		{name: "a word that YAML takes for false", content: "probing: off\n", want: Settings{Probing: "off"}},
		{name: "a word that YAML takes for true", content: "probing: on\n", want: Settings{Probing: "on"}},
		{name: "a word in quotes", content: "probing: 'auto'\n", want: Settings{Probing: "auto"}},
		{name: "unknown field", content: "language: en\n", problem: `unknown field "language"`},
		{name: "not YAML", content: "{[}", problem: "config.yaml"},
		{name: "unknown language", content: "lang: jp\n", problem: "jp"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "config.yaml")
			if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := Read(path)
			if tt.problem != "" {
				if err == nil || !strings.Contains(err.Error(), tt.problem) || !strings.Contains(err.Error(), path) {
					t.Fatalf("error %v, want one that names %s and says %q", err, path, tt.problem)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
