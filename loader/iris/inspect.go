package iris

import (
	"context"
	"strings"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
)

// Inspect implements [loader.Target].
func (t *Target) Inspect(ctx context.Context, want *dat.Table) (s loader.State, err error) {
	if s.Limits = limits(want); s.Limits != nil {
		return s, nil
	}
	err = t.quietly(ctx, func(d *db) error {
		found, err := d.find(ctx, parseName(want.Name))
		if err != nil {
			return err
		}
		if t.tx != nil && t.tx.gone(want.Name) {
			found = nil
		}
		s, err = d.inspect(ctx, want, found)
		return err
	})
	return s, err
}

func (d *db) inspect(ctx context.Context, want *dat.Table, found *table) (s loader.State, err error) {
	if found != nil && found.kind != baseTable {
		return loader.State{Exists: true, Misfits: []string{"is a " + strings.ToLower(found.kind)}}, nil
	}
	s.Screen, s.Anew = screens(want, found), screens(want, nil)
	if found == nil {
		return s, nil
	}
	s.Exists = true
	s.Misfits = misfits(want, found)
	s.Rows, err = d.count(ctx, found.name)
	return s, err
}

// screens returns the check of values, and the columns that need it.
func screens(want *dat.Table, found *table) loader.Screen {
	stored := want.Stored()
	checks := make([]check, len(stored))
	var list []int
	for i := range stored {
		if checks[i] = roomIn(want, &stored[i], found).check(&stored[i]); checks[i] != nil {
			list = append(list, i)
		}
	}
	return loader.Screen{Columns: list, Check: func(column int, v *dat.Vector) (int, string) {
		for i := range v.Len() {
			if reason := checks[column](v, i); reason != "" {
				return i, reason
			}
		}
		return 0, ""
	}}
}
