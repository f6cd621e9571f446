package targettest

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
)

// typeCase is a column and values that it must bring back, the extremes of its type among them. NULL is always added.
type typeCase struct {
	name   string
	column dat.Column
	values []any
}

func types() []typeCase {
	nanos := func(sqlType string) dat.Column { c := column("v", sqlType); c.Nanos = true; return c }
	vector := func(element string, n int) dat.Column {
		c := column("v", "VECTOR", n)
		c.ElementType = element
		return c
	}
	times := []any{"00:00:00", "23:59:59.999999", "12:34:56.1", "12:00:00"}
	stamps := []any{"0001-01-01 00:00:00", "9999-12-31 23:59:59.999999", "1582-10-10 00:00:00", "2024-02-29 23:59:59.5", "1970-01-01 00:00:00"}
	text := []any{"", " ", "NULL", "a\x00b", "é", "e\u0301", "🎉", "שלום", "\ufeffbom", "\ufffd", "\U0010ffff", "tail  ", "\r\n\t", `it's "q" \ %`, "007", "1e5", "-0", "true"}
	long := strings.Repeat("long Ünï 🎉 ", 60_000)
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	bytes := []any{[]byte{}, []byte{0, 0}, []byte("text"), every}
	nines := strings.Repeat("9", 38)
	return []typeCase{
		{"BIT", column("v", "BIT"), []any{0, 1}},
		{"TINYINT", column("v", "TINYINT"), []any{-128, 127, 0}},
		{"SMALLINT", column("v", "SMALLINT"), []any{math.MinInt16, math.MaxInt16}},
		{"INTEGER", column("v", "INTEGER"), []any{math.MinInt32, math.MaxInt32}},
		{"BIGINT", column("v", "BIGINT"), []any{-math.MaxInt64, math.MaxInt64, 1<<53 + 1}},
		{"BIGINT lowest", column("v", "BIGINT"), []any{math.MinInt64}},
		{"SERIAL", column("v", "SERIAL"), []any{1, math.MaxInt64}},
		{"NUMERIC of 15 digits", column("v", "NUMERIC", 15, 2), []any{"9999999999999.99", "-9999999999999.99", "0.01", "0.00", "100.00"}},
		{"NUMERIC of fractions", column("v", "NUMERIC", 15, 15), []any{"0.999999999999999", "-0.000000000000001"}},
		{"NUMERIC of 18 digits", column("v", "NUMERIC", 18, 6), []any{"999999999999.999999", "-999999999999.999999"}},
		{"DECIMAL of 38 digits", column("v", "DECIMAL", 38, 0), []any{nines, "-" + nines, "0"}},
		{"DECIMAL of 38 fractions", column("v", "DECIMAL", 38, 38), []any{"0." + nines, "-0." + nines}},
		{"MONEY", column("v", "MONEY", 19, 4), []any{"922337203685477.5807", "-922337203685477.5807"}},
		{"MONEY lowest", column("v", "MONEY", 19, 4), []any{"-922337203685477.5808"}},
		{"DOUBLE", column("v", "DOUBLE"), []any{math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, 0.1, 0.0, 5.0, 1e15, math.Nextafter(1, 2)}},
		{"DOUBLE infinite", column("v", "DOUBLE"), []any{math.Inf(1), math.Inf(-1)}},
		{"DOUBLE NaN", column("v", "DOUBLE"), []any{math.NaN()}},
		{"DOUBLE -0", column("v", "DOUBLE"), []any{math.Copysign(0, -1)}},
		{"FLOAT", column("v", "FLOAT"), []any{math.MaxFloat64, math.SmallestNonzeroFloat64, 0.1}},
		{"REAL", column("v", "REAL"), []any{math.MaxFloat64, math.SmallestNonzeroFloat64, 0.1}},
		{"CHAR", column("v", "CHAR", 12), []any{"", "ab", "tail  ", "Ünï", "007"}},
		{"VARCHAR", column("v", "VARCHAR", 40), text},
		{"LONGVARCHAR", column("v", "LONGVARCHAR"), append(slices.Clone(text), long)},
		{"BINARY", column("v", "BINARY", 256), bytes},
		{"VARBINARY", column("v", "VARBINARY", 300), bytes},
		{"LONGVARBINARY", column("v", "LONGVARBINARY"), append(slices.Clone(bytes), slices.Repeat(every, 4096))},
		{"VARCHAR of one NUL", column("v", "VARCHAR", 40), []any{"\x00"}},
		{"LONGVARCHAR of one NUL", column("v", "LONGVARCHAR"), []any{"\x00"}},
		{"BINARY of one NUL", column("v", "BINARY", 9), []any{[]byte{0}}},
		{"VARBINARY of one NUL", column("v", "VARBINARY", 9), []any{[]byte{0}}},
		{"LONGVARBINARY of one NUL", column("v", "LONGVARBINARY"), []any{[]byte{0}}},
		{"DATE", column("v", "DATE"), []any{"0001-01-01", "9999-12-31", "1582-10-10", "1840-12-31", "1970-01-01", "2024-02-29"}},
		{"TIME", column("v", "TIME"), times},
		{"TIME of seconds", column("v", "TIME", 0), []any{"00:00:00", "23:59:59"}},
		{"TIME of nanoseconds", column("v", "TIME", 9), []any{"23:59:59.999999999", "00:00:00.000000001", "00:00:00"}},
		{"TIME that needs nanoseconds", nanos("TIME"), []any{"23:59:59.999999999"}},
		{"TIMESTAMP", column("v", "TIMESTAMP"), stamps},
		{"TIMESTAMP of nanoseconds", column("v", "TIMESTAMP", 9), []any{"1677-09-21 00:12:43.145224193", "2262-04-11 23:47:16.854775807"}},
		{"TIMESTAMP that needs nanoseconds", nanos("TIMESTAMP"), []any{"2024-02-29 00:00:00.000000001"}},
		{"POSIXTIME", column("v", "POSIXTIME"), stamps},
		{"DATETIME", column("v", "DATETIME", 3), []any{"0001-01-01 00:00:00.001", "9999-12-31 23:59:59.999"}},
		{"UNIQUEIDENTIFIER", column("v", "UNIQUEIDENTIFIER"), []any{"123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000"}},
		{"VECTOR of doubles", vector("DOUBLE", 3), []any{"1,2.5,-3", "0,0,0"}},
		{"VECTOR of doubles in other spellings", vector("DOUBLE", 3), []any{"1,2.50,-3e9"}},
		{"VECTOR of integers", vector("INTEGER", 2), []any{"1,-2"}},
	}
}

