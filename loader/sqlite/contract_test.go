package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/irisfix/irisfix/loader/sqlite"
	"github.com/irisfix/irisfix/loader/targettest"
)

func TestContract(t *testing.T) {
	targettest.Run(t, targettest.Factory{
		New: func(t testing.TB) targettest.Database {
			path := filepath.Join(t.TempDir(), "test.db")
			if err := os.WriteFile(path, nil, 0o644); err != nil {
				t.Fatal(err)
			}
			return targettest.Database{
				Source: func(ctx context.Context) (targettest.Source, error) { return sqlite.OpenSource(ctx, path) },
				Target: func(ctx context.Context) (targettest.Target, error) { return sqlite.OpenTarget(ctx, path) },
			}
		},
		Refuses: map[string]string{
			"DOUBLE NaN": "row 2, column v: NaN, which SQLite turns into NULL",
			"DOUBLE -0":  "row 2, column v: -0.0, which SQLite turns into 0.0",
		},
	})
}
