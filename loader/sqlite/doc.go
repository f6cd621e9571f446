// Package sqlite is SQLite as a source and as a target of fixtures, in pure Go.
//
// A source is read inside one transaction. Types come from the declared name of a column where every value fits that
// type exactly and comes back the same, else from the storage class of its values; nothing is ever coerced. A target is
// written in one transaction, tables and record included, so that a process that is killed at any instant leaves the
// database as it was or wholly loaded.
package sqlite
