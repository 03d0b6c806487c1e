package why

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"healthlab/cmd/internal/usage"
	"healthlab/lab"
)

// Target is what is asked about: a pod, or the pods of a controller. The zero Target is all pods of the namespace.
type Target struct {
	Kind string // as in lab.Owner, or Pod, or Deployment
	Name string
}

// kinds are the names by which kubectl knows what has pods.
var kinds = []struct {
	kind, prefix string // as the API and as a short name have it
	names        []string
}{
	{"Pod", "pod", []string{"pods", "po"}},
	{"Deployment", "deploy", []string{"deployment", "deployments"}},
	{"ReplicaSet", "rs", []string{"replicaset", "replicasets"}},
	{"StatefulSet", "sts", []string{"statefulset", "statefulsets"}},
	{"DaemonSet", "ds", []string{"daemonset", "daemonsets"}},
	{"Job", "job", []string{"jobs"}},
}

// ParseTarget reads NAME of a pod, or KIND/NAME as kubectl takes it.
func ParseTarget(args []string) (Target, error) {
	if len(args) == 0 {
		return Target{}, nil
	}
	kind, name, named := strings.Cut(args[0], "/")
	if len(args) > 1 || named && (name == "" || strings.Contains(name, "/")) || args[0] == "" {
		return Target{}, usage.Error{Err: lab.Errorf(nil, "이름 하나만 쓰십시오. 예: web-1, pod/web-1, deploy/web",
			"give one name, such as web-1, pod/web-1 or deploy/web")}
	}
	if !named {
		return Target{Kind: "Pod", Name: args[0]}, nil
	}
	kind, _, _ = strings.Cut(strings.ToLower(kind), ".") // deployments.apps
	var short []string
	for _, k := range kinds {
		if kind == k.prefix || slices.Contains(k.names, kind) {
			return Target{Kind: k.kind, Name: name}, nil
		}
		short = append(short, k.prefix)
	}
	return Target{}, usage.Error{Err: lab.Errorf(nil, "%q 종류에는 볼 파드가 없습니다. 쓸 수 있는 종류: %s",
		"%q has no pods to look at; the kinds are %s", kind, strings.Join(short, ", "))}
}

// String is the target as it is typed.
func (t Target) String() string {
	for _, k := range kinds {
		if k.kind == t.Kind {
			return k.prefix + "/" + t.Name
		}
	}
	return t.Name
}

// of reports whether a pod is meant. That a deployment owns a pod is told by the names that it gives its replica sets, which
// takes no rights but those to read pods.
func (t Target) of(p lab.Pod) bool {
	switch t.Kind {
	case "":
		return true
	case "Pod":
		return p.Name == t.Name
	}
	return slices.Contains(owners(p), t)
}

// owners are the controllers above a pod.
func owners(p lab.Pod) []Target {
	if p.Owner.Name == "" {
		return nil
	}
	out := []Target{{p.Owner.Kind, p.Owner.Name}}
	if hash := p.Labels["pod-template-hash"]; p.Owner.Kind == "ReplicaSet" && hash != "" {
		if deployment, ok := strings.CutSuffix(p.Owner.Name, "-"+hash); ok {
			out = append(out, Target{"Deployment", deployment})
		}
	}
	return out
}

// Names are what the word could become that a user has begun to type: pods, or with a kind before a slash what is of that kind.
func Names(pods []lab.Pod, word string) []string {
	var out []string
	kind, _, named := strings.Cut(word, "/")
	for _, p := range pods {
		if !named {
			out = append(out, p.Name)
			continue
		}
		target, err := ParseTarget([]string{kind + "/x"})
		if err != nil {
			return nil
		}
		if target.Kind == "Pod" {
			out = append(out, kind+"/"+p.Name)
		}
		for _, owner := range owners(p) {
			if owner.Kind == target.Kind {
				out = append(out, kind+"/"+owner.Name)
			}
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return slices.DeleteFunc(out, func(name string) bool { return !strings.HasPrefix(name, word) || lab.Printable(name) != name })
}

// nearest are the names that may have been meant; cobra knows how to find them.
func nearest(name string, names []string) []string {
	c := &cobra.Command{SuggestionsMinimumDistance: max(2, len(name)/4)}
	for _, n := range names {
		c.AddCommand(&cobra.Command{Use: n, Run: func(*cobra.Command, []string) {}})
	}
	return c.SuggestionsFor(name)
}

// maxNamed is how many names an error tells.
const maxNamed = 8

// notFound tells that there is nothing of a name, and what there is.
func notFound(target Target, namespace string, pods []lab.Pod) error {
	prefix := ""
	if target.Kind != "Pod" {
		prefix, _, _ = strings.Cut(target.String(), "/")
		prefix += "/"
	}
	names := Names(pods, prefix)
	var hint lab.Text
	switch similar := nearest(prefix+target.Name, names); {
	case len(similar) > 0:
		hint = lab.Textf(" 혹시 %s입니까?", ": did you mean %s?", few(similar))
	case len(names) > 0:
		hint = lab.Textf(" 있는 것: %s", ": there are %s", few(names))
	}
	if target.Kind == "Pod" {
		return lab.Errorf(nil, "네임스페이스 %[2]s에 %[1]s 파드가 없습니다.%[3]s", "there is no pod %[1]s in namespace %[2]s%[3]s",
			lab.Printable(target.Name), namespace, hint)
	}
	return lab.Errorf(nil, "네임스페이스 %[2]s에 %[1]s의 파드가 없습니다.%[3]s", "there is no pod of %[1]s in namespace %[2]s%[3]s",
		lab.Printable(target.String()), namespace, hint)
}

// few joins the first names.
func few(names []string) lab.Text {
	list := strings.Join(names[:min(len(names), maxNamed)], ", ")
	if more := len(names) - maxNamed; more > 0 {
		return lab.Textf("%s 외 %d개", "%s and %d more", list, more)
	}
	return lab.Same(list)
}
