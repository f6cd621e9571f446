package explain

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/irisfix/irisfix/bundle"
	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/loader"
	"github.com/irisfix/irisfix/loader/iris"
	"github.com/irisfix/irisfix/registry"
)

// Words for what goes wrong with databases and directories.

const rolledBack = "everything was rolled back: the database is as it was"

func sayConflict(err error, in Invocation) Explanation {
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
		x := Explanation{Subject: phrase.Path(occupied.Path), What: []string{occupied.Reason}, Fix: []Step{{"Name another directory", ""}}, Detail: map[string]any{"path": occupied.Path}}
		switch in.Command {
		case "load":
			x.Fix = append(x.Fix, in.plus("Or put the fixture in its place", "--replace")...)
		case "unload":
			x.Fix = []Step{{"Remove it by hand if nobody needs it", "rm " + phrase.ShellWord(occupied.Path)}}
		case "create", "pull":
			if info, err := os.Stat(occupied.Path); err == nil && in.Command == "create" && !info.IsDir() {
				break // a file is not made a directory
			}
			x.Fix = append(x.Fix, in.plus("Or write over what is there", "--force")...)
		}
		return x
	case errors.As(err, &clobber):
		return Explanation{Subject: clobber.Reference, What: []string{"the tag stands for " + clobber.Have.String(), "to be pushed is   " + clobber.Want.String()}, Fix: []Step{
			{"Push under another tag", "irisfix push " + in.Arg(0, "DIR") + " REFERENCE"}, {"Or move the tag: push without --no-clobber", ""}},
			Detail: map[string]any{"have": clobber.Have.String(), "want": clobber.Want.String()}}
	case errors.As(err, &inUse):
		x := Explanation{Subject: inUse.File, What: []string{inUse.Lock + " is beside the file: a server has it mounted, and may write to it"}, Fix: []Step{
			{"Dismount the database, or stop the server, and try again", in.line()}}}
		if in.Command == "create" {
			x.Fix = append(x.Fix, in.plus("If no server runs there, the lock was left behind", "--force")...)
		} else {
			x.Fix = append(x.Fix, Step{"If no server runs there, the lock was left behind", "rm " + phrase.ShellWord(filepath.Join(filepath.Dir(inUse.File), inUse.Lock))})
		}
		return x
	}
	return plainly(err, in)
}

// sayTables tells what stands in the way of a load or unload, table by table.
func sayTables(e *loader.ConflictError, in Invocation) Explanation {
	x := Explanation{Subject: e.Target, Detail: map[string]any{}}
	tables := []string{}
	for _, c := range e.Conflicts {
		x.What = append(x.What, c.Table+": "+c.Reason)
		tables = append(tables, c.Table)
	}
	x.Detail["tables"] = tables
	x.Fix = in.past(e)
	return x
}

// past is how to get past what stands in the way: past what is hardest to change if there is more than one thing.
func (in Invocation) past(e *loader.ConflictError) []Step {
	of := func(o loader.Obstacle) bool {
		return slices.ContainsFunc(e.Conflicts, func(c loader.Conflict) bool { return c.Obstacle == o })
	}
	fixture := in.Arg(0, "FIXTURE")
	switch {
	case in.Command == "sandbox remove":
		return []Step{{"Drop each of them with an account that may", "DROP SCHEMA " + e.Conflicts[0].Table + " CASCADE"}}
	case of(loader.OtherVersion):
		return []Step{{"Name the one that was appended, whose keys tell which rows these are", "irisfix unload FIXTURE --to " + phrase.ShellWord(e.Target)}}
	case of(loader.System), in.Call != nil && !of(loader.TableRows): // the database of a call was empty
		return []Step{{"Use another database system, or a fixture without what this one cannot hold", ""}}
	case in.Call != nil:
		return []Step{{"Give each of the fixtures a database of its own", ""}}
	case of(loader.Mapping):
		return []Step{{"Map the schemas so that each table has a name of its own", "--schema-map OLD=NEW"}}
	case of(loader.TableRows):
		steps := []Step{
			{"Load into an empty database, a new one for each test run", "irisfix load " + fixture + elsewhere(e.Target)},
			{"Or empty the tables first", in.with("--append", "") + " --replace"}}
		if !slices.Contains(in.Typed, "--append") {
			steps = append(steps, in.plus("Or add to the rows", "--append")...)
		}
		return steps
	}
	return []Step{{"Load into another database, where irisfix makes the tables itself", "irisfix load " + fixture + elsewhere(e.Target)},
		{"Or drop or alter the table", ""}}
}

