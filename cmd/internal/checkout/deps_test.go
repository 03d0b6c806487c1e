package checkout

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The rules of who may import whom. A package matches a rule by its path below healthlab/; "/..." takes its subfolders in.
var importRules = []struct {
	name    string
	of      string
	planned bool     // the packages may not exist yet
	allowed []string // of healthlab's own packages, direct imports
	banned  []string // prefixes of any package that may be reached
}{
	{name: "probes knows nothing of ours and nothing of Kubernetes", of: "probes", banned: []string{"k8s.io/", "sigs.k8s.io/"}},
	{name: "the shared values stay light", of: "lab", allowed: []string{"probes"}, banned: []string{"k8s.io/", "charm.land/"}},
	{name: "embedded files are only that", of: "manifests", banned: []string{"k8s.io/", "healthlab/"}},
	{name: "texts are only that", of: "assets", banned: []string{"k8s.io/", "healthlab/"}},
	{name: "a script is data", of: "lab/script", allowed: []string{"lab", "lab/course", "probes"}, banned: clients("charm.land/")},
	{name: "what is known about a lab is a function of values", of: "lab/course", allowed: values, banned: clients("charm.land/")},
	{name: "a timeline is made from a journal", of: "lab/timeline", allowed: values, banned: clients("charm.land/")},
	{name: "causes are found in values", of: "lab/cause", allowed: values, banned: clients("charm.land/")},
	{name: "a journal holds values", of: "lab/journal", allowed: values, banned: clients("charm.land/")},
	{name: "journals are kept without a session", of: "lab/journal/store", allowed: []string{"lab", "lab/journal"}, banned: clients("charm.land/")},
	{name: "the state is a function of a journal", of: "lab/fold", allowed: values, banned: clients("charm.land/")},
	{name: "a replay is made from a journal", of: "lab/replay", allowed: values, banned: clients("charm.land/")},
	{name: "state files are only that", of: "lab/statefile", banned: []string{"k8s.io/", "charm.land/"}},
	{name: "a report is made from values", of: "lab/report", allowed: values, banned: clients("charm.land/")},
	{name: "rules about settings are functions of values", of: "lab/explain", planned: true, allowed: values, banned: clients("charm.land/")},
	{
		name: "a pod's spec is read without a cluster", of: "lab/podspec", allowed: []string{"probes"},
		banned: clients("charm.land/"),
	},
	{name: "a node's attempts are told without Kubernetes", of: "lab/witness", allowed: []string{"probes"}, banned: clients("charm.land/")},
	{name: "requests are sent without a cluster", of: "lab/traffic", allowed: []string{"lab"}, banned: []string{"k8s.io/client-go", "charm.land/"}},
	{name: "a manifest is read without a cluster", of: "lab/manifest", banned: clients("charm.land/")},
	{
		name: "cluster speaks client-go only", of: "lab/cluster", allowed: []string{"lab", "probes", "lab/manifest", "lab/podspec", "lab/traffic", "lab/witness"},
		banned: []string{"k8s.io/kubernetes/", "charm.land/"},
	},
	{
		name: "session cannot tell which cluster it is on", of: "lab/session",
		allowed: []string{"lab", "probes", "lab/course", "lab/fold", "lab/journal", "lab/manifest", "lab/statefile", "lab/witness"}, banned: clients("charm.land/"),
	},
	{
		name: "the node agent is a client of the API server", of: "lab/node",
		allowed: []string{"lab", "probes", "lab/podspec", "lab/traffic", "lab/witness", "lab/node/..."}, banned: []string{"k8s.io/kubernetes/", "charm.land/"},
	},
	{name: "the pod network is the standard library's", of: "lab/node/network", banned: []string{"k8s.io/", "charm.land/"}},
	{name: "a sandbox knows nothing of Kubernetes", of: "lab/node/sandbox", allowed: []string{"lab/node/machine", "lab/node/network"}, banned: []string{"k8s.io/", "charm.land/"}},
	{name: "images know only sandboxes", of: "lab/node/images/...", allowed: []string{"lab/node/sandbox", "lab/node/images/..."}, banned: []string{"k8s.io/", "charm.land/"}},
	{
		name: "a container's process knows nothing of Kubernetes", of: "lab/node/shim",
		allowed: []string{"lab/node/machine", "lab/node/network", "lab/node/sandbox"}, banned: []string{"k8s.io/", "charm.land/"},
	},
	{
		name: "nor does the program that runs in it", of: "cmd/container",
		allowed: []string{"lab/node/shim", "lab/node/images"}, banned: []string{"k8s.io/", "charm.land/"},
	},
	{name: "the control plane knows the node agent", of: "lab/embedded", allowed: []string{"lab", "lab/statefile", "lab/witness", "lab/node", "lab/node/..."}},
	{
		name: "the console draws values", of: "tui/...", allowed: append([]string{"tui/..."}, values...),
		banned: clients("k8s.io/api/", "healthlab/lab/session", "healthlab/lab/cluster", "healthlab/lab/node", "healthlab/lab/embedded"),
	},
	{name: "a pane knows no other pane and not the console", of: "tui/panes/...", allowed: append([]string{"tui/theme", "tui/widget", "tui/rows", "tui/chart"}, values...)},
	{name: "what panes draw alike knows no pane", of: "tui/rows", allowed: append([]string{"tui/theme", "tui/widget"}, values...)},
	{name: "nor does the chart of a timeline", of: "tui/chart", allowed: append([]string{"tui/theme", "tui/widget", "tui/rows"}, values...)},
	{name: "a widget knows no domain types", of: "tui/widget", allowed: []string{"tui/theme"}},
	{
		name: "the command line does without Kubernetes itself", of: "cmd/internal/...",
		allowed: append([]string{
			"assets", "manifests", "lab/script", "lab/session", "lab/cluster", "lab/class", "lab/statefile", "lab/journal/store", "lab/node/images", "tui/...", "cmd/internal/...",
		}, values...),
		banned: []string{"k8s.io/kubernetes/", "k8s.io/kubectl/", "go.etcd.io/", "healthlab/lab/embedded"},
	},
	{
		name: "terminal care knows nothing of sessions", of: "cmd/internal/terminal", allowed: []string{"lab"}, banned: []string{"k8s.io/", "charm.land/"},
	},
	{name: "main knows the commands and the control plane", of: "cmd/healthlab", allowed: []string{"assets/container", "lab", "lab/embedded", "lab/node/...", "cmd/internal/..."}},
}

