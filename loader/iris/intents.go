package iris

import (
	"context"
	"crypto/rand"
	"encoding/hex"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader/iris/wire"
)

// An intent is a row that says what is about to be done to a table, committed before it is done. While a process has the
// ledger locked its intents are its own; all others are of processes that died.
type intent struct {
	transaction string
	step        int64
	kind        kind
	stage       stage
	table       string     // as the fixture spells it
	copy        string     // name of the table with the old rows, or of a foreign key
	was, is     *dat.Table // what the table was before; what it is to be
}

type kind string

const (
	creating   kind = "create"   // the table is made; nothing in it is committed
	recreating kind = "recreate" // the table is made anew, its rows are in the copy
	relinking  kind = "relink"   // a foreign key of the table is dropped and made again
	dropping   kind = "drop"     // the table is to go, its rows are gone already
	committed  kind = "commit"   // the transaction is committed
)

type stage string

const (
	copying   stage = "copying"   // the copy is made, the table is as it was
	replacing stage = "replacing" // the copy is whole, the table is dropped and made
)

// newTransaction names a transaction.
func newTransaction() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// declare writes an intent down.
func (d *db) declare(ctx context.Context, in intent) error {
	var json any
	switch {
	case in.was != nil:
		json = string(in.was.JSON())
	case in.is != nil:
		json = string(in.is.JSON())
	}
	_, err := d.Exec(ctx, "INSERT INTO "+intents.sql()+" (transaction_id, step, kind, stage, table_name, copy_name, table_json) VALUES (?, ?, ?, ?, ?, ?, ?)",
		in.transaction, in.step, string(in.kind), string(in.stage), in.table, in.copy, json)
	return err
}

// advance writes down how far an intent has come.
func (d *db) advance(ctx context.Context, in intent, k kind, s stage, table string) error {
	_, err := d.Exec(ctx, "UPDATE "+intents.sql()+" SET kind = ?, stage = ?, table_name = ? WHERE transaction_id = ? AND step = ?", string(k), string(s), table, in.transaction, in.step)
	return err
}

// fulfil forgets an intent.
func (d *db) fulfil(ctx context.Context, in intent) error {
	_, err := d.Exec(ctx, "DELETE FROM "+intents.sql()+" WHERE transaction_id = ? AND step = ?", in.transaction, in.step)
	return err
}

// fulfilAll forgets all intents of a transaction.
func (d *db) fulfilAll(ctx context.Context, transaction string) error {
	_, err := d.Exec(ctx, "DELETE FROM "+intents.sql()+" WHERE transaction_id = ?", transaction)
	return err
}

// intents reads what is written down, in the order of doing.
func (d *db) intents(ctx context.Context) (list []intent, err error) {
	if _, ok, err := d.list(ctx, intents); !ok || err != nil {
		return nil, err
	}
	err = d.each(ctx, func(row []wire.Item) error {
		in := intent{transaction: d.text(row[0]), kind: kind(d.text(row[2])), stage: stage(d.text(row[3])), table: d.text(row[4]), copy: d.text(row[5])}
		if in.step, err = d.int(row[1]); err != nil {
			return err
		}
		if row[6].Null() {
			list = append(list, in)
			return nil
		}
		t, err := dat.ParseTable([]byte(d.text(row[6])))
		if in.kind == recreating || in.kind == relinking {
			in.was = t
		} else {
			in.is = t
		}
		list = append(list, in)
		return err
	}, "SELECT transaction_id, step, kind, stage, table_name, copy_name, table_json FROM "+intents.sql()+" ORDER BY transaction_id, step")
	return list, err
}
