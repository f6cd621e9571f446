package iristest

import (
	"strings"

	"github.com/irisfix/irisfix/loader/iris/iristest/engine"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// describe sends the metadata of a statement.
func (c *conversation) describe(st *statement) error {
	out, err := wire.Metadata{Columns: c.describeColumns(st.columns), Params: describeParams(st.params),
		Cacheable: cacheable(st.sql)}.Append(nil, c.charset, c.granted)
	if err != nil {
		return err
	}
	return c.reply(wire.StatusOK, out)
}

// cacheable says whether the client may run the statement again by its id: not if it defines data.
func cacheable(sql string) bool {
	verb, _, _ := strings.Cut(strings.TrimLeft(sql, " \t\r\n("), " ")
	switch strings.ToUpper(verb) {
	case "SELECT", "WITH", "INSERT", "UPDATE", "DELETE":
		return true
	}
	return false
}

// describeColumns says of a column that has an alias that this is its name: the JDBC driver finds columns by the name, not
// by the label, and programs ask it for aliases.
func (c *conversation) describeColumns(columns []engine.Column) (out []wire.Column) {
	for _, col := range columns {
		out = append(out, wire.Column{Name: col.Label, Label: col.Label, Table: col.Table, Schema: col.Schema,
			Type: c.wireType(col), Precision: col.Precision, Scale: col.Scale, Nullable: col.Nullable,
			Flags: describeFlags(col.Flags)})
	}
	return out
}

func describeFlags(f engine.Flags) (out wire.Flags) {
	for bit, set := range map[wire.Flags]bool{
		wire.AutoIncrement: f.AutoIncrement, wire.CaseSensitive: f.CaseSensitive, wire.Currency: f.Currency,
		wire.ReadOnly: f.ReadOnly, wire.RowVersion: f.RowVersion, wire.Unique: f.Unique, wire.Aliased: f.Aliased,
		wire.Expression: f.Expression, wire.Hidden: f.Hidden, wire.Identity: f.Identity, wire.KeyColumn: f.Key,
		wire.RowID: f.RowID,
	} {
		if set {
			out |= bit
		}
	}
	return out
}

func describeParams(params []engine.Param) (out []wire.Param) {
	for _, p := range params {
		out = append(out, wire.Param{Type: p.Type, Precision: p.Precision, Scale: p.Scale, Nullable: p.Nullable})
	}
	return out
}
