package iristest

import (
	"context"
	"strings"

	"github.com/irisfix/irisfix/loader/iris/wire"
)

// catalogueQuery answers a function of the JDBC driver's DatabaseMetaData. Its columns are those that the interface
// java.sql.DatabaseMetaData names; its parameters are the arguments of the function, in this order.
type catalogueQuery struct {
	sql       string
	arguments []int
}

// Functions of the catalogue. Their arguments as the driver sends them: patterns of LIKE for tables, columns and schemas;
// for TA the types in one text, separated by commas; for II 1 if indexes that are not unique are wanted, too.
var catalogue = map[wire.Code]catalogueQuery{
	{'S', 'C'}: {`SELECT SCHEMA_NAME AS TABLE_SCHEM, NULL AS TABLE_CATALOG FROM INFORMATION_SCHEMA.SCHEMATA
		WHERE SCHEMA_NAME LIKE ? ORDER BY 1`, []int{0}},
	{'T', 'A'}: {`SELECT NULL AS TABLE_CAT, TABLE_SCHEMA AS TABLE_SCHEM, TABLE_NAME, CASE TABLE_TYPE WHEN 'BASE TABLE' THEN 'TABLE'
		ELSE TABLE_TYPE END AS TABLE_TYPE, DESCRIPTION AS REMARKS FROM INFORMATION_SCHEMA.TABLES
		WHERE TABLE_SCHEMA LIKE ? AND TABLE_NAME LIKE ?
		AND ',' || REPLACE(?, ', ', ',') || ',' LIKE '%,' || CASE TABLE_TYPE WHEN 'BASE TABLE' THEN 'TABLE' ELSE TABLE_TYPE END || ',%'
		ORDER BY TABLE_TYPE, TABLE_SCHEMA, TABLE_NAME`, []int{2, 0, 1}},
	{'C', 'O'}: {`SELECT NULL AS TABLE_CAT, TABLE_SCHEMA AS TABLE_SCHEM, TABLE_NAME, COLUMN_NAME,
		CASE WHEN odbctype IN (9, 10, 11) THEN odbctype + 82 ELSE odbctype END AS DATA_TYPE, UPPER(DATA_TYPE) AS TYPE_NAME,
		COALESCE(CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION) AS COLUMN_SIZE, NULL AS BUFFER_LENGTH, NUMERIC_SCALE AS DECIMAL_DIGITS,
		10 AS NUM_PREC_RADIX, CASE IS_NULLABLE WHEN 'YES' THEN 1 ELSE 0 END AS NULLABLE, DESCRIPTION AS REMARKS,
		COLUMN_DEFAULT AS COLUMN_DEF, NULL AS SQL_DATA_TYPE, NULL AS SQL_DATETIME_SUB, CHARACTER_MAXIMUM_LENGTH AS CHAR_OCTET_LENGTH,
		ORDINAL_POSITION, IS_NULLABLE, NULL AS SCOPE_CATALOG, NULL AS SCOPE_SCHEMA, NULL AS SCOPE_TABLE, NULL AS SOURCE_DATA_TYPE,
		AUTO_INCREMENT AS IS_AUTOINCREMENT, IS_GENERATED AS IS_GENERATEDCOLUMN FROM INFORMATION_SCHEMA.COLUMNS
		WHERE TABLE_SCHEMA LIKE ? AND TABLE_NAME LIKE ? AND COLUMN_NAME LIKE ?
		ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION`, []int{2, 0, 1}},
	{'P', 'K'}: {`SELECT NULL AS TABLE_CAT, TABLE_SCHEMA AS TABLE_SCHEM, TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION AS KEY_SEQ,
		CONSTRAINT_NAME AS PK_NAME FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE
		WHERE CONSTRAINT_TYPE = 'PRIMARY KEY' AND TABLE_SCHEMA LIKE ? AND TABLE_NAME = ? ORDER BY COLUMN_NAME`, []int{1, 0}},
	{'I', 'K'}: {foreignKeys + `WHERE k.TABLE_SCHEMA LIKE ? AND k.TABLE_NAME = ? ` + byParent, []int{1, 0}},
	{'E', 'K'}: {foreignKeys + `WHERE k.REFERENCED_TABLE_SCHEMA LIKE ? AND k.REFERENCED_TABLE_NAME = ? ` + byChild, []int{1, 0}},
	{'C', 'R'}: {foreignKeys + `WHERE k.REFERENCED_TABLE_SCHEMA LIKE ? AND k.REFERENCED_TABLE_NAME = ? AND k.TABLE_SCHEMA LIKE ?
		AND k.TABLE_NAME = ? ` + byChild, []int{2, 0, 3, 1}},
	{'I', 'I'}: {`SELECT NULL AS TABLE_CAT, TABLE_SCHEMA AS TABLE_SCHEM, TABLE_NAME, NON_UNIQUE, NULL AS INDEX_QUALIFIER, INDEX_NAME,
		3 AS TYPE, ORDINAL_POSITION, COLUMN_NAME, ASC_OR_DESC, NULL AS CARDINALITY, NULL AS PAGES, NULL AS FILTER_CONDITION
		FROM INFORMATION_SCHEMA.INDEXES WHERE TABLE_SCHEMA LIKE ? AND TABLE_NAME = ? AND NON_UNIQUE <= ?
		ORDER BY NON_UNIQUE, INDEX_NAME, ORDINAL_POSITION`, []int{1, 0, 2}},
}

