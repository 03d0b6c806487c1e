package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"

	"healthlab/lab"
)

var (
	//go:embed page.tmpl
	pageTemplate string
	//go:embed page.css
	pageStyle string
)

// page is what the template is given.
type page struct {
	voice
	Lang     lab.Lang
	Title    string
	Style    template.CSS
	Policy   string
	At       leads
	Whole    svg
	Chapters []chapter
}

// chapter is an episode with its picture.
type chapter struct {
	Episode
	Drawn svg
	Rows  []chapterRow
}

// chapterRow is a point as the cells of a row.
type chapterRow struct {
	Point
	Why string // what the prediction adds up from
}

// HTML writes the report as one self-contained file, in one language: it runs no script and loads nothing.
func (r *Report) HTML(w io.Writer, lang lab.Lang) error {
	v := voice{r, lang}
	t, err := template.New("page").Funcs(v.functions()).Parse(pageTemplate)
	if err != nil {
		return fmt.Errorf("read the page's template: %w", err)
	}
	style := strings.TrimSpace(pageStyle)
	sum := sha256.Sum256([]byte(style))
	p := page{
		voice: v, Lang: lang, Title: v.in(title(r)), At: v.leads(),
		Style:  template.CSS(style), //nolint:gosec // our own file
		Policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'",
		Whole:  v.svg("whole", v.in(lab.T("실행 전체의 타임라인", "Timeline of the whole run")), r.Timeline),
	}
	for i, e := range r.Episodes {
		s := chapter{Episode: e, Drawn: v.svg(fmt.Sprintf("episode-%d", i+1), v.in(lab.Textf("장애 뒤의 타임라인: %s", "Timeline after the fault: %s", e.Title)), e.Picture)}
		for j, point := range e.Points {
			s.Rows = append(s.Rows, chapterRow{point, v.in(reckoning(e.Points, j))})
		}
		p.Chapters = append(p.Chapters, s)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, p); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	_, err = w.Write(out.Bytes())
	return err
}

// functions are what the template can call.
func (v voice) functions() template.FuncMap {
	return template.FuncMap{
		"word": v.word, "in": v.in, "clock": v.clock, "date": v.date, "nothing": v.nothing, "measured": v.measured, "goal": v.goal, "complete": v.complete,
		"facts":     v.facts,
		"predicted": func(p Point) string { return v.in(p.predicted()) },
		"name":      func(p Point) string { return v.in(p.name()) },
		"verdict":   func(p Point) string { return v.in(p.Words()) },
		"long":      func(s Seconds) string { return v.in(long(s)) },
		"act":       func(a Act) string { return v.in(actName(a)) },
		"state":     func(a Act) string { return v.in(stateWords(a.State)) },
		"answer":    func(a Answer) string { return v.in(answerWords(a.Verdict)) },
		"guess":     func(g Guess) string { return v.in(g.Words()) },
		"cell":      func(r *Range) string { return v.in(cell(r)) },
		"budget":    func(e Episode) string { return v.in(budgetWords(e)) },
		"rest":      func(n int) string { return v.in(restsOf(n)) },
		"cause": func(c Cause) string {
			return v.causeTitle(c, func(name string) string { return name })
		},
		"typed": func(a Act) string {
			if a.Line == "" {
				return string(a.Output)
			}
			return "$ " + string(a.Line) + ifAny("\n", string(a.Output))
		},
	}
}
