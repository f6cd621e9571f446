package engine

import (
	"sync"
	"testing"
	"time"
)

// rivals are two sessions; neither waits for locks.
func rivals(t *testing.T) (a, b *Session) {
	sys := open(t, Options{})
	a, b = connect(t, sys), connect(t, sys)
	for _, s := range []*Session{a, b} {
		walk(t, s, []step{{sql: "SET OPTION LOCK_TIMEOUT = 0", want: "0"}})
	}
	walk(t, a, []step{
		{sql: "CREATE TABLE T (Id INT PRIMARY KEY, Name VARCHAR(10))", want: "0"},
		{sql: "INSERT INTO T VALUES (1, 'a')", want: "1"},
		{sql: "INSERT INTO T VALUES (2, 'b')", want: "1"},
	})
	return a, b
}

const rowLocked = "-110:Unable to acquire lock for row of table 'SQLUser.T'"

func TestRowsAreLockedUntilTheTransactionEnds(t *testing.T) {
	a, b := rivals(t)
	walk(t, a, []step{
		{sql: "START TRANSACTION", want: "0"},
		{sql: "UPDATE T SET Name = 'x' WHERE Id = 1", want: "1"},
	})
	walk(t, b, []step{
		{sql: "UPDATE T SET Name = 'y' WHERE Id = 1", want: rowLocked},
		{sql: "DELETE FROM T WHERE Id = 1", want: rowLocked},
		{sql: "UPDATE T SET Name = 'y' WHERE Id = 2", want: "1"}, // another row
		{sql: "UPDATE %NOLOCK T SET Name = 'n' WHERE Id = 2", want: "1"},
	})
	walk(t, a, []step{{sql: "ROLLBACK", want: "0"}})
	walk(t, b, []step{
		{sql: "UPDATE T SET Name = 'y' WHERE Id = 1", want: "1"},
		{sql: "SELECT * FROM T ORDER BY Id", want: "1|'y'\n2|'n'"},
	})
}

func TestValuesOfUniqueKeysAreLockedToo(t *testing.T) {
	a, b := rivals(t)
	walk(t, a, []step{
		{sql: "START TRANSACTION", want: "0"},
		{sql: "INSERT INTO T VALUES (3, 'c')", want: "1"},
		{sql: "DELETE FROM T WHERE Id = 2", want: "1"},
	})
	walk(t, b, []step{
		{sql: "INSERT INTO T VALUES (3, 'd')", want: rowLocked}, // not yet known whether it is a duplicate
		{sql: "INSERT INTO T VALUES (2, 'd')", want: rowLocked}, // the deletion may be undone
		{sql: "INSERT INTO T VALUES (4, 'd')", want: "1"},
	})
	walk(t, a, []step{{sql: "COMMIT", want: "0"}})
	walk(t, b, []step{
		{sql: "INSERT INTO T VALUES (3, 'd')", want: "-119:Table 'SQLUser.T', Constraint 'T_PKEY1', Field(s) Id=3; failed unique check"},
		{sql: "INSERT INTO T VALUES (2, 'd')", want: "1"},
	})
}

func TestTableLocksOutliveRollbackAndEndWithTheSession(t *testing.T) {
	a, b := rivals(t)
	const exclusive = "-110:Unable to acquire exclusive table lock for table 'SQLUser.T'"
	walk(t, a, []step{
		{sql: "LOCK TABLE T IN EXCLUSIVE MODE", want: "0"},
		{sql: "START TRANSACTION", want: "0"},
		{sql: "DELETE FROM T", want: "2"},
		{sql: "ROLLBACK", want: "0"},
	})
	walk(t, b, []step{
		{sql: "INSERT INTO T VALUES (9, 'z')", want: rowLocked},
		{sql: "LOCK TABLE T IN SHARE MODE WAIT 0", want: "-110:Unable to acquire shared table-level lock for table 'SQLUser.T'"},
		{sql: "LOCK TABLE T IN EXCLUSIVE MODE WAIT 0", want: "-110:Unable to acquire exclusive table-level lock for table 'SQLUser.T'"},
		{sql: "ALTER TABLE T ADD COLUMN X INT", want: exclusive},
		{sql: "DROP TABLE T", want: exclusive},
		{sql: "SELECT COUNT(*) FROM T", want: "2"},
	})
	walk(t, a, []step{{sql: "UNLOCK TABLE T IN EXCLUSIVE MODE", want: "0"}})
	walk(t, b, []step{{sql: "LOCK TABLE T IN SHARE MODE", want: "0"}})
	walk(t, a, []step{
		{sql: "LOCK TABLE T IN SHARE MODE", want: "0"},
		{sql: "UPDATE T SET Name = 'q'", want: rowLocked},
		{sql: "LOCK TABLE T IN EXCLUSIVE MODE WAIT 0", want: "-110:Unable to acquire exclusive table-level lock for table 'SQLUser.T'"},
	})
	b.Close()
	walk(t, a, []step{
		{sql: "LOCK TABLE T IN EXCLUSIVE MODE WAIT 0", want: "0"},
		{sql: "UPDATE T SET Name = 'q'", want: "2"},
	})
}

