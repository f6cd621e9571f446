package loader

import (
	"context"
	"time"

	"github.com/irisfix/irisfix/bundle/dat"
)

// RecordTable is the table in a target that says what was loaded into it, one row for each table and fixture.
const RecordTable = "IrisFix.Loads"

// Target is a database that tables are loaded into. It is not safe for concurrent use.
type Target interface {
	// Inspect tells what stands in the target under the table's name and whether it can take the table's rows.
	Inspect(ctx context.Context, t *dat.Table) (State, error)
	// Records returns all records of loads.
	Records(ctx context.Context) ([]Record, error)
	// Begin starts the one transaction of a load or unload. Nobody else can write until it ends. Inspect and Records may
	// be called while it is under way, and see what it did.
	Begin(ctx context.Context, w Work) (Tx, error)
	// Place names the target in messages, without its password, and the namespace, if it has any.
	Place() (target, namespace string)
}

// State is a table of a target.
type State struct {
	Exists  bool
	Rows    int64
	Misfits []string // why it cannot take the rows: columns that are missing, of another type, or must be given
	Limits  []string // why no table of the target can take them: names and types that it does not have
	Screen  Screen   // of the values for the table as it is, or is going to be
	Anew    Screen   // of the values for a table that is made in place of the one that exists
}

// Screen finds values that a table of the target would change or refuse.
type Screen struct {
	Columns []int // positions of the stored columns to be looked at
	// Check returns the row in the vector, which has values of that column, and a reason; empty if all values have room.
	Check func(column int, v *dat.Vector) (row int, reason string)
}

// Work is what a transaction is going to do, announced before it begins, so that a target whose schema changes are not
// transactional can undo them after a crash.
type Work struct {
	FixtureID string
	Create    []*dat.Table // tables to be made, parents first
	Tables    []string     // all tables that are going to change
	Cycles    bool         // foreign keys refer in circles
}

// Tx is the transaction of a load or unload. After an error of any method only Rollback may be called.
type Tx interface {
	Schema
	Content
	Ledger
	// Query runs a known query.
	Query(ctx context.Context, sql string) (Answer, error)
	// Check returns what the loaded rows violate that was not checked as they came, such as foreign keys.
	Check(ctx context.Context, tables []*dat.Table) (violations []string, warnings []Warning, err error)
	// Commit makes everything visible at once. If it fails with an error that matches [ErrUnknown], it cannot be told
	// whether it did.
	Commit(ctx context.Context) error
	// Rollback undoes everything. It works although the context of the load has ended.
	Rollback() error
}

// Schema makes and drops tables.
type Schema interface {
	Create(ctx context.Context, t *dat.Table) error
	Drop(ctx context.Context, table string) error
}

// Answer is the result of a query: the number of rows and the first value, as JSON.
type Answer struct {
	Rows  int64
	Value []byte // number, text, true, false or null; nil if there is no row
}

// Ledger keeps the record of loads.
type Ledger interface {
	Record(ctx context.Context, r Record) error
	Forget(ctx context.Context, fixtureID, table string) error
}

// Mode is how a table came to hold rows of a fixture.
type Mode string

const (
	Created  Mode = "created"  // irisfix made the table
	Owned    Mode = "owned"    // it was there, empty or emptied by --replace
	Appended Mode = "appended" // rows were added to those of others
)

// Record is one row of [RecordTable].
type Record struct {
	Table, FixtureID, Version, Digest string
	Rows                              int64
	Mode                              Mode
	TableJSON                         string
	LoadedAt                          time.Time
}

// Content moves rows.
type Content interface {
	// Insert returns where batches of the table go. A row that is refused is a [*RowError] with its number in the table.
	Insert(ctx context.Context, t *dat.Table) (Inserter, error)
	// Clear deletes all rows and returns their number.
	Clear(ctx context.Context, table string) (int64, error)
	// Delete deletes the rows that have the primary keys of a batch and returns their number.
	Delete(ctx context.Context, t *dat.Table, b *dat.Batch) (int64, error)
	Count(ctx context.Context, table string) (int64, error)
}

// Inserter takes batches of one table.
type Inserter interface {
	Insert(ctx context.Context, b *dat.Batch) error
	Close() error
}
