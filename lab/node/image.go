package node

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/distribution/reference"
	v1 "k8s.io/api/core/v1"
	"k8s.io/client-go/util/flowcontrol"

	healthlab "healthlab/lab"
	"healthlab/lab/node/images/standin"
	"healthlab/lab/node/sandbox"
)

// Why a container waits to be started, as the kubelet names it. Their texts are the reasons in the API.
var (
	errImagePull        = errors.New("ErrImagePull")
	errImagePullBackOff = errors.New("ImagePullBackOff")
	errImageNeverPull   = errors.New("ErrImageNeverPull")
	errInvalidImageName = errors.New("InvalidImageName")
	errConfig           = errors.New("CreateContainerConfigError")
	errCreate           = errors.New("CreateContainerError")
	errRun              = errors.New("RunContainerError")
	errPostStart        = errors.New("PostStartHookError")
	errCrashLoop        = errors.New("CrashLoopBackOff")
)

// startProblem is why a container could not be started: the reason and what the status says about it.
type startProblem struct {
	reason  error
	message string
	until   time.Time // when a back-off ends; zero if it is none
}

func (p *startProblem) Error() string { return p.reason.Error() + ": " + p.message }

func (p *startProblem) Unwrap() error { return p.reason }

// LookUp finds the built-in image that a reference names, and the tag it stands for. Its error is what containerd would
// say, and names the images there are.
type LookUp func(ref string) (image *sandbox.Image, tag string, err error)

// imageStore stands between pods and the built-in images, as a kubelet's image manager does: what is there at once
// looks as if it were pulled the first time, and what is not there is asked for again with back-off.
type imageStore struct {
	find    LookUp
	instead instead
	events  events
	backoff *flowcontrol.Backoff

	mu       sync.Mutex
	pulled   map[string]bool   // by full reference
	problems map[string]string // last failure, by back-off key
}

// pulledImage is an image in the words of a container status.
type pulledImage struct {
	*sandbox.Image
	Ref  string        // docker.io/library/alpine:latest
	ID   string        // docker.io/library/alpine@sha256:…
	Plan *standin.Plan // nil: it is the image itself
}

// instead returns what runs in place of an image that is not built in (Agent.standIn), or why nothing does.
type instead func(context.Context, *v1.Pod, *v1.Container, sandbox.UnknownImageError) (*sandbox.Image, *standin.Plan, error)

func newImageStore(find LookUp, instead instead, e events) *imageStore {
	return &imageStore{
		find: find, instead: instead, events: e, backoff: flowcontrol.NewBackOff(10*time.Second, 5*time.Minute),
		pulled: map[string]bool{}, problems: map[string]string{},
	}
}

// ensure makes the container's image available (image_manager.go, EnsureImageExists).
func (s *imageStore) ensure(ctx context.Context, pod *v1.Pod, c *v1.Container) (pulledImage, *startProblem) {
	named, err := reference.ParseNormalizedNamed(c.Image)
	if err != nil {
		message := fmt.Sprintf("Failed to apply default image tag %[1]q: couldn't parse image name %[1]q: %[2]v",
			c.Image, err)
		s.events.container(pod, c.Name, v1.EventTypeWarning, "InspectFailed", "%s", message)
		return pulledImage{}, &startProblem{reason: errInvalidImageName, message: message}
	}
	full := reference.TagNameOnly(named).String()
	image, _, err := s.find(c.Image)
	never := fmt.Sprintf("Container image %q is not present with pull policy of Never", c.Image)
	if unknown := new(sandbox.UnknownImageError); errors.As(err, &unknown) {
		missing := *unknown
		if c.ImagePullPolicy == v1.PullNever {
			missing.Pull = never
		}
		var plan *standin.Plan
		if image, plan, err = s.instead(ctx, pod, c, missing); err == nil {
			s.events.container(pod, c.Name, v1.EventTypeWarning, "StandIn",
				"A stand-in of healthlab runs in place of the image %s, which healthlab does not have: %s", missing.Image, plan.Says())
			return pulledImage{Image: image, Ref: full, ID: healthlab.StandInImage + "@" + image.Digest, Plan: plan}, nil
		}
		if problem := new(startProblem); errors.As(err, &problem) {
			s.events.container(pod, c.Name, v1.EventTypeWarning, "StandIn", "No stand-in of healthlab: %s", problem.message)
			return pulledImage{}, problem
		}
		never = err.Error()
	}
	s.mu.Lock()
	here := s.pulled[full]
	s.mu.Unlock()
	switch {
	case c.ImagePullPolicy == v1.PullNever && err != nil:
		s.events.container(pod, c.Name, v1.EventTypeWarning, "ErrImageNeverPull", "%s", never)
		return pulledImage{}, &startProblem{reason: errImageNeverPull, message: never}
	case c.ImagePullPolicy == v1.PullNever, c.ImagePullPolicy == v1.PullIfNotPresent && here:
		s.events.container(pod, c.Name, v1.EventTypeNormal, "Pulled",
			"Container image %q already present on machine and can be accessed by the pod", c.Image)
	default:
		if problem := s.pull(pod, c, full, image, err); problem != nil {
			return pulledImage{}, problem
		}
	}
	return pulledImage{
		Image: image,
		Ref:   full,
		ID:    named.Name() + "@" + image.Digest,
	}, nil
}

func (s *imageStore) pull(pod *v1.Pod, c *v1.Container, full string, image *sandbox.Image, err error) *startProblem {
	key := string(pod.UID) + "_" + c.Image
	if s.backoff.IsInBackOffSinceUpdate(key, time.Now()) {
		message := fmt.Sprintf("Back-off pulling image %q", c.Image)
		s.events.container(pod, c.Name, v1.EventTypeNormal, "BackOff", "%s", message)
		s.mu.Lock()
		defer s.mu.Unlock()
		if before := s.problems[key]; before != "" {
			message += ": " + before
		}
		return &startProblem{reason: errImagePullBackOff, message: message}
	}
	s.events.container(pod, c.Name, v1.EventTypeNormal, "Pulling", "Pulling image %q", c.Image)
	if err != nil {
		message := err.Error()
		s.events.container(pod, c.Name, v1.EventTypeWarning, "Failed", "Failed to pull image %q: %s", c.Image, message)
		s.backoff.Next(key, time.Now())
		s.mu.Lock()
		defer s.mu.Unlock()
		s.problems[key] = errImagePull.Error() + ": " + message
		return &startProblem{reason: errImagePull, message: message}
	}
	s.mu.Lock()
	s.pulled[full] = true
	delete(s.problems, key)
	s.mu.Unlock()
	// Nothing is fetched from anywhere, so that is how long it took.
	const took = time.Duration(0)
	s.events.container(pod, c.Name, v1.EventTypeNormal, "Pulled",
		"Successfully pulled image %q in %v (%v including waiting). Image size: %v bytes.", c.Image, took, took, image.Size)
	return nil
}

// forget drops what is remembered about a pod that is gone.
func (s *imageStore) forget(pod *v1.Pod) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range allContainers(pod) {
		key := string(pod.UID) + "_" + c.Image
		s.backoff.DeleteEntry(key)
		delete(s.problems, key)
	}
}
