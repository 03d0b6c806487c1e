package course

import "healthlab/lab"

// OtherProbing is what the key for healthlab's own probing changes to: from what healthlab does by itself to the opposite, and
// from anything else back to that.
func (m Moment) OtherProbing() lab.Probing {
	switch {
	case m.Snapshot.Probing != lab.ProbingAuto:
		return lab.ProbingAuto
	case len(m.Snapshot.Cluster.Told) > 0:
		return lab.ProbingOn
	default:
		return lab.ProbingOff
	}
}

// probingWords says whether healthlab makes probes of its own.
func probingWords(p lab.Probing) lab.Text {
	switch p {
	case lab.ProbingOn:
		return lab.T("healthlab도 프로브를 직접 실행합니다", "healthlab runs the probes itself, too")
	case lab.ProbingOff:
		return lab.T("healthlab은 프로브를 직접 실행하지 않습니다", "healthlab runs no probes itself")
	default:
		return lab.T("kubelet이 시도를 하나씩 알리지 않는 곳에서만 healthlab이 프로브를 직접 실행합니다",
			"healthlab runs probes itself only where the kubelet does not tell of each attempt")
	}
}
