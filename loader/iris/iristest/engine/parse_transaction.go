package engine

func (p *parser) savepointName() string {
	if t := p.peek(); t.kind == tokenEnd || t.kind == tokenSign {
		panic(refuse(-301, ""))
	}
	return p.word()
}

func (p *parser) start() any {
	if p.accept("BEGIN") {
		if p.acceptAny("TRANSACTION", "WORK") == "" {
			p.accept("TRAN")
		}
		return &setTx{start: true, commitMode: -1}
	}
	p.expect("START", "TRANSACTION")
	return p.transactionModes(&setTx{start: true, commitMode: -1})
}

func (p *parser) transactionModes(st *setTx) any {
	for {
		switch {
		case p.accept("%COMMITMODE"):
			switch p.acceptAny("IMPLICIT", "EXPLICIT", "NONE") {
			case "IMPLICIT":
				st.commitMode = 1
			case "EXPLICIT":
				st.commitMode = 2
			case "NONE":
				st.commitMode = 0
			default:
				p.unexpected("IMPLICIT, EXPLICIT or NONE")
			}
		case p.accept("ISOLATION", "LEVEL"):
			st.isolation = p.isolation()
		case p.accept("READ", "ONLY"):
			st.readOnly = true
		case p.accept("READ", "WRITE"):
		default:
			return st
		}
		p.sign(",")
	}
}

func (p *parser) isolation() string {
	switch {
	case p.accept("READ", "UNCOMMITTED"):
		return "READ UNCOMMITTED"
	case p.accept("READ", "COMMITTED"):
		return "READ COMMITTED"
	case p.accept("READ", "VERIFIED"):
		return "READ VERIFIED"
	case p.is("SERIALIZABLE"), p.is("REPEATABLE", "READ"):
		panic(refuse(-96, ""))
	}
	p.unexpected("isolation level")
	return ""
}

// lock reads LOCK TABLE (InterSystems SQL Reference, LOCK).
func (p *parser) lock() any {
	p.expect("LOCK")
	p.accept("TABLE")
	st := &lockTable{table: p.tableName(), wait: -1}
	p.expect("IN")
	switch p.acceptAny("SHARE", "EXCLUSIVE") {
	case "EXCLUSIVE":
		st.exclusive = true
	case "":
		p.unexpected("SHARE or EXCLUSIVE")
	}
	p.expect("MODE")
	if p.accept("WAIT") {
		st.wait = p.number()
	}
	return st
}

func (p *parser) unlock() any {
	p.expect("UNLOCK")
	p.accept("TABLE")
	st := &unlockTable{table: p.tableName()}
	p.expect("IN")
	switch p.acceptAny("SHARE", "EXCLUSIVE") {
	case "EXCLUSIVE":
		st.exclusive = true
	case "":
		p.unexpected("SHARE or EXCLUSIVE")
	}
	p.expect("MODE")
	st.immediate = p.accept("IMMEDIATE")
	return st
}
