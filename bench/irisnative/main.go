// Command irisnative loads a CSV file into InterSystems IRIS with go-irisnative, row by row in one transaction, as its
// documentation has it:
//
//	irisnative URL FILE
//
// It is given what it carries rightly: ASCII, and decimals as text.
package main

import (
	"context"
	"database/sql"
	"encoding/csv"
	"io"
	"log"
	"os"
	"strconv"

	_ "github.com/caretdev/go-irisnative"
)

const (
	ddl = `CREATE TABLE Bench.Orders00 (id BIGINT NOT NULL, customer VARCHAR(40) NOT NULL, note VARCHAR(200), amount NUMERIC(12,2),
placed DATE, score DOUBLE, rating INTEGER, CONSTRAINT Orders PRIMARY KEY (id))`
	insert = "INSERT INTO Bench.Orders00 (id, customer, note, amount, placed, score, rating) VALUES (?, ?, ?, ?, ?, ?, ?)"
)

func main() {
	log.SetFlags(0)
	if err := load(context.Background(), os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func load(ctx context.Context, url, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	db, err := sql.Open("iris", url)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, ddl); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := rows(ctx, tx, csv.NewReader(f)); err != nil {
		return err
	}
	return tx.Commit()
}

// rows does not prepare the statement: with this driver that takes longer.
func rows(ctx context.Context, tx *sql.Tx, in *csv.Reader) error {
	for {
		record, err := in.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		args, err := values(record)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, insert, args...); err != nil {
			return err
		}
	}
}

func values(r []string) ([]any, error) {
	id, err := strconv.ParseInt(r[0], 10, 64)
	if err != nil {
		return nil, err
	}
	score, err := strconv.ParseFloat(r[5], 64)
	if err != nil || r[6] == "" {
		return []any{id, r[1], r[2], r[3], r[4], score, nil}, err
	}
	rating, err := strconv.ParseInt(r[6], 10, 64)
	return []any{id, r[1], r[2], r[3], r[4], score, rating}, err
}
