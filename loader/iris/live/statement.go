package live

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

var statementQuestions = []Question{
	{"a batch whose third set of five fails, autocommit", "the other sets are carried out; the reply has one integer for each set, a negative one (-3, or the SQLCODE) for the failed",
		"", func(b *bench) (Answer, error) { return batch(b, "QBatchAlone", false) }, "every batch is in a transaction, and a failure rolls it back: only the wording of the error is another"},
	{"the same in a transaction", "the same, and the transaction stays open", "",
		func(b *bench) (Answer, error) { return batch(b, "QBatchInside", true) }, "the transaction is rolled back; only whether the row is named depends on it"},
	{"pages and fragments", "rows come in pages; replies are fragmented only above some internal size, and pages never", "", fragments, "either is read"},
	{"body of CC and CU (close cursor, close statement)", "empty, the statement id in the header; no reply; the id is unknown then (404)",
		"", closing, ""},
	{"key selector of DU", "-1 and empty are both harmless", "-1 is sent.", keySelector, ""},
	{"unit of the query timeout", "seconds; -450 when it is over", "", timeout, ""},
	{"types of dates and times", "1091 to 1093 or ODBC's, by the class of the column", "Values of other types would not be understood.", temporalTypes, ""},
	{"an integer of 8 bytes above the largest int64", "not known; text is sent instead", "", largeInteger, ""},
	{"doubles in rows", "type 8 or 9, exact", "Every DOUBLE.", doubleForms, ""},
	{"a DELETE by DQ, a SELECT by DU", "not known; neither is sent", "", wrongMessage, ""},
}

// batch inserts 1, 2, 2, 3, 4 into a unique column.
func batch(b *bench, table string, inside bool) (Answer, error) {
	b.run("CREATE TABLE " + table + " (v INTEGER NOT NULL UNIQUE)")
	r, err := b.raw(wire.Version, wire.ReadUncommitted)
	if err = errors.Join(b.err, err); err != nil {
		return Answer{}, err
	}
	if inside {
		if _, err := r.update("START TRANSACTION", wire.KeysDefault); err != nil {
			return Answer{}, err
		}
	}
	values := wire.NewValues(1, r.chars)
	for _, n := range []int64{1, 2, 2, 3, 4} {
		values.Int(n)
	}
	got, err := r.insert(table, values)
	if err != nil {
		return Answer{}, err
	}
	rows := b.see("SELECT v FROM " + table + " ORDER BY v")
	said := fmt.Sprintf("%v; seen afterwards: %s", got, rows)
	counts, bad := wire.ParseCounts(got.body, 5)
	if bad == nil {
		said += fmt.Sprintf("; counts %v", counts)
	}
	right := bad == nil && counts[2] < 0 && rows == "1; 2; 3; 4"
	if inside {
		end, err := r.ask(wire.TR, 0, nil)
		if err != nil {
			return Answer{}, err
		}
		left := b.see("SELECT v FROM " + table)
		said += fmt.Sprintf("; TR answers status %d, left after it: %s", end.status, left)
		right = right && left == "no row"
	}
	return told(right, said)
}

// insert is one PU.
func (r *raw) insert(table string, values *wire.Values) (reply, error) {
	id := r.next()
	prepare, err := wire.Prepare{SQL: "INSERT INTO " + table + " (v) VALUES (:%qpar(1))", Params: wire.UserParams(1)}.Append(nil, r.chars)
	if err != nil {
		return reply{}, err
	}
	if got, err := r.ask(wire.PP, id, prepare); err != nil || got.failed() {
		return got, err
	}
	update, err := wire.PreparedUpdate{Values: values}.Append(nil, r.chars)
	if err != nil {
		return reply{}, err
	}
	return r.ask(wire.PU, id, update)
}

