package iristest_test

import (
	"encoding/hex"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// As DB-API 5.4.1 sends SELECT 1, 1.5, 'x', ?: literals are parameters, too, and described by what they were.
func TestLiteralsThatDriversLiftKeepTheirType(t *testing.T) {
	k := login(t, iristest.New(t))
	kinds := []wire.ParamKind{{Kind: 'c', Format: 10}, {Kind: 'c', Format: 11}, {Kind: 'c', Format: 4}, {Kind: '?'}}
	prepare, err := wire.Prepare{SQL: "SELECT :%qpar(1) , :%qpar(2) , :%qpar(3) , :%qpar(4)", Params: kinds}.Append(nil, wire.Unicode)
	if err != nil {
		t.Fatal(err)
	}
	status, reply := k.ask(wire.PP, 3, hex.EncodeToString(prepare))
	if status != 0 {
		t.Fatalf("status %d, %s", status, k.why(3, status))
	}
	m, err := wire.ParseMetadata(unhex(t, reply), wire.Unicode, 0)
	if err != nil {
		t.Fatal(err)
	}
	var types []int
	for _, c := range m.Columns {
		types = append(types, c.Type)
	}
	if want := []int{wire.SQLInteger, wire.SQLNumeric, wire.SQLVarchar, wire.SQLVarchar}; len(types) != 4 || [4]int(types) != [4]int(want) {
		t.Errorf("types %v, want %v", types, want)
	}
	status, reply = k.ask(wire.PQ, 3, "030401 030404 030131 0501312e35 030178 0406ff0f 0204 0204")
	if want := plain("030401 0406ff0f 030178 0406ff0f"); status != 100 || reply != want {
		t.Errorf("status %d, %s, want %s", status, reply, want)
	}
}

// A driver reads rows by the description that it was given when it prepared. If a table is made anew, that is wrong.
func TestAStatementWhoseTablesChangedIsNotKnownAnyMore(t *testing.T) {
	_, k := table(t, 1)
	query, _ := wire.Prepare{SQL: "SELECT b FROM T"}.Append(nil, wire.Unicode)
	insert, _ := wire.Prepare{SQL: "INSERT INTO T (b) VALUES (:%qpar(1))", Params: wire.UserParams(1)}.Append(nil, wire.Unicode)
	k.ask(wire.PP, 3, hex.EncodeToString(query))
	k.ask(wire.PP, 4, hex.EncodeToString(insert))
	const noValues, one = "030401 0204 0204 0204", "0201 0204 030401 030401 030401"
	k.run("CREATE TABLE Other (a INTEGER)")
	if status, _ := k.ask(wire.PQ, 3, noValues); status != 100 {
		t.Errorf("after another table was made: status %d", status)
	}
	k.run("DROP TABLE T")
	k.run("CREATE TABLE T (b INTEGER)")
	if status, _ := k.ask(wire.PQ, 3, noValues); status != 404 {
		t.Errorf("query: status %d", status)
	}
	if status, _ := k.ask(wire.PU, 4, one); status != 404 {
		t.Errorf("update: status %d", status)
	}
	if status, _ := k.ask(wire.PU, 4, one); status != 404 {
		t.Errorf("update, again: status %d", status)
	}
}

// The JDBC driver finds a column by the first item of its description.
func TestAnAliasIsTheNameOfAColumn(t *testing.T) {
	_, k := table(t, 1)
	query, _ := wire.Query{SQL: "SELECT a AS x, b FROM T"}.Append(nil, wire.Unicode)
	_, reply := k.ask(wire.DQ, 3, hex.EncodeToString(query))
	k.receive(3)
	m, err := wire.ParseMetadata(unhex(t, reply), wire.Unicode, 0)
	if err != nil || len(m.Columns) != 2 {
		t.Fatalf("%d columns, %v", len(m.Columns), err)
	}
	for i, want := range []string{"x", "b"} {
		if c := m.Columns[i]; c.Name != want || c.Label != want {
			t.Errorf("column %d is %q, %q", i, c.Name, c.Label)
		}
	}
}
