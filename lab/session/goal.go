package session

import (
	"fmt"
	"slices"
	"strings"

	"healthlab/lab"
	"healthlab/lab/course"
)

// view is what goals are checked against: a snapshot, and what snapshots do not hold.
type view struct {
	*lab.Snapshot
	home      string // the user's home directory
	namespace string // its phase; Active where it not permitted to read it
	hasFile   func(name string) bool
}

// evaluate reports whether check holds, and if not, what is missing in one sentence.
func evaluate(check lab.Check, v view) (met bool, why lab.Text) {
	switch {
	case check.File != nil:
		return evaluateFile(check.File, v)
	case check.Namespace != nil:
		return evaluateNamespace(v)
	case check.Pods != nil:
		return evaluatePods(check.Pods, v)
	case check.Event != nil:
		return evaluateEvent(check.Event, v)
	case check.Replicas != nil:
		return evaluateReplicas(check.Replicas, v)
	case check.Log != nil:
		return evaluateLog(check.Log, v)
	case check.Gone != nil:
		return evaluateGone(check.Gone, v)
	}
	return false, lab.T("확인할 조건이 없습니다", "there is nothing to check")
}

func evaluateFile(check *lab.FileCheck, v view) (bool, lab.Text) {
	return v.hasFile(check.Name), lab.Textf("%[2]s 디렉터리에 %[1]s 파일이 없습니다", "there is no file %[1]s in %[2]s",
		check.Name, lab.Homely(v.Dir, v.home))
}

func evaluateNamespace(v view) (bool, lab.Text) {
	name := v.Cluster.Namespace
	if v.namespace == "" {
		return false, lab.Textf("%s 네임스페이스가 없습니다", "there is no namespace %s", name)
	}
	return v.namespace == "Active", lab.Textf("%s 네임스페이스가 %s 상태입니다", "namespace %s is %s", name, v.namespace)
}

func evaluatePods(check *lab.PodsCheck, v view) (bool, lab.Text) {
	var total, ready, notReady, restarts int
	for _, p := range v.Pods {
		if !p.Deleting.IsZero() || !course.Matches(p, check.Pod, check.Selector) {
			continue
		}
		total++
		restarts = max(restarts, p.Restarts)
		switch {
		case p.Ready:
			ready++
		case p.Phase == "Running":
			notReady++
		}
	}
	switch {
	case total == 0:
		return false, lab.Textf("%s 파드가 아직 없습니다%s", "there is no pod %s yet%s", check.Pod+check.Selector, trouble(check, v))
	case check.Ready != nil && ready < *check.Ready && total >= *check.Ready:
		return false, lab.Textf("파드 %[1]d개 중 %[2]d개만 Ready입니다%[3]s", "only %[2]d of %[1]d pods are Ready%[3]s",
			total, ready, trouble(check, v))
	case check.Ready != nil && ready != *check.Ready:
		return false, lab.Textf("Ready인 파드가 %d개입니다. %d개여야 합니다", "%d pods are Ready, %d should be", ready, *check.Ready)
	case check.NotReady != nil && notReady != *check.NotReady:
		return false, lab.Textf("Ready가 아닌 파드가 %d개입니다. %d개여야 합니다",
			"%d pods are not Ready, %d should be", notReady, *check.NotReady)
	case check.MinRestarts != nil && restarts < *check.MinRestarts:
		return false, lab.Textf("RESTARTS가 %d입니다. %d 이상이어야 합니다",
			"RESTARTS is %d, it should be %d or more", restarts, *check.MinRestarts)
	case check.MaxRestarts != nil && restarts > *check.MaxRestarts:
		return false, lab.Textf("RESTARTS가 %d입니다. %d 이하여야 합니다",
			"RESTARTS is %d, it should be %d or less", restarts, *check.MaxRestarts)
	}
	return true, lab.Text{}
}

