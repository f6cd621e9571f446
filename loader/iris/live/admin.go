package live

import (
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/irisfix/irisfix/loader/iris"
)

var adminQuestions = []Question{
	{"a LOCK after ROLLBACK and after COMMIT", "it stays until UNLOCK or the end of the connection", "The order of loads: the lock of the ledger must outlast its transaction.", locks, ""},
	{"a LOCK twice, and one UNLOCK", "locks are counted", "", lockTwice, "each table is locked once"},
	{"reading a table that another has locked", "possible under EXCLUSIVE, as long as the isolation is read uncommitted", "", readLocked, "it matters to applications that read during a load"},
	{"DROP TABLE under COMPILEMODE NOCHECK", "a table that others refer to is dropped; what becomes of their foreign keys is not known", "", nocheck, ""},
	{"ADD FOREIGN KEY under COMPILEMODE NOCHECK", "rows that break it do not hinder it; later ones do", "Tables that are made anew while others refer to them.", addNocheck, ""},
	{"where COMPILEMODE is kept", "in the namespace, not in the process", "", compileMode, "it is set for no longer than needed"},
	{"DROP DATABASE with a session in it", "refused with -344, or the session is in the way as a lock", "", dropUsed, "unload --drop-namespace tries again until the time is up"},
	{"journal of a database that CREATE DATABASE makes", "off unless WITH GLOBAL_JOURNAL_STATE=YES", "", nil,
		"no query tells it, only the Management Portal; irisfix always says YES"},
	{"IdentityInsert for an ordinary account", "EXECUTE on the procedure may be needed", "", ordinary, "an account that may not is told so"},
	{"Seed= of CreateDatabase in a configuration merge, from which version on", "2024.1 and 2025.1 have it", "The steps that load --to dir: prints.", nil, "it takes a file system that the server sees; irisfix only prints it"},
}

// wait is how long a lock is waited for that must not be had.
const wait = " IN EXCLUSIVE MODE WAIT 1"

func locks(b *bench) (Answer, error) {
	b.run("CREATE TABLE QLocked (v INTEGER)")
	other, err := b.connect(b.config)
	if err != nil {
		return Answer{}, err
	}
	var said []string
	kept := true
	for _, end := range []struct {
		name string
		do   func() error
	}{{"ROLLBACK", func() error { return b.Rollback(b.ctx) }}, {"COMMIT", func() error { return b.Commit(b.ctx) }}} {
		b.run("START TRANSACTION", "LOCK TABLE QLocked IN EXCLUSIVE MODE", "INSERT INTO QLocked (v) VALUES (1)")
		b.outcome(end.do())
		got := other.try("LOCK TABLE QLocked" + wait)
		kept = kept && got != done && got != ""
		if got == done {
			other.try("UNLOCK TABLE QLocked IN EXCLUSIVE MODE")
		}
		unlocked := b.try("UNLOCK TABLE QLocked IN EXCLUSIVE MODE")
		free := other.try("LOCK TABLE QLocked" + wait)
		if free == done {
			other.try("UNLOCK TABLE QLocked IN EXCLUSIVE MODE")
		}
		said = append(said, fmt.Sprintf("after %s another gets: %s; UNLOCK: %s; then: %s", end.name, got, unlocked, free))
	}
	return told(kept && other.err == nil, strings.Join(said, "; "))
}

func lockTwice(b *bench) (Answer, error) {
	b.run("CREATE TABLE QRelocked (v INTEGER)", "LOCK TABLE QRelocked IN EXCLUSIVE MODE", "LOCK TABLE QRelocked IN EXCLUSIVE MODE")
	other, err := b.connect(b.config)
	if err != nil {
		return Answer{}, err
	}
	b.run("UNLOCK TABLE QRelocked IN EXCLUSIVE MODE")
	one := other.try("LOCK TABLE QRelocked" + wait)
	return told(one != done, "after two LOCKs and one UNLOCK another gets: "+one)
}

func readLocked(b *bench) (Answer, error) {
	b.run("CREATE TABLE QReadable (v INTEGER)", "INSERT INTO QReadable (v) VALUES (1)", "LOCK TABLE QReadable IN EXCLUSIVE MODE")
	other, err := b.connect(b.config)
	if err != nil {
		return Answer{}, err
	}
	rows := other.see("SELECT v FROM QReadable")
	written := other.try("SET OPTION LOCK_TIMEOUT = 1")
	if written == done {
		written = other.try("INSERT INTO QReadable (v) VALUES (2)")
	}
	return told(rows == "1" && written != done, fmt.Sprintf("another reads: %s; writes: %s", rows, written))
}

