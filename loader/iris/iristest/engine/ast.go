package engine

// name is a table's or another object's name with its schema, which may be empty. Upper case decides; the spelling
// is kept.
type name struct{ schema, object string }

// expr is a node of an expression.
type expr interface{}

type (
	literal struct{ value any } // nil, int64, Decimal, float64, string
	param   struct{ n int }     // from 1
	field   struct {            // a column, perhaps qualified
		qualifier []string
		name      string
		quoted    bool
	}
	star  struct{ qualifier []string }
	unary struct {
		op string // - + NOT
		x  expr
	}
	binary struct {
		op   string
		l, r expr
	}
	call struct {
		name     string // upper case
		args     []expr
		distinct bool
		star     bool
		over     *window
		text     string // as written, for labels
	}
	window struct {
		partition []expr
		order     []orderItem
	}
	caseExpr struct {
		operand expr
		whens   [][2]expr
		other   expr
	}
	cast struct {
		x    expr
		to   typeSpec
		name string // CAST or CONVERT
	}
	between struct {
		x, low, high expr
		not          bool
	}
	inList struct {
		x    expr
		list []expr
		not  bool
	}
	inQuery struct {
		x     expr
		query *selectStmt
		not   bool
	}
	exists struct{ query *selectStmt }
	isNull struct {
		x   expr
		not bool
	}
	like struct {
		x, pattern, escape expr
		op                 string // LIKE, %STARTSWITH, [
		not                bool
	}
	subquery struct{ query *selectStmt }
	quantity struct { // = ANY (SELECT …)
		op    string
		x     expr
		all   bool
		query *selectStmt
	}
)

type selectItem struct {
	x     expr
	alias string
	text  string // as written
}

type orderItem struct {
	x    expr
	desc bool
}

// fromItem is a table, a query or a join.
type fromItem struct {
	table  name
	args   []expr // of a procedure that gives rows
	query  *selectStmt
	alias  string
	join   string // INNER, LEFT, RIGHT, FULL, CROSS, "," ; empty: no join
	l, r   *fromItem
	on     expr
	using  []string
	values []string // names of the columns after the alias
}

// selectCore is a SELECT without what comes after a UNION.
type selectCore struct {
	distinct   bool
	distinctBy []expr
	top        expr
	items      []selectItem
	from       *fromItem
	where      expr
	group      []expr
	having     expr
	nolock     bool
}

type commonTable struct {
	name    string
	columns []string
	query   *selectStmt
}

type selectStmt struct {
	with   []commonTable
	cores  []selectCore
	ops    []string // UNION, UNION ALL between them
	order  []orderItem
	limit  expr
	offset expr
	text   string
}

// keywords are the restrictions of a DML statement: %NOCHECK, %NOLOCK and the like.
type keywords map[string]bool

type (
	insertStmt struct {
		keywords keywords
		update   bool // INSERT OR UPDATE
		table    name
		columns  []string
		rows     [][]expr
		defaults bool
		query    *selectStmt
	}
	updateStmt struct {
		keywords keywords
		table    name
		alias    string
		set      []assignment
		where    expr
		from     *fromItem
	}
	assignment struct {
		column string
		x      expr
	}
	deleteStmt struct {
		keywords keywords
		table    name
		alias    string
		where    expr
		from     *fromItem
	}
	truncateStmt struct {
		keywords keywords
		table    name
	}
)
