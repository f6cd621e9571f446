package strictjson_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/irisfix/irisfix/internal/strictjson"
)

func TestCheck(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"an object", `{"a":1,"b":[{"a":2},{"a":3}]}`, ""},
		{"a scalar", ` 1.50 `, ""},
		{"the same key on two levels", `{"a":{"a":{"a":1}}}`, ""},
		{"a key that is the value before", `{"a":"b","b":"a"}`, ""},
		{"a surrogate pair", `"\ud83d\ude00"`, ""},
		{"an escaped backslash before u", `"\\ud800"`, ""},
		{"nothing", ``, "line 1, column 1: empty"},
		{"blanks", " \n", "line 1, column 1: empty"},
		{"a byte order mark", "\xef\xbb\xbf{}", "line 1, column 1: begins with a byte order mark"},
		{"Latin-1", "{\n\"a\":\"\xe9\"}", "line 2, column 6: not UTF-8"},
		{"UTF-16", "\xff\xfe{\x00}\x00", "line 1, column 1: not UTF-8"},
		{"a duplicate key", `{"a":1,"b":2,"a":3}`, `line 1, column 17: duplicate key "a"`},
		{"a duplicate key, escaped", `{"a":1,"\u0061":3}`, `line 1, column 16: duplicate key "a"`},
		{"a nested duplicate", `{"x":[{"k":1,"k":2}]}`, `line 1, column 17: duplicate key "k"`},
		{"truncated", `{"a":[1,`, "line 1, column 9: ends too early"},
		{"truncated text", `{"a":"b`, "line 1, column 6: ends too early"},
		{"two values", `{} {}`, "line 1, column 5: something follows the value"},
		{"half a pair", `{"a":"\ud800"}`, "line 1, column 14: half a surrogate pair in the text \"\ufffd\""},
		{"the wrong half", `"\ude00\ud83d"`, "line 1, column 15: half a surrogate pair in the text \"\ufffd\ufffd\""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if err := strictjson.Check([]byte(tt.in)); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestDepthIsLimited(t *testing.T) {
	nested := func(n int) []byte { return []byte(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	if err := strictjson.Check(nested(strictjson.MaxDepth)); err != nil {
		t.Errorf("the limit itself: %v", err)
	}
	if err := strictjson.Check(nested(1_000_000)); err == nil {
		t.Error("a million levels were accepted")
	}
}

func TestObjectKeepsOrderAndSpelling(t *testing.T) {
	members, err := strictjson.Object([]byte(`{"z":1.50,"a":[ 1e3 ],"m":null}`))
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, m := range members {
		got.WriteString(m.Key + "=" + string(m.Value) + ";")
	}
	if want := "z=1.50;a=[ 1e3 ];m=null;"; got.String() != want {
		t.Errorf("got %s want %s", got.String(), want)
	}
	if _, err := strictjson.Object([]byte(`[1]`)); err == nil {
		t.Error("an array was accepted as an object")
	}
}

// What Check accepts, encoding/json accepts too, and nothing panics.
func FuzzCheck(f *testing.F) {
	for _, s := range []string{`{"a":1}`, `[[[]]]`, `{"a":{"b":[1,2,"\u00e9\ud83d\ude00"]}}`, `"\ud800"`, `{"a":1,"a":2}`, `-0.0e-1`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if strictjson.Check(data) == nil && !json.Valid(data) {
			t.Errorf("accepted %q", data)
		}
	})
}

// A reader that goes by the exact key and one that does not must not read two documents out of one.
func TestDecodeRefusesKeysThatDifferOnlyInCase(t *testing.T) {
	type object struct {
		Kind  string
		Inner map[string]int
	}
	var o object
	if err := strictjson.Decode([]byte(`{"Kind": "x", "Inner": {"a": 1, "b": 2}}`), &o); err != nil || o.Kind != "x" || o.Inner["b"] != 2 {
		t.Errorf("%+v, %v", o, err)
	}
	for _, text := range []string{`{"kind": "x", "KIND": "y"}`, `{"Inner": {"a": 1, "A": 2}}`, `{"kind": "x", "` + "\u212a" + `ind": "y"}`, `{"kind": "x", "kind": "y"}`} {
		if err := strictjson.Decode([]byte(text), &o); err == nil || !strings.Contains(err.Error(), "duplicate key") {
			t.Errorf("%s: %v", text, err)
		}
	}
	if err := strictjson.Check([]byte(`{"a": 1, "A": 2}`)); err != nil {
		t.Errorf("keys of any text may differ in case only: %v", err)
	}
}
