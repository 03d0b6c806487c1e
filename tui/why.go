package tui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/cause"
	"healthlab/tui/widget"
)

// why tells why the chosen pod, or one that is not well, is as it is: in a sentence in the panes that show it, and on demand in
// full with the evidence, which leads to the panes.
type why struct {
	flow
	screen *screen
	pod    lab.Pod // whose causes were handed to the panes
	causes []cause.Cause
}

// onSnapshot finds the causes, once for each snapshot, and hands them to the panes. No ages are told in them: they stay true
// until the next snapshot.
func (f *why) onSnapshot() {
	f.pod, f.causes = cause.Subject(f.snap(), time.Time{})
	for _, p := range f.screen.panes {
		if r, ok := p.(Reasoner); ok {
			r.SetCauses(f.pod, f.causes)
		}
	}
}

func (f *why) disabled() lab.Text {
	switch {
	case len(f.snap().Pods) == 0:
		return f.moment().WhyNoPods().Text
	case len(f.causes) == 0:
		return nothingToTell(f.pod)
	}
	return lab.Text{}
}

// nothingToTell says that a pod is well.
func nothingToTell(pod lab.Pod) lab.Text {
	return lab.Textf("%s 파드는 정상입니다. Ready이고 재시작한 적이 없습니다.", "The pod %s is well: Ready, and never restarted.",
		widget.Clean(pod.Name))
}

// open shows the causes as they are now, with ages.
func (f *why) open() tea.Cmd {
	f.dirty = true
	causes := cause.In(f.snap(), f.pod, f.now())
	d := &whyDialog{
		head: f.say(lab.Textf("왜: %s", "Why: %s", widget.Clean(f.pod.Name))), follow: f.point,
		hint: f.say(lab.T("↑↓ Enter 또는 숫자로 근거로 가기 · Esc 닫기", "↑↓ Enter or a digit to go to the evidence · Esc close")),
	}
	for _, c := range causes {
		d.add(f.display, f.pod, c)
	}
	f.dialog = d
	return nil
}

// point goes to what a piece of evidence refers to.
func (f *why) point(ref cause.Ref) tea.Cmd {
	id := Pods
	switch ref.(type) {
	case cause.EventRef:
		id = Events
	case cause.AttemptRef:
		id = ProbeLog
	case cause.LogRef:
		id = AppLog
	case cause.ConditionRef, cause.TerminationRef, cause.StateRef, cause.ProbeRef, cause.PodRef:
	}
	if p, ok := f.screen.panes[id].(Evidence); !ok || !p.Point(ref) {
		f.tell(lab.T("이 근거는 화면에 더 남아 있지 않습니다.", "This piece of evidence is not on the screen any more."), toneInfo)
		return nil
	}
	f.screen.zoomed = false
	f.screen.setFocus(id)
	f.tell(lab.T("짚은 곳이 근거입니다. Esc로 표시를 지웁니다.", "What is marked is the evidence. Esc takes the mark away."), toneInfo)
	return nil
}

// forget takes away what marks evidence, for a step that is about something else.
func (f *why) forget() {
	for _, p := range f.screen.panes {
		if e, ok := p.(Evidence); ok {
			e.Unmark()
		}
	}
}

// whyDialog is causes with their evidence, which can be chosen by arrows or by number.
type whyDialog struct {
	head, hint string
	parts      []whyPart
	refs       []cause.Ref // by number, from 0
	at         int         // the chosen one of them
	scroll     widget.Scroll
	follow     func(cause.Ref) tea.Cmd
	drawn      []int // the evidence of each line, as last drawn; -1 for none
}

// whyPart is a paragraph: a piece of evidence, or what is said.
type whyPart struct {
	lead, text string
	evidence   int // -1 for none
	strong     bool
}

