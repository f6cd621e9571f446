package engine

import (
	"reflect"
	"testing"
)

var shop = []step{
	{sql: `CREATE TABLE Shop.Customer (Id IDENTITY, Name VARCHAR(20) NOT NULL DEFAULT 'x"y', Empty VARCHAR(5) DEFAULT '', Born %Library.Date(MINVAL=-672045), Note LONGVARCHAR %DESCRIPTION 'long', CONSTRAINT U UNIQUE (Name, Born))`, want: "0"},
	{sql: `CREATE TABLE Shop.Orders (%PUBLICROWID, Cust BIGINT NOT NULL, Total NUMERIC(12,3) DEFAULT 1.50, V ROWVERSION, Twice NUMERIC(12,3) COMPUTECODE {set {*} = {Total} * 2} CALCULATED, "my_name" VARCHAR(''), "myname" VARCHAR(3) COLLATE %EXACT, FOREIGN KEY (Cust) REFERENCES Shop.Customer ON DELETE CASCADE ON UPDATE SET NULL)`, want: "0"},
	{sql: `CREATE INDEX ByTotal ON Shop.Orders (Total DESC, Cust) WITH DATA (myname)`, want: "0"},
	{sql: `CREATE VIEW Shop.Rich AS SELECT Name, Born FROM Shop.Customer`, want: "0"},
}

func TestInformationSchemaTellsWhatWasDefined(t *testing.T) {
	s := connect(t, open(t, Options{}))
	walk(t, s, shop)
	walk(t, s, []step{
		{sql: "SELECT TABLE_NAME, TABLE_TYPE, CLASSNAME, OWNER, TABLE_CATALOG FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'SHOP' ORDER BY TABLE_NAME",
			want: "'Customer'|'BASE TABLE'|'Shop.Customer'|'_SYSTEM'|NULL\n'Orders'|'BASE TABLE'|'Shop.Orders'|'_SYSTEM'|NULL\n'Rich'|'VIEW'|'Shop.Rich'|'_SYSTEM'|NULL"},
		{sql: "SELECT COLUMN_NAME, ORDINAL_POSITION, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, IS_NULLABLE, COLUMN_DEFAULT, IS_IDENTITY, AUTO_INCREMENT, IS_GENERATED, PRIMARY_KEY, UNIQUE_COLUMN FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 'Shop' AND TABLE_NAME = 'Customer' ORDER BY ORDINAL_POSITION",
			want: "'Id'|1|'bigint'|NULL|19|0|'NO'|NULL|'YES'|'YES'|'NO'|'NO'|'YES'\n" +
				`'Name'|2|'varchar'|20|NULL|NULL|'NO'|'"x""y"'|'NO'|'NO'|'NO'|'NO'|'NO'` + "\n" +
				"'Empty'|3|'varchar'|5|NULL|NULL|'YES'|'$c(0)'|'NO'|'NO'|'NO'|'NO'|'NO'\n" +
				"'Born'|4|'date'|NULL|NULL|NULL|'YES'|NULL|'NO'|'NO'|'NO'|'NO'|'NO'\n" +
				"'Note'|5|'longvarchar'|2147483647|NULL|NULL|'YES'|NULL|'NO'|'NO'|'NO'|'NO'|'NO'"},
		{sql: "SELECT COLUMN_NAME, odbctype, PROPERTY_NAME, COMPUTE_CODE, IS_PERSISTED, AUTO_INCREMENT, PRIMARY_KEY FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'Orders' ORDER BY ORDINAL_POSITION",
			want: "'ID'|-5|'%%ID'|NULL|'YES'|'YES'|'NO'\n'Cust'|-5|'Cust'|NULL|'YES'|'NO'|'NO'\n'Total'|2|'Total'|NULL|'YES'|'NO'|'NO'\n'V'|-5|'V'|NULL|'YES'|'YES'|'NO'\n'Twice'|2|'Twice'|'set {*} = {Total} * 2'|'NO'|'NO'|'NO'\n'my_name'|12|'myname'|NULL|'YES'|'NO'|'NO'\n'myname'|12|'myname1'|NULL|'YES'|'NO'|'NO'"},
		{sql: "SELECT CONSTRAINT_NAME, CONSTRAINT_TYPE, IS_DEFERRABLE FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS WHERE TABLE_SCHEMA = 'Shop' ORDER BY TABLE_NAME, CONSTRAINT_NAME",
			want: "'RowIDField_As_PKey'|'PRIMARY KEY'|'NO'\n'U'|'UNIQUE'|'NO'\n'ORDERS_FKEY1'|'FOREIGN KEY'|'NO'\n'RowIDField_As_PKey'|'PRIMARY KEY'|'NO'"},
		{sql: "SELECT COLUMN_NAME, ORDINAL_POSITION, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, REFERENCED_CONSTRAINT_NAME, REFERENCED_COLUMN_NAME FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE WHERE TABLE_NAME = 'Orders' AND CONSTRAINT_TYPE = 'FOREIGN KEY'",
			want: "'Cust'|1|'Shop'|'Customer'|'RowIDField_As_PKey'|'Id'"},
		{sql: "SELECT CONSTRAINT_TABLE_NAME, CONSTRAINT_NAME, UNIQUE_CONSTRAINT_TABLE, UNIQUE_CONSTRAINT_NAME, MATCH_OPTION, UPDATE_RULE, DELETE_RULE FROM INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS",
			want: "'Orders'|'ORDERS_FKEY1'|'Customer'|'RowIDField_As_PKey'|'NONE'|'SET NULL'|'CASCADE'"},
		{sql: "SELECT INDEX_NAME, COLUMN_NAME, ORDINAL_POSITION, NON_UNIQUE, ASC_OR_DESC, PRIMARY_KEY, DATA_FIELDS FROM INFORMATION_SCHEMA.INDEXES WHERE TABLE_SCHEMA = 'Shop' ORDER BY INDEX_NAME, ORDINAL_POSITION",
			want: "'ByTotal'|'Total'|1|1|'D'|0|'myname'\n'ByTotal'|'Cust'|2|1|'A'|0|'myname'\n'U'|'Name'|1|0|'A'|0|NULL\n'U'|'Born'|2|0|'A'|0|NULL"},
		{sql: "SELECT VIEW_DEFINITION, CHECK_OPTION FROM INFORMATION_SCHEMA.VIEWS", want: "'SELECT Name, Born FROM Shop.Customer'|'NONE'"},
		{sql: "SELECT COLUMN_NAME, DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_NAME = 'Rich' ORDER BY ORDINAL_POSITION", want: "'Name'|'varchar'\n'Born'|'date'"},
		{sql: "SELECT SCHEMA_NAME FROM INFORMATION_SCHEMA.SCHEMATA WHERE NOT SCHEMA_NAME %STARTSWITH '%' ORDER BY SCHEMA_NAME", want: "'INFORMATION_SCHEMA'\n'Shop'"},
		{sql: "INSERT INTO INFORMATION_SCHEMA.TABLES (TABLE_NAME) VALUES ('x')", want: "-115: Table 'INFORMATION_SCHEMA.TABLES' is read-only"},
		{sql: "DROP TABLE INFORMATION_SCHEMA.TABLES", want: "-300:DDL not enabled for class 'INFORMATION.SCHEMA.TABLES'"},
	})
}

