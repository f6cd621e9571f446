package sqlite_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/sqlite"
)

// typesOf returns the types of the first table of a fixture, as name TYPE(length|precision,scale).
func typesOf(t testing.TB, dir string) string {
	t.Helper()
	f, err := bundle.OpenDir(dir, bundle.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, c, err := f.OpenTable(t.Context(), f.Manifest.Files()[0])
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var list []string
	for _, c := range r.Stored() {
		s := c.SQLType
		switch {
		case c.Scale != nil:
			s += fmt.Sprintf("(%d,%d)", *c.Precision, *c.Scale)
		case c.Precision != nil:
			s += fmt.Sprintf("(%d)", *c.Precision)
		case c.ElementType != "":
			s += fmt.Sprintf("(%s,%d)", c.ElementType, c.Length)
		case c.Length > 0:
			s += fmt.Sprintf("(%d)", c.Length)
		}
		if c.Nanos {
			s += " ns"
		}
		list = append(list, s)
	}
	return strings.Join(list, ", ")
}

// A declared type is kept if every value fits it exactly and comes back the same; else the storage class decides.
func TestTypesFromSQLite(t *testing.T) {
	tests := []struct{ declared, values, want, warning string }{
		{"INTEGER", "1), (-2147483648), (NULL", "INTEGER", ""},
		{"INTEGER", "1), (2147483648", "BIGINT", "declared INTEGER, stored as BIGINT: row 2 holds 2147483648"},
		{"INT", "1", "INTEGER", ""},
		{"BIGINT", "9223372036854775807", "BIGINT", ""},
		{"TINYINT", "127), (-128", "TINYINT", ""},
		{"TINYINT", "128", "BIGINT", "declared TINYINT, stored as BIGINT: row 1 holds 128"},
		{"BOOLEAN", "0), (1), (NULL", "BIT", ""},
		{"BOOLEAN", "'true'), ('false'", "LONGVARCHAR", `declared BOOLEAN, stored as LONGVARCHAR: row 1 holds "true"`},
		{"DECIMAL(10,2)", "1), (0.99), (-12345678.9", "DECIMAL(10,2)", ""},
		{"decimal ( 10 , 2 )", "1.5", "DECIMAL(10,2)", ""},
		{"DECIMAL(10,2)", "0.999", "DOUBLE", "declared DECIMAL(10,2), stored as DOUBLE: row 1 holds 0.999"},
		{"DECIMAL(10,2)", "123456789", "BIGINT", "declared DECIMAL(10,2), stored as BIGINT: row 1 holds 123456789"},
		{"DECIMAL(18,0)", "999999999999999999", "DECIMAL(18,0)", ""},
		{"DECIMAL(60,2)", "1.5", "DOUBLE", ""},
		{"NUMERIC", "1), (2.5", "DOUBLE", "declared NUMERIC, stored as DOUBLE: row 2 holds 2.5"},
		{"MONEY", "1.2345", "MONEY(19,4)", ""},
		{"DOUBLE", "1), (1e300), (9e999", "DOUBLE", ""},
		{"DOUBLE PRECISION", "0.1", "DOUBLE", ""},
		{"REAL", "'text'", "LONGVARCHAR", `declared REAL, stored as LONGVARCHAR: row 1 holds "text"`},
		{"VARCHAR(3)", "''), ('abc'), (NULL", "VARCHAR(3)", ""},
		{"VARCHAR(3)", "'abcd'", "LONGVARCHAR", `declared VARCHAR(3), stored as LONGVARCHAR: row 1 holds "abcd"`},
		{"VARCHAR(2)", "'🎉'", "VARCHAR(2)", ""},
		{"VARCHAR(1)", "'🎉'", "LONGVARCHAR", `declared VARCHAR(1), stored as LONGVARCHAR: row 1 holds "🎉"`},
		{"NVARCHAR(160)", "'x'", "VARCHAR(160)", ""},
		{"TEXT", "'x'", "LONGVARCHAR", ""},
		{"", "'x'", "LONGVARCHAR", ""},
		{"", "NULL", "LONGVARCHAR", ""},
		{"", "1), (2", "BIGINT", ""},
		{"", "1), (2.5", "DOUBLE", ""},
		{"BLOB", "x'00'), (x''", "LONGVARBINARY", ""},
		{"VARBINARY(2)", "x'0001'", "VARBINARY(2)", ""},
		{"DATE", "'2024-02-29'), (NULL", "DATE", ""},
		{"DATE", "'2024-02-30'", "LONGVARCHAR", `declared DATE, stored as LONGVARCHAR: row 1 holds "2024-02-30"`},
		{"DATE", "20240229", "BIGINT", "declared DATE, stored as BIGINT: row 1 holds 20240229"},
		{"TIME", "'23:59:59.5'", "TIME", ""},
		{"TIME", "'23:59:59.1234567'", "TIME ns", ""},
		{"TIME(3)", "'23:59:59.123'", "TIME(3)", ""},
		{"TIME(2)", "'23:59:59.123'", "LONGVARCHAR", `declared TIME(2), stored as LONGVARCHAR: row 1 holds "23:59:59.123"`},
		{"DATETIME", "'2024-01-31 12:00:00'), ('0001-01-01 00:00:00.000001'", "DATETIME", ""},
		{"DATETIME", "'2024-01-31 12:00:00.123456789'", "DATETIME ns", ""},
		{"DATETIME", "'0001-01-01 00:00:00'), ('2024-01-31 12:00:00.123456789'", "LONGVARCHAR", `declared DATETIME, stored as LONGVARCHAR: row 2 holds "2024-01-31 12:00:00.123456789"`},
		{"DATETIME", "'2024-01-31T12:00:00'", "LONGVARCHAR", `declared DATETIME, stored as LONGVARCHAR: row 1 holds "2024-01-31T12:00:00"`},
		{"TIMESTAMP", "'2024-01-31 12:00:00.500'", "LONGVARCHAR", `declared TIMESTAMP, stored as LONGVARCHAR: row 1 holds "2024-01-31 12:00:00.500"`},
		{"UNIQUEIDENTIFIER", "'123e4567-e89b-12d3-a456-426614174000'", "UNIQUEIDENTIFIER", ""},
		{"UNIQUEIDENTIFIER", "'abc'", "LONGVARCHAR", `declared UNIQUEIDENTIFIER, stored as LONGVARCHAR: row 1 holds "abc"`},
		{`"VECTOR(DOUBLE, 3)"`, "'1,2.5,-3e9'", "VECTOR(DOUBLE,3)", ""},
		{`"VECTOR(DOUBLE, 3)"`, "'1,2'", "LONGVARCHAR", `declared VECTOR(DOUBLE, 3), stored as LONGVARCHAR: row 1 holds "1,2"`},
		{"MYTYPE", "'x'", "LONGVARCHAR", ""},
	}
	for _, tt := range tests {
		t.Run(tt.declared+" "+tt.values, func(t *testing.T) {
			from := database(t, "CREATE TABLE t (c "+tt.declared+"); INSERT INTO t VALUES ("+tt.values+")")
			dir, r, err := create(t, from)
			if err != nil {
				t.Fatal(err)
			}
			if got := typesOf(t, dir); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			warning := ""
			for _, w := range r.Warnings {
				warning += strings.TrimPrefix(w.Subject+": "+w.Message, "t.c: ")
			}
			if warning != tt.warning {
				t.Errorf("warning %q, want %q", warning, tt.warning)
			}
			to := t.TempDir() + "/to.db"
			mustLoad(t, dir, to)
			const all = "SELECT typeof(c), quote(c) FROM t"
			if was, is := query(t, from, all), query(t, to, all); was != is && !strings.Contains(tt.values, "), (2.5") {
				t.Errorf("was %s, is %s", was, is)
			}
			if a, b := digestOf(t, dir), digestOf(t, mustCreate(t, to)); a != b {
				t.Errorf("created again: another digest, %s", typesOf(t, mustCreate(t, to)))
			}
		})
	}
}

func TestWhatCannotBeKeptExactlyIsRefused(t *testing.T) {
	tests := []struct{ sql, want string }{
		{"CREATE TABLE t (c); INSERT INTO t VALUES (1), ('a'), (2)", `table "t", column "c", row 2: values of several storage classes: 2 INTEGER, 1 TEXT`},
		{"CREATE TABLE t (c TEXT); INSERT INTO t VALUES ('a'), (x'00'), ('b')", `table "t", column "c", row 2: values of several storage classes: 2 TEXT, 1 BLOB`},
		{"CREATE TABLE t (c); INSERT INTO t VALUES (1.5), (9007199254740993)", `table "t", column "c", row 2: reals and an integer that a DOUBLE does not hold exactly: 1 INTEGER, 1 REAL`},
		{"CREATE TABLE t (c TEXT); INSERT INTO t VALUES ('fine'), (CAST(x'ff' AS TEXT))", `table "t", column "c", row 2: text that is not UTF-8`},
	}
	for _, tt := range tests {
		dir, _, err := create(t, database(t, tt.sql))
		if err == nil || err.Error() != tt.want {
			t.Errorf("got  %v\nwant %s", err, tt.want)
		}
		if left := entries(t, dir); left != "" {
			t.Errorf("left behind: %s", left)
		}
	}
}

// Whatever SQLite's own words for types, defaults and collations say, what was loaded gives the same fixture again.
func TestRandomDeclarationsComeBackTheSame(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 3))
			dir := mustCreate(t, database(t, randomSQL(r)))
			to := t.TempDir() + "/to.db"
			mustLoad(t, dir, to)
			if a, b := digestOf(t, dir), digestOf(t, mustCreate(t, to)); a != b {
				t.Errorf("%s became %s", a, b)
			}
		})
	}
}

