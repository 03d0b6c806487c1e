package probes

import "testing"

// What a kubelet tells of an attempt is read back as it was written.
func TestReadEvent(t *testing.T) {
	key := func(kind Kind) Key { return Key{Kind: kind} }
	written := func(a Attempt) string { _, message, _ := a.Event(); return message }
	for name, test := range map[string]struct {
		message string
		want    Reported
		none    bool
	}{
		"a failure": {
			message: written(Attempt{Key: key(Liveness), Outcome: Failure, Message: "connection refused"}),
			want:    Reported{Kind: Liveness, Outcome: Failure, Message: "connection refused"},
		},
		"a request that was not answered in time": {
			message: written(Attempt{Key: key(Liveness), Outcome: Failure, Message: `Get "http://10.0.0.1/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`}),
			want:    Reported{Kind: Liveness, Outcome: Failure, TimedOut: true, Message: `Get "http://10.0.0.1/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`},
		},
		"a command that speaks of a timeout of its own": {
			message: written(Attempt{Key: key(Liveness), Outcome: Failure, Message: "redis: i/o timeout: context deadline exceeded"}),
			want:    Reported{Kind: Liveness, Outcome: Failure, Message: "redis: i/o timeout: context deadline exceeded"},
		},
		"a failure that says nothing": {
			message: written(Attempt{Key: key(Startup), Outcome: Failure}),
			want:    Reported{Kind: Startup, Outcome: Failure},
		},
		"combined with others": {
			message: "(combined from similar events): " + written(Attempt{Key: key(Readiness), Outcome: Failure, Message: "cat: no file\n"}),
			want:    Reported{Kind: Readiness, Outcome: Failure, Message: "cat: no file"},
		},
		"a warning": {
			message: written(Attempt{Key: key(Readiness), Outcome: Success, Warning: true, Message: "Probe terminated redirects"}),
			want:    Reported{Kind: Readiness, Outcome: Success, Warning: true, Message: "Probe terminated redirects"},
		},
		"an attempt that was not completed": {
			message: written(Attempt{Key: key(Liveness), Outcome: Unknown, ErrorState: Unknown, Message: "rpc error: no shell"}),
			want:    Reported{Kind: Liveness, Outcome: Unknown, Message: "rpc error: no shell"},
		},
		"the same until 1.33": {
			message: "Liveness probe errored: rpc error: no shell",
			want:    Reported{Kind: Liveness, Outcome: Unknown, Message: "rpc error: no shell"},
		},
		"a container that is killed": {message: "Container app failed liveness probe, will be restarted", none: true},
		"a probe of another kind":    {message: "Manual probe failed: x", none: true},
		"nothing":                    {none: true},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := ReadEvent(test.message)
			if got != test.want || ok == test.none {
				t.Errorf("ReadEvent(%q) = %+v, %v; want %+v, %v", test.message, got, ok, test.want, !test.none)
			}
		})
	}
}

func TestReadKilling(t *testing.T) {
	for name, test := range map[string]struct {
		message string
		want    Kind
	}{
		"liveness":                             {"Container app failed liveness probe, will be restarted", Liveness},
		"startup":                              {"Container app failed startup probe, will be restarted", Startup},
		"combined with others":                 {"(combined from similar events): Container app failed liveness probe, will be restarted", Liveness},
		"a container that is not to run again": {"Container app failed liveness probe", Liveness},
		"a sidecar":                            {"Init container app failed startup probe", Startup},
		"another container":                    {"Container web failed liveness probe, will be restarted", ""},
		"a pod that is deleted":                {"Stopping container app", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got, ok := ReadKilling(test.message, "app"); got != test.want || ok != (test.want != "") {
				t.Errorf("ReadKilling(%q) = %q, %v; want %q", test.message, got, ok, test.want)
			}
		})
	}
}
