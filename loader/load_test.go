package loader

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/bundle"
)

func TestALoadTakesItsStepsInOrder(t *testing.T) {
	f := &fake{}
	r, err := Load(t.Context(), fixtureOf(t, made("a", "b"), made("b")), f, LoadOptions{Now: day})
	if err != nil {
		t.Fatal(err)
	}
	want := "begin [b a] false, create b, create a, open b, insert b 3, close b, count b, open a, insert a 3, close a, count a, " +
		"record b 3 created, record a 3 created, check, commit"
	if got := f.steps(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if r.Rows != 6 || fmt.Sprint(r.Warnings) != "[{t is odd}]" || r.Circular != nil {
		t.Errorf("%+v", r)
	}
}

func TestOutGoChildrenFirst(t *testing.T) {
	fixture := fixtureOf(t, made("a", "b"), made("b"))
	f := &fake{state: map[string]State{"a": {Exists: true, Rows: 3}, "b": {Exists: true, Rows: 3}}, records: []Record{
		{Table: "a", FixtureID: "test", Rows: 3, Mode: Created, TableJSON: "{}"},
		{Table: "b", FixtureID: "test", Rows: 3, Mode: Owned, TableJSON: "{}"}}}
	if _, err := Load(t.Context(), fixture, f, LoadOptions{}); err != nil {
		t.Fatal(err)
	}
	if got, want := f.steps(), "begin [a] false, drop a, clear b, create a, "; !strings.HasPrefix(got, want) {
		t.Errorf("got  %s\nwant %s…", got, want)
	}
}

// What fails, and what is said of it.
func TestWhatFailsIsUndoneAndSaid(t *testing.T) {
	lost, worse := errors.New("lost"), errors.New("worse")
	unknown := fmt.Errorf("reset by peer: %w", ErrUnknown)
	rolledBack, stays := ", rollback", ""
	tests := []struct {
		name string
		fake fake
		want string // the error
		ends string // the last steps
	}{
		{"begin", fake{fail: map[string]error{"begin": lost}}, "fake:db: rolled back: lost", "begin [t] false" + stays},
		{"looking", fake{fail: map[string]error{"inspect": lost}}, "lost", ""},
		{"records", fake{fail: map[string]error{"records": lost}}, "lost", ""},
		{"create", fake{fail: map[string]error{"create": lost}}, "fake:db: rolled back: lost", "create t" + rolledBack},
		{"opening", fake{fail: map[string]error{"open": lost}}, "fake:db: rolled back: lost", "open t" + rolledBack},
		{"a row", fake{fail: map[string]error{"insert": &RowError{"t", 2, lost}}}, "fake:db: rolled back: t: row 2: lost", "close t" + rolledBack},
		{"closing", fake{fail: map[string]error{"close": lost}}, "fake:db: rolled back: lost", "close t" + rolledBack},
		{"a row and closing", fake{fail: map[string]error{"insert": lost, "close": worse}}, "fake:db: rolled back: lost", "close t" + rolledBack},
		{"too many rows", fake{extra: 1}, "fake:db: rolled back: t: 4 rows instead of 3", "count t" + rolledBack},
		{"too few rows", fake{extra: -1}, "fake:db: rolled back: t: 2 rows instead of 3", "count t" + rolledBack},
		{"violations", fake{broken: []string{"x", "y"}}, "fake:db: rolled back: x; y", "check" + rolledBack},
		{"commit", fake{fail: map[string]error{"commit": lost}}, "fake:db: rolled back: lost", "commit" + rolledBack},
		{"commit, outcome unknown", fake{fail: map[string]error{"commit": unknown}}, "fake:db: reset by peer: outcome unknown", "commit" + stays},
		{"rollback", fake{fail: map[string]error{"insert": lost, "rollback": worse}}, "fake:db: lost; not undone: worse", "close t" + rolledBack},
		{"commit and rollback", fake{fail: map[string]error{"commit": lost, "rollback": worse}}, "fake:db: lost; not undone: worse", "commit" + rolledBack},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Load(t.Context(), fixtureOf(t, made("t")), &tt.fake, LoadOptions{})
			if err == nil || err.Error() != tt.want || r != nil {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if got := tt.fake.steps(); !strings.HasSuffix(got, tt.ends) || tt.ends == "" && got != "" {
				t.Errorf("steps %s\nend in %s", got, tt.ends)
			}
		})
	}
}

