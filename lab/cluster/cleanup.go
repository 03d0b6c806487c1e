package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"healthlab/lab"
)

// Remains lists what the labs have left in the namespace: the objects with healthlab's label, and last the namespace
// itself, if it is healthlab's and nothing else is in it. The error, a *lab.Error, says why nothing may be deleted there.
func (c *Client) Remains(ctx context.Context) ([]lab.Remnant, error) {
	around, err := c.survey(ctx, true)
	if err != nil {
		return nil, err
	}
	if around.phase == "" && !around.hidden {
		return nil, nil
	}
	if err := around.refusal(); err != nil {
		return nil, err
	}
	others, sure, err := c.others(ctx)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(around.objects, others)
	var remains []lab.Remnant
	for _, o := range all {
		if o.ours {
			remains = append(remains, o.Remnant)
		}
	}
	if around.ours && len(remains) == len(all) && len(around.unreachable) == 0 && sure {
		remains = append(remains, lab.Remnant{Name: "namespace/" + around.namespace})
	}
	return remains, nil
}

// Delete deletes objects that Remains listed, and tells each that is gone or on its way. It goes on after an error and
// returns all of them.
func (c *Client) Delete(ctx context.Context, remains []lab.Remnant, deleted func(lab.Remnant)) error {
	if c.config.ReadOnly {
		return errReadOnly(lab.T("삭제하지 않습니다", "nothing is deleted"))
	}
	var problems []error
	for _, o := range remains {
		err := c.remove(ctx, o)
		switch {
		case err == nil:
			deleted(o)
		case !apierrors.IsNotFound(err):
			problems = append(problems, explain(c.info.Server, fmt.Errorf("delete %s: %w", o.Name, err)))
		}
	}
	return errors.Join(problems...)
}

// remove deletes one object, if it is still the labs'.
func (c *Client) remove(ctx context.Context, o lab.Remnant) error {
	kindName, name, _ := strings.Cut(o.Name, "/")
	options := metav1.DeleteOptions{PropagationPolicy: new(metav1.DeletePropagationBackground)}
	if c.config.DryRun {
		options.DryRun = []string{metav1.DryRunAll}
	}
	if kindName == "namespace" {
		return c.clientset.CoreV1().Namespaces().Delete(ctx, name, options)
	}
	client := c.metadata.Resource(schema.GroupVersionResource{Group: o.Group, Version: o.Version, Resource: o.Resource}).Namespace(c.config.Namespace)
	// Somebody may have made an object of the same name since.
	item, err := client.Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if !ours(item) {
		return fmt.Errorf("it is no longer healthlab's")
	}
	options.Preconditions = &metav1.Preconditions{UID: new(item.UID)}
	return client.Delete(ctx, name, options)
}
