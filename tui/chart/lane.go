package chart

import (
	"slices"
	"strings"
	"time"

	"healthlab/lab"
	"healthlab/lab/timeline"
	"healthlab/probes"
	"healthlab/tui/rows"
	"healthlab/tui/widget"
)

// lane is a line of the picture.
type lane struct {
	label []string          // its names, the longest first
	ink   ink               // of the name
	bare  bool              // without guides
	flat  bool              // never higher than a line
	draw  func(*Chart, row) // by the chart that it is given
}

// density is how much of what could have a line of its own has to share one.
type density int

const (
	lavish  density = iota // the seconds since the fault have a line, too
	roomy                  // what was done, and every point that is expected
	tight                  // what was done with the verdict, and the other points
	tighter                // what was done with all points
	dense                  // and both witnesses of a probe
)

// lanes are those of a picture, in order: what was done and is expected, and then what was seen.
func (c *Chart) lanes(p Picture, d density) []lane {
	var all []lane
	if gaps := p.View.GapsIn(p.Axis.Left, p.Axis.Right()); len(gaps) > 0 {
		all = append(all, c.gapLane(p, gaps))
	}
	if len(p.Pods) == 1 {
		all = append(all, c.stories(p, p.Pods[0], d)...)
		marks, marked := c.markLane(p, p.Pods[0])
		if marked && d < dense {
			all = append(all, marks)
		}
		all = append(all, c.podLanes(p, p.Pods[0], d)...)
		all = append(all, c.traffic(p, nil)...)
		all = append(all, c.deployments(p)...)
		if marked && d == dense { // what was seen goes before what was guessed
			all = append(all, marks)
		}
		return all
	}
	all = append(all, c.traffic(p, nil)...)
	all = append(all, c.deployments(p)...)
	for _, pod := range p.Pods {
		story := c.story(p, pod, true, rows.Points()...)
		story.label, story.ink = []string{c.ending(pod.Name, p.Axis.Cells)}, strong
		all = append(all, story)
		all = append(all, c.podLanes(p, pod, dense)...)
		all = append(all, c.traffic(p, pod)...)
	}
	return all
}

// stories are the lanes of what was done to a pod and is expected of it.
func (c *Chart) stories(p Picture, pod *timeline.Pod, d density) []lane {
	forecast, did := []string{c.say(lab.T("예측", "forecast"))}, []string{c.say(lab.T("한 일", "done"))}
	var all []lane
	expected := c.expected(p, pod)
	switch {
	case d == tighter, d == dense, d == tight && len(expected) == 0:
		all = []lane{c.story(p, pod, true, rows.Points()...)}
		if all[0].label = forecast; len(expected) == 0 {
			all[0].label = did
		}
	case d == tight:
		all = []lane{
			c.story(p, pod, true, timeline.PointVerdict),
			c.story(p, pod, false, slices.DeleteFunc(rows.Points(), func(code timeline.PointCode) bool { return code == timeline.PointVerdict })...),
		}
		if all[0].label = forecast; !slices.Contains(expected, timeline.PointVerdict) {
			all[0].label, all[1].label = did, forecast
		}
	default:
		all = []lane{c.story(p, pod, true)}
		all[0].label = did
		if d == lavish && len(expected) > 0 {
			all = append(all, c.ruler(p, pod))
		}
		for i, code := range expected {
			one := c.story(p, pod, false, code)
			if i == 0 {
				one.label = forecast
			}
			all = append(all, one)
		}
	}
	if d == tight && c.big && len(expected) > 0 {
		all = slices.Insert(all, 0, c.ruler(p, pod))
	}
	for i := range all {
		all[i].ink = max(all[i].ink, text)
	}
	return all
}

// ending is as much of the end of a pod's name as fits, because that is what tells it from others.
func (c *Chart) ending(name string, cells int) string {
	w := LabelWidth(cells + LabelWidth(cells) + 1)
	return widget.Middle(widget.Clean(name), w, c.style.Glyphs.Ellipsis)
}

func (c *Chart) say(t lab.Text) string { return t.In(c.lang) }

