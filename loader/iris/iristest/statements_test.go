package iristest_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// table is a connection to a server with the table T (a INTEGER, b VARCHAR(50)) and these rows in it.
func table(t testing.TB, rows int, set ...func(*iristest.Options)) (*iristest.Server, *talker) {
	t.Helper()
	s := iristest.New(t, set...)
	k := login(t, s)
	k.run("CREATE TABLE T (a INTEGER, b VARCHAR(50))")
	for i := range rows {
		k.run("INSERT INTO T (a, b) VALUES (" + string(rune('1'+i)) + ", 'x')")
	}
	return s, k
}

// setUp is the statement id that run uses.
const setUp = 1000

// run carries out a statement that is no query.
func (k *talker) run(sql string) {
	k.t.Helper()
	body, err := wire.Update{SQL: sql, Keys: wire.KeysNull}.Append(nil, k.charset)
	if err != nil {
		k.t.Fatal(err)
	}
	if status, _ := k.ask(wire.DU, setUp, hex.EncodeToString(body)); status != 0 && status != 100 {
		k.t.Fatalf("%s: status %d, %s", sql, status, k.why(setUp, status))
	}
}

// rows runs a query and gives the body of its rows, all pages together.
func (k *talker) rows(sql string) string {
	k.t.Helper()
	body, err := wire.Query{SQL: sql}.Append(nil, k.charset)
	if err != nil {
		k.t.Fatal(err)
	}
	status, reply := k.ask(wire.DQ, setUp, hex.EncodeToString(body))
	if status == 0 {
		status, reply = k.receive(setUp)
	}
	all := reply
	for status == 0 {
		status, reply = k.ask(wire.FD, setUp, "")
		all += reply
	}
	if status != 100 {
		k.t.Fatalf("%s: status %d, %s", sql, status, k.why(setUp, status))
	}
	return all
}

// why asks for the text of an error.
func (k *talker) why(statement uint32, status uint16) string {
	k.t.Helper()
	_, body := k.ask(wire.OE, statement, hex.EncodeToString(wire.ErrorRequest{Status: status}.Append(nil)))
	return text(k.t, body)
}

func TestUnknownStatementsAre404(t *testing.T) {
	_, k := table(t, 0)
	for code, body := range map[wire.Code]string{
		wire.PQ: "03 04 01 02 04 02 04 02 04", wire.PU: "02 01 02 04 03 04 01 02 04", wire.FD: "",
	} {
		if status, reply := k.ask(code, 77, body); status != 404 || reply != "" {
			t.Errorf("%v: status %d, %s", code, status, reply)
		}
	}
}

// The client was told of columns that are not there any more.
func TestAStatementWhoseTableHasChangedIs404(t *testing.T) {
	_, k := table(t, 1)
	prepare, _ := wire.Prepare{SQL: "SELECT * FROM T"}.Append(nil, wire.Unicode)
	k.ask(wire.PP, 5, hex.EncodeToString(prepare))
	k.run("ALTER TABLE T ADD COLUMN c INTEGER")
	if status, _ := k.ask(wire.PQ, 5, "03 04 01 02 04 02 04 02 04"); status != 404 {
		t.Errorf("status %d", status)
	}
}

func TestStatementsAreForgottenWhenClosed(t *testing.T) {
	_, k := table(t, 3, func(o *iristest.Options) { o.PageRows = 1 })
	prepare, _ := wire.Prepare{SQL: "SELECT a FROM T ORDER BY a"}.Append(nil, wire.Unicode)
	execute := "03 04 01 02 04 02 04 02 04"
	k.ask(wire.PP, 5, hex.EncodeToString(prepare))
	if status, body := k.ask(wire.PQ, 5, execute); status != 0 || body != "030401" {
		t.Fatalf("status %d, %s", status, body)
	}
	k.send(wire.CC, 5, "")
	if status, body := k.ask(wire.FD, 5, ""); status != 100 || body != "" {
		t.Errorf("after CC: status %d, %s", status, body)
	}
	if status, body := k.ask(wire.PQ, 5, execute); status != 0 || body != "030401" {
		t.Errorf("again: status %d, %s", status, body)
	}
	k.send(wire.CU, 5, "")
	if status, _ := k.ask(wire.FD, 5, ""); status != 404 {
		t.Errorf("after CU: status %d", status)
	}
}

