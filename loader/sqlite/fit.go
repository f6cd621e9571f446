package sqlite

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/irisfix/irisfix/bundle/dat"
	"github.com/irisfix/irisfix/loader"
)

// class is the storage class in which values of a column are put into the database.
type class uint8

const (
	asInteger class = iota
	asReal
	asText
	asBlob
	asNumber // a DECIMAL: an integer or a real, whichever it is
)

// maxExactDigits is how many decimal digits a float64 always holds.
const maxExactDigits = 15

// classOf returns how values go into a column of the given declaration.
func classOf(c *dat.Column, aff affinity) class {
	switch c.SQLType {
	case "BIT", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "SERIAL":
		return asInteger
	case "DOUBLE", "FLOAT", "REAL":
		return asReal
	case "BINARY", "VARBINARY", "LONGVARBINARY":
		return asBlob
	case "NUMERIC", "DECIMAL", "MONEY":
		if aff == affText || aff == affNone && *c.Precision > maxExactDigits {
			return asText
		}
		return asNumber
	}
	return asText
}

// declaration is the type that a column is created with: the source's own words if it was SQLite, else one whose
// affinity keeps every value as it is.
func declaration(c *dat.Column) string {
	if c.Declared != "" {
		return c.Declared
	}
	switch classOf(c, affNone) {
	case asInteger:
		return "INTEGER"
	case asReal:
		return "REAL"
	case asBlob:
		return "BLOB"
	case asNumber:
		return "NUMERIC"
	}
	return "TEXT"
}

// misfits returns why an existing table cannot take the rows.
func misfits(want *dat.Table, found *table) (reasons []string) {
	stored := want.Stored()
	for i := range stored {
		c := &stored[i]
		k := slices.IndexFunc(found.columns, func(f column) bool { return fold(f.name) == fold(c.Name) })
		switch {
		case k < 0:
			reasons = append(reasons, "lacks the column "+c.Name)
		case found.columns[k].generated:
			reasons = append(reasons, "computes the column "+c.Name)
		default:
			if reason := misfit(c, &found.columns[k], found.strict); reason != "" {
				reasons = append(reasons, reason)
			}
		}
	}
	for _, f := range found.columns {
		given := slices.ContainsFunc(stored, func(c dat.Column) bool { return fold(f.name) == fold(c.Name) })
		if !given && f.notNull && f.def == nil && !f.generated && !rowIDAlias(found, &f) {
			reasons = append(reasons, "needs a value for the column "+f.name+", which the fixture does not have")
		}
	}
	return reasons
}

// rowIDAlias reports a column that SQLite numbers by itself.
func rowIDAlias(t *table, c *column) bool {
	return c.key == 1 && len(t.primaryKey) == 1 && !t.withoutRowID && strings.EqualFold(c.declared, "INTEGER")
}

// misfit returns why a column cannot hold the values, or nothing.
func misfit(c *dat.Column, f *column, strict bool) string {
	aff := affinityOf(f.declared, strict)
	if !strict && c.Declared != "" && strings.EqualFold(c.Declared, f.declared) {
		return "" // where the values come from, they were in such a column
	}
	bad := func(what string) string {
		return fmt.Sprintf("column %s is declared %q, which would change %s", f.name, f.declared, what)
	}
	switch k := classOf(c, aff); {
	case k == asInteger && aff == affText, k == asReal && aff == affText:
		return bad("numbers into text")
	case k == asText && (aff == affInteger || aff == affReal || aff == affNumeric):
		return bad("text that looks like a number")
	case k == asNumber && *c.Precision > maxExactDigits && aff != affNone:
		return bad("decimals of more than 15 digits")
	case strict && !strictTakes(k, f.declared):
		return fmt.Sprintf("column %s is %s in a STRICT table", f.name, f.declared)
	}
	return ""
}

// strictTakes tells which values a STRICT column takes, https://www.sqlite.org/stricttables.html.
func strictTakes(k class, declared string) bool {
	switch strings.ToUpper(declared) {
	case "INT", "INTEGER":
		return k == asInteger
	case "REAL":
		return k == asReal || k == asInteger || k == asNumber
	case "TEXT":
		return k == asText
	case "BLOB":
		return k == asBlob
	}
	return true // ANY
}

// screens returns the check for values that SQLite would change, and the columns that need it: reals, of which SQLite
// keeps neither NaN nor the sign of zero, and integers that go into a column of reals.
func screens(want *dat.Table, found *table) loader.Screen {
	var list []int
	stored := want.Stored()
	for i := range stored {
		c := &stored[i]
		aff := affinityOf(declaration(c), false)
		if found != nil {
			if k := slices.IndexFunc(found.columns, func(f column) bool { return fold(f.name) == fold(c.Name) }); k >= 0 {
				aff = affinityOf(found.columns[k].declared, found.strict)
			}
		}
		if k := classOf(c, aff); k == asReal || k == asInteger && aff == affReal {
			list = append(list, i)
		}
	}
	return loader.Screen{Columns: list, Check: screen}
}

func screen(_ int, v *dat.Vector) (int, string) {
	for i, x := range v.Float {
		switch {
		case v.IsNull(i):
		case math.IsNaN(x):
			return i, "NaN, which SQLite turns into NULL"
		case x == 0 && math.Signbit(x):
			return i, "-0.0, which SQLite turns into 0.0"
		}
	}
	for i, x := range v.Int {
		if !v.IsNull(i) && !exactFloat(x) {
			return i, strconv.FormatInt(x, 10) + ", which a column of reals does not hold exactly"
		}
	}
	return 0, ""
}
