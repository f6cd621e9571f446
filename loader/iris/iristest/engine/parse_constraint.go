package engine

func (p *parser) startsConstraint() bool {
	return p.is("CONSTRAINT") || p.is("PRIMARY", "KEY") || p.is("UNIQUE") || p.is("FOREIGN", "KEY")
}

// tableConstraint reads a constraint and returns a keySpec or a foreignSpec.
func (p *parser) tableConstraint() any {
	name := ""
	if p.accept("CONSTRAINT") {
		name = p.constraintName()
	}
	switch {
	case p.accept("PRIMARY", "KEY"):
		return keySpec{name: name, primary: true, columns: p.names()}
	case p.accept("UNIQUE"):
		return keySpec{name: name, columns: p.names()}
	case p.accept("FOREIGN", "KEY"):
		f := foreignSpec{name: name}
		if name == "" && !p.is("(") {
			f.name = p.constraintName()
		}
		f.columns = p.names()
		p.references(&f)
		return f
	}
	p.unexpected("PRIMARY KEY, UNIQUE or FOREIGN KEY")
	return nil
}

// constraintName reads the name of a constraint, which may hold signs that other names may not.
func (p *parser) constraintName() string { return p.word() }

func (p *parser) references(f *foreignSpec) {
	p.expect("REFERENCES")
	f.table = p.tableName()
	if p.is("(") {
		f.refColumns = p.fieldNames()
	}
	f.onDelete, f.onUpdate = "NO ACTION", "NO ACTION"
	for {
		switch {
		case p.accept("ON", "DELETE"):
			f.onDelete = p.action()
		case p.accept("ON", "UPDATE"):
			f.onUpdate = p.action()
		case p.accept("NOCHECK"), p.accept("%NOCHECK"):
			f.noCheck = true
		default:
			return
		}
	}
}

func (p *parser) action() string {
	switch {
	case p.accept("NO", "ACTION"):
		return "NO ACTION"
	case p.accept("SET", "NULL"):
		return "SET NULL"
	case p.accept("SET", "DEFAULT"):
		return "SET DEFAULT"
	case p.accept("CASCADE"):
		return "CASCADE"
	}
	p.unexpected("NO ACTION, SET NULL, SET DEFAULT or CASCADE")
	return ""
}