func TestPagesAreOfWholeRowsAndTheLastSaysSo(t *testing.T) {
	_, k := table(t, 5, func(o *iristest.Options) { o.PageRows = 2 })
	query := func(max int) string {
		b, _ := wire.Query{SQL: "SELECT a FROM T ORDER BY a", MaxRows: max}.Append(nil, wire.Unicode)
		return hex.EncodeToString(b)
	}
	for name, tt := range map[string]struct {
		max   int
		pages []string
	}{
		"all":         {0, []string{"030401030402", "030403030404", "030405", ""}},
		"a full page": {4, []string{"030401030402", "030403030404", ""}},
		"less":        {1, []string{"030401", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			if status, _ := k.ask(wire.DQ, 3, query(tt.max)); status != 0 {
				t.Fatalf("status %d", status)
			}
			for i, want := range tt.pages {
				var status, wanted uint16
				var body string
				if i == 0 {
					status, body = k.receive(3)
				} else {
					status, body = k.ask(wire.FD, 3, "")
				}
				if i >= len(tt.pages)-2 {
					wanted = 100
				}
				if status != wanted || body != want {
					t.Errorf("page %d: status %d, %s", i, status, body)
				}
			}
		})
	}
}

func TestRequestsAreReadStrictly(t *testing.T) {
	_, k := table(t, 1)
	prepare, _ := wire.Prepare{SQL: "INSERT INTO T (a, b) VALUES (:%qpar(1), :%qpar(2))", Params: wire.UserParams(2)}.Append(nil, wire.Unicode)
	if status, _ := k.ask(wire.PP, 4, hex.EncodeToString(prepare)); status != 0 {
		t.Fatalf("status %d", status)
	}
	query, _ := wire.Query{SQL: "SELECT a FROM T"}.Append(nil, wire.Unicode)
	update, _ := wire.Update{SQL: "DELETE FROM T", Keys: wire.KeysNull}.Append(nil, wire.Unicode)
	for name, tt := range map[string]struct {
		code      wire.Code
		statement uint32
		body      string
	}{
		"PU, one value too few":    {wire.PU, 4, "02 01 02 04 03 04 01 03 04 02 03 04 01"},
		"PU, one value too many":   {wire.PU, 4, "02 01 02 04 03 04 01 03 04 02 03 04 01 03 01 78 03 01 78"},
		"PU, sets of one":          {wire.PU, 4, "02 01 02 04 03 04 01 03 04 01 03 04 01"},
		"PU, no set":               {wire.PU, 4, "02 01 02 04 02 04 03 04 02"},
		"PU, a type 3 item":        {wire.PU, 4, "02 01 02 04 03 04 01 03 04 02 02 03 02 04"},
		"PU with PQ's body":        {wire.PU, 4, "03 04 01 03 04 02 03 04 01 03 01 78 02 04 02 04"},
		"PQ of an insert":          {wire.PQ, 4, "03 04 01 03 04 02 03 04 01 03 01 78 02 04 02 04"},
		"PP, a parameter too few":  {wire.PP, 5, hex.EncodeToString(prepare[:len(prepare)-5]) + "0204"},
		"PP, a parameter unsaid":   {wire.PP, 5, strings.Replace(hex.EncodeToString(prepare), "03040203013f0204", "030401", 1)},
		"PP, kind x":               {wire.PP, 5, strings.Replace(hex.EncodeToString(prepare), "03013f0204", "0301780204", 1)},
		"PP, more":                 {wire.PP, 5, hex.EncodeToString(prepare) + "0204"},
		"DQ, more":                 {wire.DQ, 5, hex.EncodeToString(query) + "0204"},
		"DQ, less":                 {wire.DQ, 5, hex.EncodeToString(query[:len(query)-2])},
		"DQ, cut in an item":       {wire.DQ, 5, hex.EncodeToString(query[:len(query)-1])},
		"DQ of a delete":           {wire.DQ, 5, strings.Replace(hex.EncodeToString(query), hex.EncodeToString([]byte("SELECT a FROM T")), hex.EncodeToString([]byte("DELETE   FROM T")), 1)},
		"DU, more":                 {wire.DU, 5, hex.EncodeToString(update) + "0204"},
		"DU of a query":            {wire.DU, 5, strings.Replace(hex.EncodeToString(update), hex.EncodeToString([]byte("DELETE FROM T")), hex.EncodeToString([]byte("SELECT 1, a, b")), 1)},
		"FD with a body":           {wire.FD, 4, "02 04"},
		"FD of an insert":          {wire.FD, 4, ""},
		"TC with a body":           {wire.TC, 0, "02 04"},
		"OE without a code":        {wire.OE, 0, ""},
		"JS without a length":      {wire.JS, 5, "03 01 78"},
		"GG with a body":           {wire.GG, 4, "02 04"},
		"a function nobody has":    {wire.Code{'Z', 'Z'}, 0, ""},
		"a length without payload": {wire.PU, 4, "00 00 00 00 00 00 00"},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := k.ask(tt.code, tt.statement, tt.body)
			if status == 0 || status == 100 {
				t.Errorf("status %d, %s", status, body)
			}
			if got := k.rows("SELECT a, b FROM T"); got != "030401030178" {
				t.Errorf("the table now has %s", got)
			}
		})
	}
}

