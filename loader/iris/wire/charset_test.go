package wire

import (
	"errors"
	"testing"
	"unicode/utf8"
)

func TestEveryByteOfEveryCodePageSurvivesOrIsRefused(t *testing.T) {
	for locale := range pages {
		c := must[*Charset](t)(CharsetFor(locale, false))
		refused := 0
		for b := range 256 {
			it := Item{Type: String8, Data: []byte{byte(b), 'x'}}
			s, err := it.Text(c)
			var bad *CharsetError
			if errors.As(err, &bad) && bad.Rune < 0 && bad.Byte == byte(b) && s == "" {
				refused++
				continue
			}
			if err != nil || utf8.RuneCountInString(s) != 2 {
				t.Errorf("%s %02X: %q, %v", locale, b, s, err)
			}
			same(t, locale, must[[]byte](t)(AppendText(nil, s, c)), AppendItem(nil, it))
		}
		if refused > 0 && b(t, c, 'a') != 'a' {
			t.Errorf("%s is no superset of ASCII", locale)
		}
	}
}

// b gives the byte of a character.
func b(t *testing.T, c *Charset, r rune) byte {
	return one(t, must[[]byte](t)(AppendText(nil, string(r), c))).Data[0]
}

func TestCodePagesAreTheOnesThatTheirLocalesMean(t *testing.T) {
	for locale, want := range map[string]struct {
		r rune
		b byte
	}{
		"LATIN1": {'é', 0xE9}, "LATIN2": {'ł', 0xB3}, "LATIN9": {'€', 0xA4}, "LATINC": {'я', 0xEF}, "LATINA": {'ب', 0xC8},
		"LATING": {'λ', 0xEB}, "LATINH": {'א', 0xE0}, "LATINT": {'ก', 0xA1}, "CP874": {'€', 0x80}, "CP1250": {'€', 0x80},
		"CP1251": {'я', 0xFF}, "CP1252": {'€', 0x80}, "CP1253": {'λ', 0xEB}, "CP1255": {'א', 0xE0}, "CP1256": {'ب', 0xC8},
		"CP1257": {'ą', 0xE0}, "cp1251": {'т', 0xF2},
	} {
		c := must[*Charset](t)(CharsetFor(locale, false))
		if got := b(t, c, want.r); got != want.b {
			t.Errorf("%s: %c is %02X, want %02X", locale, want.r, got, want.b)
		}
	}
}

func TestCharactersOutsideTheCodePageAreRefused(t *testing.T) {
	c := must[*Charset](t)(CharsetFor("CP1251", false))
	for s, want := range map[string]string{
		"т€ñ": "character U+00F1 does not exist in CP1251", "\uFFFD": "character U+FFFD does not exist in CP1251",
	} {
		got, err := AppendText([]byte("before"), s, c)
		var bad *CharsetError
		if !errors.As(err, &bad) || err.Error() != want || string(got) != "before" {
			t.Errorf("%q: %v, want %s", s, err, want)
		}
	}
	thai := must[*Charset](t)(CharsetFor("LATINT", false))
	if _, err := AppendText(nil, "€", thai); err == nil {
		t.Error("ISO 8859-11 has no euro sign")
	}
}

func TestWideItemsOfAnEightBitServerAreStillUTF16(t *testing.T) {
	c := must[*Charset](t)(CharsetFor("CP1251", false))
	if s, err := one(t, unhex(t, "04 02 e9 00")).Text(c); s != "é" || err != nil {
		t.Error(s, err)
	}
}

func TestAnEightBitServerWithAnUnknownLocaleIsRefused(t *testing.T) {
	_, err := CharsetFor("KLINGON", false)
	var unknown *LocaleError
	if !errors.As(err, &unknown) || unknown.Locale != "KLINGON" {
		t.Error(err)
	}
	if c, err := CharsetFor("KLINGON", true); c != Unicode || err != nil {
		t.Error("a Unicode server needs no code page:", err)
	}
}
