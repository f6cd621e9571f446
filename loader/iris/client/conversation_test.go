package client_test

import (
	"io"
	"slices"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// The messages of these tests are those that the DB-API client sends, and accepts from a server; ids begin at 5. The key
// selector is that of the newer drivers, DB-API 5.4.1 and JDBC 3.10.3: NULL, 02 01.

const recordedQuery = `45 00 00 00  05 00 00 00  01 00 00 00  44 51 |
	03 04 01  2e 01 'SELECT ID , Name FROM T WHERE ID > :%qpar(1)'
	03 04 01  03 01 3f 02 04
	03 04 01  03 04 01  02 04
	02 04  02 04`

const recordedMetadata = `75 00 00 00  05 00 00 00  01 00 00 00  00 00 |
	03 04 02
	04 01 'ID'  03 04 04  03 04 0a  02 04  02 04  04 01 'ID'  03 01 'T'
	09 01 'SQLUser'  02 04  0e 01 01 00 00 01 00 01 00 00 00 01 01 01
	06 01 'Name'  03 04 0c  03 04 32  02 04  03 04 01  06 01 'Name'  03 01 'T'
	09 01 'SQLUser'  02 04  0e 01 00 01 00 00 00 00 00 00 00 00 00 00
	03 04 01  03 04 0c  03 04 32  02 04  03 04 01
	03 04 01`

const recordedRows = `0b 00 00 00  05 00 00 00  01 00 00 00  00 00 | 03 04 01  03 01 e9  03 04 02  02 01`

var recordedFetch = on("00 00 00 00  07 00 00 00  01 00 00 00  46 44",
	"13 00 00 00  07 00 00 00  01 00 00 00  64 00 | 03 04 03  03 01 00  03 04 04  0a 02 42 04 35 04 41 04 42 04")

var recordedResult = []string{"1,é", "2,NULL", "3,", "4,тест"}

const recordedSQL = "SELECT ID , Name FROM T WHERE ID > ?"

func TestAQueryIsSentAndReadAsTheDBAPIClientDoes(t *testing.T) {
	c := connect(t, on(recordedQuery, recordedMetadata+recordedRows), recordedFetch)
	rows, err := c.Query(t.Context(), recordedSQL, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if got := rows.Columns(); len(got) != 2 || got[0].Name != "ID" || got[1].Type != wire.SQLVarchar || got[1].Precision != 50 {
		t.Errorf("columns: %+v", got)
	}
	got, err := read(t.Context(), rows)
	if err != io.EOF || !slices.Equal(got, recordedResult) {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := rows.Next(t.Context()); err != io.EOF {
		t.Errorf("after the end: %v", err)
	}
}

func TestAStatementIsSentAsTheDBAPIClientDoes(t *testing.T) {
	c := connect(t, on(`26 00 00 00  05 00 00 00  01 00 00 00  44 55 |
		03 04 01  18 01 'create table Z (a int)'
		02 04  02 01 02 04
		03 04 01  02 04`,
		"06 00 00 00  05 00 00 00  01 00 00 00  00 00 | 02 04 02 04 02 04"))
	if n, err := c.Exec(t.Context(), "create table Z (a int)"); n != 0 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
}

// prepared answers PP for two parameters: VARCHAR(50) and INTEGER.
const prepared = "03 04 02  03 04 0c 03 04 32 02 04 03 04 01  03 04 04 03 04 0a 02 04 03 04 01  03 04 01"

const recordedPrepare = `4d 00 00 00  05 00 00 00  01 00 00 00  50 50 |
	03 04 01  3d 01 'INSERT INTO T ( Name , n ) VALUES ( :%qpar(1) , :%qpar(2) )'
	03 04 02  03 01 3f 02 04  03 01 3f 02 04`

func TestABatchIsSentAsTheDBAPIClientDoes(t *testing.T) {
	c := connect(t,
		on(recordedPrepare, "1c 00 00 00  05 00 00 00  01 00 00 00  00 00"+prepared),
		on(`27 00 00 00  07 00 00 00  01 00 00 00  50 55 |
			02 01  02 04
			03 04 03  03 04 02
			03 01 61  03 04 01
			03 01 e9  02 05
			0e 02 42 04 35 04 41 04 42 04 3d d8 bb dc  04 04 2c 01`,
			"09 00 00 00  07 00 00 00  01 00 00 00  00 00 | 03 04 01 03 04 01 03 04 01"))
	stmt, err := c.Prepare(t.Context(), "INSERT INTO T ( Name , n ) VALUES ( ? , ? )")
	if err != nil {
		t.Fatal(err)
	}
	want := []wire.Param{
		{Type: wire.SQLVarchar, Precision: 50, Nullable: wire.Nullable},
		{Type: wire.SQLInteger, Precision: 10, Nullable: wire.Nullable}}
	if got := stmt.Params(); !slices.Equal(got, want) {
		t.Errorf("params: %+v", got)
	}
	values := stmt.NewValues()
	for _, row := range []struct {
		name string
		n    int64
	}{{"a", 1}, {"é", -1}, {"тест💻", 300}} {
		if err := values.SQLText(row.name); err != nil {
			t.Fatal(err)
		}
		values.Int(row.n)
	}
	counts, err := stmt.ExecBatch(t.Context(), values)
	if err != nil || !slices.Equal(counts, []int64{1, 1, 1}) {
		t.Errorf("got %v, %v", counts, err)
	}
}

func TestATransactionIsStartedAsAStatementAndEndedByItsOwnMessages(t *testing.T) {
	c := connect(t,
		on("21 00 00 00  05 00 00 00  01 00 00 00  44 55 | 03 04 01  13 01 'START TRANSACTION'  02 04  02 01 02 04  03 04 01  02 04",
			"06 00 00 00  05 00 00 00  01 00 00 00  00 00 | 02 04 02 04 02 04"),
		on("00 00 00 00  07 00 00 00  00 00 00 00  54 43", "00 00 00 00  07 00 00 00  00 00 00 00  00 00"),
		on("00 00 00 00  09 00 00 00  00 00 00 00  54 52", "00 00 00 00  09 00 00 00  00 00 00 00  64 00"))
	if err := c.Begin(t.Context()); err != nil || !c.InTransaction() {
		t.Errorf("begin: %v, %v", err, c.InTransaction())
	}
	if err := c.Commit(t.Context()); err != nil || c.InTransaction() {
		t.Errorf("commit: %v, %v", err, c.InTransaction())
	}
	if err := c.Rollback(t.Context()); err != nil {
		t.Errorf("rollback: %v", err)
	}
}

func TestCloseSaysFarewellWithId0(t *testing.T) {
	c := connect(t, on("00 00 00 00  00 00 00 00  00 00 00 00  44 43", ""))
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("again: %v", err)
	}
	_, err := c.Exec(t.Context(), "SET OPTION X = 1")
	if want := "connection lost before DU was sent: use of closed network connection"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestParametersTakeTheValuesOfAllTypes(t *testing.T) {
	body, err := wire.Update{
		SQL:    "INSERT INTO T VALUES ( :%qpar(1) , :%qpar(2) , :%qpar(3) , :%qpar(4) , :%qpar(5) , :%qpar(6) , :%qpar(7) , :%qpar(8) )",
		Params: wire.UserParams(8), Keys: wire.KeysNull}.Append(nil, wire.Unicode)
	if err != nil {
		t.Fatal(err)
	}
	body = append(body[:len(body)-5], bytesOf(`03 04 01  03 04 08
		02 01  03 04 07  02 05  03 01 00  03 01 e9  04 01 00 ff  0a 08 00 00 00 00 00 00 f8 3f  04 06 fe 7d`)...)
	c := connect(t, ask(5, 1, wire.DU, body, 0, items(0, 0, 1)))
	n, err := c.Exec(t.Context(), "INSERT INTO T VALUES ( ? , ? , ? , ? , ? , ? , ? , ? )",
		nil, int64(7), -1, "", "é", []byte{0, 0xFF}, 1.5, wire.Number{Mantissa: 125, Exponent: -2})
	if n != 1 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
}

// A value that cannot be sent unaltered is refused before anything is sent: the script expects no message.
func TestWhatCannotBeSentIsRefused(t *testing.T) {
	c := connect(t)
	for _, tt := range []struct {
		args []any
		want string
	}{
		{[]any{"\x00"}, "parameter 1: a value of one NUL is the empty value in IRIS"},
		{[]any{[]byte{0}}, "parameter 1: a value of one NUL is the empty value in IRIS"},
		{[]any{"a\xff"}, "parameter 1: invalid UTF-8 at byte 1"},
		{[]any{true}, "parameter 1: bool is no type of a parameter"},
		{[]any{}, "statement has 1 parameters, 0 given"},
		{[]any{1, 2}, "statement has 1 parameters, 2 given"},
	} {
		if _, err := c.Exec(t.Context(), "UPDATE T SET a = ?", tt.args...); err == nil || err.Error() != tt.want {
			t.Errorf("%q: got %v, want %s", tt.args, err, tt.want)
		}
		if _, err := c.Query(t.Context(), "SELECT a FROM T WHERE a = ?", tt.args...); err == nil || err.Error() != tt.want {
			t.Errorf("%q: got %v, want %s", tt.args, err, tt.want)
		}
	}
	if _, err := c.Exec(t.Context(), "UPDATE T SET \xff"); err == nil || err.Error() != "DU request: SQL text: invalid UTF-8 at byte 13" {
		t.Errorf("got %v", err)
	}
	if _, err := c.Query(t.Context(), "SELECT \xff"); err == nil || err.Error() != "DQ request: SQL text: invalid UTF-8 at byte 7" {
		t.Errorf("got %v", err)
	}
	if _, err := c.Prepare(t.Context(), "SELECT \xff"); err == nil || err.Error() != "PP request: SQL text: invalid UTF-8 at byte 7" {
		t.Errorf("got %v", err)
	}
	if _, err := c.Exec(t.Context(), "SELECT 'a"); err == nil || err.Error() != "literal at byte 7 has no end" {
		t.Errorf("got %v", err)
	}
}
