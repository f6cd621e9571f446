package engine

import (
	"context"
	"errors"
	"testing"
)

func TestTransactionsEndAsTheCommitModeSays(t *testing.T) {
	s := connect(t, open(t, Options{}))
	walk(t, s, []step{
		{sql: "CREATE TABLE T (Id INT PRIMARY KEY, Name VARCHAR(10))", want: "0"},
		{sql: "INSERT INTO T VALUES (1, 'a')", want: "1"},
		{sql: "ROLLBACK", want: "0"}, // nothing to undo in mode IMPLICIT
		{sql: "SELECT * FROM T", want: "1|'a'"},
		{sql: "START TRANSACTION", want: "0"},
		{sql: "START TRANSACTION", want: "0"}, // does not nest
		{sql: "INSERT INTO T VALUES (2, 'b')", want: "1"},
		{sql: "UPDATE T SET Name = 'z' WHERE Id = 1", want: "1"},
		{sql: "DELETE FROM T WHERE Id = 2", want: "1"},
		{sql: "INSERT INTO T VALUES (2, 'c')", want: "1"},
		{sql: "ROLLBACK", want: "0"},
		{sql: "SELECT * FROM T", want: "1|'a'"},
		{sql: "SET TRANSACTION %COMMITMODE EXPLICIT", want: "0"},
		{sql: "INSERT INTO T VALUES (3, 'c')", want: "1"},
		{sql: "SELECT $TLEVEL", want: "1"},
		{sql: "ROLLBACK", want: "0"},
		{sql: "SELECT COUNT(*), $TLEVEL FROM T", want: "1|0"},
		{sql: "INSERT INTO T VALUES (3, 'c')", want: "1"},
		{sql: "COMMIT", want: "0"},
		{sql: "SELECT COUNT(*) FROM T", want: "2"},
		{sql: "SET TRANSACTION %COMMITMODE NONE", want: "0"},
		{sql: "INSERT INTO T SELECT 4, 'd' UNION ALL SELECT 3, 'dup'", want: `-119:Table 'SQLUser.T', Constraint 'T_PKEY1', Field(s) Id=3; failed unique check`},
		{sql: "SELECT COUNT(*) FROM T", want: "3"}, // without transactions a statement is not undone
		{sql: "SET TRANSACTION %COMMITMODE IMPLICIT", want: "0"},
		{sql: "INSERT INTO T SELECT 5, 'd' UNION ALL SELECT 3, 'dup'", want: `-119:Table 'SQLUser.T', Constraint 'T_PKEY1', Field(s) Id=3; failed unique check`},
		{sql: "SELECT COUNT(*) FROM T", want: "3"},
	})
}

func TestAFailedStatementLeavesItsTransactionAsItWas(t *testing.T) {
	s := connect(t, open(t, Options{}))
	walk(t, s, []step{
		{sql: "CREATE TABLE T (Id INT PRIMARY KEY)", want: "0"},
		{sql: "START TRANSACTION", want: "0"},
		{sql: "INSERT INTO T VALUES (1)", want: "1"},
		{sql: "INSERT INTO T SELECT 2 UNION ALL SELECT 1", want: `-119:Table 'SQLUser.T', Constraint 'T_PKEY1', Field(s) Id=1; failed unique check`},
		{sql: "SELECT Id FROM T", want: "1"},
		{sql: "ROLLBACK", want: "0"},
		{sql: "SELECT Id FROM T", want: ""},
	})
}

func TestSavepointsUndoWhatCameAfterThem(t *testing.T) {
	s := connect(t, open(t, Options{}))
	walk(t, s, []step{
		{sql: "CREATE TABLE T (Id INT)", want: "0"},
		{sql: "START TRANSACTION", want: "0"},
		{sql: "INSERT INTO T VALUES (1)", want: "1"},
		{sql: "SAVEPOINT a", want: "0"},
		{sql: "INSERT INTO T VALUES (2)", want: "1"},
		{sql: "SAVEPOINT b", want: "0"},
		{sql: "SELECT $TLEVEL", want: "3"},
		{sql: "INSERT INTO T VALUES (3)", want: "1"},
		{sql: "ROLLBACK TO SAVEPOINT a", want: "0"},
		{sql: "SELECT Id FROM T", want: "1"},
		{sql: "ROLLBACK TO SAVEPOINT b", want: "-375:Cannot ROLLBACK to unestablished savepoint 'b'"},
		{sql: "SELECT Id FROM T", want: ""}, // an unknown savepoint rolls everything back
		{sql: "SELECT $TLEVEL", want: "0"},
		{sql: "SAVEPOINT SYS_1", want: "-302:"},
		{sql: "SAVEPOINT", want: "-301:"},
	})
}

