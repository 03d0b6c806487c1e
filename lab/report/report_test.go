package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"healthlab/lab"
)

// in is a report in one of its forms.
func in(t testing.TB, r *Report, form string, lang lab.Lang) string {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch form {
	case "md":
		err = r.Markdown(&b, lang)
	case "html":
		err = r.HTML(&b, lang)
	default:
		err = r.JSON(&b)
	}
	if err != nil {
		t.Fatalf("write the report as %s: %v", form, err)
	}
	return b.String()
}

func TestReport(t *testing.T) {
	r := bothLabs().report()
	for _, name := range []string{"ko.md", "en.md", "ko.html", "en.html", "json"} {
		t.Run(name, func(t *testing.T) {
			lang, form, readable := strings.Cut(name, ".")
			if !readable {
				form = name
			}
			golden.RequireEqual(t, []byte(in(t, r, form, lab.Lang(lang))))
		})
	}
}