// Who has to clean up by hand is told all tables that the work was about, also those that were there before.
func TestWhatIsNotUndoneNamesEveryTable(t *testing.T) {
	fixture := fixtureOf(t, made("a"), made("b"))
	state := map[string]State{"a": {Exists: true, Rows: 3}}
	records := []Record{{Table: "a", FixtureID: "test", Rows: 3, Mode: Owned, TableJSON: string(made("a").JSON())}}
	lost, worse := errors.New("lost"), errors.New("worse")
	for name, fail := range map[string]map[string]error{
		"rollback fails":  {"check": lost, "forget": lost, "rollback": worse},
		"outcome unknown": {"commit": fmt.Errorf("lost: %w", ErrUnknown)},
	} {
		f := &fake{state: state, records: records, fail: fail}
		_, err := Load(t.Context(), fixture, f, LoadOptions{})
		var e *RollbackError
		if !errors.As(err, &e) || e.Target != "fake:db" || fmt.Sprint(e.Tables) != "[a b]" {
			t.Errorf("%s: load: %+v", name, e)
		}
		if unknown := errors.Is(err, ErrUnknown); unknown != (e.Err == nil) || !unknown && !(errors.Is(err, lost) && errors.Is(err, worse)) {
			t.Errorf("%s: load: %v", name, err)
		}
		_, err = Unload(t.Context(), fixture, f)
		if e = nil; !errors.As(err, &e) || fmt.Sprint(e.Tables) != "[a]" {
			t.Errorf("%s: unload: %+v", name, e)
		}
	}
}

func TestAnEndedContextIsTheCause(t *testing.T) {
	cause := errors.New("signal")
	for _, step := range []string{"begin", "insert", "commit"} {
		ctx, cancel := context.WithCancelCause(t.Context())
		f := &fake{fail: map[string]error{step: errors.New("interrupted")}, onBegin: func() { cancel(cause) }}
		_, err := Load(ctx, fixtureOf(t, made("t")), f, LoadOptions{})
		if !errors.Is(err, cause) || !errors.As(err, new(*FailedError)) {
			t.Errorf("%s: %v", step, err)
		}
	}
}

// A panic in the middle must not leave half a load in the target.
func TestAPanicIsUndone(t *testing.T) {
	f := &fake{}
	_, err := Load(t.Context(), fixtureOf(t, made("t")), f, LoadOptions{Progress: func(string, int64, int64) { panic("defect") }})
	if err == nil || !strings.Contains(err.Error(), "panic: defect") || !strings.HasSuffix(f.steps(), "rollback") {
		t.Errorf("%v after %s", err, f.steps())
	}
	f = &fake{}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		transact(t.Context(), f, Work{}, nil, func(Tx) error { panic("defect") })
	}()
	if !strings.HasSuffix(f.steps(), "rollback") {
		t.Errorf("steps %s", f.steps())
	}
}

// Somebody else loads between the plan and the transaction: the plan is made again, and again.
func TestAPlanThatIsOutOfDateIsMadeAgain(t *testing.T) {
	f, times := &fake{}, 0
	f.onBegin = func() {
		if times++; times < 3 {
			f.state = map[string]State{"t": {Exists: true, Rows: int64(times)}}
			f.records = []Record{{Table: "t", FixtureID: "test", Rows: int64(times), Mode: Created, TableJSON: string(made("t").JSON())}}
		}
	}
	r, err := Load(t.Context(), fixtureOf(t, made("t")), f, LoadOptions{})
	if err != nil || times != 3 || r.Tables[0].Action != ReloadTable || r.Tables[0].Existing != 2 {
		t.Errorf("%v after %d times", err, times)
	}
	want := "begin [t] false, rollback, begin [] false, rollback, begin [] false, clear t"
	if got := f.steps(); !strings.HasPrefix(got, want) {
		t.Errorf("got  %s\nwant %s…", got, want)
	}
	// What cannot be rolled back is not begun again.
	f = &fake{fail: map[string]error{"rollback": errors.New("worse")}}
	f.onBegin = func() { f.records = []Record{{Table: "t", FixtureID: "other"}} }
	if _, err := Load(t.Context(), fixtureOf(t, made("t")), f, LoadOptions{}); !errors.As(err, new(*RollbackError)) {
		t.Errorf("got %v", err)
	}
}

