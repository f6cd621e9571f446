package wire

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzItems(f *testing.F) {
	for _, v := range itemVectors(f) {
		f.Add(v.data)
	}
	for _, v := range messageVectors(f) {
		f.Add(v.body)
	}
	cp := must[*Charset](f)(CharsetFor("CP1253", false))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := NewReader(body)
		for {
			before := len(r.Rest())
			it, err := r.Next()
			if err != nil {
				if len(r.Rest()) != before || (err == io.EOF) != (before == 0) {
					t.Fatalf("%v with %d bytes left of %d", err, len(r.Rest()), before)
				}
				return
			}
			if len(it.Data) >= before {
				t.Fatalf("%d bytes of data out of %d", len(it.Data), before)
			}
			again := one(t, AppendItem(nil, it))
			if again.Type != it.Type || again.ByRef != it.ByRef || !bytes.Equal(again.Data, it.Data) {
				t.Fatalf("%+v became %+v", it, again)
			}
			checkValue(t, it, Unicode)
			checkValue(t, it, cp)
		}
	})
}

// checkValue writes again what could be read, and reads the same.
func checkValue(t *testing.T, it Item, c *Charset) {
	if v, err := it.Int(); err == nil {
		if got, err := one(t, AppendInt(nil, v)).Int(); got != v || err != nil {
			t.Fatal(v, got, err)
		}
	}
	if n, err := it.Number(); err == nil {
		body, ok := AppendNumber(nil, n)
		got := n
		if ok {
			got, err = one(t, body).Number()
		}
		if got != n || err != nil {
			t.Fatal(n, got, err)
		}
	}
	if v, err := it.Float(); err == nil {
		got, err := one(t, AppendCompactDouble(nil, v)).Float()
		if math.Float64bits(got) != math.Float64bits(v) || err != nil {
			t.Fatal(v, got, err)
		}
	}
	if s, err := it.Text(c); err == nil {
		body, err := AppendText(nil, s, c)
		if c != Unicode && it.Type == String16 && err != nil {
			return // 16-bit text that the code page does not have
		}
		got, err2 := one(t, body).Text(c)
		if got != s || err != nil || err2 != nil || !utf8.ValidString(s) {
			t.Fatalf("%q, %q, %v, %v", s, got, err, err2)
		}
	}
	if b, err := it.SQLBytes(); err == nil && !it.Null() {
		got, err := one(t, must[[]byte](t)(AppendSQLBytes(nil, b))).SQLBytes()
		if !bytes.Equal(got, b) || err != nil {
			t.Fatalf("%x, %x, %v", b, got, err)
		}
	}
}

func FuzzReply(f *testing.F) {
	for _, v := range messageVectors(f) {
		f.Add(v.whole, 100)
	}
	f.Add(AppendReply(AppendReply(nil, 1, 2, 0, true, []byte("ab")), 1, 2, 100, false, []byte("c")), 50)
	f.Fuzz(func(t *testing.T, stream []byte, limit int) {
		limit = 1 + limit&0xFFFF
		r := bytes.NewReader(stream)
		h, body, err := ReadReply(r, limit, nil)
		if err != nil {
			if err == io.EOF && len(stream) > 0 {
				t.Fatal("a clean end within a message")
			}
			return
		}
		if h.More || len(body) > limit || int(h.Length) != len(body) {
			t.Fatalf("%+v, %d bytes, limit %d", h, len(body), limit)
		}
		// The same by hand.
		var joined []byte
		read := stream[:len(stream)-r.Len()]
		for len(read) > 0 {
			part := ParseHeader([HeaderSize]byte(read[:HeaderSize]))
			joined = append(joined, read[HeaderSize:HeaderSize+int(part.Length)]...)
			read = read[HeaderSize+int(part.Length):]
			if part.More != (len(read) > 0) || part.ID != h.ID || part.Statement != h.Statement {
				t.Fatalf("%+v belongs not to %+v", part, h)
			}
		}
		same(t, "body", body, joined)
	})
}

