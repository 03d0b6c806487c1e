package probes_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"healthlab/probes"
)

func TestTicks(t *testing.T) {
	tests := []struct {
		name   string
		age    time.Duration // of the container when the worker begins
		script string
		spec   []func(*probes.Spec)
		pass   time.Duration
		want   []string
	}{
		{
			name: "first attempt at once", script: "s", pass: 21 * time.Second,
			want: []string{
				"0s success 1/1 passing next 10s",
				"10s success 2/1 passing next 20s",
				"20s success 3/1 passing next 30s",
			},
		},
		{
			name: "initial delay ends between ticks", script: "s", pass: 11 * time.Second,
			spec: []func(*probes.Spec){every(5 * time.Second), after(7 * time.Second)},
			want: []string{"10s success 1/1 passing next 15s"},
		},
		{
			name: "initial delay ends at a tick", script: "s", pass: 6 * time.Second,
			spec: []func(*probes.Spec){every(5 * time.Second), after(5 * time.Second)},
			want: []string{"5s success 1/1 passing next 10s"},
		},
		{
			name: "age counts in whole seconds", age: 1900 * time.Millisecond, script: "s", pass: 9 * time.Second,
			spec: []func(*probes.Spec){every(3 * time.Second), after(5 * time.Second)},
			want: []string{
				"6s success 1/1 passing next 9s",
				"9s success 2/1 passing next 12s",
			},
		},
		{
			name: "delay was over before the worker began", age: time.Minute, script: "s", pass: time.Second,
			spec: []func(*probes.Spec){after(30 * time.Second)},
			want: []string{"0s success 1/1 passing next 10s"},
		},
		{
			name: "start less than a second ahead", age: -900 * time.Millisecond, script: "s", pass: time.Second,
			want: []string{"0s success 1/1 passing next 10s"},
		},
		{
			name: "start further ahead", age: -3 * time.Second, script: "s", pass: 4 * time.Second,
			spec: []func(*probes.Spec){every(time.Second)},
			want: []string{
				"3s success 1/1 passing next 4s",
				"4s success 2/1 passing next 5s",
			},
		},
		{
			name: "slow attempt is followed at once, ticks it covered are lost", script: "ls", pass: 4 * time.Second,
			spec: []func(*probes.Spec){every(time.Second), timeout(5 * time.Second)},
			want: []string{
				"0s success 1/1 passing next 2.5s",
				"2.5s success 2/1 passing next 3s",
				"3s success 3/1 passing next 4s",
				"4s success 4/1 passing next 5s",
			},
		},
		{
			name: "timeout counts as a failure", script: "t", pass: 10 * time.Second,
			spec: []func(*probes.Spec){every(5 * time.Second), timeout(2 * time.Second)},
			want: []string{
				"0s failure 1/3 passing next 5s",
				"5s failure 2/3 passing next 10s",
			},
		},
		{
			name: "timeout longer than the period", script: "t", pass: 9 * time.Second,
			spec: []func(*probes.Spec){every(time.Second), timeout(3 * time.Second)},
			want: []string{
				"0s failure 1/3 passing next 3s",
				"3s failure 2/3 passing next 6s",
				"6s failure 3/3 failing changed hold",
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t)
				r.change(func(s *probes.State) { s.StartedAt = r.began.Add(-test.age) })
				r.add(probes.Liveness, test.script, test.spec...)
				pass(test.pass)
				r.want(test.want...)
			})
		})
	}
}

func TestLivenessHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.add(probes.Liveness, "sfff", every(5*time.Second))
		r.wantVerdict(probes.Liveness, "c1", probes.Passing)
		pass(2 * time.Minute)
		r.want(
			"0s success 1/1 passing next 5s",
			"5s failure 1/3 passing next 10s",
			"10s failure 2/3 passing next 15s",
			"15s failure 3/3 failing changed hold",
		)
		r.wantVerdict(probes.Liveness, "c1", probes.Failing)

		// While it is being killed and is gone, nothing is attempted; the verdict stays.
		r.change(func(s *probes.State) { s.Running = false })
		pass(10 * time.Second)
		r.want()
		r.wantVerdict(probes.Liveness, "c1", probes.Failing)

		// The new container begins with a streak of its own.
		r.restart("c2")
		r.wantVerdict(probes.Liveness, "c2", "") // no tick has looked at it
		pass(5 * time.Second)
		r.want("2m15s failure 1/3 passing next 2m20s")
		r.wantVerdict(probes.Liveness, "c2", probes.Passing)
		r.wantVerdict(probes.Liveness, "c1", "")
	})
}

