package sqlite

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ncruces/go-sqlite3"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
)

// survey is what a first reading finds out about the values of a column, which decides its type.
type survey struct {
	name     string
	declared *dat.Column // the type that the declaration names, while every value fits; else nil
	nanos    *dat.Column // the same in nanoseconds, where the declaration leaves the unit open
	kept     bool        // the type is that of an earlier load into this database

	misfit  string // the first value that does not fit the declaration
	counts  [sqlite3.NULL + 1]int64
	first   [sqlite3.NULL + 1]int64 // row of the first value of each class
	inexact int64                   // row of the first integer that a DOUBLE does not hold
	badText int64                   // row of the first text that is not UTF-8

	scratch dat.Vector
}

func newSurvey(name, declaration string, kept *dat.Column) *survey {
	s := &survey{name: name, kept: kept != nil}
	if kept != nil {
		s.declared = kept
	} else if c, ok := parseType(declaration); ok {
		s.declared = &c
	}
	if s.declared == nil {
		return s
	}
	s.scratch.Kind = s.declared.Kind()
	switch s.declared.SQLType {
	case "TIME", "TIMESTAMP", "POSIXTIME", "DATETIME":
		if s.declared.Precision == nil {
			nanos := *s.declared
			nanos.Nanos = true
			s.nanos = &nanos
		}
	}
	return s
}

// look takes down value i of a row.
func (s *survey) look(st *sqlite3.Stmt, i int, row int64) {
	class := st.ColumnType(i)
	if s.counts[class]++; s.counts[class] == 1 {
		s.first[class] = row
	}
	switch class {
	case sqlite3.NULL:
		return
	case sqlite3.INTEGER:
		if s.inexact == 0 && !exactFloat(st.ColumnInt64(i)) {
			s.inexact = row
		}
	case sqlite3.TEXT:
		if s.badText == 0 && !utf8.Valid(st.ColumnRawText(i)) {
			s.badText = row
		}
	}
	if s.declared == nil && s.nanos == nil {
		return
	}
	had := s.declared != nil || s.nanos != nil
	s.declared = s.fits(s.declared, st, i)
	s.nanos = s.fits(s.nanos, st, i)
	if had && s.declared == nil && s.nanos == nil {
		s.misfit = fmt.Sprintf("row %d holds %s", row, display(st, i))
	}
}

// fits returns the candidate if the value fits it.
func (s *survey) fits(c *dat.Column, st *sqlite3.Stmt, i int) *dat.Column {
	if c == nil {
		return nil
	}
	s.scratch.Reset()
	if !convert(c, s.kept, &s.scratch, st, i) {
		return nil
	}
	return c
}

// display shows a value in a message, shortened.
func display(st *sqlite3.Stmt, i int) string {
	const most = 40
	switch st.ColumnType(i) {
	case sqlite3.TEXT:
		text := []rune(strings.ToValidUTF8(st.ColumnText(i), "\ufffd"))
		if len(text) > most {
			return strconv.Quote(string(text[:most])) + "…"
		}
		return strconv.Quote(string(text))
	case sqlite3.BLOB:
		return fmt.Sprintf("a BLOB of %d bytes", len(st.ColumnRawBlob(i)))
	}
	return st.ColumnText(i)
}

// plan is how a column is stored.
type plan struct {
	dat.Column
	mixed bool // integers and reals
}

// decide returns the column's type, and a warning if the declared one could not be kept.
func (s *survey) decide(table string) (p plan, warning string, err error) {
	switch {
	case s.declared != nil:
		p.Column, p.mixed = *s.declared, s.kept
	case s.nanos != nil:
		p.Column = *s.nanos
	default:
		p, err = s.byClass(table)
	}
	if s.misfit != "" {
		warning = s.misfit
	}
	p.Name = s.name
	return p, warning, err
}

// byClass chooses by the storage class of the values.
func (s *survey) byClass(table string) (p plan, err error) {
	ints, reals := s.counts[sqlite3.INTEGER] > 0, s.counts[sqlite3.FLOAT] > 0
	texts, blobs := s.counts[sqlite3.TEXT] > 0, s.counts[sqlite3.BLOB] > 0
	bad := func(row int64, reason string) (plan, error) {
		return plan{}, &loader.SourceError{Table: table, Column: s.name, Row: row, Reason: reason}
	}
	switch {
	case (ints || reals) && (texts || blobs), texts && blobs:
		return bad(s.minority(), "values of several storage classes: "+s.classes())
	case ints && reals && s.inexact > 0:
		return bad(s.inexact, "reals and an integer that a DOUBLE does not hold exactly: "+s.classes())
	case texts && s.badText > 0:
		return bad(s.badText, "text that is not UTF-8")
	case ints && reals:
		p.SQLType, p.mixed = "DOUBLE", true
	case ints:
		p.SQLType = "BIGINT"
	case reals:
		p.SQLType = "DOUBLE"
	case blobs:
		p.SQLType = "LONGVARBINARY"
	default:
		p.SQLType = "LONGVARCHAR"
	}
	return p, nil
}

var classNames = map[sqlite3.Datatype]string{sqlite3.INTEGER: "INTEGER", sqlite3.FLOAT: "REAL", sqlite3.TEXT: "TEXT", sqlite3.BLOB: "BLOB"}

// classes lists the storage classes with their counts.
func (s *survey) classes() string {
	var list []string
	for _, class := range []sqlite3.Datatype{sqlite3.INTEGER, sqlite3.FLOAT, sqlite3.TEXT, sqlite3.BLOB} {
		if n := s.counts[class]; n > 0 {
			list = append(list, fmt.Sprintf("%d %s", n, classNames[class]))
		}
	}
	return strings.Join(list, ", ")
}

// minority is the first row of the rarest class, which is most likely the mistake.
func (s *survey) minority() int64 {
	row, least := int64(0), int64(0)
	for class := range classNames {
		n := s.counts[class]
		if n > 0 && (row == 0 || n < least || n == least && s.first[class] > row) {
			row, least = s.first[class], n
		}
	}
	return row
}
