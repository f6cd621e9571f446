// Package dat reads and writes the table .DAT: one table as one Apache Parquet file, typed, ordered and deterministic.
// The same rows and the same [Table] give the same bytes on every machine.
//
// The file is a narrow profile of Parquet, chosen so that it can be written and read in flat memory and any Parquet
// reader still opens it. A file is a sequence of row groups of about [GroupSize] bytes; in a row group each column has
// exactly one data page, version 2; a column has one encoding, decided by its type; pages are compressed with zstd.
// There are no dictionaries, indexes, statistics or nested columns. What a reader of Parquet does not know, names of SQL
// types, keys and defaults, stands as JSON in the file's key-value metadata under [MetadataKey]. docs/format.md has the
// profile in full; it is frozen and held by golden files.
//
// Rows travel in a [Batch]: typed columns, no interface value a cell.
package dat

// FormatVersion is the version of the profile, recorded in every file.
const FormatVersion = 1

// MetadataKey is the key of the table's JSON in the Parquet metadata.
const MetadataKey = "irisfix.table"

// createdBy follows the form that the Parquet format asks for, "application version X (build Y)".
const createdBy = "irisfix version 1 (build dat-1)"

// The limits of the profile. A writer keeps them, a reader refuses what is beyond them.
const (
	// GroupSize ends a row group: with the row that brings it to this size, as [Batch.Size] counts, the group is full.
	// It is the unit of memory: reading and writing hold a few groups at a time, whatever the table's size.
	GroupSize = 8 << 20
	// GroupRows ends a row group of narrow rows.
	GroupRows = 1 << 20
	// MaxRowSize is the largest row. It keeps a page below the 2 GiB that Parquet's 32-bit sizes allow.
	MaxRowSize = 1 << 30
	// MaxColumns is more than any supported database has (SQLite: 32,767 at most, 2,000 by default; IRIS: 1,000).
	MaxColumns = 32_767
	// MaxMetadata is the largest table JSON.
	MaxMetadata = 16 << 20
	// MaxFooter is the largest Parquet footer: about a hundred bytes a column and row group.
	MaxFooter = 256 << 20
)
