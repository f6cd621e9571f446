package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/internal/stamp"
)

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestDirectoriesThatAreNoFixture(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenDir(filepath.Join(dir, "none"), Options{}); errText(err) != filepath.Join(dir, "none")+": no manifest.json" {
		t.Errorf("absent: %v", err)
	}
	put(t, dir, "orders.dat", []byte("x"))
	_, err := OpenDir(dir, Options{})
	var none *NoManifestError
	if !errors.As(err, &none) || fmt.Sprint(none.Found) != "[orders.dat]" {
		t.Errorf("no manifest: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "manifest.json"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenDir(dir, Options{}); errText(err) != dir+": manifest.json: not a regular file" {
		t.Errorf("a directory: %v", err)
	}
}

// A manifest of a gigabyte is refused by its size and not read.
func TestAHugeManifestIsNotRead(t *testing.T) {
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(1 << 30); err != nil {
		t.Fatal(err)
	}
	var invalid *InvalidError
	if _, err := OpenDir(dir, Options{}); !errors.As(err, &invalid) || err.Error() != dir+": manifest.json: 1073741824 bytes, larger than 1 MiB" {
		t.Errorf("got %v", err)
	}
}

// A file is hashed once; afterwards its stamp answers, until it changes.
func TestStampsSaveTheSecondReading(t *testing.T) {
	dir := orders(t)
	past := time.Now().Add(-time.Hour)
	for _, name := range []string{"Shop.People.dat", "with%20space.dat"} {
		if err := os.Chtimes(filepath.Join(dir, name), past, past); err != nil {
			t.Fatal(err)
		}
	}
	stamps := stamp.Load("")
	var hashed [3]int64
	for i := range hashed {
		n := int64(0)
		f, err := OpenDir(dir, Options{Stamps: counting{stamps, &n}})
		if err != nil {
			t.Fatal(err)
		}
		if i == 2 {
			put(t, dir, "with%20space.dat", []byte("changed"))
		}
		err = f.Verify(t.Context())
		f.Close()
		hashed[i] = n
		if (err != nil) != (i == 2) {
			t.Errorf("round %d: %v", i, err)
		}
	}
	if hashed != [3]int64{2, 0, 1} {
		t.Errorf("files hashed in each round: %v", hashed)
	}
}

// counting counts the files that are not known.
type counting struct {
	*stamp.Set
	n *int64
}

func (c counting) Lookup(path string, info os.FileInfo) (stamp.Facts, bool) {
	facts, ok := c.Set.Lookup(path, info)
	if !ok {
		*c.n++
	}
	return facts, ok
}

func TestValidateFindsEverything(t *testing.T) {
	bad := tableFile(t, people("B"), person{1, "flip me", 1})
	bad[bytes.Index(bad, []byte("flip me"))] ^= 1
	other := people("other name")
	dir := newFixture(t, "many faults", []string{"A", "B", "C", "D", "E", "F"}, map[string][]byte{
		"A": tableFile(t, people("A"), person{1, "fine", 1}),
		"B": bad,
		"C": tableFile(t, other, person{1, "x", 1}),
		"D": []byte("not Parquet at all"),
		"E": tableFile(t, people("E"), person{1, "x", 1}),
		"F": tableFile(t, people("F"), person{1, "x", 1}),
	}, func(m *Manifest) {
		m.Tables[0].RowCount = 5
		m.Tables[4].Checksum = digest.FromString("other")
	})
	if err := os.Remove(filepath.Join(dir, "F.dat")); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "notes.txt", []byte("hello"))
	put(t, dir, ".git/config", []byte("hello"))
	r, err := ValidateDir(t.Context(), dir, ValidateOptions{}, Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		dir + `: fixture_id: "many faults" is not a name: letters, digits, dot, underscore and hyphen, at most 128`,
		`A.dat: holds 1 rows, the manifest says 5`,
		`B.dat: column "name": a page does not match its checksum: malformed .DAT`,
		`C.dat: holds the table "other name", the manifest says "C"`,
		`D.dat: not a Parquet file: malformed .DAT`,
		`E.dat: want ` + string(digest.FromString("other")),
		`F.dat: listed in the manifest, absent`,
	}
	if len(r.Errors) != len(want) {
		t.Fatalf("%d errors: %v", len(r.Errors), r.Errors)
	}
	for i, w := range want {
		if got := r.Errors[i].Error(); !strings.HasPrefix(got, w) {
			t.Errorf("got  %s\nwant %s", got, w)
		}
	}
	if got := fmt.Sprint(r.Warnings); got != "[{notes.txt not listed in the manifest, and not packed}]" {
		t.Error(got)
	}
}

func TestValidateReadsEveryRow(t *testing.T) {
	table := people("A")
	b := dat.NewBatch(table)
	for id, name := range []string{"b", "a"} {
		b.Columns[0].AppendInt(int64(10 - id))
		b.Columns[1].AppendBytes([]byte(name))
		b.Columns[2].AppendNull()
		b.Rows++
	}
	var out bytes.Buffer
	w, err := dat.NewWriter(&out, table, dat.WriterOptions{Key: []int{2}}) // not the key that the table claims
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(b), w.Close()); err != nil {
		t.Fatal(err)
	}
	dir := newFixture(t, "f", []string{"A"}, map[string][]byte{"A": out.Bytes()})
	r, err := ValidateDir(t.Context(), dir, ValidateOptions{}, Options{})
	if want := `[A.dat: table "A": row 2 is not in the order of the key]`; err != nil || fmt.Sprint(r.Errors) != want {
		t.Errorf("got %v %v, want %s", r.Errors, err, want)
	}
	if r, err := ValidateDir(t.Context(), dir, ValidateOptions{NoChecksums: true}, Options{}); err != nil || len(r.Errors) > 0 {
		t.Errorf("without reading: %v %v", r.Errors, err)
	}
}

