package targettest

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/irisfix/irisfix/bundle/dat"
)

// odd are names that break programs which glue SQL together.
var odd = []string{"a b", "x.y", "SQLUser.T", `a"b`, "it's", "a`b", "[a]", "select", "Ünï", "名前", "🎉", "100%", "%ID", "a;b--c", `back\slash`, "CamelCase", "?1", ":x", strings.Repeat("long", 15)}

func anyName(s *suite) {
	for _, name := range odd {
		s.run("table "+name, func(s *suite) {
			t := tableOf(name, 1, column("id", "BIGINT"), column("v", "VARCHAR", 9))
			s.comesBack("table "+name, name+": ", memory{with(t, row{1, "x"}, row{2, nil})})
		})
		s.run("column "+name, func(s *suite) {
			t := tableOf("t", 1, column(name, "BIGINT"), column("v", "VARCHAR", 9))
			t.Unique = [][]string{{"v", name}}
			t.Indexes = []dat.Index{{Name: "index " + name, Columns: []string{name, "v"}}}
			t.ForeignKeys = []dat.ForeignKey{{Columns: []string{name}, RefTable: "t", RefColumns: []string{name}}}
			s.comesBack("column "+name, "t: ", memory{with(t, row{1, "x"}, row{2, nil})})
		})
	}
}

// schemaCase is a fixture whose point is how its tables are made.
type schemaCase struct {
	name     string
	src      memory
	order    string // of loading; empty: that of the fixture
	circular string
}

func schemas() []schemaCase {
	pair := func(columns ...string) dat.ForeignKey { return dat.ForeignKey{Columns: columns, RefTable: "p"} }
	refer := func(f filled, keys ...dat.ForeignKey) filled { f.table.ForeignKeys = keys; return f }
	plain := func(name string, rows ...row) filled {
		return with(tableOf(name, 1, column("id", "BIGINT"), column("ref", "BIGINT")), rows...)
	}
	unique := with(tableOf("p", 1, column("id", "BIGINT"), column("a", "BIGINT"), column("b", "VARCHAR", 9)), row{1, 7, "x"}, row{2, 7, "y"}, row{3, nil, nil})
	unique.table.Unique = [][]string{{"a", "b"}}
	return []schemaCase{
		{"an empty table", memory{plain("t")}, "", ""},
		{"empty tables that refer to each other", memory{refer(plain("c"), pair("ref")), plain("p")}, "p c", ""},
		{"no primary key, and rows that are the same", memory{with(tableOf("t", 0, column("a", "BIGINT"), column("b", "VARCHAR", 9)),
			row{2, "x"}, row{1, nil}, row{2, "x"}, row{nil, nil}, row{nil, nil})}, "", ""},
		{"a key of several columns", memory{with(tableOf("t", 3, column("a", "VARCHAR", 9), column("b", "BIGINT"), column("c", "DATE"), column("v", "DOUBLE")),
			row{"b", 1, "2024-01-31", 0.5}, row{"a", 2, "2024-01-31", nil}, row{"a", 1, "2024-02-01", 1.5}, row{"a", 1, "2024-01-31", 2.5}, row{"", 1, "2024-01-31", nil})}, "", ""},
		{"a key of text, ordered by its bytes", memory{with(tableOf("t", 1, column("k", "VARCHAR", 9), column("v", "BIGINT")),
			row{"b", 1}, row{"B", 2}, row{"a", 3}, row{"é", 4}, row{"z", 5}, row{"", 6}, row{"a ", 7}, row{"Ā", 8})}, "", ""},
		{"a key of decimals", memory{with(tableOf("t", 1, column("k", "DECIMAL", 30, 2)), row{"10.00"}, row{"9.00"}, row{"-1.50"}, row{"9999999999999999999999999999.99"})}, "", ""},
		{"a key of few decimals", memory{with(tableOf("t", 1, column("k", "DECIMAL", 15, 2)), row{"10.00"}, row{"9.00"}, row{"-1.50"}, row{"9999999999999.99"})}, "", ""},
		{"a key of binary", memory{with(tableOf("t", 1, column("k", "VARBINARY", 9)), row{[]byte{0xff}}, row{[]byte{}}, row{[]byte{0, 0}}, row{[]byte{0, 1}})}, "", ""},
		{"children before parents in the alphabet", memory{refer(plain("a", row{1, 5}), pair("ref")), plain("p", row{5, nil})}, "p a", ""},
		{"a chain of four", memory{
			refer(plain("a", row{1, 1}), dat.ForeignKey{Columns: []string{"ref"}, RefTable: "b"}), refer(plain("b", row{1, 1}), dat.ForeignKey{Columns: []string{"ref"}, RefTable: "c"}),
			refer(plain("c", row{1, 1}), pair("ref")), plain("p", row{1, nil})}, "p c b a", ""},
		{"a reference to several columns that are unique", memory{unique, refer(with(tableOf("c", 0, column("x", "BIGINT"), column("y", "VARCHAR", 9)), row{7, "y"}, row{7, "x"}, row{nil, "z"}),
			dat.ForeignKey{Columns: []string{"x", "y"}, RefTable: "p", RefColumns: []string{"a", "b"}, OnDelete: "CASCADE", OnUpdate: "SET NULL"})}, "p c", ""},
		{"a table that refers to itself", memory{refer(plain("p", row{1, 3}, row{2, 1}, row{3, nil}), pair("ref"))}, "", "p"},
		{"tables that refer to each other", memory{refer(plain("c", row{1, 10}, row{2, nil}), pair("ref")), refer(plain("p", row{10, 1}), dat.ForeignKey{Columns: []string{"ref"}, RefTable: "c"})}, "p c", "p"},
		{"indexes", func() memory {
			p := parents(row{1, "a"}, row{2, nil})
			p.table.Indexes = []dat.Index{{Name: "p by v", Columns: []string{"v", "id"}}, {Name: "p unique", Columns: []string{"v"}, Unique: true}}
			return memory{p}
		}(), "", ""},
	}
}

func keysAndReferences(s *suite) {
	for _, tt := range schemas() {
		s.run(tt.name, func(s *suite) {
			s.comesBack(tt.name, "", tt.src)
			if _, refused := s.factory.Refuses[tt.name]; refused {
				return
			}
			d, dir := s.database(), s.fixture(tt.src)
			r := d.mustLoad(dir)
			var order []string
			for _, t := range r.Tables {
				order = append(order, t.Name)
			}
			if got := strings.Join(order, " "); tt.order != "" && got != tt.order {
				s.Errorf("loaded in the order %s", got)
			}
			if got := fmt.Sprint(r.Circular); got != "["+tt.circular+"]" {
				s.Errorf("circles %s", got)
			}
			before := d.content()
			d.mustLoad(dir)
			d.unchanged(before)
			must(d.unload(dir))(s)
			d.unchanged("")
		})
	}
}

// wide is a table of three row groups, so that its rows come in three batches. Its texts are not worth compressing.
func wide() filled {
	t := tableOf("wide", 1, column("id", "BIGINT"), column("v", "LONGVARBINARY"), column("u", "BIGINT"))
	t.Unique = [][]string{{"u"}}
	var rows []row
	noise := rand.NewChaCha8([32]byte{})
	for i := range 5 {
		blob := make([]byte, dat.GroupSize/2)
		noise.Read(blob)
		rows = append(rows, row{i + 1, blob, i + 1})
	}
	return with(t, rows...)
}
