package client_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

func query(t *testing.T, c *client.Conn, sql string) []string {
	t.Helper()
	rows, err := c.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	got, err := read(t.Context(), rows)
	if err != io.EOF {
		t.Fatal(err)
	}
	return got
}

func exec(t *testing.T, c *client.Conn, sql string) int64 {
	t.Helper()
	n, err := c.Exec(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

const insert, sel = "INSERT INTO T VALUES (1)", "SELECT n FROM T"

func pu(id, statement uint32, status uint16, reply []byte) step {
	return ask(id, statement, wire.PU, must(wire.PreparedUpdate{Keys: wire.KeysNull}.Append(nil, wire.Unicode)), status, reply)
}

// A long connection repeats its texts; the server keeps what it was sent, so their ids are repeated too.
func TestATextIsSentOnceAndThenNamedByItsId(t *testing.T) {
	c := connect(t,
		du(5, 1, insert, 0, items(0, 1, 1)),
		dq(7, 2, sel, reply(7, 2, 0, integer(true)), reply(7, 2, 100, items(1))),
		pu(9, 1, 0, items(1)),
		pq(11, 2, 100, items(1, 2)),
		pq(13, 2, 0, items(1)),
		fd(15, 2, 100, items(2, 3)))
	for i := range 2 {
		if n := exec(t, c, insert); n != 1 {
			t.Errorf("%d: %d rows", i, n)
		}
		if got := query(t, c, sel); len(got) != i+1 {
			t.Errorf("%d: %q", i, got)
		}
	}
	if got := query(t, c, sel); !slices.Equal(got, []string{"1", "2", "3"}) {
		t.Errorf("got %q", got)
	}
}

func TestWhatTheServerDoesNotKeepIsSentAgain(t *testing.T) {
	c := connect(t,
		du(5, 1, insert, 0, items(0, 0, 1)), du(7, 2, insert, 0, items(0, 0, 1)),
		dq(9, 3, sel, reply(9, 3, 0, integer(false)), reply(9, 3, 100, nil)),
		dq(11, 4, sel, reply(11, 4, 0, integer(false)), reply(11, 4, 100, nil)))
	exec(t, c, insert)
	exec(t, c, insert)
	query(t, c, sel)
	query(t, c, sel)
}

// After DROP TABLE and CREATE TABLE the same text may have other columns.
func TestAfterAChangeOfTablesEveryTextIsSentAnew(t *testing.T) {
	two := must(wire.Metadata{Columns: make([]wire.Column, 2), Cacheable: true}.Append(nil, wire.Unicode, 0))
	c := connect(t,
		dq(5, 1, sel, reply(5, 1, 0, integer(true)), reply(5, 1, 100, items(1))),
		pp(7, 2, insert, 0, 0, must(wire.Metadata{}.Append(nil, wire.Unicode, 0))),
		du(9, 3, "DROP TABLE T", 0, items(0, 1, 0)),
		dq(11, 4, sel, reply(11, 4, 0, two), reply(11, 4, 100, items(1, 2))),
		pp(13, 5, insert, 0, 0, must(wire.Metadata{}.Append(nil, wire.Unicode, 0))),
		pu(15, 5, 0, items(1)),
		du(17, 6, "DROP TABLE T", 0, items(0, 1, 0)))
	query(t, c, sel)
	stmt, err := c.Prepare(t.Context(), insert)
	if err != nil {
		t.Fatal(err)
	}
	exec(t, c, "DROP TABLE T")
	if got := query(t, c, sel); !slices.Equal(got, []string{"1,2"}) {
		t.Errorf("got %q", got)
	}
	if _, err := stmt.ExecBatch(t.Context(), stmt.NewValues()); err != nil {
		t.Error(err)
	}
	exec(t, c, "DROP TABLE T")
}

// Status 404 says that the server has done nothing because it has forgotten the statement.
func TestAForgottenStatementIsPreparedAgainOnce(t *testing.T) {
	none := must(wire.Metadata{}.Append(nil, wire.Unicode, 0))
	prepare := func(c *client.Conn) *client.Stmt {
		t.Helper()
		stmt, err := c.Prepare(t.Context(), insert)
		if err != nil {
			t.Fatal(err)
		}
		return stmt
	}
	t.Run("Exec", func(t *testing.T) {
		c := connect(t, du(5, 1, insert, 0, items(0, 1, 1)), pu(7, 1, 404, nil), du(9, 2, insert, 0, items(0, 1, 1)), pu(11, 2, 0, items(1)))
		for range 3 {
			exec(t, c, insert)
		}
	})
	t.Run("Query", func(t *testing.T) {
		c := connect(t,
			dq(5, 1, sel, reply(5, 1, 0, integer(true)), reply(5, 1, 100, nil)), pq(7, 1, 404, nil),
			dq(9, 2, sel, reply(9, 2, 0, integer(true)), reply(9, 2, 100, items(1))), pq(11, 2, 100, items(2)))
		query(t, c, sel)
		if got := query(t, c, sel); !slices.Equal(got, []string{"1"}) {
			t.Errorf("got %q", got)
		}
		query(t, c, sel)
	})
	t.Run("ExecBatch", func(t *testing.T) {
		c := connect(t, pp(5, 1, insert, 0, 0, none), pu(7, 1, 404, nil), pp(9, 2, insert, 0, 0, none), pu(11, 2, 0, items(1)))
		if counts, err := prepare(c).ExecBatch(t.Context(), nil); err != nil || !slices.Equal(counts, []int64{1}) {
			t.Errorf("got %v, %v", counts, err)
		}
	})
	t.Run("forgotten again", func(t *testing.T) {
		c := connect(t, pp(5, 1, insert, 0, 0, none), pu(7, 1, 404, nil), pp(9, 2, insert, 0, 0, none), pu(11, 2, 404, nil))
		_, err := prepare(c).ExecBatch(t.Context(), nil)
		var refused *client.SQLError
		if !errors.As(err, &refused) || refused.Status != 404 || err.Error() != "statement unknown to the server" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("rows were fetched already", func(t *testing.T) {
		c := connect(t, dq(5, 1, sel, reply(5, 1, 0, integer(true)), reply(5, 1, 0, items(1))), fd(7, 1, 404, nil))
		rows, err := c.Query(t.Context(), sel)
		if err != nil {
			t.Fatal(err)
		}
		got, err := read(t.Context(), rows)
		if !slices.Equal(got, []string{"1"}) || err == nil || err.Error() != "statement unknown to the server" {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

func TestAbandonedRowsLeaveTheConnectionUsable(t *testing.T) {
	c := connect(t,
		dq(5, 1, sel, reply(5, 1, 0, integer(true)), reply(5, 1, 0, items(1, 2))),
		pq(7, 1, 100, items(1)))
	rows, err := c.Query(t.Context(), sel)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rows.Next(t.Context()); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := rows.Next(t.Context()); err == nil || err.Error() != "rows are closed" {
		t.Errorf("got %v", err)
	}
	if got := query(t, c, sel); !slices.Equal(got, []string{"1"}) {
		t.Errorf("got %q", got)
	}
}

// The cursor of open rows is the statement's: the same text must not move it.
func TestTheSameQueryMayBeOpenTwice(t *testing.T) {
	c := connect(t,
		dq(5, 1, sel, reply(5, 1, 0, integer(true)), reply(5, 1, 0, items(1))),
		dq(7, 2, sel, reply(7, 2, 0, integer(true)), reply(7, 2, 100, items(7, 8))),
		fd(9, 1, 100, items(2)))
	outer, err := c.Query(t.Context(), sel)
	if err != nil {
		t.Fatal(err)
	}
	if got := query(t, c, sel); !slices.Equal(got, []string{"7", "8"}) {
		t.Errorf("inner: %q", got)
	}
	if got, err := read(t.Context(), outer); err != io.EOF || !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("outer: %q, %v", got, err)
	}
}

func TestABatchOfHalfASetIsNotSent(t *testing.T) {
	c := connect(t, pp(5, 1, ins, 1, 0, must(wire.Metadata{Params: make([]wire.Param, 1)}.Append(nil, wire.Unicode, 0))))
	stmt, err := c.Prepare(t.Context(), "INSERT INTO T VALUES ( ? )")
	if err != nil {
		t.Fatal(err)
	}
	_, err = stmt.ExecBatch(t.Context(), stmt.NewValues())
	if want := "PU request: values: 0 values, not 1"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestParametersThatAreDescribedOtherwiseEndTheConnection(t *testing.T) {
	none := must(wire.Metadata{}.Append(nil, wire.Unicode, 0))
	_, err := connect(t, pp(5, 1, ins, 1, 0, none)).Prepare(t.Context(), "INSERT INTO T VALUES ( ? )")
	want := "connection lost after PP was sent: protocol error: reply to PP: 0 parameters, not 1"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAPreparedQueryClosesItsOlderRows(t *testing.T) {
	c := connect(t, pp(5, 1, sel, 0, 0, integer(true)), pq(7, 1, 0, items(1)), pq(9, 1, 100, items(1)))
	stmt, err := c.Prepare(t.Context(), sel)
	if err != nil {
		t.Fatal(err)
	}
	if got := stmt.Columns(); len(got) != 1 || got[0].Name != "n" {
		t.Errorf("columns: %+v", got)
	}
	older, err := stmt.Query(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	newer, err := stmt.Query(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := older.Next(t.Context()); err == nil || err == io.EOF {
		t.Errorf("older: %v", err)
	}
	if got, err := read(t.Context(), newer); err != io.EOF || len(got) != 1 {
		t.Errorf("newer: %q, %v", got, err)
	}
}

func TestAPreparedTextThatWasGivenBackIsNotPreparedAgain(t *testing.T) {
	c := connect(t, pp(5, 1, insert, 0, 0, must(wire.Metadata{}.Append(nil, wire.Unicode, 0))), pu(7, 1, 0, items(1)), pu(9, 1, 0, items(1)))
	for range 2 {
		stmt, err := c.Prepare(t.Context(), insert)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stmt.ExecBatch(t.Context(), nil); err != nil {
			t.Error(err)
		}
		if err := stmt.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A reply may hold no row without being the last: it is asked on, but not for ever.
func TestEmptyPagesAreAskedPast(t *testing.T) {
	first := dq(5, 1, sel, reply(5, 1, 0, integer(true)), reply(5, 1, 0, nil))
	c := connect(t, first, fd(7, 1, 0, nil), fd(9, 1, 0, items(1)), fd(11, 1, 0, nil), fd(13, 1, 0, nil), fd(15, 1, 0, items(2)), fd(17, 1, 100, nil))
	if got := query(t, c, sel); !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("got %q", got)
	}
	c = connect(t, first, fd(7, 1, 0, nil), fd(9, 1, 0, nil), fd(11, 1, 0, nil))
	if got := query(t, c, sel); len(got) != 0 {
		t.Errorf("got %q", got)
	}
}

func TestRowsThatDoNotFitTheirColumnsEndTheConnection(t *testing.T) {
	two := must(wire.Metadata{Columns: make([]wire.Column, 2)}.Append(nil, wire.Unicode, 0))
	for name, tt := range map[string]struct {
		metadata, rows []byte
		got            int
		want           string
	}{
		"half a row":  {two, items(1, 2, 3), 1, "unexpected EOF"},
		"half a cell": {two, items(1, 2, bytesOf("05 01 'a'")), 1, "4 bytes announced at offset 6, 2 remain"},
		"no columns":  {must(wire.Metadata{}.Append(nil, wire.Unicode, 0)), items(1), 0, "rows of no columns"},
	} {
		c := connect(t, dq(5, 1, sel, reply(5, 1, 0, tt.metadata), reply(5, 1, 100, tt.rows)))
		rows, err := c.Query(t.Context(), sel)
		if err != nil {
			t.Fatal(err)
		}
		got, err := read(t.Context(), rows)
		want := "connection lost after DQ was sent: protocol error: reply to DQ: " + tt.want
		if len(got) != tt.got || !errors.Is(err, client.ErrLost) || err.Error() != want || c.Lost() == nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestOfVeryManyTextsTheOldestAreForgotten(t *testing.T) {
	const texts = 2001
	var steps []step
	id := uint32(5)
	for i := range texts {
		steps = append(steps, du(id, uint32(i+1), sqlOf(i), 0, items(0, 1, 1)))
		id += 2
	}
	steps = append(steps, pu(id, texts, 0, items(1)), du(id+2, texts+1, sqlOf(0), 0, items(0, 1, 1)))
	c := connect(t, steps...)
	for i := range texts {
		exec(t, c, sqlOf(i))
	}
	exec(t, c, sqlOf(texts-1))
	exec(t, c, sqlOf(0))
}

func sqlOf(i int) string { return fmt.Sprintf("DELETE FROM T WHERE n = %d", i) }

// The JDBC driver reads from the reply to a failed batch what became of each set; a server may say nothing of it.
func TestAFailedBatchSaysWhatBecameOfItsSetsIfItIsTold(t *testing.T) {
	one := must(wire.Metadata{Params: make([]wire.Param, 1)}.Append(nil, wire.Unicode, 0))
	for name, tt := range map[string]struct {
		body []byte
		want []int64
	}{"told": {items(1, -119, 1), []int64{1, -119, 1}}, "not told": {nil, nil}, "told of too few": {items(1, -119), nil}} {
		c := connect(t, pp(5, 1, ins, 1, 0, one),
			ask(7, 1, wire.PU, bytesOf("02 01 02 04 03 04 03 03 04 01  03 04 01 03 04 02 03 04 03"), 119, tt.body), oe(9, 1, 119, words))
		stmt, err := c.Prepare(t.Context(), "INSERT INTO T VALUES ( ? )")
		if err != nil {
			t.Fatal(err)
		}
		values := stmt.NewValues()
		for i := range 3 {
			values.Int(int64(i + 1))
		}
		_, err = stmt.ExecBatch(t.Context(), values)
		var refused *client.SQLError
		var batch *client.BatchError
		if !errors.As(err, &refused) || err.Error() != "SQLCODE -119: "+words {
			t.Errorf("%s: %v", name, err)
		}
		if told := errors.As(err, &batch); told != (tt.want != nil) || told && !slices.Equal(batch.Counts, tt.want) {
			t.Errorf("%s: %v", name, batch)
		}
	}
}
