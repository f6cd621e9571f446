package wire

import (
	"errors"
	"math/rand/v2"
	"testing"
)

func TestScrambledTextIsUnscrambled(t *testing.T) {
	m := made{rand.New(rand.NewPCG(13, 14))}
	cyrillic := must[*Charset](t)(CharsetFor("CP1251", false))
	for range 5000 {
		s := m.text()
		it, err := Scramble(s, Unicode)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Unscramble(it, Unicode); got != s || err != nil {
			t.Fatalf("%q: %q, %v", s, got, err)
		}
	}
	it := must[Item](t)(Scramble("пароль", cyrillic))
	if it.Type != String8 || len(it.Data) != 6 {
		t.Errorf("on an 8-bit server the bytes of the code page count, not %v", it)
	}
	if got, err := Unscramble(it, cyrillic); got != "пароль" || err != nil {
		t.Error(got, err)
	}
}

func TestScramblingRefusesWhatItCannotCarry(t *testing.T) {
	cyrillic := must[*Charset](t)(CharsetFor("CP1251", false))
	if _, err := Scramble("é", cyrillic); err == nil || err.Error() != "character U+00E9 does not exist in CP1251" {
		t.Error(err)
	}
	var bad *EncodingError
	if _, err := Scramble("\xff", Unicode); !errors.As(err, &bad) {
		t.Error(err)
	}
	for item, want := range map[string]string{
		"05 02 01 00 02": "16-bit string with a payload of 3 bytes", "03 04 01": "item is a positive integer, not bytes",
	} {
		if _, err := Unscramble(one(t, unhex(t, item)), Unicode); err == nil || err.Error() != want {
			t.Errorf("%s: %v", item, err)
		}
	}
	if it := must[Item](t)(Scramble("", Unicode)); !it.Null() {
		t.Errorf("an empty name is NULL, not %v", it)
	}
}

func TestErrorsNameTheMessageAndThePart(t *testing.T) {
	cyrillic := must[*Charset](t)(CharsetFor("CP1251", false))
	for want, m := range map[string]Connect{
		"CN request: password: character U+00E9 does not exist in CP1251":  {Password: "é"},
		"CN request: namespace: character U+00E9 does not exist in CP1251": {Namespace: "é", User: "é"},
	} {
		dst, err := m.Append([]byte("before"), cyrillic)
		if err == nil || err.Error() != want || string(dst) != "before" {
			t.Errorf("%q, %v", dst, err)
		}
	}
	_, err := ParseConnect(unhex(t, "06 01 55 53 45 52 03 04 01"), Unicode)
	var part *MessageError
	var typ *TypeError
	if !errors.As(err, &part) || !errors.As(err, &typ) || err.Error() != "CN request: user: item is a positive integer, not bytes" {
		t.Error(err)
	}
}

func TestCompactDoublesAreNotGrantedBeforeVersion65(t *testing.T) {
	body := must[[]byte](t)(HandshakeReply{64, true, true, "UNICODE"}.Append(nil))
	m := must[HandshakeReply](t)(ParseHandshakeReply(body))
	if m.CompactDoubles || m.Version != 64 || !m.Unicode {
		t.Errorf("%+v", m)
	}
	if c, err := m.Charset(); c != Unicode || err != nil {
		t.Error(err)
	}
	if m, err := ParseHandshakeReply(append(body, 0xFF)); err != nil || m.Locale != "UNICODE" {
		t.Error("what later versions add:", err)
	}
}

func TestStatusesOutside16BitsAreRefused(t *testing.T) {
	for _, n := range []int64{-1, 65536, -1 << 63} {
		if m, err := ParseErrorRequest(AppendInt(nil, n)); err == nil {
			t.Errorf("%d is %v", n, m)
		}
	}
}
