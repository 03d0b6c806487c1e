package replicas

import (
	"fmt"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"healthlab/lab"
	"healthlab/tui/theme"
	"healthlab/tui/widget"
)

// Pane shows deployments and endpoints.
type Pane struct {
	widget.Scrolled

	style       theme.Style
	lang        lab.Lang
	deployments []lab.Deployment
	endpoints   []endpoint
	traffic     *lab.Traffic // as it is sent; nil while none is
	namespace   string
	changes     widget.Changes
}

// New returns an empty pane.
func New() *Pane { return &Pane{} }

// Title returns the pane's title.
func (p *Pane) Title(l lab.Lang) string {
	return lab.T("레플리카와 엔드포인트", "Replicas and endpoints").In(l)
}

// SetStyle sets theme and language.
func (p *Pane) SetStyle(s theme.Style, l lab.Lang) {
	p.style, p.lang = s, l
	p.Frame.Invalidate()
}

// SetSnapshot takes over deployments and endpoints, and remembers what has changed.
func (p *Pane) SetSnapshot(s *lab.Snapshot) {
	if s.Cluster.Namespace != p.namespace {
		p.namespace, p.endpoints = s.Cluster.Namespace, nil
	}
	p.deployments = s.Deployments
	p.endpoints = endpoints(s.At, s.Endpoints, p.endpoints)
	if p.traffic = s.Traffic; p.traffic != nil && !p.traffic.On {
		p.traffic = nil
	}
	p.changes.Begin()
	for _, d := range p.deployments {
		p.changes.Note("d/"+d.Name, strings.Join(numbers(d), " "), s.At)
	}
	for _, e := range p.endpoints {
		p.changes.Note("e/"+e.service+"/"+e.address, fmt.Sprint(e.state), s.At)
	}
	p.changes.End()
	p.Frame.Invalidate()
}

// Empty reports whether there are neither deployments nor endpoints.
func (p *Pane) Empty() bool { return len(p.deployments) == 0 && len(p.endpoints) == 0 }

// View draws the pane.
func (p *Pane) View(now time.Time) string {
	return p.Frame.Draw(now, p.style.Glyphs.Ellipsis, func(w, h int) ([]string, bool) { return p.draw(w, h, now) })
}

func (p *Pane) draw(w, h int, now time.Time) ([]string, bool) {
	if len(p.deployments) == 0 && len(p.endpoints) == 0 {
		return []string{p.style.Placeholder.Render(lab.T(
			"아직 디플로이먼트가 없습니다.", "No deployment yet.").In(p.lang))}, false
	}
	var lines []string
	ticking := false
	for _, d := range p.deployments {
		st, recent := p.style.Changed(p.changes.Age("d/"+d.Name, now))
		ticking = ticking || recent
		lines = append(lines, p.deployment(d, w, st)...)
	}
	headings := 1
	if p.traffic != nil {
		headings++ // what came of the requests may need a line of its own
	}
	addresses, moving := p.addresses(w, len(lines)+len(p.endpoints)+headings > h, now)
	lines = append(lines, addresses...)
	p.Scroll.Fit(len(lines), h)
	from, to := p.Scroll.Window()
	return lines[from:to], ticking || moving
}

// addresses draws the endpoints below their service, one a line or, if brief, side by side, without the pods' names. It
// also tells whether they change with time.
func (p *Pane) addresses(w int, brief bool, now time.Time) (lines []string, ticking bool) {
	service, stateWidth := "", 0
	for _, e := range p.endpoints {
		glyph, word, _ := p.word(e.state)
		text := glyph + " " + word
		stateWidth = max(stateWidth, widget.Width(text))
	}
	for i, e := range p.endpoints {
		if i == 0 || e.service != service { // a slice that no Service owns has no name here
			service = e.service
			lines = append(lines, p.heading(service, w)...)
		}
		st, recent := p.style.Changed(p.changes.Age("e/"+e.service+"/"+e.address, now))
		ticking = ticking || recent || e.state == gone
		if !brief {
			lines = append(lines, p.endpoint(e, stateWidth, w, st, recent))
			continue
		}
		last := len(lines) - 1
		if short := p.short(e, st, recent); widget.Width(lines[last])+2+widget.Width(short) <= w {
			lines[last] += "  " + short
		} else {
			lines = append(lines, "  "+short)
		}
	}
	return lines, ticking
}

// heading names a service and, while requests are sent to it, says what came of those of the last second: beside the name where
// there is room for that.
func (p *Pane) heading(service string, w int) []string {
	name := p.style.Heading.Render(lab.T("서비스 ", "Service ").In(p.lang) + service)
	said, bad := p.requests(service)
	if said == "" {
		return []string{name}
	}
	style := p.style.Good
	if bad {
		style = p.style.Bad
	}
	if widget.Width(name)+2+widget.Width(said) <= w {
		return []string{name + "  " + style.Render(said)}
	}
	return []string{name, "  " + style.Render(said)}
}

