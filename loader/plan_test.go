package loader

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/bundle/dat"
)

func TestParentsComeFirst(t *testing.T) {
	tests := []struct{ tables, want, circular string }{
		{"a b c", "a b c", ""},
		{"a>b b", "b a", ""},
		{"a>B b", "b a", ""},
		{"a>b b>c c", "c b a", ""},
		{"a>c b c>d d", "d c a b", ""},
		{"a>b,c b>d c>d d", "d b c a", ""},
		{"a>a", "a", "a"},
		{"a>b b>a", "b a", "b"},
		{"a>b b>c c>a d>a", "c b a d", "c"},
		{"a>elsewhere", "a", ""},
	}
	for _, tt := range tests {
		var tables []*dat.Table
		for _, text := range strings.Fields(tt.tables) {
			name, refs, _ := strings.Cut(text, ">")
			tables = append(tables, made(name, strings.FieldsFunc(refs, func(r rune) bool { return r == ',' })...))
		}
		sorted, circular := parentsFirst(tables)
		if got := strings.Join(tableNames(sorted), " "); got != tt.want || strings.Join(circular, " ") != tt.circular {
			t.Errorf("%s: got %s, circles %v", tt.tables, got, circular)
		}
	}
}

// The whole truth table: what stands there, whose it is, what was asked for.
func TestWhatIsDecided(t *testing.T) {
	same := string(made("t").JSON())
	absent, empty, full, misfit := State{}, State{Exists: true}, State{Exists: true, Rows: 5}, State{Exists: true, Rows: 5, Misfits: []string{"odd"}}
	ours := func(mode Mode, json string) []Record {
		return []Record{{Table: "T", FixtureID: "test", Version: "1", Rows: 3, Mode: mode, TableJSON: json}}
	}
	others := func(mode Mode) []Record { return []Record{{Table: "t", FixtureID: "other", Rows: 5, Mode: mode}} }
	tests := []struct {
		name                   string
		state                  State
		records                []Record
		plain, replace, append string // action/mode/own rows, or the conflict
	}{
		{"absent", absent, nil, "create created 0", "create created 0", "create created 0"},
		{"absent, and recorded as ours", absent, ours(Created, same), "create created 0", "create created 0", "create created 0"},
		{"absent, and recorded as another's", absent, others(Created), "create created 0", "create created 0", "create created 0"},
		{"empty", empty, nil, "fill owned 0", "replace owned 0", "append appended 0"},
		{"rows of nobody", full, nil, "holds rows that irisfix did not load: 5", "replace owned 0", "append appended 0"},
		{"ours", full, ours(Created, same), "reload created 2", "reload created 2", "append created 0"},
		{"ours, not made by us", full, ours(Owned, same), "reload owned 2", "reload owned 2", "append owned 0"},
		{"ours, of another form", full, ours(Created, "{}"), "recreate created 2", "recreate created 2", "append created 0"},
		{"ours, of another form, not made by us", full, ours(Owned, "{}"), "reload owned 2", "reload owned 2", "append owned 0"},
		{"ours, changed by somebody", misfit, ours(Created, same), "recreate created 2", "recreate created 2", "odd"},
		{"ours, changed by somebody, not made by us", misfit, ours(Owned, same), "odd", "odd", "odd"},
		{"appended to before", full, ours(Appended, same), "holds rows to which this fixture was appended before: 5", "replace owned 0", "append appended 0"},
		{"of another fixture", full, others(Created), "belongs to the fixture other", "replace created 0 drops other", "append appended 0"},
		{"of another fixture, not made by it", full, others(Owned), "belongs to the fixture other", "replace owned 0 drops other", "append appended 0"},
		{"of another fixture, and empty", empty, others(Owned), "belongs to the fixture other", "replace owned 0 drops other", "append appended 0"},
		{"another fixture was appended", full, others(Appended), "holds rows that irisfix did not load: 5", "replace owned 0 drops other", "append appended 0"},
		{"does not fit", misfit, nil, "odd", "odd", "odd"},
	}
	fixture := fixtureOf(t, made("t"))
	for _, tt := range tests {
		for _, o := range []struct {
			name string
			LoadOptions
			want string
		}{{"plain", LoadOptions{}, tt.plain}, {"replace", LoadOptions{Replace: true}, tt.replace}, {"append", LoadOptions{Append: true}, tt.append}} {
			f := &fake{state: map[string]State{"t": tt.state}, records: tt.records}
			p, err := plan(t.Context(), fixture, f, o.LoadOptions)
			var got string
			var conflict *ConflictError
			if errors.As(err, &conflict) {
				got = strings.TrimPrefix(err.Error(), "fake:db: t: ")
				want := TableRows
				if got == "odd" {
					want = TableForm
				}
				if c := conflict.Conflicts[0]; c.Obstacle != want {
					t.Errorf("%s, %s: got %+v", tt.name, o.name, c)
				}
			} else if err != nil {
				t.Fatal(err)
			} else {
				got = fmt.Sprint(p.tables[0].Action, " ", p.tables[0].mode, " ", p.tables[0].Own)
				if p.tables[0].drop != nil {
					got += " drops " + strings.Join(p.tables[0].drop, " ")
				}
			}
			if got != o.want {
				t.Errorf("%s, %s: got %s, want %s", tt.name, o.name, got, o.want)
			}
		}
	}
	keyless := made("t")
	keyless.PrimaryKey = nil
	_, err := plan(t.Context(), fixtureOf(t, keyless), &fake{state: map[string]State{"t": empty}}, LoadOptions{Append: true})
	if err == nil || err.Error() != "fake:db: t: has no primary key, so rows cannot be appended" {
		t.Errorf("got %v", err)
	}
}

