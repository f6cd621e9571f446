package iris

import (
	"context"
	"fmt"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
)

// makeTables makes tables with their indexes, without foreign keys. Nobody else can use them afterwards.
func (d *db) makeTables(ctx context.Context, tables []*dat.Table) error {
	for _, t := range tables {
		d.forget()
		for _, sql := range append([]string{createTable(t, referredByRowID(t, tables))}, createIndexes(t)...) {
			if _, err := d.Exec(ctx, sql); err != nil {
				return inTable(t.Name, "creating", translate(err))
			}
		}
		if err := d.lock(ctx, parseName(t.Name), exclusive, lockWait); err != nil {
			return err
		}
	}
	return nil
}

// referredByRowID reports a table whose RowID some foreign key refers to, so that it must be public.
func referredByRowID(t *dat.Table, tables []*dat.Table) bool {
	for _, child := range tables {
		for _, k := range child.ForeignKeys {
			if hasRowID(t) && parseName(k.RefTable).key() == parseName(t.Name).key() && len(k.RefColumns) == 1 && k.RefColumns[0] == rowIDColumn {
				return true
			}
		}
	}
	return false
}

// makeForeignKeys makes the foreign keys of tables that were made, and warns of those whose parent is absent.
func (d *db) makeForeignKeys(ctx context.Context, tables []*dat.Table) (warnings []loader.Warning, err error) {
	for _, t := range tables {
		for i, k := range t.ForeignKeys {
			if !stored(t, k.Columns) {
				continue
			}
			parent, err := d.find(ctx, parseName(k.RefTable))
			if err != nil {
				return nil, err
			}
			if parent == nil || parent.kind != baseTable {
				warnings = append(warnings, loader.Warning{Subject: t.Name, Message: fmt.Sprintf("refers to the table %s, which the target does not have", k.RefTable)})
				continue
			}
			if _, err := d.Exec(ctx, addForeignKey(parseName(t.Name), fmt.Sprintf("%s%d", foreignKeyName, i+1), k, parent.identity())); err != nil {
				return nil, inTable(t.Name, "adding a foreign key to", translate(err))
			}
		}
	}
	d.forget()
	return warnings, nil
}

func stored(t *dat.Table, columns []string) bool {
	for i := range t.Columns {
		if c := &t.Columns[i]; c.Generated {
			for _, name := range columns {
				if name == c.Name {
					return false
				}
			}
		}
	}
	return true
}

// dropTable drops a table if it is there, and the foreign keys of others that refer to it before.
func (d *db) dropTable(ctx context.Context, name tableName) error {
	d.forget()
	if _, ok, err := d.list(ctx, name); !ok || err != nil {
		return err
	}
	if err := d.lock(ctx, name, exclusive, lockWait); err != nil { // else DROP waits for ever (RSQL:droptable)
		return err
	}
	if err := d.dropReferences(ctx, name); err != nil {
		return err
	}
	_, err := d.Exec(ctx, "DROP TABLE "+name.sql())
	d.forget()
	delete(d.locked, exclusive+name.key())
	if err != nil {
		return inTable(name.String(), "dropping", translate(err))
	}
	return nil
}