func TestKnownQueries(t *testing.T) {
	fixture := fixtureOf(t, made("t"))
	n := func(i int64) *int64 { return &i }
	tests := []struct {
		query  bundle.KnownQuery
		answer Answer
		want   string
	}{
		{bundle.KnownQuery{Name: "q", ExpectRows: n(2)}, Answer{Rows: 2}, ""},
		{bundle.KnownQuery{Name: "q", ExpectRows: n(2)}, Answer{Rows: 3}, `query "q": 3 rows instead of 2 rows`},
		{bundle.KnownQuery{Name: "q", ExpectValue: []byte("2.50")}, Answer{1, []byte("2.5")}, ""},
		{bundle.KnownQuery{Name: "q", ExpectValue: []byte("9007199254740993")}, Answer{1, []byte("9007199254740992")}, `query "q": 9007199254740992 instead of 9007199254740993`},
		{bundle.KnownQuery{Name: "q", ExpectValue: []byte("1e2")}, Answer{1, []byte("100")}, ""},
		{bundle.KnownQuery{Name: "q", ExpectValue: []byte("1e999999999")}, Answer{1, []byte("1")}, `query "q": 1 instead of 1e999999999`},
		{bundle.KnownQuery{Name: "q", ExpectValue: []byte("true")}, Answer{1, []byte("1")}, ""},
		{bundle.KnownQuery{Name: "q", ExpectValue: []byte(`"a"`)}, Answer{1, []byte(`"\u0061"`)}, ""},
		{bundle.KnownQuery{Name: "q", ExpectValue: []byte(`"1"`)}, Answer{1, []byte("1")}, `query "q": 1 instead of "1"`},
		{bundle.KnownQuery{Name: "q", ExpectValue: []byte("null")}, Answer{1, []byte("null")}, ""},
		{bundle.KnownQuery{Name: "q", ExpectValue: []byte("null")}, Answer{}, `query "q": no row instead of null`},
		{bundle.KnownQuery{Name: "q"}, Answer{}, ""},
	}
	for _, tt := range tests {
		fixture.Manifest.KnownQueries = []bundle.KnownQuery{tt.query}
		for _, check := range []bool{true, false} {
			f := &fake{answer: tt.answer}
			_, err := Load(t.Context(), fixture, f, LoadOptions{CheckQueries: check})
			got := ""
			if err != nil {
				got = strings.TrimPrefix(err.Error(), "fake:db: rolled back: ")
			}
			if check && got != tt.want || !check && err != nil {
				t.Errorf("%s of %s, check %v: got %s, want %s", tt.query.ExpectValue, tt.answer.Value, check, got, tt.want)
			}
		}
	}
}

func TestAnUnloadThatFailsIsUndone(t *testing.T) {
	fixture, lost := fixtureOf(t, made("a"), made("b", "a"), made("c")), errors.New("lost")
	id, err := fixture.Identify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{state: map[string]State{"a": {Exists: true, Rows: 3}, "b": {Exists: true, Rows: 3}, "c": {Exists: true, Rows: 9}}, records: []Record{
		{Table: "a", FixtureID: "test", Mode: Created, TableJSON: string(made("a").JSON())},
		{Table: "b", FixtureID: "test", Mode: Owned, TableJSON: string(made("b", "a").JSON())},
		{Table: "c", FixtureID: "test", Mode: Appended, Digest: id.String(), TableJSON: string(made("c").JSON())}}}
	want := "begin [] false, delete c, forget test c, clear b, forget test b, drop a, forget test a, commit"
	if _, err := Unload(t.Context(), fixture, f); err != nil || f.steps() != want {
		t.Errorf("%v\ngot  %s\nwant %s", err, f.steps(), want)
	}
	for _, step := range []string{"delete", "clear", "drop", "forget", "commit"} {
		f.log, f.fail = nil, map[string]error{step: lost}
		done, err := Unload(t.Context(), fixture, f)
		if err == nil || err.Error() != "fake:db: rolled back: lost" || done != nil || !strings.HasSuffix(f.steps(), ", rollback") {
			t.Errorf("%s: %v %v after %s", step, done, err, f.steps())
		}
	}
	f.log, f.records[0].TableJSON = nil, "{"
	if _, err := Unload(t.Context(), fixture, f); err == nil || err.Error() != "fake:db: IrisFix.Loads: its entry for a cannot be read" || f.log != nil {
		t.Errorf("a damaged record: %v after %s", err, f.steps())
	}
}

func TestATableThatIsAskedForTwiceIsLoadedOnce(t *testing.T) {
	r, err := Load(t.Context(), fixtureOf(t, made("a"), made("b")), &fake{}, LoadOptions{Tables: []string{"b", "a", "b"}})
	if err != nil || len(r.Tables) != 2 {
		t.Errorf("%v, %v", r, err)
	}
}

// Somebody alters a table between the plan and the transaction: the conflict is found before rows meet columns that
// are not there.
func TestATableThatNoLongerFitsIsAConflict(t *testing.T) {
	f := &fake{state: map[string]State{"t": {Exists: true}}}
	f.onBegin = func() { f.state = map[string]State{"t": {Exists: true, Misfits: []string{"lacks the column id"}}} }
	_, err := Load(t.Context(), fixtureOf(t, made("t")), f, LoadOptions{})
	if err == nil || err.Error() != "fake:db: t: lacks the column id" {
		t.Errorf("got %v", err)
	}
	if got, want := f.steps(), "begin [] false, rollback"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
