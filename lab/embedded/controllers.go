package embedded

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apiserver/pkg/quota/v1/generic"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/scale"
	"k8s.io/client-go/util/flowcontrol"
	"k8s.io/client-go/util/keyutil"
	"k8s.io/controller-manager/pkg/informerfactory"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/certificates/rootcacertpublisher"
	"k8s.io/kubernetes/pkg/controller/clusterroleaggregation"
	"k8s.io/kubernetes/pkg/controller/cronjob"
	"k8s.io/kubernetes/pkg/controller/daemon"
	"k8s.io/kubernetes/pkg/controller/deployment"
	"k8s.io/kubernetes/pkg/controller/disruption"
	"k8s.io/kubernetes/pkg/controller/endpoint"
	"k8s.io/kubernetes/pkg/controller/endpointslice"
	"k8s.io/kubernetes/pkg/controller/endpointslicemirroring"
	"k8s.io/kubernetes/pkg/controller/garbagecollector"
	"k8s.io/kubernetes/pkg/controller/job"
	"k8s.io/kubernetes/pkg/controller/namespace"
	"k8s.io/kubernetes/pkg/controller/nodelifecycle"
	"k8s.io/kubernetes/pkg/controller/podautoscaler"
	"k8s.io/kubernetes/pkg/controller/podautoscaler/metrics"
	"k8s.io/kubernetes/pkg/controller/replicaset"
	"k8s.io/kubernetes/pkg/controller/replication"
	"k8s.io/kubernetes/pkg/controller/resourcequota"
	"k8s.io/kubernetes/pkg/controller/serviceaccount"
	"k8s.io/kubernetes/pkg/controller/statefulset"
	"k8s.io/kubernetes/pkg/controller/tainteviction"
	"k8s.io/kubernetes/pkg/controller/ttlafterfinished"
	quotainstall "k8s.io/kubernetes/pkg/quota/v1/install"
	tokens "k8s.io/kubernetes/pkg/serviceaccount"
	resourceclient "k8s.io/metrics/pkg/client/clientset/versioned/typed/metrics/v1beta1"
	custommetrics "k8s.io/metrics/pkg/client/custom_metrics"
	externalmetrics "k8s.io/metrics/pkg/client/external_metrics"
)

const (
	workers = 2
	// discoveryPeriod is how often the collectors look for new kinds of objects, such as custom resources.
	discoveryPeriod = 30 * time.Second
)

// controllers is what the controllers of one run share, which keeps them small: one client and one informer of a kind
// for all of them.
type controllers struct {
	config    *rest.Config
	client    kubernetes.Interface
	metadata  metadata.Interface
	mapper    meta.ResettableRESTMapper
	informers informers.SharedInformerFactory
	// all has informers for kinds that have no typed client too.
	all informerfactory.InformerFactory
	// started is closed once the informers made so far run.
	started chan struct{}
	// runs are the loops, each of which returns soon after its context is canceled.
	runs []func(context.Context)
}

// startControllers starts the controllers that the labs' and ordinary users' objects need.
func startControllers(ctx context.Context, config *rest.Config, p *pki) (running, error) {
	c, err := newControllers(config)
	if err != nil {
		return running{}, err
	}
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	for _, add := range []func(context.Context) error{
		c.addWorkloads, c.addStorage, c.addServices, c.addCollectors, c.addQuota, c.addDisruption,
		c.addNodes, c.addAutoscaling,
		func(ctx context.Context) error { return c.addServiceAccounts(ctx, p) },
	} {
		if err := add(working); err != nil {
			cancel()
			return running{}, err
		}
	}
	c.all.Start(working.Done())
	close(c.started)
	var loops sync.WaitGroup
	for _, run := range c.runs {
		loops.Go(func() { run(working) })
	}
	return running{stop: func(ctx context.Context) error {
		cancel()
		ended := make(chan struct{})
		go func() {
			loops.Wait()
			c.informers.Shutdown()
			close(ended)
		}()
		return waitFor(ctx, ended)
	}}, nil
}

func newControllers(config *rest.Config) (*controllers, error) {
	client, err := kubernetes.NewForConfig(protobuf(config))
	if err != nil {
		return nil, err
	}
	metadataClient, err := metadata.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	c := &controllers{
		config:   config,
		client:   client,
		metadata: metadataClient,
		mapper:   restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client.Discovery())),
		// Nobody here reads managed fields, which are often the larger part of an object.
		informers: informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithTransform(withoutManagedFields)),
		started:   make(chan struct{}),
	}
	c.all = informerfactory.NewInformerFactory(
		c.informers, metadatainformer.NewSharedInformerFactory(metadataClient, 0),
	)
	return c, nil
}

func (c *controllers) run(loop func(context.Context, int)) {
	c.runs = append(c.runs, func(ctx context.Context) { loop(ctx, workers) })
}

