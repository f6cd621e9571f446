package bundle

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/irisfix/irisfix/bundle/dat"
)

func diffOf(t *testing.T, a, b string) []Difference {
	t.Helper()
	list, err := Diff(t.Context(), openTest(t, a), openTest(t, b), DiffOptions{Sample: 2, Temp: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func oneTable(t *testing.T, table *dat.Table, rows ...person) string {
	return newFixture(t, "f", []string{table.Name}, map[string][]byte{table.Name: tableFile(t, table, rows...)})
}

func TestDiffOfRows(t *testing.T) {
	a := oneTable(t, people("P"), person{1, "Ann", 30}, person{2, "Bo", 40}, person{3, "Cy", 50}, person{5, "-", 1})
	b := oneTable(t, people("P"), person{1, "Ann", 31}, person{3, "Cy", 50}, person{4, "Di", 60}, person{5, "", 2}, person{6, "Ed", 7})
	list := diffOf(t, a, b)
	got, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"Table":"P","Kind":"rows","Added":2,"Removed":1,"Changed":2,"Columns":[{"Name":"name","Rows":1},{"Name":"age","Rows":2}],"Schema":null,` +
		`"Sample":[{"Change":"changed","Key":[{"Column":"id","Before":"1","After":"1"}],"Cells":[{"Column":"age","Before":"30","After":"31"}]},` +
		`{"Change":"removed","Key":[{"Column":"id","Before":"2","After":null}],"Cells":[{"Column":"name","Before":"Bo","After":null},{"Column":"age","Before":"40","After":null}]}]}]`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if list := diffOf(t, a, a); len(list) != 0 {
		t.Errorf("with itself: %v", list)
	}
}

// NULL, the empty text and other bits of a float are different values.
func TestDiffSeesNullApart(t *testing.T) {
	list := diffOf(t, oneTable(t, people("P"), person{1, "-", 0}), oneTable(t, people("P"), person{1, "", 0}))
	if len(list) != 1 || list[0].Changed != 1 || list[0].Sample[0].Cells[0].Before != nil || *list[0].Sample[0].Cells[0].After != "" {
		t.Errorf("%+v", list)
	}
}

func TestDiffOfTablesAndSchema(t *testing.T) {
	wider := people("P")
	wider.Columns[1].SQLType = "LONGVARCHAR"
	wider.Columns[2] = dat.Column{Name: "years", SQLType: "SMALLINT"}
	wider.PrimaryKey = []string{"id", "years"}
	wider.Unique = [][]string{{"name"}}
	wider.Indexes = []dat.Index{{Name: "i", Columns: []string{"name"}}}
	old := people("P")
	old.ForeignKeys = []dat.ForeignKey{{Columns: []string{"id"}, RefTable: "Gone"}}
	a := newFixture(t, "f", []string{"P", "Gone"}, map[string][]byte{"P": tableFile(t, old, person{1, "Ann", 30}), "Gone": tableFile(t, people("Gone"), person{1, "x", 1})})
	b := newFixture(t, "f", []string{"P", "New"}, map[string][]byte{"P": tableFile(t, wider, person{1, "Ann", 30}), "New": tableFile(t, people("New"))})
	var got []string
	for _, d := range diffOf(t, a, b) {
		got = append(got, fmt.Sprintf("%s: %s +%d -%d ~%d %q", d.Table, d.Kind, d.Added, d.Removed, d.Changed, d.Schema))
	}
	want := []string{
		`Gone: table removed +0 -1 ~0 []`,
		`New: table added +0 -0 ~0 []`,
		`P: schema +0 -0 ~0 ["column name: LONGVARCHAR, was VARCHAR" "column age removed" "column years added: SMALLINT NOT NULL" "primary key (id, years), was (id)" "foreign key (id) to Gone removed" "unique (name) added" "index i (name) added"]`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// Without a primary key rows are compared as a bag: their order does not matter, their number does.
func TestDiffWithoutAKey(t *testing.T) {
	keyless := people("P")
	keyless.PrimaryKey = nil
	a := oneTable(t, keyless, person{2, "b", 1}, person{1, "a", 1}, person{1, "a", 1})
	b := oneTable(t, keyless, person{1, "a", 1}, person{3, "c", 1}, person{2, "b", 1})
	list := diffOf(t, a, b)
	if len(list) != 1 || list[0].Added != 1 || list[0].Removed != 1 || list[0].Changed != 0 {
		t.Fatalf("%+v", list)
	}
	if same := diffOf(t, a, oneTable(t, keyless, person{1, "a", 1}, person{1, "a", 1}, person{2, "b", 1})); len(same) != 0 {
		t.Errorf("%+v", same)
	}
}

func TestDiffOfLargeTables(t *testing.T) {
	const n = 300_000
	rows := func(change func(i int) (person, bool)) string {
		var list []person
		for i := range n {
			if p, ok := change(i); ok {
				list = append(list, p)
			}
		}
		return oneTable(t, people("P"), list...)
	}
	a := rows(func(i int) (person, bool) { return person{int64(i), "name", 1}, i%1000 != 7 })
	b := rows(func(i int) (person, bool) { return person{int64(i), "name", int64(1 + i%100/99)}, i%1000 != 8 })
	d := diffOf(t, a, b)[0]
	if d.Added != n/1000 || d.Removed != n/1000 || d.Changed != n/100 || len(d.Sample) != 2 {
		t.Errorf("%d added, %d removed, %d changed", d.Added, d.Removed, d.Changed)
	}
}

func TestDifferentKindsCannotBeCompared(t *testing.T) {
	a := oneTable(t, people("P"))
	b := newFixture(t, "f", nil, nil, func(m *Manifest) { m.DatFile, m.Checksum = "IRIS.DAT", emptySum })
	_, err := Diff(t.Context(), openTest(t, a), openTest(t, b), DiffOptions{})
	var invalid *InvalidError
	if !errors.As(err, &invalid) {
		t.Errorf("got %v", err)
	}
}