// The rules 0 to 4 are those of java.sql.DatabaseMetaData: cascade, restrict, set null, no action, set default.
const (
	foreignKeys = `SELECT NULL AS PKTABLE_CAT, k.REFERENCED_TABLE_SCHEMA AS PKTABLE_SCHEM, k.REFERENCED_TABLE_NAME AS PKTABLE_NAME,
		k.REFERENCED_COLUMN_NAME AS PKCOLUMN_NAME, NULL AS FKTABLE_CAT, k.TABLE_SCHEMA AS FKTABLE_SCHEM, k.TABLE_NAME AS FKTABLE_NAME,
		k.COLUMN_NAME AS FKCOLUMN_NAME, k.ORDINAL_POSITION AS KEY_SEQ, ` + `CASE r.UPDATE_RULE ` + rule + ` AS UPDATE_RULE,
		CASE r.DELETE_RULE ` + rule + ` AS DELETE_RULE, k.CONSTRAINT_NAME AS FK_NAME, k.REFERENCED_CONSTRAINT_NAME AS PK_NAME,
		7 AS DEFERRABILITY FROM INFORMATION_SCHEMA.KEY_COLUMN_USAGE k JOIN INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS r
		ON r.CONSTRAINT_SCHEMA = k.TABLE_SCHEMA AND r.CONSTRAINT_TABLE_NAME = k.TABLE_NAME AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME `
	rule     = `WHEN 'CASCADE' THEN 0 WHEN 'SET NULL' THEN 2 WHEN 'SET DEFAULT' THEN 4 ELSE 3 END`
	byParent = `ORDER BY PKTABLE_SCHEM, PKTABLE_NAME, FK_NAME, KEY_SEQ`
	byChild  = `ORDER BY FKTABLE_SCHEM, FKTABLE_NAME, FK_NAME, KEY_SEQ`
)

// askCatalogue answers a function of the catalogue: an integer that the driver does not look at and the columns, then the
// rows, which it fetches as those of a query.
func (c *conversation) askCatalogue(ctx context.Context, q catalogueQuery, body []byte) error {
	request, err := wire.ParseExecute(append(body[:len(body):len(body)], noTimeout...), c.charset)
	if err != nil {
		return err
	}
	given, err := c.texts(request.Values)
	if err != nil {
		return err
	}
	values := wire.NewValues(len(q.arguments), c.charset)
	for _, i := range q.arguments {
		if i >= len(given) {
			return fail(codeFatal, "%d arguments for %v", len(given), c.head.Code)
		}
		if err := values.SQLText(given[i]); err != nil {
			return err
		}
	}
	st, err := c.compile(ctx, q.sql, wire.UserParams(len(q.arguments)))
	if err != nil {
		return err
	}
	out, err := wire.GeneratedKeys{Columns: c.describeColumns(st.columns)}.Append(wire.AppendInt(nil, 0), c.charset)
	if err != nil {
		return err
	}
	if err := c.reply(wire.StatusOK, out); err != nil {
		return err
	}
	return c.run(ctx, st, wire.Execute{Values: values})
}

// noTimeout is what the arguments of a function lack to be those of a query: a timeout and a number of rows.
var noTimeout = wire.AppendInt(wire.AppendInt(nil, 0), 0)

// texts reads one set of values.
func (c *conversation) texts(values *wire.Values) ([]string, error) {
	if values.Sets() != 1 {
		return nil, fail(codeFatal, "%d sets of arguments", values.Sets())
	}
	texts := make([]string, values.PerSet())
	r := values.Reader()
	for i := range texts {
		it, err := r.Next()
		if err != nil {
			return nil, err
		}
		if texts[i], err = it.SQLText(c.charset); err != nil {
			return nil, err
		}
		texts[i] = strings.TrimSpace(texts[i])
	}
	return texts, nil
}
