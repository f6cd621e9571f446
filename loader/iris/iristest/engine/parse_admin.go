package engine

import "strings"

// administration reads the statements that are neither queries, DML nor DDL; nil if it is none of them.
func (p *parser) administration() any {
	t := p.peek()
	switch t.upper {
	case "SET":
		return p.set()
	case "START", "BEGIN":
		return p.start()
	case "COMMIT":
		p.at++
		p.accept("WORK")
		return &commitStmt{}
	case "ROLLBACK":
		p.at++
		p.accept("WORK")
		st := &rollbackStmt{}
		if p.accept("TO", "SAVEPOINT") || p.accept("TO") {
			st.savepoint = p.savepointName()
		}
		return st
	case "SAVEPOINT":
		p.at++
		return &savepointStmt{name: p.savepointName()}
	case "%INTRANSACTION", "%INTRANS":
		p.at++
		return &inTransaction{}
	case "LOCK":
		return p.lock()
	case "UNLOCK":
		return p.unlock()
	case "USE":
		p.at++
		p.accept("DATABASE")
		return &useDatabase{p.databaseName()}
	case "GRANT", "REVOKE":
		return p.grant()
	case "%CHECKPRIV":
		return p.checkPriv()
	case "TUNE":
		p.at++
		p.expect("TABLE")
		st := &tuneTable{p.tableName()}
		for p.acceptAny("%SAMPLE_PERCENT", "%RECOMPILE_CQ", "%CLEAR_VALUES") != "" {
			if t := p.peek(); t.kind == tokenNumber || t.kind == tokenString {
				p.at++
			}
		}
		return st
	case "BUILD":
		return p.build()
	case "PURGE":
		p.at++
		p.expect("CACHED", "QUERIES")
		return &purgeQueries{}
	}
	return nil
}

func (p *parser) savepointName() string {
	if t := p.peek(); t.kind == tokenEnd || t.kind == tokenSign {
		panic(refuse(-301, ""))
	}
	return p.word()
}

// set reads SET OPTION and SET TRANSACTION (InterSystems SQL Reference).
func (p *parser) set() any {
	p.expect("SET")
	switch {
	case p.accept("OPTION"):
		st := &setOption{name: strings.ToUpper(p.anyWord())}
		if !p.sign("=") {
			p.accept("TO")
		}
		st.value = p.parameterValue()
		return st
	case p.accept("TRANSACTION"):
		return p.transactionModes(&setTx{commitMode: -1})
	}
	p.unexpected("OPTION or TRANSACTION")
	return nil
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

// grant reads GRANT and REVOKE (InterSystems SQL Reference, GRANT).
func (p *parser) grant() any {
	st := &grantStmt{revoke: p.next().upper == "REVOKE"}
	if st.revoke {
		p.accept("GRANT", "OPTION", "FOR")
	}
	for {
		if p.sign("*") {
			st.privileges = append(st.privileges, "*")
		} else {
			st.privileges = append(st.privileges, strings.ToUpper(p.anyWord()))
		}
		if p.accept("PRIVILEGES") || p.is("(") {
			if p.is("(") {
				p.names()
				st.columns = true
			}
		}
		if !p.sign(",") {
			break
		}
	}
	if p.accept("ON") {
		st.object = "TABLE"
		switch {
		case p.accept("SCHEMA"):
			st.object = "SCHEMA"
			st.table.schema = p.namePart()
		case p.sign("*"):
			st.allTables = true
		default:
			p.acceptAny("TABLE", "VIEW", "PROCEDURE")
			st.table = p.tableName()
		}
	}
	word := "TO"
	if st.revoke {
		word = "FROM"
	}
	p.expect(word)
	for {
		if p.sign("*") {
			st.grantees = append(st.grantees, "*")
		} else {
			st.grantees = append(st.grantees, p.anyWord())
		}
		if !p.sign(",") {
			break
		}
	}
	p.accept("WITH", "GRANT", "OPTION")
	p.accept("WITH", "ADMIN", "OPTION")
	p.acceptAny("CASCADE", "RESTRICT")
	return st
}

// checkPriv reads %CHECKPRIV (InterSystems SQL Reference, %CHECKPRIV).
func (p *parser) checkPriv() any {
	p.expect("%CHECKPRIV")
	p.accept("GRANT", "OPTION", "FOR")
	p.accept("ADMIN", "OPTION", "FOR")
	st := &checkPriv{privilege: strings.ToUpper(p.anyWord())}
	if p.is("(") {
		p.names()
	}
	if p.accept("ON") {
		st.table = p.tableName()
	} else {
		st.admin = true
	}
	return st
}

func (p *parser) build() any {
	p.expect("BUILD")
	if p.acceptAny("INDEX", "INDICES") == "" {
		p.unexpected("INDEX")
	}
	p.acceptAny("%NOLOCK", "%NOJOURN")
	p.expect("FOR")
	st := &buildIndex{}
	if p.accept("SCHEMA") {
		st.schema = p.namePart()
		return st
	}
	p.expect("TABLE")
	st.table = p.tableName()
	if p.acceptAny("INDEX", "INDICES") != "" {
		for {
			st.indexes = append(st.indexes, p.word())
			if !p.sign(",") {
				break
			}
		}
	}
	return st
}
