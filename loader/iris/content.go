package iris

import (
	"context"
	"fmt"
	"slices"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
)

// touch begins the transaction and locks a table.
func (x *tx) touch(ctx context.Context, name string) (*table, error) {
	if err := x.begin(ctx); err != nil {
		return nil, err
	}
	t, err := x.db.find(ctx, parseName(name))
	if err == nil && t == nil {
		err = inTable(name, "", fmt.Errorf("no such table"))
	}
	if err == nil {
		err = x.db.lock(ctx, t.name, exclusive, lockWait)
	}
	return t, translate(err)
}

// Insert implements [loader.Content]. Triggers stay quiet, since a fixture restores rows as they were. Foreign keys that
// run in circles are checked at the end.
func (x *tx) Insert(ctx context.Context, t *dat.Table) (loader.Inserter, error) {
	found, err := x.touch(ctx, t.Name)
	if err != nil {
		return nil, err
	}
	keywords := ""
	if x.work.Cycles && len(found.foreignKeys) > 0 {
		keywords = "%NOCHECK "
		x.uncheck(unchecked{found.name, true})
	}
	in, err := x.db.inserter(ctx, t, keywords+quiet(found))
	if err != nil {
		return nil, translate(err)
	}
	if in.sums, err = x.db.sums(ctx, found, in.names(in.spelled())); err != nil {
		return nil, translate(err)
	}
	x.compared = append(x.compared, in)
	return in, nil
}

// quiet is the keyword that keeps triggers from being pulled. It takes a privilege, so it is not used without need.
func quiet(t *table) string {
	if len(t.triggers) > 0 {
		return "%NOTRIGGER "
	}
	return ""
}

// unchecked is a table whose foreign keys, and perhaps keys, were not checked.
type unchecked struct {
	table tableName
	keys  bool
}

// uncheck remembers what is to be verified.
func (x *tx) uncheck(r unchecked) {
	if !slices.Contains(x.unchecked, r) {
		x.unchecked = append(x.unchecked, r)
	}
}

// Clear implements [loader.Content]. Rows of other tables that refer to the deleted ones neither hinder nor follow them:
// what they refer to may come back, and is verified before the end.
func (x *tx) Clear(ctx context.Context, name string) (int64, error) {
	t, err := x.touch(ctx, name)
	if err != nil {
		return 0, err
	}
	n, err := x.db.count(ctx, t.name)
	if err != nil || n == 0 {
		x.cleared[t.name.key()] = true
		return n, translate(err)
	}
	outside, err := x.outside(ctx, t)
	if err != nil {
		return 0, err
	}
	x.cleared[t.name.key()] = true
	if _, err = x.db.Exec(ctx, "DELETE "+unhindered(outside)+quiet(t)+"FROM "+t.name.sql()); err != nil {
		return 0, translate(err)
	}
	return n, x.untouched(ctx, outside)
}

// Count implements [loader.Content].
func (x *tx) Count(ctx context.Context, name string) (int64, error) {
	n, err := x.db.count(ctx, parseName(name))
	return n, translate(err)
}
