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