func TestUnlockWaitsForTheEndOfTheTransaction(t *testing.T) {
	a, b := rivals(t)
	walk(t, a, []step{
		{sql: "LOCK TABLE T IN EXCLUSIVE MODE", want: "0"},
		{sql: "LOCK TABLE T IN EXCLUSIVE MODE", want: "0"}, // counted
		{sql: "START TRANSACTION", want: "0"},
		{sql: "UNLOCK TABLE T IN EXCLUSIVE MODE IMMEDIATE", want: "0"},
		{sql: "UNLOCK TABLE T IN EXCLUSIVE MODE", want: "0"},
	})
	walk(t, b, []step{{sql: "DELETE FROM T", want: rowLocked}})
	walk(t, a, []step{{sql: "COMMIT", want: "0"}})
	walk(t, b, []step{{sql: "DELETE FROM T", want: "2"}})
}

func TestAParentStaysWhileAChildIsNotCommitted(t *testing.T) {
	a, b := rivals(t)
	walk(t, a, []step{
		{sql: "CREATE TABLE C (TId INT REFERENCES T (Id))", want: "0"},
		{sql: "START TRANSACTION", want: "0"},
		{sql: "INSERT INTO C VALUES (1)", want: "1"},
	})
	walk(t, b, []step{{sql: "DELETE FROM T WHERE Id = 1", want: rowLocked}, {sql: "DELETE FROM T WHERE Id = 2", want: "1"}})
	walk(t, a, []step{{sql: "ROLLBACK", want: "0"}})
	walk(t, b, []step{{sql: "DELETE FROM T WHERE Id = 1", want: "1"}})
}

func TestManyRowLocksBecomeATableLock(t *testing.T) {
	a, b := rivals(t)
	walk(t, a, []step{{sql: "START TRANSACTION", want: "0"}})
	st, err := a.Prepare(t.Context(), "INSERT INTO T VALUES (?, 'x')")
	if err != nil {
		t.Fatal(err)
	}
	for i := range lockThreshold + 1 {
		if _, err := st.Exec(t.Context(), []any{int64(100 + i)}); err != nil {
			t.Fatal(err)
		}
	}
	walk(t, b, []step{{sql: "UPDATE T SET Name = 'y' WHERE Id = 1", want: rowLocked}})
	walk(t, a, []step{{sql: "COMMIT", want: "0"}})
	walk(t, b, []step{{sql: "UPDATE T SET Name = 'y' WHERE Id = 1", want: "1"}})
}

func TestReadCommittedWaitsForChangesOfOthers(t *testing.T) {
	a, b := rivals(t)
	walk(t, a, []step{
		{sql: "START TRANSACTION", want: "0"},
		{sql: "DELETE FROM T WHERE Id = 1", want: "1"},
	})
	walk(t, b, []step{
		{sql: "SELECT COUNT(*) FROM T", want: "1"},
		{sql: "SET TRANSACTION ISOLATION LEVEL READ COMMITTED", want: "0"},
		{sql: "SELECT Id FROM T", want: "-114:"},
	})
	walk(t, a, []step{{sql: "ROLLBACK", want: "0"}})
	walk(t, b, []step{{sql: "SELECT Id FROM T", want: "1\n2"}})
}

func TestAWaitEndsWhenTheLockIsGivenUp(t *testing.T) {
	a, b := rivals(t)
	b.SetLockTimeout(time.Minute)
	walk(t, a, []step{
		{sql: "START TRANSACTION", want: "0"},
		{sql: "UPDATE T SET Name = 'x' WHERE Id = 1", want: "1"},
	})
	waits, done := make(chan struct{}), make(chan string)
	go func() {
		close(waits)
		done <- outcome(t, b, "UPDATE T SET Name = Name || 'y' WHERE Id = 1")
	}()
	<-waits
	walk(t, a, []step{{sql: "COMMIT", want: "0"}})
	if got := <-done; got != "1" {
		t.Errorf("got %s", got)
	}
	walk(t, a, []step{{sql: "SELECT Name FROM T WHERE Id = 1", want: "'xy'"}})
}

// Run with -race: many sessions at once change, define and ask.
func TestManySessionsAtOnce(t *testing.T) {
	sys := open(t, Options{})
	first := connect(t, sys)
	walk(t, first, []step{{sql: "CREATE TABLE T (Id IDENTITY, Who INT, N INT)", want: "0"}})
	var wg sync.WaitGroup
	for who := range 8 {
		s := connect(t, sys)
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := range 20 {
				outcome(t, s, "START TRANSACTION")
				if got := outcome(t, s, "INSERT INTO T (Who, N) VALUES (?, ?)", int64(who), int64(n)); got != "1" {
					t.Errorf("insert: %s", got)
				}
				if n%2 == 0 {
					outcome(t, s, "ROLLBACK")
				} else {
					outcome(t, s, "COMMIT")
				}
				outcome(t, s, "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'SQLUser'")
			}
			outcome(t, s, "CREATE TABLE X (Id INT)") // one of them makes it
			s.NewStream(false)
			s.InTransaction()
		}()
	}
	wg.Wait()
	walk(t, first, []step{{sql: "SELECT COUNT(*), COUNT(DISTINCT Id) FROM T", want: "80|80"}})
}
