package course_test

import (
	"slices"
	"testing"

	"healthlab/lab"
	"healthlab/lab/course"
)

func TestStandIn(t *testing.T) {
	waits := func(message string) func(*lab.Snapshot) {
		p := pod("web-1", "web")
		p.Containers = []lab.Container{{Name: "app", Image: "node:18", State: lab.Waiting, Reason: "ErrImagePull", Message: message}}
		return pods(p)
	}
	const unknown = "healthlab has no image node:18; for a stand-in: kubectl annotate …; the nearest …"
	for _, tt := range []struct {
		name   string
		change []func(*lab.Snapshot)
		want   course.Code
	}{
		{"an image that healthlab does not have", []func(*lab.Snapshot){waits(unknown)}, ""},
		{"an image that an init container waits for", []func(*lab.Snapshot){waits(unknown), func(s *lab.Snapshot) {
			s.Pods[0].Init, s.Pods[0].Containers = s.Pods[0].Containers, nil
		}}, ""},
		{"a tag that there is not", []func(*lab.Snapshot){waits("healthlab has no image nginx:1.161; of nginx it has …")}, course.NoStandIn},
		{"another kubelet's message", []func(*lab.Snapshot){waits("pull access denied")}, course.NoStandIn},
		{"no pod", nil, course.NoStandIn},
		{"it runs", []func(*lab.Snapshot){waits(unknown), func(s *lab.Snapshot) { s.Pods[0].Containers[0].State = lab.Running }}, course.NoStandIn},
		{"a cluster of the user's own", []func(*lab.Snapshot){waits(unknown), func(s *lab.Snapshot) {
			s.Cluster.Real, s.Cluster.Preflight = true, &lab.Preflight{}
		}}, course.NoStandIn},
		{"a cluster that is lost", []func(*lab.Snapshot){waits(unknown), phase(lab.Lost)}, course.ClusterLost},
		{"a replay", []func(*lab.Snapshot){waits(unknown), func(s *lab.Snapshot) { s.Replay = true }}, course.Replaying},
	} {
		t.Run(tt.name, func(t *testing.T) {
			command, no := at(0, tt.change...).StandIn()
			if no.Code != tt.want {
				t.Errorf("%q: %q, want %q", no.Code, no.Text.En, tt.want)
			}
			if want := []string{"annotate", "--overwrite", "namespace", "ns", "healthlab/stand-in=true"}; !slices.Equal(command.Args, want) {
				t.Errorf("kubectl %q", command.Args)
			}
		})
	}
}
