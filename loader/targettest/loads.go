package targettest

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
)

func replace(o *loader.LoadOptions) { o.Replace = true }
func appends(o *loader.LoadOptions) { o.Append = true }
func dry(o *loader.LoadOptions)     { o.DryRun = true }
func usual(*loader.LoadOptions)     {}

func only(names ...string) func(*loader.LoadOptions) {
	return func(o *loader.LoadOptions) { o.Tables = names }
}

func called(name string) func(*loader.CreateOptions) {
	return func(o *loader.CreateOptions) { o.Name = name }
}

func version(v string) func(*loader.CreateOptions) {
	return func(o *loader.CreateOptions) { o.Version = &v }
}

// actions is what became of each table: name, action, rows before, rows of others among them, rows loaded.
func actions(r *loader.LoadResult) string {
	if r == nil {
		return "nothing"
	}
	var list []string
	for _, t := range r.Tables {
		list = append(list, fmt.Sprintf("%s:%s:%d:%d:%d", t.Name, t.Action, t.Existing, t.Own, t.Rows))
	}
	return strings.Join(list, " ")
}

// rowNumber is the number that a database gave to a row.
var rowNumber = regexp.MustCompile(` #[0-9]+`)

func whatALoadDoes(s *suite) {
	tests := []struct {
		name   string
		before memory
		change func(*loader.LoadOptions)
		want   string
	}{
		{"absent tables are made", nil, usual, "p:create:0:0:2 c:create:0:0:3"},
		{"an empty table is filled", memory{parents()}, usual, "p:fill:0:0:2 c:create:0:0:3"},
		{"rows of others are replaced if asked", memory{parents(row{2, "mine"}, row{9, "mine"})}, replace, "p:replace:2:0:2 c:create:0:0:3"},
		{"rows are added to those of others if asked", memory{parents(row{9, "mine"})}, appends, "p:append:1:0:2 c:create:0:0:3"},
		{"other tables are none of its business", memory{with(tableOf("other", 0, column("x", "BIGINT")), row{1})}, usual, "p:create:0:0:2 c:create:0:0:3"},
	}
	for _, tt := range tests {
		s.run(tt.name, func(s *suite) {
			dir, d := s.fixture(family()), s.database()
			d.put(tt.before...)
			before := d.content()
			planned, err := d.load(dir, tt.change, dry)
			if got := actions(planned); err != nil || got != tt.want {
				s.Errorf("planned %s %v", got, err)
			}
			d.unchanged(before)
			r, err := d.load(dir, tt.change)
			if got := actions(r); err != nil || got != tt.want {
				s.Errorf("got  %s %v\nwant %s", got, err, tt.want)
			}
			if after := rowNumber.ReplaceAllString(d.content(), ""); !strings.Contains(after, "\n \"1\" \"1\"\n \"2\" \"2\"\n \"3\" NULL\n") || !strings.Contains(after, "\n \"1\" \"a\"\n \"2\" \"b\"\n") {
				s.Errorf("is\n%s", after)
			}
		})
	}
}

