package fold

import (
	"slices"
	"time"

	"healthlab/lab"
)

// onTrafficBegun takes in that requests are sent, or that more is known of how. Only the latter is told: before, it may still fail.
func (s *State) onTrafficBegun(plan lab.TrafficPlan, at time.Time) (news []lab.Fact) {
	known := s.traffic != nil && s.traffic.On && s.traffic.Service == plan.Service
	if !known {
		s.traffic = &lab.Traffic{TrafficPlan: plan, On: true, Since: at}
		return nil
	}
	next := *s.traffic
	next.TrafficPlan = plan
	s.traffic = &next
	return []lab.Fact{{Kind: lab.FactTraffic, Traffic: s.traffic}}
}

// onTraffic adds a second to what is being sent.
func (s *State) onTraffic(second lab.TrafficSecond) {
	if s.traffic == nil || !s.traffic.On {
		return
	}
	next := *s.traffic
	next.Last, next.Total = second, next.Total.Plus(second.All)
	next.Pods = slices.Clone(next.Pods)
	for _, p := range second.Pods {
		next.Pods = lab.AddPodTraffic(next.Pods, p)
	}
	if second.Speaks != "" {
		next.Speaks = second.Speaks
	}
	s.traffic = &next
}

func (s *State) onTrafficEnded(problem lab.Text) (news []lab.Fact) {
	if s.traffic == nil || !s.traffic.On {
		return nil
	}
	next := *s.traffic
	next.On, next.Problem = false, problem
	s.traffic = &next
	return []lab.Fact{{Kind: lab.FactTraffic, Traffic: s.traffic}}
}
