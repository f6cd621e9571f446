package engine

import "testing"

// What the tests of sqlalchemy-iris, which its authors run against real servers, expect.
func TestWhatTheSQLAlchemyDialectRelies(t *testing.T) {
	s := connect(t, open(t, Options{EarlyDates: true}))
	for _, tt := range []struct{ sql, want string }{
		{"CREATE TABLE P (Id INTEGER PRIMARY KEY)", "0"},
		{"CREATE TABLE C (A INTEGER, B INTEGER, D DATE, CONSTRAINT F FOREIGN KEY (B) REFERENCES P (Id))", "0"},
		{"CREATE INDEX I ON C (B, A)", "0"},
		{"ALTER TABLE C DROP COLUMN B", "-322:Column 'B' is part of constraint 'F'"},
		{"ALTER TABLE C DROP COLUMN B CASCADE", "0"},
		{"SELECT COUNT(*) FROM INFORMATION_SCHEMA.INDEXES WHERE TABLE_NAME = 'C' AND INDEX_NAME = 'I'", "0"},
		{"DROP TABLE P", "0"},
		{"INSERT INTO C (D) VALUES ('-671983')", "1"},
		{"SELECT D FROM C", "'0001-03-04'"},
	} {
		if got := outcome(t, s, tt.sql); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.sql, got, tt.want)
		}
	}
}

func TestADateBefore1840NeedsAMinimumThatSaysSo(t *testing.T) {
	s := connect(t, open(t, Options{}))
	outcome(t, s, "CREATE TABLE D (A DATE, B %Library.Date(MINVAL=-672045))")
	if got := outcome(t, s, "INSERT INTO D (A) VALUES ('1840-12-30')"); got[:4] != "-104" {
		t.Error(got)
	}
	if got := outcome(t, s, "INSERT INTO D (B) VALUES ('0001-01-01')"); got != "1" {
		t.Error(got)
	}
}

// A number that is selected by itself is not made text of, although nothing is known of its type.
func TestAParameterByItselfStaysWhatItIs(t *testing.T) {
	s := connect(t, open(t, Options{}))
	st, err := s.Prepare(t.Context(), "SELECT ?")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{Decimal{Mantissa: 157563, Exponent: -4}, int64(7), "1.50"} {
		rows, err := st.Query(t.Context(), []any{v})
		if err != nil {
			t.Fatal(err)
		}
		if row, err := rows.Next(); err != nil || row[0] != v {
			t.Errorf("%v came back as %v, %v", v, row, err)
		}
	}
}
