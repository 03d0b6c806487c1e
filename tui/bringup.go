package tui

import (
	"healthlab/lab"
	"healthlab/tui/widget"
)

// bringUp draws the parts of the control plane while they come up, or why they did not.
func (d *display) bringUp(c lab.Cluster, w, h int) string {
	g := d.style.Glyphs
	var lines []string
	if c.Phase == lab.Failed {
		lines = append(lines, d.style.Bad.Render(g.Fail+" "+d.say(unusable())))
	}
	lines = append(lines, styled(d.style.Bad.Render, problemLines(d.say(c.Problem), w))...)
	if c.Phase == lab.Starting && len(c.Components) == 0 {
		lines = append(lines, d.style.Muted.Render(g.Wait+" "+d.say(lab.T("연결하는 중", "connecting"))))
	}
	// The part under way is the news: when there is no room for all, those that are ready go first.
	skip := max(len(c.Components)-(h-len(lines)), 0)
	for _, part := range c.Components {
		if skip > 0 && part.State == lab.ComponentReady {
			skip--
			continue
		}
		lines = append(lines, d.componentLine(part))
	}
	return widget.Block(lines, w, h, g.Ellipsis)
}

func problemLines(problem string, w int) []string {
	if problem == "" {
		return nil
	}
	return widget.Wrap(problem, max(w, 1))
}

func (d *display) componentLine(c lab.Component) string {
	g, s := d.style.Glyphs, d.style
	took := ""
	if c.Took > 0 {
		took = "  " + span(c.Took, d.lang)
	}
	switch c.State {
	case lab.ComponentReady:
		return s.Good.Render(g.OK) + " " + c.Name + s.Muted.Render("  "+lab.T("준비됨", "ready").In(d.lang)+took)
	case lab.ComponentStarting:
		return s.Warn.Render(g.Running) + " " + c.Name + s.Muted.Render("  "+lab.T("시작 중", "starting").In(d.lang)+took)
	case lab.ComponentFailed:
		return s.Bad.Render(g.Fail) + " " + c.Name + "  " + s.Bad.Render(lab.T("실패", "failed").In(d.lang)+": "+widget.Clean(c.Err))
	case lab.ComponentWaiting:
	}
	return s.Muted.Render(g.Wait + " " + c.Name + "  " + lab.T("기다림", "waiting").In(d.lang))
}