// podLanes are what was seen of a pod.
func (c *Chart) podLanes(p Picture, pod *timeline.Pod, d density) []lane {
	var all []lane
	several := len(pod.Containers) > 1
	for _, con := range pod.Containers {
		name := c.say(lab.T("컨테이너", "container"))
		if several {
			name = widget.Clean(con.Name)
		}
		all = append(all, c.probeLanes(p, con, d)...)
		all = append(all, lane{label: []string{name}, ink: text, draw: func(c *Chart, r row) {
			states(c, p, r, con.Runs, c.run)
		}})
	}
	all = append(all, lane{label: []string{"READY"}, ink: text, draw: func(c *Chart, r row) { states(c, p, r, pod.Ready, c.ready) }})
	services, members := p.View.MembersOf(pod.UID)
	for i, m := range members {
		name := []string{c.say(lab.T("엔드포인트", "endpoint"))}
		if len(slices.Compact(slices.Clone(services))) > 1 {
			name = []string{widget.Clean(services[i])}
		}
		all = append(all, lane{label: name, ink: text, draw: func(c *Chart, r row) { states(c, p, r, m.States, c.membership) }})
	}
	if d < tight {
		all = append(all, c.traffic(p, pod)...)
	}
	return all
}

// kindName is a kind of probe in a word.
func (c *Chart) kindName(kind probes.Kind) string {
	switch kind {
	case probes.Startup:
		return c.say(lab.T("스타트업", "startup"))
	case probes.Readiness:
		return c.say(lab.T("준비성", "readiness"))
	case probes.Liveness:
		return c.say(lab.T("활성", "liveness"))
	default:
		return string(kind)
	}
}

// probeLanes are the attempts at the probes of a container.
func (c *Chart) probeLanes(p Picture, con *timeline.Container, d density) []lane {
	var all []lane
	for _, probe := range con.Probes {
		kind := c.kindName(probe.Spec.Kind)
		if d >= dense {
			all = append(all, lane{label: []string{kind}, ink: text, draw: func(c *Chart, r row) {
				sum := make([]tally, len(r))
				witnessed(sum, p.Axis, probe)
				c.attempts(r, sum)
			}})
			continue
		}
		for _, witness := range []struct {
			name     string
			attempts timeline.Attempts
		}{{"kubelet", probe.Kubelet}, {"healthlab", probe.Engine}} {
			if witness.attempts.Len() == 0 && probe.Told {
				continue // the kubelet tells all there is
			}
			label := []string{kind + " " + witness.name}
			if len(con.Probes) == 1 {
				label = append(label, witness.name)
			} else {
				letter := strings.ToUpper(string(probe.Spec.Kind)[:1]) // S, R or L: English has them apart, Korean has not
				label = append(label, letter+" "+witness.name)
			}
			all = append(all, lane{label: label, ink: text, draw: func(c *Chart, r row) {
				sum := make([]tally, len(r))
				tallies(sum, p.Axis, witness.attempts)
				c.attempts(r, sum)
			}})
		}
	}
	return all
}

// deployments are the counts of those that choose a pod of the picture.
func (c *Chart) deployments(p Picture) []lane {
	var all []lane
	for _, d := range p.View.Deployments {
		of := p.View.PodsOf(d.Name)
		if !slices.ContainsFunc(p.Pods, func(pod *timeline.Pod) bool { return slices.Contains(of, pod) }) {
			continue
		}
		all = append(all, lane{label: []string{c.say(lab.T("레플리카", "replicas"))}, ink: text, draw: func(c *Chart, r row) { states(c, p, r, d.Counts, c.counts) }})
	}
	return all
}

// gapLane tells of what less is known.
func (c *Chart) gapLane(p Picture, gaps []timeline.Gap) lane {
	return lane{label: []string{c.say(lab.T("모르는 때", "not known"))}, ink: info, bare: true, draw: func(c *Chart, r row) {
		for _, g := range gaps {
			from, to := p.Axis.Cell(g.From), c.until(p, g.To)
			r.fill(from, to, c.style.Glyphs.Unknown, info)
			if c.mute {
				continue
			}
			words := g.Why.Words().In(c.lang)
			if g.Resource != "" {
				words = widget.Clean(g.Resource) + ": " + words
			}
			if room := min(to, len(r)-1) - max(from, 0) - 1; widget.Width(words) <= room {
				r.write(max(from, 0)+1, words, info)
			} else {
				r.label([]string{words}, info, from-2, to+2, c.style.Glyphs.Ellipsis)
			}
		}
	}}
}

// until is the last cell of what ends at a time, or goes on until now if that is zero.
func (c *Chart) until(p Picture, t time.Time) int {
	if t.IsZero() || t.After(p.Now) {
		t = p.Now
	}
	return p.Axis.Cell(t)
}
