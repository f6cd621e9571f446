package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris"
	"github.com/irisfix/irisfix/registry"
)

// Words for what goes wrong with databases and directories.

const rolledBack = "everything was rolled back: the database is as it was"

func sayConflict(err error, in invocation) explanation {
	var conflict *loader.ConflictError
	var occupied *bundle.OccupiedError
	var clobber *registry.ClobberError
	var inUse *loader.InUseError
	var namespace *iris.NamespaceError
	switch {
	case errors.As(err, &namespace):
		return sayNamespace(namespace, in)
	case errors.As(err, &conflict):
		return sayTables(conflict, in)
	case errors.As(err, &occupied):
		x := explanation{subject: shown(occupied.Path), what: []string{occupied.Reason}, fix: []step{{"Name another directory", ""}}, detail: map[string]any{"path": occupied.Path}}
		switch in.command {
		case "load":
			x.fix = append(x.fix, step{"Or put the fixture in its place", in.line() + " --replace"})
		case "unload":
			x.fix = []step{{"Remove it by hand if nobody needs it", "rm " + shellWord(occupied.Path)}}
		case "create", "pull":
			if info, err := os.Stat(occupied.Path); err == nil && in.command == "create" && !info.IsDir() {
				break // a file is not made a directory
			}
			x.fix = append(x.fix, step{"Or write over what is there", in.line() + " --force"})
		}
		return x
	case errors.As(err, &clobber):
		return explanation{subject: clobber.Reference, what: []string{"the tag stands for " + clobber.Have.String(), "to be pushed is   " + clobber.Want.String()}, fix: []step{
			{"Push under another tag", "irisfix push " + in.arg(0, "DIR") + " REFERENCE"}, {"Or move the tag: push without --no-clobber", ""}},
			detail: map[string]any{"have": clobber.Have.String(), "want": clobber.Want.String()}}
	case errors.As(err, &inUse):
		x := explanation{subject: inUse.File, what: []string{inUse.Lock + " is beside the file: a server has it mounted, and may write to it"}, fix: []step{
			{"Dismount the database, or stop the server, and try again", in.line()}}}
		if in.command == "create" {
			x.fix = append(x.fix, step{"If no server runs there, the lock was left behind", in.line() + " --force"})
		} else {
			x.fix = append(x.fix, step{"If no server runs there, the lock was left behind", "rm " + shellWord(filepath.Join(filepath.Dir(inUse.File), inUse.Lock))})
		}
		return x
	}
	return plainly(err, in)
}

// sayTables tells what stands in the way of a load, table by table.
func sayTables(e *loader.ConflictError, in invocation) explanation {
	x := explanation{subject: e.Target, detail: map[string]any{}}
	tables := []string{}
	rows := false
	for _, c := range e.Conflicts {
		x.what = append(x.what, c.Table+": "+c.Reason)
		tables = append(tables, c.Table)
		rows = rows || c.Rows
	}
	x.detail["tables"] = tables
	if rows {
		x.fix = []step{
			{"Load into an empty database, a new one for each test run", "irisfix load " + in.arg(0, "FIXTURE") + elsewhere(e.Target)},
			{"Or empty the tables first", in.with("--append", "") + " --replace"}}
		if !slices.Contains(in.raw, "--append") {
			x.fix = append(x.fix, step{"Or add to the rows", in.line() + " --append"})
		}
		return x
	}
	x.fix = []step{{"Load into another database, where irisfix makes the tables itself", "irisfix load " + in.arg(0, "FIXTURE") + " --to sqlite:NEW.db"},
		{"Or drop or alter the table", ""}}
	return x
}

// elsewhere are the flags for a database of its own, of the same kind.
func elsewhere(target string) string {
	if strings.HasPrefix(target, "iris:") {
		return " --to " + shellWord(target) + " --namespace NEW --create-namespace"
	}
	return " --to sqlite:NEW.db"
}

