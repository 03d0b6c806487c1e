package plain

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/lab/timeline"
	"healthlab/tui/rows"
	"healthlab/tui/tuitest"
)

// live publishes what a story has up to a time.
func (u *user) live(s *tuitest.Story, from, to float64, revision uint64) {
	for _, e := range s.Entries {
		if e.At.After(tuitest.At(from)) && !e.At.After(tuitest.At(to)) {
			u.session.Append(e.At, e.Body)
		}
	}
	u.publish(tuitest.Running(revision))
}

// What a fault will bring about is told beforehand, and each point once, beside that, when it has come about.
func TestTimelineAsItHappens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := tuitest.Liveness()
		u := startWith(t, lab.English, tuitest.FaultyLabs(), tuitest.Running(1))
		u.live(s, -10, 26, 2)
		u.said()
		u.live(s, 26, 28, 3)
		u.hears("liveness-app, liveness probe, forecast, counted from the fault: first failure 1-6 s, Killing 11-16 s, RESTARTS +1 41-46 s.\n")
		u.live(s, 28, 43, 4)
		u.hears("liveness-app, liveness probe: first failure 3.8-4.1 s (predicted 1-6 s).\n", "liveness-app, liveness probe: Killing 14 s (predicted 11-16 s).\n")
		u.live(s, 43, 60, 5)
		u.silent()
		u.live(s, 60, 90, 6)
		u.hears("liveness-app, liveness probe: RESTARTS +1 44 s (predicted 41-46 s).\n", "liveness-app, liveness probe: the container is ready again.\n")
	})
}

func TestTimelineAsATable(t *testing.T) {
	for _, c := range []struct {
		name  string
		story *tuitest.Story
		lang  lab.Lang
		line  string
		want  []string
	}{
		{"liveness", tuitest.Liveness(), lab.English, "timeline", []string{
			"Pod liveness-app:\n",
			"Container app: creating (ContainerCreating) from 14:05:03, running from 14:05:04, stopping (grace 30 s) from 14:05:41, ",
			"running (restart 1) from 14:06:11.\n",
			"liveness probe, attempts seen by kubelet: 0 succeeded, 3 failed, the last failure at 14:05:41.\n",
			"liveness probe, attempts seen by healthlab: 9 succeeded, 3 failed, the last failure at 14:05:40.\n",
			"Hang the app, 14:05:27, liveness-app, liveness probe:\n",
			"- first failure: predicted 1-6 s, measured 3.8-4.1 s.\n", "- Killing: predicted 11-16 s, measured 14 s.\n",
			"- RESTARTS +1: predicted 41-46 s, measured 44 s.\n", "- End: the container is ready again.\n",
		}},
		{"readiness", tuitest.Readiness(), lab.Korean, "8", []string{
			"파드 readiness-deployment-7869b5d679-mxr2k:\n", "준비 상태: ", "14:05:27부터 Ready 아님, 14:05:42부터 Ready.\n",
			"서비스 readiness-service: ", "14:05:27부터 트래픽 없음, 14:05:42부터 트래픽 받음.\n",
			"디플로이먼트 readiness-deployment: ", "14:05:27부터 2/3 available, 14:05:42부터 3/3 available.\n",
			"14:05:20, readiness-deployment-7869b5d679-mxr2k, 준비성 프로브, 준비 파일 지우기:\n",
			"- Ready 아님: 예측 6~9초, 측정 6.9~7.9초.\n", "- Ready: 예측 0~3초, 측정 1.9~2.3초.\n",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := startWith(t, c.lang, tuitest.FaultyLabs(), tuitest.Running(1))
				u.live(c.story, -10, 1000, 2)
				u.said()
				u.types(c.line)
				u.hears(c.want...)
			})
		})
	}
}

func TestTimelineOfNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := start(t, lab.English, tuitest.Running(1))
		u.types("8")
		u.hears("There are no pods yet.\n")
	})
}

// What came about before line mode began is no news, but can be asked for.
func TestTimelineOfBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		session := tuitest.NewSession()
		for _, e := range tuitest.Liveness().Entries {
			session.Append(e.At, e.Body)
		}
		u := startOn(t, session, lab.English, tuitest.FaultyLabs(), tuitest.Running(1))
		said := u.said()
		for _, word := range []string{"predicted", "forecast"} {
			if strings.Contains(said, word) {
				t.Errorf("told although it is no news:\n%s", said)
			}
		}
		u.types("8")
		u.hears("- Killing: predicted 11-16 s, measured 14 s.\n")
	})
}

// A deployment's counts change more often than what is said of them.
func TestEqualNeighboursAreToldOnce(t *testing.T) {
	b := timeline.New(nil)
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.Local)
	for i, d := range []lab.Deployment{
		{Desired: 3},
		{Desired: 3, Updated: 1},
		{Desired: 3, Updated: 3, Total: 3},
		{Desired: 3, Updated: 3, Total: 3, Available: 2},
		{Desired: 3, Updated: 3, Total: 3, Available: 2, Unavailable: 1},
		{Desired: 3, Updated: 2},
	} {
		d.Name = "web"
		b.Add(journal.Entry{Seq: uint64(i + 1), At: at.Add(time.Duration(i) * time.Second), Body: journal.Changed{Change: lab.DeploymentChanged{Deployment: d}}})
	}
	v := b.View()
	got := history(v, v.Deployments[0].Counts, func(n timeline.Counts) lab.Text { return rows.CountWords(n)[0] }).En
	if want := "0/3 available from 09:00:00, 2/3 available from 09:00:03, 0/3 available from 09:00:05"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
