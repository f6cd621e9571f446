package iris

import (
	"slices"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/bundle/dat"
)

func ptr[T any](v T) *T { return &v }

// Each declaration holds every value that a fixture's column of the type can have, or the type is refused.
func TestDeclarations(t *testing.T) {
	number := func(sqlType string, p, s int) dat.Column {
		return dat.Column{SQLType: sqlType, Precision: &p, Scale: &s}
	}
	for _, tt := range []struct {
		c     dat.Column
		keyed bool
		want  string
	}{
		{dat.Column{SQLType: "BIT"}, false, "BIT"},
		{dat.Column{SQLType: "INTEGER"}, false, "INTEGER"},
		{dat.Column{SQLType: "INTEGER", Declared: "INT"}, false, "BIGINT"},
		{dat.Column{SQLType: "SERIAL"}, false, "SERIAL"},
		{number("NUMERIC", 10, 2), false, "NUMERIC(10,2)"},
		{number("DECIMAL", 37, 18), false, "DECIMAL(37,18)"},
		{number("MONEY", 19, 4), false, "MONEY"},
		{dat.Column{SQLType: "FLOAT"}, false, "FLOAT"},
		{dat.Column{SQLType: "CHAR", Length: 3}, false, "CHAR(3)"},
		{dat.Column{SQLType: "VARCHAR", Length: 3}, true, "VARCHAR(3)"},
		{dat.Column{SQLType: "VARCHAR"}, false, "VARCHAR('')"},
		{dat.Column{SQLType: "CHAR"}, false, "VARCHAR('')"},
		{dat.Column{SQLType: "BINARY"}, false, "VARBINARY('')"},
		{dat.Column{SQLType: "LONGVARCHAR"}, false, "LONGVARCHAR"},
		{dat.Column{SQLType: "LONGVARCHAR"}, true, "VARCHAR('')"},
		{dat.Column{SQLType: "LONGVARBINARY"}, true, "VARBINARY('')"},
		{dat.Column{SQLType: "DATE"}, false, "%Library.Date(MINVAL=-672045)"},
		{dat.Column{SQLType: "TIME"}, false, "TIME(6)"},
		{dat.Column{SQLType: "TIME", Nanos: true}, false, "TIME(9)"},
		{dat.Column{SQLType: "TIME", Precision: ptr(0)}, false, "TIME(0)"},
		{dat.Column{SQLType: "TIMESTAMP"}, false, "TIMESTAMP"},
		{dat.Column{SQLType: "TIMESTAMP", Precision: ptr(3)}, false, "TIMESTAMP"},
		{dat.Column{SQLType: "TIMESTAMP", Precision: ptr(7)}, false, "%Library.TimeStamp(MINVAL='0001-01-01 00:00:00')"},
		{dat.Column{SQLType: "POSIXTIME"}, false, "POSIXTIME"},
		{dat.Column{SQLType: "POSIXTIME", Nanos: true}, false, "%Library.TimeStamp(MINVAL='0001-01-01 00:00:00')"},
		{dat.Column{SQLType: "DATETIME", Precision: ptr(3)}, false, "%Library.DateTime(MINVAL='0001-01-01 00:00:00')"},
		{dat.Column{SQLType: "UNIQUEIDENTIFIER"}, false, "UNIQUEIDENTIFIER"},
		{dat.Column{SQLType: "VECTOR", ElementType: "DOUBLE", Length: 3}, false, "VECTOR(DOUBLE,3)"},
		{dat.Column{SQLType: "VECTOR", ElementType: "FLOAT"}, false, "VECTOR(FLOAT)"},
	} {
		if got := declaration(&tt.c, tt.keyed); got != tt.want {
			t.Errorf("%s, keyed %v: %s", typeText(&tt.c), tt.keyed, got)
		}
	}
	for _, name := range dat.SQLTypes() {
		if kinds[name] == "" {
			t.Errorf("%s is not known", name)
		}
	}
}