// values are the packages that know neither a cluster nor a face.
var values = []string{
	"lab", "probes", "lab/course", "lab/timeline", "lab/cause", "lab/journal", "lab/fold", "lab/replay", "lab/explain",
	"lab/report",
}

// clients are the packages that speak to a cluster, or are one, and others.
func clients(others ...string) []string {
	return append([]string{"k8s.io/client-go/", "k8s.io/kubernetes/", "go.etcd.io/"}, others...)
}

type listed struct {
	ImportPath    string
	Imports, Deps []string
}

func TestImports(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,Deps", "healthlab/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("decode go list's answer: %v", err)
		}
		packages = append(packages, p)
	}
	for _, rule := range importRules {
		t.Run(rule.name, func(t *testing.T) {
			matched := false
			for _, p := range packages {
				if !matches(rule.of, p.ImportPath) {
					continue
				}
				matched = true
				for _, dep := range p.Deps {
					if hasPrefix(rule.banned, dep) {
						t.Errorf("%s reaches %s", p.ImportPath, dep)
					}
				}
				for _, imp := range p.Imports {
					if strings.HasPrefix(imp, "healthlab/") && !matchesAny(rule.allowed, imp) {
						t.Errorf("%s imports %s", p.ImportPath, imp)
					}
				}
			}
			if !matched && !rule.planned {
				t.Errorf("no package matches %s", rule.of)
			}
		})
	}
	t.Run("only the control plane brings Kubernetes itself, only the command brings the control plane", func(t *testing.T) {
		for _, p := range packages {
			for _, imp := range p.Imports {
				heavy := hasPrefix([]string{"k8s.io/kubernetes/", "go.etcd.io/"}, imp)
				if heavy && p.ImportPath != "healthlab/lab/embedded" {
					t.Errorf("%s imports %s", p.ImportPath, imp)
				}
				if imp == "healthlab/lab/embedded" && p.ImportPath != "healthlab/cmd/healthlab" {
					t.Errorf("%s imports %s", p.ImportPath, imp)
				}
			}
		}
	})
	t.Run("faces and sessions meet in the command line only", func(t *testing.T) {
		for _, p := range packages {
			both := slices.ContainsFunc(p.Deps, func(dep string) bool { return matches("tui/...", dep) }) &&
				slices.Contains(p.Deps, "healthlab/lab/session")
			if both && !matchesAny([]string{"cmd/...", "lab/class"}, p.ImportPath) {
				t.Errorf("%s reaches both", p.ImportPath)
			}
		}
	})
}

func matches(pattern, path string) bool {
	tree, isTree := strings.CutSuffix("healthlab/"+pattern, "/...")
	return path == tree || isTree && strings.HasPrefix(path, tree+"/")
}

func matchesAny(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, path) })
}

func hasPrefix(prefixes []string, path string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(path, p) })
}
