package manifest

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestObjects(t *testing.T) {
	tests := []struct {
		name, manifest string
		want           []string
		err            string
	}{
		{name: "one", manifest: "kind: Pod\nmetadata:\n  name: web\n", want: []string{"pod/web"}},
		{
			name: "several, with comments and empty documents", want: []string{"deployment/web", "service/web"},
			manifest: "# first\n---\nkind: Deployment\nmetadata: {name: web}\n---\n# nothing\n---\nkind: Service\nmetadata: {name: web}\n---\n",
		},
		{
			name: "three dashes in a text", want: []string{"configmap/a"},
			manifest: "kind: ConfigMap\nmetadata: {name: a}\ndata:\n  text: |\n    a\n    ---\n    b\n",
		},
		{name: "JSON", manifest: `{"kind":"Pod","metadata":{"name":"a"}} {"kind":"Pod","metadata":{"name":"b"}}`, want: []string{"pod/a", "pod/b"}},
		{name: "no object", manifest: "just: text\n"},
		{name: "nothing"},
		{name: "not YAML", manifest: "kind: Pod\nmetadata: {name: a}\n---\nkind: [\n", err: "after 1 objects"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Objects(strings.NewReader(tt.manifest))
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v, want %q", err, tt.err)
				}
				return
			}
			if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func FuzzObjects(f *testing.F) {
	for _, seed := range []string{
		"apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n---\nkind: Service\nmetadata: {name: s}\n", `{"kind":"Pod"}{"kind":"Pod"}`,
		"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n",
		"---\n---\n", strings.Repeat("[", 20000), strings.Repeat("- ", 5000), "kind: &k [*k]", "\xff\xfe",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		names, err := Objects(bytes.NewReader(data))
		for _, name := range names {
			if kind, _, ok := strings.Cut(name, "/"); !ok || kind == "" || err != nil {
				t.Errorf("got %q, %v", name, err)
			}
		}
	})
}