func whatALoadRefuses(s *suite) {
	mine := parents(row{9, "mine"})
	tests := []struct {
		name   string
		before memory
		change func(*loader.LoadOptions)
		want   string
	}{
		{"rows of others", memory{mine}, usual, "p: holds rows that irisfix did not load: 1"},
		{"rows of others in two tables", memory{mine, children(row{8, nil}, row{9, 9})}, usual, "p: holds rows that irisfix did not load: 1; c: holds rows that irisfix did not load: 2"},
	}
	for _, tt := range tests {
		s.run(tt.name, func(s *suite) {
			d := s.database()
			d.put(tt.before...)
			d.refuses(s.fixture(family()), loader.TableRows, tt.want, tt.change)
		})
	}
	s.run("rows appended to a table without a key", func(s *suite) {
		d := s.database()
		f := with(tableOf("t", 0, column("x", "BIGINT")), row{1})
		d.put(f)
		d.refuses(s.fixture(memory{f}), loader.TableRows, "t: has no primary key, so rows cannot be appended", appends)
	})
	s.run("a table of another fixture", func(s *suite) {
		d := s.database()
		d.mustLoad(s.fixture(family()))
		d.refuses(s.fixture(memory{parents()}, called("other")), loader.TableRows, "p: belongs to the fixture test")
	})
	s.run("rows of another fixture that were appended", func(s *suite) {
		d := s.database()
		d.put(mine)
		dir := s.fixture(memory{parents(row{1, "a"})})
		d.mustLoad(dir, appends)
		d.refuses(dir, loader.TableRows, "p: holds rows to which this fixture was appended before: 2")
		d.refuses(s.fixture(memory{parents(row{1, "a"})}, called("other")), loader.TableRows, "p: holds rows that irisfix did not load: 2")
	})
	s.run("a key that exists", func(s *suite) {
		d := s.database()
		d.put(parents(row{2, "mine"}))
		before := d.content()
		_, err := d.load(s.fixture(family()), appends)
		var conflict *loader.ConflictError
		if !errors.As(err, &conflict) || len(conflict.Conflicts) != 1 || conflict.Conflicts[0].Obstacle != loader.TableRows ||
			!strings.HasPrefix(err.Error(), d.place()+": p: row 2: ") {
			s.Errorf("got %v", err)
		}
		d.unchanged(before)
	})
	s.run("a table that lacks columns", func(s *suite) {
		for _, change := range []func(*loader.LoadOptions){usual, replace, appends} {
			d := s.database()
			d.put(with(tableOf("p", 1, column("id", "BIGINT"))), with(tableOf("c", 1, column("id", "BIGINT"))))
			before := d.content()
			_, err := d.load(s.fixture(family()), change)
			var conflict *loader.ConflictError
			if !errors.As(err, &conflict) || len(conflict.Conflicts) != 2 || conflict.Conflicts[0].Table != "p" || conflict.Conflicts[1].Table != "c" ||
				conflict.Conflicts[0].Obstacle != loader.TableForm || conflict.Target != d.place() {
				s.Errorf("got %v", err)
			}
			d.unchanged(before)
		}
	})
}

func loadingAgain(s *suite) {
	s.run("the same fixture", func(s *suite) {
		dir, d := s.fixture(family()), s.database()
		d.put(with(tableOf("other", 0, column("x", "BIGINT")), row{1}))
		first := d.mustLoad(dir)
		before := d.content()
		again := d.mustLoad(dir)
		if got := actions(again); got != "p:reload:2:0:2 c:reload:3:0:3" || again.Digest != first.Digest {
			s.Errorf("got %s of %s", got, again.Digest)
		}
		d.unchanged(before)
	})
	s.run("over what a test did", func(s *suite) {
		dir, d := s.fixture(family()), s.database()
		d.mustLoad(dir)
		before := d.content()
		d.remove(children(row{1, nil}, row{2, nil}))
		d.remove(parents(row{1, nil}))
		d.add(parents(row{1, "changed"}, row{50, "of a test"}, row{51, "of a test"}))
		if got := actions(d.mustLoad(dir)); got != "p:reload:4:2:2 c:reload:1:0:3" {
			s.Errorf("got %s", got)
		}
		d.unchanged(before)
	})
	s.run("another version with other rows and columns", func(s *suite) {
		next, direct := with(tableOf("p", 1, column("id", "BIGINT"), column("v", "VARCHAR", 40), column("w", "DOUBLE")), row{1, "a", 0.5}), s.database()
		dir := s.fixture(memory{next, children(row{4, 1})}, version("2.0.0"))
		d := s.database()
		d.mustLoad(s.fixture(family()))
		if got := actions(d.mustLoad(dir)); got != "p:recreate:2:0:1 c:reload:3:0:1" {
			s.Errorf("got %s", got)
		}
		direct.mustLoad(dir)
		d.unchanged(direct.content())
	})
	s.run("another version into a table that is not ours to make", func(s *suite) {
		d := s.database()
		d.put(parents())
		d.mustLoad(s.fixture(memory{parents(row{1, "a"})}))
		if got := actions(d.mustLoad(s.fixture(memory{parents(row{2, "b"}, row{3, "c"})}, version("2.0.0")))); got != "p:reload:1:0:2" {
			s.Errorf("got %s", got)
		}
		wider := with(tableOf("p", 1, column("id", "BIGINT"), column("v", "VARCHAR", 40), column("w", "DOUBLE")))
		before := d.content()
		if _, err := d.load(s.fixture(memory{wider}, version("3.0.0"))); !errors.As(err, new(*loader.ConflictError)) {
			s.Errorf("got %v", err)
		}
		d.unchanged(before)
	})
	s.run("another fixture takes a table over", func(s *suite) {
		d := s.database()
		d.mustLoad(s.fixture(family()))
		d.mustLoad(s.fixture(memory{parents(row{1, "x"}, row{2, "y"})}, called("other")), replace)
		if got := d.recorded(); got != "c test created 3, p other created 2" {
			s.Errorf("records %s", got)
		}
		d.refuses(s.fixture(family()), loader.TableRows, "p: belongs to the fixture other")
	})
}

