package cluster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/remotecommand"
	utilexec "k8s.io/client-go/util/exec"
	"k8s.io/streaming/pkg/httpstream"

	"healthlab/lab"
)

// Logs follows what a container writes, from its start or from since on, and calls emit for each line, until the container
// ends (nil), ctx ends or the connection breaks.
func (c *Client) Logs(ctx context.Context, pod, container string, since time.Time, emit func(lab.LogLine)) error {
	options := &corev1.PodLogOptions{Container: container, Follow: true, Timestamps: true}
	if !since.IsZero() {
		options.SinceTime = &metav1.Time{Time: since}
	}
	stream, err := c.clientset.CoreV1().Pods(c.config.Namespace).GetLogs(pod, options).Stream(ctx)
	if err != nil {
		return explain(c.info.Server, err)
	}
	defer stream.Close()
	lines := bufio.NewReaderSize(stream, 64<<10)
	for {
		text, err := lines.ReadString('\n')
		if text != "" {
			emit(parseLogLine(strings.TrimRight(text, "\r\n")))
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return explain(c.info.Server, fmt.Errorf("read the log of %s: %w", pod, err))
		}
	}
}

// parseLogLine takes off the timestamp that the API server was asked to put before each line.
func parseLogLine(line string) lab.LogLine {
	stamp, text, ok := strings.Cut(line, " ")
	at, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil || !ok {
		return lab.LogLine{Text: line}
	}
	return lab.LogLine{At: at, Text: text}
}

// Exec runs command in a container until it ends or ctx does, over WebSocket or, where that is not to be had, SPDY. It
// returns at most limit bytes of both output streams in the order in which they arrived, and the exit code. The end of ctx
// is reported as ctx's error; any other error means that the command could not be run.
func (c *Client) Exec(ctx context.Context, pod, container string, command []string, limit int) ([]byte, int, error) {
	if c.config.ReadOnly {
		return nil, 0, errReadOnly(lab.Text{
			Ko: "컨테이너 안에서 명령을 실행하지 않습니다. kubelet의 결과만 보입니다",
			En: "no command is run in containers; what the kubelet reports is shown",
		})
	}
	request := c.clientset.CoreV1().RESTClient().Post().Resource("pods").Namespace(c.config.Namespace).Name(pod).
		SubResource("exec").VersionedParams(&corev1.PodExecOptions{
		Container: container, Command: command, Stdout: true, Stderr: true,
	}, scheme.ParameterCodec)
	webSocket, err := remotecommand.NewWebSocketExecutor(c.rest, "GET", request.URL().String())
	if err != nil {
		return nil, 0, explain(c.info.Server, err)
	}
	spdy, err := remotecommand.NewSPDYExecutor(c.rest, "POST", request.URL())
	if err != nil {
		return nil, 0, explain(c.info.Server, err)
	}
	executor, err := remotecommand.NewFallbackExecutor(webSocket, spdy, cannotUpgrade)
	if err != nil {
		return nil, 0, explain(c.info.Server, err)
	}
	output := &boundedBuffer{limit: limit}
	err = executor.StreamWithContext(ctx, remotecommand.StreamOptions{Stdout: output, Stderr: output})
	var exit utilexec.CodeExitError
	switch {
	case err == nil:
		return output.bytes(), 0, nil
	case ctx.Err() != nil:
		return output.bytes(), 0, ctx.Err()
	case errors.As(err, &exit):
		return output.bytes(), exit.Code, nil
	default:
		return output.bytes(), 0, explain(c.info.Server, err)
	}
}

// cannotUpgrade reports whether a server or proxy without WebSocket support is why a connection failed.
func cannotUpgrade(err error) bool {
	return httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err)
}

// boundedBuffer keeps the first limit bytes written to it, from several goroutines, and takes the rest without a word.
type boundedBuffer struct {
	limit int
	mu    sync.Mutex
	data  []byte
}

// Write implements io.Writer.
func (b *boundedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data = append(b.data, p[:min(len(p), b.limit-len(b.data))]...)
	return len(p), nil
}

func (b *boundedBuffer) bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data
}

// Kubectl runs kubectl with args as a child process on this cluster and namespace, writes both its streams to out in the
// order in which they come, and returns its exit code. The end of ctx kills it and is returned as ctx's error; any other
// error means that it could not be started, or is refused by ReadOnly. With DryRun it is rehearsed only. It reads no input.
func (c *Client) Kubectl(ctx context.Context, args []string, out io.Writer) (int, error) {
	if done, code, err := c.restrain(ctx, args, out); done {
		return code, err
	}
	return c.runKubectl(ctx, args, out)
}

func (c *Client) runKubectl(ctx context.Context, args []string, out io.Writer) (int, error) {
	command, err := c.kubectlOn(ctx, "", args)
	if err != nil {
		return 0, err
	}
	// One writer for both streams makes os/exec use one pipe, which keeps their order.
	command.Stdout, command.Stderr = out, out
	err = command.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case errors.As(err, &exit):
		return exit.ExitCode(), nil
	case err != nil:
		return 0, notStarted(err)
	}
	return 0, nil
}

// kubectlOn prepares kubectl with args on this cluster and namespace, as a child process that the end of ctx kills. hidden
// is a command that has to stand before everything else; empty for none.
func (c *Client) kubectlOn(ctx context.Context, hidden string, args []string) (*exec.Cmd, error) {
	if len(c.config.KubectlCommand) == 0 {
		return nil, &lab.Error{Msg: lab.Text{Ko: "kubectl을 실행할 수 없습니다", En: "there is no kubectl to run"}}
	}
	line := append([]string{}, c.config.KubectlCommand[1:]...)
	if hidden != "" {
		line = append(line, hidden)
	}
	line = append(line, c.kubeArgs...)
	line = append(line, "--namespace="+c.config.Namespace)
	command := exec.CommandContext(ctx, c.config.KubectlCommand[0], append(line, args...)...)
	// A credential plug-in that outlives kubectl must not keep the pipe open.
	command.WaitDelay = 2 * time.Second
	return command, nil
}

func notStarted(err error) error {
	return &lab.Error{Msg: lab.Textf("kubectl을 시작할 수 없습니다: %s", "cannot start kubectl: %s", brief(err)), Cause: err}
}
