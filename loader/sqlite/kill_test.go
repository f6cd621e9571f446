package sqlite_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/irisfix/irisfix/loader"
)

// TestMain lets the test binary be the process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("IRISFIX_TEST_LOAD"); dir != "" {
		childLoads(dir, os.Getenv("IRISFIX_TEST_TARGET"))
		return
	}
	os.Exit(m.Run())
}

// childLoads loads again and again, saying when each load begins.
func childLoads(dir, path string) {
	t := &testing.T{}
	for {
		fmt.Println("begin")
		if _, err := load(t, dir, path); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
}

// A process that loads is killed at random instants: each time the database holds all of the fixture or nothing.
func TestKilledAtAnyInstantTheTargetIsWhole(t *testing.T) {
	from := database(t, `CREATE TABLE a (id INTEGER PRIMARY KEY, v TEXT); CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO a SELECT i, 'text ' || i FROM n;
		INSERT INTO b SELECT id, id FROM a`)
	dir := mustCreate(t, from)
	rounds := 30
	if testing.Short() {
		rounds = 5
	}
	r := rand.New(rand.NewPCG(1, uint64(rounds)))
	to := t.TempDir() + "/to.db"
	for round := range rounds {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "IRISFIX_TEST_LOAD="+dir, "IRISFIX_TEST_TARGET="+to)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		if !lines.Scan() || lines.Text() != "begin" {
			t.Fatalf("the child says %q", lines.Text())
		}
		time.Sleep(time.Duration(r.IntN(150)) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		if _, err := os.Stat(to); err != nil {
			continue
		}
		// Looking rolls back what the dead process had begun.
		run(t, to, "SELECT count(*) FROM sqlite_schema")
		switch got := query(t, to, "SELECT count(*) FROM sqlite_schema WHERE name IN ('a', 'b', 'IrisFix.Loads')"); got {
		case "0":
		case "3":
			if rows := query(t, to, `SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b), (SELECT sum(row_count) FROM "IrisFix.Loads")`); rows != "20000|20000|40000" {
				t.Fatalf("round %d: %s", round, rows)
			}
		default:
			t.Fatalf("round %d: %s of 3 tables", round, got)
		}
	}
	if r, err := load(t, dir, to); err != nil || r.Rows != 40000 {
		t.Errorf("afterwards: %v", err)
	}
	_ = loader.RecordTable
}
