package dat

import (
	"errors"
	"fmt"
)

// ErrCorrupt is matched by every error that says a file is not a well-formed table .DAT.
var ErrCorrupt = errors.New("malformed .DAT")

// ErrForeign is matched when a file is Parquet, but was not written as a table .DAT.
//
//lint:ignore ST1005 Parquet is a name
var ErrForeign = errors.New("Parquet file without " + MetadataKey)

// NewerError reports a file of a format that this version does not know.
type NewerError struct{ Format int }

func (e *NewerError) Error() string {
	return fmt.Sprintf("format %d is newer than %d", e.Format, FormatVersion)
}

// OrderError reports a row that does not come in the order of its key.
type OrderError struct {
	Table string
	Row   int64 // from 1
}

func (e *OrderError) Error() string {
	return fmt.Sprintf("table %q: row %d is not in the order of the key", e.Table, e.Row)
}

// ValueError reports a value that its column cannot hold.
type ValueError struct {
	Table, Column string
	Row           int64 // from 1
	Reason        string
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("table %q, row %d, column %q: %s", e.Table, e.Row, e.Column, e.Reason)
}

func corrupt(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, ErrCorrupt)...)
}