// A container that ends by itself leaves its failures to its successor, because only a hold resets the streak.
func TestStreakOutlivesContainer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.add(probes.Liveness, "f")
		pass(11 * time.Second)
		r.want("0s failure 1/3 passing next 10s", "10s failure 2/3 passing next 20s")
		r.restart("c2")
		pass(10 * time.Second)
		r.want("20s failure 3/3 failing changed hold")
	})
}

func TestReadinessGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.add(probes.Readiness, "sfffffss", thresholds(2, 3), every(3*time.Second))
		r.wantVerdict(probes.Readiness, "c1", probes.Failing)
		pass(21 * time.Second)
		r.want(
			"0s success 1/2 failing next 3s",
			"3s failure 1/3 failing next 6s",
			"6s failure 2/3 failing next 9s",
			"9s failure 3/3 failing next 12s",
			"12s failure 4/3 failing next 15s",
			"15s failure 5/3 failing next 18s",
			"18s success 1/2 failing next 21s",
			"21s success 2/2 passing changed next 24s",
		)
		r.wantVerdict(probes.Readiness, "c1", probes.Passing)
	})
}

func TestContainerNotThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.change(func(s *probes.State) { *s = probes.State{} })
		r.add(probes.Readiness, "s", every(time.Second))
		pass(5 * time.Second)
		r.want()
		r.wantVerdict(probes.Readiness, "", "")

		// There, but not running: Failing, without an attempt, whatever the kind.
		r.add(probes.Liveness, "s", every(time.Second))
		r.change(func(s *probes.State) { s.ID = "c1" })
		pass(time.Second)
		r.want()
		r.wantVerdict(probes.Readiness, "c1", probes.Failing)
		r.wantVerdict(probes.Liveness, "c1", probes.Failing)
	})
}

func TestStartup(t *testing.T) {
	t.Run("success starts readiness at once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			r.change(func(s *probes.State) { s.Started = false })
			r.onReport = func(a probes.Attempt) {
				if a.Key.Kind == probes.Startup && a.Verdict == probes.Passing {
					r.change(func(s *probes.State) { s.Started = true })
				}
			}
			r.add(probes.Readiness, "s", every(10*time.Second))
			r.add(probes.Liveness, "s", every(7*time.Second))
			r.add(probes.Startup, "fffs", every(2*time.Second), thresholds(1, 30))
			r.wantVerdict(probes.Startup, "c1", probes.Undecided)
			pass(17 * time.Second)
			r.want(
				"0s failure 1/30 undecided next 2s",
				"2s failure 2/30 undecided next 4s",
				"4s failure 3/30 undecided next 6s",
				"6s success 1/1 passing changed hold",
				"6s success 1/1 passing changed next 16s", // readiness, by the trigger
				"7s success 1/1 passing next 14s",         // liveness, at its own tick
				"14s success 2/1 passing next 21s",
				"16s success 2/1 passing next 26s",
			)
			r.wantVerdict(probes.Startup, "c1", probes.Passing)
		})
	})
	t.Run("failure holds until there is a new container", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			r.change(func(s *probes.State) { s.Started = false })
			r.add(probes.Startup, "fffs", every(time.Second), thresholds(1, 2))
			r.add(probes.Readiness, "s", every(time.Second))
			pass(10 * time.Second)
			r.want("0s failure 1/2 undecided next 1s", "1s failure 2/2 failing changed hold")
			r.restart("c2")
			pass(2 * time.Second)
			r.want("11s failure 1/2 undecided next 12s", "12s success 1/1 passing changed hold")
		})
	})
	t.Run("success of a container that has a successor triggers nothing", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			r.change(func(s *probes.State) { s.Started = false })
			r.add(probes.Readiness, "s", every(10*time.Second))
			r.add(probes.Startup, "lf", every(10*time.Second), timeout(5*time.Second))
			pass(time.Second)
			r.restart("c2")
			pass(10 * time.Second)
			r.change(func(s *probes.State) { s.Started = true })
			pass(10 * time.Second)
			r.want(
				"0s success 1/1 passing changed hold", // on c1, at 2.5 s
				"10s failure 1/3 undecided next 20s",
				"20s success 1/1 passing changed next 30s", // not at 12.5 s
			)
		})
	})
	t.Run("not attempted once started", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			r.add(probes.Startup, "s")
			pass(time.Minute)
			r.want()
			r.wantVerdict(probes.Startup, "c1", probes.Undecided)
		})
	})
}

