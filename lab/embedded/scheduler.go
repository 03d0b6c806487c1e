package embedded

import (
	"context"
	"sync"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/events"
	"k8s.io/kubernetes/pkg/scheduler"
	"k8s.io/kubernetes/pkg/scheduler/profile"
)

// startScheduler starts the scheduler with its default profile and returns when it has seen all pods and nodes.
func startScheduler(ctx context.Context, config *rest.Config) (_ running, err error) {
	client, err := kubernetes.NewForConfig(protobuf(config))
	if err != nil {
		return running{}, err
	}
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	informers := scheduler.NewInformerFactory(client, 0, nil)
	broadcaster := events.NewBroadcaster(&events.EventSinkImpl{Interface: client.EventsV1()})
	var loop sync.WaitGroup
	part := running{stop: func(ctx context.Context) error {
		cancel()
		ended := make(chan struct{})
		go func() {
			loop.Wait()
			broadcaster.Shutdown()
			informers.Shutdown()
			close(ended)
		}()
		return waitFor(ctx, ended)
	}}
	// One node never needs more than one goroutine to be looked at.
	s, err := scheduler.New(working, client, informers, nil, profile.NewRecorderFactory(broadcaster),
		scheduler.WithParallelism(1), scheduler.WithKubeConfig(config))
	if err != nil {
		return part, err
	}
	broadcaster.StartRecordingToSink(working.Done())
	informers.Start(working.Done())
	informers.WaitForCacheSync(ctx.Done())
	if err := s.WaitForHandlersSync(ctx); err != nil {
		return part, err
	}
	loop.Go(func() { s.Run(working) })
	return part, nil
}