func TestTheClassDictionaryTellsWhatInformationSchemaDoesNot(t *testing.T) {
	s := connect(t, open(t, Options{}))
	walk(t, s, shop)
	walk(t, s, []step{
		{sql: "SELECT Name, SqlFieldName, Type, Calculated, Transient, SqlComputed, SqlComputeCode, Required, _Identity FROM %Dictionary.CompiledProperty WHERE parent = 'Shop.Orders' ORDER BY SqlColumnNumber",
			want: "'Cust'|'Cust'|'%Library.BigInt'|0|0|0|NULL|1|0\n'Total'|'Total'|'%Library.Numeric'|0|0|0|NULL|0|0\n'V'|'V'|'%Library.RowVersion'|0|0|0|NULL|0|0\n'Twice'|'Twice'|'%Library.Numeric'|1|0|1|'set {*} = {Total} * 2'|0|0\n'myname'|'my_name'|'%Library.String'|0|0|0|NULL|0|0\n'myname1'|'myname'|'%Library.String'|0|0|0|NULL|0|0"},
		{sql: "SELECT Name, SqlRowIdName, SqlRowIdPrivate, SqlQualifiedNameQ FROM %Dictionary.CompiledClass ORDER BY Name", want: "'Shop.Customer'|'Id'|0|'Shop.Customer'\n'Shop.Orders'|'ID'|0|'Shop.Orders'"},
		{sql: "SELECT element_key, Parameters FROM %Dictionary.CompiledProperty_Parameters WHERE CompiledProperty = 'Shop.Customer||Born'", want: "'MINVAL'|'-672045'"},
		{sql: "SELECT element_key, Parameters FROM %Dictionary.CompiledProperty_Parameters WHERE CompiledProperty = 'Shop.Orders||myname1' ORDER BY 1", want: "'COLLATION'|'EXACT'\n'MAXLEN'|'3'"},
		{sql: "SELECT element_key, Parameters FROM %Dictionary.CompiledProperty_Parameters WHERE CompiledProperty = 'Shop.Orders||Total' ORDER BY 1", want: "'PRECISION'|'12'\n'SCALE'|'3'"},
		{sql: "SELECT SqlName, Properties, Data, Type FROM %Dictionary.IndexDefinition WHERE parent = 'Shop.Orders' ORDER BY SqlName", want: "'%%DDLBEIndex'|''|NULL|'bitmap'\n'ByTotal'|'Total,Cust'|'myname1'|'index'"},
		{sql: "SELECT _Default FROM %Dictionary.CompiledParameter WHERE parent = 'Shop.Orders' AND Name = 'ALLOWIDENTITYINSERT'", want: "'0'"},
	})
}

