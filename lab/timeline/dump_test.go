package timeline

import (
	"fmt"
	"strings"
)

// dump is everything in a view, to see whether two are the same.
func dump(v *View) string {
	var out strings.Builder
	fmt.Fprintln(&out, v.From, v.To, v.Revision, v.Acts, v.Gaps, v.Dropped, v.shifts)
	for _, p := range v.Pods {
		fmt.Fprintln(&out, p.UID, p.Name, p.Deleting, p.Gone, p.Ready)
		for _, c := range p.Containers {
			fmt.Fprintln(&out, c.Name, c.Runs)
			for _, pr := range c.Probes {
				fmt.Fprintln(&out, pr.Engine, pr.Kubelet, pr.Verdicts)
			}
		}
	}
	for _, s := range v.Services {
		for _, m := range s.Members {
			fmt.Fprintln(&out, s.Name, *m)
		}
	}
	for _, d := range v.Deployments {
		fmt.Fprintln(&out, *d)
	}
	for _, e := range v.Episodes {
		fmt.Fprintln(&out, e.ID, e.Begun, e.Ended, e.Points)
	}
	return out.String()
}
