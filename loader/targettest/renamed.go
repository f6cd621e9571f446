package targettest

import (
	"errors"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
)

func under(schemas loader.SchemaMap) func(*loader.LoadOptions) {
	return func(o *loader.LoadOptions) { o.Schemas = schemas }
}

// otherSchemas holds that tables can be loaded under another schema, references among them included, beside those of
// the schema they come from, and that they are found again.
func otherSchemas(s *suite) {
	p, c := parents(row{1, "a"}, row{2, "b"}), children(row{1, 1}, row{2, nil})
	p.table.Name, c.table.Name = "Shop.p", "Shop.c"
	c.table.ForeignKeys[0].RefTable = "Shop.p"
	dir := s.fixture(memory{p, c})
	aside := under(loader.SchemaMap{"shop": "Test"})

	s.run("beside the schema they come from", func(s *suite) {
		d := s.database()
		d.put(filledAs("Shop.p", p, row{7, "mine"}))
		before := d.content()
		r := d.mustLoad(dir, aside)
		if r.Tables[0].Name != "Test.p" || r.Tables[1].Name != "Test.c" {
			s.Errorf("loaded %s and %s", r.Tables[0].Name, r.Tables[1].Name)
		}
		taken := d.taken(func(o *loader.CreateOptions) { o.Schema = "Test" })
		second := s.database()
		second.mustLoad(taken, under(loader.SchemaMap{"Test": "Shop"}))
		if was, is := s.tables(dir), s.tables(second.taken()); was != is {
			s.Errorf("was\n%sis\n%s", was, is)
		}
		d.mustLoad(dir, aside) // again
		if got := must(d.unload(dir))(s); got != "Test.c:2:true Test.p:2:true" {
			s.Errorf("unloaded %s", got)
		}
		d.unchanged(before)
	})
	s.run("appended rows are found again", func(s *suite) {
		d := s.database()
		d.put(filledAs("Test.p", p, row{7, "mine"}))
		before := d.content()
		d.mustLoad(s.fixture(memory{p}), aside, appends)
		must(d.unload(s.fixture(memory{p})))(s)
		d.unchanged(before)
	})
	s.run("what the fixture does not have", func(s *suite) {
		_, err := s.database().load(dir, under(loader.SchemaMap{"Elsewhere": "Test"}))
		var absent *loader.TableNotFoundError
		if !errors.As(err, &absent) || absent.Table != "Elsewhere.*" || len(absent.Have) != 2 {
			s.Errorf("got %v", err)
		}
	})
	s.run("two tables of one name", func(s *suite) {
		other := filledAs("Old.P", p, row{1, "x"})
		d := s.database()
		d.refuses(s.fixture(memory{p, other}), loader.Mapping, "Test.p: would be both Old.P and Shop.p of the fixture",
			under(loader.SchemaMap{"Shop": "Test", "Old": "Test"}))
	})
}

// filledAs is a table like another one, with rows of its own.
func filledAs(name string, like filled, rows ...row) filled {
	t := *like.table
	t.Name, t.Columns = name, append([]dat.Column(nil), like.table.Columns...)
	return with(&t, rows...)
}
