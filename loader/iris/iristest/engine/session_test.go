package engine

import (
	"bytes"
	"reflect"
	"testing"
)

func TestErrorsHaveTheVendorsForm(t *testing.T) {
	sys := open(t, Options{})
	s := connect(t, sys)
	walk(t, s, []step{{sql: "CREATE TABLE T (Id INT PRIMARY KEY)", want: "0"}, {sql: "INSERT INTO T VALUES (1)", want: "1"}})
	for sql, want := range map[string]string{
		"SELECT * FROM Nope": "[SQLCODE: <-30>:<Table or view not found>]\r\n[Location: <Prepare>]\r\n[%msg: < Table 'SQLUSER.NOPE' not found>]",
		"INSERT INTO T VALUES (1)": "[SQLCODE: <-119>:<UNIQUE or PRIMARY KEY constraint failed uniqueness check upon INSERT>]\r\n[Location: <ServerLoop>]\r\n" +
			"[%msg: <Table 'SQLUser.T', Constraint 'T_PKEY1', Field(s) Id=1; failed unique check>]",
		"INSERT INTO T VALUES (1, 2)": "[SQLCODE: <-116>:<Cardinality mismatch on INSERT/UPDATE between values list and number of table columns.>]\r\n[Location: <Prepare>]",
		"SELECT 1/0":                  "[SQLCODE: <-400>:<Fatal error occurred>]\r\n[Location: <ServerLoop - Query Open()>]\r\n[%msg: <Unexpected error occurred: <DIVIDE>>]",
	} {
		var err error
		st, err := s.Prepare(t.Context(), sql)
		if err == nil && st.Columns() != nil {
			_, err = st.Query(t.Context(), nil)
		} else if err == nil {
			_, err = st.Exec(t.Context(), nil)
		}
		if err == nil || err.Error() != want {
			t.Errorf("%s\n got  %v\n want %s", sql, err, want)
		}
	}
	if _, err := sys.Connect(t.Context(), "NOWHERE", "_SYSTEM"); failure(err) != "-400:<NAMESPACE> namespace 'NOWHERE' does not exist" {
		t.Errorf("got %v", err)
	}
	if got, want := outcome(t, s, "SELECT ?"), "-400:0 values for 1 parameters"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestStreamsAreHeldBehindHandles(t *testing.T) {
	s := connect(t, open(t, Options{}))
	big := bytes.Repeat([]byte("тест💻"), 1<<18)
	handle := s.NewStream(false)
	for piece := range 4 {
		if err := s.AppendStream(handle.Handle, big[piece*len(big)/4:(piece+1)*len(big)/4]); err != nil {
			t.Fatal(err)
		}
	}
	walk(t, s, []step{
		{sql: "CREATE TABLE T (Id INT, C LONGVARCHAR, B LONGVARBINARY)", want: "0"},
		{"INSERT INTO T VALUES (1, ?, ?)", "1", []any{handle.Handle, []byte{0, 255}}},
		{"INSERT INTO T VALUES (2, ?, ?)", "1", []any{"text", nil}},
		{sql: "INSERT INTO T VALUES (3, '', '')", want: "1"},
		{sql: "SELECT * FROM T WHERE Id = 2", want: "2|stream|NULL"},
		{sql: "SELECT CHAR_LENGTH(C), SUBSTRING(C, 5, 4), CHAR_LENGTH(B) FROM T WHERE Id = 1", want: "1572864|'💻те'|2"},
		{sql: "SELECT Id, CHAR_LENGTH(C), CHAR_LENGTH(B) FROM T WHERE Id > 1 ORDER BY Id", want: "2|4|NULL\n3|0|0"},
		{sql: "SELECT CONVERT(VARCHAR(3), C) FROM T WHERE Id = 2", want: "'tex'"},
		{sql: "SELECT COUNT(C) FROM T WHERE B IS NULL", want: "1"},
		{sql: "SELECT UPPER(C) FROM T", want: "-37: Function UPPER not supported for stream fields"},
		{sql: "SELECT Id FROM T WHERE C = 'text'", want: "-313: Predicate not supported for stream fields"},
		{sql: "SELECT Id FROM T WHERE C LIKE 't%'", want: "-313: Predicate not supported for stream fields"},
		{sql: "SELECT C || 'x' FROM T", want: "-37: Function not supported for stream fields"},
	})
	st, err := s.Prepare(t.Context(), "SELECT C, B FROM T WHERE Id = 1")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := st.Query(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	row, err := rows.Next()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]byte{big, {0, 255}} {
		data, binary, err := s.ReadStream(row[i].(Stream).Handle)
		if err != nil || binary != (i == 1) || !bytes.Equal(data, want) {
			t.Errorf("column %d: %d bytes, %v %v", i, len(data), binary, err)
		}
	}
	if _, _, err := s.ReadStream("99@%Stream.GlobalCharacter"); failure(err) != "-412:no stream '99@%Stream.GlobalCharacter'" {
		t.Errorf("got %v", err)
	}
}

func TestOptionsBelongToTheSession(t *testing.T) {
	sys := open(t, Options{})
	a, b := connect(t, sys), connect(t, sys)
	walk(t, a, []step{
		{sql: "CREATE TABLE T (A INT)", want: "0"},
		{sql: "INSERT INTO T (%ID, A) VALUES (7, 1)", want: "-111:Cannot INSERT into a 'Default Only' RowID or RowID based on field 'SQLUser.T.ID'"},
		{sql: "SELECT %SYSTEM_SQL.Util_SetOption('IdentityInsert','1'), %SYSTEM_SQL.Util_GetOption('IdentityInsert')", want: "'1'|'1'"},
		{sql: "INSERT INTO T (%ID, A) VALUES (7, 1)", want: "1"},
		{sql: "INSERT INTO T (%ID, A) VALUES (7, 1)", want: "-119:Table 'SQLUser.T', Constraint 'IDKEY', Field(s) ID=7; failed unique check"},
		{sql: "INSERT INTO T (A) VALUES (2)", want: "1"},
		{sql: "SELECT %ID, A FROM T", want: "7|1\n8|2"},
		{sql: "SELECT %SYSTEM_SQL.Util_GetOption('Nonsense')", want: "-400:Unknown option 'Nonsense'"},
		{sql: "SET OPTION DEFAULT_SCHEMA = Other", want: "0"},
		{sql: "SELECT A FROM T", want: "-30: Table 'OTHER.T' not found"},
	})
	walk(t, b, []step{
		{sql: "INSERT INTO T (%ID, A) VALUES (9, 1)", want: "-111:Cannot INSERT into a 'Default Only' RowID or RowID based on field 'SQLUser.T.ID'"},
		{sql: "CREATE TABLE U (Id IDENTITY, A INT) WITH %CLASSPARAMETER ALLOWIDENTITYINSERT=1", want: "0"},
		{sql: "INSERT INTO U (Id, A) VALUES (5, 1)", want: "1"},
		{sql: "INSERT INTO U (Id, A) VALUES (NULL, 1)", want: "-108:'Id' in table 'SQLUser.U' is a required field and has no value"},
		{sql: "INSERT INTO U (A) VALUES (2)", want: "1"},
		{sql: "SELECT Id FROM U", want: "5\n6"},
	})
}

func TestAUserWithoutRightsIsRefused(t *testing.T) {
	sys := open(t, Options{})
	sys.Restrict("bob")
	admin := connect(t, sys)
	walk(t, admin, shop)
	bob, err := sys.Connect(t.Context(), "USER", "Bob")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bob.Close() })
	const refused = "-99: User 'Bob' is not privileged for the operation"
	walk(t, bob, []step{
		{sql: "SELECT * FROM Shop.Customer", want: refused},
		{sql: "SELECT * FROM Shop.Rich", want: refused},
		{sql: "INSERT INTO Shop.Customer (Name) VALUES ('x')", want: refused},
		{sql: "DELETE FROM Shop.Customer", want: refused},
		{sql: "LOCK TABLE Shop.Customer IN SHARE MODE", want: refused},
		{sql: "CREATE TABLE Mine (A INT)", want: "-99:User 'Bob' does not have %CREATE_TABLE privileges"},
		{sql: "CREATE DATABASE X", want: "-99:User 'Bob' does not have the %Admin_Manage resource"},
		{sql: "%CHECKPRIV SELECT ON Shop.Customer", want: "0"},
	})
	if bob.Status() != 100 {
		t.Errorf("%%CHECKPRIV gave %d", bob.Status())
	}
	walk(t, admin, []step{
		{sql: "GRANT SELECT, INSERT ON Shop.Customer TO Bob", want: "0"},
		{sql: "GRANT %DB_OBJECT_DEFINITION TO Bob", want: "0"},
	})
	walk(t, bob, []step{
		{sql: "%CHECKPRIV SELECT ON Shop.Customer", want: "0"},
		{sql: "INSERT INTO Shop.Customer (Name) VALUES ('x')", want: "1"},
		{sql: "INSERT %NOCHECK INTO Shop.Customer (Name) VALUES ('y')", want: "-99:User 'Bob' does not have %NOCHECK privileges"},
		{sql: "UPDATE Shop.Customer SET Name = 'z'", want: refused},
		{sql: "CREATE TABLE Mine (A INT)", want: "0"},
		{sql: "INSERT INTO Mine VALUES (1)", want: "1"},
		{sql: "TRUNCATE TABLE Mine", want: "-99:User 'Bob' does not have %NOTRIGGER privileges"},
	})
	walk(t, admin, []step{{sql: "REVOKE INSERT ON Shop.Customer FROM Bob", want: "0"}, {sql: "GRANT SELEKT ON Shop.Customer TO Bob", want: "0"}})
	if admin.Status() != 100 {
		t.Errorf("a privilege that does not exist gave %d", admin.Status())
	}
	walk(t, bob, []step{{sql: "INSERT INTO Shop.Customer (Name) VALUES ('x')", want: refused}})
}

