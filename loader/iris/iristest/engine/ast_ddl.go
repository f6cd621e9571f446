package engine

// typeSpec is a data type as it was declared.
type typeSpec struct {
	name   string            // upper case; classes as written: %Library.String
	class  bool              // it is the name of a class
	args   []string          // what stood in parentheses, as text; '' stays ''
	params map[string]string // parameters of a class, names in upper case: MAXLEN → 20
}

type columnSpec struct {
	name        string
	typ         typeSpec
	notNull     bool
	unique      string // name of the constraint; "" with isUnique: generated
	isUnique    bool
	primary     bool
	primaryName string
	identity    bool
	autoInc     bool
	def         expr
	defText     string // as COLUMN_DEFAULT shows it
	hasDefault  bool
	onUpdate    expr
	collate     string // upper case, without %
	compute     string
	computeOn   []string
	calculated  bool
	transient   bool
	description string
	references  *foreignSpec
	private     bool
}

type keySpec struct {
	name    string
	primary bool
	columns []string
}

type foreignSpec struct {
	name               string
	columns            []string
	table              name
	refColumns         []string
	onDelete, onUpdate string // NO ACTION, CASCADE, SET NULL, SET DEFAULT
	noCheck            bool
}

type (
	createTable struct {
		table       name
		ifNotExists bool
		temporary   bool
		columns     []columnSpec
		keys        []keySpec
		foreign     []foreignSpec
		publicRowID bool
		parameters  map[string]string // %CLASSPARAMETER, names in upper case
		description string
		query       *selectStmt
	}
	dropTable struct {
		table    name
		ifExists bool
		cascade  bool
	}
	alterTable struct {
		table  name
		action any // addColumns, dropColumns, modifyColumn, addKey, foreignSpec, dropConstraint, renameColumn
	}
	addColumns   []columnSpec
	dropColumns  []columnDrop
	modifyColumn struct {
		name string
		spec *columnSpec // new type
		// what else changes
		newName         string
		notNull, null   bool
		def             expr
		defText         string
		hasDef, dropDef bool
		collate         string
		description     string
		setDesc         bool
	}
	dropConstraint struct {
		kind string // "", PRIMARY KEY, FOREIGN KEY
		name string
	}
	createIndex struct {
		index       string
		table       name
		columns     []indexColumn
		unique      bool
		kind        string // BITMAP, BITSLICE, COLUMNAR, …
		data        []string
		ifNotExists bool
		deferred    bool
	}
	indexColumn struct {
		name string
		desc bool
	}
	dropIndex struct {
		index    string
		table    name
		ifExists bool
	}
	createView struct {
		view    name
		columns []string
		query   *selectStmt
		check   string
		replace bool
		ifNot   bool
	}
	dropView struct {
		view     name
		ifExists bool
		cascade  bool
	}
	createSchema struct {
		schema string
		ifNot  bool
	}
	dropSchema struct {
		schema   string
		ifExists bool
		cascade  bool
	}
)

type (
	createDatabase struct {
		name   string
		dir    string
		ifNot  bool
		parsed map[string]string
	}
	dropDatabase struct {
		name     string
		ifExists bool
		retain   bool
	}
	useDatabase struct{ name string }
	setOption   struct{ name, value string }
	setTx       struct {
		commitMode int // -1: unchanged
		isolation  string
		readOnly   bool
		start      bool
	}
	commitStmt    struct{}
	rollbackStmt  struct{ savepoint string }
	savepointStmt struct{ name string }
	inTransaction struct{}
	lockTable     struct {
		table     name
		exclusive bool
		wait      int // seconds; -1: the session's timeout
	}
	unlockTable struct {
		table     name
		exclusive bool
		immediate bool
	}
	grantStmt struct {
		revoke     bool
		privileges []string
		columns    bool
		object     string
		table      name
		allTables  bool
		grantees   []string
	}
	checkPriv struct {
		privilege string
		table     name
		admin     bool
	}
	tuneTable  struct{ table name }
	buildIndex struct {
		table   name
		indexes []string
		schema  string
	}
	purgeQueries struct{}
	createUser   struct{ name string }
	dropUser     struct {
		name     string
		ifExists bool
	}
)

type columnDrop struct {
	name    string
	cascade bool // with the indexes and foreign keys that it is part of
}