// randomSQL makes up to four tables that refer to each other.
func randomSQL(r *rand.Rand) string {
	types := []string{"INTEGER", "TEXT", "REAL", "BLOB", "", "VARCHAR(20)", "DECIMAL(12,3)", "DATE", "DATETIME", "BOOLEAN", "BIGINT", "ANYTHING", "INT UNSIGNED"}
	values := map[string][]string{
		"INTEGER": {"0", "1", "-5", "4294967296"}, "TEXT": {"''", "'x'", "'Ünï'", "'007'"}, "REAL": {"0.5", "1e10", "-3"},
		"BLOB": {"x''", "x'00ff'"}, "": {"1", "2"}, "VARCHAR(20)": {"'a'", "'a b'"}, "DECIMAL(12,3)": {"1.5", "2", "-0.001"},
		"DATE": {"'2024-01-31'", "'0001-01-01'"}, "DATETIME": {"'2024-01-31 00:00:00'", "'2024-01-31 00:00:00.25'"}, "BOOLEAN": {"0", "1"},
		"BIGINT": {"-9223372036854775808", "9"}, "ANYTHING": {"'word'", "'text'"}, "INT UNSIGNED": {"7", "8"},
	}
	var b strings.Builder
	tables := 1 + r.IntN(4)
	for i := range tables {
		columns := 1 + r.IntN(5)
		fmt.Fprintf(&b, "CREATE TABLE \"t %d\" (id %s", i, []string{"INTEGER PRIMARY KEY", "INTEGER PRIMARY KEY AUTOINCREMENT", "TEXT PRIMARY KEY", "INT"}[r.IntN(4)])
		chosen := make([]string, columns)
		for k := range chosen {
			chosen[k] = types[r.IntN(len(types))]
			fmt.Fprintf(&b, ", c%d %s %s", k, chosen[k], []string{"", "DEFAULT 1", "COLLATE NOCASE"}[r.IntN(3)])
		}
		if i > 0 && r.IntN(2) == 0 {
			fmt.Fprintf(&b, ", ref INTEGER REFERENCES \"t %d\" ON DELETE SET NULL", r.IntN(i))
		} else {
			b.WriteString(", ref INTEGER")
		}
		if r.IntN(3) == 0 {
			b.WriteString(", UNIQUE (c0, id)")
		}
		b.WriteString(");\n")
		if r.IntN(2) == 0 {
			fmt.Fprintf(&b, "CREATE INDEX \"i %d\" ON \"t %d\" (c0, ref);\n", i, i)
		}
		for row := range r.IntN(40) {
			fmt.Fprintf(&b, "INSERT INTO \"t %d\" VALUES (%d", i, row*3)
			for _, typ := range chosen {
				if list := values[typ]; r.IntN(4) == 0 {
					b.WriteString(", NULL")
				} else {
					b.WriteString(", " + list[r.IntN(len(list))])
				}
			}
			b.WriteString(", NULL);\n")
		}
	}
	return b.String()
}

