package engine

import (
	"strings"
)

// createView is CREATE VIEW (InterSystems SQL Reference, CREATE VIEW).
func (s *Session) createView(p *createView) error {
	s.needAdmin("%CREATE_VIEW")
	n := s.qualify(p.view)
	if err := s.freeName(n); err != nil {
		_, old := s.lookup(n)
		if old == nil || !p.replace && !p.ifNot {
			return err
		}
		if p.ifNot {
			return nil
		}
	}
	if p.query.order != nil && p.query.cores[0].top == nil && p.query.limit == nil {
		return refuse(-143, " ORDER BY in a view needs TOP")
	}
	c := &compiler{session: s, ns: s.ns}
	q := c.query(nil, p.query)
	if p.columns != nil && len(p.columns) != len(q.out) {
		return refuse(-9, " View '%s' has %d columns, its query %d", clean(n.object), len(p.columns), len(q.out))
	}
	if len(c.params) > 0 {
		return refuse(-148, " CREATE VIEW cannot have parameters")
	}
	v := &view{ns: s.ns, schema: s.spelling(n.schema), name: n.object, owner: s.user, columns: p.columns, query: p.query, check: p.check, result: q.out}
	v.class = className(v.schema, v.name)
	if v.columns == nil {
		for _, o := range q.out {
			v.columns = append(v.columns, o.name)
		}
	}
	s.ns.views[objectKey(v.schema, v.name)] = v
	return nil
}

func (s *Session) dropView(p *dropView) error {
	_, v := s.lookup(p.view)
	if v == nil {
		if p.ifExists {
			return nil
		}
		n := s.qualify(p.view)
		return fail(-30, "View '%s.%s' not found", clean(fold(n.schema)), clean(fold(n.object)))
	}
	s.needAdmin("%DROP_VIEW")
	if user := s.viewOn(v); user != nil && !p.cascade {
		return fail(-321, "View '%s.%s' references view '%s.%s'", clean(user.schema), clean(user.name), clean(v.schema), clean(v.name))
	}
	for p.cascade {
		user := s.viewOn(v)
		if user == nil {
			break
		}
		delete(s.ns.views, objectKey(user.schema, user.name))
	}
	delete(s.ns.views, objectKey(v.schema, v.name))
	return nil
}

// viewOn finds a view that another one is made of.
func (s *Session) viewOn(v *view) *view {
	for _, other := range s.ns.views {
		if other != v && s.mentions(other.query, v) {
			return other
		}
	}
	return nil
}

func (s *Session) mentions(q *selectStmt, v *view) bool {
	var in func(f *fromItem) bool
	in = func(f *fromItem) bool {
		if f == nil {
			return false
		}
		if f.query != nil {
			return s.mentions(f.query, v)
		}
		if f.join != "" {
			return in(f.l) || in(f.r)
		}
		n := s.qualify(f.table)
		return strings.EqualFold(n.schema, v.schema) && strings.EqualFold(n.object, v.name)
	}
	for _, c := range q.cores {
		if in(c.from) {
			return true
		}
	}
	return false
}
