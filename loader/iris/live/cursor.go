package live

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/irisfix/irisfix/loader/iris/client"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

var cursorQuestions = []Question{
	{"other requests between two pages of a query", "the query goes on: cursors are kept by statement id", "Streams are read while the rows are.", interleaved, ""},
	{"a query across COMMIT and ROLLBACK", "not known; nothing is read across them", "", acrossCommit, ""},
	{"a statement id that is not known", "status 404, and nothing is done", "A statement that a server forgot is sent again, once.", unknownID, ""},
	{"a prepared statement after ALTER TABLE", "not known; the client prepares again after DDL", "", afterDDL, ""},
	{"the text of an error (OE)", "begins with [SQLCODE: <-119>:<…>]", "", errorWords, "nothing is read from it; it is shown"},
	{"COMMIT and ROLLBACK without a transaction (TC, TR)", "no error", "", endNothing, ""},
}

// interleaved reads a stream after every row of a result of several pages.
func interleaved(b *bench) (Answer, error) {
	const rows = 40
	filler := strings.Repeat("x", 20_000)
	b.run("CREATE TABLE QMixed (n INTEGER, filler VARCHAR(20000), v LONGVARCHAR)")
	for n := range rows {
		b.put("INSERT INTO QMixed (n, filler, v) VALUES (?, ?, ?)", n, filler, fmt.Sprint("stream ", n))
	}
	if b.err != nil {
		return Answer{}, b.err
	}
	list, err := b.Query(b.ctx, "SELECT n, filler, v FROM QMixed ORDER BY n")
	if err != nil {
		return Answer{}, err
	}
	defer list.Close()
	for n := 0; ; n++ {
		row, err := list.Next(b.ctx)
		if err == io.EOF {
			return told(n == rows, fmt.Sprintf("%d of %d rows, with a stream read and a query made after each", n, rows))
		}
		var refused *client.SQLError
		if errors.As(err, &refused) {
			return told(false, fmt.Sprintf("row %d: %s", n, brief(refused.Error())))
		}
		if err != nil {
			return Answer{}, err
		}
		data, err := b.stream(append([]byte{}, row[2].Data...))
		if err != nil || string(data) != fmt.Sprint("stream ", n) {
			return told(false, fmt.Sprintf("the stream of row %d is %q: %v", n, data, err))
		}
		b.see("SELECT COUNT(*) FROM QMixed")
	}
}

func acrossCommit(b *bench) (Answer, error) {
	b.run("CREATE TABLE QAcross (v VARCHAR(20000))")
	for range 20 {
		b.put("INSERT INTO QAcross (v) VALUES (?)", strings.Repeat("x", 20_000))
	}
	r, err := b.raw(wire.Version, wire.ReadUncommitted)
	if err = errors.Join(b.err, err); err != nil {
		return Answer{}, err
	}
	var said []string
	for _, code := range []wire.Code{wire.TC, wire.TR} {
		if _, err := r.update("START TRANSACTION", wire.KeysDefault); err != nil {
			return Answer{}, err
		}
		id, _, page, err := r.query("SELECT v FROM QAcross", 0)
		if err != nil {
			return Answer{}, err
		}
		if page.status != wire.StatusOK {
			return Answer{"all rows came in one page", Unsettled}, nil
		}
		if _, err := r.ask(code, 0, nil); err != nil {
			return Answer{}, err
		}
		next, err := r.ask(wire.FD, id, nil)
		if err != nil {
			return Answer{}, err
		}
		said = append(said, fmt.Sprintf("after %s the next page has status %d and %d bytes", code, next.status, len(next.body)))
	}
	return Answer{strings.Join(said, "; "), Unsettled}, nil
}

func unknownID(b *bench) (Answer, error) {
	r, err := b.raw(wire.Version, wire.ReadUncommitted)
	if err != nil {
		return Answer{}, err
	}
	query, err := wire.Execute{}.Append(nil, r.chars)
	if err != nil {
		return Answer{}, err
	}
	update, err := wire.PreparedUpdate{}.Append(nil, r.chars)
	if err != nil {
		return Answer{}, err
	}
	var said []string
	right := true
	for _, request := range []struct {
		code wire.Code
		body []byte
	}{{wire.PQ, query}, {wire.PU, update}, {wire.FD, nil}} {
		got, err := r.ask(request.code, 4711, request.body)
		if err != nil {
			return told(false, fmt.Sprintf("%s ended the connection: %v", request.code, err))
		}
		right = right && got.status == wire.StatusUnknown
		said = append(said, fmt.Sprintf("%s: %v", request.code, got))
	}
	return told(right, strings.Join(said, "; "))
}

func afterDDL(b *bench) (Answer, error) {
	b.run("CREATE TABLE QAltered (v INTEGER)", "INSERT INTO QAltered (v) VALUES (1)")
	r, err := b.raw(wire.Version, wire.ReadUncommitted)
	if err = errors.Join(b.err, err); err != nil {
		return Answer{}, err
	}
	id, _, before, err := r.query("SELECT * FROM QAltered", 0)
	if err != nil {
		return Answer{}, err
	}
	b.run("ALTER TABLE QAltered ADD COLUMN w INTEGER DEFAULT 5")
	again, err := wire.Execute{}.Append(nil, r.chars)
	if err != nil {
		return Answer{}, err
	}
	after, err := r.ask(wire.PQ, id, again)
	if err != nil {
		return Answer{"PQ ended the connection: " + brief(err.Error()), Unsettled}, nil
	}
	return Answer{fmt.Sprintf("SELECT *: %v; after ADD COLUMN by its id: %v", before, after), Unsettled}, b.err
}

func errorWords(b *bench) (Answer, error) {
	b.run("CREATE TABLE QOnce (v INTEGER NOT NULL UNIQUE)", "INSERT INTO QOnce (v) VALUES (1)")
	_, err := b.Exec(b.ctx, "INSERT INTO QOnce (v) VALUES (1)")
	var refused *client.SQLError
	if !errors.As(err, &refused) {
		return told(false, fmt.Sprint("a duplicate: ", err))
	}
	return told(refused.Code == -119 && strings.HasPrefix(refused.Text, "[SQLCODE: <-119>:<"), fmt.Sprintf("status %d, %q", refused.Status, refused.Text))
}

func endNothing(b *bench) (Answer, error) {
	committed, undone := b.outcome(b.Commit(b.ctx)), b.outcome(b.Rollback(b.ctx))
	return told(committed == done && undone == done, fmt.Sprintf("TC: %s; TR: %s", committed, undone))
}