func TestAttemptThatErrs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		// Two errors and an answer are one attempt; three errors are one that is thrown away, between two failures that
		// stay a streak.
		r.add(probes.Liveness, "uuf"+"uuu"+"f"+"us", every(time.Second), thresholds(1, 2))
		pass(3500 * time.Millisecond)
		r.want(
			"0s failure 1/2 passing next 1s",
			"1s unknown 1/2 passing next 2s",
			"2s failure 2/2 failing changed hold",
		)
		r.restart("c2")
		pass(time.Second)
		r.want("4s success 1/1 passing next 5s")
	})
}

func TestAttemptThatErrsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.add(probes.Readiness, "u")
		r.want("0s unknown 0/0 failing next 10s")
	})
}

func TestDeletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.add(probes.Liveness, "f", every(4*time.Second))
		r.add(probes.Readiness, "sf", every(3*time.Second))
		r.want("0s failure 1/3 passing next 4s", "0s success 1/1 passing changed next 3s")

		r.change(func(s *probes.State) { s.Deleting = true })
		pass(9 * time.Second)
		r.want(
			"3s failure 1/3 passing next 6s",
			"6s failure 2/3 passing next 9s",
			"9s failure 3/3 failing changed next 12s",
		)
		r.wantVerdict(probes.Liveness, "c1", "") // its worker has left

		r.change(func(s *probes.State) { s.Running, s.Terminal = false, true })
		pass(10 * time.Second)
		r.want()
		r.wantVerdict(probes.Readiness, "c1", "")

		// The keys are free again.
		r.change(func(s *probes.State) { *s = probes.State{ID: "c9", Running: true, Started: true} })
		r.add(probes.Liveness, "s")
		r.want("19s success 1/1 passing next 29s")
	})
}

func TestTrigger(t *testing.T) {
	t.Run("restarts the ticks", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			r.add(probes.Readiness, "f")
			pass(4 * time.Second)
			r.engine.Trigger(key(probes.Readiness))
			pass(11 * time.Second)
			r.want(
				"0s failure 1/3 failing next 10s",
				"4s failure 2/3 failing next 14s",
				"14s failure 3/3 failing next 24s",
			)
		})
	})
	t.Run("heeds the initial delay", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			r.add(probes.Readiness, "s", every(3*time.Second), after(5*time.Second))
			pass(2 * time.Second)
			r.engine.Trigger(key(probes.Readiness))
			pass(7 * time.Second)
			r.want("5s success 1/1 passing changed next 8s", "8s success 2/1 passing next 11s")
		})
	})
	t.Run("during an attempt, twice, is one", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			r.add(probes.Readiness, "ls", timeout(5*time.Second))
			r.engine.Trigger(key(probes.Readiness))
			r.engine.Trigger(key(probes.Readiness))
			pass(4 * time.Second)
			r.want("0s success 1/1 passing changed next 2.5s", "2.5s success 2/1 passing next 12.5s")
		})
	})
	t.Run("does not end a hold", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			r.add(probes.Liveness, "f", thresholds(1, 1))
			r.engine.Trigger(key(probes.Liveness))
			pass(time.Second)
			r.want("0s failure 1/1 failing changed hold")
		})
	})
	t.Run("of nobody", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t)
			r.engine.Trigger(key(probes.Startup))
			r.want()
		})
	})
}

