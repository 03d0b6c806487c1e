package tui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"healthlab/lab"
	"healthlab/lab/course"
	"healthlab/lab/timeline"
	"healthlab/tui/chart"
	"healthlab/tui/rows"
)

// debrief tells, when what a fault has led to is over, how that compares with what was to be expected: in a line of news, and
// on demand in full.
type debrief struct {
	flow
	view    func() *timeline.View // nil as long as there is none
	answers func() course.Answers
	screen  *screen
	over    map[uint64]bool // the episodes that had ended when it was looked last; nil before
}

// onTimeline tells of the episodes that have ended since the last time. What had ended before the first time is not news.
func (f *debrief) onTimeline() {
	v := f.view()
	if v == nil {
		return
	}
	first := f.over == nil
	over := map[uint64]bool{}
	for _, e := range v.Episodes {
		if e.End == "" {
			continue
		}
		over[e.ID] = true
		if !first && !f.over[e.ID] {
			f.announce(e)
		}
	}
	f.over = over
	f.mark()
	if d, ok := f.dialog.(*reviewDialog); ok {
		f.show(d.id, d)
	}
}

// mark shows in the timeline when the user expected what.
func (f *debrief) mark() {
	v := f.view()
	if v == nil {
		return
	}
	var marks []chart.Mark
	for _, e := range v.Episodes {
		if g := rows.Guess(f.cfg.Labs, f.answers(), e); g != nil {
			from, to := rows.GuessedAt(e, *g)
			marks = append(marks, chart.Mark{Pod: e.Pod, From: from, To: to, Name: rows.PointName(e.Probe, g.Code)})
		}
	}
	for _, p := range f.screen.panes {
		if m, ok := p.(Marker); ok {
			m.SetMarks(marks)
		}
	}
}

// announce says in a line what has come of an episode, and how to read more.
func (f *debrief) announce(e *timeline.Episode) {
	r := e.Review(rows.Guess(f.cfg.Labs, f.answers(), e))
	text, tone := r.End, toneInfo
	if !r.Headline.IsZero() {
		text, tone = r.Headline, toneGood
	}
	switch r.Fit {
	case timeline.Misses:
		tone = toneBad
	case timeline.Late:
		tone = toneInfo
	case timeline.Fits, timeline.Open:
	}
	if said := f.view().MeanwhileWords(e); !said.IsZero() {
		text = lab.Textf("%s. %s", "%s. %s", text, said)
	}
	text = lab.Textf("%s (자세히: %s 키)", "%s (more: press %s)", text, f.key("debrief"))
	if !r.Guess.IsZero() {
		text = lab.Textf("%s. %s", "%s. %s", text, r.Guess)
	}
	f.dirty = true
	f.hear(note{At: f.now(), Text: text, Tone: tone, Weight: 5})
}

func (f *debrief) disabled() lab.Text {
	if v := f.view(); v == nil || len(v.Episodes) == 0 {
		return lab.T("아직 돌아볼 장애가 없습니다.", "There has been no fault to look back at yet.")
	}
	return lab.Text{}
}

// open shows the latest episode.
func (f *debrief) open() tea.Cmd {
	all := f.view().Episodes
	f.show(all[len(all)-1].ID, nil)
	return nil
}

// reviewDialog is an episode in full; the keys to the left and right go to those before and after it.
type reviewDialog struct {
	*textDialog
	id uint64
	to func(id uint64, by int)
}

func (d *reviewDialog) key(name string) (bool, func() tea.Cmd) {
	switch name {
	case "left", "h", "p":
		d.to(d.id, -1)
		return false, nil
	case "right", "l", "n":
		d.to(d.id, 1)
		return false, nil
	}
	return d.textDialog.key(name)
}

// show shows an episode, or the latest one if it is not kept any more, scrolled as before was if that is not nil.
func (f *debrief) show(id uint64, before *reviewDialog) {
	v := f.view()
	if len(v.Episodes) == 0 {
		f.dialog = nil
		return
	}
	i := slices.IndexFunc(v.Episodes, func(e *timeline.Episode) bool { return e.ID == id })
	if i < 0 {
		i = len(v.Episodes) - 1
	}
	e := v.Episodes[i]
	r := e.Review(rows.Guess(f.cfg.Labs, f.answers(), e))
	text := f.read(lab.Textf("돌아보기 %d/%d: %s", "Debrief %d/%d: %s", i+1, len(v.Episodes), r.Subject), f.page(v, e, r))
	text.hang = 4
	text.opened = append(text.opened, f.keys.byID("debrief").Keys...)
	if len(v.Episodes) > 1 {
		text.hint = f.say(lab.T("←→ 다른 장애 · ↑↓ 움직이기 · Esc 닫기", "←→ other faults · ↑↓ scroll · Esc close"))
	}
	if before != nil && before.id == e.ID {
		text.scroll = before.scroll
	}
	f.dialog = &reviewDialog{textDialog: text, id: e.ID, to: func(id uint64, by int) {
		all := f.view().Episodes
		i := slices.IndexFunc(all, func(e *timeline.Episode) bool { return e.ID == id })
		if to := i + by; to >= 0 && to < len(all) {
			f.show(all[to].ID, nil)
		}
	}}
}

// page is an episode as lines.
func (f *debrief) page(v *timeline.View, e *timeline.Episode, r timeline.Review) []string {
	s := &f.style
	lines := []string{s.Muted.Render(v.Clock(r.Begun).Local().Format(time.TimeOnly)+"  ") + s.Heading.Render(f.say(r.Fault))}
	if !r.Headline.IsZero() {
		_, head := f.fit(r.Fit)
		lines = append(lines, head.Render(f.say(r.Headline)))
	}
	for _, t := range []lab.Text{r.Settings, r.Guess, r.Made} {
		if !t.IsZero() {
			lines = append(lines, s.Text.Render(f.say(t)))
		}
	}
	lines = append(lines, "")
	for _, p := range r.Points {
		mark, style := f.fit(p.Fit)
		lines = append(lines, style.Render(mark+" ")+s.Text.Render(f.say(p.Said)))
		if !p.Terms.IsZero() {
			lines = append(lines, s.Muted.Render("    "+f.say(p.Terms)))
		}
	}
	if said := v.MeanwhileWords(e); !said.IsZero() {
		lines = append(lines, "", s.Strong.Render(f.say(said)))
	}
	if !r.End.IsZero() {
		lines = append(lines, "", s.Text.Render(f.say(ended(r))))
	}
	return lines
}

// fit is the mark for how something agrees with what was expected, and the style for it.
func (f *debrief) fit(fit timeline.Fit) (mark string, style lipgloss.Style) {
	s := &f.style
	switch fit {
	case timeline.Misses:
		return s.Glyphs.Fail, s.Bad
	case timeline.Late:
		return s.Glyphs.Info, s.Info
	case timeline.Open:
		return s.Glyphs.Wait, s.Muted
	case timeline.Fits:
	}
	return s.Glyphs.OK, s.Good
}

// ended is how an episode has ended.
func ended(r timeline.Review) lab.Text { return lab.Textf("끝: %s", "End: %s", r.End) }