func TestValuesThatTheTargetWouldChangeAreFoundBeforeItIsTouched(t *testing.T) {
	threes := Screen{Columns: []int{0}, Check: func(_ int, v *dat.Vector) (int, string) {
		for i, x := range v.Int {
			if x == 3 {
				return i, "three"
			}
		}
		return 0, ""
	}}
	for want, state := range map[Obstacle]State{TableForm: {Exists: true, Screen: threes}, System: {Screen: threes, Anew: threes}} {
		f := &fake{state: map[string]State{"t": state}}
		_, err := Load(t.Context(), fixtureOf(t, made("t")), f, LoadOptions{Replace: true})
		if err == nil || err.Error() != "fake:db: t: row 3, column id: three" || f.log != nil {
			t.Errorf("%v after %s", err, f.steps())
		}
		if conflict, ok := errors.AsType[*ConflictError](err); !ok || conflict.Conflicts[0].Obstacle != want {
			t.Errorf("got %+v", conflict)
		}
	}
}

func TestAppendedRowsAreAddedToTheCount(t *testing.T) {
	f := &fake{state: map[string]State{"t": {Exists: true, Rows: 5}}}
	if _, err := Load(t.Context(), fixtureOf(t, made("t")), f, LoadOptions{Append: true}); err != nil {
		t.Error(err)
	}
	f = &fake{state: map[string]State{"t": {Exists: true, Rows: 5}}, fail: map[string]error{"insert": &RowError{"t", 2, fmt.Errorf("7: %w", ErrDuplicate)}}}
	_, err := Load(t.Context(), fixtureOf(t, made("t")), f, LoadOptions{Append: true})
	var conflict *ConflictError
	if !errors.As(err, &conflict) || err.Error() != "fake:db: t: row 2: 7: key exists" || !strings.HasSuffix(f.steps(), "rollback") {
		t.Errorf("%v after %s", err, f.steps())
	}
}

// A source that fails in the middle of a table leaves nothing, one that fails over an old fixture leaves that.
func TestASourceThatFailsLeavesTheDirectoryAsItWas(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "f")
	for _, after := range []int{0, 1, 3} {
		src := &numbers{tables: []*dat.Table{made("a"), made("b")}, fail: map[string]int{"b": after}}
		if _, err := Create(t.Context(), src, CreateOptions{Output: dir, Name: "f", Now: day}); !errors.Is(err, errSource) {
			t.Errorf("got %v", err)
		}
		nothingIn(t, dir)
	}
	old := fixtureOf(t, made("a"))
	src := &numbers{tables: []*dat.Table{made("a"), made("b")}, fail: map[string]int{"b": 1}, rows: []int64{7}}
	if _, err := Create(t.Context(), src, CreateOptions{Output: old.Where, Name: "f", Now: day, Force: true}); !errors.Is(err, errSource) {
		t.Errorf("got %v", err)
	}
	if err := old.Verify(t.Context()); err != nil {
		t.Errorf("the old fixture: %v", err)
	}
}

// Rows that do not come in the order of their key are read again and sorted: the bytes are the same.
func TestRowsOutOfOrderAreSorted(t *testing.T) {
	digest := func(rows ...int64) (string, int, string) {
		dir := filepath.Join(t.TempDir(), "f")
		src := &numbers{tables: []*dat.Table{made("a")}, rows: rows}
		r, err := Create(t.Context(), src, CreateOptions{Output: dir, Name: "f", Now: day})
		if err != nil {
			t.Fatal(err)
		}
		return string(r.Manifest.Tables[0].Checksum), src.opened, fmt.Sprint(r.Warnings)
	}
	a, once, _ := digest(1, 2, 3)
	b, twice, warnings := digest(3, 1, 2)
	if a != b || once != 1 || twice != 2 || warnings != "[{views not recorded: a}]" {
		t.Errorf("%s opened %d times, %s opened %d times, warnings %s", a, once, b, twice, warnings)
	}
}

