package engine

import "strings"

// alter reads ALTER TABLE (InterSystems SQL Reference, ALTER TABLE).
func (p *parser) alter() any {
	p.expect("ALTER", "TABLE")
	st := &alterTable{table: p.tableName()}
	switch {
	case p.accept("ADD"):
		st.action = p.alterAdd()
	case p.accept("DROP"):
		st.action = p.alterDrop()
	case p.accept("ALTER"):
		p.accept("COLUMN")
		st.action = p.modify(true)
	case p.accept("MODIFY"):
		p.accept("COLUMN")
		st.action = p.modify(false)
	default:
		p.unexpected("ADD, DROP, ALTER or MODIFY")
	}
	return st
}

func (p *parser) alterAdd() any {
	if p.startsConstraint() {
		return p.tableConstraint()
	}
	p.accept("COLUMN")
	paren := p.sign("(")
	var list addColumns
	for {
		list = append(list, p.column())
		if !p.sign(",") {
			break
		}
	}
	if paren {
		p.expect(")")
	}
	return list
}

func (p *parser) alterDrop() any {
	switch {
	case p.accept("PRIMARY", "KEY"):
		return dropConstraint{kind: "PRIMARY KEY"}
	case p.accept("FOREIGN", "KEY"):
		return dropConstraint{kind: "FOREIGN KEY", name: p.constraintName()}
	case p.accept("CONSTRAINT"):
		d := dropConstraint{name: p.constraintName()}
		p.acceptAny("CASCADE", "RESTRICT")
		return d
	}
	p.accept("COLUMN")
	var list dropColumns
	paren := p.sign("(")
	for {
		list = append(list, columnDrop{name: p.namePart(), cascade: p.dropOptions()})
		if !p.sign(",") {
			break
		}
	}
	if paren {
		p.expect(")")
		if p.dropOptions() {
			for i := range list {
				list[i].cascade = true
			}
		}
	}
	return list
}

// dropOptions reads what may follow the name of a column that is dropped.
func (p *parser) dropOptions() (cascade bool) {
	for {
		switch p.acceptAny("CASCADE", "RESTRICT", "%DELDATA", "%NODELDATA") {
		case "CASCADE":
			cascade = true
		case "":
			return cascade
		}
	}
}

// modify reads what ALTER COLUMN or MODIFY changes of a column.
func (p *parser) modify(isAlter bool) any {
	m := modifyColumn{name: p.namePart()}
	switch {
	case p.accept("RENAME"):
		m.newName = p.namePart()
		return m
	case isAlter && p.accept("SET", "DEFAULT"):
		m.hasDef = true
		m.def, m.defText = p.defaultSpec()
		return m
	case isAlter && p.accept("DROP", "DEFAULT"):
		m.dropDef = true
		return m
	}
	if t := p.peek(); t.kind == tokenWord && (typeNames[t.upper] != "" || strings.HasPrefix(t.text, "%") && t.upper != "%DESCRIPTION") || t.kind == tokenQuoted {
		m.spec = &columnSpec{name: m.name, typ: p.typeSpec()}
	}
	for {
		switch {
		case p.accept("DEFAULT"), p.accept("SET", "DEFAULT"):
			m.hasDef = true
			m.def, m.defText = p.defaultSpec()
		case p.accept("DROP", "DEFAULT"):
			m.dropDef = true
		case p.accept("NOT", "NULL"):
			m.notNull = true
		case p.accept("NULL"):
			m.null = true
		case p.accept("COLLATE"):
			m.collate = p.collation()
		case p.accept("%DESCRIPTION"):
			m.setDesc, m.description = true, p.description()
		default:
			return m
		}
	}
}
