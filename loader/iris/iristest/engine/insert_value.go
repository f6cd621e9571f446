package engine

func required(t *table, c *column) error {
	return fail(-108, "'%s' in table '%s' is a required field and has no value", clean(c.name), t.shown())
}

// newValue is what a column of a new row holds.
func (x *change) newValue(t *table, c *column, g given, rid int64) (any, error) {
	switch {
	case c.identity:
		return rid, nil
	case c.version:
		if g.isSet && g.value != nil {
			return nil, fail(-138, "Cannot INSERT a value for read only field '%s.%s'", t.shown(), clean(c.name))
		}
		t.ns.rowVersion++
		return t.ns.rowVersion, nil
	case c.calculated && g.isSet && g.value != nil:
		return nil, fail(-138, "Cannot INSERT a value for read only field '%s.%s'", t.shown(), clean(c.name))
	case c.serial || c.autoInc:
		return x.counted(t, c, g)
	}
	if !g.isSet || g.value == nil && c.notNull && c.hasDefault {
		v, err := x.defaultValue(t, c)
		if err != nil {
			return nil, err
		}
		if v == nil && c.notNull && c.computed == nil {
			return nil, required(t, c)
		}
		return v, nil
	}
	if g.value == nil {
		if c.notNull {
			return nil, required(t, c)
		}
		return nil, nil
	}
	return x.hold(t, c, g.value, g.kind, -104)
}

// counted is the value of a SERIAL or AUTO_INCREMENT column. A higher value that is given moves the counter of SERIAL
// only (Using InterSystems SQL, RowID, Counter Fields).
func (x *change) counted(t *table, c *column, g given) (any, error) {
	var v any
	if g.isSet && g.value != nil {
		var err error
		if v, err = x.hold(t, c, g.value, g.kind, -104); err != nil {
			return nil, err
		}
	}
	n, _ := v.(int64)
	if n == 0 {
		c.counter++
		return c.counter, nil
	}
	if c.serial && n > c.counter {
		c.counter = n
	}
	return n, nil
}

// defaultValue is the DEFAULT of a column. Its type and length are not checked (InterSystems SQL Reference, CREATE TABLE).
func (x *change) defaultValue(t *table, c *column) (any, error) {
	if !c.hasDefault {
		return nil, nil
	}
	v, k, err := x.session.constant(c.def)
	if err != nil || v == nil {
		return nil, err
	}
	held, err := x.hold(t, c, v, k, -104)
	if err != nil && c.kind == kString {
		s, _ := textOf(v)
		return s, nil
	}
	return held, err
}

// constant is the value of an expression without fields.
func (s *Session) constant(e expr) (any, kind, error) {
	if l, ok := e.(*literal); ok {
		return l.value, literalCode(l.value).typ.kind, nil
	}
	c := &compiler{session: s, ns: s.ns}
	code := c.expr(&scope{}, e)
	rows, err := s.sys.rows("SELECT " + code.sql)
	if err != nil {
		return nil, 0, err
	}
	return rows[0][0], code.typ.kind, nil
}
