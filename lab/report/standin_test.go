package report

import (
	"fmt"
	"strings"
	"testing"

	"healthlab/lab"
)

// A report tells once of each image that a stand-in ran for, and of none where none did.
func TestStandInsAreTold(t *testing.T) {
	const told = "Stand-ins of healthlab ran in place of these images"
	s := begin("")
	s.start(1, "shop-1", "10.244.0.2", true, livenessProbe())
	if text := in(t, s.report(), "md", lab.English); strings.Contains(text, told) {
		t.Error("told of stand-ins although none ran")
	}
	s = begin("")
	s.start(1, "shop-1", "10.244.0.2", true, livenessProbe())
	for i := range 40 {
		s.pod(float64(2+i), "shop-1", func(_ *lab.Pod, c *lab.Container) { c.StandIn, c.Image = true, fmt.Sprintf("acme/shop:%d", i/2) })
	}
	text := in(t, s.report(), "md", lab.English)
	if !strings.Contains(text, told) || strings.Count(text, "acme/shop:3") != 1 || strings.Contains(text, "acme/shop:10") {
		t.Errorf("the summary:\n%s", text[:min(len(text), 1500)])
	}
}
