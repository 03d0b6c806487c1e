package report

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	"healthlab/lab"
	"healthlab/lab/journal"
	"healthlab/probes"
)

const megabyte = 1 << 20

// crowd is a run of so many pods for so many seconds. Each is probed every second, breaks now and then, and is restarted.
func crowd(pods, seconds int) *story {
	s := begin("")
	name := func(i int) string { return fmt.Sprintf("shop-5f6755f4fd-%05d", i) }
	spec := probes.Spec{
		Kind: probes.Liveness, HTTP: &probes.HTTPAction{Path: "/health", Port: probes.Port{Number: 3000}}, Period: 1e9,
	}.Defaulted()
	for i := range pods {
		s.start(2+float64(i)/1000, name(i), fmt.Sprintf("10.244.0.%d", i%250+2), true, spec)
	}
	for t := 5; t < seconds; t++ {
		for i := range pods {
			outcome, streak := probes.Success, t
			if k := (t + 7*i) % 300; k < 3 {
				outcome, streak = probes.Failure, k+1
				s.event(float64(t)+.3, name(i), "Warning", "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500", t)
			} else if k == 3 {
				s.pod(float64(t), name(i), func(p *lab.Pod, c *lab.Container) {
					c.Last = &lab.Termination{ContainerID: c.ID, ExitCode: 137, Reason: "Error", StartedAt: c.StartedAt, FinishedAt: stamp(float64(t))}
					c.Restarts, p.Restarts, c.StartedAt = c.Restarts+1, p.Restarts+1, stamp(float64(t))
					c.ID = fmt.Sprintf("%s-%d", name(i), c.Restarts)
				})
				s.inject(float64(t), float64(t), "hang", name(i), "kubectl exec x -- kill 1")
			}
			s.attempt(float64(t)+float64(i)/float64(pods+1), name(i), outcome, streak, "HTTP probe failed with statuscode: 500")
		}
	}
	return s
}

func TestReportsAreBounded(t *testing.T) {
	long := begin("")
	for i := range 3000 {
		long.run(float64(i), float64(i), "kubectl get pods "+strings.Repeat("<a> ", 1000), strings.Repeat("<&>'\"", 20_000)+"\n"+strings.Repeat("<\n", 5000))
		long.step(float64(i), fmt.Sprint("lab", i%7), fmt.Sprint("step", i))
	}
	many := begin("")
	many.start(2, "wide", "10.244.0.2", true, livenessProbe())
	many.pod(3, "wide", func(p *lab.Pod, c *lab.Container) {
		for i := range 200 {
			one := *c
			one.Name = fmt.Sprintf("container-%03d", i)
			p.Containers = append(p.Containers, one)
		}
	})
	for name, s := range map[string]*story{"ten minutes of thirty pods": crowd(30, 600), "long outputs": long, "200 containers": many} {
		r := s.report()
		for _, form := range []string{"md", "html", "json"} {
			t.Run(name+" as "+form, func(t *testing.T) {
				if n := len(in(t, r, form, lab.Korean)); n > 2*megabyte {
					t.Errorf("it has %d bytes", n)
				}
			})
		}
	}
}