func everyType(s *suite) {
	for _, name := range dat.SQLTypes() {
		if !slices.ContainsFunc(types(), func(c typeCase) bool { return c.column.SQLType == name }) {
			s.Errorf("the suite has no case for %s", name)
		}
	}
	for _, c := range types() {
		s.run(c.name, func(s *suite) {
			t := tableOf("SQLUser.T", 1, column("id", "BIGINT"), c.column)
			rows := []row{{0, nil}}
			for i, v := range c.values {
				rows = append(rows, row{i + 1, v})
			}
			s.comesBack(c.name, "SQLUser.T: ", memory{with(t, rows...)})
		})
	}
}

// comesBack loads tables and takes them out again, unless the factory says that they are refused. What comes out goes
// into a second database and out again, now without any difference.
func (s *suite) comesBack(name, prefix string, src loader.Source) {
	s.Helper()
	dir, first := s.fixture(src), s.database()
	if reason, refused := s.factory.Refuses[name]; refused {
		first.refuses(dir, loader.System, prefix+reason)
		return
	}
	r, err := first.load(dir)
	if err != nil {
		s.Fatal(err)
	}
	if r.Digest.String() != s.digest(dir) {
		s.Errorf("loaded %s", r.Digest)
	}
	taken := first.taken()
	if was, is := s.tables(dir), s.tables(taken); was != is {
		s.Errorf("was\n%sis\n%s%s", was, is, s.difference(dir, taken))
	}
	second := s.database()
	second.mustLoad(taken)
	if was, is := s.digest(taken), s.digest(second.taken()); was != is {
		s.Errorf("from a second database: was %s, is %s", was, is)
	}
}

