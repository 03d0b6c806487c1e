package report

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"golang.org/x/net/html"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/probes"
)

// payloads are texts that would do something if they were taken for more than text.
var payloads = []string{
	`</title></style></svg></textarea><script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)> ' onmouseover='x`,
	"[click](http://evil.example/a) ![p](http://evil.example/p.png) <http://evil.example> [x]: http://evil.example",
	"http://evil.example www.evil.example ftp://evil.example a@evil.example mailto:a@evil.example xmpp:a@evil.example @everyone #1 GH-1",
	"| a | b |\n|---|---|\n| c \\| d | `|` e |", "\\| ` \\| `` | \\", "x`y|z\\|http://a|b`c",
	"# heading\n\n- item\n\n    code\n\n> quote\n\n---\n\n1. one\n\n***", "```\nfence\n~~~\n```\n````text\n<b>", "*a* _b_ ~~c~~ **d** &lt; &#60; &copy;",
	"{{.Healthlab}} {{template \"picture\"}} ${x} %s %d %!", "javascript:alert(1)", "a\x00b\x1b[31mred\x1b[0m\u202egnp.exe\u2028\u2029\ufeff\xff\xfe",
	"=== - + . 1) 1. :::", "&", "<", "\\", "`", "|", "~", "<!-- --> <![CDATA[ ]]>",
}

// hostile is a story in which every text from outside is what an attacker wants it to be.
func hostile(evil string) *story {
	s := begin("")
	s.tell(1, journal.VersionLearned{Version: evil})
	s.step(1, evil, evil)
	s.step(1, "liveness", "hang")
	s.act(2, 3, lab.Task{Title: lab.Same(evil), Line: evil, Note: lab.Same(evil), Action: lab.Kubectl{Args: []string{evil}}}, evil+"\n"+evil)
	s.start(4, evil, evil, true, probes.Spec{Kind: probes.Liveness, Exec: &probes.ExecAction{Command: []string{evil}}, Period: 1e9}.Defaulted())
	s.pod(5, evil, func(p *lab.Pod, c *lab.Container) {
		p.Node, c.Image, p.Labels = evil, evil, map[string]string{"app": evil}
	})
	s.see(5, lab.DeploymentChanged{Deployment: lab.Deployment{Name: evil, Selector: map[string]string{"app": evil}, Desired: 2, Available: 1}})
	s.see(5, lab.EndpointsChanged{Slice: "s", Endpoints: []lab.Endpoint{{Service: evil, Address: evil, Pod: evil, Ready: true}}})
	for i, t := range []float64{8, 9, 10} {
		s.attempt(t, evil, probes.Failure, i+1, evil)
		s.event(t+.4, evil, "Warning", "Unhealthy", "Liveness probe failed: "+evil, i+1)
	}
	s.event(10.5, evil, "Normal", "Killing", "Container app failed liveness probe, will be restarted", 1)
	s.event(10.6, evil, "Warning", evil, evil, 1)
	s.pod(20, evil, func(p *lab.Pod, c *lab.Container) {
		c.Last = &lab.Termination{ContainerID: c.ID, ExitCode: 1, Reason: evil, Message: evil, StartedAt: c.StartedAt, FinishedAt: stamp(20)}
		c.ID, c.StartedAt, c.Restarts, p.Restarts = evil, stamp(20), 1, 1
	})
	s.see(21, lab.AccessChanged{Resource: evil, Denied: true, Problem: lab.Same(evil)})
	s.see(22, lab.LinkChanged{Problem: lab.Same(evil)})
	return s
}

func TestHostileTextInHTML(t *testing.T) {
	for _, evil := range payloads {
		for _, names := range []bool{false, true} {
			t.Run(evil, func(t *testing.T) {
				r := hostile(evil).report(func(s *Source) { s.WithNames = names; s.Healthlab = "v" + evil })
				page := in(t, r, "html", lab.English)
				checkPage(t, page)
				if strings.ContainsAny(page, "\x00\x1b\u202e\u2028\ufeff") || !utf8.ValidString(page) {
					t.Error("there are control characters in it")
				}
			})
		}
	}
}

func TestPageIsSelfContained(t *testing.T) {
	for _, lang := range []lab.Lang{lab.Korean, lab.English} {
		t.Run(string(lang), func(t *testing.T) {
			page := in(t, bothLabs().report(), "html", lang)
			checkPage(t, page)
			if want := `<html lang="` + string(lang) + `">`; !strings.Contains(page, want) {
				t.Errorf("there is no %s", want)
			}
		})
	}
}

