package engine

// drop reads what may follow DROP.
func (p *parser) drop() any {
	p.expect("DROP")
	switch {
	case p.accept("TABLE"):
		st := &dropTable{ifExists: p.accept("IF", "EXISTS")}
		st.table = p.tableName()
		for {
			switch p.acceptAny("RESTRICT", "CASCADE", "%NODELDATA", "%DELDATA") {
			case "CASCADE":
				st.cascade = true
				continue
			case "":
				return st
			}
		}
	case p.accept("VIEW"):
		st := &dropView{ifExists: p.accept("IF", "EXISTS")}
		st.view = p.tableName()
		st.cascade = p.acceptAny("CASCADE", "RESTRICT") == "CASCADE"
		return st
	case p.accept("INDEX"):
		st := &dropIndex{ifExists: p.accept("IF", "EXISTS")}
		st.index = p.word()
		if p.sign(".") { // schema.table.index
			st.table.object = st.index
			st.index = p.word()
			if p.sign(".") {
				st.table.schema, st.table.object = st.table.object, st.index
				st.index = p.word()
			}
			return st
		}
		if p.accept("ON") {
			p.accept("TABLE")
			st.table = p.tableName()
		} else if p.accept("TABLE") {
			st.table = p.tableName()
		}
		return st
	case p.accept("DATABASE"):
		st := &dropDatabase{ifExists: p.accept("IF", "EXISTS")}
		st.name = p.databaseName()
		st.retain = p.accept("RETAIN_FILES")
		return st
	case p.accept("SCHEMA"):
		st := &dropSchema{ifExists: p.accept("IF", "EXISTS")}
		st.schema = p.namePart()
		st.cascade = p.acceptAny("CASCADE", "RESTRICT") == "CASCADE"
		return st
	case p.accept("USER"):
		st := &dropUser{ifExists: p.accept("IF", "EXISTS")}
		st.name = p.anyWord()
		return st
	}
	p.unexpected("TABLE, VIEW, INDEX or DATABASE")
	return nil
}
