package wire

import (
	"errors"
	"strings"
	"testing"
)

func TestQuestionMarksBecomeParameters(t *testing.T) {
	for _, c := range []struct {
		sql, want string
		n         int
	}{
		{"SELECT ID , Name FROM T WHERE ID > ?", "SELECT ID , Name FROM T WHERE ID > :%qpar(1)", 1},
		{"INSERT INTO T (a,b) VALUES (?,?)", "INSERT INTO T (a,b) VALUES ( :%qpar(1) , :%qpar(2) )", 2},
		{"a=? AND\tb=?\nOR c=?", "a= :%qpar(1) AND\tb= :%qpar(2)\nOR c= :%qpar(3)", 3},
		{"?", ":%qpar(1)", 1},
		{"create table Z (a int)", "create table Z (a int)", 0},
		{"SELECT '?' , ID FROM T WHERE a=? AND b=?", "SELECT '?' , ID FROM T WHERE a= :%qpar(1) AND b= :%qpar(2)", 2},
		{"SELECT 'it''s ?',?", "SELECT 'it''s ?', :%qpar(1)", 1},
		{`SELECT "a""?",'"',?`, `SELECT "a""?",'"', :%qpar(1)`, 1},
		{"SELECT 1 -- why?\n,?", "SELECT 1 -- why?\n, :%qpar(1)", 1},
		{"SELECT 1 -- why?\r,?", "SELECT 1 -- why?\r, :%qpar(1)", 1},
		{"SELECT 1 -- why?", "SELECT 1 -- why?", 0},
		{"SELECT /* why? */ ? /**/", "SELECT /* why? */ :%qpar(1) /**/", 1},
		{"SELECT {fn UCASE('}?')} + {d {?}} + ?", "SELECT {fn UCASE('}?')} + {d {?}} + :%qpar(1)", 1},
		{"'é?' = ? -- \U0001F4BB", "'é?' = :%qpar(1) -- \U0001F4BB", 1},
		{"", "", 0},
	} {
		for _, delimited := range []bool{false, true} {
			got, n, err := Placeholders(c.sql, delimited)
			if got != c.want || n != c.n || err != nil {
				t.Errorf("%s: %s, %d, %v", c.sql, got, n, err)
			}
		}
	}
}

func TestTextWithoutAnEndIsRefused(t *testing.T) {
	for sql, want := range map[string]string{
		"x 'abc":     "literal at byte 2 has no end",
		`x "abc`:     "quoted identifier at byte 2 has no end",
		"x /* abc *": "comment at byte 2 has no end",
		"x {abc":     "brace at byte 2 has no end",
		"x {'}":      "brace at byte 2 has no end",
		"x {a{b}":    "brace at byte 2 has no end",
		"/*/":        "comment at byte 0 has no end",
	} {
		_, _, err := Placeholders(sql, true)
		var scan *ScanError
		if !errors.As(err, &scan) || err.Error() != want {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestLongStatementsTravelInChunks(t *testing.T) {
	for _, c := range []struct {
		sql    string
		chunks []int // in bytes
	}{
		{"", []int{0}},
		{strings.Repeat("x", MaxChunk), []int{MaxChunk}},
		{strings.Repeat("x", MaxChunk+1), []int{MaxChunk, 1}},
		{strings.Repeat("é", 2*MaxChunk), []int{2 * MaxChunk, 2 * MaxChunk}},
		{strings.Repeat("x", MaxChunk-1) + "\U0001F4BBy", []int{MaxChunk - 1, 5}},
		{strings.Repeat("x", MaxChunk-2) + "\U0001F4BBy", []int{MaxChunk + 2, 1}},
	} {
		chunks := chunk(c.sql)
		var sizes []int
		for _, s := range chunks {
			sizes = append(sizes, len(s))
			if n, err := Units(s); n > MaxChunk || err != nil {
				t.Errorf("a chunk of %d units, %v", n, err)
			}
		}
		if len(sizes) != len(c.chunks) || strings.Join(chunks, "") != c.sql {
			t.Fatalf("chunks of %d bytes, want %d", sizes, c.chunks)
		}
		for i, n := range c.chunks {
			if sizes[i] != n {
				t.Errorf("chunks of %d bytes, want %d", sizes, c.chunks)
			}
		}
		m := must[Prepare](t)(ParsePrepare(must[[]byte](t)(Prepare{SQL: c.sql}.Append(nil, Unicode)), Unicode))
		if m.SQL != c.sql {
			t.Error("the text changed on its way")
		}
	}
}

func TestStatementTextsThatAreNotUTF8AreRefused(t *testing.T) {
	sql := strings.Repeat("x", MaxChunk) + "\xff"
	got, err := Prepare{SQL: sql}.Append([]byte("before"), Unicode)
	var bad *EncodingError
	if !errors.As(err, &bad) || string(got) != "before" || err.Error() != "PP request: SQL text: invalid UTF-8 at byte 0" {
		t.Error(err)
	}
}
