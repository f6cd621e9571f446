package iris

import "context"

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
