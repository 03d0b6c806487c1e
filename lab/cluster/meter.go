package cluster

import "math"

const (
	// maxDepth is how deep JSON may be nested. Kubernetes' own objects stay below 30.
	maxDepth = 100
	// maxEvent is how large one change of a watch may be, in bytes. etcd takes objects of 1.5 MiB, in a denser form.
	maxEvent = 4 << 20
	// maxEventElements is how many elements the lists in one change may have. An endpoint slice has up to 1,000 endpoints.
	maxEventElements = 10_000
	// maxElements is how many elements the lists in one answer may have. A thousand pods have about 50,000.
	maxElements = 200_000

	// What is read is reckoned by what it comes to in memory: a list's element becomes a struct, however little is written
	// for it, and an object is more than the text of its fields: it is decoded, told of and drawn. In bytes.
	elementCost = 512
	objectCost  = 16 << 10
)

// meter follows the structure of a JSON text, or of one after another, as far as it takes to tell how much it will come to
// once it is decoded. What is no JSON it takes as well: that is for the decoder to say.
type meter struct {
	arrays   [maxDepth]bool // whether what is open at that depth is an array
	depth    int
	quoted   bool // within a string
	escaped  bool // after a backslash within one
	bytes    int  // of the current text
	elements int  // of lists in it
	most     struct{ bytes, elements int }
}

// add takes what was read next, and returns what it comes to, or an *excess.
func (m *meter) add(p []byte) (cost int, err error) {
	for _, b := range p {
		m.bytes++
		switch {
		case m.escaped:
			m.escaped = false
		case m.quoted:
			m.escaped, m.quoted = b == '\\', b != '"'
		case b == '"':
			m.quoted = true
		case b == '{' || b == '[':
			if m.depth == maxDepth {
				return cost, tooDeep()
			}
			m.arrays[m.depth] = b == '['
			m.depth++
			if b == '[' {
				m.elements, cost = m.elements+1, cost+elementCost
			}
		case b == ',' && m.depth > 0 && m.arrays[m.depth-1]:
			m.elements, cost = m.elements+1, cost+elementCost
		case (b == '}' || b == ']') && m.depth > 0:
			if m.depth--; m.depth == 0 {
				m.bytes, m.elements, cost = 0, 0, cost+objectCost
			}
		}
		if m.bytes > m.most.bytes {
			return cost, tooLarge(m.most.bytes)
		}
		if m.elements > m.most.elements {
			return cost, tooMany(m.most.elements)
		}
	}
	return cost + len(p), nil
}

// newMeter returns one for texts of at most so many bytes, with lists of at most so many elements.
func newMeter(bytes, elements int) *meter {
	m := &meter{}
	m.most.bytes, m.most.elements = bytes, elements
	return m
}

// unlimited is for what is bounded elsewhere.
const unlimited = math.MaxInt
