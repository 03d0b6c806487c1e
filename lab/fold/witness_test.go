package fold

import (
	"testing"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/probes"
)

// The state of a probe is what its witness tells; another one's attempts are in the probe log only.
func TestWitnesses(t *testing.T) {
	on := func(p *lab.Pod) { p.Node = "node-1" }
	told := journal.KubeletTells{Node: "node-1", Tells: true}
	kubelet := attempt(probes.Failure, probes.Passing)
	kubelet.Attempt.Witness, kubelet.Attempt.Streak = lab.Kubelet, 2
	own := attempt(probes.Success, probes.Passing)
	own.Attempt.Streak = 7
	old := kubelet
	old.Attempt.Old, old.Attempt.Outcome = true, probes.Success
	tests := []struct {
		name    string
		bodies  []journal.Body
		witness lab.Witness
		streak  int
		recent  int
		log     int
	}{
		{"healthlab alone", []journal.Body{journal.Changed{Change: podOf(on)}, own}, lab.Engine, 7, 1, 1},
		{"the kubelet tells", []journal.Body{told, journal.Changed{Change: podOf(on)}, kubelet, own}, lab.Kubelet, 2, 1, 2},
		{"the kubelet tells from now on", []journal.Body{journal.Changed{Change: podOf(on)}, own, told}, lab.Kubelet, 0, 0, 1},
		{"the kubelet of another node tells", []journal.Body{journal.KubeletTells{Node: "node-2", Tells: true}, journal.Changed{Change: podOf(on)}, own}, lab.Engine, 7, 1, 1},
		{"the kubelet is lost", []journal.Body{told, journal.Changed{Change: podOf(on)}, kubelet, journal.KubeletTells{Node: "node-1"}, own}, lab.Engine, 7, 1, 2},
		{"what was before", []journal.Body{told, journal.Changed{Change: podOf(on)}, old}, lab.Kubelet, 2, 1, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := folded(tt.bodies...)
			snapshot := s.Snapshot(epoch)
			p := snapshot.Pods[0].Containers[0].Probes[0]
			if p.Witness != tt.witness || p.Streak != tt.streak || len(p.Recent) != tt.recent || len(snapshot.Attempts) != tt.log {
				t.Errorf("by %q, %d in a row, %d recent, %d in the log", p.Witness, p.Streak, len(p.Recent), len(snapshot.Attempts))
			}
		})
	}
}

// That the kubelet is not heard, and that healthlab's own probing is switched, is worth telling; that it is heard is not.
func TestWhatIsToldOfWitnesses(t *testing.T) {
	for _, tt := range []struct {
		body journal.Body
		want lab.FactKind
	}{
		{journal.KubeletTells{Node: "n", Tells: true}, ""},
		{journal.KubeletTells{Node: "n", Why: lab.T("권한 없음", "not permitted")}, lab.FactUntold},
		{journal.ProbingSet{Probing: lab.ProbingOff}, lab.FactProbing},
	} {
		s, kinds := folded(tt.body)
		if tt.want == "" && len(kinds) != 0 || tt.want != "" && (len(kinds) != 1 || kinds[0] != tt.want) {
			t.Errorf("%+v: told %v", tt.body, kinds)
		}
		if set, ok := tt.body.(journal.ProbingSet); ok && s.Snapshot(epoch).Probing != set.Probing {
			t.Errorf("probing %q", s.Snapshot(epoch).Probing)
		}
	}
}
