package script_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/script"
	"healthlab/probes"
)

// demoManifests is what the labs under testdata may refer to.
var demoManifests = fstest.MapFS{"app.yaml": {Data: []byte("kind: Pod\n")}}

func testdata(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestLoadRefuses loads each testdata/invalid-NAME.yaml and wants exactly the problems in invalid-NAME.txt, first in
// English, then in Korean.
func TestLoadRefuses(t *testing.T) {
	files, err := filepath.Glob("testdata/invalid-*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no testdata: %v", err)
	}
	for _, path := range files {
		name := filepath.Base(path)
		t.Run(strings.TrimSuffix(name, ".yaml"), func(t *testing.T) {
			labs, err := script.Load(fstest.MapFS{"lab.yaml": {Data: testdata(t, name)}}, demoManifests)
			if labs != nil {
				t.Errorf("got %d labs beside an error", len(labs))
			}
			var problems script.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("got error %v, want script.Problems", err)
			}
			got := problems.In(lab.English) + "\n\n" + problems.In(lab.Korean) + "\n"
			want := string(testdata(t, strings.TrimSuffix(name, ".yaml")+".txt"))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadAccepts(t *testing.T) {
	labs, err := script.Load(fstest.MapFS{"lab.yaml": {Data: testdata(t, "valid.yaml")}}, demoManifests)
	if err != nil {
		t.Fatal(err)
	}
	one := labs[0]
	ready := one.Steps[0].Goals[1].Check.Pods
	if ready == nil || *ready.Ready != 3 || *ready.MaxRestarts != 0 || ready.NotReady != nil || ready.MinRestarts != nil {
		t.Errorf("got pods check %+v, want ready 3, maxRestarts 0 and nothing else", ready)
	}
	asked := &lab.TimeQuestion{Prompt: lab.T("몇 초?", "How many seconds?"), Point: lab.TimedRestart}
	if diff := cmp.Diff(asked, one.Steps[1].Question.Time); diff != "" {
		t.Errorf("time asked for (-want +got):\n%s", diff)
	}
	want := lab.Fault{
		ID: "hang", Title: lab.T("멈춤", "Hang"), Effect: lab.T("멈춥니다", "It hangs"),
		Line: "kubectl -n {namespace} exec {pod} -- kill 1", Role: lab.RoleHang, Selector: "app=demo",
		Responds: lab.Responses{Liveness: probes.Hang, Readiness: probes.Fail}, After: 2, Shutdown: new(int),
	}
	if diff := cmp.Diff([]lab.Fault{want}, one.Faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestLoadSeveralFiles(t *testing.T) {
	const head = "title: {ko: 제목, en: Title}\nsummary: {ko: 요약, en: Summary}\n"
	inline := []byte("id: demo\n" + head + "steps:\n- id: read\n  title: {ko: 읽기, en: Read}\n  body: {ko: 본문, en: Text}\n")
	beside := []byte("id: demo\n" + head + "steps:\n- id: read\n  title: {ko: 읽기, en: Read}\n")
	tests := []struct {
		name  string
		files fstest.MapFS
		want  string // the error in English; empty: none
		body  lab.Text
	}{
		{
			name:  "body in the lab file",
			files: fstest.MapFS{"lab.yaml": {Data: inline}},
			body:  lab.T("본문", "Text"),
		},
		{
			name: "body beside the lab file",
			files: fstest.MapFS{
				"lab.yaml":        {Data: beside},
				"demo/read.ko.md": {Data: []byte("첫 줄\r\n둘째 줄\n")},
				"demo/read.en.md": {Data: []byte("One\r\nTwo\n")},
			},
			body: lab.T("첫 줄\n둘째 줄", "One\nTwo"),
		},
		{
			name:  "one language beside the lab file is missing",
			files: fstest.MapFS{"lab.yaml": {Data: beside}, "demo/read.ko.md": {Data: []byte("본문")}},
			want:  "lab.yaml:5: step read has no text: write the file demo/read.en.md or the field body",
		},
		{
			name: "mistakes in Markdown files",
			files: fstest.MapFS{
				"lab.yaml":        {Data: beside},
				"demo/read.ko.md": {Data: []byte("한 줄\n\x1b]0;제목\a\n")},
				"demo/read.en.md": {Data: []byte("\n")},
			},
			want: "demo/read.en.md: the file is empty: write the text\n" +
				"demo/read.ko.md:2: control character U+001B is not allowed: remove it",
		},
		{
			name:  "two files with mistakes, one of them the ID",
			files: fstest.MapFS{"1.yaml": {Data: []byte("id: demo\n" + head)}, "2.yaml": {Data: inline}},
			want: "1.yaml:1: the lab has no steps: give at least one\n" +
				"2.yaml:1: lab \"demo\" is already defined in 1.yaml: use another id",
		},
		{
			name:  "no files",
			files: fstest.MapFS{"readme.txt": {}},
			want:  "no lab files (*.yaml): check the labs directory",
		},
		{
			name:  "not UTF-8",
			files: fstest.MapFS{"lab.yaml": {Data: []byte("id: \xff\n")}},
			want:  "lab.yaml: the file is not UTF-8: save it as UTF-8",
		},
		{
			name:  "too large",
			files: fstest.MapFS{"lab.yaml": {Data: make([]byte, 1<<20+1)}},
			want:  "lab.yaml is too large: at most 1 MiB",
		},
		{
			name:  "a directory with the name of a lab file",
			files: fstest.MapFS{"lab.yaml": {Mode: fs.ModeDir | 0o755}},
			want:  "read lab file lab.yaml: read lab.yaml: invalid argument",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			labs, err := script.Load(tt.files, demoManifests)
			if tt.want != "" {
				if err == nil || err.Error() != tt.want {
					t.Fatalf("got error:\n%v\nwant:\n%s", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.body, labs[0].Steps[0].Body); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLoadKeepsTheOrderOfFiles(t *testing.T) {
	one := func(id string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("id: " + id + "\ntitle: {ko: 제목, en: Title}\nsummary: {ko: 요약, en: Summary}\n" +
			"steps:\n- id: read\n  title: {ko: 읽기, en: Read}\n  body: {ko: 본문, en: Text}\n")}
	}
	labs, err := script.Load(fstest.MapFS{"02-a.yaml": one("a"), "01-b.yaml": one("b")}, demoManifests)
	if err != nil {
		t.Fatal(err)
	}
	if got := labs[0].ID + labs[1].ID; got != "ba" {
		t.Errorf("got order %s, want ba", got)
	}
}

func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, seed := range []string{
		"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nid: [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n",
		"id: &id [*id]", "&a a: *a", "<<: *x", "---\n---\n---\n", "\xff", "id: !!binary x", "? [a]\n: b\n",
		strings.Repeat("[", 20000), strings.Repeat("- ", 5000), strings.Repeat("{a: ", 5000), strings.Repeat("id: x\n", 5000),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		labs, err := script.Load(fstest.MapFS{"lab.yaml": {Data: data}}, demoManifests)
		if (err == nil) != (len(labs) == 1) {
			t.Errorf("got %d labs and error %v", len(labs), err)
		}
		var problems script.Problems
		if errors.As(err, &problems) {
			for _, p := range problems {
				if p.File == "" || p.Line < 0 || p.Text.Ko == "" || p.Text.En == "" {
					t.Errorf("incomplete problem %+v", p)
				}
			}
		}
	})
}

// What a student types must give the same file, which a here-document cannot for every text.
func TestLoadRefusesAManifestThatCannotBeTyped(t *testing.T) {
	for name, manifest := range map[string]string{"no line end": "kind: Pod", "EOF as a line": "kind: Pod\nEOF\n"} {
		t.Run(name, func(t *testing.T) {
			_, err := script.Load(fstest.MapFS{"lab.yaml": {Data: testdata(t, "valid.yaml")}}, fstest.MapFS{"app.yaml": {Data: []byte(manifest)}})
			if err == nil || !strings.Contains(err.Error(), `the manifest "app.yaml" must end with a line end`) {
				t.Errorf("error %v", err)
			}
		})
	}
}
