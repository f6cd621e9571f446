package iris

import (
	"context"
	"fmt"
	"slices"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
)

// settle makes the table's schema: the one that was loaded, or what the catalog tells.
func (r *rows) settle(ctx context.Context, t *table, kept *dat.Table) error {
	r.table = t.dat()
	if kept != nil {
		whole := *kept
		whole.Columns = slices.Clone(kept.Columns)
		r.table = &whole
	} else if err := r.addWhatIsLost(ctx, t); err != nil {
		return err
	}
	if err := r.settleTimes(ctx, t, kept == nil); err != nil {
		return err
	}
	return r.table.Check()
}

// addWhatIsLost refuses columns that a fixture cannot hold and warns of what it does not.
func (r *rows) addWhatIsLost(ctx context.Context, t *table) error {
	for i := range t.columns {
		c := &t.columns[i]
		if c.lost != "" && !c.Generated {
			return &loader.SourceError{Table: r.table.Name, Column: c.Name, Reason: c.lost}
		}
		if c.Generated && c.SQLType != "ROWVERSION" {
			r.lost("computed columns", t.name.String()+"."+c.Name)
		}
	}
	for _, name := range t.triggers {
		r.lost("triggers", t.name.String()+"."+name)
	}
	checks, err := r.db.value(ctx, `SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND CONSTRAINT_TYPE = 'CHECK'`, t.name.schema, t.name.table)
	if err == nil && checks > 0 {
		r.lost("CHECK constraints", t.name.String())
	}
	return err
}

func (r *rows) lost(kind, name string) {
	r.warnings = append(r.warnings, loader.NotRecorded(kind, name))
}

// settleTimes finds the unit of times without a declared precision where the database keeps more than microseconds.
func (r *rows) settleTimes(ctx context.Context, t *table, asFound bool) error {
	for i := range r.table.Columns {
		c := &r.table.Columns[i]
		f := t.column(c.Name)
		if c.Generated || f == nil || kinds[c.SQLType] != "time" && kinds[c.SQLType] != "timestamp" || c.Precision != nil || f.digits() <= microDigits {
			continue
		}
		nanos, fits, err := r.db.survey(ctx, t, f)
		if err != nil {
			return err
		}
		switch {
		case nanos && !fits:
			return &loader.SourceError{Table: r.table.Name, Column: c.Name, Reason: "has timestamps with nanoseconds and others before 1677 or after 2262, which no one unit holds"}
		case asFound && f.SQLType == "TIMESTAMP" && fits: // TIMESTAMP2, which has nine digits
			digits := 9
			c.Precision = &digits
		case asFound && f.SQLType == "TIMESTAMP":
			r.warnings = append(r.warnings, loader.Warning{Subject: r.table.Name + "." + c.Name,
				Message: fmt.Sprintf("declared TIMESTAMP2, stored as %s: it has values before 1677 or after 2262", c.SQLType)})
		default:
			c.Nanos = nanos
		}
	}
	return nil
}
