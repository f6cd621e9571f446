package shop

import (
	"database/sql"
	"testing"

	"github.com/irisfix/irisfix/fixturetest"
)

// fixture is a directory here. In a project of yours it would rather be a name in irisfix.lock, such as "shop".
const fixture = "../../testdata/fixtures/shop"

func TestCustomersOfACountry(t *testing.T) {
	t.Parallel()
	db := fixturetest.SQLite(t, fixture)
	n, err := Customers(t.Context(), db, "Sweden")
	if err != nil {
		t.Fatal(err)
	}
	if n != 33 {
		t.Errorf("%d customers, want 33", n)
	}
}

// Each of these takes back the same order, at the same time: each has a database of its own.
func TestAnOrderIsTakenBackOnce(t *testing.T) {
	for _, name := range []string{"ada", "bo", "cleo", "dieter"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := fixturetest.SQLite(t, fixture)
			const notShipped = 3999
			if ok, err := Cancel(t.Context(), db, notShipped); err != nil || !ok {
				t.Fatalf("the first time: %v, %v", ok, err)
			}
			if ok, err := Cancel(t.Context(), db, notShipped); err != nil || ok {
				t.Fatalf("the second time: %v, %v", ok, err)
			}
			if n := orders(t, db); n != 3999 {
				t.Errorf("%d orders are left, want 3999", n)
			}
		})
	}
}

func TestAShippedOrderStays(t *testing.T) {
	t.Parallel()
	db := fixturetest.SQLite(t, fixture)
	if ok, err := Cancel(t.Context(), db, 1); err != nil || ok {
		t.Errorf("%v, %v", ok, err)
	}
	if n := orders(t, db); n != 4000 {
		t.Errorf("%d orders are left, want 4000", n)
	}
}

func orders(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM orders`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