func TestNamespacesHoldTablesOfTheirOwn(t *testing.T) {
	sys := open(t, Options{})
	a := connect(t, sys)
	walk(t, a, []step{
		{sql: "CREATE DATABASE Fix1 WITH GLOBAL_JOURNAL_STATE=YES", want: "0"},
		{sql: "CREATE TABLE T (A INT)", want: "0"},
		{sql: "START TRANSACTION", want: "0"},
		{sql: "INSERT INTO T VALUES (1)", want: "1"},
		{sql: "USE DATABASE FIX1", want: "0"},
		{sql: "SELECT A FROM T", want: "-30: Table 'SQLUSER.T' not found"},
		{sql: "CREATE TABLE T (B INT)", want: "0"},
		{sql: "INSERT INTO T VALUES (2)", want: "1"},
		{sql: "ROLLBACK", want: "0"}, // the transaction went on
		{sql: "SELECT COUNT(*) FROM T", want: "0"},
		{sql: `USE "USER"`, want: "0"},
		{sql: "SELECT COUNT(*) FROM T", want: "0"},
	})
	other, err := sys.Connect(t.Context(), "fix1", "x")
	if err != nil {
		t.Fatal(err)
	}
	walk(t, a, []step{{sql: "DROP DATABASE FIX1", want: "-344:Database 'FIX1' is in use by job 1002"}})
	other.Close()
	walk(t, a, []step{{sql: "DROP DATABASE FIX1 RETAIN_FILES", want: "0"}, {sql: "CREATE DATABASE FIX1", want: "-341:Database 'FIX1' already exists"}})
	if got, want := sys.Namespaces(), []string{"%SYS", "USER"}; !reflect.DeepEqual(got, want) || sys.HasNamespace("FIX1") {
		t.Errorf("got %v", got)
	}
}

