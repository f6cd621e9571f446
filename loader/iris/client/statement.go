package client

import (
	"errors"
	"strings"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// statement is SQL text under an id that the server may know.
type statement struct {
	sql        string
	text       string // sql with the markers of the server
	markers    int
	id         uint32
	known      bool // the server can be asked by id
	changes    bool // what other texts mean
	columns    []wire.Column
	params     []wire.Param
	generation int // of the cache
	used       int // when, for the cache
}

// statement takes one from the cache, or begins a new one.
func (c *Conn) statement(sql string) (*statement, error) {
	if st := c.cache.take(sql); st != nil {
		return st, nil
	}
	text, markers, err := wire.Placeholders(sql, c.DelimitedIdentifiers())
	if err != nil {
		return nil, err
	}
	return &statement{sql: sql, text: text, markers: markers, changes: changes(sql)}, nil
}

// fresh gives the statement an id that the server has not seen.
func (c *Conn) fresh(st *statement) {
	st.id, st.known, st.generation = c.newStatement(), false, c.cache.generation
}

func (c *Conn) newStatement() uint32 {
	id := c.nextStatement
	c.nextStatement = id%(1<<31-1) + 1 // the top bit marks fragments
	return id
}

// forgotten reports whether the server did nothing because it does not know the statement any more.
func forgotten(err error) bool {
	var refused *SQLError
	return errors.As(err, &refused) && refused.Status == wire.StatusUnknown
}

// changes reports whether other texts may mean something else after this statement, such as DROP TABLE or USE DATABASE.
// It is true for everything that is not known to leave them alone.
func changes(sql string) bool {
	word, _, _ := strings.Cut(strings.TrimSpace(sql), " ")
	switch strings.ToUpper(word) {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "LOCK", "UNLOCK", "START", "SAVEPOINT":
		return false
	}
	return true
}