func nocheck(b *bench) (Answer, error) {
	b.run("CREATE TABLE QFather (k INTEGER PRIMARY KEY)", "CREATE TABLE QSon (f INTEGER, CONSTRAINT QSonFather FOREIGN KEY (f) REFERENCES QFather (k))",
		"INSERT INTO QFather (k) VALUES (1)", "INSERT INTO QSon (f) VALUES (1)")
	before := b.try("DROP TABLE QFather")
	b.run("SET OPTION COMPILEMODE = NOCHECK")
	dropped := b.try("DROP TABLE QFather")
	made := b.try("CREATE TABLE QFather (k INTEGER PRIMARY KEY)")
	b.run("SET OPTION COMPILEMODE = IMMEDIATE")
	orphan := b.try("INSERT INTO QSon (f) VALUES (2)")
	said := fmt.Sprintf("before: %s; dropped: %s; made again: %s; then a row that refers to nothing: %s", before, dropped, made, orphan)
	return told(before != done && dropped == done && made == done, said)
}

func addNocheck(b *bench) (Answer, error) {
	const add = "ALTER TABLE QChild ADD CONSTRAINT QChildKey FOREIGN KEY (f) REFERENCES QMother (k)"
	b.run("CREATE TABLE QMother (k INTEGER PRIMARY KEY)", "CREATE TABLE QChild (f INTEGER)", "INSERT INTO QChild (f) VALUES (7)")
	before := b.try(add)
	b.run("SET OPTION COMPILEMODE = NOCHECK")
	added := b.try(add)
	b.run("SET OPTION COMPILEMODE = IMMEDIATE")
	orphan := b.try("INSERT INTO QChild (f) VALUES (8)")
	said := fmt.Sprintf("before: %s; under NOCHECK: %s; afterwards a row that refers to nothing: %s", before, added, orphan)
	return told(before != done && added == done && orphan != done, said)
}

func compileMode(b *bench) (Answer, error) {
	b.run("CREATE TABLE QAunt (k INTEGER PRIMARY KEY)", "CREATE TABLE QNephew (f INTEGER, CONSTRAINT NephewAunt FOREIGN KEY (f) REFERENCES QAunt (k))")
	other, err := b.connect(b.config)
	if err != nil {
		return Answer{}, err
	}
	b.run("SET OPTION COMPILEMODE = NOCHECK")
	got := other.try("DROP TABLE QAunt")
	b.try("SET OPTION COMPILEMODE = IMMEDIATE")
	return told(got == done, "NOCHECK set on one connection; DROP TABLE of a table that is referred to, on another: "+got)
}

func dropUsed(b *bench) (Answer, error) {
	cfg, err := b.server.Make(b.ctx)
	if err != nil {
		return Answer{}, err
	}
	b.closed = append(b.closed, func() { b.server.Drop(b.ctx, cfg) }) //nolint:errcheck // the next run sweeps it
	inside, err := b.connect(cfg)
	if err != nil {
		return Answer{}, err
	}
	inside.run("CREATE TABLE QHere (v INTEGER)")
	home, err := b.connect(b.server.home)
	if err != nil {
		return Answer{}, err
	}
	first := home.try(`DROP DATABASE "` + cfg.Namespace + `"`)
	what := inside.try("INSERT INTO QHere (v) VALUES (1)")
	said := fmt.Sprintf("refused: %s; the session goes on: %s", first, what)
	if first == done {
		said = fmt.Sprintf("dropped; the session in it then gets: %s", what)
		return told(false, said)
	}
	inside.Close() //nolint:errcheck // what follows shows it
	err = iris.DropNamespace(b.ctx, b.server.home, cfg.Namespace)
	return told(err == nil, fmt.Sprintf("%s; dropped when the session had ended: %v", said, err == nil))
}

// someone is the account that is made, and dropped again: by the next run, if this one is killed.
const someone = "IrisFixLive"

func ordinary(b *bench) (Answer, error) {
	b.try("DROP USER " + someone)
	password := rand.Text()
	if made := b.try(`CREATE USER ` + someone + ` IDENTIFY BY "` + password + `"`); made != done {
		return Answer{"CREATE USER: " + made, Unsettled}, b.err
	}
	defer b.try("DROP USER " + someone)
	b.run("CREATE TABLE QGranted (Id INTEGER IDENTITY, v INTEGER)", "GRANT SELECT, INSERT ON QGranted TO "+someone)
	cfg := b.config
	cfg.User, cfg.Password = someone, password
	t, err := b.connect(cfg)
	if err != nil {
		return Answer{"its login: " + brief(err.Error()), Unsettled}, b.err
	}
	option := t.see(allow)
	inserted := t.try("INSERT INTO QGranted (Id, v) VALUES (100, 1)")
	return Answer{fmt.Sprintf("with SELECT and INSERT on a table: the option answers %s; an explicit IDENTITY: %s", option, inserted), Unsettled}, t.err
}
