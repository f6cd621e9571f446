package engine

// sqlCatalog are the procedures of the SQL catalog that give rows (Class Reference, %Library.SQLCatalog). They are called
// with the name of a table, as in "SELECT FIELD_NAME, HIDDEN FROM %Library.SQLCatalog_SQLFields(?)" (Using InterSystems
// SQL, RowID Hidden?).
var sqlCatalog = []catalogTable{
	{"%Library", "SQLCatalog_SQLFields", `-TABLE:x FIELD_NAME:x DATATYPE:x COLUMN_NUMBER:i REQUIRED:x UNIQUE:x COLLATION_FUNCTION:x HIDDEN:x MAXLEN:x BLOB:x
		REFERENCE:x CONTAINER_FIELD:x ODBC_DATATYPE_CODE:i JDBC_DATATYPE_CODE:i COLLECTION_TYPE:x REF_ID_DATATYPE:x ELEMENT_TYPE:x REFERENCE_CLASS:x
		INSERTABLE:x UPDATEABLE:x DEFAULT:x ROWIDWITHODBCVALUES:x SERIAL_FIELD:x ROWID_FIELD:i ORIGINATING_PROPERTY:x MAXVAL:x MINVAL:x`, sqlFieldRows},
}

func sqlFieldRows(n *namespace, _ *System) (rows [][]any) {
	for _, t := range n.sortedTables() {
		list := t.columns
		if t.identity() == nil {
			list = append([]*column{t.rowID()}, list...)
		}
		for i, c := range list {
			rows = append(rows, t.sqlField(c, i+1))
		}
	}
	return rows
}

func (t *table) sqlField(c *column, position int) []any {
	params := c.propertyParameters()
	var length, low, high any = orNull(params["MAXLEN"]), orNull(params["MINVAL"]), orNull(params["MAXVAL"])
	rowID, hidden := int64(0), "No"
	switch {
	case c.identity:
		rowID = 1
		if t.identity() == nil && !t.publicRowID {
			hidden = "Yes"
		}
	case t.idKey != nil && t.idKey.has(c):
		rowID = 2
	}
	writable := yesNo(c.compute == "" && !c.version && !c.identity)
	return []any{t.schema + "." + t.name, c.name, c.class, int64(position), yesNo(c.notNull || c.identity), yesNo(c.identity || t.isUnique(c)), c.collated(), hidden, length,
		yesNo(c.kind == kCharStream || c.kind == kBinStream), nil, nil, int64(c.odbc), int64(c.odbc), "", nil, nil, nil, writable, writable, orNull(c.defText), nil, "No", rowID,
		c.property, high, low}
}

// has says whether a column is part of the key.
func (k *key) has(c *column) bool {
	for _, other := range k.columns {
		if other == c {
			return true
		}
	}
	return false
}

// isUnique says whether a column is a key by itself.
func (t *table) isUnique(c *column) bool {
	for _, k := range t.keys {
		if len(k.columns) == 1 && k.columns[0] == c {
			return true
		}
	}
	return false
}

func yesNo(b bool) string {
	if b {
		return "Yes"
	}
	return "No"
}
