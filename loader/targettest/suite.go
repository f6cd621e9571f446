// Package targettest is the contract of a database that fixtures are taken from and loaded into: a suite of promises
// that every implementation of [loader.Source] and [loader.Target] keeps, held through the public functions of loader.
// Only tests import it.
//
// The suite speaks no SQL. What it puts into a database goes through the same interfaces that a load uses, the rows of
// somebody else too: a transaction that keeps no record.
package targettest

import (
	"context"
	"io"
	"slices"
	"testing"

	"github.com/irisfix/irisfix/loader"
)

// Factory says how to reach databases of one kind and what they cannot do.
type Factory struct {
	// New makes an empty database, which is gone when the test ends.
	New func(t testing.TB) Database

	// Refuses has the cases that this kind of database cannot hold, by their names below the promise, such as
	// "DOUBLE NaN", with the reason that the conflict gives for the table. A case that is refused is refused before anything is
	// touched; one that is not in here must work. Names that no case has fail the suite.
	Refuses map[string]string
}

// Database is opened by any number of connections. A context ends the opening, not the connection.
type Database struct {
	Source func(context.Context) (Source, error)
	Target func(context.Context) (Target, error)
}

// Source is a connection for reading.
type Source interface {
	loader.Source
	io.Closer
}

// Target is a connection for loading.
type Target interface {
	loader.Target
	io.Closer
}

// promise is a part of the contract. Its name is that of the subtest.
type promise struct {
	name string
	hold func(*suite)
}

var promises = []promise{
	{"every type comes back bit by bit", everyType},
	{"any name is a name", anyName},
	{"keys and references come back", keysAndReferences},
	{"whatever the tables they come back the same", randomTables},
	{"a load does what it planned", whatALoadDoes},
	{"a load that cannot be says why and changes nothing", whatALoadRefuses},
	{"loading again gives the same", loadingAgain},
	{"only the tables asked for are loaded", someTables},
	{"tables can be loaded under another schema", otherSchemas},
	{"the record tells what was loaded", records},
	{"unload takes back what a load put in", unloading},
	{"a fault at any step changes nothing", faults},
	{"an end at any step is all or nothing", ends},
	{"a late bad row undoes all before it", lateBadRow},
	{"rows that refer to nothing undo everything", brokenReferences},
	{"two at a time are one after the other", twoAtATime},
}

// Run holds every promise against databases of one kind.
func Run(t *testing.T, f Factory) {
	names := caseNames()
	for name := range f.Refuses {
		if !slices.Contains(names, name) {
			t.Errorf("no case is called %q", name)
		}
	}
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) { p.hold(&suite{t, f}) })
	}
}

// caseNames are the cases that a database may refuse.
func caseNames() (names []string) {
	for _, c := range types() {
		names = append(names, c.name)
	}
	for _, name := range odd {
		names = append(names, "table "+name, "column "+name)
	}
	for _, c := range schemas() {
		names = append(names, c.name)
	}
	return names
}

// suite is one test of the suite.
type suite struct {
	*testing.T
	factory Factory
}

// run holds a case.
func (s *suite) run(name string, hold func(*suite)) {
	s.Helper()
	s.T.Run(name, func(t *testing.T) { hold(&suite{t, s.factory}) })
}

// must ends the test at an error that has nothing to do with the promise.
func must[T any](v T, err error) func(*suite) T {
	return func(s *suite) T {
		s.Helper()
		if err != nil {
			s.Fatal(err)
		}
		return v
	}
}
