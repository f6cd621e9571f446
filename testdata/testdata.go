// Package testdata has the databases that the fixtures beside it were made from. They are part of irisfix and under its
// licence; nothing in them is about real people.
package testdata

import _ "embed"

// Shop is SQL that makes the database of a shop: seven tables with foreign keys, dates and money, 16,729 rows.
//
//go:embed shop.sql
var Shop string

// Types is SQL that makes a database with every type, its extremes, and names and text from many scripts.
//
//go:embed types.sql
var Types string