// requests says how many requests to a service were answered and lost in the last second; empty if none are sent.
func (p *Pane) requests(service string) (said string, bad bool) {
	if p.traffic == nil || widget.Clean(p.traffic.Service) != service {
		return "", false
	}
	all := p.traffic.Last.All
	return lab.Textf("요청: %s %d/s 응답, %s %d/s 잃음", "requests: %s %d/s answered, %s %d/s lost",
		p.style.Glyphs.OK, all.Answered, p.style.Glyphs.Fail, all.Lost()).In(p.lang), all.Lost() > 0
}

// share is what came of the last second's requests that an endpoint's pod got, with those that it has lost in all; empty if none
// are sent.
func (p *Pane) share(e endpoint) string {
	if p.traffic == nil || widget.Clean(p.traffic.Service) != e.service {
		return ""
	}
	of := func(all []lab.PodTraffic) (c lab.TrafficCounts) {
		for _, one := range all {
			if name := widget.Clean(one.Pod); name == e.pod && e.pod != "" || name == e.address {
				return one.TrafficCounts
			}
		}
		return c
	}
	g, now, sum := p.style.Glyphs, of(p.traffic.Last.Pods), of(p.traffic.Pods)
	said := p.style.Good.Render(fmt.Sprintf("%s%d/s", g.OK, now.Answered))
	if now.Lost() > 0 {
		said += " " + p.style.Bad.Render(fmt.Sprintf("%s%d/s", g.Fail, now.Lost()))
	}
	if sum.Lost() > 0 {
		said += " " + p.style.Text.Render(lab.Textf("모두 %d 잃음", "%d lost in all", sum.Lost()).In(p.lang))
	}
	return said + "  "
}

// deployment draws a heading, a bar, which shares its line if there is room, and the Replicas line, in as many lines as w
// needs to show all numbers.
func (p *Pane) deployment(d lab.Deployment, w int, st lipgloss.Style) []string {
	name := lab.T("디플로이먼트 ", "Deployment ").In(p.lang) + widget.Clean(d.Name)
	if d.Deleting {
		name += lab.T(" (삭제 중)", " (being deleted)").In(p.lang)
	}
	g := p.style.Glyphs
	bar := widget.Bar([]widget.Part{
		{Count: d.Available, Mark: widget.Mark{Glyph: g.Full, Style: p.style.Good}},
		{Count: max(d.Desired-d.Available, d.Unavailable), Mark: widget.Mark{Glyph: g.Empty, Style: p.style.Bad}},
	}, max(min(w-8, 24), 0))
	glyph, mood := g.OK, p.style.Good
	if d.Available < d.Desired {
		glyph, mood = g.Fail, p.style.Bad
	}
	ratio := mood.Render(fmt.Sprintf("%s %d/%d ", glyph, d.Available, d.Desired)) +
		p.style.Text.Render(lab.T("사용 가능", "available").In(p.lang))
	head, count := p.style.Heading.Render(name), bar+" "+ratio
	out := []string{head, count}
	if widget.Width(head)+2+widget.Width(count) <= w {
		out = []string{head + "  " + count}
	}
	for _, part := range lines(d, w) {
		out = append(out, st.Render(part))
	}
	return out
}

func (p *Pane) endpoint(e endpoint, stateWidth, w int, fresh lipgloss.Style, recent bool) string {
	glyph, word, st := p.word(e.state)
	text := glyph + " " + word
	if recent {
		st = fresh
	}
	head := "  " + st.Render(text) + strings.Repeat(" ", max(stateWidth-widget.Width(text), 0)+2) + p.address(e) + "  " + p.share(e)
	return head + p.style.Muted.Render(widget.Middle(e.pod, w-widget.Width(head), p.style.Glyphs.Ellipsis))
}

// short is an endpoint as its glyph and address.
func (p *Pane) short(e endpoint, fresh lipgloss.Style, recent bool) string {
	glyph, _, st := p.word(e.state)
	if recent {
		st = fresh
	}
	return st.Render(glyph) + " " + p.address(e)
}

// address strikes out what is sent nothing.
func (p *Pane) address(e endpoint) string {
	if e.state == ready {
		return p.style.Text.Render(e.address)
	}
	return p.style.Struck.Render(e.address)
}

// word is how an endpoint stands, as a glyph and in words, and how both look.
func (p *Pane) word(s state) (glyph, text string, style lipgloss.Style) {
	g := p.style.Glyphs
	switch s {
	case ready:
		return g.OK, lab.T("요청 받음", "gets requests").In(p.lang), p.style.Good
	case unready:
		return g.Fail, lab.T("제외됨(준비 안 됨)", "left out (not ready)").In(p.lang), p.style.Bad
	case terminating:
		return g.Hold, lab.T("제외됨(종료 중)", "left out (terminating)").In(p.lang), p.style.Warn
	default:
		return g.Wait, lab.T("사라짐", "gone").In(p.lang), p.style.Muted
	}
}

// HandleKey scrolls.
func (p *Pane) HandleKey(msg tea.KeyPressMsg) (lab.Action, bool) { return nil, p.ScrollKey(msg) }

// Keys returns the pane's own keys.
func (p *Pane) Keys() []key.Binding {
	return widget.ScrollKeys(lab.T("스크롤", "scroll").In(p.lang), lab.T("처음/끝", "start/end").In(p.lang))
}