// add adds a cause.
func (d *whyDialog) add(on *display, pod lab.Pod, c cause.Cause) {
	if len(d.parts) > 0 {
		d.parts = append(d.parts, whyPart{evidence: -1})
	}
	d.parts = append(d.parts, whyPart{text: on.say(c.Line(pod)), evidence: -1, strong: true})
	for _, e := range c.Evidence {
		lead := fmt.Sprintf("%2d ", len(d.refs)+1)
		if !e.At.IsZero() && e.At.Unix() > 0 {
			lead += e.At.Local().Format(time.TimeOnly) + " "
		}
		d.parts = append(d.parts, whyPart{lead: lead, text: on.say(e.Text), evidence: len(d.refs)})
		d.refs = append(d.refs, e.Ref)
	}
	for _, t := range c.Known {
		d.parts = append(d.parts, whyPart{lead: on.style.Glyphs.Info + " ", text: on.say(t), evidence: -1})
	}
	for _, t := range c.Unknown {
		d.parts = append(d.parts, whyPart{lead: on.style.Glyphs.Unknown + " ", text: on.say(lab.Textf("알 수 없음: %s", "Not known: %s", t)), evidence: -1})
	}
}

func (d *whyDialog) title() string { return d.head }

func (d *whyDialog) lines(on *display, w, h int) []string {
	var body []string
	var owner []int
	first, last := 0, 0
	for _, part := range d.parts {
		style, mark := on.style.Text, "  "
		switch {
		case part.strong:
			style, mark = on.style.Strong, ""
		case part.evidence < 0:
			style = on.style.Muted
		case part.evidence == d.at:
			style, mark, first = on.style.Selected, on.style.Glyphs.Chosen+" ", len(body)
		}
		lead := mark + part.lead
		for i, line := range widget.Wrap(widget.Clean(part.text), max(w-widget.Width(lead), 1)) {
			if i > 0 {
				lead = strings.Repeat(" ", widget.Width(lead))
			}
			body = append(body, style.Render(lead+line))
			owner = append(owner, part.evidence)
		}
		if part.evidence == d.at && part.evidence >= 0 {
			last = len(body) - 1
		}
	}
	foot := append([]string{""}, styled(on.style.Muted.Render, widget.Wrap(d.hint, w))...)
	d.scroll.Fit(len(body), max(h-len(foot), 1))
	switch {
	case d.at == 0:
		d.scroll.Show(last)
		d.scroll.Show(0) // with the sentence
	case d.at == len(d.refs)-1:
		d.scroll.Show(len(body) - 1) // with what is said after it
		d.scroll.Show(first)
	default:
		d.scroll.Show(last)
		d.scroll.Show(first)
	}
	from, to := d.scroll.Window()
	d.drawn = owner[from:to]
	foot[0] = on.more(len(body) - to)
	return append(body[from:to:to], foot...)
}

func (d *whyDialog) pick(i int) (bool, func() tea.Cmd) {
	return true, func() tea.Cmd { return d.follow(d.refs[i]) }
}

func (d *whyDialog) click(x, y int) (bool, func() tea.Cmd) {
	if x < 0 || y < 0 || y >= len(d.drawn) || d.drawn[y] < 0 {
		return false, nil
	}
	return d.pick(d.drawn[y])
}

func (d *whyDialog) key(name string) (bool, func() tea.Cmd) {
	last := max(len(d.refs)-1, 0)
	switch name {
	case "up", "k", "shift+tab":
		d.at = max(d.at-1, 0)
	case "down", "j", "tab":
		d.at = min(d.at+1, last)
	case "home", "g":
		d.at = 0
	case "end", "G":
		d.at = last
	case "enter", "space":
		if len(d.refs) > 0 {
			return d.pick(d.at)
		}
		return true, nil
	case "esc", "q":
		return true, nil
	default:
		if n, err := strconv.Atoi(name); err == nil && n >= 1 && n <= len(d.refs) {
			return d.pick(n - 1)
		}
	}
	return false, nil
}
