package iristest_test

import (
	"encoding/hex"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/iristest"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// prepared is a connection to a server with an INSERT into T (a INTEGER PRIMARY KEY, b VARCHAR(50)) as statement 4.
func prepared(t testing.TB, set ...func(*iristest.Options)) (*iristest.Server, *talker) {
	t.Helper()
	s := iristest.New(t, set...)
	k := login(t, s)
	k.run("CREATE TABLE T (a INTEGER PRIMARY KEY, b VARCHAR(50))")
	k.prepareInsert()
	return s, k
}

func (k *talker) prepareInsert() {
	k.t.Helper()
	prepare, _ := wire.Prepare{SQL: "INSERT INTO T (a, b) VALUES (:%qpar(1), :%qpar(2))", Params: wire.UserParams(2)}.Append(nil, wire.Unicode)
	if status, _ := k.ask(wire.PP, 4, hex.EncodeToString(prepare)); status != 0 {
		k.t.Fatalf("status %d", status)
	}
}

// Sets of (1, 'x'), (2, 'x'), (1, 'x'), (3, 'x'): the third fails. And three that do not.
const (
	oneFails = "0201 0204 030404 030402  030401 030178  030402 030178  030401 030178  030403 030178"
	noneDoes = "0201 0204 030403 030402  030401 030178  030402 030178  030403 030178"
)

func TestABatchHasOneCountForEachSet(t *testing.T) {
	_, k := prepared(t)
	if status, body := k.ask(wire.PU, 4, noneDoes); status != 0 || body != plain("030401 030401 030401") {
		t.Errorf("status %d, %s", status, body)
	}
}

func TestWhatBecomesOfABatchInWhichASetFails(t *testing.T) {
	const continued, stopped, nothing = "030401030402030403", "030401030402", ""
	for name, tt := range map[string]struct {
		rule        iristest.Batch
		transaction bool
		body, rows  string
	}{
		"continues":                {iristest.BatchContinues, false, plain("030401 030401 0305fd 030401"), continued},
		"stops":                    {iristest.BatchStops, false, plain("030401 030401 0305fd 0305fd"), stopped},
		"undoes":                   {iristest.BatchUndoes, false, plain("0305fd 0305fd 0305fd 0305fd"), nothing},
		"continues in transaction": {iristest.BatchContinues, true, plain("030401 030401 0305fd 030401"), continued},
		"undoes in transaction":    {iristest.BatchUndoes, true, plain("030401 030401 0305fd 0305fd"), stopped},
	} {
		t.Run(name, func(t *testing.T) {
			_, k := prepared(t, func(o *iristest.Options) { o.Batch = tt.rule })
			if tt.transaction {
				k.run("START TRANSACTION")
			}
			status, body := k.ask(wire.PU, 4, oneFails)
			if status != 119 || body != tt.body {
				t.Errorf("status %d, %s", status, body)
			}
			if rows := k.rows("SELECT a FROM T ORDER BY a"); rows != tt.rows {
				t.Errorf("the table has %s", rows)
			}
			if tt.transaction {
				k.ask(wire.TR, 0, "")
				if rows := k.rows("SELECT a FROM T ORDER BY a"); rows != "" {
					t.Errorf("after the rollback the table has %s", rows)
				}
			}
		})
	}
}

func TestAnySetCanBeMadeToFail(t *testing.T) {
	s, k := prepared(t, func(o *iristest.Options) { o.Batch = iristest.BatchStops })
	s.Play(iristest.On(wire.PU, iristest.Set, 2, iristest.Fail(110, "locked")))
	if status, _ := k.ask(wire.PU, 4, noneDoes); status != 110 || k.why(4, 110) != "locked" {
		t.Errorf("status %d", status)
	}
	if rows := k.rows("SELECT a FROM T ORDER BY a"); rows != "030401" {
		t.Errorf("the table has %s", rows)
	}
}

// As the driver sent it for executeBatch of three statements, but for the table's column: the number of statements, 0,
// and for each one piece of text and one set of values.
func TestStatementBatchesOfTheJDBCDriver(t *testing.T) {
	_, k := prepared(t)
	insert := "030401" + hex.EncodeToString(wire.AppendBytes(nil, []byte("INSERT INTO T ( a ) VALUES ( :%qpar(1) ) "))) + "030401 030401"
	create := "030401" + hex.EncodeToString(wire.AppendBytes(nil, []byte("create table X (a int)"))) + "030401 0204"
	batch := "03000000 0204" + insert + "030131" + insert + "030132" + create
	if status, body := k.ask(wire.Code{'E', 'B'}, 0, batch); status != 0 || body != plain("030401 030401 0204") {
		t.Errorf("status %d, %s", status, body)
	}
	again := "02000000 0204" + insert + "030131" + insert + "030133"
	if status, body := k.ask(wire.Code{'E', 'B'}, 0, again); status != 119 || body != plain("0305fd 030401") {
		t.Errorf("status %d, %s", status, body)
	}
	if status, _ := k.ask(wire.Code{'E', 'B'}, 0, again+"0204"); status != 400 {
		t.Errorf("a message that goes on: status %d", status)
	}
}

func TestGeneratedKeysAreAResultOfOneRow(t *testing.T) {
	k := login(t, iristest.New(t))
	k.run("CREATE TABLE K (id INTEGER IDENTITY, b VARCHAR(50))")
	k.run("INSERT INTO K (b) VALUES ('x')")
	k.run("INSERT INTO K (b) VALUES ('y')")
	status, body := k.ask(wire.GG, setUp, "")
	keys, err := wire.ParseGeneratedKeys(unhex(t, body), wire.Unicode)
	if status != 100 || err != nil || len(keys.Columns) != 1 || len(keys.Values) != 1 {
		t.Fatalf("status %d, %+v, %v", status, keys, err)
	}
	if v, err := keys.Values[0].Int(); v != 2 || err != nil {
		t.Errorf("%d, %v", v, err)
	}
}

// The DB-API driver 5.4.1 calls a procedure for the id of the last row.
func TestTheLastRowIDIsAProcedure(t *testing.T) {
	k := login(t, iristest.New(t))
	k.run("CREATE TABLE K (id INTEGER IDENTITY, b VARCHAR(50))")
	k.run("INSERT INTO K (b) VALUES ('x')")
	if status, _ := k.ask(wire.Code{'S', 'P'}, 2, "16012553595354454d2e53514c5f476574524f574944"); status != 0 {
		t.Fatalf("SP: status %d", status)
	}
	if status, body := k.ask(wire.Code{'S', 'U'}, 2, "0204020402040304010204"); status != 0 || body != "030401" {
		t.Errorf("SU: status %d, %s", status, body)
	}
	if status, _ := k.ask(wire.Code{'S', 'P'}, 3, "0301 50"); status != 428 {
		t.Errorf("another: status %d", status)
	}
}

func TestAStatementWithoutParametersRunsAsOftenAsItIsAskedTo(t *testing.T) {
	k := login(t, iristest.New(t))
	k.run("CREATE TABLE D (a INTEGER DEFAULT 7)")
	prepare, _ := wire.Prepare{SQL: "INSERT INTO D DEFAULT VALUES"}.Append(nil, wire.Unicode)
	k.ask(wire.PP, 4, hex.EncodeToString(prepare))
	if status, body := k.ask(wire.PU, 4, "0201 0204 030403 0204"); status != 0 || body != plain("030401 030401 030401") {
		t.Errorf("status %d, %s", status, body)
	}
	if rows := k.rows("SELECT a FROM D"); rows != plain("030407 030407 030407") {
		t.Errorf("the table has %s", rows)
	}
}
