package loader

import (
	"context"
	"slices"
	"strings"

	"github.com/irisfix/irisfix/bundle/dat"
)

// Source is a database that tables are taken from. All its tables are read as of one moment. It is not safe for
// concurrent use.
type Source interface {
	// Describe tells which tables there are and where they come from.
	Describe(ctx context.Context) (Description, error)
	// Rows opens a table, or the result of a query that takes a table's place. Opening the same selection again gives
	// the same rows.
	Rows(ctx context.Context, s Selection) (Rows, error)
}

// Holder is a [Source] without snapshots. It is told which tables are going to be read before the first of them is, so
// that it can keep others from writing to any of them.
type Holder interface {
	Hold(ctx context.Context, tables []Selection) ([]Warning, error)
}

// Description is what a source says of itself.
type Description struct {
	Where     string   // such as sqlite:app.db, without password
	Version   string   // what the database reports
	Namespace string   // empty where there are none
	Tables    []string // user tables as the source spells them
	Warnings  []Warning
}

// Selection is a table, and the query whose result stands for it, if there is one.
type Selection struct{ Table, Query string }

// Rows is an open table. Next fills an empty batch of the table with the next rows, in the order of the key, and
// returns [io.EOF] after the last. A source that cannot deliver this order may deliver another; rows are then sorted.
type Rows interface {
	Table() *dat.Table
	Next(ctx context.Context, b *dat.Batch) error
	// Warnings says what of the table could not be kept as it is declared.
	Warnings() []Warning
	Close() error
}

// Warning is something that the user should know and that stops nothing.
type Warning struct{ Subject, Message string }

// notRecorded is the message about a kind of thing that a fixture does not hold, to which names are added.
const notRecorded = "not recorded: "

// NotRecorded is the warning about a kind of thing that a fixture does not hold. Those of one kind become one.
func NotRecorded(kind, name string) Warning { return Warning{kind, notRecorded + name} }

// gather makes one warning of all that are about one kind of thing.
func gather(list []Warning) (out []Warning) {
	for _, w := range list {
		name, lost := strings.CutPrefix(w.Message, notRecorded)
		i := slices.IndexFunc(out, func(x Warning) bool { return x.Subject == w.Subject && strings.HasPrefix(x.Message, notRecorded) })
		if lost && i >= 0 {
			out[i].Message += ", " + name
		} else {
			out = append(out, w)
		}
	}
	return out
}
