// Package engine is the SQL of InterSystems IRIS over SQLite, for tests: its types and collations, its catalog and
// class dictionary, row ids and counters, transactions and locks, namespaces, and its SQLCODEs.
//
// It is not a copy of IRIS. It understands the statements that database drivers, dialects and irisfix send, holds to
// what the vendor's documentation says about them, and refuses all others. Doc comments name the page that a rule
// comes from.
package engine
