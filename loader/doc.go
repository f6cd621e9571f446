// Package loader moves tables between a database and a fixture: [Create] takes them out, [Load] puts them in, all or
// none, [Unload] takes them away again.
//
// A database is a [Source] or a [Target]. Both are small interfaces that know nothing of fixtures; everything that is a
// rule, what may be overwritten, in which order tables go, when a load counts as done, is decided here. The record of
// what was loaded is a table in the target itself, [RecordTable], written in the same transaction as the rows.
package loader
