package embedded

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"healthlab/lab"
)

// recorder makes components that note when they are started and stopped.
type recorder struct {
	mu    sync.Mutex
	notes []string // guarded by mu
}

func (r *recorder) note(s string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notes = append(r.notes, s)
}

func (r *recorder) component(name string, err error, after ...string) component {
	return component{name: name, after: after, start: func(context.Context) (running, error) {
		r.note("start " + name)
		if err != nil {
			return running{}, err
		}
		return running{stop: func(context.Context) error {
			r.note("stop " + name)
			return nil
		}}, nil
	}}
}

func TestBringUp(t *testing.T) {
	broken := errors.New("broken")
	waitsForever := component{name: "slow", after: []string{"first"}, start: func(ctx context.Context) (running, error) {
		<-ctx.Done()
		return running{}, ctx.Err()
	}}
	for _, c := range []struct {
		name  string
		parts func(*recorder) []component
		want  []string
		err   string
	}{
		{
			"in the order of what each needs",
			func(r *recorder) []component {
				return []component{
					r.component("third", nil, "first", "second"), r.component("second", nil, "first"), r.component("first", nil),
				}
			},
			[]string{"start first", "start second", "start third"},
			"",
		},
		{
			"a failure stops what runs, last first, and starts nothing more",
			func(r *recorder) []component {
				return []component{
					r.component("first", nil), r.component("second", nil, "first"),
					r.component("third", broken, "second"), r.component("fourth", nil, "third"),
				}
			},
			[]string{"start first", "start second", "start third", "stop second", "stop first"},
			"start third: broken",
		},
		{
			"a failure cancels what is still starting, and is the one that is reported",
			func(r *recorder) []component {
				return []component{r.component("first", nil), waitsForever, r.component("third", broken, "first")}
			},
			[]string{"start first", "start third", "stop first"},
			"start third: broken",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &recorder{}
			_, err := bringUp(t.Context(), c.parts(r), func(lab.Component) {})
			if got := message(err); got != c.err {
				t.Errorf("error %q, want %q", got, c.err)
			}
			if diff := cmp.Diff(c.want, r.notes); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBringUpReportsProgress(t *testing.T) {
	r := &recorder{}
	var got []string
	_, err := bringUp(t.Context(), []component{
		r.component("first", nil), r.component("second", errors.New("broken"), "first"), r.component("third", nil, "second"),
	}, func(c lab.Component) {
		got = append(got, strings.TrimSpace(strings.Join([]string{c.Name, string(c.State), c.Err}, " ")))
	})
	if err == nil {
		t.Fatal("no error")
	}
	want := []string{
		"first waiting", "second waiting", "third waiting", "first starting", "first ready", "second starting",
		"second failed start second: broken",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
}

func TestTearDownGoesOn(t *testing.T) {
	r := &recorder{}
	components := []component{{name: "first"}, {name: "second"}, {name: "third"}}
	err := tearDown(components, []running{
		{stop: func(context.Context) error { r.note("first"); return nil }},
		{stop: func(context.Context) error { r.note("second"); return errors.New("stuck") }},
		{},
	})
	if got, want := message(err), "stop second: stuck"; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
	if want := []string{"second", "first"}; !slices.Equal(r.notes, want) {
		t.Errorf("stopped %v, want %v", r.notes, want)
	}
}

func TestClusterTellsWhichComponentDied(t *testing.T) {
	newCluster := func() *Cluster {
		return &Cluster{closing: make(chan struct{}), done: make(chan struct{})}
	}
	t.Run("by itself", func(t *testing.T) {
		c, died := newCluster(), make(chan error, 1)
		died <- errors.New("disk full")
		c.watch("etcd", died)
		<-c.Done()
		if got, want := message(c.Err()), "etcd: disk full"; got != want {
			t.Errorf("error %q, want %q", got, want)
		}
	})
	t.Run("the first one counts", func(t *testing.T) {
		c := newCluster()
		c.fail(errors.New("one"))
		c.fail(errors.New("two"))
		if got, want := message(c.Err()), "one"; got != want {
			t.Errorf("error %q, want %q", got, want)
		}
	})
	t.Run("not while the cluster is being closed", func(t *testing.T) {
		c := newCluster()
		close(c.closing)
		c.fail(errors.New("stopped"))
		if err := c.Err(); err != nil {
			t.Errorf("error %q, want none", err)
		}
	})
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