// checkPage looks at a page as a parser of HTML sees it.
func checkPage(t *testing.T, page string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	elements := strings.Fields(`html head meta title style body header main footer nav section h1 h2 h3 p a ul ol li dl dt dd div span strong code pre
		table thead tbody tr th td time figure details summary svg g text rect line path desc`)
	attributes := strings.Fields(`lang charset http-equiv content name id class href aria-label aria-labelledby aria-hidden role tabindex scope
		viewBox width height x y x1 x2 y1 y2 d rx`)
	level, ids, links, policy := 0, map[string]bool{}, []string{}, ""
	for n := range root.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("there is a comment: %q", n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		if !slices.Contains(elements, n.Data) {
			t.Errorf("there is an element %s", n.Data)
		}
		for _, a := range n.Attr {
			if !slices.Contains(attributes, a.Key) || a.Namespace != "" {
				t.Errorf("%s has an attribute %s", n.Data, a.Key)
			}
			switch a.Key {
			case "id":
				if ids[a.Val] {
					t.Errorf("the id %s is there twice", a.Val)
				}
				ids[a.Val] = true
			case "href":
				links = append(links, a.Val)
			case "http-equiv":
				policy = n.Attr[1].Val
			}
		}
		if len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6' {
			if next := int(n.Data[1] - '0'); next > level+1 {
				t.Errorf("a heading of level %d comes after one of level %d", next, level)
			} else {
				level = next
			}
		}
		if n.Data == "style" {
			if n.FirstChild == nil || n.FirstChild.Data != strings.TrimSpace(pageStyle) || n.FirstChild.NextSibling != nil {
				t.Error("the style is not that which the policy allows")
			}
			for _, remote := range []string{"url(", "@import", "http", "expression"} {
				if strings.Contains(n.FirstChild.Data, remote) {
					t.Errorf("the style has a %s", remote)
				}
			}
		}
	}
	for _, l := range links {
		if u, err := url.Parse(l); err != nil || !strings.HasPrefix(l, "#") || !ids[u.Fragment] {
			t.Errorf("there is a link to %s", l)
		}
	}
	if !regexp.MustCompile(`^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'; base-uri 'none'; form-action 'none'$`).MatchString(policy) {
		t.Errorf("the policy is %q", policy)
	}
}

func TestHostileTextInMarkdown(t *testing.T) {
	for _, evil := range payloads {
		for _, names := range []bool{false, true} {
			t.Run(evil, func(t *testing.T) {
				written := in(t, hostile(evil).report(func(s *Source) { s.WithNames = names; s.Healthlab = "v" + evil }), "md", lab.English)
				checkMarkdown(t, written)
			})
		}
	}
}

// The headings of a report are its own, whatever is told in it.
func TestHostileTextAddsNoHeading(t *testing.T) {
	want := headings(in(t, hostile("pod").report(), "md", lab.English))
	for _, evil := range payloads {
		t.Run(evil, func(t *testing.T) {
			if got := headings(in(t, hostile(evil).report(), "md", lab.English)); got != want {
				t.Errorf("%d headings, want %d", got, want)
			}
		})
	}
}

func headings(written string) (n int) {
	_ = ast.Walk(parseMarkdown(written), func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if _, ok := node.(*ast.Heading); ok && entering {
			n++
		}
		return ast.WalkContinue, nil
	})
	return n
}

func parseMarkdown(written string) ast.Node {
	return goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader([]byte(written)))
}

// checkMarkdown looks at Markdown as a parser sees it.
func checkMarkdown(t *testing.T, written string) {
	t.Helper()
	tables := 0
	_ = ast.Walk(parseMarkdown(written), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.RawHTML, *ast.HTMLBlock, *ast.Link, *ast.AutoLink, *ast.Image, *ast.Blockquote, *ast.ThematicBreak, *ast.Emphasis, *east.Strikethrough:
			if e, ok := n.(*ast.Emphasis); ok && e.Level == 2 { // the times of what was done
				break
			}
			t.Errorf("there is a %s", n.Kind())
		case *east.Table:
			tables++
		}
		return ast.WalkContinue, nil
	})
	if tables < 6 {
		t.Errorf("there are only %d tables", tables)
	}
	// A parser fills up rows that are too short and cuts those that are too long, so they are counted here.
	columns, inside := 0, ""
	for _, l := range strings.Split(written, "\n") {
		ticks := strings.TrimRight(regexp.MustCompile("^`{3,}[^`]*$").FindString(l), "tex") // another one is a code span
		switch {
		case inside == "" && ticks != "":
			inside = ticks
			continue
		case inside != "":
			if l == inside {
				inside = ""
			}
			continue
		case !strings.HasPrefix(l, "| "):
			columns = 0
			continue
		}
		n := len(regexp.MustCompile(`(?:\\.|[^|\\])*\|`).FindAllString(l, -1))
		if columns != 0 && n != columns {
			t.Errorf("a row of %d columns in a table of %d: %s", n-1, columns-1, l)
		}
		columns = n
	}
	if inside != "" {
		t.Error("a code block does not end")
	}
}

func FuzzHostileText(f *testing.F) {
	for _, evil := range payloads {
		f.Add(evil)
	}
	f.Fuzz(func(t *testing.T, evil string) {
		r := hostile(evil).report()
		checkPage(t, in(t, r, "html", lab.Korean))
		checkMarkdown(t, in(t, r, "md", lab.Korean))
	})
}

// FuzzWords asks a parser of Markdown whether a text is only that, in a cell, in a list, in a paragraph and in a block.
func FuzzWords(f *testing.F) {
	for _, evil := range payloads {
		f.Add(evil)
	}
	f.Fuzz(func(t *testing.T, evil string) {
		m := markdown{voice: voice{lang: lab.English}}
		evil = lab.Line(evil, maxLine)
		for range 6 {
			m.table([]string{"a", "b"})
			m.row(words(evil), words(evil))
		}
		m.list([]lab.Text{lab.Same(evil)})
		m.paragraph(words(evil))
		m.paragraph("x: " + code(evil))
		m.line("\n%s", fence("$ "+evil))
		checkMarkdown(t, m.out.String())
	})
}
