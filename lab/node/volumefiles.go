package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"time"

	authv1 "k8s.io/api/authentication/v1"
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// volumeFile is one file of a volume that is made from API objects.
type volumeFile struct {
	Data []byte
	Mode fs.FileMode
}

// volumeFiles returns the content of a volume that is made from API objects.
func (w *podWorker) volumeFiles(ctx context.Context, pod *v1.Pod, v *v1.Volume) (map[string]volumeFile, error) {
	a := w.agent
	at := where{PodIP: w.ip, HostIP: a.net.Host().String()}
	switch {
	case v.ConfigMap != nil:
		s := v.ConfigMap
		return a.configMapFiles(ctx, pod.Namespace, s.Name, s.Items, mode(s.DefaultMode), isTrue(s.Optional))
	case v.Secret != nil:
		s := v.Secret
		return a.secretFiles(ctx, pod.Namespace, s.SecretName, s.Items, mode(s.DefaultMode), isTrue(s.Optional))
	case v.DownwardAPI != nil:
		return downwardFiles(pod, v.DownwardAPI.Items, mode(v.DownwardAPI.DefaultMode), at)
	case v.Projected != nil:
		return w.projectedFiles(ctx, pod, v.Name, v.Projected, at)
	}
	return nil, errors.New("this node has only emptyDir, hostPath, persistentVolumeClaim, ephemeral, configMap, secret, " +
		"downwardAPI and projected volumes")
}

func mode(m *int32) fs.FileMode {
	if m == nil {
		return 0o644
	}
	return fs.FileMode(*m) & fs.ModePerm
}

func (a *Agent) configMapFiles(
	ctx context.Context, namespace, name string, items []v1.KeyToPath, m fs.FileMode, optional bool,
) (map[string]volumeFile, error) {
	cm, err := a.configMap(ctx, namespace, name)
	if apierrors.IsNotFound(err) && optional {
		return map[string]volumeFile{}, nil
	}
	if err != nil {
		return nil, err
	}
	data := maps.Clone(cm.BinaryData)
	if data == nil {
		data = map[string][]byte{}
	}
	for k, v := range cm.Data {
		data[k] = []byte(v)
	}
	return keysToFiles(data, items, m, optional, "configmap")
}

func (a *Agent) secretFiles(
	ctx context.Context, namespace, name string, items []v1.KeyToPath, m fs.FileMode, optional bool,
) (map[string]volumeFile, error) {
	s, err := a.secret(ctx, namespace, name)
	if apierrors.IsNotFound(err) && optional {
		return map[string]volumeFile{}, nil
	}
	if err != nil {
		return nil, err
	}
	return keysToFiles(s.Data, items, m, optional, "secret")
}

func keysToFiles(
	data map[string][]byte, items []v1.KeyToPath, m fs.FileMode, optional bool, kind string,
) (map[string]volumeFile, error) {
	files := map[string]volumeFile{}
	if len(items) == 0 {
		for k, v := range data {
			files[k] = volumeFile{v, m}
		}
		return files, nil
	}
	for _, item := range items {
		v, ok := data[item.Key]
		if !ok {
			if optional {
				continue
			}
			return nil, fmt.Errorf("%s references non-existent %s key: %s", kind, kind, item.Key)
		}
		f := volumeFile{v, m}
		if item.Mode != nil {
			f.Mode = mode(item.Mode)
		}
		files[item.Path] = f
	}
	return files, nil
}

func downwardFiles(
	pod *v1.Pod, items []v1.DownwardAPIVolumeFile, m fs.FileMode, at where,
) (map[string]volumeFile, error) {
	files := map[string]volumeFile{}
	for _, item := range items {
		var (
			value string
			err   error
		)
		switch {
		case item.FieldRef != nil:
			value, err = fieldValue(pod, item.FieldRef.FieldPath, at)
		case item.ResourceFieldRef != nil:
			value, err = resourceValue(pod, &v1.Container{}, item.ResourceFieldRef)
		}
		if err != nil {
			return nil, err
		}
		f := volumeFile{[]byte(value), m}
		if item.Mode != nil {
			f.Mode = mode(item.Mode)
		}
		files[item.Path] = f
	}
	return files, nil
}

func (w *podWorker) projectedFiles(
	ctx context.Context, pod *v1.Pod, name string, p *v1.ProjectedVolumeSource, at where,
) (map[string]volumeFile, error) {
	a := w.agent
	all := map[string]volumeFile{}
	for _, src := range p.Sources {
		var (
			files map[string]volumeFile
			err   error
		)
		switch m := mode(p.DefaultMode); {
		case src.ConfigMap != nil:
			s := src.ConfigMap
			files, err = a.configMapFiles(ctx, pod.Namespace, s.Name, s.Items, m, isTrue(s.Optional))
		case src.Secret != nil:
			s := src.Secret
			files, err = a.secretFiles(ctx, pod.Namespace, s.Name, s.Items, m, isTrue(s.Optional))
		case src.DownwardAPI != nil:
			files, err = downwardFiles(pod, src.DownwardAPI.Items, m, at)
		case src.ServiceAccountToken != nil:
			files, err = w.tokenFile(ctx, pod, name, src.ServiceAccountToken, m)
		default:
			err = fmt.Errorf("a projected source is of a kind that this node does not have")
		}
		if err != nil {
			return nil, err
		}
		maps.Copy(all, files)
	}
	return all, nil
}

// token is a service account token with the time at which to ask for another one.
type token struct {
	text string
	till time.Time
}

// tokenFile asks the API server for a token that is bound to the pod, and again when four fifths of its life are over.
func (w *podWorker) tokenFile(
	ctx context.Context, pod *v1.Pod, volume string, p *v1.ServiceAccountTokenProjection, m fs.FileMode,
) (map[string]volumeFile, error) {
	key := volume + "/" + p.Path
	if t, ok := w.tokens[key]; ok && time.Now().Before(t.till) {
		return map[string]volumeFile{p.Path: {[]byte(t.text), m}}, nil
	}
	request := &authv1.TokenRequest{Spec: authv1.TokenRequestSpec{
		ExpirationSeconds: p.ExpirationSeconds,
		BoundObjectRef: &authv1.BoundObjectReference{
			APIVersion: "v1", Kind: "Pod", Name: pod.Name, UID: pod.UID,
		},
	}}
	if p.Audience != "" {
		request.Spec.Audiences = []string{p.Audience}
	}
	got, err := w.agent.cfg.Client.CoreV1().ServiceAccounts(pod.Namespace).
		CreateToken(ctx, pod.Spec.ServiceAccountName, request, metav1.CreateOptions{})
	if err != nil {
		return nil, fmt.Errorf("failed to fetch token: %w", err)
	}
	life := time.Until(got.Status.ExpirationTimestamp.Time)
	w.tokens[key] = token{got.Status.Token, time.Now().Add(life * 4 / 5)}
	return map[string]volumeFile{p.Path: {[]byte(got.Status.Token), m}}, nil
}