func fragments(b *bench) (Answer, error) {
	const rows, width = 60, 30_000
	b.run("CREATE TABLE QPages (v VARCHAR(" + fmt.Sprint(width) + "))")
	for range rows {
		b.put("INSERT INTO QPages (v) VALUES (?)", strings.Repeat("x", width))
	}
	r, err := b.raw(wire.Version, wire.ReadUncommitted)
	if err = errors.Join(b.err, err); err != nil {
		return Answer{}, err
	}
	id, metadata, page, err := r.query("SELECT v FROM QPages", 0)
	if err != nil {
		return Answer{}, err
	}
	pages, most, cut := 1, len(page.body), max(page.fragments, metadata.fragments)
	for page.status == wire.StatusOK {
		if page, err = r.ask(wire.FD, id, nil); err != nil {
			return Answer{}, err
		}
		pages, most, cut = pages+1, max(most, len(page.body)), max(cut, page.fragments)
	}
	said := fmt.Sprintf("%d rows of %d characters in %d pages, the largest of %d bytes; fragments of a message: at most %d", rows, width, pages, most, cut)
	if page.failed() {
		return told(false, said+"; then "+page.String())
	}
	return told(cut == 1, said)
}

func closing(b *bench) (Answer, error) {
	r, err := b.raw(wire.Version, wire.ReadUncommitted)
	if err != nil {
		return Answer{}, err
	}
	id, _, _, err := r.query("SELECT 1", 0)
	if err != nil {
		return Answer{}, err
	}
	for _, code := range []wire.Code{wire.CC, wire.CU} {
		if err := r.send(code, id, nil); err != nil {
			return Answer{}, err
		}
	}
	_, _, rows, err := r.query("SELECT 2", 0)
	if err != nil {
		return told(false, fmt.Sprint("the connection ended after them: ", err))
	}
	again, err := wire.Execute{}.Append(nil, r.chars)
	if err != nil {
		return Answer{}, err
	}
	got, err := r.ask(wire.PQ, id, again)
	if err != nil {
		return told(false, fmt.Sprint("the connection ended when the id was used again: ", err))
	}
	return told(rows.status == wire.StatusEnd && got.status == wire.StatusUnknown,
		fmt.Sprintf("the next query is answered as ever (%v); the closed id again: %v", rows, got))
}

func keySelector(b *bench) (Answer, error) {
	b.run("CREATE TABLE QKeys (Id INTEGER IDENTITY, v INTEGER)")
	r, err := b.raw(wire.Version, wire.ReadUncommitted)
	if err = errors.Join(b.err, err); err != nil {
		return Answer{}, err
	}
	var said []string
	right := true
	for _, k := range []struct {
		name string
		keys wire.Keys
	}{{"-1", wire.KeysDefault}, {"empty", wire.KeysNull}} {
		got, err := r.update("INSERT INTO QKeys (v) VALUES (1)", k.keys)
		if err != nil {
			return Answer{}, err
		}
		keys, err := r.ask(wire.GG, r.statement, nil)
		if err != nil {
			return Answer{}, err
		}
		right = right && !got.failed()
		said = append(said, fmt.Sprintf("%s: %v, then GG: %v", k.name, got, keys))
	}
	return told(right, strings.Join(said, "; "))
}

func timeout(b *bench) (Answer, error) {
	r, err := b.raw(wire.Version, wire.ReadUncommitted)
	if err != nil {
		return Answer{}, err
	}
	columns := "INFORMATION_SCHEMA.COLUMNS"
	began := time.Now()
	_, metadata, rows, err := r.query(fmt.Sprintf("SELECT COUNT(*) FROM %s a, %s b, %s c, %s d WHERE a.COLUMN_NAME || b.COLUMN_NAME || c.COLUMN_NAME = d.COLUMN_NAME", columns, columns, columns, columns), 1)
	took := time.Since(began).Round(100 * time.Millisecond)
	if err != nil {
		return Answer{}, err
	}
	if metadata.failed() {
		rows = metadata
	}
	said := fmt.Sprintf("with a timeout of 1 a long query ended after %v with status %d", took, rows.status)
	if !rows.failed() {
		return Answer{said + ": it was not long enough", Unsettled}, nil
	}
	return told(rows.status == 450 && took < 20*time.Second, said)
}

