package probes_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"healthlab/probes"
)

func TestAddRefuses(t *testing.T) {
	engine := probes.New(probes.Config{})
	defer engine.Close()
	valid := liveness()
	never := func() probes.State { t.Error("state was asked for"); return probes.State{} }
	tests := []struct {
		name string
		key  probes.Key
		spec probes.Spec
		want string
	}{
		{
			name: "another kind than the key's", key: key(probes.Readiness), spec: valid,
			want: "add readiness probe of container app in pod pod: the spec is of a liveness probe",
		},
		{
			name: "an invalid spec", key: key(probes.Liveness),
			spec: liveness(func(s *probes.Spec) { s.TCP.Port.Number, s.FailureThreshold = 0, -1 }),
			want: "add liveness probe of container app in pod pod: invalid liveness probe: " +
				"tcpSocket.port: 0: must be from 1 to 65535\nfailureThreshold: -1: must be from 1 to 2147483647",
		},
		{
			name: "exec without a way to run commands", key: key(probes.Liveness),
			spec: liveness(execOf("x")),
			want: "add liveness probe of container app in pod pod: " +
				"exec probe: the target has no Exec to run commands with",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := engine.Add(test.key, test.spec, probes.Target{}, never)
			if err == nil || err.Error() != test.want {
				t.Errorf("Add = %v, want %s", err, test.want)
			}
		})
	}
}

func TestAddLeavesExistingAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.add(probes.Liveness, "s")
		pass(3 * time.Second)
		r.add(probes.Liveness, "f", every(time.Second))
		pass(8 * time.Second)
		r.want("0s success 1/1 passing next 10s", "10s success 2/1 passing next 20s")
	})
}

func TestRemoveCancelsAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.add(probes.Liveness, "t", timeout(time.Hour))
		r.engine.Remove(key(probes.Liveness))
		synctest.Wait()
		if got := time.Since(r.began); got != 0 {
			t.Errorf("the attempt went on for %v", got)
		}
		r.want()
		r.wantVerdict(probes.Liveness, "c1", "")
		r.engine.Remove(key(probes.Liveness)) // not there any more: nothing happens
	})
}

func TestAddAfterRemoveWaitsForOldWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		release := make(chan struct{})
		r.onReport = func(probes.Attempt) { <-release }
		r.add(probes.Liveness, "s") // its report does not return
		for range 3 {
			r.engine.Remove(key(probes.Liveness))
			r.add(probes.Liveness, "f")
		}
		pass(time.Minute)
		r.want("0s success 1/1 passing next 10s")
		close(release)
		synctest.Wait()
		r.want("1m0s failure 1/3 passing next 1m10s")
	})
}

func TestRemoveFromWithinReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.onReport = func(a probes.Attempt) {
			r.engine.Trigger(a.Key)
			r.engine.Remove(a.Key)
		}
		r.add(probes.Readiness, "s")
		pass(time.Minute)
		r.want("0s success 1/1 passing changed next 10s")
	})
}

func TestCloseWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := 0
		engine := probes.New(probes.Config{Report: func(probes.Attempt) {
			t.Error("a cancelled attempt was reported")
		}})
		target := probes.Target{Exec: func(ctx context.Context, _ []string, _ int) ([]byte, int, error) {
			<-ctx.Done()
			<-time.After(3 * time.Second) // takes a while to be killed
			ended++
			return nil, 0, ctx.Err()
		}}
		spec := liveness(timeout(time.Hour), execOf("x"))
		state := func() probes.State { return probes.State{ID: "c", Running: true, Started: true} }
		if err := engine.Add(key(probes.Liveness), spec, target, state); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		engine.Close()
		if ended != 1 {
			t.Errorf("Close returned before the attempt had ended")
		}
		engine.Close()
		if err := engine.Add(key(probes.Liveness), spec, target, state); !errors.Is(err, probes.ErrClosed) {
			t.Errorf("Add after Close = %v, want %v", err, probes.ErrClosed)
		}
	})
}

func TestStartupTriggersOnlyItsOwnContainer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		got := map[string]int{}
		engine := probes.New(probes.Config{Report: func(a probes.Attempt) {
			mu.Lock()
			defer mu.Unlock()
			got[a.Key.Pod+a.Key.Container+string(a.Key.Kind)]++
		}})
		defer engine.Close()
		for _, name := range []string{"a", "b"} {
			state := func() probes.State {
				v, _ := engine.Verdict(probes.Key{Pod: "p", Container: name, Kind: probes.Startup}, name)
				return probes.State{ID: name, Running: true, Started: v == probes.Passing}
			}
			for kind, script := range map[probes.Kind]string{
				probes.Readiness: "s",
				probes.Startup:   map[string]string{"a": "fs", "b": "f"}[name],
			} {
				spec := probes.Spec{
					Kind: kind, Exec: &probes.ExecAction{Command: []string{"x"}},
					Period: map[probes.Kind]time.Duration{probes.Readiness: time.Hour, probes.Startup: time.Second}[kind],
				}
				k := probes.Key{Pod: "p", Container: name, Kind: kind}
				if err := engine.Add(k, spec, probes.Target{Exec: scripted(script)}, state); err != nil {
					t.Fatal(err)
				}
			}
		}
		pass(time.Second)
		mu.Lock()
		defer mu.Unlock()
		if got["pareadiness"] != 1 || got["pbreadiness"] != 0 {
			t.Errorf("readiness attempts = %v, want one of a and none of b", got)
		}
	})
}

// Every method from many goroutines at once, for the race detector.
func TestConcurrentUse(t *testing.T) {
	var reports atomic.Int64
	engine := probes.New(probes.Config{Report: func(probes.Attempt) { reports.Add(1) }})
	state := func() probes.State { return probes.State{ID: "c", Running: true, Started: true} }
	spec := liveness(execOf("x"))
	instant := func(context.Context, []string, int) ([]byte, int, error) { return nil, 0, nil }
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 200 {
				k := probes.Key{Pod: fmt.Sprint((i + j) % 5), Container: "app", Kind: probes.Liveness}
				if err := engine.Add(k, spec, probes.Target{Exec: instant}, state); err != nil {
					t.Error(err)
				}
				engine.Trigger(k)
				engine.Verdict(k, "c")
				engine.Remove(k)
			}
		})
	}
	wg.Wait()
	engine.Close()
	if reports.Load() > 8*200 {
		t.Errorf("%d reports of at most %d workers with a period of ten seconds", reports.Load(), 8*200)
	}
}
