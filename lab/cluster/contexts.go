package cluster

import (
	"slices"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"healthlab/lab"
)

// Contexts lists what a kubeconfig offers, by name, and in a pod the cluster around it. kubeconfig is a path, or empty for the files that kubectl reads. It
// sends nothing: whether a server answers is told by Open and Version. The error is a *lab.Error.
func Contexts(kubeconfig string) ([]lab.Context, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.WarnIfAllMissing = false
	rules.ExplicitPath = kubeconfig
	raw, err := readKubeconfig(rules)
	if err != nil {
		return nil, err
	}
	contexts := make([]lab.Context, 0, len(raw.Contexts))
	for name, c := range raw.Contexts {
		one := lab.Context{Name: name, Namespace: c.Namespace, Current: name == raw.CurrentContext}
		if cluster := raw.Clusters[c.Cluster]; cluster != nil {
			one.Server = cluster.Server
		}
		contexts = append(contexts, one)
	}
	if _, named := raw.Contexts[InCluster]; kubeconfig == "" && !named {
		if around, err := rest.InClusterConfig(); err == nil {
			contexts = append(contexts, lab.Context{Name: InCluster, Server: around.Host})
		}
	}
	slices.SortFunc(contexts, func(a, b lab.Context) int { return strings.Compare(a.Name, b.Name) })
	return contexts, nil
}
