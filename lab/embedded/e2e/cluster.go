package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// startCluster starts healthlab's embedded cluster, with files of its own, and points o at it.
func (o *options) startCluster(ctx context.Context) (stop func(), err error) {
	c := exec.Command(o.healthlab, "cluster", "--lang", "en", "--state-dir", filepath.Join(o.out, "state"))
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	stop = func() {
		_ = c.Process.Signal(os.Interrupt)
		_ = c.Wait() // a second cause would hide what the specs say
	}
	line := make(chan string, 1)
	go func() {
		defer close(line)
		scanner := bufio.NewScanner(out)
		for scanner.Scan() {
			if path, ok := strings.CutPrefix(scanner.Text(), "export KUBECONFIG="); ok {
				line <- path
			}
		}
	}()
	select {
	case path, ok := <-line:
		if ok {
			o.kubeconfig = path
			return stop, nil
		}
		err = fmt.Errorf("%s cluster ended before the cluster was up", o.healthlab)
	case <-time.After(time.Minute):
		err = errors.New("the cluster was not up within a minute")
	case <-ctx.Done():
		err = ctx.Err()
	}
	stop()
	return nil, err
}
