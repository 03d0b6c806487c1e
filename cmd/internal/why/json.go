package why

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"healthlab/lab"
	"healthlab/lab/cause"
)

// The report as JSON. Fields may be added; those that are there stay. README.md describes them.
type (
	reportJSON struct {
		Version   int       `json:"version"` // 1
		Cluster   string    `json:"cluster"`
		Namespace string    `json:"namespace"`
		At        time.Time `json:"at"`
		Language  lab.Lang  `json:"language"`
		Looked    int       `json:"looked"`
		LeftOut   int       `json:"leftOut"`
		Notes     []string  `json:"notes"`
		Pods      []podJSON `json:"pods"`
	}
	podJSON struct {
		Name     string      `json:"name"`
		UID      string      `json:"uid"`
		Status   string      `json:"status"` // kubectl's STATUS
		Ready    bool        `json:"ready"`
		Restarts int         `json:"restarts"`
		Causes   []causeJSON `json:"causes"`
	}
	causeJSON struct {
		About     cause.About    `json:"about"`
		Code      cause.Code     `json:"code"`
		Container string         `json:"container,omitempty"`
		At        *time.Time     `json:"at,omitempty"`
		Sentence  string         `json:"sentence"`
		Evidence  []evidenceJSON `json:"evidence"`
		Known     []string       `json:"known"`
		Unknown   []string       `json:"unknown"`
	}
	evidenceJSON struct {
		Number int        `json:"number"`
		At     *time.Time `json:"at,omitempty"`
		Text   string     `json:"text"`
		Ref    refJSON    `json:"ref"`
	}
	refJSON struct {
		Kind      string     `json:"kind"` // event, attempt, condition, termination, state, probe, log, pod
		UID       string     `json:"uid,omitempty"`
		Type      string     `json:"type,omitempty"`
		Container string     `json:"container,omitempty"`
		Probe     string     `json:"probe,omitempty"`
		At        *time.Time `json:"at,omitempty"`
	}
)

// JSON writes the report for programs, in the language that is chosen.
func (r Report) JSON(out io.Writer, lang lab.Lang) error {
	report := reportJSON{
		Version: 1, Cluster: lab.Printable(r.Cluster.Name), Namespace: r.Cluster.Namespace, At: r.At.UTC(), Language: lang, Looked: r.Looked, LeftOut: r.More,
		Notes: said(r.Notes, lang), Pods: []podJSON{},
	}
	for _, p := range r.Pods {
		pod := podJSON{
			Name: p.Name, UID: p.UID, Status: p.Status, Ready: p.Ready, Restarts: p.Restarts, Causes: []causeJSON{},
		}
		for _, c := range p.Causes {
			pod.Causes = append(pod.Causes, newCauseJSON(c, lang))
		}
		report.Pods = append(report.Pods, pod)
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(report); err != nil {
		return fmt.Errorf("print the report: %w", err)
	}
	return nil
}

func newCauseJSON(c cause.Cause, lang lab.Lang) causeJSON {
	out := causeJSON{
		About: c.About, Code: c.Code, Container: c.Container, At: given(c.At), Sentence: c.Sentence.In(lang),
		Evidence: []evidenceJSON{}, Known: said(c.Known, lang), Unknown: said(c.Unknown, lang),
	}
	for i, e := range c.Evidence {
		out.Evidence = append(out.Evidence, evidenceJSON{Number: i + 1, At: given(e.At), Text: e.Text.In(lang), Ref: newRefJSON(e.Ref)})
	}
	return out
}

func newRefJSON(ref cause.Ref) refJSON {
	switch ref := ref.(type) {
	case cause.EventRef:
		return refJSON{Kind: "event", UID: ref.UID}
	case cause.AttemptRef:
		return refJSON{Kind: "attempt", Container: ref.Key.Container, Probe: string(ref.Key.Kind), At: given(ref.Start)}
	case cause.ConditionRef:
		return refJSON{Kind: "condition", Type: ref.Type}
	case cause.TerminationRef:
		return refJSON{Kind: "termination", Container: ref.Container, At: given(ref.FinishedAt)}
	case cause.StateRef:
		return refJSON{Kind: "state", Container: ref.Container}
	case cause.ProbeRef:
		return refJSON{Kind: "probe", Container: ref.Container, Probe: string(ref.Kind)}
	case cause.LogRef:
		return refJSON{Kind: "log", Container: ref.Container, At: given(ref.At)}
	case cause.PodRef:
		return refJSON{Kind: "pod"}
	}
	return refJSON{}
}

// given is a moment, or nothing if it is not known.
func given(t time.Time) *time.Time {
	if t.Unix() <= 0 {
		return nil
	}
	return new(t.UTC())
}

func said(texts []lab.Text, lang lab.Lang) []string {
	out := []string{}
	for _, text := range texts {
		out = append(out, lab.Printable(text.In(lang)))
	}
	return out
}