func FuzzRequest(f *testing.F) {
	for _, v := range messageVectors(f) {
		f.Add(v.whole)
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		h, body, err := ReadRequest(bytes.NewReader(stream), 1<<16, nil)
		if err != nil {
			return
		}
		same(t, "request", AppendRequest(nil, h.ID, h.Statement, h.Code, body), stream[:HeaderSize+len(body)])
	})
}

// FuzzMessages parses a body as each message in turn. What is accepted must be written and parsed as the same.
func FuzzMessages(f *testing.F) {
	vectors := messageVectors(f)
	for i := range forms {
		for _, v := range vectors {
			f.Add(i, v.body)
		}
	}
	f.Fuzz(func(t *testing.T, which int, body []byte) {
		form := forms[uint(which)%uint(len(forms))]
		m, err := form.parse(body)
		if err != nil {
			return
		}
		written, err := form.write(m)
		if err != nil {
			if strings.Contains(err.Error(), "key selector") {
				return // read, but never written
			}
			t.Fatalf("%s %#v: %v", form.name, m, err)
		}
		again, err := form.parse(written)
		if piece, ok := m.(WriteStream); ok && piece.Count == 0 {
			piece.Count = uint32(len(piece.Data))
			m = piece
		}
		if err != nil || !reflect.DeepEqual(again, m) {
			t.Fatalf("%s: %v\n got %#v\nwant %#v", form.name, err, again, m)
		}
	})
}

func FuzzText(f *testing.F) {
	for _, v := range itemVectors(f) {
		f.Add(v.value)
	}
	cp := must[*Charset](f)(CharsetFor("CP874", false))
	f.Fuzz(func(t *testing.T, s string) {
		for _, c := range []*Charset{Unicode, cp} {
			body, err := AppendSQLText(nil, s, c)
			if err != nil {
				var page *CharsetError
				if c == Unicode && utf8.ValidString(s) && !errors.Is(err, ErrOneNUL) || c != Unicode && utf8.ValidString(s) && !errors.As(err, &page) && !errors.Is(err, ErrOneNUL) {
					t.Fatalf("%q: %v", s, err)
				}
				continue
			}
			if got, err := one(t, body).SQLText(c); got != s || err != nil {
				t.Fatalf("%q: %q, %v", s, got, err)
			}
		}
	})
}

func FuzzNumberText(f *testing.F) {
	for _, s := range []string{"0", "-1.50", ".5", "1E10", "-0.00", "123456789012345678901", "12e-200"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseNumber(s)
		if err != nil || n.Exponent < -1000 || n.Exponent > 1000 {
			return
		}
		want, ok := new(big.Rat).SetString(s)
		got, _ := new(big.Rat).SetString(n.String())
		if !ok || got.Cmp(want) != 0 {
			t.Fatalf("%q is %v", s, n)
		}
		checkCanonical(t, n)
		if v, err := n.Scaled(3); err == nil && want.Mul(want, big.NewRat(1000, 1)).Cmp(new(big.Rat).SetInt64(v)) != 0 {
			t.Fatalf("%q in thousandths is %d", s, v)
		}
	})
}

func FuzzPlaceholders(f *testing.F) {
	for _, s := range []string{"a=?", "'?'", `"?"`, "--?\n?", "/*?*/?", "{?}?", "''?''", "{'}'}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		out, n, err := Placeholders(sql, true)
		if err != nil {
			return
		}
		if got := strings.Count(out, ":%qpar(") - strings.Count(sql, ":%qpar("); got != n && !strings.Contains(sql, ":") {
			t.Fatalf("%q: %d parameters written, %d counted", sql, got, n)
		}
		if again, left, err := Placeholders(out, true); left != 0 || again != out || err != nil {
			t.Fatalf("%q: %d left in %q, %v", sql, left, out, err)
		}
	})
}
