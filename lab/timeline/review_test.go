package timeline

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/probes"
)

// reviewed is a review as lines.
func reviewed(r Review, l lab.Lang) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s; %s; %s\n", r.Subject.In(l), r.Fault.In(l), r.End.In(l))
	for _, t := range []lab.Text{r.Headline, r.Settings, r.Guess, r.Made} {
		if !t.IsZero() {
			fmt.Fprintf(&out, "! %s\n", t.In(l))
		}
	}
	for _, p := range r.Points {
		fmt.Fprintf(&out, "- %s %s\n", p.Fit, p.Said.In(l))
		if !p.Terms.IsZero() {
			fmt.Fprintf(&out, "  %s\n", p.Terms.In(l))
		}
	}
	return out.String()
}

func TestReview(t *testing.T) {
	guess := func(code PointCode, least, most float64) *Guess {
		d := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
		return &Guess{code, probes.Range{Least: d(least), Most: d(most)}}
	}
	slow := func(s *story) {
		s.start(4, "liveness-app", "uid-l", true, livenessProbe())
		s.fault(27, 27.2, "hang", "", lab.TaskDone)
		s.event(36, 36.1, "liveness-app", "Unhealthy", hung, 1)
	}
	tests := []struct {
		name   string
		story  func(*story)
		pod    string
		guess  *Guess
		ko, en string
	}{
		{"the liveness lab", livenessLab, "uid-l", guess(PointRestart, 41, 46), `
liveness-app, 활성 프로브; ; 컨테이너가 다시 준비되었습니다
! 재시작까지 43.8~44.3초: 예측 41~46초 안입니다
! 내 예상: RESTARTS +1 41~46초, 측정과 맞습니다. 설정으로 본 예측 41~46초 안입니다
! 차이를 만든 것: 다음 시도까지 (0~5초 가운데 약 3.3초)
- fits 첫 실패까지 3.8~4.1초: 예측 1~6초 안입니다
  다음 시도까지 최대 5초 + timeoutSeconds까지 응답 없음 1초
- fits Killing까지 13.8~14.1초: 예측 11~16초 안입니다
  '첫 실패' + 이어진 실패 2 × 5초
- fits 재시작까지 43.8~44.3초: 예측 41~46초 안입니다
  'Killing' + 유예 기간 30초
`, `
liveness-app, liveness probe; ; the container is ready again
! Restart after 43.8-44.3 s: within the predicted 41-46 s
! My guess: RESTARTS +1 41-46 s, as measured. It lies within what the settings predict, 41-46 s
! What made the difference: until the next attempt (about 3.3 s of 0-5 s)
- fits First failure after 3.8-4.1 s: within the predicted 1-6 s
  until the next attempt up to 5 s + no answer within timeoutSeconds 1 s
- fits Killing after 13.8-14.1 s: within the predicted 11-16 s
  'first failure' + further failures 2 × 5 s
- fits Restart after 43.8-44.3 s: within the predicted 41-46 s
  'Killing' + grace period 30 s
`},
		{"the readiness lab", readinessLab, "uid-r1", guess(PointVerdict, 3, 3), `
r-1, 준비성 프로브; ; 컨테이너가 다시 준비되었습니다
! Ready에서 빠지기까지 6.9~7.9초: 예측 6~9초 안입니다
! 내 예상: Ready 아님 3초, 측정보다 3.9초 일렀습니다. 설정으로 본 예측 6~9초 밖입니다
! 차이를 만든 것: 다음 시도까지 (0~3초 가운데 약 1.9초)
- fits 첫 실패까지 0.9~1.8초: 예측 0~3초 안입니다
  다음 시도까지 최대 3초
- fits Ready에서 빠지기까지 6.9~7.9초: 예측 6~9초 안입니다
  '첫 실패' + 이어진 실패 2 × 3초
- fits 복구 뒤 Ready가 되기까지 1.9~2.3초: 예측 0~3초 안입니다
  다음 시도까지 최대 3초
`, `
r-1, readiness probe; ; the container is ready again
! Not Ready after 6.9-7.9 s: within the predicted 6-9 s
! My guess: not Ready 3 s, 3.9 s earlier than measured. It lies outside what the settings predict, 6-9 s
! What made the difference: until the next attempt (about 1.9 s of 0-3 s)
- fits First failure after 0.9-1.8 s: within the predicted 0-3 s
  until the next attempt up to 3 s
- fits Not Ready after 6.9-7.9 s: within the predicted 6-9 s
  'first failure' + further failures 2 × 3 s
- fits After the repair, Ready after 1.9-2.3 s: within the predicted 0-3 s
  until the next attempt up to 3 s
`},
		{"a machine that is slow", slow, "uid-l", guess(PointRestart, 30, 42), `
liveness-app, 활성 프로브; ; 
! 첫 실패까지 8.8~9.1초: 예측 1~6초보다 2.8초 늦었습니다
! 내 예상: RESTARTS +1 30~42초. 설정으로 본 예측 41~46초에 일부만 듭니다
! 차이를 만든 것: 다음 시도까지, timeoutSeconds까지 응답 없음
- misses 첫 실패까지 8.8~9.1초: 예측 1~6초보다 2.8초 늦었습니다. 차이를 만든 것: 다음 시도까지, timeoutSeconds까지 응답 없음
  다음 시도까지 최대 5초 + timeoutSeconds까지 응답 없음 1초
- open Killing: 예측 11~16초, 아직 오지 않았습니다
  '첫 실패' + 이어진 실패 2 × 5초
- open RESTARTS +1: 예측 41~46초, 아직 오지 않았습니다
  'Killing' + 유예 기간 30초
`, `
liveness-app, liveness probe; ; 
! First failure after 8.8-9.1 s: 2.8 s later than the predicted 1-6 s
! My guess: RESTARTS +1 30-42 s. It lies partly within what the settings predict, 41-46 s
! What made the difference: until the next attempt, no answer within timeoutSeconds
- misses First failure after 8.8-9.1 s: 2.8 s later than the predicted 1-6 s. What made the difference: until the next attempt, no answer within timeoutSeconds
  until the next attempt up to 5 s + no answer within timeoutSeconds 1 s
- open Killing: predicted 11-16 s, still to come
  'first failure' + further failures 2 × 5 s
- open RESTARTS +1: predicted 41-46 s, still to come
  'Killing' + grace period 30 s
`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := begin(labs()...)
			test.story(s)
			r := s.View().Latest(test.pod).Review(test.guess)
			if diff := cmp.Diff(strings.TrimPrefix(test.ko, "\n"), reviewed(r, lab.Korean)); diff != "" {
				t.Errorf("in Korean (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(strings.TrimPrefix(test.en, "\n"), reviewed(r, lab.English)); diff != "" {
				t.Errorf("in English (-want +got):\n%s", diff)
			}
		})
	}
}

