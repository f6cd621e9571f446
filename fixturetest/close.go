package fixturetest

import (
	"cmp"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/irisfix/irisfix/internal/phrase"
	"github.com/irisfix/irisfix/sandbox"
)

// closeWait is how long taking a database away may take: a namespace waits for sessions that still use it.
const closeWait = time.Minute

// close takes the database away or tells where it stays.
func (d *Database) close(s *sandbox.Sandbox) {
	c := d.call
	c.tb.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.tb.Context()), closeWait)
	defer cancel()
	var errs []error
	if d.db != nil {
		errs = append(errs, d.db.Close())
	}
	kept := c.keeps(c.tb)
	if kept {
		errs = append(errs, s.Keep())
	}
	errs = append(errs, s.Close(ctx))
	if c.dir != "" && !kept {
		errs = append(errs, os.RemoveAll(c.dir))
	}
	if err := errors.Join(errs...); err != nil {
		c.tb.Error(c.message(err, c.fixtures[0]))
	} else if kept {
		c.tb.Log(d.keptText(s.Name))
	}
}

// moved are the schemas of fixtures that are elsewhere, and where.
func (d *Database) moved() (list []string) {
	for from, to := range d.Schemas {
		list = append(list, cmp.Or(from, withoutSchema)+" is "+to)
	}
	slices.Sort(list)
	return list
}

// keptText tells how to look into a database that stays, and how to be rid of it.
func (d *Database) keptText(name string) string {
	c := d.call
	text := "irisfix: kept " + d.Target + "\n"
	if d.Path != "" {
		return text + "  look into it:  sqlite3 " + phrase.ShellWord(d.Path) + "\n  remove it:     rm -r " + phrase.ShellWord(c.dir)
	}
	text += "  look into it:  irissqlcli " + phrase.ShellWord(d.Target)
	if d.Schemas != nil {
		text += "\n  its tables are in schemas of their own: " + strings.Join(d.moved(), ", ")
	}
	return text + "\n  remove it:     irisfix sandbox remove " + name + " --to " + phrase.ShellWord(c.home)
}
