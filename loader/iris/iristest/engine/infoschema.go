package engine

import (
	"slices"
	"strings"
)

// informationSchema has the columns that carry data, and some that are always NULL because programs ask for them
// (Class Reference, package INFORMATION.SCHEMA).
var informationSchema = []catalogTable{
	{"INFORMATION_SCHEMA", "SCHEMATA", `CATALOG_NAME:s SCHEMA_NAME:s SCHEMA_OWNER:s DEFAULT_CHARACTER_SET_CATALOG:s DEFAULT_CHARACTER_SET_SCHEMA:s
		DEFAULT_CHARACTER_SET_NAME:s SQL_PATH:s`, schemataRows},
	{"INFORMATION_SCHEMA", "TABLES", `TABLE_CATALOG:s TABLE_SCHEMA:s TABLE_NAME:s TABLE_TYPE:s SELF_REFERENCING_COLUMN_NAME:s REFERENCE_GENERATION:s
		USER_DEFINED_TYPE_CATALOG:s USER_DEFINED_TYPE_SCHEMA:s USER_DEFINED_TYPE_NAME:s IS_INSERTABLE_INTO:s IS_TYPED:s COMMIT_ACTION:s CLASSNAME:s
		DESCRIPTION:l OWNER:s IS_SHARDED:b`, tablesRows},
	{"INFORMATION_SCHEMA", "COLUMNS", `TABLE_CATALOG:s TABLE_SCHEMA:s TABLE_NAME:s COLUMN_NAME:s ORDINAL_POSITION:i COLUMN_DEFAULT:x IS_NULLABLE:s DATA_TYPE:s
		CHARACTER_MAXIMUM_LENGTH:i CHARACTER_OCTET_LENGTH:i NUMERIC_PRECISION:i NUMERIC_PRECISION_RADIX:i NUMERIC_SCALE:i DATETIME_PRECISION:i
		CHARACTER_SET_CATALOG:s CHARACTER_SET_SCHEMA:s CHARACTER_SET_NAME:s COLLATION_CATALOG:s COLLATION_SCHEMA:s COLLATION_NAME:s DOMAIN_CATALOG:s
		DOMAIN_SCHEMA:s DOMAIN_NAME:s IS_IDENTITY:s IDENTITY_GENERATION:s IDENTITY_START:i IDENTITY_INCREMENT:i IDENTITY_MAXIMUM:i IDENTITY_MINIMUM:i
		IDENTITY_CYCLE:s IS_GENERATED:s GENERATION_EXPRESSION:s IS_UPDATABLE:s AUTO_INCREMENT:s UNIQUE_COLUMN:s PRIMARY_KEY:s DESCRIPTION:l
		-ODBCTYPE:i -PROPERTY_NAME:x -COMPUTE_CODE:x -IS_PERSISTED:s`, columnsRows},
	{"INFORMATION_SCHEMA", "VIEWS", `TABLE_CATALOG:s TABLE_SCHEMA:s TABLE_NAME:s VIEW_DEFINITION:x CHECK_OPTION:s IS_UPDATABLE:s INSERTABLE_INTO:s CLASSNAME:s`, viewsRows},
	{"INFORMATION_SCHEMA", "TABLE_CONSTRAINTS", `CONSTRAINT_CATALOG:s CONSTRAINT_SCHEMA:s CONSTRAINT_NAME:s TABLE_CATALOG:s TABLE_SCHEMA:s TABLE_NAME:s
		CONSTRAINT_TYPE:s IS_DEFERRABLE:s INITIALLY_DEFERRED:s`, tableConstraintsRows},
	{"INFORMATION_SCHEMA", "KEY_COLUMN_USAGE", `CONSTRAINT_CATALOG:s CONSTRAINT_SCHEMA:s CONSTRAINT_NAME:s TABLE_CATALOG:s TABLE_SCHEMA:s TABLE_NAME:s
		COLUMN_NAME:s ORDINAL_POSITION:i POSITION_IN_UNIQUE_CONSTRAINT:i CONSTRAINT_TYPE:s REFERENCED_TABLE_SCHEMA:s REFERENCED_TABLE_NAME:s
		REFERENCED_CONSTRAINT_NAME:s REFERENCED_COLUMN_NAME:s`, keyColumnUsageRows},
	{"INFORMATION_SCHEMA", "CONSTRAINT_COLUMN_USAGE", `TABLE_CATALOG:s TABLE_SCHEMA:s TABLE_NAME:s COLUMN_NAME:s CONSTRAINT_CATALOG:s CONSTRAINT_SCHEMA:s
		CONSTRAINT_NAME:s`, constraintColumnRows},
	{"INFORMATION_SCHEMA", "CONSTRAINT_TABLE_USAGE", `TABLE_CATALOG:s TABLE_SCHEMA:s TABLE_NAME:s CONSTRAINT_CATALOG:s CONSTRAINT_SCHEMA:s CONSTRAINT_NAME:s`,
		constraintTableRows},
	{"INFORMATION_SCHEMA", "REFERENTIAL_CONSTRAINTS", `CONSTRAINT_CATALOG:s CONSTRAINT_SCHEMA:s CONSTRAINT_TABLE_NAME:s CONSTRAINT_NAME:s
		UNIQUE_CONSTRAINT_CATALOG:s UNIQUE_CONSTRAINT_SCHEMA:s UNIQUE_CONSTRAINT_TABLE:s UNIQUE_CONSTRAINT_NAME:s MATCH_OPTION:s UPDATE_RULE:s DELETE_RULE:s`,
		referentialRows},
	{"INFORMATION_SCHEMA", "CHECK_CONSTRAINTS", `CONSTRAINT_CATALOG:s CONSTRAINT_SCHEMA:s CONSTRAINT_NAME:s CHECK_CLAUSE:x`, noRows},
	{"INFORMATION_SCHEMA", "INDEXES", `TABLE_CATALOG:s TABLE_SCHEMA:s TABLE_NAME:s NON_UNIQUE:i INDEX_CATALOG:s INDEX_SCHEMA:s INDEX_NAME:s ORDINAL_POSITION:i
		COLUMN_NAME:s ASC_OR_DESC:s CARDINALITY:i PAGES:i FILTER_CONDITION:s PRIMARY_KEY:i MAP_STATUS:s DATA_FIELDS:x`, indexesRows},
	{"INFORMATION_SCHEMA", "TRIGGERS", `TRIGGER_CATALOG:s TRIGGER_SCHEMA:s TRIGGER_NAME:s EVENT_MANIPULATION:s EVENT_OBJECT_CATALOG:s EVENT_OBJECT_SCHEMA:s
		EVENT_OBJECT_TABLE:s ACTION_ORDER:i ACTION_CONDITION:x ACTION_STATEMENT:x ACTION_ORIENTATION:s ACTION_TIMING:s`, noRows},
	{"INFORMATION_SCHEMA", "ROUTINES", `ROUTINE_CATALOG:s ROUTINE_SCHEMA:s ROUTINE_NAME:s ROUTINE_TYPE:s CLASSNAME:s METHOD_OR_QUERY_NAME:s`, noRows},
	{"INFORMATION_SCHEMA", "PARAMETERS", `SPECIFIC_CATALOG:s SPECIFIC_SCHEMA:s SPECIFIC_NAME:s ORDINAL_POSITION:i PARAMETER_MODE:s PARAMETER_NAME:s DATA_TYPE:s`, noRows},
}

