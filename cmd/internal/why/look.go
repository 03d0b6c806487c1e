package why

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/lab/cause"
	"healthlab/lab/cluster"
)

// Cluster is what is read of a cluster; *cluster.Client is one.
type Cluster interface {
	Info() lab.Cluster
	Pods(ctx context.Context) ([]lab.Pod, error)
	Pod(ctx context.Context, name string) (lab.Pod, error)
	NamespaceMissing(ctx context.Context) bool
	Events(ctx context.Context, keep func(lab.Event) bool) ([]lab.Event, error)
	LastLines(ctx context.Context, pod, container string, previous bool, most int64) ([]lab.LogLine, error)
}

// Report is what was found.
type Report struct {
	Cluster lab.Cluster
	At      time.Time
	Target  Target
	// Pods are those asked about by name or, where none was named, those that are not well, by name; bounded.
	Pods []Pod
	// Looked is how many pods were looked at, and More how many of those that are not well are left out.
	Looked, More int
	// Notes say what could not be seen.
	Notes []lab.Text
}

// Pod is a pod with its causes; none of them if it is well.
type Pod struct {
	lab.Pod
	Causes []cause.Cause
}

const (
	// maxPods is how many pods a report tells about.
	maxPods = 50
	// maxLogs is how many logs are read for a report, and maxLines how much of each.
	maxLogs  = 20
	maxLines = 5
)

// Look reads what there is about the target at a moment and finds the causes. The error is a *lab.Error.
func Look(ctx context.Context, c Cluster, target Target, now time.Time) (Report, error) {
	r := Report{Cluster: c.Info(), Target: target, At: now}
	all, err := podsFor(ctx, c, target)
	if err != nil {
		return r, err
	}
	if len(all) == 0 && c.NamespaceMissing(ctx) {
		return r, lab.Errorf(nil, "%s 네임스페이스가 없습니다", "there is no namespace %s", r.Cluster.Namespace)
	}
	chosen := slices.DeleteFunc(slices.Clone(all), func(p lab.Pod) bool { return !target.of(p) })
	seen := cause.Seen{At: now}
	r.readEvents(ctx, c, chosen, &seen)
	if len(chosen) == 0 && target.Kind != "" {
		if failed := notMade(target, seen.Events); failed != nil {
			return r, failed
		}
		return r, notFound(target, r.Cluster.Namespace, all)
	}
	r.Looked = len(chosen)
	for _, p := range chosen {
		found := Pod{Pod: p, Causes: of(p, seen)}
		switch {
		case target.Kind == "" && !found.unwell():
		case len(r.Pods) == maxPods:
			r.More++
		default:
			r.Pods = append(r.Pods, found)
		}
	}
	r.readLogs(ctx, c, seen)
	if errors.Is(ctx.Err(), context.Canceled) {
		return r, ctx.Err()
	}
	return r, nil
}

// podsFor gets the pod that is named, or else lists all. One that does not exist is looked for among all, to name those that do.
func podsFor(ctx context.Context, c Cluster, target Target) ([]lab.Pod, error) {
	if target.Kind != "Pod" {
		return c.Pods(ctx)
	}
	one, err := c.Pod(ctx, target.Name)
	switch {
	case err == nil:
		return []lab.Pod{one}, nil
	case errors.Is(err, cluster.ErrForbidden): // somebody may list pods but not get them
		return c.Pods(ctx)
	case errors.Is(err, cluster.ErrNotFound):
		if all, err := c.Pods(ctx); err == nil {
			return all, nil
		}
		return nil, nil
	}
	return nil, err
}

// unwell reports whether a pod is worth telling about by itself. One that has done its work is not.
func (p Pod) unwell() bool {
	return slices.ContainsFunc(p.Causes, func(c cause.Cause) bool { return c.Code != cause.Succeeded })
}

// of are the causes of a pod, without what a crash loop says already.
func of(p lab.Pod, seen cause.Seen) []cause.Cause { return cause.Distinct(cause.Of(p, seen)) }