// fixed is a source of one table whose batches are given.
type fixed struct {
	table *dat.Table
	batch *dat.Batch
}

func (f fixed) Describe(context.Context) (loader.Description, error) {
	return loader.Description{Version: "test", Tables: []string{f.table.Name}}, nil
}
func (f fixed) Rows(context.Context, loader.Selection) (loader.Rows, error) {
	return &fixedRows{f, false}, nil
}

type fixedRows struct {
	fixed
	done bool
}

func (r *fixedRows) Table() *dat.Table          { return r.table }
func (r *fixedRows) Warnings() []loader.Warning { return nil }
func (r *fixedRows) Close() error               { return nil }
func (r *fixedRows) Next(_ context.Context, b *dat.Batch) error {
	if r.done {
		return io.EOF
	}
	r.done = true
	b.Append(r.batch, 0, r.batch.Rows)
	return nil
}

// A fixture from another engine, with every type: its values come into SQLite as the text and numbers that the format
// promises, and out again with the same digest.
func TestTypesIntoSQLite(t *testing.T) {
	p := func(n int) *int { return &n }
	table := &dat.Table{Format: 1, Name: "SQLUser.T", PrimaryKey: []string{"%ID"}}
	type value struct {
		column dat.Column
		text   string // of the source
		want   string // typeof and quote in SQLite
	}
	values := []value{
		{dat.Column{Name: "%ID", SQLType: "BIGINT", Identity: true}, "7", "integer 7"},
		{dat.Column{Name: "bit", SQLType: "BIT"}, "1", "integer 1"},
		{dat.Column{Name: "money", SQLType: "MONEY", Precision: p(19), Scale: p(4)}, "12345678901234.5678", "text '12345678901234.5678'"},
		{dat.Column{Name: "dec15", SQLType: "NUMERIC", Precision: p(15), Scale: p(2)}, "1234567890123.45", "real 1234567890123.45"},
		{dat.Column{Name: "dec0", SQLType: "NUMERIC", Precision: p(15), Scale: p(2)}, "5", "integer 5"},
		{dat.Column{Name: "dec38", SQLType: "DECIMAL", Precision: p(38), Scale: p(4)}, "-9999999999999999999999999999999999.0001", "text '-9999999999999999999999999999999999.0001'"},
		{dat.Column{Name: "double", SQLType: "DOUBLE"}, "1.5", "real 1.5"},
		{dat.Column{Name: "text", SQLType: "VARCHAR", Length: 5}, "007", "text '007'"},
		{dat.Column{Name: "empty", SQLType: "LONGVARCHAR"}, "", "text ''"},
		{dat.Column{Name: "binary", SQLType: "LONGVARBINARY"}, "\x00\xff", "blob X'00FF'"},
		{dat.Column{Name: "nothing", SQLType: "VARBINARY"}, "", "blob X''"},
		{dat.Column{Name: "date", SQLType: "DATE"}, "1840-12-31", "text '1840-12-31'"},
		{dat.Column{Name: "time", SQLType: "TIME", Precision: p(9)}, "23:59:59.000000001", "text '23:59:59.000000001'"},
		{dat.Column{Name: "posix", SQLType: "POSIXTIME"}, "9999-12-31 23:59:59.999999", "text '9999-12-31 23:59:59.999999'"},
		{dat.Column{Name: "ns", SQLType: "TIMESTAMP", Nanos: true}, "2024-01-31 00:00:00.000000001", "text '2024-01-31 00:00:00.000000001'"},
		{dat.Column{Name: "guid", SQLType: "UNIQUEIDENTIFIER"}, "123E4567-E89B-12D3-A456-426614174000", "text '123E4567-E89B-12D3-A456-426614174000'"},
		{dat.Column{Name: "vector", SQLType: "VECTOR", ElementType: "DOUBLE", Length: 2}, "1,2.50", "text '1,2.50'"},
	}
	for _, v := range values {
		table.Columns = append(table.Columns, v.column)
	}
	b := dat.NewBatch(table)
	for i, v := range values {
		put(t, &v.column, &b.Columns[i], v.text)
	}
	b.Rows = 1
	dir := t.TempDir() + "/f"
	o := loader.CreateOptions{Output: dir, Name: "types", Now: day}
	if _, err := loader.Create(t.Context(), fixed{table, b}, o); err != nil {
		t.Fatal(err)
	}
	to := t.TempDir() + "/to.db"
	mustLoad(t, dir, to)
	for _, v := range values {
		name := `"` + v.column.Name + `"`
		if got := query(t, to, "SELECT typeof("+name+") || ' ' || quote("+name+`) FROM "SQLUser.T"`); got != v.want {
			t.Errorf("%s %s: got %s, want %s", v.column.SQLType, v.text, got, v.want)
		}
	}
	var before, after bytes.Buffer
	copyTable(t, dir, &before)
	copyTable(t, mustCreate(t, to), &after)
	if !bytes.Equal(before.Bytes(), after.Bytes()) {
		t.Error("created again: another file")
	}
}

