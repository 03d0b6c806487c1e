package node

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"

	"healthlab/lab/node/sandbox"
	"healthlab/lab/podspec"
)

// maxHookOutput bounds what is kept of the output of an exec hook, which appears in its error only.
const maxHookOutput = 10 << 10

// preStop runs the container's preStop hook for at most grace seconds and returns how many it took.
func (w *podWorker) preStop(ctx context.Context, pod *v1.Pod, c *v1.Container, e *execution, grace int64) int64 {
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, time.Duration(grace)*time.Second)
	defer cancel()
	if _, err := w.hook(ctx, pod, c, e, c.Lifecycle.PreStop); err != nil {
		w.agent.events.container(pod, c.Name, v1.EventTypeWarning, "FailedPreStopHook", "PreStopHook failed")
	}
	return int64(time.Since(start).Seconds())
}

// hook runs a lifecycle hook (pkg/kubelet/lifecycle/handlers.go). The message says in the kubelet's words what went
// wrong.
func (w *podWorker) hook(
	ctx context.Context, pod *v1.Pod, c *v1.Container, e *execution, h *v1.LifecycleHandler,
) (message string, err error) {
	// A container that ends takes its hook with it.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.wg.Go(func() {
		select {
		case <-e.over:
			cancel()
		case <-ctx.Done():
		}
	})
	about := fmt.Sprintf("for Container %q in Pod %q failed - error: ", c.Name, podFullName(pod))
	switch {
	case h.Exec != nil:
		out := &limitedBuffer{limit: maxHookOutput}
		code, err := e.sandbox.Exec(ctx, sandbox.ExecConfig{Command: h.Exec.Command, Stdout: out, Stderr: out})
		if err == nil && code != 0 {
			err = fmt.Errorf("command '%s' exited with %d: %s", strings.Join(h.Exec.Command, " "), code, out.bytes())
		}
		return fmt.Sprintf("Exec lifecycle hook (%v) %s%v, message: %q", h.Exec.Command, about, err, out.bytes()), err
	case h.HTTPGet != nil:
		err := w.httpHook(ctx, c, h.HTTPGet)
		return fmt.Sprintf("HTTP lifecycle hook (%s) %s%v", h.HTTPGet.Path, about, err), err
	case h.Sleep != nil:
		err := sleep(ctx, time.Duration(h.Sleep.Seconds)*time.Second)
		return fmt.Sprintf("Sleep lifecycle hook (%d) %s%v", h.Sleep.Seconds, about, err), err
	}
	err = fmt.Errorf("invalid handler: %v", h)
	return fmt.Sprintf("Cannot run handler: %v", err), err
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return errors.New("container terminated before sleep hook finished")
	}
}

// httpHook sends the request of a hook. Any answer will do.
func (w *podWorker) httpHook(ctx context.Context, c *v1.Container, h *v1.HTTPGetAction) error {
	port, err := podspec.Port(h.Port).Resolve(podspec.Ports(c))
	if err != nil {
		return err
	}
	host := h.Host
	if host == "" {
		host = w.ip
	}
	address := net.JoinHostPort(host, strconv.Itoa(port))
	u, err := url.Parse(strings.ToLower(string(h.Scheme)) + "://" + address + "/" + strings.TrimPrefix(h.Path, "/"))
	if err != nil {
		return err
	}
	if u.Scheme == "" {
		u.Scheme = "http"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", "kube-lifecycle/1.37")
	req.Header.Set("Accept", "*/*")
	for _, header := range h.HTTPHeaders {
		req.Header.Set(header.Name, header.Value)
		if strings.EqualFold(header.Name, "Host") {
			req.Host = header.Value
		}
	}
	transport := &http.Transport{
		DialContext:       w.agent.runtime.Dial,
		DisableKeepAlives: true,
		// Like a probe, a hook does not ask who answers.
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxHookOutput)) // the answer does not matter
	return nil
}
