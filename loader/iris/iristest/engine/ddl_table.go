package engine

import (
	"fmt"
	"strings"
)

// createTable is CREATE TABLE (InterSystems SQL Reference, CREATE TABLE).
func (s *Session) createTable(p *createTable) error {
	s.needAdmin("%CREATE_TABLE")
	n := s.qualify(p.table)
	if err := s.freeName(n); err != nil {
		if p.ifNotExists {
			s.status = 1
			return nil
		}
		return err
	}
	t := s.newTable(n)
	t.temporary, t.publicRowID, t.description, t.parameters = p.temporary, p.publicRowID, p.description, p.parameters
	if p.query != nil {
		return s.createTableAs(t, p.query)
	}
	for i := range p.columns {
		if err := s.addColumn(t, &p.columns[i]); err != nil {
			return err
		}
	}
	t.rowIDName = t.freeRowIDName()
	if err := s.checkComputed(t); err != nil {
		return err
	}
	if len(t.columns) == 0 {
		return refuse(-1, " Table without columns")
	}
	if err := s.addConstraints(t, p); err != nil {
		return err
	}
	return s.install(t)
}

// freeName refuses a name that a table or a view has, and schemas that are the system's own.
func (s *Session) freeName(n name) error {
	if strings.EqualFold(n.schema, "User") {
		return refuse(-312, " Schema name 'User' is reserved")
	}
	if strings.HasPrefix(n.schema, "%") || strings.EqualFold(n.schema, "INFORMATION_SCHEMA") {
		return refuse(-400, "ERROR #5064: schema '%s' is reserved for the system", clean(n.schema))
	}
	if t, v := s.lookup(n); t != nil || v != nil {
		kind := "Table"
		if v != nil {
			kind = "View"
		}
		return fail(-201, "%s '%s.%s' already exists", kind, clean(n.schema), clean(n.object))
	}
	return nil
}

func (s *Session) newTable(n name) *table {
	s.sys.lastID++
	schema := s.spelling(n.schema)
	return &table{id: s.sys.lastID, ns: s.ns, schema: schema, name: n.object, class: className(schema, n.object), owner: s.user, parameters: map[string]string{}}
}

// spelling is how a schema that exists is written.
func (s *Session) spelling(schema string) string {
	if strings.EqualFold(schema, "SQLUser") {
		return "SQLUser"
	}
	for _, t := range s.ns.sortedTables() {
		if strings.EqualFold(t.schema, schema) {
			return t.schema
		}
	}
	return schema
}

