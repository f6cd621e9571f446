package engine

import (
	"fmt"
	"strings"
)

// compiler turns a parsed statement into SQL of SQLite. Errors travel as panics of *Error, as in the parser.
type compiler struct {
	session *Session
	ns      *namespace
	params  []Param // by number, from 0
	kinds   []kind  // of the parameters, as the statement uses them
	hints   []Hint
	reads   []*table
	aliases int
	views   int // how deep views are nested
}

// code is a piece of SQL with its type.
type code struct {
	sql string
	typ typ
}

// catch turns a panic of *Error into an error.
func catch(err *error) {
	switch e := recover().(type) {
	case nil:
	case *Error:
		*err = e
	default:
		panic(e)
	}
}

func (c *compiler) alias() string {
	c.aliases++
	return fmt.Sprintf("a%d", c.aliases)
}

// scope is what names mean inside a SELECT.
type scope struct {
	parent  *scope
	sources []*source
	queries map[string]*commonQuery // WITH, by upper case
	agg     *aggregation
}

// source is a table, a view or a query in FROM.
type source struct {
	alias  string // as written
	named  bool   // alias was given: the table's own name is hidden
	schema string
	object string
	table  *table
	fields []sourceField
	hidden []sourceField // row id
}

type sourceField struct {
	name string
	code code
}

type commonQuery struct {
	sql    string
	fields []sourceField
}

func (s *scope) query(name string) *commonQuery {
	for ; s != nil; s = s.parent {
		if q := s.queries[fold(name)]; q != nil {
			return q
		}
	}
	return nil
}

// resolve finds what a field refers to, in this SELECT or one around it.
func (c *compiler) resolve(sc *scope, f *field) code {
	for s := sc; s != nil; s = s.parent {
		if found, ok := c.lookup(s, f); ok {
			return found
		}
	}
	if len(f.qualifier) > 0 {
		for s := sc; s != nil; s = s.parent {
			for _, src := range s.sources {
				if src.matches(f.qualifier) {
					panic(refuse(-29, " Field '%s' not found in the applicable tables^%s", c.shown(f), clean(f.name)))
				}
			}
		}
		panic(refuse(-23, " Label '%s' is not listed among the applicable tables^", clean(fold(strings.Join(f.qualifier, ".")))))
	}
	panic(refuse(-29, " Field '%s' not found in the applicable tables^", c.shown(f)))
}

func (c *compiler) shown(f *field) string {
	return clean(fold(strings.Join(append(append([]string{}, f.qualifier...), f.name), ".")))
}

func (s *source) matches(qualifier []string) bool {
	last := qualifier[len(qualifier)-1]
	if s.named || s.table == nil && s.object == "" {
		return len(qualifier) == 1 && strings.EqualFold(s.alias, last)
	}
	return strings.EqualFold(s.object, last) && (len(qualifier) == 1 || strings.EqualFold(s.schema, qualifier[len(qualifier)-2]))
}

func (c *compiler) lookup(s *scope, f *field) (code, bool) {
	var found []code
	for _, src := range s.sources {
		if len(f.qualifier) > 0 && !src.matches(f.qualifier) {
			continue
		}
		list := append(append([]sourceField{}, src.fields...), src.hidden...)
		for _, field := range list {
			if strings.EqualFold(field.name, f.name) {
				found = append(found, field.code)
				break
			}
		}
	}
	if len(found) > 1 {
		panic(refuse(-27, " Field %s is ambiguous among the applicable tables^", c.shown(f)))
	}
	if len(found) == 0 {
		return code{}, false
	}
	return found[0], true
}

// param is the SQL of a parameter.
func (c *compiler) param(n int) code {
	for len(c.params) < n {
		c.params = append(c.params, Param{Type: TypeVarChar, Precision: 4096, Nullable: 1})
		c.kinds = append(c.kinds, kUnknown)
	}
	t := typNull
	t.param = n
	sql := fmt.Sprintf("?%d", n)
	if n <= len(c.hints) && c.hints[n-1] != NoHint {
		return c.hinted(n, sql)
	}
	return code{sql, t}
}

// hinted is a parameter that was a literal.
func (c *compiler) hinted(n int, sql string) code {
	t := typString
	switch c.hints[n-1] {
	case IntegerLiteral:
		t = typInt
	case NumericLiteral:
		t = typDecimal
	}
	c.used(n, t)
	t.literal, t.nullable = true, 0
	return code{fmt.Sprintf("iris_to(%s, %d, %d)", sql, kUnknown, t.kind), t}
}

// used notes what a parameter is compared with or stored in.
func (c *compiler) used(n int, t typ) {
	if n > 0 && t.kind != kUnknown && c.kinds[n-1] == kUnknown {
		c.kinds[n-1] = t.kind
		c.params[n-1] = Param{Type: t.odbc, Precision: t.precision, Scale: t.scale, Nullable: 1}
	}
}

// to converts a value to a kind.
func (c *compiler) to(x code, want typ) string {
	if x.typ.param > 0 {
		c.used(x.typ.param, want)
	}
	if x.typ.kind == want.kind || want.kind == kUnknown || x.sql == "NULL" {
		return x.sql
	}
	switch {
	case x.typ.kind == kInt && want.kind == kBit, x.typ.kind == kBit && want.kind == kInt:
		return x.sql
	case want.kind == kString && (x.typ.kind == kDecimal || x.typ.kind == kVector || x.typ.kind == kStamp || x.typ.kind == kGUID || x.typ.kind == kTime):
		return x.sql
	}
	return fmt.Sprintf("iris_to(%s, %d, %d)", x.sql, x.typ.kind, want.kind)
}

// text converts to text for concatenation and functions of strings.
func (c *compiler) text(x code) string { return c.to(x, typString) }

// quoteText makes a text a literal of SQLite.
func quoteText(s string) string {
	if strings.ContainsRune(s, 0) {
		return fmt.Sprintf("CAST(X'%X' AS TEXT)", s)
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}
