// Package fixturetest gives Go tests databases of their own with fixtures in them:
//
//	func TestTotal(t *testing.T) {
//		db := fixturetest.SQLite(t, "orders")
//		...
//	}
//
// A fixture is named as on the command line: a name in irisfix.lock, which is looked for from the directory of the package
// upwards, a directory such as ./testdata/fixtures/orders, or a reference such as ghcr.io/acme/orders:1.0.0. What is not
// in the cache is fetched, and every byte verified, before a database has it.
//
// Each call makes a database that no other test sees: with SQLite a copy of a template, which is loaded once for each list
// of fixtures and shared by all tests, processes and runs of this user; with InterSystems IRIS a namespace. It is taken
// away when the test ends, also if it fails or panics; what a killed process left on a server, the next one takes away.
// Everything here is safe for tests that run in parallel, in one process or in many. As with [testing.TB.Fatal], a call is
// made by the goroutine of the test.
//
// What goes wrong ends the test, with the words that the command irisfix has for it: what went wrong, and how to fix it.
// That no fixture is there is never a reason to skip a test.
//
// # Environment
//
// The variables of the command count here too: IRISFIX_CACHE_DIR, IRISFIX_OFFLINE, IRISFIX_FROZEN, IRISFIX_TARGET,
// IRISFIX_STALL_TIMEOUT, and IRIS_HOST, IRIS_PORT, IRIS_NAMESPACE, IRIS_USERNAME, IRIS_PASSWORD. IRISFIX_KEEP=1 keeps the
// databases of all tests, IRISFIX_KEEP=failed those of tests that fail, as [Keep] and [KeepOnFailure] do.
//
// # What a process shares
//
// Calls with the same options and variables, in the same directory, share the connection to registries and what they found
// there, for as long as the process lives: a tag is looked up once, so that one run of the tests sees one version.
//
// Importing this package registers the drivers "sqlite3" (github.com/ncruces/go-sqlite3), "iris" and "intersystems"
// (github.com/caretdev/go-irisnative, not on Windows) with database/sql. Another driver of the same name, such as mattn/go-sqlite3, makes
// the program panic when it starts; this leaves ours unregistered, which nothing here needs:
//
//	go test -ldflags='-X github.com/ncruces/go-sqlite3/driver.driverName=' ./...
package fixturetest
