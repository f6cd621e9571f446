package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/rogpeppe/go-internal/testscript"
)

// hostileFiles are .DAT files whose author lied. The tests of bundle/dat forge them.
const hostileFiles = "../../bundle/dat/testdata/hostile"

// forge NAME DIR: makes a fixture of one forged .DAT, with the checksum that the forger would write.
func forge(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(makeForged(ts.Value("here").(string), args[0], ts.MkAbs(args[1])))
}

func makeForged(here, name, dir string) error {
	data, err := os.ReadFile(filepath.Join(here, hostileFiles, name+".dat"))
	if err != nil {
		return err
	}
	manifest := fmt.Sprintf(`{"fixture_id": "forged", "version": "1.0.0", "schema_version": "1.0", "created_at": "2026-01-01T00:00:00Z", "iris_version": "unknown",`+
		` "tables": [{"name": "T", "row_count": 10, "file": "T.dat", "checksum": "%s"}]}`+"\n", checksumOf(data))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "T.dat"), data, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "manifest.json"), []byte(manifest), 0o644)
}

func checksumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// seal DIR: writes into the manifest the checksums of the files as they are, which validate --recalc would refuse.
func seal(ts *testscript.TestScript, neg bool, args []string) {
	path := filepath.Join(ts.MkAbs(args[0]), "manifest.json")
	var m map[string]any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(path)), &m))
	for _, t := range m["tables"].([]any) {
		table := t.(map[string]any)
		data, err := os.ReadFile(filepath.Join(filepath.Dir(path), table["file"].(string)))
		ts.Check(err)
		table["checksum"] = checksumOf(data)
	}
	data, err := json.Marshal(m)
	ts.Check(err)
	ts.Check(os.WriteFile(path, data, 0o644))
}

// remember PATH...: notes what is at these paths, for unchanged.
func remember(ts *testscript.TestScript, neg bool, args []string) {
	for _, arg := range args {
		ts.Value("remembered").(map[string]map[string]string)[arg] = tree(ts, ts.MkAbs(arg))
	}
}

// unchanged: every path that was remembered holds what it held then, and nothing else.
func unchanged(ts *testscript.TestScript, neg bool, args []string) {
	all := ts.Value("remembered").(map[string]map[string]string)
	if len(all) == 0 {
		ts.Fatalf("nothing was remembered")
	}
	for arg, before := range all {
		after := tree(ts, ts.MkAbs(arg))
		for _, path := range slices.Sorted(maps.Keys(before)) {
			if after[path] != before[path] {
				ts.Fatalf("%s: %s: was %q, is %q", arg, path, before[path], after[path])
			}
			delete(after, path)
		}
		for path, what := range after {
			ts.Fatalf("%s: %s is new: %s", arg, path, what)
		}
	}
}

// tree is everything at a path: kind, permissions and content.
func tree(ts *testscript.TestScript, root string) map[string]string {
	all := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		all[path] = info.Mode().String()
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(path)
			all[path] += " " + checksumOf(data)
			return err
		}
		return nil
	})
	if os.IsNotExist(err) {
		return map[string]string{}
	}
	ts.Check(err)
	return all
}

// locked FILE CODE COMMAND...: the command ends with this exit code while somebody else writes to the database.
func locked(ts *testscript.TestScript, neg bool, args []string) {
	c, err := sqlite3.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(c.Exec("BEGIN EXCLUSIVE"))
	exits(ts, neg, args[1:])
	ts.Check(c.Exec("ROLLBACK"))
	ts.Check(c.Close())
}

// hole FILE AT: zeroes what a file holds from there on for a page of SQLite.
func hole(ts *testscript.TestScript, neg bool, args []string) {
	at, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_WRONLY, 0)
	ts.Check(err)
	_, err = f.WriteAt(make([]byte, 4096), at)
	ts.Check(err)
	ts.Check(f.Close())
}

var hostileCommands = map[string]func(*testscript.TestScript, bool, []string){
	"forge": forge, "seal": seal, "remember": remember, "unchanged": unchanged, "locked": locked, "hole": hole,
}

// Whatever the forged file, it is refused as what it is and the database keeps every byte.
func TestForgedFilesAreNeverLoaded(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(hostileFiles, "*.dat"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	dir := t.TempDir()
	if err := makeDatabase(filepath.Join(dir, "test.db"), small); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(dir, "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".dat")
		if err := makeForged(here, name, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		out, err := program(t, dir, "load", name, "--to", "sqlite:test.db").CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 9 || !strings.HasPrefix(string(out), "irisfix: fixture invalid: "+name+": T.dat\n") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		after, err := os.ReadFile(filepath.Join(dir, "test.db"))
		if err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s: the database has changed (%v)", name, err)
		}
	}
}