func TestWhatIsChosen(t *testing.T) {
	about := Description{Where: "here", Tables: []string{"S.a", "S.b", "Sx", "t"}}
	tests := []struct {
		o    CreateOptions
		want string
	}{
		{CreateOptions{}, "S.a S.b Sx t"},
		{CreateOptions{Tables: []string{"t", "S.a", "t"}}, "S.a t"},
		{CreateOptions{Schema: "S"}, "S.a S.b"},
		{CreateOptions{Schema: "S", Tables: []string{"t"}}, "S.a S.b t"},
		{CreateOptions{Queries: []Selection{{"t", "q"}}}, "t=q"},
		{CreateOptions{Schema: "S", Queries: []Selection{{"S.b", "q"}, {"new", "r"}}}, "S.a S.b=q new=r"},
		{CreateOptions{Queries: []Selection{{"t", "q"}, {"t", "r"}}}, "t=r"},
		{CreateOptions{All: true, Queries: []Selection{{"t", "q"}, {"new", "r"}}}, "S.a S.b Sx new=r t=q"},
		{CreateOptions{Tables: []string{"T"}}, `here: no table "T" among 4`},
		{CreateOptions{Schema: "t"}, `here: no table "t.*" among 4`},
	}
	for _, tt := range tests {
		list, err := choose(about, tt.o)
		var names []string
		for _, s := range list {
			names = append(names, strings.TrimSuffix(s.Table+"="+s.Query, "="))
		}
		got := strings.Join(names, " ")
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%+v: got %s, want %s", tt.o, got, tt.want)
		}
	}
	if _, err := choose(Description{Where: "here"}, CreateOptions{}); err == nil || err.Error() != `here: no table "" among 0` {
		t.Errorf("nothing at all: %v", err)
	}
}

func TestErrorsSayWhatWasWrong(t *testing.T) {
	cause := errors.New("cause")
	for want, err := range map[string]error{
		"x: full: cause":                          &StorageError{"x", "full", false, cause},
		"full: cause":                             &StorageError{"", "full", false, cause},
		"x: cause":                                &ConnectError{"x", cause},
		`table "t", column "c": odd`:              &SourceError{"t", "c", 0, "odd"},
		`table "t", column "c", row 7: odd`:       &SourceError{"t", "c", 7, "odd"},
		"x: t: odd; u: old":                       &ConflictError{"x", []Conflict{{"t", "odd", TableRows}, {"u", "old", TableForm}}},
		"t: row 7: cause":                         &RowError{"t", 7, cause},
		"x: rolled back: cause":                   &FailedError{"x", cause},
		"x: cause; not undone: outcome unknown":   &RollbackError{"x", nil, cause, ErrUnknown},
		"y: cause":                                &RollbackError{"y", nil, cause, nil},
		`query "q": cause`:                        &QueryError{Name: "q", Err: cause},
		"x: does not hold f":                      &NotLoadedError{"f", "x"},
		"IRIS.DAT: in use, iris.lck is beside it": &InUseError{"IRIS.DAT", "iris.lck"},
	} {
		if err.Error() != want {
			t.Errorf("got  %s\nwant %s", err, want)
		}
		if strings.Contains(want, "cause") && !errors.Is(err, cause) {
			t.Errorf("%s hides its cause", want)
		}
	}
}

func TestWarningsOfOneKindBecomeOne(t *testing.T) {
	got := gather([]Warning{NotRecorded("views", "a"), {"t", "is odd"}, NotRecorded("triggers", "x"), NotRecorded("views", "b"), {"t", "is odd"}})
	if want := "[{views not recorded: a, b} {t is odd} {triggers not recorded: x} {t is odd}]"; fmt.Sprint(got) != want {
		t.Errorf("got  %v\nwant %s", got, want)
	}
}

// Whoever wrote the manifest, nothing changed: not a byte of it may.
func TestAManifestInAnotherStyleIsKeptWhenNothingChanged(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "f")
	o := CreateOptions{Output: dir, Name: "test", Now: day, Force: true}
	src := &numbers{tables: []*dat.Table{made("t")}}
	if _, err := Create(t.Context(), src, o); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "manifest.json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, data); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, compact.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := Create(t.Context(), src, o)
	if err != nil || !r.Unchanged {
		t.Errorf("%+v, %v", r, err)
	}
	if got, _ := os.ReadFile(path); !bytes.Equal(got, compact.Bytes()) {
		t.Errorf("got %s", got)
	}
}
