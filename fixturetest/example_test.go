package fixturetest_test

import (
	"fmt"
	"testing"

	"github.com/irisfix/irisfix/fixturetest"
)

func ExampleSQLite() {
	testTotal := func(t testing.TB) { // TestTotal of a package
		db := fixturetest.SQLite(t, "../testdata/fixtures/shop")
		if _, err := db.ExecContext(t.Context(), `DELETE FROM order_line WHERE quantity > 1`); err != nil {
			t.Fatal(err)
		}
		var total string
		if err := db.QueryRowContext(t.Context(), `SELECT printf('%.2f', sum(unit_price)) FROM order_line`).Scan(&total); err != nil {
			t.Fatal(err)
		}
		fmt.Println(total)
	}
	goTest(testTotal)
	// Output: 288943.00
}

func ExampleOpen() {
	testFile := func(t testing.TB) {
		d := fixturetest.Open(t, "../testdata/fixtures/shop", fixturetest.Target("sqlite"))
		// d.Path is the database: give it to a driver or a program of your own.
		fmt.Println(d.Manifest.FixtureID, d.Manifest.Version, len(d.Manifest.Tables), "tables")
	}
	goTest(testFile)
	// Output: shop 1.0.0 7 tables
}

func ExampleIRIS() {
	testOnIRIS := func(t testing.TB) {
		db := fixturetest.IRIS(t, "orders", fixturetest.Target("iris://tester@db.example.com:1972/USER"))
		if err := db.PingContext(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	goTest(testOnIRIS)
}

func ExampleAlso() {
	testTwo := func(t testing.TB) {
		d := fixturetest.Open(t, "../testdata/fixtures/shop", fixturetest.Also("../testdata/fixtures/types"), fixturetest.Target("sqlite"))
		for _, f := range d.Fixtures {
			fmt.Println(f.Name)
		}
	}
	goTest(testTwo)
	// Output:
	// shop
	// types
}