// encoded is a story's journal as a file has it.
func (s *story) encoded(t testing.TB) []byte {
	var b bytes.Buffer
	packed := gzip.NewWriter(&b)
	e, err := journal.NewEncoder(packed)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range s.entries {
		if err := e.Encode(entry); err != nil {
			t.Fatal(err)
		}
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func source() Source {
	return Source{Labs: labs(), Answers: answers(), Healthlab: "v0.9.0", Made: at(120)}
}

func TestRead(t *testing.T) {
	whole := bothLabs().encoded(t)
	t.Run("a journal tells the same as its entries", func(t *testing.T) {
		r, err := Read(t.Context(), bytes.NewReader(whole), source())
		if err != nil {
			t.Fatal(err)
		}
		want := bothLabs().report(func(s *Source) { *s = source() })
		if got := in(t, r, "md", lab.English); got != in(t, want, "md", lab.English) {
			t.Errorf("it reads\n%s", got)
		}
		if !r.Run.Whole {
			t.Error("it is not taken for whole")
		}
	})
	t.Run("one that is cut anywhere", func(t *testing.T) {
		for n := len(whole) - 1; n > 400; n -= len(whole) / 23 {
			r, err := Read(t.Context(), bytes.NewReader(whole[:n]), source())
			if err != nil {
				t.Fatalf("cut after %d bytes: %v", n, err)
			}
			if r.Run.Whole || !strings.Contains(in(t, r, "md", lab.English), "The journal has no end") {
				t.Errorf("cut after %d bytes: it does not say so", n)
			}
			checkPage(t, in(t, r, "html", lab.Korean))
		}
	})
	t.Run("one with bad lines", func(t *testing.T) {
		packed, err := gzip.NewReader(bytes.NewReader(whole))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(packed)
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.SplitAfter(plain, []byte("\n"))
		lines[20], lines[30] = []byte("{\n"), []byte("\n")
		r, err := Read(t.Context(), bytes.NewReader(bytes.Join(lines, nil)), source())
		if err != nil {
			t.Fatal(err)
		}
		if got := in(t, r, "md", lab.English); !strings.Contains(got, "could not be read are left out: 2") || !strings.Contains(got, "records are missing") {
			t.Errorf("it does not say what is missing:\n%s", got)
		}
	})
	t.Run("one in which nothing happened", func(t *testing.T) {
		r, err := Read(t.Context(), bytes.NewReader(begin("").encoded(t)), source())
		if err != nil {
			t.Fatal(err)
		}
		for _, lang := range []lab.Lang{lab.Korean, lab.English} {
			checkPage(t, in(t, r, "html", lang))
		}
		for _, said := range []string{"There was no fault.", "No container was restarted", "Nothing was carried out.", "There is nothing to be shown."} {
			if !strings.Contains(in(t, r, "md", lab.English), said) {
				t.Errorf("it does not say %q", said)
			}
		}
	})
	for name, content := range map[string]string{"no journal": "hello\n", "an empty file": "", "one without entries": `{"format":"healthlab-journal","version":1}` + "\n"} {
		t.Run(name, func(t *testing.T) {
			if _, err := Read(t.Context(), strings.NewReader(content), source()); err == nil {
				t.Error("it was read")
			}
		})
	}
}

// FuzzRead asks for a report of anything that looks like a journal.
func FuzzRead(f *testing.F) {
	packed, err := gzip.NewReader(bytes.NewReader(bothLabs().encoded(f)))
	if err != nil {
		f.Fatal(err)
	}
	plain, err := io.ReadAll(packed)
	if err != nil {
		f.Fatal(err)
	}
	lines := bytes.SplitAfter(plain, []byte("\n"))
	for i := 1; i+4 < len(lines); i += 5 {
		f.Add(bytes.Join(lines[i:i+5], nil))
	}
	f.Add([]byte(`{"seq":1,"at":"9999-12-31T23:59:59Z","task":{"ID":1,"Started":"0001-01-01T00:00:00Z"}}
{"seq":2,"at":"0001-01-01T00:00:00Z","ended":{"Task":1,"State":"x","Took":-9223372036854775808}}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		r, err := Read(t.Context(), io.MultiReader(bytes.NewReader(lines[0]), bytes.NewReader(content)), source())
		if err != nil {
			return
		}
		for _, form := range []string{"md", "html", "json"} {
			in(t, r, form, lab.English)
		}
	})
}

// The goal is two seconds for an hour of thirty pods.
func BenchmarkHour(b *testing.B) {
	file := crowd(30, 3600).encoded(b)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		r, err := Read(b.Context(), bytes.NewReader(file), source())
		if err != nil {
			b.Fatal(err)
		}
		size := 0
		for _, form := range []string{"md", "html", "json"} {
			size = max(size, len(in(b, r, form, lab.Korean)))
		}
		b.ReportMetric(float64(size), "largest-bytes")
	}
}
