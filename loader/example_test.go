package loader_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/sqlite"
)

// Load a fixture into a database, take the tables out again, and get the same bytes.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "loader")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	fixture, err := bundle.OpenDir("../bundle/testdata/countries", bundle.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer fixture.Close()

	database := filepath.Join(dir, "test.db")
	target, err := sqlite.OpenTarget(ctx, database)
	if err != nil {
		log.Fatal(err)
	}
	defer target.Close()
	loaded, err := loader.Load(ctx, fixture, target, loader.LoadOptions{Now: time.Now()})
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range loaded.Tables {
		fmt.Println(t.Action, t.Name, t.Rows)
	}

	source, err := sqlite.OpenSource(ctx, database)
	if err != nil {
		log.Fatal(err)
	}
	defer source.Close()
	created, err := loader.Create(ctx, source, loader.CreateOptions{
		Name: "countries", Output: filepath.Join(dir, "countries"), Now: time.Now(),
	})
	if err != nil {
		log.Fatal(err)
	}
	before, after := fixture.Manifest.Tables[0], created.Manifest.Tables[0]
	fmt.Println("same bytes:", before.Checksum == after.Checksum)
	// Output:
	// create country 12
	// same bytes: true
}

// Loading again replaces the rows; unloading leaves nothing behind.
func ExampleUnload() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "loader")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	fixture, err := bundle.OpenDir("../bundle/testdata/countries", bundle.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer fixture.Close()
	target, err := sqlite.OpenTarget(ctx, filepath.Join(dir, "test.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer target.Close()

	for range 2 {
		loaded, err := loader.Load(ctx, fixture, target, loader.LoadOptions{Now: time.Now()})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(loaded.Tables[0].Action, loaded.Rows, "rows")
	}
	unloaded, err := loader.Unload(ctx, fixture, target)
	if err != nil {
		log.Fatal(err)
	}
	for _, t := range unloaded {
		fmt.Println(t.Name, t.Rows, "rows, dropped:", t.Dropped)
	}
	// Output:
	// create 12 rows
	// reload 12 rows
	// country 12 rows, dropped: true
}
