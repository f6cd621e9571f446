// Package iris is InterSystems IRIS as a source and as a target of fixtures, over the superserver (package client).
//
// A source is read under shared locks of the tables that are taken. A target is written in one transaction, tables
// created before it and dropped after it: IRIS promises nothing about the rollback of DDL (vendor documentation, "Using
// InterSystems SQL", Transaction Processing). What is going to be done to tables is written down first, as intents, so
// that a process that is killed at any instant leaves nothing behind that the next one does not undo or finish.
//
// Documentation is cited as RSQL:page, the SQL Reference, and GSQL, the book Using InterSystems SQL, of version 2025.3.
package iris
