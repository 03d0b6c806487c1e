package checkout

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"healthlab/lab"
	"healthlab/tui"
)

var updateReadme = flag.Bool("update-readme", false, "write the key tables into the READMEs")

// The READMEs' key tables are made from the keymap.
func TestReadmeKeys(t *testing.T) {
	for _, tt := range []struct {
		file string
		lang lab.Lang
	}{
		{"README.md", lab.English},
		{"README.ko.md", lab.Korean},
	} {
		t.Run(tt.file, func(t *testing.T) {
			path := filepath.Join("..", "..", "..", tt.file)
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			before, rest, opened := strings.Cut(string(content), "<!-- keys -->\n")
			_, after, closed := strings.Cut(rest, "<!-- /keys -->")
			if !opened || !closed {
				t.Fatal("the marks <!-- keys --> and <!-- /keys --> are missing")
			}
			keys, err := tui.KeyTable(tt.lang)
			if err != nil {
				t.Fatal(err)
			}
			want := before + "<!-- keys -->\n" + strings.TrimSpace(keys) + "\n<!-- /keys -->" + after
			if *updateReadme {
				if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if want != string(content) {
				t.Error("the key table is stale: run `make golden`")
			}
		})
	}
}
