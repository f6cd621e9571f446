package iris_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris"
	"github.com/irisfix/irisfix/loader/iris/client"
)

var day = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// run executes statements as an application would, over a connection of its own.
func run(t testing.TB, cfg client.Config, statements ...string) {
	t.Helper()
	c, err := client.Connect(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, sql := range statements {
		if _, err := c.Exec(context.Background(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// query returns the rows of a query as text.
func query(t testing.TB, cfg client.Config, sql string) string {
	t.Helper()
	c, err := client.Connect(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	rows, err := c.Query(context.Background(), sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	var lines []string
	for {
		row, err := rows.Next(context.Background())
		if err == io.EOF {
			return strings.Join(lines, "\n")
		}
		if err != nil {
			t.Fatal(err)
		}
		var cells []string
		for _, it := range row {
			text, err := it.SQLText(c.Charset())
			switch {
			case it.Null():
				text = "NULL"
			case err != nil:
				text = it.Type.String()
			}
			cells = append(cells, text)
		}
		lines = append(lines, strings.Join(cells, "|"))
	}
}

// create makes a fixture of a source.
func create(t testing.TB, src loader.Source, change ...func(*loader.CreateOptions)) (string, *loader.CreateResult, error) {
	t.Helper()
	o := loader.CreateOptions{Output: filepath.Join(t.TempDir(), "fixture"), Name: "test", Now: day}
	for _, c := range change {
		c(&o)
	}
	r, err := loader.Create(context.Background(), src, o)
	return o.Output, r, err
}

func mustCreate(t testing.TB, cfg client.Config, change ...func(*loader.CreateOptions)) string {
	t.Helper()
	src, err := iris.OpenSource(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	dir, _, err := create(t, src, change...)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func open(t testing.TB, dir string) *bundle.Fixture {
	t.Helper()
	f, err := bundle.OpenDir(dir, bundle.Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func digestOf(t testing.TB, dir string) string {
	t.Helper()
	d, err := open(t, dir).Identify(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return d.String()
}

// load loads over a connection of its own.
func load(ctx context.Context, t testing.TB, cfg client.Config, dir string, change ...func(*loader.LoadOptions)) (r *loader.LoadResult, err error) {
	t.Helper()
	target, err := iris.OpenTarget(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	o := loader.LoadOptions{Now: day}
	for _, c := range change {
		c(&o)
	}
	return loader.Load(ctx, open(t, dir), target, o)
}

func mustLoad(t testing.TB, cfg client.Config, dir string, change ...func(*loader.LoadOptions)) *loader.LoadResult {
	t.Helper()
	r, err := load(context.Background(), t, cfg, dir, change...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func unload(ctx context.Context, t testing.TB, cfg client.Config, dir string) error {
	t.Helper()
	target, err := iris.OpenTarget(ctx, cfg)
	if err != nil {
		return err
	}
	_, err = loader.Unload(ctx, open(t, dir), target)
	return errors.Join(err, target.Close())
}

// content is everything that the namespace holds, tables of irisfix included.
func content(t testing.TB, cfg client.Config) string {
	t.Helper()
	src, err := iris.OpenSource(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	about, err := src.Describe(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, name := range about.Tables {
		rows, err := src.Rows(context.Background(), loader.Selection{Table: name})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s\n", rows.Table().JSON())
		batch := dat.NewBatch(rows.Table())
		for {
			batch.Reset()
			if err := rows.Next(context.Background(), batch); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			writeRows(&b, rows.Table().Stored(), batch)
		}
		rows.Close()
	}
	if strings.Contains(query(t, cfg, "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'IrisFix'"), "Intents") {
		fmt.Fprintln(&b, query(t, cfg, "SELECT table_name, fixture_id, version, mode, row_count FROM IrisFix.Loads ORDER BY table_name"))
		fmt.Fprintln(&b, "intents", query(t, cfg, "SELECT COUNT(*) FROM IrisFix.Intents"))
		fmt.Fprintln(&b, "copies", query(t, cfg, "SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'IrisFix' AND TABLE_NAME %STARTSWITH 'Kept'"))
	}
	return strings.TrimSuffix(b.String(), "\nintents 0\ncopies 0\n") // of a namespace that nothing was loaded into yet
}

func writeRows(b *strings.Builder, columns []dat.Column, batch *dat.Batch) {
	for i := range batch.Rows {
		for k := range columns {
			if v := &batch.Columns[k]; v.IsNull(i) {
				b.WriteString(" NULL")
			} else if columns[k].Name == "%ID" {
				fmt.Fprintf(b, " #%d", v.Int[i])
			} else {
				fmt.Fprintf(b, " %.80q", v.AppendText(nil, &columns[k], i))
			}
		}
		b.WriteString("\n")
	}
}

// parameter executes one statement with values.
func parameter(t testing.TB, cfg client.Config, sql string, args ...any) {
	t.Helper()
	c, err := client.Connect(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Exec(context.Background(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func only(names ...string) func(*loader.CreateOptions) {
	return func(o *loader.CreateOptions) { o.Tables = slices.Clone(names) }
}

// sqliteDatabase makes a database file from SQL and returns its path.
func sqliteDatabase(t testing.TB, sql string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	c, err := sqlite3.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Exec("PRAGMA foreign_keys = OFF; "+sql), c.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// sqliteInsert executes a statement for each row.
func sqliteInsert(t testing.TB, path, sql string, rows [][]any) {
	t.Helper()
	c, err := sqlite3.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	st, _, err := c.Prepare(sql)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	for _, row := range rows {
		for i, v := range row {
			switch v := v.(type) {
			case nil:
				err = st.BindNull(i + 1)
			case int:
				err = st.BindInt(i+1, v)
			case string:
				err = st.BindText(i+1, v)
			case []byte:
				if err = st.BindBlob(i+1, v); len(v) == 0 {
					err = st.BindZeroBlob(i+1, 0)
				}
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := st.Exec(); err != nil {
			t.Fatal(err)
		}
	}
}
