package store

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
	"healthlab/lab/journal"
)

var quiet = slog.New(slog.DiscardHandler)

func entry(j *journal.Journal, body journal.Body) {
	e := j.Append(time.Now(), body)
	j.Publish(&lab.Snapshot{Revision: e.Seq})
}

func chosen(name string) journal.Body { return journal.PodChosen{Pod: name} }

// read returns the bodies in a file, and whether its end is missing.
func read(t *testing.T, path string) (bodies []journal.Body, cut bool) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	d, err := journal.NewDecoder(file)
	if err != nil {
		t.Fatal(err)
	}
	for {
		e, err := d.Decode()
		var bad *journal.BadLine
		switch {
		case errors.Is(err, io.EOF):
			return bodies, d.Cut()
		case errors.As(err, &bad) && errors.Is(err, io.ErrUnexpectedEOF): // the end of a file that was cut
		case err != nil:
			t.Fatal(err)
		default:
			bodies = append(bodies, e.Body)
		}
	}
}

func only(t *testing.T, folder Folder) Kept {
	t.Helper()
	all, err := folder.List()
	if err != nil || len(all) != 1 {
		t.Fatalf("%d files, %v", len(all), err)
	}
	return all[0]
}

func TestARunIsKept(t *testing.T) {
	folder, j := In(filepath.Join(t.TempDir(), "journals")), journal.New()
	k := folder.Keep(j.Subscribe(journal.WithEntries()), quiet)
	entry(j, chosen("a"))
	entry(j, chosen("b"))
	j.Close()
	if err := k.Wait(); err != nil {
		t.Fatal(err)
	}
	one := only(t, folder)
	bodies, cut := read(t, one.Path)
	if diff := cmp.Diff([]journal.Body{chosen("a"), chosen("b")}, bodies); diff != "" || cut {
		t.Errorf("cut %v; entries (-want +got):\n%s", cut, diff)
	}
	if since := time.Since(one.Started); since < 0 || since > time.Minute {
		t.Errorf("started %v ago", since)
	}
	for path, want := range map[string]os.FileMode{one.Path: 0o600, folder.Path(): 0o700 | os.ModeDir} {
		if info, err := os.Stat(path); err != nil || info.Mode() != want {
			t.Errorf("%s has mode %v (%v), want %v", path, info.Mode(), err, want)
		}
	}
}

// What has happened is in the file within a second, and the file is written to once a second at most.
func TestEntriesAreInTheFileWithinASecond(t *testing.T) {
	folder := In(t.TempDir())
	synctest.Test(t, func(t *testing.T) {
		j := journal.New()
		k := folder.Keep(j.Subscribe(journal.WithEntries()), quiet)
		synctest.Wait()
		path := only(t, folder).Path
		sizes := map[int64]bool{}
		for i := range 100 {
			entry(j, chosen(fmt.Sprint(i)))
			<-time.After(100 * time.Millisecond)
			synctest.Wait()
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			sizes[info.Size()] = true
		}
		<-time.After(time.Second)
		synctest.Wait()
		if bodies, _ := read(t, path); len(bodies) != 100 {
			t.Errorf("%d entries after a second", len(bodies))
		}
		if len(sizes) < 9 || len(sizes) > 12 {
			t.Errorf("the file has had %d sizes in ten seconds", len(sizes))
		}
		j.Close()
		if err := k.Wait(); err != nil {
			t.Error(err)
		}
	})
}