// shop has one of everything that a table is made of.
func shop() *dat.Table {
	return &dat.Table{
		Format: dat.FormatVersion, Name: "Shop.Orders",
		Columns: []dat.Column{
			{Name: "id", SQLType: "INTEGER", Declared: "INTEGER", Identity: true},
			{Name: "code", SQLType: "LONGVARCHAR", Default: ptr("'it''s'")},
			{Name: "name", SQLType: "VARCHAR", Length: 9, Nullable: true, Collation: "%SQLUPPER(20)"},
			{Name: "free", SQLType: "VARCHAR", Length: 9, Nullable: true},
			{Name: "n", SQLType: "INTEGER", Nullable: true, Default: ptr("OBJECTSCRIPT 'kill ^x'")},
			{Name: "twice", SQLType: "INTEGER", Generated: true},
			{Name: "rv", SQLType: "ROWVERSION", Generated: true},
			{Name: "customer", SQLType: "INTEGER", Nullable: true},
		},
		PrimaryKey:  []string{"id"},
		Unique:      [][]string{{"code", "name"}, {"id", "n"}},
		ForeignKeys: []dat.ForeignKey{{Columns: []string{"customer"}, RefTable: "Customers", OnDelete: "CASCADE", OnUpdate: "RESTRICT"}},
		Indexes:     []dat.Index{{Name: "by n", Columns: []string{"n", "rv"}}, {Name: "by twice", Columns: []string{"twice"}}, {Name: "u", Columns: []string{"n"}, Unique: true}},
	}
}

func TestATableIsMade(t *testing.T) {
	table := shop()
	want := `CREATE TABLE "Shop"."Orders" (
  "id" BIGINT IDENTITY,
  "code" VARCHAR('') NOT NULL DEFAULT 'it''s' COLLATE %EXACT,
  "name" VARCHAR(9) COLLATE %SQLUPPER(20),
  "free" VARCHAR(9),
  "n" INTEGER,
  "rv" ROWVERSION,
  "customer" INTEGER,
  CONSTRAINT IrisFixUnique1 UNIQUE ("code", "name")
)`
	if got := createTable(table, false); got != want {
		t.Errorf("got %s", got)
	}
	indexes := []string{`CREATE INDEX "by n" ON TABLE "Shop"."Orders" ("n", "rv")`, `CREATE UNIQUE INDEX "u" ON TABLE "Shop"."Orders" ("n")`}
	if got := createIndexes(table); !slices.Equal(got, indexes) {
		t.Errorf("got %s", got)
	}
	if got := addForeignKey(parseName(table.Name), "k", table.ForeignKeys[0], ""); got != `ALTER TABLE "Shop"."Orders" ADD CONSTRAINT "k" FOREIGN KEY ("customer") REFERENCES "SQLUser"."Customers" ON DELETE CASCADE` {
		t.Errorf("got %s", got)
	}
	table.ForeignKeys[0].RefColumns = []string{"ID"}
	if got := addForeignKey(parseName(table.Name), "k", table.ForeignKeys[0], "id"); !strings.HasSuffix(got, `REFERENCES "SQLUser"."Customers" (%ID) ON DELETE CASCADE`) {
		t.Errorf("got %s", got)
	}
}

// A table of an IRIS that has no column for its RowID, and another that refers to it.
func TestRowIDsThatOthersReferTo(t *testing.T) {
	parent := &dat.Table{Name: "S.P", Columns: []dat.Column{{Name: rowIDColumn, SQLType: "BIGINT"}, {Name: "v", SQLType: "BIGINT"}}}
	child := &dat.Table{Name: "S.C", Columns: []dat.Column{{Name: "p", SQLType: "BIGINT"}},
		ForeignKeys: []dat.ForeignKey{{Columns: []string{"p"}, RefTable: "s.p", RefColumns: []string{rowIDColumn}}}}
	if !referredByRowID(parent, []*dat.Table{parent, child}) || referredByRowID(parent, []*dat.Table{parent}) {
		t.Error("the RowID is public without need, or not with it")
	}
	if got := createTable(parent, true); got != "CREATE TABLE \"S\".\"P\" (\n  %PUBLICROWID,\n  \"v\" BIGINT NOT NULL\n)" {
		t.Errorf("got %s", got)
	}
	if got := addForeignKey(parseName(child.Name), "k", child.ForeignKeys[0], ""); !strings.HasSuffix(got, `REFERENCES "s"."p" (%ID)`) {
		t.Errorf("got %s", got)
	}
}

