package cluster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

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
	lines := bufio.NewReaderSize(stream, maxLogLine)
	for {
		text, err := readLine(lines)
		if text != "" {
			emit(parseLogLine(text))
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

// maxLogLine is how much of a line of a log is kept, in bytes.
const maxLogLine = 64 << 10

// readLine reads a line without its end, as much of it as lines has room for; the rest is skipped.
func readLine(lines *bufio.Reader) (string, error) {
	kept, err := lines.ReadSlice('\n')
	text := strings.TrimRight(string(kept), "\r\n")
	if errors.Is(err, bufio.ErrBufferFull) {
		text = strings.ToValidUTF8(text, "") + "…"
	}
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = lines.ReadSlice('\n')
	}
	return text, err
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
		return nil, lab.Errorf(nil, "kubectl을 실행할 수 없습니다", "there is no kubectl to run")
	}
	line := append([]string{}, c.config.KubectlCommand[1:]...)
	if hidden != "" {
		line = append(line, hidden)
	}
	line = append(line, c.kubeArgs...)
	line = append(line, "--namespace="+c.config.Namespace)
	command := exec.CommandContext(ctx, c.config.KubectlCommand[0], append(line, args...)...)
	if c.kubeFiles != "" {
		// A kubectl of healthlab's own would otherwise take an embedded cluster for what is meant.
		command.Env = append(os.Environ(), "KUBECONFIG="+c.kubeFiles)
	}
	// A credential plug-in that outlives kubectl must not keep the pipe open.
	command.WaitDelay = 2 * time.Second
	return command, nil
}

func notStarted(err error) error {
	return lab.Errorf(err, "kubectl을 시작할 수 없습니다: %s", "cannot start kubectl: %s", brief(err))
}
