package engine

import (
	"errors"
	"strings"
	"testing"
)

var seeds = []string{
	"SELECT TOP 5 DISTINCT %EXACT(a), b AS \"c d\" FROM s.t x LEFT JOIN (SELECT 1) y ON x.a = y.a WHERE a IN (1, ?, 'x''y') AND NOT b LIKE 'a%' ESCAPE '\\' GROUP BY a HAVING COUNT(*) > :%qpar(2) ORDER BY 1 DESC LIMIT 5 OFFSET 2",
	"CREATE TABLE \"S\".\"T\" (%PUBLICROWID, a INT NOT NULL PRIMARY KEY, b %Library.Date(MINVAL=-672045), c VARCHAR('') COLLATE %EXACT DEFAULT 'x', d VECTOR(double, 3), e INT COMPUTECODE {set {*} = {a} * 2} CALCULATED, CONSTRAINT f FOREIGN KEY (a) REFERENCES t (a) ON DELETE SET NULL) WITH %CLASSPARAMETER ALLOWIDENTITYINSERT = 1",
	"INSERT %NOLOCK %NOCHECK INTO t (a, b) VALUES (?, TO_VECTOR('1,2', double))",
	"UPDATE t SET a = a + 1, b = CASE WHEN a = 1 THEN {d '2020-01-01'} ELSE NULL END WHERE a BETWEEN 1 AND 2 -- comment",
	"WITH a(x) AS (SELECT 1 UNION ALL SELECT 2) SELECT * FROM a /* c */",
	"ALTER TABLE t ADD CONSTRAINT c UNIQUE (a, b)", "ALTER TABLE t MODIFY a VARCHAR(5) NOT NULL",
	"CREATE UNIQUE INDEX i ON TABLE t (a ASC, b DESC) WITH DATA (c)", "DROP INDEX s.t.i", "TRUNCATE TABLE %NOJOURN t",
	"LOCK TABLE t IN EXCLUSIVE MODE WAIT 5", "GRANT SELECT, %NOCHECK ON t TO a, b WITH GRANT OPTION", "%CHECKPRIV SELECT ON t",
	"SET TRANSACTION %COMMITMODE EXPLICIT, ISOLATION LEVEL READ COMMITTED", "CREATE DATABASE x ON DIRECTORY 'd' WITH GLOBAL_JOURNAL_STATE=YES",
	"SELECT ((((((1))))))", "SELECT 'a", "SELECT \"a", "SELECT /*", "SELECT {fn UPPER('a')}, $ZVERSION, -.5e-3, a->b", "SELECT \xff\xed\xa0\x80", "",
}

// Whatever is sent, the parser answers with a statement or an [Error].
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		stmt, params, err := parse(sql, true)
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("not an Error: %v", err)
		}
		if err == nil && (stmt == nil || params < 0) {
			t.Fatal("neither statement nor error")
		}
	})
}

// A statement that is understood is also bound and run without a panic, and SQLite understands what it is given.
func FuzzRun(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		sys, err := Open(Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer sys.Close()
		s, err := sys.Connect(t.Context(), "USER", "_SYSTEM")
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for _, setup := range []string{"CREATE TABLE t (a INT, b VARCHAR(20))", "INSERT INTO t VALUES (1, 'x')", "SET OPTION LOCK_TIMEOUT = 0"} {
			st, err := s.Prepare(t.Context(), setup)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := st.Exec(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
		}
		st, err := s.Prepare(t.Context(), sql)
		if err != nil {
			return
		}
		args := make([]any, len(st.Params()))
		if st.Columns() != nil {
			_, err = st.Query(t.Context(), args)
		} else {
			_, err = st.Exec(t.Context(), args)
		}
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("not an Error: %v", err)
		}
		if err != nil && (strings.Contains(e.Detail, "syntax error") || strings.Contains(e.Detail, "no such")) {
			t.Fatalf("SQLite got what it does not understand: %v", err)
		}
	})
}