// A program that is killed leaves all that happened until a second before.
func TestAJournalSurvivesKill(t *testing.T) {
	folder := In(t.TempDir())
	writer := exec.Command(os.Args[0])
	writer.Env = append(os.Environ(), asWriter+"="+folder.Path())
	out, err := writer.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	var happened []int64 // when, in milliseconds
	for lines.Scan() {
		var n, at int64
		if _, err := fmt.Sscan(lines.Text(), &n, &at); err != nil {
			t.Fatal(err)
		}
		happened = append(happened, at)
		if n == 350 {
			if err := writer.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := writer.Wait(); err == nil {
		t.Fatal("it was not killed")
	}
	bodies, cut := read(t, only(t, folder).Path)
	if !cut {
		t.Error("the file says that it is whole")
	}
	if len(bodies) == 0 || len(bodies) > len(happened)+1 {
		t.Fatalf("%d entries of %d", len(bodies), len(happened))
	}
	// A second, and what a busy machine adds.
	if lost := happened[len(happened)-1] - happened[min(len(bodies), len(happened))-1]; lost > 1500 {
		t.Errorf("the last %d ms are missing", lost)
	}
}

// file puts a journal of a size that started at a minute of the day into the folder.
func file(t *testing.T, folder Folder, minute, size int) string {
	t.Helper()
	var content bytes.Buffer
	packed := gzip.NewWriter(&content)
	if _, err := journal.NewEncoder(packed); err != nil {
		t.Fatal(err)
	}
	if err := packed.Close(); err != nil {
		t.Fatal(err)
	}
	content.Write(make([]byte, max(size-content.Len(), 0)))
	name := fileName(time.Date(2026, 1, 1, 9, minute, 0, 0, time.UTC), 7)
	put(t, folder, name, content.Bytes())
	return name
}

func put(t *testing.T, folder Folder, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder.path, name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func names(t *testing.T, folder Folder) []string {
	t.Helper()
	entries, err := os.ReadDir(folder.path)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestTheOldestGoFirst(t *testing.T) {
	for _, tt := range []struct {
		name  string
		sizes []int // of the files, the oldest first
		own   int
		kept  []int
	}{
		{"few and small", []int{100, 100}, 1, []int{0, 1}},
		{"too many", []int{100, 100, 100, 100, 100}, 4, []int{2, 3, 4}},
		{"too large together", []int{100, 6000, 6000}, 2, []int{2}},
		{"one that is too large alone, and a smaller one before it", []int{100, 12000, 100}, 2, []int{2}},
		{"its own is the oldest by a clock that was set back", []int{100, 100, 100, 100}, 0, []int{0, 2, 3}},
		{"its own is too large", []int{100, 20000}, 1, []int{1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			folder := Folder{path: t.TempDir(), files: 3, total: 10000}
			var all, want []string
			for i, size := range tt.sizes {
				all = append(all, file(t, folder, i, size))
			}
			for _, i := range tt.kept {
				want = append(want, all[i])
			}
			if err := folder.prune(all[tt.own]); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, names(t, folder)); diff != "" {
				t.Errorf("kept (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsNotOursIsLeftAlone(t *testing.T) {
	folder := Folder{path: t.TempDir(), files: 1, total: 1 << 20}
	later := fileName(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), 1)
	put(t, folder, later, []byte(`{"format":"healthlab-journal","version":2}`+"\n"))
	other := fileName(time.Date(2025, 1, 2, 0, 0, 0, 0, time.UTC), 1)
	put(t, folder, other, []byte("my holiday"))
	put(t, folder, "notes.txt", []byte("mine"))
	unborn := fileName(time.Date(2025, 1, 3, 0, 0, 0, 0, time.UTC), 1)
	put(t, folder, unborn, nil) // killed before a byte was written
	link := fileName(time.Date(2025, 1, 4, 0, 0, 0, 0, time.UTC), 1)
	if err := os.Symlink("notes.txt", filepath.Join(folder.path, link)); err != nil {
		t.Fatal(err)
	}
	old, newest := file(t, folder, 1, 0), file(t, folder, 2, 0)
	if err := folder.prune(newest); err != nil {
		t.Fatal(err)
	}
	want := []string{later, other, link, newest, "notes.txt"}
	slices.Sort(want)
	if diff := cmp.Diff(want, names(t, folder)); diff != "" {
		t.Errorf("kept (-want +got), with %s and %s gone:\n%s", old, unborn, diff)
	}
}

// noise is a text that does not compress.
func noise(n int) string {
	random := rand.New(rand.NewPCG(1, 2))
	var out strings.Builder
	for out.Len() < n {
		fmt.Fprintf(&out, "%x", random.Uint64())
	}
	return out.String()
}

func TestAJournalIsBounded(t *testing.T) {
	folder := In(t.TempDir())
	folder.file = 1 << 20
	j := journal.New()
	k := folder.Keep(j.Subscribe(journal.WithEntries()), quiet)
	for range 100 {
		entry(j, journal.TaskPrinted{Task: 1, Text: noise(64 << 10)})
	}
	if err := k.Wait(); err != nil { // although the journal goes on
		t.Fatal(err)
	}
	one := only(t, folder)
	if one.Size < 1<<20 || one.Size > 1<<20+256<<10 {
		t.Errorf("%d bytes", one.Size)
	}
	bodies, cut := read(t, one.Path)
	last, ok := bodies[len(bodies)-1].(journal.Omitted)
	if !ok || cut || !strings.Contains(last.Why.En, "limit of 1 MB") || last.Why.Ko == "" {
		t.Errorf("it ends with %#v, cut %v", bodies[len(bodies)-1], cut)
	}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	folder, j := In(t.TempDir()), journal.New()
	reader := j.Subscribe(journal.WithEntries())
	for range 10_000 { // more than a journal keeps
		entry(j, chosen("a"))
	}
	k := folder.Keep(reader, quiet)
	entry(j, journal.TaskPrinted{Text: strings.Repeat("x", 2<<20)})
	entry(j, chosen("b"))
	j.Close()
	if err := k.Wait(); err != nil {
		t.Fatal(err)
	}
	bodies, _ := read(t, only(t, folder).Path)
	var missing uint64
	var why []string
	for _, b := range bodies {
		if o, ok := b.(journal.Omitted); ok {
			missing += o.Entries
			why = append(why, o.Why.En)
		}
	}
	if len(bodies)-len(why)+int(missing) != 10_002 || bodies[len(bodies)-1] != chosen("b") {
		t.Errorf("%d entries, %d missing (%q), the last one %v", len(bodies)-len(why), missing, why, bodies[len(bodies)-1])
	}
	if !slices.Contains(why, "it was too long to be kept") || !slices.Contains(why, "healthlab could not write the journal in time") {
		t.Errorf("missing because of %q", why)
	}
}

// A folder that cannot be written, or a disk that is full, ends the keeping and nothing else.
func TestProblemsAreToldOnce(t *testing.T) {
	place := t.TempDir()
	if err := os.WriteFile(filepath.Join(place, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	j := journal.New()
	k := In(filepath.Join(place, "file", "journals")).Keep(j.Subscribe(journal.WithEntries()), slog.New(slog.NewTextHandler(&log, nil)))
	for range 100 {
		entry(j, chosen("a"))
	}
	j.Close()
	err := k.Wait()
	var told *lab.Error
	if !errors.As(err, &told) || !strings.Contains(told.Msg.En, "could not be kept in "+place) {
		t.Errorf("error %v", err)
	}
	if n := strings.Count(log.String(), "\n"); n != 1 {
		t.Errorf("%d lines in the log:\n%s", n, log.String())
	}
}

func TestAFileThatCannotBeWrittenAnyMoreEnds(t *testing.T) {
	j := journal.New()
	k := &Keeper{folder: In(t.TempDir()), log: quiet, reader: j.Subscribe(journal.WithEntries())}
	defer k.reader.Stop()
	if err := k.create(time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := k.file.Close(); err != nil { // as good as a full disk
		t.Fatal(err)
	}
	entry(j, chosen("a"))
	if err := k.follow(); !errors.Is(err, os.ErrClosed) { // although the journal goes on
		t.Errorf("error %v", err)
	}
}

func TestSecretsAreNotWritten(t *testing.T) {
	const secret = "s3cr3t"
	folder, j := In(t.TempDir()), journal.New()
	k := folder.Keep(j.Subscribe(journal.WithEntries()), quiet)
	for _, args := range [][]string{
		{"get", "pods", "--token", secret},
		{"get", "pods", "--token=" + secret, "-o", "wide"},
		{"create", "secret", "generic", "x", "--from-literal=a=" + secret, "--from-literal", "b=" + secret},
	} {
		line := "kubectl " + strings.Join(args, " ")
		action := lab.Kubectl{Args: args}
		entry(j, journal.Asked{Action: action})
		entry(j, journal.TaskStarted{Task: lab.Task{ID: 1, Action: action, Title: lab.Same(line), Line: line}})
		entry(j, journal.Told{Fact: lab.Fact{Kind: lab.FactCommand, Command: lab.FactTask{Title: lab.Same(line), Line: line}}})
		if !strings.Contains(strings.Join(args, " "), secret) {
			t.Error("the journal's own entry was changed")
		}
	}
	j.Close()
	if err := k.Wait(); err != nil {
		t.Fatal(err)
	}
	bodies, _ := read(t, only(t, folder).Path)
	if text := fmt.Sprintf("%#v", bodies); len(bodies) != 9 || strings.Contains(text, secret) || !strings.Contains(text, `"wide"`) {
		t.Errorf("%d entries: %s", len(bodies), text)
	}
}

func TestTheNewestIsOneWithAnEntry(t *testing.T) {
	folder := In(t.TempDir())
	var content bytes.Buffer
	encoder, err := journal.NewEncoder(&content)
	if err != nil {
		t.Fatal(err)
	}
	if err := encoder.Encode(journal.Entry{Seq: 1, At: time.Unix(1, 0), Body: journal.Logged{Line: lab.LogLine{Text: "x"}}}); err != nil {
		t.Fatal(err)
	}
	good := fileName(time.Date(2026, 1, 1, 9, 1, 0, 0, time.UTC), 7)
	put(t, folder, good, content.Bytes())
	file(t, folder, 2, 0) // killed as soon as it had begun
	put(t, folder, fileName(time.Date(2026, 1, 1, 9, 3, 0, 0, time.UTC), 7), nil)
	if got, err := folder.Find(""); err != nil || filepath.Base(got) != good {
		t.Errorf("got %q (%v), want %q", got, err, good)
	}
	other := fileName(time.Date(2026, 1, 1, 9, 4, 0, 0, time.UTC), 7)
	put(t, folder, other, []byte(`{"format":"healthlab-journal","version":2}`+"\n"))
	if got, err := folder.Find(""); err != nil || filepath.Base(got) != other {
		t.Errorf("got %q (%v), want the one of another version, %q, of which the user is to be told", got, err, other)
	}
}

func TestFind(t *testing.T) {
	folder := In(t.TempDir())
	var told *lab.Error
	if _, err := folder.Find(""); !errors.As(err, &told) || !strings.Contains(told.Msg.En, folder.Path()) {
		t.Errorf("an empty folder: %v", err)
	}
	if _, err := In(filepath.Join(folder.path, "none")).Find(""); !errors.As(err, &told) {
		t.Errorf("no folder: %v", err)
	}
	old, newest := file(t, folder, 1, 0), file(t, folder, 2, 0)
	for name, want := range map[string]string{
		"": filepath.Join(folder.path, newest), old: filepath.Join(folder.path, old), "other.gz": "other.gz", "/a/b": "/a/b",
	} {
		if got, err := folder.Find(name); err != nil || got != want {
			t.Errorf("%q is %q (%v), want %q", name, got, err, want)
		}
	}
}

func TestOpen(t *testing.T) {
	folder := In(t.TempDir())
	good := filepath.Join(folder.path, file(t, folder, 1, 0))
	f, err := Open(good)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		folder.path: "it is a directory", filepath.Join(folder.path, "none"): "there is no such file", os.DevNull: "no regular file",
	} {
		var told *lab.Error
		if _, err := Open(path); !errors.As(err, &told) || !strings.Contains(told.Msg.En, want) {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
}
