package cause

import (
	"slices"
	"time"

	"healthlab/lab"
)

// In returns the causes of a pod of a snapshot, as Of does, from what else the snapshot shows. at is the moment for which ages
// are told; zero: none are, and the causes stay the same as long as what they rest on does.
func In(s *lab.Snapshot, pod lab.Pod, at time.Time) []Cause {
	seen := Seen{At: at, Events: s.Events, Attempts: s.Attempts}
	if slices.Contains(s.Cluster.Denied, "events") {
		seen.EventsMissing = lab.T("이벤트를 볼 권한이 없습니다", "events may not be read")
	}
	if pod.Name == s.ChosenPod && len(pod.Containers) > 0 { // whose first container's log it is
		seen.Logs = []Log{{Container: pod.Containers[0].Name, Lines: s.Log}}
	}
	return Distinct(Of(pod, seen))
}

// Distinct leaves out the restarts of a container that what is told first tells of as well: a crash loop, or that it could not be
// started once more.
func Distinct(causes []Cause) []Cause {
	if len(causes) == 0 || causes[0].Code != CrashLoop && causes[0].Code != StartError {
		return causes
	}
	first := causes[0]
	return slices.DeleteFunc(causes, func(c Cause) bool {
		return c.About == Restart && c.Container == first.Container && (first.Code == CrashLoop || c.Code == first.Code)
	})
}

// Subject is the pod of a snapshot to tell of, with its causes: the chosen one or, if there is nothing to tell of that, the
// first one of which there is. A pod that has done its work is well.
func Subject(s *lab.Snapshot, at time.Time) (pod lab.Pod, causes []Cause) {
	first := slices.IndexFunc(s.Pods, func(p lab.Pod) bool { return p.Name == s.ChosenPod })
	if first >= 0 {
		if found := In(s, s.Pods[first], at); len(found) > 0 {
			return s.Pods[first], found
		}
	}
	for _, p := range s.Pods {
		if p.Ready && p.Restarts == 0 && p.Deleting.IsZero() { // there is nothing to find
			continue
		}
		if found := In(s, p, at); slices.ContainsFunc(found, func(c Cause) bool { return c.Code != Succeeded }) {
			return p, found
		}
	}
	if first >= 0 {
		return s.Pods[first], nil
	}
	return lab.Pod{}, nil
}

// Line is the cause in one line: what it is the cause of, and the sentence. It names the container if the pod has several.
func (c Cause) Line(pod lab.Pod) lab.Text {
	if c.Container == "" || len(pod.Containers)+len(pod.Init) < 2 {
		return lab.Textf("%s: %s", "%s: %s", c.Title(), c.Sentence)
	}
	return lab.Textf("%[2]s, %[1]s: %[3]s", "%[1]s, %[2]s: %[3]s", c.Title(), c.Container, c.Sentence)
}

// Title is what it is the cause of, as a question without its mark.
func (c Cause) Title() lab.Text {
	switch c.About {
	case Restart:
		return lab.T("왜 재시작했나", "Why restarted")
	case Ending:
		return lab.T("왜 종료하나", "Why being stopped")
	default:
		return lab.T("왜 Ready가 아닌가", "Why not Ready")
	}
}
