package fixturetest_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/fixturetest"
)

var keptFile = regexp.MustCompile(`(?m)^irisfix: kept sqlite:(.*)\n  look into it:  sqlite3 (.*)\n  remove it:     rm -r (.*)$`)

func TestWhichDatabasesAreKept(t *testing.T) {
	cache := fixturetest.CacheDir(t.TempDir())
	for _, c := range []struct {
		name, env string
		options   []fixturetest.Option
		fails     bool
		kept      bool
	}{
		{name: "none", fails: true},
		{name: "all", options: []fixturetest.Option{fixturetest.Keep()}, kept: true},
		{name: "failed", options: []fixturetest.Option{fixturetest.KeepOnFailure()}, fails: true, kept: true},
		{name: "passed", options: []fixturetest.Option{fixturetest.KeepOnFailure()}},
		{name: "both", options: []fixturetest.Option{fixturetest.Keep(), fixturetest.KeepOnFailure()}, kept: true},
		{name: "all by the environment", env: "1", kept: true},
		{name: "failed by the environment", env: "failed", fails: true, kept: true},
		{name: "passed by the environment", env: "failed"},
		{name: "not by the environment", env: "0", fails: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			temp := t.TempDir()
			for _, name := range []string{"TMPDIR", "TMP"} {
				t.Setenv(name, relative(temp))
			}
			t.Setenv("IRISFIX_KEEP", c.env)
			r := &recorder{name: "TestTotal/a b"}
			var path string
			said := r.run(func(tb testing.TB) {
				d := fixturetest.Open(tb, shop, append(c.options, cache)...)
				path = d.Path
				if _, err := d.DB().ExecContext(t.Context(), `DELETE FROM orders WHERE id > 3990`); err != nil {
					t.Error(err)
				}
				if c.fails {
					tb.Error("the total is wrong")
				}
			})
			if !c.kept {
				entries, err := os.ReadDir(temp)
				if err != nil || len(entries) > 0 || strings.Contains(said, "kept") {
					t.Errorf("kept %v, %v: %s", entries, err, said)
				}
				if _, err := os.Stat(path); !os.IsNotExist(err) {
					t.Errorf("%s is still there: %v", path, err)
				}
				return
			}
			m := keptFile.FindStringSubmatch(said)
			if m == nil || m[1] != path || !strings.HasPrefix(m[3], temp) {
				t.Fatalf("%s is not kept: %s", path, said)
			}
			db, err := sql.Open("sqlite3", path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if n := count(t, db, orders); n != 3990 {
				t.Errorf("%d orders", n)
			}
		})
	}
}

// relative is a path from here, where there is one: who pastes a command is elsewhere.
func relative(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if from, err := filepath.Rel(here, path); err == nil {
		return from
	}
	return path
}
