// Package shop is what a program of yours might be: it asks a database, and changes it.
package shop

import (
	"context"
	"database/sql"
)

// Cancel takes back an order that was not shipped yet, and reports whether it could.
func Cancel(ctx context.Context, db *sql.DB, order int) (bool, error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer tx.Rollback() // does nothing after the commit
	if _, err := tx.ExecContext(ctx, `DELETE FROM order_line WHERE order_id IN (SELECT id FROM orders WHERE id = ? AND shipped IS NULL)`, order); err != nil {
		return false, err
	}
	r, err := tx.ExecContext(ctx, `DELETE FROM orders WHERE id = ? AND shipped IS NULL`, order)
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	if err != nil {
		return false, err
	}
	return n == 1, tx.Commit()
}

// Customers counts those of a country.
func Customers(ctx context.Context, db *sql.DB, country string) (n int, err error) {
	err = db.QueryRowContext(ctx, `SELECT count(*) FROM customer JOIN country ON country.code = customer.country WHERE country.name = ?`, country).Scan(&n)
	return n, err
}
