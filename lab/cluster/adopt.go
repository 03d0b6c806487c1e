package cluster

import (
	"context"
	"fmt"
	"io"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"healthlab/lab"
)

// foreignObject is what is known of an object that is not healthlab's.
func foreignObject(full string, item *metav1.PartialObjectMetadata) lab.ForeignObject {
	o := lab.ForeignObject{Name: full, UID: string(item.UID), Generation: item.Generation}
	for _, entry := range item.ManagedFields {
		// What happens to an object by itself is noted in its status.
		if entry.Subresource == "status" || entry.Time == nil || entry.Time.Time.Before(o.Changed) {
			continue
		}
		o.Owner, o.Changed = entry.Manager, entry.Time.Time
	}
	for _, owner := range []string{item.Labels[lab.ManagedByLabel], item.Annotations[lab.OwnerAnnotation]} {
		if owner != "" {
			o.Owner = owner
		}
	}
	if controller := metav1.GetControllerOf(item); controller != nil {
		o.Controller = strings.ToLower(controller.Kind) + "/" + controller.Name
	}
	return o
}

// Adopt puts healthlab's label on objects that stopped Act, if each is still what it was when it was looked at: otherwise on
// none of them. It refuses what another object controls, and every namespace but the lab's. With DryRun it is only tried.
func (c *Client) Adopt(ctx context.Context, objects []lab.ForeignObject, out io.Writer) error {
	if c.config.ReadOnly {
		return errReadOnly(lab.T("넘겨받지 않습니다", "nothing is adopted"))
	}
	around, err := c.survey(ctx, false)
	if err != nil {
		return err
	}
	if err := around.refusal(); err != nil {
		return err
	}
	versions := make([]string, len(objects))
	for i, o := range objects {
		if versions[i], err = c.adoptable(ctx, o); err != nil {
			return err
		}
	}
	options := metav1.PatchOptions{FieldManager: lab.ManagedBy}
	tried := ""
	if c.config.DryRun {
		options.DryRun, tried = []string{metav1.DryRunAll}, " (server dry run)"
	}
	for i, o := range objects {
		kindName, name, _ := strings.Cut(o.Name, "/")
		patch := fmt.Appendf(nil, `{"metadata":{"uid":%q,"resourceVersion":%q,"labels":{%q:%q},"annotations":{%q:%q}}}`, o.UID, versions[i],
			lab.ManagedByLabel, lab.ManagedBy, lab.OwnerAnnotation, c.config.Owner)
		_, err := c.metadata.Resource(resourceOf(kindName)).Namespace(c.config.Namespace).Patch(ctx, name, types.MergePatchType, patch, options)
		switch {
		case apierrors.IsConflict(err), apierrors.IsNotFound(err):
			return changedSince(o.Name)
		case err != nil:
			return explain(c.info.Server, fmt.Errorf("label %s: %w", o.Name, err))
		}
		fmt.Fprintf(out, "%s labeled %s=%s%s\n", o.Name, lab.ManagedByLabel, lab.ManagedBy, tried)
	}
	return nil
}

// adoptable returns the version of an object that may be adopted, or says why it may not.
func (c *Client) adoptable(ctx context.Context, o lab.ForeignObject) (version string, err error) {
	kindName, name, _ := strings.Cut(o.Name, "/")
	resource := resourceOf(kindName)
	if resource.Empty() {
		return "", lab.Errorf(nil, "%s은(는) 넘겨받지 않습니다", "%s cannot be adopted", o.Name)
	}
	item, err := c.metadata.Resource(resource).Namespace(c.config.Namespace).Get(ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return "", changedSince(o.Name)
	case err != nil:
		return "", explain(c.info.Server, fmt.Errorf("look at %s: %w", o.Name, err))
	}
	now := foreignObject(o.Name, item)
	switch {
	case now.Controller != "":
		return "", lab.Errorf(nil, "%[2]s이(가) 관리하는 %[1]s은(는) 넘겨받지 않습니다", "%[1]s is controlled by %[2]s and cannot be adopted", o.Name, now.Controller)
	case !now.Same(o):
		return "", changedSince(o.Name)
	}
	return item.ResourceVersion, nil
}

func changedSince(name string) error {
	return lab.Errorf(nil, "%s이(가) 그 사이에 바뀌어 넘겨받지 않았습니다. 단계를 다시 실행해 다시 살펴보십시오",
		"%s has changed in the meantime and was not adopted: run the step again to look at it once more", name)
}