// What comes as a default from a catalog goes back as the same, and code is never run.
func TestDefaults(t *testing.T) {
	for catalog, want := range map[string]string{
		`2`: "2", `-.5`: "-.5", `"M"`: "'M'", `"it's ""q"""`: `'it''s "q"'`, `$c(0)`: "''", `$username`: "USER",
		`+$horolog`: "OBJECTSCRIPT '+$horolog'", `"a"_"b"`: `OBJECTSCRIPT '"a"_"b"'`,
	} {
		got := defaultText(catalog)
		if got == nil || *got != want {
			t.Errorf("%s: got %v", catalog, got)
			continue
		}
		clause := defaultClause(&dat.Column{Default: got})
		if code := strings.HasPrefix(want, "OBJECTSCRIPT"); code != (clause == "") {
			t.Errorf("%s: clause %q", want, clause)
		}
	}
	if defaultText("") != nil {
		t.Error("no default is one")
	}
	for _, bad := range []string{"1) , evil INTEGER", "'a' || x", "OBJECTSCRIPT 'kill ^x'", "'a'; DROP TABLE t", "''' "} {
		if got := defaultClause(&dat.Column{Default: &bad}); got != "" {
			t.Errorf("%q becomes %q", bad, got)
		}
	}
}

func TestNamesThatIRISDoesNotTake(t *testing.T) {
	for name, want := range map[string]string{
		"T": "", "Schema.T": "", "a b": "", "select": "", "Ünï": "", "名前": "", "100%": "", "[a]": "", "a`b": "", "it's": "", `back\slash`: "", "?1": "", ":x": "",
		strings.Repeat("a", 128): "",
		strings.Repeat("a", 129): "the name is longer than 128 characters, the most that IRIS takes",
		`a"b`:                    `the name has ", which IRIS does not take in names`,
		"a.b.c":                  "the name has ., which IRIS does not take in names",
		"a,b":                    "the name has ,, which IRIS does not take in names",
		"a^b":                    "the name has ^, which IRIS does not take in names",
		"a->b":                   "the name has ->, which IRIS does not take in names",
		"*a":                     "the name begins with *, which IRIS keeps for itself",
		"%ID":                    "the name begins with %, which IRIS keeps for itself",
		"🎉":                      "the name has no letter or digit, of which IRIS makes the name of a class",
		".T":                     "the name has no letter or digit, of which IRIS makes the name of a class",
		"a\nb":                   "the name has a control character, which IRIS does not take in names",
	} {
		if got := parseName(name).fault(); got != want {
			t.Errorf("%q: %s", name, got)
		}
	}
}

func TestTablesThatIRISCannotHold(t *testing.T) {
	table := func(columns ...dat.Column) *dat.Table { return &dat.Table{Name: "t", Columns: columns} }
	rowID := table(dat.Column{Name: "v", SQLType: "BIGINT"}, dat.Column{Name: rowIDColumn, SQLType: "BIGINT"})
	many := table()
	for i := range 1001 {
		many.Columns = append(many.Columns, dat.Column{Name: "c" + strings.Repeat("x", i%120) + string(rune('a'+i/120)), SQLType: "BIT"})
	}
	for _, tt := range []struct {
		table *dat.Table
		want  string
	}{
		{shop(), ""},
		{table(dat.Column{Name: "v", SQLType: "DECIMAL", Precision: ptr(38), Scale: ptr(0)}), "column v: DECIMAL(38,0) is beyond IRIS, which has 19 digits before the point and 18 after it"},
		{table(dat.Column{Name: "v", SQLType: "DECIMAL", Precision: ptr(38), Scale: ptr(38)}), "column v: DECIMAL(38,38) is beyond IRIS, which has 19 digits before the point and 18 after it"},
		{table(dat.Column{Name: "v", SQLType: "DECIMAL", Precision: ptr(37), Scale: ptr(18)}), ""},
		{table(dat.Column{Name: "v", SQLType: "MONEY", Precision: ptr(19), Scale: ptr(2)}), "column v: MONEY has 4 digits after the point"},
		{table(dat.Column{Name: "v", SQLType: "VECTOR", ElementType: "BLOB"}), "column v: no VECTOR has elements of BLOB"},
		{table(dat.Column{Name: "v", SQLType: "BIT"}, dat.Column{Name: "V", SQLType: "BIT"}), "column V: differs from v only in case, which IRIS does not tell apart"},
		{table(dat.Column{Name: "a", SQLType: "BIGINT", Identity: true}, dat.Column{Name: "b", SQLType: "BIGINT", Identity: true}), "has more than one column that the database numbers"},
		{rowID, "column %ID: the name is that of the RowID, which is the first column, BIGINT and in no key"},
		{many, "has 1001 columns, IRIS takes 1000"},
	} {
		if got := strings.Join(limits(tt.table), "; "); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}
