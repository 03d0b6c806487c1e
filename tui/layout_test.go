package tui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
)

// TestLayout draws layouts as boxes, see testdata.
func TestLayout(t *testing.T) {
	for _, c := range []struct {
		name string
		args layoutArgs
	}{
		{"80x24", layoutArgs{W: 80, H: 24}},
		{"80x24 nothing to show", layoutArgs{W: 80, H: 24, Empty: empty(Pods, ProbeLog), Needs: needs(24, 0)}},
		{"80x24 much to do", layoutArgs{W: 80, H: 24, Needs: needs(24, 4)}},
		{"80x24 little to do", layoutArgs{W: 80, H: 24, Needs: needs(4, 9)}},
		{"80x24 with a deployment", layoutArgs{W: 80, H: 24, Replicas: true}},
		{"80x24 events in front", layoutArgs{W: 80, H: 24, Tab: Events}},
		{"80x24 border dragged down", layoutArgs{W: 80, H: 24, Rows: map[PaneID]int{Pods: 3}}},
		{"80x24 zoomed", layoutArgs{W: 80, H: 24, Zoom: Output}},
		{"80x24 presenter", layoutArgs{W: 80, H: 24, Presenter: true}},
		{"120x40", layoutArgs{W: 120, H: 40}},
		{"120x40 without pods", layoutArgs{W: 120, H: 40, Empty: empty(Pods, ProbeLog, AppLog), Needs: needs(24, 0)}},
		{"120x40 nothing to show", layoutArgs{W: 120, H: 40, Empty: empty(Pods, ProbeLog, Events, Output), Needs: needs(24, 0)}},
		{"120x40 with a deployment", layoutArgs{W: 120, H: 40, Replicas: true}},
		{"120x40 divider dragged left", layoutArgs{W: 120, H: 40, Columns: [2]int{-40, 0}}},
		{"120x24", layoutArgs{W: 120, H: 24}},
		{"200x60", layoutArgs{W: 200, H: 60, Replicas: true}},
		{"smallest", layoutArgs{W: MinWidth, H: MinHeight}},
		{"too narrow", layoutArgs{W: MinWidth - 1, H: 40}},
		{"too low", layoutArgs{W: 200, H: MinHeight - 1}},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
			golden.RequireEqual(t, boxes(arrange(c.args), c.args.W, c.args.H))
		})
	}
}

// TestLayoutCoversTheScreen checks sizes of all kinds: places do not overlap, leave nothing out, and keep their minimum.
func TestLayoutCoversTheScreen(t *testing.T) {
	for w := MinWidth; w <= 240; w += 3 {
		for h := MinHeight; h <= 80; h += 2 {
			for _, shift := range []int{-300, -5, 0, 5, 300} {
				a := layoutArgs{
					W: w, H: h, Replicas: w%2 == 0, Columns: [2]int{shift, -shift}, Needs: needs(h%30, w%9),
					Rows: map[PaneID]int{Pods: shift, ProbeLog: -shift, Replicas: shift, AppLog: shift},
				}
				if h%4 == 0 {
					a.Empty = empty(Pods, []PaneID{ProbeLog, Events, Output}[w%3])
				}
				if problem := uncovered(arrange(a), w, h); problem != "" {
					t.Fatalf("%dx%d, borders dragged by %d: %s", w, h, shift, problem)
				}
			}
		}
	}
}

func empty(ids ...PaneID) map[PaneID]bool {
	out := map[PaneID]bool{}
	for _, id := range ids {
		out[id] = true
	}
	return out
}

func needs(guide, pods int) func(PaneID, int) int {
	return func(id PaneID, _ int) int { return map[PaneID]int{Guide: guide, Pods: pods}[id] }
}

func uncovered(l layout, w, h int) string {
	seen := make([]int, w*h)
	mark := func(r rect) {
		for y := r.Y; y < r.Y+r.H; y++ {
			for x := r.X; x < r.X+r.W; x++ {
				seen[y*w+x]++
			}
		}
	}
	mark(l.Header)
	mark(l.News)
	mark(l.Footer)
	for i, c := range l.Columns {
		if i > 0 {
			mark(rect{c.X - 1, 1, 1, h - 3})
		}
		for _, p := range c.Places {
			if p.H < titleOnly || p.W < 20 {
				return fmt.Sprintf("%v has only %dx%d cells", p.Panes, p.W, p.H)
			}
			mark(p.rect)
		}
	}
	for i, n := range seen {
		if n != 1 {
			return fmt.Sprintf("cell %d,%d is covered %d times", i%w, i/w, n)
		}
	}
	return ""
}

func TestEveryPaneHasAPlace(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 24}, {120, 40}, {200, 60}} {
		places := map[PaneID]int{}
		for _, c := range arrange(layoutArgs{W: size[0], H: size[1], Replicas: true}).Columns {
			for _, p := range c.Places {
				for _, id := range p.Panes {
					places[id]++
				}
			}
		}
		for _, id := range paneIDs() {
			if places[id] != 1 {
				t.Errorf("%dx%d: %s has %d places, want 1", size[0], size[1], id, places[id])
			}
		}
	}
}

// boxes draws a layout at half its width, with the panes of each place in its corner.
func boxes(l layout, w, h int) []byte {
	if l.TooSmall {
		return []byte("too small\n")
	}
	canvas := make([][]rune, h)
	for y := range canvas {
		canvas[y] = []rune(strings.Repeat(" ", w))
	}
	box := func(r rect, label string) {
		for x := r.X; x < r.X+r.W; x++ {
			canvas[r.Y][x], canvas[r.Y+r.H-1][x] = '-', '-'
		}
		for y := r.Y; y < r.Y+r.H; y++ {
			canvas[y][r.X], canvas[y][r.X+r.W-1] = '|', '|'
		}
		if r.H > 1 {
			for _, x := range []int{r.X, r.X + r.W - 1} {
				canvas[r.Y][x], canvas[r.Y+r.H-1][x] = '+', '+'
			}
		}
		copy(canvas[r.Y][r.X+2:r.X+r.W-1], []rune(fmt.Sprintf(" %s %dx%d ", label, r.W, r.H)))
	}
	box(l.Header, "header")
	box(l.News, "news")
	box(l.Footer, "footer")
	if l.Stage.H > 0 {
		box(l.Stage, "stage")
	}
	for _, c := range l.Columns {
		for _, p := range c.Places {
			var names []string
			for _, id := range p.Panes {
				if id == p.Front {
					names = append(names, "["+string(id)+"]")
				} else {
					names = append(names, string(id))
				}
			}
			box(p.rect, strings.Join(names, " "))
		}
	}
	var out strings.Builder
	for _, line := range canvas {
		out.WriteString(strings.TrimRight(string(line), " ") + "\n")
	}
	return []byte(out.String())
}
