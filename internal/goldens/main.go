// Command goldens makes the fixtures in testdata again, from the SQL beside them. Run it in the root of the repository
// with make testdata, after a deliberate change of the SQL; [TestFixturesAreWhatTheSQLMakes] says whether it is needed.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/sqlite"
	"github.com/irisfix/irisfix/testdata"
)

// fixture is one directory of testdata.
type fixture struct{ name, description, sql string }

var fixtures = []fixture{
	{"shop", "A shop: customers, products and orders, with foreign keys, dates and money", testdata.Shop},
	{"types", "Every type with its extremes, NULL and empty, names that need quotes, text in many scripts", testdata.Types},
}

// created is the time in the manifests. It is written down here so that the same fixture comes out on every day.
var created = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func main() {
	if err := run(context.Background(), "testdata"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run writes all fixtures and the list of their digests.
func run(ctx context.Context, dir string) error {
	var list []byte
	for _, f := range fixtures {
		out := filepath.Join(dir, "fixtures", f.name)
		if err := errors.Join(os.RemoveAll(out), os.MkdirAll(filepath.Dir(out), 0o755), build(ctx, f, out)); err != nil {
			return err
		}
		d, err := pack(ctx, out)
		if err != nil {
			return err
		}
		list = fmt.Appendf(list, "%s fixtures/%s\n", d, f.name)
	}
	return os.WriteFile(filepath.Join(dir, "digests.txt"), list, 0o644)
}

// build makes one fixture by way of a database in a temporary directory.
func build(ctx context.Context, f fixture, out string) (err error) {
	tmp, err := os.MkdirTemp("", "irisfix-testdata-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	db := filepath.Join(tmp, f.name+".db")
	c, err := sqlite3.Open(db)
	if err != nil {
		return err
	}
	if err := errors.Join(c.Exec(f.sql), c.Close()); err != nil {
		return err
	}
	src, err := sqlite.OpenSource(ctx, db)
	if err != nil {
		return err
	}
	_, err = loader.Create(ctx, src, loader.CreateOptions{
		Output: out, Name: f.name, Description: &f.description, Now: created,
		Features: []loader.Feature{{Key: "licenses", Value: "Apache-2.0"}}})
	return errors.Join(err, src.Close())
}

// pack returns the digest of a fixture directory.
func pack(ctx context.Context, dir string) (string, error) {
	f, err := bundle.OpenDir(dir, bundle.Options{})
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := bundle.Pack(ctx, f)
	if err != nil {
		return "", err
	}
	return b.Descriptor.Digest.String(), nil
}
