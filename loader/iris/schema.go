package iris

import (
	"context"
	"maps"
	"slices"
)

// Schemas are those that have tables or views, or that a load is recorded of: each once, as one of them spells it.
func (t *Target) Schemas(ctx context.Context) ([]string, error) {
	all := map[string]string{}
	add := func(n tableName) { all[fold(n.schema)] = n.schema }
	err := t.quietly(ctx, func(d *db) error {
		d.forget()
		records, _, err := d.records(ctx)
		if err != nil {
			return err
		}
		for _, r := range records {
			add(parseName(r.Table))
		}
		names, err := d.tables(ctx)
		for _, n := range names {
			add(n.name)
		}
		return err
	})
	return slices.Sorted(maps.Values(all)), err
}

// DropSchema drops everything that is in a schema, also what irisfix did not make. It takes an account that owns the schema
// or has the resource %SQLSchemaAdmin, and a server of 2023.1 or later (RSQL:dropschema). The record of loads stays:
// [loader.UnloadSchemas] comes afterwards.
func (t *Target) DropSchema(ctx context.Context, name string) error {
	d, err := t.connection(ctx)
	if err != nil {
		return err
	}
	d.forget()
	_, err = d.Exec(ctx, "DROP SCHEMA IF EXISTS "+quote(name)+" CASCADE")
	return connectError(ctx, d.where, err)
}
