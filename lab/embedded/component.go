package embedded

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"healthlab/lab"
)

// stopTimeout bounds how long one component may take to stop. It is long, since a laptop may have much else to do.
const stopTimeout = 15 * time.Second

// component is one named part of the control plane before it runs.
type component struct {
	name string
	// after names the components that must be ready before this one is started.
	after []string
	// start returns when the component is ready. It may be canceled; it then leaves nothing running.
	start func(ctx context.Context) (running, error)
}

// running is a component that has been started.
type running struct {
	// stop ends the component and waits for it, at most until ctx is done. It may be nil.
	stop func(ctx context.Context) error
	// died delivers at most one error, when the component ends by itself. It may be nil.
	died <-chan error
}

// bringUp starts the components, each as soon as those that it needs are ready. Progress is reported from one goroutine
// at a time. When one of them fails, or ends by itself while others still start, the others are canceled, what was started
// is stopped again in the reverse of the listed order, and the first failure is returned.
func bringUp(ctx context.Context, components []component, progress func(lab.Component)) ([]running, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	var reporting sync.Mutex
	report := func(c lab.Component) {
		reporting.Lock()
		defer reporting.Unlock()
		progress(c)
	}
	ready := map[string]chan struct{}{}
	for _, c := range components {
		ready[c.name] = make(chan struct{})
		report(lab.Component{Name: c.name, State: lab.ComponentWaiting})
	}

	parts := make([]running, len(components))
	up := make(chan struct{})
	var starting, watching sync.WaitGroup
	for i, c := range components {
		starting.Go(func() {
			for _, name := range c.after {
				select {
				case <-ready[name]:
				case <-ctx.Done():
					return
				}
			}
			begin := time.Now()
			report(lab.Component{Name: c.name, State: lab.ComponentStarting})
			part, err := c.start(ctx)
			parts[i] = part
			took := time.Since(begin)
			if err != nil {
				// A component that was merely canceled is not the one to blame.
				err = fmt.Errorf("start %s: %w", c.name, err)
				cancel(err)
				report(lab.Component{Name: c.name, State: lab.ComponentFailed, Took: took, Err: context.Cause(ctx).Error()})
				return
			}
			report(lab.Component{Name: c.name, State: lab.ComponentReady, Took: took})
			close(ready[c.name])
			watching.Go(func() {
				select {
				case err := <-part.died:
					cancel(fmt.Errorf("%s: %w", c.name, err))
				case <-ctx.Done():
				case <-up:
				}
			})
		})
	}
	starting.Wait()
	close(up)
	watching.Wait()
	if ctx.Err() != nil {
		return nil, errors.Join(context.Cause(ctx), tearDown(components, parts))
	}
	return parts, nil
}

// tearDown stops what runs, last component first, and gives each its own time. One that does not stop does not keep the
// others from being stopped.
func tearDown(components []component, parts []running) error {
	var errs []error
	for i := len(parts) - 1; i >= 0; i-- {
		if parts[i].stop == nil {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		if err := parts[i].stop(ctx); err != nil {
			errs = append(errs, fmt.Errorf("stop %s: %w", components[i].name, err))
		}
		cancel()
	}
	return errors.Join(errs...)
}

// waitFor waits until done is closed or ctx ends.
func waitFor(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("not stopped in time: %w", ctx.Err())
	}
}