func sayConnect(err error, in invocation) explanation {
	e, _ := as[*loader.ConnectError](err)
	x := explanation{subject: e.Target, what: irisWhat(e.Err), detail: map[string]any{"target": e.Target}}
	irisDetail(e.Err, x.detail)
	look := step{"See where each setting comes from", "irisfix doctor " + shellWord(e.Target)}
	if !strings.HasPrefix(e.Target, "iris:") {
		look.do = "Check the path, or name another database"
	}
	if errors.Is(e.Err, fs.ErrNotExist) {
		x.what = []string{"there is no such file"}
	}
	x.fix = append(slices.Clone(irisAdvice(e.Err, in)), look)
	return x
}

func sayFailed(err error, in invocation) explanation {
	var failed *loader.FailedError
	var source *loader.SourceError
	var row *loader.RowError
	var query *loader.QueryError
	var violation *loader.ViolationError
	x := explanation{detail: map[string]any{}}
	undone := rolledBack
	if in.command == "create" {
		undone = "nothing was written"
	}
	if errors.As(err, &failed) {
		x.subject = failed.Target
		x.what = []string{failed.Err.Error(), undone}
	}
	switch {
	case errors.As(err, &source):
		x.subject = source.Table
		x.what = []string{source.Error(), undone}
		x.detail["table"], x.detail["column"], x.detail["row"] = source.Table, source.Column, source.Row
		x.fix = []step{{"Correct the value in the source, or say with a query how it is to be taken",
			"--query " + shellWord(source.Table+"=SELECT ... FROM "+source.Table)}}
	case errors.As(err, &row):
		x.detail["table"], x.detail["row"] = row.Table, row.Row
		x.what = []string{fmt.Sprintf("row %s of %s: %v", numberText(row.Row), row.Table, row.Err), undone}
		x.fix = []step{{"Load where irisfix makes the tables itself", "irisfix load " + in.arg(0, "FIXTURE") + " --to sqlite:NEW.db"}, {"Or change the rule in the target, or the row in the source", ""}}
	case errors.As(err, &query):
		x.detail["query"] = query.Name
		x.what = []string{"known query " + query.Name + ": " + strings.TrimSpace(query.SQL), "expected " + query.Want, "got      " + query.Got, undone}
		if query.Err != nil {
			x.what = []string{"known query " + query.Name + ": " + strings.TrimSpace(query.SQL), query.Err.Error(), undone}
		}
		x.fix = []step{{"Correct the query or its expectation in manifest.json", ""}, {"Or load without --check-queries", ""}}
	case errors.As(err, &violation):
		x.what = append(append([]string{}, violation.Violations...), undone)
		x.fix = []step{{"Load the tables that these refer to as well, or a fixture that has the rows", ""}}
	case slices.Contains(in.raw, "--query"):
		x.fix = []step{{"Try the query in the database itself, and correct it", ""}}
	default:
		x.fix = []step{{"Try again with more detail", in.verbosely()}}
	}
	irisDetail(err, x.detail)
	if more := irisAdvice(err, in); more != nil {
		x.fix = more
	}
	return x
}

func sayRollback(err error, in invocation) explanation {
	e, _ := as[*loader.RollbackError](err)
	why := e.Cause.Error()
	if signal, ok := as[*signalError](err); ok {
		why = "stopped by a signal: " + signal.Error()
	}
	x := explanation{subject: e.Target, what: []string{"the " + in.command + " failed: " + why}, detail: map[string]any{"tables": e.Tables}, fix: []step{
		{"Look at these tables before you use the database: " + strings.Join(e.Tables, ", "), ""},
		{"Then " + in.command + " again; what took place is found by its record", in.line()}}}
	if errors.Is(err, loader.ErrUnknown) {
		x.what = append(x.what, "whether it was committed is not known: the connection was lost at that moment")
	} else if e.Err != nil {
		x.what = append(x.what, "and it could not be undone: "+e.Err.Error())
	}
	return x
}