// elsewhere are the flags for a database of its own, of the same kind.
func elsewhere(target string) string {
	if strings.HasPrefix(target, "iris:") {
		return " --to " + phrase.ShellWord(target) + " --namespace NEW --create-namespace"
	}
	return " --to sqlite:NEW.db"
}

func sayConnect(err error, in Invocation) Explanation {
	e, _ := errors.AsType[*loader.ConnectError](err)
	x := Explanation{Subject: e.Target, What: irisWhat(e.Err), Detail: map[string]any{"target": e.Target}}
	irisDetail(e.Err, x.Detail)
	look := Step{"See where each setting comes from", "irisfix doctor " + phrase.ShellWord(e.Target)}
	if !strings.HasPrefix(e.Target, "iris:") {
		look.Do = "Check the path, or name another database"
	}
	if errors.Is(e.Err, fs.ErrNotExist) {
		x.What = []string{"there is no such file"}
	}
	x.Fix = append(slices.Clone(irisAdvice(e.Err, in)), look)
	return x
}

func sayFailed(err error, in Invocation) Explanation {
	var failed *loader.FailedError
	var source *loader.SourceError
	var row *loader.RowError
	var query *loader.QueryError
	var violation *loader.ViolationError
	x := Explanation{Detail: map[string]any{}}
	undone := rolledBack
	if in.Command == "create" {
		undone = "nothing was written"
	}
	if errors.As(err, &failed) {
		x.Subject = failed.Target
		x.What = []string{failed.Err.Error(), undone}
	}
	switch {
	case errors.As(err, &source):
		x.Subject = source.Table
		x.What = []string{source.Error(), undone}
		x.Detail["table"], x.Detail["column"], x.Detail["row"] = source.Table, source.Column, source.Row
		x.Fix = []Step{{"Correct the value in the source, or say with a query how it is to be taken",
			"--query " + phrase.ShellWord(source.Table+"=SELECT ... FROM "+source.Table)}}
	case errors.As(err, &row):
		x.Detail["table"], x.Detail["row"] = row.Table, row.Row
		x.What = []string{fmt.Sprintf("row %s of %s: %v", phrase.Number(row.Row), row.Table, row.Err), undone}
		x.Fix = []Step{{"Load where irisfix makes the tables itself", "irisfix load " + in.Arg(0, "FIXTURE") + " --to sqlite:NEW.db"}, {"Or change the rule in the target, or the row in the source", ""}}
	case errors.As(err, &query):
		x.Detail["query"] = query.Name
		x.What = []string{"known query " + query.Name + ": " + strings.TrimSpace(query.SQL), "expected " + query.Want, "got      " + query.Got, undone}
		if query.Err != nil {
			x.What = []string{"known query " + query.Name + ": " + strings.TrimSpace(query.SQL), query.Err.Error(), undone}
		}
		x.Fix = []Step{{"Correct the query or its expectation in manifest.json", ""}, {"Or load without --check-queries", ""}}
	case errors.As(err, &violation):
		x.What = append(append([]string{}, violation.Violations...), undone)
		x.Fix = []Step{{"Load the tables that these refer to as well, or a fixture that has the rows", ""}}
	case slices.Contains(in.Typed, "--query"):
		x.Fix = []Step{{"Try the query in the database itself, and correct it", ""}}
	default:
		x.Fix = []Step{{"Try again with more detail", in.verbosely()}}
	}
	irisDetail(err, x.Detail)
	if more := irisAdvice(err, in); more != nil {
		x.Fix = more
	}
	return x
}

func sayRollback(err error, in Invocation) Explanation {
	e, _ := errors.AsType[*loader.RollbackError](err)
	why := e.Cause.Error()
	if signal, ok := errors.AsType[*SignalError](err); ok {
		why = "stopped by a signal: " + signal.Error()
	}
	x := Explanation{Subject: e.Target, What: []string{"the " + in.Command + " failed: " + why}, Detail: map[string]any{"tables": e.Tables}, Fix: []Step{
		{"Look at these tables before you use the database: " + strings.Join(e.Tables, ", "), ""},
		{"Then " + in.Command + " again; what took place is found by its record", in.line()}}}
	if errors.Is(err, loader.ErrUnknown) {
		x.What = append(x.What, "whether it was committed is not known: the connection was lost at that moment")
	} else if e.Err != nil {
		x.What = append(x.What, "and it could not be undone: "+e.Err.Error())
	}
	return x
}
