package loader

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
)

// maxAttempts is how often a plan is made while other processes change the target between the look at it and the
// transaction. Each time one of them has got its work done.
const maxAttempts = 20

// untilFresh calls fn until it fails for another reason than [ErrMeanwhile], or for none.
func untilFresh(fn func() error) (err error) {
	for range maxAttempts {
		var undo *RollbackError
		if err = fn(); !errors.Is(err, ErrMeanwhile) || errors.As(err, &undo) {
			return err
		}
	}
	return err
}

// only are the records that something depends on.
func only(all []Record, those func(Record) bool) []Record {
	return slices.DeleteFunc(slices.Clone(all), func(r Record) bool { return !those(r) })
}

// sameRecords asks for the records again, now that nobody else can write, and compares those that the plan depends on with
// what they were. Others come and go: processes that load other tables do not disturb each other.
func sameRecords(ctx context.Context, target Target, planned []Record, those func(Record) bool) error {
	now, err := target.Records(ctx)
	if err != nil {
		return err
	}
	now = only(now, those)
	order := func(a, b Record) int {
		return cmp.Or(strings.Compare(a.Table, b.Table), strings.Compare(a.FixtureID, b.FixtureID))
	}
	same := slices.EqualFunc(slices.SortedFunc(slices.Values(now), order), slices.SortedFunc(slices.Values(planned), order), func(a, b Record) bool {
		at := a.LoadedAt.Equal(b.LoadedAt)
		a.LoadedAt = b.LoadedAt
		return at && a == b
	})
	if !same {
		return ErrMeanwhile
	}
	return nil
}

// concerns reports a record of a table that is to be loaded.
func (p *loadPlan) concerns(r Record) bool {
	return slices.ContainsFunc(p.tables, func(t *TablePlan) bool { return fold(t.Name) == fold(r.Table) })
}

// fresh looks once more at everything that the plan was made from. Tables to be created are not asked for: a target may
// have made them when the transaction began, and if somebody else made one, creating it fails.
func (p *loadPlan) fresh(ctx context.Context, target Target) error {
	if err := sameRecords(ctx, target, p.records, p.concerns); err != nil {
		return err
	}
	for _, t := range p.tables {
		if t.Action == CreateTable || t.Action == RecreateTable {
			continue
		}
		s, err := target.Inspect(ctx, t.table)
		if err != nil {
			return err
		}
		if !s.Exists || s.Rows != t.Existing || len(s.Misfits) > 0 {
			return ErrMeanwhile
		}
	}
	return nil
}