func someTables(s *suite) {
	dir, d := s.fixture(family()), s.database()
	_, err := d.load(dir, only("p", "P"))
	var missing *loader.TableNotFoundError
	if !errors.As(err, &missing) || missing.Table != "P" || !slices.Equal(missing.Have, []string{"c", "p"}) {
		s.Errorf("got %v", err)
	}
	d.unchanged("")
	if got := actions(d.mustLoad(dir, only("p"))); got != "p:create:0:0:2" {
		s.Errorf("got %s", got)
	}
	if got := actions(d.mustLoad(dir, only("c"))); got != "c:create:0:0:3" {
		s.Errorf("got %s", got)
	}
	whole := s.database()
	whole.mustLoad(dir)
	d.unchanged(whole.content())
}

// recorded is the record of loads in short.
func (d *database) recorded() string {
	var list []string
	for _, r := range d.records() {
		list = append(list, fmt.Sprint(r.Table, " ", r.FixtureID, " ", r.Mode, " ", r.Rows))
	}
	return strings.Join(list, ", ")
}

func records(s *suite) {
	dir, d := s.fixture(family(), version("1.2.3")), s.database()
	if got := d.records(); len(got) > 0 {
		s.Errorf("an empty database has %v", got)
	}
	d.put(parents())
	d.mustLoad(dir)
	want := []loader.Record{
		{Table: "c", FixtureID: "test", Version: "1.2.3", Digest: s.digest(dir), Rows: 3, Mode: loader.Created, TableJSON: string(children().table.JSON()), LoadedAt: day},
		{Table: "p", FixtureID: "test", Version: "1.2.3", Digest: s.digest(dir), Rows: 2, Mode: loader.Owned, TableJSON: string(parents().table.JSON()), LoadedAt: day},
	}
	got := d.records()
	for i := range got {
		if !got[i].LoadedAt.Equal(day) {
			s.Errorf("loaded at %v", got[i].LoadedAt)
		}
		got[i].LoadedAt = day
	}
	if !slices.Equal(got, want) {
		s.Errorf("got  %v\nwant %v", got, want)
	}
	src := must(d.Source(s.Context()))(s)
	list := must(src.Describe(s.Context()))(s).Tables
	must(0, src.Close())(s)
	if slices.Contains(list, loader.RecordTable) {
		s.Error("the record is a table that can be exported")
	}
	t := tableOf("q", 1, column("id", "BIGINT"))
	d.put(with(t, row{9}))
	d.mustLoad(s.fixture(memory{with(t, row{1}, row{2})}, called("more")), appends)
	if got := d.recorded(); got != "c test created 3, p test owned 2, q more appended 2" {
		s.Errorf("got %s", got)
	}
}