// addColumn adds a column to a table that is being defined.
func (s *Session) addColumn(t *table, spec *columnSpec) error {
	if t.find(spec.name) != nil {
		return fail(-306, "Column '%s' already exists in table '%s'", clean(spec.name), t.shown())
	}
	dt, err := resolveType(spec.typ)
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

// addConstraints adds the keys of a new table: those of its columns first, in the order in which they stand.
func (s *Session) addConstraints(t *table, p *createTable) error {
	for _, spec := range p.columns {
		if spec.primary {
			if err := s.addKey(t, keySpec{name: spec.primaryName, primary: true, columns: []string{spec.name}}); err != nil {
				return err
			}
		}
		if spec.isUnique {
			if err := s.addKey(t, keySpec{name: spec.unique, columns: []string{spec.name}}); err != nil {
				return err
			}
		}
	}
	for _, k := range p.keys {
		if err := s.addKey(t, k); err != nil {
			return err
		}
	}
	for i := range p.foreign {
		if err := s.addForeign(t, &p.foreign[i]); err != nil {
			return err
		}
	}
	return nil
}

// generatedName is the name of a constraint that was given none.
func (t *table) generatedName(kind string) string {
	t.count++
	return fmt.Sprintf("%s_%s%d", fold(t.name), kind, t.count)
}

func (t *table) hasConstraint(name string) bool {
	for _, k := range t.keys {
		if strings.EqualFold(k.name, name) {
			return true
		}
	}
	for _, f := range t.foreign {
		if strings.EqualFold(f.name, name) {
			return true
		}
	}
	for _, i := range t.indexes {
		if strings.EqualFold(i.name, name) {
			return true
		}
	}
	return false
}

func (s *Session) addKey(t *table, spec keySpec) error {
	k := &key{name: spec.name, primary: spec.primary}
	kind := "UNIQUE"
	if spec.primary {
		kind = "PKEY"
		if t.primary() != nil {
			return fail(-307, "Primary key already defined for table '%s'", t.shown())
		}
	}
	if k.name == "" {
		k.name = t.generatedName(kind)
	} else if t.count++; t.hasConstraint(k.name) {
		return fail(-324, "Constraint or index '%s' already exists in table '%s'", clean(k.name), t.shown())
	}
	for _, column := range spec.columns {
		c := t.find(column)
		if c == nil {
			return refuse(-86, " Column '%s' of constraint '%s' is not in table '%s'", clean(column), clean(k.name), t.shown())
		}
		if c.kind == kCharStream || c.kind == kBinStream {
			return fail(-400, "ERROR #5414: Invalid index attribute: stream property '%s' in index '%s'", clean(c.property), clean(k.name))
		}
		if spec.primary {
			c.notNull = true
		}
		k.columns = append(k.columns, c)
	}
	if spec.primary && s.options["PKEY_IS_IDKEY"] == "1" && t.identity() == nil {
		t.idKey = k
	}
	t.keys = append(t.keys, k)
	return nil
}

func (t *table) primary() *key {
	for _, k := range t.keys {
		if k.primary {
			return k
		}
	}
	return nil
}

// addForeign binds a foreign key to its parent (Using InterSystems SQL, Defining Foreign Keys).
func (s *Session) addForeign(t *table, spec *foreignSpec) error {
	f := &foreign{name: spec.name, onDelete: spec.onDelete, onUpdate: spec.onUpdate, noCheck: spec.noCheck}
	if f.name == "" {
		f.name = t.generatedName("FKEY")
	} else if t.count++; t.hasConstraint(f.name) {
		return fail(-311, "Constraint or index '%s' already exists in table '%s'", clean(f.name), t.shown())
	}
	for _, column := range spec.columns {
		c := t.find(column)
		if c == nil {
			return refuse(-86, " Column '%s' of constraint '%s' is not in table '%s'", clean(column), clean(f.name), t.shown())
		}
		f.columns = append(f.columns, c)
	}
	n := s.qualify(spec.table)
	if spec.table.schema == "" {
		n.schema = t.schema
	}
	if f.parent, _ = s.lookup(n); strings.EqualFold(n.schema, t.schema) && strings.EqualFold(n.object, t.name) {
		f.parent = t
	}
	if f.parent == nil || f.parent.system {
		return fail(-310, "Foreign key '%s' of table '%s' references non-existent table '%s.%s'", clean(f.name), t.shown(), clean(n.schema), clean(n.object))
	}
	if err := f.bind(t, spec.refColumns); err != nil {
		return err
	}
	t.foreign = append(t.foreign, f)
	return nil
}

// bind finds the columns of the parent: those named, else its primary key, its identity or its row id.
func (f *foreign) bind(t *table, names []string) error {
	parent := f.parent
	if names == nil {
		switch k := parent.primary(); {
		case k != nil:
			f.ref, f.refKey = k.columns, k.name
		default:
			f.refKey = "RowIDField_As_PKey"
		}
	} else {
		isRowID := len(names) == 1 && (strings.EqualFold(names[0], "%ID") || parent.identity() != nil && strings.EqualFold(names[0], parent.identity().name) ||
			parent.identity() == nil && strings.EqualFold(names[0], parent.rowIDName))
		if isRowID {
			f.refKey = "RowIDField_As_PKey"
			if parent.identity() == nil && !parent.publicRowID && parent.idKey == nil {
				return fail(-314, "Foreign key '%s' references the RowID of table '%s', which is not public", clean(f.name), parent.shown())
			}
			if k := parent.keyOf(names); k != nil {
				f.ref, f.refKey = k.columns, k.name
			}
		} else {
			for _, n := range names {
				if parent.find(n) == nil {
					return fail(-316, "Foreign key '%s' references column '%s', which table '%s' does not have", clean(f.name), clean(n), parent.shown())
				}
			}
			k := parent.keyOf(names)
			if k == nil {
				return fail(-314, "Foreign key '%s' references columns of table '%s' that are not a unique key", clean(f.name), parent.shown())
			}
			f.refKey = k.name
			for _, n := range names {
				f.ref = append(f.ref, parent.find(n))
			}
		}
	}
	if n := len(f.parentColumns()); n != len(f.columns) {
		return fail(-316, "Foreign key '%s' of table '%s' has %d columns, the key that it references %d", clean(f.name), t.shown(), len(f.columns), n)
	}
	return nil
}

// keyOf finds the key with these columns, in any order.
func (t *table) keyOf(names []string) *key {
	for _, k := range t.keys {
		if len(k.columns) != len(names) {
			continue
		}
		found := 0
		for _, c := range k.columns {
			for _, n := range names {
				if strings.EqualFold(c.name, n) {
					found++
					break
				}
			}
		}
		if found == len(names) {
			return k
		}
	}
	return nil
}

// install makes the table in SQLite and known in its namespace.
func (s *Session) install(t *table) error {
	cols := []string{"rid INTEGER PRIMARY KEY"}
	for _, c := range t.columns {
		if !c.identity {
			cols = append(cols, c.declared())
		}
	}
	if err := s.sys.exec(fmt.Sprintf("CREATE TABLE %s (%s)", t.sqlite(), strings.Join(cols, ", "))); err != nil {
		return err
	}
	t.ns.tables[objectKey(t.schema, t.name)] = t
	for _, k := range t.keys {
		if err := s.sys.index(t, k.columns); err != nil {
			return err
		}
	}
	for _, f := range t.foreign {
		if err := s.sys.index(t, f.columns); err != nil {
			return err
		}
	}
	return nil
}

// declared is a column in SQLite: without a type, so that values stay as they are, and with its collation.
func (c *column) declared() string {
	return c.sqlite() + collate(typ{kind: c.kind, collation: c.collated()})
}

// index helps SQLite to find values; uniqueness is checked by us.
func (s *System) index(t *table, columns []*column) error {
	name := t.sqlite() + "x"
	var cols []string
	for _, c := range columns {
		if c.identity {
			return nil
		}
		name += "_" + c.sqlite()
		cols = append(cols, c.sqlite())
	}
	return s.exec(fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s ON %s (%s)", name, t.sqlite(), strings.Join(cols, ", ")))
}

// createTableAs is CREATE TABLE … AS SELECT.
func (s *Session) createTableAs(t *table, query *selectStmt) error {
	c := &compiler{session: s, ns: s.ns}
	q := c.query(nil, query)
	for i, o := range q.out {
		t.lastColumn++
		col := &column{dataType: stringOf(4096), id: t.lastColumn, name: o.name, property: t.propertyName(o.name)}
		switch {
		case o.typ.column != nil:
			col.dataType = o.typ.column.dataType
		case o.typ.kind == kInt:
			col.dataType = bigint("%Library.BigInt")
		case o.typ.kind == kDouble:
			col.dataType = mustType("DOUBLE")
		case o.typ.kind == kDecimal:
			col.dataType = dataType{kind: kDecimal, class: "%Library.Numeric", odbc: TypeNumeric, precision: min(o.typ.precision, 19), scale: min(o.typ.scale, 18)}
		case o.typ.kind == kDate:
			col.dataType = dateType(0)
		case o.typ.kind == kTime:
			col.dataType = mustType("TIME")
		case o.typ.kind == kPosix || o.typ.kind == kStamp:
			col.dataType = mustType("POSIXTIME")
		}
		if t.find(col.name) != nil {
			col.name = fmt.Sprintf("%s_%d", col.name, i+1)
		}
		t.columns = append(t.columns, col)
	}
	t.rowIDName = t.freeRowIDName()
	if err := s.install(t); err != nil {
		return err
	}
	p := &insertPlan{table: t, query: q, reads: c.reads}
	for i, o := range q.out {
		p.targets = append(p.targets, i)
		p.kinds = append(p.kinds, o.typ.kind)
	}
	_, err := p.run(s, nil)
	return err
}