func TestMultipleRowsOfValuesAreASwitch(t *testing.T) {
	s := connect(t, open(t, Options{MultiRowValues: true}))
	walk(t, s, []step{
		{sql: "CREATE TABLE T (A INT, B INT)", want: "0"},
		{"INSERT INTO T VALUES (?, 1), (2, ?)", "2", []any{int64(5), int64(6)}},
		{sql: "SELECT * FROM T", want: "5|1\n2|6"},
	})
}

func TestHintsTellWhatALiteralWas(t *testing.T) {
	s := connect(t, open(t, Options{}))
	st, err := s.PrepareWith(t.Context(), "SELECT ?, ?, ?, ?", []Hint{IntegerLiteral, NumericLiteral, TextLiteral})
	if err != nil {
		t.Fatal(err)
	}
	var types []int
	for _, c := range st.Columns() {
		types = append(types, c.Type)
	}
	if want := []int{TypeInteger, TypeNumeric, TypeVarChar, TypeVarChar}; !reflect.DeepEqual(types, want) {
		t.Errorf("got %v, want %v", types, want)
	}
	rows, err := st.Query(t.Context(), []any{"12", "1.50", int64(3), nil})
	if err != nil {
		t.Fatal(err)
	}
	if row, err := rows.Next(); err != nil || !reflect.DeepEqual(row, []any{int64(12), Decimal{15, -1}, "3", nil}) {
		t.Errorf("got %#v %v", row, err)
	}
}

func TestStreamsThatNoRowHasAreForgotten(t *testing.T) {
	sys := open(t, Options{})
	s := connect(t, sys)
	walk(t, s, []step{{sql: "CREATE TABLE T (B LONGVARBINARY)", want: "0"}})
	data := make([]byte, reclaimFrom/4)
	for range 12 {
		walk(t, s, []step{
			{"INSERT INTO T VALUES (?)", "1", []any{data}},
			{sql: "START TRANSACTION", want: "0"},
			{sql: "DELETE FROM T", want: "1"},
			{sql: "ROLLBACK", want: "0"},
			{sql: "SELECT CHAR_LENGTH(B) FROM T", want: "16777216"}, // brought back
			{sql: "DELETE FROM T", want: "1"},
		})
	}
	if n := len(sys.streams); n > 5 {
		t.Errorf("%d streams are held", n)
	}
}