func unloading(s *suite) {
	mine := parents(row{9, "mine"})
	tests := []struct {
		name   string
		before memory
		change func(*loader.LoadOptions)
		after  func(*database) // what happens between load and unload
		want   string
		gone   bool // the rows that were there before do not come back
	}{
		{"tables that were made are dropped", memory{with(tableOf("other", 0, column("x", "BIGINT")), row{1})}, usual,
			func(d *database) { d.add(parents(row{50, "of a test"})) }, "c:3:true p:3:true", false},
		{"tables that were empty are emptied", memory{parents()}, usual, nil, "c:3:true p:2:false", false},
		{"rows that were appended are deleted by their keys", memory{mine}, appends, func(d *database) {
			d.remove(children(row{1, nil}))
			d.remove(parents(row{1, nil}))
			d.add(parents(row{1, "changed"}))
		}, "c:2:true p:2:false", false},
		{"rows that were replaced do not come back", memory{mine}, replace, nil, "c:3:true p:2:false", true},
		{"a table that is gone is gone", nil, usual, func(d *database) {
			d.somebody(nil, func(tx loader.Tx) error { return tx.Drop(d.Context(), "c") })
		}, "c:0:false p:2:true", false},
	}
	for _, tt := range tests {
		s.run(tt.name, func(s *suite) {
			dir, d := s.fixture(family()), s.database()
			d.put(tt.before...)
			before := d.content()
			d.mustLoad(dir, tt.change)
			if tt.after != nil {
				tt.after(d)
			}
			if got, err := d.unload(dir); got != tt.want || err != nil {
				s.Errorf("got %s %v", got, err)
			}
			if tt.gone {
				empty := s.database()
				empty.put(parents())
				before = empty.content()
			}
			d.unchanged(before)
			var none *loader.NotLoadedError
			if _, err := d.unload(dir); !errors.As(err, &none) || err.Error() != d.place()+": does not hold test" {
				s.Errorf("a second time: %v", err)
			}
		})
	}
	s.run("rows of another version cannot be found", func(s *suite) {
		d := s.database()
		d.put(mine)
		dir := s.fixture(memory{parents(row{1, "a"})})
		d.mustLoad(dir, appends)
		before := d.content()
		_, err := d.unload(s.fixture(memory{parents(row{2, "b"})}, version("2.0.0")))
		want := d.place() + ": p: rows of version 1.0.0 (" + s.digest(dir) + ") were appended; unload that one"
		if err == nil || err.Error() != want {
			s.Errorf("got  %v\nwant %s", err, want)
		}
		d.unchanged(before)
	})
	s.run("a table that was made and then added to is dropped", func(s *suite) {
		d := s.database()
		before := d.content()
		d.mustLoad(s.fixture(memory{parents(row{1, "a"})}))
		added := s.fixture(memory{parents(row{2, "b"})}, version("2.0.0"))
		d.mustLoad(added, appends)
		if got := d.recorded(); got != "p test created 2" {
			s.Errorf("got %s", got)
		}
		if got, err := d.unload(added); got != "p:2:true" || err != nil {
			s.Errorf("got %s %v", got, err)
		}
		d.unchanged(before)
	})
	s.run("another fixture stays", func(s *suite) {
		dir, d := s.fixture(family()), s.database()
		d.mustLoad(s.fixture(memory{with(tableOf("q", 1, column("id", "BIGINT")), row{1})}, called("other")))
		before := d.content()
		d.mustLoad(dir)
		if _, err := d.unload(dir); err != nil {
			s.Error(err)
		}
		d.unchanged(before)
	})
}

func brokenReferences(s *suite) {
	s.run("a child without its parent", func(s *suite) {
		d := s.database()
		d.put(parents(row{1, "mine"}))
		before := d.content()
		var failed *loader.FailedError
		if _, err := d.load(s.fixture(family()), only("c")); !errors.As(err, &failed) || failed.Target != d.place() {
			s.Errorf("got %v", err)
		}
		d.unchanged(before)
	})
	s.run("a parent that somebody's child needs", func(s *suite) {
		dir, d := s.fixture(family()), s.database()
		d.mustLoad(dir, only("p"))
		d.add(parents(row{70, "of a test"}))
		t := tableOf("mine", 1, column("id", "BIGINT"), column("p", "BIGINT"))
		t.ForeignKeys = []dat.ForeignKey{{Columns: []string{"p"}, RefTable: "p", OnDelete: "CASCADE"}}
		d.put(with(t, row{1, 70}))
		before := d.content()
		var failed *loader.FailedError
		if _, err := d.load(dir, only("p")); !errors.As(err, &failed) {
			s.Errorf("got %v", err)
		}
		d.unchanged(before)
	})
}
