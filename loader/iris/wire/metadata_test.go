package wire

import (
	"errors"
	"testing"
)

func TestAStatementWithoutColumnsIsToldFromAQuery(t *testing.T) {
	params := []Param{{Type: SQLVarchar, Precision: 50}, {Type: SQLInteger}, {}}
	for n := range len(params) + 1 {
		for _, columns := range [][]Column{nil, {{Name: "a"}}, {{Name: "a"}, {}}, {{}, {}, {}}} {
			body := must[[]byte](t)(Metadata{Columns: columns, Params: params[:n]}.Append(nil, Unicode, 0))
			m, err := ParseMetadata(body, Unicode, 0)
			if len(m.Columns) != len(columns) || len(m.Params) != n || err != nil {
				t.Errorf("%d columns, %d parameters: %+v, %v", len(columns), n, m, err)
			}
		}
	}
}

func TestThePrefixIsThereOnlyIfItWasGranted(t *testing.T) {
	for features, want := range map[int]string{
		0: "02 04 02 04", FeatureDurable | FeatureRedirectOutput: "02 04 02 04",
		FeatureFastSelect: "02 04 02 04 02 04", FeatureFastInsert: "02 04 02 04 02 04",
	} {
		same(t, "prefix", must[[]byte](t)(Metadata{}.Append(nil, Unicode, features)), unhex(t, want))
	}
	fast := Metadata{Columns: []Column{{Slot: 1}}, FastSelect: true, RowItems: 4}
	body := must[[]byte](t)(fast.Append(nil, Unicode, FeatureFastSelect))
	same(t, "fast select", body[:6], unhex(t, "03 04 01 03 04 04"))
	var feature *FeatureError
	if _, err := fast.Append(nil, Unicode, 0); !errors.As(err, &feature) {
		t.Error("fast select without the grant:", err)
	}
}

func TestFastInsertIsRefusedByName(t *testing.T) {
	body := unhex(t, "03 04 02 02 04 02 04 02 04 02 04")
	var feature *FeatureError
	if _, err := ParseMetadata(body, Unicode, FeatureFastInsert); !errors.As(err, &feature) || feature.Feature != 2 {
		t.Error(err)
	}
	if _, err := ParseUpdateReply(body, Unicode, FeatureFastInsert, 1); !errors.As(err, &feature) || feature.Feature != 2 {
		t.Error(err)
	}
}

func TestRowsOfFastSelectAreTakenApart(t *testing.T) {
	m := Metadata{Columns: []Column{{Slot: 1}}}
	row := make([]Item, 1)
	if err := m.Slots(one(t, unhex(t, "05 01 03 04 07")), row); err != nil {
		t.Fatal(err)
	}
	if v, err := row[0].Int(); v != 7 || err != nil {
		t.Error(v, err)
	}
	m.Columns, row = []Column{{Slot: 3}, {Slot: 1}, {Slot: 2}}, make([]Item, 3)
	if err := m.Slots(one(t, unhex(t, "08 01 03 04 07 03 01 61")), row); err != nil {
		t.Fatal(err)
	}
	first, _ := row[1].Int()
	second, _ := row[2].Text(Unicode)
	if !row[0].Null() || first != 7 || second != "a" {
		t.Errorf("%v", row)
	}
	if err := m.Slots(one(t, unhex(t, "02 01")), row); err != nil || !row[0].Null() || !row[1].Null() || !row[2].Null() {
		t.Error(row, err)
	}
	for item, want := range map[string]string{
		"04 01 03 04": "2 bytes announced at offset 0, 1 remain", "03 04 07": "item is a positive integer, not bytes",
	} {
		if err := m.Slots(one(t, unhex(t, item)), row); err == nil || err.Error() != want {
			t.Errorf("%s: %v", item, err)
		}
	}
}

func TestShortFlagsCountAsUnset(t *testing.T) {
	for item, want := range map[string]Flags{
		"02 01": 0, "06 01 01 00 00 01": AutoIncrement | ReadOnly, "0f 01 00 00 00 00 00 00 00 00 00 00 00 01 01": RowID,
	} {
		d := decode("test", unhex(t, item), Unicode)
		if f := d.flags(); f != want || d.err != nil {
			t.Errorf("%s: %b, %v", item, f, d.err)
		}
	}
}

func TestNumbersThatOnlyDescribeMayBeNULL(t *testing.T) {
	body := unhex(t, "03 04 01 03 04 0c 02 01 02 01 01 03 04 01")
	m, err := ParseMetadata(body, Unicode, 0)
	if err != nil || len(m.Params) != 1 || m.Params[0] != (Param{Type: SQLVarchar}) {
		t.Errorf("%+v, %v", m, err)
	}
}