// addWorkloads adds the controllers that make pods.
func (c *controllers) addWorkloads(ctx context.Context) error {
	apps, batch, core := c.informers.Apps().V1(), c.informers.Batch().V1(), c.informers.Core().V1()
	deployments, err := deployment.NewDeploymentController(
		ctx, apps.Deployments(), apps.ReplicaSets(), core.Pods(), c.client)
	if err != nil {
		return fmt.Errorf("deployment controller: %w", err)
	}
	c.run(deployments.Run)
	c.run(replicaset.NewReplicaSetController(
		ctx, apps.ReplicaSets(), core.Pods(), c.client, replicaset.BurstReplicas).Run)
	c.run(replication.NewReplicationManager(
		ctx, core.Pods(), core.ReplicationControllers(), c.client, replication.BurstReplicas).Run)
	c.run(statefulset.NewStatefulSetController(
		ctx, core.Pods(), apps.StatefulSets(), core.PersistentVolumeClaims(), apps.ControllerRevisions(), c.client).Run)
	daemons, err := daemon.NewDaemonSetsController(
		ctx, apps.DaemonSets(), apps.ControllerRevisions(), core.Pods(), core.Nodes(), c.client,
		flowcontrol.NewBackOff(time.Second, 15*time.Minute))
	if err != nil {
		return fmt.Errorf("daemonset controller: %w", err)
	}
	c.run(daemons.Run)
	// The informers left out belong to a feature that is off by default.
	jobs, err := job.NewController(ctx, c.client, core.Pods(), batch.Jobs(), nil, nil)
	if err != nil {
		return fmt.Errorf("job controller: %w", err)
	}
	c.run(jobs.Run)
	cronJobs, err := cronjob.NewControllerV2(ctx, batch.Jobs(), batch.CronJobs(), c.client)
	if err != nil {
		return fmt.Errorf("cronjob controller: %w", err)
	}
	c.run(cronJobs.Run)
	c.run(ttlafterfinished.New(ctx, batch.Jobs(), c.client).Run)
	return nil
}

// addServices adds the controllers that say which pods are behind a service.
func (c *controllers) addServices(ctx context.Context) error {
	core := c.informers.Core().V1()
	c.run(endpointslice.NewController(
		ctx, core.Pods(), core.Services(), core.Nodes(), c.informers.Discovery().V1().EndpointSlices(), 100, c.client, 0,
	).Run)
	c.run(endpointslicemirroring.NewController(
		ctx, core.Endpoints(), c.informers.Discovery().V1().EndpointSlices(), core.Services(), 1000, c.client, 0,
	).Run)
	c.run(endpoint.NewEndpointController(ctx, core.Pods(), core.Services(), core.Endpoints(), c.client, 0).Run)
	return nil
}

// addCollectors adds the controllers that delete what belongs to something deleted.
func (c *controllers) addCollectors(ctx context.Context) error {
	c.run(namespace.NewNamespaceController(
		ctx, c.client, c.metadata, c.client.Discovery().ServerPreferredNamespacedResources,
		c.informers.Core().V1().Namespaces(), 5*time.Minute, v1.FinalizerKubernetes,
	).Run)
	garbage, err := garbagecollector.NewGarbageCollector(
		ctx, c.client, c.metadata, c.mapper, garbagecollector.DefaultIgnoredResources(), c.all, c.started)
	if err != nil {
		return fmt.Errorf("garbage collector: %w", err)
	}
	c.runs = append(c.runs,
		func(ctx context.Context) { garbage.Run(ctx, workers, discoveryPeriod) },
		func(ctx context.Context) { garbage.Sync(ctx, c.client.Discovery(), discoveryPeriod) },
	)
	return nil
}

// addQuota adds the controller that counts what namespaces use.
func (c *controllers) addQuota(ctx context.Context) error {
	configuration, err := quotainstall.NewQuotaConfigurationForControllers(
		generic.ListerFuncForResourceFunc(c.informers.ForResource), c.informers)
	if err != nil {
		return fmt.Errorf("resource quota controller: %w", err)
	}
	discover := c.client.Discovery().ServerPreferredNamespacedResources
	quota, err := resourcequota.NewController(ctx, &resourcequota.ControllerOptions{
		QuotaClient:               c.client.CoreV1(),
		ResourceQuotaInformer:     c.informers.Core().V1().ResourceQuotas(),
		ResyncPeriod:              func() time.Duration { return 5 * time.Minute },
		InformerFactory:           c.all,
		ReplenishmentResyncPeriod: func() time.Duration { return 12 * time.Hour },
		DiscoveryFunc:             discover,
		IgnoredResourcesFunc:      configuration.IgnoredResources,
		InformersStarted:          c.started,
		Registry:                  generic.NewRegistry(configuration.Evaluators()),
		UpdateFilter:              quotainstall.DefaultUpdateFilter(),
	})
	if err != nil {
		return fmt.Errorf("resource quota controller: %w", err)
	}
	c.run(quota.Run)
	c.runs = append(c.runs, func(ctx context.Context) { quota.Sync(ctx, discover, discoveryPeriod) })
	return nil
}