// What the kubelet began before, or by a clock that goes ahead, is joined at its next tick.
func TestJoinTicksWithTheOther(t *testing.T) {
	for _, c := range []struct {
		name  string
		since time.Duration // before now
		want  time.Duration // until the first attempt
	}{
		{"half a period ago", 5 * time.Second, 5 * time.Second},
		{"many periods and a little ago", 93 * time.Second, 7 * time.Second},
		{"at this moment", 0, 10 * time.Second},
		{"by a clock that goes ahead", -4 * time.Second, 4 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				attempts := make(chan probes.Attempt, 9)
				e := probes.New(probes.Config{Report: func(a probes.Attempt) { attempts <- a }})
				defer e.Close()
				key := probes.Key{Pod: "p", Container: "c", Kind: probes.Liveness}
				spec := probes.Spec{Kind: probes.Liveness, Exec: &probes.ExecAction{Command: []string{"true"}}, Period: 10 * time.Second}
				target := probes.Target{Exec: func(context.Context, []string, int) ([]byte, int, error) { return nil, 0, nil }}
				state := probes.State{ID: "1", Running: true, Started: true, StartedAt: began.Add(-time.Hour)}
				if err := e.Join(key, spec, target, func() probes.State { return state }, began.Add(-c.since)); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				if plan, _ := e.Plan(key); !plan.Next.Equal(began.Add(c.want)) {
					t.Errorf("the first attempt is planned in %v, want %v", plan.Next.Sub(began), c.want)
				}
				for i := range 3 {
					if got, want := (<-attempts).Start.Sub(began), c.want+time.Duration(i)*10*time.Second; got != want {
						t.Errorf("attempt %d after %v, want %v", i, got, want)
					}
				}
			})
		})
	}
}

// A container that started a moment after the ticks began has not run for a whole period at the first one, also if a busy
// machine looks a little later than it should.
func TestATickThatComesLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		attempts := make(chan probes.Attempt, 9)
		e := probes.New(probes.Config{Report: func(a probes.Attempt) { attempts <- a }})
		defer e.Close()
		spec := probes.Spec{
			Kind: probes.Liveness, Exec: &probes.ExecAction{Command: []string{"true"}},
			InitialDelay: 10 * time.Second, Period: 10 * time.Second,
		}
		target := probes.Target{Exec: func(context.Context, []string, int) ([]byte, int, error) { return nil, 0, nil }}
		state := probes.State{ID: "1", Running: true, Started: true, StartedAt: began.Add(3 * time.Millisecond)}
		busy := func() probes.State {
			<-time.After(8 * time.Millisecond)
			return state
		}
		if err := e.Add(probes.Key{Pod: "p", Container: "c", Kind: probes.Liveness}, spec, target, busy); err != nil {
			t.Fatal(err)
		}
		if got := (<-attempts).Start.Sub(began).Truncate(time.Second); got != 20*time.Second {
			t.Errorf("the first attempt after %v, want 20s", got)
		}
	})
}

// Another prober did not come to the same verdict: the hold ends, and the count begins anew.
func TestRelease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.add(probes.Liveness, "fffs", thresholds(1, 2))
		release := func(id string, want bool) {
			t.Helper()
			if got := r.engine.Release(key(probes.Liveness), id); got != want {
				t.Errorf("Release of %s at %v = %v", id, time.Since(r.began), got)
			}
		}
		release("c1", false)
		pass(15 * time.Second)
		r.want("0s failure 1/2 passing next 10s", "10s failure 2/2 failing changed hold")
		pass(30 * time.Second)
		r.want()
		release("c0", false)
		release("c1", true)
		release("c1", false)
		r.wantVerdict(probes.Liveness, "c1", probes.Passing)
		pass(20 * time.Second)
		r.want("50s failure 1/2 passing next 1m0s", "1m0s success 1/1 passing next 1m10s")
	})
}