func TestCountersAndDefinitionsAreNotRolledBack(t *testing.T) {
	s := connect(t, open(t, Options{}))
	walk(t, s, []step{
		{sql: "CREATE TABLE T (Id IDENTITY, N INT)", want: "0"},
		{sql: "START TRANSACTION", want: "0"},
		{sql: "INSERT INTO T (N) VALUES (1)", want: "1"},
		{sql: "CREATE TABLE U (Id INT)", want: "0"},
		{sql: "ROLLBACK", want: "0"},
		{sql: "SELECT COUNT(*) FROM U", want: "0"},
		{sql: "INSERT INTO T (N) VALUES (1)", want: "1"},
		{sql: "SELECT Id FROM T", want: "2"},
	})
}

func TestTruncateIsUndoneOnlyInsideOfAnExplicitTransaction(t *testing.T) {
	s := connect(t, open(t, Options{}))
	walk(t, s, []step{
		{sql: "CREATE TABLE T (Id IDENTITY, N VARCHAR(5))", want: "0"},
		{sql: "INSERT INTO T (N) VALUES ('a')", want: "1"},
		{sql: "START TRANSACTION", want: "0"},
		{sql: "TRUNCATE TABLE T", want: "-1"},
		{sql: "SELECT COUNT(*) FROM T", want: "0"},
		{sql: "ROLLBACK", want: "0"},
		{sql: "SELECT * FROM T", want: "1|'a'"},
		{sql: "SET TRANSACTION %COMMITMODE EXPLICIT", want: "0"},
		{sql: "TRUNCATE TABLE T", want: "-1"},
		{sql: "ROLLBACK", want: "0"},
		{sql: "SELECT COUNT(*) FROM T", want: "0"},
	})
}

func TestNoJournalMeansNoRollback(t *testing.T) {
	s := connect(t, open(t, Options{}))
	walk(t, s, []step{
		{sql: "CREATE TABLE T (Id INT)", want: "0"},
		{sql: "START TRANSACTION", want: "0"},
		{sql: "INSERT %NOJOURN INTO T VALUES (1)", want: "1"},
		{sql: "ROLLBACK", want: "0"},
		{sql: "SELECT Id FROM T", want: "1"},
	})
}

func TestClosingRollsBack(t *testing.T) {
	sys := open(t, Options{})
	a, b := connect(t, sys), connect(t, sys)
	walk(t, a, []step{
		{sql: "CREATE TABLE T (Id INT, S LONGVARCHAR)", want: "0"},
		{sql: "INSERT INTO T VALUES (1, 'kept')", want: "1"},
		{sql: "START TRANSACTION", want: "0"},
		{sql: "INSERT INTO T VALUES (2, 'x')", want: "1"},
		{sql: "DELETE FROM T WHERE Id = 1", want: "1"},
	})
	walk(t, b, []step{{sql: "SELECT Id FROM T", want: "2"}}) // READ UNCOMMITTED sees it
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	walk(t, b, []step{{sql: "SELECT Id, SUBSTRING(S, 1, 9) FROM T", want: "1|'kept'"}})
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := outcome(t, a, "SELECT 1"), "-401:the session is closed"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAContextThatEndedStopsAStatementAndUndoesIt(t *testing.T) {
	s := connect(t, open(t, Options{}))
	walk(t, s, []step{{sql: "CREATE TABLE T (Id INT)", want: "0"}})
	st, err := s.Prepare(t.Context(), "INSERT INTO T SELECT a.n + 10 * b.n FROM (SELECT 1 AS n UNION ALL SELECT 2) a, (SELECT 1 AS n UNION ALL SELECT 2) b")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := st.Exec(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	walk(t, s, []step{{sql: "SELECT COUNT(*) FROM T", want: "0"}, {sql: "INSERT INTO T VALUES (1)", want: "1"}})
}