// difference tells where two fixtures differ.
func (s *suite) difference(a, b string) string {
	read := func(dir string) (list []string) {
		f := s.open(dir)
		for _, file := range f.Manifest.Files() {
			r, c, err := f.OpenTable(s.Context(), file)
			if err != nil {
				s.Fatal(err)
			}
			var text strings.Builder
			text.Write(r.Table().JSON())
			text.WriteByte('\n')
			batch := dat.NewBatch(r.Table())
			for r.Next(batch) == nil {
				write(&text, r.Table(), batch)
			}
			c.Close()
			list = append(list, text.String())
		}
		return list
	}
	return "was\n" + strings.Join(read(a), "") + "is\n" + strings.Join(read(b), "")
}

// refuses holds that a load is a conflict for exactly this reason and changes nothing, tried out or done.
func (d *database) refuses(dir string, of loader.Obstacle, reason string, change ...func(*loader.LoadOptions)) {
	d.Helper()
	before := d.content()
	want := d.place() + ": " + reason
	for _, dry := range []bool{true, false} {
		_, err := d.load(dir, append(slices.Clone(change), func(o *loader.LoadOptions) { o.DryRun = dry })...)
		var conflict *loader.ConflictError
		if !errors.As(err, &conflict) || err.Error() != want {
			d.Errorf("dry run %v: got  %v\nwant %s", dry, err, want)
		} else if slices.ContainsFunc(conflict.Conflicts, func(c loader.Conflict) bool { return c.Obstacle != of }) {
			d.Errorf("not of the kind %d: %+v", of, conflict.Conflicts)
		}
	}
	d.unchanged(before)
}

// randomTables is the property that all others are examples of.
func randomTables(s *suite) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 3))
		s.run(fmt.Sprint("seed ", seed), func(s *suite) {
			s.comesBack("", "", s.randomMemory(r))
		})
	}
}

// randomMemory makes up to four tables of any types that refer to each other.
func (s *suite) randomMemory(r *rand.Rand) (m memory) {
	for i := range 1 + r.IntN(4) {
		name := string(rune('a'+i)) + []string{"", " b", ".T", "ü"}[r.IntN(4)]
		columns := []dat.Column{column("id", "BIGINT"), column("ref", "BIGINT")}
		var cases []typeCase
		for k := range r.IntN(6) {
			c := types()[r.IntN(len(types()))]
			if _, refused := s.factory.Refuses[c.name]; refused || c.column.Nanos || strings.HasPrefix(c.name, "LONG") {
				c = types()[0] // a unit that no row happens to need does not come back
			}
			c.column.Name = string(rune('z'-k)) + c.column.Name
			cases, columns = append(cases, c), append(columns, c.column)
		}
		t := tableOf(name, r.IntN(2), columns...)
		var rows []row
		for n := range r.IntN(40) {
			values := row{n * 3, nil}
			if r.IntN(2) == 0 {
				values[1] = n / 2 * 3 // of this table, or of one that came before
			}
			for _, c := range cases {
				values = append(values, append(slices.Clone(c.values), nil)[r.IntN(len(c.values)+1)])
			}
			rows = append(rows, values)
		}
		to := r.IntN(i + 1)
		if to == i && len(t.PrimaryKey) > 0 || to < i && len(m[to].table.PrimaryKey) > 0 && m[to].batch.Rows > len(rows)/2 {
			ref := t
			if to < i {
				ref = m[to].table
			}
			t.ForeignKeys = []dat.ForeignKey{{Columns: []string{"ref"}, RefTable: ref.Name}}
		}
		m = append(m, with(t, rows...))
	}
	return m
}
