package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"healthlab/lab"
	"healthlab/lab/timeline"
)

// screen is the panes and what is where: which of them can be seen, which has the focus, and what the user has moved.
type screen struct {
	*display
	panes map[PaneID]Pane
	snap  *lab.Snapshot  // the newest one, which the panes show
	view  *timeline.View // that goes with it; nil as long as there is none

	// What the user has chosen.
	focus       PaneID
	tab         PaneID // in front where panes share a place
	tabChosen   bool   // by the user, in this step: nothing else is brought to the front
	zoomed      bool
	presenter   bool
	columnShift [2]int
	rowShift    map[PaneID]int
	drag        *dragging

	// What was drawn.
	w, h   int // of the terminal
	layout layout
	drawn  map[PaneID]drawnPlace
}

// dragging is a border that the mouse holds.
type dragging struct {
	border
	x, y int // where the mouse was last
}

// arrange computes the layout anew and tells the panes their sizes.
func (sc *screen) arrange() {
	sc.dirty = true
	a := layoutArgs{
		W: sc.w, H: sc.h, Presenter: sc.presenter, Tab: sc.tab, Columns: sc.columnShift, Rows: sc.rowShift,
		Replicas: sc.replicas(), Empty: map[PaneID]bool{}, Needs: sc.needs,
	}
	for id, p := range sc.panes {
		if b, ok := p.(Blank); ok && b.Empty() && (id != Pods || !sc.comingUp()) { // how a cluster comes up is in their place
			a.Empty[id] = true
		}
	}
	if sc.focus == Replicas && !a.Replicas {
		sc.focus = Pods
	}
	if sc.zoomed {
		a.Zoom = sc.focus
	}
	sc.layout = arrange(a)
	if shown := sc.layout.shown(); len(shown) > 0 && !slices.Contains(shown, sc.focus) {
		// The screen has become smaller, and the focused pane now shares a place.
		sc.tab = sc.focus
		a.Tab = sc.tab
		sc.layout = arrange(a)
	}
	sc.panes[Stage].SetSize(sc.layout.Stage.W, sc.layout.Stage.H)
	for _, c := range sc.layout.Columns {
		for _, p := range c.Places {
			sc.panes[p.Front].SetSize(p.inside())
		}
	}
}

// needs is how many lines of w cells a pane has use for; 0 if it does not know.
func (sc *screen) needs(id PaneID, w int) int {
	if n, ok := sc.panes[id].(Needer); ok {
		return n.Needs(w)
	}
	return 0
}

// replicas reports whether there is anything that the pane of replicas could show.
func (sc *screen) replicas() bool { return len(sc.snap.Deployments)+len(sc.snap.Endpoints) > 0 }

// restyle hands theme and language to everything that draws.
func (sc *screen) restyle() {
	sc.makeStyle()
	for _, p := range sc.panes {
		p.SetStyle(sc.style, sc.lang)
	}
	sc.drawn = map[PaneID]drawnPlace{}
	sc.arrange()
}

// handOut gives the panes the newest snapshot.
func (sc *screen) handOut() {
	for _, p := range sc.panes {
		p.SetSnapshot(sc.snap)
		if f, ok := p.(Follower); ok && sc.view != nil {
			f.SetTimeline(sc.view)
		}
	}
}

// focusBy moves the focus among the panes that can be seen.
func (sc *screen) focusBy(n int) {
	ids := sc.layout.shown()
	if sc.zoomed {
		ids = slices.DeleteFunc(paneIDs(), func(id PaneID) bool { return id == Replicas && !sc.replicas() })
	}
	if len(ids) == 0 {
		return
	}
	i := slices.Index(ids, sc.focus)
	sc.setFocus(ids[((i+n)%len(ids)+len(ids))%len(ids)])
}

func (sc *screen) setFocus(id PaneID) {
	sc.focus = id
	sc.presenter = false
	if sc.layout.shares(id) {
		sc.tab, sc.tabChosen = id, true
	}
	sc.arrange()
}

// bringForward shows a pane that shares its place with others, unless the user has chosen what to see there. The focus
// moves there only if it was on the pane that is now behind.
func (sc *screen) bringForward(id PaneID) {
	if sc.tabChosen || sc.zoomed || sc.presenter || slices.Contains(sc.layout.shown(), id) {
		return
	}
	for _, c := range sc.layout.Columns {
		for _, p := range c.Places {
			if slices.Contains(p.Panes, id) && p.Front == sc.focus {
				sc.focus = id
			}
		}
	}
	sc.tab = id
	sc.arrange()
}

func (sc *screen) toggleZoom() {
	sc.presenter = false
	sc.zoomed = !sc.zoomed
	sc.arrange()
}

func (sc *screen) togglePresenter() {
	sc.zoomed = false
	sc.presenter = !sc.presenter
	sc.arrange()
}

// onDrag moves the border that the mouse holds; the layout keeps every place at its minimum.
func (sc *screen) onDrag(at tea.Mouse) {
	if sc.drag == nil {
		return
	}
	dx, dy := at.X-sc.drag.x, at.Y-sc.drag.y
	sc.drag.x, sc.drag.y = at.X, at.Y
	// A border must not run away from the mouse when that leaves the screen.
	bound := func(v, limit int) int { return max(min(v, limit), -limit) }
	if sc.drag.Row != "" {
		sc.rowShift[sc.drag.Row] = bound(sc.rowShift[sc.drag.Row]+dy, sc.h)
	} else if sc.drag.Column < len(sc.columnShift) {
		sc.columnShift[sc.drag.Column] = bound(sc.columnShift[sc.drag.Column]+dx, sc.w)
	}
	sc.arrange()
}
