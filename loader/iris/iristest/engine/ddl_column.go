package engine

// addColumn adds a column to a table that is being defined.
func (s *Session) addColumn(t *table, spec *columnSpec) error {
	if t.find(spec.name) != nil {
		return fail(-306, "Column '%s' already exists in table '%s'", clean(spec.name), t.shown())
	}
	dt, err := s.resolveType(spec.typ)
	if err != nil {
		return err
	}
	t.lastColumn++
	c := &column{dataType: dt, id: t.lastColumn, name: spec.name, property: t.propertyName(spec.name), notNull: spec.notNull, identity: spec.identity,
		autoInc: spec.autoInc, def: spec.def, defText: spec.defText, hasDefault: spec.hasDefault, onUpdate: spec.onUpdate, compute: spec.compute, computeOn: spec.computeOn,
		calculated: spec.calculated || spec.transient, transient: spec.transient, description: spec.description}
	if spec.collate != "" {
		c.collation, c.collateGiven = spec.collate, true
	}
	if c.identity {
		if t.identity() != nil {
			return fail(-308, "Identity column already defined for table '%s'", t.shown())
		}
		if c.kind != kInt && c.kind != kDecimal || c.scale != 0 {
			return refuse(-400, "ERROR #5475: IDENTITY column '%s' must be of an integer type", clean(c.name))
		}
		if c.kind == kDecimal {
			c.kind = kInt
		}
		c.notNull = true
	}
	if c.autoInc && c.kind != kInt {
		return refuse(-1, " AUTO_INCREMENT column '%s' must be of an integer type", clean(c.name))
	}
	if c.compute != "" {
		if c.computed, err = parseCompute(c.compute); err != nil {
			return err
		}
	}
	if c.version {
		for _, other := range t.columns {
			if other.version {
				return fail(-400, "ERROR #5320: Class '%s' has more than one property of type %%Library.RowVersion. Only one is allowed. Properties: %s,%s",
					clean(t.class), clean(other.property), clean(c.property))
			}
		}
	}
	t.columns = append(t.columns, c)
	return nil
}
