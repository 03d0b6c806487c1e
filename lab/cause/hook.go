package cause

import "healthlab/lab"

// hookEnding tells that a container is being ended whose postStart hook has failed; false if that is not the last that was heard of
// it. Its state is told only when it has ended, which may take the grace period.
func (q *inquiry) hookEnding(c *Cause, con *lab.Container) bool {
	e, hook := q.lastEvent(con.Name, "Pulling", "FailedPostStartHook", "Killing", "BackOff"), q.lastEvent(con.Name, "FailedPostStartHook")
	if e == nil || hook == nil {
		return false
	}
	k, _, ok := readKilling(*e)
	if e != hook && (!ok || k.kind != killedByHook) {
		return false
	}
	c.Code, c.At, c.Sentence = PostStartHook, e.Last, hookEnds()
	c.addEvent(*hook)
	if e != hook {
		c.addEvent(*e)
	}
	return true
}

// again tells of a container that has been started once more since its state was told last: that comes when its postStart hook has
// ended or, if the hook fails, the container.
func (q *inquiry) again(c *Cause, con *lab.Container) bool {
	begun := q.lastEvent(con.Name, "Started")
	if con.Last == nil || begun == nil || !begun.Last.After(con.Last.FinishedAt) {
		return false
	}
	c.addState(con)
	if q.hookEnding(c, con) {
		return true
	}
	c.Code, c.At = Creating, begun.Last
	c.Sentence = lab.T("kubelet이 컨테이너를 다시 시작했지만, 실행 중이라는 상태는 아직 오지 않았습니다",
		"The kubelet has started the container once more and has not said yet that it runs")
	c.addEvent(*begun)
	return true
}

// everyHookFailed reports whether the postStart hooks of all runs of con have failed: that is told once in a run, and as often as
// that a run began.
func (q *inquiry) everyHookFailed(con *lab.Container) bool {
	begun, failed := 0, 0
	for _, e := range q.events {
		switch {
		case e.Container != con.Name:
		case e.Reason == "Started":
			begun += max(e.Count, 1)
		case e.Reason == "FailedPostStartHook":
			failed += max(e.Count, 1)
		}
	}
	return begun > con.Restarts && failed >= begun && q.made[normal] < eventBurst
}

// hookEnds is what is said while a container ends whose postStart hook has failed.
func hookEnds() lab.Text {
	return lab.T("postStart 훅이 실패해 kubelet이 종료하는 중입니다", "The postStart hook failed, so the kubelet is stopping the container")
}
