package cluster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"healthlab/lab"
)

// What is read once, without a watch, is asked for in pages.
const (
	pageSize = 500
	maxPages = 40
)

// ErrForbidden is why something was not read that the user has no rights to read.
var ErrForbidden = errors.New("not permitted")

// ErrNotFound is why something was not read that does not exist.
var ErrNotFound = errors.New("not found")

// ErrTooMany is why no more was read: there is more than anybody would look at.
var ErrTooMany = errors.New("too many")

// unreadError is why something could not be read.
type unreadError struct {
	told *lab.Error
	kind error // one of those above
}

// Error implements error.
func (u *unreadError) Error() string { return u.told.Error() }

// Unwrap returns the text for the user.
func (u *unreadError) Unwrap() error { return u.told }

// Is tells of what kind it is.
func (u *unreadError) Is(target error) bool { return target == u.kind }

// unread tells why something could not be read, in one sentence; errors.Is finds ErrForbidden and ErrNotFound.
func (c *Client) unread(err error) error {
	told := &lab.Error{Msg: explain(c.info.Server, err).Msg}
	switch {
	case apierrors.IsForbidden(err):
		return &unreadError{told, ErrForbidden}
	case apierrors.IsNotFound(err):
		return &unreadError{told, ErrNotFound}
	}
	return told
}

func tooManyToRead(told lab.Text) error { return &unreadError{&lab.Error{Msg: told}, ErrTooMany} }

// Pods lists the pods of the namespace, by name. The error is a *lab.Error.
func (c *Client) Pods(ctx context.Context) (pods []lab.Pod, err error) {
	options := metav1.ListOptions{Limit: pageSize}
	for range maxPages {
		page, err := c.clientset.CoreV1().Pods(c.config.Namespace).List(ctx, options)
		if err != nil {
			return nil, c.unread(err)
		}
		for i := range page.Items {
			pods = append(pods, convertPod(&page.Items[i]))
		}
		if options.Continue = page.Continue; options.Continue == "" {
			return pods, nil
		}
	}
	return nil, tooManyToRead(lab.Textf("네임스페이스에 파드가 %d개가 넘습니다. 이름을 지정하십시오",
		"there are more than %d pods in the namespace: name one", pageSize*maxPages))
}

// Pod gets one pod. The error is a *lab.Error.
func (c *Client) Pod(ctx context.Context, name string) (lab.Pod, error) {
	pod, err := c.clientset.CoreV1().Pods(c.config.Namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return lab.Pod{}, c.unread(err)
	}
	return convertPod(pod), nil
}

// NamespaceMissing reports whether the namespace is known not to exist. Who may not get it cannot know.
func (c *Client) NamespaceMissing(ctx context.Context) bool {
	_, err := c.clientset.CoreV1().Namespaces().Get(ctx, c.config.Namespace, metav1.GetOptions{})
	return apierrors.IsNotFound(err)
}

// Events lists those events of the namespace that keep takes, in any order. With ErrTooMany those that were read are returned.
// The error is a *lab.Error.
func (c *Client) Events(ctx context.Context, keep func(lab.Event) bool) (events []lab.Event, err error) {
	options := metav1.ListOptions{Limit: pageSize}
	for range maxPages {
		page, err := c.clientset.CoreV1().Events(c.config.Namespace).List(ctx, options)
		if err != nil {
			return events, c.unread(err)
		}
		for i := range page.Items {
			if e := convertEvent(&page.Items[i]); keep(e) {
				events = append(events, e)
			}
		}
		if options.Continue = page.Continue; options.Continue == "" {
			return events, nil
		}
	}
	return events, tooManyToRead(lab.Textf("네임스페이스에 이벤트가 %d개가 넘어 모두 보지는 않았습니다",
		"there are more than %d events in the namespace, and not all were read", pageSize*maxPages))
}

// maxLastLines is how much of the end of a log LastLines reads, in bytes.
const maxLastLines = 64 << 10

// LastLines returns the last lines that a container wrote, of its run before this one if previous. The error is a *lab.Error.
func (c *Client) LastLines(ctx context.Context, pod, container string, previous bool, most int64) ([]lab.LogLine, error) {
	limit := int64(maxLastLines)
	stream, err := c.clientset.CoreV1().Pods(c.config.Namespace).GetLogs(pod, &corev1.PodLogOptions{
		Container: container, Previous: previous, Timestamps: true, TailLines: &most, LimitBytes: &limit,
	}).Stream(ctx)
	if err != nil {
		return nil, c.unread(err)
	}
	defer stream.Close()
	var lines []lab.LogLine
	in := bufio.NewReaderSize(io.LimitReader(stream, maxLastLines), maxLogLine)
	for int64(len(lines)) < most {
		text, err := readLine(in)
		if text != "" {
			lines = append(lines, parseLogLine(text))
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, c.unread(fmt.Errorf("read the log of %s: %w", pod, err))
		}
	}
	return lines, nil
}