func TestColumnsOfResultsAreDescribed(t *testing.T) {
	s := connect(t, open(t, Options{}))
	walk(t, s, shop)
	st, err := s.Prepare(t.Context(), "SELECT c.id, NAME AS n, Total, COUNT(*) OVER (), o.V, Born, ? FROM Shop.Customer c JOIN Shop.Orders o ON o.Cust = c.Id WHERE Name = ? AND Total > ? AND Born = ?")
	if err != nil {
		t.Fatal(err)
	}
	want := []Column{
		{Name: "Id", Label: "Id", Table: "Customer", Schema: "Shop", Type: TypeBigInt, Precision: 19, Flags: Flags{AutoIncrement: true, ReadOnly: true, Identity: true, RowID: true, Unique: true}},
		{Name: "Name", Label: "n", Table: "Customer", Schema: "Shop", Type: TypeVarChar, Precision: 20, Flags: Flags{Aliased: true}},
		{Name: "Total", Label: "Total", Table: "Orders", Schema: "Shop", Type: TypeNumeric, Precision: 12, Scale: 3, Nullable: 1},
		{Name: "Expression_4", Label: "Expression_4", Type: TypeBigInt, Precision: 19, Flags: Flags{Expression: true}},
		{Name: "V", Label: "V", Table: "Orders", Schema: "Shop", Type: TypeBigInt, Precision: 19, Nullable: 1, Flags: Flags{AutoIncrement: true, ReadOnly: true, RowVersion: true}},
		{Name: "Born", Label: "Born", Table: "Customer", Schema: "Shop", Type: TypeDate, Precision: 10, Nullable: 1},
		{Name: "HostVar_7", Label: "HostVar_7", Type: TypeVarChar, Precision: 4096, Nullable: 1, Flags: Flags{Expression: true}},
	}
	if got := st.Columns(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	params := []Param{{TypeVarChar, 4096, 0, 1}, {TypeVarChar, 20, 0, 1}, {TypeNumeric, 12, 3, 1}, {TypeDate, 10, 0, 1}}
	if got := st.Params(); !reflect.DeepEqual(got, params) {
		t.Errorf("got  %+v\nwant %+v", got, params)
	}
	insert, err := s.Prepare(t.Context(), "INSERT INTO Shop.Orders (Cust, Total) VALUES (:%qpar(1), :%qpar(2))")
	if err != nil {
		t.Fatal(err)
	}
	params = []Param{{TypeBigInt, 19, 0, 1}, {TypeNumeric, 12, 3, 1}}
	if got := insert.Params(); insert.Columns() != nil || !reflect.DeepEqual(got, params) {
		t.Errorf("got  %+v\nwant %+v", got, params)
	}
}

func TestAStatementKnowsWhenItsDescriptionIsStale(t *testing.T) {
	s := connect(t, open(t, Options{}))
	walk(t, s, []step{{sql: "CREATE TABLE T (A INT)", want: "0"}})
	st, err := s.Prepare(t.Context(), "SELECT A FROM T")
	if err != nil {
		t.Fatal(err)
	}
	walk(t, s, []step{{sql: "CREATE TABLE U (A INT)", want: "0"}})
	if st.Stale() {
		t.Error("stale because of another table")
	}
	walk(t, s, []step{{sql: "DROP TABLE T", want: "0"}, {sql: "CREATE TABLE T (A VARCHAR(5))", want: "0"}})
	if !st.Stale() {
		t.Error("not stale although the type has changed")
	}
}

func TestGeneratedKeysAreTold(t *testing.T) {
	s := connect(t, open(t, Options{}))
	if columns, keys := s.GeneratedKeys(); columns != nil || keys != nil {
		t.Errorf("got %v %v before the first INSERT", columns, keys)
	}
	walk(t, s, []step{
		{sql: "CREATE TABLE T (Num IDENTITY, A INT)", want: "0"},
		{sql: "INSERT INTO T (A) VALUES (7)", want: "1"},
		{sql: "INSERT INTO T (A) VALUES (7)", want: "1"},
		{sql: "SELECT LAST_IDENTITY()", want: "2"},
	})
	columns, keys := s.GeneratedKeys()
	if len(columns) != 1 || columns[0].Name != "Num" || !reflect.DeepEqual(keys, []any{int64(2)}) || s.LastIdentity() != any(int64(2)) {
		t.Errorf("got %v %v", columns, keys)
	}
}
