package report

import (
	"io/fs"
	"os"
	"testing"
	"time"

	"healthlab/assets"
	"healthlab/lab"
	"healthlab/lab/script"
	"healthlab/manifests"
)

func TestTry(t *testing.T) {
	if os.Getenv("TRY") == "" {
		return
	}
	sub, _ := fs.Sub(assets.FS, "labs")
	labs, err := script.Load(sub, manifests.FS)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(os.Getenv("TRY"))
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	r, err := Read(t.Context(), f, Source{Labs: labs, Made: time.Now(), Healthlab: "dev", Zone: time.Local})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(begun))
	out, _ := os.Create("/tmp/hreport/r.md")
	if err := r.Markdown(out, lab.Lang(os.Getenv("TRYLANG"))); err != nil {
		t.Fatal(err)
	}
	h, _ := os.Create("/tmp/hreport/r.html")
	if err := r.HTML(h, lab.Lang(os.Getenv("TRYLANG"))); err != nil {
		t.Fatal(err)
	}
	j, _ := os.Create("/tmp/hreport/r.json")
	_ = r.JSON(j)
}