// How long after the fault a pod is ready again depends on when it is repaired: that cannot be foreseen, so it is not compared with
// what is measured, which counts from the repair.
func TestNobodyCanForeseeARepair(t *testing.T) {
	asking := labs()
	for i, of := range []struct {
		fault string
		point lab.TimedPoint
	}{{"hang", lab.TimedReady}, {"break", lab.TimedReady}} {
		asking[i].Steps = []lab.Step{{ID: "ask", Fault: of.fault, Question: &lab.Question{Time: &lab.TimeQuestion{Point: of.point}}}}
	}
	for _, tt := range []struct {
		name  string
		story func(*story)
		asked bool
	}{{"a restart follows from the fault", livenessLab, true}, {"a repair does not", readinessLab, false}} {
		t.Run(tt.name, func(t *testing.T) {
			s := begin(asking...)
			tt.story(s)
			episodes := s.View().Episodes
			if len(episodes) != 1 {
				t.Fatalf("%d episodes", len(episodes))
			}
			e := episodes[0]
			if _, step := e.Asked(asking); (step != nil) != tt.asked {
				t.Errorf("asked: %v, want %v", step != nil, tt.asked)
			}
			with := e.Review(&Guess{PointReady, probes.Exactly(2 * time.Second)})
			if guessed := !with.Guess.IsZero(); guessed != tt.asked {
				t.Errorf("the guess is told: %v, want %v: %s", guessed, tt.asked, with.Guess.En)
			}
			if without := e.Review(nil); !tt.asked && with.Headline != without.Headline {
				t.Errorf("the headline is %q, want %q", with.Headline.En, without.Headline.En)
			}
		})
	}
}