func TestRequestsWithoutAReplyHaveNone(t *testing.T) {
	_, k := table(t, 0)
	for code, body := range map[wire.Code]string{
		wire.AF: "", wire.AN: "", wire.RC: "", wire.RU: "", wire.CC: "", wire.CU: "", wire.CS: "0204", wire.RN: "",
	} {
		k.send(code, 9, body)
		if status, _ := k.ask(wire.TC, 0, ""); status != 0 {
			t.Errorf("%v: TC has status %d", code, status)
		}
	}
	k.send(wire.AF, 0, "0204") // there is no way to say what is wrong
	k.ended()
}

// Where a message has no end, or a wrong one, nothing that follows can be understood.
func TestAStreamThatIsLostIsClosed(t *testing.T) {
	for name, raw := range map[string]string{
		"a request in fragments": "00000000 05000000 04000080 5443",
		"a body without an end":  "ffffffff 05000000 04000000 5443",
	} {
		t.Run(name, func(t *testing.T) {
			k := login(t, iristest.New(t))
			if _, err := k.c.Write(unhex(t, raw)); err != nil {
				t.Fatal(err)
			}
			k.ended()
		})
	}
}

func TestUseTakesEffectWhenItIsPrepared(t *testing.T) {
	k := login(t, iristest.New(t))
	k.run("CREATE DATABASE Other")
	for _, tt := range []struct{ sql, namespace string }{{"USE DATABASE Other", "OTHER"}, {`use "USER"`, "USER"}} {
		body, _ := wire.Prepare{SQL: tt.sql}.Append(nil, wire.Unicode)
		if status, _ := k.ask(wire.PP, 3, hex.EncodeToString(body)); status != 0 {
			t.Fatalf("%s: status %d, %s", tt.sql, status, k.why(3, status))
		}
		if got := k.rows("SELECT $NAMESPACE"); got != hexText(tt.namespace) {
			t.Errorf("%s: the namespace is %s", tt.sql, got)
		}
	}
	body, _ := wire.Prepare{SQL: "USE Absent"}.Append(nil, wire.Unicode)
	if status, _ := k.ask(wire.PP, 3, hex.EncodeToString(body)); status != 400 {
		t.Errorf("status %d", status)
	}
}
