// Package bundle is the fixture: what a manifest may say, what a fixture directory is, and how it is packed as an OCI
// artifact and opened again.
//
// A fixture is a directory with a manifest.json and .DAT files. There are two kinds: a table fixture has one .DAT for
// each table (package dat), a database fixture has one whole database file. Packed as an OCI artifact it is a bundle. One
// directory packs to one digest, on every machine: nothing comes from the clock, the system or the registry.
//
// A [Fixture] is opened from a directory with [OpenDir] or from any store of blobs with [Open]; what follows does not
// depend on where it lives. This package knows neither registries nor databases.
package bundle