func TestGlobalExportsAreRefused(t *testing.T) {
	for content, what := range map[string]string{"~Format=5.S~\r\n": "a global export (%GOF)", "<?xml version=\"1.0\"?>\n<Export>": "an XML export",
		"GOF_FIXTURE": "what iris-devtester puts beside an export of globals"} {
		dir := t.TempDir()
		put(t, dir, "globals.gof", []byte(content))
		m := &Manifest{FixtureID: "f", Version: "1.0.0", SchemaVersion: "1.0", CreatedAt: "2026-01-31T12:00:00Z", DatFile: "globals.gof", Checksum: digest.FromString(content)}
		put(t, dir, "manifest.json", m.Encode())
		f := openTest(t, dir)
		want := "globals.gof: " + what + ", not a database file"
		if err := f.Verify(t.Context()); errText(err) != want {
			t.Errorf("verify: %v", err)
		}
		if _, err := Pack(t.Context(), f); errText(err) != want {
			t.Errorf("pack: %v", err)
		}
		r, err := ValidateDir(t.Context(), dir, ValidateOptions{}, Options{})
		if err != nil || fmt.Sprint(r.Errors) != "["+want+"]" {
			t.Errorf("validate: %v %v", r.Errors, err)
		}
	}
}

func TestRecalcWritesWhatIsThere(t *testing.T) {
	dir := orders(t)
	put(t, dir, "Shop.People.dat", tableFile(t, people("Shop.People"), person{9, "only", 1}))
	changed, err := Recalc(t.Context(), dir, Options{})
	if err != nil || fmt.Sprint(changed) != "[Shop.People.dat]" {
		t.Fatalf("%v %v", changed, err)
	}
	r, err := ValidateDir(t.Context(), dir, ValidateOptions{}, Options{})
	if err != nil || len(r.Errors) != 0 || r.Manifest.Tables[0].RowCount != 1 {
		t.Errorf("%v %v", r.Errors, err)
	}
	before, _ := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if changed, err := Recalc(t.Context(), dir, Options{}); err != nil || changed != nil {
		t.Errorf("again: %v %v", changed, err)
	}
	put(t, dir, "Shop.People.dat", []byte("broken"))
	if _, err := Recalc(t.Context(), dir, Options{}); errText(err) != "Shop.People.dat: a file of 6 bytes: malformed .DAT" {
		t.Errorf("broken: %v", err)
	}
	if after, _ := os.ReadFile(filepath.Join(dir, "manifest.json")); string(after) != string(before) {
		t.Error("a failed recalculation changed the manifest")
	}
}

// Between verifying and reading somebody puts another file in place.
func TestAFileThatChangesAfterItWasVerifiedIsNotUsed(t *testing.T) {
	dir := orders(t)
	f := openTest(t, dir)
	if err := f.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	file := f.Manifest.Files()[0]
	put(t, dir, "new", tableFile(t, people("Shop.People"), person{1, "a", 1}, person{2, "b", 1}, person{3, "c", 1}))
	if err := os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, file.Path)); err != nil {
		t.Fatal(err)
	}
	_, _, err := f.OpenTable(t.Context(), file)
	var changed *ChangedError
	if !errors.As(err, &changed) || err.Error() != "Shop.People.dat: changed after it was verified" {
		t.Errorf("got %v", err)
	}
}

// Rows that were checked are not read again until their file changes; rows that were found wrong are found again.
func TestRowsAreCheckedOnce(t *testing.T) {
	dir := orders(t)
	path := filepath.Join(dir, "Shop.People.dat")
	stamps := stamp.Load("")
	validate := func(data []byte, old bool) []error {
		t.Helper()
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		manifest, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
		if err != nil {
			t.Fatal(err)
		}
		was, is := digest.FromBytes(before).String(), digest.FromBytes(data).String()
		put(t, dir, "manifest.json", bytes.ReplaceAll(manifest, []byte(was), []byte(is)))
		put(t, dir, "Shop.People.dat", data)
		if old {
			past := time.Now().Add(-time.Hour)
			if err := os.Chtimes(path, past, past); err != nil {
				t.Fatal(err)
			}
		}
		r, err := ValidateDir(t.Context(), dir, ValidateOptions{}, Options{Stamps: stamps})
		if err != nil {
			t.Fatal(err)
		}
		return r.Errors
	}
	sound := func() bool {
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		facts, ok := stamps.Lookup(path, info)
		return ok && facts.Sound
	}
	good := tableFile(t, people("Shop.People"), person{1, "Ann", 30}, person{2, "Bo", 40}, person{3, "", 50})
	bad := bytes.Clone(good)
	bad[bytes.Index(bad, []byte("Ann"))] ^= 1
	if errs := validate(good, true); len(errs) > 0 || !sound() {
		t.Errorf("a good file: %v, remembered %v", errs, sound())
	}
	for range 2 {
		if errs := validate(bad, true); len(errs) != 1 || sound() {
			t.Errorf("a bad file: %v, remembered %v", errs, sound())
		}
	}
	if errs := validate(good, false); len(errs) > 0 || sound() {
		t.Errorf("a file that was written just now: %v, remembered %v", errs, sound())
	}
}