// addDisruption adds the controller that tells how many pods may be evicted.
func (c *controllers) addDisruption(ctx context.Context) error {
	apps, core := c.informers.Apps().V1(), c.informers.Core().V1()
	scales, err := c.scales()
	if err != nil {
		return fmt.Errorf("disruption controller: %w", err)
	}
	c.run(disruption.NewDisruptionController(
		ctx, core.Pods(), c.informers.Policy().V1().PodDisruptionBudgets(), core.ReplicationControllers(),
		apps.ReplicaSets(), apps.Deployments(), apps.StatefulSets(), c.client, c.mapper, scales, c.client.Discovery(),
	).Run)
	return nil
}

// addNodes adds the controllers that look after nodes: the one that says which are lost and taints them, the one that deletes
// pods from a node with a taint of effect NoExecute, and the one that removes pods of nodes that do not exist. Periods are
// kube-controller-manager's defaults. Time counts that the process has lived through: a laptop that was asleep comes back with
// its node Ready.
func (c *controllers) addNodes(ctx context.Context) error {
	core := c.informers.Core().V1()
	lifecycle, err := nodelifecycle.NewNodeLifecycleController(
		ctx, c.informers.Coordination().V1().Leases(), core.Pods(), core.Nodes(), c.informers.Apps().V1().DaemonSets(), c.client,
		5*time.Second, time.Minute, 50*time.Second, 0.1, 0.01, 50, 0.55)
	if err != nil {
		return fmt.Errorf("node lifecycle controller: %w", err)
	}
	evictions, err := tainteviction.New(ctx, c.client, core.Pods(), core.Nodes(), "taint-eviction-controller")
	if err != nil {
		return fmt.Errorf("taint eviction controller: %w", err)
	}
	c.runs = append(c.runs, lifecycle.Run, evictions.Run, newPodCollector(c).run)
	return nil
}

// addAutoscaling adds the controller of HorizontalPodAutoscalers, which says of each that there are no metrics. Periods are
// kube-controller-manager's defaults.
func (c *controllers) addAutoscaling(ctx context.Context) error {
	scales, err := c.scales()
	if err != nil {
		return fmt.Errorf("autoscaling controller: %w", err)
	}
	resources, err := resourceclient.NewForConfig(c.config)
	if err != nil {
		return fmt.Errorf("autoscaling controller: %w", err)
	}
	external, err := externalmetrics.NewForConfig(c.config)
	if err != nil {
		return fmt.Errorf("autoscaling controller: %w", err)
	}
	custom := custommetrics.NewForConfig(c.config, c.mapper, custommetrics.NewAvailableAPIsGetter(c.client.Discovery()))
	c.run(podautoscaler.NewHorizontalController(
		ctx, c.client.CoreV1(), scales, c.client.AutoscalingV2(), c.mapper,
		metrics.NewRESTMetricsClient(resources, custom, external),
		c.informers.Autoscaling().V2().HorizontalPodAutoscalers(), c.informers.Core().V1().Pods(),
		15*time.Second, 5*time.Minute, 0.1, 5*time.Minute, 30*time.Second,
	).Run)
	return nil
}

func (c *controllers) scales() (scale.ScalesGetter, error) {
	return scale.NewForConfig(
		c.config, c.mapper, dynamic.LegacyAPIPathResolverFunc, scale.NewDiscoveryScaleKindResolver(c.client.Discovery()))
}

// addServiceAccounts adds the controllers for service accounts, their tokens, the authority that pods trust, and the
// roles that are made of others.
func (c *controllers) addServiceAccounts(ctx context.Context, p *pki) error {
	core := c.informers.Core().V1()
	accounts, err := serviceaccount.NewServiceAccountsController(
		klog.FromContext(ctx), core.ServiceAccounts(), core.Namespaces(), c.client,
		serviceaccount.DefaultServiceAccountsControllerOptions())
	if err != nil {
		return fmt.Errorf("service account controller: %w", err)
	}
	c.run(accounts.Run)

	pem, err := os.ReadFile(p.serviceAccountKey)
	if err != nil {
		return fmt.Errorf("read the service account key: %w", err)
	}
	key, err := keyutil.ParsePrivateKeyPEM(pem)
	if err != nil {
		return fmt.Errorf("read the service account key: %w", err)
	}
	generator, err := tokens.JWTTokenGenerator(tokens.LegacyIssuer, key)
	if err != nil {
		return fmt.Errorf("service account tokens: %w", err)
	}
	secrets, err := serviceaccount.NewTokensController(
		klog.FromContext(ctx), core.ServiceAccounts(), core.Secrets(), c.client,
		serviceaccount.TokensControllerOptions{TokenGenerator: generator, RootCA: p.ca})
	if err != nil {
		return fmt.Errorf("service account token controller: %w", err)
	}
	c.run(secrets.Run)

	publisher, err := rootcacertpublisher.NewPublisher(core.ConfigMaps(), core.Namespaces(), c.client, p.ca)
	if err != nil {
		return fmt.Errorf("root certificate publisher: %w", err)
	}
	c.run(publisher.Run)
	c.run(clusterroleaggregation.NewClusterRoleAggregation(
		c.informers.Rbac().V1().ClusterRoles(), c.client.RbacV1()).Run)
	return nil
}

func withoutManagedFields(object any) (any, error) {
	if accessor, err := meta.Accessor(object); err == nil {
		accessor.SetManagedFields(nil)
	}
	return object, nil
}
