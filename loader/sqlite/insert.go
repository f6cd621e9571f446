package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
)

const (
	statementRows = 100    // rows put in by one statement: beyond it nothing is gained
	maxParameters = 32_766 // of a statement, https://www.sqlite.org/limits.html
)

// inserter puts batches into one table.
type inserter struct {
	tx      *tx
	table   *dat.Table
	columns []dat.Column
	classes []class
	many    *sqlite3.Stmt // rows at once
	one     *sqlite3.Stmt
	perMany int
	rows    int64
	text    []byte
}

// Insert implements [loader.Content].
func (x *tx) Insert(ctx context.Context, t *dat.Table) (loader.Inserter, error) {
	x.db.SetInterrupt(ctx)
	found, err := x.db.find(t.Name)
	if err != nil || found == nil {
		return nil, errors.Join(translate(err), fmt.Errorf("%s: no such table", t.Name))
	}
	in := &inserter{tx: x, table: t, columns: t.Stored()}
	names := make([]string, len(in.columns))
	for i := range in.columns {
		k := slices.IndexFunc(found.columns, func(f column) bool { return fold(f.name) == fold(in.columns[i].Name) })
		names[i] = found.columns[k].name
		in.classes = append(in.classes, classOf(&in.columns[i], affinityOf(found.columns[k].declared, found.strict)))
	}
	in.perMany = max(1, min(statementRows, maxParameters/len(names)))
	head := "INSERT INTO " + quote(found.name) + " (" + quoteAll(names) + ") VALUES "
	row := "(" + strings.TrimSuffix(strings.Repeat("?,", len(names)), ",") + ")"
	if in.one, err = x.db.prepare(head + row); err != nil {
		return nil, translate(err)
	}
	if in.many, err = x.db.prepare(head + strings.TrimSuffix(strings.Repeat(row+",", in.perMany), ",")); err != nil {
		return nil, errors.Join(translate(err), in.one.Close())
	}
	return in, nil
}

// Insert implements [loader.Inserter].
func (in *inserter) Insert(ctx context.Context, b *dat.Batch) error {
	in.tx.db.SetInterrupt(ctx)
	for i := 0; i < b.Rows; {
		n := in.perMany
		if b.Rows-i < n {
			n = 1
		}
		if err := in.put(b, i, n); err != nil {
			return err
		}
		i += n
	}
	in.rows += int64(b.Rows)
	return nil
}

// put inserts n rows: one, or as many as the large statement takes. If that fails, they are tried one by one to tell
// which of them it was.
func (in *inserter) put(b *dat.Batch, i, n int) error {
	st := in.one
	if n > 1 {
		st = in.many
	}
	for k := range n {
		if err := in.bind(st, k*len(in.columns), b, i+k); err != nil {
			return in.refused(i+k, err)
		}
	}
	err := st.Exec()
	switch {
	case err == nil:
		return nil
	case n == 1 || !errors.Is(err, sqlite3.CONSTRAINT):
		return in.refused(i, err)
	}
	for k := range n {
		if err := in.put(b, i+k, 1); err != nil {
			return err
		}
	}
	return in.refused(i, err)
}

func (in *inserter) refused(i int, err error) error {
	return &loader.RowError{Table: in.table.Name, Row: in.rows + int64(i) + 1, Err: translate(err)}
}

// bind sets the parameters after the first ones to a row.
func (in *inserter) bind(st *sqlite3.Stmt, after int, b *dat.Batch, row int) error {
	for k := range in.columns {
		if err := in.bindValue(st, after+k+1, k, &b.Columns[k], row); err != nil {
			return err
		}
	}
	return nil
}

func (in *inserter) bindValue(st *sqlite3.Stmt, param, k int, v *dat.Vector, row int) error {
	c := &in.columns[k]
	switch {
	case v.IsNull(row):
		return st.BindNull(param)
	case in.classes[k] == asInteger:
		return st.BindInt64(param, v.Int[row])
	case in.classes[k] == asReal:
		return st.BindFloat(param, v.Float[row])
	case in.classes[k] == asNumber && v.Kind == dat.Int && isExact(v.Int[row]):
		return bindExact(st, param, v.Int[row], *c.Scale)
	case in.classes[k] == asNumber:
		in.text = v.FormatDecimal(in.text[:0], c, row)
		return bindNumber(st, param, in.text)
	case in.classes[k] == asBlob:
		if data := v.Bytes(row); len(data) > 0 {
			return st.BindBlob(param, data)
		}
		return st.BindZeroBlob(param, 0) // an empty slice could be taken for NULL
	case v.Kind == dat.Bytes && !isDecimal(c):
		return bindText(st, param, v.Bytes(row))
	}
	in.text = v.AppendText(in.text[:0], c, row)
	return bindText(st, param, in.text)
}