func put(t *testing.T, c *dat.Column, v *dat.Vector, text string) {
	t.Helper()
	ok := true
	switch c.SQLType {
	case "NUMERIC", "DECIMAL", "MONEY":
		d, _ := dat.ParseDecimal([]byte(text))
		ok = v.AppendDecimal(c, d)
	case "DOUBLE":
		v.AppendFloat(1.5)
	case "BIT", "BIGINT":
		v.AppendInt(int64(text[0] - '0'))
	case "DATE", "TIME", "POSIXTIME", "TIMESTAMP":
		var x int64
		switch c.SQLType {
		case "DATE":
			x, ok = dat.ParseDate([]byte(text))
		case "TIME":
			x, ok = dat.ParseTime([]byte(text), c.Unit())
		default:
			x, ok = dat.ParseTimestamp([]byte(text), c.Unit())
		}
		v.AppendInt(x)
	default:
		v.AppendBytes([]byte(text))
	}
	if !ok {
		t.Fatalf("%s %s", c.SQLType, text)
	}
}

func copyTable(t *testing.T, dir string, w io.Writer) {
	t.Helper()
	f, err := bundle.OpenDir(dir, bundle.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	blob, err := f.Open(t.Context(), f.Manifest.Files()[0])
	if err != nil {
		t.Fatal(err)
	}
	defer blob.Close()
	if _, err := io.Copy(w, io.NewSectionReader(blob, 0, blob.Size())); err != nil {
		t.Fatal(err)
	}
}

var _ loader.Source = (*sqlite.Source)(nil)
