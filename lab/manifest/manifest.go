// Package manifest reads what a Kubernetes manifest makes, for whoever writes it to a cluster and whoever deletes it again. It
// decodes as kubectl does: any number of documents, YAML or JSON, of which only kinds and names are looked at.
//
// It owns no state, and judges nothing: whether objects are healthlab's or the namespace is the right one is for its callers.
package manifest

import (
	"errors"
	"fmt"
	"io"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// MaxBytes is how large a manifest may be. The API server takes no object of more than 3 MiB.
const MaxBytes = 4 << 20

// Objects lists what a manifest makes, as kind/name with the kind in lower case. It reads at most MaxBytes, and takes the end
// of that for the manifest's.
func Objects(manifest io.Reader) ([]string, error) {
	decoder := yaml.NewYAMLOrJSONDecoder(io.LimitReader(manifest, MaxBytes), 4096)
	var names []string
	for {
		var object metav1.PartialObjectMetadata
		if err := decoder.Decode(&object); errors.Is(err, io.EOF) {
			return names, nil
		} else if err != nil {
			return nil, fmt.Errorf("after %d objects: %w", len(names), err)
		}
		if object.Kind != "" {
			names = append(names, strings.ToLower(object.Kind)+"/"+object.Name)
		}
	}
}