func isDecimal(c *dat.Column) bool { return c.Precision != nil && c.Scale != nil }

// bindText binds text, of which an empty one could be taken for NULL.
func bindText(st *sqlite3.Stmt, param int, text []byte) error {
	if len(text) == 0 {
		return st.BindText(param, "")
	}
	return st.BindRawText(param, text)
}

// isExact reports an unscaled number of so few digits that each decimal with them has a float64 of its own.
func isExact(unscaled int64) bool {
	const limit = 1e15 // 10 to the maxExactDigits
	return -limit < unscaled && unscaled < limit
}

// exact is the float64 nearest to the decimal, and whether the decimal is whole. Both operands of the division are
// exact, so the result is the nearest; and it is whole only if the decimal is.
func exact(unscaled int64, scale int) (x float64, whole bool) {
	x = float64(unscaled) / math.Pow10(scale)
	return x, float64(int64(x)) == x
}

// bindExact is [bindNumber] without the way through text.
func bindExact(st *sqlite3.Stmt, param int, unscaled int64, scale int) error {
	x, whole := exact(unscaled, scale)
	if whole {
		return st.BindInt64(param, int64(x))
	}
	return st.BindFloat(param, x)
}

// bindNumber binds a decimal as the integer or real that it is. A real gives back the same decimal digits, or it is
// refused.
func bindNumber(st *sqlite3.Stmt, param int, text []byte) error {
	number := string(text)
	if strings.Contains(number, ".") {
		number = strings.TrimSuffix(strings.TrimRight(number, "0"), ".")
	}
	if n, err := strconv.ParseInt(number, 10, 64); err == nil {
		return st.BindInt64(param, n)
	}
	x, err := strconv.ParseFloat(number, 64)
	if err != nil || strconv.FormatFloat(x, 'f', -1, 64) != number {
		return fmt.Errorf("%s has more digits than SQLite keeps in a number", number)
	}
	return st.BindFloat(param, x)
}

// Close ends the loading of the table. The indexes of a table that was created for it are made now.
func (in *inserter) Close() error {
	err := errors.Join(in.many.Close(), in.one.Close())
	if t := in.tx.created[in.table.Name]; t != nil && err == nil {
		return in.tx.createIndexes(t)
	}
	return err
}

// Delete implements [loader.Content].
func (x *tx) Delete(ctx context.Context, t *dat.Table, b *dat.Batch) (deleted int64, err error) {
	x.db.SetInterrupt(ctx)
	found, err := x.db.find(t.Name)
	if err != nil || found == nil {
		return 0, errors.Join(translate(err), fmt.Errorf("%s: no such table", t.Name))
	}
	key, columns := t.Key(), t.Stored()
	in := &inserter{tx: x, table: t}
	var where []string
	for _, k := range key {
		i := slices.IndexFunc(found.columns, func(f column) bool { return fold(f.name) == fold(columns[k].Name) })
		in.columns = append(in.columns, columns[k])
		in.classes = append(in.classes, classOf(&columns[k], affinityOf(found.columns[i].declared, found.strict)))
		where = append(where, quote(found.columns[i].name)+" IS ?")
	}
	st, err := x.db.prepare("DELETE FROM " + quote(found.name) + " WHERE " + strings.Join(where, " AND "))
	if err != nil {
		return 0, translate(err)
	}
	defer finish(st, &err)
	for row := range b.Rows {
		for i, k := range key {
			if err := in.bindValue(st, i+1, i, &b.Columns[k], row); err != nil {
				return deleted, err
			}
		}
		if err := st.Exec(); err != nil {
			return deleted, translate(err)
		}
		deleted += x.db.Changes()
	}
	return deleted, nil
}

func quoteJSON(s string) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string can always be encoded
	}
	return b
}