// readEvents reads the events about the chosen pods, and of those about others the oldest, which shows how long events are kept.
func (r *Report) readEvents(ctx context.Context, c Cluster, chosen []lab.Pod, seen *cause.Seen) {
	wanted := map[string]bool{}
	for _, p := range chosen {
		wanted[p.Name] = true
	}
	var oldest lab.Event
	events, err := c.Events(ctx, func(e lab.Event) bool {
		if oldest.Last.IsZero() || e.Last.Before(oldest.Last) {
			oldest = e
		}
		return e.ObjectKind == "Pod" && wanted[e.ObjectName] || e.Reason == "FailedCreate" && e.ObjectKind != "Pod"
	})
	if !oldest.Last.IsZero() {
		events = append(events, oldest)
	}
	seen.Events = events
	switch {
	case errors.Is(err, cluster.ErrForbidden):
		seen.EventsMissing = lab.T("이벤트를 볼 권한이 없습니다", "events may not be read")
		r.note(lab.T("이벤트를 볼 권한이 없어 파드의 상태만으로 판단합니다", "events may not be read, so only the pods' status is told"))
	case err != nil:
		seen.EventsMissing = lab.Brief(err)
		r.note(lab.Brief(err))
	}
	// The one that was added twice counts once.
	slices.SortFunc(seen.Events, func(a, b lab.Event) int { return strings.Compare(a.UID, b.UID) })
	seen.Events = slices.CompactFunc(seen.Events, func(a, b lab.Event) bool { return a.UID == b.UID && a.Seq == b.Seq })
}

func (r *Report) note(text lab.Text) {
	if !slices.Contains(r.Notes, text) {
		r.Notes = append(r.Notes, text)
	}
}

// notMade tells why a controller has no pods, if an event says so.
func notMade(target Target, events []lab.Event) error {
	for i := len(events) - 1; i >= 0; i-- {
		e := events[i]
		of := e.ObjectKind == target.Kind && e.ObjectName == target.Name ||
			target.Kind == "Deployment" && e.ObjectKind == "ReplicaSet" && strings.HasPrefix(e.ObjectName, target.Name+"-")
		if e.Reason == "FailedCreate" && of {
			return lab.Errorf(nil, "%s의 파드가 만들어지지 않습니다: %s", "no pod of %s can be created: %s",
				lab.Printable(target.String()), lab.Line(e.Message, 400))
		}
	}
	return nil
}

// readLogs reads the last lines of the runs that have ended, for the pods that are told about, and finds their causes anew.
func (r *Report) readLogs(ctx context.Context, c Cluster, seen cause.Seen) {
	left := maxLogs
	for i := range r.Pods {
		p := &r.Pods[i]
		for _, con := range slices.Concat(p.Containers, p.Init) {
			run, previous := endedRun(con)
			if run == nil || left == 0 || !p.tells(con.Name) {
				continue
			}
			left--
			lines, err := c.LastLines(ctx, p.Name, con.Name, previous, maxLines)
			switch {
			case errors.Is(err, cluster.ErrForbidden):
				r.note(lab.T("로그를 볼 권한이 없어 지난 실행의 마지막 로그는 보여 주지 않습니다", "logs may not be read, so the last lines of a run are not shown"))
				return
			case ctx.Err() != nil:
				r.note(lab.T("시간이 모자라 로그를 다 읽지 못했습니다", "not all logs could be read in time"))
				return
			case err != nil:
				continue // the runtime keeps no more than one earlier run, and may have removed it
			}
			for i := range lines {
				lines[i].Run = run.ContainerID
			}
			seen.Logs = append(seen.Logs, cause.Log{Container: con.Name, Lines: lines})
		}
		if len(seen.Logs) > 0 {
			p.Causes = of(p.Pod, seen)
			seen.Logs = nil
		}
	}
}

// endedRun is the run of a container that ended, whose log may tell why, and whether that is the one before; nil if there is none.
func endedRun(con lab.Container) (run *lab.Termination, previous bool) {
	switch {
	case con.State == lab.Terminated && con.Exit != nil && con.Exit.ExitCode != 0:
		return con.Exit, false
	case con.State != lab.Terminated && con.Last != nil && con.Last.ExitCode != 0 && con.Last.Reason != "StartError":
		return con.Last, true
	}
	return nil, false
}

// tells reports whether a cause is about a container.
func (p Pod) tells(container string) bool {
	return slices.ContainsFunc(p.Causes, func(c cause.Cause) bool { return c.Container == container })
}
