package iris

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/client"
)

// Source is a namespace that tables are taken from. It is not safe for concurrent use.
type Source struct {
	db       *db
	config   client.Config
	kept     map[string]kept // schemas of earlier loads, by key of the table
	warnings []loader.Warning
}

// OpenSource connects for reading. A load that is under way is waited for. What a killed one has left is undone before
// anything is read, and said among the warnings.
func OpenSource(ctx context.Context, cfg client.Config) (*Source, error) {
	d, err := open(ctx, cfg)
	if err != nil {
		return nil, err
	}
	s := &Source{db: d, config: cfg}
	if err := s.settle(ctx); err != nil {
		return nil, errors.Join(connectError(ctx, d.where, err), d.Close())
	}
	return s, nil
}

// settle keeps loads away and cleans up after dead ones.
func (s *Source) settle(ctx context.Context) (err error) {
	there, err := s.db.holdLedger(ctx, lockWait)
	if err != nil || !there {
		return err
	}
	if s.warnings, err = s.db.cleanUp(ctx, lockWait); err != nil {
		return err
	}
	s.kept, err = s.db.keptTables(ctx)
	return err
}

// Close ends the locks and the connection.
func (s *Source) Close() error { return s.db.Close() }

// Describe implements [loader.Source].
func (s *Source) Describe(ctx context.Context) (loader.Description, error) {
	d := loader.Description{Where: s.db.where, Version: s.db.Version(), Namespace: s.config.Namespace, Warnings: slices.Clone(s.warnings)}
	names, err := s.db.tables(ctx)
	if err != nil {
		return d, readError(ctx, s.db.where, err)
	}
	for _, t := range names {
		switch {
		case fold(t.name.schema) == fold(ledgerSchema) || ofTheSystem.MatchString(t.name.schema):
		case t.kind == baseTable:
			d.Tables = append(d.Tables, s.nameOf(t))
		default:
			d.Warnings = append(d.Warnings, loader.NotRecorded(cmp.Or(otherKinds[t.kind], "tables of other types"), t.name.String()))
		}
	}
	slices.Sort(d.Tables)
	slices.SortFunc(d.Warnings, func(a, b loader.Warning) int { return strings.Compare(a.Subject+a.Message, b.Subject+b.Message) })
	return d, nil
}

// otherKinds are the values of TABLE_TYPE (class reference, INFORMATION.SCHEMA.TABLES) that are not taken.
var otherKinds = map[string]string{
	"VIEW": "views", "FOREIGN TABLE": "foreign tables", "GLOBAL TEMPORARY": "temporary tables", "LOCAL TEMPORARY": "temporary tables",
}

// ofTheSystem are schemas that come with IRIS and its products but are not marked as the system's: those of
// interoperability and HealthShare. Tools hide them, too.
var ofTheSystem = regexp.MustCompile(`(?i)^(Ens|EnsLib|EnsPortal|CSPX|HS|HSMOD|HSLib|SchemaMap)(_|$)`)

// nameOf is how a table is called: as the fixture spelled it that was loaded into it, else by both parts.
func (s *Source) nameOf(t listed) string {
	if k, ok := s.kept[t.name.key()]; ok {
		return k.table.Name
	}
	return t.name.String()
}

// Hold keeps others from writing to tables, until the source is closed, so that all are read as of one moment: IRIS has
// no snapshots. A table that may not be locked is a warning. It implements [loader.Holder].
func (s *Source) Hold(ctx context.Context, tables []loader.Selection) (warnings []loader.Warning, err error) {
	for _, t := range tables {
		name := parseName(t.Table)
		l, ok, err := s.db.list(ctx, name)
		if err == nil && ok && l.kind == baseTable {
			err = s.db.lock(ctx, name, share, lockWait)
		}
		switch {
		case sqlCode(err) == codePrivilege:
			warnings = append(warnings, loader.Warning{Subject: t.Table, Message: "not locked while it is read, for lack of privilege: another process may change it"})
		case err != nil:
			return nil, readError(ctx, s.db.where, err)
		}
	}
	return warnings, nil
}

// Rows implements [loader.Source].
func (s *Source) Rows(ctx context.Context, sel loader.Selection) (_ loader.Rows, err error) {
	r := &rows{db: s.db}
	if sel.Query != "" {
		err = s.query(ctx, r, sel)
	} else {
		err = s.whole(ctx, r, sel.Table)
	}
	if err != nil {
		return nil, errors.Join(readError(ctx, s.db.where, err), r.Close())
	}
	return r, nil
}

// whole prepares the reading of a table.
func (s *Source) whole(ctx context.Context, r *rows, name string) error {
	t, err := s.db.find(ctx, parseName(name))
	if err != nil {
		return err
	}
	if t == nil {
		return &loader.TableNotFoundError{Table: name, Where: s.db.where}
	}
	if err := r.settle(ctx, t, s.keptFor(t)); err != nil {
		return err
	}
	r.sql = selection(r.table, t)
	return nil
}

// keptFor is the table that was loaded, if the catalog says what it said then.
func (s *Source) keptFor(t *table) *dat.Table {
	if k, ok := s.kept[t.name.key()]; ok && k.structure == t.structure() && readable(k.table, t) {
		return k.table
	}
	return nil
}

// readable reports whether the columns of a fixture's table can be read from a table of the database.
func readable(want *dat.Table, found *table) bool {
	stored := want.Stored()
	for i := range stored {
		f := found.column(stored[i].Name)
		if stored[i].Name != rowIDColumn && (f == nil || f.Generated || !holds(&stored[i], &f.Column)) {
			return false
		}
	}
	return true
}

// selection is the query for all rows, in the order of the key by its exact value, else of the RowID.
func selection(t *dat.Table, found *table) string {
	var columns, order []string
	for _, c := range t.Stored() {
		if c.Name == rowIDColumn {
			columns = append(columns, rowIDColumn)
		} else {
			columns = append(columns, quote(c.Name))
		}
	}
	for _, k := range t.PrimaryKey {
		if f := found.column(k); f != nil && f.SQLType == "VARCHAR" {
			order = append(order, "%EXACT("+quote(k)+")")
		} else {
			order = append(order, quote(k))
		}
	}
	if order == nil {
		order = []string{rowIDColumn}
	}
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + found.name.sql() + " ORDER BY " + strings.Join(order, ", ")
}
