package timeline

import (
	"cmp"
	"slices"
	"strings"

	"healthlab/lab"
)

// service is a service while the lanes of its endpoints are made.
type service struct {
	name    string
	members []*member
	view    *Service
}

type member struct {
	address, pod, uid string
	states            spans[Membership]
	view              *Member
}

func (s *service) made() *Service {
	if s.view == nil {
		s.view = &Service{Name: s.name, Members: make([]*Member, len(s.members))}
		for i, m := range s.members {
			if m.view == nil {
				m.view = &Member{Address: m.address, Pod: m.pod, UID: m.uid, States: m.states.view()}
			}
			s.view.Members[i] = m.view
		}
	}
	return s.view
}

// maxSlices bounds how many EndpointSlices are known.
const maxSlices = 256

// onEndpoints takes in what addresses a slice holds.
func (b *Builder) onEndpoints(c lab.EndpointsChanged) {
	before, known := b.slices[c.Slice]
	if !known && len(b.slices) >= maxSlices {
		b.dropped.Services++
		return
	}
	now := slices.Clone(c.Endpoints[:min(len(c.Endpoints), maxMembers)])
	for i, e := range now {
		now[i].Service, now[i].Address, now[i].Pod = clip(e.Service), clip(e.Address), clip(e.Pod)
	}
	if b.slices[c.Slice] = now; len(now) == 0 {
		delete(b.slices, c.Slice)
	}
	b.stale.services = true
	for _, e := range now {
		if m := b.member(e); m != nil {
			b.stand(m, e, true)
		}
	}
	for _, e := range before {
		if !b.has(e) {
			if m := b.member(e); m != nil {
				b.stand(m, e, false)
			}
		}
	}
}

// has reports whether any slice holds the address for the service.
func (b *Builder) has(e lab.Endpoint) bool {
	for _, all := range b.slices {
		for _, o := range all {
			if o.Service == e.Service && o.Address == e.Address && o.Pod == e.Pod {
				return true
			}
		}
	}
	return false
}

// stand says how an address stands in its service, if the service has it.
func (b *Builder) stand(m *member, e lab.Endpoint, has bool) {
	was := m.states.open && m.states.last.Is.Ready
	here := b.clock.here()
	if has {
		m.states.set(here, Membership{e.Ready, e.Serving, e.Terminating})
	} else {
		m.states.end(here)
	}
	m.view = nil
	if is := has && e.Ready; is != was {
		b.followEndpoint(m.uid, is)
	}
}

// member is what is kept of an address; nil if there is no room for it.
func (b *Builder) member(e lab.Endpoint) *member {
	i := slices.IndexFunc(b.services, func(s *service) bool { return s.name == e.Service })
	if i < 0 {
		if len(b.services) >= maxServices {
			b.dropped.Services++
			return nil
		}
		b.services = append(b.services, &service{name: e.Service})
		slices.SortFunc(b.services, func(a, b *service) int { return strings.Compare(a.name, b.name) })
		i = slices.IndexFunc(b.services, func(s *service) bool { return s.name == e.Service })
	}
	s := b.services[i]
	s.view = nil
	uid := ""
	if p := b.named(e.Pod); p != nil {
		uid = p.seen.UID
	}
	for _, m := range slices.Backward(s.members) {
		if m.address == e.Address && m.pod == e.Pod && (m.uid == uid || m.uid == "" || m.states.open) {
			m.uid = cmp.Or(m.uid, uid)
			return m
		}
	}
	if len(s.members) >= maxMembers {
		i := max(slices.IndexFunc(s.members, func(m *member) bool { return !m.states.open }), 0)
		s.members = slices.Delete(s.members, i, i+1)
		b.dropped.Elements++
	}
	m := &member{address: e.Address, pod: e.Pod, uid: uid, states: spans[Membership]{kept: &b.kept}}
	s.members = append(s.members, m)
	return m
}

// join says which pod an address is of that was told before the pod.
func (b *Builder) join(name, uid string) {
	for _, s := range b.services {
		for _, m := range s.members {
			if m.pod == name && m.uid == "" && m.states.open {
				m.uid, m.view, s.view = uid, nil, nil
				b.stale.services = true
			}
		}
	}
}

// deployment is a deployment while its lane is made.
type deployment struct {
	name     string
	selector map[string]string
	counts   spans[Counts]
	view     *Deployment
}

func (d *deployment) made() *Deployment {
	if d.view == nil {
		d.view = &Deployment{Name: d.name, Selector: d.selector, Counts: d.counts.view()}
	}
	return d.view
}

func (b *Builder) onDeployment(c lab.DeploymentChanged) {
	name := clip(c.Deployment.Name)
	i := slices.IndexFunc(b.deploys, func(d *deployment) bool { return d.name == name })
	if i < 0 {
		if c.Deleted {
			return
		}
		if len(b.deploys) >= maxDeployments {
			b.dropped.Deployments++
			i = slices.IndexFunc(b.deploys, func(d *deployment) bool { return !d.counts.open })
			if i < 0 {
				return
			}
			b.deploys = slices.Delete(b.deploys, i, i+1)
		}
		b.deploys = append(b.deploys, &deployment{name: name, counts: spans[Counts]{kept: &b.kept}})
		slices.SortFunc(b.deploys, func(a, b *deployment) int { return strings.Compare(a.name, b.name) })
		i = slices.IndexFunc(b.deploys, func(d *deployment) bool { return d.name == name })
	}
	d := b.deploys[i]
	d.view = nil
	b.stale.deploys = true
	if c.Deleted {
		d.counts.end(b.clock.here())
		return
	}
	n := c.Deployment
	d.selector = n.Selector
	d.counts.set(b.clock.here(), Counts{n.Desired, n.Updated, n.Total, n.Available, n.Unavailable})
}