// trouble names, in brackets, the newest warning about why pods that check is about do not run yet; it is empty if there is
// none.
func trouble(check *lab.PodsCheck, v view) string {
	waiting := map[string]bool{}
	for _, p := range v.Pods {
		if course.Matches(p, check.Pod, check.Selector) && p.Phase == "Pending" && p.Deleting.IsZero() {
			waiting[p.UID] = true
		}
	}
	for _, e := range slices.Backward(v.Events) {
		notMade := check.Selector != "" && e.ObjectKind == "ReplicaSet" && e.Reason == "FailedCreate" && len(v.Pods) == 0
		if e.Type == "Warning" && (waiting[e.ObjectUID] || notMade) {
			return fmt.Sprintf(" (%s: %s)", e.ObjectName, e.Reason)
		}
	}
	return ""
}

// evaluateEvent counts events of pods that exist, so that those of an earlier pod of the same name do not count.
func evaluateEvent(check *lab.EventCheck, v view) (bool, lab.Text) {
	uids := map[string]string{}
	for _, p := range v.Pods {
		if course.Matches(p, check.Pod, check.Selector) {
			uids[p.Name] = p.UID
		}
	}
	n := 0
	for _, e := range v.Events {
		uid, ours := uids[e.ObjectName]
		if e.ObjectKind == "Pod" && ours && (e.ObjectUID == "" || e.ObjectUID == uid) &&
			e.Reason == check.Reason && strings.Contains(e.Message, check.Contains) {
			n += e.Count
		}
	}
	return n >= check.AtLeast, lab.Textf("%[1]s 이벤트가 %[3]d번 중 %[2]d번 나왔습니다",
		"%[2]d of %[3]d %[1]s events have been seen", check.Reason, n, check.AtLeast)
}

func evaluateReplicas(check *lab.ReplicasCheck, v view) (bool, lab.Text) {
	for _, d := range v.Deployments {
		if d.Name != check.Deployment {
			continue
		}
		return d.Desired == check.Desired && d.Available == check.Available && d.Unavailable == check.Unavailable,
			lab.Textf("%[2]d available, %[3]d unavailable입니다. %[5]d available, %[6]d unavailable이어야 합니다",
				"%[2]d available, %[3]d unavailable; it should be %[5]d available, %[6]d unavailable",
				d.Desired, d.Available, d.Unavailable, check.Desired, check.Available, check.Unavailable)
	}
	return false, lab.Textf("%s 디플로이먼트가 아직 없습니다", "there is no deployment %s yet", check.Deployment)
}

func evaluateLog(check *lab.LogCheck, v view) (bool, lab.Text) {
	if v.ChosenPod != check.Pod {
		return false, lab.Textf("%s 파드의 로그를 보고 있지 않습니다", "the log of pod %s is not being followed", check.Pod)
	}
	n := 0
	for _, p := range v.Pods {
		if p.Name != check.Pod || len(p.Containers) == 0 {
			continue
		}
		for _, line := range v.Log {
			if !line.At.Before(p.Containers[0].StartedAt) && strings.Contains(line.Text, check.Contains) {
				n++
			}
		}
	}
	return n >= check.AtLeast, lab.Textf("%[1]q 문구가 있는 로그 줄이 %[3]d개 중 %[2]d개 나왔습니다",
		"%[2]d of %[3]d log lines with %[1]q have been seen", check.Contains, n, check.AtLeast)
}

func evaluateGone(check *lab.GoneCheck, v view) (bool, lab.Text) {
	for _, p := range v.Pods {
		if check.Pod != "" && p.Name == check.Pod || check.Selector != "" && course.Matches(p, "", check.Selector) {
			return false, lab.Textf("%s 파드가 아직 있습니다", "pod %s is still there", p.Name)
		}
	}
	for _, d := range v.Deployments {
		if d.Name == check.Deployment {
			return false, lab.Textf("%s 디플로이먼트가 아직 있습니다", "deployment %s is still there", d.Name)
		}
	}
	return true, lab.Text{}
}