func noRows(*namespace, *System) [][]any { return nil }

func (s *System) catalogNames() (list []*table) {
	for _, t := range s.catalog {
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b *table) int {
		return strings.Compare(objectKey(a.schema, a.name), objectKey(b.schema, b.name))
	})
	return list
}

func schemataRows(n *namespace, s *System) (rows [][]any) {
	seen := map[string]bool{}
	add := func(schema, owner string) {
		if !seen[fold(schema)] {
			seen[fold(schema)] = true
			rows = append(rows, []any{nil, schema, owner, nil, nil, nil, nil})
		}
	}
	for _, t := range s.catalogNames() {
		add(t.schema, t.owner)
	}
	for _, t := range n.sortedTables() {
		add(t.schema, t.owner)
	}
	for _, v := range n.sortedViews() {
		add(v.schema, v.owner)
	}
	return rows
}

func (n *namespace) sortedViews() (list []*view) {
	for _, v := range n.views {
		list = append(list, v)
	}
	slices.SortFunc(list, func(a, b *view) int { return strings.Compare(objectKey(a.schema, a.name), objectKey(b.schema, b.name)) })
	return list
}

func tablesRows(n *namespace, s *System) (rows [][]any) {
	add := func(schema, name, kind, class, owner string, description any, writable bool) {
		rows = append(rows, []any{nil, schema, name, kind, nil, nil, nil, nil, nil, yes(writable), "NO", nil, class, description, owner, int64(0)})
	}
	for _, t := range s.catalogNames() {
		kind := "SYSTEM TABLE"
		if t.schema == "INFORMATION_SCHEMA" {
			kind = "SYSTEM VIEW"
		}
		add(t.schema, t.name, kind, t.class, t.owner, nil, false)
	}
	for _, t := range n.sortedTables() {
		kind := "BASE TABLE"
		if t.temporary {
			kind = "GLOBAL TEMPORARY"
		}
		add(t.schema, t.name, kind, t.class, t.owner, orNull(t.description), true)
	}
	for _, v := range n.sortedViews() {
		add(v.schema, v.name, "VIEW", v.class, v.owner, nil, false)
	}
	return rows
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func viewsRows(n *namespace, _ *System) (rows [][]any) {
	for _, v := range n.sortedViews() {
		check := "NONE"
		if v.check != "" && v.check != "READONLY" {
			check = v.check
		}
		rows = append(rows, []any{nil, v.schema, v.name, v.query.text, check, "NO", "NO", v.class})
	}
	return rows
}

// odbcNames are the names of the types as INFORMATION_SCHEMA gives them.
var odbcNames = map[int]string{
	TypeGUID: "uniqueidentifier", TypeBit: "bit", TypeTinyInt: "tinyint", TypeBigInt: "bigint", TypeLongVarBinary: "longvarbinary",
	TypeVarBinary: "varbinary", TypeLongVarChar: "longvarchar", TypeNumeric: "numeric", TypeInteger: "integer", TypeSmallInt: "smallint",
	TypeDouble: "double", TypeDate: "date", TypeTime: "time", TypeTimestamp: "timestamp", TypeVarChar: "varchar",
}

func columnsRows(n *namespace, s *System) (rows [][]any) {
	for _, t := range s.catalogNames() {
		for i, c := range t.columns {
			if !c.hidden {
				rows = append(rows, columnRow(t, c, i+1))
			}
		}
	}
	for _, t := range n.sortedTables() {
		list := t.columns
		if t.publicRowID && t.identity() == nil {
			list = append([]*column{t.rowID()}, list...)
		}
		for i, c := range list {
			rows = append(rows, columnRow(t, c, i+1))
		}
	}
	for _, v := range n.sortedViews() {
		for i, name := range v.columns {
			ty := v.result[i].typ
			c := &column{dataType: dataType{kind: ty.kind, odbc: ty.odbc, precision: ty.precision, scale: ty.scale, length: ty.precision}, name: name, property: alphanumeric(name)}
			if ty.column != nil {
				c.dataType, c.notNull = ty.column.dataType, ty.column.notNull
			}
			rows = append(rows, columnRow(&table{schema: v.schema, name: v.name}, c, i+1))
		}
	}
	return rows
}

func columnRow(t *table, c *column, position int) []any {
	var length, precision, scale, radix any
	switch c.odbc {
	case TypeLongVarBinary, TypeVarBinary, TypeLongVarChar, TypeVarChar:
		length = int64(c.precision)
	case TypeTinyInt, TypeBigInt, TypeNumeric, TypeInteger, TypeSmallInt, TypeDouble:
		precision, scale, radix = int64(c.precision), int64(c.scale), int64(10)
	}
	unique, primary := c.identity, false
	for _, k := range t.keys {
		if slices.Contains(k.columns, c) {
			primary = primary || k.primary
			unique = unique || len(k.columns) == 1
		}
	}
	var def, code any
	if c.hasDefault {
		def = c.defText
	}
	if c.compute != "" {
		code = c.compute
	}
	counted := c.identity || c.serial || c.autoInc || c.version
	return []any{nil, t.schema, t.name, c.name, int64(position), def, yes(!c.notNull && !c.identity), odbcNames[c.odbc], length, length, precision, radix, scale, nil,
		nil, nil, nil, nil, nil, nil, nil, nil, nil, yes(c.identity && !c.hidden), nil, nil, nil, nil, nil, nil, yes(c.compute != ""), nil,
		yes(!c.identity && !c.version && !c.calculated), yes(counted), yes(unique), yes(primary), orNull(c.description),
		int64(c.odbc), c.property, code, yes(!c.calculated)}
}
