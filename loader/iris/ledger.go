package iris

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// The tables that irisfix keeps for itself. Texts are compared exactly; what IRIS does by itself merges upper and lower
// case.
var (
	loads   = parseName(loader.RecordTable)
	intents = tableName{ledgerSchema, "Intents"}
)

var ledgerTables = []struct {
	name tableName
	sql  string
}{
	// structure is what the catalog said of the table when it was loaded: see [kept].
	{loads, ` (table_name VARCHAR(300) NOT NULL COLLATE %EXACT, fixture_id VARCHAR(128) NOT NULL COLLATE %EXACT,
  version VARCHAR('') NOT NULL COLLATE %EXACT, digest VARCHAR(128) NOT NULL COLLATE %EXACT, row_count BIGINT NOT NULL, mode VARCHAR(16) NOT NULL COLLATE %EXACT,
  table_json VARCHAR('') NOT NULL COLLATE %EXACT, loaded_at VARCHAR(40) NOT NULL COLLATE %EXACT, structure VARCHAR(64) COLLATE %EXACT,
  CONSTRAINT IrisFixPK PRIMARY KEY (table_name, fixture_id))`},
	{intents, ` (transaction_id VARCHAR(32) NOT NULL COLLATE %EXACT, step INTEGER NOT NULL, kind VARCHAR(16) NOT NULL COLLATE %EXACT, stage VARCHAR(16) COLLATE %EXACT,
  table_name VARCHAR(300) COLLATE %EXACT, copy_name VARCHAR(128) COLLATE %EXACT, table_json VARCHAR('') COLLATE %EXACT,
  CONSTRAINT IrisFixPK PRIMARY KEY (transaction_id, step))`},
}

// makeLedger makes the tables that are not there yet. Two processes may do so at a time.
func (d *db) makeLedger(ctx context.Context) error {
	for _, t := range ledgerTables {
		if _, ok, err := d.list(ctx, t.name); ok || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		d.forget()
		if _, err := d.Exec(ctx, "CREATE TABLE "+t.name.sql()+t.sql); err != nil && sqlCode(err) != codeTableExists {
			return inTable(t.name.String(), "creating", err)
		}
	}
	return nil
}

// records reads the record of loads; nil if there is none yet.
func (d *db) records(ctx context.Context) (list []loader.Record, structures []string, err error) {
	if _, ok, err := d.list(ctx, loads); !ok || err != nil {
		return nil, nil, err
	}
	err = d.each(ctx, func(row []wire.Item) error {
		rows, err := d.int(row[4])
		if err != nil {
			return err
		}
		at, err := time.Parse(time.RFC3339, d.text(row[7]))
		list = append(list, loader.Record{
			Table: d.text(row[0]), FixtureID: d.text(row[1]), Version: d.text(row[2]), Digest: d.text(row[3]),
			Rows: rows, Mode: loader.Mode(d.text(row[5])), TableJSON: d.text(row[6]), LoadedAt: at,
		})
		structures = append(structures, d.text(row[8]))
		return err
	}, "SELECT table_name, fixture_id, version, digest, row_count, mode, table_json, loaded_at, structure FROM "+loads.sql())
	return list, structures, err
}

// kept is a table as a fixture had it that was loaded into the table of the database. It stands for the table while the
// catalog says what it said then: so what was loaded comes out as it went in, from other engines too.
type kept struct {
	table     *dat.Table
	structure string
}

// keptTables returns the tables of the record by key. Rows that were appended do not make a table the fixture's.
func (d *db) keptTables(ctx context.Context) (map[string]kept, error) {
	list, structures, err := d.records(ctx)
	tables := map[string]kept{}
	for i, r := range list {
		if r.Mode == loader.Appended {
			continue
		}
		if t, err := dat.ParseTable([]byte(r.TableJSON)); err == nil { // a damaged record is none
			tables[parseName(r.Table).key()] = kept{t, structures[i]}
		}
	}
	return tables, err
}

// structure is a digest of what the catalog says of a table.
func (t *table) structure() string {
	sum := sha256.Sum256(t.dat().JSON())
	return hex.EncodeToString(sum[:])
}

// dat is the table as a fixture has it, by the catalog alone.
func (t *table) dat() *dat.Table {
	out := &dat.Table{
		Format: dat.FormatVersion, Name: t.name.String(), PrimaryKey: t.primaryKey, Unique: t.unique,
		Indexes: t.indexes,
	}
	for _, k := range t.foreignKeys {
		out.ForeignKeys = append(out.ForeignKeys, k.ForeignKey)
	}
	if t.rowIDHidden {
		out.Columns = append(out.Columns, dat.Column{Name: rowIDColumn, SQLType: "BIGINT"})
	}
	for i := range t.columns {
		out.Columns = append(out.Columns, t.columns[i].Column)
	}
	return out
}
