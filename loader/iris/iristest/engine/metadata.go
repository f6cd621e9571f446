package engine

// column0 describes a column of a result.
func column0(o outColumn) Column {
	t := o.typ
	col := Column{Name: o.name, Label: o.name, Type: t.odbc, Precision: t.precision, Scale: t.scale, Nullable: t.nullable}
	col.Flags.Aliased, col.Flags.Expression = o.aliased, !o.field
	col.Flags.CaseSensitive = t.kind == kString && !t.folds()
	if t.table != nil {
		col.Table, col.Schema = t.table.name, t.table.schema
	}
	if c := t.column; c != nil && t.table != nil {
		col.Name = c.name
		col.Flags.AutoIncrement = c.identity || c.autoInc || c.serial || c.version
		col.Flags.Identity, col.Flags.RowID = c.identity && !c.hidden, c.identity
		col.Flags.RowVersion, col.Flags.ReadOnly = c.version, c.version || c.identity || c.calculated
		col.Flags.Currency = c.class == "%Library.Currency"
		col.Flags.Hidden = c.hidden
		for _, k := range t.table.keys {
			for _, kc := range k.columns {
				if kc == c {
					col.Flags.Key = col.Flags.Key || k.primary
					col.Flags.Unique = col.Flags.Unique || len(k.columns) == 1
				}
			}
		}
		col.Flags.Unique = col.Flags.Unique || c.identity
	}
	return col
}