func temporalTypes(b *bench) (Answer, error) {
	b.run("CREATE TABLE QTimes (a DATE, b TIME, c TIME(6), d TIMESTAMP, e TIMESTAMP2, f DATETIME)",
		"INSERT INTO QTimes (a, b, c, d, e, f) VALUES ('2025-09-16', '10:20:30', '10:20:30.123456', '2025-09-16 10:20:30.123456', '2025-09-16 10:20:30.123456', '2025-09-16 10:20:30')")
	if b.err != nil {
		return Answer{}, b.err
	}
	rows, err := b.Query(b.ctx, "SELECT a, b, c, d, e, f FROM QTimes")
	if err != nil {
		return Answer{}, err
	}
	defer rows.Close()
	row, err := rows.Next(b.ctx)
	if err != nil {
		return Answer{}, err
	}
	names := []string{"DATE", "TIME", "TIME(6)", "TIMESTAMP", "TIMESTAMP2", "DATETIME"}
	var said []string
	right := true
	for i, c := range rows.Columns() {
		said = append(said, fmt.Sprintf("%s is type %d: %s", names[i], c.Type, show(row[i], b.Charset())))
		switch c.Type {
		case wire.SQLODBCDate, wire.SQLODBCTime, wire.SQLODBCTimestamp, wire.SQLDate, wire.SQLTime, wire.SQLTimestamp,
			wire.SQLHorologDate, wire.SQLHorologTime, wire.SQLPosixTimestamp:
		default:
			right = false
		}
	}
	return told(right, strings.Join(said, "; "))
}

func largeInteger(b *bench) (Answer, error) {
	b.run("CREATE TABLE QLarge (v VARCHAR(40))")
	r, err := b.raw(wire.Version, wire.ReadUncommitted)
	if err = errors.Join(b.err, err); err != nil {
		return Answer{}, err
	}
	values := wire.NewValues(1, r.chars)
	values.Item(wire.Item{Type: wire.Positive, Data: []byte("\xff\xff\xff\xff\xff\xff\xff\xff")})
	got, err := r.insert("Large", values)
	if err != nil {
		return Answer{"it ended the connection: " + brief(err.Error()), Unsettled}, nil
	}
	return Answer{fmt.Sprintf("18446744073709551615 in VARCHAR: %v; read back: %s", got, b.see("SELECT v FROM QLarge")), Unsettled}, nil
}

func doubleForms(b *bench) (Answer, error) {
	b.run("CREATE TABLE QDoubles (n INTEGER, v DOUBLE)")
	list := []float64{1.5, 0.1, 1e300, 5e-324, 123456789}
	for i, f := range list {
		b.put("INSERT INTO QDoubles (n, v) VALUES (?, ?)", i, f)
	}
	var said []string
	exact := true
	for i, f := range list {
		row := b.items("SELECT v FROM QDoubles WHERE n = ?", i)
		if b.err != nil {
			return Answer{}, b.err
		}
		got, err := double(row[0])
		exact = exact && err == nil && got == f
		said = append(said, fmt.Sprintf("%g is a %s, %s", f, row[0].Type, hexed(row[0].Data)))
	}
	return told(exact, strings.Join(said, "; "))
}

func wrongMessage(b *bench) (Answer, error) {
	b.run("CREATE TABLE QWrong (v INTEGER)", "INSERT INTO QWrong (v) VALUES (1)")
	r, err := b.raw(wire.Version, wire.ReadUncommitted)
	if err = errors.Join(b.err, err); err != nil {
		return Answer{}, err
	}
	query, err := r.update("SELECT v FROM QWrong", wire.KeysDefault)
	if err != nil {
		return Answer{"SELECT by DU ended the connection: " + brief(err.Error()), Unsettled}, nil
	}
	// One or two replies: which is the question, so the connection is not used again.
	body, err := wire.Query{SQL: "DELETE FROM QWrong"}.Append(nil, r.chars)
	if err != nil {
		return Answer{}, err
	}
	first, err := r.ask(wire.DQ, r.next(), body)
	return Answer{fmt.Sprintf("SELECT by DU: %v; DELETE by DQ: %v %s; rows left: %s", query, first, errorText(err), b.see("SELECT COUNT(*) FROM QWrong")), Unsettled}, nil
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return brief(err.Error())
}
