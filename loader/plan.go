package loader

import (
	"context"
	"fmt"
	"slices"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/bundle/dat"
)

// Action is what a load does with a table.
type Action string

const (
	CreateTable   Action = "create"   // the table is absent
	RecreateTable Action = "recreate" // irisfix made it, and its definition has changed
	FillTable     Action = "fill"     // it is there and empty
	ReloadTable   Action = "reload"   // it is ours: all its rows are replaced
	ReplaceTable  Action = "replace"  // it is emptied because that was asked for
	AppendRows    Action = "append"   // rows are added
)

// TablePlan is what a load is going to do with one table.
type TablePlan struct {
	Name     string
	Action   Action
	Rows     int64 // that come in
	Existing int64 // that are in the target before
	Own      int64 // of the existing ones, those that irisfix did not load though the table is ours

	table  *dat.Table
	file   bundle.File
	mode   Mode
	before int64    // rows of this fixture that are there and stay
	drop   []string // other fixtures whose record of the table ends
}

// loadPlan is everything that was found out before the target is touched.
type loadPlan struct {
	tables   []*TablePlan // parents first
	circular []string
	records  []Record // of the tables, that were there
}

// plan checks everything and decides what happens with each table.
func plan(ctx context.Context, f *bundle.Fixture, target Target, o LoadOptions) (*loadPlan, error) {
	files, err := pick(f, o.Tables)
	if err != nil {
		return nil, err
	}
	where, _ := target.Place()
	if err := o.Schemas.check(f, files, where); err != nil {
		return nil, err
	}
	byTable := map[*dat.Table]bundle.File{}
	var tables []*dat.Table
	for _, file := range files {
		r, c, err := f.OpenTable(ctx, file)
		if err != nil {
			return nil, err
		}
		c.Close()
		t := r.Table()
		o.Schemas.apply(t)
		tables = append(tables, t)
		byTable[t] = file
	}
	records, err := target.Records(ctx)
	if err != nil {
		return nil, err
	}
	p := &loadPlan{}
	var conflicts []Conflict
	tables, p.circular = parentsFirst(tables)
	for _, t := range tables {
		tp := &TablePlan{Name: t.Name, Rows: byTable[t].Rows, table: t, file: byTable[t]}
		found, err := tp.examine(ctx, f, target, records, o)
		if err != nil {
			return nil, err
		}
		conflicts = append(conflicts, found...)
		p.tables = append(p.tables, tp)
	}
	if len(conflicts) > 0 {
		return nil, &ConflictError{where, conflicts}
	}
	p.records = only(records, p.concerns)
	return p, nil
}

// pick returns the files of the tables that were asked for, each once, or all.
func pick(f *bundle.Fixture, names []string) ([]bundle.File, error) {
	files := f.Manifest.Files()
	if len(names) == 0 {
		return files, nil
	}
	var list []bundle.File
	for n, name := range names {
		if slices.Contains(names[:n], name) {
			continue
		}
		i := slices.IndexFunc(files, func(f bundle.File) bool { return f.Table == name })
		if i < 0 {
			return nil, &TableNotFoundError{name, f.Where, namesOf(files)}
		}
		list = append(list, files[i])
	}
	return list, nil
}

// examine looks at the table in the target and returns why it cannot be loaded.
func (p *TablePlan) examine(ctx context.Context, f *bundle.Fixture, target Target, records []Record, o LoadOptions) ([]Conflict, error) {
	s, err := target.Inspect(ctx, p.table)
	if err != nil {
		return nil, err
	}
	p.Existing = s.Rows
	var ours, others []Record
	for _, r := range records {
		switch {
		case fold(r.Table) != fold(p.Name):
		case r.FixtureID == f.Manifest.FixtureID:
			ours = append(ours, r)
		default:
			others = append(others, r)
		}
	}
	if conflicts := p.decide(s, ours, others, o); len(conflicts) > 0 {
		return conflicts, nil
	}
	screen := s.Screen
	if p.Action == RecreateTable {
		screen = s.Anew
	}
	reason, err := p.screen(ctx, f, screen)
	if reason == "" || err != nil {
		return nil, err
	}
	obstacle := TableForm
	if anew, err := p.screen(ctx, f, s.Anew); err != nil {
		return nil, err
	} else if anew != "" {
		obstacle = System
	}
	return []Conflict{{p.Name, reason, obstacle}}, nil
}

// decide chooses the action, or says why there is none.
func (p *TablePlan) decide(s State, ours, others []Record, o LoadOptions) (conflicts []Conflict) {
	for _, m := range s.Limits {
		conflicts = append(conflicts, Conflict{p.Name, m, System})
	}
	if len(conflicts) > 0 {
		return conflicts
	}
	for _, m := range s.Misfits {
		conflicts = append(conflicts, Conflict{p.Name, m, TableForm})
	}
	rows := func(format string, args ...any) []Conflict {
		return []Conflict{{p.Name, fmt.Sprintf(format, args...), TableRows}}
	}
	owner := slices.IndexFunc(others, func(r Record) bool { return r.Mode != Appended })
	switch {
	case !s.Exists:
		p.Action, p.mode = CreateTable, Created
	case len(ours) > 0 && ours[0].Mode != Appended && !o.Append:
		p.mode, p.Own = ours[0].Mode, max(0, s.Rows-ours[0].Rows)
		p.Action = ReloadTable
		if changed := ours[0].TableJSON != string(p.table.JSON()) || len(s.Misfits) > 0; changed && p.mode == Created {
			p.Action = RecreateTable
			return nil
		}
		return conflicts
	case len(s.Misfits) > 0:
		return conflicts
	case o.Append && len(p.table.PrimaryKey) == 0:
		return rows("has no primary key, so rows cannot be appended")
	case o.Append:
		p.Action, p.mode = AppendRows, Appended
		if len(ours) > 0 && ours[0].Mode != Appended { // a table that is ours stays so
			p.mode, p.before = ours[0].Mode, ours[0].Rows
		}
	case o.Replace:
		p.Action, p.mode = ReplaceTable, Owned
		for _, r := range others {
			p.drop = append(p.drop, r.FixtureID)
			if r.Mode == Created {
				p.mode = Created
			}
		}
	case owner >= 0:
		return rows("belongs to the fixture %s", others[owner].FixtureID)
	case s.Rows > 0 && len(ours) > 0:
		return rows("holds rows to which this fixture was appended before: %d", s.Rows)
	case s.Rows > 0:
		return rows("holds rows that irisfix did not load: %d", s.Rows)
	default:
		p.Action, p.mode = FillTable, Owned
	}
	return nil
}

// screen reads the columns whose values the target might change.
func (p *TablePlan) screen(ctx context.Context, f *bundle.Fixture, s Screen) (string, error) {
	if len(s.Columns) == 0 {
		return "", nil
	}
	r, c, err := f.OpenTable(ctx, p.file)
	if err != nil {
		return "", err
	}
	defer c.Close()
	first := int64(0)
	for g := range r.Groups() {
		rows := 0
		for _, k := range s.Columns {
			column := r.Stored()[k]
			v := dat.Vector{Kind: column.Kind()}
			if err := r.ReadColumn(g, k, &v); err != nil {
				return "", err
			}
			if row, reason := s.Check(k, &v); reason != "" {
				return fmt.Sprintf("row %d, column %s: %s", first+int64(row)+1, column.Name, reason), nil
			}
			rows = v.Len()
		}
		first += int64(rows)
		if err := context.Cause(ctx); err != nil {
			return "", err
		}
	}
	return "", nil
}
