package wire

import (
	"errors"
	"math/rand/v2"
	"testing"
	"unicode/utf8"
)

func TestEveryCharacterSurvives(t *testing.T) {
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		s := string(r)
		body, err := AppendText(nil, s, Unicode)
		if err != nil {
			t.Fatal(err)
		}
		it := one(t, body)
		if (it.Type == String8) != (r <= 0xFF) {
			t.Fatalf("%U written as %v", r, it.Type)
		}
		if got, err := it.Text(Unicode); got != s || err != nil {
			t.Fatalf("%U: %q, %v", r, got, err)
		}
	}
}

func TestEveryMixtureOfCharactersSurvives(t *testing.T) {
	rnd := rand.New(rand.NewPCG(9, 10))
	alphabet := []rune("a\x00é\u0080ÿĀ€\uFFFD\uFFFF\U00010000\U0010FFFF")
	for range 20_000 {
		runes := make([]rune, rnd.IntN(12))
		for i := range runes {
			runes[i] = alphabet[rnd.IntN(len(alphabet))]
		}
		s := string(runes)
		body, err := AppendSQLText([]byte("head"), s, Unicode)
		if s == "\x00" {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		it := one(t, body[4:])
		if got, err := it.SQLText(Unicode); got != s || err != nil || it.Null() {
			t.Fatalf("%q: %q, %v", s, got, err)
		}
	}
}

func TestTextThatIsNotUTF8IsRefused(t *testing.T) {
	cp := must[*Charset](t)(CharsetFor("CP1252", false))
	for _, s := range []string{"ab\xff", "ab\xe2\x82", "ab\xed\xa0\x80", "ab\xf0\x9f"} {
		for _, c := range []*Charset{Unicode, cp} {
			b, err := AppendText([]byte("before"), s, c)
			var bad *EncodingError
			if !errors.As(err, &bad) || bad.Offset != 2 || string(b) != "before" {
				t.Errorf("%q: %v", s, err)
			}
		}
	}
}

func TestLoneSurrogatesAreReportedAndNothingIsReplaced(t *testing.T) {
	for item, want := range map[string]string{
		"06 02 61 00 3d d8":       "lone surrogate D83D at unit 1",
		"06 02 bb dc 61 00":       "lone surrogate DCBB at unit 0",
		"08 02 3d d8 3d d8 bb dc": "lone surrogate D83D at unit 0",
		"05 02 61 00 62":          "16-bit string with a payload of 3 bytes",
		"03 04 01":                "item is a positive integer, not text",
		"03 19 31":                "item is a 8-bit object reference, not text",
	} {
		s, err := one(t, unhex(t, item)).Text(Unicode)
		if s != "" || err == nil || err.Error() != want {
			t.Errorf("%s: %q, %v", item, s, err)
		}
	}
	if b, err := (Item{Type: String16, Data: unhex(t, "61003dd8")}).AppendText([]byte("before"), Unicode); err == nil || string(b) != "before" {
		t.Error("part of a bad string was left in the buffer")
	}
}

func TestNumbersInCharacterColumnsReadAsIRISWritesThem(t *testing.T) {
	for item, want := range map[string]string{"04 06 ff 05": ".5", "04 07 ff fb": "-.5", "05 06 fe 96 00": "1.5", "03 04 07": "7"} {
		if s, err := one(t, unhex(t, item)).SQLText(Unicode); s != want || err != nil {
			t.Errorf("%s: %q, %v", item, s, err)
		}
	}
}
